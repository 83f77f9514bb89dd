/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces/text.h"

#include <stdlib.h>
#include <string.h>

#include "traces/check.h"
#include "traces/le.h"
#include "traces/text_scan.h"
#include "traces/text_words.h"

struct parser {
	struct text_scan s;
	struct trace_text *t;
	struct trace_check check;
	bool has_records;
};

static void fail_memory(struct parser *p)
{
	if (!p->s.err)
		p->s.err = diag_set(p->s.d, ERR_NOMEM, "out of memory");
}

/* Room for so many bytes behind the payloads so far; NULL after a failure. */
static uint8_t *payload_reserve(struct parser *p, size_t bytes)
{
	struct trace_text *t = p->t;
	size_t cap = t->payload_cap ? t->payload_cap : 4096;

	while (cap - t->payload_bytes < bytes + 8)
		cap *= 2;
	if (cap > UINT32_MAX) {
		fail_memory(p);
		return NULL;
	}
	if (cap > t->payload_cap) {
		uint8_t *q = realloc(t->payload, cap);

		if (!q) {
			fail_memory(p);
			return NULL;
		}
		t->payload = q;
		t->payload_cap = cap;
	}
	return t->payload + t->payload_bytes;
}

static void payload_take(struct parser *p, struct trace_rec *r, size_t bytes)
{
	struct trace_text *t = p->t;

	r->b = (uint32_t)t->payload_bytes;
	t->payload_bytes += bytes;
	while (t->payload_bytes & 7)
		t->payload[t->payload_bytes++] = 0;
}

static uint8_t get_flags(struct parser *p, const struct text_word *list)
{
	unsigned flags = 0;

	for (const struct text_word *w = list; w->name;) {
		if (!(flags & w->mask) && scan_accept(&p->s, w->name)) {
			flags |= w->value;
			w = list;
		} else {
			w++;
		}
	}
	return (uint8_t)flags;
}

static void get_run(struct parser *p, struct trace_rec *r)
{
	r->va = scan_u32(&p->s, "start VA");
	r->arg = (uint16_t)scan_number(&p->s, "instructions", RUN_MAX_INSNS);
	r->a = 4u * r->arg;
	if (scan_accept(&p->s, "thumb")) {
		r->flags |= RUN_THUMB;
		r->a = (uint32_t)scan_key(&p->s, "bytes", RUN_PAGE_BYTES);
	}
	if (scan_accept(&p->s, "noretire"))
		r->flags |= RUN_NO_RETIRE;
}

static void get_access(struct parser *p, struct trace_rec *r)
{
	static const char *const sizes[] = { "1", "2", "4", "8" };
	struct text_token t;

	r->va = scan_u32(&p->s, "VA");
	r->flags = (uint8_t)scan_word(&p->s, sizes, 4);
	t = scan_peek(&p->s);
	if (!t.n || *t.p != '@') {
		scan_fail(&p->s, t, "@INDEX of the instruction in its run");
		return;
	}
	p->s.p = t.p + 1;
	r->arg = (uint16_t)scan_number(&p->s, "index", UINT16_MAX);
	r->flags |= get_flags(p, text_access);
	if (r->flags & (ACC_IO | ACC_VALUED))
		r->a = (uint32_t)scan_key(&p->s, "pa", UINT32_MAX);
	if (r->flags & ACC_VALUED)
		r->b = (uint32_t)scan_key(&p->s, "value", UINT32_MAX);
}

/* Returns the number of words put into the payload. */
static uint32_t get_words(struct parser *p, struct trace_rec *r, uint32_t max)
{
	uint8_t *to = payload_reserve(p, 4 * (size_t)max);
	uint32_t n = 0, word, count;
	struct text_token t = scan_peek(&p->s);

	while (to && scan_hex_words(&p->s, &word, &count)) {
		if (count > max - n) {
			scan_fail(&p->s, t, "no more words than fit");
			return 0;
		}
		while (count--)
			le32_put(to + 4 * n++, word);
		t = scan_peek(&p->s);
	}
	if (to)
		payload_take(p, r, 4 * (size_t)n);
	return n;
}

static void get_code(struct parser *p, struct trace_rec *r)
{
	r->a = scan_u32(&p->s, "PA");
	r->flags = scan_accept(&p->s, "thumb") ? RUN_THUMB : 0;
	r->arg = (uint16_t)get_words(p, r, UINT16_MAX);
	if (!r->arg)
		scan_fail(&p->s, scan_peek(&p->s), "words of 8 hex digits");
}

