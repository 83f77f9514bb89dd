/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces/info.h"

#include <stdlib.h>
#include <string.h>

#include "traces/check.h"
#include "traces/le.h"

enum { CPSR_MODE_MASK = 0x1f };

enum err trace_info_begin(struct trace_info *t, const struct trace_header *h, struct diag *d)
{
	memset(t, 0, sizeof(*t));
	t->cpsr = h->cpsr;
	trace_artefacts_begin(&t->artefacts, h);
	t->cp_write = calloc(TRACE_CP_KEYS, sizeof(*t->cp_write));
	t->cp_read = calloc(TRACE_CP_KEYS, sizeof(*t->cp_read));
	if (t->cp_write && t->cp_read)
		return ERR_OK;
	trace_info_end(t);
	return diag_set(d, ERR_NOMEM, "out of memory");
}

void trace_info_end(struct trace_info *t)
{
	free(t->cp_write);
	free(t->cp_read);
	memset(t, 0, sizeof(*t));
}

static void add_run(struct trace_info *t, const struct trace_rec *r)
{
	uint32_t retired = trace_rec_instructions(r);

	t->mode[t->cpsr & CPSR_MODE_MASK] += retired;
	if (r->flags & RUN_THUMB)
		t->thumb += retired;
	t->no_retire += (r->flags & RUN_NO_RETIRE) != 0;
}

static void add_access(struct trace_info *t, const struct trace_rec *r)
{
	unsigned log2 = r->flags & ACC_SIZE_MASK, kind = r->flags & ACC_KIND_MASK;

	t->access_bytes[log2]++;
	t->unpriv += kind == ACC_UNPRIV;
	t->excl += kind == ACC_EXCL;
	t->multi += kind == ACC_MULTI;
	t->io += (r->flags & ACC_IO) != 0;
	t->valued += (r->flags & ACC_VALUED) != 0;
}

static void add_abort(struct trace_info *t, const struct trace_rec *r, const uint8_t *p)
{
	unsigned rw = r->flags & ABORT_RW_MASK;
	uint32_t fsr = le32_get(p + (rw == ABORT_FETCH ? 12 : 8));

	t->abort_user += (r->flags & ABORT_USER) != 0;
	if (r->flags & ABORT_DEBUG)
		t->abort_debug++;
	else
		t->abort[rw][(fsr & 15) | (fsr >> 6 & 16)]++;
}

static void add_other(struct trace_info *t, const struct trace_rec *r, const uint8_t *payload)
{
	switch (r->kind) {
	case TRACE_CODE: t->code_bytes += 4u * r->arg; break;
	case TRACE_CP_WRITE: t->cp_write[r->arg]++; break;
	case TRACE_CP_READ: t->cp_read[r->arg]++; break;
	case TRACE_ABORT: add_abort(t, r, payload + r->b); break;
	case TRACE_EXC:
		t->exception[r->arg]++;
		t->cpsr = r->a;
		break;
	case TRACE_MODE: t->cpsr = r->a; break;
	case TRACE_SENS: t->sens[r->arg]++; break;
	case TRACE_WITNESS:
		t->witness_fetch += (r->flags & WIT_FETCH) != 0;
		t->witness_io += (r->flags & WIT_IO) != 0;
		break;
	case TRACE_FETCH: t->mode[t->cpsr & CPSR_MODE_MASK]++; break;
	}
}

void trace_info_add(struct trace_info *t, const struct trace_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct trace_rec *r = &b->rec[i];

		t->kind[r->kind]++;
		t->instructions += trace_rec_instructions(r);
		t->references += trace_rec_references(r);
		trace_artefacts_add(&t->artefacts, r, b->payload);
		if (r->kind == TRACE_RUN)
			add_run(t, r);
		else if (trace_is_access(r))
			add_access(t, r);
		else
			add_other(t, r, b->payload);
	}
	t->records += b->n;
}
