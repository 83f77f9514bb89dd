/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the shadow tables share: shadow.c writes entries, shadow_state.c says how a megabyte grants. */
#ifndef SHADEWALK_STRATEGIES_SHADOW_INSIDE_H
#define SHADEWALK_STRATEGIES_SHADOW_INSIDE_H

#include "strategies/shadow.h"

enum { OWNER_USER = 0x8000 };           /* in an owner: the user's table of a split megabyte */

/* A fill: the map with the rights that its entry will have, and for whom. */
struct shadow_ask {
	struct shadow_map m;
	bool user, differs;             /* differs: from what the other view has */
	enum access access;
};

/* The megabyte as a view has it. */
static inline struct shadow_slot *slot_of(struct shadow *s, unsigned mb, bool user)
{
	return s->slot[mb].state == MB_SPLIT && user ? &s->split[mb] : &s->slot[mb];
}
static inline struct shadow_slot *slot_of_entry(struct shadow *s, const struct shadow_entry *e)
{
	return slot_of(s, e->mva >> SECTION_LOG2, e->user);
}
static inline bool is_one_view(const struct shadow *s)
{
	return s->c.views == SHADOW_BY_TABLES || s->c.views == SHADOW_BY_REFLUSH;
}
static inline unsigned guest_domain_of(const struct shadow_map *m)
{
	return m->w->levels ? m->w->leaf.domain : (unsigned)NO_DOMAIN;
}

/* --- shadow.c ----------------------------------------------------------------------------- */
struct shadow_ask shadow_ask_of(const struct shadow *s, const struct shadow_map *m, bool user,
				enum access access);
void shadow_note(struct shadow *s, gva_t mva, bool tagged);
void shadow_store(struct shadow *s, uint32_t offset, uint32_t word, enum event e);
/* The first-level word: stored at once, or when the view becomes current that has this slot. */
void shadow_set_word(struct shadow *s, unsigned mb, struct shadow_slot *t, uint32_t word, enum event e);
void shadow_zap(struct shadow *s, struct shadow_entry *e, enum event ev);
void shadow_zap_slot(struct shadow *s, struct shadow_slot *t, enum event ev);
/* Makes the megabyte, as the view has it, able to hold pages of this kind. */
void shadow_prepare(struct shadow *s, unsigned mb, bool user, enum slot_kind want);
void shadow_detach(struct shadow *s, unsigned mb, bool user, enum event ev);
uint32_t shadow_table_word(const struct shadow *s, const struct shadow_slot *t);

/* --- shadow_state.c ----------------------------------------------------------------------- */
/* State and domain that let this access through, changing the megabyte if it must. */
void shadow_choose_state(struct shadow *s, unsigned mb, struct shadow_ask *a);
/* Whether they do already. */
bool shadow_state_serves(struct shadow *s, const struct shadow_slot *t, const struct shadow_ask *a);
/* No first-level word of the slot names its domain any more. */
void shadow_release(struct shadow *s, struct shadow_slot *t);

#endif
