/* SPDX-License-Identifier: GPL-2.0-or-later */
/* results/stats: values worked out by hand, and nothing said where nothing is known. */
#include "tests/support.h"

#include <math.h>
#include <stdbool.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(geomean_by_hand),
		cmocka_unit_test(geomean_refuses),
		cmocka_unit_test(quantiles),
		cmocka_unit_test(steady_or_not),
		cmocka_unit_test(mann_kendall_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
