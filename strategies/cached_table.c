/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `cached`: the structures. Words of the hypervisor's area by their number, from HV_SL1 on: 4096 a
 * root, then tables by KB. Victims are those of use least recently; the root in use is never one.
 */
#include "strategies/cached.h"

static uint32_t offset_of(uint32_t word) { return HV_SL1 + 4 * word; }
static uint32_t first_table_word(const struct cached *c) { return c->p->roots * ROOT_WORDS; }

static void book(const struct cached *c, enum event e, uint64_t n)
{
	if (!c->quiet)
		c->port->charge(c->port->m, e, n);
}

static void write_word(struct cached *c, uint32_t word, uint32_t value)
{
	if (c->quiet)
		c->port->shadow_preset(c->port->m, offset_of(word), value);
	else
		c->port->shadow_write(c->port->m, offset_of(word), value);
}

void cached_store(struct cached *c, uint32_t word, uint32_t value, enum event e)
{
	book(c, e, 1);
	write_word(c, word, value);
}

uint32_t cached_peek(const struct cached *c, uint32_t word)
{
	return c->port->shadow_peek(c->port->m, offset_of(word));
}

/* --- host TLB ----------------------------------------------------------------------------- */

void cached_note(struct cached *c, gva_t mva)
{
	for (unsigned i = 0; i < c->zapped && i < 4; i++)
		if (c->zapped_mva[i].raw == mva.raw)
			return;
	if (c->zapped < 4)
		c->zapped_mva[c->zapped] = mva;
	c->zapped++;
}

void cached_note_all(struct cached *c)
{
	c->zapped = 5;
}

struct cached_table *cached_table_of(struct cached *c, uint32_t word)
{
	return &c->table[c->owner[(word - first_table_word(c)) / TABLE_WORDS] - 1];
}

void cached_note_word(struct cached *c, uint32_t word)
{
	struct cached_table *t;
	unsigned shift;

	if (cached_is_root_word(c, word)) {
		if (word / ROOT_WORDS == c->now)
			cached_note(c, gva(word % ROOT_WORDS << SECTION_LOG2));
		return;
	}
	t = cached_table_of(c, word);
	shift = t->kind == TABLE_FINE ? GRANULE_LOG2 : FRAME_LOG2;
	for (int32_t s = t->links; s; s = c->slot[s - 1].next)
		if ((uint32_t)(s - 1) / ROOT_WORDS == c->now)
			cached_note(c, gva((uint32_t)(s - 1) % ROOT_WORDS << SECTION_LOG2 |
					   (word - t->word) << shift));
}

void cached_flush(struct cached *c)
{
	c->port->shadow_sync(c->port->m);
	if (c->zapped > 4)
		c->port->host_tlbi_all(c->port->m);
	else
		for (unsigned i = 0; i < c->zapped; i++)
			c->port->host_tlbi_mva(c->port->m, c->zapped_mva[i]);
	c->zapped = 0;
}

/* --- leaves and slots ----------------------------------------------------------------------- */

void cached_zap(struct cached *c, uint32_t word, enum event e)
{
	unsigned n = cached_leaf_words(c, word);

	cached_note_word(c, word);
	if (cached_is_root_word(c, word)) {
		c->domains.use[c->slot[word].host].refs--;
		c->slot[word].closed = false;
	}
	cached_remove_leaf(c, word);
	for (unsigned i = 0; i < n; i++)
		cached_store(c, word + i, 0, e);
	if (cached_is_root_word(c, word))
		cached_check_listed(c, word);
}

static void unlink_slot(struct cached *c, uint32_t slot)
{
	struct cached_slot *s = &c->slot[slot];
	struct cached_table *t = &c->table[s->table - 1];

	if (s->prev)
		c->slot[s->prev - 1].next = s->next;
	else
		t->links = s->next;
	if (s->next)
		c->slot[s->next - 1].prev = s->prev;
	s->table = 0;
	s->parked = false;
	c->domains.use[s->host].refs--;
}

