/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/tracker.h"

#include <stdlib.h>
#include <string.h>

#include "traces/check.h"
#include "traces/record.h"

enum { MAX_OPEN = 8, KEYS = 1 << 14 };

/* An abort whose handler has not come back yet. */
struct open_abort { uint32_t pc; uint64_t at; unsigned cls; };

struct tracker {
	struct guest g;
	enum cp_core core;              /* whose coprocessor map the guest has */
	struct event_store own;
	uint8_t cls[TRACE_KINDS][256];  /* enum hot_class by kind and flags */
	struct { struct cp_canon canon; bool known; } op[2][KEYS];      /* by write and key, as met */
	struct unknown_ops unknown;
	uint64_t instructions;
	struct open_abort open[MAX_OPEN];
	unsigned nopen;
	struct handler_span span[2];
	struct insn_mix *mix;
};

static uint8_t class_of(const struct trace_rec *r)
{
	bool ordinary = !(r->flags & ACC_SPLIT) && (r->flags & ACC_KIND_MASK) != ACC_UNPRIV;

	switch (r->kind) {
	case TRACE_RUN: return r->flags ? HOT_RUN_ODD : HOT_RUN;
	case TRACE_LOAD: return ordinary ? HOT_LOAD : HOT_OTHER;
	case TRACE_STORE:
		return !ordinary ? HOT_OTHER : r->flags & ACC_VALUED ? HOT_VALUED : HOT_STORE;
	case TRACE_SENS: return HOT_SENS;
	case TRACE_CODE:
	case TRACE_WITNESS:
	case TRACE_MARK: return HOT_NOTHING;
	default: return HOT_OTHER;
	}
}

static void fill_classes(struct tracker *t)
{
	for (unsigned kind = 0; kind < TRACE_KINDS; kind++)
		for (unsigned flags = 0; flags < 256; flags++)
			t->cls[kind][flags] = class_of(&(struct trace_rec){
				.kind = (uint8_t)kind, .flags = (uint8_t)flags });
}

enum err tracker_create(struct tracker **out, const struct trace_header *header, struct diag *d)
{
	struct tracker *t;
	enum err e;

	*out = NULL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return diag_set(d, ERR_NOMEM, "out of memory");
	e = guest_init(&t->g, header, d);
	if (e) {
		free(t);
		return e;
	}
	t->mix = insn_mix_create();
	if (!t->mix) {
		tracker_destroy(t);
		return diag_set(d, ERR_NOMEM, "out of memory");
	}
	fill_classes(t);
	t->core = cp_core_find(header->core, header->arch);
	*out = t;
	return ERR_OK;
}

void tracker_destroy(struct tracker *t)
{
	if (!t)
		return;
	guest_free(&t->g);
	event_store_free(&t->own);
	insn_mix_destroy(t->mix);
	free(t);
}

void event_store_free(struct event_store *s)
{
	free(s->full);
	free(s->hot);
	free(s->tag);
	free(s->images);
	memset(s, 0, sizeof(*s));
}

const struct guest *tracker_guest(const struct tracker *t) { return &t->g; }
const struct unknown_ops *tracker_unknown_ops(const struct tracker *t) { return &t->unknown; }
const struct handler_span *tracker_handlers(const struct tracker *t) { return t->span; }
uint64_t tracker_unknown_code(const struct tracker *t) { return t->mix ? insn_mix_unknown(t->mix) : 0; }

void tracker_skip_mix(struct tracker *t)
{
	insn_mix_destroy(t->mix);
	t->mix = NULL;
}

static unsigned abort_class(uint32_t fsr)
{
	unsigned fs = fsr & 0xf;

	return fs == FS_TRANS_SECTION || fs == FS_TRANS_PAGE ? 0 : 1;
}

static void handler_enter(struct tracker *t, uint32_t pc, uint32_t fsr)
{
	if (t->nopen == MAX_OPEN) {     /* abandoned (signal, kill): the oldest will not return */
		memmove(t->open, t->open + 1, sizeof(t->open) - sizeof(t->open[0]));
		t->nopen--;
	}
	t->open[t->nopen++] = (struct open_abort){ pc, t->instructions, abort_class(fsr) };
}

/* A run that starts at the pc of the youngest open abort ends its handler. */
static void handler_leave(struct tracker *t, uint32_t pc)
{
	for (unsigned i = t->nopen; i-- > 0;) {
		if (t->open[i].pc != pc)
			continue;
		t->span[t->open[i].cls].entries++;
		t->span[t->open[i].cls].instructions += t->instructions - t->open[i].at;
		t->nopen = i;
		return;
	}
}

static uint32_t merged(uint32_t old, uint32_t value, unsigned byte, unsigned bytes)
{
	uint32_t mask = bytes >= 4 ? UINT32_MAX : ((UINT32_C(1) << 8 * bytes) - 1) << 8 * byte;

	return (old & ~mask) | (value << 8 * byte & mask);
}

