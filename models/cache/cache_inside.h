/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sources of the cache share. */
#ifndef SHADEWALK_MODELS_CACHE_CACHE_INSIDE_H
#define SHADEWALK_MODELS_CACHE_CACHE_INSIDE_H

#include "models/cache/cache_hot.h"

enum { NONE = -1, NOT_FORCED = 0xff, LOCK_WAYS_MAX = 64 };

static inline size_t cache_slot_of(const struct cache *c, unsigned set, unsigned way)
{
	return (size_t)set * c->ways + way;
}

/* Counts dirty halves into one of two counters: half a line or a whole one. */
void cache_count_halves(unsigned dirty, uint64_t *half, uint64_t *full);
/* Takes the dirty bits off a line and returns them. */
unsigned cache_take_dirty(struct cache *c, size_t slot);
/* The way the next fill of a set takes under lockdown, which may keep it there; or NONE. */
int cache_locked_choice(struct cache *c, unsigned set, bool lock);
/* The ways lockdown leaves for allocation. Meaningless for none. */
uint64_t cache_free_ways(const struct cache *c, unsigned set);
/* No victim at present. */
bool cache_is_locked(const struct cache *c, unsigned set, unsigned way);

#endif
