/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Micro-TLB. At most one slot translates an address in any context: entries may overlap in the main
 * TLB, so a fill drops whatever overlaps the new reach and may be seen together with it. That makes
 * `last` invisible: it only shortens the search.
 */
#include "models/tlb/utlb.h"

#include <assert.h>
#include <string.h>

enum err utlb_geom_check(const struct utlb_geom *g, const char *name, struct diag *d)
{
	if (g->policy >= REPLACES)
		return diag_set(d, ERR_CONFIG, "%s.policy: no policy %u", name, g->policy);
	if (g->entries > UTLB_MAX)
		return diag_set(d, ERR_CONFIG, "%s.entries: %u; at most %u", name, g->entries,
				UTLB_MAX);
	if (g->entries && !replace_fits((enum replace)g->policy, g->entries))
		return diag_set(d, ERR_CONFIG, "%s.policy: " REPLACE_FITS_TEXT ", not %u",
				name, g->entries);
	if (g->granule_log2 && (g->granule_log2 < GRANULE_LOG2 || g->granule_log2 > 24))
		return diag_set(d, ERR_CONFIG, "%s.granule: 2^%u bytes; 0 (none) or from 1 KB to"
				" 16 MB", name, g->granule_log2);
	return ERR_OK;
}

enum err utlb_init(struct utlb *u, const struct utlb_geom *g, uint64_t seed, const char *name,
		   struct diag *d)
{
	enum err e = utlb_geom_check(g, name, d);

	memset(u, 0, sizeof(*u));
	if (e)
		return e;
	u->entries = g->entries;
	u->granule_log2 = g->granule_log2;
	return replace_create(&u->replace, (enum replace)g->policy, g->entries != 0, g->entries,
			      seed, name, d);
}

void utlb_release(struct utlb *u)
{
	replace_release(&u->replace);
}

static void drop(struct utlb *u, struct utlb_slot *s)
{
	s->mask = s->held = 0;
	s->seq++;
	u->resident--;
	u->n.dropped++;
}

static uint32_t make_room(struct utlb *u)
{
	uint32_t i;

	for (i = 0; i < u->entries; i++)
		if (!u->slot[i].held)
			return i;
	u->n.evictions++;
	u->resident--;
	return replace_victim(&u->replace, 0);
}

/* Does some context see both? */
static bool meet(struct tlb_tag a, struct tlb_tag b)
{
	return a.vmid == b.vmid && (!a.ng || !b.ng || a.asid == b.asid);
}

static bool overlaps(const struct utlb_slot *s, uint32_t page, uint32_t mask)
{
	return s->held && !((s->page ^ page) & s->held & mask);
}

void utlb_fill(struct utlb *u, gva_t mva, const struct tlb_entry *e)
{
	unsigned reach = e->size_log2;
	struct utlb_slot *s;
	uint32_t mask, i;

	assert(e->valid && mva.raw >> e->size_log2 == e->vpage && utlb_find(u, mva) < 0);
	if (!u->entries)
		return;
	if (u->granule_log2 && u->granule_log2 < reach)
		reach = u->granule_log2;
	mask = ~UINT32_C(0) << reach;
	for (i = 0; i < u->entries; i++)
		if (overlaps(&u->slot[i], mva.raw, mask) && meet(u->slot[i].e.tag, e->tag))
			drop(u, &u->slot[i]);
	i = make_room(u);
	s = &u->slot[i];
	s->page = mva.raw & mask;
	s->mask = s->held = mask;
	s->seq++;
	s->e = *e;
	u->last = i;
	u->resident++;
	u->n.fills++;
	replace_touch(&u->replace, 0, i);
}

void utlb_set_context(struct utlb *u, uint8_t asid, uint8_t vmid)
{
	for (uint32_t i = 0; i < u->entries; i++) {
		struct utlb_slot *s = &u->slot[i];
		bool sees = meet(s->e.tag, (struct tlb_tag){ asid, vmid, true });
		uint32_t mask = sees ? s->held : 0;

		s->seq += s->mask != mask;
		s->mask = mask;
	}
}

unsigned utlb_flush(struct utlb *u)
{
	unsigned dropped = u->resident;

	u->n.flushes++;
	for (uint32_t i = 0; u->resident; i++)
		if (u->slot[i].held)
			drop(u, &u->slot[i]);
	return dropped;
}
