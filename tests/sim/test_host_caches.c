/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host's data side does with each access, worked out by hand: write-through, write-allocate,
 * indexing. Default costs: line fill 49, word 35, castout of a half 8 and of a line 14, buffer
 * stall 10.
 */
#include "tests/support.h"

#include "tests/path_kit.h"

#define STEPS(p, ...) do {                                                              \
	static const struct path_step step[] = { __VA_ARGS__ };                         \
	path_steps(p, step, sizeof(step) / sizeof(step[0]));                            \
} while (0)

/* A data cache of two lines, one set: what was used last stays. */
#define TWO_LINES "l1d.bytes=64", "l1d.ways=2", "l1d.policy=lru"

/* Nothing is ever dirty; every store goes to the buffer, hit or not. */
static void write_through(void **state)
{
	static const char *const set[] = { "l1d.write=through", TWO_LINES, "wb.drain=1", NULL };
	struct path p;

	(void)state;
	path_open(&p, NULL, NULL, set);
	STEPS(&p,
	      { 'r', PATH_WB, { { EV_DFILL_R, 1 } }, 49 },
	      { 'w', PATH_WB + 4, { { 0 } }, 0 },
	      { 'w', PATH_WB + 64, { { 0 } }, 0 },              /* a miss allocates nothing */
	      { 'r', PATH_WB + 64, { { EV_DFILL_R, 1 } }, 49 },
	      { 'r', PATH_WT, { { EV_DFILL_R, 1 } }, 49 },      /* nothing to cast out */
	      { 'w', PATH_NCNB, { { EV_DWRITE_NCNB, 1 } }, 35 },
	      { 'c', PATH_WB + 64, { { EV_MAINT_CLEAN, 1 } }, 3 });
	assert_int_equal(cache_dirty_lines(p.ref->m->l1d), 0);
	assert_int_equal(p.ref->m->wb.stores, cache_counts(p.ref->m->l1d)->writes);
	path_close(&p);
}

/* Words without TEX: every write-back page allocates, write-through pages do not. */
static void write_allocate(void **state)
{
	static const char *const set[] = { "l1d.allocate=read-write", TWO_LINES, "wb.drain=1", NULL };
	struct path p;

	(void)state;
	path_open(&p, NULL, NULL, set);
	STEPS(&p,
	      { 'w', PATH_WT, { { 0 } }, 0 },
	      { 'r', PATH_WT, { { EV_DFILL_R, 1 } }, 49 },
	      { 'w', PATH_WB, { { EV_DFILL_W, 1 } }, 49 },
	      { 'w', PATH_WB + 16, { { 0 } }, 0 },
	      { 'r', PATH_WB + 28, { { 0 } }, 0 },
	      { 'w', PATH_WB + 32, { { EV_DFILL_W, 1 } }, 49 }, /* the write-through line goes */
	      { 'r', PATH_WT, { { EV_DFILL_R, 1 }, { EV_CASTOUT_FULL, 1 } }, 63 },
	      { 'w', PATH_WB + 64, { { EV_DFILL_W, 1 }, { EV_CASTOUT_HALF, 1 } }, 57 },
	      { 'w', PATH_WB + 32, { { EV_DFILL_W, 1 } }, 49 },
	      { 'c', PATH_WB + 32, { { EV_MAINT_DIRTY, 1 } }, 20 });
	path_close(&p);
}

/* Both: the line is brought in, and the word still goes to the buffer. */
static void allocate_and_through(void **state)
{
	static const char *const set[] = { "l1d.write=through", "l1d.allocate=read-write", TWO_LINES,
					   "wb.entries=0", NULL };
	struct path p;

	(void)state;
	path_open(&p, NULL, NULL, set);
	STEPS(&p,
	      { 'w', PATH_WB, { { EV_DFILL_W, 1 }, { EV_WB_STALL, 1 } }, 59 },
	      { 'w', PATH_WB, { { EV_WB_STALL, 1 } }, 10 },
	      { 'r', PATH_WB, { { 0 } }, 0 });
	path_close(&p);
}

/* X = 1 with C and B says so on XScale, C and B alone do not. */
static void write_allocate_by_page(void **state)
{
	static const char *const set[] = { "tlb.entries=64", "itlb.entries=0", "dtlb.entries=0",
					   "tlb.lock=part", "wb.drain=1", NULL };
	struct path p;

	(void)state;
	path_open(&p, "pxa255", "pxa255", set);
	STEPS(&p,
	      { 'w', PATH_WB, { { 0 } }, 0 },
	      { 'w', PATH_WB + 0x4000, { { EV_DFILL_W, 1 } }, 49 },
	      { 'w', PATH_WB + 0x4010, { { 0 } }, 0 },
	      { 'r', PATH_WB, { { EV_DFILL_R, 1 } }, 49 });
	path_close(&p);
}

/*
 * Two entries that stay (an entry takes 100 accesses to drain; a step is two). any: a store joins
 * its 16 bytes, whichever entry has them. newest: words of block transfers, and the youngest entry
 * only. A store that finds both taken waits for the oldest to go.
 */
