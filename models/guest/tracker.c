/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/tracker.h"

#include <stdlib.h>
#include <string.h>

#include "traces/record.h"

enum { MAX_OPEN = 8, KEYS = 1 << 14 };

/* An abort whose handler has not come back yet. */
struct open_abort { uint32_t pc; uint64_t at; unsigned cls; };

struct tracker {
	struct guest g;
	enum cp_core core;              /* whose coprocessor map the guest has */
	struct event_store own;
	struct { struct cp_canon canon; bool known; } op[2][KEYS];      /* by write and key, as met */
	uint64_t unknown_ops, instructions;
	struct open_abort open[MAX_OPEN];
	unsigned nopen;
	struct handler_span span[2];
};

enum err tracker_create(struct tracker **out, const struct trace_header *header, struct diag *d)
{
	struct tracker *t;
	enum err e;

	*out = NULL;
	if (strcmp(header->arch, "armv5"))
		return diag_set(d, ERR_CONFIG, "guest architecture '%s' is not supported "
				"(supported: armv5)", header->arch);
	t = calloc(1, sizeof(*t));
	if (!t)
		return diag_set(d, ERR_NOMEM, "out of memory");
	e = guest_init(&t->g, header, d);
	if (e) {
		free(t);
		return e;
	}
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
	free(t);
}

void event_store_free(struct event_store *s)
{
	free(s->ev);
	free(s->images);
	memset(s, 0, sizeof(*s));
}

const struct guest *tracker_guest(const struct tracker *t) { return &t->g; }
uint64_t tracker_unknown_ops(const struct tracker *t) { return t->unknown_ops; }
const struct handler_span *tracker_handlers(const struct tracker *t) { return t->span; }

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

static void run_event(struct tracker *t, const struct trace_rec *r, struct guest_event *e)
{
	*e = (struct guest_event){ .kind = GEV_RUN, .flags = r->flags, .n = r->arg,
				   .bytes = (uint16_t)r->a, .va = r->va };
	if (t->nopen)
		handler_leave(t, r->va);
	t->instructions += r->arg - !!(r->flags & RUN_NO_RETIRE);
}

static uint32_t merged(uint32_t old, uint32_t value, unsigned byte, unsigned bytes)
{
	uint32_t mask = bytes >= 4 ? UINT32_MAX : ((UINT32_C(1) << 8 * bytes) - 1) << 8 * byte;

	return (old & ~mask) | (value << 8 * byte & mask);
}

static enum err access_event(struct tracker *t, const struct trace_rec *r, uint64_t number,
			     struct guest_event *e, struct diag *d)
{
	*e = (struct guest_event){ .kind = GEV_ACCESS, .flags = r->flags,
		.write = r->kind == TRACE_STORE, .n = r->arg,
		.bytes = (uint16_t)(1u << (r->flags & ACC_SIZE_MASK)), .va = r->va,
		.pa = r->flags & ACC_IO ? r->a : 0 };
	if (!(r->flags & ACC_VALUED))
		return ERR_OK;
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

static void cp_event(struct tracker *t, const struct trace_rec *r, struct guest_event *e)
{
	const uint32_t *reg;

	e->kind = GEV_CP;
	e->write = r->kind == TRACE_CP_WRITE;
	e->n = r->arg;
	e->canon = canonical(t, r->arg, e->write);
	if (e->canon.op == CP_UNKNOWN)
		t->unknown_ops++;
	reg = guest_reg(&t->g, (enum cp_op)e->canon.op);
	e->old = reg ? *reg : 0;
	e->new = r->a;
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
}

static void plain_event(const struct trace_rec *r, enum gev_kind kind, struct guest_event *e)
{
	e->kind = (uint8_t)kind;
	e->n = r->arg;
	e->bytes = r->arg;
	e->pa = e->insn = r->a;
	e->new = kind == GEV_MARK ? r->a : r->b;
}

/* Everything but runs and accesses. */
static enum err rare_event(struct tracker *t, const struct trace_batch *in, size_t i,
			   struct event_store *s, struct guest_event *e, struct diag *d)
{
	static const uint8_t plain[TRACE_KINDS] = {
		[TRACE_SENS] = GEV_SENS, [TRACE_WAIT] = GEV_WAIT, [TRACE_WITNESS] = GEV_WITNESS,
		[TRACE_HIST] = GEV_HIST, [TRACE_MARK] = GEV_MARK, [TRACE_FETCH] = GEV_FETCH,
	};
	const struct trace_rec *r = &in->rec[i];

	*e = (struct guest_event){ .flags = r->flags, .va = r->va };
	switch (r->kind) {
	case TRACE_CP_WRITE:
	case TRACE_CP_READ:
		cp_event(t, r, e);
		return ERR_OK;
	case TRACE_ABORT:
		abort_event(t, r, in->payload, e);
		return ERR_OK;
	case TRACE_EXC:
	case TRACE_MODE:
		exception_event(t, r, e);
		return ERR_OK;
	case TRACE_IMAGE:
		return image_event(r, in->payload, s, e, d);
	default:
		plain_event(r, r->kind < TRACE_KINDS ? plain[r->kind] : GEV_NONE, e);
		return ERR_OK;
	}
}

static enum err fill(struct tracker *t, const struct trace_batch *in, struct event_store *s,
		     struct diag *d)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < in->n; i++) {
		const struct trace_rec *r = &in->rec[i];
		struct guest_event *ev = &s->ev[i];

		if (r->kind == TRACE_RUN) {
			run_event(t, r, ev);
		} else if (r->kind == TRACE_LOAD || r->kind == TRACE_STORE) {
			e = access_event(t, r, in->first + i, ev, d);
			if (e)
				return e;
			if (ev->ptw)
				guest_apply_store(&t->g, ev);
		} else {
			e = rare_event(t, in, i, s, ev, d);
			if (e)
				return e;
			guest_apply(&t->g, ev);
		}
	}
	return ERR_OK;
}

/* Images may have moved while the store grew: they lie there in the order of their events. */
static void settle_images(struct event_store *s, size_t n)
{
	uint8_t *p = s->images;

	for (size_t i = 0; s->image_bytes && i < n; i++) {
		if (s->ev[i].kind != GEV_IMAGE)
			continue;
		s->ev[i].payload = p;
		p += FRAME_BYTES;
	}
}

enum err tracker_fill(struct tracker *t, const struct trace_batch *in, struct event_store *s,
		      struct diag *d)
{
	enum err e;

	if (in->n > TRACKER_MAX_BATCH)
		return diag_set(d, ERR_TRACE, "batch of %zu records (at most %d)", in->n,
				TRACKER_MAX_BATCH);
	if (!s->ev && !(s->ev = malloc(TRACKER_MAX_BATCH * sizeof(*s->ev))))
		return diag_set(d, ERR_NOMEM, "out of memory");
	s->image_bytes = 0;
	e = fill(t, in, s, d);
	if (e)
		return e;
	settle_images(s, in->n);
	s->batch = (struct event_batch){ s->ev, in->n, in->first };
	return t->g.hist.failed ? diag_set(d, ERR_NOMEM, "out of memory") : ERR_OK;
}

enum err tracker_batch(struct tracker *t, const struct trace_batch *in, struct event_batch *out,
		       struct diag *d)
{
	enum err e = tracker_fill(t, in, &t->own, d);

	*out = t->own.batch;
	return e;
}
