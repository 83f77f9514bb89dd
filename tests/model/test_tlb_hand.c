/* SPDX-License-Identifier: GPL-2.0-or-later */
/* models/tlb: small examples derived by hand, with the working in the comments. */
#include "tests/support.h"

#include "models/tlb/tlb.h"

static struct tlb *make(struct tlb_geom g, int policy)
{
	struct tlb *t;
	struct diag d;

	g.policy = (uint8_t)policy;
	assert_ok(tlb_create(&t, &g, 0, "tlb", &d), &d);
	return t;
}

/* A walk as walk_v5 would return it; the base encodes the page, so that mix-ups show. */
static struct walk page(gva_t mva, unsigned size_log2)
{
	struct walk w = { .levels = size_log2 == 20 ? 1 : 2 };

	w.leaf.kind = PT_LEAF;
	w.leaf.size_log2 = (uint8_t)size_log2;
	w.leaf.base = (mva.raw ^ 0x80000000u) >> size_log2 << size_log2;
	return w;
}

static const struct tlb_entry *fill(struct tlb *t, uint32_t mva, unsigned size_log2)
{
	struct walk w = page(gva(mva), size_log2);

	return tlb_fill(t, gva(mva), &w);
}

/* Looks up a small page and refills on a miss, as an engine does; returns whether it hit. */
static bool use(struct tlb *t, uint32_t mva)
{
	if (tlb_lookup(t, gva(mva)))
		return true;
	fill(t, mva, 12);
	return false;
}

/*
 * Two sets of two ways, small pages; even page numbers share set 0. Uses 0 2 0 4 2:
 *   lru   0 miss, 2 miss, 0 hit, 4 miss (2 goes), 2 miss (0 goes): holds 4 2, 1 hit
 *   fifo  0 miss, 2 miss, 0 hit, 4 miss (0 goes), 2 hit          : holds 4 2, 2 hits
 * plru with two ways is lru.
 */
static void two_ways_by_hand(void **state)
{
	static const uint32_t pages[] = { 0, 2, 0, 4, 2 };
	static const struct { int policy; const char *hits; unsigned evictions; } rows[] = {
		{ REPLACE_LRU, "--h--", 2 },
		{ REPLACE_FIFO, "--h-h", 1 },
		{ REPLACE_PLRU, "--h--", 2 },
	};

	(void)state;
	for (unsigned r = 0; r < 3; r++) {
		struct tlb *t =
			make((struct tlb_geom){ .entries = 4, .ways = 2 }, rows[r].policy);

		for (unsigned i = 0; i < 5; i++)
			assert_int_equal(use(t, pages[i] << 12),
					 rows[r].hits[i] == 'h');
		assert_int_equal(tlb_counts(t)->evictions, rows[r].evictions);
		assert_null(tlb_peek(t, gva(0)));
		tlb_destroy(t);
	}
}

static void lockdown(void **state)
{
	struct tlb *t =
		make((struct tlb_geom){ .entries = 4, .ways = 2, .locked = 2 }, REPLACE_FIFO);
	struct walk w = page(gva(0xc0000000), 20);

	(void)state;
	fill(t, 0xc0012345, 20);
	tlb_fill_locked(t, 1, gva(0xc0012345), &w); /* takes the place of the unlocked one */
	assert_int_equal(tlb_resident(t), 1);
	for (uint32_t p = 0; p < 100; p++)
		fill(t, 0x10000000 + p * 4096, 12);
	assert_non_null(tlb_peek(t, gva(0xc00fffff)));  /* never a victim */
	assert_int_equal(tlb_inval_all(t), 4);
	assert_int_equal(tlb_resident(t), 1);
	assert_non_null(tlb_lookup(t, gva(0xc0000000)));
	w.leaf.ap[0] = 2;
	tlb_fill(t, gva(0xc0000000), &w);               /* replaced in place: still locked */
	assert_int_equal(tlb_inval_all(t), 0);
	assert_int_equal(tlb_peek(t, gva(0xc0000000))->w.leaf.ap[0], 2);
	assert_int_equal(tlb_inval_mva(t, gva(0xc0080000)), 1);
	assert_int_equal(tlb_resident(t), 0);
	tlb_destroy(t);
}

/* What was found a moment ago is not found after it was invalidated or its way reused. */
static void nothing_lingers(void **state)
{
	struct tlb *t = make((struct tlb_geom){ .entries = 1, .ways = 1 }, REPLACE_LRU);

	(void)state;
	assert_false(use(t, 0x1000));
	assert_true(use(t, 0x1000));
	tlb_inval_all(t);
	assert_false(use(t, 0x1000));
	assert_true(use(t, 0x1000));
	tlb_inval_mva(t, gva(0x1000));
	assert_false(use(t, 0x1000));
	assert_true(use(t, 0x1000));
	assert_false(use(t, 0x2000));
	assert_false(use(t, 0x1000));
	tlb_destroy(t);
}