static enum err store_event(struct tracker *t, const struct trace_rec *r, uint64_t number,
			    struct guest_event *e, struct diag *d)
{
	event_of_record(r, e);
	if ((r->a & 3) + e->bytes > 4)
		return diag_set(d, ERR_TRACE, "record %llu: valued store of %u bytes at PA 0x%08x "
				"straddles words (want word-contained stores)",
				(unsigned long long)number, e->bytes, r->a);
	e->pa = r->a & ~3u;
	if (!mem_read(t->g.tables, e->pa, &e->old))
		return diag_set(d, ERR_TRACE, "record %llu: valued store at PA 0x%08x, whose frame "
				"no image announced", (unsigned long long)number, r->a);
	e->new = merged(e->old, r->b, r->a & 3, e->bytes);
	e->ptw = 1;
	if (t->mix)
		insn_mix_table_write(t->mix, e->old, e->new);
	guest_apply_store(&t->g, e);
	return ERR_OK;
}

static struct cp_canon canonical(struct tracker *t, uint16_t key, bool write)
{
	if (key >= KEYS)                /* MCRR, CP14: rare */
		return cp_canonical(t->core, key, !write);
	if (!t->op[write][key].known) {
		t->op[write][key].canon = cp_canonical(t->core, key, !write);
		t->op[write][key].known = true;
	}
	return t->op[write][key].canon;
}

static void cp_event(struct tracker *t, const struct trace_rec *r, uint64_t number,
		     struct guest_event *e)
{
	const uint32_t *reg;

	e->kind = GEV_CP;
	e->write = r->kind == TRACE_CP_WRITE;
	e->n = r->arg;
	e->canon = canonical(t, r->arg, e->write);
	if (e->canon.op == CP_UNKNOWN)
		unknown_ops_add(&t->unknown, r->arg, e->write, number);
	reg = guest_reg(&t->g, (enum cp_op)e->canon.op);
	e->old = reg ? *reg : r->b;     /* Rt2 of MCRR; else zero */
	e->new = r->a;
	/* TTBR0 is looked at each time; the others have no part in where a walk leads */
	if (t->mix && e->write && reg && *reg != r->a && reg != &t->g.ttbr0 && reg != &t->g.dacr &&
	    reg != &t->g.contextidr)
		insn_mix_setting(t->mix);
}

static void abort_event(struct tracker *t, const struct trace_rec *r, const uint8_t *payload,
			struct guest_event *e)
{
	struct trace_abort a;

	memcpy(&a, payload + r->b, sizeof(a));
	e->kind = GEV_ABORT;
	e->bytes = r->arg;
	e->write = (r->flags & ABORT_RW_MASK) == ABORT_WRITE;
	e->fsr = (r->flags & ABORT_RW_MASK) == ABORT_FETCH ? a.ifsr : a.fsr;
	e->pc = a.pc;
	e->insn = a.insn;
	e->old = a.far;
	if (!(r->flags & ABORT_DEBUG))
		handler_enter(t, a.pc, e->fsr);
}

static enum err image_event(const struct trace_rec *r, const uint8_t *payload,
			    struct event_store *s, struct guest_event *e, struct diag *d)
{
	if (s->image_bytes == s->image_cap) {
		size_t cap = s->image_cap ? 2 * s->image_cap : 16 * FRAME_BYTES;
		void *p = realloc(s->images, cap);

		if (!p)
			return diag_set(d, ERR_NOMEM, "out of memory");
		s->images = p;
		s->image_cap = cap;
	}
	memcpy(s->images + s->image_bytes, payload + r->b, FRAME_BYTES);
	e->kind = GEV_IMAGE;
	e->pa = r->a;
	e->payload = s->images + s->image_bytes;
	s->image_bytes += FRAME_BYTES;
	return ERR_OK;
}

static void exception_event(struct tracker *t, const struct trace_rec *r, struct guest_event *e)
{
	e->kind = r->kind == TRACE_EXC ? GEV_EXC : GEV_MODE;
	e->n = r->arg;
	e->old = t->g.cpsr;
	e->new = r->a;
	e->pc = r->b;
	if (r->kind == TRACE_EXC && t->mix)
		insn_mix_exception(t->mix, r);
}

/* Every full event but valued stores. */
static enum err rare_event(struct tracker *t, const struct trace_batch *in,
			   const struct trace_rec *r, struct event_store *s,
			   struct guest_event *e, struct diag *d)
{
	enum err err = ERR_OK;

	*e = (struct guest_event){ .flags = r->flags, .va = r->va };
	switch (r->kind) {
	case TRACE_CP_WRITE:
	case TRACE_CP_READ:
		cp_event(t, r, in->first + (uint64_t)(r - in->rec), e);
		break;
	case TRACE_ABORT:
		abort_event(t, r, in->payload, e);
		break;
	case TRACE_EXC:
	case TRACE_MODE:
		exception_event(t, r, e);
		break;
	default:
		err = image_event(r, in->payload, s, e, d);
		break;
	}
	if (!err)
		guest_apply(&t->g, e);
	return err;
}