static void get_image(struct parser *p, struct trace_rec *r)
{
	r->a = scan_u32(&p->s, "PA");
	if (get_words(p, r, 1024) != 1024)
		scan_fail(&p->s, scan_peek(&p->s), "1024 words of 8 hex digits, maybe as "
			  "WORD*COUNT");
}

static void get_cp(struct parser *p, struct trace_rec *r)
{
	r->arg = scan_register(&p->s);
	r->a = scan_u32(&p->s, "value");
	if (r->arg & CP_KEY_64)
		r->b = scan_u32(&p->s, "second value");
}

static void get_abort(struct parser *p, struct trace_rec *r)
{
	uint8_t *to = payload_reserve(p, sizeof(struct trace_abort));

	if (!to)
		return;
	r->flags = (uint8_t)scan_word(&p->s, text_abort_rw, 3);
	r->va = scan_u32(&p->s, "VA");
	r->arg = (uint16_t)scan_number(&p->s, "size", 8);
	r->flags |= get_flags(p, text_abort);
	for (unsigned i = 0; i < TEXT_ABORT_WORDS; i++)
		le32_put(to + 4 * i, (uint32_t)scan_key(&p->s, text_abort_words[i],
							UINT32_MAX));
	payload_take(p, r, sizeof(struct trace_abort));
}

static void get_exc(struct parser *p, struct trace_rec *r)
{
	r->arg = (uint16_t)scan_word(&p->s, text_vectors, 8);
	r->va = scan_u32(&p->s, "resume VA");
	r->a = (uint32_t)scan_key(&p->s, "cpsr", UINT32_MAX);
	r->b = (uint32_t)scan_key(&p->s, "lr", UINT32_MAX);
}

static void get_hist(struct parser *p, struct trace_rec *r)
{
	r->flags = (uint8_t)scan_word(&p->s, text_hist, 3);
	if (r->flags == HIST_REG)
		r->arg = scan_register(&p->s);
	else
		r->va = scan_u32(&p->s, "address");
	r->a = (uint32_t)scan_key(&p->s, "age", UINT32_MAX);
	if (r->flags != HIST_INVAL)
		r->b = (uint32_t)scan_key(&p->s, "value", UINT32_MAX);
	else if (scan_peek(&p->s).n)
		r->b = (uint32_t)scan_key(&p->s, "scope", UINT32_MAX);
}

static void get_pair(struct trace_rec *r, uint64_t v)
{
	r->a = (uint32_t)v;
	r->b = (uint32_t)(v >> 32);
}

static void get_fields(struct parser *p, struct trace_rec *r)
{
	struct text_scan *s = &p->s;

	switch (r->kind) {
	case TRACE_RUN: get_run(p, r); break;
	case TRACE_LOAD:
	case TRACE_STORE: get_access(p, r); break;
	case TRACE_CODE: get_code(p, r); break;
	case TRACE_IMAGE: get_image(p, r); break;
	case TRACE_CP_WRITE:
	case TRACE_CP_READ: get_cp(p, r); break;
	case TRACE_ABORT: get_abort(p, r); break;
	case TRACE_EXC: get_exc(p, r); break;
	case TRACE_MODE: r->a = scan_u32(s, "CPSR"); break;
	case TRACE_SENS:
		r->arg = (uint16_t)scan_word(s, text_sens, SENS_CLASSES);
		r->a = scan_u32(s, "opcode");
		r->b = scan_u32(s, "value");
		r->flags = scan_accept(s, "thumb") ? RUN_THUMB : 0;
		break;
	case TRACE_WAIT:
		get_pair(r, scan_number(s, "nanoseconds", UINT64_MAX));
		r->flags = scan_accept(s, "unknown") ? WAIT_UNKNOWN : 0;
		break;
	case TRACE_WITNESS:
		r->va = scan_u32(s, "VA");
		r->a = scan_u32(s, "PA");
		r->flags = get_flags(p, text_witness);
		break;
	case TRACE_MARK: r->a = scan_u32(s, "number"); break;
	case TRACE_FETCH:
		r->va = scan_u32(s, "VA");
		r->arg = (uint16_t)scan_number(s, "size", FETCH_MAX_BYTES);
		break;
	case TRACE_HASH: get_pair(r, scan_number(s, "hash", UINT64_MAX)); break;
	case TRACE_HIST: get_hist(p, r); break;
	}
}

