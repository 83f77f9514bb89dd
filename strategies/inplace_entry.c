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
		if (c->held[f].stores)
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
	struct inplace_held h = c->held[gpa >> FRAME_LOG2];

	if (size_log2 > FRAME_LOG2)
		return (struct inplace_held){ 0, 0 };
	return (struct inplace_held){ quarters_of(c, h.stores, gpa, size_log2),
				      quarters_of(c, h.all, gpa, size_log2) };
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

static void set_rights(const struct inplace *c, const struct pt_desc *leaf, bool all, int quarter,
		       struct inplace_map *m)
{
	struct walk w = { .levels = 2, .leaf = *leaf };
	struct view_rights r;

	w.leaf.domain = 0;
	r = view_fold(&w, all ? ACCESS_MANAGER : ACCESS_CLIENT, c->port->guest->sctlr);
	if (quarter >= 0)
		view_take_quarter(&r, (unsigned)quarter);
	m->k = (uint8_t)pack(r.k);
	m->u = (uint8_t)pack(r.u);
	m->cb = leaf->cb;
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
	if (leaf.kind != PT_LEAF || !inplace_is_rebuilt(w))
		return false;
	m->size_log2 = leaf.size_log2;
	mask = (UINT32_C(1) << m->size_log2) - 1;
	m->gpa = leaf.base & ~mask;
	if (m->size_log2 > FRAME_LOG2 && !is_whole(c, m->gpa, m->size_log2, &m->hpa)) {
		quarter = own >> (m->size_log2 - 2) & 3;
		m->gpa |= own & mask & ~(FRAME_BYTES - 1u);
		m->size_log2 = FRAME_LOG2;
	}
	set_rights(c, &leaf, t->all, quarter, m);
	m->held = inplace_held_of(c, m->gpa, m->size_log2);
	return is_whole(c, m->gpa, m->size_log2, &m->hpa);
}

/* Of a split section, by 64 KB where that is possible: w is the section's word, or the address of its megabyte with
 * the MMU off. */
static bool map_split(const struct inplace *c, uint32_t w, bool all, uint32_t i, struct inplace_map *m)
{
	struct pt_desc leaf = { .kind = PT_LEAF, .base = w & ~(SECTION_BYTES - 1u) };

	if (w & 3)
		pt_decode_v5_l1(w, &leaf);
	leaf.size_log2 = SECTION_LOG2;
	m->size_log2 = PT_LARGE_LOG2;
	m->gpa = (leaf.base | i << FRAME_LOG2) & ~((UINT32_C(1) << PT_LARGE_LOG2) - 1);
	set_rights(c, &leaf, all, 0, m);
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

bool inplace_map_section(const struct inplace *c, const struct pt_desc *leaf, bool all, struct inplace_map *m)
{
	m->gpa = leaf->base & ~(SECTION_BYTES - 1u);
	m->size_log2 = SECTION_LOG2;
	set_rights(c, leaf, all, 0, m);
	m->held = (struct inplace_held){ 0, 0 };
	return is_whole(c, m->gpa, SECTION_LOG2, &m->hpa);
}

uint32_t inplace_guest_has(const struct inplace *c, const struct inplace_table *t, uint32_t i)
{
	bool fine = t->kind == TABLE_FINE;
	uint32_t machine = c->port->table_peek(c->port->m, t->key + 4 * i);
	uint32_t at = c->port->to_guest(c->port->m, inplace_base(machine, fine));

	return inplace_guest_word(machine, at, c->entry[t->entry + i].side, fine);
}

/* --- what it grants ------------------------------------------------------------------------------ */

bool inplace_is_expressible(const struct inplace_map *m, enum grant g)
{
	return g != GRANT_KU || inplace_left(m->k, m->held) == ALL_RIGHTS;
}

bool inplace_is_perfect(enum grant g, const struct inplace_map *m)
{
	unsigned k = inplace_left(m->k, m->held), u = inplace_left(m->u, m->held);

	switch (g) {
	case GRANT_U: return k == u;
	case GRANT_K: return !u;
	default: return k == ALL_RIGHTS || !k;
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

	if (!inplace_is_expressible(m, g))
		return false;
	if (g == GRANT_K)
		return !user && inplace_left(m->k, m->held) >> shift & need;
	if (g == GRANT_KU && !user)
		return true;
	return inplace_left(m->u, m->held) >> shift & need;
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
