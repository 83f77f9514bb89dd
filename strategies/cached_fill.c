/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `cached`: what a guest walk becomes. A table's leaves are all written for one way of
 * granting; another way rewrites them and gives its first-level words another host domain.
 */
#include <assert.h>

#include "strategies/cached.h"

static unsigned pack(const uint8_t quarter[4])
{
	return quarter[0] | quarter[1] << 2 | quarter[2] << 4 | (unsigned)quarter[3] << 6;
}

/* What the guest gives of the page, by quarter of a leaf there. */
static void take_rights(const struct cached *c, const struct walk *w, gva_t mva, struct cached_map *m)
{
	struct guest_page p = guest_page_of(c->port->guest, w);

	if (m->size_log2 < w->leaf.size_log2)           /* one quarter of the guest's applies */
		view_take_quarter(&p.rights, mva.raw >> (w->leaf.size_log2 - 2) & 3);
	else if (c->format == HOST_V6)
		view_intersect(&p.rights);
	m->k = (uint8_t)pack(p.rights.k);
	m->u = (uint8_t)pack(p.rights.u);
	m->cb = w->levels ? w->leaf.cb : 0;
	m->memory = 0;
	m->attr = 0;
	if (c->format != HOST_V6)
		return;
	m->memory = cached_pack_memory(p.memory);
	/* with the MMU off nothing of the guest's is global: it goes when the MMU is on */
	m->attr = (uint8_t)((p.rights.xn ? LEAF_XN : 0) | (p.ng || !w->levels ? LEAF_NG : 0));
}

/* Small pages are the host's smallest in HOST_V6, and of a larger one all quarters are equal. */
static bool has_size(const struct cached *c, const struct walk *w, unsigned size_log2)
{
	const uint8_t *ap = w->leaf.ap;

	if (size_log2 > w->leaf.size_log2)
		return false;
	if (c->format != HOST_V6)
		return true;
	return size_log2 == FRAME_LOG2 ||
	       (size_log2 > FRAME_LOG2 && ap[0] == ap[1] && ap[0] == ap[2] && ap[0] == ap[3]);
}

/* Largest leaf: the guest's, clipped to what is in one piece in the machine and not traced. */
static bool clip(const struct cached *c, const struct walk *w, gva_t mva, struct cached_map *m)
{
	static const uint8_t sizes[] = { SECTION_LOG2, PT_LARGE_LOG2, FRAME_LOG2, GRANULE_LOG2 };

	for (unsigned i = 0; i < sizeof(sizes); i++) {
		m->gpa = walk_pa(w, mva) & ~((UINT32_C(1) << sizes[i]) - 1);
		if (!has_size(c, w, sizes[i]) ||
		    (sizes[i] > FRAME_LOG2 && cached_is_traced(c, m->gpa, sizes[i])) ||
		    !c->port->to_host(c->port->m, m->gpa, sizes[i], &m->hpa))
			continue;
		m->size_log2 = sizes[i];
		take_rights(c, w, mva, m);
		m->held = (uint8_t)cached_held(c, m->gpa, sizes[i]);
		return true;
	}
	return false;
}

static bool same_leaf(const struct cached_leaf *l, const struct cached_map *m)
{
	return l->size_log2 == m->size_log2 && l->gpa == m->gpa && l->k == m->k && l->u == m->u &&
	       l->held == m->held && l->cb == m->cb && l->memory == m->memory && l->attr == m->attr;
}

/* Does the view get from a leaf with these rights what the access needs? */
static bool grant_serves(enum grant g, const struct cached_map *m, gva_t mva, bool user,
			 enum access access)
{
	unsigned need = access == ACCESS_WRITE ? RIGHT_WRITE : RIGHT_READ;
	unsigned shift = 2 * (mva.raw >> (m->size_log2 - 2) & 3);

	if (g == GRANT_K)
		return !user && cached_effective(m->k, m->held) >> shift & need;
	if (g == GRANT_KU && !user)
		return true;
	return cached_effective(m->u, m->held) >> shift & need;
}