/* What is not full says it all by itself; what the tracker has to know of it. */
static void plain_record(struct tracker *t, const struct trace_batch *in, const struct trace_rec *r)
{
	struct guest_event e;

	if (r->kind == TRACE_RUN) {
		if (t->nopen)
			handler_leave(t, r->va);
		t->instructions += trace_rec_instructions(r);
	} else if (r->kind == TRACE_HIST) {
		event_of_record(r, &e);
		guest_apply(&t->g, &e);
	} else if (r->kind == TRACE_CODE && t->mix) {
		insn_mix_code(t->mix, r, in->payload + r->b);
	}
}

static enum err fill(struct tracker *t, const struct trace_batch *in, struct event_store *s,
		     size_t *nfull, struct diag *d)
{
	struct guest_event *ev = s->full;
	enum err e = ERR_OK;

	for (size_t i = 0; i < in->n && !e; i++) {
		const struct trace_rec *r = &in->rec[i];
		uint8_t cls = t->cls[r->kind][r->flags];

		if (cls <= HOT_STORE && r->va & ((1u << (r->flags & ACC_SIZE_MASK)) - 1))
			cls = HOT_OTHER;        /* it may cross a line: two lookups */
		s->hot[i] = (struct hot_rec){ .mva = fcse_mva(r->va, t->g.fcse).raw,
					      .arg = r->arg, .cls = cls };
		if (cls <= HOT_STORE)
			continue;
		if (!t->mix)
			s->tag[i] = 0;
		else if (r->kind == TRACE_RUN)
			s->tag[i] = insn_mix_run(t->mix, &t->g, r);
		else if (r->kind == TRACE_FETCH)
			s->tag[i] = insn_mix_fetch(t->mix, &t->g, r);
		if (cls == HOT_RUN && !t->nopen)
			t->instructions += r->arg;
		else if (!event_is_full(r))
			plain_record(t, in, r);
		else if (r->kind == TRACE_STORE)
			e = store_event(t, r, in->first + i, ev++, d);
		else
			e = rare_event(t, in, r, s, ev++, d);
	}
	*nfull = (size_t)(ev - s->full);
	return e;
}

/* There is no machine behind an imported stream that anything else could happen to. */
static enum err check_import(const struct trace_batch *in, struct diag *d)
{
	enum { LEGAL = 1 << TRACE_FETCH | 1 << TRACE_LOAD | 1 << TRACE_STORE | 1 << TRACE_MARK |
		       1 << TRACE_HASH };

	for (size_t i = 0; i < in->n; i++)
		if (!(LEGAL >> in->rec[i].kind & 1))
			return diag_set(d, ERR_TRACE, "record %llu: '%s' in an imported stream (want fetch, load, "
					"store or mark)", (unsigned long long)(in->first + i),
					trace_kind_name(in->rec[i].kind));
	return ERR_OK;
}

/* Images may have moved while the store grew: they lie there in the order of their events. */
static void settle_images(struct event_store *s, size_t n)
{
	uint8_t *p = s->images;

	for (size_t i = 0; s->image_bytes && i < n; i++) {
		if (s->full[i].kind != GEV_IMAGE)
			continue;
		s->full[i].payload = p;
		p += FRAME_BYTES;
	}
}

enum err tracker_fill(struct tracker *t, const struct trace_batch *in, struct event_store *s,
		      struct diag *d)
{
	size_t nfull;
	enum err e;

	if (in->n > TRACKER_MAX_BATCH)
		return diag_set(d, ERR_TRACE, "batch of %zu records (at most %d)", in->n,
				TRACKER_MAX_BATCH);
	if (!s->full && !(s->full = malloc(TRACKER_MAX_BATCH * sizeof(*s->full))))
		return diag_set(d, ERR_NOMEM, "out of memory");
	if (!s->hot && !(s->hot = malloc(TRACKER_MAX_BATCH * sizeof(*s->hot))))
		return diag_set(d, ERR_NOMEM, "out of memory");
	if (!s->tag && !(s->tag = malloc(TRACKER_MAX_BATCH * sizeof(*s->tag))))
		return diag_set(d, ERR_NOMEM, "out of memory");
	if (t->g.identity && (e = check_import(in, d)))
		return e;
	s->image_bytes = 0;
	s->mix.tag = s->tag;
	if (t->mix)
		insn_mix_begin(t->mix, in->rec, &s->mix);
	e = fill(t, in, s, &nfull, d);
	if (e)
		return e;
	settle_images(s, nfull);
	if (t->mix)
		insn_mix_end(t->mix, in->rec + in->n, &s->mix);
	s->batch = (struct event_batch){ in->rec, s->hot, s->full, in->n, in->first,
					 t->mix ? &s->mix : NULL };
	if (t->g.hist.failed || (t->mix && insn_mix_failed(t->mix)))
		return diag_set(d, ERR_NOMEM, "out of memory");
	return ERR_OK;
}

enum err tracker_batch(struct tracker *t, const struct trace_batch *in, struct event_batch *out,
		       struct diag *d)
{
	enum err e = tracker_fill(t, in, &t->own, d);

	*out = t->own.batch;
	return e;
}
