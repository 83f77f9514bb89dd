/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inside of a cache, for cache.c and for an engine that counts hits in bulk. n accesses of
 * one line in a row are one touch: replacement only knows the order of last uses.
 */
#ifndef SHADEWALK_MODELS_CACHE_CACHE_HOT_H
#define SHADEWALK_MODELS_CACHE_CACHE_HOT_H

#include <stddef.h>

#include "models/cache/cache.h"

struct cache_slot {
	uint64_t pa;
	uint32_t mva;
	uint8_t dirty;
};

struct cache {
	uint64_t *tag;          /* [sets * ways]: line number << 1 | 1; 0 = invalid */
	uint16_t *hint;         /* [sets] */
	struct cache_slot *line;      /* [sets * ways] */
	uint32_t sets, ways, line_bytes;
	uint8_t line_log2, ways_log2, kind;
	uint32_t resident, dirty_lines;
	hpa_t victim_pa;
	struct replace_sets replace;
	struct cache_counts n;
	/* lockdown: asked at fills only */
	uint8_t lock;           /* enum cache_lock */
	bool lock_fills;        /* lines: the lock mode of a data cache */
	uint64_t locked_ways;   /* ways, ways0: a bit a way */
	uint8_t *first;         /* [sets]; index, lines: ways below are no victims */
	uint8_t *forced;        /* [sets]; index, lines: way the next fill takes, or NOT_FORCED */
};

/* Where an address lives. */
struct cache_spot { uint64_t tag; uint32_t set; };

static inline struct cache_spot cache_spot_of(const struct cache *c, gva_t mva, hpa_t pa)
{
	uint64_t index = c->kind == CACHE_PIPT ? pa.raw : mva.raw;
	uint64_t tag = c->kind == CACHE_VIVT ? mva.raw : pa.raw;

	return (struct cache_spot){ tag >> c->line_log2 << 1 | 1,
			      (uint32_t)(index >> c->line_log2) & (c->sets - 1) };
}

/* Way that holds the line, or -1. */
static inline int cache_find(const struct cache *c, struct cache_spot s)
{
	const uint64_t *tag;

	if (!c->sets)
		return -1;
	tag = c->tag + ((size_t)s.set << c->ways_log2);
	if (tag[c->hint[s.set]] == s.tag)
		return c->hint[s.set];
	for (unsigned w = 0; w < c->ways; w++)
		if (tag[w] == s.tag)
			return (int)w;
	return -1;
}

static inline void cache_touch(struct cache *c, unsigned set, unsigned way)
{
	c->hint[set] = (uint16_t)way;
	replace_touch(&c->replace, set, way);
}

static inline void cache_set_dirty(struct cache *c, unsigned set, gva_t mva)
{
	struct cache_slot *l = &c->line[(size_t)set * c->ways + c->hint[set]];

	c->dirty_lines += !l->dirty;
	l->dirty |= mva.raw & c->line_bytes / 2 ? CACHE_DIRTY_HI : CACHE_DIRTY_LO;
}

/*
 * The same two for a VIVT cache whose policy takes no note of hits (fifo, random): no state but
 * the counters and the hint changes. The line's way in `tag`, or -1.
 */
static inline int cache_find_vivt(struct cache *c, gva_t mva)
{
	uint32_t line = mva.raw >> c->line_log2, set = line & (c->sets - 1);
	const uint64_t *tag = c->tag + ((size_t)set << c->ways_log2);
	uint64_t want = (uint64_t)line << 1 | 1;

	if (tag[c->hint[set]] == want)
		return c->hint[set];
	for (unsigned w = 0; w < c->ways; w++) {
		if (tag[w] != want)
			continue;
		c->hint[set] = (uint16_t)w;
		return (int)w;
	}
	return -1;
}

static inline bool cache_is_plain(const struct cache *c)
{
	return c && c->sets && c->kind == CACHE_VIVT &&
	       (c->replace.policy == REPLACE_FIFO || c->replace.policy == REPLACE_RANDOM);
}

/* Lockdown leaves no way for any line: a miss brings nothing in. */
static inline bool cache_is_closed(const struct cache *c)
{
	uint64_t all = (UINT64_C(1) << (c->ways - 1) << 1) - 1;

	return c->lock == CACHE_LOCK_WAYS && (c->locked_ways & all) == all;
}

/* n reads of the line in a row, all hits; false, and nothing happens, when it is not there. */
static inline bool cache_count_reads(struct cache *c, gva_t mva, hpa_t pa, uint64_t n)
{
	struct cache_spot s = cache_spot_of(c, mva, pa);
	int way = cache_find(c, s);

	if (way < 0)
		return false;
	c->n.reads += n;
	c->n.hits += n;
	cache_touch(c, s.set, (unsigned)way);
	return true;
}

/* A write-back write that hits; false, and nothing happens, when the line is not there. */
static inline bool cache_count_write_back(struct cache *c, gva_t mva, hpa_t pa)
{
	struct cache_spot s = cache_spot_of(c, mva, pa);
	int way = cache_find(c, s);

	if (way < 0)
		return false;
	c->n.writes++;
	c->n.hits++;
	cache_touch(c, s.set, (unsigned)way);
	cache_set_dirty(c, s.set, mva);
	return true;
}

#endif
