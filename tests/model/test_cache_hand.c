/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * models/cache: small examples derived by hand, with the working in the comments. Addresses:
 * PA = MVA ^ FLIP, except where two mappings are the point.
 */
#include "tests/support.h"

#include "models/cache/cache.h"

enum { FLIP = 0x30005000 };

static struct cache *make(struct cache_geom g, int policy, int kind)
{
	struct cache *c;
	struct diag d;

	g.policy = (uint8_t)policy;
	g.kind = (uint8_t)kind;
	assert_ok(cache_create(&c, &g, 0, "c", &d), &d);
	return c;
}

static hpa_t pa_of(gva_t mva)
{
	return hpa(mva.raw ^ FLIP);
}

static bool read_at(struct cache *c, uint32_t mva)
{
	return cache_read(c, gva(mva), pa_of(gva(mva))).hit;
}

static struct cache_outcome write_at(struct cache *c, uint32_t mva, bool back, bool allocate)
{
	return cache_write(c, gva(mva), pa_of(gva(mva)), back, allocate);
}

/*
 * 16 KB, 2 ways of 8 KB, so MVA[12] is an index bit above the page offset. By kind, does the
 * second access hit after the first?
 *   synonym, same colour      MVA 0x1040 and 0x5040 to PA 0x9040: same set; tags MVA | PA
 *   synonym, other colour     MVA 0x1040 and 0x4040 to PA 0x9040: other set, except PIPT
 *   homonym                   MVA 0x1040 to PA 0x9040, then to PA 0xb040
 */
static void kinds_by_hand(void **state)
{
	static const struct {
		uint32_t mva[2];
		uint64_t pa[2];
		bool hit[CACHE_KINDS];
	} rows[] = {
		{ { 0x1040, 0x5040 }, { 0x9040, 0x9040 }, { false, true, true } },
		{ { 0x1040, 0x4040 }, { 0x9040, 0x9040 }, { false, false, true } },
		{ { 0x1040, 0x1040 }, { 0x9040, 0xb040 }, { true, false, false } },
		{ { 0x1040, 0x1040 },
		  { 0x9040, UINT64_C(0x900009040) },
		  { true, false, false } },
	};
	struct cache_geom g = { .bytes = 16384, .ways = 2, .line_bytes = 32 };

	(void)state;
	for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		for (int kind = 0; kind < CACHE_KINDS; kind++) {
			struct cache *c = make(g, REPLACE_LRU, kind);

			for (unsigned i = 0; i < 2; i++)
				assert_int_equal(cache_read(c, gva(rows[r].mva[i]),
							    hpa(rows[r].pa[i])).hit,
						 i && rows[r].hit[kind]);
			assert_int_equal(cache_resident(c), rows[r].hit[kind] ? 1 : 2);
			cache_destroy(c);
		}
	}
}

/* A dirty synonym is found by its PA, in whatever set it sits. */
static void pa_dirty_sees_synonyms(void **state)
{
	struct cache *c =
		make((struct cache_geom){ .bytes = 16384, .ways = 2, .line_bytes = 32 },
		     REPLACE_LRU, CACHE_VIVT);

	(void)state;
	cache_read(c, gva(0x1040), hpa(0x9040));
	cache_write(c, gva(0x4040), hpa(0x9040), true, true);
	assert_true(cache_pa_dirty(c, hpa(0x905c)));
	assert_false(cache_pa_dirty(c, hpa(0x9060)));
	assert_false(cache_pa_dirty(c, hpa(0x1040)));
	assert_int_equal(cache_clean_line(c, gva(0x1040), hpa(0x9040), NULL), 0);
	assert_true(cache_pa_dirty(c, hpa(0x9040)));
	assert_int_equal(cache_clean_line(c, gva(0x4040), hpa(0), NULL), CACHE_DIRTY_LO);
	assert_false(cache_pa_dirty(c, hpa(0x9040)));
	cache_write(c, gva(0x1440), hpa(0x9840), true, true);   /* tiny pages: only 9:0 agree */
	assert_true(cache_pa_dirty(c, hpa(0x9840)));
	cache_destroy(c);
}

/*
 * One set of two ways, 32-byte lines A = 0x00, B = 0x20, C = 0x40, D = 0x60; lru. Write-back:
 *   write A+4 (fill, LO)  write A+16 (hit, HI)  write B+28 (fill, HI)  read C: A goes, full
 *   write B+0 no allocate: hit, so LO too       read D: C goes, clean  read A: B goes, full
 *   write D+8 through: hit, not dirty           write D+8: LO          clean D: half
 */
