/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/shadow.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRY_SHIFT_COARSE = 12, ENTRY_SHIFT_FINE = 10, NO_DOMAIN = 16 };

static uint32_t slot_word(const struct shadow *s, unsigned mb) { return s->c.root + 4 * mb; }

static uint32_t table_offset(const struct shadow *s, const struct shadow_slot *t)
{
	return s->c.pool + 1024u * t->unit;
}

static void store(struct shadow *s, uint32_t offset, uint32_t word, enum event e)
{
	s->port->charge(s->port->m, e, 1);
	s->port->shadow_write(s->port->m, offset, word);
}

/* --- entries -------------------------------------------------------------------------- */

static void unlink_entry(struct shadow *s, struct shadow_entry *e)
{
	struct shadow_slot *t = &s->slot[e->mva >> SECTION_LOG2];

	if (e->prev >= 0)
		s->entry[e->prev].next = e->next;
	else
		t->first = e->next;
	if (e->next >= 0)
		s->entry[e->next].prev = e->prev;
	t->live--;
	s->live--;
	e->live = false;
}

static void note_zapped(struct shadow *s, gva_t mva, bool ng)
{
	s->zapped_global |= !ng;
	if (s->zapped < 4)
		s->zapped_mva[s->zapped] = mva;
	s->zapped++;
}

static void zap(struct shadow *s, struct shadow_entry *e, enum event ev)
{
	struct shadow_slot *t = &s->slot[e->mva >> SECTION_LOG2];

	for (unsigned i = 0; i < e->nwords; i++)
		store(s, e->offset + 4 * i, 0, ev);
	note_zapped(s, gva(e->mva), e->ng);
	unlink_entry(s, e);
	if (t->kind == SLOT_SECTION)
		t->kind = SLOT_EMPTY;
	if (!t->live && t->state != MB_CLASS)
		t->state = MB_CLASS;    /* the next fill tags it anew */
}

static void zap_slot(struct shadow *s, struct shadow_slot *t, enum event ev)
{
	while (t->first >= 0)
		zap(s, &s->entry[t->first], ev);
}

/* A free entry: the oldest one is evicted when the directory is full. */
static struct shadow_entry *take_entry(struct shadow *s)
{
	struct shadow_entry *e = &s->entry[s->hand];

	s->hand = (s->hand + 1) % s->capacity;
	if (e->live)
		zap(s, e, EV_EVICT);
	return e;
}

static void link_entry(struct shadow *s, struct shadow_entry *e)
{
	struct shadow_slot *t = &s->slot[e->mva >> SECTION_LOG2];

	e->prev = -1;
	e->next = t->first;
	if (t->first >= 0)
		s->entry[t->first].prev = (int32_t)(e - s->entry);
	t->first = (int32_t)(e - s->entry);
	t->live++;
	s->live++;
	e->live = true;
}

/* --- tables --------------------------------------------------------------------------- */

static void detach_table(struct shadow *s, unsigned mb, enum event ev)
{
	struct shadow_slot *t = &s->slot[mb];
	unsigned units = t->kind == SLOT_FINE ? 4 : 1;

	zap_slot(s, t, ev);
	store(s, slot_word(s, mb), 0, ev);
	for (unsigned i = 0; i < units; i++)
		s->owner[t->unit + i] = 0;
	s->units_used -= units;
	t->kind = SLOT_EMPTY;
	t->state = MB_CLASS;
	note_zapped(s, gva((uint32_t)mb << SECTION_LOG2), false);
}

/* `units` free KB, aligned to their number; takes tables away in pool order when it must. */
static unsigned take_units(struct shadow *s, unsigned units)
{
	unsigned u;

	for (unsigned tries = 0; tries < s->c.units / units; tries++) {
		bool is_free = true;

		u = s->table_hand;
		s->table_hand = (u + units) % (s->c.units / units * units);
		s->table_hand -= s->table_hand % units;
		u -= u % units;
		for (unsigned i = 0; i < units; i++)
			is_free &= !s->owner[u + i];
		if (is_free)
			return u;
	}
	u = s->table_hand - s->table_hand % units;
	s->table_hand = (u + units) % (s->c.units / units * units);
	for (unsigned i = 0; i < units; i++)
		if (s->owner[u + i])
			detach_table(s, s->owner[u + i] - 1u, EV_EVICT);
	return u;
}

static uint32_t table_descriptor(const struct shadow *s, const struct shadow_slot *t)
{
	return host_table_word(s->c.format, HV_HPA + table_offset(s, t), t->domain,
			       t->kind == SLOT_FINE);
}

