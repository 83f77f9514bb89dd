/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outer cache and what walks see, worked out by hand. Default costs: line fill 49 from memory, 20
 * from L2; word 35 or 12; castout of a half 8, of a line 14, either into L2 4; L2 to memory 7; a walk
 * step in the L1 data cache 4.
 */
#include "tests/support.h"

#include <stdio.h>
#include <string.h>

#include "models/cache/cache_hot.h"
#include "tests/path_kit.h"

#define STEPS(p, ...) do {                                                              \
	static const struct path_step step[] = { __VA_ARGS__ };                         \
	path_steps(p, step, sizeof(step) / sizeof(step[0]));                            \
} while (0)

/* L1 D of two lines, one set. L2 of 2 ways of 64 sets: pages share its sets every 2 KB, code is in
 * sets 0 to 31, so steps keep to offsets from 0x400 on. */
#define SMALL "l1d.bytes=64", "l1d.ways=2", "l1d.policy=lru", "l2.bytes=4096", "l2.ways=2", \
	"l2.policy=lru", "wb.drain=1"
enum { WB = 0x3400, WT = 0x2400 };
#define A (PATH_DATA + WB)              /* three lines of one set of L2, and one beside */
#define B (PATH_DATA + WB + 0x800)
#define C (PATH_DATA + 0x7400)
#define N (PATH_DATA + WB + 32)

static void levels(void **state)
{
	static const char *const set[] = { SMALL, NULL };
	struct path p;

	(void)state;
	path_open(&p, NULL, NULL, set);
	STEPS(&p,
	      { 'r', A, { { EV_DFILL_R, 1 } }, 49 },
	      { 'w', A, { { 0 } }, 0 },
	      { 'r', B, { { EV_DFILL_R, 1 } }, 49 },
	      /* A, half dirty, goes to L2, which has it */
	      { 'r', N, { { EV_DFILL_R, 1 }, { EV_CASTOUT_L2, 1 } }, 53 },
	      { 'r', A, { { EV_DFILL_R_L2, 1 } }, 20 },
	      /* L2 of A and B is full, B the older: clean */
	      { 'r', C, { { EV_DFILL_R, 1 } }, 49 },
	      /* now A is the older: it is dirty and goes to memory */
	      { 'r', B, { { EV_DFILL_R, 1 }, { EV_L2_WRITEBACK, 1 } }, 56 },
	      { 'r', A, { { EV_DFILL_R, 1 } }, 49 },
	      /* a store that misses L1 goes through the buffer to L2; not there: to memory, no fill */
	      { 'w', C, { { 0 } }, 0 }, { 'w', N, { { 0 } }, 0 },
	      { 'r', C, { { EV_DFILL_R, 1 } }, 49 });
	assert_int_equal(cache_dirty_lines(p.ref->m->outer.l2), 1);     /* N: L2 had it */
	path_close(&p);
}

/* Uncached pages go past L2; fetches share it; written through means to memory, in L2 too. */
static void pages(void **state)
{
	static const char *const set[] = { SMALL, NULL };
	struct path p;
	uint64_t reads;

	(void)state;
	path_open(&p, NULL, NULL, set);
	reads = cache_counts(p.ref->m->outer.l2)->reads;
	STEPS(&p,
	      { 'r', PATH_NCNB + 0x400, { { EV_DREAD_UNC, 1 } }, 35 },
	      { 'r', PATH_NCNB + 0x400, { { EV_DREAD_UNC, 1 } }, 35 },
	      { 'w', PATH_NCNB + 0x400, { { EV_DWRITE_NCNB, 1 } }, 35 },
	      { 'w', PATH_NCB + 0x400, { { 0 } }, 0 });
	assert_int_equal(cache_counts(p.ref->m->outer.l2)->reads, reads);
	STEPS(&p,
	      { 'r', PATH_DATA + WT, { { EV_DFILL_R, 1 } }, 49 },
	      { 'w', PATH_DATA + WT, { { 0 } }, 0 }, { 'f', PATH_DATA + WT, { { EV_MAINT_CLEAN, 1 } }, 3 },
	      { 'x', PATH_DATA + WT, { { EV_IFILL_L2, 1 } }, 20 },
	      { 'x', A, { { EV_IFILL, 1 } }, 49 },
	      { 'r', A, { { EV_DFILL_R_L2, 1 } }, 20 });
	assert_int_equal(cache_dirty_lines(p.ref->m->outer.l2), 0);
	path_close(&p);
}