/* Could g give every leaf of t, and m, all that the guest gives? */
static bool is_perfect(const struct cached_table *t, enum grant g, const struct cached_map *m)
{
	unsigned k = cached_effective(m->k, m->held), u = cached_effective(m->u, m->held);

	switch (g) {
	case GRANT_U: return t->equal == t->leaves && k == u;
	case GRANT_K: return t->konly == t->leaves && !u;
	default: return t->full == t->leaves && k == CACHED_ALL_RIGHTS && !(m->attr & LEAF_XN);
	}
}

/* One that is perfect, the present one first; else one that lets this access through. */
static enum grant choose(struct cached *c, const struct cached_table *t, const struct cached_map *m,
			 gva_t mva, bool user, enum access access)
{
	enum grant now = (enum grant)t->grant;

	if (t->leaves && is_perfect(t, now, m))
		return now;
	for (enum grant g = GRANT_U; g < GRANTS; g++)
		if (is_perfect(t, g, m))
			return g;
	if (now != GRANT_KU && t->leaves && grant_serves(now, m, mva, user, access))
		return now;
	c->port->charge(c->port->m, EV_MIXEDMB, 1);
	return user || grant_serves(GRANT_U, m, mva, user, access) ? GRANT_U : GRANT_K;
}

/* Its slots stand for the old grant: they are linked again when they are used. */
static void regrant(struct cached *c, struct cached_table *t, enum grant g)
{
	unsigned left = t->leaves;

	if (g == t->grant)
		return;
	while (t->links)
		cached_clear_slot(c, (uint32_t)t->links - 1, EV_ZAP);
	t->grant = (uint8_t)g;
	for (uint32_t w = t->word; left; w++) {
		struct cached_map m;

		if (!c->leaf[w].size_log2 || c->leaf[w].back)
			continue;
		cached_map_of(c, w, &m);
		cached_rewrite(c, w, &m);
		left--;
	}
}

/* from: the guest's word. */
static void write_leaf(struct cached *c, uint32_t word, unsigned n, const struct cached_map *m,
		       uint32_t value, uint32_t from)
{
	if (c->from)
		c->from[word] = from;
	cached_store(c, word, value, EV_FILL);
	for (unsigned i = 1; i < n; i++)
		cached_store(c, word + i, value, EV_FILL_WORD);
	cached_add_leaf(c, word, n, m);
}

static uint32_t place(const struct cached_table *t, gva_t mva, const struct cached_map *m,
		      unsigned *n)
{
	unsigned shift = t->kind == TABLE_FINE ? GRANULE_LOG2 : FRAME_LOG2;
	uint32_t base = mva.raw & (SECTION_BYTES - 1) & ~((UINT32_C(1) << m->size_log2) - 1);

	*n = 1u << (m->size_log2 - shift);
	return t->word + (base >> shift);
}

static void make_room(struct cached *c, uint32_t word, unsigned n)
{
	for (uint32_t w = word; w < word + n; w++)
		if (c->leaf[w].size_log2)
			cached_zap(c, w - c->leaf[w].back, EV_ZAP);
}

void cached_put(struct cached *c, struct cached_table *t, gva_t mva, const struct walk *w)
{
	struct cached_map m;
	uint32_t word;
	unsigned n;

	cached_note_through(c, w, mva);
	if (!guest_page_is_young(c->port->guest, w, mva) || !clip(c, w, mva, &m) ||
	    !is_perfect(t, (enum grant)t->grant, &m))
		return;
	word = place(t, mva, &m, &n);
	make_room(c, word, n);
	write_leaf(c, word, n, &m, cached_leaf_word(c, &m, (enum grant)t->grant, 0), w->l2);
}

