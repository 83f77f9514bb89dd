/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/stage2.h"

#include <stdlib.h>
#include <string.h>

#include "sim/host_tlb.h"
#include "sim/lint.h"

/* --- words of both stages, as the walker reads them --------------------------------------- */

static enum cache_level served(struct machine *m, enum walk_sees sees, uint64_t at)
{
	m->tally.walk_refs++;
	if (m->plain_walks && sees == WALK_SEES_MEMORY)
		return LEVEL_MEMORY;
	return host_walk_read(m, sees, hpa(at));
}

static bool stage2_word(const struct stage2 *s, uint64_t at, uint64_t *word)
{
	if (at - S2_HPA >= S2_BYTES)
		return false;
	*word = s->word[(at - S2_HPA) / sizeof(*word)];
	return true;
}

static bool read_stage2(void *ctx, unsigned level, uint64_t at, uint64_t *word)
{
	static const enum event event[] = { EV_S2_WALK_IN_L1D, EV_S2_WALK_IN_L2, EV_S2_WALK };
	struct machine *m = ctx;

	(void)level;
	charge(m, event[served(m, m->s2->sees, at)], 1);
	return stage2_word(m->s2, at, word);
}

static bool read_guest(void *ctx, unsigned level, uint64_t ipa, uint64_t at, uint64_t *word)
{
	static const enum event event[2][LEVEL_MEMORY + 1] = {
		{ EV_S1_WALK1_IN_L1D, EV_S1_WALK1_IN_L2, EV_S1_WALK1 },
		{ EV_S1_WALK2_IN_L1D, EV_S1_WALK2_IN_L2, EV_S1_WALK2 },
	};
	struct machine *m = ctx;
	uint32_t found = 0;
	bool is;

	charge(m, event[level - 1][served(m, m->s2->guest_sees, at)], 1);
	is = guest_table_word(&m->g, (uint32_t)ipa, &found);
	*word = found;
	return is;
}

static void count_hit(void *ctx, enum walk2d_hit which)
{
	static const enum event event[] = { EV_PWC_GUEST, EV_PWC_STAGE2, EV_NTLB_HIT };

	charge(ctx, event[which], 1);
}

static bool peek_stage2(void *ctx, unsigned level, uint64_t at, uint64_t *word)
{
	(void)level;
	return stage2_word(((struct machine *)ctx)->s2, at, word);
}

/* --- the walk ------------------------------------------------------------------------------- */

struct reader { struct machine *m; unsigned n; bool stopped, first_read; uint64_t first_pa; };

static bool by_stage2(void *ctx, uint32_t addr, uint32_t *word)
{
	struct reader *k = ctx;
	struct stage2 *s = k->m->s2;
	struct walk2d_page page;
	uint64_t v = 0;
	enum walk2d_end end = walk2d_guest(&s->w, &s->io, ++k->n, addr, &v, &page);

	*word = (uint32_t)v;
	if (end == WALK2D_STAGE2) {
		k->stopped = true;
		s->fault = (struct stage2_fault){ .ipa = addr, .level = (uint8_t)k->n };
	}
	if (k->n == 1) {
		k->first_read = end == WALK2D_READ;
		k->first_pa = page.pa;
	}
	return end <= WALK2D_KNOWN;
}

/* An entry of both stages. A piece of a page takes the rights that its quarters have there. */
static void combine(struct walk *w, gva_t mva, const struct walk2d_page *p)
{
	struct pt_desc *leaf = &w->leaf;
	unsigned size_log2 = leaf->size_log2 < p->size_log2 ? leaf->size_log2 : p->size_log2;
	uint32_t mask = (UINT32_C(1) << size_log2) - 1;
	uint8_t ap[4];

	for (uint32_t q = 0; q < 4; q++)
		ap[q] = (uint8_t)walk_ap(w, gva((mva.raw & ~mask) | q << (size_log2 - 2)));
	memcpy(leaf->ap, ap, sizeof(ap));
	leaf->base = (uint32_t)p->pa & ~mask;
	leaf->size_log2 = (uint8_t)size_log2;
	if (!w->levels)
		w->levels = 1;          /* the guest's MMU is off: nothing was read, but there is an entry */
}

enum walked { WALKED_BOTH, WALKED_FAULT, WALKED_STOPPED };

/* FAULT: the guest's, w as its tables say. STOPPED: by stage 2. */
static enum walked walk(struct machine *m, gva_t mva, bool user, enum access access, struct walk *w)
{
	struct reader k = { .m = m };
	struct stage2 *s = m->s2;
	struct walk2d_page page;
	uint32_t ipa;

