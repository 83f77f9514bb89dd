/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `inplace`: tables and the first-level words that lead to them. Victims are those of use least recently.
 */
#include "strategies/inplace.h"

void inplace_book(const struct inplace *c, enum event e, uint64_t n)
{
	if (!c->quiet)
		c->port->charge(c->port->m, e, n);
}

/* --- words ------------------------------------------------------------------------------------ */

uint32_t inplace_peek(const struct inplace *c, uint32_t n)
{
	const struct inplace_table *t;

	if (inplace_is_slot(c, n))
		return c->port->shadow_peek(c->port->m, HV_SL1 + 4 * n);
	t = &c->table[c->owner[(n - c->slots) / TABLE_WORDS] - 1];
	if (t->kind == TABLE_SPLIT)
		return c->port->shadow_peek(c->port->m, t->offset + 4 * (n - t->entry));
	return c->port->table_peek(c->port->m, t->key + 4 * (n - t->entry));
}

/* Lines of the frame before have to be given back by their old mapping. */
gva_t inplace_window_of(struct inplace *c, uint32_t gpa)
{
	uint32_t frame = gpa & ~(FRAME_BYTES - 1u), at;
	gva_t mva = gva(c->port->window + INPLACE_MAP + (gpa & (FRAME_BYTES - 1u)));

	if (c->mapped == frame)
		return mva;
	c->mapped = frame;
	c->port->shadow_sync(c->port->m);
	(void)c->port->to_host(c->port->m, frame, FRAME_LOG2, &at);
	c->port->charge(c->port->m, EV_FILL_WORD, 1);
	c->port->shadow_write(c->port->m, HV_L2 + 4 * (INPLACE_MAP >> FRAME_LOG2),
			      host_own_word(c->format, at, FRAME_LOG2));
	c->port->shadow_sync(c->port->m);
	c->port->host_tlbi_mva(c->port->m, gva(c->port->window + INPLACE_MAP));
	return mva;
}

/* at: of a word of a guest's table. */
static void write_word(struct inplace *c, uint32_t n, uint32_t value, gva_t at)
{
	const struct inplace_table *t;

	if (inplace_is_slot(c, n)) {
		c->port->shadow_write(c->port->m, HV_SL1 + 4 * n, value);
		return;
	}
	t = inplace_table_of(c, n);
	if (t->kind == TABLE_SPLIT)
		c->port->shadow_write(c->port->m, t->offset + 4 * (n - t->entry), value);
	else
		c->port->table_write(c->port->m, at, t->key + 4 * (n - t->entry), value);
}

/* Entry n of a table becomes this word; it is a page if its type says so. */
static void set_entry(struct inplace *c, uint32_t n, uint32_t value, gva_t at)
{
	if (inplace_peek(c, n) == value && c->entry[n].live == inplace_is_page(value))
		return;
	if (c->entry[n].live) {
		inplace_note_entry(c, n);
		inplace_remove(c, n);
	}
	write_word(c, n, value, at);
	if (inplace_is_page(value))
		inplace_add(c, n);
}

/* --- host TLB ----------------------------------------------------------------------------------- */

void inplace_note(struct inplace *c, gva_t mva)
{
	for (unsigned i = 0; i < c->zapped && i < 4; i++)
		if (c->zapped_mva[i].raw == mva.raw)
			return;
	if (c->zapped < 4)
		c->zapped_mva[c->zapped] = mva;
	c->zapped++;
}

void inplace_note_all(struct inplace *c)
{
	c->zapped = 5;
}

