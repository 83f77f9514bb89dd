/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/host_tlb.h"

#include <assert.h>
#include <stdlib.h>

#include "models/tlb/tlb_hot.h"

static enum err create_micro(struct machine *m, const struct cpu_row *row, struct diag *d)
{
	const struct tlb_geom *g = &m->cfg.utlb;
	struct utlb_geom u = { .entries = g->entries, .policy = g->policy,
			       .granule_log2 = row->utlb_granule_log2 };
	enum err e;

	if (!g->entries)
		return ERR_OK;
	m->utlb = calloc(2, sizeof(*m->utlb));
	if (!m->utlb)
		return diag_set(d, ERR_NOMEM, "out of memory");
	m->utlb_keeps = row->utlb_keeps;
	e = utlb_init(&m->utlb[0], &u, m->cfg.seed, "iutlb", d);
	return e ? e : utlb_init(&m->utlb[1], &u, m->cfg.seed, "dutlb", d);
}

enum err host_tlb_create(struct machine *m, const struct cpu_row *row, struct diag *d)
{
	const struct host_config *c = &m->cfg;
	bool split = c->itlb.entries;
	enum err e = tlb_create(&m->tlb, split ? &c->dtlb : &c->tlb, c->seed,
				split ? "dtlb" : "tlb", d);

	m->itlb = m->tlb;
	if (!e && split)
		e = tlb_create(&m->itlb, &c->itlb, c->seed, "itlb", d);
	return e ? e : create_micro(m, row, d);
}

void host_tlb_destroy(struct machine *m)
{
	if (host_tlb_is_split(m))
		tlb_destroy(m->itlb);
	tlb_destroy(m->tlb);
	for (unsigned i = 0; m->utlb && i < 2; i++)
		utlb_release(&m->utlb[i]);
	free(m->utlb);
}

/* The TLBs that an operation of a side is about. */
struct sides { struct tlb *tlb[2]; unsigned n; };

static struct sides sides_of(const struct machine *m, unsigned side)
{
	struct sides s = { .n = 0 };

	assert(side);
	if (!host_tlb_is_split(m) || side & SIDE_D)
		s.tlb[s.n++] = m->tlb;
	if (host_tlb_is_split(m) && side & SIDE_I)
		s.tlb[s.n++] = m->itlb;
	return s;
}

/* --- micro-TLBs ----------------------------------------------------------------------- */

static struct utlb *micro_of(const struct machine *m, enum access access)
{
	return &m->utlb[access != ACCESS_FETCH];
}

const struct tlb_entry *host_utlb_lookup(struct machine *m, gva_t mva, enum access access)
{
	struct utlb *u = micro_of(m, access);
	const struct tlb_entry *e = utlb_lookup(u, mva);

	if (e)
		return e;
	charge(m, EV_UTLB_MISS, 1);
	e = tlb_lookup(host_tlb_of(m, access), mva);
	if (e)
		utlb_fill(u, mva, e);
	return e;
}

static void flush_micro(struct machine *m)
{
	for (unsigned i = 0; m->utlb && i < 2; i++)
		utlb_flush(&m->utlb[i]);
}

void host_tlb_register(struct machine *m)
{
	if (!m->utlb_keeps)
		flush_micro(m);
}

/* --- fills ---------------------------------------------------------------------------- */

/* With P set a walk goes into the lockdown part, whose victim moves on (DDI 0198D 2.3.11). */
static const struct tlb_entry *fill_locked(struct machine *m, gva_t mva, const struct walk *w,
					   struct tlb_tag tag)
{
	unsigned victim = m->tlb_lock >> 26 & 7;

	m->locked[victim] = *w;
	m->locked_mva[victim] = mva.raw;
	m->locked_tag[victim] = tag;
	m->tlb_lock = (m->tlb_lock & ~(7u << 26)) | ((victim + 1) & 7) << 26;
	return tlb_fill_locked_tagged(m->tlb, victim, mva, w, tag);
}

/* An entry that is not global gets the ASID of this moment (DDI 0100I B4.5). */
void host_tlb_fill(struct machine *m, gva_t mva, enum access access, const struct walk *w)
{
	struct tlb_tag tag = { .asid = m->asid, .ng = m->arch.asid && w->leaf.attr & PT_NG };
	const struct tlb_entry *e;

	if (m->tlb_lock & 1 && (m->tlb_lock >> 26 & 7) < m->cfg.tlb.locked)
		e = fill_locked(m, mva, w, tag);
	else
		e = tlb_fill_tagged(host_tlb_of(m, access), mva, w, tag);
	if (m->utlb)
		utlb_fill(micro_of(m, access), mva, e);
}

bool host_is_locked(const struct machine *m, const struct translation *t)
{
	for (unsigned i = 0; i < 8; i++)
		if (m->locked[i].levels && m->locked[i].l1_addr == t->w.l1_addr &&
		    m->locked[i].l1 == t->w.l1 && m->locked[i].l2 == t->w.l2)
			return true;
	return false;
}

/* By address and ASID drop locked entries too. tag.ng: not of every ASID. */
static void forget_locked(struct machine *m, bool by_mva, uint32_t mva, struct tlb_tag of)
{
	for (unsigned i = 0; i < 8; i++) {
		struct tlb_tag t = m->locked_tag[i];
		unsigned size_log2 = m->locked[i].leaf.size_log2;
		bool its = !of.ng || (t.ng ? t.asid == of.asid : by_mva);

		if (m->locked[i].levels && its &&
		    (!by_mva || m->locked_mva[i] >> size_log2 == mva >> size_log2))
			m->locked[i].levels = 0;
	}
}

/* --- context and invalidation --------------------------------------------------------- */

void host_tlb_set_context(struct machine *m)
{
	struct sides s = sides_of(m, SIDE_BOTH);

	for (unsigned i = 0; i < s.n; i++)
		tlb_set_context(s.tlb[i], m->asid, 0);
	for (unsigned i = 0; m->utlb && i < 2; i++)
		utlb_set_context(&m->utlb[i], m->asid, 0);
	host_tlb_register(m);
}

void host_tlb_inval_all(struct machine *m, unsigned side)
{
	struct sides s = sides_of(m, side);

	flush_micro(m);
	for (unsigned i = 0; i < s.n; i++)
		tlb_inval_all(s.tlb[i]);
}

void host_tlb_inval_mva(struct machine *m, unsigned side, gva_t mva)
{
	struct sides s = sides_of(m, side);

	flush_micro(m);
	for (unsigned i = 0; i < s.n; i++)
		tlb_inval_mva(s.tlb[i], mva);
	forget_locked(m, true, mva.raw, (struct tlb_tag){ 0 });
}

void host_tlb_inval_mva_asid(struct machine *m, unsigned side, gva_t mva, uint8_t asid)
{
	struct sides s = sides_of(m, side);

	flush_micro(m);
	for (unsigned i = 0; i < s.n; i++)
		tlb_inval_mva_asid(s.tlb[i], mva, asid);
	forget_locked(m, true, mva.raw, (struct tlb_tag){ .asid = asid, .ng = true });
}

void host_tlb_inval_asid(struct machine *m, unsigned side, uint8_t asid)
{
	struct sides s = sides_of(m, side);

	flush_micro(m);
	for (unsigned i = 0; i < s.n; i++)
		tlb_inval_asid(s.tlb[i], asid);
	forget_locked(m, false, 0, (struct tlb_tag){ .asid = asid, .ng = true });
}

void host_tlb_void(struct machine *m)
{
	struct sides s = sides_of(m, SIDE_BOTH);

	for (unsigned i = 0; i < s.n; i++)
		s.tlb[i]->generation++;
}
