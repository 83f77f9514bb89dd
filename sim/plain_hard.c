/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What engine `fast` does out of its hot loop where hits leave no trace (engine_plain.c says the rules). */
#include <assert.h>

#include "models/cache/cache_hot.h"
#include "sim/engine.h"
#include "sim/plain.h"

/* Fetches that are counted but lie behind instruction upto - 1. */
static unsigned ahead_of(const struct lane *l, unsigned upto)
{
	return l->fast.counted > upto ? l->fast.counted - upto : 0;
}

void plain_tell_buffer(struct lane *l, unsigned ahead)
{
	struct wbuf *w = &l->m->wb;
	uint64_t n = l->fast.ticks - ahead;

	l->fast.ticks = ahead;
	if (w->used)
		wbuf_ticks(w, n < UINT32_MAX ? (uint32_t)n : UINT32_MAX);
}

/* Books what is counted; no fetches are counted ahead. */
static void settle(struct lane *l)
{
	struct machine *m = l->m;
	struct fast *f = &l->fast;
	enum origin o = guest_is_user(&m->g) ? ORIGIN_USER : ORIGIN_KERNEL;
	uint64_t all = f->fetches;

	for (unsigned i = 0; i < 4; i++) {
		uint64_t n = f->refs[i] + f->other[i];

		all += n;
		m->ledger.n[i & STORE ? EV_REF_STORE : EV_REF_LOAD][o]
			   [i & UNPRIV ? CAUSE_UNPRIV : i & STORE ? CAUSE_STORE : CAUSE_LOAD] += n;
		m->l1d->n.hits += f->refs[i];
		*(i & STORE ? &m->l1d->n.writes : &m->l1d->n.reads) += f->refs[i];
		f->refs[i] = f->other[i] = 0;
	}
	m->tally.accesses += all;
	m->tlb->n.lookups += all;
	m->tlb->n.hits += all;
	m->l1i->n.reads += f->fetches - f->line_misses;
	m->l1i->n.hits += f->fetches - f->line_misses;
	m->ledger.n[EV_REF_FETCH][o][CAUSE_FETCH] += f->fetches;
	m->ledger.n[EV_EXEC][o][CAUSE_FETCH] += f->retired;
	m->cycles += (cycles128_t)m->unit[EV_EXEC] * f->retired;        /* references cost nothing */
	f->fetches = f->line_misses = f->retired = 0;
	plain_tell_buffer(l, 0);
}

/* --- fetches -------------------------------------------------------------------------- */

/* Counts n fetches from instruction fast.counted on. */
HOT void count(struct lane *l, unsigned n)
{
	struct fast *f = &l->fast;
	unsigned retired;

	f->counted += n;
	retired = n - (f->counted == l->run_n && l->run_flags & RUN_NO_RETIRE);
	f->fetches += n;
	f->ticks += n;
	f->retired += retired;
	l->insns += retired;
}

/* Fetches behind instruction upto - 1 are not counted any more. */
static void take_back(struct lane *l, unsigned upto)
{
	unsigned n = ahead_of(l, upto);
	struct fast *f = &l->fast;

	if (n) {
		unsigned retired = n - (f->counted == l->run_n && l->run_flags & RUN_NO_RETIRE);

		f->fetches -= n;
		f->ticks -= n;
		f->retired -= retired;
		l->insns -= retired;
		f->counted = upto;
	}
	l->run_next = f->counted;
}

/* Instructions of the run from i on that begin in the line of i. */
static unsigned insns_in_line(const struct lane *l, unsigned i, unsigned line_bytes)
{
	uint32_t line = engine_insn_va(l, i) / line_bytes;
	unsigned n = 1;

	while (i + n < l->run_n && engine_insn_va(l, i + n) / line_bytes == line)
		n++;
	return n;
}

void plain_fill_line(struct lane *l, gva_t mva, const struct xlat *x)
{
	struct machine *m = l->m;
	struct cache_outcome done;

	set_context(m, CAUSE_FETCH);
	done = cache_read(m->l1i, mva, hpa(x->pa | (mva.raw & (FRAME_BYTES - 1))));
	/* The rest of the line hits. A cache with all ways locked takes no lines; fast_xlat.c allows no
	 * fetch hit then, and each lock operation voids what is remembered. */
	assert(done.filled);
	charge(m, EV_IFILL, 1);
	l->fast.line_misses++;
}

/*
 * Counts fetches as far as the lines are there, and fills those that are not before instruction
 * `limit`. What is not in the TLB, or not cached, is the reference engine's.
 */
static void fetch_ahead(struct lane *l, unsigned limit)
{
	struct machine *m = l->m;
	struct fast *f = &l->fast;
	gva_t mva;
	const struct xlat *x;

	if (l->run_alias || f->counted == l->run_n)
		return;
	mva = fcse_mva(engine_insn_va(l, f->counted), m->g.fcse);
	x = fast_known(l, f->now, mva);
	if (!x || !(xlat_may(x, mva) & MAY_FETCH_HIT))
		return;
	while (f->counted < l->run_n) {
		mva = fcse_mva(engine_insn_va(l, f->counted), m->g.fcse);
		if (cache_find_vivt(m->l1i, mva) < 0) {
			if (f->counted >= limit)
				return;
			plain_fill_line(l, mva, x);
		}
		count(l, insns_in_line(l, f->counted, m->l1i->line_bytes));
	}
}

