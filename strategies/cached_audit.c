/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strategy `cached`: its invariants (cached.h), word by word against the guest's tables. */
#include <string.h>

#include "strategies/cached.h"

static unsigned fail(struct diag *d, uint32_t word, const char *what)
{
	return diag_set(d, ERR_CHECK, "shadow word %u of `cached`: %s", word, what) != ERR_OK;
}

/* The guest's descriptor behind word `index` of a table, and what it maps there. */
static bool guest_leaf(const struct cached *c, const struct cached_table *t, uint32_t index,
		       struct walk *w, gva_t *mva)
{
	const struct guest *g = c->port->guest;
	bool fine = t->kind == TABLE_FINE;
	uint32_t word;

	memset(w, 0, sizeof(*w));
	w->levels = 2;
	*mva = gva(index << (fine ? GRANULE_LOG2 : FRAME_LOG2));
	if (t->kind == TABLE_SPLIT && !(t->key & 3)) {
		w->levels = 0;
		w->leaf = (struct pt_desc){ .kind = PT_LEAF, .size_log2 = SECTION_LOG2 };
		mva->raw |= t->key;
		return true;
	}
	if (t->kind == TABLE_SPLIT)
		word = t->key;
	else if (!mem_read(g->tables, t->key + 4 * index, &word))
		return false;
	if (t->kind == TABLE_SPLIT) {
		pt_decode_l1(mmu_format(g->arch, g->sctlr), word, &w->leaf);
		mva->raw |= word & (15u << SECTION_LOG2);       /* which megabyte of a supersection */
	} else {
		pt_decode_l2(mmu_format(g->arch, g->sctlr), word, fine, &w->leaf);
	}
	w->leaf.domain = 0;
	return w->leaf.kind == PT_LEAF && guest_page_is_young(g, w, *mva);
}

/* What the guest's leaf gives, domain access aside, where a shadow leaf of that size is. */
static struct guest_page page_of(const struct cached *c, const struct walk *w, bool all, unsigned size_log2,
				 gva_t mva)
{
	const struct guest *g = c->port->guest;
	struct guest_page p = guest_page_of(g, w);

	p.rights = view_fold_on(g->arch, w, all ? 3 : 1, g->sctlr);
	if (size_log2 < w->leaf.size_log2)
		view_take_quarter(&p.rights, mva.raw >> (w->leaf.size_log2 - 2) & 3);
	else if (c->format == HOST_V6)
		view_intersect(&p.rights);
	return p;
}

static unsigned audit_memory(const struct cached *c, uint32_t word, const struct walk *w,
			     const struct guest_page *p, struct diag *d)
{
	const struct cached_leaf *l = &c->leaf[word];
	unsigned attr = cached_attr(c, p, !w->levels, l->k, l->u);

	if (l->cb == (w->levels ? w->leaf.cb : 0) &&
	    (c->format != HOST_V6 || (l->memory == cached_pack_memory(p->memory) && l->attr == attr)))
		return 0;
	return fail(d, word, "other attributes than the guest's word (invariant 1)");
}

/* What one view may do and the other may not, where both may find it. */
static bool tells_views_apart(const struct cached *c, uint32_t word, const struct cached_map *m,
			      enum grant grant)
{
	switch (c->p->view) {
	case VIEW_FOLD:
		return m->k == m->u || !m->kernel || grant == GRANT_K;
	case VIEW_REFLUSH:
		return m->k == m->u || (c->viewed_at[word] && c->viewed[c->viewed_at[word] - 1] == word);
	default:
		return true;
	}
}

