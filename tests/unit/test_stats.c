/* SPDX-License-Identifier: GPL-2.0-or-later */
/* results/stats: values worked out by hand, and nothing said where nothing is known.
 * results/range: extremes of ratios against all corners. */
#include "tests/support.h"

#include <math.h>
#include <stdbool.h>

#include "results/range.h"
#include "results/stats.h"

static bool near(double a, double b) { return fabs(a - b) < 1e-9 * fabs(b); }

static void geomean_by_hand(void **state)
{
	const double x[] = {1, 4, 16}; /* logs 0, 1, 2 in units of ln 4: mean 1, s = 1 */
	struct geomean g;

	(void)state;
	assert_true(stats_geomean(x, 3, &g));
	assert_true(near(g.mean, 4));
	/* half width t(0.975, 2) / sqrt(3) in the same unit; t = 4.30265273 */
	assert_true(fabs(log(g.hi / g.mean) / log(4) - 4.30265273 / sqrt(3)) < 1e-6);
	assert_true(near(g.mean / g.lo, g.hi / g.mean));
	assert_true(stats_geomean(x + 1, 1, &g));
	assert_true(near(g.mean, 4) && near(g.lo, 4) && near(g.hi, 4));
}

static void geomean_refuses(void **state)
{
	const double bad[] = { 1, 0 }, worse[] = { 1, -2 }, worst[] = { NAN };
	struct geomean g;

	(void)state;
	assert_false(stats_geomean(bad, 0, &g));
	assert_int_equal(g.n, 0);
	assert_false(stats_geomean(bad, 2, &g));
	assert_false(stats_geomean(worse, 2, &g));
	assert_false(stats_geomean(worst, 1, &g));
}

static void quantiles(void **state)
{
	const double x[] = { 5, 1, 3, 2, 4 }, bad[] = { 1, NAN };
	double q;

	(void)state;
	assert_true(stats_quantile(x, 5, 0.5, &q) && near(q, 3));
	assert_true(stats_quantile(x, 5, 0.25, &q) && near(q, 2));
	assert_true(stats_quantile(x, 5, 0, &q) && near(q, 1));
	assert_true(stats_quantile(x, 5, 1, &q) && near(q, 5));
	assert_true(stats_quantile(x, 5, 0.375, &q) && near(q, 2.5));
	assert_false(stats_quantile(x, 0, 0.5, &q));
	assert_false(stats_quantile(x, 5, 1.5, &q));
	assert_false(stats_quantile(x, 5, NAN, &q));
	assert_false(stats_quantile(bad, 2, 0.5, &q));
}

static enum steady verdict_of(const double *x, size_t n)
{
	struct steadiness s;

	assert_int_equal(stats_steady(x, n, &s), ERR_OK);
	return s.verdict;
}

static void steady_or_not(void **state)
{
	double flat[20], ramp[20], step[20], tiny[20], burst[20], noise[20], zero[20] = { 0 };

	(void)state;
	for (int i = 0; i < 20; i++) {
		flat[i] = 100;
		ramp[i] = 100 + 5 * i;
		step[i] = i < 10 ? 100 : 130;
		tiny[i] = 100 + 0.01 * i;               /* a trend, but of 0.2 % */
		burst[i] = i >= 8 && i < 12 ? 300 : 100;
		noise[i] = 100 + 40 * ((i * 7) % 5);
	}
	assert_int_equal(verdict_of(flat, 20), STEADY_YES);
	assert_int_equal(verdict_of(ramp, 20), STEADY_DRIFTS);
	assert_int_equal(verdict_of(step, 20), STEADY_DRIFTS);
	assert_int_equal(verdict_of(tiny, 20), STEADY_YES);
	assert_int_equal(verdict_of(burst, 20), STEADY_YES);
	assert_int_equal(verdict_of(noise, 20), STEADY_YES);
	assert_int_equal(verdict_of(zero, 20), STEADY_UNKNOWN);
	assert_int_equal(verdict_of(ramp, STATS_STEADY_MIN - 1), STEADY_UNKNOWN);
	assert_int_equal(verdict_of(NULL, 0), STEADY_UNKNOWN);
}

