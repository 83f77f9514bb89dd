/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * models/cache: lockdown, maintenance beyond single lines, and alias questions, by hand. Addresses:
 * PA = MVA ^ FLIP, except where two mappings are the point.
 */
#include "tests/support.h"

#include "models/cache/cache.h"

enum { FLIP = 0x30005000 };

static struct cache *make(struct cache_geom g, enum cache_lock lock)
{
	struct cache *c;
	struct diag d;

	assert_ok(cache_lock_check(&g, lock, "c", &d), &d);
	assert_ok(cache_create(&c, &g, 0, "c", &d), &d);
	cache_set_lock(c, lock);
	return c;
}

/* One set of `ways` lines of 32 bytes. */
static struct cache *one_set(unsigned ways, int policy, enum cache_lock lock)
{
	return make((struct cache_geom){ 32 * ways, (uint16_t)ways, 32, (uint8_t)policy, CACHE_VIVT },
		    lock);
}

static hpa_t pa_of(uint32_t mva)
{
	return hpa(mva ^ FLIP);
}

/* Line number n, read; or asked for. */
static struct cache_outcome rd(struct cache *c, uint32_t n)
{
	return cache_read(c, gva(n * 32), pa_of(n * 32));
}

static struct cache_outcome wr(struct cache *c, uint32_t n)
{
	return cache_write(c, gva(n * 32), pa_of(n * 32), true, true);
}

static struct cache_outcome lock(struct cache *c, uint32_t n)
{
	return cache_lock_line(c, gva(n * 32), pa_of(n * 32));
}

/* The way line n sits in, or -1. */
static int way_of(const struct cache *c, uint32_t n)
{
	struct cache_line l;

	return cache_peek(c, gva(n * 32), pa_of(n * 32), &l) ? l.way : -1;
}

static bool locked(const struct cache *c, uint32_t n)
{
	struct cache_line l;

	return cache_peek(c, gva(n * 32), pa_of(n * 32), &l) && l.locked;
}

static void impossible_kinds(void **state)
{
	struct cache_geom g = { 4096, 1, 32, 0, 0 };
	struct diag d;

	(void)state;
	assert_err(ERR_CONFIG, cache_lock_check(&g, CACHE_LOCKS, "l1i", &d), &d, "l1i.lock: no kind 5");
	assert_err(ERR_CONFIG, cache_lock_check(&g, CACHE_LOCK_WAYS, "l1i", &d), &d,
		   "l1i.lock: ways needs 2 to 64 ways, not 1");
	g.ways = 128;
	assert_err(ERR_CONFIG, cache_lock_check(&g, CACHE_LOCK_INDEX, "l1i", &d), &d, "not 128");
	assert_ok(cache_lock_check(&g, CACHE_LOCK_NONE, "l1i", &d), &d);
	g.bytes = 0;
	assert_ok(cache_lock_check(&g, CACHE_LOCK_LINES, "l1i", &d), &d);
	assert_string_equal(cache_lock_name[CACHE_LOCK_WAYS0], "ways0");
}

/*
 * ARM926EJ-S, the procedure for way 2: L = 1 everywhere else, touch A: way 2. L = 1 for way 2 only:
 * B C D to the ways 0 1 3, then E F over B C (fifo skips 2 between its 1 and 3).
 */
static void ways_by_hand(void **state)
{
	struct cache *c = one_set(4, REPLACE_FIFO, CACHE_LOCK_WAYS);
	static const uint32_t lines[] = { 'B', 'C', 'D', 'E', 'F' };
	static const int ways[] = { 0, 1, 3, 0, 1 };

	(void)state;
	cache_lock_ways(c, 0xb);
	rd(c, 'A');
	assert_int_equal(way_of(c, 'A'), 2);
	cache_lock_ways(c, 0x4);
	for (unsigned i = 0; i < 5; i++) {
		assert_true(rd(c, lines[i]).filled);
		assert_int_equal(way_of(c, lines[i]), ways[i]);
	}
	assert_true(locked(c, 'A') && !locked(c, 'F'));
	rd(c, 'G');
	assert_int_equal(way_of(c, 'G'), 3);
	/* an operation by line does not care, nor does one on all */
	assert_int_equal(cache_inval_all(c).lines, 4);
	rd(c, 'A');
	assert_int_equal(way_of(c, 'A'), 0);
	cache_destroy(c);
}

