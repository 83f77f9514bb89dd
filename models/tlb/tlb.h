/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main TLB: set-associative (or fully, ways == entries), pages of mixed sizes in one structure,
 * plus a small fully associative lockdown part. Entries hold domain number and raw AP; DACR,
 * S, R and privilege are applied by the caller at each access. No data, no cycles.
 *
 * A page of size 2^n is placed in set (MVA >> n) mod sets; a lookup probes one set per size
 * that is resident, larger sizes first. How the ARM926 indexes its TLB for mixed sizes is not
 * documented: assumption. A fill takes an invalid way before it asks the policy for a victim.
 */
#ifndef SHADEWALK_MODELS_TLB_TLB_H
#define SHADEWALK_MODELS_TLB_TLB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/replace.h"
#include "models/pt/pt.h"

struct tlb_geom {
	uint16_t entries, ways;         /* entries = sets * ways; sets a power of two.
					 * entries 0: absent: lookups miss, a fill gives NULL */
	uint8_t locked;                 /* lockdown entries, fully associative */
	uint8_t policy;                 /* enum replace */
};

struct tlb_entry {
	struct walk w;                  /* as walked: translation and its descriptor words */
	uint32_t vpage;                 /* MVA >> size_log2 */
	uint8_t size_log2, valid;
	uint32_t user;                  /* caller's tag (what a strategy knows of the entry);
					 * 0 after a fill, see tlb_set_user */
};

/* All monotonically increasing. evictions: made room for another page. dropped: invalidated, or
 * replaced by a fill that translates the same mva. fills - evictions - dropped = resident. */
struct tlb_counts {
	uint64_t lookups, hits, misses, fills, evictions, inval_all, inval_mva, dropped;
};

struct tlb;

enum err tlb_geom_check(const struct tlb_geom *g, const char *name, struct diag *d)
	__attribute__((warn_unused_result));    /* ERR_CONFIG says what is allowed */
/* name selects the random stream: (seed, name). */
enum err tlb_create(struct tlb **out, const struct tlb_geom *g, uint64_t seed,
		    const char *name, struct diag *d) __attribute__((warn_unused_result));
void tlb_destroy(struct tlb *t);

/* Counted lookup; NULL on a miss. Lockdown part first. Updates replacement state. The entry is
 * borrowed until the next fill or invalidation. */
const struct tlb_entry *tlb_lookup(struct tlb *t, gva_t mva);
/* Uncounted, changes nothing. */
const struct tlb_entry *tlb_peek(const struct tlb *t, gva_t mva);
/* Inserts the result of a successful walk (w->fs == 0, levels > 0). An entry that already
 * translates mva is replaced, in place when it is locked or of the same size; other entries
 * that translate mva go. Random draws once, only when the set is full. */
const struct tlb_entry *tlb_fill(struct tlb *t, gva_t mva, const struct walk *w);
/* Same into lockdown entry `slot`, whoever was there. */
const struct tlb_entry *tlb_fill_locked(struct tlb *t, unsigned slot, gva_t mva,
					const struct walk *w);
/* Drops unlocked entries; returns how many. */
unsigned tlb_inval_all(struct tlb *t);
/* Drops every entry that translates mva, whatever its size, locked ones too. */
unsigned tlb_inval_mva(struct tlb *t, gva_t mva);
unsigned tlb_resident(const struct tlb *t);     /* valid entries, locked ones included */
const struct tlb_counts *tlb_counts(const struct tlb *t);
void tlb_set_user(struct tlb *t, const struct tlb_entry *e, uint32_t user);
void tlb_set_policy(struct tlb *t, enum replace p);     /* SCTLR.RR on a native ARM9 */
/* Calls fn for every valid entry, in a fixed order. */
void tlb_each(const struct tlb *t, void (*fn)(void *ctx, const struct tlb_entry *e), void *ctx);

#endif
