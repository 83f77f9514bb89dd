/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/rng: the published sequence, ranges, and streams that do not disturb each other. */
#include "tests/support.h"

#include "base/rng.h"

/* First outputs of splitmix64 from state 0, as its authors' reference code prints them. */
static void published_sequence(void **state)
{
	static const uint64_t want[] = {
		UINT64_C(0xe220a8397b1dcdaf), UINT64_C(0x6e789e6aa1b965f4),
		UINT64_C(0x06c45d188009454f),
	};
	struct rng r = { .state = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_true(rng_next(&r) == want[i]);
}

static void below_stays_below(void **state)
{
	struct rng r = { .state = 1 };

	(void)state;
	for (uint32_t n = 1; n < 70; n++)
		for (int i = 0; i < 200; i++)
			assert_true(rng_below(&r, n) < n);
	for (int i = 0; i < 200; i++)
		assert_true(rng_below(&r, UINT32_MAX) < UINT32_MAX);
}

/*
 * 64 000 draws into 64 boxes: chi squared with 63 degrees of freedom has mean 63 and standard
 * deviation 11.2; 63 + 6 * 11.2 = 130 is never reached by a fair generator of fixed seed.
 */
static void below_is_even(void **state)
{
	struct rng r = rng_stream(1, "test");
	unsigned box[64] = { 0 };
	double chi = 0;

	(void)state;
	for (int i = 0; i < 64000; i++)
		box[rng_below(&r, 64)]++;
	for (int i = 0; i < 64; i++)
		chi += ((double)box[i] - 1000.0) * ((double)box[i] - 1000.0) / 1000.0;
	assert_true(chi < 130.0);
}

static void streams_are_named(void **state)
{
	struct rng a = rng_stream(7, "dtlb"), again = rng_stream(7, "dtlb");
	struct rng other = rng_stream(7, "itlb"), seed = rng_stream(8, "dtlb");

	(void)state;
	for (int i = 0; i < 100; i++) {
		uint64_t v = rng_next(&a);

		assert_true(v == rng_next(&again));
		assert_true(v != rng_next(&other));
		assert_true(v != rng_next(&seed));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_sequence),
		cmocka_unit_test(below_stays_below),
		cmocka_unit_test(below_is_even),
		cmocka_unit_test(streams_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
