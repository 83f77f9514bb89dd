/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strategy `inplace`: its invariants (inplace.h), word by word against the guest's tables. */
#include <string.h>

#include "strategies/inplace.h"

static unsigned fail(struct diag *d, uint32_t n, const char *what)
{
	return diag_set(d, ERR_CHECK, "shadow word %u of `inplace`: %s", n, what) != ERR_OK;
}

/* What the machine's word may grant at most, by quarter: rights of each AP that it should have. */
static bool grants_more(const struct inplace_map *want, enum grant g, const struct inplace_map *is,
			const struct pt_desc *machine)
{
	uint8_t ap[4];

	inplace_ap(want, g, ap);
	for (unsigned q = 0; q < 4; q++) {
		unsigned of = is->size_log2 < want->size_log2
			? is->gpa >> (want->size_log2 - 2) & 3 : q;

		if (machine->ap[q] > ap[of])    /* 1 nothing, 2 reads, 3 all */
			return true;
	}
	return false;
}

static bool same_attributes(const struct inplace *c, const struct pt_desc *machine, const struct inplace_map *want)
{
	struct pt_memory is = mmu_memory(c->port->host, machine, SCTLR_XP, 0, 0);
	struct pt_memory as = want->memory;

	if (as.type == MEM_RESERVED)
		as.type = MEM_STRONGLY_ORDERED;
	return is.type == as.type &&
	       (as.type != MEM_NORMAL || (is.inner == as.inner && is.outer == as.outer && is.shared == as.shared)) &&
	       !(machine->attr & PT_XN) == !want->xn && !(machine->attr & PT_NG) == !want->ng;
}

/* Live entry n of a table or a slot's section, against what it should map. A page may be a part of what it could be
 * by now, and have fewer rights: they come back by hidden faults. */
static unsigned audit_page(struct inplace *c, uint32_t n, const struct pt_desc *machine,
			   const struct inplace_map *want, enum grant g, uint32_t own, struct diag *d)
{
	struct inplace_map is = { .size_log2 = machine->size_log2 };
	uint32_t mask = (UINT32_C(1) << machine->size_log2) - 1, gpa;
	uint32_t wide = (UINT32_C(1) << want->size_log2) - 1;

	is.gpa = c->port->to_guest(c->port->m, machine->base & ~mask);
	gpa = (want->gpa & ~wide) | (own & wide & ~mask);
	if (is.size_log2 > want->size_log2 || is.gpa != gpa)
		return fail(d, n, "maps what the guest's word does not (invariant 1)");
	if (c->format == HOST_V5 ? machine->cb != want->cb : !same_attributes(c, machine, want))
		return fail(d, n, "other attributes than the guest's word (invariant 1)");
	if (!inplace_is_expressible(want, g))
		return fail(d, n, "in a domain that gives the kernel more (invariants 1, 3)");
	if (grants_more(want, g, &is, machine))
		return fail(d, n, "more rights than the guest's word, or what is held back (invariants 1, 3)");
	if (is.size_log2 > FRAME_LOG2 && inplace_is_held(c, is.gpa, is.size_log2))
		return fail(d, n, "maps a frame that is held, and more (invariant 3)");
	return 0;
}

static unsigned audit_words(struct inplace *c, const struct inplace_table *t, struct diag *d)
{
	const struct guest *g = c->port->guest;
	unsigned bad = 0;

	for (uint32_t i = 0; i < inplace_words_of(t); i++) {
		uint32_t n = t->entry + i, is = inplace_peek(c, n), wrote;

		if (!mem_read(g->tables, t->key + 4 * i, &wrote))
			return fail(d, n, "of a table that the guest has not (invariant 1)");
		if (inplace_guest_has(c, t, i) != wrote)
			bad += fail(d, n, "the guest's own word is not brought back (invariant 2)");
		if (c->p->variant == VARIANT_I2 && !t->opaque && !inplace_shows(c, t, is, wrote))
			bad += fail(d, n, "is shown, and differs in more than its AP (invariant 3)");
	}
	return bad;
}

