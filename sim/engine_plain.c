/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine `fast` where hits leave no trace: VIVT caches and a TLB under fifo or random. Such hits
 * commute with each other, so they need no order among themselves, only to be counted.
 *
 *  1. Fetches of a run are counted when it begins, as far as its page and lines are there. Only a
 *     change of TLB, registers or instruction cache can make them miss later, and those come
 *     about in a datum that leaves the loop: then the fetches behind it are taken back, and
 *     asked again. A line that is not there is filled when its turn has come: no datum of an
 *     earlier instruction is outstanding.
 *  2. What hit the TLB is counted in struct fast and booked by settle() before anyone looks: at a
 *     change of the guest's mode, at the measurements, at the end of the trace.
 *  3. The write buffer hears of accesses that went by (`ticks`) before anything else happens to
 *     it, never of fetches behind the datum at hand.
 *  4. The two caches and the write buffer share nothing, so their events need no order across.
 */
#include "models/cache/cache_hot.h"
#include "sim/engine.h"
#include "sim/plain.h"

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
		plain_fill_line(l, gva(at), x);
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
	plain_tell_buffer(l, ahead);
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
	if (h.cls == HOT_VALUED && l->m->ops->on_pt_write)
		return false;
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
			plain_hard(l, b, i, event_is_full(&b->rec[i]) ? full++ : NULL);
		else
			i = plain_by_reference(l, b, i, &full) - 1;
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