static unsigned audit_leaf(const struct cached *c, uint32_t word, const struct walk *w, gva_t mva,
			   bool all, enum grant grant, unsigned domain, struct diag *d)
{
	const struct cached_leaf *l = &c->leaf[word];
	struct guest_page p = page_of(c, w, all, l->size_log2, mva);
	struct cached_map m;
	unsigned bad = 0;

	cached_map_of(c, word, &m);
	if (l->size_log2 > w->leaf.size_log2 ||
	    l->gpa != (walk_pa(w, mva) & ~((UINT32_C(1) << l->size_log2) - 1)))
		return fail(d, word, "maps what the guest's word does not (invariant 1)");
	for (unsigned q = 0; q < 4; q++)
		if ((l->k >> 2 * q & 3) != p.rights.k[q] || (l->u >> 2 * q & 3) != p.rights.u[q])
			bad += fail(d, word, "other rights than the guest's word (invariant 1)");
	bad += audit_memory(c, word, w, &p, d);
	if (cached_peek(c, word) != cached_leaf_word(c, &m, cached_ap_of(c, grant, &m), domain))
		bad += fail(d, word, "is not what its leaf says (invariant 1)");
	if (!tells_views_apart(c, word, &m, grant))
		bad += fail(d, word, "serves a view that may not have it (invariant 10)");
	if (l->size_log2 > FRAME_LOG2 ? cached_is_traced(c, l->gpa, l->size_log2)
				      : cached_held(c, l->gpa, l->size_log2) & ~l->held)
		bad += fail(d, word, "lets the guest write to a traced frame (invariant 2)");
	if (grant == GRANT_KU && (cached_effective(l->k, l->held) != 0xff || l->attr & LEAF_XN))
		bad += fail(d, word, "in a domain that gives the kernel more (invariant 3)");
	return bad;
}

/* Of a table that may be out of sync: the oracle knows what it may hold. */
static unsigned audit_old(const struct cached *c, uint32_t word, enum grant grant, struct diag *d)
{
	struct cached_map m;

	cached_map_of(c, word, &m);
	if (cached_peek(c, word) != cached_leaf_word(c, &m, cached_ap_of(c, grant, &m), 0))
		return fail(d, word, "is not what its leaf says (invariant 1)");
	if (m.size_log2 > FRAME_LOG2 ? cached_is_traced(c, m.gpa, m.size_log2)
				     : cached_held(c, m.gpa, m.size_log2) & ~(unsigned)m.held)
		return fail(d, word, "lets the guest write to a traced frame (invariant 2)");
	return 0;
}

static unsigned audit_table(const struct cached *c, const struct cached_table *t, struct diag *d)
{
	unsigned bad = 0, leaves = 0;

	for (uint32_t i = 0; i < cached_words_of(t); i++) {
		uint32_t word = t->word + i;
		struct walk w;
		gva_t mva;

		if (!c->leaf[word].size_log2) {
			if (cached_peek(c, word))
				bad += fail(d, word, "is not empty (invariant 1)");
			continue;
		}
		if (c->leaf[word].back)
			continue;
		leaves++;
		if (t->oos || (c->untraced && t->kind != TABLE_SPLIT))
			bad += audit_old(c, word, (enum grant)t->grant, d);
		else if (guest_leaf(c, t, i, &w, &mva))
			bad += audit_leaf(c, word, &w, mva, t->all, (enum grant)t->grant, 0, d);
		else
			bad += fail(d, word, "maps where the guest does not (invariant 1)");
	}
	if (!t->links && !t->aside)
		bad += fail(d, t->word, "table without a slot (invariant 4)");
	if (t->side == FOR_USER ? t->grant != GRANT_U : t->side == FOR_KERNEL && t->grant != GRANT_K)
		bad += fail(d, t->word, "table of a view that grants for another (invariant 10)");
	if (leaves != t->leaves)
		bad += fail(d, t->word, "leaves miscounted (invariant 4)");
	return bad;
}