static unsigned audit_table(struct inplace *c, const struct inplace_table *t, uint32_t *live, struct diag *d)
{
	unsigned bad = t->kind == TABLE_SPLIT ? 0 : audit_words(c, t, d);
	const uint8_t *held = c->p->variant == VARIANT_I2 && !t->opaque ? c->no_stores : c->nothing;
	struct inplace_map want;

	for (uint32_t i = 0; i < inplace_words_of(t); i++) {
		uint32_t n = t->entry + i, is = inplace_peek(c, n);
		struct pt_desc machine;

		if (c->entry[n].live != inplace_is_page(is))
			bad += fail(d, n, "not in the lists of what maps memory (invariant 3)");
		*live += c->entry[n].live;
		if (!inplace_is_page(is))
			continue;
		pt_decode_l2(c->format == HOST_V6 ? PT_V6 : PT_V5, is, t->kind == TABLE_FINE, &machine);
		if (machine.kind != PT_LEAF || !inplace_map_entry(c, t, i, &want))
			bad += fail(d, n, "maps where the guest does not (invariant 1)");
		else
			bad += audit_page(c, n, &machine, &want, (enum grant)t->grant,
					  i << inplace_shift_of(t), d);
	}
	if (!t->links)
		bad += fail(d, t->entry, "table without a slot (invariant 4)");
	if (t->kind != TABLE_SPLIT &&
	    inplace_quarters_of(t) & ~(unsigned)held[t->key >> FRAME_LOG2])
		bad += fail(d, t->entry, "the guest may touch a rewritten table (invariant 3)");
	return bad;
}

/* The guest's first-level word behind a slot; with the MMU off there is none. */
static bool guest_slot(const struct inplace *c, const struct inplace_root *r, uint32_t mb, uint32_t *word,
		       struct pt_desc *leaf)
{
	const struct guest *g = c->port->guest;
	struct mmu_table t = mmu_table_of(g->arch, &r->regs, gva(mb << SECTION_LOG2));

	*word = mb << SECTION_LOG2;
	*leaf = (struct pt_desc){ .kind = PT_LEAF, .size_log2 = SECTION_LOG2, .base = mb << SECTION_LOG2,
				  .domain = NO_DOMAIN };
	if (r->off)
		return true;
	if (t.disabled || !mem_read(g->tables, t.l1_addr, word))
		return false;
	pt_decode_l1(mmu_format(g->arch, g->sctlr), *word, leaf);
	if (leaf->kind == PT_LEAF && leaf->size_log2 > SECTION_LOG2)    /* its own megabyte of a supersection */
		leaf->base |= mb << SECTION_LOG2 & ((UINT32_C(1) << leaf->size_log2) - 1);
	return leaf->kind != PT_FAULT;
}

static bool leads_right(const struct inplace_table *t, const struct pt_desc *leaf, uint32_t word)
{
	switch (leaf->kind) {
	case PT_COARSE: return t->kind == TABLE_COARSE && t->key == leaf->base;
	case PT_FINE: return t->kind == TABLE_FINE && t->key == leaf->base;
	default: return t->kind == TABLE_SPLIT && t->key == inplace_section_key(word & 3 ? word : 0, leaf->base);
	}
}

/* The hardware's word: of the very table, rewritten; or the monitor's. */
static bool is_reached(struct inplace *c, uint32_t slot, const struct inplace_table *t)
{
	uint32_t base = HV_HPA + t->offset;

	if (t->kind != TABLE_SPLIT &&
	    !c->port->to_host(c->port->m, t->key, t->kind == TABLE_FINE ? FRAME_LOG2 : GRANULE_LOG2, &base))
		return false;
	return inplace_peek(c, slot) == host_table_word(c->format, base, c->slot[slot].host, t->kind == TABLE_FINE);
}