/* A clean writes into L2; a write-allocate fills from it. Lines of L2 twice those of L1. */
static void maintenance(void **state)
{
	static const char *const set[] = { SMALL, "l2.line=64", "l1d.allocate=read-write", NULL };
	struct path p;

	(void)state;
	path_open(&p, NULL, NULL, set);
	STEPS(&p,
	      { 'w', A, { { EV_DFILL_W, 1 } }, 49 },
	      { 'r', N, { { EV_DFILL_R_L2, 1 } }, 20 },         /* the line's other half */
	      { 'w', N, { { 0 } }, 0 },
	      { 'c', A, { { EV_MAINT_DIRTY, 1 } }, 20 });
	assert_true(cache_pa_dirty(p.ref->m->outer.l2, hpa(PATH_PA + WB)));
	STEPS(&p,
	      { 'f', A, { { EV_MAINT_CLEAN, 1 } }, 3 },
	      { 'w', A, { { EV_DFILL_W_L2, 1 } }, 20 },
	      { 'C', 0, { { EV_MAINT_TEST, 3 }, { EV_MAINT_DIRTY, 2 } }, 49 });
	assert_int_equal(cache_dirty_lines(p.ref->m->l1d), 0);
	assert_true(cache_pa_dirty(p.ref->m->outer.l2, hpa(PATH_PA + WB + 32)));
	path_close(&p);
}

/* --- walks -------------------------------------------------------------------------------- */

struct walked { uint64_t one[3], two[3], stale[2]; };    /* by level: L1, L2, memory */

static struct walked so_far(const struct lane *l)
{
	const struct ledger *g = &l->m->ledger;

	return (struct walked){
		{ ledger_event(g, EV_WALK1_IN_L1D), ledger_event(g, EV_WALK1_IN_L2), ledger_event(g, EV_WALK_L1) },
		{ ledger_event(g, EV_WALK2_IN_L1D), ledger_event(g, EV_WALK2_IN_L2), ledger_event(g, EV_WALK_L2) },
		{ l->m->tally.walk_stale_l1, l->m->tally.walk_stale_l2 },
	};
}

/* One access that walks: its descriptors were found at these levels, and so many past newer data. */
static void expect(struct path *p, uint32_t va, enum cache_level one, enum cache_level two,
		   unsigned stale_l1, unsigned stale_l2)
{
	struct walked a, b;

	kit_cpw(&p->k, KIT_TLBI_MVA, va);
	path_go(p);
	a = so_far(p->ref);
	kit_access(&p->k, va, false, 2);
	path_go(p);
	b = so_far(p->ref);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(b.one[i] - a.one[i], i == one);
		assert_int_equal(b.two[i] - a.two[i], i == two);
	}
	assert_int_equal(b.stale[0] - a.stale[0], stale_l1);
	assert_int_equal(b.stale[1] - a.stale[1], stale_l2);
}

/* The page's second-level word is rewritten: its line is dirty in L1, then cleaned; and in L2. */
static void follow_descriptor(struct path *p, const enum cache_level two[3], const unsigned stale[3])
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };
	enum cache_level one = p->ref->m->cfg.walk_sees == WALK_SEES_MEMORY ? LEVEL_MEMORY : LEVEL_L2;

	if (!p->ref->m->outer.l2)
		one = LEVEL_MEMORY;
	kit_access(&p->k, PATH_WB, false, 2);   /* L2 knows the first-level word */
	kit_cpr(&p->k, CP_KEY(7, 0, 14, 3), 0);
	kit_access(&p->k, KIT_LINEAR + KIT_L2, false, 2);
	kit_poke(&p->k, KIT_L2 + 4 * 3, pt_encode_v5_small(PATH_PA + 0x3000, all, 3));
	path_go(p);
	expect(p, PATH_WB, one, two[0], stale[0], 0);           /* dirty in L1 */
	kit_cpw(&p->k, KIT_CLEAN_MVA, KIT_LINEAR + KIT_L2);
	expect(p, PATH_WB, one, two[1], 0, stale[1]);           /* clean in L1, dirty in L2 if any */
	kit_cpw(&p->k, CP_KEY(7, 0, 6, 1), KIT_LINEAR + KIT_L2);
	expect(p, PATH_WB, one, two[2], 0, stale[2]);           /* only L2 has it */
}

static void what_walks_see(void **state)
{
#define L1 LEVEL_L1
#define L2 LEVEL_L2
#define M LEVEL_MEMORY
	static const struct {
		const char *set[4];
		enum cache_level two[3];
		unsigned stale[3];
	} rows[] = {
		{ { NULL }, { M, M, M }, { 0 } },       /* not asked */
		{ { "l2.bytes=65536" }, { M, M, M }, { 1, 1, 1 } },
		{ { "l2.bytes=65536", "walk.sees=l2" }, { L2, L2, L2 }, { 1, 0, 0 } },
		{ { "l2.bytes=65536", "walk.sees=l1", "feature.coherent-walk=on" }, { L1, L1, L2 }, { 0 } },
		{ { "walk.sees=l1", "feature.coherent-walk=on" }, { L1, L1, M }, { 0 } },
		{ { "walk.sees=l1", "feature.coherent-walk=on", "l1d.kind=pipt" }, { L1, L1, M }, { 0 } },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct path p;

		path_open(&p, NULL, NULL, rows[i].set);
		follow_descriptor(&p, rows[i].two, rows[i].stale);
		path_close(&p);
	}
}

