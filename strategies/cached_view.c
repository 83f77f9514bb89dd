/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `cached`: what tells guest kernel and guest user apart (view=, mb=split-view).
 *
 *  domains      host domains that are closed, client or manager by the view (enum grant).
 *  two-tables   roots of their own, and tables of their own where a page differs. On a host without ASIDs a
 *               change of view empties the TLB.
 *  reflush      pages that differ have the rights of the view in use, and go with it.
 *  fold         pages that differ have the rights of the kernel, in a host domain closed to the user, or the
 *               user's, which are never more. A table is in that domain as long as it has any of the first
 *               kind; a user's access to it drops these.
 *
 * mb=split-view: a megabyte that no one grant does for has two tables; its first-level word leads to the one
 * that was last needed. The kernel's is in the host domain that is closed to the user.
 */
#include "strategies/cached.h"

/* --- view=reflush ------------------------------------------------------------------------- */

void cached_note_viewed(struct cached *c, uint32_t word)
{
	c->viewed[c->nviewed++] = word;
	c->viewed_at[word] = c->nviewed;
}

void cached_forget_viewed(struct cached *c, uint32_t word)
{
	uint32_t at = c->viewed_at[word] - 1, last = c->viewed[--c->nviewed];

	c->viewed[at] = last;
	c->viewed_at[last] = at + 1;
	c->viewed_at[word] = 0;
}

static void zap_viewed(struct cached *c)
{
	c->port->charge(c->port->m, EV_VIEW_FLUSH, 1);
	if (!c->nviewed)
		return;
	while (c->nviewed)
		cached_zap(c, c->viewed[c->nviewed - 1], EV_ZAP);
	cached_flush(c);
}

void cached_set_view(struct cached *c, bool user)
{
	bool same = c->user_view == user;

	window_leave_view(&c->window);
	if (c->p->view == VIEW_REFLUSH && !same)
		zap_viewed(c);
	c->user_view = user;
	if (c->p->view == VIEW_TWO_TABLES && !same)
		cached_use_view_root(c);
	else
		cached_set_dacr(c);
}

/* --- what an entry serves ------------------------------------------------------------------- */

bool cached_leaf_serves(const struct cached *c, const struct cached_table *t, uint32_t word,
			const struct cached_map *m, gva_t mva, bool user, enum access access)
{
	struct cached_map now = *m;

	if (c->p->view == VIEW_FOLD) {
		now.kernel = c->leaf[word].kernel;
		return !(t->grant == GRANT_K && user) &&
		       cached_grant_serves(cached_ap_of(c, GRANT_U, &now), &now, mva, user, access);
	}
	return cached_grant_serves(c->p->view == VIEW_REFLUSH && !user ? GRANT_K : (enum grant)t->grant,
				   m, mva, user, access);
}

bool cached_section_serves(const struct cached *c, uint32_t slot, const struct cached_map *m, gva_t mva,
			   bool user, enum access access)
{
	enum grant g = (enum grant)c->domains.use[c->slot[slot].host].grant;

	if (cached_switch_costs_more(c) && !user)
		g = GRANT_K;
	return cached_grant_serves(g, m, mva, user, access);
}

/* A manager domain knows no XN: such a section gives one view what that has. */
enum grant cached_section_grant(struct cached *c, struct cached_map *m, bool kernel)
{
	m->kernel = false;
	if (m->k == m->u || c->p->view == VIEW_REFLUSH)
		return GRANT_U;
	if (c->p->view == VIEW_TWO_TABLES)
		return c->root[c->now].user ? GRANT_U : GRANT_K;
	if (c->p->view == VIEW_FOLD) {
		m->kernel = kernel;
		return kernel ? GRANT_K : GRANT_U;
	}
	if (!m->u)
		return GRANT_K;
	if (!(m->attr & LEAF_XN))
		return GRANT_KU;
	c->port->charge(c->port->m, EV_MIXEDMB, 1);
	return kernel ? GRANT_K : GRANT_U;
}

bool cached_fits(const struct cached *c, const struct cached_table *t, struct cached_map *m)
{
	switch (c->p->view) {
	case VIEW_FOLD:
		m->kernel = m->k != m->u && !m->u;
		return !m->kernel || t->grant == GRANT_K;
	case VIEW_REFLUSH:
		return true;
	case VIEW_TWO_TABLES:
		return t->side != FOR_BOTH || m->k == m->u;
	default:
		return t->side != FOR_BOTH || cached_is_perfect(t, (enum grant)t->grant, m);
	}
}

/* --- tables of one view --------------------------------------------------------------------- */

enum side cached_side_for(struct cached *c, uint32_t slot, const struct cached_map *m, gva_t mva,
			  bool user, enum access access)
{
	const struct cached_slot *s = &c->slot[slot];

	if (c->p->view == VIEW_TWO_TABLES)
		return c->root[c->now].user ? FOR_USER : FOR_KERNEL;
	/* the kernel does with the user's while that allows what it does */
	if (user || (s->table && c->table[s->table - 1].side == FOR_USER &&
		     cached_grant_serves(GRANT_U, m, mva, user, access)))
		return FOR_USER;
	return FOR_KERNEL;
}

void cached_make_private(struct cached *c, struct cached_table *t, enum side side)
{
	while (t->aside)
		cached_forget(c, (uint32_t)(t->aside - 1) / VARIANTS,
			      (uint32_t)(t->aside - 1) % VARIANTS);
	while (t->links)
		cached_unlink(c, (uint32_t)t->links - 1, EV_ZAP);
	t->side = (uint8_t)side;
	cached_regrant(c, t, side == FOR_USER ? GRANT_U : GRANT_K);
}
