/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cache lockdown: which way a fill takes. Kinds and sources: cache.h.
 *
 * Kinds index and lines keep a victim counter: `forced` is where it was set, otherwise it is the
 * policy's. An XScale counter starts at the last way of each set and returns there at each lock
 * (manual 4.2.3 for the start; 3.4.4 for the TLBs, and for the caches by analogy: assumption).
 */
#include <assert.h>
#include <string.h>

#include "models/cache/cache_inside.h"

#define X(id, name) [CACHE_LOCK_##id] = #name,
const char *const cache_lock_name[CACHE_LOCKS] = { CACHE_LOCK_LIST(X) };
#undef X

enum err cache_lock_check(const struct cache_geom *g, unsigned lock, const char *name,
			  struct diag *d)
{
	if (lock >= CACHE_LOCKS)
		return diag_set(d, ERR_CONFIG, "%s.lock: no kind %u of lockdown", name, lock);
	if (g->bytes && lock != CACHE_LOCK_NONE && (g->ways < 2 || g->ways > LOCK_WAYS_MAX))
		return diag_set(d, ERR_CONFIG, "%s.lock: %s needs 2 to %u ways, not %u", name,
				cache_lock_name[lock], LOCK_WAYS_MAX, g->ways);
	return ERR_OK;
}

static void force_all(struct cache *c, unsigned way)
{
	memset(c->forced, (int)way, c->sets);
}

void cache_set_lock(struct cache *c, enum cache_lock lock)
{
	assert(lock < CACHE_LOCKS && !c->resident && !c->n.fills);
	assert(lock == CACHE_LOCK_NONE || !c->sets || (c->ways > 1 && c->ways <= LOCK_WAYS_MAX));
	c->lock = (uint8_t)lock;
	force_all(c, lock == CACHE_LOCK_LINES ? c->ways - 1 : NOT_FORCED);
}

uint64_t cache_free_ways(const struct cache *c, unsigned set)
{
	uint64_t all = ~UINT64_C(0) >> (LOCK_WAYS_MAX - c->ways);

	if (c->lock == CACHE_LOCK_INDEX || c->lock == CACHE_LOCK_LINES)
		return all & ~UINT64_C(0) << c->first[set];
	all &= ~c->locked_ways;
	return all || c->lock == CACHE_LOCK_WAYS ? all : 1;
}

bool cache_is_locked(const struct cache *c, unsigned set, unsigned way)
{
	return c->lock != CACHE_LOCK_NONE && !(cache_free_ways(c, set) >> way & 1);
}

static int choose_unlocked(struct cache *c, unsigned set)
{
	const uint64_t *tag = c->tag + cache_slot_of(c, set, 0);
	uint64_t ways = cache_free_ways(c, set);

	for (uint64_t left = ways; left; left &= left - 1)
		if (!tag[replace_nth(left, 0)])
			return (int)replace_nth(left, 0);
	return ways ? (int)replace_victim_of(&c->replace, set, ways) : NONE;
}

/* Where the victim counter stands. */
static unsigned choose_counted(struct cache *c, unsigned set)
{
	unsigned way = c->forced[set];

	if (way == NOT_FORCED)
		return replace_victim_of(&c->replace, set, cache_free_ways(c, set));
	c->forced[set] = NOT_FORCED;
	replace_pass(&c->replace, set, way);
	return way;
}

int cache_locked_choice(struct cache *c, unsigned set, bool lock)
{
	unsigned spare = c->ways < 8 ? 1 : c->ways / 8, way;

	if (c->lock == CACHE_LOCK_WAYS || c->lock == CACHE_LOCK_WAYS0)
		return choose_unlocked(c, set);
	if (!lock)
		return (int)choose_counted(c, set);
	way = c->first[set];
	if (way < c->ways - spare)
		c->first[set]++;
	else
		way = c->ways - 1;      /* comes in, and the lock is ignored (manual 4.3.4) */
	c->forced[set] = (uint8_t)(c->ways - 1);
	return (int)way;
}

void cache_lock_ways(struct cache *c, uint64_t mask)
{
	assert(c->lock == CACHE_LOCK_WAYS || c->lock == CACHE_LOCK_WAYS0);
	c->locked_ways = mask;
}

void cache_lock_base(struct cache *c, unsigned base)
{
	assert(c->lock == CACHE_LOCK_INDEX && base < c->ways);
	memset(c->first, (int)base, c->sets);
	force_all(c, base);
}

void cache_lock_fills(struct cache *c, bool on)
{
	assert(c->lock == CACHE_LOCK_LINES);
	c->lock_fills = on;
}

void cache_unlock(struct cache *c)
{
	c->locked_ways = 0;
	memset(c->first, 0, c->sets);
}
