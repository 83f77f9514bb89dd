/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a megabyte grants: its state, its host domain, and what becomes of its entries when these change.
 *
 * Where both views use an entry (SHADOW_BY_DOMAINS), dacr=xor goes by the class of each page, dacr=pass by what
 * all pages of the megabyte have in common (enum grant), which strategy `cached` goes by too. What
 * neither can express is a mixed megabyte: it turns between two states, or has a table for each view.
 */
#include "strategies/shadow_inside.h"

#include <assert.h>

/* --- host domains ------------------------------------------------------------------------- */

void shadow_release(struct shadow *s, struct shadow_slot *t)
{
	if (s->c.pass && t->domain != NO_HOST)
		s->c.pass->domains.use[t->domain].refs--;
	t->domain = NO_HOST;
}

static void drop_domain_of(struct shadow *s, unsigned mb, struct shadow_slot *t)
{
	shadow_zap_slot(s, t, EV_EVICT);
	if (t->kind != SLOT_EMPTY)
		shadow_set_word(s, mb, t, 0, EV_EVICT);
	shadow_release(s, t);
}

void shadow_drop_domain(struct shadow *s, unsigned host)
{
	for (unsigned mb = 0; mb < 4096 && s->c.pass->domains.use[host].refs; mb++) {
		if (s->slot[mb].domain == host)
			drop_domain_of(s, mb, &s->slot[mb]);
		if (s->split && s->split[mb].domain == host)
			drop_domain_of(s, mb, &s->split[mb]);
	}
}

/* The least that can be had of a pair that has none: one host domain looked for, another given up. */
static unsigned domain_for(struct shadow *s, enum grant grant, unsigned guest_domain)
{
	static const uint8_t fixed[GRANTS] = { DOM_U, DOM_K, DOM_KU };
	struct shadow_pass *p = s->c.pass;
	unsigned host;

	if (!p)
		return fixed[grant];
	host = domains_find(&p->domains, grant, guest_domain);
	if (host)
		return host;
	host = domains_victim(&p->domains);
	if (p->domains.use[host].refs)
		p->take(p->owner, host);
	assert(!p->domains.use[host].refs);
	domains_give(&p->domains, host, grant, guest_domain);
	s->port->charge(s->port->m, EV_FOLD, 1);
	p->changed(p->owner);
	return host;
}

/* The first-level word, and what the host TLB has by it, are of this domain from now on. */
static void retag(struct shadow *s, unsigned mb, struct shadow_slot *t, enum mb_state state,
		  enum grant grant, unsigned guest_domain)
{
	unsigned host = domain_for(s, grant, guest_domain);     /* may take this one's */

	t->state = (uint8_t)state;
	t->grant = (uint8_t)grant;
	t->guest = (uint8_t)guest_domain;
	if (t->domain == host)
		return;
	shadow_release(s, t);
	t->domain = (uint8_t)host;
	if (s->c.pass)
		s->c.pass->domains.use[host].refs++;
	if (t->kind != SLOT_COARSE && t->kind != SLOT_FINE)
		return;                 /* a section's word carries its own domain */
	shadow_set_word(s, mb, t, shadow_table_word(s, t), EV_FILL_WORD);
	for (int32_t i = t->first; i >= 0; i = s->entry[i].next)
		shadow_note(s, gva(s->entry[i].mva), s->entry[i].tagged);
}

/* Entries of another guest domain cannot stay in one with this domain. */
static void keep_one_domain(struct shadow *s, struct shadow_slot *t, const struct shadow_ask *a)
{
	if (s->c.pass && t->live && t->guest != guest_domain_of(&a->m))
		shadow_zap_slot(s, t, EV_ZAP);
}

/* --- mixed megabytes ---------------------------------------------------------------------- */

/* A kernel access that the rights of both views do not cover. */
static bool needs_konly(const struct shadow_ask *a)
{
	unsigned quarter = a->m.mva.raw >> (a->m.w->leaf.size_log2 - 2) & 3;

	return !a->user && !a->m.all && !view_allows(&a->m.rights, quarter, MB_BOTH, false, a->access);
}

