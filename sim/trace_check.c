/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/trace_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "models/guest/tracker.h"
#include "traces/check.h"
#include "traces/digest.h"
#include "traces/reader.h"
#include "traces/record.h"

#define X(id, key, text) [CHECK_##id] = key,
const char *const check_class_key[CHECK_CLASSES] = { CHECK_CLASS_LIST(X) };
#undef X
#define X(id, key, text) [CHECK_##id] = text,
const char *const check_class_text[CHECK_CLASSES] = { CHECK_CLASS_LIST(X) };
#undef X

struct checker {
	struct guest g;                 /* at the event, not at the end of the batch */
	struct check_result *r;
	uint64_t record, digest;
};

__attribute__((format(printf, 2, 3)))
static void mismatch(struct checker *c, const char *fmt, ...)
{
	va_list ap;

	if (c->r->n[CHECK_MISMATCH]++)
		return;
	va_start(ap, fmt);
	vsnprintf(c->r->first.msg, sizeof(c->r->first.msg), fmt, ap);
	va_end(ap);
}

static void count(struct checker *c, enum check_class k)
{
	c->r->n[k]++;
	c->r->compared++;
}

static void check_witness(struct checker *c, const struct guest_event *e)
{
	gva_t mva = fcse_mva(e->va, c->g.fcse);
	uint32_t got;
	struct walk w;

	guest_walk(&c->g, mva, &w);
	got = w.fs ? 0 : walk_pa(&w, mva);
	if (!w.fs && got == e->pa) {
		count(c, e->flags & WIT_IO ? CHECK_DEVICE : w.levels ? CHECK_RAM_EQUAL
								      : CHECK_MMU_OFF);
	} else if (oracle_maps(&c->g, mva, e->pa)) {
		count(c, CHECK_RAM_STALE);
	} else if (w.fs) {
		c->r->compared++;
		mismatch(c, "record %llu: VA 0x%08x was seen at PA 0x%08x, but the walk faults (status "
		     "0x%x)", (unsigned long long)c->record, e->va, e->pa, w.fs);
	} else {
		c->r->compared++;
		mismatch(c, "record %llu: VA 0x%08x was seen at PA 0x%08x, the walk gives 0x%08x",
		     (unsigned long long)c->record, e->va, e->pa, got);
	}
}

static void differs(struct checker *c, const struct guest_event *e, const char *what,
		    uint32_t recorded, uint32_t ours)
{
	c->r->compared++;
	mismatch(c, "record %llu: abort at VA 0x%08x: %s 0x%x, the walk gives 0x%x",
		 (unsigned long long)c->record, e->va, what, recorded, ours);
}

/* FAR holds the MVA; the emulator leaves the VA there when FCSE relocates (listed). */
static bool check_far(struct checker *c, const struct guest_event *e, gva_t mva)
{
	if (e->old == mva.raw)
		return true;
	if (e->old == e->va) {
		count(c, CHECK_DEVIATION);
		return true;
	}
	differs(c, e, "FAR", e->old, mva.raw);
	return false;
}

/* Where the manual calls the field valid. The emulator also fills it where it is not (listed). */
static bool domain_differs(const struct checker *c, const struct guest_event *e,
			   const struct walk *w, enum access access, enum fault_status fs)
{
	bool valid = c->g.v6 ? mmu_fault_report(c->g.arch, fs, access).domain_valid
			     : fault_domain_valid(fs);

	return valid && (e->fsr >> 4 & 0xf) != w->domain;
}

/* DFSR[11] from ARMv6 on: the access was a write (DDI 0211 3.3.8, DDI 0301H 3.2.17). */
static bool wnr_differs(const struct checker *c, const struct guest_event *e, enum access access)
{
	return c->g.arch->status == STATUS_V6 && access != ACCESS_FETCH &&
	       (e->fsr >> 11 & 1) != (access == ACCESS_WRITE);
}

static void check_abort(struct checker *c, const struct guest_event *e)
{
	bool fetch = (e->flags & ABORT_RW_MASK) == ABORT_FETCH;
	enum access access = fetch ? ACCESS_FETCH : e->write ? ACCESS_WRITE : ACCESS_READ;
	gva_t mva = fcse_mva(e->va, c->g.fcse);
	bool user = e->flags & ABORT_USER;
	enum fault_status recorded, ours;
	bool alignment;
	struct walk w;

	if (e->flags & ABORT_DEBUG)
		return;
	recorded = guest_recorded_fault(&c->g, e->fsr, &alignment);
	if (!recorded) {
		count(c, CHECK_FAULT_OTHER);
		return;
	}
	guest_walk(&c->g, mva, &w);
	ours = w.fs ? (enum fault_status)w.fs : guest_check(&c->g, &w, mva, user, access);
	if (!fetch && !check_far(c, e, mva))
		return;
	if (wnr_differs(c, e, access))
		differs(c, e, "write bit", e->fsr >> 11 & 1, !(e->fsr >> 11 & 1));
	else if (ours == recorded && !domain_differs(c, e, &w, access, ours))
		count(c, CHECK_FAULT_EQUAL);
	else if (ours == recorded)
		differs(c, e, "domain field", e->fsr >> 4 & 0xf, w.domain);
	else if (guest_listed_fault(recorded, ours))
		count(c, CHECK_DEVIATION);
	else if (oracle_some_status(&c->g, mva, user, access, recorded))
		count(c, CHECK_FAULT_STALE);
	else {
		c->r->compared++;
		mismatch(c, "record %llu: %s of VA 0x%08x aborted with status 0x%x, no permitted walk "
		     "gives that (the tables now: 0x%x)", (unsigned long long)c->record,
		     fetch ? "fetch" : e->write ? "write" : "read", e->va, recorded, ours);
	}
}

