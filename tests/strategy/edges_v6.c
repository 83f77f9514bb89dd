/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edge cases of ARMv6: ASIDs, global entries, the split of the roots, supersections, access flag, XN. */
#if __has_include(<cmocka.h>)
#include "tests/strategy/edge_kit.h"

#include <string.h>

#define PAGES EDGE_MB
#define ENTRY(i) (KIT_L2 + 4 * (i))
#define CLIENTS 0x55555555u
enum { INVAL_ASID = CP_KEY(8, 0, 7, 2), TABLE_B = KIT_L2 + 0x1000 };

static uint32_t leaf(unsigned size_log2, uint32_t pa, unsigned ap, unsigned domain, unsigned attr)
{
	struct pt_desc d = { .kind = PT_LEAF, .size_log2 = (uint8_t)size_log2, .base = pa, .cb = 3,
			     .domain = (uint8_t)domain, .attr = (uint8_t)attr };

	memset(d.ap, (int)ap, sizeof(d.ap));
	return pt_encode_v6(&d);
}

static uint32_t coarse(uint32_t table, unsigned domain)
{
	return pt_encode_v6(&(struct pt_desc){ .kind = PT_COARSE, .base = table,
					       .domain = (uint8_t)domain });
}

static void super_copies(struct edge *e, uint32_t word)
{
	for (uint32_t i = 0; i < 16; i++)
		edge_link(e, PAGES + i * SECTION_BYTES, word);
}

/* Sixteen words, one page of 16 MB. Its domain is 0, whatever bits 8 to 5 say, which are address bits as
 * 23 to 20 are: both ignored (32 address bits). An invalidate anywhere inside drops all of it. */
static void e13_supersection(struct edge *e)
{
	uint32_t stray = 5u << 5 | 2u << 20, end = 16 * SECTION_BYTES - 4;

	kit_cpw(&e->k, KEY_DACR, CLIENTS & ~(3u << 10));        /* domain 5: no access */
	super_copies(e, leaf(24, 0x01000000, 3, 0, 0) | stray);
	for (uint32_t o = 0; o < 16 * SECTION_BYTES; o += 0x1f0c00) {
		edge_load(e, PAGES + o);
		edge_sees(e, PAGES + o, ACCESS_READ, 0x01000000 + o);
	}
	super_copies(e, 0);
	edge_tlbi(e, PAGES + 9 * SECTION_BYTES + 0x5000);
	edge_not(e, PAGES, 16 * SECTION_BYTES, 0x01000000);
	edge_fault(e, PAGES + end, ACCESS_READ, FS_TRANS_SECTION, 0);
	super_copies(e, leaf(24, 0x01000000, 1, 0, 0) | stray);
	edge_store(e, PAGES + end);
	edge_user(e);
	edge_fault(e, PAGES + end, ACCESS_READ, FS_PERM_SECTION, 0);
	edge_fault(e, PAGES, ACCESS_WRITE, FS_PERM_SECTION, 0);
}

/* A manager executes what XN forbids to clients, and writes what is read-only. */
static void e17_manager_ignores_xn(struct edge *e)
{
	edge_link(e, PAGES, coarse(KIT_L2, 3));
	kit_poke(&e->k, ENTRY(0), leaf(12, 0x400000, 3, 0, PT_XN));
	kit_poke(&e->k, ENTRY(1), leaf(12, 0x401000, 1, 0, PT_APX | PT_XN));
	for (unsigned round = 0; round < 2; round++) {
		edge_load(e, PAGES);
		edge_fault(e, PAGES, ACCESS_FETCH, FS_PERM_PAGE, 3);
		edge_load(e, PAGES + 0x1000);
		edge_fault(e, PAGES + 0x1000, ACCESS_WRITE, FS_PERM_PAGE, 3);
		kit_cpw(&e->k, KEY_DACR, CLIENTS | 3u << 6);
		kit_run(&e->k, PAGES, 2);
		edge_sees(e, PAGES, ACCESS_FETCH, 0x400000);
		edge_store(e, PAGES + 0x1000);
		edge_user(e);
		kit_run(&e->k, PAGES + 0x1000, 2);
		edge_sees(e, PAGES + 0x1000, ACCESS_FETCH, 0x401000);
		edge_kernel(e);
		kit_cpw(&e->k, KEY_DACR, CLIENTS);
		edge_blind(e, PAGES, ACCESS_FETCH);
		edge_blind(e, PAGES + 0x1000, ACCESS_WRITE);
	}
}

