/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `cached`: the guest's own domains (dacr=).
 *
 *  pass             a host domain for each guest domain and grant: the host's DACR follows.
 *  iterate-drop     rights of guest domains are in the words, host domains are of grants alone. A DACR write
 *                   reads the first-level table; slots of domains that changed are emptied, and filled again
 *                   when they are used.
 *  iterate-swizzle  the same, but tables stay: such a slot leads to the variant for the new access, or has
 *                   word 0 while its domain is closed.
 *  track            as iterate-swizzle; the slots of a domain are known, no others are looked at.
 *
 * A root that is not in use is brought to the guest's DACR when it is used next.
 */
#include "strategies/cached.h"

/* --- slots by guest domain ---------------------------------------------------------------- */

void cached_list_slot(struct cached *c, uint32_t slot)
{
	struct cached_listed *l;
	int32_t *head;

	if (!c->listed || c->listed[slot].is)
		return;
	l = &c->listed[slot];
	head = &c->in_domain[slot / ROOT_WORDS][c->slot[slot].guest];
	*l = (struct cached_listed){ .is = true, .next = *head };
	if (*head)
		c->listed[*head - 1].prev = (int32_t)slot + 1;
	*head = (int32_t)slot + 1;
}

bool cached_slot_in_use(struct cached *c, uint32_t slot)
{
	if (c->slot[slot].table || c->leaf[slot].size_log2)
		return true;
	for (unsigned v = 0; v < VARIANTS; v++)
		if (cached_table_aside(c, slot, v))
			return true;
	return false;
}

void cached_check_listed(struct cached *c, uint32_t slot)
{
	struct cached_listed *l;

	if (!c->listed || !c->listed[slot].is || cached_slot_in_use(c, slot))
		return;
	l = &c->listed[slot];
	if (l->prev)
		c->listed[l->prev - 1].next = l->next;
	else
		c->in_domain[slot / ROOT_WORDS][c->slot[slot].guest] = l->next;
	if (l->next)
		c->listed[l->next - 1].prev = l->prev;
	l->is = false;
}

/* --- tables set aside ----------------------------------------------------------------------- */

void cached_set_aside(struct cached *c, uint32_t slot)
{
	const struct cached_slot *s = &c->slot[slot];
	struct cached_table *t = &c->table[s->table - 1];
	uint32_t i = slot * VARIANTS + s->variant;

	cached_detach(c, slot);
	c->aside[i] = (struct cached_aside){ .table = (uint16_t)(t - c->table + 1), .next = t->aside };
	if (t->aside)
		c->aside[t->aside - 1].prev = (int32_t)i + 1;
	t->aside = (int32_t)i + 1;
}

void cached_forget(struct cached *c, uint32_t slot, unsigned variant)
{
	struct cached_aside *k = &c->aside[slot * VARIANTS + variant];
	struct cached_table *t = &c->table[k->table - 1];

	if (k->prev)
		c->aside[k->prev - 1].next = k->next;
	else
		t->aside = k->next;
	if (k->next)
		c->aside[k->next - 1].prev = k->prev;
	k->table = 0;
	cached_check_listed(c, slot);
	if (!t->links && !t->aside && t != c->pinned)
		cached_drop_table(c, t, EV_ZAP);
}

bool cached_lead_again(struct cached *c, uint32_t slot, bool all)
{
	const struct cached_slot *s = &c->slot[slot];
	unsigned side = s->variant & 2u;
	struct cached_table *t = cached_table_aside(c, slot, side | all);

	if (!t)
		t = cached_table_aside(c, slot, (side ^ 2u) | all);
	if (!t)
		return false;
	cached_link_again(c, slot, t, s->guest);
	t->at = ++c->tick;
	return true;
}

/* --- a guest domain has another access ------------------------------------------------------ */

enum { CLOSED = 0, CLIENT = 1 };

/* Reserved is no access, too. */
static unsigned access_in(uint32_t dacr, unsigned guest_domain)
{
	unsigned access = guest_domain == NO_DOMAIN ? (unsigned)ACCESS_MANAGER
						    : dacr >> 2 * guest_domain & 3;

	return access == CLIENT || access == ACCESS_MANAGER ? access : (unsigned)CLOSED;
}

