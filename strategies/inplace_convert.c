/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `inplace`: a guest table is rewritten when a first-level word is first to lead to it, and gets its own
 * words back when none does any more.
 */
#include "strategies/inplace.h"

static uint16_t *chain_of(struct inplace *c, enum table_kind kind, uint32_t key)
{
	return kind == TABLE_SPLIT ? &c->splits_in[key >> SECTION_LOG2] : &c->tables_in[key >> FRAME_LOG2];
}

unsigned inplace_quarters_of(const struct inplace_table *t)
{
	return t->kind == TABLE_FINE ? ALL_QUARTERS : 1u << (t->key >> GRANULE_LOG2 & 3);
}

/* all: of split sections alone; words of a guest's table can be there only once. */
struct inplace_table *inplace_find_table(struct inplace *c, enum table_kind kind, uint32_t key, bool all)
{
	for (uint16_t i = *chain_of(c, kind, key); i; i = c->table[i - 1].next) {
		struct inplace_table *t = &c->table[i - 1];

		if (t->kind == kind && t->key == key && (kind != TABLE_SPLIT || t->all == all))
			return t;
	}
	return NULL;
}

struct inplace_table *inplace_table_at(struct inplace *c, uint32_t gpa)
{
	for (uint16_t i = c->tables_in[gpa >> FRAME_LOG2]; i; i = c->table[i - 1].next)
		if (inplace_quarters_of(&c->table[i - 1]) >> (gpa >> GRANULE_LOG2 & 3) & 1)
			return &c->table[i - 1];
	return NULL;
}

bool inplace_shows(const struct inplace *c, const struct inplace_table *t, uint32_t machine, uint32_t wrote)
{
	enum { TINY = 3, AP = 0xff0, AP_OF_ONE = 0x30, APX = 1 << 9 };
	uint32_t may = t->kind == TABLE_FINE && (wrote & TINY) == TINY ? AP_OF_ONE : AP;

	if (c->v6)
		may = AP_OF_ONE | APX;
	return !((machine ^ wrote) & ~may) && (machine == wrote || inplace_is_page(machine));
}

void inplace_see(struct inplace *c, struct inplace_table *t, uint32_t i, uint32_t wrote)
{
	if (c->p->variant != VARIANT_I2 || t->opaque || inplace_shows(c, t, inplace_peek(c, t->entry + i), wrote))
		return;
	t->opaque = true;
	c->shown = true;
}

/* --- rewriting ---------------------------------------------------------------------------------- */

/* Lines of what maps the table are dropped before and after: words of both kinds would share them. */
static void purge(struct inplace *c, const struct inplace_table *t)
{
	for (int32_t n = c->in_frame[t->key >> FRAME_LOG2]; n; n = c->entry[n - 1].next)
		inplace_purge_entry(c, (uint32_t)n - 1, t->key >> FRAME_LOG2, inplace_quarters_of(t));
}

static void convert(struct inplace *c, struct inplace_table *t)
{
	bool lazily = c->p->variant == VARIANT_I4;

	inplace_book(c, EV_CONVERT_TABLE, 1);
	inplace_book(c, lazily ? EV_STASH : EV_CONVERT, inplace_words_of(t));
	for (uint32_t i = 0; i < inplace_words_of(t); i++) {
		uint32_t gpa = t->key + 4 * i, w;
		gva_t at = inplace_window_of(c, gpa);

		w = c->port->table_read(c->port->m, at, gpa);
		inplace_put(c, t, i, w, at, lazily);
	}
	inplace_flush(c);
}

static void restore(struct inplace *c, struct inplace_table *t)
{
	inplace_book(c, EV_RESTORE_TABLE, 1);
	inplace_book(c, EV_CONVERT, inplace_words_of(t));
	for (uint32_t i = 0; i < inplace_words_of(t); i++) {
		uint32_t gpa = t->key + 4 * i, w = inplace_guest_has(c, t, i);
		gva_t at = inplace_window_of(c, gpa);

		(void)c->port->table_read(c->port->m, at, gpa);
		if (c->entry[t->entry + i].live)
			inplace_remove(c, t->entry + i);
		c->entry[t->entry + i].side = (struct inplace_side){ 0 };
		if (c->port->table_peek(c->port->m, gpa) != w)
			c->port->table_write(c->port->m, at, gpa, w);
	}
	c->port->shadow_sync(c->port->m);
}

void inplace_regrant(struct inplace *c, struct inplace_table *t, enum grant g, bool all)
{
	struct inplace_table *pinned = c->pinned;

	c->pinned = t;
	while (t->links)
		inplace_clear_slot(c, (uint32_t)t->links - 1, EV_ZAP);
	c->pinned = pinned;
	t->grant = (uint8_t)g;
	t->all = all;
	for (uint32_t i = 0; i < inplace_words_of(t); i++)
		if (c->entry[t->entry + i].live || (t->kind != TABLE_SPLIT && c->p->variant != VARIANT_I4))
			(void)inplace_refresh(c, t, i, t->kind == TABLE_SPLIT ? EV_FILL_WORD : EV_CONVERT);
}

