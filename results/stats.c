/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool stats_geomean(const double *x, size_t n, struct geomean *g)
{
	double mean = 0, square = 0, half = 0;

	memset(g, 0, sizeof(*g));
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(x[i]) || x[i] <= 0)
			return false;
		mean += log(x[i]);
	}
	if (!n)
		return false;
	mean /= (double)n;
	for (size_t i = 0; i < n; i++)
		square += (log(x[i]) - mean) * (log(x[i]) - mean);
	if (n > 1)
		half = gsl_cdf_tdist_Pinv(0.975, (double)(n - 1)) *
		       sqrt(square / (double)(n - 1) / (double)n);
	*g = (struct geomean){
		.mean = exp(mean), .lo = exp(mean - half), .hi = exp(mean + half), .n = n};
	return true;
}

static double *sorted_copy(const double *x, size_t n)
{
	double *s = malloc(n * sizeof(*s));

	if (s) {
		memcpy(s, x, n * sizeof(*s));
		gsl_sort(s, 1, n);
	}
	return s;
}

bool stats_quantile(const double *x, size_t n, double q, double *out)
{
	double *s;

	if (!n || !(q >= 0 && q <= 1))
		return false;
	for (size_t i = 0; i < n; i++)
		if (isnan(x[i]))
			return false;
	s = sorted_copy(x, n);
	if (!s)
		return false;
	*out = gsl_stats_quantile_from_sorted_data(s, 1, n, q);
	free(s);
	return true;
}

/* Two-sided p of Mann-Kendall; variance of S corrected for groups of equal values
 * (Kendall, Rank Correlation Methods, 4th ed., 1975, chapter 4). */
static double mann_kendall(const double *x, const double *sorted, size_t n)
{
	double s = 0, nd = (double)n;
	double var = nd * (nd - 1) * (2 * nd + 5);

	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			s += (x[j] > x[i]) - (x[j] < x[i]);
	for (size_t i = 0, j; i < n; i = j) {
		double t;

		for (j = i + 1; j < n && !(sorted[j] > sorted[i]); j++)
			;
		t = (double)(j - i);
		var -= t * (t - 1) * (2 * t + 5);
	}
	var /= 18;
	if (var <= 0 || fabs(s) < 1)
		return 1;
	/* One step of continuity: S moves by 2 for one exchanged pair. */
	return 2 * gsl_cdf_ugaussian_Q((fabs(s) - 1) / sqrt(var));
}

enum err stats_steady(const double *x, size_t n, struct steadiness *s)
{
	double mean, *sorted;

	*s = (struct steadiness){ .verdict = STEADY_UNKNOWN, .p = 1 };
	if (n < STATS_STEADY_MIN)
		return ERR_OK;
	mean = gsl_stats_mean(x, 1, n);
	if (!isfinite(mean) || mean <= 0)
		return ERR_OK;
	sorted = sorted_copy(x, n);
	if (!sorted)
		return ERR_NOMEM;
	s->p = mann_kendall(x, sorted, n);
	/* An odd slice in the middle belongs to neither half. */
	s->half_shift = (gsl_stats_mean(x + n - n / 2, 1, n / 2) -
			 gsl_stats_mean(x, 1, n / 2)) / mean;
	s->verdict = s->p < 0.05 && fabs(s->half_shift) > 0.05 ? STEADY_DRIFTS : STEADY_YES;
	free(sorted);
	return ERR_OK;
}

const char *steady_text(enum steady v)
{
	return v == STEADY_YES ? "steady" : v == STEADY_DRIFTS ? "drifts" : "unknown";
}
