/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine `fast`: the reference engine with exact filters in front. What it does itself are TLB
 * hits on cache hits, counted in bulk; everything else, one instruction or datum at a time, goes
 * to the reference engine, on the same state and in the same order. So it cannot count
 * differently, only sooner.
 *
 *  1. A translation is remembered with its TLB entry's sequence number: while that stands and
 *     nothing comes to cover it, the lookup would hit the same entry. Rights are remembered with DACR and SCTLR.
 *  2. n fetches of one line in a row are n hits if the first is.
 *  3. Fetches and data stay in canonical order around each datum, so a unified structure sees
 *     the same sequence and the write buffer the same ticks.
 *  4. Where hits leave no trace in replacement (VIVT caches and a TLB under fifo or random: the
 *     `plain` engine), a run whose lines and page are all there is counted at its end: nothing but
 *     a change of the TLB can make its later fetches miss, and that asks again. Only the write
 *     buffer must know how many fetches went by before each datum.
 *  5. Thumb runs, the alias of the vectors area, split and unprivileged accesses under a
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
	x->seq = m->tlb->seq[x->index];
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
	    x->sctlr == m->sctlr && x->seq == m->tlb->seq[x->index] &&
	    x->generation == m->tlb->generation)
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

/* --- plain: whole runs ---------------------------------------------------------------- */

/* All fetches from run_next on are hits: one page, and each of its lines is there. */
static bool check_run(struct lane *l, bool user)
{
	struct machine *m = l->m;
	gva_t mva = fcse_mva(l->run_va + 4 * l->run_next, m->g.fcse);
	uint32_t last = mva.raw + 4 * (l->run_n - l->run_next) - 4;
	const struct xlat *x;

	if (l->run_alias || l->run_flags & RUN_THUMB || l->run_next == l->run_n)
		return false;
	x = translate(l, mva, user);
	if (!x || !(x->rights & RIGHT_READ) || !(x->cb & 2) || !(m->sctlr & SCTLR_I))
		return false;
	for (uint32_t at = mva.raw; at <= last; at = (at | (m->l1i->line_bytes - 1)) + 1)
		if (cache_find_vivt(m->l1i, gva(at)) < 0)
			return false;
	return true;
}

/* Counts the fetches up to `end`, all known to be hits. */
HOT void count_fetches(struct lane *l, unsigned end)
{
	struct machine *m = l->m;
	enum origin o = guest_is_user(&m->g) ? ORIGIN_USER : ORIGIN_KERNEL;
	unsigned n = end - l->run_next;
	unsigned retired = n - (end == l->run_n && n && l->run_flags & RUN_NO_RETIRE);

	if (m->wb.used && end > l->run_ticked)
		wbuf_ticks(&m->wb, end - l->run_ticked);
	l->run_ticked = end;
	l->run_next = end;
	l->insns += retired;
	m->tally.accesses += n;
	m->tlb->n.lookups += n;
	m->tlb->n.hits += n;
	m->l1i->n.reads += n;
	m->l1i->n.hits += n;
	m->ledger.n[EV_REF_FETCH][o][CAUSE_FETCH] += n;
	m->ledger.n[EV_EXEC][o][CAUSE_FETCH] += retired;
	m->cycles += m->unit[EV_EXEC] * retired;
}

/* Brings the run to `end` by whatever means. */
HOT void run_to(struct lane *l, unsigned end, bool user, bool plain)
{
	if (plain && l->run_hits)
		count_fetches(l, end);
	else
		fetch_to(l, end, user);
}

HOT void begin(struct lane *l, const struct guest_event *e, bool deprivileged, bool plain)
{
	if (l->insns >= l->next_slice)
		engine_measure(l);
	if (deprivileged && (e->va >= GUEST_VECTORS_VA || l->m->g.fcse)) {
		engine_begin_run(l, e);
	} else {
		l->run_alias = l->entering = false;
		l->run_va = e->va;
		l->run_bytes = e->bytes;
		l->run_n = e->n;
		l->run_next = 0;
		l->run_flags = e->flags;
	}
	l->run_ticked = 0;
	l->run_hits = plain && check_run(l, deprivileged || guest_is_user(&l->m->g));
}

/* --- data ----------------------------------------------------------------------------- */

HOT bool load_hits(struct machine *m, gva_t mva, uint32_t pa, bool plain)
{
	if (!plain)
		return cache_count_reads(m->l1d, mva, hpa(pa), 1);
	if (cache_find_vivt(m->l1d, mva) < 0)
		return false;
	m->l1d->n.reads++;
	m->l1d->n.hits++;
	return true;
}