/* TTBR0 of an ARMv6 guest: RGN [4:3] 0 sends walks past L2, C [0] lets them see L1. */
static void what_ttbr_says(void **state)
{
	static const struct { uint32_t bits; const char *sees; enum walk_sees want; } rows[] = {
		{ 0, "l2", WALK_SEES_MEMORY }, { 1 << 3, "l2", WALK_SEES_L2 },
		{ 3 << 3, "l2", WALK_SEES_L2 }, { 1, "l2", WALK_SEES_MEMORY },
		{ 0, "l1", WALK_SEES_MEMORY }, { 1, "l1", WALK_SEES_L1 },
		{ 1 << 3, "l1", WALK_SEES_L2 }, { 1 << 3 | 1 << 6, "l1", WALK_SEES_L1 },
		{ 1 << 3 | 1, "memory", WALK_SEES_MEMORY },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool l1 = !strcmp(rows[i].sees, "l1");
		char sees[32];
		struct kit_plan plan = { .core = "arm1136", .set = { "l2.bytes=131072", sees,
			l1 ? "feature.coherent-walk=on" : "feature.coherent-walk=off" } };
		struct lane *l;
		struct kit k;

		snprintf(sees, sizeof(sees), "walk.sees=%s", rows[i].sees);
		kit_linux_v6(&k, "arm1136");
		kit_cpw(&k, KEY_TTBR0, KIT_ROOT | rows[i].bits);
		l = kit_replay(&k, "native", &plan);
		assert_int_equal(host_walk_sees(l->m, gva(0x1000)), rows[i].want);
		lane_destroy(l);
		kit_free(&k);
	}
}

/* An L2 in the core hears of operations by address; one beside it does not. */
static void whose_l2(void **state)
{
	static const char *const cores[] = { "cortex-a8", "arm1136" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct kit_plan plan = { .core = cores[i], .set = { "l2.bytes=131072", "l2.line=64",
			"tlb.entries=64", "tlb.ways=2", "itlb.entries=0", "dtlb.entries=0",
			"tlb.lock=part", "utlb.entries=0" } };
		struct lane *l;
		struct kit k;
		bool in_core = i == 0;
		hpa_t pa = hpa(0x100000 + 0x3000);

		kit_linux_v6(&k, "arm1136");
		kit_access(&k, KIT_CODE + 0x3000, false, 2);
		kit_access(&k, KIT_CODE + 0x3000, true, 2);
		kit_cpw(&k, KIT_CLEAN_MVA, KIT_CODE + 0x3000);
		l = kit_replay(&k, "native", &plan);
		assert_int_equal(cache_pa_dirty(l->m->outer.l2, pa), !in_core);
		assert_false(cache_pa_dirty(l->m->l1d, pa));
		lane_destroy(l);
		kit_cpw(&k, CP_KEY(7, 0, 14, 1), KIT_CODE + 0x3000);
		l = kit_replay(&k, "native", &plan);
		assert_int_equal(cache_lines_of(l->m->outer.l2, pa, NULL, 0), !in_core);
		lane_destroy(l);
		kit_free(&k);
	}
}

/* --- the monitor's tables ------------------------------------------------------------------ */

/* Whatever the walker sees, nothing it reads is newer elsewhere; and it needs cleans only where it
 * does not see L1. */
static void shadows_are_published(void **state)
{
	static const struct { const char *set[3]; bool cleans; } rows[] = {
		{ { NULL }, true }, { { "l2.bytes=65536" }, true },
		{ { "l2.bytes=65536", "walk.sees=l2" }, true },
		{ { "walk.sees=l1", "feature.coherent-walk=on" }, false },
		{ { "l2.bytes=65536", "walk.sees=l1", "feature.coherent-walk=on" }, false },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit_plan plan = { .verify = true };
		const struct ledger *g;
		struct path p;
		struct lane *l;

		memcpy(plan.set, rows[i].set, sizeof(rows[i].set));
		path_open(&p, NULL, NULL, NULL);
		for (unsigned n = 0; n < 60; n++) {
			kit_access(&p.k, PATH_DATA + n % PATH_PAGES * 0x1000, n % 3 == 0, 2);
			if (n % 20 == 19)
				kit_cpw(&p.k, KIT_TLBI_ALL, 0);
		}
		path_go(&p);
		l = kit_replay(&p.k, "coherent:entries=7", &plan);
		g = &l->m->ledger;
		assert_int_equal(l->violations, 0);
		assert_int_equal(l->m->tally.walk_stale_l1 + l->m->tally.walk_stale_l2, 0);
		assert_int_equal(ledger_event(g, EV_CLEAN_DIRTY) + ledger_event(g, EV_CLEAN_CLEAN) > 0,
				 rows[i].cleans);
		assert_true(ledger_event(g, EV_DRAIN) > 30);
		lane_destroy(l);
		path_close(&p);
	}
}