/* All ways locked: nothing is allocated, or way 0 is. Hits stay hits, and dirty lines dirty. */
static void all_ways_locked(void **state)
{
	(void)state;
	for (int p = 0; p < REPLACES; p++) {
		for (int kind = CACHE_LOCK_WAYS; kind <= CACHE_LOCK_WAYS0; kind++) {
			struct cache *c = one_set(4, p, (enum cache_lock)kind);
			bool fills = kind == CACHE_LOCK_WAYS0;

			for (uint32_t n = 0; n < 4; n++)
				rd(c, n);
			cache_lock_ways(c, 0xf);
			assert_int_equal(wr(c, 7).filled, fills);
			assert_int_equal(rd(c, 8).filled, fills);
			assert_int_equal(cache_prefetch(c, gva(0x120), pa_of(0x120)).filled, fills);
			assert_int_equal(way_of(c, 9), fills ? 0 : -1);
			assert_int_equal(way_of(c, 0), fills ? -1 : 0);
			assert_true(wr(c, 3).hit);
			assert_int_equal(cache_dirty_lines(c), 1);
			assert_int_equal(cache_counts(c)->misses, 6);
			assert_int_equal(cache_counts(c)->castout_half, fills);
			cache_unlock(c);
			assert_true(rd(c, 10).filled);
			cache_destroy(c);
		}
	}
}

/*
 * ARM920T, one segment of four lines, round robin. Base 0: A to 0. Base 1: B C D to 1 2 3, E to 1, F
 * to 2. "Invalidate all" takes A too; then the counter is at 3, invalid ways or not: G to 3, H to 1.
 */
static void index_by_hand(void **state)
{
	struct cache *c = one_set(4, REPLACE_FIFO, CACHE_LOCK_INDEX);
	static const uint32_t lines[] = { 'B', 'C', 'D', 'E', 'F' };
	static const int ways[] = { 1, 2, 3, 1, 2 };

	(void)state;
	cache_lock_base(c, 0);
	rd(c, 'A');
	cache_lock_base(c, 1);
	for (unsigned i = 0; i < 5; i++) {
		rd(c, lines[i]);
		assert_int_equal(way_of(c, lines[i]), ways[i]);
	}
	assert_int_equal(way_of(c, 'A'), 0);
	assert_true(locked(c, 'A'));
	assert_int_equal(cache_inval_all(c).lines, 4);
	rd(c, 'G');
	assert_int_equal(way_of(c, 'G'), 3);
	rd(c, 'H');
	assert_int_equal(way_of(c, 'H'), 1);
	assert_int_equal(cache_counts(c)->evictions, 2);
	cache_destroy(c);
}

/* The base holds for every policy, in every set; the line after a write of c9 goes to the base. */
static void base_holds_under_all_policies(void **state)
{
	(void)state;
	for (int p = 0; p < REPLACES; p++) {
		struct cache *c = make((struct cache_geom){ 2048, 16, 32, (uint8_t)p, CACHE_VIVT },
				       CACHE_LOCK_INDEX);

		for (unsigned base = 0; base < 3; base++) {
			cache_lock_base(c, base);
			for (uint32_t set = 0; set < 4; set++) {
				rd(c, base * 4 + set);
				assert_int_equal(way_of(c, base * 4 + set), base);
			}
		}
		cache_lock_base(c, 3);
		for (uint32_t n = 100; n < 1000; n++)
			rd(c, n);
		for (uint32_t n = 0; n < 12; n++)
			assert_true(locked(c, n));
		assert_int_equal(cache_resident(c), 64);
		cache_destroy(c);
	}
}

