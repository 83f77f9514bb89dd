/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cache of tags and state, no data: VIVT, VIPT or PIPT by how set and tag are chosen. A line
 * keeps both its MVA and its PA, so that write-backs need no MMU (ARM926EJ-S TRM 4.1), and two
 * dirty bits, one a half line.
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
#include "models/cache/wbuf.h"

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

/*
 * How software keeps lines: X(id, name). At most 64 ways.
 *   ways    a bit a way: no line is allocated there; all of them: no allocation (L210 TRM DDI 0284G
 *           2.3.6; assumption for ARM926EJ-S, DDI 0198D 2.3.10, and ARM1136, DDI 0211 3.3.19)
 *   ways0   the same, but with all locked way 0 is taken (ARM1176JZF-S, DDI 0301H 3.2.26)
 *   index   one base for all sets, in the order of the victim counter (ARM920T, DDI 0151C; ARM922T,
 *           DDI 0184B 2.3.13). A clean by index leaves the counter alone here, unlike there
 *   lines   each set's lowest ways, as lines were locked, an eighth of the ways excepted; "all"
 *           operations spare them (XScale core developer's manual 4.3.4, 6.2, 6.4)
 * index and lines also fill where the victim counter stands, valid or not, as these cores do.
 */
#define CACHE_LOCK_LIST(X) \
	X(NONE, none) X(WAYS, ways) X(WAYS0, ways0) X(INDEX, index) X(LINES, lines)
enum cache_lock {
#define X(id, name) CACHE_LOCK_##id,
	CACHE_LOCK_LIST(X)
#undef X
	CACHE_LOCKS
};
extern const char *const cache_lock_name[CACHE_LOCKS];

enum { CACHE_DIRTY_LO = 1, CACHE_DIRTY_HI = 2 };        /* halves of a line */

/* What one access did. victim_dirty: dirty halves of the line that had to go (0 if none). */
struct cache_outcome { bool hit, filled; uint8_t victim_dirty; };

/* Monotonically increasing. hits + misses = reads + writes; fills - evictions - invalidated =
 * resident. castout: evicted dirty; cleaned: by maintenance; half or both halves of a line. */
struct cache_counts {
	uint64_t reads, writes, hits, misses, fills, evictions, castout_half, castout_full,
		 invalidated, cleaned_half, cleaned_full;
	uint64_t prefetches, allocs;    /* fills that no read or write asked for */
	uint64_t write_misses;          /* of misses */
};

struct cache;

enum err cache_geom_check(const struct cache_geom *g, const char *name, struct diag *d)
	__attribute__((warn_unused_result));
enum err cache_create(struct cache **out, const struct cache_geom *g, uint64_t seed,
		      const char *name, struct diag *d) __attribute__((warn_unused_result));
void cache_destroy(struct cache *c);

/* The kind of lockdown, of a cache that is still empty; none if never told. */
enum err cache_lock_check(const struct cache_geom *g, unsigned lock, const char *name,
			  struct diag *d) __attribute__((warn_unused_result));
void cache_set_lock(struct cache *c, enum cache_lock lock);

/* A read: on a miss the line is allocated, unless lockdown leaves no way for it. */
struct cache_outcome cache_read(struct cache *c, gva_t mva, hpa_t pa);
/*
 * A write. write_back: a hit marks the half dirty (else write-through: never dirty);
 * allocate: a miss allocates the line first, else it leaves the cache alone.
 */
struct cache_outcome cache_write(struct cache *c, gva_t mva, hpa_t pa, bool write_back,
				 bool allocate);

/* Brings the line in and counts no lookup: a prefetch operation (c7,c13,1; PLD where it is not a
 * NOP). */
struct cache_outcome cache_prefetch(struct cache *c, gva_t mva, hpa_t pa);
/* XScale line allocate (c7,c2,5; manual 7.2.8): as a prefetch, but nothing is read; clean. */
struct cache_outcome cache_allocate(struct cache *c, gva_t mva, hpa_t pa);

/* --- lockdown registers and operations; each only for its kind ------------------------------ */
void cache_lock_ways(struct cache *c, uint64_t mask);           /* ways, ways0: c9 */
/* index: c9. The next fill of every set goes to way `base`; ways below are no victims. */
void cache_lock_base(struct cache *c, unsigned base);
/* lines: fetch and lock. A line that is there already stays as it was (manual 6.4); one more
 * than the set can lock is brought in unlocked. */
struct cache_outcome cache_lock_line(struct cache *c, gva_t mva, hpa_t pa);
void cache_lock_fills(struct cache *c, bool on);                /* lines: every fill locks */
void cache_unlock(struct cache *c);                             /* all kinds: nothing is locked */

/* Maintenance of the line that holds mva/pa, locked or not. Each returns the dirty halves written back
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

/* Lines from the one of `first` to the one of `last`; pa is that of `first`. Both lie in one page:
 * the caller splits a range (ARM1136, MCRR c5, c6, c12, c14: DDI 0211 3.3.17) at pages. */
struct cache_swept cache_range(struct cache *c, gva_t first, gva_t last, hpa_t pa, bool clean,
			       bool inval);
/* One round of test-and-clean (ARM926EJ-S TRM 2.3.8, c7,c10,3 and c7,c14,3): cleans one dirty line
 * and says what it was, or returns true: none was dirty, and with inval all are invalid now. */
bool cache_test_clean(struct cache *c, bool inval, unsigned *dirty);

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
struct cache_line {
	gva_t mva; hpa_t pa;
	uint32_t set;
	uint16_t way;
	uint8_t dirty;
	bool locked;                    /* no victim at present */
};
void cache_each(const struct cache *c, void (*fn)(void *ctx, const struct cache_line *l),
		void *ctx);

/* --- questions: uncounted, change nothing ---------------------------------------------------
 * The line an access would hit. On a VIVT hit pa need not be the one asked for: then the line is
 * a homonym's (I5). */
bool cache_peek(const struct cache *c, gva_t mva, hpa_t pa, struct cache_line *line);
/* The line in a way of a set; false: none is. */
bool cache_line_in(const struct cache *c, unsigned set, unsigned way, struct cache_line *line);
/* Lines of one physical address, at most `max` of them written to out; returns how many there
 * are. More than one is a synonym; the address need not be mapped the same way still. */
unsigned cache_lines_of(const struct cache *c, hpa_t pa, struct cache_line *out, unsigned max);
/* Page colours: index bits above a 4 KB page, 1 when there are none (always 1 for PIPT). */
unsigned cache_colours(const struct cache *c);
unsigned cache_colour(const struct cache *c, gva_t mva);
/* The same lines summed up: more than one dirty breaks I3, more than one colour I8. */
struct cache_aliases { uint32_t lines, dirty, colours; };
struct cache_aliases cache_aliases(const struct cache *c, hpa_t pa);

#endif
