/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strategy `inplace`: what entries map, what they grant, and which of them map the same memory. */
#include "strategies/inplace.h"

#include <string.h>

struct inplace_table *inplace_table_of(struct inplace *c, uint32_t n)
{
	return &c->table[c->owner[(n - c->slots) / TABLE_WORDS] - 1];
}

/* --- what is held ----------------------------------------------------------------------------- */

bool inplace_is_held(const struct inplace *c, uint32_t gpa, unsigned size_log2)
{
	uint32_t first = gpa >> FRAME_LOG2, n = UINT32_C(1) << (size_log2 - FRAME_LOG2);

	for (uint32_t f = first; f < first + n; f++)
		if (c->no_stores[f])
			return true;
	return false;
}

static uint8_t quarters_of(const struct inplace *c, uint8_t of_frame, uint32_t gpa, unsigned size_log2)
{
	if (!of_frame)
		return 0;
	if (!c->p->filter)
		return ALL_QUARTERS;
	if (size_log2 == FRAME_LOG2)
		return of_frame;
	return of_frame >> (gpa >> GRANULE_LOG2 & 3) & 1 ? ALL_QUARTERS : 0;
}

struct inplace_held inplace_held_of(const struct inplace *c, uint32_t gpa, unsigned size_log2)
{
	uint32_t frame = gpa >> FRAME_LOG2;

	if (size_log2 > FRAME_LOG2)
		return (struct inplace_held){ 0, 0 };
	return (struct inplace_held){ quarters_of(c, c->no_stores[frame], gpa, size_log2),
				      quarters_of(c, c->nothing[frame], gpa, size_log2) };
}

unsigned inplace_left(unsigned rights, struct inplace_held held)
{
	for (unsigned q = 0; q < 4; q++) {
		if (held.stores >> q & 1)
			rights &= ~((unsigned)RIGHT_WRITE << 2 * q);
		if (held.all >> q & 1)
			rights &= ~(3u << 2 * q);
	}
	return rights;
}

/* --- what a word maps --------------------------------------------------------------------------- */

static unsigned pack(const uint8_t quarter[4])
{
	return quarter[0] | quarter[1] << 2 | quarter[2] << 4 | (unsigned)quarter[3] << 6;
}

/* HOST_V6 has one AP a page: what all quarters grant. off: the MMU is. */
static void set_leaf(const struct inplace *c, const struct pt_desc *leaf, bool all, bool off, int quarter,
		     struct inplace_map *m)
{
	const struct guest *g = c->port->guest;
	struct walk w = { .levels = 2, .leaf = *leaf };
	struct view_rights r;

	w.leaf.domain = 0;
	r = view_fold_on(g->arch, &w, all ? ACCESS_MANAGER : ACCESS_CLIENT, g->sctlr);
	if (quarter >= 0)
		view_take_quarter(&r, (unsigned)quarter);
	else if (c->format == HOST_V6)
		view_intersect(&r);
	m->k = (uint8_t)pack(r.k);
	m->u = (uint8_t)pack(r.u);
	m->cb = leaf->cb;
	m->xn = r.xn;
	m->ng = leaf->attr & PT_NG;
	m->memory = off ? (struct pt_memory){ .type = MEM_STRONGLY_ORDERED, .shared = true }
			: mmu_memory(g->arch, leaf, g->sctlr, g->prrr, g->nmrr);
}

/* A page without its access flag is not there: an access has to fault. */
static bool is_flagged(const struct inplace *c, const struct pt_desc *leaf)
{
	struct walk w = { .levels = 2, .leaf = *leaf };

	return guest_page_is_young(c->port->guest, &w, gva(0));
}

static bool is_whole(const struct inplace *c, uint32_t gpa, unsigned size_log2, uint32_t *hpa)
{
	return (size_log2 <= FRAME_LOG2 || !inplace_is_held(c, gpa, size_log2)) &&
	       c->port->to_host(c->port->m, gpa, size_log2, hpa);
}

