/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edge cases of guests of ARMv5 on hosts that lack what their tables use. */
#if __has_include(<cmocka.h>)
#include "tests/strategy/edge_kit.h"

#include "tests/support.h"

#define PAGES EDGE_MB                   /* its fine table is at KIT_L2 */
#define ENTRY(page, q) (KIT_L2 + 16 * (page) + 4 * (q))

static void tiny(struct edge *e, unsigned page, unsigned q, uint32_t pa, unsigned ap)
{
	kit_poke(&e->k, ENTRY(page, q), pt_encode_v5_tiny(pa, ap, 3));
}

static void load_quarters(struct edge *e, uint32_t va, uint32_t frame)
{
	for (uint32_t q = 0; q < 4; q++) {
		edge_load(e, va + 0x400 * q);
		edge_sees(e, va + 0x400 * q, ACCESS_READ, frame + 0x400 * q);
	}
}

/* Four that make up a frame are one small page, until one of them goes somewhere else. */
static void e15_tiny_pages_of_one_frame(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_fine(KIT_L2, 1));
	for (unsigned q = 0; q < 4; q++)
		tiny(e, 3, q, 0x403000 + 0x400 * q, 3);
	edge_mark(e);
	load_quarters(e, PAGES + 0x3000, 0x403000);
	edge_count(e, "coherent", EV_HIDDEN, 4);        /* a fine table */
	edge_count(e, "coherent:words=auto", EV_HIDDEN, 1);
	edge_count(e, "coherent:words=v5", EV_HIDDEN, 1);
	edge_count(e, "coherent:words=auto", EV_SWWALK_READ, 2 + 3);
	edge_count(e, "coherent:tiny=toggle", EV_HIDDEN, 1);
	edge_count(e, "coherent*", EV_TINYEMU, 0);
	tiny(e, 3, 1, 0x505400, 3);
	edge_tlbi(e, PAGES + 0x3400);
	edge_not(e, PAGES + 0x3400, 0x400, 0x403400);
	edge_mark(e);
	edge_load(e, PAGES + 0x3400);
	edge_sees(e, PAGES + 0x3000, ACCESS_READ, 0x403000);
	edge_load(e, PAGES + 0x3000);
	edge_sees(e, PAGES + 0x3400, ACCESS_READ, 0x505400);
	edge_load(e, PAGES + 0x3800);
	edge_count(e, "coherent:words=auto", EV_TINYEMU, 3);
	edge_count(e, "coherent:words=v5", EV_TINYEMU, 3);
	edge_count(e, "coherent:tiny=toggle", EV_TINYEMU, 0);
	edge_count(e, "coherent:tiny=toggle", EV_HIDDEN, 2);
	kit_poke(&e->k, ENTRY(3, 2), 0);
	edge_tlbi(e, PAGES + 0x3800);
	edge_fault(e, PAGES + 0x3800, ACCESS_READ, FS_TRANS_PAGE, 1);
	edge_load(e, PAGES + 0x3c00);
}

/* One after the other where the host has an AP a quarter; one that lies elsewhere in its frame, never. */
static void e15_tiny_pages_of_two_frames(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_fine(KIT_L2, 1));
	tiny(e, 5, 0, 0x405000, 3);
	tiny(e, 5, 1, 0x506400, 3);
	tiny(e, 5, 2, 0x405800, 3);
	tiny(e, 5, 3, 0x405400, 3);
	edge_mark(e);
	edge_load(e, PAGES + 0x5000);
	edge_sees(e, PAGES + 0x5400, ACCESS_READ, 0x506400);
	edge_sees(e, PAGES + 0x5c00, ACCESS_READ, 0x405400);
	edge_store(e, PAGES + 0x5800);
	edge_load(e, PAGES + 0x5400);
	edge_sees(e, PAGES + 0x5000, ACCESS_READ, 0x405000);
	edge_load(e, PAGES + 0x5000);
	edge_load(e, PAGES + 0x5c00);
	edge_count(e, "coherent:tiny=toggle", EV_HIDDEN, 3);
	edge_count(e, "coherent:tiny=toggle", EV_TINYEMU, 1);
	edge_count(e, "coherent:words=auto", EV_HIDDEN, 0);
	edge_count(e, "coherent:words=auto", EV_TINYEMU, 5);
	edge_count(e, "coherent:words=v5", EV_TINYEMU, 5);
	edge_count(e, "coherent", EV_TINYEMU, 0);
	edge_traps(e, "coherent:words=auto", 5);
}

/* AP of each: with one AP for all, what all may do is mapped, and the rest is emulated. */
static void e15_tiny_pages_with_other_rights(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_fine(KIT_L2, 1));
	for (unsigned q = 0; q < 4; q++)
		tiny(e, 9, q, 0x409000 + 0x400 * q, q == 2 ? 2 : 3);
	edge_warm_vectors(e);
	edge_user(e);
	edge_load(e, PAGES + 0x9000);
	edge_mark(e);
	edge_store(e, PAGES + 0x9000);
	edge_store(e, PAGES + 0x9c00);
	edge_load(e, PAGES + 0x9800);
	edge_count(e, "coherent:words=auto", EV_TINYEMU, 2);
	edge_count(e, "coherent:words=auto", EV_HIDDEN, 0);
	edge_count(e, "coherent:words=v5", EV_TINYEMU, 0);
	edge_fault(e, PAGES + 0x9800, ACCESS_WRITE, FS_PERM_PAGE, 1);
	edge_kernel(e);
	edge_store(e, PAGES + 0x9800);
}

const struct edge_case edges_cross[] = {
	EDGE_GUEST(15, e15_tiny_pages_of_one_frame),
	EDGE_GUEST(15, e15_tiny_pages_of_two_frames),
	EDGE_GUEST(15, e15_tiny_pages_with_other_rights),
	EDGE_END,
};
#else
typedef int cmocka_is_missing;
#endif
