/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's TLBs as one: a unified main TLB, or one of fetches and one of data. Whoever looks up,
 * fills or invalidates does so here, so that no side is forgotten. `side`: SIDE_I, SIDE_D or both,
 * as the operation names them; a unified TLB takes every operation for its own (ARM926EJ-S TRM
 * DDI 0198D 2.3.9).
 *
 * Micro-TLBs answer first. Any TLB operation empties both, as does a write of a register that
 * translation depends on, unless the core compares tags instead (models/tlb/utlb.h).
 */
#ifndef SHADEWALK_SIM_HOST_TLB_H
#define SHADEWALK_SIM_HOST_TLB_H

#include "models/guest/cp15.h"
#include "sim/machine.h"

enum err host_tlb_create(struct machine *m, const struct cpu_row *row, struct diag *d)
	__attribute__((warn_unused_result));
void host_tlb_destroy(struct machine *m);

static inline bool host_tlb_is_split(const struct machine *m)
{
	return m->itlb != m->tlb;
}
static inline struct tlb *host_tlb_of(const struct machine *m, enum access access)
{
	return access == ACCESS_FETCH ? m->itlb : m->tlb;
}

/* The lookup before micro-TLBs. */
const struct tlb_entry *host_utlb_lookup(struct machine *m, gva_t mva, enum access access);

/* Counted lookup. The entry is borrowed until the next fill or invalidation. */
static inline const struct tlb_entry *host_tlb_lookup(struct machine *m, gva_t mva,
						      enum access access)
{
	if (m->utlb)
		return host_utlb_lookup(m, mva, access);
	return tlb_lookup(host_tlb_of(m, access), mva);
}
/* The result of the walk behind a miss. */
void host_tlb_fill(struct machine *m, gva_t mva, enum access access, const struct walk *w);

/* The machine's ASID, as it is now. */
void host_tlb_set_context(struct machine *m);
void host_tlb_inval_all(struct machine *m, unsigned side);
void host_tlb_inval_mva(struct machine *m, unsigned side, gva_t mva);   /* of any ASID */
void host_tlb_inval_mva_asid(struct machine *m, unsigned side, gva_t mva, uint8_t asid);
void host_tlb_inval_asid(struct machine *m, unsigned side, uint8_t asid);
/* A register was written that translation depends on: DACR, SCTLR, TTBRx, TTBCR, CONTEXTIDR,
 * PRRR or NMRR. */
void host_tlb_register(struct machine *m);
/* What others remember of entries (memory types, rights) is void. */
void host_tlb_void(struct machine *m);

/* The TLBs that an operation of a side is about. */
struct tlb_sides { struct tlb *tlb[2]; unsigned n; };
struct tlb_sides host_tlb_sides(const struct machine *m, unsigned side);
void host_tlb_flush_micro(struct machine *m);
/* An entry that is not global gets the ASID of this moment (DDI 0100I B4.5). */
static inline struct tlb_tag host_tlb_tag(const struct machine *m, const struct walk *w)
{
	return (struct tlb_tag){ .asid = m->asid, .vmid = m->vmid, .ng = m->arch.asid && w->leaf.attr & PT_NG };
}

/* --- lockdown by a native guest (host_lock.c) --------------------------------------------
 * Registers and operations of another kind than the host's do nothing: an entry that is not
 * locked may vanish at any time, and so may any other. */

/* What the guest had locked before record 0. */
void host_lock_start(struct machine *m, const struct trace_header *h);
/* c10 written. */
void host_lock_register(struct machine *m, unsigned side, uint32_t value);
/* Translate and lock; unlock all of a side. */
void host_lock_entry(struct machine *m, unsigned side, gva_t mva);
void host_lock_release(struct machine *m, unsigned side);
/* Where lockdown takes the result of a walk: the entry, or NULL: an ordinary fill. */
const struct tlb_entry *host_lock_fill(struct machine *m, gva_t mva, const struct walk *w,
				       struct tlb_tag tag);

#endif