void cached_detach(struct cached *c, uint32_t slot)
{
	if (slot / ROOT_WORDS == c->now)        /* up to 1024 entries of it */
		cached_note_all(c);
	unlink_slot(c, slot);
}

void cached_unlink(struct cached *c, uint32_t slot, enum event e)
{
	cached_detach(c, slot);
	cached_store(c, slot, 0, e);
	cached_check_listed(c, slot);
}

void cached_clear_slot(struct cached *c, uint32_t slot, enum event e)
{
	struct cached_slot *s = &c->slot[slot];
	struct cached_table *t;

	for (unsigned v = 0; v < VARIANTS; v++)
		if (cached_table_aside(c, slot, v))
			cached_forget(c, slot, v);
	if (!s->table) {
		if (c->leaf[slot].size_log2)
			cached_zap(c, slot, e);
		return;
	}
	t = &c->table[s->table - 1];
	cached_unlink(c, slot, e);
	if (!t->links && !t->aside && t != c->pinned)
		cached_drop_table(c, t, e);
}

void cached_store_link(struct cached *c, uint32_t slot)
{
	struct cached_slot *s = &c->slot[slot];
	const struct cached_table *t = &c->table[s->table - 1];
	uint32_t base = HV_HPA + offset_of(t->word);

	s->parked = false;
	cached_store(c, slot, host_table_word(c->format, base, s->host, t->kind == TABLE_FINE),
		     EV_FILL_WORD);
}

static void link_slot(struct cached *c, uint32_t slot, struct cached_table *t, unsigned guest_domain,
		      bool again)
{
	struct cached_slot *s = &c->slot[slot];
	unsigned domain = cached_domain_for(c, (enum grant)t->grant, guest_domain);

	if (t->oos && !again)           /* what it held before was never to be found through here */
		cached_resync_table(c, t);
	cached_compare(c, t);
	s->table = (uint16_t)(t - c->table + 1);
	s->variant = (uint8_t)cached_variant(t);
	s->host = (uint8_t)domain;
	s->guest = (uint8_t)guest_domain;
	s->all = t->all;
	s->prev = 0;
	s->next = t->links;
	if (t->links)
		c->slot[t->links - 1].prev = (int32_t)slot + 1;
	t->links = (int32_t)slot + 1;
	c->domains.use[domain].refs++;
	cached_store_link(c, slot);
	if (cached_table_aside(c, slot, s->variant))
		cached_forget(c, slot, s->variant);
	cached_list_slot(c, slot);
}

void cached_link(struct cached *c, uint32_t slot, struct cached_table *t, unsigned guest_domain)
{
	link_slot(c, slot, t, guest_domain, false);
}

void cached_link_again(struct cached *c, uint32_t slot, struct cached_table *t, unsigned guest_domain)
{
	link_slot(c, slot, t, guest_domain, true);
}

/* --- tables --------------------------------------------------------------------------------- */

static uint16_t *chain_of(struct cached *c, enum table_kind kind, uint32_t key)
{
	return kind == TABLE_SPLIT ? &c->splits_in[key >> SECTION_LOG2]
				   : &c->tables_in[key >> FRAME_LOG2];
}

struct cached_table *cached_find_table(struct cached *c, enum table_kind kind, uint32_t key, bool all,
				       enum side side)
{
	for (uint16_t i = *chain_of(c, kind, key); i; i = c->table[i - 1].next) {
		struct cached_table *t = &c->table[i - 1];

		if (t->kind == kind && t->key == key && t->all == all && t->side == side)
			return t;
	}
	return NULL;
}

