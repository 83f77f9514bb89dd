/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cache of tags and state, no data: VIVT, VIPT or PIPT by how set and tag are chosen. A line
 * keeps both its MVA and its PA, so that write-backs need no MMU (ARM926EJ-S TRM 4.1), and two
 * dirty bits, one a half line. Also the write buffer, which shares only the folder with it.
 *
 * Every read and write passes both addresses of the first byte; they agree in bits 9:0, since
 * no page is smaller than 1 KB. No access crosses a half line. Maintenance by address needs
 * only the addresses that choose set and tag. A miss takes an invalid way first.
 */
#ifndef SHADEWALK_MODELS_CACHE_CACHE_H
#define SHADEWALK_MODELS_CACHE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/replace.h"

/* X(id, name) */
#define CACHE_KIND_LIST(X) X(VIVT, vivt) X(VIPT, vipt) X(PIPT, pipt)
enum cache_kind {
#define X(id, name) CACHE_##id,
	CACHE_KIND_LIST(X)
#undef X
	CACHE_KINDS
};
extern const char *const cache_kind_name[CACHE_KINDS];

struct cache_geom {
	uint32_t bytes;                 /* a power of two. 0: absent, everything misses */
	uint16_t ways, line_bytes;      /* powers of two; ways == lines: fully associative */
	uint8_t policy;                 /* enum replace */
	uint8_t kind;                   /* enum cache_kind */
};

enum { CACHE_DIRTY_LO = 1, CACHE_DIRTY_HI = 2 };        /* halves of a line */

/* What one access did. victim_dirty: dirty halves of the line that had to go (0 if none). */
struct cache_outcome { bool hit, filled; uint8_t victim_dirty; };

/* Monotonically increasing. hits + misses = reads + writes; fills - evictions - invalidated =
 * resident. castout: evicted dirty; cleaned: by maintenance; half or both halves of a line. */
struct cache_counts {
	uint64_t reads, writes, hits, misses, fills, evictions, castout_half, castout_full,
		 invalidated, cleaned_half, cleaned_full;
};

struct cache;

enum err cache_geom_check(const struct cache_geom *g, const char *name, struct diag *d)
	__attribute__((warn_unused_result));
enum err cache_create(struct cache **out, const struct cache_geom *g, uint64_t seed,
		      const char *name, struct diag *d) __attribute__((warn_unused_result));
void cache_destroy(struct cache *c);

/* A read: on a miss the line is allocated. */
struct cache_outcome cache_read(struct cache *c, gva_t mva, hpa_t pa);
/*
 * A write. write_back: a hit marks the half dirty (else write-through: never dirty);
 * allocate: a miss allocates the line first, else it leaves the cache alone.
 */
struct cache_outcome cache_write(struct cache *c, gva_t mva, hpa_t pa, bool write_back,
				 bool allocate);

/* Maintenance of the line that holds mva/pa. Each returns the dirty halves written back
 * (clean) or lost (invalidate without clean), 0 when absent or not dirty; *hit may be NULL. */
unsigned cache_clean_line(struct cache *c, gva_t mva, hpa_t pa, bool *hit);
unsigned cache_inval_line(struct cache *c, gva_t mva, hpa_t pa, bool *hit);
unsigned cache_clean_inval_line(struct cache *c, gva_t mva, hpa_t pa, bool *hit);
/* By set and way of *this* geometry (CP15 operand already decoded). */
unsigned cache_clean_way(struct cache *c, unsigned set, unsigned way, bool inval);
unsigned cache_inval_way(struct cache *c, unsigned set, unsigned way);

/* lines: valid lines touched; half, full: those with one or both halves dirty. */
struct cache_swept { uint32_t lines, half, full; };
struct cache_swept cache_clean_all(struct cache *c, bool inval);
struct cache_swept cache_inval_all(struct cache *c);    /* half/full: dirty data lost */

unsigned cache_resident(const struct cache *c);
unsigned cache_dirty_lines(const struct cache *c);
unsigned cache_sets(const struct cache *c);
unsigned cache_ways(const struct cache *c);
/* PA of the line evicted last; meaningful after an outcome with victim_dirty. */
hpa_t cache_victim_pa(const struct cache *c);
/* True when a line of physical address pa is dirty anywhere (stale-walk check, I1). */
bool cache_pa_dirty(const struct cache *c, hpa_t pa);
const struct cache_counts *cache_counts(const struct cache *c);
void cache_set_policy(struct cache *c, enum replace p);
/* Calls fn for every valid line, by set and way. Addresses are of the line's first byte. */
struct cache_line { gva_t mva; hpa_t pa; uint32_t set; uint16_t way; uint8_t dirty; };
void cache_each(const struct cache *c, void (*fn)(void *ctx, const struct cache_line *l),
		void *ctx);

/*
 * Write buffer: `entries` addresses and `words` data words, first in first out; a block transfer
 * takes one address for all its consecutive words (ARM926EJ-S TRM 4.3: 16 words, 4 addresses).
 * One entry drains for every `drain` accesses of the guest (a structural parameter, not a cost).
 * Full: the store stalls until one entry is out. Absent: every store stalls.
 * stores - joined - drained = used.
 */
struct wbuf {
	uint32_t entries, words, drain;         /* addresses, data words, accesses an entry */
	uint32_t used, used_words, ticks;
	uint32_t next, burst;                   /* address that would join the youngest; its words */
	uint64_t stores, stalls, drained, joined;
};
void wbuf_init(struct wbuf *w, unsigned entries, unsigned words, unsigned drain); /* 0: none */
void wbuf_tick(struct wbuf *w);                 /* one access went by */
void wbuf_ticks(struct wbuf *w, uint32_t n);    /* n of them, none a store to the buffer */
/* A store to the buffer; true: it had to stall. multi: a word of a block transfer, which shares
 * the address of the word before it. */
bool wbuf_store(struct wbuf *w, uint32_t mva, bool multi);
unsigned wbuf_drain(struct wbuf *w);            /* returns entries that were pending */

#endif
