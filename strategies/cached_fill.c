/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `cached`: what a guest walk becomes. A table's leaves are all written for one way of
 * granting; another way rewrites them and gives its first-level words another host domain.
 */
#include <assert.h>

#include "strategies/cached.h"

enum { CLIENTS = 0x55555555, MANAGERS = -1 };    /* a guest's DACR */

static unsigned pack(const uint8_t quarter[4])
{
	return quarter[0] | quarter[1] << 2 | quarter[2] << 4 | (unsigned)quarter[3] << 6;
}

/* What the guest gives of the page, by quarter of a leaf there. */
static void take_rights(const struct cached *c, const struct walk *w, gva_t mva, bool all,
			struct cached_map *m)
{
	struct guest_page p = guest_page_under(c->port->guest, w, all ? MANAGERS : CLIENTS);

	if (m->size_log2 < w->leaf.size_log2)           /* one quarter of the guest's applies */
		view_take_quarter(&p.rights, mva.raw >> (w->leaf.size_log2 - 2) & 3);
	else if (c->format == HOST_V6)
		view_intersect(&p.rights);
	m->k = (uint8_t)pack(p.rights.k);
	m->u = (uint8_t)pack(p.rights.u);
	m->cb = w->levels ? w->leaf.cb : 0;
	m->memory = 0;
	m->attr = 0;
	m->kernel = false;
	if (c->format != HOST_V6)
		return;
	m->memory = cached_pack_memory(p.memory);
	m->attr = cached_attr(c, &p, !w->levels, m->k, m->u);
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
static bool clip(const struct cached *c, const struct walk *w, gva_t mva, bool all,
		 struct cached_map *m)
{
	static const uint8_t sizes[] = { SECTION_LOG2, PT_LARGE_LOG2, FRAME_LOG2, GRANULE_LOG2 };