bool cached_word_maps(const struct cached *c, const struct cached_table *t, int32_t s, uint32_t index,
		      uint32_t word, gva_t *mva, struct walk *w)
{
	bool fine = t->kind == TABLE_FINE;
	const struct guest *g = c->port->guest;
	unsigned size_log2 = fine ? GRANULE_LOG2 : FRAME_LOG2;

	*w = (struct walk){ .levels = 2, .l2 = word };
	pt_decode_l2(mmu_format(g->arch, g->sctlr), word, fine, &w->leaf);
	w->leaf.domain = c->slot[s - 1].guest;
	*mva = gva((uint32_t)(s - 1) % ROOT_WORDS << SECTION_LOG2 | index << size_log2);
	return w->leaf.kind == PT_LEAF && w->leaf.size_log2 == size_log2;
}

/* Entries beside the one that was missing, as far as they are in this table: the next ones, or the others
 * of its aligned group. */
static void prefill(struct cached *c, uint32_t slot, gva_t missed)
{
	struct cached_table *t = &c->table[c->slot[slot].table - 1];
	unsigned shift = t->kind == TABLE_FINE ? GRANULE_LOG2 : FRAME_LOG2;
	uint32_t at = (missed.raw & (SECTION_BYTES - 1)) >> shift, word;
	uint32_t group = UINT32_C(1) << c->p->prefetch, first = at & ~(group - 1);
	uint32_t end = c->p->prefill ? at + 1 + c->p->prefill : first + group;
	struct walk w;
	gva_t mva;

	for (uint32_t i = c->p->prefill ? at + 1 : first; i < end && i < cached_words_of(t); i++) {
		if (c->leaf[t->word + i].size_log2)
			continue;
		c->port->charge(c->port->m, EV_PREFILL, 1);
		if (mem_read(c->port->guest->tables, t->key + 4 * i, &word) &&
		    cached_word_maps(c, t, (int32_t)slot + 1, i, word, &mva, &w))
			cached_put(c, t, mva, &w);
	}
}

/* A manager domain knows no XN: such a section gives one view what that has. */
static enum grant section_grant(struct cached *c, const struct cached_map *m, gva_t mva, bool user,
				enum access access)
{
	if (m->k == m->u)
		return GRANT_U;
	if (!m->u)
		return GRANT_K;
	if (!(m->attr & LEAF_XN))
		return GRANT_KU;
	c->port->charge(c->port->m, EV_MIXEDMB, 1);
	return user || grant_serves(GRANT_U, m, mva, user, access) ? GRANT_U : GRANT_K;
}

static enum fill fill_section(struct cached *c, uint32_t slot, unsigned guest_domain, bool all, gva_t mva,
			      const struct cached_map *m, uint32_t l1, bool user, enum access access)
{
	struct cached_slot *s = &c->slot[slot];
	unsigned domain;
	enum grant g;

	if (!s->table && s->guest == guest_domain && same_leaf(&c->leaf[slot], m) &&
	    grant_serves((enum grant)c->domains.use[s->host].grant, m, mva, user, access)) {
		cached_note_abort(c, slot);
		return FILL_SPURIOUS;
	}
	g = section_grant(c, m, mva, user, access);
	assert(g != GRANT_KU || m->k == CACHED_ALL_RIGHTS);
	cached_clear_slot(c, slot, EV_ZAP);
	domain = cached_domain_for(c, g, guest_domain);
	c->domains.use[domain].refs++;
	s->host = (uint8_t)domain;
	s->guest = (uint8_t)guest_domain;
	s->all = all;
	write_leaf(c, slot, 1, m, cached_leaf_word(c, m, g, domain), l1);
	cached_note_abort(c, slot);     /* what made it abort may be in the host TLB */
	return FILL_DONE;
}

uint32_t cached_split_key(const struct walk *w, gva_t mva)
{
	enum { DOMAIN_FIELD = 0xf << 5, SUPER_LOG2 = 24 };
	uint32_t key = w->l1 & ~(uint32_t)DOMAIN_FIELD, mb = (1u << SUPER_LOG2) - SECTION_BYTES;

	if (!w->levels)
		return mva.raw & ~(SECTION_BYTES - 1u);
	/* bits 23:20 of such a word are address bits that 32-bit cores ignore */
	return w->leaf.size_log2 == SUPER_LOG2 ? (key & ~mb) | (mva.raw & mb) : key;
}