/* n = 8, rising: S = 28, var = 8*7*21/18 = 65.333, z = 27/8.0829 = 3.3404, p = 0.000837 */
static void mann_kendall_by_hand(void **state)
{
	const double up[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct steadiness s;

	(void)state;
	assert_int_equal(stats_steady(up, 8, &s), ERR_OK);
	assert_true(fabs(s.p - 0.000837) < 5e-6);
	assert_true(near(s.half_shift, 4 / 4.5));
}

enum { UNKNOWNS = 7 };
struct made_ratio {
	struct range_bounds cost[UNKNOWNS];
	cycles128_t num[UNKNOWNS], den[UNKNOWNS];
};

static struct quotient at_corner(const struct made_ratio *m, unsigned corner)
{
	struct quotient q = { 0, 0 };

	for (unsigned i = 0; i < UNKNOWNS; i++) {
		uint64_t c = corner >> i & 1 ? m->cost[i].high : m->cost[i].low;

		q.num += m->num[i] * c;
		q.den += m->den[i] * c;
	}
	return q;
}

static uint64_t random_number(void)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	return x ^= x << 17;
}

static void ranges_against_every_corner(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 5000; round++) {
		/* from a few values, with many ties, up to sums just below 2^128 */
		unsigned counts = 62 - round % 61, costs = 61 - round % 59;
		struct made_ratio m;
		bool min_is_one = false, max_is_one = false;
		struct range got;

		for (unsigned i = 0; i < UNKNOWNS; i++) {
			uint64_t a = random_number() >> costs >> 1, b = random_number() >> costs;

			m.cost[i] = (struct range_bounds){ a < b ? a : b, a < b ? b : a };
			m.num[i] = random_number() >> counts;
			m.den[i] = random_number() >> counts;
		}
		if (!range_of_ratio(m.cost, m.num, m.den, UNKNOWNS, &got)) {
			assert_true(at_corner(&m, 0).den == 0);
			continue;
		}
		for (unsigned corner = 0; corner < 1U << UNKNOWNS; corner++) {
			struct quotient q = at_corner(&m, corner);

			assert_true(quotient_order(&got.min, &q) <= 0);
			assert_true(quotient_order(&got.max, &q) >= 0);
			min_is_one |= !quotient_order(&got.min, &q);
			max_is_one |= !quotient_order(&got.max, &q);
		}
		assert_true(min_is_one && max_is_one);
	}
}

static void ranges_by_hand(void **state)
{
	const struct range_bounds cost[] = { { 1, 1 }, { 10, 30 }, { 0, 5 } };
	const cycles128_t native[] = { 100, 2, 0 }, same[] = { 200, 4, 0 };
	const cycles128_t more[] = { 100, 2, 12 }, none[] = { 0, 0, 7 };
	struct range x;

	(void)state;
	assert_true(range_of_ratio(cost, same, native, 3, &x));
	assert_true(quotient_order(&x.min, &(struct quotient){ 2, 1 }) == 0);
	assert_true(quotient_order(&x.max, &(struct quotient){ 2, 1 }) == 0);
	/* greatest: what is only above goes high, what both pay goes low */
	assert_true(range_of_ratio(cost, more, native, 3, &x));
	assert_true(quotient_order(&x.min, &(struct quotient){ 1, 1 }) == 0);
	assert_true(quotient_order(&x.max, &(struct quotient){ 180, 120 }) == 0);
	assert_true(near(quotient_value(&x.max), 1.5));
	assert_false(range_of_ratio(cost, native, none, 3, &x));
	assert_false(range_of_ratio(cost, native, native, 0, &x));
}

/* Differences far below what doubles, or products in 128 bits, can tell apart. */
static void quotients_are_exact(void **state)
{
	const cycles128_t big = (cycles128_t)1 << 127;
	const struct quotient a = { big, big - 1 }, b = { big + 1, big }, c = { 2, 2 };

	(void)state;
	assert_int_equal(quotient_order(&a, &b), 1);
	assert_int_equal(quotient_order(&b, &a), -1);
	assert_int_equal(quotient_order(&b, &c), 1);
	assert_int_equal(quotient_order(&c, &(struct quotient){ 1, 1 }), 0);
	assert_true(near(quotient_value(&a), 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(geomean_by_hand),
		cmocka_unit_test(geomean_refuses),
		cmocka_unit_test(quantiles),
		cmocka_unit_test(steady_or_not),
		cmocka_unit_test(mann_kendall_by_hand),
		cmocka_unit_test(ranges_against_every_corner),
		cmocka_unit_test(ranges_by_hand),
		cmocka_unit_test(quotients_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
