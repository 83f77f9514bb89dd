/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine `fast`: the reference engine with exact filters in front. What it does itself are TLB
 * hits on cache hits, counted in bulk; everything else, one instruction or datum at a time, goes
 * to the reference engine, on the same state and in the same order. So it cannot count
 * differently, only sooner.
 *
 *  1. A translation is remembered with its TLB entry's sequence number: while that stands and
 *     nothing comes to cover it, the lookup would hit the same entry. Rights are remembered by
 *     context: DACR, SCTLR, privilege (sim/fast.h).
 *  2. n fetches of one line in a row are n hits if the first is.
 *  3. Fetches and data stay in canonical order around each datum, so a unified structure sees
 *     the same sequence and the write buffer the same ticks.
 *  4. Where hits leave no trace in replacement, whole runs are counted: engine_plain.c.
 *  5. Thumb runs (here), the alias of the vectors area, split and unprivileged accesses under a
 *     hypervisor are left to the reference engine.
 */
#include "models/cache/cache_hot.h"
#include "sim/engine.h"
#include "sim/fast_xlat.h"
#include "sim/host_tlb.h"

/* Instructions from here to `end` that lie in one line and hit; 0: ask the reference engine. */
static unsigned fetch_line(struct lane *l, unsigned end)
{
	struct machine *m = l->m;
	gva_t mva = fcse_mva(l->run_va + 4 * l->run_next, m->g.fcse);
	const struct xlat *x = fast_translate(l, l->fast.now, mva);
	unsigned n;

	if (!x || !(xlat_may(x, mva) & MAY_FETCH_HIT))
		return 0;
	n = (m->l1i->line_bytes - (mva.raw & (m->l1i->line_bytes - 1))) / 4;
	if (n > end - l->run_next)
		n = end - l->run_next;
	if (!cache_count_reads(m->l1i, mva, hpa(x->pa | (mva.raw & (FRAME_BYTES - 1))), n))
		return 0;
	tlb_count_hits(m->tlb, x->index, mva, n);
	wbuf_ticks(&m->wb, n);
	return n;
}