	s->guest_sees = m->plain_walks ? WALK_SEES_MEMORY : host_walk_sees(m, mva);
	m->tally.walks++;
	charge(m, EV_WALK, 1);
	host_walk_tables(m, mva, by_stage2, &k, w);
	if (k.stopped)
		return WALKED_STOPPED;
	host_check_fine(m, mva, w);
	if (w->levels >= 2 && k.first_read)
		walk2d_keep(&s->w, 1, w->l1_addr, k.first_pa, w->l1);
	if (w->fs || host_check(m, w, mva, user, access))
		return WALKED_FAULT;
	ipa = walk_pa(w, mva);
	if (!walk2d_ipa(&s->w, &s->io, ipa, true, &page)) {
		s->fault = (struct stage2_fault){ .ipa = ipa };
		return WALKED_STOPPED;
	}
	s->whole_log2 = w->leaf.size_log2;
	combine(w, mva, &page);
	return WALKED_BOTH;
}

static void fill(struct machine *m, gva_t mva, enum access access, const struct walk *w)
{
	const struct tlb *t = host_tlb_of(m, access);

	host_tlb_fill(m, mva, access, w);
	if (m->s2->whole_log2 > w->leaf.size_log2)
		tlb_set_whole(host_tlb_of(m, access), tlb_peek(t, mva), m->s2->whole_log2);
}

/* What an entry says of an access, with the registers of now. */
static void apply(struct machine *m, gva_t mva, struct translation *t)
{
	t->pa = walk_pa(&t->w, mva);
	if (m->sctlr & SCTLR_M)
		t->cb = host_cb(m, &t->w);
	else
		t->w.levels = 0;        /* no rights, no memory type */
}

void stage2_translate(struct machine *m, gva_t mva, bool user, enum access access,
		      struct translation *t)
{
	const struct tlb_entry *e = host_tlb_lookup(m, mva, access);
	enum walked end = WALKED_BOTH;

	m->tally.accesses++;
	memset(t, 0, sizeof(*t));
	if (e)
		t->w = e->w;
	else
		end = walk(m, mva, user, access, &t->w);
	if (end == WALKED_STOPPED) {
		t->stage2 = true;
		return;
	}
	if (!e && end == WALKED_BOTH)
		fill(m, mva, access, &t->w);
	t->fs = (enum fault_status)t->w.fs;
	if (!t->fs && m->sctlr & SCTLR_M)
		t->fs = host_check(m, &t->w, mva, user, access);
	if (!t->fs)
		apply(m, mva, t);
}

/* Booked nowhere, and nothing is kept. */
static bool quietly(void *ctx, uint32_t addr, uint32_t *word)
{
	struct reader *k = ctx;
	struct stage2 *s = k->m->s2;
	struct walk2d_page page;
	uint64_t v;

	if (walk2d_peek_guest(&s->w, ++k->n, addr, &v)) {
		*word = (uint32_t)v;
		return true;
	}
	return walk2d_peek_ipa(&s->w, &s->quiet, addr, &page) && guest_table_word(&k->m->g, addr, word);
}

bool stage2_where(struct machine *m, const struct tlb *tlb, gva_t mva, struct translation *t)
{
	const struct tlb_entry *e = tlb_peek(tlb, mva);
	struct reader k = { .m = m };
	struct walk2d_page page;

	memset(t, 0, sizeof(*t));
	if (e) {
		t->w = e->w;
	} else {
		host_walk_tables(m, mva, quietly, &k, &t->w);
		if (t->w.fs || !walk2d_peek_ipa(&m->s2->w, &m->s2->quiet, walk_pa(&t->w, mva), &page))
			return false;
		combine(&t->w, mva, &page);
	}
	apply(m, mva, t);
	return true;
}

void stage2_flush_guest(struct machine *m)
{
	walk2d_flush_guest(&m->s2->w);
}

void stage2_context(struct machine *m)
{
	uint8_t vmid = m->sctlr & SCTLR_M ? VMID_GUEST : VMID_FLAT;

	if (vmid == m->vmid)
		return;
	m->vmid = vmid;
	host_tlb_set_context(m);
}

/* --- Hyp mode --------------------------------------------------------------------------------- */

/* Its own memory, cached and never a miss of its tables, whatever the guest has switched off. */
static void own_access(struct machine *m, uint32_t offset, enum access access)
{
	unsigned outer = m->outer.l2 ? CACHE_WB_WA * (unsigned)LEAF_OUTER : 0;
	struct translation t = { .pa = HV_HPA + offset, .w.levels = 1,
				 .cb = (uint8_t)(LEAF_CB | outer) };
	uint32_t sctlr = m->sctlr;

	m->sctlr |= SCTLR_M | SCTLR_C | SCTLR_I;
	if (access == ACCESS_FETCH)
		host_fetch(m, gva(HV_WINDOW_VA + offset), &t, TRAFFIC_HV);
	else
		host_load(m, gva(HV_WINDOW_VA + offset), &t, TRAFFIC_HV);
	if (m->lint)
		lint_access(m, gva(HV_WINDOW_VA + offset), access, &t);
	m->sctlr = sctlr;
}

void stage2_enter(struct machine *m)
{
	m->origin = ORIGIN_HV;
	m->tally.entries++;
	charge(m, EV_TRAP_HYP, 1);
	charge(m, EV_TRAP_DRAIN, wbuf_drain(&m->wb));
	if (m->cfg.hv_memory == HV_FLAT)
		return;
	for (uint32_t i = 0; i < m->cfg.hv_ilines; i++)
		own_access(m, HV_CODE + i * m->cfg.l1i.line_bytes, ACCESS_FETCH);
	for (uint32_t i = 0; i < m->cfg.hv_dlines; i++)
		own_access(m, HV_DATA + i * m->cfg.l1d.line_bytes, ACCESS_READ);
}

