/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sources of lint share. */
#ifndef SHADEWALK_SIM_LINT_INSIDE_H
#define SHADEWALK_SIM_LINT_INSIDE_H

#include "sim/lint.h"

enum { LINT_WORDS = FRAME_BYTES / 4, LINT_SEEN = 1024 };

/* Versions: numbers of stores, 0 for what was there before the trace. */
struct lint_frame { uint32_t newest[LINT_WORDS], memory[LINT_WORDS]; };

struct lint_line { uint32_t pa, mva; bool valid; uint8_t dirty; };

/* The books beside a cache, as of the last hook. */
struct lint_cache {
	const struct cache *c;                  /* NULL: absent */
	struct lint_line *line;                 /* by slot: set * ways + way */
	uint32_t *version;                      /* of each word of each slot */
	uint32_t words;                         /* in a line */
	bool fetches;
	uint32_t dirty_lines;
	struct cache_counts n;
};

struct lint_pending { uint32_t pa, version; uint64_t entry; };

/* A granule whose TLB entry was found right, until something changes. */
struct lint_seen { uint64_t tlb, tables; uint32_t granule; };

/* The books beside a TLB, as of the last hook. */
struct lint_tlb {
	const struct tlb *t;
	unsigned side;                          /* SIDE_* that it serves */
	struct history ops;                     /* operations since the last of everything */
	uint64_t all_at;                        /* time of that one */
	uint64_t *filled_at;                    /* by entry */
	struct tlb_counts n;
	unsigned locked;                        /* entries */
	struct lint_seen seen[LINT_SEEN];
};

struct lint {
	const uint64_t *record;
	unsigned max;
	struct lint_report report;
	uint64_t clock;                         /* stores and TLB operations */
	bool failed;                            /* out of memory */
	struct lint_frame **frame[1024], spare;

	struct lint_cache i, d;
	struct lint_pending *pending;           /* stores in the write buffer, oldest first */
	size_t npending, pending_cap;
	uint64_t wb_stores, wb_joined;          /* of the buffer, at the last hook */

	struct history words;                   /* what table words held before */
	uint64_t tables;                        /* moves when a walk might give something else */
	struct walk_regs regs;                  /* of the host, at the last hit */
	struct lint_tlb tlb[2];
	unsigned ntlb;
	bool faulted;                           /* the access translated last */

	struct strategy_port port;              /* the machine's own; its users get ours */
};

/* Who makes the accesses; who wrote the tables that the hardware walks. */
static inline enum lint_origin lint_by_access(const struct machine *m)
{
	return m->origin == ORIGIN_HV ? LINT_MONITOR : LINT_GUEST;
}
static inline enum lint_origin lint_by_tables(const struct machine *m)
{
	return m->ops->deprivileged ? LINT_MONITOR : LINT_GUEST;
}

/* --- lint_version.c ----------------------------------------------------------------------- */

uint32_t lint_tick(struct lint *li);            /* the number of a new store */
uint32_t lint_newest(struct lint *li, uint32_t pa);
void lint_set_newest(struct lint *li, uint32_t pa, uint32_t version);
uint32_t lint_memory(struct lint *li, uint32_t pa);
void lint_set_memory(struct lint *li, uint32_t pa, uint32_t version);
/* What a read that passes the caches finds: stores to that word that are still in the write buffer
 * come first (reads of the data side keep program order). */
uint32_t lint_readable(struct lint *li, uint32_t pa);
/* A store of the access that ended just now went into the write buffer. */
void lint_buffered(struct machine *m, uint32_t mva, uint32_t pa, uint32_t version);
void lint_settle(struct machine *m);            /* what has left the buffer is in memory */
/*
 * The value of a table word as memory holds it, `newest` being the newest one: false when they
 * differ, or may: a store to the word has not reached memory, and what it changed is not known.
 */
bool lint_shown(struct lint *li, uint32_t pa, uint32_t newest, uint32_t *shown);
void lint_versions_free(struct lint *li);

/* --- lint_cache.c ------------------------------------------------------------------------- */

enum err lint_cache_init(struct lint_cache *lc, const struct cache *c, bool fetches,
			 struct diag *d) __attribute__((warn_unused_result));
/* Takes over what maintenance did since the last hook. */
void lint_sync(struct machine *m, struct lint_cache *lc);
/* Where the newest version of a word is, as text. */
const char *lint_where(struct machine *m, uint32_t pa, char buf[64]);
void lint_cache_access(struct machine *m, gva_t mva, enum access access,
		       const struct translation *t);

/* --- lint_tlb.c --------------------------------------------------------------------------- */

enum err lint_tlb_init(struct lint_tlb *lt, const struct tlb *t, unsigned side, bool v6,
		       struct diag *d) __attribute__((warn_unused_result));
void lint_tlb_access(struct machine *m, gva_t mva, enum access access, const struct translation *t);
/* Descriptors that a walk read; o: whose tables. */
void lint_walk(struct machine *m, gva_t mva, const struct walk *w, enum lint_origin o);
/* Operations, behind their execution; side: SIDE_* of the operation. A unified TLB takes every one. */
void lint_tlbi_all(struct machine *m, unsigned side);
void lint_tlbi_mva(struct machine *m, unsigned side, gva_t mva, bool tagged, uint8_t asid);
void lint_tlbi_asid(struct machine *m, unsigned side, uint8_t asid);
/* Counters of all of them that moved since the last hook: lookups, entries dropped. */
uint64_t lint_tlb_looked(const struct lint *li);
uint64_t lint_tlb_dropped(const struct lint *li);
void lint_tlb_note(struct lint *li);

/* --- lint_port.c: watches what a strategy does through its port ---------------------------- */

void lint_watch_port(struct machine *m);

#endif
