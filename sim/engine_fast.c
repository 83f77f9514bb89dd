/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine `fast`: the reference engine with exact filters in front. What it does itself are TLB
 * hits on cache hits, counted in bulk; everything else, one instruction or datum at a time, goes
 * to the reference engine, on the same state and in the same order. So it cannot count
 * differently, only sooner.
 *
 *  1. A translation is remembered with the TLB's generation: while that stands, the lookup
 *     would hit the same entry. Rights are remembered with DACR and SCTLR.
 *  2. n fetches of one line in a row are n hits if the first is.
 *  3. Fetches and data stay in canonical order around each datum, so a unified structure sees
 *     the same sequence and the write buffer the same ticks.
 *  4. Thumb runs, the alias of the vectors area, split and unprivileged accesses under a
 *     hypervisor are left to the reference engine.
 */
#include <string.h>

#include "models/cache/cache_hot.h"
#include "models/tlb/tlb_hot.h"
#include "sim/engine.h"
#include "traces/record.h"

#define HOT static inline __attribute__((always_inline))

static struct xlat *refill(struct machine *m, struct xlat *x, gva_t mva, bool user)
{
	const struct tlb_entry *e = m->sctlr & SCTLR_M ? tlb_peek(m->tlb, mva) : NULL;

	if (!e)
		return NULL;
	x->granule = (mva.raw >> GRANULE_LOG2) + 1;
	x->generation = m->tlb->generation;
	x->dacr = m->dacr;
	x->sctlr = m->sctlr;
	x->index = (uint32_t)(e - m->tlb->entry);
	x->pa = walk_pa(&e->w, mva) & ~(GRANULE_BYTES - 1u);
	x->cb = e->w.leaf.cb;
	x->rights = 0;
	if (!walk_check(&e->w, mva, m->dacr, m->sctlr, user, ACCESS_READ))
		x->rights |= RIGHT_READ;
	if (!walk_check(&e->w, mva, m->dacr, m->sctlr, user, ACCESS_WRITE))
		x->rights |= RIGHT_WRITE;
	return x;
}

/* NULL: the TLB does not hold it. */
HOT struct xlat *translate(struct lane *l, gva_t mva, bool user)
{
	struct machine *m = l->m;
	struct xlat *x = &l->xlat[user][mva.raw >> GRANULE_LOG2 & (XLATS - 1)];

	if (x->granule == (mva.raw >> GRANULE_LOG2) + 1 && x->dacr == m->dacr &&
	    x->sctlr == m->sctlr && x->generation == m->tlb->generation)
		return x;
	return refill(m, x, mva, user);
}

/* Instructions from here to `end` that lie in one line and hit; 0: ask the reference engine. */
HOT unsigned fetch_line(struct lane *l, unsigned end, bool user)
{
	struct machine *m = l->m;
	gva_t mva = fcse_mva(l->run_va + 4 * l->run_next, m->g.fcse);
	const struct xlat *x = translate(l, mva, user);
	unsigned n;

	if (!x || !(x->rights & RIGHT_READ) || !(x->cb & 2) || !m->l1i || !(m->sctlr & SCTLR_I))
		return 0;
	n = (m->l1i->line_bytes - (mva.raw & (m->l1i->line_bytes - 1))) / 4;
	if (n > end - l->run_next)
		n = end - l->run_next;
	if (!cache_count_reads(m->l1i, mva, hpa(x->pa | (mva.raw & (GRANULE_BYTES - 1))), n))
		return 0;
	tlb_count_hits(m->tlb, x->index, mva, n);
	wbuf_ticks(&m->wb, n);
	return n;
}