/* The table that serves mva: the shadow of the guest's, or of a section by pages. */
static struct cached_table *table_for(struct cached *c, const struct walk *w, gva_t mva, bool all)
{
	enum { TYPE = 3, FINE = 3 };
	bool fine = (w->l1 & TYPE) == FINE;
	enum table_kind kind = w->levels < 2 ? TABLE_SPLIT : fine ? TABLE_FINE : TABLE_COARSE;
	uint32_t key = w->levels == 2 ? w->l2_addr & ~(fine ? FRAME_BYTES - 1u : GRANULE_BYTES - 1u)
		     : cached_split_key(w, mva);
	struct cached_table *t = cached_find_table(c, kind, key, all);

	if (!t)
		t = cached_new_table(c, kind, key, all);
	c->pinned = t;
	return t;
}

static enum fill fill_page(struct cached *c, uint32_t slot, unsigned guest_domain,
			   struct cached_table *t, gva_t mva, const struct cached_map *m,
			   uint32_t from, bool user, enum access access)
{
	struct cached_slot *s = &c->slot[slot];
	bool linked = s->table == t - c->table + 1 && s->guest == guest_domain;
	uint32_t word;
	unsigned n;

	word = place(t, mva, m, &n);
	if (linked && !c->leaf[word].back && same_leaf(&c->leaf[word], m) &&
	    grant_serves((enum grant)t->grant, m, mva, user, access) &&
	    (!c->from || c->from[word] == from)) {
		cached_note_abort(c, word);
		return FILL_SPURIOUS;
	}
	if (!linked)
		cached_clear_slot(c, slot, EV_ZAP);
	make_room(c, word, n);
	regrant(c, t, choose(c, t, m, mva, user, access));
	if (!s->table)
		cached_link(c, slot, t, guest_domain);
	write_leaf(c, word, n, m, cached_leaf_word(c, m, (enum grant)t->grant, 0), from);
	cached_note_abort(c, word);
	return FILL_DONE;
}

/* One AP: whatever the quarter. Traces aside. */
static bool gives(const struct cached_map *m, bool user, enum access access)
{
	return (user ? m->u : m->k) & (access == ACCESS_WRITE ? RIGHT_WRITE : RIGHT_READ);
}

enum fill cached_fill(struct cached *c, gva_t mva, const struct walk *w, bool user, enum access access)
{
	unsigned guest_domain = w->levels ? w->leaf.domain : (unsigned)NO_DOMAIN;
	bool all = domains_guest_access(c->port->guest->dacr, guest_domain) == ACCESS_MANAGER;
	uint32_t slot = c->now * ROOT_WORDS + (mva.raw >> SECTION_LOG2);
	struct cached_table *t;
	struct cached_map m;
	enum fill f;

	cached_note_through(c, w, mva);
	if (!clip(c, w, mva, &m))
		return FILL_NO_MEMORY;
	if (c->format == HOST_V6 && !gives(&m, user, access))
		return FILL_NARROW;
	if (m.size_log2 == SECTION_LOG2)
		return fill_section(c, slot, guest_domain, all, mva, &m, w->l1, user, access);
	t = table_for(c, w, mva, all);
	cached_note_through(c, w, mva); /* a new table may be in the very frame */
	(void)clip(c, w, mva, &m);
	f = fill_page(c, slot, guest_domain, t, mva, &m, w->l2, user, access);
	if (c->from)
		c->from[slot] = w->l1;
	if ((c->p->prefill || c->p->prefetch) && f == FILL_DONE && t->kind != TABLE_SPLIT)
		prefill(c, slot, mva);
	t->at = ++c->tick;
	t->ref = true;
	t->flood = 0;
	c->root[c->now].flood = 0;
	c->pinned = NULL;
	return f;
}