/* Entries that grant the kernel more than the user must go before the user may look. */
static void zap_unequal(struct shadow *s, struct shadow_slot *t)
{
	int32_t next;

	for (int32_t i = t->first; i >= 0; i = next) {
		const struct shadow_entry *e = &s->entry[i];

		next = e->next;
		if (s->c.views == SHADOW_BY_FOLD ? e->differs && !e->user : !view_is_equal(&e->rights))
			shadow_zap(s, &s->entry[i], EV_ZAP);
	}
}

static void enter_konly(struct shadow *s, unsigned mb, struct shadow_slot *t, unsigned guest_domain)
{
	if (t->state == MB_KONLY)
		return;
	s->port->charge(s->port->m, EV_MIXEDMB, 1);
	retag(s, mb, t, MB_KONLY, GRANT_K, guest_domain);
}

static void enter_both(struct shadow *s, unsigned mb, struct shadow_slot *t, unsigned guest_domain)
{
	if (t->state == MB_BOTH)
		return;
	s->port->charge(s->port->m, EV_MIXEDMB, 1);
	zap_unequal(s, t);
	retag(s, mb, t, MB_BOTH, GRANT_U, guest_domain);
}

/* From now on the megabyte has a table for each view. */
static void enter_split(struct shadow *s, unsigned mb, const struct shadow_ask *a)
{
	struct shadow_slot *t = &s->slot[mb];
	enum slot_kind kind = (enum slot_kind)t->kind;

	s->port->charge(s->port->m, EV_MIXEDMB, 1);
	shadow_zap_slot(s, t, EV_ZAP);
	t->state = MB_SPLIT;
	s->split_mb[s->nsplit++] = (uint16_t)mb;
	if (a->user && kind == SLOT_SECTION)
		t->kind = SLOT_EMPTY;
	shadow_prepare(s, mb, a->user, kind);
}

static void choose_split(struct shadow *s, unsigned mb, const struct shadow_ask *a)
{
	struct shadow_slot *t;

	if (s->slot[mb].state != MB_SPLIT)
		enter_split(s, mb, a);
	t = slot_of(s, mb, a->user);
	keep_one_domain(s, t, a);
	retag(s, mb, t, MB_SPLIT, GRANT_U, guest_domain_of(&a->m));
}

/* Nothing is left of it in either view: it is whole again. */
static void join(struct shadow *s, unsigned mb)
{
	struct shadow_slot *u = &s->split[mb], *t = &s->slot[mb];

	if (u->kind == SLOT_COARSE || u->kind == SLOT_FINE)
		shadow_detach(s, mb, true, EV_ZAP);
	t->state = MB_CLASS;
	if (s->user)
		shadow_set_word(s, mb, t, t->word, EV_VIEW_WORD);
}

/* What the host TLB has by the word that goes: entries of one view, or whatever remembers the word itself. */
static void note_view(struct shadow *s, unsigned mb, const struct shadow_slot *t)
{
	bool noted = false;

	for (int32_t i = t->first; i >= 0; i = s->entry[i].next)
		if (s->entry[i].differs) {
			shadow_note(s, gva(s->entry[i].mva), true);
			noted = true;
		}
	if (!noted)
		shadow_note(s, gva((uint32_t)mb << SECTION_LOG2), true);
}

void shadow_set_view(struct shadow *s, bool user)
{
	bool was = s->user;

	if (was == user)
		return;
	for (unsigned i = 0; i < s->nsplit;) {
		unsigned mb = s->split_mb[i];

		if (s->slot[mb].live || s->split[mb].live) {
			i++;
			continue;
		}
		join(s, mb);
		s->split_mb[i] = s->split_mb[--s->nsplit];
	}
	s->user = user;
	for (unsigned i = 0; i < s->nsplit; i++) {
		unsigned mb = s->split_mb[i];
		struct shadow_slot *t = slot_of(s, mb, user);

		note_view(s, mb, slot_of(s, mb, was));
		shadow_set_word(s, mb, t, t->word, EV_VIEW_WORD);
	}
}

/* --- by classes, dacr=xor ----------------------------------------------------------------- */

static bool conflicts(const struct shadow_slot *t, unsigned cls)
{
	return !cls || (t->live && t->domain != view_domain(cls));
}