void stage2_leave(struct machine *m, enum origin to)
{
	charge(m, EV_RETURN_HYP, 1);
	m->tally.exits++;
	m->origin = to;
}

bool stage2_traps(const struct machine *m, const struct cp_canon *c)
{
	bool whole = c->op == CP_TESTCLEAN || (c->op == CP_CACHE && (c->scope == SCOPE_WAY ||
								     c->scope == SCOPE_ALL));

	return whole && c->side & SIDE_D && m->ops->traps_whole_cache(m->self);
}

/* --- the port ---------------------------------------------------------------------------------- */

#define S2(ctx) (((struct machine *)(ctx))->s2)

static enum err sees_of(const struct machine *m, enum stage2_sees s, enum walk_sees *out, struct diag *d)
{
	static const enum walk_sees of[] = { 0, WALK_SEES_MEMORY, WALK_SEES_L2, WALK_SEES_L1 };

	*out = s == STAGE2_SEES_CORE ? (enum walk_sees)m->cfg.walk_sees : of[s];
	if (*out == WALK_SEES_L2 && !m->outer.l2)
		return diag_set(d, ERR_CONFIG, "strategy %s: sees: l2, but the host has l2.bytes=0; want "
				"memory%s", m->ops->name, m->l1d ? " or l1" : "");
	if (*out == WALK_SEES_L1 && !m->l1d)
		return diag_set(d, ERR_CONFIG, "strategy %s: sees: l1, but the host has l1d.bytes=0; want "
				"memory%s", m->ops->name, m->outer.l2 ? " or l2" : "");
	return ERR_OK;
}

static enum err port_begin(void *ctx, const struct stage2_regs *r, struct diag *d)
{
	struct machine *m = ctx;
	struct walk2d_conf c = {
		.s2 = { S2_HPA + r->root, r->start, 32 }, .by_ipa = true, .last = true,
		.walk_entries = (uint16_t)m->cfg.walk_entries, .stage2 = m->cfg.walk_nested,
		.ntlb_entries = (uint16_t)m->cfg.ntlb_entries,
	};
	enum err e = sees_of(m, r->sees, &m->s2->sees, d);

	stage2_context(m);
	return e ? e : walk2d_init(&m->s2->w, &c, d);
}

static bool port_block(void *ctx, uint32_t gpa, unsigned size_log2, uint32_t *hpa_out)
{
	return map_stage2(ctx, gpa, size_log2, hpa_out);
}

static void port_memory(void *ctx, uint32_t *gpa, uint64_t *bytes)
{
	const struct machine *m = ctx;

	*gpa = m->ram_base;
	*bytes = m->ram_bytes;
}

static void port_preset(void *ctx, uint32_t offset, uint64_t word)
{
	S2(ctx)->word[offset / sizeof(word)] = word;
}

static void port_write(void *ctx, uint32_t offset, uint64_t word)
{
	struct stage2 *s = S2(ctx);
	uint32_t line = offset / ((struct machine *)ctx)->cfg.l1d.line_bytes;

	port_preset(ctx, offset, word);
	s->lines += !s->lines || line != s->last_line;
	s->last_line = line;
}

/* Stores go past the caches of the model; where walks do not see L1 each line is cleaned. */
static void port_sync(void *ctx)
{
	struct machine *m = ctx;
	struct stage2 *s = m->s2;

	if (s->sees != WALK_SEES_L1)
		charge(m, EV_CLEAN_DIRTY, s->lines);
	charge(m, EV_DRAIN, 1);
	s->lines = 0;
}

static uint64_t port_peek(void *ctx, uint32_t offset)
{
	return S2(ctx)->word[offset / sizeof(uint64_t)];
}

void stage2_port(struct strategy_port *p)
{
	p->stage2_begin = port_begin;
	p->stage2_block = port_block;
	p->stage2_memory = port_memory;
	p->stage2_preset = port_preset;
	p->stage2_write = port_write;
	p->stage2_sync = port_sync;
	p->stage2_peek = port_peek;
}

enum err stage2_create(struct machine *m, struct diag *d)
{
	struct stage2 *s = calloc(1, sizeof(*s));

	m->s2 = s;
	if (s)
		s->word = calloc(S2_BYTES / sizeof(*s->word), sizeof(*s->word));
	if (!s || !s->word)
		return diag_set(d, ERR_NOMEM, "out of memory");
	s->io = (struct walk2d_io){ m, read_stage2, read_guest, count_hit };
	s->quiet = (struct walk2d_io){ .ctx = m, .stage2 = peek_stage2 };
	return ERR_OK;
}

void stage2_destroy(struct machine *m)
{
	if (m->s2)
		free(m->s2->word);
	free(m->s2);
}
