/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tlb.c and tlb_ops.c share. */
#ifndef SHADEWALK_MODELS_TLB_TLB_INSIDE_H
#define SHADEWALK_MODELS_TLB_TLB_INSIDE_H

#include <string.h>

#include "models/tlb/tlb_hot.h"

enum { NONE = -1 };

/* Which entries a search or an operation is about: those of a VMID that an ASID sees. */
struct tlb_scope { uint8_t asid, vmid; bool any_asid; };

static inline bool tlb_in_scope(const struct tlb_entry *e, struct tlb_scope in)
{
	return e->tag.vmid == in.vmid && (!e->tag.ng || e->tag.asid == in.asid || in.any_asid);
}

static inline void tlb_forget_memo(struct tlb *t)
{
	memset(t->memo, 0, sizeof(t->memo));
}

/* The entry a lookup would end at, or NONE. */
int tlb_find(const struct tlb *t, gva_t mva, struct tlb_scope in);
/* The bookkeeping of an entry that goes; which counter it belongs to, and the memo, are the
 * caller's affair. */
void tlb_remove(struct tlb *t, uint32_t i);
/* Drops every entry that translates mva; returns how many. Callers empty the memo. */
unsigned tlb_drop(struct tlb *t, gva_t mva, struct tlb_scope in);

#endif