/* The guest's first-level word behind a slot; with the MMU off there is none. */
static bool guest_slot(const struct cached *c, const struct cached_root *r, uint32_t mb, struct walk *w)
{
	const struct guest *g = c->port->guest;
	uint32_t at;

	memset(w, 0, sizeof(*w));
	if (r->off) {
		w->leaf = (struct pt_desc){ .kind = PT_LEAF, .size_log2 = SECTION_LOG2,
					    .base = mb << SECTION_LOG2, .domain = NO_DOMAIN };
		return true;
	}
	w->levels = 1;
	if (c->untraced)
		w->l1 = c->from[(uint32_t)(r - c->root) * ROOT_WORDS + mb];
	else if (!cached_root_word(r, mb, &at) || !mem_read(g->tables, at, &w->l1))
		return false;
	pt_decode_l1(mmu_format(g->arch, g->sctlr), w->l1, &w->leaf);
	return w->leaf.kind != PT_FAULT;
}

static bool leads_right(const struct cached_table *t, const struct walk *w, uint32_t mb)
{
	switch (w->leaf.kind) {
	case PT_COARSE: return t->kind == TABLE_COARSE && t->key == w->leaf.base;
	case PT_FINE: return t->kind == TABLE_FINE && t->key == w->leaf.base;
	default:
		return t->kind == TABLE_SPLIT && t->key == cached_split_key(w, gva(mb << SECTION_LOG2));
	}
}

static bool is_suspect(const struct cached *c, const struct cached_table *t)
{
	return t->kind != TABLE_SPLIT && t->epoch != c->epoch;
}

/* The guest's access to a domain that the words of a root are for. */
static unsigned access_of(const struct cached *c, unsigned r, unsigned guest_domain)
{
	uint32_t dacr = cached_folds(c) ? c->root[r].dacr : c->port->guest->dacr;

	return guest_domain == NO_DOMAIN ? (unsigned)ACCESS_MANAGER : dacr >> 2 * guest_domain & 3;
}

/* Does a table of one view hang in a root of the other, or does one for both tell them apart? */
static bool is_of_view(const struct cached *c, unsigned r, const struct cached_table *t)
{
	if (c->p->view != VIEW_TWO_TABLES)
		return true;
	for (uint32_t w = t->word; t->side == FOR_BOTH && w < t->word + cached_words_of(t); w++)
		if (c->leaf[w].size_log2 && !c->leaf[w].back && c->leaf[w].k != c->leaf[w].u)
			return false;
	return t->side == FOR_BOTH || (t->side == FOR_USER) == c->root[r].user;
}

static unsigned audit_aside(const struct cached *c, uint32_t slot, const struct walk *w, struct diag *d)
{
	unsigned bad = 0;

	for (unsigned v = 0; c->aside && v < VARIANTS; v++) {
		unsigned i = c->aside[slot * VARIANTS + v].table;
		const struct cached_table *t = i ? &c->table[i - 1] : NULL;

		if (i && (!t->used || cached_variant(t) != v ||
			  !leads_right(t, w, slot % ROOT_WORDS)))
			bad += fail(d, slot, "may lead to another table than the guest's (invariant 3)");
	}
	return bad;
}

static unsigned audit_section(const struct cached *c, uint32_t slot, struct walk *w, struct diag *d)
{
	const struct cached_slot *s = &c->slot[slot];

	if (s->closed)
		return cached_peek(c, slot) ? fail(d, slot, "in a closed domain (invariant 3)") : 0;
	w->leaf.domain = 0;
	return audit_leaf(c, slot, w, gva(slot % ROOT_WORDS << SECTION_LOG2), s->all,
			  c->p->view == VIEW_TWO_TABLES && !c->root[slot / ROOT_WORDS].user
				? GRANT_K : (enum grant)c->domains.use[s->host].grant, s->host, d);
}

