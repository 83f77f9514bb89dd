/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/trace_export.h"

#include <string.h>

#include "models/guest/tracker.h"
#include "traces/check.h"
#include "traces/reader.h"

enum { PAGES = 1024 };                  /* translations remembered */

struct page { uint32_t number, pa; uint64_t key; };

struct exporter {
	const struct export_plan *p;
	struct export_counts *n;
	FILE *f;
	struct diag *d;
	struct trace_rec run;           /* open; arg 0: none */
	unsigned next;                  /* instruction of it */
	uint64_t record;
	struct guest g;                 /* physical: at the record */
	struct page page[PAGES];
};

/* The youngest translation that is permitted. key: translations change with it; never 0. */
static enum err physical(struct exporter *x, uint32_t va, enum access access, uint32_t *pa)
{
	gva_t mva = fcse_mva(va, x->g.fcse);
	bool user = guest_is_user(&x->g);
	uint64_t key = x->g.generation << 3 | (unsigned)access << 1 | user;
	uint32_t number = mva.raw >> GRANULE_LOG2;
	struct page *page = &x->page[number % PAGES];
	struct walk w;

	if (page->key != key || page->number != number) {
		guest_walk(&x->g, mva, &w);
		if ((w.fs || guest_check(&x->g, &w, mva, user, access)) &&
		    !oracle_allowing(&x->g, mva, user, access, &w) && w.fs)
			return diag_set(x->d, ERR_TRACE, "%.200s: record %llu: VA 0x%08x has no physical address",
					x->p->in, (unsigned long long)x->record, va);
		*page = (struct page){ number, walk_pa(&w, mva) & ~(GRANULE_BYTES - 1u), key };
	}
	*pa = page->pa | (va & (GRANULE_BYTES - 1));
	return ERR_OK;
}

static enum err put(struct exporter *x, enum access access, uint32_t va)
{
	static const char digit[] = "0123456789abcdef";
	char line[] = "0 00000000\n";
	uint32_t addr = va;
	enum err e = x->p->physical ? physical(x, va, access, &addr) : ERR_OK;

	if (e)
		return e;
	addr &= ~3u;
	line[0] = access == ACCESS_FETCH ? '2' : access == ACCESS_WRITE ? '1' : '0';
	*(access == ACCESS_FETCH ? &x->n->fetches : access == ACCESS_WRITE ? &x->n->stores
									    : &x->n->loads) += 1;
	for (unsigned i = 0; i < 8; i++)
		line[2 + i] = digit[addr >> (28 - 4 * i) & 15];
	fwrite(line, 1, sizeof(line) - 1, x->f);
	return ERR_OK;
}

/* Instructions of the open run before `upto`. Those of Thumb are spread evenly, as in a replay. */
static enum err fetch_to(struct exporter *x, unsigned upto)
{
	const struct trace_rec *r = &x->run;
	enum err e = ERR_OK;

	for (; !e && x->next < upto && x->next < r->arg; x->next++)
		e = put(x, ACCESS_FETCH, r->va + (r->flags & RUN_THUMB ? r->a * x->next / r->arg
								       : 4 * x->next));
	return e;
}

static enum err one(struct exporter *x, const struct trace_rec *r)
{
	enum err e;

	if (trace_is_access(r)) {
		e = fetch_to(x, r->arg + 1u);
		return e ? e : put(x, r->kind == TRACE_STORE ? ACCESS_WRITE : ACCESS_READ, r->va);
	}
	e = fetch_to(x, x->run.arg);
	x->run.arg = 0;
	x->next = 0;
	if (!e && r->kind == TRACE_RUN)
		x->run = *r;
	else if (!e && r->kind == TRACE_FETCH)
		e = put(x, ACCESS_FETCH, r->va);
	return e;
}

static enum err batch(struct exporter *x, const struct trace_batch *b, struct event_cursor *at)
{
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < b->n; i++) {
		const struct guest_event *ev = at ? event_next(at) : NULL;

		x->record = b->first + i;
		if (x->record >= x->p->from && x->record - x->p->from < x->p->count)
			e = one(x, &b->rec[i]);
		if (ev)
			guest_apply(&x->g, ev);
	}
	return e;
}

static enum err copy(struct exporter *x, struct trace_reader *r, struct tracker *t)
{
	uint64_t end = x->p->count < UINT64_MAX - x->p->from ? x->p->from + x->p->count : UINT64_MAX;
	struct trace_batch b = { .n = 0 };
	struct progress bar;
	enum err e = ERR_OK;

	progress_begin(&bar, x->p->progress, x->p->in, trace_reader_records(r));
	do {
		struct event_batch ev;
		struct event_cursor at;

		e = trace_reader_next(r, &b, x->d);
		if (!e && t && !(e = tracker_batch(t, &b, &ev, x->d)))
			at = event_begin(&ev);
		if (!e)
			e = batch(x, &b, t ? &at : NULL);
		progress_step(&bar, b.first + b.n);
	} while (!e && b.n && b.first + b.n < end && !ferror(x->f));
	progress_end(&bar);
	return e ? e : fetch_to(x, x->run.arg);
}

enum err trace_export_din(const struct export_plan *p, FILE *f, struct export_counts *n,
			  struct diag *d)
{
	struct exporter x = { .p = p, .n = n, .f = f, .d = d };
	struct trace_reader *r;
	struct tracker *t = NULL;
	enum err e = trace_reader_open(&r, p->in, d);

	if (e)
		return e;
	*n = (struct export_counts){ 0 };
	if (p->physical) {
		e = guest_init(&x.g, trace_reader_header(r), d);
		if (!e && !(e = tracker_create(&t, trace_reader_header(r), d)))
			tracker_skip_mix(t);
	}
	if (!e)
		e = copy(&x, r, t);
	tracker_destroy(t);
	if (p->physical)
		guest_free(&x.g);
	trace_reader_close(r);
	return e;
}