static void attach_table(struct shadow *s, unsigned mb, enum slot_kind kind)
{
	struct shadow_slot *t = &s->slot[mb];
	unsigned units = kind == SLOT_FINE ? 4 : 1;

	t->unit = (uint16_t)take_units(s, units);
	t->kind = (uint8_t)kind;
	for (unsigned i = 0; i < units; i++) {
		s->owner[t->unit + i] = (uint16_t)(mb + 1);
		s->port->charge(s->port->m, EV_ALLOC, 1);
	}
	s->units_used += units;
	for (unsigned i = 0; i < units * 256; i++)
		s->port->shadow_write(s->port->m, table_offset(s, t) + 4 * i, 0);
}

/* Makes the megabyte able to hold pages of this kind. */
static void prepare_slot(struct shadow *s, unsigned mb, enum slot_kind want)
{
	struct shadow_slot *t = &s->slot[mb];

	if (t->kind == want)
		return;
	if (t->kind == SLOT_COARSE || t->kind == SLOT_FINE)
		detach_table(s, mb, EV_ZAP);
	else
		zap_slot(s, t, EV_ZAP);
	if (want == SLOT_SECTION) {
		t->kind = SLOT_SECTION;
		return;
	}
	attach_table(s, mb, want);
	t->domain = 0xff;               /* no first-level word yet */
}

/* --- states of a megabyte ------------------------------------------------------------- */

static void retag(struct shadow *s, unsigned mb, enum mb_state state, enum host_domain domain)
{
	struct shadow_slot *t = &s->slot[mb];

	t->state = (uint8_t)state;
	if (t->domain == domain)
		return;
	t->domain = (uint8_t)domain;
	if (t->kind != SLOT_COARSE && t->kind != SLOT_FINE)
		return;                 /* a section's word carries its own domain */
	store(s, slot_word(s, mb), table_descriptor(s, t), EV_FILL_WORD);
	for (int32_t i = t->first; i >= 0; i = s->entry[i].next)
		note_zapped(s, gva(s->entry[i].mva), s->entry[i].ng);
}

/* Entries that grant the kernel more than the user must go before the user may look. */
static void zap_unequal(struct shadow *s, struct shadow_slot *t)
{
	int32_t next;

	for (int32_t i = t->first; i >= 0; i = next) {
		next = s->entry[i].next;
		if (memcmp(s->entry[i].rights.k, s->entry[i].rights.u, 4))
			zap(s, &s->entry[i], EV_ZAP);
	}
}

static void enter_konly(struct shadow *s, unsigned mb)
{
	struct shadow_slot *t = &s->slot[mb];

	if (t->state == MB_KONLY)
		return;
	s->port->charge(s->port->m, EV_MIXEDMB, 1);
	retag(s, mb, MB_KONLY, DOM_K);
}

static void enter_both(struct shadow *s, unsigned mb)
{
	struct shadow_slot *t = &s->slot[mb];

	if (t->state == MB_BOTH)
		return;
	s->port->charge(s->port->m, EV_MIXEDMB, 1);
	zap_unequal(s, t);
	retag(s, mb, MB_BOTH, DOM_U);
}

static bool conflicts(const struct shadow_slot *t, unsigned cls)
{
	return !cls || (t->live && t->domain != view_domain(cls));
}

static bool mixed_needs_konly(const struct shadow_map *m, bool user, enum access access)
{
	unsigned quarter = m->mva.raw >> (m->w->leaf.size_log2 - 2) & 3;

	return !user && !view_allows(&m->rights, quarter, MB_BOTH, false, access);
}

bool shadow_needs_konly(const struct shadow *s, const struct shadow_map *m, bool user,
			enum access access)
{
	const struct shadow_slot *t = &s->slot[m->mva.raw >> SECTION_LOG2];
	bool mixed = m->size_log2 != SECTION_LOG2 &&
		     (t->state != MB_CLASS || conflicts(t, view_class(&m->rights)));

	return mixed && t->state != MB_KONLY && mixed_needs_konly(m, user, access);
}

/* State and domain that let this access through, changing the megabyte if it must. */
static void choose_state(struct shadow *s, unsigned mb, const struct shadow_map *m, bool user,
			 enum access access)
{
	struct shadow_slot *t = &s->slot[mb];
	unsigned cls = view_class(&m->rights);

