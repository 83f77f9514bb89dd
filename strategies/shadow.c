/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/shadow_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRY_SHIFT_COARSE = 12, ENTRY_SHIFT_FINE = 10 };

static uint32_t slot_word(const struct shadow *s, unsigned mb) { return s->c.root + 4 * mb; }

static uint32_t table_offset(const struct shadow *s, const struct shadow_slot *t)
{
	return s->c.pool + 1024u * t->unit;
}

void shadow_store(struct shadow *s, uint32_t offset, uint32_t word, enum event e)
{
	s->port->charge(s->port->m, e, 1);
	s->port->shadow_write(s->port->m, offset, word);
}

void shadow_set_word(struct shadow *s, unsigned mb, struct shadow_slot *t, uint32_t word, enum event e)
{
	t->word = word;
	if (slot_of(s, mb, s->user) == t)
		shadow_store(s, slot_word(s, mb), word, e);
}

/* --- entries -------------------------------------------------------------------------- */

/* Counts of the entry in its megabyte. */
static void count(struct shadow_slot *t, const struct shadow_entry *e, int by)
{
	static const uint8_t none[4], all[4] = { 3, 3, 3, 3 };

	t->live += (uint32_t)by;
	if (view_is_equal(&e->rights))
		t->equal = (uint16_t)(t->equal + by);
	if (!memcmp(e->rights.u, none, 4))
		t->konly = (uint16_t)(t->konly + by);
	if (!memcmp(e->rights.k, all, 4) && !e->rights.xn)
		t->full = (uint16_t)(t->full + by);
}

static void unlink_view(struct shadow *s, struct shadow_entry *e)
{
	if (s->c.views != SHADOW_BY_REFLUSH || !e->differs)
		return;
	if (e->view_prev >= 0)
		s->entry[e->view_prev].view_next = e->view_next;
	else
		s->differing = e->view_next;
	if (e->view_next >= 0)
		s->entry[e->view_next].view_prev = e->view_prev;
}

static void unlink_entry(struct shadow *s, struct shadow_entry *e)
{
	struct shadow_slot *t = slot_of_entry(s, e);

	if (e->prev >= 0)
		s->entry[e->prev].next = e->next;
	else
		t->first = e->next;
	if (e->next >= 0)
		s->entry[e->next].prev = e->prev;
	unlink_view(s, e);
	count(t, e, -1);
	s->live--;
	e->live = false;
}

void shadow_note(struct shadow *s, gva_t mva, bool tagged)
{
	s->zapped_global |= !tagged;
	if (s->zapped < 4)
		s->zapped_mva[s->zapped] = mva;
	s->zapped++;
}

void shadow_zap(struct shadow *s, struct shadow_entry *e, enum event ev)
{
	struct shadow_slot *t = slot_of_entry(s, e);
	bool section = t->kind == SLOT_SECTION;

	if (section)
		shadow_set_word(s, e->mva >> SECTION_LOG2, t, 0, ev);
	for (unsigned i = 0; !section && i < e->nwords; i++)
		shadow_store(s, e->offset + 4 * i, 0, ev);
	shadow_note(s, gva(e->mva), e->tagged);
	unlink_entry(s, e);
	if (section) {
		t->kind = SLOT_EMPTY;
		shadow_release(s, t);
	}
	if (!t->live && t->state != MB_CLASS && t->state != MB_SPLIT)
		t->state = MB_CLASS;    /* the next fill tags it anew */
	if (!t->live && s->c.free_empty && !section && e->mva >> SECTION_LOG2 != s->filling)
		shadow_detach(s, e->mva >> SECTION_LOG2, e->user, ev);
}

void shadow_zap_slot(struct shadow *s, struct shadow_slot *t, enum event ev)
{
	while (t->first >= 0)
		shadow_zap(s, &s->entry[t->first], ev);
}

/* A free entry: the oldest one of the zone is evicted when that is full. */
static struct shadow_entry *take_entry(struct shadow *s, enum zone zone)
{
	struct shadow_entry *e = &s->entry[zones_take(&s->zones, zone)];

	if (e->live)
		shadow_zap(s, e, EV_EVICT);
	return e;
}

