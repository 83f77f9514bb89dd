/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strategy `cached`: leaves, what they grant, and the host domains that stand for it. */
#include "strategies/cached.h"

#include <assert.h>
#include <string.h>

enum { ALL_QUARTERS = 0xf };

/* --- rights ------------------------------------------------------------------------------- */

unsigned cached_effective(unsigned rights, unsigned held)
{
	for (unsigned q = 0; q < 4; q++)
		if (held >> q & 1)
			rights &= ~((unsigned)RIGHT_WRITE << 2 * q);
	return rights;
}

unsigned cached_held(const struct cached *c, uint32_t gpa, unsigned size_log2)
{
	unsigned tables = c->traced[gpa >> FRAME_LOG2];

	if (size_log2 > FRAME_LOG2 || !tables)
		return 0;
	if (!c->p->filter)
		return ALL_QUARTERS;
	if (size_log2 == FRAME_LOG2)
		return tables;
	return tables >> (gpa >> GRANULE_LOG2 & 3) & 1 ? ALL_QUARTERS : 0;
}

bool cached_grants(const struct cached_leaf *l, gva_t mva, bool user, enum access access)
{
	unsigned quarter = mva.raw >> (l->size_log2 - 2) & 3;
	unsigned rights = (user ? l->u : l->k) >> 2 * quarter;

	return rights & (access == ACCESS_WRITE ? RIGHT_WRITE : RIGHT_READ);
}

enum grant cached_ap_of(const struct cached *c, enum grant grant, const struct cached_map *m)
{
	if (c->p->view == VIEW_FOLD)
		return m->kernel ? GRANT_K : GRANT_U;
	if (c->p->view == VIEW_REFLUSH)
		return m->k == m->u || c->user_view ? GRANT_U : GRANT_K;
	return grant;
}

uint32_t cached_leaf_word(const struct cached *c, const struct cached_map *m, enum grant grant,
			  unsigned domain)
{
	unsigned rights = cached_effective(grant == GRANT_K ? m->k : m->u, m->held);
	struct host_leaf l = { .hpa = m->hpa, .size_log2 = (uint8_t)m->size_log2,
			       .domain = (uint8_t)domain, .cb = m->cb,
			       .memory = cached_unpack_memory(m->memory),
			       .xn = m->attr & LEAF_XN, .ng = m->attr & LEAF_NG };

	for (unsigned q = 0; q < 4; q++) {
		unsigned r = rights >> 2 * q & 3;

		l.ap[q] = r & RIGHT_WRITE ? 3 : r ? 2 : 1;
	}
	return host_leaf_word(c->format, &l);
}

/* --- bookkeeping ---------------------------------------------------------------------------- */

unsigned cached_leaf_words(struct cached *c, uint32_t word)
{
	const struct cached_leaf *l = &c->leaf[word];

	if (cached_is_root_word(c, word))
		return 1;
	if (cached_table_of(c, word)->kind == TABLE_FINE)
		return 1u << (l->size_log2 - GRANULE_LOG2);
	return 1u << (l->size_log2 - FRAME_LOG2);
}

static int32_t *list_of(struct cached *c, const struct cached_leaf *l)
{
	return l->size_log2 > FRAME_LOG2 ? &c->in_mb[l->gpa >> SECTION_LOG2]
					 : &c->in_frame[l->gpa >> FRAME_LOG2];
}

static void count(struct cached *c, uint32_t word, int by)
{
	const struct cached_leaf *l = &c->leaf[word];
	unsigned k = cached_effective(l->k, l->held), u = cached_effective(l->u, l->held);
	struct cached_table *t;

	if (cached_is_root_word(c, word))
		return;
	t = cached_table_of(c, word);
	t->leaves = (uint16_t)(t->leaves + by);
	t->equal = (uint16_t)(t->equal + (k == u ? by : 0));
	t->konly = (uint16_t)(t->konly + (u == 0 ? by : 0));
	t->full = (uint16_t)(t->full + (k == CACHED_ALL_RIGHTS && !(l->attr & LEAF_XN) ? by : 0));
	t->global = (uint16_t)(t->global + (l->attr & LEAF_NG ? 0 : by));
}

