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

/* The fetch at mva misses; whoever calls counts it. */
static __attribute__((noinline)) void fill_line(struct lane *l, gva_t mva, const struct xlat *x)
{
	struct machine *m = l->m;

	set_context(m, CAUSE_FETCH);
	(void)cache_read(m->l1i, mva, hpa(x->pa | (mva.raw & (FRAME_BYTES - 1))));
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
			fill_line(l, mva, x);
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
	settle(l);
	if (!full)
		event_of_record(r, &e);
	engine_event(l, full ? full : &e);
	fast_resume(l);
}

/* --- the hot loop --------------------------------------------------------------------- */

/*
 * What the loop needs of lane and machine, in locals: nothing it stores to can change them, and
 * the compiler knows. Whoever else is called comes between leave() and enter().
 */
struct view {
	const struct xlat *x;
	const uint32_t *seq;
	uint64_t epoch;
	uint32_t fcse;
	const uint64_t *itag, *dtag;
	uint16_t *ihint, *dhint;
	struct cache_slot *dline;
	uint32_t imask, dmask, half;            /* sets - 1; the upper half of a line */
	unsigned iline_log2, dline_log2, iways_log2, dways_log2;
	const struct trace_rec *run;            /* begun by the loop; NULL: what the lane says */
	unsigned counted;
	uint64_t fetches, unretired, refs[2], dirtied, limit;
};

/* Shapes known to the compiler; 0: as the cache says. */
struct shape { unsigned line_log2, ways_log2; };

HOT void enter(struct view *v, struct lane *l, struct shape s)
{
	const struct machine *m = l->m;

	v->x = l->fast.now->x;
	v->seq = m->tlb->seq;
	v->epoch = l->fast.epoch << 20;
	v->fcse = m->g.fcse;
	v->itag = m->l1i->tag;
	v->ihint = m->l1i->hint;
	v->imask = m->l1i->sets - 1;
	v->dtag = m->l1d->tag;
	v->dhint = m->l1d->hint;
	v->dline = m->l1d->line;
	v->dmask = m->l1d->sets - 1;
	v->half = m->l1d->line_bytes / 2;
	v->iline_log2 = s.line_log2 ? s.line_log2 : m->l1i->line_log2;
	v->dline_log2 = s.line_log2 ? s.line_log2 : m->l1d->line_log2;
	v->iways_log2 = s.line_log2 ? s.ways_log2 : m->l1i->ways_log2;
	v->dways_log2 = s.line_log2 ? s.ways_log2 : m->l1d->ways_log2;
	v->run = NULL;
	v->counted = l->fast.counted;
	v->fetches = v->unretired = v->refs[LOAD] = v->refs[STORE] = v->dirtied = 0;
	v->limit = l->next_slice > l->insns ? l->next_slice - l->insns : 0;
}

HOT void leave(const struct view *v, struct lane *l)
{
	struct fast *f = &l->fast;

	if (v->run) {
		l->run_alias = l->entering = false;
		l->run_va = v->run->va;
		l->run_bytes = v->run->a;
		l->run_n = v->run->arg;
		l->run_next = 0;
		l->run_flags = v->run->flags;
		f->counted = v->counted;
	}
	f->fetches += v->fetches;
	f->retired += v->fetches - v->unretired;
	l->insns += v->fetches - v->unretired;
	f->refs[LOAD] += v->refs[LOAD];
	f->refs[STORE] += v->refs[STORE];
	f->ticks += v->fetches + v->refs[LOAD] + v->refs[STORE];
	l->m->l1d->dirty_lines += (uint32_t)v->dirtied;
}

/* Slot of a line, or -1. */
HOT int find_line(const uint64_t *tag, uint16_t *hint, uint32_t line, uint32_t mask,
		  unsigned ways_log2)
{
	uint32_t set = line & mask, first = set << ways_log2;
	uint64_t want = (uint64_t)line << 1 | 1;

	if (__builtin_expect(tag[first + hint[set]] == want, 1))
		return (int)(first + hint[set]);
	for (uint32_t w = 0; w < UINT32_C(1) << ways_log2; w++) {
		if (tag[first + w] != want)
			continue;
		hint[set] = (uint16_t)w;
		return (int)(first + w);
	}
	return -1;
}

/* NULL: not remembered. */
HOT const struct xlat *recall(const struct view *v, uint32_t mva)
{
	const struct xlat *x = &v->x[mva >> FRAME_LOG2 & (XLATS - 1)];

	if (__builtin_expect(x->key != (v->epoch | mva >> FRAME_LOG2) ||
			     x->seq != v->seq[x->index], 0))
		return NULL;
	return x;
}

/* How many instructions of run r are fetched before the first datum behind it; 1 when the next
 * record is not at hand. */
static unsigned before_data(const struct trace_rec *r, const struct trace_rec *end)
{
	if (r + 1 == end)
		return 1;
	return r[1].kind == TRACE_LOAD || r[1].kind == TRACE_STORE ? r[1].arg + 1u : r->arg;
}

/*
 * A run of a guest whose fetches take no detour, as far as fetch_ahead() would come; false, and
 * nothing has happened.
 */