static void refold_section(struct cached *c, uint32_t slot, unsigned access)
{
	struct cached_slot *s = &c->slot[slot];
	struct cached_map m;
	enum grant g;

	cached_note_word(c, slot);
	s->closed = access == CLOSED;
	if (s->closed) {
		cached_store(c, slot, 0, EV_ZAP);
		return;
	}
	cached_map_of(c, slot, &m);
	s->all = access == ACCESS_MANAGER;
	m.k = s->all ? CACHED_ALL_RIGHTS : s->k;
	m.u = s->all ? CACHED_ALL_RIGHTS : s->u;
	if (c->format == HOST_V6)
		m.attr = (uint8_t)((s->all ? 0 : s->attr & LEAF_XN) |
				   (cached_is_private(c, m.k, m.u) ? LEAF_NG : s->attr & LEAF_NG));
	c->domains.use[s->host].refs--;
	cached_remove_leaf(c, slot);
	g = cached_section_grant(c, &m, !c->user_view);
	s->host = (uint8_t)cached_domain_for(c, g, s->guest);
	c->domains.use[s->host].refs++;
	cached_store(c, slot, cached_leaf_word(c, &m, cached_ap_of(c, g, &m), s->host), EV_FILL_WORD);
	cached_add_leaf(c, slot, 1, &m);
}

static void refold(struct cached *c, uint32_t slot, unsigned access)
{
	const struct cached_slot *s = &c->slot[slot];
	bool was = s->table;

	if (c->p->dacr == DACR_DROP) {
		cached_clear_slot(c, slot, EV_ZAP);
		return;
	}
	if (!s->table && c->leaf[slot].size_log2) {
		refold_section(c, slot, access);
		return;
	}
	if (was)
		cached_set_aside(c, slot);
	if ((access == CLOSED || !cached_lead_again(c, slot, access == ACCESS_MANAGER)) && was)
		cached_store(c, slot, 0, EV_ZAP);
}

/* Global entries of the changed domains that another root left in the host TLB: they would serve this one. */
static bool others_left_some(const struct cached *c, unsigned changed)
{
	for (unsigned r = 0; r < c->p->roots; r++)
		for (unsigned d = 0; d < 16; d++)
			for (int32_t s = r != c->now && changed >> d & 1 ? c->in_domain[r][d] : 0; s;
			     s = c->listed[s - 1].next) {
				unsigned t = c->slot[s - 1].table;

				if (t ? c->table[t - 1].global
				      : c->leaf[s - 1].size_log2 && !(c->leaf[s - 1].attr & LEAF_NG))
					return true;
			}
	return false;
}

void cached_fold_root(struct cached *c)
{
	uint32_t old = c->root[c->now].dacr, new = c->port->guest->dacr;
	unsigned changed = 0;

	for (unsigned d = 0; d < 16; d++)
		changed |= (unsigned)(access_in(old, d) != access_in(new, d)) << d;
	c->root[c->now].dacr = new;
	if (c->tagged && changed && others_left_some(c, changed))
		cached_note_all(c);
	if (changed && c->p->dacr != DACR_TRACK)
		c->port->charge(c->port->m, EV_FOLD, ROOT_WORDS);
	for (unsigned d = 0; d < 16; d++) {
		int32_t next;

		for (int32_t s = changed >> d & 1 ? c->in_domain[c->now][d] : 0; s; s = next) {
			next = c->listed[s - 1].next;
			if (c->p->dacr == DACR_TRACK)
				c->port->charge(c->port->m, EV_FOLD, 1);
			refold(c, (uint32_t)s - 1, access_in(new, d));
		}
	}
}

/* dacr=pass. A manager's rights are in the leaves: those of a domain that becomes one, or is one no
 * more, go. */
static void pass_on(struct cached *c, uint32_t old, uint32_t new)
{
	uint32_t manager = ((old & old >> 1) ^ (new & new >> 1)) & 0x55555555;

	for (uint32_t s = 0; manager && s < c->p->roots * ROOT_WORDS; s++) {
		const struct cached_slot *t = &c->slot[s];

		if (!cached_slot_in_use(c, s))
			continue;
		c->port->charge(c->port->m, EV_FOLD, 1);
		if (t->guest != NO_DOMAIN && manager >> 2 * t->guest & 1)
			cached_clear_slot(c, s, EV_ZAP);
	}
}

void cached_dacr_write(struct cached *c, uint32_t old, uint32_t new)
{
	window_zap_domains(&c->window, old ^ new);
	if (cached_folds(c))
		cached_fold_root(c);
	else
		pass_on(c, old, new);
	cached_flush(c);
	if (!cached_folds(c))
		cached_set_dacr(c);
}