/* Where roots whose entries the host's TLB may hold have entry n. */
unsigned inplace_mvas(struct inplace *c, uint32_t n, gva_t mva[INPLACE_MVAS])
{
	const struct inplace_table *t;
	unsigned found = 0;

	if (inplace_is_slot(c, n)) {
		mva[0] = gva(n % ROOT_WORDS << SECTION_LOG2);
		return inplace_is_in_tlb(c, n / ROOT_WORDS);
	}
	t = inplace_table_of(c, n);
	for (int32_t s = t->links; s && found < INPLACE_MVAS; s = c->slot[s - 1].next)
		if (inplace_is_in_tlb(c, (uint32_t)(s - 1) / ROOT_WORDS))
			mva[found++] = gva((uint32_t)(s - 1) % ROOT_WORDS << SECTION_LOG2 |
					   (n - t->entry) << inplace_shift_of(t));
	return found;
}

void inplace_note_entry(struct inplace *c, uint32_t n)
{
	gva_t mva[INPLACE_MVAS];
	unsigned found = inplace_mvas(c, n, mva);

	if (found == INPLACE_MVAS)
		inplace_note_all(c);
	for (unsigned i = 0; i < found; i++)
		inplace_note(c, mva[i]);
}

void inplace_flush(struct inplace *c)
{
	bool shown = c->shown;

	c->shown = false;
	for (unsigned i = 0; shown && i < INPLACE_UNITS; i++)
		if (c->table[i].used && c->table[i].opaque)
			inplace_hold(c, c->table[i].key >> FRAME_LOG2);
	c->port->shadow_sync(c->port->m);
	if (c->zapped > 4)
		c->port->host_tlbi_all(c->port->m);
	else
		for (unsigned i = 0; i < c->zapped; i++)
			c->port->host_tlbi_mva(c->port->m, c->zapped_mva[i]);
	c->zapped = 0;
}

/* --- entries -------------------------------------------------------------------------------------- */

void inplace_put(struct inplace *c, struct inplace_table *t, uint32_t i, uint32_t w, gva_t at, bool lazily)
{
	uint32_t n = t->entry + i, value = inplace_stash(w);
	struct inplace_map m;

	if (!lazily && inplace_map_word(c, t, i, w, &m) && inplace_is_expressible(&m, (enum grant)t->grant))
		value = inplace_word(c, &m, (enum grant)t->grant, 0);
	set_entry(c, n, value, at);
	c->entry[n].side = inplace_side_of(w, inplace_form_of(c, t));
	inplace_see(c, t, i, w);
}

/* What entry i should be; w: the guest's word, of TABLE_SPLIT without meaning. */
static uint32_t value_of(struct inplace *c, const struct inplace_table *t, uint32_t i, uint32_t *w)
{
	bool split = t->kind == TABLE_SPLIT;
	struct inplace_map m;

	*w = split ? 0 : inplace_guest_has(c, t, i);
	if (split ? inplace_map_entry(c, t, i, &m) : inplace_map_word(c, t, i, *w, &m))
		if (inplace_is_expressible(&m, (enum grant)t->grant))
			return inplace_word(c, &m, (enum grant)t->grant, 0);
	return split ? 0 : inplace_stash(*w);
}

static bool refresh_one(struct inplace *c, struct inplace_table *t, uint32_t i, enum event e)
{
	uint32_t n = t->entry + i, w, value = value_of(c, t, i, &w);

	if (value == inplace_peek(c, n))
		return false;
	inplace_book(c, e, 1);
	set_entry(c, n, value, t->kind == TABLE_SPLIT ? gva(0) : inplace_window_of(c, t->key + 4 * i));
	if (t->kind != TABLE_SPLIT)
		inplace_see(c, t, i, w);
	return true;
}

/* All words of a large page are one, or none: a walk may read any of them. */
bool inplace_refresh(struct inplace *c, struct inplace_table *t, uint32_t i, enum event e)
{
	enum { TYPE = 3, LARGE = 1 };
	uint32_t was = inplace_peek(c, t->entry + i), group = 1u << (PT_LARGE_LOG2 - inplace_shift_of(t));
	uint32_t first = i & ~(group - 1);

	if (!refresh_one(c, t, i, e))
		return false;
	if ((was & TYPE) == LARGE || (inplace_peek(c, t->entry + i) & TYPE) == LARGE)
		for (uint32_t j = first; j < first + group; j++)
			(void)refresh_one(c, t, j, EV_FILL_WORD);
	return true;
}