	if (t->state == MB_CLASS && !conflicts(t, cls)) {
		retag(s, mb, MB_CLASS, view_domain(cls));
		return;
	}
	if (t->state == MB_CLASS) {     /* first conflict: everything there is composed anew */
		zap_slot(s, t, EV_ZAP);
		t->state = MB_CLASS;
	}
	if (mixed_needs_konly(m, user, access))
		enter_konly(s, mb);
	else if (user || t->state == MB_CLASS)
		enter_both(s, mb);
}

/* --- fill ----------------------------------------------------------------------------- */

static uint32_t leaf_word(const struct shadow *s, const struct shadow_map *m,
			  const struct shadow_slot *t)
{
	struct host_leaf l = { .hpa = m->hpa, .size_log2 = (uint8_t)m->size_log2, .domain = t->domain,
			       .cb = m->w->levels ? m->w->leaf.cb : 0, .memory = m->memory,
			       .xn = m->rights.xn, .ng = m->ng };

	view_ap(&m->rights, (enum mb_state)t->state, l.ap);
	if (m->size_log2 < m->w->leaf.size_log2) {      /* one quarter of the guest's AP applies */
		unsigned q = m->mva.raw >> (m->w->leaf.size_log2 - 2) & 3;

		memset(l.ap, l.ap[q], sizeof(l.ap));
	}
	return host_leaf_word(s->c.format, &l);
}

/* An entry that overlaps the 2^size_log2 bytes around mva. */
static struct shadow_entry *find_overlap(struct shadow *s, gva_t mva, unsigned size_log2)
{
	const struct shadow_slot *t = &s->slot[mva.raw >> SECTION_LOG2];

	for (int32_t i = t->first; i >= 0; i = s->entry[i].next) {
		unsigned reach = s->entry[i].size_log2 > size_log2 ? s->entry[i].size_log2 : size_log2;

		if (mva.raw >> reach == s->entry[i].mva >> reach)
			return &s->entry[i];
	}
	return NULL;
}

static enum slot_kind kind_wanted(const struct shadow *s, const struct shadow_map *m)
{
	const struct shadow_slot *t = &s->slot[m->mva.raw >> SECTION_LOG2];

	if (m->size_log2 == SECTION_LOG2)
		return SLOT_SECTION;
	if (m->size_log2 == GRANULE_LOG2 || t->kind == SLOT_FINE)
		return SLOT_FINE;
	return SLOT_COARSE;
}

static void place(const struct shadow *s, unsigned mb, const struct shadow_map *m,
		  uint32_t *offset, uint16_t *nwords)
{
	const struct shadow_slot *t = &s->slot[mb];
	unsigned shift = t->kind == SLOT_FINE ? ENTRY_SHIFT_FINE : ENTRY_SHIFT_COARSE;
	uint32_t base = m->mva.raw & ~((UINT32_C(1) << m->size_log2) - 1) & (SECTION_BYTES - 1);

	if (t->kind == SLOT_SECTION) {
		*offset = slot_word(s, mb);
		*nwords = 1;
		return;
	}
	*offset = table_offset(s, t) + 4 * (base >> shift);
	*nwords = (uint16_t)(1u << (m->size_log2 - shift));
}

/* The shadow already lets this access through: it was the host TLB that was stale. */
static bool already_there(struct shadow *s, unsigned mb, const struct shadow_map *m, bool user,
			  enum access access)
{
	const struct shadow_slot *t = &s->slot[mb];
	const struct shadow_entry *e = find_overlap(s, m->mva, m->size_log2);
	unsigned cls = view_class(&m->rights);
	uint32_t offset;
	uint16_t nwords;

	if (!e || e->size_log2 != m->size_log2 || t->kind != kind_wanted(s, m))
		return false;
	if (t->state == MB_CLASS ? conflicts(t, cls) || t->domain != view_domain(cls)
				 : t->state == MB_KONLY ? user
							: mixed_needs_konly(m, user, access))
		return false;
	place(s, mb, m, &offset, &nwords);
	return s->port->shadow_peek(s->port->m, offset) ==
	       leaf_word(s, m, t);
}

static void write_entry(struct shadow *s, unsigned mb, const struct shadow_map *m,
			struct shadow_entry *e)
{
	struct shadow_slot *t = &s->slot[mb];
	uint32_t word = leaf_word(s, m, t);