void cached_add_leaf(struct cached *c, uint32_t word, unsigned nwords, const struct cached_map *m)
{
	struct cached_leaf *l = &c->leaf[word];
	int32_t *head;

	for (unsigned i = 0; i < nwords; i++)
		c->leaf[word + i] = (struct cached_leaf){ .size_log2 = (uint8_t)m->size_log2,
							  .back = (uint8_t)i };
	*l = (struct cached_leaf){ .gpa = m->gpa, .size_log2 = (uint8_t)m->size_log2, .k = m->k,
				   .u = m->u, .held = m->held & ALL_QUARTERS, .kernel = m->kernel,
				   .cb = m->cb, .memory = m->memory, .attr = m->attr };
	head = list_of(c, l);
	l->next = *head;
	if (*head)
		c->leaf[*head - 1].prev = (int32_t)word + 1;
	*head = (int32_t)word + 1;
	c->nleaves++;
	count(c, word, 1);
	if (c->p->view == VIEW_REFLUSH && m->k != m->u)
		cached_note_viewed(c, word);
}

void cached_remove_leaf(struct cached *c, uint32_t word)
{
	struct cached_leaf *l = &c->leaf[word];
	unsigned n = cached_leaf_words(c, word);

	count(c, word, -1);
	if (c->p->view == VIEW_REFLUSH && l->k != l->u)
		cached_forget_viewed(c, word);
	c->nleaves--;
	if (l->prev)
		c->leaf[l->prev - 1].next = l->next;
	else
		*list_of(c, l) = l->next;
	if (l->next)
		c->leaf[l->next - 1].prev = l->prev;
	memset(l, 0, n * sizeof(*l));
}

int32_t cached_leaf_at(struct cached *c, gva_t mva)
{
	uint32_t slot = c->now * ROOT_WORDS + (mva.raw >> SECTION_LOG2), word = slot;

	if (c->slot[slot].parked)
		return -1;
	if (c->slot[slot].table) {
		const struct cached_table *t = &c->table[c->slot[slot].table - 1];

		word = t->word + ((mva.raw & (SECTION_BYTES - 1)) >>
				  (t->kind == TABLE_FINE ? GRANULE_LOG2 : FRAME_LOG2));
	}
	return c->leaf[word].size_log2 ? (int32_t)(word - c->leaf[word].back) : -1;
}

void cached_map_of(const struct cached *c, uint32_t word, struct cached_map *m)
{
	const struct cached_leaf *l = &c->leaf[word];

	*m = (struct cached_map){ .gpa = l->gpa, .size_log2 = l->size_log2, .k = l->k, .u = l->u,
				  .held = l->held, .cb = l->cb, .memory = l->memory, .attr = l->attr,
				  .kernel = l->kernel };
	(void)c->port->to_host(c->port->m, l->gpa, l->size_log2, &m->hpa);
}

void cached_rewrite(struct cached *c, uint32_t word, const struct cached_map *m)
{
	enum grant grant = cached_ap_of(c, (enum grant)cached_table_of(c, word)->grant, m);
	uint32_t value = cached_leaf_word(c, m, grant, 0);
	unsigned n = cached_leaf_words(c, word);

	if (m->held != c->leaf[word].held) {
		count(c, word, -1);
		c->leaf[word].held = m->held & ALL_QUARTERS;
		count(c, word, 1);
	}
	if (cached_peek(c, word) == value)
		return;
	cached_note_word(c, word);
	for (unsigned i = 0; i < n; i++)
		cached_store(c, word + i, value, EV_FILL_WORD);
}

/* --- host domains ----------------------------------------------------------------------------- */

void cached_set_dacr(struct cached *c)
{
	c->port->host_set(c->port->m, HOST_DACR, domains_dacr(&c->domains, c->port->guest->dacr,
							      c->user_view, false));
}

/* One in use may have to give way. */
static void take_domain(struct cached *c, unsigned d)
{
	for (uint32_t s = 0; s < c->p->roots * ROOT_WORDS && c->domains.use[d].refs; s++)
		if (c->slot[s].host == d && (c->slot[s].table || c->leaf[s].size_log2))
			cached_clear_slot(c, s, EV_EVICT);
	assert(!c->domains.use[d].refs);
}

unsigned cached_domain_for(struct cached *c, enum grant grant, unsigned guest_domain)
{
	unsigned d;

	grant = cached_host_grant(c, grant);
	if (cached_folds(c))
		guest_domain = NO_DOMAIN;
	d = domains_find(&c->domains, grant, guest_domain);
	if (d)
		return d;
	d = domains_victim(&c->domains);
	take_domain(c, d);
	domains_give(&c->domains, d, grant, guest_domain);
	c->port->charge(c->port->m, EV_FOLD, 1);
	cached_set_dacr(c);
	return d;
}
