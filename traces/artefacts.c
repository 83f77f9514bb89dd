/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces/artefacts.h"

#include <string.h>

#include "traces/check.h"
#include "traces/le.h"

enum {
	KEY_CTR = CP_KEY(0, 0, 0, 1), KEY_SCTLR = CP_KEY(1, 0, 0, 0), KEY_DACR = CP_KEY(3, 0, 0, 0),
	KEY_FCSE = CP_KEY(13, 0, 0, 0), KEY_CONTEXT = CP_KEY(13, 0, 0, 1),
	KEY_TEST_CLEAN = CP_KEY(7, 0, 10, 3), KEY_TEST_CLEAN_INVALIDATE = CP_KEY(7, 0, 14, 3),
	KEY_PRRR = CP_KEY(10, 0, 2, 0), KEY_NMRR = CP_KEY(10, 0, 2, 1),
	/* block operations of ARMv6 (DDI 0100I B6.9): MCRR, CRm 6 and 14 */
	KEY_INVALIDATE_RANGE = CP_KEY_64 | CP_KEY(0, 0, 6, 0),
	KEY_CLEAN_INVALIDATE_RANGE = CP_KEY_64 | CP_KEY(0, 0, 14, 0),
	VECTOR_IRQ = 6, VECTOR_FIQ = 7,
};

const char *trace_artefact_name(enum trace_artefact i)
{
	static const char *const name[] = {
#define X(id, text) text,
		TRACE_ARTEFACT_LIST(X)
#undef X
	};

	return name[i];
}

void trace_artefacts_begin(struct trace_artefacts *a, const struct trace_header *h)
{
	memset(a, 0, sizeof(*a));
	a->sctlr.known = trace_header_reg(h, KEY_SCTLR, &a->sctlr.value);
	a->fcse.known = trace_header_reg(h, KEY_FCSE, &a->fcse.value);
	a->context.known = trace_header_reg(h, KEY_CONTEXT, &a->context.value);
}

/* ---- loops that wait for a device ---- */

/* Do the last k + 1 runs form a loop that reads one register of a device and stores nothing? */
static bool is_poll(const struct trace_artefacts *a, unsigned k, unsigned *insns)
{
	const struct poll_run *io = NULL;

	*insns = 0;
	for (unsigned i = 0; i <= k; i++) {
		const struct poll_run *r = &a->run[i];

		if (r->unfit || (r->has_io && io && io->io != r->io))
			return false;
		if (r->has_io)
			io = r;
		*insns += r->insns;
	}
	return io && *insns <= POLL_MOST_INSNS;
}

/*
 * A run starts where one of the last few did: what lies between was a turn of a loop. Each
 * turn that only waited counts, at the run the loop was noticed at; the turn in which the device
 * was ready does not come back there.
 */
static void count_poll(struct trace_artefacts *a, uint32_t va)
{
	unsigned k = 0, insns;

	while (k < POLL_RUNS && !(a->run[k].insns && a->run[k].va == va))
		k++;
	if (k == POLL_RUNS || !is_poll(a, k, &insns)) {
		a->polling = false;
		return;
	}
	if (!a->polling) {
		a->n[ARTEFACT_POLLS]++;
		a->polling = true;
		a->poll_head = va;
	}
	if (va == a->poll_head)
		a->n[ARTEFACT_POLL_INSNS] += insns;
}

static void add_run(struct trace_artefacts *a, const struct trace_rec *r)
{
	if (a->in_irq && r->va == a->irq_resume)
		a->in_irq = false;
	if (a->in_irq)
		a->n[ARTEFACT_IRQ_INSNS] += trace_rec_instructions(r);
	count_poll(a, r->va);
	memmove(&a->run[1], &a->run[0], sizeof(a->run) - sizeof(a->run[0]));
	a->run[0] = (struct poll_run){ .va = r->va, .insns = r->arg };
	memset(&a->cur, 0, sizeof(a->cur));
	a->cur.insns = r->arg;
	a->cur.aborted = (r->flags & RUN_NO_RETIRE) != 0;
}

static void add_access(struct trace_artefacts *a, const struct trace_rec *r)
{
	unsigned kind = r->flags & ACC_KIND_MASK, bytes = 1u << (r->flags & ACC_SIZE_MASK);
	bool store = r->kind == TRACE_STORE;
	struct poll_run *run = &a->run[0];

	a->n[ARTEFACT_UNALIGNED] += (r->va & (bytes - 1)) != 0;
	a->n[ARTEFACT_SPLIT] += (r->flags & ACC_SPLIT) != 0;
	a->n[ARTEFACT_MULTIPLE] += kind == ACC_MULTI;
	/* SWP is the one instruction with both; LDREX and STREX are two */
	if (kind == ACC_EXCL && store && a->cur.swaps && a->cur.last == r->arg)
		a->n[ARTEFACT_SWAPS]++;
	else
		a->n[ARTEFACT_EXCLUSIVE] += kind == ACC_EXCL && store;
	a->cur.swaps = kind == ACC_EXCL && !store;
	a->cur.last = r->arg;
	if (a->cur.aborted && r->arg + 1 == a->cur.insns && kind == ACC_MULTI)
		a->cur.words++;
	run->unfit |= store || (r->flags & ACC_IO && run->has_io && run->io != r->a);
	if (r->flags & ACC_IO && !store) {
		run->has_io = true;
		run->io = r->a;
	}
}