static void merging(void **state)
{
	static const char *const any[] = { "wb.merge=any", "wb.entries=2", "wb.words=8",
					   "wb.drain=100", NULL };
	static const char *const newest[] = { "wb.merge=newest", "wb.entries=2", "wb.words=8",
					      "wb.drain=100", NULL };
	struct path p;

	(void)state;
	path_open(&p, NULL, NULL, any);
	STEPS(&p,
	      { 'd', 0, { { EV_MAINT_DRAIN, 1 } }, 15 },
	      { 'w', PATH_WB, { { 0 } }, 0 }, { 'w', PATH_WB + 16, { { 0 } }, 0 },
	      { 'w', PATH_WB + 12, { { 0 } }, 0 }, { 'm', PATH_WB + 4, { { 0 } }, 0 },
	      { 'w', PATH_WB + 32, { { EV_WB_STALL, 1 } }, 10 },
	      { 'w', PATH_WB + 20, { { 0 } }, 0 },
	      { 'w', PATH_WB, { { EV_WB_STALL, 1 } }, 10 });    /* its entry went */
	assert_int_equal(p.ref->m->wb.joined, p.fast->m->wb.joined);
	path_close(&p);
	path_open(&p, NULL, NULL, newest);
	STEPS(&p,
	      { 'd', 0, { { EV_MAINT_DRAIN, 1 } }, 15 },
	      { 'm', PATH_WB, { { 0 } }, 0 }, { 'm', PATH_WB + 8, { { 0 } }, 0 },
	      { 'm', PATH_WB + 16, { { 0 } }, 0 }, { 'm', PATH_WB + 20, { { 0 } }, 0 },
	      { 'm', PATH_WB + 4, { { EV_WB_STALL, 1 } }, 10 },         /* not the newest */
	      { 'w', PATH_WB + 4, { { EV_WB_STALL, 1 } }, 10 });        /* no block transfer */
	path_close(&p);
}

/* A page of XScale with X = 1, C = 0, B = 1 is written word by word. */
static void stores_alone(void **state)
{
	static const char *const set[] = { "tlb.entries=64", "itlb.entries=0", "dtlb.entries=0",
					   "tlb.lock=part", "wb.entries=2", "wb.words=8",
					   "wb.drain=100", NULL };
	struct path p;

	(void)state;
	path_open(&p, "pxa255", "pxa255", set);
	STEPS(&p,
	      { 'd', 0, { { EV_MAINT_DRAIN, 1 } }, 15 },
	      { 'w', PATH_NCB, { { 0 } }, 0 }, { 'w', PATH_NCB + 4, { { 0 } }, 0 },
	      { 'w', PATH_NCB + 0x4000, { { 0 } }, 0 },
	      { 'w', PATH_NCB + 0x4004, { { EV_WB_STALL, 1 } }, 10 },
	      { 'm', PATH_NCB + 0x4008, { { EV_WB_STALL, 1 } }, 10 });
	path_close(&p);
}

/*
 * SA-1110: pages with C = 1, B = 0 live in 512 bytes of their own, 2 ways of 8 sets, round robin,
 * written back, filled by reads only. The big cache hears of none of it, and maintenance of both.
 */
static void mini_cache(void **state)
{
	static const char *const set[] = { "tlb.entries=64", "itlb.entries=0", "dtlb.entries=0",
					   "wb.drain=1", NULL };
	struct cache_counts big;
	struct path p;

	(void)state;
	path_open(&p, "sa1110", NULL, set);
	big = *cache_counts(p.ref->m->l1d);
	STEPS(&p,
	      { 'r', PATH_WT, { { EV_DFILL_R, 1 } }, 49 },
	      { 'w', PATH_WT + 4, { { 0 } }, 0 },
	      { 'r', PATH_WT + 0x100, { { EV_DFILL_R, 1 } }, 49 },
	      { 'r', PATH_WT, { { 0 } }, 0 },
	      { 'r', PATH_WT + 0x200, { { EV_DFILL_R, 1 }, { EV_CASTOUT_HALF, 1 } }, 57 },
	      { 'w', PATH_WT + 0x40, { { 0 } }, 0 },
	      { 'r', PATH_WT + 0x40, { { EV_DFILL_R, 1 } }, 49 },
	      { 'w', PATH_WT + 0x40, { { 0 } }, 0 },
	      { 'c', PATH_WT + 0x40, { { EV_MAINT_DIRTY, 1 } }, 20 },
	      { 'w', PATH_WT + 0x50, { { 0 } }, 0 },
	      /* no test-and-clean: it loads as many lines as the cache has */
	      { 'C', 0, { { EV_MAINT_LOAD, 256 }, { EV_MAINT_DIRTY, 1 } }, 256 * 49 + 20 },
	      /* no clean and invalidate: one after the other */
	      { 'f', PATH_WT + 0x40, { { EV_MAINT_CLEAN, 2 } }, 6 },
	      { 'r', PATH_WT + 0x40, { { EV_DFILL_R, 1 } }, 49 });
	assert_memory_equal(&big, cache_counts(p.ref->m->l1d), sizeof(big));
	assert_int_equal(cache_counts(p.ref->m->minid)->castout_half, 1);
	assert_int_equal(cache_resident(p.ref->m->minid), 1);
	kit_cpw(&p.k, CP_KEY(7, 0, 6, 0), 0);
	path_go(&p);
	assert_int_equal(cache_resident(p.ref->m->minid), 0);
	path_close(&p);
}