static unsigned audit_slot(const struct cached *c, unsigned r, uint32_t mb, struct diag *d)
{
	uint32_t slot = r * ROOT_WORDS + mb;
	const struct cached_slot *s = &c->slot[slot];
	const struct domain_use *h = &c->domains.use[s->host];
	const struct cached_table *t = s->table ? &c->table[s->table - 1] : NULL;
	unsigned access, bad;
	bool leads;
	struct walk w;

	leads = guest_slot(c, &c->root[r], mb, &w);
	bad = leads ? audit_aside(c, slot, &w, d) : 0;
	if (!s->table && !c->leaf[slot].size_log2)
		return bad + (cached_peek(c, slot) ? fail(d, slot, "is not empty (invariant 3)") : 0);
	if (s->parked && (cached_peek(c, slot) || !s->table))
		return fail(d, slot, "is parked and not empty (invariant 8)");
	if (s->table && !s->parked && r == c->now && c->untraced && is_suspect(c, t))
		return fail(d, slot, "leads to a table that was not compared (invariant 8)");
	if (!leads)
		return fail(d, slot, "leads where the guest's does not (invariant 3)");
	access = access_of(c, r, w.leaf.domain);
	if (s->host == DOM_HV || !h->used || h->guest != (cached_folds(c) ? NO_DOMAIN : s->guest) ||
	    s->guest != w.leaf.domain || (!s->closed && s->all != (access == ACCESS_MANAGER)))
		return fail(d, slot, "in another domain than the guest's (invariants 3, 5)");
	if (cached_folds(c) && !s->closed && !(access & 1))
		return fail(d, slot, "in a closed domain (invariant 3)");
	if (!s->table)
		return bad + audit_section(c, slot, &w, d);
	if (!leads_right(t, &w, mb) || t->all != s->all ||
	    cached_host_grant(c, (enum grant)t->grant) != h->grant)
		return fail(d, slot, "leads to another table than the guest's (invariant 3)");
	if (!is_of_view(c, r, t))
		return fail(d, slot, "leads to a table of the other view (invariant 10)");
	return bad;
}

/* Frame f holds tables in these quarters, all in sync. */
static unsigned audit_traced(const struct cached *c, uint32_t f, unsigned quarters, uint32_t word,
			     struct diag *d)
{
	if (c->untraced && !c->through[f])
		return cached_writes_past(c, f) ? fail(d, word, "its guest table is written past the cache "
						       "(invariant 9)") : 0;
	return quarters & ~c->traced[f] ? fail(d, word, "its guest table is not traced (invariant 2)") : 0;
}

unsigned cached_audit(void *self, struct diag *d)
{
	const struct cached *c = self;
	uint32_t leaves = 0;
	unsigned bad = 0;

	for (unsigned r = 0; r < c->p->roots; r++)
		for (uint32_t mb = 0; c->root[r].used && mb < ROOT_WORDS; mb++) {
			if (is_hypervisors(c->port, gva(mb << SECTION_LOG2)))
				continue;
			bad += audit_slot(c, r, mb, d);
			leaves += c->leaf[r * ROOT_WORDS + mb].size_log2 != 0;
		}
	for (unsigned i = 0; i < CACHED_UNITS; i++) {
		const struct cached_table *t = &c->table[i];

		if (!t->used)
			continue;
		bad += audit_table(c, t, d);
		leaves += t->leaves;
		if (t->kind != TABLE_SPLIT && !t->oos)
			bad += audit_traced(c, t->key >> FRAME_LOG2, 1u << (t->key >> 10 & 3), t->word, d);
	}
	for (unsigned r = 0; r < c->p->roots; r++) {
		struct cached_part p[2];

		for (unsigned i = cached_parts(&c->root[r], p); i-- > 0;)
			for (uint32_t at = p[i].base; at - p[i].base < p[i].bytes; at += 128)
				bad += audit_traced(c, at >> FRAME_LOG2, 1u << (at >> GRANULE_LOG2 & 3),
						    r * ROOT_WORDS, d);
	}
	bad += window_audit(&c->window, d);
	if (leaves != c->nleaves)
		bad += fail(d, 0, "leaves miscounted in all (invariant 4)");
	return bad;
}
