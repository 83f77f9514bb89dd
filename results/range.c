/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/range.h"

struct wide { cycles128_t high, low; };

static struct wide multiply(cycles128_t a, cycles128_t b)
{
	cycles128_t a1 = a >> 64, a0 = (uint64_t)a, b1 = b >> 64, b0 = (uint64_t)b;
	cycles128_t low = a0 * b0, left = a1 * b0, right = a0 * b1;
	cycles128_t mid = (low >> 64) + (uint64_t)left + (uint64_t)right;

	return (struct wide){ a1 * b1 + (left >> 64) + (right >> 64) + (mid >> 64),
			      mid << 64 | (uint64_t)low };
}

/* Order of a * b and c * d. */
static int order_of_products(cycles128_t a, cycles128_t b, cycles128_t c, cycles128_t d)
{
	struct wide x = multiply(a, b), y = multiply(c, d);

	if (x.high != y.high)
		return x.high < y.high ? -1 : 1;
	return (x.low > y.low) - (x.low < y.low);
}

int quotient_order(const struct quotient *a, const struct quotient *b)
{
	return order_of_products(a->num, b->den, b->num, a->den);
}

double quotient_value(const struct quotient *q)
{
	return (double)q->num / (double)q->den;
}

/*
 * The corner that is best when q is what a ratio has to beat: a cost goes high where its
 * coefficient num[i] - q * den[i] has the wanted sign (1: greatest ratio, -1: least).
 */
static struct quotient best_corner(const struct range_bounds *cost, const cycles128_t *num,
				   const cycles128_t *den, size_t n, const struct quotient *q,
				   int sign)
{
	struct quotient sum = { 0, 0 };

	for (size_t i = 0; i < n; i++) {
		bool up = order_of_products(num[i], q->den, q->num, den[i]) == sign;
		uint64_t c = up ? cost[i].high : cost[i].low;

		sum.num += num[i] * c;
		sum.den += den[i] * c;
	}
	return sum;
}

bool range_of_ratio(const struct range_bounds *cost, const cycles128_t *num,
		    const cycles128_t *den, size_t n, struct range *out)
{
	struct quotient start = { 0, 0 };

	for (size_t i = 0; i < n; i++) {
		start.num += num[i] * cost[i].low;
		start.den += den[i] * cost[i].low;
	}
	if (!start.den)
		return false;
	out->min = out->max = start;
	for (int sign = -1; sign <= 1; sign += 2) {
		struct quotient *at = sign < 0 ? &out->min : &out->max, next = start;

		/* Every step is a strictly better corner: it ends. */
		do {
			*at = next;
			next = best_corner(cost, num, den, n, at, sign);
		} while (quotient_order(&next, at) == sign);
	}
	return true;
}