/* Two processes: roots A and B with a page each, of their ASID alone or global. */
static void two_roots(struct edge *e, unsigned attr)
{
	edge_link(e, PAGES, coarse(TABLE_B, 1));
	edge_copy_root(e, EDGE_ROOT_B);
	edge_link(e, PAGES, coarse(KIT_L2, 1));
	kit_poke(&e->k, ENTRY(0), leaf(12, 0x400000, 3, 0, attr));
	kit_poke(&e->k, TABLE_B, leaf(12, 0x500000, 3, 0, attr));
	kit_cpw(&e->k, KEY_CONTEXTIDR, 1);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x400000);
}

static void to_process(struct edge *e, uint32_t root, uint32_t asid, bool asid_first)
{
	if (asid_first)
		kit_cpw(&e->k, KEY_CONTEXTIDR, asid);
	else
		kit_cpw(&e->k, KEY_TTBR0, root);
	edge_load(e, KIT_LINEAR + 0x300000);    /* the kernel's pages are global: anybody's */
	if (asid_first)
		kit_cpw(&e->k, KEY_TTBR0, root);
	else
		kit_cpw(&e->k, KEY_CONTEXTIDR, asid);
}

/*
 * Between the two writes of a switch the one's root goes with the other's ASID, and what is used then is
 * kept under that ASID, until an invalidate of it. Nothing of an ASID is seen under another.
 */
static void e20_asid_and_root_out_of_step(struct edge *e)
{
	two_roots(e, PT_NG);
	kit_cpw(&e->k, KEY_CONTEXTIDR, 0xff);   /* in step: by way of an ASID that none has */
	to_process(e, EDGE_ROOT_B, 2, false);
	edge_not(e, PAGES, 0x1000, 0x400000);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x500000);
	kit_cpw(&e->k, KEY_CONTEXTIDR, 1);      /* out of step: ASID 1 with root B */
	edge_load(e, PAGES);
	kit_cpw(&e->k, KEY_TTBR0, KIT_ROOT);
	edge_load(e, PAGES);
	kit_cpw(&e->k, INVAL_ASID, 1);
	edge_not(e, PAGES, 0x1000, 0x500000);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x400000);
	to_process(e, EDGE_ROOT_B, 2, true);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x500000);
	kit_cpw(&e->k, KEY_TTBR0, KIT_ROOT);    /* the other order: root A with ASID 2 */
	edge_load(e, PAGES);
	kit_cpw(&e->k, KEY_CONTEXTIDR, 1);
	edge_not(e, PAGES, 0x1000, 0x500000);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x400000);
	to_process(e, EDGE_ROOT_B, 2, true);
	kit_cpw(&e->k, INVAL_ASID, 2);
	edge_not(e, PAGES, 0x1000, 0x400000);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x500000);
}

/* A page that is global and differs between roots: the old one's may be used until an invalidate by
 * address; one by ASID does not concern it. */
static void e21_global_entries_of_two_roots(struct edge *e)
{
	two_roots(e, 0);
	kit_cpw(&e->k, KEY_CONTEXTIDR, 0xff);
	to_process(e, EDGE_ROOT_B, 2, false);
	edge_load(e, PAGES);
	kit_cpw(&e->k, INVAL_ASID, 2);
	edge_load(e, PAGES);
	edge_tlbi(e, PAGES | 2);
	edge_not(e, PAGES, 0x1000, 0x400000);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x500000);
	to_process(e, KIT_ROOT, 1, true);
	edge_load(e, PAGES);
	edge_tlbi_all(e);
	edge_not(e, PAGES, 0x1000, 0x500000);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x400000);
}

/* The last megabyte of TTBR0's part and the first of TTBR1's, for each N. TTBR0's table is as long, and
 * aligned, as N makes it; PD0 forbids its walks (ARM1176). */