	for (unsigned i = 0; i < sizeof(sizes); i++) {
		m->gpa = walk_pa(w, mva) & ~((UINT32_C(1) << sizes[i]) - 1);
		if (!has_size(c, w, sizes[i]) ||
		    (sizes[i] > FRAME_LOG2 && cached_is_traced(c, m->gpa, sizes[i])) ||
		    !c->port->to_host(c->port->m, m->gpa, sizes[i], &m->hpa))
			continue;
		m->size_log2 = sizes[i];
		take_rights(c, w, mva, all, m);
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
bool cached_grant_serves(enum grant g, const struct cached_map *m, gva_t mva, bool user,
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
bool cached_is_perfect(const struct cached_table *t, enum grant g, const struct cached_map *m)
{
	unsigned k = cached_effective(m->k, m->held), u = cached_effective(m->u, m->held);

	switch (g) {
	case GRANT_U: return t->equal == t->leaves && k == u;
	case GRANT_K: return t->konly == t->leaves && !u;
	default: return t->full == t->leaves && k == CACHED_ALL_RIGHTS && !(m->attr & LEAF_XN);
	}
}

/* t: NULL is one without leaves. */
static bool one_grant_does(const struct cached_table *t, const struct cached_map *m)
{
	static const struct cached_table empty;

	for (enum grant g = GRANT_U; g < GRANTS; g++)
		if (cached_is_perfect(t ? t : &empty, g, m))
			return true;
	return false;
}

/* One that is perfect, the present one first; else one that lets this access through. */
static enum grant choose_domain(struct cached *c, const struct cached_table *t,
				const struct cached_map *m, gva_t mva, bool user, enum access access)
{
	enum grant now = (enum grant)t->grant;

	if (t->leaves && cached_is_perfect(t, now, m))
		return now;
	for (enum grant g = GRANT_U; g < GRANTS; g++)
		if (cached_is_perfect(t, g, m))
			return g;
	if (now != GRANT_KU && t->leaves && cached_grant_serves(now, m, mva, user, access))
		return now;
	c->port->charge(c->port->m, EV_MIXEDMB, 1);
	return user || cached_grant_serves(GRANT_U, m, mva, user, access) ? GRANT_U : GRANT_K;
}

/* The user's rights as long as they do. */
static enum grant choose_fold(struct cached *c, const struct cached_table *t, struct cached_map *m,
			      gva_t mva, bool user, enum access access)
{
	enum grant g = user ? GRANT_U : t->leaves ? (enum grant)t->grant : GRANT_U;

	m->kernel = m->k != m->u && !user && !cached_grant_serves(GRANT_U, m, mva, false, access);
	if (m->kernel)
		g = GRANT_K;
	if (t->leaves && g != t->grant)
		c->port->charge(c->port->m, EV_MIXEDMB, 1);
	return g;
}

static enum grant choose(struct cached *c, const struct cached_table *t, struct cached_map *m,
			 gva_t mva, bool user, enum access access)
{
	if (c->p->view == VIEW_FOLD)
		return choose_fold(c, t, m, mva, user, access);
	if (c->p->view != VIEW_DOMAINS || t->side != FOR_BOTH)
		return (enum grant)t->grant;
	return choose_domain(c, t, m, mva, user, access);
}

/* A leaf of a table that grants in another way now. */
static void regrant_leaf(struct cached *c, const struct cached_table *t, uint32_t word)
{
	struct cached_map m;

	cached_map_of(c, word, &m);
	if (m.kernel && t->grant != GRANT_K)
		cached_zap(c, word, EV_ZAP);
	else
		cached_rewrite(c, word, &m);
}

void cached_regrant(struct cached *c, struct cached_table *t, enum grant g)
{
	unsigned left = t->leaves;

	if (g == t->grant)
		return;
	while (t->links)
		cached_unlink(c, (uint32_t)t->links - 1, EV_ZAP);
	t->grant = (uint8_t)g;
	for (uint32_t w = t->word; left; w++) {
		if (!c->leaf[w].size_log2 || c->leaf[w].back)
			continue;
		left--;
		regrant_leaf(c, t, w);
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

static void put_leaf(struct cached *c, const struct cached_table *t, uint32_t word, unsigned n,
		     const struct cached_map *m, uint32_t from)
{
	enum grant g = cached_ap_of(c, (enum grant)t->grant, m);

	write_leaf(c, word, n, m, cached_leaf_word(c, m, g, 0), from);
}

void cached_put(struct cached *c, struct cached_table *t, gva_t mva, const struct walk *w)
{
	struct cached_map m;
	uint32_t word;
	unsigned n;

	cached_note_through(c, w, mva);
	if (!guest_page_is_young(c->port->guest, w, mva) || !clip(c, w, mva, t->all, &m) ||
	    !cached_fits(c, t, &m))
		return;
	word = place(t, mva, &m, &n);
	make_room(c, word, n);
	put_leaf(c, t, word, n, &m, w->l2);
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

/* What the guest's section would give in a client domain. */
static void keep_client_rights(const struct cached *c, struct cached_slot *s, const struct walk *w)
{
	const struct guest *g = c->port->guest;
	struct guest_page p = guest_page_under(g, w, CLIENTS);

	s->k = (uint8_t)pack(p.rights.k);
	s->u = (uint8_t)pack(p.rights.u);
	s->attr = (uint8_t)((p.rights.xn ? LEAF_XN : 0) | (p.ng ? LEAF_NG : 0));
}

static enum fill fill_section(struct cached *c, uint32_t slot, const struct walk *w,
			      struct cached_map *m, gva_t mva, bool user, enum access access)
{
	unsigned guest_domain = w->levels ? w->leaf.domain : (unsigned)NO_DOMAIN;
	struct cached_slot *s = &c->slot[slot];
	unsigned domain;
	enum grant g;

	if (!s->table && s->guest == guest_domain && same_leaf(&c->leaf[slot], m) &&
	    cached_section_serves(c, slot, m, mva, user, access)) {
		cached_note_abort(c, slot, mva);
		return FILL_SPURIOUS;
	}
	g = cached_section_grant(c, m, !user && !cached_grant_serves(GRANT_U, m, mva, false, access));
	assert(g != GRANT_KU || m->k == CACHED_ALL_RIGHTS);
	cached_clear_slot(c, slot, EV_ZAP);
	domain = cached_domain_for(c, g, guest_domain);
	c->domains.use[domain].refs++;
	s->host = (uint8_t)domain;
	s->guest = (uint8_t)guest_domain;
	s->all = domains_guest_access(c->port->guest->dacr, guest_domain) == ACCESS_MANAGER;
	keep_client_rights(c, s, w);
	write_leaf(c, slot, 1, m, cached_leaf_word(c, m, cached_ap_of(c, g, m), domain), w->l1);
	cached_list_slot(c, slot);
	cached_note_abort(c, slot, mva);     /* what made it abort may be in the host TLB */
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

/* What a page is filled for. */
struct want {
	uint32_t slot, key, from;       /* key: of its table; from: the guest's word */
	enum table_kind kind;
	unsigned guest_domain;
	bool all;
	gva_t mva;
	bool user;
	enum access access;
};

static bool is_fine(const struct walk *w)
{
	enum { TYPE = 3, FINE = 3 };

	return w->levels == 2 && (w->l1 & TYPE) == FINE;
}

static void want_table(struct want *n, const struct walk *w)
{
	bool fine = is_fine(w);

	n->from = w->l2;
	n->kind = w->levels < 2 ? TABLE_SPLIT : fine ? TABLE_FINE : TABLE_COARSE;
	n->key = w->levels == 2 ? w->l2_addr & ~(fine ? FRAME_BYTES - 1u : GRANULE_BYTES - 1u)
	       : cached_split_key(w, n->mva);
}

/* The table that serves mva: the shadow of the guest's, or of a section by pages; NULL: there is none. */
static struct cached_table *find_for(struct cached *c, const struct want *n, const struct cached_map *m)
{
	struct cached_table *t = cached_find_table(c, n->kind, n->key, n->all, FOR_BOTH);
	enum side side;

	if (!cached_has_sides(c) ||
	    (t && (c->p->view == VIEW_TWO_TABLES ? m->k == m->u : one_grant_does(t, m))))
		return t;
	side = cached_side_for(c, n->slot, m, n->mva, n->user, n->access);
	if (!t)
		return cached_find_table(c, n->kind, n->key, n->all, side);
	c->pinned = t;
	cached_make_private(c, t, side);
	return t;
}

static struct cached_table *new_for(struct cached *c, const struct want *n, const struct cached_map *m)
{
	enum side side = FOR_BOTH;

	if (cached_has_sides(c)) {
		bool differs = c->p->view == VIEW_TWO_TABLES ? m->k != m->u : !one_grant_does(NULL, m);

		side = cached_side_for(c, n->slot, m, n->mva, n->user, n->access);
		if (!differs && !cached_find_table(c, n->kind, n->key, n->all,
						   side == FOR_USER ? FOR_KERNEL : FOR_USER))
			side = FOR_BOTH;
	}
	return cached_new_table(c, n->kind, n->key, n->all, side);
}

/* mb=strict: what the kernel's view denies in a megabyte that no one grant does for, though the guest does
 * not, is carried out; but for fetches. */
static bool has_to_be_emulated(const struct cached *c, const struct cached_table *t,
			       const struct want *n, const struct cached_map *m)
{
	return c->p->mb == MB_BY_EMULATION && n->access != ACCESS_FETCH && !one_grant_does(t, m) &&
	       !(t && t->leaves && t->grant == GRANT_K && !n->user) &&
	       !cached_grant_serves(GRANT_U, m, n->mva, n->user, n->access);
}

/* The slot leads elsewhere, or is a section's. */
static void free_slot(struct cached *c, const struct want *n, const struct cached_table *t)
{
	const struct cached_slot *s = &c->slot[n->slot];
	const struct cached_table *now = s->table ? &c->table[s->table - 1] : NULL;

	if (!now || !cached_keeps_variants(c) || now->kind != t->kind || now->key != t->key ||
	    s->guest != n->guest_domain) {
		if (now || c->leaf[n->slot].size_log2)
			cached_clear_slot(c, n->slot, EV_ZAP);
		return;
	}
	if (now->side != t->side)
		c->port->charge(c->port->m, EV_MIXEDMB, 1);
	cached_set_aside(c, n->slot);
}

static void lead_to(struct cached *c, const struct want *n, struct cached_table *t)
{
	if (cached_table_aside(c, n->slot, cached_variant(t)) == t)
		cached_link_again(c, n->slot, t, n->guest_domain);
	else
		cached_link(c, n->slot, t, n->guest_domain);
}

static enum fill fill_page(struct cached *c, const struct want *n, struct cached_table *t,
			   struct cached_map *m)
{
	struct cached_slot *s = &c->slot[n->slot];
	bool linked = s->table == t - c->table + 1 && s->guest == n->guest_domain, serves;
	uint32_t word;
	unsigned words;

	word = place(t, n->mva, m, &words);
	serves = !c->leaf[word].back && same_leaf(&c->leaf[word], m) &&
		 cached_leaf_serves(c, t, word, m, n->mva, n->user, n->access) &&
		 (!c->from || c->from[word] == n->from);
	if (linked && serves) {
		cached_note_abort(c, word, n->mva);
		return FILL_SPURIOUS;
	}
	if (!linked)
		free_slot(c, n, t);
	if (serves && cached_keeps_variants(c)) {       /* the slot alone was missing */
		lead_to(c, n, t);
		return FILL_DONE;
	}
	make_room(c, word, words);
	cached_regrant(c, t, choose(c, t, m, n->mva, n->user, n->access));
	if (!s->table)
		lead_to(c, n, t);
	put_leaf(c, t, word, words, m, n->from);
	cached_note_abort(c, word, n->mva);
	return FILL_DONE;
}

/* Tables that are not traced: those set aside are by a word that the guest has no more. */
static bool is_stale(struct cached *c, uint32_t slot, uint32_t l1)
{
	return c->untraced && cached_keeps_variants(c) && cached_slot_in_use(c, slot) && c->from[slot] != l1;
}

/* One AP: whatever the quarter. Traces aside. */
static bool gives(const struct cached_map *m, bool user, enum access access)
{
	return (user ? m->u : m->k) & (access == ACCESS_WRITE ? RIGHT_WRITE : RIGHT_READ);
}

enum fill cached_fill(struct cached *c, gva_t mva, const struct walk *w, bool user, enum access access)
{
	struct want n = { .slot = c->now * ROOT_WORDS + (mva.raw >> SECTION_LOG2), .mva = mva,
			  .guest_domain = w->levels ? w->leaf.domain : (unsigned)NO_DOMAIN,
			  .user = user, .access = access };
	struct cached_table *t;
	struct cached_map m;
	enum fill f;

	if (is_fine(w) && !(c->port->fine && c->format == HOST_V5))
		return FILL_TINY;
	n.all = domains_guest_access(c->port->guest->dacr, n.guest_domain) == ACCESS_MANAGER;
	cached_note_through(c, w, mva);
	if (!clip(c, w, mva, n.all, &m))
		return FILL_NO_MEMORY;
	if (c->format == HOST_V6 && !gives(&m, user, access))
		return FILL_NARROW;
	if (m.size_log2 == SECTION_LOG2)
		return fill_section(c, n.slot, w, &m, mva, user, access);
	want_table(&n, w);
	if (is_stale(c, n.slot, w->l1))
		cached_clear_slot(c, n.slot, EV_ZAP);
	t = find_for(c, &n, &m);
	if (has_to_be_emulated(c, t, &n, &m))
		return FILL_NARROW;
	if (!t)
		t = new_for(c, &n, &m);
	c->pinned = t;
	cached_note_through(c, w, mva); /* a new table may be in the very frame */
	(void)clip(c, w, mva, n.all, &m);
	f = fill_page(c, &n, t, &m);
	if (c->from)
		c->from[n.slot] = w->l1;
	if ((c->p->prefill || c->p->prefetch) && f == FILL_DONE && t->kind != TABLE_SPLIT)
		prefill(c, n.slot, mva);
	t->at = ++c->tick;
	t->ref = true;
	t->flood = 0;
	c->root[c->now].flood = 0;
	c->pinned = NULL;
	return f;
}
