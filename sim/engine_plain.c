/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine `fast` where hits leave no trace: VIVT caches and a TLB under fifo or random. Such hits
 * commute with each other, so they need no order among themselves, only to be counted.
 *
 *  1. Fetches of a run are counted when it begins, as far as its page and lines are there. Only a
 *     change of TLB, registers or instruction cache can make them miss later, and those come
 *     about in a datum that leaves this file: then the fetches behind it are taken back, and
 *     asked again. A line that is not there is filled when its turn has come: no datum of an
 *     earlier instruction is outstanding.
 *  2. What hit the TLB is counted in struct fast and booked by settle() before anyone looks: at a
 *     change of the guest's mode, at the measurements, at any record but runs, loads and stores.
 *  3. The write buffer hears of accesses that went by (`ticks`) before anything else happens to
 *     it, never of fetches behind the datum at hand.
 *  4. The two caches and the write buffer share nothing, so their events need no order across.
 */
#include "models/cache/cache_hot.h"
#include "sim/engine.h"
#include "sim/fast_xlat.h"

enum { LOAD, STORE, UNPRIV = 2 };       /* index of fast.refs and fast.other */

/* Fetches that are counted but lie behind instruction upto - 1. */
static unsigned ahead_of(const struct lane *l, unsigned upto)
{
	return l->fast.counted > upto ? l->fast.counted - upto : 0;
}

/* The write buffer is told of all accesses but the `ahead` youngest. */
static void tell_buffer(struct lane *l, unsigned ahead)
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
	tell_buffer(l, 0);
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
	x = fast_translate(l, f->now, mva);
	if (x && !(xlat_may(x, mva) & 0xff))
		x = fast_refill(l, (struct xlat *)x, mva, f->now->user);
	if (!x || !(xlat_may(x, mva) & MAY_FETCH_HIT))
		return;
	while (f->counted < l->run_n) {
		mva = fcse_mva(engine_insn_va(l, f->counted), m->g.fcse);
		if (cache_find_vivt(m->l1i, mva) < 0) {
			if (f->counted >= limit)
				return;
			set_context(m, CAUSE_FETCH);
			(void)cache_read(m->l1i, mva, hpa(x->pa | (mva.raw & (FRAME_BYTES - 1))));
			charge(m, EV_IFILL, 1);
			f->line_misses++;
		}
		count(l, insns_in_line(l, f->counted, m->l1i->line_bytes));
	}
}