static unsigned audit_slot(struct inplace *c, unsigned r, uint32_t mb, struct diag *d)
{
	uint32_t slot = r * ROOT_WORDS + mb, word;
	const struct inplace_slot *s = &c->slot[slot];
	const struct domain_use *h = &c->domains.use[s->host];
	struct pt_desc leaf, machine;
	const struct inplace_table *t;
	struct inplace_map want;
	bool all;

	if (!s->table && !c->entry[slot].live)
		return inplace_peek(c, slot) ? fail(d, slot, "is not empty (invariant 4)") : 0;
	if (!guest_slot(c, &c->root[r], mb, &word, &leaf))
		return fail(d, slot, "leads where the guest's does not (invariant 4)");
	all = leaf.domain == NO_DOMAIN || (c->port->guest->dacr >> 2 * leaf.domain & 3) == ACCESS_MANAGER;
	if (s->host == DOM_HV || !h->used || h->guest != s->guest || s->guest != leaf.domain || s->all != all)
		return fail(d, slot, "in another domain than the guest's (invariants 4, 5)");
	if (!s->table) {
		pt_decode_l1(c->format == HOST_V6 ? PT_V6 : PT_V5, inplace_peek(c, slot), &machine);
		if (s->word != word || !inplace_map_section(c, leaf.base, &leaf, all, leaf.domain == NO_DOMAIN, &want) || machine.domain != s->host)
			return fail(d, slot, "is not the guest's section (invariants 3, 4)");
		return audit_page(c, slot, &machine, &want, (enum grant)h->grant, 0, d);
	}
	t = &c->table[s->table - 1];
	if (!t->used || !leads_right(t, &leaf, word) || t->grant != h->grant || t->all != all ||
	    !is_reached(c, slot, t))
		return fail(d, slot, "leads to another table than the guest's (invariants 1, 4)");
	return 0;
}

static unsigned audit_root(struct inplace *c, unsigned r, uint32_t *live, struct diag *d)
{
	unsigned bad = 0;

	for (uint32_t mb = 0; mb < ROOT_WORDS; mb++) {
		if (is_hypervisors(c->port, gva(mb << SECTION_LOG2)))
			continue;
		bad += audit_slot(c, r, mb, d);
		*live += c->entry[r * ROOT_WORDS + mb].live;
	}
	for (uint32_t mb = 0; !c->root[r].off && mb < ROOT_WORDS; mb++) {
		struct mmu_table t = mmu_table_of(c->port->guest->arch, &c->root[r].regs, gva(mb << SECTION_LOG2));

		if (!t.disabled && c->no_stores[t.l1_addr >> FRAME_LOG2] != ALL_QUARTERS)
			return bad + fail(d, r * ROOT_WORDS, "its guest table may be stored to (invariant 3)");
	}
	return bad;
}

/* Every live entry is found by the memory that it maps. */
static uint32_t listed(const struct inplace *c)
{
	uint32_t n = 0;

	for (uint32_t f = 0; f < GUEST_FRAMES; f++)
		for (int32_t i = c->in_frame[f]; i; i = c->entry[i - 1].next)
			n++;
	for (uint32_t mb = 0; mb < ROOT_WORDS; mb++)
		for (int32_t i = c->in_mb[mb]; i; i = c->entry[i - 1].next)
			n++;
	return n;
}

unsigned inplace_audit(void *self, struct diag *d)
{
	struct inplace *c = self;
	unsigned bad = window_audit(&c->window, d);
	uint32_t live = 0;

	for (unsigned r = 0; r < c->p->roots; r++)
		if (c->root[r].used)
			bad += audit_root(c, r, &live, d);
	for (unsigned i = 0; i < INPLACE_UNITS; i++)
		if (c->table[i].used)
			bad += audit_table(c, &c->table[i], &live, d);
	if (live != c->nlive || listed(c) != live)
		bad += fail(d, 0, "entries miscounted (invariant 3)");
	return bad;
}
