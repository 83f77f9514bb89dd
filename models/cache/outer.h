/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies behind the first level: an outer cache (PIPT, unified), or none, then memory; and at
 * which level a table walk finds its descriptors. Neither inclusive nor exclusive: a line may be
 * in one level, the other, or both, and an eviction here touches nothing there.
 *
 * State moves in the caches, and what happened is returned: whoever keeps the ledger books it.
 * The outer cache's lines are at least as long as the inner ones'.
 */
#ifndef SHADEWALK_MODELS_CACHE_OUTER_H
#define SHADEWALK_MODELS_CACHE_OUTER_H

#include "models/cache/cache.h"

enum cache_level { LEVEL_L1, LEVEL_L2, LEVEL_MEMORY };

/*
 * What the walker looks into first, X(id, name). memory: SA-1110, ARM920T, ARM926EJ-S, XScale, and
 * ARM11 without an outer cache; l2: ARM1136 behind an L210, Cortex-A8; l1: Cortex-A15 (DDI 0211
 * 6.11, DDI 0344 table 16-16 for the first three cases; A15: knowledge).
 */
#define WALK_SEES_LIST(X) X(MEMORY, memory) X(L2, l2) X(L1, l1)
enum walk_sees {
#define X(id, name) WALK_SEES_##id,
	WALK_SEES_LIST(X)
#undef X
	WALK_SEES
};
extern const char *const walk_sees_name[WALK_SEES];

struct outer {
	struct cache *l2;               /* NULL, or without bytes: absent */
	bool castout_allocates;         /* a castout that misses is kept in L2; else to memory */
};

/* served: where the data was found, or went. reads_memory: L2 had to fetch its line. castout:
 * dirty halves of the L2 line that had to go to memory. */
struct outer_done { enum cache_level served; bool filled, reads_memory; uint8_t castout; };

/* Refuses an L2 that is not PIPT or whose lines are shorter than l1's. */
enum err outer_check(const struct cache_geom *l1, const struct cache_geom *l2, const char *name,
		     struct diag *d) __attribute__((warn_unused_result));

/* A line fill of L1, or a read that L1 does not cache but L2 does. */
struct outer_done outer_read(struct outer *o, hpa_t pa);
/* A store of a word that L1 did not keep: uncached there, written through, or a miss. */
struct outer_done outer_write(struct outer *o, hpa_t pa, bool write_back, bool allocate);
/* Dirty halves of an L1 line of line_bytes at pa: evicted, or cleaned by maintenance. */
struct outer_done outer_castout(struct outer *o, hpa_t pa, uint32_t line_bytes, unsigned halves);
/* A descriptor read by the walker. L1 is looked into, not changed: a hit there is no use. */
struct outer_done outer_walk(struct outer *o, enum walk_sees sees, const struct cache *l1d,
			     hpa_t pa);

/* Newer data than such a walk would read, as bits. Uncounted. */
enum { STALE_L1 = 1, STALE_L2 = 2 };
unsigned outer_stale(const struct outer *o, enum walk_sees sees, const struct cache *l1d,
		     hpa_t pa);

#endif