static void e31_split_of_the_roots(struct edge *e)
{
	for (uint32_t at = 0; at < 0x8000; at += FRAME_BYTES)
		kit_image(&e->k, EDGE_ROOT_B + at, NULL);
	for (uint32_t n = 1; n < 8; n++) {
		uint32_t above = UINT32_C(1) << (32 - n), below = above - SECTION_BYTES;
		uint32_t root = EDGE_ROOT_B + (0x4000 >> n), last = root + (0x4000 >> n) - 4;

		kit_poke(&e->k, last, leaf(20, 0x200000, 3, 1, PT_NG));
		edge_link(e, above, leaf(20, 0x300000, 3, 1, PT_NG));
		kit_cpw(&e->k, KEY_TTBCR, n);
		kit_cpw(&e->k, KEY_TTBR0, root);
		edge_tlbi_all(e);
		edge_load(e, below + 0x40);
		edge_sees(e, below + 0x40, ACCESS_READ, 0x200040);
		edge_load(e, above + 0x40);
		edge_sees(e, above + 0x40, ACCESS_READ, 0x300040);
		edge_fault(e, below - SECTION_BYTES, ACCESS_READ, FS_TRANS_SECTION, 0);
		kit_cpw(&e->k, KEY_TTBCR, n | 0x10);
		edge_tlbi_all(e);
		edge_fault(e, below + 0x40, ACCESS_WRITE, FS_TRANS_SECTION, 0);
		edge_load(e, above + 0x40);
		kit_cpw(&e->k, KEY_TTBCR, n);
		edge_load(e, below + 0x40);     /* what failed is not kept */
		edge_sees(e, below + 0x40, ACCESS_READ, 0x200040);
		kit_poke(&e->k, last, 0);
		edge_link(e, above, 0);
	}
}

/* AP[0] clear: an access flag fault of its own status, also before the domain is looked at; set, the
 * page works without an invalidate. */
static void e32_access_flag(struct edge *e)
{
	uint32_t sctlr = kit_guest(&e->k)->sctlr;

	edge_link(e, PAGES, coarse(KIT_L2, 4));
	kit_cpw(&e->k, KEY_SCTLR, sctlr | SCTLR_AFE);
	edge_tlbi_all(e);
	for (unsigned domain_access = 1; domain_access < 4; domain_access += 2) {
		uint32_t mb = PAGES + domain_access * SECTION_BYTES;

		kit_cpw(&e->k, KEY_DACR, (CLIENTS & ~(3u << 8)) | domain_access << 8);
		kit_poke(&e->k, ENTRY(0), leaf(12, 0x400000, 2, 0, 0));
		edge_tlbi(e, PAGES);
		edge_link(e, mb, leaf(20, 0x600000, 2, 4, 0));
		edge_fault(e, PAGES, ACCESS_READ, FS_AF_PAGE, 4);
		edge_blind(e, PAGES, ACCESS_READ);
		edge_fault(e, PAGES, ACCESS_FETCH, FS_AF_PAGE, 4);
		edge_fault(e, mb, ACCESS_WRITE, FS_AF_SECTION, 4);
		kit_poke(&e->k, ENTRY(0), leaf(12, 0x400000, 3, 0, 0));
		edge_load(e, PAGES);
		edge_sees(e, PAGES, ACCESS_READ, 0x400000);
		edge_link(e, mb, leaf(20, 0x600000, 3, 4, 0));
		edge_store(e, mb);
		edge_sees(e, mb, ACCESS_WRITE, 0x600000);
	}
	kit_poke(&e->k, ENTRY(0), leaf(12, 0x400000, 2, 0, 0));
	kit_cpw(&e->k, KEY_SCTLR, sctlr);       /* the same bits are rights again */
	edge_tlbi_all(e);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x400000);
}

/* LDREX and STREX of a word, with an interrupt and an invalidate between; whether the STREX stored is in
 * the trace, a monitor is not simulated. */
static void e9_exclusive_pair_with_an_interrupt_between(struct edge *e)
{
	struct trace_rec load = { .kind = TRACE_LOAD, .flags = 2 | ACC_EXCL, .va = PAGES + 0x10 };
	struct trace_rec store = { .kind = TRACE_STORE, .flags = 2 | ACC_EXCL, .va = PAGES + 0x10 };

	edge_link(e, PAGES, coarse(KIT_L2, 1));
	kit_poke(&e->k, ENTRY(0), leaf(12, 0x400000, 3, 0, PT_NG));
	for (unsigned stored = 0; stored < 2; stored++) {
		edge_user(e);
		kit_exec(&e->k);
		kit_put(&e->k, &load, NULL);
		if (!stored) {
			kit_exc(&e->k, 6, KIT_SVC);
			kit_run(&e->k, KIT_VECTORS + 24, 1);
			e->k.pc = KIT_CODE;
			edge_tlbi(e, PAGES);
			edge_user(e);
		}
		kit_exec(&e->k);
		if (stored)
			kit_put(&e->k, &store, NULL);
		edge_sees(e, PAGES + 0x10, ACCESS_WRITE, 0x400010);
	}
}

