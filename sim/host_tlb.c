/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/host_tlb.h"

#include <assert.h>
#include <stdlib.h>

#include "models/tlb/tlb_hot.h"
#include "sim/stage2.h"

static struct tlb_geom geom_of(const struct host_config *c, const struct tlb_geom *g)
{
	static const enum tlb_lock kind[] = {
		[HOST_TLB_PART] = TLB_LOCK_PART, [HOST_TLB_BASE] = TLB_LOCK_BASE,
		[HOST_TLB_POINTER] = TLB_LOCK_POINTER,
	};
	struct tlb_geom out = *g;

	out.lock = kind[c->tlb_lock];
	return out;
}

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
	struct tlb_geom data = geom_of(c, split ? &c->dtlb : &c->tlb), code = geom_of(c, &c->itlb);
	enum err e = tlb_create(&m->tlb, &data, c->seed, split ? "dtlb" : "tlb", d);

	m->itlb = m->tlb;
	if (!e && split)
		e = tlb_create(&m->itlb, &code, c->seed, "itlb", d);
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

struct tlb_sides host_tlb_sides(const struct machine *m, unsigned side)
{
	struct tlb_sides s = { .n = 0 };

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

void host_tlb_flush_micro(struct machine *m)
{
	for (unsigned i = 0; m->utlb && i < 2; i++)
		utlb_flush(&m->utlb[i]);
}

void host_tlb_register(struct machine *m)
{
	if (!m->utlb_keeps)
		host_tlb_flush_micro(m);
}

/* --- fills ---------------------------------------------------------------------------- */

void host_tlb_fill(struct machine *m, gva_t mva, enum access access, const struct walk *w)
{
	struct tlb_tag tag = host_tlb_tag(m, w);
	const struct tlb_entry *e = host_lock_fill(m, mva, w, tag);

	if (!e)
		e = tlb_fill_tagged(host_tlb_of(m, access), mva, w, tag);
	if (m->utlb)
		utlb_fill(micro_of(m, access), mva, e);
}

/* --- context and invalidation --------------------------------------------------------- */

void host_tlb_set_context(struct machine *m)
{
	struct tlb_sides s = host_tlb_sides(m, SIDE_BOTH);

	for (unsigned i = 0; i < s.n; i++)
		tlb_set_context(s.tlb[i], m->asid, m->vmid);
	for (unsigned i = 0; m->utlb && i < 2; i++)
		utlb_set_context(&m->utlb[i], m->asid, m->vmid);
	host_tlb_register(m);
}

/* An invalidate of whatever kind: micro-TLBs and partial walks go whole. */
static void flush_small(struct machine *m)
{
	host_tlb_flush_micro(m);
	walk_cache_flush(&m->walk_cache);
	if (m->s2)
		stage2_flush_guest(m);
}

/* With two stages an invalidate is about what the guest has with its MMU on, even while that is off. */
static void in_guest(const struct machine *m, struct tlb *t, bool begin)
{
	if (m->s2)
		tlb_set_context(t, m->asid, begin ? VMID_GUEST : m->vmid);
}

void host_tlb_inval_all(struct machine *m, unsigned side)
{
	struct tlb_sides s = host_tlb_sides(m, side);

	flush_small(m);
	for (unsigned i = 0; i < s.n; i++)
		tlb_inval_all(s.tlb[i]);
}

void host_tlb_inval_mva(struct machine *m, unsigned side, gva_t mva)
{
	struct tlb_sides s = host_tlb_sides(m, side);

	flush_small(m);
	for (unsigned i = 0; i < s.n; i++) {
		in_guest(m, s.tlb[i], true);
		tlb_inval_mva(s.tlb[i], mva);
		in_guest(m, s.tlb[i], false);
	}
}

void host_tlb_inval_mva_asid(struct machine *m, unsigned side, gva_t mva, uint8_t asid)
{
	struct tlb_sides s = host_tlb_sides(m, side);

	flush_small(m);
	for (unsigned i = 0; i < s.n; i++) {
		in_guest(m, s.tlb[i], true);
		tlb_inval_mva_asid(s.tlb[i], mva, asid);
		in_guest(m, s.tlb[i], false);
	}
}

void host_tlb_inval_asid(struct machine *m, unsigned side, uint8_t asid)
{
	struct tlb_sides s = host_tlb_sides(m, side);

	flush_small(m);
	for (unsigned i = 0; i < s.n; i++) {
		in_guest(m, s.tlb[i], true);
		tlb_inval_asid(s.tlb[i], asid);
		in_guest(m, s.tlb[i], false);
	}
}

void host_tlb_void(struct machine *m)
{
	struct tlb_sides s = host_tlb_sides(m, SIDE_BOTH);

	for (unsigned i = 0; i < s.n; i++)
		s.tlb[i]->generation++;
}