/* ---- the rest ---- */

/* QEMU drops all when the value changes; one that was not known counts as a change. */
static bool changes(bool *known, uint32_t *old, uint32_t value)
{
	bool is_new = !*known || *old != value;

	*known = true;
	*old = value;
	return is_new;
}

static bool drops_all(struct trace_artefacts *a, const struct trace_rec *r)
{
	switch (r->arg) {
	case KEY_DACR: return true;     /* whatever the value */
	case KEY_SCTLR: return changes(&a->sctlr.known, &a->sctlr.value, r->a);
	case KEY_FCSE: return changes(&a->fcse.known, &a->fcse.value, r->a);
	case KEY_CONTEXT: return changes(&a->context.known, &a->context.value, r->a);
	default: return false;
	}
}

/* c7 without waits, barriers and branch predictors: CRm 5 to 15, and the block operations. */
static bool is_cache_op(uint16_t key)
{
	unsigned crm = key >> 3 & 15, opc2 = key & 7;

	if (key & CP_KEY_CP14)
		return false;
	if (key & CP_KEY_64)
		return crm == 5 || crm == 6 || crm == 12 || crm == 14;
	if (key >> 10 != 7 || crm < 5)
		return false;
	return !(crm == 5 && opc2 >= 4) && !(crm == 10 && opc2 >= 4);
}

static void add_cp_write(struct trace_artefacts *a, const struct trace_rec *r)
{
	unsigned crn = r->arg >> 10 & 15, crm = r->arg >> 3 & 15;
	bool plain = !(r->arg & (CP_KEY_CP14 | CP_KEY_64));

	a->n[ARTEFACT_FLUSHES] += drops_all(a, r);
	a->n[ARTEFACT_CACHE_OPS] += is_cache_op(r->arg);
	a->n[ARTEFACT_ALIAS] += r->arg == KEY_INVALIDATE_RANGE ||
				r->arg == KEY_CLEAN_INVALIDATE_RANGE;
	a->n[ARTEFACT_LOCKDOWN] += plain && ((crn == 9 && crm == 0) || (crn == 10 && crm <= 1));
	a->n[ARTEFACT_REMAP] += r->arg == KEY_PRRR || r->arg == KEY_NMRR;
}

static void add_cp_read(struct trace_artefacts *a, const struct trace_rec *r)
{
	bool test = r->arg == KEY_TEST_CLEAN || r->arg == KEY_TEST_CLEAN_INVALIDATE;

	a->n[ARTEFACT_TEST_CLEAN] += test;
	a->n[ARTEFACT_CACHE_OPS] += test;
	a->n[ARTEFACT_CTR_READS] += r->arg == KEY_CTR;
}

static bool is_strex(uint32_t insn)
{
	return (insn & 0x0f900ff0) == 0x01800f90;       /* DDI 0100I A4.1.103 and v6K's sizes */
}

static void add_abort(struct trace_artefacts *a, const struct trace_rec *r, const uint8_t *payload)
{
	if ((r->flags & ABORT_RW_MASK) == ABORT_FETCH) {
		a->n[ARTEFACT_FETCH_ABORTS] += !(r->flags & ABORT_DEBUG);
		return;
	}
	a->n[ARTEFACT_PARTIAL] += a->cur.words;
	a->n[ARTEFACT_STREX_ABORTS] += !(r->flags & ABORT_THUMB) && is_strex(le32_get(payload + 4));
}

static void add_exception(struct trace_artefacts *a, const struct trace_rec *r)
{
	if (r->arg != VECTOR_IRQ && r->arg != VECTOR_FIQ)
		return;
	a->n[ARTEFACT_IRQS]++;
	if (!a->in_irq)
		a->irq_resume = r->b - 4;
	a->in_irq = true;
}

void trace_artefacts_add(struct trace_artefacts *a, const struct trace_rec *r,
			 const uint8_t *payload)
{
	switch (r->kind) {
	case TRACE_RUN: add_run(a, r); break;
	case TRACE_LOAD: case TRACE_STORE: add_access(a, r); break;
	case TRACE_CP_WRITE: add_cp_write(a, r); break;
	case TRACE_CP_READ: add_cp_read(a, r); break;
	case TRACE_ABORT: add_abort(a, r, payload + r->b); break;
	case TRACE_EXC: add_exception(a, r); break;
	case TRACE_WAIT:
		a->n[ARTEFACT_WAITS]++;
		if (r->flags & WAIT_UNKNOWN)
			a->n[ARTEFACT_WAITS_UNKNOWN]++;
		else
			a->n[ARTEFACT_WAIT_NS] += r->a | (uint64_t)r->b << 32;
		break;
	}
}
