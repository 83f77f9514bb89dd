/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How entries leave a TLB, lockdown registers, and questions about it. Rules: tlb.c. */
#include <assert.h>

#include "models/tlb/tlb_inside.h"

void tlb_remove(struct tlb *t, uint32_t i)
{
	unsigned size_log2 = t->entry[i].size_log2;

	t->tag[i] = 0;
	t->seq[i]++;
	t->entry[i].valid = 0;
	t->nonglobal -= t->entry[i].tag.ng;
	t->pieces -= t->entry[i].whole_log2 != 0;
	if (i >= t->entries)
		t->locked_valid--;
	else if (!--t->resident[size_log2])
		t->sizes &= ~(UINT32_C(1) << size_log2);
}

unsigned tlb_drop(struct tlb *t, gva_t mva, struct tlb_scope in)
{
	unsigned dropped = 0;

	for (int i = tlb_find(t, mva, in); i != NONE; i = tlb_find(t, mva, in)) {
		tlb_remove(t, (uint32_t)i);
		dropped++;
	}
	t->n.dropped += dropped;
	return dropped;
}

/* Drops the entries the test picks among the first `all`. */
static unsigned drop_if(struct tlb *t, uint32_t all,
			bool (*test)(const struct tlb_entry *e, struct tlb_scope in),
			struct tlb_scope in)
{
	unsigned dropped = 0;

	for (uint32_t i = 0; i < all; i++) {
		if (!t->tag[i] || !test(&t->entry[i], in))
			continue;
		tlb_remove(t, i);
		dropped++;
	}
	t->n.dropped += dropped;
	tlb_forget_memo(t);
	return dropped;
}

static bool unlocked(const struct tlb_entry *e, struct tlb_scope in)
{
	(void)in;
	return !e->kept;
}

static bool unlocked_of_vmid(const struct tlb_entry *e, struct tlb_scope in)
{
	return !e->kept && e->tag.vmid == in.vmid;
}

static bool only_of_asid(const struct tlb_entry *e, struct tlb_scope in)
{
	return e->tag.ng && tlb_in_scope(e, in);
}

unsigned tlb_inval_all(struct tlb *t)
{
	unsigned dropped = drop_if(t, t->sizes ? t->entries : 0, unlocked, (struct tlb_scope){ 0 });

	uint32_t all = tlb_resident(t) ? t->entries + t->locked : 0;

	t->n.inval_all++;
	for (uint32_t i = 0; i < all; i++)
		t->entry[i].outlived = t->tag[i] != 0;
	return dropped;
}

unsigned tlb_inval_vmid(struct tlb *t, uint8_t vmid)
{
	t->n.inval_vmid++;
	return drop_if(t, t->sizes ? t->entries : 0, unlocked_of_vmid,
		       (struct tlb_scope){ .vmid = vmid });
}

unsigned tlb_inval_asid(struct tlb *t, uint8_t asid)
{
	t->n.inval_asid++;
	return drop_if(t, t->nonglobal ? t->entries + t->locked : 0, only_of_asid,
		       (struct tlb_scope){ .asid = asid, .vmid = t->vmid });
}

/* Of pages that mva is in. */
static unsigned drop_pieces(struct tlb *t, gva_t mva, struct tlb_scope in)
{
	unsigned dropped = 0;

	for (uint32_t i = 0; i < t->entries + t->locked && t->pieces; i++) {
		const struct tlb_entry *e = &t->entry[i];

		if (!t->tag[i] || !e->whole_log2 || !tlb_in_scope(e, in) ||
		    e->vpage >> (e->whole_log2 - e->size_log2) != mva.raw >> e->whole_log2)
			continue;
		tlb_remove(t, i);
		dropped++;
	}
	t->n.dropped += dropped;
	return dropped;
}

static unsigned inval_mva(struct tlb *t, gva_t mva, struct tlb_scope in)
{
	t->n.inval_mva++;
	tlb_forget_memo(t);
	return tlb_drop(t, mva, in) + drop_pieces(t, mva, in);
}

unsigned tlb_inval_mva(struct tlb *t, gva_t mva)
{
	return inval_mva(t, mva, (struct tlb_scope){ .vmid = t->vmid, .any_asid = true });
}

unsigned tlb_inval_mva_asid(struct tlb *t, gva_t mva, uint8_t asid)
{
	return inval_mva(t, mva, (struct tlb_scope){ .asid = asid, .vmid = t->vmid });
}

void tlb_set_base(struct tlb *t, unsigned base, unsigned victim, bool preserve)
{
	assert(t->lock == TLB_LOCK_BASE && base < t->entries && victim < t->entries);
	t->base = base;
	t->forced = (int)victim;
	t->preserve = preserve;
}

unsigned tlb_victim(const struct tlb *t)
{
	unsigned next;

	if (t->forced != NONE)
		return (unsigned)t->forced;
	next = t->replace.policy == REPLACE_FIFO ? (unsigned)t->replace.word[0] : t->base;
	return next < t->base ? t->base : next;
}

void tlb_unlock(struct tlb *t)
{
	assert(t->lock != TLB_LOCK_PART);
	t->base = 0;
	t->preserve = false;
	for (uint32_t i = 0; i < t->entries; i++)
		t->entry[i].kept = false;
}

unsigned tlb_matches(const struct tlb *t, gva_t mva, uint8_t asid, uint8_t vmid)
{
	struct tlb_scope in = { .asid = asid, .vmid = vmid };
	unsigned found = 0;

	for (uint32_t i = 0; i < t->entries + t->locked; i++)
		found += t->tag[i] && t->tag[i] == tlb_tag_of(mva, t->entry[i].size_log2) &&
			 tlb_in_scope(&t->entry[i], in);
	return found;
}
