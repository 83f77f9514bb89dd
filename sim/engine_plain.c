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
 *     change of the guest's mode, at the measurements, at the end of the trace.
 *  3. The write buffer hears of accesses that went by (`ticks`) before anything else happens to
 *     it, never of fetches behind the datum at hand.
 *  4. The two caches and the write buffer share nothing, so their events need no order across.
 */
#include <assert.h>

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
	struct cache_outcome done;

	set_context(m, CAUSE_FETCH);
	done = cache_read(m->l1i, mva, hpa(x->pa | (mva.raw & (FRAME_BYTES - 1))));
	assert(done.filled);            /* the rest of the line hits: nothing is locked down */
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
			fill_line(l, mva, x);
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
		tell_buffer(l, 0);
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
	/* another mode, the end, or a fetch, at which measuring may begin */
	if (r->kind == TRACE_EXC || r->kind == TRACE_MODE || r->kind == TRACE_HASH ||
	    r->kind == TRACE_FETCH)
		settle(l);
	tell_buffer(l, 0);
	if (!full)
		event_of_record(r, &e);
	engine_event(l, full ? full : &e);
	fast_resume(l);
}

/* --- the hot loop --------------------------------------------------------------------- */

/*
 * What the loop needs of lane and machine, in locals: nothing it stores to can change them, and
 * the compiler knows, as long as no address of a view gets out. Whoever else is called comes
 * between leave() and enter().
 */
struct view {
	const struct xlat *x;
	const uint32_t *seq;
	const uint64_t *itag, *dtag;
	uint16_t *ihint, *dhint;
	struct cache_slot *dline;
	uint32_t imask, dmask, half;            /* sets - 1; the upper half of a line */
	unsigned iline_log2, dline_log2, iways_log2, dways_log2;
	const struct trace_rec *run;            /* begun by the loop; NULL: what the lane says */
	unsigned run_n, counted;
	uint64_t fetches, unretired, loads, stores, limit;
};

/* Shapes known to the compiler; 0: as the cache says. */
struct shape { unsigned line_log2, ways_log2; };