void cached_drop_table(struct cached *c, struct cached_table *t, enum event e)
{
	uint16_t *at = chain_of(c, (enum table_kind)t->kind, t->key);
	unsigned units = cached_words_of(t) / TABLE_WORDS;
	struct cached_table *pinned = c->pinned;

	c->pinned = t;                  /* its slots go, it goes once */
	while (t->links)
		cached_unlink(c, (uint32_t)t->links - 1, e);
	while (t->aside)
		cached_forget(c, (uint32_t)(t->aside - 1) / VARIANTS,
			      (uint32_t)(t->aside - 1) % VARIANTS);
	c->pinned = pinned;
	for (uint32_t w = t->word, left = t->leaves; left; w++)
		if (c->leaf[w].size_log2 && !c->leaf[w].back) {
			book(c, EV_RMAP, 1);
			cached_remove_leaf(c, w);
			left--;
		}
	while (*at != t - c->table + 1)
		at = &c->table[*at - 1].next;
	*at = t->next;
	for (unsigned i = 0; i < units; i++)
		c->owner[(t->word - first_table_word(c)) / TABLE_WORDS + i] = 0;
	c->nunits -= units;
	c->nsplit -= t->kind == TABLE_SPLIT;
	c->noos -= t->oos;
	t->used = false;
	if (t->kind != TABLE_SPLIT)
		cached_retrace(c, t->key >> FRAME_LOG2);
}

/* First KB of a free run, aligned to its length: a fine table is 4 KB. */
static unsigned take_units(struct cached *c, unsigned units)
{
	for (;;) {
		for (unsigned u = 0; u + units <= cached_pool_units(c); u += units) {
			bool is_free = true;

			for (unsigned i = 0; i < units; i++)
				is_free &= !c->owner[u + i];
			if (is_free)
				return u;
		}
		cached_drop_table(c, cached_victim(c), EV_EVICT);
	}
}

struct cached_table *cached_new_table(struct cached *c, enum table_kind kind, uint32_t key, bool all,
				      enum side side)
{
	unsigned units = kind == TABLE_FINE ? 4 : 1, u = take_units(c, units);
	uint16_t *chain = chain_of(c, kind, key);
	struct cached_table *t = c->table;

	while (t->used)
		t++;
	*t = (struct cached_table){ .used = true, .all = all, .kind = (uint8_t)kind, .key = key,
		.side = (uint8_t)side, .grant = side == FOR_KERNEL ? GRANT_K : GRANT_U,
		.word = first_table_word(c) + u * TABLE_WORDS, .next = *chain, .epoch = c->epoch,
		.born = ++c->tick };
	*chain = (uint16_t)(t - c->table + 1);
	c->pinned = t;
	for (unsigned i = 0; i < units; i++)
		c->owner[u + i] = *chain;
	c->nunits += units;
	c->nsplit += kind == TABLE_SPLIT;
	book(c, EV_ALLOC, units);
	for (unsigned i = 0; i < units * TABLE_WORDS; i++)
		write_word(c, t->word + i, 0);
	if (kind == TABLE_SPLIT)
		book(c, EV_SPLIT, 1);
	else if (cached_is_through(c, key >> FRAME_LOG2))
		cached_trace(c, key >> FRAME_LOG2, kind == TABLE_FINE ? 0xf : 1u << (key >> 10 & 3));
	return t;
}

/* --- roots ---------------------------------------------------------------------------------- */

static int find_view_root(const struct cached *c, bool off, uint32_t key, bool user)
{
	for (unsigned i = 0; i < c->p->roots; i++)
		if (c->root[i].used && c->root[i].off == off && c->root[i].key == key &&
		    c->root[i].user == user)
			return (int)i;
	return -1;
}

int cached_find_root(const struct cached *c, bool off, uint32_t key)
{
	for (unsigned i = 0; i < c->p->roots; i++)
		if (c->root[i].used && c->root[i].off == off && c->root[i].key == key)
			return (int)i;
	return -1;
}

