/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `inplace`: first-level tables have classic shadows, 16 KB a root, kept across switches. A root is what the
 * guest's translation registers lead to: one table, or two from ARMv6 on.
 */
#include "strategies/inplace.h"

enum { ROOT_BYTES = 4 * ROOT_WORDS, N_AND_PD = 0x37 };

/* --- the guest's tables ----------------------------------------------------------------------------- */

/* What of the registers says where words are. */
static struct walk_regs key_of(const struct inplace *c, struct walk_regs r)
{
	struct walk_regs key = { .ttbr0 = r.ttbr0 & ~(ROOT_BYTES - 1u) };

	if (!c->port->guest->arch->ttbcr)
		return key;
	key.ttbcr = r.ttbcr & N_AND_PD;
	key.ttbr0 = r.ttbr0 & ~((ROOT_BYTES >> (key.ttbcr & 7)) - 1u);
	key.ttbr1 = r.ttbr1 & ~(ROOT_BYTES - 1u);
	return key;
}

static bool is_word(const struct inplace *c, const struct inplace_root *r, uint32_t mb, uint32_t gpa)
{
	struct mmu_table t = mmu_table_of(c->port->guest->arch, &r->regs, gva(mb << SECTION_LOG2));

	return mb < ROOT_WORDS && !t.disabled && t.l1_addr == gpa;
}

int inplace_megabyte_of(const struct inplace *c, const struct inplace_root *r, uint32_t gpa)
{
	uint32_t first = (gpa - r->regs.ttbr0) / 4, second = (gpa - r->regs.ttbr1) / 4;

	if (r->off)
		return -1;
	if (is_word(c, r, first, gpa & ~3u))
		return (int)first;
	return is_word(c, r, second, gpa & ~3u) ? (int)second : -1;
}

int inplace_root_with(const struct inplace *c, uint32_t gpa, int after)
{
	for (int i = after + 1; i < (int)c->p->roots; i++)
		if (c->root[i].used && inplace_megabyte_of(c, &c->root[i], gpa) >= 0)
			return i;
	return -1;
}

/* A table of 16 KB or less: the frame's words are all its own, or only some. */
bool inplace_is_root_frame(const struct inplace *c, uint32_t frame)
{
	for (unsigned i = 0; i < c->p->roots; i++) {
		const struct inplace_root *r = &c->root[i];
		uint32_t bytes = ROOT_BYTES >> (r->regs.ttbcr & 7), gpa = frame << FRAME_LOG2;

		if (r->used && !r->off &&
		    (gpa - (r->regs.ttbr0 & ~(FRAME_BYTES - 1u)) < (bytes > FRAME_BYTES ? bytes : FRAME_BYTES) ||
		     (r->regs.ttbcr & 7 && gpa - r->regs.ttbr1 < ROOT_BYTES)))
			return true;
	}
	return false;
}

static void hold_root(struct inplace *c, const struct inplace_root *r)
{
	for (uint32_t o = 0; o < ROOT_BYTES; o += FRAME_BYTES) {
		inplace_hold(c, (r->regs.ttbr0 + o) >> FRAME_LOG2);
		if (r->regs.ttbcr & 7)
			inplace_hold(c, (r->regs.ttbr1 + o) >> FRAME_LOG2);
	}
}

/* --- shadows ---------------------------------------------------------------------------------------- */

static bool same(const struct walk_regs *a, const struct walk_regs *b)
{
	return a->ttbr0 == b->ttbr0 && a->ttbr1 == b->ttbr1 && a->ttbcr == b->ttbcr;
}

static int find_root(const struct inplace *c, bool off, const struct walk_regs *key)
{
	for (unsigned i = 0; i < c->p->roots; i++)
		if (c->root[i].used && c->root[i].off == off && (off || same(&c->root[i].regs, key)))
			return (int)i;
	return -1;
}