/*
 * XScale: a set of 32 ways. Line 0 read: the counter starts at 31. Lines 1 to 30 locked: 28 to the
 * ways 0 to 27, two more come in at 31, unlocked, one over the other. Then reads: 31, 28, 29, 30, 31.
 */
static void lines_by_hand(void **state)
{
	struct cache *c = one_set(32, REPLACE_FIFO, CACHE_LOCK_LINES);
	static const int ways[] = { 31, 28, 29, 30, 31 };

	(void)state;
	rd(c, 0);
	assert_int_equal(way_of(c, 0), 31);
	for (uint32_t n = 1; n <= 30; n++) {
		assert_true(lock(c, n).filled);
		assert_int_equal(way_of(c, n), n <= 28 ? (int)n - 1 : 31);
		assert_int_equal(locked(c, n), n <= 28);
	}
	assert_true(lock(c, 28).hit && lock(c, 30).hit);
	assert_false(locked(c, 30));
	for (uint32_t n = 0; n < 5; n++) {
		rd(c, 100 + n);
		assert_int_equal(way_of(c, 100 + n), ways[n]);
	}
	assert_int_equal(cache_inval_all(c).lines, 4);          /* not the locked ones */
	assert_int_equal(cache_resident(c), 28);
	wr(c, 5);
	assert_int_equal(cache_clean_all(c, true).half, 1);     /* cleaned, but there still */
	assert_true(locked(c, 5));
	assert_int_equal(cache_clean_inval_line(c, gva(6 * 32), pa_of(6 * 32), NULL), 0);
	assert_int_equal(way_of(c, 6), -1);
	cache_unlock(c);
	assert_int_equal(cache_inval_all(c).lines, 27);
	cache_destroy(c);
}

/* Lock mode of a data cache: every fill locks, those of line allocate too. Two ways: one of them. */
static void fills_lock(void **state)
{
	struct cache *c = make((struct cache_geom){ 128, 2, 32, REPLACE_FIFO, CACHE_VIVT },
			       CACHE_LOCK_LINES);

	(void)state;
	cache_lock_fills(c, true);
	assert_true(cache_allocate(c, gva(0), pa_of(0)).filled);
	assert_true(wr(c, 1).filled);
	assert_true(rd(c, 2).filled);                           /* set 0 has no more to lock */
	cache_lock_fills(c, false);
	assert_true(locked(c, 0) && locked(c, 1) && !locked(c, 2));
	for (uint32_t n = 4; n < 20; n++)
		rd(c, n);
	assert_true(locked(c, 0) && locked(c, 1));
	assert_int_equal(cache_counts(c)->allocs, 1);
	assert_int_equal(cache_counts(c)->reads, 17);
	cache_destroy(c);
}

/* How cores without "clean all" clean: a cache-sized window is allocated (XScale) or read (SA-1110),
 * and round robin evicts every line that was there, dirty ones to memory. */
static void cleaning_by_window(void **state)
{
	static const struct { uint32_t bytes; enum cache_lock lock; bool allocate; } rows[] = {
		{ 32768, CACHE_LOCK_LINES, true }, { 8192, CACHE_LOCK_NONE, false },
	};

	(void)state;
	for (unsigned r = 0; r < 2; r++) {
		struct cache *c = make((struct cache_geom){ rows[r].bytes, 32, 32, REPLACE_FIFO,
							    CACHE_VIVT }, rows[r].lock);
		uint32_t lines = rows[r].bytes / 32, dirty;

		for (uint32_t n = 0; n < 3000; n++)
			(n % 3 ? rd : wr)(c, n * 7 % 2048);
		dirty = cache_dirty_lines(c);
		assert_true(dirty > lines / 4);
		for (uint32_t n = 0; n < lines; n++) {
			uint32_t mva = 0x70000000 + n * 32;

			if (rows[r].allocate)
				cache_allocate(c, gva(mva), pa_of(mva));
			else
				cache_read(c, gva(mva), pa_of(mva));
		}
		assert_int_equal(cache_dirty_lines(c), 0);
		assert_int_equal(cache_resident(c), lines);
		assert_true(cache_counts(c)->castout_half >= dirty);
		assert_int_equal(cache_counts(c)->allocs, rows[r].allocate ? lines : 0);
		cache_destroy(c);
	}
}