static void link_entry(struct shadow *s, struct shadow_entry *e)
{
	struct shadow_slot *t = slot_of_entry(s, e);
	int32_t at = (int32_t)(e - s->entry);

	e->prev = -1;
	e->next = t->first;
	if (t->first >= 0)
		s->entry[t->first].prev = at;
	t->first = at;
	count(t, e, 1);
	s->live++;
	e->live = true;
	if (s->c.views != SHADOW_BY_REFLUSH || !e->differs)
		return;
	e->view_prev = -1;
	e->view_next = s->differing;
	if (s->differing >= 0)
		s->entry[s->differing].view_prev = at;
	s->differing = at;
}

/* --- tables --------------------------------------------------------------------------- */

void shadow_detach(struct shadow *s, unsigned mb, bool user, enum event ev)
{
	struct shadow_slot *t = slot_of(s, mb, user);
	unsigned units = t->kind == SLOT_FINE ? 4 : 1;

	shadow_zap_slot(s, t, ev);
	if (t->kind == SLOT_EMPTY)      /* its last entry took it along */
		return;
	shadow_set_word(s, mb, t, 0, ev);
	for (unsigned i = 0; i < units; i++)
		s->owner[t->unit + i] = 0;
	s->units_used -= units;
	t->kind = SLOT_EMPTY;
	shadow_release(s, t);
	shadow_note(s, gva((uint32_t)mb << SECTION_LOG2), s->c.none_global);
}

static void detach_owner(struct shadow *s, unsigned owner, enum event ev)
{
	shadow_detach(s, (owner & ~(unsigned)OWNER_USER) - 1, owner & OWNER_USER, ev);
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
			detach_owner(s, s->owner[u + i], EV_EVICT);
	return u;
}

uint32_t shadow_table_word(const struct shadow *s, const struct shadow_slot *t)
{
	return host_table_word(s->c.format, HV_HPA + table_offset(s, t), t->domain,
			       t->kind == SLOT_FINE);
}

static void attach_table(struct shadow *s, unsigned mb, struct shadow_slot *t, enum slot_kind kind)
{
	unsigned units = kind == SLOT_FINE ? 4 : 1, owner = mb + 1;

	if (t != &s->slot[mb])
		owner |= OWNER_USER;
	t->unit = (uint16_t)take_units(s, units);
	t->kind = (uint8_t)kind;
	for (unsigned i = 0; i < units; i++) {
		s->owner[t->unit + i] = (uint16_t)owner;
		s->port->charge(s->port->m, EV_ALLOC, 1);
	}
	s->units_used += units;
	for (unsigned i = 0; i < units * 256; i++)
		s->port->shadow_write(s->port->m, table_offset(s, t) + 4 * i, 0);
}

void shadow_prepare(struct shadow *s, unsigned mb, bool user, enum slot_kind want)
{
	struct shadow_slot *t = slot_of(s, mb, user);

	if (t->kind == want)
		return;
	if (t->kind == SLOT_COARSE || t->kind == SLOT_FINE)
		shadow_detach(s, mb, user, EV_ZAP);
	else
		shadow_zap_slot(s, t, EV_ZAP);
	if (want == SLOT_SECTION) {
		t->kind = SLOT_SECTION;
		return;
	}
	attach_table(s, mb, t, want);
	t->domain = NO_HOST;            /* no first-level word yet */
}

/* --- fill ----------------------------------------------------------------------------- */

static bool is_tagged(const struct shadow *s, const struct shadow_map *m, const struct shadow_slot *t)
{
	return m->ng || s->c.none_global || is_one_view(s) || t->state == MB_SPLIT;
}

static uint32_t leaf_word(const struct shadow *s, const struct shadow_ask *a,
			  const struct shadow_slot *t)
{
	const struct shadow_map *m = &a->m;
	struct view_rights r = m->rights;
	struct host_leaf l = { .hpa = m->hpa, .size_log2 = (uint8_t)m->size_log2, .domain = t->domain,
			       .cb = m->w->levels ? m->w->leaf.cb : 0, .memory = m->memory,
			       .xn = r.xn, .ng = is_tagged(s, m, t) };

	if (t->state == MB_SPLIT)
		view_take_one(&r, a->user);
	view_ap(&r, (enum mb_state)t->state, l.ap);
	if (m->size_log2 < m->w->leaf.size_log2) {      /* one quarter of the guest's AP applies */
		unsigned q = m->mva.raw >> (m->w->leaf.size_log2 - 2) & 3;

		memset(l.ap, l.ap[q], sizeof(l.ap));
	}
	return host_leaf_word(s->c.format, &l);
}