void inplace_drop_root(struct inplace *c, unsigned r, enum event e)
{
	struct inplace_root was = c->root[r];

	for (uint32_t s = r * ROOT_WORDS; s < (r + 1) * ROOT_WORDS; s++)
		inplace_clear_slot(c, s, e);
	c->root[r].used = false;
	if (!was.off)
		hold_root(c, &was);
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

static void new_root(struct inplace *c, bool off, const struct walk_regs *key)
{
	unsigned r = take_root(c);

	c->root[r] = (struct inplace_root){ .used = true, .off = off, .regs = *key };
	inplace_book(c, EV_ALLOC_ROOT, 1);
	for (uint32_t i = 0; i < ROOT_WORDS; i++) {
		uint32_t offset = HV_SL1 + 4 * (r * ROOT_WORDS + i);
		uint32_t word = window_root_word(c->port, c->format, i);

		if (c->quiet)
			c->port->shadow_preset(c->port->m, offset, word);
		else
			c->port->shadow_write(c->port->m, offset, word);
	}
	c->now = r;
	if (!off)
		hold_root(c, &c->root[r]);
}

void inplace_use_root(struct inplace *c)
{
	const struct guest *g = c->port->guest;
	bool off = !(g->sctlr & SCTLR_M);
	struct walk_regs key = key_of(c, guest_walk_regs(g));
	int r = find_root(c, off, &key);

	inplace_book(c, EV_ROOT, 1);
	if (r < 0)
		new_root(c, off, &key);
	else
		c->now = (unsigned)r;
	c->root[c->now].at = ++c->tick;
	c->root[c->now].flood = 0;
	c->port->host_set(c->port->m, HOST_TTBR, HV_HPA + HV_SL1 + c->now * ROOT_BYTES);
	if (!c->tagged)
		inplace_note_all(c);    /* the host has no ASIDs to tell roots apart */
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

/* --- invalidates -------------------------------------------------------------------------------------- */

/* A slot of a supersection of the guest's. */
static bool is_of_16_mb(const struct inplace *c, uint32_t slot)
{
	const struct guest *g = c->port->guest;
	const struct inplace_slot *s = &c->slot[slot];
	struct pt_desc leaf;
	uint32_t word = s->word;

	if (s->table && c->table[s->table - 1].kind == TABLE_SPLIT)
		word = c->table[s->table - 1].key;
	else if (s->table || !c->entry[slot].live)
		return false;
	pt_decode_l1(mmu_format(g->arch, g->sctlr), word, &leaf);
	return leaf.size_log2 > SECTION_LOG2;
}

/* Does the host have in several pieces what the guest has in one around mva? */
static bool is_in_pieces(struct inplace *c, gva_t mva)
{
	enum { LARGE = 1, GROUP = 16 };
	uint32_t first = (mva.raw & (SECTION_BYTES - 1)) >> PT_LARGE_LOG2 << (PT_LARGE_LOG2 - FRAME_LOG2);

	for (unsigned r = 0; r < c->p->roots; r++)
		for (uint32_t mb = 0; mb < GROUP; mb++)
			if (is_of_16_mb(c, r * ROOT_WORDS + (mva.raw >> 24 << 4 | mb)))
				return true;

	for (unsigned r = 0; r < c->p->roots; r++) {
		uint16_t n = c->slot[r * ROOT_WORDS + (mva.raw >> SECTION_LOG2)].table;
		const struct inplace_table *t = n ? &c->table[n - 1] : NULL;

		if (t && t->kind == TABLE_SPLIT)
			return true;
		for (uint32_t i = first; t && i < first + GROUP; i++)
			if ((inplace_guest_has(c, t, i) & 3) == LARGE)
				return true;
	}
	return false;
}

void inplace_invalidate(struct inplace *c, gva_t mva)
{
	if (!c->tagged)
		return;                 /* nothing old is in the TLB */
	if (is_in_pieces(c, mva))
		inplace_note_all(c);
	else
		inplace_note(c, mva);
	inplace_flush(c);
}
