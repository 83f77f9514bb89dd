/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The canonical text form: what a parser's result, written again, looks like. */
#include <inttypes.h>

#include "traces/check.h"
#include "traces/cp_names.h"
#include "traces/le.h"
#include "traces/text.h"
#include "traces/text_words.h"

static void put_register(FILE *f, uint16_t key)
{
	char text[CP_TEXT_BYTES];
	const char *name = cp_name(key);

	cp_print(text, key);
	fprintf(f, " %s", text);
	if (name)
		fprintf(f, " (%s)", name);
}

void trace_text_put_header(FILE *f, const struct trace_header *h)
{
	fprintf(f, TRACE_TEXT_MAGIC " 1\narch %s\n", h->arch);
	if (h->core[0])
		fprintf(f, "core %s\n", h->core);
	if (h->guest[0])
		fprintf(f, "guest %s\n", h->guest);
	if (h->workload[0])
		fprintf(f, "workload %s\n", h->workload);
	fprintf(f, "vcpus %u\nicount_shift %d\nhz %u\n", h->vcpus, h->icount_shift, h->hz);
	for (unsigned i = 0; i < h->nram; i++)
		fprintf(f, "ram 0x%08x 0x%" PRIx64 "\n", h->ram[i].base, h->ram[i].bytes);
	for (unsigned i = 0; i < h->ndev; i++)
		fprintf(f, "dev 0x%08x 0x%" PRIx64 "\n", h->dev[i].base, h->dev[i].bytes);
	fprintf(f, "cpsr 0x%08x\n", h->cpsr);
	for (unsigned i = 0; i < 6; i++)
		if (h->spsr_known >> i & 1)
			fprintf(f, "spsr %s 0x%08x\n", text_spsr[i], h->spsr[i]);
	for (unsigned i = 0; i < h->nreg; i++) {
		fputs("reg", f);
		put_register(f, h->reg[i].key);
		fprintf(f, " 0x%08x\n", h->reg[i].value);
	}
	for (unsigned i = 0; i < h->nlocked; i++)
		fprintf(f, "locked 0x%08x l1=0x%08x l2=0x%08x asid=%u\n", h->locked[i].mva,
			h->locked[i].l1, h->locked[i].l2, h->locked[i].asid);
	if (h->parent[0])
		fprintf(f, "cut %s first=%" PRIu64 " count=%" PRIu64 "\n", h->parent,
			h->parent_first, h->parent_count);
	if (h->provenance)
		fprintf(f, "provenance %s\n", h->provenance);
}

void trace_text_put_symbols(FILE *f, const struct trace_symbols *s)
{
	for (size_t i = 0; s && i < s->n; i++)
		fprintf(f, "symbol %s 0x%08x %u %s\n", s->object[s->symbol[i].object],
			s->symbol[i].va, s->symbol[i].bytes, trace_symbols_name(s, &s->symbol[i]));
}

static void put_flags(FILE *f, unsigned flags, const struct text_word *w)
{
	for (; w->name; w++)
		if ((flags & w->mask) == w->value)
			fprintf(f, " %s", w->name);
}

/* Equal words in a row become WORD*COUNT. */
static void put_words(FILE *f, const uint8_t *p, size_t words)
{
	for (size_t i = 0, n; i < words; i += n) {
		uint32_t w = le32_get(p + 4 * i);

		for (n = 1; i + n < words && le32_get(p + 4 * (i + n)) == w; n++)
			;
		fprintf(f, " %08x", w);
		if (n > 1)
			fprintf(f, "*%zu", n);
	}
}

static void put_access(FILE *f, const struct trace_rec *r)
{
	fprintf(f, " 0x%08x %u @%u", r->va, 1u << (r->flags & ACC_SIZE_MASK), r->arg);
	put_flags(f, r->flags, text_access);
	if (r->flags & (ACC_IO | ACC_VALUED))
		fprintf(f, " pa=0x%08x", r->a);
	if (r->flags & ACC_VALUED)
		fprintf(f, " value=0x%08x", r->b);
}

