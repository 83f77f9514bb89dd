/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `inplace`: what the guest may not touch. Of a frame with a first-level table the guest keeps loads; of one
 * with a rewritten table nothing, unless what it would load is what it wrote (I2). filter=on: only of the quarters
 * that tables are in.
 */
#include "strategies/inplace.h"

static struct inplace_held wanted(const struct inplace *c, uint32_t frame)
{
	struct inplace_held h = { 0, 0 };

	for (uint16_t i = c->tables_in[frame]; i; i = c->table[i - 1].next) {
		const struct inplace_table *t = &c->table[i - 1];

		h.stores |= (uint8_t)inplace_quarters_of(t);
		if (c->p->variant != VARIANT_I2 || t->opaque)
			h.all |= (uint8_t)inplace_quarters_of(t);
	}
	if (inplace_is_root_frame(c, frame))
		h.stores = ALL_QUARTERS;
	return h;
}

void inplace_purge_entry(struct inplace *c, uint32_t n, uint32_t frame, unsigned quarters)
{
	struct inplace_table *t = inplace_is_slot(c, n) ? NULL : inplace_table_of(c, n);
	uint32_t machine = inplace_peek(c, n), base, bytes, gpa;
	gva_t mva[INPLACE_MVAS];

	base = t ? inplace_base(machine, t->kind == TABLE_FINE) : machine & ~(SECTION_BYTES - 1u);
	base = c->port->to_guest(c->port->m, base);
	bytes = !t ? SECTION_BYTES : (machine & 3) == 1 ? 1u << PT_LARGE_LOG2
	      : (machine & 3) == 3 ? GRANULE_BYTES : FRAME_BYTES;
	for (unsigned i = inplace_mvas(c, n, mva); i-- > 0;)
		for (unsigned q = 0; q < 4; q++) {
			gpa = frame << FRAME_LOG2 | q << GRANULE_LOG2;
			if (quarters >> q & 1 && gpa - base < bytes)
				c->port->table_purge(c->port->m, gva((mva[i].raw & ~(bytes - 1)) + (gpa - base)),
						     gpa, GRANULE_BYTES);
		}
}

/* A page gives up what is held; what cannot stay goes. */
static void hold_entry(struct inplace *c, uint32_t n, uint32_t frame, unsigned purge)
{
	c->port->charge(c->port->m, EV_RMAP, 1);
	if (purge)
		inplace_purge_entry(c, n, frame, purge);
	if (inplace_is_slot(c, n))
		inplace_zap(c, n, EV_ZAP);
	else
		(void)inplace_refresh(c, inplace_table_of(c, n), n - inplace_table_of(c, n)->entry,
				      EV_FILL_WORD);
}

static bool covers(struct inplace *c, uint32_t n, uint32_t frame)
{
	uint32_t machine = inplace_peek(c, n), gpa;

	if (inplace_is_slot(c, n))
		return true;
	gpa = c->port->to_guest(c->port->m, inplace_base(machine, false));
	return gpa >> PT_LARGE_LOG2 == frame >> (PT_LARGE_LOG2 - FRAME_LOG2);
}

/* Pages of the guest in the window: those behind the vectors may be stored to, all may be loaded from. */
static void hold_window(struct inplace *c, uint32_t frame, unsigned nothing)
{
	window_hold(&c->window, frame);
	for (unsigned i = 0; nothing && i < WINDOW_PAGES; i++)
		if (c->window.entry[i].live && c->window.entry[i].gpa >> FRAME_LOG2 == frame)
			window_zap_covering(&c->window, gva(c->window.entry[i].guest_mva));
}

/* What is held less comes back by the hidden fault of the first access. */
void inplace_hold(struct inplace *c, uint32_t frame)
{
	struct inplace_held was = { c->no_stores[frame], c->nothing[frame] }, h = wanted(c, frame);
	const int32_t *large = &c->in_mb[frame >> (SECTION_LOG2 - FRAME_LOG2)];
	unsigned purge = h.all & ~(unsigned)was.all;
	int32_t next;

	c->no_stores[frame] = h.stores;
	c->nothing[frame] = h.all;
	if (c->quiet || !((h.stores & ~(unsigned)was.stores) | purge))
		return;                 /* at set-up nothing is mapped yet */
	if (!was.stores)
		c->port->charge(c->port->m, EV_TRACE, 1);
	for (int32_t i = c->in_frame[frame]; i; i = next) {
		next = c->entry[i - 1].next;
		hold_entry(c, (uint32_t)i - 1, frame, purge);
	}
	/* what covers the frame leaves this list, a large page with all its words */
	for (int32_t i = *large; i; i = next) {
		next = c->entry[i - 1].next;
		if (covers(c, (uint32_t)i - 1, frame)) {
			hold_entry(c, (uint32_t)i - 1, frame, purge);
			next = *large;
		}
	}
	hold_window(c, frame, purge);
}

/* --- stores to tables --------------------------------------------------------------------- */

bool inplace_restore(struct inplace *c, uint32_t gpa)
{
	uint32_t frame = gpa >> FRAME_LOG2;
	/* without the filter a frame is held as a whole */
	unsigned touched = c->p->filter ? 1u << (gpa >> GRANULE_LOG2 & 3) : ALL_QUARTERS;

	for (unsigned q = 0; q < 4; q++) {
		struct inplace_table *t = inplace_table_at(c, frame << FRAME_LOG2 | q << GRANULE_LOG2);

		if (t && inplace_quarters_of(t) & touched)
			inplace_drop_table(c, t, EV_ZAP);
	}
	return !(c->no_stores[frame] & touched);
}

static void write_root(struct inplace *c, unsigned r, uint32_t gpa, bool changed)
{
	int mb = inplace_megabyte_of(c, &c->root[r], gpa);

	if (changed)
		inplace_clear_slot(c, r * ROOT_WORDS + (uint32_t)mb, EV_ZAP);
	if (++c->root[r].flood > c->p->flood && c->p->flood && r != c->now) {
		c->port->charge(c->port->m, EV_FLOOD, 1);
		inplace_drop_root(c, r, EV_EVICT);
	}
}

/* At the address that the guest used, unless it is another's store. */
static void write_table(struct inplace *c, struct inplace_table *t, uint32_t gpa, uint32_t new)
{
	uint32_t i = (gpa - t->key) / 4;
	bool lazily = c->p->variant == VARIANT_I4, mine = c->storing && c->store_gpa == gpa;

	inplace_put(c, t, i, new, mine ? c->store_at : inplace_window_of(c, gpa), lazily);
	c->port->charge(c->port->m, c->entry[t->entry + i].live ? EV_FILL : EV_STASH, 1);
}

void inplace_pt_write(void *self, uint32_t gpa, uint32_t old, uint32_t new)
{
	struct inplace *c = self;
	struct inplace_table *t = inplace_table_at(c, gpa);

	if (t)
		write_table(c, t, gpa, new);
	else
		c->port->table_stored(c->port->m, gpa, new);
	c->storing = false;
	for (int r = -1; (r = inplace_root_with(c, gpa, r)) >= 0;)
		write_root(c, (unsigned)r, gpa, old != new);
	inplace_flush(c);
}