/* An operation brings a line in without a lookup, and a line that is there is not used by it. */
static void prefetch_is_no_access(void **state)
{
	struct cache *c = one_set(2, REPLACE_LRU, CACHE_LOCK_NONE);
	const struct cache_counts *n = cache_counts(c);

	(void)state;
	rd(c, 1);
	rd(c, 2);
	assert_true(cache_prefetch(c, gva(32), pa_of(32)).hit);
	assert_true(cache_prefetch(c, gva(96), pa_of(96)).filled);      /* 1 is the oldest still */
	assert_int_equal(way_of(c, 1), -1);
	assert_int_equal(n->prefetches, 1);
	assert_int_equal(n->reads + n->writes, 2);
	assert_int_equal(n->hits + n->misses, 2);
	assert_int_equal(n->fills, 3);
	assert_int_equal(n->evictions, 1);
	cache_destroy(c);
}

/* Lines 1 2 4 of which 1 and 4 are dirty; a range from the middle of 1 to the start of 4. */
static void ranges_by_hand(void **state)
{
	struct cache *c = make((struct cache_geom){ 1024, 4, 32, REPLACE_FIFO, CACHE_VIPT },
			       CACHE_LOCK_NONE);
	struct cache_swept s;

	(void)state;
	wr(c, 1);
	rd(c, 2);
	wr(c, 4);
	s = cache_range(c, gva(48), gva(127), pa_of(48), true, false);
	assert_int_equal(s.lines, 2);
	assert_int_equal(s.half, 1);
	s = cache_range(c, gva(48), gva(128), pa_of(48), true, true);
	assert_int_equal(s.lines, 3);
	assert_int_equal(s.half, 1);
	assert_int_equal(cache_resident(c), 0);
	wr(c, 1);
	s = cache_range(c, gva(63), gva(63), pa_of(63), false, true);
	assert_int_equal(s.lines, 1);
	assert_int_equal(s.half, 1);                            /* lost */
	assert_int_equal(cache_counts(c)->cleaned_half, 2);
	cache_destroy(c);
}

/* Three dirty lines: three rounds clean one each, the fourth finds none, and invalidates. */
static void test_clean_by_hand(void **state)
{
	struct cache *c = make((struct cache_geom){ 1024, 4, 32, REPLACE_FIFO, CACHE_VIVT },
			       CACHE_LOCK_NONE);
	unsigned dirty;

	(void)state;
	for (uint32_t n = 0; n < 6; n++)
		(n % 2 ? wr : rd)(c, n);
	cache_write(c, gva(32 + 16), pa_of(32 + 16), true, true);
	for (unsigned round = 0; round < 3; round++) {
		assert_false(cache_test_clean(c, true, &dirty));
		assert_int_equal(dirty, round ? CACHE_DIRTY_LO : CACHE_DIRTY_LO | CACHE_DIRTY_HI);
		assert_int_equal(cache_resident(c), 6);
	}
	assert_true(cache_test_clean(c, false, &dirty));
	assert_int_equal(cache_resident(c), 6);
	assert_true(cache_test_clean(c, true, &dirty));
	assert_int_equal(dirty + cache_resident(c), 0);
	assert_int_equal(cache_counts(c)->cleaned_full, 1);
	assert_int_equal(cache_counts(c)->cleaned_half, 2);
	cache_destroy(c);
}

