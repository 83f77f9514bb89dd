/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header lines of the text form. */
#include "traces/text_scan.h"

#include <stdlib.h>
#include <string.h>

#include "traces/header.h"
#include "traces/text_words.h"

/* The rest of the line, blanks at the ends off; for texts that hold blanks. */
static struct text_token rest_of_line(struct text_scan *s)
{
	struct text_token t = scan_peek(s);

	if (!t.n)
		return t;
	t.n = (size_t)(s->end - t.p);
	for (size_t i = 1; i < t.n; i++)
		if (t.p[i] == '#' && (t.p[i - 1] == ' ' || t.p[i - 1] == '\t'))
			t.n = i;
	while (t.n && (t.p[t.n - 1] == ' ' || t.p[t.n - 1] == '\t'))
		t.n--;
	s->p = s->end;
	return t;
}

static void get_text(struct text_scan *s, char *to, size_t room)
{
	struct text_token t = rest_of_line(s);

	if (!t.n || t.n >= room) {
		scan_fail(s, t, "a text that is not too long");
		return;
	}
	memcpy(to, t.p, t.n);
	to[t.n] = 0;
}

static void get_range(struct text_scan *s, struct trace_range *to, unsigned *n)
{
	struct trace_range r;

	r.base = scan_u32(s, "base");
	r.bytes = scan_number(s, "bytes", UINT64_C(1) << 32);
	if (*n == TRACE_MAX_RANGES)
		scan_fail(s, (struct text_token){ s->line, 0 }, "at most 16 ranges");
	else
		to[(*n)++] = r;
}

static void get_locked(struct text_scan *s, struct trace_header *h)
{
	struct trace_locked l;

	l.mva = scan_u32(s, "MVA");
	l.l1 = (uint32_t)scan_key(s, "l1", UINT32_MAX);
	l.l2 = (uint32_t)scan_key(s, "l2", UINT32_MAX);
	l.asid = (uint8_t)scan_key(s, "asid", 255);
	if (h->nlocked == TRACE_MAX_LOCKED)
		scan_fail(s, (struct text_token){ s->line, 0 },
			  "at most 32 locked entries");
	else
		h->locked[h->nlocked++] = l;
}

static void get_reg(struct text_scan *s, struct trace_header *h)
{
	struct trace_reg r;

	r.key = scan_register(s);
	r.value = scan_u32(s, "value");
	if (h->nreg == TRACE_MAX_REGS)
		scan_fail(s, (struct text_token){ s->line, 0 }, "at most 64 registers");
	else
		h->reg[h->nreg++] = r;
}

static void get_cut(struct text_scan *s, struct trace_header *h)
{
	struct text_token t = scan_next(s);

	if (t.n != TRACE_ID_HEX - 1) {
		scan_fail(s, t, "an id of 64 hex digits");
		return;
	}
	memcpy(h->parent, t.p, t.n);
	h->parent_first = scan_key(s, "first", INT64_MAX);
	h->parent_count = scan_key(s, "count", INT64_MAX);
}

static void get_provenance(struct text_scan *s, struct trace_header *h)
{
	struct text_token t = scan_peek(s);

	t.n = (size_t)(s->end - t.p);         /* JSON: # is no comment here */
	s->p = s->end;
	if (!t.n || h->provenance || memchr(t.p, 0, t.n))
		scan_fail(s, t, "one JSON object, once");
	else if (!(h->provenance = strndup(t.p, t.n)))
		s->err = diag_set(s->d, ERR_NOMEM, "out of memory");
}

bool text_header_line(struct text_scan *s, struct trace_header *h, struct text_token key)
{
	if (token_is(key, "arch"))
		get_text(s, h->arch, sizeof(h->arch));
	else if (token_is(key, "core"))
		get_text(s, h->core, sizeof(h->core));
	else if (token_is(key, "guest"))
		get_text(s, h->guest, sizeof(h->guest));
	else if (token_is(key, "workload"))
		get_text(s, h->workload, sizeof(h->workload));
	else if (token_is(key, "vcpus"))
		h->vcpus = scan_u32(s, "vcpus");
	else if (token_is(key, "icount_shift"))
		h->icount_shift = (int)scan_signed(s, "icount_shift", -1, 31);
	else if (token_is(key, "hz"))
		h->hz = (unsigned)scan_number(s, "hz", 1000000000);
	else if (token_is(key, "ram"))
		get_range(s, h->ram, &h->nram);
	else if (token_is(key, "dev"))
		get_range(s, h->dev, &h->ndev);
	else if (token_is(key, "cpsr"))
		h->cpsr = scan_u32(s, "CPSR");
	else if (token_is(key, "spsr")) {
		size_t i = scan_word(s, text_spsr, 6);

		h->spsr[i] = scan_u32(s, "SPSR");
		h->spsr_known |= 1u << i;
	} else if (token_is(key, "reg"))
		get_reg(s, h);
	else if (token_is(key, "locked"))
		get_locked(s, h);
	else if (token_is(key, "cut"))
		get_cut(s, h);
	else if (token_is(key, "provenance"))
		get_provenance(s, h);
	else
		return false;
	scan_end(s);
	return true;
}

static int by_key(const void *a, const void *b)
{
	const struct trace_reg *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

enum err text_header_finish(struct trace_header *h, const char *name, struct diag *d)
{
	struct diag why;
	char *json;
	enum err err;

	qsort(h->reg, h->nreg, sizeof(*h->reg), by_key);
	if (!h->arch[0])
		return diag_set(d, ERR_TRACE, "%s:1:1: header line \"arch\" is missing",
				name);
	err = trace_header_to_json(h, &json, &why);
	if (!err) {
		trace_header_clear(h);
		err = trace_header_from_json(h, json, &why);
		free(json);
	}
	return err ? diag_set(d, err, "%s:1:1: %s", name, why.msg) : ERR_OK;
}
