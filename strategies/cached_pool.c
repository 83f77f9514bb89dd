/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strategy `cached`: how much memory second-level tables take, which of them goes, and what a new root begins with. */
#include "strategies/cached.h"

unsigned cached_pool_units(const struct cached *c)
{
	unsigned all = (cached_pool_end(c) - HV_SL1) / 1024 - c->p->roots * (ROOT_WORDS / TABLE_WORDS);

	return c->p->pool && c->p->pool < all ? c->p->pool : all;
}

/* The hand goes round once to take the marks away, if it has to, and a second time to find the victim. */
static struct cached_table *clock_victim(struct cached *c)
{
	for (;;) {
		struct cached_table *t = &c->table[c->table_hand];

		c->table_hand = (c->table_hand + 1) % CACHED_UNITS;
		if (!t->used || t == c->pinned)
			continue;
		if (!t->ref)
			return t;
		t->ref = false;
	}
}

struct cached_table *cached_victim(struct cached *c)
{
	struct cached_table *v = NULL;

	if (c->p->victim == VICTIM_CLOCK)
		return clock_victim(c);
	for (unsigned i = 0; i < CACHED_UNITS; i++) {
		struct cached_table *t = &c->table[i];

		if (!t->used || t == c->pinned)
			continue;
		if (!v || (c->p->victim == VICTIM_FIFO ? t->born < v->born : t->at < v->at))
			v = t;
	}
	return v;
}

static void copy_section(struct cached *c, uint32_t to, uint32_t from)
{
	const struct cached_slot *s = &c->slot[from];
	struct cached_map m;

	cached_map_of(c, from, &m);
	c->slot[to].host = s->host;
	c->slot[to].guest = s->guest;
	c->slot[to].all = s->all;
	c->slot[to].k = s->k;
	c->slot[to].u = s->u;
	c->slot[to].attr = s->attr;
	c->domains.use[s->host].refs++;
	cached_store(c, to, cached_peek(c, from), EV_FILL_WORD);
	cached_add_leaf(c, to, 1, &m);
	cached_list_slot(c, to);
}

/* Words that differ belong to one of the two alone: a global entry of another root's would be permitted
 * natively, but not asked for. */
void cached_copy_slots(struct cached *c, unsigned to, unsigned from)
{
	const struct mem *tables = c->port->guest->tables;

	for (uint32_t i = 0; i < ROOT_WORDS; i++) {
		uint32_t s = from * ROOT_WORDS + i, d = to * ROOT_WORDS + i, had, has, at;
		const struct cached_slot *slot = &c->slot[s];

		if ((!slot->table && !c->leaf[s].size_log2) || slot->parked ||
		    slot->closed)
			continue;
		c->port->charge(c->port->m, EV_SYNC, 1);
		if (!cached_root_word(&c->root[from], i, &at) || !mem_read(tables, at, &had) ||
		    !cached_root_word(&c->root[to], i, &at) || !mem_read(tables, at, &has) || had != has || (c->from && c->from[s] != has))
			continue;
		if (c->from)
			c->from[d] = has;
		if (slot->table)
			cached_link(c, d, &c->table[slot->table - 1], slot->guest);
		else
			copy_section(c, d, s);
	}
}