/* An entry that overlaps the 2^size_log2 bytes around mva. */
static struct shadow_entry *find_overlap(struct shadow *s, const struct shadow_slot *t, gva_t mva,
					 unsigned size_log2)
{
	for (int32_t i = t->first; i >= 0; i = s->entry[i].next) {
		unsigned reach = s->entry[i].size_log2 > size_log2 ? s->entry[i].size_log2 : size_log2;

		if (mva.raw >> reach == s->entry[i].mva >> reach)
			return &s->entry[i];
	}
	return NULL;
}

static enum slot_kind kind_wanted(const struct shadow_slot *t, const struct shadow_map *m)
{
	if (m->size_log2 == SECTION_LOG2)
		return SLOT_SECTION;
	if (m->size_log2 == GRANULE_LOG2 || t->kind == SLOT_FINE)
		return SLOT_FINE;
	return SLOT_COARSE;
}

static void place(const struct shadow *s, unsigned mb, const struct shadow_slot *t,
		  const struct shadow_map *m, uint32_t *offset, uint16_t *nwords)
{
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
static bool already_there(struct shadow *s, unsigned mb, const struct shadow_ask *a)
{
	const struct shadow_slot *t = slot_of(s, mb, a->user);
	const struct shadow_entry *e = find_overlap(s, t, a->m.mva, a->m.size_log2);
	uint32_t offset, word;
	uint16_t nwords;

	if (!e || e->size_log2 != a->m.size_log2 || t->kind != kind_wanted(t, &a->m) ||
	    !shadow_state_serves(s, t, a))
		return false;
	place(s, mb, t, &a->m, &offset, &nwords);
	word = t->kind == SLOT_SECTION ? t->word : s->port->shadow_peek(s->port->m, offset);
	return word == leaf_word(s, a, t);
}

static void write_entry(struct shadow *s, unsigned mb, const struct shadow_ask *a,
			struct shadow_entry *e)
{
	struct shadow_slot *t = slot_of(s, mb, a->user);
	const struct shadow_map *m = &a->m;
	uint32_t word = leaf_word(s, a, t);

	*e = (struct shadow_entry){
		.mva = m->mva.raw & ~((UINT32_C(1) << m->size_log2) - 1),
		.guest_mva = m->mva.raw & ~((UINT32_C(1) << m->w->leaf.size_log2) - 1),
		.size_log2 = (uint8_t)m->size_log2,
		.guest_size_log2 = m->w->leaf.size_log2,
		.guest_domain = (uint8_t)guest_domain_of(m),
		.rights = m->rights,
		.ng = m->ng, .tagged = is_tagged(s, m, t), .differs = a->differs,
		.user = s->c.views == SHADOW_BY_FOLD ? t->state != MB_KONLY : a->user,
	};
	if (t->state == MB_SPLIT)
		view_take_one(&e->rights, a->user);
	place(s, mb, t, m, &e->offset, &e->nwords);
	if (t->kind == SLOT_SECTION)
		shadow_set_word(s, mb, t, word, EV_FILL);
	else
		shadow_store(s, e->offset, word, EV_FILL);
	for (unsigned i = 1; i < e->nwords; i++)
		shadow_store(s, e->offset + 4 * i, word, EV_FILL_WORD);
	link_entry(s, e);
}

/* The rights of one view stand for both where an entry has no others; a part of a page has those of its
 * quarter. By classes alone (dacr=xor), what a page is counts for its parts, too. */
struct shadow_ask shadow_ask_of(const struct shadow *s, const struct shadow_map *m, bool user,
				enum access access)
{
	struct shadow_ask a = { .m = *m, .user = user, .access = access };

	if (m->size_log2 < m->w->leaf.size_log2 && (s->c.views != SHADOW_BY_DOMAINS || s->c.pass))
		view_take_quarter(&a.m.rights, m->mva.raw >> (m->w->leaf.size_log2 - 2) & 3);
	a.differs = !view_is_equal(&a.m.rights);
	if (is_one_view(s))
		view_take_one(&a.m.rights, user);
	return a;
}

bool shadow_fill(struct shadow *s, const struct shadow_map *m, bool user, enum access access)
{
	unsigned mb = m->mva.raw >> SECTION_LOG2;
	struct shadow_ask a = shadow_ask_of(s, m, user, access);
	struct shadow_entry *e, *old;
	struct shadow_slot *t;

	if (already_there(s, mb, &a)) {
		shadow_note(s, m->mva, false);
		return false;
	}
	e = take_entry(s, m->zone);              /* first: an eviction may change this very megabyte */
	s->filling = mb;
	shadow_prepare(s, mb, user, kind_wanted(slot_of(s, mb, user), m));
	t = slot_of(s, mb, user);
	while ((old = find_overlap(s, t, m->mva, m->size_log2)))
		shadow_zap(s, old, EV_ZAP);
	if (t->kind == SLOT_EMPTY)      /* that was its section */
		t->kind = SLOT_SECTION;
	shadow_choose_state(s, mb, &a);
	write_entry(s, mb, &a, e);
	s->filling = NO_MEGABYTE;
	shadow_note(s, m->mva, false);  /* a weaker entry may still be in the host TLB */
	return true;
}

/* --- zapping by the guest's operations ------------------------------------------------ */

void shadow_zap_all(struct shadow *s)
{
	for (uint32_t i = 0; s->live && i < s->capacity; i++)
		if (s->entry[i].live)
			shadow_zap(s, &s->entry[i], EV_ZAP);
	zones_reset(&s->zones);
}

static bool covers(const struct shadow_entry *e, gva_t mva)
{
	return mva.raw >> e->guest_size_log2 == e->guest_mva >> e->guest_size_log2;
}

enum which { ENTRIES_ALL, ENTRIES_GLOBAL, ENTRIES_NONGLOBAL };

static void zap_covering_in(struct shadow *s, const struct shadow_slot *t, gva_t mva, enum which which)
{
	int32_t next;

	for (int32_t i = t->first; i >= 0; i = next) {
		struct shadow_entry *e = &s->entry[i];

		next = e->next;
		if (covers(e, mva) && (which == ENTRIES_ALL || e->ng == (which == ENTRIES_NONGLOBAL)))
			shadow_zap(s, e, EV_ZAP);
	}
}

/* Fragments of a supersection lie in sixteen megabytes. */
static void zap_covering(struct shadow *s, gva_t mva, enum which which)
{
	unsigned mb = mva.raw >> SECTION_LOG2, n = 1;

	if (s->c.format == HOST_V6) {
		mb &= ~15u;
		n = 16;
	}
	for (unsigned end = mb + n; mb < end; mb++) {
		zap_covering_in(s, &s->slot[mb], mva, which);
		if (s->slot[mb].state == MB_SPLIT)
			zap_covering_in(s, &s->split[mb], mva, which);
	}
}

void shadow_zap_covering(struct shadow *s, gva_t mva)
{
	zap_covering(s, mva, ENTRIES_ALL);
}

void shadow_zap_global_covering(struct shadow *s, gva_t mva)
{
	zap_covering(s, mva, ENTRIES_GLOBAL);
}

void shadow_zap_nonglobal_covering(struct shadow *s, gva_t mva)
{
	zap_covering(s, mva, ENTRIES_NONGLOBAL);
}

bool shadow_forget(struct shadow *s, gva_t mva)
{
	struct shadow_entry *e = find_overlap(s, &s->slot[mva.raw >> SECTION_LOG2], mva, 0);

	if (e)
		shadow_zap(s, e, EV_ZAP);
	return e;
}

void shadow_zap_nonglobal(struct shadow *s)
{
	for (uint32_t i = 0; s->live && i < s->capacity; i++)
		if (s->entry[i].live && s->entry[i].ng)
			shadow_zap(s, &s->entry[i], EV_ZAP);
}

void shadow_zap_domains(struct shadow *s, uint32_t changed)
{
	for (uint32_t i = 0; i < s->capacity; i++) {
		struct shadow_entry *e = &s->entry[i];

		if (!e->live)
			continue;
		s->port->charge(s->port->m, EV_FOLD, 1);
		if (e->guest_domain != NO_DOMAIN && changed >> 2 * e->guest_domain & 3)
			shadow_zap(s, e, EV_ZAP);
	}
}

void shadow_drop_view(struct shadow *s)
{
	while (s->differing >= 0)
		shadow_zap(s, &s->entry[s->differing], EV_ZAP);
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