/* A word of a large page leads to all of it, or to the 4 KB that are its own. */
bool inplace_map_word(const struct inplace *c, const struct inplace_table *t, uint32_t i, uint32_t w,
		      struct inplace_map *m)
{
	const struct guest *g = c->port->guest;
	uint32_t own = i << inplace_shift_of(t), mask;
	struct pt_desc leaf;
	int quarter = -1;

	pt_decode_l2(mmu_format(g->arch, g->sctlr), w, t->kind == TABLE_FINE, &leaf);
	if (leaf.kind != PT_LEAF || !inplace_is_rebuilt(w, inplace_form_of(c, t)) || !is_flagged(c, &leaf))
		return false;
	m->size_log2 = leaf.size_log2;
	mask = (UINT32_C(1) << m->size_log2) - 1;
	m->gpa = leaf.base & ~mask;
	if (m->size_log2 > FRAME_LOG2 && !is_whole(c, m->gpa, m->size_log2, &m->hpa)) {
		quarter = own >> (m->size_log2 - 2) & 3;
		m->gpa |= own & mask & ~(FRAME_BYTES - 1u);
		m->size_log2 = FRAME_LOG2;
	}
	set_leaf(c, &leaf, t->all, false, quarter, m);
	m->held = inplace_held_of(c, m->gpa, m->size_log2);
	return is_whole(c, m->gpa, m->size_log2, &m->hpa);
}

/* Of a split section, by 64 KB where that is possible. w: inplace_section_key(), or the address of the megabyte with the
 * MMU off. */
static bool map_split(const struct inplace *c, uint32_t w, bool all, uint32_t i, struct inplace_map *m)
{
	struct pt_desc leaf = { .kind = PT_LEAF };

	if (w & 3)
		pt_decode_l1(mmu_format(c->port->guest->arch, c->port->guest->sctlr), w, &leaf);
	leaf.base = w & ~(SECTION_BYTES - 1u);
	leaf.size_log2 = SECTION_LOG2;
	if (w & 3 && !is_flagged(c, &leaf))
		return false;
	m->size_log2 = PT_LARGE_LOG2;
	m->gpa = (leaf.base | i << FRAME_LOG2) & ~((UINT32_C(1) << PT_LARGE_LOG2) - 1);
	set_leaf(c, &leaf, all, !(w & 3), 0, m);
	m->held = (struct inplace_held){ 0, 0 };
	if (is_whole(c, m->gpa, PT_LARGE_LOG2, &m->hpa))
		return true;
	m->size_log2 = FRAME_LOG2;
	m->gpa = leaf.base | i << FRAME_LOG2;
	m->held = inplace_held_of(c, m->gpa, FRAME_LOG2);
	return is_whole(c, m->gpa, FRAME_LOG2, &m->hpa);
}

bool inplace_map_entry(const struct inplace *c, const struct inplace_table *t, uint32_t i, struct inplace_map *m)
{
	if (t->kind == TABLE_SPLIT)
		return map_split(c, t->key, t->all, i, m);
	return inplace_map_word(c, t, i, inplace_guest_has(c, t, i), m);
}

bool inplace_map_section(const struct inplace *c, uint32_t gpa, const struct pt_desc *leaf, bool all, bool off,
			 struct inplace_map *m)
{
	m->gpa = gpa & ~(SECTION_BYTES - 1u);
	m->size_log2 = SECTION_LOG2;
	set_leaf(c, leaf, all, off, 0, m);
	m->held = (struct inplace_held){ 0, 0 };
	return (off || is_flagged(c, leaf)) && is_whole(c, m->gpa, SECTION_LOG2, &m->hpa);
}

uint32_t inplace_guest_has(const struct inplace *c, const struct inplace_table *t, uint32_t i)
{
	uint32_t machine = c->port->table_peek(c->port->m, t->key + 4 * i);
	uint32_t at = c->port->to_guest(c->port->m, inplace_base(machine, t->kind == TABLE_FINE));

	return inplace_guest_word(machine, at, c->entry[t->entry + i].side, inplace_form_of(c, t));
}

/* --- what it grants ------------------------------------------------------------------------------ */

bool inplace_is_expressible(const struct inplace_map *m, enum grant g)
{
	/* a manager's access is stopped by nothing, by XN neither */
	return g != GRANT_KU || (inplace_left(m->k, m->held) == ALL_RIGHTS && !m->xn);
}

