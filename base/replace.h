/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replacement policies, shared by caches and TLBs: no domain knowledge, just which way of a
 * full set goes. One policy is one or two inline functions over the state of one set:
 *
 *   lru     a stamp a way, from a clock that ticks at every touch: a hit costs one store, where
 *           an age byte a way would cost a pass over the set; 64 bits never wrap
 *   fifo    one word a set: the way that goes next (round robin), a victim counter. It moves
 *           only when a full set needs room; a fill of an invalid way leaves it alone
 *   random  no state in the set; one draw per allocation into a full set
 *   plru    one word a set: a binary tree of bits in heap order, bit 1 the root, 0 = go left.
 *           Ways must be a power of two, at most 64
 *
 * The owner of the tags looks for an invalid way first (lowest number) and asks for a victim
 * only when there is none; it reports every hit and every fill with replace_touch. Lockdown
 * leaves a subset of the ways to choose from: replace_victim_of, at most 64 ways.
 */
#ifndef SHADEWALK_BASE_REPLACE_H
#define SHADEWALK_BASE_REPLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"

/* X(id, name) ; round robin is `fifo` */
#define REPLACE_LIST(X) X(LRU, lru) X(FIFO, fifo) X(RANDOM, random) X(PLRU, plru)
enum replace {
#define X(id, name) REPLACE_##id,
	REPLACE_LIST(X)
#undef X
	REPLACES
};
extern const char *const replace_name[REPLACES];
int replace_find(const char *name);             /* enum replace, or -1 */
/* Can this policy run a set of so many ways? Only plru says no. */
bool replace_fits(enum replace p, unsigned ways);
#define REPLACE_FITS_TEXT "plru needs a power of two of at most 64 ways"

static inline void lru_touch(uint64_t *stamp, unsigned way, uint64_t *clock)
{
	stamp[way] = ++*clock;
}

static inline unsigned lru_victim(const uint64_t *stamp, unsigned ways)
{
	unsigned oldest = 0;

	for (unsigned w = 1; w < ways; w++)
		if (stamp[w] < stamp[oldest])
			oldest = w;
	return oldest;
}

static inline unsigned fifo_victim(uint64_t *next, unsigned ways)
{
	unsigned way = (unsigned)*next;

	*next = way + 1 == ways ? 0 : way + 1;
	return way;
}

static inline unsigned random_victim(struct rng *r, unsigned ways)
{
	return rng_below(r, ways);
}

/* Turns every node on the path to `way` away from it. Leaves are nodes ways .. 2 * ways - 1. */
static inline void plru_touch(uint64_t *tree, unsigned way, unsigned ways)
{
	for (unsigned node = ways + way; node > 1; node >>= 1) {
		uint64_t bit = UINT64_C(1) << (node >> 1);

		*tree = node & 1 ? *tree & ~bit : *tree | bit;
	}
}

static inline unsigned plru_victim(uint64_t tree, unsigned ways)
{
	unsigned node = 1;

	while (node < ways)
		node = node << 1 | (unsigned)(tree >> node & 1);
	return node - ways;
}

/* The sets of one structure under the policy chosen at run time. */
struct replace_sets {
	uint64_t *word;         /* [sets]: fifo, plru */
	uint64_t *stamp;        /* [sets * ways]: lru */
	uint64_t clock;
	struct rng rng;
	uint32_t sets, ways;
	uint8_t policy;         /* enum replace */
};

/* The random stream is the one of (seed, name). */
enum err replace_create(struct replace_sets *r, enum replace p, unsigned sets, unsigned ways,
			uint64_t seed, const char *name, struct diag *d)
	__attribute__((warn_unused_result));
void replace_release(struct replace_sets *r);
/* Another policy starts with fresh state, but the random stream goes on; the same: no-op. */
void replace_set_policy(struct replace_sets *r, enum replace p);

static inline void replace_touch(struct replace_sets *r, unsigned set, unsigned way)
{
	if (r->policy == REPLACE_LRU)
		lru_touch(r->stamp + (uint64_t)set * r->ways, way, &r->clock);
	else if (r->policy == REPLACE_PLRU)
		plru_touch(&r->word[set], way, r->ways);
}

/* The way of a full set that goes; ask once per allocation. */
static inline unsigned replace_victim(struct replace_sets *r, unsigned set)
{
	switch ((enum replace)r->policy) {
	case REPLACE_LRU:
		return lru_victim(r->stamp + (uint64_t)set * r->ways, r->ways);
	case REPLACE_FIFO:
		return fifo_victim(&r->word[set], r->ways);
	case REPLACE_RANDOM:
		return random_victim(&r->rng, r->ways);
	case REPLACE_PLRU:
		return plru_victim(r->word[set], r->ways);
	case REPLACES:
		break;
	}
	return 0;
}

/* The n-th way of a set of ways, counted from 0; there are more than n. */
static inline unsigned replace_nth(uint64_t allowed, unsigned n)
{
	while (n--)
		allowed &= allowed - 1;
	return (unsigned)__builtin_ctzll(allowed);
}

/* Lowest way allowed at or after `from`, else the lowest. */
static inline unsigned fifo_next_of(uint64_t allowed, unsigned from)
{
	uint64_t after = allowed & ~UINT64_C(0) << from;

	return replace_nth(after ? after : allowed, 0);
}

/* Oldest of the ways allowed. */
static inline unsigned lru_victim_of(const uint64_t *stamp, uint64_t allowed)
{
	unsigned oldest = replace_nth(allowed, 0);

	for (uint64_t left = allowed; left; left &= left - 1) {
		unsigned w = replace_nth(left, 0);

		if (stamp[w] < stamp[oldest])
			oldest = w;
	}
	return oldest;
}

/* As plru_victim, but turns off at every node whose half holds no way that is allowed. */
static inline unsigned plru_victim_of(uint64_t tree, unsigned ways, uint64_t allowed)
{
	unsigned node = 1, first = 0;

	for (unsigned half = ways / 2; half; half /= 2) {
		uint64_t mask = ((UINT64_C(1) << half) - 1) << first;
		bool right = tree >> node & 1;

		if (!(allowed & (right ? mask << half : mask)))
			right = !right;
		node = node << 1 | right;
		first += right ? half : 0;
	}
	return first;
}

/*
 * The way that goes among `allowed`: a bit a way, at least one of them, ways <= 64. With all of
 * them it is replace_victim. One draw under random; fifo's pointer passes over the others.
 */
static inline unsigned replace_victim_of(struct replace_sets *r, unsigned set, uint64_t allowed)
{
	unsigned way = 0;

	switch ((enum replace)r->policy) {
	case REPLACE_LRU:
		return lru_victim_of(r->stamp + (uint64_t)set * r->ways, allowed);
	case REPLACE_FIFO:
		way = fifo_next_of(allowed, (unsigned)r->word[set]);
		r->word[set] = way + 1 == r->ways ? 0 : way + 1;
		return way;
	case REPLACE_RANDOM:
		return replace_nth(allowed,
				   rng_below(&r->rng, (uint32_t)__builtin_popcountll(allowed)));
	case REPLACE_PLRU:
		return plru_victim_of(r->word[set], r->ways, allowed);
	case REPLACES:
		break;
	}
	return way;
}

/* A way was filled that the policy did not choose: fifo goes on behind it. */
static inline void replace_pass(struct replace_sets *r, unsigned set, unsigned way)
{
	if (r->policy == REPLACE_FIFO)
		r->word[set] = way + 1 == r->ways ? 0 : way + 1;
}

#endif
