/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strategy `inplace`: first-level tables have classic shadows, 16 KB a root, kept across switches. */
#include "strategies/inplace.h"

int inplace_find_root(const struct inplace *c, bool off, uint32_t key)
{
	for (unsigned i = 0; i < c->p->roots; i++)
		if (c->root[i].used && c->root[i].off == off && c->root[i].key == key)
			return (int)i;
	return -1;
}

static void hold_root(struct inplace *c, uint32_t key)
{
	for (uint32_t f = key >> FRAME_LOG2; f < (key >> FRAME_LOG2) + 4; f++)
		inplace_hold(c, f);
}

void inplace_drop_root(struct inplace *c, unsigned r, enum event e)
{
	for (uint32_t s = r * ROOT_WORDS; s < (r + 1) * ROOT_WORDS; s++)
		inplace_clear_slot(c, s, e);
	c->root[r].used = false;
	if (!c->root[r].off)
		hold_root(c, c->root[r].key);
}

static unsigned take_root(struct inplace *c)
{
	unsigned r = 0;

	for (unsigned i = 0; i < c->p->roots; i++) {
		if (!c->root[i].used)
			return i;
		if (c->root[i].at < c->root[r].at)
			r = i;
	}
	inplace_drop_root(c, r, EV_EVICT);
	return r;
}

static void new_root(struct inplace *c, bool off, uint32_t key)
{
	const uint32_t window = HV_WINDOW_VA >> SECTION_LOG2;
	unsigned r = take_root(c);

	c->root[r] = (struct inplace_root){ .used = true, .off = off, .key = key };
	inplace_book(c, EV_ALLOC_ROOT, 1);
	for (uint32_t i = 0; i < ROOT_WORDS; i++) {
		uint32_t offset = HV_SL1 + 4 * (r * ROOT_WORDS + i);
		uint32_t word = i == window ? host_table_word(HOST_V5, HV_HPA + HV_L2, DOM_HV, false) : 0;

		if (c->quiet)
			c->port->shadow_preset(c->port->m, offset, word);
		else
			c->port->shadow_write(c->port->m, offset, word);
	}
	c->now = r;
	if (!off)
		hold_root(c, key);
}

void inplace_use_root(struct inplace *c, bool off, uint32_t ttbr)
{
	uint32_t key = off ? 0 : ttbr & ~(uint32_t)(4 * ROOT_WORDS - 1);
	int r = inplace_find_root(c, off, key);

	inplace_book(c, EV_ROOT, 1);
	if (r < 0)
		new_root(c, off, key);
	else
		c->now = (unsigned)r;
	c->root[c->now].at = ++c->tick;
	c->root[c->now].flood = 0;
	c->port->host_set(c->port->m, HOST_TTBR, HV_HPA + HV_SL1 + c->now * 4 * ROOT_WORDS);
	inplace_note_all(c);            /* the host has no ASIDs to tell roots apart */
	if (!c->quiet)
		inplace_flush(c);
	c->zapped = 0;
}

void inplace_drop_all(struct inplace *c)
{
	for (uint32_t s = 0; s < c->slots; s++)
		inplace_clear_slot(c, s, EV_ZAP);
	inplace_note_all(c);
}
