/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/model/naive.h"

/* Turns the nodes above a leaf away from it: `first` and `n` are the leaves below the node. */
static void turn(bool *right, unsigned node, unsigned first, unsigned n, unsigned leaf)
{
	if (n == 1)
		return;
	right[node] = leaf < first + n / 2;
	if (right[node])
		turn(right, 2 * node, first, n / 2, leaf);
	else
		turn(right, 2 * node + 1, first + n / 2, n / 2, leaf);
}

static bool any(uint64_t allowed, unsigned first, unsigned n)
{
	for (unsigned i = first; i < first + n; i++)
		if (allowed >> i & 1)
			return true;
	return false;
}

static unsigned follow(const bool *right, unsigned node, unsigned first, unsigned n,
		       uint64_t allowed)
{
	bool go;

	if (n == 1)
		return first;
	go = any(allowed, first, n / 2) ? right[node] : true;
	if (!any(allowed, first + n / 2, n / 2))
		go = false;
	return go ? follow(right, 2 * node + 1, first + n / 2, n / 2, allowed)
		  : follow(right, 2 * node, first, n / 2, allowed);
}

void naive_touch(struct naive *n, unsigned set, unsigned way)
{
	n->set[set].used[way] = ++n->clock;
	if (n->policy == REPLACE_PLRU)
		turn(n->set[set].right, 1, 0, n->ways, way);
}

static unsigned oldest(const struct naive_set *s, unsigned ways, uint64_t allowed)
{
	int go = -1;

	for (unsigned w = 0; w < ways; w++)
		if (allowed >> w & 1 && (go < 0 || s->used[w] < s->used[go]))
			go = (int)w;
	return (unsigned)go;
}

static unsigned drawn(struct naive *n, uint64_t allowed)
{
	unsigned list[NAIVE_WAYS], count = 0;

	for (unsigned w = 0; w < n->ways; w++)
		if (allowed >> w & 1)
			list[count++] = w;
	return list[rng_below(&n->rng, count)];
}

unsigned naive_victim(struct naive *n, unsigned set, uint64_t allowed)
{
	struct naive_set *s = &n->set[set];
	unsigned way;

	switch (n->policy) {
	case REPLACE_LRU:
		return oldest(s, n->ways, allowed);
	case REPLACE_RANDOM:
		return drawn(n, allowed);
	case REPLACE_PLRU:
		return follow(s->right, 1, 0, n->ways, allowed);
	default:
		for (way = s->next; !(allowed >> way & 1);)
			way = (way + 1) % n->ways;
		s->next = (way + 1) % n->ways;
		return way;
	}
}

void naive_pass(struct naive *n, unsigned set, unsigned way)
{
	n->set[set].next = (way + 1) % n->ways;
}