HOT bool run(struct view *v, struct lane *l, const struct trace_rec *r,
	     const struct trace_rec *end, bool deprivileged)
{
	uint32_t mva = fcse_mva(r->va, v->fcse).raw;
	uint32_t last = mva + r->a - (r->flags & RUN_THUMB ? 2 : 4);
	const struct xlat *x = recall(v, mva);
	unsigned n = r->arg;

	if (deprivileged && (r->va >= GUEST_VECTORS_VA || v->fcse))
		return false;
	if (v->fetches - v->unretired >= v->limit || !x || !(xlat_may(x, gva(mva)) & MAY_FETCH_HIT))
		return false;
	for (uint32_t line = mva >> v->iline_log2; line <= last >> v->iline_log2; line++) {
		uint32_t at = line << v->iline_log2;

		if (find_line(v->itag, v->ihint, line, v->imask, v->iways_log2) >= 0)
			continue;
		at = at < mva ? mva : at;
		if (r->flags & RUN_THUMB) {
			if (at != mva)  /* which instruction begins there? */
				return false;
		} else if ((at - mva) / 4 >= before_data(r, end)) {
			n = (at - mva) / 4;
			break;
		}
		fill_line(l, gva(at), x);
	}
	v->run = r;
	v->counted = n;
	v->fetches += n;
	v->unretired += n == r->arg && r->flags & RUN_NO_RETIRE;
	return true;
}

/* A datum that hits the TLB but not the cache, between two of the loop's. */
static __attribute__((noinline)) void miss(struct lane *l, const struct trace_rec *r, gva_t mva,
					   const struct xlat *x)
{
	set_context(l->m, r->kind == TRACE_STORE ? CAUSE_STORE : CAUSE_LOAD);
	fast_memory(l->m, r, mva, x);
}

/* An ordinary load or store that hits the TLB; false, and nothing has happened. */
HOT bool datum(struct view *v, struct lane *l, const struct trace_rec *r)
{
	uint32_t mva = fcse_mva(r->va, v->fcse).raw, store = r->kind == TRACE_STORE;
	const struct xlat *x = recall(v, mva);
	uint8_t *dirty, halves;
	int slot = -1;
	unsigned may;

	if (!x)
		return false;
	may = xlat_may(x, gva(mva)) >> store;
	if (may & MAY_LOAD_HIT)
		slot = find_line(v->dtag, v->dhint, mva >> v->dline_log2, v->dmask, v->dways_log2);
	if (__builtin_expect(slot < 0, 0)) {
		uint64_t here = v->fetches + v->refs[LOAD] + v->refs[STORE];

		if (!(may & MAY_READ))
			return false;
		l->fast.other[store]++;
		l->fast.ticks += here;
		tell_buffer(l, v->counted - (r->arg + 1u));
		l->fast.ticks -= here;
		miss(l, r, gva(mva), x);
		return true;
	}
	/* without a branch: whether it is a store is hard to foretell */
	dirty = &v->dline[slot].dirty;
	halves = *dirty | (uint8_t)((mva & v->half ? CACHE_DIRTY_HI : CACHE_DIRTY_LO) & (0u - store));
	v->dirtied += !*dirty & !!halves;
	*dirty = halves;
	v->refs[store]++;
	return true;
}

HOT bool is_ordinary(const struct trace_rec *r)
{
	enum { ODD = ACC_SPLIT | ACC_VALUED };

	return !(r->flags & ODD) && (r->flags & ACC_KIND_MASK) != ACC_UNPRIV;
}

/* Every fetch of the open run is counted. */
HOT bool is_done(const struct view *v, const struct lane *l)
{
	return v->counted == (v->run ? v->run->arg : l->run_n);
}

/* A record that the loop could not do. */
static void hard(struct lane *l, const struct trace_rec *r, const struct trace_rec *end,
		 const struct guest_event *full)
{
	if (r->kind == TRACE_RUN) {
		end_run(l);
		begin_run(l, r, r + 1 < end ? r + 1 : NULL);
	} else if (r->kind <= TRACE_STORE && l->run_n) {
		odd_data(l, r, full);
	} else {
		other(l, r, full);
	}
}

HOT void each_record(struct lane *l, const struct event_batch *b, bool deprivileged, struct shape s)
{
	const struct guest_event *full = b->full;
	struct view v;

	enter(&v, l, s);
	for (const struct trace_rec *r = b->rec, *end = r + b->n; r < end; r++) {
		if (r->kind == TRACE_RUN) {
			if (is_done(&v, l) && run(&v, l, r, end, deprivileged))
				continue;
		} else if (r->kind <= TRACE_STORE) {
			if (r->arg < v.counted && is_ordinary(r) && datum(&v, l, r))
				continue;
		} else if (is_nothing(r) && is_done(&v, l)) {
			continue;
		}
		leave(&v, l);
		l->record = b->first + (uint64_t)(r - b->rec);
		hard(l, r, end, event_is_full(r) ? full++ : NULL);
		enter(&v, l, s);
	}
	leave(&v, l);
	l->record = b->first + b->n - 1;
}

/* Shapes that most cores have, and any other. */
void engine_plain_batch(struct lane *l, const struct event_batch *b)
{
	const struct shape any = { 0, 0 }, four_by_32 = { 5, 2 };
	const struct cache *i = l->m->l1i, *d = l->m->l1d;
	bool common = i->line_log2 == 5 && d->line_log2 == 5 && i->ways == 4 && d->ways == 4;

	if (l->m->ops->deprivileged && common)
		each_record(l, b, true, four_by_32);
	else if (l->m->ops->deprivileged)
		each_record(l, b, true, any);
	else if (common)
		each_record(l, b, false, four_by_32);
	else
		each_record(l, b, false, any);
}