/* Fetches up to instruction limit - 1 by whatever means, and counts more if they hit. */
static void fetch_to(struct lane *l, unsigned limit)
{
	for (;;) {
		fetch_ahead(l, limit);
		if (l->fast.counted >= limit)
			return;
		tell_buffer(l, 0);
		l->run_next = l->fast.counted;
		engine_fetch_next(l);
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
	tell_buffer(l, 0);              /* a jump into the vectors page traps */
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
	tell_buffer(l, ahead_of(l, fetched_with(l, r)));
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
	x = fast_data_xlat(l, r, mva);
	if (x) {
		memory(l, r, mva, x);
		if (full)
			guest_apply_store(&l->m->g, full);
		return;
	}
	if (!full)
		event_of_record(r, &e);
	take_back(l, upto);
	tell_buffer(l, 0);
	engine_data_access(l, full ? full : &e);
	fast_resume(l);
	fetch_ahead(l, upto);
}

/* An ordinary load or store that hits the TLB; false, and nothing has happened: odd_data(). */
HOT bool data_hits(struct lane *l, const struct trace_rec *r)
{
	struct cache *c = l->m->l1d;
	unsigned store = r->kind == TRACE_STORE, may;
	gva_t mva = fcse_mva(r->va, l->m->g.fcse);
	const struct xlat *x = &l->fast.now->x[mva.raw >> FRAME_LOG2 & (XLATS - 1)];
	uint8_t *dirty, halves;
	int way;

	if (x->key != xlat_key(&l->fast, mva.raw) || x->seq != l->m->tlb->seq[x->index])
		return false;
	may = xlat_may(x, mva) >> store;
	if (!(may & MAY_LOAD_HIT) || (way = cache_find_vivt(c, mva)) < 0) {
		if (!(may & MAY_READ))
			return false;
		memory(l, r, mva, x);
		return true;
	}
	/* without a branch: whether it is a store is hard to foretell */
	dirty = &c->line[((mva.raw >> c->line_log2 & (c->sets - 1)) << c->ways_log2) +
			 (unsigned)way].dirty;
	halves = *dirty | (uint8_t)((mva.raw & c->line_bytes / 2 ? CACHE_DIRTY_HI : CACHE_DIRTY_LO) &
				    (0u - store));
	c->dirty_lines += !*dirty & !!halves;
	*dirty = halves;
	l->fast.refs[store]++;
	l->fast.ticks++;
	return true;
}

/* --- events --------------------------------------------------------------------------- */

static void other(struct lane *l, const struct trace_rec *r, const struct guest_event *full)
{
	struct guest_event e;

	end_run(l);
	if (r->kind == TRACE_WITNESS || r->kind == TRACE_CODE || r->kind == TRACE_MARK)
		return;                 /* nothing for a lane */
	settle(l);
	if (!full)
		event_of_record(r, &e);
	engine_event(l, full ? full : &e);
	fast_resume(l);
}

/* A run that hits, of a guest whose fetches take no detour; false, and nothing has happened. */
HOT bool run_hits(struct lane *l, const struct trace_rec *r, bool deprivileged)
{
	struct cache *c = l->m->l1i;
	gva_t mva = fcse_mva(r->va, l->m->g.fcse);
	const struct xlat *x = &l->fast.now->x[mva.raw >> FRAME_LOG2 & (XLATS - 1)];
	uint32_t last = mva.raw + r->a - (r->flags & RUN_THUMB ? 2 : 4);

	if (l->fast.counted != l->run_n || l->insns >= l->next_slice)
		return false;
	if (deprivileged && (r->va >= GUEST_VECTORS_VA || l->m->g.fcse))
		return false;
	if (x->key != xlat_key(&l->fast, mva.raw) || x->seq != l->m->tlb->seq[x->index] ||
	    !(xlat_may(x, mva) & MAY_FETCH_HIT))
		return false;
	for (uint32_t line = mva.raw >> c->line_log2; line <= last >> c->line_log2; line++)
		if (cache_find_vivt(c, gva(line << c->line_log2)) < 0)
			return false;
	l->run_alias = l->entering = false;
	l->run_va = r->va;
	l->run_bytes = r->a;
	l->run_n = r->arg;
	l->run_next = l->fast.counted = 0;
	l->run_flags = r->flags;
	count(l, r->arg);
	return true;
}

HOT void each_record(struct lane *l, const struct event_batch *b, bool deprivileged)
{
	enum { ODD = ACC_SPLIT | ACC_VALUED };
	const struct guest_event *full = b->full;

	for (const struct trace_rec *r = b->rec, *end = r + b->n; r < end; r++) {
		if (r->kind == TRACE_RUN) {
			if (run_hits(l, r, deprivileged))
				continue;
			l->record = b->first + (uint64_t)(r - b->rec);
			end_run(l);
			begin_run(l, r, r + 1 < end ? r + 1 : NULL);
		} else if (r->kind <= TRACE_STORE) {
			if (r->arg < l->fast.counted && !(r->flags & ODD) &&
			    (r->flags & ACC_KIND_MASK) != ACC_UNPRIV && data_hits(l, r))
				continue;
			l->record = b->first + (uint64_t)(r - b->rec);
			if (l->run_n)
				odd_data(l, r, event_is_full(r) ? full++ : NULL);
			else
				other(l, r, event_is_full(r) ? full++ : NULL);
		} else {
			l->record = b->first + (uint64_t)(r - b->rec);
			other(l, r, event_is_full(r) ? full++ : NULL);
		}
	}
	l->record = b->first + b->n - 1;
}

void engine_plain_batch(struct lane *l, const struct event_batch *b)
{
	if (l->m->ops->deprivileged)
		each_record(l, b, true);
	else
		each_record(l, b, false);
}