static void parse_record(struct parser *p, unsigned kind)
{
	struct trace_text *t = p->t;
	struct trace_rec r = { .kind = (uint8_t)kind };
	const char *why;

	scan_next(&p->s);
	get_fields(p, &r);
	scan_end(&p->s);
	if (p->s.err)
		return;
	why = trace_check_next(&p->check, &r, trace_payload_bytes(&r));
	if (why) {
		p->s.err = diag_set(p->s.d, ERR_TRACE, "%s:%u:1: record %zu (%s): %s",
				    p->s.name, p->s.number, t->n, trace_kind_name(kind), why);
		return;
	}
	if (t->n == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 1024;
		struct trace_rec *q = realloc(t->rec, cap * sizeof(*q));

		if (!q) {
			fail_memory(p);
			return;
		}
		t->rec = q;
		t->cap = cap;
	}
	t->rec[t->n++] = r;
	p->has_records = true;
}

static void parse_symbol(struct parser *p)
{
	char object[TRACE_OBJECT_BYTES] = "", name[TRACE_SYMBOL_BYTES] = "";
	uint32_t va, bytes;
	struct text_token o, n;
	const char *why;

	scan_next(&p->s);
	o = scan_next(&p->s);
	va = scan_u32(&p->s, "address");
	bytes = scan_u32(&p->s, "bytes");
	n = scan_next(&p->s);
	scan_end(&p->s);
	if (p->s.err)
		return;
	if (o.n < sizeof(object))
		memcpy(object, o.p, o.n);
	if (n.n < sizeof(name))
		memcpy(name, n.p, n.n);
	why = trace_symbols_add(&p->t->symbols, object, va, bytes, name);
	if (why)
		p->s.err = diag_set(p->s.d, ERR_TRACE, "%s:%u:1: %s", p->s.name, p->s.number, why);
}

static void parse_line(struct parser *p)
{
	struct text_token t = scan_peek(&p->s);

	if (!t.n)
		return;
	for (unsigned kind = 0; kind < TRACE_KINDS; kind++)
		if (token_is(t, trace_kind_name(kind))) {
			parse_record(p, kind);
			return;
		}
	if (!p->has_records && token_is(t, "symbol"))
		parse_symbol(p);
	else if (p->has_records)
		scan_fail(&p->s, t, "a record (run, load, store, cpw, exc, ...)");
	else if (!text_header_line(&p->s, &p->t->header, scan_next(&p->s)))
		scan_fail(&p->s, t, "a header line (arch, core, ram, reg, ...) or a record "
			  "(run, load, store, cpw, exc, ...)");
}

static void parse_first_line(struct parser *p)
{
	struct text_token t = scan_next(&p->s), version = scan_next(&p->s);

	if (!token_is(t, TRACE_TEXT_MAGIC))
		scan_fail(&p->s, t, "\"swt-text 1\"");
	else if (!token_is(version, "1"))
		scan_fail(&p->s, version, "version 1 of the text form");
	scan_end(&p->s);
}

enum err trace_text_parse(struct trace_text *t, const char *name, const char *text,
			  size_t bytes, struct diag *d)
{
	struct parser p = { .s = { .name = name, .d = d }, .t = t };
	const char *end = text + bytes;
	enum err err;

	memset(t, 0, sizeof(*t));
	t->header.vcpus = 1;
	t->header.icount_shift = -1;
	for (const char *line = text; line < end && !p.s.err;) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));

		p.s.line = p.s.p = line;
		p.s.end = stop ? stop : end;
		if (p.s.end > line && p.s.end[-1] == '\r')
			p.s.end--;
		if (!p.s.number++)
			parse_first_line(&p);
		else
			parse_line(&p);
		line = stop ? stop + 1 : end;
	}
	err = p.s.err ? p.s.err : text_header_finish(&t->header, name, d);
	if (err)
		trace_text_clear(t);
	return err;
}

void trace_text_clear(struct trace_text *t)
{
	trace_header_clear(&t->header);
	trace_symbols_clear(&t->symbols);
	free(t->rec);
	free(t->payload);
	memset(t, 0, sizeof(*t));
}