static void mixed_sizes(void **state)
{
	struct tlb *t = make((struct tlb_geom){ .entries = 8, .ways = 4 }, REPLACE_LRU);

	(void)state;
	fill(t, 0x12300000, 20);
	assert_int_equal(tlb_inval_mva(t, gva(0x123ff000)), 1); /* inside the section */
	assert_null(tlb_peek(t, gva(0x12300000)));

	fill(t, 0x12345000, 12);
	assert_non_null(tlb_lookup(t, gva(0x12345ffc)));
	fill(t, 0x12300000, 20);        /* over the small page, which another address missed */
	assert_int_equal(tlb_resident(t), 2);
	assert_int_equal(tlb_lookup(t, gva(0x12345ffc))->size_log2, 20);
	assert_int_equal(tlb_inval_mva(t, gva(0x12345000)), 2);
	assert_int_equal(tlb_resident(t), 0);

	fill(t, 0x12300000, 20);
	fill(t, 0x12345000, 12);        /* translates the same address: the section goes */
	assert_int_equal(tlb_resident(t), 1);
	assert_int_equal(tlb_lookup(t, gva(0x12345000))->size_log2, 12);
	assert_null(tlb_lookup(t, gva(0x12346000)));
	assert_int_equal(tlb_counts(t)->evictions, 0);
	assert_int_equal(tlb_counts(t)->dropped, 4);
	tlb_destroy(t);
}

static void tag_of_the_caller(void **state)
{
	struct tlb *t = make((struct tlb_geom){ .entries = 64, .ways = 2 }, REPLACE_LRU);
	const struct tlb_entry *e = fill(t, 0x1000, 12);

	(void)state;
	assert_int_equal(e->user, 0);
	tlb_set_user(t, e, 77);
	assert_int_equal(tlb_lookup(t, gva(0x1000))->user, 77);
	assert_int_equal(fill(t, 0x1000, 12)->user, 0);
	tlb_destroy(t);
}

/* SCTLR.RR on a native core: random, then fifo from way 0. Four ways of 4 KB pages. */
static void policy_can_change(void **state)
{
	struct tlb *t = make((struct tlb_geom){ .entries = 4, .ways = 4 }, REPLACE_RANDOM);

	(void)state;
	for (uint32_t p = 0; p < 4; p++)
		fill(t, p << 12, 12);
	tlb_set_policy(t, REPLACE_FIFO);
	for (uint32_t p = 0; p < 4; p++) {
		fill(t, (p + 8) << 12, 12);
		assert_null(tlb_peek(t, gva(p << 12)));
	}
	tlb_destroy(t);
}

static void absent(void **state)
{
	struct tlb *t = make((struct tlb_geom){ .entries = 0 }, REPLACE_LRU);

	(void)state;
	assert_null(tlb_lookup(t, gva(0)));
	assert_null(fill(t, 0, 12));
	assert_null(tlb_lookup(t, gva(0)));
	assert_int_equal(tlb_inval_all(t) + tlb_inval_mva(t, gva(0)) + tlb_resident(t), 0);
	assert_int_equal(tlb_counts(t)->misses, 2);
	assert_int_equal(tlb_counts(t)->fills, 0);
	tlb_destroy(t);
	tlb_destroy(NULL);
}

static void impossible_shapes(void **state)
{
	struct tlb *t;
	struct diag d;

	(void)state;
	assert_err(ERR_CONFIG, tlb_create(&t, &(struct tlb_geom){ .entries = 64, .ways = 3 }, 0,
					  "itlb", &d), &d, "itlb.ways");
	assert_null(t);
	assert_err(ERR_CONFIG,
		   tlb_geom_check(&(struct tlb_geom){ .entries = 12, .ways = 4 }, "tlb", &d),
		   &d, "power of two");
	assert_err(ERR_CONFIG, tlb_geom_check(&(struct tlb_geom){ .entries = 8 }, "tlb", &d),
		   &d, "0 ways");
	assert_err(ERR_CONFIG,
		   tlb_geom_check(&(struct tlb_geom){ 128, 128, 0, REPLACE_PLRU, 0 }, "tlb", &d),
		   &d, "plru");
	assert_err(ERR_CONFIG,
		   tlb_geom_check(&(struct tlb_geom){ 64, 64, 0, REPLACES, 0 }, "tlb", &d), &d,
		   "tlb.policy");
	assert_err(ERR_CONFIG, tlb_geom_check(&(struct tlb_geom){ 64, 64, 0, 0, TLB_LOCKS }, "dtlb",
					      &d), &d, "dtlb.lock: no kind");
	assert_err(ERR_CONFIG, tlb_geom_check(&(struct tlb_geom){ 64, 2, 0, 0, TLB_LOCK_BASE },
					      "dtlb", &d), &d, "base needs a fully associative");
	assert_err(ERR_CONFIG, tlb_geom_check(&(struct tlb_geom){ 96, 96, 0, 0, TLB_LOCK_POINTER },
					      "dtlb", &d), &d, "2 to 64 entries, not 96");
	assert_err(ERR_CONFIG, tlb_geom_check(&(struct tlb_geom){ 1, 1, 0, 0, TLB_LOCK_POINTER },
					      "dtlb", &d), &d, "dtlb.lock: pointer");
	assert_err(ERR_CONFIG, tlb_geom_check(&(struct tlb_geom){ 64, 64, 8, 0, TLB_LOCK_BASE },
					      "itlb", &d), &d, "itlb.locked: 8");
	assert_ok(tlb_geom_check(&(struct tlb_geom){ 64, 64, 0, 0, TLB_LOCK_BASE }, "i", &d), &d);
	assert_string_equal(tlb_lock_name[TLB_LOCK_POINTER], "pointer");
	assert_ok(tlb_geom_check(&(struct tlb_geom){ 96, 48, 0, REPLACE_LRU, 0 }, "tlb", &d), &d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_ways_by_hand),
		cmocka_unit_test(lockdown),
		cmocka_unit_test(nothing_lingers),
		cmocka_unit_test(mixed_sizes),
		cmocka_unit_test(tag_of_the_caller),
		cmocka_unit_test(policy_can_change),
		cmocka_unit_test(absent),
		cmocka_unit_test(impossible_shapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
