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

/* Each root has its own, for there are fewer of them than ASIDs. What a root leaves behind is noted when its words
 * go, so another may have its ASID. */
static uint8_t asid_of(unsigned root) { return (uint8_t)(root + 1); }

static void note_asid(struct cached *c, uint8_t asid, unsigned n)
{
	c->zapped_asid = c->zapped && c->zapped_asid != asid ? 0 : asid;
	c->zapped += n;
}

static void note(struct cached *c, unsigned root, gva_t mva, bool global)
{
	uint8_t asid = c->tagged && !global ? asid_of(root) : 0;

	if (!c->tagged && root != c->now)       /* it will find an empty TLB */
		return;
	for (unsigned i = 0; i < c->zapped && i < 4; i++)
		if (c->note[i].mva.raw == mva.raw && (!c->note[i].asid || c->note[i].asid == asid))
			return;
	if (c->zapped < 4)
		c->note[c->zapped] = (struct cached_note){ mva, asid };
	note_asid(c, asid, 1);
}

void cached_note_all(struct cached *c)
{
	note_asid(c, 0, 5);
}

/* Up to 1024 entries of it, and up to 256 pages. */
static void note_slot(struct cached *c, uint32_t slot, const struct cached_table *t)
{
	unsigned root = slot / ROOT_WORDS;

	if (c->tagged && !t->global)
		note_asid(c, asid_of(root), 5);
	else if (c->tagged || root == c->now)
		cached_note_all(c);
}

struct cached_table *cached_table_of(struct cached *c, uint32_t word)
{
	return &c->table[c->owner[(word - first_table_word(c)) / TABLE_WORDS] - 1];
}

static void note_word(struct cached *c, uint32_t word, bool everywhere)
{
	bool global = !(c->leaf[word].attr & LEAF_NG);
	struct cached_table *t;
	unsigned shift;

	if (cached_is_root_word(c, word)) {
		note(c, word / ROOT_WORDS, gva(word % ROOT_WORDS << SECTION_LOG2), global);
		return;
	}
	t = cached_table_of(c, word);
	shift = t->kind == TABLE_FINE ? GRANULE_LOG2 : FRAME_LOG2;
	for (int32_t s = t->links; s; s = c->slot[s - 1].next) {
		unsigned root = (unsigned)(s - 1) / ROOT_WORDS;

		if (everywhere || root == c->now)
			note(c, root, gva((uint32_t)(s - 1) % ROOT_WORDS << SECTION_LOG2 |
					  (word - t->word) << shift), global);
	}
}

void cached_note_word(struct cached *c, uint32_t word) { note_word(c, word, true); }

/* With ASIDs that may be a global entry of another root's, and a smaller one. */
void cached_note_abort(struct cached *c, uint32_t word, gva_t mva)
{
	note_word(c, word, false);
	if (c->tagged)
		note(c, c->now, gva(mva.raw & ~(FRAME_BYTES - 1u)), false);
}