HOT void fetch_to(struct lane *l, unsigned end, bool user)
{
	struct machine *m = l->m;
	enum origin o = guest_is_user(&m->g) ? ORIGIN_USER : ORIGIN_KERNEL;
	bool slow = l->run_alias || l->run_flags & RUN_THUMB;

	while (l->run_next < end) {
		unsigned n = slow ? 0 : fetch_line(l, end, user), retired;

		if (!n) {
			engine_fetch_next(l);
			continue;
		}
		l->run_next += n;
		retired = n - (l->run_next == l->run_n && l->run_flags & RUN_NO_RETIRE);
		m->tally.accesses += n;
		m->ledger.n[EV_REF_FETCH][o][CAUSE_FETCH] += n;
		m->ledger.n[EV_EXEC][o][CAUSE_FETCH] += retired;
		m->cycles += (cycles128_t)m->unit[EV_EXEC] * retired +
			     (cycles128_t)m->unit[EV_REF_FETCH] * n;
		l->insns += retired;
	}
}

HOT void load(struct machine *m, gva_t mva, const struct xlat *x, const struct translation *t)
{
	if (x->cb & 2 && m->l1d && m->sctlr & SCTLR_C &&
	    cache_count_reads(m->l1d, mva, hpa(t->pa), 1))
		wbuf_ticks(&m->wb, 1);
	else
		host_load(m, mva, t, TRAFFIC_GUEST);
}

HOT void store(struct machine *m, gva_t mva, const struct xlat *x, const struct translation *t,
	       bool multi)
{
	if (x->cb == 3 && m->l1d && m->sctlr & SCTLR_C &&
	    cache_count_write_back(m->l1d, mva, hpa(t->pa)))
		wbuf_ticks(&m->wb, 1);
	else
		host_store(m, mva, t, TRAFFIC_GUEST, multi);
}

HOT void data(struct lane *l, const struct guest_event *e, bool deprivileged)
{
	struct machine *m = l->m;
	bool unpriv = (e->flags & ACC_KIND_MASK) == ACC_UNPRIV;
	bool guest_user = guest_is_user(&m->g);
	gva_t mva = fcse_mva(e->va, m->g.fcse);
	struct translation t;
	const struct xlat *x;

	if (l->run_next <= e->n && l->run_next < l->run_n)
		fetch_to(l, e->n + 1u < l->run_n ? e->n + 1u : l->run_n,
			 deprivileged || guest_user);
	if (e->flags & ACC_SPLIT || l->run_alias || (unpriv && deprivileged))
		x = NULL;
	else
		x = translate(l, mva, deprivileged || unpriv || guest_user);
	if (!x || !(x->rights & (e->write ? RIGHT_WRITE : RIGHT_READ))) {
		engine_data_access(l, e);
		return;
	}
	m->origin = guest_user ? ORIGIN_USER : ORIGIN_KERNEL;
	m->cause = unpriv ? CAUSE_UNPRIV : e->write ? CAUSE_STORE : CAUSE_LOAD;
	charge(m, e->write ? EV_REF_STORE : EV_REF_LOAD, 1);
	m->tally.accesses++;
	tlb_count_hits(m->tlb, x->index, mva, 1);
	t.fs = FS_NONE;
	t.pa = x->pa | (mva.raw & (GRANULE_BYTES - 1));
	t.w.levels = 1;                 /* all the caches ask: the MMU is on, and C and B */
	t.w.leaf.cb = x->cb;
	if (e->write)
		store(m, mva, x, &t, (e->flags & ACC_KIND_MASK) == ACC_MULTI);
	else
		load(m, mva, x, &t);
	if (e->ptw)
		guest_apply_store(&m->g, e);
}

HOT void events(struct lane *l, const struct event_batch *b, bool deprivileged)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct guest_event *e = &b->ev[i];

		l->record = b->first + i;
		switch (e->kind) {
		case GEV_ACCESS:
			if (l->run_n)
				data(l, e, deprivileged);
			else
				engine_event(l, e);
			break;
		case GEV_NONE:
		case GEV_WITNESS:
		case GEV_MARK:
			break;
		default:
			fetch_to(l, l->run_n, deprivileged || guest_is_user(&l->m->g));
			if (e->kind == GEV_RUN) {
				engine_measure(l);
				engine_begin_run(l, e);
			} else {
				engine_event(l, e);
			}
			break;
		}
	}
}

void engine_fast_batch(struct lane *l, const struct event_batch *b)
{
	if (l->m->ops->deprivileged)
		events(l, b, true);
	else
		events(l, b, false);
}