/* Bytes, ways, kind, colours: way size over 4 KB; by physical index none matter. */
static void colours_by_hand(void **state)
{
	static const struct { uint32_t bytes; uint16_t ways; uint8_t kind; unsigned colours; } rows[] = {
		{ 16384, 4, CACHE_VIPT, 1 }, { 32768, 4, CACHE_VIPT, 2 }, { 65536, 4, CACHE_VIPT, 4 },
		{ 16384, 1, CACHE_VIVT, 4 }, { 65536, 4, CACHE_PIPT, 1 }, { 0, 4, CACHE_VIPT, 1 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cache *c = make((struct cache_geom){ rows[i].bytes, rows[i].ways, 32, 0,
							    rows[i].kind }, CACHE_LOCK_NONE);

		assert_int_equal(cache_colours(c), rows[i].colours);
		assert_int_equal(cache_colour(c, gva(0x7fff)), 7 % rows[i].colours);
		cache_destroy(c);
	}
}

/* 64 KB, 4 ways: MVA[13:12] is colour. One frame mapped at four colours and again at one of them:
 * that one shares its line. Two copies become dirty. */
static void aliases_by_hand(void **state)
{
	struct cache *c = make((struct cache_geom){ 65536, 4, 32, REPLACE_LRU, CACHE_VIPT },
			       CACHE_LOCK_NONE);
	const hpa_t pa = hpa(0x80001000);
	struct cache_line line[2];
	struct cache_aliases a;

	(void)state;
	for (uint32_t mva = 0x10000; mva <= 0x14000; mva += 0x1000)
		assert_int_equal(cache_read(c, gva(mva), pa).hit, mva == 0x14000);
	assert_int_equal(cache_lines_of(c, hpa(pa.raw + 31), line, 2), 4);
	assert_int_equal(line[1].mva.raw, 0x11000);
	a = cache_aliases(c, pa);
	assert_int_equal(a.lines + a.colours + a.dirty, 8);
	cache_write(c, gva(0x13004), hpa(pa.raw + 4), true, false);
	assert_int_equal(cache_aliases(c, pa).dirty, 1);
	cache_write(c, gva(0x10004), hpa(pa.raw + 4), true, false);
	assert_int_equal(cache_aliases(c, pa).dirty, 2);
	assert_int_equal(cache_aliases(c, hpa(pa.raw + 32)).lines, 0);
	cache_destroy(c);
}

/* A VIVT line outlives its mapping: it is found by MVA and tells whose it is. */
static void homonyms_by_hand(void **state)
{
	struct cache *c = make((struct cache_geom){ 8192, 4, 32, REPLACE_LRU, CACHE_VIVT },
			       CACHE_LOCK_NONE);
	struct cache_line l;

	(void)state;
	cache_read(c, gva(0x8040), hpa(0x30000040));
	assert_true(cache_peek(c, gva(0x8058), hpa(0x50000058), &l));
	assert_int_equal(l.pa.raw, 0x30000040);
	assert_int_equal(l.mva.raw, 0x8040);
	assert_false(cache_peek(c, gva(0x8060), hpa(0x30000060), &l));
	assert_int_equal(cache_counts(c)->hits, 0);
	cache_destroy(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(impossible_kinds),
		cmocka_unit_test(ways_by_hand),
		cmocka_unit_test(all_ways_locked),
		cmocka_unit_test(index_by_hand),
		cmocka_unit_test(base_holds_under_all_policies),
		cmocka_unit_test(lines_by_hand),
		cmocka_unit_test(fills_lock),
		cmocka_unit_test(cleaning_by_window),
		cmocka_unit_test(prefetch_is_no_access),
		cmocka_unit_test(ranges_by_hand),
		cmocka_unit_test(test_clean_by_hand),
		cmocka_unit_test(colours_by_hand),
		cmocka_unit_test(aliases_by_hand),
		cmocka_unit_test(homonyms_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
