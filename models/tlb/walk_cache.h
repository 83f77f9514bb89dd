/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cache of partial walks: first-level words that point to a second-level table, by their physical
 * address, so that a walk of a page nearby reads one descriptor. Fully associative, first in first
 * out: assumption (DDI 0438 5.2 names such caches and gives no shape). By address it needs no ASID: the
 * same word serves whoever walks that table. Every TLB invalidate empties it: assumption; which ones have
 * to is DDI 0406C B3.10.1, more than that is always legal.
 */
#ifndef SHADEWALK_MODELS_TLB_WALK_CACHE_H
#define SHADEWALK_MODELS_TLB_WALK_CACHE_H

#include <stdbool.h>
#include <stdint.h>

enum { WALK_CACHE_MAX = 64 };

struct walk_cache {
	uint32_t entries;                       /* 0: absent */
	uint32_t used, next;
	uint32_t addr[WALK_CACHE_MAX], word[WALK_CACHE_MAX];
};

static inline bool walk_cache_find(const struct walk_cache *c, uint32_t addr, uint32_t *word)
{
	for (uint32_t i = 0; i < c->used; i++)
		if (c->addr[i] == addr) {
			*word = c->word[i];
			return true;
		}
	return false;
}

/* Of an address that is not there. */
static inline void walk_cache_fill(struct walk_cache *c, uint32_t addr, uint32_t word)
{
	if (!c->entries)
		return;
	c->addr[c->next] = addr;
	c->word[c->next] = word;
	c->used += c->used < c->entries;
	c->next = (c->next + 1) % c->entries;
}

static inline void walk_cache_flush(struct walk_cache *c)
{
	c->used = c->next = 0;
}

#endif
