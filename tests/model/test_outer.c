/* SPDX-License-Identifier: GPL-2.0-or-later */
/* models/cache/outer: which level serves, what reaches memory, what a walk would miss. */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/cache/outer.h"

static struct cache *make(uint32_t bytes, uint16_t ways, uint16_t line, int kind)
{
	struct cache_geom g = { bytes, ways, line, REPLACE_LRU, (uint8_t)kind };
	struct cache *c;
	struct diag d;

	assert_ok(cache_create(&c, &g, 0, "c", &d), &d);
	return c;
}

static void impossible_pairs(void **state)
{
	struct cache_geom l1 = { 16384, 4, 32, REPLACE_LRU, CACHE_VIPT }, l2 = l1;
	struct diag d;

	(void)state;
	assert_err(ERR_CONFIG, outer_check(&l1, &l2, "l2", &d), &d, "l2.kind: vipt");
	l2.kind = CACHE_PIPT;
	assert_ok(outer_check(&l1, &l2, "l2", &d), &d);
	l2.line_bytes = 16;
	assert_err(ERR_CONFIG, outer_check(&l1, &l2, "l2", &d), &d, "l2.line: 16; at least the 32");
	l2.bytes = 0;
	assert_ok(outer_check(&l1, &l2, "l2", &d), &d);
	assert_string_equal(walk_sees_name[WALK_SEES_L2], "l2");
}

static void absent_means_memory(void **state)
{
	struct cache *none = make(0, 1, 32, CACHE_PIPT);
	struct outer o[2] = { { .l2 = NULL }, { .l2 = none, .castout_allocates = true } };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(outer_read(&o[i], hpa(64)).served, LEVEL_MEMORY);
		assert_int_equal(outer_write(&o[i], hpa(64), true, true).served, LEVEL_MEMORY);
		assert_int_equal(outer_castout(&o[i], hpa(64), 32, 3).served, LEVEL_MEMORY);
		assert_int_equal(outer_walk(&o[i], WALK_SEES_L1, NULL, hpa(64)).served,
				 LEVEL_MEMORY);
		assert_int_equal(outer_stale(&o[i], WALK_SEES_MEMORY, NULL, hpa(64)), 0);
	}
	cache_destroy(none);
}

/*
 * L2 of two lines of 32 bytes, one set. Fill A: memory. A again: L2. Castout of half of A: hits. Of
 * all of B: with allocation kept, and nothing read for it. Fill C: A is the oldest, half dirty.
 * Castout of half of D: kept, and the other half must be read; B goes, whole. Write-through to D:
 * memory, whatever happens in L2.
 */
static void levels_by_hand(void **state)
{
	enum { A = 0x1000, B = 0x1020, C = 0x1040, D = 0x1060 };
	struct outer o = { .l2 = make(64, 2, 32, CACHE_PIPT), .castout_allocates = true };
	static const struct { char op; uint32_t pa; unsigned halves; struct outer_done want; }
	rows[] = {
		{ 'r', A, 0, { LEVEL_MEMORY, true, true, 0 } },
		{ 'r', A + 28, 0, { LEVEL_L2, false, false, 0 } },
		{ 'c', A, CACHE_DIRTY_HI, { LEVEL_L2, false, false, 0 } },
		{ 'c', B, 3, { LEVEL_L2, true, false, 0 } },
		{ 'r', C, 0, { LEVEL_MEMORY, true, true, CACHE_DIRTY_HI } },
		{ 'c', D, CACHE_DIRTY_LO, { LEVEL_L2, true, true, 3 } },
		{ 't', D, 0, { LEVEL_MEMORY, false, false, 0 } },
		{ 't', A, 0, { LEVEL_MEMORY, false, false, 0 } },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct outer_done got =
			rows[i].op == 'r' ? outer_read(&o, hpa(rows[i].pa))
			: rows[i].op == 'c' ? outer_castout(&o, hpa(rows[i].pa), 32, rows[i].halves)
					    : outer_write(&o, hpa(rows[i].pa), false, false);

		assert_int_equal(got.served, rows[i].want.served);
		assert_int_equal(got.filled, rows[i].want.filled);
		assert_int_equal(got.reads_memory, rows[i].want.reads_memory);
		assert_int_equal(got.castout, rows[i].want.castout);
	}
	o.castout_allocates = false;
	assert_int_equal(outer_castout(&o, hpa(A), 32, 3).served, LEVEL_MEMORY);
	assert_int_equal(cache_dirty_lines(o.l2), 1);
	cache_destroy(o.l2);
}