static void check_image(struct checker *c, const struct guest_event *e)
{
	uint64_t checks = c->g.image_checks, bad = c->g.image_mismatches;

	guest_apply(&c->g, e);
	if (c->g.image_checks == checks)
		return;
	c->r->compared++;
	if (c->g.image_mismatches == bad)
		c->r->n[CHECK_IMAGE_EQUAL]++;
	else
		mismatch(c, "record %llu: check image of frame 0x%08x differs from the replayed tables "
		     "(first at 0x%08x)", (unsigned long long)c->record, e->pa, c->g.image_bad_pa);
}

static void check_batch(struct checker *c, const struct event_batch *b)
{
	struct event_cursor at = event_begin(b);
	const struct guest_event *e;

	for (c->record = b->first; (e = event_next(&at)); c->record++) {
		if (e->kind == GEV_WITNESS)
			check_witness(c, e);
		else if (e->kind == GEV_ABORT)
			check_abort(c, e);
		else if (e->kind == GEV_IMAGE)
			check_image(c, e);
		else
			guest_apply(&c->g, e);
	}
	c->r->records = b->first + b->n;
}

static void check_digests(struct checker *c, const struct trace_batch *in)
{
	for (size_t i = 0; i < in->n; i++) {
		const struct trace_rec *r = &in->rec[i];
		size_t bytes = trace_payload_bytes(r);

		if (r->kind != TRACE_HASH) {
			c->digest = trace_digest_add(c->digest, r,
						     bytes ? in->payload + r->b : NULL, bytes);
		} else if (((uint64_t)r->b << 32 | r->a) == c->digest) {
			c->r->n[CHECK_DIGEST_EQUAL]++;  /* of itself: not a comparison */
		} else {
			c->r->compared++;
			mismatch(c, "record %llu: the digest of table stores, register writes, images "
				 "and code is not the captured one: something before it was altered "
				 "or lost", (unsigned long long)(in->first + i));
		}
	}
}

static enum err read_all(struct trace_reader *t, struct checker *c, const char *path,
			 enum progress_mode mode, struct diag *d)
{
	struct tracker *k = NULL;
	struct trace_batch in;
	struct event_batch ev;
	struct progress bar;
	enum err e = tracker_create(&k, trace_reader_header(t), d);

	if (!e)
		tracker_skip_mix(k);

	progress_begin(&bar, mode, path, trace_reader_records(t));
	while (!e && !(e = trace_reader_next(t, &in, d)) && in.n) {
		e = tracker_batch(k, &in, &ev, d);
		if (!e)
			check_batch(c, &ev);
		if (!e)
			check_digests(c, &in);
		progress_step(&bar, in.first + in.n);
	}
	progress_end(&bar);
	if (k)
		c->r->unknown = *tracker_unknown_ops(k);
	tracker_destroy(k);
	return e;
}

enum err trace_check_file(const char *path, enum progress_mode mode, struct check_result *r,
			  struct diag *d)
{
	struct checker c = { .r = r };
	struct trace_reader *t = NULL;
	struct diag why;
	enum err e;

	memset(r, 0, sizeof(*r));
	e = trace_reader_open(&t, path, d);
	if (e)
		return e;
	trace_reader_verify_id(t, true);
	e = trace_digest_start(trace_reader_header(t), &c.digest, d);
	if (!e)
		e = guest_init(&c.g, trace_reader_header(t), d);
	if (!e)
		e = read_all(t, &c, path, mode, d);
	guest_free(&c.g);
	trace_reader_close(t);
	if (e && strncmp(d->msg, path, strlen(path))) {
		why = *d;
		return diag_set(d, e, "%.120s: %.380s", path, why.msg);
	}
	if (!e && r->n[CHECK_MISMATCH])
		e = diag_set(d, ERR_CHECK, "%s: %llu mismatches; first: %.300s", path,
			     (unsigned long long)r->n[CHECK_MISMATCH], r->first.msg);
	else if (!e && !r->compared)
		e = diag_set(d, ERR_CHECK, "%s: nothing to compare: the trace holds no witness, "
			     "abort or check image", path);
	return e;
}