static void choose_by_class(struct shadow *s, unsigned mb, struct shadow_slot *t,
			    const struct shadow_ask *a)
{
	unsigned cls = view_class(&a->m.rights), guest_domain = guest_domain_of(&a->m);

	if (t->state == MB_CLASS && !conflicts(t, cls)) {
		retag(s, mb, t, MB_CLASS, cls == 1 ? GRANT_U : cls == 2 ? GRANT_K : GRANT_KU,
		      guest_domain);
		return;
	}
	if (s->c.split) {
		choose_split(s, mb, a);
		return;
	}
	if (t->state == MB_CLASS) {     /* first conflict: everything there is composed anew */
		shadow_zap_slot(s, t, EV_ZAP);
		t->state = MB_CLASS;
	}
	if (needs_konly(a))
		enter_konly(s, mb, t, guest_domain);
	else if (a->user || t->state == MB_CLASS)
		enter_both(s, mb, t, guest_domain);
}

static bool class_serves(const struct shadow_slot *t, const struct shadow_ask *a)
{
	unsigned cls = view_class(&a->m.rights);

	if (t->state == MB_CLASS)
		return !conflicts(t, cls) && t->domain == view_domain(cls);
	return t->state == MB_KONLY ? !a->user : !needs_konly(a);
}

/* --- by grants, dacr=pass ----------------------------------------------------------------- */

static bool is_full(const struct view_rights *r)
{
	enum { ALL = RIGHT_READ | RIGHT_WRITE };

	return r->k[0] == ALL && r->k[1] == ALL && r->k[2] == ALL && r->k[3] == ALL && !r->xn;
}

/* Could g give every entry, and one with these rights, all that the guest gives? */
static bool is_perfect(const struct shadow_slot *t, enum grant g, const struct view_rights *r)
{
	bool without_u = !(r->u[0] | r->u[1] | r->u[2] | r->u[3]);

	switch (g) {
	case GRANT_U: return t->equal == t->live && view_is_equal(r);
	case GRANT_K: return t->konly == t->live && without_u;
	default: return t->full == t->live && is_full(r);
	}
}

static bool grant_serves(enum grant g, const struct shadow_ask *a)
{
	if (a->m.all)
		return true;
	if (g == GRANT_K)
		return !a->user;
	return (g == GRANT_KU && !a->user) || !needs_konly(a);
}

/* One that is perfect, the present one first. */
static bool find_perfect(const struct shadow_slot *t, const struct shadow_ask *a, enum grant *g)
{
	*g = (enum grant)t->grant;
	if (t->live && is_perfect(t, *g, &a->m.rights))
		return true;
	for (*g = GRANT_U; *g < GRANTS; ++*g)
		if (is_perfect(t, *g, &a->m.rights))
			return true;
	return false;
}

static void rewrite(struct shadow *s, const struct shadow_slot *t, const struct shadow_entry *e)
{
	uint32_t word = s->port->shadow_peek(s->port->m, e->offset), now;
	uint8_t ap[4];

	view_ap(&e->rights, (enum mb_state)t->state, ap);
	now = host_leaf_with_ap(s->c.format, e->size_log2, word, ap);
	if (now == word)
		return;
	shadow_note(s, gva(e->mva), e->tagged);
	for (unsigned i = 0; i < e->nwords; i++)
		shadow_store(s, e->offset + 4 * i, now, EV_FILL_WORD);
}

/* AP is the kernel's in GRANT_K, else the user's, which the kernel has too: MB_BOTH. */
static void regrant(struct shadow *s, unsigned mb, struct shadow_slot *t, enum grant g,
		    unsigned guest_domain)
{
	retag(s, mb, t, g == GRANT_K ? MB_KONLY : MB_BOTH, g, guest_domain);
	for (int32_t i = t->first; i >= 0; i = s->entry[i].next)
		rewrite(s, t, &s->entry[i]);
}

