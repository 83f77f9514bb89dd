/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strategy `inplace`: what a guest walk becomes. */
#include "strategies/inplace.h"

#include <assert.h>

int32_t inplace_entry_at(struct inplace *c, gva_t mva)
{
	uint32_t slot = c->now * ROOT_WORDS + (mva.raw >> SECTION_LOG2), n = slot;

	if (c->slot[slot].table) {
		const struct inplace_table *t = &c->table[c->slot[slot].table - 1];

		n = t->entry + ((mva.raw & (SECTION_BYTES - 1)) >> inplace_shift_of(t));
	}
	return c->entry[n].live ? (int32_t)n : -1;
}

/* --- ways of granting ----------------------------------------------------------------------------- */

/* Would g give every page of the table all that the guest gives? words: the guest's are still there. */
static bool suits(struct inplace *c, const struct inplace_table *t, enum grant g, bool words)
{
	struct inplace_map m;

	for (uint32_t i = 0; i < inplace_words_of(t); i++)
		if (words ? inplace_map_word(c, t, i, c->port->table_peek(c->port->m, t->key + 4 * i), &m)
			  : inplace_map_entry(c, t, i, &m))
			if (!inplace_is_perfect(g, &m))
				return false;
	return true;
}

/* One that is perfect; else the present one, if it lets this access through; else one that does. */
static enum grant choose(struct inplace *c, const struct inplace_table *t, bool words,
			 const struct inplace_map *m, gva_t mva, bool user, enum access access)
{
	for (enum grant g = GRANT_U; g < GRANTS; g++)
		if (suits(c, t, g, words))
			return g;
	if (!words && inplace_serves((enum grant)t->grant, m, mva, user, access))
		return (enum grant)t->grant;
	c->port->charge(c->port->m, EV_MIXEDMB, 1);
	return user || inplace_serves(GRANT_U, m, mva, user, access) ? GRANT_U : GRANT_K;
}

/* --- filling -------------------------------------------------------------------------------------- */

struct place {
	uint32_t slot;
	unsigned guest_domain;
	bool all;
	gva_t mva;
	bool user;
	enum access access;
};

/* The guest's table, or the section by pages, as a table that is not there yet. */
static struct inplace_table wanted(const struct walk *w, const struct place *p)
{
	enum { TYPE = 3, FINE = 3 };
	bool fine = (w->l1 & TYPE) == FINE;
	struct inplace_table t = { .all = p->all, .kind = TABLE_SPLIT };

	if (w->levels == 2) {
		t.kind = fine ? TABLE_FINE : TABLE_COARSE;
		t.key = w->l2_addr & ~(fine ? FRAME_BYTES - 1u : GRANULE_BYTES - 1u);
	} else {
		t.key = inplace_section_key(w->levels ? w->l1 : 0, walk_pa(w, p->mva));
	}
	return t;
}

static uint32_t index_of(const struct inplace_table *t, gva_t mva)
{
	return (mva.raw & (SECTION_BYTES - 1)) >> inplace_shift_of(t);
}

static bool map_page(const struct inplace *c, const struct inplace_table *t, const struct walk *w, gva_t mva,
		     struct inplace_map *m)
{
	if (t->kind == TABLE_SPLIT)
		return inplace_map_entry(c, t, index_of(t, mva), m);
	return inplace_map_word(c, t, index_of(t, mva), w->l2, m);
}

static struct inplace_table *table_for(struct inplace *c, const struct inplace_table *want,
				       const struct inplace_map *m, const struct place *p)
{
	struct inplace_table *t = inplace_find_table(c, (enum table_kind)want->kind, want->key, p->all);
	enum grant g;

	if (!t) {
		g = choose(c, want, want->kind != TABLE_SPLIT, m, p->mva, p->user, p->access);
		t = inplace_new_table(c, (enum table_kind)want->kind, want->key, p->all, g);
	}
	c->pinned = t;
	return t;
}

