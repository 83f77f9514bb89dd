/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics of reports, on GSL. Every function says when there is nothing to say. */
#ifndef SHADEWALK_RESULTS_STATS_H
#define SHADEWALK_RESULTS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Geometric mean with its 95 % confidence interval (Student's t on the logarithms). It takes
 * the traces for a sample of workloads, which has to be argued; lo = hi = mean for n = 1. */
struct geomean { double mean, lo, hi; size_t n; };
/* False for n = 0 or a value that is not positive and finite. */
bool stats_geomean(const double *x, size_t n, struct geomean *g);

/* Quantile 0 <= q <= 1 by linear interpolation. False for n = 0, NaN or a q out of range. */
bool stats_quantile(const double *x, size_t n, double q, double *out);

/*
 * Is a run steady: does the cost of a slice drift over the window? Two conditions make a drift:
 *   significant  Mann-Kendall trend test, two-sided, 5 %, corrected for ties
 *   relevant     means of first and second half differ by more than 5 % of the whole mean
 * Either alone does not: slices are serially correlated, so the test alone cries wolf over
 * tiny trends, and one odd slice can part the halves without any trend. A burst in the middle
 * is not a drift. Fewer than STATS_STEADY_MIN slices, or no cycles at all: not known.
 */
enum { STATS_STEADY_MIN = 8 };
enum steady { STEADY_UNKNOWN, STEADY_YES, STEADY_DRIFTS };
struct steadiness {
	enum steady verdict;
	double p;               /* of the trend test */
	double half_shift;      /* (second half - first half) / mean */
};
enum err stats_steady(const double *x, size_t n, struct steadiness *s)
	__attribute__((warn_unused_result));    /* ERR_OK or ERR_NOMEM */
const char *steady_text(enum steady v);         /* "steady", "drifts", "unknown" */

#endif