HOT void enter(struct view *v, struct lane *l, struct shape s)
{
	const struct machine *m = l->m;

	v->x = l->fast.now->x;
	v->seq = m->tlb->seq;
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
	v->run_n = l->run_n;
	v->counted = l->fast.counted;
	v->fetches = v->unretired = v->loads = v->stores = 0;
	/* instructions that may retire before someone wants to measure; FCSE under a monitor: none */
	v->limit = l->next_slice > l->insns && !(m->ops->deprivileged && m->g.fcse)
		? l->next_slice - l->insns : 0;
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
	f->refs[LOAD] += v->loads;
	f->refs[STORE] += v->stores;
	f->ticks += v->fetches + v->loads + v->stores;
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

HOT const struct xlat *slot_of(const struct view *v, uint32_t mva)
{
	return &v->x[mva >> FRAME_LOG2 & (XLATS - 1)];
}

/* Its TLB entry stands. */
HOT bool stands(const struct view *v, const struct xlat *x)
{
	return __builtin_expect(x->seq == v->seq[x->index], 1);
}

/* An ordinary datum that hits the TLB and is allowed. */
static bool stays(const struct lane *l, struct hot_rec h)
{
	const struct xlat *x = &l->fast.now->x[h.mva >> FRAME_LOG2 & (XLATS - 1)];

	return h.cls <= HOT_STORE && x->key == xlat_key(h.mva) &&
	       x->seq == l->m->tlb->seq[x->index] &&
	       xlat_may(x, gva(h.mva)) & (h.cls == HOT_STORE ? MAY_WRITE : MAY_READ);
}

/* How many instructions of run i are fetched before the first datum behind it that may leave the
 * loop, and so may change what is there to be fetched. Records not at hand: such a datum. */
static __attribute__((noinline)) unsigned before_trouble(const struct lane *l,
							 const struct event_batch *b, size_t i)
{
	unsigned n = b->hot[i].arg;

	for (i++; i < b->n; i++) {
		enum hot_class c = (enum hot_class)b->hot[i].cls;

		if (c == HOT_RUN || c == HOT_RUN_ODD || c == HOT_NOTHING || c == HOT_SENS)
			return n;
		if (!stays(l, b->hot[i]))
			return b->hot[i].arg + 1u < n ? b->hot[i].arg + 1u : n;
	}
	return 1;
}

/* The TLB is asked again, and about this granule. */
static __attribute__((noinline)) bool refetched(struct lane *l, uint32_t mva)
{
	const struct xlat *x = fast_known(l, l->fast.now, gva(mva));

	return x && xlat_may(x, gva(mva)) & MAY_FETCH_HIT &&
	       !(l->m->ops->deprivileged && mva >= GUEST_VECTORS_VA);
}

/*
 * A run of a guest whose fetches take no detour, as far as fetch_ahead() would come; false, and
 * nothing has happened. bytes: from its first instruction to behind its last.
 */
HOT bool run(struct view *v, struct lane *l, const struct event_batch *b, size_t i, uint32_t bytes)
{
	uint32_t mva = b->hot[i].mva, last = mva + bytes - 1;
	const struct xlat *x = slot_of(v, mva);
	unsigned n = b->hot[i].arg;

	if (v->fetches - v->unretired >= v->limit)
		return false;
	if (__builtin_expect(x->fetch != xlat_key(mva) || !stands(v, x), 0) && !refetched(l, mva))
		return false;
	for (uint32_t line = mva >> v->iline_log2; line <= last >> v->iline_log2; line++) {
		uint32_t at = line << v->iline_log2;

		if (__builtin_expect(find_line(v->itag, v->ihint, line, v->imask,
					       v->iways_log2) >= 0, 1))
			continue;
		at = at < mva ? mva : at;
		if (b->rec[i].flags & RUN_THUMB) {
			if (at != mva)  /* which instruction begins there? */
				return false;
		} else if ((at - mva) / 4 >= before_trouble(l, b, i)) {
			n = (at - mva) / 4;
			break;
		}
		fill_line(l, gva(at), x);
	}
	v->run = &b->rec[i];
	v->run_n = b->hot[i].arg;
	v->counted = n;
	v->fetches += n;
	return true;
}

HOT bool run_odd(struct view *v, struct lane *l, const struct event_batch *b, size_t i)
{
	const struct trace_rec *r = &b->rec[i];

	if (!run(v, l, b, i, r->a - (r->flags & RUN_THUMB ? 1 : 0)))
		return false;
	v->unretired += v->counted == v->run_n && r->flags & RUN_NO_RETIRE;
	return true;
}

/* An ordinary datum that may not hit the cache, or is not remembered; false: it is not in the TLB
 * or not allowed, and nothing has happened. here: what the loop has counted. */
static __attribute__((noinline)) bool miss(struct lane *l, const struct trace_rec *r,
					   struct hot_rec h, uint64_t here, unsigned ahead)
{
	struct cache *c = l->m->l1d;
	struct fast *f = &l->fast;
	unsigned write = r->kind == TRACE_STORE, may;
	gva_t mva = gva(h.mva);
	const struct xlat *x = fast_known(l, f->now, mva);

	may = x ? xlat_may(x, mva) >> write : 0;
	if (may & MAY_LOAD_HIT && cache_find_vivt(c, mva) >= 0) {
		if (write)
			cache_set_dirty(c, mva.raw >> c->line_log2 & (c->sets - 1), mva);
		f->refs[write]++;
		f->ticks++;
		return true;
	}
	if (!(may & MAY_READ))
		return false;
	f->other[write]++;
	f->ticks += here;
	tell_buffer(l, ahead);
	f->ticks -= here;
	set_context(l->m, write ? CAUSE_STORE : CAUSE_LOAD);
	fast_memory(l->m, r, mva, x);
	return true;
}

/* An ordinary load that hits the TLB; false, and nothing has happened. */
HOT bool load(struct view *v, struct lane *l, const struct trace_rec *r, struct hot_rec h)
{
	const struct xlat *x = slot_of(v, h.mva);

	if (__builtin_expect(x->load == xlat_key(h.mva) && stands(v, x), 1) &&
	    find_line(v->dtag, v->dhint, h.mva >> v->dline_log2, v->dmask, v->dways_log2) >= 0) {
		v->loads++;
		return true;
	}
	return miss(l, r, h, v->fetches + v->loads + v->stores, v->counted - (h.arg + 1u));
}

HOT bool store(struct view *v, struct lane *l, const struct trace_rec *r, struct hot_rec h)
{
	const struct xlat *x = slot_of(v, h.mva);
	int slot = -1;
	uint8_t *dirty;

	if (__builtin_expect(x->store == xlat_key(h.mva) && stands(v, x), 1))
		slot = find_line(v->dtag, v->dhint, h.mva >> v->dline_log2, v->dmask,
				 v->dways_log2);
	if (slot < 0)
		return miss(l, r, h, v->fetches + v->loads + v->stores,
			    v->counted - (h.arg + 1u));
	dirty = &v->dline[slot].dirty;
	if (!*dirty)
		l->m->l1d->dirty_lines++;
	*dirty |= h.mva & v->half ? CACHE_DIRTY_HI : CACHE_DIRTY_LO;
	v->stores++;
	return true;
}

/* A record that the loop could not do. */
static __attribute__((noinline)) void hard(struct lane *l, const struct event_batch *b, size_t i,
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

/*
 * Records from i on by the reference engine alone, until the MMU is on: no translations, nothing
 * to remember. Returns the first one left.
 */
static __attribute__((noinline)) size_t by_reference(struct lane *l, const struct event_batch *b,
						     size_t i, const struct guest_event **full)
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

/* true: done; a valued store's event is not used up. */
HOT bool simple(struct view *v, struct lane *l, const struct event_batch *b, size_t i,
		bool deprivileged)
{
	struct hot_rec h = b->hot[i];
	bool done = v->counted == v->run_n;

	if (h.cls == HOT_LOAD)
		return h.arg < v->counted && load(v, l, &b->rec[i], h);
	if (h.cls == HOT_RUN)
		return done && run(v, l, b, i, 4u * h.arg);
	if (h.cls == HOT_STORE || h.cls == HOT_VALUED)
		return h.arg < v->counted && store(v, l, &b->rec[i], h);
	if (h.cls == HOT_RUN_ODD)
		return done && run_odd(v, l, b, i);
	return done && (h.cls == HOT_NOTHING || (h.cls == HOT_SENS && !deprivileged));
}

HOT void each_record(struct lane *l, const struct event_batch *b, bool deprivileged, struct shape s)
{
	const struct guest_event *full = b->full;
	struct view v;

	enter(&v, l, s);
	for (size_t i = 0; i < b->n; i++) {
		if (simple(&v, l, b, i, deprivileged)) {
			if (b->hot[i].cls == HOT_VALUED)
				guest_apply_store(&l->m->g, full++);
			continue;
		}
		leave(&v, l);
		if (l->m->sctlr & SCTLR_M)
			hard(l, b, i, event_is_full(&b->rec[i]) ? full++ : NULL);
		else
			i = by_reference(l, b, i, &full) - 1;
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
