/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inside of the TLB, for tlb.c and for an engine that counts lookups in bulk. An engine may
 * do so only while the entry's `seq` and the `generation` are what they were when tlb_peek()
 * found it: then it is the same entry, nothing covers it, and every lookup would have hit it.
 */
#ifndef SHADEWALK_MODELS_TLB_TLB_HOT_H
#define SHADEWALK_MODELS_TLB_TLB_HOT_H

#include "models/tlb/tlb.h"

enum { TLB_SIZE_BITS = 5, TLB_MEMO_SLOTS = 32 };

struct tlb_memo { uint32_t granule, index; };       /* granule: MVA >> 10, plus 1; 0 is empty */

struct tlb {
	uint32_t *tag;                  /* [entries + locked]: tlb_tag_of(), 0 = invalid */
	struct tlb_entry *entry;        /* lockdown entries last */
	uint32_t *seq;                  /* [entries + locked]: moves when the entry does */
	uint64_t generation;            /* moves when an entry comes to lie over another, or
					 * a change of context may show or hide one */
	uint32_t sizes;
	uint32_t set_mask;
	uint32_t ways, entries, locked;
	uint32_t locked_valid;
	struct tlb_memo memo[TLB_MEMO_SLOTS];
	struct replace_sets replace;
	struct tlb_counts n;
	uint32_t resident[32];
	uint32_t nonglobal;             /* entries that only one ASID sees */
	uint32_t pieces;                /* entries with whole_log2 */
	uint8_t asid, vmid;             /* of the current context */
	uint8_t lock;                   /* enum tlb_lock */
	bool preserve;
	uint32_t base;                  /* entries below are no victims (base, pointer) */
	int forced;                     /* entry the next fill takes (base, pointer), or -1 */
};

static inline uint32_t tlb_tag_of(gva_t mva, unsigned size_log2)
{
	return mva.raw >> size_log2 << TLB_SIZE_BITS | size_log2;
}

static inline uint32_t tlb_set_of(const struct tlb *t, gva_t mva, unsigned size_log2)
{
	return mva.raw >> size_log2 & t->set_mask;
}

/* Tells replacement that entry i was used for mva. Lockdown entries are never victims. */
static inline void tlb_touch(struct tlb *t, uint32_t i, gva_t mva)
{
	uint32_t set;

	if (i >= t->entries)
		return;
	set = tlb_set_of(t, mva, t->entry[i].size_log2);
	replace_touch(&t->replace, set, i - set * t->ways);
}

/* Hits leave no trace in replacement. */
static inline bool tlb_is_plain(const struct tlb *t)
{
	return t->replace.policy == REPLACE_FIFO || t->replace.policy == REPLACE_RANDOM;
}

/* n lookups of mva in a row, all hits on entry i. */
static inline void tlb_count_hits(struct tlb *t, uint32_t i, gva_t mva, uint64_t n)
{
	t->n.lookups += n;
	t->n.hits += n;
	tlb_touch(t, i, mva);
}

#endif