/* XScale asks for X = 1 as well; without it C = 1, B = 0 is written through in the big cache. */
static void mini_cache_by_page(void **state)
{
	static const char *const set[] = { "tlb.entries=64", "itlb.entries=0", "dtlb.entries=0",
					   "tlb.lock=part", "wb.drain=1", NULL };
	struct path p;

	(void)state;
	path_open(&p, "pxa255", "pxa255", set);
	STEPS(&p,
	      { 'r', PATH_WT, { { EV_DFILL_R, 1 } }, 49 },
	      { 'r', PATH_WT + 0x4000, { { EV_DFILL_R, 1 } }, 49 },
	      { 'w', PATH_WT, { { 0 } }, 0 }, { 'w', PATH_WT + 0x4000, { { 0 } }, 0 },
	      { 'c', PATH_WT, { { EV_MAINT_CLEAN, 1 } }, 3 },
	      { 'c', PATH_WT + 0x4000, { { EV_MAINT_DIRTY, 1 } }, 20 });
	assert_int_equal(cache_counts(p.ref->m->minid)->fills, 1);
	path_close(&p);
}

/* Two addresses of one frame, 16 KB of one way: a VIVT cache and a VIPT one with such ways hold
 * the line twice, a PIPT one does not; VIVT alone looks at no physical address. */
static void aliases(void **state)
{
	static const struct { const char *kind; unsigned fills; } rows[] = {
		{ "l1d.kind=vivt", 2 }, { "l1d.kind=vipt", 2 }, { "l1d.kind=pipt", 1 },
	};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const char *const set[] = { rows[i].kind, "l1d.ways=1", "wb.drain=1", NULL };
		static const uint8_t all[4] = { 3, 3, 3, 3 };
		struct cache_line lines[4];
		struct path p;
		uint64_t fills;

		path_open(&p, "generic", NULL, set);
		kit_poke(&p.k, KIT_L2 + 4 * 4, pt_encode_v5_small(PATH_PA + 0x3000, all, 3));
		path_go(&p);
		fills = cache_counts(p.ref->m->l1d)->fills;
		STEPS(&p, { 'r', PATH_WB, { { EV_DFILL_R, 1 } }, 49 });
		kit_access(&p.k, PATH_DATA + 0x4000, false, 2);
		path_go(&p);
		assert_int_equal(cache_counts(p.ref->m->l1d)->fills - fills, rows[i].fills);
		assert_int_equal(cache_lines_of(p.ref->m->l1d, hpa(PATH_PA + 0x3000), lines, 4),
				 rows[i].fills);
		path_close(&p);
	}
}

static uint64_t cleaned(struct path *p, struct lane *l, size_t *at, uint32_t va)
{
	uint64_t before = ledger_event(&l->m->ledger, EV_MAINT_DIRTY);

	kit_cpw(&p->k, KIT_CLEAN_MVA, va);
	kit_catch_up(l, &p->k, at);
	return ledger_event(&l->m->ledger, EV_MAINT_DIRTY) - before;
}

/*
 * A physically tagged cache is asked by address: of what the shadow has just lost the guest's tables
 * say where it lies; what nobody maps is nowhere, least of all at the physical address of that number.
 */
static void maintenance_by_address(void **state)
{
	static const char *const specs[] = { "native", "coherent" };
	struct kit_plan plan = { .core = "generic" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct lane *l;
		struct path p;
		size_t at = 0;
		struct diag d;

		path_open(&p, "generic", NULL, NULL);
		l = kit_lane(&p.k, specs[i], &plan);
		kit_access(&p.k, PATH_WB, false, 2);
		kit_access(&p.k, PATH_WB, true, 2);
		kit_cpw(&p.k, KIT_TLBI_ALL, 0);
		kit_catch_up(l, &p.k, &at);
		assert_int_equal(cleaned(&p, l, &at, PATH_PA + 0x3000), 0);
		assert_int_equal(cleaned(&p, l, &at, PATH_WB), 1);
		assert_int_equal(cleaned(&p, l, &at, PATH_WB), 0);
		assert_ok(lane_conserve(l, &d), &d);
		lane_destroy(l);
		path_close(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_through),
		cmocka_unit_test(write_allocate),
		cmocka_unit_test(allocate_and_through),
		cmocka_unit_test(write_allocate_by_page),
		cmocka_unit_test(merging),
		cmocka_unit_test(stores_alone),
		cmocka_unit_test(mini_cache),
		cmocka_unit_test(mini_cache_by_page),
		cmocka_unit_test(aliases),
		cmocka_unit_test(maintenance_by_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
