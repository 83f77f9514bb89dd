/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `cached`: write tracing. A frame that holds a table which is shadowed is read-only to the
 * guest wherever the shadow maps it; with filter=on only the quarters that hold tables are. Its stores
 * abort, the monitor performs them and brings the shadow forward.
 */
#include "strategies/cached.h"

bool cached_is_traced(const struct cached *c, uint32_t gpa, unsigned size_log2)
{
	uint32_t first = gpa >> FRAME_LOG2, n = UINT32_C(1) << (size_log2 - FRAME_LOG2);

	for (uint32_t f = first; f < first + n; f++)
		if (c->traced[f])
			return true;
	return false;
}

/* A leaf of at most a frame gives up what is to be held; one that cannot stay is zapped. */
static void hold(struct cached *c, uint32_t word)
{
	const struct cached_leaf *l = &c->leaf[word];
	unsigned held = cached_held(c, l->gpa, l->size_log2);
	struct cached_map m;

	c->port->charge(c->port->m, EV_RMAP, 1);
	if (!(held & ~l->held))
		return;
	/* a manager domain would let the kernel write all the same */
	if (cached_table_of(c, word)->grant == GRANT_KU) {
		cached_zap(c, word, EV_ZAP);
		return;
	}
	cached_map_of(c, word, &m);
	m.held = (uint8_t)held;
	cached_rewrite(c, word, &m);
}

void cached_trace(struct cached *c, uint32_t frame, unsigned mask)
{
	bool was = c->traced[frame];
	int32_t next;

	if (!(mask & ~c->traced[frame]))
		return;
	c->traced[frame] |= (uint8_t)mask;
	if (c->quiet)
		return;                 /* nothing is mapped yet */
	if (!was)
		c->port->charge(c->port->m, EV_TRACE, 1);
	for (int32_t i = c->in_frame[frame]; i; i = next) {
		next = c->leaf[i - 1].next;
		hold(c, (uint32_t)i - 1);
	}
	for (int32_t i = c->in_mb[frame >> (SECTION_LOG2 - FRAME_LOG2)]; i; i = next) {
		const struct cached_leaf *l = &c->leaf[i - 1];

		next = l->next;
		if (l->gpa >> l->size_log2 == frame << FRAME_LOG2 >> l->size_log2)
			cached_zap(c, (uint32_t)i - 1, EV_ZAP);
	}
	window_hold(&c->window, frame);
}

/* Writes come back by the hidden fault of the first one. */
void cached_retrace(struct cached *c, uint32_t frame)
{
	unsigned mask = 0;

	if (c->untraced && !c->through[frame]) {
		c->traced[frame] = 0;
		return;
	}
	for (uint16_t i = c->tables_in[frame]; i; i = c->table[i - 1].next) {
		const struct cached_table *t = &c->table[i - 1];

		if (!t->oos)
			mask |= t->kind == TABLE_FINE ? 0xf : 1u << (t->key >> GRANULE_LOG2 & 3);
	}
	mask |= cached_root_quarters(c, frame);
	c->traced[frame] = (uint8_t)mask;
	if (c->untraced && !mask)
		cached_set_through(c, frame, false);
}

/* --- stores to tables --------------------------------------------------------------------- */

static bool is_flood(const struct cached *c, uint32_t *flood)
{
	return ++*flood > c->p->flood && c->p->flood;
}

/* Of whichever view. */
static bool is_root_in_use(const struct cached *c, const struct cached_root *r)
{
	const struct cached_root *now = &c->root[c->now];

	return r->off == now->off && r->key == now->key && r->upper == now->upper &&
	       r->ttbcr == now->ttbcr;
}

/* A table of TTBR1's is not a root's alone: stores to it say nothing about the root. */
static void write_root(struct cached *c, unsigned r, uint32_t gpa, bool changed)
{
	struct cached_part part[2];
	bool own = false;

	for (unsigned i = 0, n = cached_parts(&c->root[r], part); i < n; i++) {
		uint32_t at = gpa - part[i].base;

		if (at >= part[i].bytes)
			continue;
		own |= !part[i].first;
		if (changed)
			cached_clear_slot(c, r * ROOT_WORDS + part[i].first + at / 4, EV_ZAP);
	}
	if (own && is_flood(c, &c->root[r].flood) && !is_root_in_use(c, &c->root[r])) {
		c->port->charge(c->port->m, EV_FLOOD, 1);
		cached_drop_root(c, r, EV_EVICT);
	}
}

/* NP to P is nearly always followed by an access: the fault is saved. Words of a page that takes several
 * are written one by one: not yet one page. */
static void recompose(struct cached *c, struct cached_table *t, uint32_t index, uint32_t word)
{
	struct walk w;
	gva_t mva;

	if (t->links && cached_word_maps(c, t, t->links, index, word, &mva, &w))
		cached_put(c, t, mva, &w);
}

static void write_table(struct cached *c, struct cached_table *t, uint32_t gpa, uint32_t new,
			bool changed)
{
	uint32_t index, word;

	if (!t)
		return;
	index = (gpa - t->key) / 4;
	word = t->word + index;
	if (changed && c->leaf[word].size_log2)
		cached_zap(c, word - c->leaf[word].back, EV_ZAP);
	if (is_flood(c, &t->flood)) {
		c->port->charge(c->port->m, EV_FLOOD, 1);
		cached_drop_table(c, t, EV_EVICT);
		return;
	}
	if (changed && c->p->recompose)
		recompose(c, t, index, new);
}

void cached_pt_write(void *self, uint32_t gpa, uint32_t old, uint32_t new)
{
	struct cached *c = self;

	for (unsigned r = 0; r < c->p->roots; r++)
		write_root(c, r, gpa, old != new);
	for (unsigned all = 0; all < 2; all++)
		for (enum side s = FOR_BOTH; s <= FOR_USER; s++) {
			write_table(c, cached_find_table(c, TABLE_COARSE, gpa & ~(GRANULE_BYTES - 1u),
							 all, s), gpa, new, old != new);
			write_table(c, cached_find_table(c, TABLE_FINE, gpa & ~(FRAME_BYTES - 1u), all, s),
				    gpa, new, old != new);
		}
	cached_flush(c);
}