HOT bool store_hits(struct machine *m, gva_t mva, uint32_t pa, bool plain)
{
	if (!plain)
		return cache_count_write_back(m->l1d, mva, hpa(pa));
	if (cache_find_vivt(m->l1d, mva) < 0)
		return false;
	m->l1d->n.writes++;
	m->l1d->n.hits++;
	cache_set_dirty(m->l1d, mva.raw >> m->l1d->line_log2 & (m->l1d->sets - 1), mva);
	return true;
}

HOT void memory(struct machine *m, const struct guest_event *e, gva_t mva, const struct xlat *x,
		bool plain)
{
	uint32_t pa = x->pa | (mva.raw & (GRANULE_BYTES - 1));
	struct translation t;
	bool hit = m->l1d && m->sctlr & SCTLR_C &&
		   (e->write ? x->cb == 3 && store_hits(m, mva, pa, plain)
			     : x->cb & 2 && load_hits(m, mva, pa, plain));

	if (hit) {
		if (m->wb.used)
			wbuf_ticks(&m->wb, 1);
		return;
	}
	t.fs = FS_NONE;
	t.pa = pa;
	t.w.levels = 1;                 /* all the caches ask: the MMU is on, and C and B */
	t.w.leaf.cb = x->cb;
	if (e->write)
		host_store(m, mva, &t, TRAFFIC_GUEST, (e->flags & ACC_KIND_MASK) == ACC_MULTI);
	else
		host_load(m, mva, &t, TRAFFIC_GUEST);
}

/* One datum by the reference engine; what it changed may make the rest of the run miss. */
static void slow_data(struct lane *l, const struct guest_event *e, unsigned upto, bool user,
		      bool plain)
{
	if (plain && l->run_hits)
		count_fetches(l, upto);
	engine_data_access(l, e);
	l->run_ticked = l->run_next;
	l->run_hits = plain && check_run(l, user);
}

HOT void data(struct lane *l, const struct guest_event *e, bool deprivileged, bool plain)
{
	struct machine *m = l->m;
	bool unpriv = (e->flags & ACC_KIND_MASK) == ACC_UNPRIV;
	bool guest_user = guest_is_user(&m->g), user = deprivileged || guest_user;
	unsigned upto = e->n + 1u < l->run_n ? e->n + 1u : l->run_n;
	enum origin o = guest_user ? ORIGIN_USER : ORIGIN_KERNEL;
	enum cause c = unpriv ? CAUSE_UNPRIV : e->write ? CAUSE_STORE : CAUSE_LOAD;
	gva_t mva = fcse_mva(e->va, m->g.fcse);
	const struct xlat *x = NULL;

	if (!(plain && l->run_hits) && l->run_next < upto)
		fetch_to(l, upto, user);
	if (!(e->flags & ACC_SPLIT || l->run_alias || (unpriv && deprivileged)))
		x = translate(l, mva, user || unpriv);
	if (!x || !(x->rights & (e->write ? RIGHT_WRITE : RIGHT_READ))) {
		slow_data(l, e, upto, user, plain);
		return;
	}
	if (plain && l->run_hits && upto > l->run_ticked) {
		if (m->wb.used)
			wbuf_ticks(&m->wb, upto - l->run_ticked);
		l->run_ticked = upto;
	}
	m->origin = o;
	m->cause = c;
	m->ledger.n[e->write ? EV_REF_STORE : EV_REF_LOAD][o][c]++;
	m->tally.accesses++;
	m->tlb->n.lookups++;
	m->tlb->n.hits++;
	if (!plain)
		tlb_touch(m->tlb, x->index, mva);
	memory(m, e, mva, x, plain);
	if (e->ptw)
		guest_apply_store(&m->g, e);
}

HOT void events(struct lane *l, const struct event_batch *b, bool deprivileged, bool plain)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct guest_event *e = &b->ev[i];

		l->record = b->first + i;
		switch (e->kind) {
		case GEV_ACCESS:
			if (l->run_n)
				data(l, e, deprivileged, plain);
			else
				engine_event(l, e);
			break;
		case GEV_WITNESS:       /* nothing for a lane, and the run may go on */
		case GEV_MARK:
			break;
		default:
			run_to(l, l->run_n, deprivileged || guest_is_user(&l->m->g), plain);
			if (e->kind == GEV_RUN)
				begin(l, e, deprivileged, plain);
			else
				engine_event(l, e);
			break;
		}
	}
}

/* The run that is open at the end of a batch may meet another engine in the next. */
void engine_fast_batch(struct lane *l, const struct event_batch *b)
{
	const struct machine *m = l->m;
	bool plain = tlb_is_plain(m->tlb) && cache_is_plain(m->l1i) && cache_is_plain(m->l1d);

	if (!plain)
		l->run_hits = false;
	if (m->ops->deprivileged && plain)
		events(l, b, true, true);
	else if (m->ops->deprivileged)
		events(l, b, true, false);
	else if (plain)
		events(l, b, false, true);
	else
		events(l, b, false, false);
}