static void link_slot(struct inplace *c, struct inplace_table *t, const struct place *p)
{
	struct inplace_slot *s = &c->slot[p->slot];

	if (s->table == t - c->table + 1 && s->guest == p->guest_domain && s->all == p->all)
		return;
	inplace_clear_slot(c, p->slot, EV_ZAP);
	inplace_link(c, p->slot, t, p->guest_domain);
}

/* The table's words are as they should be but for this one, perhaps, and the way they grant. */
static enum fill fill_page(struct inplace *c, struct inplace_table *t, const struct inplace_map *m,
			   const struct place *p)
{
	uint32_t i = index_of(t, p->mva);
	bool held = inplace_holds(m, p->mva, p->access), linked = c->slot[p->slot].table == t - c->table + 1;
	enum grant g = (enum grant)t->grant;
	bool changed;

	if (!held && !inplace_serves(g, m, p->mva, p->user, p->access)) {
		c->port->charge(c->port->m, EV_FOLD, inplace_words_of(t));
		g = choose(c, t, false, m, p->mva, p->user, p->access);
	}
	if (g != t->grant || t->all != p->all)
		inplace_regrant(c, t, g, p->all);
	link_slot(c, t, p);
	changed = inplace_refresh(c, t, i, EV_FILL);
	inplace_note_entry(c, t->entry + i);
	if (!held && !inplace_serves(g, m, p->mva, p->user, p->access))
		return FILL_EMULATE;
	return changed || !linked ? FILL_DONE : FILL_SPURIOUS;
}

static enum grant grant_of_section(struct inplace *c, const struct inplace_map *m, const struct place *p)
{
	for (enum grant g = GRANT_U; g < GRANTS; g++)
		if (inplace_is_perfect(g, m))
			return g;
	c->port->charge(c->port->m, EV_MIXEDMB, 1);
	return inplace_serves(GRANT_U, m, p->mva, p->user, p->access) ? GRANT_U : GRANT_K;
}

static enum fill fill_section(struct inplace *c, const struct walk *w, const struct inplace_map *m,
			      const struct place *p)
{
	const struct inplace_slot *s = &c->slot[p->slot];
	uint32_t word = w->levels ? w->l1 : p->mva.raw & ~(SECTION_BYTES - 1u);

	if (!s->table && c->entry[p->slot].live && s->guest == p->guest_domain && s->all == p->all &&
	    s->word == word && inplace_serves((enum grant)c->domains.use[s->host].grant, m, p->mva, p->user,
					      p->access)) {
		inplace_note_entry(c, p->slot);
		return FILL_SPURIOUS;
	}
	inplace_set_section(c, p->slot, word, p->guest_domain, p->all, m, grant_of_section(c, m, p));
	return FILL_DONE;
}

enum fill inplace_fill(struct inplace *c, gva_t mva, const struct walk *w, bool user, enum access access,
		       struct inplace_map *m)
{
	struct place p = { .slot = c->now * ROOT_WORDS + (mva.raw >> SECTION_LOG2), .mva = mva, .user = user,
			   .access = access, .guest_domain = w->levels ? w->leaf.domain : (unsigned)NO_DOMAIN };
	struct inplace_table want, *t;
	enum fill f;

	p.all = domains_guest_access(c->port->guest->dacr, p.guest_domain) == ACCESS_MANAGER;
	if (w->levels < 2 && inplace_map_section(c, walk_pa(w, mva), &w->leaf, p.all, !w->levels, m))
		return fill_section(c, w, m, &p);
	want = wanted(w, &p);
	if (!map_page(c, &want, w, mva, m))
		return w->levels < 2 || inplace_is_rebuilt(w->l2, inplace_form_of(c, &want)) ? FILL_NO_MEMORY
											  : FILL_EMULATE;
	if (!inplace_allows(m, mva, user, access))
		return FILL_EMULATE;    /* one AP a page cannot say what quarters do */
	t = table_for(c, &want, m, &p);
	(void)map_page(c, t, w, mva, m);        /* it may be in the very frame */
	f = fill_page(c, t, m, &p);
	t->at = ++c->tick;
	c->root[c->now].flood = 0;
	c->pinned = NULL;
	return f;
}