/* L2 of the core hears of operations by address without a data cache before it, too. */
static void without_l1(void **state)
{
	struct cp_canon clean = { .op = CP_CACHE, .side = SIDE_D, .scope = SCOPE_MVA, .clean = true };
	struct path p;
	uint64_t dirty;

	(void)state;
	path_open(&p, NULL, NULL, (const char *const[]){ "l1d.bytes=0", "l2.bytes=4096", "l2.ways=2", NULL });
	p.ref->m->l2_in_core = p.fast->m->l2_in_core = true;
	for (unsigned i = 0; i < 2; i++) {
		struct machine *m = i ? p.fast->m : p.ref->m;

		outer_write(&m->outer, hpa(PATH_PA + 0x3400), true, true);
		assert_int_equal(cache_dirty_lines(m->outer.l2), 1);
		dirty = ledger_event(&m->ledger, EV_MAINT_DIRTY);
		host_cache_op(m, &clean, A, false);
		assert_int_equal(cache_dirty_lines(m->outer.l2), 0);
		assert_int_equal(ledger_event(&m->ledger, EV_MAINT_DIRTY), dirty + 1);
	}
	lane_destroy(p.ref);
	lane_destroy(p.fast);
	kit_free(&p.k);
}

/* A core without line allocation loads the line: from L2 when it is there. */
static void loads_for_allocations(void **state)
{
	enum { ALLOCATE = CP_KEY(7, 0, 2, 5) };
	static const char *const set[] = { SMALL, "feature.tex=on", NULL };
	struct path p;
	struct ledger was, diff;

	(void)state;
	path_open(&p, "generic", "pxa255", set);
	STEPS(&p,
	      { 'r', A, { { EV_DFILL_R, 1 } }, 49 }, { 'r', B, { { EV_DFILL_R, 1 } }, 49 },
	      { 'w', B, { { 0 } }, 0 }, { 'r', N, { { EV_DFILL_R, 1 } }, 49 });
	was = p.ref->m->ledger;
	p.k.pc = KIT_CODE;
	kit_cpw(&p.k, ALLOCATE, A);             /* in L2; B, dirty, has to go there */
	path_go(&p);
	kit_since(&diff, p.ref, &was);
	assert_int_equal(ledger_event(&diff, EV_MAINT_LOAD_L2), 1);
	assert_int_equal(ledger_event(&diff, EV_MAINT_LOAD), 0);
	assert_int_equal(ledger_event(&diff, EV_MAINT_DIRTY), 1);
	assert_int_equal(cache_dirty_lines(p.ref->m->outer.l2), 1);
	path_close(&p);
}

/* The line of an address is where an access would find it: by the cached first-level word, too. */
static void found_by_cached_words(void **state)
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };
	static const char *const set[] = { "l1d.kind=pipt", "feature.walk-cache=on", "walk.entries=4",
					   "tlb.entries=2", "tlb.ways=1", NULL };
	struct path p;
	hpa_t pa;

	(void)state;
	path_open(&p, NULL, NULL, set);
	STEPS(&p, { 'r', PATH_WB, { { EV_DFILL_R, 1 } }, 49 });
	kit_poke(&p.k, KIT_L2 + 0x400 + 4 * 3, pt_encode_v5_small(0x280000, all, 3));
	kit_poke(&p.k, KIT_ROOT + 4 * (PATH_DATA >> 20), pt_encode_v5_coarse(KIT_L2 + 0x400, 0));
	path_go(&p);
	tlb_inval_all(p.ref->m->tlb);           /* the main TLB has lost it; the cache of walks has not */
	assert_true(host_operand_pa(p.ref->m, &p.ref->m->cfg.l1d, gva(PATH_WB), &pa));
	assert_true(pa.raw == PATH_PA + 0x3000);
	walk_cache_flush(&p.ref->m->walk_cache);
	assert_true(host_operand_pa(p.ref->m, &p.ref->m->cfg.l1d, gva(PATH_WB), &pa));
	assert_true(pa.raw == 0x280000);
	lane_destroy(p.ref);
	lane_destroy(p.fast);
	kit_free(&p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels),
		cmocka_unit_test(pages),
		cmocka_unit_test(maintenance),
		cmocka_unit_test(what_walks_see),
		cmocka_unit_test(what_ttbr_says),
		cmocka_unit_test(whose_l2),
		cmocka_unit_test(shadows_are_published),
		cmocka_unit_test(without_l1),
		cmocka_unit_test(found_by_cached_words),
		cmocka_unit_test(loads_for_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
