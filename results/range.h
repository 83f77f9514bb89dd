/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Least and greatest value of a ratio of two sums of costs, each unit cost free within its own
 * bounds. Both sums are linear in every cost and the lower one stays above zero, so a cost that
 * alone moves moves the ratio one way: both extremes are at corners of the box. Dinkelbach's
 * iteration finds them; integers throughout, products in 256 bits, so nothing is rounded.
 */
#ifndef SHADEWALK_RESULTS_RANGE_H
#define SHADEWALK_RESULTS_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/cost/ledger.h"

struct range_bounds { uint64_t low, high; };    /* low <= high */
struct quotient { cycles128_t num, den; };      /* den > 0 */
struct range { struct quotient min, max; };

/* Extremes of sum(num[i] * cost[i]) / sum(den[i] * cost[i]). False when the lower sum can be
 * zero. The caller's counts and costs are such that both sums fit 128 bits. */
bool range_of_ratio(const struct range_bounds *cost, const cycles128_t *num,
		    const cycles128_t *den, size_t n, struct range *out);

/* Exact: below, equal, above as -1, 0, 1. */
int quotient_order(const struct quotient *a, const struct quotient *b);
/* Rounded once for each part and once for the division. */
double quotient_value(const struct quotient *q);

#endif
