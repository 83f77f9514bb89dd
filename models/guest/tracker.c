/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/tracker.h"

#include <stdlib.h>
#include <string.h>

#include "traces/record.h"

enum { MAX_BATCH = 4096, MAX_OPEN = 8 };

/* An abort whose handler has not come back yet. */
struct open_abort { uint32_t pc; uint64_t at; unsigned cls; };

struct tracker {
	struct guest g;
	struct guest_event ev[MAX_BATCH];
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
	*out = t;
	return ERR_OK;
}

void tracker_destroy(struct tracker *t)
{
	if (!t)
		return;
	guest_free(&t->g);
	free(t);
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
	e->kind = GEV_RUN;
	e->n = r->arg;
	e->bytes = (uint16_t)r->a;
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
	e->kind = GEV_ACCESS;
	e->write = r->kind == TRACE_STORE;
	e->n = r->arg;
	e->bytes = (uint16_t)(1u << (r->flags & ACC_SIZE_MASK));
	if (r->flags & ACC_IO)
		e->pa = r->a;
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

static void cp_event(struct tracker *t, const struct trace_rec *r, struct guest_event *e)
{
	const uint32_t *reg;

	e->kind = GEV_CP;
	e->write = r->kind == TRACE_CP_WRITE;
	e->n = r->arg;
	e->canon = cp_canonical(r->arg, !e->write);
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

static enum err make_event(struct tracker *t, const struct trace_batch *in, size_t i,
			   struct guest_event *e, struct diag *d)
{
	const struct trace_rec *r = &in->rec[i];

	memset(e, 0, sizeof(*e));
	e->flags = r->flags;
	e->va = r->va;
	switch (r->kind) {
	case TRACE_RUN:
		run_event(t, r, e);
		break;
	case TRACE_LOAD:
	case TRACE_STORE:
		return access_event(t, r, in->first + i, e, d);
	case TRACE_CP_WRITE:
	case TRACE_CP_READ:
		cp_event(t, r, e);
		break;
	case TRACE_ABORT:
		abort_event(t, r, in->payload, e);
		break;
	case TRACE_EXC:
		e->kind = GEV_EXC;
		e->n = r->arg;
		e->old = t->g.cpsr;
		e->new = r->a;
		e->pc = r->b;
		break;
	case TRACE_MODE:
		e->kind = GEV_MODE;
		e->old = t->g.cpsr;
		e->new = r->a;
		break;
	case TRACE_SENS:
		e->kind = GEV_SENS;
		e->n = r->arg;
		e->insn = r->a;
		e->new = r->b;
		break;
	case TRACE_WAIT:
		e->kind = GEV_WAIT;
		break;
	case TRACE_IMAGE:
		e->kind = GEV_IMAGE;
		e->pa = r->a;
		e->payload = in->payload + r->b;
		break;
	case TRACE_WITNESS:
		e->kind = GEV_WITNESS;
		e->pa = r->a;
		break;
	case TRACE_HIST:
		e->kind = GEV_HIST;
		e->n = r->arg;
		e->pa = r->a;
		e->new = r->b;
		break;
	case TRACE_MARK:
		e->kind = GEV_MARK;
		e->new = r->a;
		break;
	case TRACE_FETCH:
		e->kind = GEV_FETCH;
		e->bytes = r->arg;
		break;
	default:
		e->kind = GEV_NONE;
		break;
	}
	return ERR_OK;
}

enum err tracker_batch(struct tracker *t, const struct trace_batch *in, struct event_batch *out,
		       struct diag *d)
{
	if (in->n > MAX_BATCH)
		return diag_set(d, ERR_TRACE, "batch of %zu records (at most %d)", in->n, MAX_BATCH);
	for (size_t i = 0; i < in->n; i++) {
		enum err e = make_event(t, in, i, &t->ev[i], d);

		if (e)
			return e;
		guest_apply(&t->g, &t->ev[i]);
	}
	out->ev = t->ev;
	out->n = in->n;
	out->first = in->first;
	return t->g.hist.failed ? diag_set(d, ERR_NOMEM, "out of memory") : ERR_OK;
}