void fast_fetch_to(struct lane *l, unsigned end)
{
	struct machine *m = l->m;
	enum origin o = guest_is_user(&m->g) ? ORIGIN_USER : ORIGIN_KERNEL;
	bool slow = l->run_alias || l->run_flags & RUN_THUMB;

	while (l->run_next < end) {
		unsigned n = slow ? 0 : fetch_line(l, end), retired;

		if (!n) {
			engine_fetch_next(l);
			fast_resume(l);
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

/* --- data ----------------------------------------------------------------------------- */

void fast_memory(struct machine *m, const struct trace_rec *r, gva_t mva, const struct xlat *x)
{
	struct translation t;

	t.fs = FS_NONE;
	t.pa = x->pa | (mva.raw & (FRAME_BYTES - 1));
	t.w.levels = 1;                 /* all the caches ask: the MMU is on, and C and B */
	t.cb = x->cb;
	if (r->kind == TRACE_STORE)
		host_store(m, mva, &t, TRAFFIC_GUEST, (r->flags & ACC_KIND_MASK) == ACC_MULTI);
	else
		host_load(m, mva, &t, TRAFFIC_GUEST);
}

static bool counts_hit(struct machine *m, bool write, gva_t mva, const struct xlat *x)
{
	hpa_t pa = hpa(x->pa | (mva.raw & (FRAME_BYTES - 1)));
	unsigned may = xlat_may(x, mva);

	return write ? may & MAY_STORE_HIT && cache_count_write_back(m->l1d, mva, pa)
		     : may & MAY_LOAD_HIT && cache_count_reads(m->l1d, mva, pa, 1);
}

const struct xlat *fast_data_xlat(struct lane *l, const struct trace_rec *r, gva_t mva)
{
	struct machine *m = l->m;
	bool unpriv = (r->flags & ACC_KIND_MASK) == ACC_UNPRIV;
	struct xlat_context *c = l->fast.now;
	const struct xlat *x;

	if (spans(m->data_span, r->va, 1u << (r->flags & ACC_SIZE_MASK)) || l->run_alias ||
	    (unpriv && m->ops->deprivileged) ||
	    (m->rotates && r->va & ((1u << (r->flags & ACC_SIZE_MASK)) - 1)))
		return NULL;
	if (unpriv)
		c = fast_context(l, true);
	x = fast_known(l, c, mva);
	return x && xlat_may(x, mva) & (r->kind == TRACE_STORE ? MAY_WRITE : MAY_READ) ? x : NULL;
}

/* full: the event of a valued store, else NULL. */
static void data(struct lane *l, const struct trace_rec *r, const struct guest_event *full)
{
	struct machine *m = l->m;
	bool unpriv = (r->flags & ACC_KIND_MASK) == ACC_UNPRIV, write = r->kind == TRACE_STORE;
	unsigned upto = r->arg + 1u < l->run_n ? r->arg + 1u : l->run_n;
	gva_t mva = fcse_mva(r->va, m->g.fcse);
	const struct xlat *x;

	if (l->run_next < upto)
		fast_fetch_to(l, upto);
	x = fast_is_told(m, full) ? NULL : fast_data_xlat(l, r, mva);
	if (!x) {
		struct guest_event e;

		if (!full)
			event_of_record(r, &e);
		engine_data_access(l, full ? full : &e);
		fast_resume(l);
		return;
	}
	set_context(m, unpriv ? CAUSE_UNPRIV : write ? CAUSE_STORE : CAUSE_LOAD);
	charge(m, write ? EV_REF_STORE : EV_REF_LOAD, 1);
	m->tally.accesses++;
	tlb_count_hits(m->tlb, x->index, mva, 1);
	if (counts_hit(m, write, mva, x))
		wbuf_ticks(&m->wb, 1);
	else
		fast_memory(m, r, mva, x);
	if (full)
		guest_apply_store(&m->g, full);
}

/* --- imported streams ------------------------------------------------------------------ */

/* One that hits, of one page; false, and nothing has happened but a measurement that was due. */
static bool imported_fetch(struct lane *l, const struct trace_rec *r)
{
	struct machine *m = l->m;
	enum origin o = guest_is_user(&m->g) ? ORIGIN_USER : ORIGIN_KERNEL;
	gva_t mva = gva(r->va);
	const struct xlat *x = fast_translate(l, l->fast.now, mva);

	if (l->insns >= l->next_slice)
		engine_measure(l);
	if (!x || !(xlat_may(x, mva) & MAY_FETCH_HIT) ||
	    spans(m->fetch_span, r->va, r->arg) ||
	    !cache_count_reads(m->l1i, mva, hpa(x->pa | (mva.raw & (FRAME_BYTES - 1))), 1))
		return false;
	tlb_count_hits(m->tlb, x->index, mva, 1);
	wbuf_ticks(&m->wb, 1);
	m->tally.accesses++;
	m->ledger.n[EV_REF_FETCH][o][CAUSE_FETCH]++;
	m->ledger.n[EV_EXEC][o][CAUSE_FETCH]++;
	m->cycles += (cycles128_t)m->unit[EV_EXEC] + m->unit[EV_REF_FETCH];
	l->insns++;
	return true;
}

static void imported_datum(struct lane *l, const struct trace_rec *r)
{
	engine_measure_datum(l);
	data(l, r, NULL);
	l->insns += l->plan.by_references;
}

/* --- events --------------------------------------------------------------------------- */

void fast_begin_run(struct lane *l, const struct trace_rec *r)
{
	struct machine *m = l->m;

	if (l->insns >= l->next_slice)
		engine_measure(l);
	if (m->ops->deprivileged && (r->va >= GUEST_VECTORS_VA || m->g.fcse)) {
		struct guest_event e;

		event_of_record(r, &e);
		engine_begin_run(l, &e);
		fast_resume(l);
		return;
	}
	l->run_alias = l->entering = false;
	l->run_va = r->va;
	l->run_bytes = r->a;
	l->run_n = r->arg;
	l->run_next = 0;
	l->run_flags = r->flags;
}

static void other(struct lane *l, const struct trace_rec *r, const struct guest_event *full)
{
	struct guest_event e;

	fast_fetch_to(l, l->run_n);
	if (r->kind == TRACE_RUN) {
		fast_begin_run(l, r);
		return;
	}
	if (!full)
		event_of_record(r, &e);
	engine_event(l, full ? full : &e);
	fast_resume(l);
}

static void each_record(struct lane *l, const struct event_batch *b)
{
	const struct guest_event *full = b->full;

	for (size_t i = 0; i < b->n; i++) {
		const struct trace_rec *r = &b->rec[i];
		const struct guest_event *e = event_is_full(r) ? full++ : NULL;

		l->record = b->first + i;
		if (l->run_n && (r->kind == TRACE_LOAD || r->kind == TRACE_STORE))
			data(l, r, e);
		else
			other(l, r, e);
	}
}

/* The tracker lets nothing else through (models/guest/tracker.c). */
static void each_import(struct lane *l, const struct event_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct trace_rec *r = &b->rec[i];

		l->record = b->first + i;
		if (r->kind <= TRACE_STORE && r->kind != TRACE_RUN)
			imported_datum(l, r);
		else if (r->kind != TRACE_FETCH || !imported_fetch(l, r))
			other(l, r, NULL);
	}
}

/* One TLB that every access asks, first and alone. */
bool engine_fast_knows(const struct machine *m)
{
	return !host_tlb_is_split(m) && !m->utlb;
}

/* Which of the two a lane takes never changes: SCTLR.RR chooses among plain policies. Both sides
 * share L2, so with one all misses keep their order. */
void engine_fast_batch(struct lane *l, const struct event_batch *b)
{
	const struct machine *m = l->m;

	fast_resume(l);
	if (m->g.identity)
		each_import(l, b);
	else if (tlb_is_plain(m->tlb) && cache_is_plain(m->l1i) && cache_is_plain(m->l1d) && !m->outer.l2)
		engine_plain_batch(l, b);
	else
		each_record(l, b);
}