void cached_flush(struct cached *c)
{
	const struct strategy_port *p = c->port;

	p->shadow_sync(p->m);
	if (c->zapped > 4 && c->zapped_asid)
		p->host_tlbi_asid(p->m, c->zapped_asid);
	else if (c->zapped > 4)
		p->host_tlbi_all(p->m);
	else
		for (unsigned i = 0; i < c->zapped; i++)
			if (c->note[i].asid)
				p->host_tlbi_mva_asid(p->m, c->note[i].mva, c->note[i].asid);
			else
				p->host_tlbi_mva(p->m, c->note[i].mva);
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
	if (e == EV_ZAP)
		cached_leaf_goes(c, word);
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
	note_slot(c, slot, &c->table[c->slot[slot].table - 1]);
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
			if (e == EV_ZAP)
				cached_leaf_goes(c, w);
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

unsigned cached_parts(const struct cached_root *r, struct cached_part out[2])
{
	enum { N = 7, PD0 = 0x10, PD1 = 0x20 };
	uint32_t n = r->ttbcr & N, first = ROOT_WORDS >> n;
	unsigned parts = 0;

	if (!r->used || r->off)
		return 0;
	if (!(r->ttbcr & PD0))          /* else nothing reads it */
		out[parts++] = (struct cached_part){ r->key, 4 * first, 0 };
	if (n && !(r->ttbcr & PD1))
		out[parts++] = (struct cached_part){ r->upper + 4 * first, 4 * (ROOT_WORDS - first),
						     first };
	return parts;
}

static unsigned quarters_of(const struct cached_part *p, uint32_t frame)
{
	unsigned mask = 0;

	for (unsigned q = 0; q < 4; q++) {
		uint32_t at = (frame << FRAME_LOG2) + q * GRANULE_BYTES;

		if (at < p->base + p->bytes && at + GRANULE_BYTES > p->base)
			mask |= 1u << q;
	}
	return mask;
}

unsigned cached_root_quarters(const struct cached *c, uint32_t frame)
{
	struct cached_part part[2];
	unsigned mask = 0;

	for (unsigned r = 0; r < c->p->roots; r++)
		for (unsigned i = cached_parts(&c->root[r], part); i-- > 0;)
			mask |= quarters_of(&part[i], frame);
	return mask;
}

bool cached_root_word(const struct cached_root *r, uint32_t mb, uint32_t *gpa)
{
	struct cached_part part[2];

	for (unsigned i = cached_parts(r, part); i-- > 0;)
		if (mb >= part[i].first && mb - part[i].first < part[i].bytes / 4) {
			*gpa = part[i].base + 4 * (mb - part[i].first);
			return true;
		}
	return false;
}

static void trace_root(struct cached *c, const struct cached_root *r, bool begin)
{
	struct cached_part part[2];

	for (unsigned i = 0, n = cached_parts(r, part); i < n; i++) {
		uint32_t end = (part[i].base + part[i].bytes - 1) >> FRAME_LOG2;

		for (uint32_t f = part[i].base >> FRAME_LOG2; f <= end; f++)
			if (!begin)
				cached_retrace(c, f);
			else if (cached_is_through(c, f))
				cached_trace(c, f, quarters_of(&part[i], f));
	}
}

void cached_drop_root(struct cached *c, unsigned r, enum event e)
{
	struct cached_root was;

	for (uint32_t s = r * ROOT_WORDS; s < (r + 1) * ROOT_WORDS; s++)
		cached_clear_slot(c, s, e);
	was = c->root[r];
	c->root[r].used = false;
	trace_root(c, &was, false);
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

static void new_root(struct cached *c, const struct cached_root *want)
{
	unsigned last = c->now, r = take_root(c);

	c->root[r] = *want;
	c->root[r].dacr = c->port->guest->dacr;
	c->root[r].epoch = c->epoch;
	book(c, EV_ALLOC_ROOT, 1);
	for (uint32_t i = 0; i < ROOT_WORDS; i++)
		write_word(c, r * ROOT_WORDS + i, window_root_word(c->port, c->format, i));
	c->now = r;
	trace_root(c, want, true);
	if (c->p->kernel && !want->off && !c->quiet && r != last && c->root[last].used && !c->root[last].off &&
	    c->root[last].user == want->user)
		cached_copy_slots(c, r, last);
}

/* What the guest's registers ask for. */
static struct cached_root root_wanted(const struct cached *c)
{
	enum { TTBCR_BITS = 0x37, N = 7 };
	const struct guest *g = c->port->guest;
	struct cached_root r = { .used = true, .off = !(g->sctlr & SCTLR_M) };
	unsigned n;

	if (r.off)
		return r;
	r.ttbcr = g->arch->ttbcr ? g->ttbcr & (g->arch->pd ? TTBCR_BITS : N) : 0;
	n = r.ttbcr & N;
	r.key = g->ttbr0 & ~((4u * ROOT_WORDS >> n) - 1);
	r.user = c->p->view == VIEW_TWO_TABLES && c->user_view;
	r.upper = n ? g->ttbr1 & ~(4u * ROOT_WORDS - 1) : 0;
	return r;
}

static int find_root(const struct cached *c, const struct cached_root *want)
{
	for (unsigned i = 0; i < c->p->roots; i++) {
		const struct cached_root *r = &c->root[i];

		if (r->used && r->off == want->off && r->key == want->key && r->upper == want->upper &&
		    r->ttbcr == want->ttbcr && r->user == want->user)
			return (int)i;
	}
	return -1;
}

/* What the host walks is the root in use. */
static void load_root(struct cached *c, unsigned was, bool was_off, enum event asid)
{
	if (cached_folds(c))
		cached_fold_root(c);
	c->root[c->now].at = ++c->tick;
	c->root[c->now].flood = 0;
	c->port->host_set(c->port->m, HOST_TTBR, HV_HPA + HV_SL1 + c->now * 4 * ROOT_WORDS);
	if (c->tagged && (c->now != was || c->quiet)) {
		c->port->host_set(c->port->m, HOST_ASID, asid_of(c->now));
		book(c, asid, 1);
	}
	if (!c->tagged || c->root[c->now].off != was_off)  /* with the MMU off nothing global is used */
		cached_note_all(c);
	if (!c->quiet)
		cached_flush(c);
	c->zapped = 0;
}

void cached_use_root(struct cached *c)
{
	const struct cached_root want = root_wanted(c);
	bool was_off = c->root[c->now].off;
	unsigned was = c->now;
	int r = find_root(c, &want);

	book(c, EV_ROOT, 1);
	if (r < 0)
		new_root(c, &want);
	else
		c->now = (unsigned)r;
	cached_resync_all(c);           /* old words may not be the new root's */
	cached_suspect_all(c);
	load_root(c, was, was_off, EV_MAINT_OP);
}

/* Old words stay: they are of this address space in either view. */
void cached_use_view_root(struct cached *c)
{
	const struct cached_root want = root_wanted(c);
	unsigned was = c->now;
	int r = find_root(c, &want);

	if (r == (int)was)              /* with the MMU off both views are the same */
		return;
	if (r < 0) {
		book(c, EV_ROOT, 1);
		new_root(c, &want);
	} else {
		c->now = (unsigned)r;
	}
	book(c, EV_VIEW_TTBR, 1);
	if (c->untraced)
		cached_check_root(c);
	load_root(c, was, want.off, EV_VIEW_ASID);
}

/* --- global entries ------------------------------------------------------------------------- */

/* A megabyte of root r has global leaves, which the root in use does not have. */
static bool has_strangers(const struct cached *c, unsigned r, uint32_t mb)
{
	uint32_t there = r * ROOT_WORDS + mb, here = c->now * ROOT_WORDS + mb;
	const struct cached_slot *s = &c->slot[there];

	if (s->table)
		return c->table[s->table - 1].global &&
		       (s->table != c->slot[here].table || s->host != c->slot[here].host);
	return c->leaf[there].size_log2 && !(c->leaf[there].attr & LEAF_NG) &&
	       cached_peek(c, there) != cached_peek(c, here);
}

/* The guest's page may be a supersection, and its shadow in pieces. */
void cached_drop_strangers(struct cached *c, gva_t mva)
{
	uint32_t first = mva.raw >> SECTION_LOG2 & ~15u;

	if (!c->tagged || c->root[c->now].off)
		return;
	for (unsigned r = 0; r < c->p->roots; r++) {
		if (!c->root[r].used || c->root[r].off || r == c->now)
			continue;
		book(c, EV_SHADOW_FIND, 1);
		for (uint32_t mb = first; mb < first + 16; mb++)
			if (has_strangers(c, r, mb)) {
				cached_note_all(c);
				return;
			}
	}
}

void cached_drop_all(struct cached *c)
{
	for (uint32_t s = 0; s < first_table_word(c); s++)
		cached_clear_slot(c, s, EV_ZAP);
	cached_note_all(c);
}