static void put_abort(FILE *f, const struct trace_rec *r, const uint8_t *p)
{
	fprintf(f, " %s 0x%08x %u", text_abort_rw[r->flags & ABORT_RW_MASK], r->va, r->arg);
	put_flags(f, r->flags, text_abort);
	for (unsigned i = 0; i < TEXT_ABORT_WORDS; i++)
		fprintf(f, " %s=0x%08x", text_abort_words[i], le32_get(p + 4 * i));
}

static void put_hist(FILE *f, const struct trace_rec *r)
{
	fprintf(f, " %s", text_hist[r->flags]);
	if (r->flags == HIST_REG)
		put_register(f, r->arg);
	else
		fprintf(f, " 0x%08x", r->va);
	fprintf(f, " age=%u", r->a);
	if (r->flags != HIST_INVAL)
		fprintf(f, " value=0x%08x", r->b);
	else if (r->b)
		fprintf(f, " scope=0x%03x", r->b);
}

static void put_cp(FILE *f, const struct trace_rec *r)
{
	put_register(f, r->arg);
	fprintf(f, " 0x%08x", r->a);
	if (r->arg & CP_KEY_64)
		fprintf(f, " 0x%08x", r->b);
}

static void put_run(FILE *f, const struct trace_rec *r)
{
	fprintf(f, " 0x%08x %u", r->va, r->arg);
	if (r->flags & RUN_THUMB)
		fprintf(f, " thumb bytes=%u", r->a);
	if (r->flags & RUN_NO_RETIRE)
		fputs(" noretire", f);
}

void trace_text_put(FILE *f, const struct trace_rec *r, const uint8_t *payload)
{
	const uint8_t *p = trace_has_payload(r->kind) ? payload + r->b : NULL;
	uint64_t ab = r->a | (uint64_t)r->b << 32;

	fputs(trace_kind_name(r->kind), f);
	switch (r->kind) {
	case TRACE_RUN: put_run(f, r); break;
	case TRACE_LOAD:
	case TRACE_STORE: put_access(f, r); break;
	case TRACE_CODE:
		fprintf(f, " 0x%08x%s", r->a, r->flags & RUN_THUMB ? " thumb" : "");
		put_words(f, p, r->arg);
		break;
	case TRACE_IMAGE:
		fprintf(f, " 0x%08x", r->a);
		put_words(f, p, 1024);
		break;
	case TRACE_CP_WRITE:
	case TRACE_CP_READ: put_cp(f, r); break;
	case TRACE_ABORT: put_abort(f, r, p); break;
	case TRACE_EXC:
		fprintf(f, " %s 0x%08x cpsr=0x%08x lr=0x%08x", text_vectors[r->arg], r->va,
			r->a, r->b);
		break;
	case TRACE_MODE: fprintf(f, " 0x%08x", r->a); break;
	case TRACE_SENS:
		fprintf(f, " %s 0x%08x 0x%08x%s", text_sens[r->arg], r->a, r->b,
			r->flags & RUN_THUMB ? " thumb" : "");
		break;
	case TRACE_WAIT:
		fprintf(f, " %" PRIu64 "%s", ab, r->flags & WAIT_UNKNOWN ? " unknown" : "");
		break;
	case TRACE_WITNESS:
		fprintf(f, " 0x%08x 0x%08x", r->va, r->a);
		put_flags(f, r->flags, text_witness);
		break;
	case TRACE_MARK: fprintf(f, " %u", r->a); break;
	case TRACE_FETCH: fprintf(f, " 0x%08x %u", r->va, r->arg); break;
	case TRACE_HASH: fprintf(f, " 0x%016" PRIx64, ab); break;
	case TRACE_HIST: put_hist(f, r); break;
	}
	fputc('\n', f);
}