/* Fetches up to instruction limit - 1 by whatever means, and counts more if they hit. */
static void fetch_to(struct lane *l, unsigned limit)
{
	for (unsigned again = 0;; again++) {
		fetch_ahead(l, limit);
		if (l->fast.counted >= limit)
			return;
		plain_tell_buffer(l, 0);
		l->run_next = l->fast.counted;
		do {                    /* the first brings the page; else it is not cached */
			engine_fetch_next(l);
		} while (again && l->run_next < limit);
		fast_resume(l);
		l->fast.counted = l->run_next;
	}
}

/* Behind the last instruction of the run. */
static void end_run(struct lane *l)
{
	if (l->fast.counted < l->run_n)
		fetch_to(l, l->run_n);
	l->run_next = l->run_n;
}

/* next: the record behind, NULL if it is not at hand. */
static void begin_run(struct lane *l, const struct trace_rec *r, const struct trace_rec *next)
{
	bool data = next && (next->kind == TRACE_LOAD || next->kind == TRACE_STORE);

	if (l->insns >= l->next_slice)
		settle(l);
	plain_tell_buffer(l, 0);              /* a jump into the vectors page traps */
	fast_begin_run(l, r);
	l->fast.counted = 0;
	fetch_ahead(l, data ? next->arg + 1u : next ? l->run_n : 1);
}

/* --- data ----------------------------------------------------------------------------- */

static unsigned fetched_with(const struct lane *l, const struct trace_rec *r)
{
	return r->arg + 1u < l->run_n ? r->arg + 1u : l->run_n;
}

/* A datum that hits the TLB, with the right it needs. */
static void memory(struct lane *l, const struct trace_rec *r, gva_t mva, const struct xlat *x)
{
	struct machine *m = l->m;
	bool unpriv = (r->flags & ACC_KIND_MASK) == ACC_UNPRIV, write = r->kind == TRACE_STORE;

	l->fast.other[write | unpriv << 1]++;
	set_context(m, unpriv ? CAUSE_UNPRIV : write ? CAUSE_STORE : CAUSE_LOAD);
	plain_tell_buffer(l, ahead_of(l, fetched_with(l, r)));
	fast_memory(m, r, mva, x);
}

/* Any datum; the obvious way where it is not simple. */
static void odd_data(struct lane *l, const struct trace_rec *r, const struct guest_event *full)
{
	unsigned upto = fetched_with(l, r);
	gva_t mva = fcse_mva(r->va, l->m->g.fcse);
	const struct xlat *x;
	struct guest_event e;

	fetch_to(l, upto);
	x = fast_is_told(l->m, full) ? NULL : fast_data_xlat(l, r, mva);
	if (x) {
		memory(l, r, mva, x);
		if (full)
			guest_apply_store(&l->m->g, full);
		return;
	}
	if (!full)
		event_of_record(r, &e);
	take_back(l, upto);
	plain_tell_buffer(l, 0);
	engine_data_access(l, full ? full : &e);
	fast_resume(l);
	fetch_ahead(l, upto);
}

/* --- events --------------------------------------------------------------------------- */

/* Says nothing to a lane, but for the end of the run. */
static inline bool is_nothing(const struct trace_rec *r)
{
	return r->kind == TRACE_WITNESS || r->kind == TRACE_CODE || r->kind == TRACE_MARK;
}

static void other(struct lane *l, const struct trace_rec *r, const struct guest_event *full)
{
	struct guest_event e;

	end_run(l);
	if (is_nothing(r))
		return;
	/* another mode, the end, or a fetch, at which measuring may begin */
	if (r->kind == TRACE_EXC || r->kind == TRACE_MODE || r->kind == TRACE_HASH ||
	    r->kind == TRACE_FETCH)
		settle(l);
	plain_tell_buffer(l, 0);
	if (!full)
		event_of_record(r, &e);
	engine_event(l, full ? full : &e);
	fast_resume(l);
}

/* --- what the loop leaves ------------------------------------------------------------------ */

void plain_hard(struct lane *l, const struct event_batch *b, size_t i,
		const struct guest_event *full)
{
	const struct trace_rec *r = &b->rec[i];

	l->record = b->first + i;
	if (r->kind == TRACE_RUN) {
		end_run(l);
		begin_run(l, r, i + 1 < b->n ? r + 1 : NULL);
	} else if (r->kind <= TRACE_STORE && l->run_n) {
		odd_data(l, r, full);
	} else {
		other(l, r, full);
	}
}

size_t plain_by_reference(struct lane *l, const struct event_batch *b, size_t i,
			  const struct guest_event **full)
{
	l->run_next = l->fast.counted;  /* nothing is counted ahead without translations */
	settle(l);
	for (; i < b->n && !(l->m->sctlr & SCTLR_M); i++) {
		struct guest_event e;
		bool is_full = event_is_full(&b->rec[i]);

		l->record = b->first + i;
		if (!is_full)
			event_of_record(&b->rec[i], &e);
		engine_event(l, is_full ? (*full)++ : &e);
	}
	l->fast.counted = l->run_next;
	fast_resume(l);
	return i;
}