/* --- tables ----------------------------------------------------------------------------------------- */

static void forget_split(struct inplace *c, struct inplace_table *t)
{
	for (uint32_t n = t->entry; n < t->entry + TABLE_WORDS; n++)
		if (c->entry[n].live) {
			inplace_book(c, EV_RMAP, 1);
			inplace_remove(c, n);
		}
	c->split_used[(t->offset - HV_SL1) / 1024] = false;
	c->nsplit--;
}

void inplace_drop_table(struct inplace *c, struct inplace_table *t, enum event e)
{
	uint16_t *at = chain_of(c, (enum table_kind)t->kind, t->key);
	unsigned units = inplace_words_of(t) / TABLE_WORDS;
	struct inplace_table *pinned = c->pinned;

	c->pinned = t;                  /* its slots go, it goes once */
	while (t->links)
		inplace_clear_slot(c, (uint32_t)t->links - 1, e);
	c->pinned = pinned;
	if (t->kind == TABLE_SPLIT) {
		forget_split(c, t);
	} else {
		inplace_flush(c);       /* no walk may find what is put back */
		restore(c, t);
		purge(c, t);
		c->nguest -= units;
	}
	while (*at != t - c->table + 1)
		at = &c->table[*at - 1].next;
	*at = t->next;
	for (unsigned i = 0; i < units; i++)
		c->owner[(t->entry - c->slots) / TABLE_WORDS + i] = 0;
	t->used = false;
	if (t->kind != TABLE_SPLIT)
		inplace_hold(c, t->key >> FRAME_LOG2);
}

static void drop_oldest(struct inplace *c, bool split)
{
	struct inplace_table *t = NULL;

	for (unsigned i = 0; i < INPLACE_UNITS; i++)
		if (c->table[i].used && &c->table[i] != c->pinned &&
		    (!split || c->table[i].kind == TABLE_SPLIT) && (!t || c->table[i].at < t->at))
			t = &c->table[i];
	inplace_drop_table(c, t, EV_EVICT);
}

/* First of a free run of units, aligned to its length. */
static unsigned take_units(struct inplace *c, unsigned units)
{
	for (;;) {
		for (unsigned u = 0; u + units <= INPLACE_UNITS; u += units) {
			bool is_free = true;

			for (unsigned i = 0; i < units; i++)
				is_free &= !c->owner[u + i];
			if (is_free)
				return u;
		}
		drop_oldest(c, false);
	}
}

static uint32_t take_split(struct inplace *c)
{
	uint32_t first = c->p->roots * (4 * ROOT_WORDS / 1024);

	for (;;) {
		for (uint32_t i = first; i < INPLACE_SPLITS; i++)
			if (!c->split_used[i]) {
				c->split_used[i] = true;
				c->nsplit++;
				return HV_SL1 + 1024 * i;
			}
		drop_oldest(c, true);
	}
}

static void begin_split(struct inplace *c, struct inplace_table *t)
{
	inplace_book(c, EV_ALLOC, 1);
	inplace_book(c, EV_SPLIT, 1);
	for (unsigned i = 0; i < TABLE_WORDS; i++)
		c->port->shadow_write(c->port->m, t->offset + 4 * i, 0);
}

/* Tables of another kind over the same words give way. */
static void make_way(struct inplace *c, enum table_kind kind, uint32_t key)
{
	uint32_t bytes = kind == TABLE_FINE ? FRAME_BYTES : GRANULE_BYTES;
	struct inplace_table *t;

	for (uint32_t at = key; at < key + bytes; at += GRANULE_BYTES)
		while ((t = inplace_table_at(c, at)))
			inplace_drop_table(c, t, EV_ZAP);
}

struct inplace_table *inplace_new_table(struct inplace *c, enum table_kind kind, uint32_t key, bool all,
					enum grant g)
{
	unsigned units = kind == TABLE_FINE ? 4 : 1, u;
	uint32_t offset = kind == TABLE_SPLIT ? take_split(c) : 0;
	struct inplace_table *t = c->table;
	uint16_t *chain;

	if (kind != TABLE_SPLIT)
		make_way(c, kind, key);
	u = take_units(c, units);
	chain = chain_of(c, kind, key);
	while (t->used)
		t++;
	*t = (struct inplace_table){ .used = true, .all = all, .kind = (uint8_t)kind, .grant = (uint8_t)g,
		.key = key, .entry = c->slots + u * TABLE_WORDS, .offset = offset, .next = *chain };
	*chain = (uint16_t)(t - c->table + 1);
	c->pinned = t;
	for (unsigned i = 0; i < units; i++)
		c->owner[u + i] = *chain;
	if (kind == TABLE_SPLIT) {
		begin_split(c, t);
		return t;
	}
	c->nguest += units;
	inplace_hold(c, key >> FRAME_LOG2);
	inplace_flush(c);
	convert(c, t);
	return t;
}