/* The frame of the tables at PAGES + 0x5000, data before and behind it, and a table in its last quarter. */
static void mapped_tables(struct edge *e)
{
	edge_link(e, PAGES, coarse(KIT_L2, 1));
	edge_link(e, PAGES + SECTION_BYTES, coarse(KIT_L2 + 0xc00, 1));
	kit_poke(&e->k, ENTRY(0), leaf(12, 0x400000, 3, 0, PT_NG));
	kit_poke(&e->k, ENTRY(4), leaf(12, 0x500000, 3, 0, PT_NG));
	kit_poke(&e->k, ENTRY(5), leaf(12, KIT_L2, 3, 0, PT_NG));
	kit_poke(&e->k, ENTRY(6), leaf(12, 0x501000, 3, 0, PT_NG));
	kit_poke(&e->k, KIT_L2 + 0xffc, leaf(12, 0x410000, 3, 0, PT_NG));
	edge_load(e, PAGES);
	edge_load(e, PAGES + SECTION_BYTES + 0xff000);
	for (uint32_t page = 4; page < 7; page++)
		edge_load(e, PAGES + (page << 12));
}

/* A word at va, not aligned: its halves in two frames. value: of the half in a table, at pa. */
static void store_across(struct edge *e, uint32_t va, bool first, uint32_t pa, uint32_t value)
{
	struct trace_rec half[2] = {
		{ .kind = TRACE_STORE, .flags = 1, .va = va }, { .kind = TRACE_STORE, .flags = 1, .va = va + 2 },
	};

	half[!first].flags |= ACC_VALUED;
	half[!first].a = pa;
	half[!first].b = value;
	kit_exec(&e->k);
	kit_put(&e->k, &half[0], NULL);
	kit_put(&e->k, &half[1], NULL);
}

/* Half of the store goes to a table, and changes half of a word there; the other half to data, on either side. */
static void e8_store_across_two_frames(struct edge *e)
{
	uint32_t last = PAGES + SECTION_BYTES + 0xff000;

	mapped_tables(e);
	edge_mark(e);
	store_across(e, PAGES + 0x5ffe, true, KIT_L2 + 0xffe, 0x0042);
	edge_count(e, "cached", EV_PT_WRITE, 1);
	edge_tlbi(e, last);
	edge_not(e, last, 0x1000, 0x410000);
	edge_load(e, last);
	edge_sees(e, last, ACCESS_READ, 0x420000);
	edge_mark(e);
	store_across(e, PAGES + 0x4ffe, false, KIT_L2, leaf(12, 0, 1, 0, PT_NG));
	edge_count(e, "cached", EV_PT_WRITE, 1);
	edge_tlbi(e, PAGES);
	edge_user(e);
	edge_fault(e, PAGES, ACCESS_READ, FS_PERM_PAGE, 1);
	edge_kernel(e);
	edge_store(e, PAGES);
	edge_sees(e, PAGES, ACCESS_WRITE, 0x400000);
}

/* A lock-free edit: LDREX and STREX of a table's word. Performed by a monitor, it is one store. */
static void e9_exclusive_store_to_a_table(struct edge *e)
{
	struct trace_rec load = { .kind = TRACE_LOAD, .flags = 2 | ACC_EXCL, .va = PAGES + 0x5000 };
	struct trace_rec store = { .kind = TRACE_STORE, .flags = 2 | ACC_EXCL | ACC_VALUED,
				   .va = PAGES + 0x5000, .a = KIT_L2,
				   .b = leaf(12, 0x430000, 3, 0, PT_NG) };

	mapped_tables(e);
	edge_mark(e);
	kit_exec(&e->k);
	kit_put(&e->k, &load, NULL);
	kit_exec(&e->k);
	kit_put(&e->k, &store, NULL);
	edge_count(e, "cached", EV_PT_WRITE, 1);
	edge_traps(e, "cached", 1);
	edge_tlbi(e, PAGES);
	edge_not(e, PAGES, 0x1000, 0x400000);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x430000);
}

const struct edge_case edges_v6[] = {
	EDGE_GUEST_V6(8, "arm1136", e8_store_across_two_frames),
	EDGE_GUEST_V6(9, "arm1136", e9_exclusive_store_to_a_table),
	EDGE_GUEST_V6(9, "arm1136", e9_exclusive_pair_with_an_interrupt_between),
	EDGE_GUEST_V6(13, "arm1136", e13_supersection),
	EDGE_GUEST_V6(17, "arm1136", e17_manager_ignores_xn),
	EDGE_GUEST_V6(20, "arm1136", e20_asid_and_root_out_of_step),
	EDGE_GUEST_V6(21, "arm1136", e21_global_entries_of_two_roots),
	EDGE_GUEST_V6(31, "arm1176", e31_split_of_the_roots),
	EDGE_GUEST_V6(32, "arm1176", e32_access_flag),
	EDGE_END,
};
#else
typedef int cmocka_is_missing;
#endif