static void choose_by_grant(struct shadow *s, unsigned mb, struct shadow_slot *t,
			    const struct shadow_ask *a)
{
	unsigned guest_domain = guest_domain_of(&a->m);
	enum grant now = (enum grant)t->grant, g;

	keep_one_domain(s, t, a);
	if (t->state != MB_SPLIT && find_perfect(t, a, &g)) {
		regrant(s, mb, t, g, guest_domain);
		return;
	}
	if (s->c.split) {
		choose_split(s, mb, a);
		return;
	}
	g = now;
	if (!t->live || now == GRANT_KU || !grant_serves(now, a)) {
		s->port->charge(s->port->m, EV_MIXEDMB, 1);
		g = grant_serves(GRANT_U, a) ? GRANT_U : GRANT_K;
	}
	regrant(s, mb, t, g, guest_domain);
}

/* --- one view at a time ------------------------------------------------------------------- */

static void choose_fold(struct shadow *s, unsigned mb, struct shadow_slot *t,
			const struct shadow_ask *a)
{
	unsigned guest_domain = guest_domain_of(&a->m);
	bool konly = needs_konly(a);

	keep_one_domain(s, t, a);
	if (!t->live)
		retag(s, mb, t, konly ? MB_KONLY : MB_BOTH, konly ? GRANT_K : GRANT_U, guest_domain);
	else if (konly)
		enter_konly(s, mb, t, guest_domain);
	else if (a->user && !a->m.all)
		enter_both(s, mb, t, guest_domain);
	else                            /* one that was taken away comes back */
		retag(s, mb, t, (enum mb_state)t->state, (enum grant)t->grant, guest_domain);
}

/* --- by the first page, mb=first ---------------------------------------------------------- */

/* Its AP is that of its own class, whatever the domain makes of it; quarters of different classes: that of the
 * quarter that is asked for. */
static void choose_first(struct shadow *s, unsigned mb, struct shadow_slot *t, struct shadow_ask *a)
{
	unsigned cls;

	if (!view_class(&a->m.rights))
		view_take_quarter(&a->m.rights, a->m.mva.raw >> (a->m.w->leaf.size_log2 - 2) & 3);
	cls = view_class(&a->m.rights);
	if (!cls)                       /* class 3 with XN, which a manager does not check */
		cls = 3;
	if (!t->live)
		retag(s, mb, t, MB_CLASS, cls == 1 ? GRANT_U : cls == 2 ? GRANT_K : GRANT_KU,
		      guest_domain_of(&a->m));
}

/* --- all of them -------------------------------------------------------------------------- */

void shadow_choose_state(struct shadow *s, unsigned mb, struct shadow_ask *a)
{
	struct shadow_slot *t = slot_of(s, mb, a->user);

	if (is_one_view(s)) {
		keep_one_domain(s, t, a);
		retag(s, mb, t, MB_CLASS, GRANT_U, guest_domain_of(&a->m));
	} else if (s->c.first) {
		choose_first(s, mb, t, a);
	} else if (s->c.views == SHADOW_BY_FOLD) {
		choose_fold(s, mb, t, a);
	} else if (s->c.pass) {
		choose_by_grant(s, mb, t, a);
	} else {
		choose_by_class(s, mb, t, a);
	}
}

bool shadow_state_serves(struct shadow *s, const struct shadow_slot *t, const struct shadow_ask *a)
{
	if (s->c.pass && (t->domain == NO_HOST || t->guest != guest_domain_of(&a->m)))
		return false;
	if (is_one_view(s) || t->state == MB_SPLIT)
		return true;
	if (s->c.views == SHADOW_BY_DOMAINS && !s->c.pass)
		return class_serves(t, a);
	return grant_serves((enum grant)t->grant, a);
}

bool shadow_needs_konly(const struct shadow *s, const struct shadow_map *m, bool user,
			enum access access)
{
	const struct shadow_slot *t = &s->slot[m->mva.raw >> SECTION_LOG2];
	struct shadow_ask a = shadow_ask_of(s, m, user, access);
	enum grant g;
	bool mixed;

	if (s->c.pass)                  /* entries of another guest domain are as good as gone */
		mixed = t->guest == guest_domain_of(m) && !find_perfect(t, &a, &g);
	else
		mixed = t->state != MB_CLASS || conflicts(t, view_class(&m->rights));
	return m->size_log2 != SECTION_LOG2 && mixed && t->state != MB_KONLY && needs_konly(&a);
}