static void trace_root(struct cached *c, uint32_t key, bool begin)
{
	for (uint32_t f = key >> FRAME_LOG2; f < (key >> FRAME_LOG2) + 4; f++)
		if (!begin)
			cached_retrace(c, f);
		else if (cached_is_through(c, f))
			cached_trace(c, f, 0xf);
}

void cached_drop_root(struct cached *c, unsigned r, enum event e)
{
	for (uint32_t s = r * ROOT_WORDS; s < (r + 1) * ROOT_WORDS; s++)
		cached_clear_slot(c, s, e);
	c->root[r].used = false;
	if (!c->root[r].off)
		trace_root(c, c->root[r].key, false);
}

static unsigned take_root(struct cached *c)
{
	unsigned r = 0;

	for (unsigned i = 0; i < c->p->roots; i++) {
		if (!c->root[i].used)
			return i;
		if (c->root[i].at < c->root[r].at)
			r = i;
	}
	cached_drop_root(c, r, EV_EVICT);
	return r;
}

static void new_root(struct cached *c, bool off, uint32_t key, bool user)
{
	const uint32_t window = HV_WINDOW_VA >> SECTION_LOG2;
	unsigned last = c->now, r = take_root(c);

	c->root[r] = (struct cached_root){ .used = true, .off = off, .key = key, .user = user,
					   .dacr = c->port->guest->dacr, .epoch = c->epoch };
	book(c, EV_ALLOC_ROOT, 1);
	for (uint32_t i = 0; i < ROOT_WORDS; i++)
		write_word(c, r * ROOT_WORDS + i,
			   i == window ? host_table_word(c->format, HV_HPA + HV_L2, DOM_HV, false) : 0);
	c->now = r;
	if (off)
		return;
	trace_root(c, key, true);
	if (c->p->kernel && !c->quiet && r != last && c->root[last].used && !c->root[last].off &&
	    c->root[last].user == user)
		cached_copy_slots(c, r, last);
}

/* With the MMU off both views are the same. */
static bool wants_user_root(const struct cached *c, bool off)
{
	return c->p->view == VIEW_TWO_TABLES && c->user_view && !off;
}

static void load_root(struct cached *c)
{
	if (cached_folds(c))
		cached_fold_root(c);
	c->root[c->now].at = ++c->tick;
	c->root[c->now].flood = 0;
	c->port->host_set(c->port->m, HOST_TTBR, HV_HPA + HV_SL1 + c->now * 4 * ROOT_WORDS);
	cached_note_all(c);             /* the host has no ASIDs to tell roots apart */
	if (!c->quiet)
		cached_flush(c);
	c->zapped = 0;
}

void cached_use_root(struct cached *c, bool off, uint32_t ttbr)
{
	uint32_t key = off ? 0 : ttbr & ~(uint32_t)(4 * ROOT_WORDS - 1);
	bool user = wants_user_root(c, off);
	int r = find_view_root(c, off, key, user);

	book(c, EV_ROOT, 1);
	if (r < 0)
		new_root(c, off, key, user);
	else
		c->now = (unsigned)r;
	cached_resync_all(c);           /* old words may not be the new root's */
	cached_suspect_all(c);
	load_root(c);
}

/* Old words stay: they are of this address space in either view. */
void cached_use_view_root(struct cached *c)
{
	const struct cached_root *now = &c->root[c->now];
	bool user = wants_user_root(c, now->off);
	int r = find_view_root(c, now->off, now->key, user);

	if (r == (int)c->now)
		return;
	if (r < 0) {
		book(c, EV_ROOT, 1);
		new_root(c, now->off, now->key, user);
	} else {
		c->now = (unsigned)r;
	}
	c->port->charge(c->port->m, EV_VIEW_TTBR, 1);
	if (c->untraced)
		cached_check_root(c);
	load_root(c);
}

void cached_drop_all(struct cached *c)
{
	for (uint32_t s = 0; s < first_table_word(c); s++)
		cached_clear_slot(c, s, EV_ZAP);
	cached_note_all(c);
}