bool inplace_is_perfect(enum grant g, const struct inplace_map *m)
{
	unsigned k = inplace_left(m->k, m->held), u = inplace_left(m->u, m->held);

	switch (g) {
	case GRANT_U: return k == u;
	case GRANT_K: return !u;
	default: return (k == ALL_RIGHTS && !m->xn) || !k;
	}
}

void inplace_ap(const struct inplace_map *m, enum grant g, uint8_t ap[4])
{
	unsigned rights = inplace_left(g == GRANT_K ? m->k : m->u, m->held);

	for (unsigned q = 0; q < 4; q++) {
		unsigned r = rights >> 2 * q & 3;

		ap[q] = r & RIGHT_WRITE ? 3 : r ? 2 : 1;
	}
}

bool inplace_serves(enum grant g, const struct inplace_map *m, gva_t mva, bool user, enum access access)
{
	unsigned need = access == ACCESS_WRITE ? RIGHT_WRITE : RIGHT_READ;
	unsigned shift = 2 * (mva.raw >> (m->size_log2 - 2) & 3);

	if (!inplace_is_expressible(m, g) || (access == ACCESS_FETCH && m->xn))
		return false;
	if (g == GRANT_K)
		return !user && inplace_left(m->k, m->held) >> shift & need;
	if (g == GRANT_KU && !user)
		return true;
	return inplace_left(m->u, m->held) >> shift & need;
}

bool inplace_allows(const struct inplace_map *m, gva_t mva, bool user, enum access access)
{
	unsigned need = access == ACCESS_WRITE ? RIGHT_WRITE : RIGHT_READ;

	return (user ? m->u : m->k) >> 2 * (mva.raw >> (m->size_log2 - 2) & 3) & need &&
	       !(access == ACCESS_FETCH && m->xn);
}

uint32_t inplace_word(const struct inplace *c, const struct inplace_map *m, enum grant g, unsigned domain)
{
	struct host_leaf l = { .hpa = m->hpa, .size_log2 = (uint8_t)m->size_log2, .domain = (uint8_t)domain,
			       .cb = m->cb, .memory = m->memory, .xn = m->xn, .ng = m->ng };

	inplace_ap(m, g, l.ap);
	return host_leaf_word(c->format, &l);
}

bool inplace_holds(const struct inplace_map *m, gva_t mva, enum access access)
{
	unsigned q = mva.raw >> (m->size_log2 - 2) & 3;

	return (m->held.all | (access == ACCESS_WRITE ? m->held.stores : 0)) >> q & 1;
}

/* --- lists ---------------------------------------------------------------------------------------- */

/* By what the machine's word says: the guest's may map more or less by now. */
static int32_t *list_of(struct inplace *c, uint32_t n)
{
	uint32_t machine = inplace_peek(c, n), gpa;

	if (inplace_is_slot(c, n)) {
		gpa = c->port->to_guest(c->port->m, machine & ~(SECTION_BYTES - 1u));
		return &c->in_mb[gpa >> SECTION_LOG2];
	}
	gpa = c->port->to_guest(c->port->m, inplace_base(machine, inplace_table_of(c, n)->kind == TABLE_FINE));
	return (machine & 3) == 1 ? &c->in_mb[gpa >> SECTION_LOG2] : &c->in_frame[gpa >> FRAME_LOG2];
}

void inplace_add(struct inplace *c, uint32_t n)
{
	int32_t *head = list_of(c, n);

	c->entry[n].live = true;
	c->entry[n].prev = 0;
	c->entry[n].next = *head;
	if (*head)
		c->entry[*head - 1].prev = (int32_t)n + 1;
	*head = (int32_t)n + 1;
	c->nlive++;
}

void inplace_remove(struct inplace *c, uint32_t n)
{
	struct inplace_entry *e = &c->entry[n];

	if (e->prev)
		c->entry[e->prev - 1].next = e->next;
	else
		*list_of(c, n) = e->next;
	if (e->next)
		c->entry[e->next - 1].prev = e->prev;
	e->live = false;
	c->nlive--;
}