/* An L1 line of 32 bytes is half a line of a 64-byte L2, so both its halves are one of L2's. */
static void longer_lines(void **state)
{
	struct outer o = { .l2 = make(128, 2, 64, CACHE_PIPT), .castout_allocates = true };

	(void)state;
	assert_true(outer_castout(&o, hpa(0x1020), 32, 3).reads_memory);
	assert_int_equal(cache_clean_line(o.l2, gva(0x1000), hpa(0x1000), NULL), CACHE_DIRTY_HI);
	outer_castout(&o, hpa(0x1000), 32, CACHE_DIRTY_HI);
	assert_int_equal(cache_clean_line(o.l2, gva(0x1000), hpa(0x1000), NULL), CACHE_DIRTY_LO);
	cache_destroy(o.l2);
}

/* A descriptor is dirty in L1 only, then cast out to L2, then cleaned to memory; each kind of
 * walker at each time: where it reads, and what it would miss. Then a store waits in the buffer. */
static void walkers(void **state)
{
	static const struct { int served; unsigned stale; } rows[3][3] = {
		{ { LEVEL_MEMORY, STALE_L1 }, { LEVEL_MEMORY, STALE_L1 }, { LEVEL_L1, 0 } },
		{ { LEVEL_MEMORY, STALE_L2 }, { LEVEL_L2, 0 }, { LEVEL_L2, 0 } },
		{ { LEVEL_MEMORY, 0 }, { LEVEL_L2, 0 }, { LEVEL_L2, 0 } },
	};
	const hpa_t pa = hpa(0x80005844);

	(void)state;
	for (int kind = 0; kind < CACHE_KINDS; kind++) {
		for (int sees = 0; sees < WALK_SEES; sees++) {
			struct cache *l1 = make(16384, 2, 32, kind);
			struct outer o = { make(65536, 8, 32, CACHE_PIPT), true };

			cache_write(l1, gva(0xc0004844), pa, true, true);
			for (unsigned when = 0; when < 3; when++) {
				if (when == 1) {
					unsigned halves = cache_clean_inval_line(l1, gva(0xc0004844),
										 pa, NULL);

					outer_castout(&o, pa, 32, halves);
				}
				if (when == 2)
					cache_clean_all(o.l2, false);
				assert_int_equal(outer_stale(&o, (enum walk_sees)sees, l1,
							     pa), rows[when][sees].stale);
				assert_int_equal(outer_walk(&o, (enum walk_sees)sees, l1, pa).served,
						 rows[when][sees].served);
				if (when == 0)  /* the walk may have brought the line into L2 */
					cache_inval_all(o.l2);
			}
			cache_destroy(l1);
			cache_destroy(o.l2);
		}
	}
}

/*
 * Two levels under random traffic: what memory lacks is dirty in one of them, and only that. A map of
 * 32-byte lines says which are newer than memory; all that leaves L2 or passes it settles the map.
 */
static void nothing_is_lost(void **state)
{
	enum { LINES = 256 };
	struct rng rng = rng_stream(1, "outer");

	(void)state;
	for (unsigned allocates = 0; allocates < 2; allocates++) {
		struct cache *l1 = make(1024, 4, 32, CACHE_VIPT);
		struct outer o = { make(2048, 4, 32, CACHE_PIPT), allocates };
		bool newer[LINES] = { false };

		for (unsigned i = 0; i < 20000; i++) {
			uint32_t line = rng_below(&rng, LINES), pa = line * 32 + rng_below(&rng, 8) * 4;
			bool write = rng_below(&rng, 2);
			struct cache_outcome in = write ? cache_write(l1, gva(pa), hpa(pa), true, true)
							: cache_read(l1, gva(pa), hpa(pa));
			struct outer_done out = { 0 };

			newer[line] |= write;
			if (in.victim_dirty) {
				uint32_t victim = (uint32_t)cache_victim_pa(l1).raw;

				out = outer_castout(&o, hpa(victim), 32, in.victim_dirty);
				if (out.castout)
					newer[cache_victim_pa(o.l2).raw / 32] =
						cache_pa_dirty(l1, cache_victim_pa(o.l2));
				if (out.served == LEVEL_MEMORY)
					newer[victim / 32] = false;
			}
			if (in.filled) {
				out = outer_read(&o, hpa(pa));
				if (out.castout)
					newer[cache_victim_pa(o.l2).raw / 32] =
						cache_pa_dirty(l1, cache_victim_pa(o.l2));
			}
			for (uint32_t at = 0; i % 16 == 0 && at < LINES; at++)
				assert_int_equal(cache_pa_dirty(l1, hpa(at * 32)) ||
						 cache_pa_dirty(o.l2, hpa(at * 32)), newer[at]);
		}
		assert_true(cache_counts(o.l2)->hits > 1000);
		cache_destroy(l1);
		cache_destroy(o.l2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(impossible_pairs),
		cmocka_unit_test(absent_means_memory),
		cmocka_unit_test(levels_by_hand),
		cmocka_unit_test(longer_lines),
		cmocka_unit_test(walkers),
		cmocka_unit_test(nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