void inplace_zap(struct inplace *c, uint32_t n, enum event e)
{
	struct inplace_table *t = inplace_is_slot(c, n) ? NULL : inplace_table_of(c, n);

	inplace_book(c, e, 1);
	if (!t) {
		c->domains.use[c->slot[n].host].refs--;
		set_entry(c, n, 0, gva(0));
	} else if (t->kind == TABLE_SPLIT) {
		set_entry(c, n, 0, gva(0));
	} else {
		uint32_t w = inplace_guest_has(c, t, n - t->entry);

		set_entry(c, n, inplace_stash(w), inplace_window_of(c, t->key + 4 * (n - t->entry)));
	}
}

/* --- slots ---------------------------------------------------------------------------------------- */

static void unlink_slot(struct inplace *c, uint32_t slot)
{
	struct inplace_slot *s = &c->slot[slot];
	struct inplace_table *t = &c->table[s->table - 1];

	if (s->prev)
		c->slot[s->prev - 1].next = s->next;
	else
		t->links = s->next;
	if (s->next)
		c->slot[s->next - 1].prev = s->prev;
	s->table = 0;
	c->domains.use[s->host].refs--;
}

void inplace_clear_slot(struct inplace *c, uint32_t slot, enum event e)
{
	struct inplace_slot *s = &c->slot[slot];
	struct inplace_table *t;

	if (!s->table) {
		if (c->entry[slot].live)
			inplace_zap(c, slot, e);
		return;
	}
	t = &c->table[s->table - 1];
	if (inplace_is_in_tlb(c, slot / ROOT_WORDS))    /* up to 1024 entries of it */
		inplace_note_all(c);
	unlink_slot(c, slot);
	inplace_book(c, e, 1);
	write_word(c, slot, 0, gva(0));
	if (!t->links && t != c->pinned)
		inplace_drop_table(c, t, e);
}

void inplace_link(struct inplace *c, uint32_t slot, struct inplace_table *t, unsigned guest_domain)
{
	struct inplace_slot *s = &c->slot[slot];
	unsigned domain = inplace_domain_for(c, (enum grant)t->grant, guest_domain);
	uint32_t base = HV_HPA + t->offset;

	if (t->kind != TABLE_SPLIT)
		(void)c->port->to_host(c->port->m, t->key, t->kind == TABLE_FINE ? FRAME_LOG2 : GRANULE_LOG2,
				       &base);
	*s = (struct inplace_slot){ .table = (uint16_t)(t - c->table + 1), .host = (uint8_t)domain,
		.guest = (uint8_t)guest_domain, .all = t->all, .next = t->links };
	if (t->links)
		c->slot[t->links - 1].prev = (int32_t)slot + 1;
	t->links = (int32_t)slot + 1;
	c->domains.use[domain].refs++;
	inplace_book(c, EV_FILL_WORD, 1);
	write_word(c, slot, host_table_word(c->format, base, domain, t->kind == TABLE_FINE), gva(0));
}

void inplace_set_section(struct inplace *c, uint32_t slot, uint32_t word, unsigned guest_domain, bool all,
			 const struct inplace_map *m, enum grant g)
{
	unsigned domain = inplace_domain_for(c, g, guest_domain);

	inplace_clear_slot(c, slot, EV_ZAP);
	c->slot[slot] = (struct inplace_slot){ .host = (uint8_t)domain, .guest = (uint8_t)guest_domain,
					       .all = all, .word = word };
	c->domains.use[domain].refs++;
	inplace_book(c, EV_FILL, 1);
	set_entry(c, slot, inplace_word(c, m, g, domain), gva(0));
	inplace_note_entry(c, slot);    /* what made it abort may be in the host TLB */
}
