/* SPDX-License-Identifier: GPL-2.0-or-later */
#if __has_include(<cmocka.h>)
#include "tests/strategy/cached_bench.h"

#include "tests/support.h"

/* Three address spaces: the second has a table of its own at PAGES, the third nothing there. */
void bench_start(struct bench *b, const char *spec)
{
	struct kit_plan p = { .set = { "hv.memory=flat" }, .verify = true };

	kit_linux(&b->k);
	for (uint32_t f = 0; f < 8; f++)
		kit_image(&b->k, ROOT_B + FRAME_BYTES * f, mem_frame(kit_guest(&b->k)->tables,
			  KIT_ROOT + FRAME_BYTES * (f & 3)));
	kit_poke(&b->k, KIT_ROOT + 4 * (PAGES >> 20), pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&b->k, ROOT_B + 4 * (PAGES >> 20), pt_encode_v5_coarse(L2_B, 1));
	for (uint32_t i = 0; i < 16; i++) {
		kit_poke(&b->k, KIT_L2 + 4 * i, page_word(i));
		kit_poke(&b->k, L2_B + 4 * i, page_word(64 + i));
	}
	kit_exec(&b->k);
	b->l = kit_lane(&b->k, spec, &p);
	b->at = 0;
	kit_catch_up(b->l, &b->k, &b->at);
}

/* What the records appended since the last call added. */
struct ledger *spent(struct bench *b)
{
	static struct ledger before, diff;
	struct diag d;

	before = b->l->m->ledger;
	kit_catch_up(b->l, &b->k, &b->at);
	kit_since(&diff, b->l, &before);
	if (b->l->m->ops->audit(b->l->m->self, &d))
		fail_msg("%s", d.msg);
	if (b->l->violations)
		fail_msg("%s", b->l->first_violation.msg);
	return &diff;
}

void expect(struct bench *b, uint64_t traps, uint64_t cycles)
{
	struct ledger *s = spent(b);

	assert_int_equal(kit_traps(s), traps);
	assert_int_equal(kit_hv_cycles(s), cycles);
}

void bench_stop(struct bench *b)
{
	struct diag d;

	(void)spent(b);
	assert_ok(kit_finish(b->l, &b->k, &d), &d);
	lane_destroy(b->l);
	kit_free(&b->k);
}
#else
typedef int cmocka_is_missing;
#endif