	*e = (struct shadow_entry){
		.mva = m->mva.raw & ~((UINT32_C(1) << m->size_log2) - 1),
		.guest_mva = m->mva.raw & ~((UINT32_C(1) << m->w->leaf.size_log2) - 1),
		.size_log2 = (uint8_t)m->size_log2,
		.guest_size_log2 = m->w->leaf.size_log2,
		.guest_domain = m->w->levels ? m->w->leaf.domain : NO_DOMAIN,
		.rights = m->rights,
		.ng = m->ng,
	};
	place(s, mb, m, &e->offset, &e->nwords);
	s->port->charge(s->port->m, EV_FILL, 1);
	for (unsigned i = 0; i < e->nwords; i++) {
		if (i)
			s->port->charge(s->port->m, EV_FILL_WORD, 1);
		s->port->shadow_write(s->port->m, e->offset + 4 * i, word);
	}
	link_entry(s, e);
}

bool shadow_fill(struct shadow *s, const struct shadow_map *m, bool user, enum access access)
{
	unsigned mb = m->mva.raw >> SECTION_LOG2;
	struct shadow_entry *e, *old;

	if (already_there(s, mb, m, user, access)) {
		note_zapped(s, m->mva, false);
		return false;
	}
	e = take_entry(s);              /* first: an eviction may change this very megabyte */
	prepare_slot(s, mb, kind_wanted(s, m));
	while ((old = find_overlap(s, m->mva, m->size_log2)))
		zap(s, old, EV_ZAP);
	if (s->slot[mb].kind == SLOT_EMPTY)     /* that was its section */
		s->slot[mb].kind = SLOT_SECTION;
	choose_state(s, mb, m, user, access);
	write_entry(s, mb, m, e);
	note_zapped(s, m->mva, false);  /* a weaker entry may still be in the host TLB */
	return true;
}

/* --- zapping by the guest's operations ------------------------------------------------ */

void shadow_zap_all(struct shadow *s)
{
	for (uint32_t i = 0; s->live && i < s->capacity; i++)
		if (s->entry[i].live)
			zap(s, &s->entry[i], EV_ZAP);
}

static bool covers(const struct shadow_entry *e, gva_t mva)
{
	return mva.raw >> e->guest_size_log2 == e->guest_mva >> e->guest_size_log2;
}

/* Fragments of a supersection lie in sixteen megabytes. */
static void zap_covering(struct shadow *s, gva_t mva, bool global_only)
{
	unsigned mb = mva.raw >> SECTION_LOG2, n = 1;
	int32_t next;

	if (s->c.format == HOST_V6) {
		mb &= ~15u;
		n = 16;
	}
	for (unsigned end = mb + n; mb < end; mb++)
		for (int32_t i = s->slot[mb].first; i >= 0; i = next) {
			struct shadow_entry *e = &s->entry[i];

			next = e->next;
			if (covers(e, mva) && !(global_only && e->ng))
				zap(s, e, EV_ZAP);
		}
}

void shadow_zap_covering(struct shadow *s, gva_t mva)
{
	zap_covering(s, mva, false);
}

void shadow_zap_global_covering(struct shadow *s, gva_t mva)
{
	zap_covering(s, mva, true);
}

void shadow_zap_nonglobal(struct shadow *s)
{
	for (uint32_t i = 0; s->live && i < s->capacity; i++)
		if (s->entry[i].live && s->entry[i].ng)
			zap(s, &s->entry[i], EV_ZAP);
}

void shadow_zap_domains(struct shadow *s, uint32_t changed)
{
	for (uint32_t i = 0; i < s->capacity; i++) {
		struct shadow_entry *e = &s->entry[i];

		if (!e->live)
			continue;
		s->port->charge(s->port->m, EV_FOLD, 1);
		if (e->guest_domain != NO_DOMAIN && changed >> 2 * e->guest_domain & 3)
			zap(s, e, EV_ZAP);
	}
}

static void drop_from_host(struct shadow *s)
{
	const struct strategy_port *p = s->port;

	if (s->zapped > 4 && s->c.tagged && !s->zapped_global)
		p->host_tlbi_asid(p->m, s->c.asid);
	else if (s->zapped > 4)
		p->host_tlbi_all(p->m);
	else
		for (uint32_t i = 0; i < s->zapped; i++)
			if (s->c.tagged)
				p->host_tlbi_mva_asid(p->m, s->zapped_mva[i], s->c.asid);
			else
				p->host_tlbi_mva(p->m, s->zapped_mva[i]);
}

void shadow_flush_host(struct shadow *s)
{
	s->port->shadow_sync(s->port->m);
	drop_from_host(s);
	shadow_host_is_flushed(s);
}

void shadow_host_is_flushed(struct shadow *s)
{
	s->zapped = 0;
	s->zapped_global = false;
}
