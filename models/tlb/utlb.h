/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Micro-TLB: a small fully associative front of the main TLB, one for fetches and one for data
 * (ARM1136JF-S TRM DDI 0211, ARM1176JZF-S TRM DDI 0301H 6.2.1: 10 entries, round robin or
 * random, answers in the cycle of the cache access). Where `granule` is set it holds pieces of
 * pages instead (Cortex-A15 TRM DDI 0438 5.1: 4 KB).
 *
 * It copies what the main TLB answered. Whoever owns it flushes it wholesale at any TLB operation
 * and, on ARM11, at writes of CONTEXTIDR, DACR, TTBRx, TTBCR, SCTLR and remap registers (knowledge;
 * manual for Cortex-A5). Cortex-A15 keeps its entries over those and compares ASID and VMID instead:
 * there utlb_set_context goes with tlb_set_context. An entry that leaves the main TLB to make room
 * stays in the micro-TLB, as a copy may: assumption.
 */
#ifndef SHADEWALK_MODELS_TLB_UTLB_H
#define SHADEWALK_MODELS_TLB_UTLB_H

#include <stddef.h>

#include "models/tlb/tlb.h"

enum { UTLB_MAX = 64 };

struct utlb_geom {
	uint16_t entries;               /* 0: absent: lookups miss, a fill does nothing */
	uint8_t policy;                 /* enum replace */
	uint8_t granule_log2;           /* largest reach of an entry; 0: that of the page */
};

/* hits + misses = lookups; fills - evictions - dropped = resident. */
struct utlb_counts { uint64_t lookups, hits, misses, fills, evictions, flushes, dropped; };

struct utlb_slot {
	uint32_t page, mask;            /* mva & mask == page; mask 0: nobody sees it now */
	uint32_t held;                  /* the mask, seen or not; 0: invalid */
	uint32_t seq;                   /* moves when the slot does: as in tlb_hot.h */
	struct tlb_entry e;             /* as the main TLB gave it */
};

struct utlb {
	uint32_t entries, last;         /* last: the slot that hit last, looked at first */
	uint32_t resident;
	uint8_t granule_log2;
	struct replace_sets replace;
	struct utlb_counts n;
	struct utlb_slot slot[UTLB_MAX];
};

enum err utlb_geom_check(const struct utlb_geom *g, const char *name, struct diag *d)
	__attribute__((warn_unused_result));
/* name selects the random stream: (seed, name). */
enum err utlb_init(struct utlb *u, const struct utlb_geom *g, uint64_t seed, const char *name,
		   struct diag *d) __attribute__((warn_unused_result));
void utlb_release(struct utlb *u);

/* Slot that translates mva, or -1; uncounted. At most one does. */
static inline int utlb_find(struct utlb *u, gva_t mva)
{
	const struct utlb_slot *s = &u->slot[u->last];

	if (s->mask && (mva.raw & s->mask) == s->page)
		return (int)u->last;
	for (uint32_t i = 0; i < u->entries; i++) {
		if (!u->slot[i].mask || (mva.raw & u->slot[i].mask) != u->slot[i].page)
			continue;
		u->last = i;
		return (int)i;
	}
	return -1;
}

/* n lookups in a row, all hits on slot i. */
static inline void utlb_count_hits(struct utlb *u, uint32_t i, uint64_t n)
{
	u->n.lookups += n;
	u->n.hits += n;
	replace_touch(&u->replace, 0, i);
}

/* Counted lookup; NULL on a miss: ask the main TLB, then utlb_fill. */
static inline const struct tlb_entry *utlb_lookup(struct utlb *u, gva_t mva)
{
	int i = utlb_find(u, mva);

	if (i < 0) {
		u->n.lookups++;
		u->n.misses++;
		return NULL;
	}
	utlb_count_hits(u, (uint32_t)i, 1);
	return &u->slot[i].e;
}

/* Takes over the main TLB's entry for mva, which just missed here. */
void utlb_fill(struct utlb *u, gva_t mva, const struct tlb_entry *e);
/* Hides entries of other address spaces and machines, and shows those of this one. */
void utlb_set_context(struct utlb *u, uint8_t asid, uint8_t vmid);
unsigned utlb_flush(struct utlb *u);            /* returns the entries dropped */

#endif
