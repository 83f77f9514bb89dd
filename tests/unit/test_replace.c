/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/replace: names, which policy fits, and each policy against hand-derived victims. */
#include "tests/support.h"

#include "base/replace.h"

static struct replace_sets make(enum replace p, unsigned sets, unsigned ways, uint64_t seed)
{
	struct replace_sets r;
	struct diag d;

	assert_ok(replace_create(&r, p, sets, ways, seed, "test", &d), &d);
	return r;
}

static void names_are_found(void **state)
{
	(void)state;
	for (int p = 0; p < REPLACES; p++)
		assert_int_equal(replace_find(replace_name[p]), p);
	assert_string_equal(replace_name[REPLACE_FIFO], "fifo");
	assert_int_equal(replace_find("rr"), -1);
	assert_int_equal(replace_find(""), -1);
}

static void only_plru_is_choosy(void **state)
{
	(void)state;
	for (unsigned ways = 1; ways < 200; ways++) {
		bool tree = ways <= 64 && (ways & (ways - 1)) == 0;

		assert_true(replace_fits(REPLACE_LRU, ways));
		assert_true(replace_fits(REPLACE_FIFO, ways));
		assert_true(replace_fits(REPLACE_RANDOM, ways));
		assert_int_equal(replace_fits(REPLACE_PLRU, ways), tree);
	}
	assert_false(replace_fits(REPLACE_PLRU, 0));
}

/* Every victim is a way of the set, whatever the history; one way leaves no choice. */
static void victims_are_ways(void **state)
{
	struct rng rng = rng_stream(1, "victims_are_ways");

	(void)state;
	for (int p = 0; p < REPLACES; p++) {
		for (unsigned ways = 1; ways <= 64; ways *= 2) {
			struct replace_sets r = make((enum replace)p, 4, ways, 7);

			for (unsigned i = 0; i < 2000; i++) {
				unsigned set = rng_below(&rng, 4);

				replace_touch(&r, set, rng_below(&rng, ways));
				assert_in_range(replace_victim(&r, set), 0, ways - 1);
			}
			replace_release(&r);
		}
	}
}

/* Ways 0 1 2 3 touched in the order 2 0 3 1 0: 2 is the oldest, then 3, then 1, then 0. */
static void lru_by_hand(void **state)
{
	static const unsigned touched[] = { 2, 0, 3, 1, 0 }, goes[] = { 2, 3, 1, 0 };
	struct replace_sets r = make(REPLACE_LRU, 2, 4, 0);

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		replace_touch(&r, 1, touched[i]);
	replace_touch(&r, 0, 3);        /* the other set has no say */
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(replace_victim(&r, 1), goes[i]);
		replace_touch(&r, 1, goes[i]);
	}
	replace_release(&r);
}

/* Hits do not move it; each set has its own pointer; three ways are legal. */
static void fifo_by_hand(void **state)
{
	struct replace_sets r = make(REPLACE_FIFO, 2, 3, 0);

	(void)state;
	for (unsigned i = 0; i < 7; i++) {
		replace_touch(&r, 0, 0);
		assert_int_equal(replace_victim(&r, 0), i % 3);
	}
	assert_int_equal(replace_victim(&r, 1), 0);
	replace_release(&r);
}

/*
 * Four ways: root r over (0 1) and (2 3), left node a, right node b; a bit points to the side
 * that goes next, a touch turns the bits of its path away from it. Start: all 0 (left).
 *   touch 0: r=1 a=1      victim: r right, b left  -> 2
 *   touch 2: r=0 b=1      victim: r left,  a right -> 1
 *   touch 1: r=1 a=0      victim: r right, b right -> 3
 *   touch 3: r=0 b=0      victim: r left,  a left  -> 0
 *   touch 1: r=1 a=0      victim: r right, b left  -> 2, though true LRU would say 0
 */
static void plru_by_hand(void **state)
{
	static const unsigned touched[] = { 0, 2, 1, 3, 1 }, goes[] = { 2, 1, 3, 0, 2 };
	struct replace_sets r = make(REPLACE_PLRU, 1, 4, 0);

	(void)state;
	assert_int_equal(replace_victim(&r, 0), 0);
	for (unsigned i = 0; i < 5; i++) {
		replace_touch(&r, 0, touched[i]);
		assert_int_equal(replace_victim(&r, 0), goes[i]);
		assert_int_equal(replace_victim(&r, 0), goes[i]); /* asking changes nothing */
	}
	replace_release(&r);
}

/* The way touched last never goes (more than one way); with two ways plru is lru. */
static void plru_spares_the_latest(void **state)
{
	struct rng rng = rng_stream(2, "plru");

	(void)state;
	for (unsigned ways = 2; ways <= 64; ways *= 2) {
		struct replace_sets r = make(REPLACE_PLRU, 1, ways, 0);
		struct replace_sets lru = make(REPLACE_LRU, 1, ways, 0);

		for (unsigned w = 0; w < ways; w++) {
			replace_touch(&r, 0, w);
			replace_touch(&lru, 0, w);
		}
		for (unsigned i = 0; i < 1000; i++) {
			unsigned way = rng_below(&rng, ways);

			replace_touch(&r, 0, way);
			replace_touch(&lru, 0, way);
			assert_int_not_equal(replace_victim(&r, 0), way);
			if (ways == 2)
				assert_int_equal(replace_victim(&r, 0),
						 replace_victim(&lru, 0));
		}
		replace_release(&r);
		replace_release(&lru);
	}
}