static void halves_by_hand(void **state)
{
	struct cache *c = make((struct cache_geom){ .bytes = 64, .ways = 2, .line_bytes = 32 },
			       REPLACE_LRU, CACHE_VIVT);
	const struct cache_counts *n = cache_counts(c);

	(void)state;
	assert_true(write_at(c, 0x04, true, true).filled);
	assert_true(write_at(c, 0x10, true, true).hit);
	assert_true(write_at(c, 0x3c, true, true).filled);
	assert_int_equal(cache_read(c, gva(0x40), pa_of(gva(0x40))).victim_dirty, 3);
	assert_int_equal(cache_victim_pa(c).raw, FLIP);
	assert_true(write_at(c, 0x20, true, false).hit);
	assert_int_equal(cache_read(c, gva(0x60), pa_of(gva(0x60))).victim_dirty, 0);
	assert_int_equal(cache_read(c, gva(0x00), pa_of(gva(0x00))).victim_dirty, 3);
	assert_int_equal(cache_dirty_lines(c), 0);
	assert_true(write_at(c, 0x68, false, false).hit);
	assert_int_equal(cache_dirty_lines(c), 0);
	write_at(c, 0x68, true, false);
	assert_int_equal(cache_clean_line(c, gva(0x60), pa_of(gva(0x60)), NULL),
			 CACHE_DIRTY_LO);
	assert_false(write_at(c, 0x80, true, false).hit); /* no allocation: leaves it alone */
	assert_int_equal(n->castout_full, 2);
	assert_int_equal(n->castout_half, 0);
	assert_int_equal(n->cleaned_half, 1);
	assert_int_equal(n->cleaned_full, 0);
	assert_int_equal(n->fills, 5);
	assert_int_equal(n->evictions, 3);
	assert_int_equal(n->hits, 4);
	assert_int_equal(n->misses, 6);
	cache_destroy(c);
}

/* Two sets of two ways; lines 0 2 4 of set 0. Reads 0 2 0 4 2, as in test_tlb_hand. */
static void two_ways_by_hand(void **state)
{
	static const uint32_t lines[] = { 0, 2, 0, 4, 2 };
	static const struct { int policy; const char *hits; } rows[] = {
		{ REPLACE_LRU, "--h--" }, { REPLACE_FIFO, "--h-h" }, { REPLACE_PLRU, "--h--" },
	};

	(void)state;
	for (unsigned r = 0; r < 3; r++) {
		struct cache *c =
			make((struct cache_geom){ .bytes = 128, .ways = 2, .line_bytes = 32 },
			     rows[r].policy, CACHE_VIVT);

		for (unsigned i = 0; i < 5; i++)
			assert_int_equal(read_at(c, lines[i] * 32), rows[r].hits[i] == 'h');
		cache_destroy(c);
	}
}

/* Set and way: 4 sets, 2 ways; lines fill way 0, then way 1. */
static void by_set_and_way(void **state)
{
	struct cache *c = make((struct cache_geom){ .bytes = 256, .ways = 2, .line_bytes = 32 },
			       REPLACE_FIFO, CACHE_VIVT);

	(void)state;
	assert_int_equal(cache_sets(c), 4);
	assert_int_equal(cache_ways(c), 2);
	write_at(c, 0x60, true, true);                  /* set 3 way 0 */
	write_at(c, 0xf0, true, true);                  /* set 3 way 1 */
	assert_int_equal(cache_clean_way(c, 3, 0, false), CACHE_DIRTY_LO);
	assert_int_equal(cache_clean_way(c, 3, 0, true), 0);
	assert_false(read_at(c, 0x60));
	assert_int_equal(cache_inval_way(c, 3, 1), CACHE_DIRTY_HI);
	assert_int_equal(cache_inval_way(c, 3, 1), 0);
	assert_int_equal(cache_inval_way(c, 0, 0), 0);
	assert_int_equal(cache_resident(c), 1);
	cache_set_policy(c, REPLACE_LRU);
	assert_true(read_at(c, 0x60));
	cache_destroy(c);
}

static void absent(void **state)
{
	struct cache *c = make((struct cache_geom){ .bytes = 0 }, REPLACE_LRU, CACHE_PIPT);

	(void)state;
	assert_false(read_at(c, 0) || read_at(c, 0) || write_at(c, 0, true, true).filled);
	assert_int_equal(cache_clean_all(c, true).lines + cache_inval_all(c).lines, 0);
	assert_int_equal(cache_clean_line(c, gva(0), hpa(0), NULL), 0);
	assert_false(cache_pa_dirty(c, hpa(0)));
	assert_int_equal(cache_counts(c)->misses, 3);
	assert_int_equal(cache_counts(c)->fills + cache_resident(c) + cache_sets(c), 0);
	cache_destroy(c);
	cache_destroy(NULL);
}

static void impossible_shapes(void **state)
{
	static const struct { struct cache_geom g; const char *words; } rows[] = {
		{ { 3000, 4, 32, 0, 0 }, "l1d.bytes" },
		{ { 64, 4, 32, 0, 0 }, "l1d.bytes" },
		{ { 4096, 3, 32, 0, 0 }, "l1d.ways" },
		{ { 4096, 0, 32, 0, 0 }, "l1d.ways" },
		{ { 4096, 4, 24, 0, 0 }, "l1d.line" },
		{ { 4096, 4, 4, 0, 0 }, "from 8 to 1024" },
		{ { 65536, 4, 2048, 0, 0 }, "l1d.line" },
		{ { 4096, 128, 32, REPLACE_PLRU, 0 }, "plru" },
		{ { 4096, 4, 32, REPLACES, 0 }, "l1d.policy" },
		{ { 4096, 4, 32, 0, CACHE_KINDS }, "l1d.kind" },
	};
	struct cache *c;
	struct diag d;

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_err(ERR_CONFIG, cache_create(&c, &rows[i].g, 0, "l1d", &d), &d,
			   rows[i].words);
		assert_null(c);
	}
	assert_string_equal(cache_kind_name[CACHE_VIPT], "vipt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_by_hand),
		cmocka_unit_test(pa_dirty_sees_synonyms),
		cmocka_unit_test(halves_by_hand),
		cmocka_unit_test(two_ways_by_hand),
		cmocka_unit_test(by_set_and_way),
		cmocka_unit_test(absent),
		cmocka_unit_test(impossible_shapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