/* Touching each victim of plru in turn visits every way once a round. */
static void plru_round_visits_all(void **state)
{
	(void)state;
	for (unsigned ways = 1; ways <= 64; ways *= 2) {
		struct replace_sets r = make(REPLACE_PLRU, 1, ways, 0);

		for (unsigned round = 0; round < 3; round++) {
			uint64_t seen = 0;

			for (unsigned i = 0; i < ways; i++) {
				unsigned way = replace_victim(&r, 0);

				assert_false(seen >> way & 1);
				seen |= UINT64_C(1) << way;
				replace_touch(&r, 0, way);
			}
		}
		replace_release(&r);
	}
}

/*
 * One draw a victim and none a touch, from the stream of (seed, name): the victims are those
 * of a bare generator. 64,000 draws over 64 ways: expected 1000 a way, sd 31; 200 is > 6 sd.
 */
static void random_draws_once(void **state)
{
	struct replace_sets r = make(REPLACE_RANDOM, 3, 64, 42);
	struct rng bare = rng_stream(42, "test");
	unsigned count[64] = { 0 };

	(void)state;
	for (unsigned i = 0; i < 64000; i++) {
		unsigned way;

		replace_touch(&r, i % 3, i % 64);
		way = replace_victim(&r, i % 3);
		assert_int_equal(way, rng_below(&bare, 64));
		count[way]++;
	}
	for (unsigned w = 0; w < 64; w++)
		assert_in_range(count[w], 800, 1200);
	replace_release(&r);
}

static void policy_change_starts_afresh(void **state)
{
	struct replace_sets r = make(REPLACE_FIFO, 1, 4, 9);
	struct rng bare = rng_stream(9, "test");

	(void)state;
	replace_victim(&r, 0);
	replace_set_policy(&r, REPLACE_FIFO);                   /* the same: nothing happens */
	assert_int_equal(replace_victim(&r, 0), 1);
	replace_set_policy(&r, REPLACE_RANDOM);
	assert_int_equal(replace_victim(&r, 0), rng_below(&bare, 4));
	replace_set_policy(&r, REPLACE_FIFO);
	assert_int_equal(replace_victim(&r, 0), 0);
	replace_set_policy(&r, REPLACE_RANDOM);                 /* the stream went on */
	assert_int_equal(replace_victim(&r, 0), rng_below(&bare, 4));
	replace_release(&r);
}

/* With every way allowed it is the plain victim, from the same draws; else one of the allowed. */
static void victims_are_allowed(void **state)
{
	struct rng rng = rng_stream(4, "allowed");

	(void)state;
	for (int p = 0; p < REPLACES; p++) {
		for (unsigned ways = 1; ways <= 64; ways *= 2) {
			struct replace_sets a = make((enum replace)p, 2, ways, 3);
			struct replace_sets b = make((enum replace)p, 2, ways, 3);
			uint64_t all = ~UINT64_C(0) >> (64 - ways);

			for (unsigned i = 0; i < 2000; i++) {
				unsigned set = rng_below(&rng, 2), way = rng_below(&rng, ways);
				uint64_t some = rng_next(&rng) & rng_next(&rng) & all;

				replace_touch(&a, set, way);
				replace_touch(&b, set, way);
				if (i < 1000)
					assert_int_equal(replace_victim_of(&a, set, all),
							 replace_victim(&b, set));
				else if (some)
					assert_true(some >> replace_victim_of(&a, set, some) & 1);
			}
			replace_release(&a);
			replace_release(&b);
		}
	}
}

/*
 * Four ways, 1 and 2 allowed.
 *   lru   touched 2 0 3 1: 2 is older than 1
 *   fifo  pointer 0: 1; then 2; pointer 3: round to 1. Behind a fill of way 1 by others: 2
 *   plru  all bits left: half (0 1) has 1, and its left leaf is not allowed: 1. After touch 1
 *         (root right): half (2 3), left leaf: 2. Only 3 allowed: 3, whatever the bits say
 */
static void allowed_by_hand(void **state)
{
	static const unsigned touched[] = { 2, 0, 3, 1 }, fifo[] = { 1, 2, 1 };
	struct replace_sets lru = make(REPLACE_LRU, 1, 4, 0);
	struct replace_sets rr = make(REPLACE_FIFO, 1, 4, 0);
	struct replace_sets plru = make(REPLACE_PLRU, 1, 4, 0);

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		replace_touch(&lru, 0, touched[i]);
	assert_int_equal(replace_victim_of(&lru, 0, 6), 2);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(replace_victim_of(&rr, 0, 6), fifo[i]);
	replace_pass(&rr, 0, 1);
	assert_int_equal(replace_victim_of(&rr, 0, 6), 2);
	replace_pass(&rr, 0, 3);
	assert_int_equal(replace_victim(&rr, 0), 0);
	assert_int_equal(replace_victim_of(&plru, 0, 6), 1);
	replace_touch(&plru, 0, 1);
	assert_int_equal(replace_victim_of(&plru, 0, 6), 2);
	assert_int_equal(replace_victim_of(&plru, 0, 8), 3);
	replace_release(&lru);
	replace_release(&rr);
	replace_release(&plru);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(only_plru_is_choosy),
		cmocka_unit_test(victims_are_ways),
		cmocka_unit_test(lru_by_hand),
		cmocka_unit_test(fifo_by_hand),
		cmocka_unit_test(plru_by_hand),
		cmocka_unit_test(plru_spares_the_latest),
		cmocka_unit_test(plru_round_visits_all),
		cmocka_unit_test(random_draws_once),
		cmocka_unit_test(policy_change_starts_afresh),
		cmocka_unit_test(victims_are_allowed),
		cmocka_unit_test(allowed_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
