/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces/import.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "traces/check.h"
#include "traces/import_line.h"

const char *const import_format_name[IMPORT_FORMATS] = { "din", "lackey" };

enum { BUFFER_BYTES = 1 << 18, LINE_BYTES = 1 << 12 };  /* of a line no more is looked at */

/* --- what a line says --------------------------------------------------------------------- */

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

bool import_number(struct import_text *t, unsigned base, uint64_t *out)
{
	const char *first = t->p;
	unsigned digit;
	uint64_t v = 0;

	for (; t->p < t->end && (digit = digit_of(*t->p)) < base; t->p++)
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, digit, &v))
			return false;
	*out = v;
	return t->p > first;
}

enum err import_refuse(const struct import *im, const struct import_text *line, const char *want)
{
	char text[48];
	size_t n = 0;

	for (const char *p = line->p; p < line->end && n + 4 < sizeof(text); p++)
		text[n++] = *p >= ' ' && *p <= '~' ? *p : '.';
	if (line->p + n < line->end || line->too_long) {
		memcpy(text + n, "...", 3);
		n += 3;
	}
	text[n] = 0;
	return diag_set(im->d, ERR_TRACE, "%.200s: line %llu: '%s': want %s", im->name,
			(unsigned long long)im->n->lines, text, want);
}

enum err import_address(struct import *im, const struct import_text *line, uint64_t address,
			uint32_t bytes, uint32_t *va)
{
	if (address > UINT32_MAX || UINT32_MAX - address < bytes - 1) {
		if (!im->o->fold)
			return import_refuse(im, line, "an access below 4 GB, or --fold (addresses modulo "
					     "4 GB)");
		im->n->folded++;
	}
	*va = (uint32_t)address;
	return ERR_OK;
}

enum err import_fetch(struct import *im, uint32_t va, uint32_t bytes)
{
	struct trace_rec r = { .kind = TRACE_FETCH, .arg = (uint16_t)bytes, .va = va };

	im->n->fetches++;
	return im->sink(im->ctx, &r, im->d);
}

enum err import_datum(struct import *im, bool write, uint32_t va, uint32_t bytes)
{
	enum err e = ERR_OK;

	im->n->cut += bytes > 8 || bytes & (bytes - 1);
	while (bytes && !e) {
		unsigned log2 = bytes >= 8 ? 3 : bytes >= 4 ? 2 : bytes >= 2;
		bool split = va % RUN_PAGE_BYTES + (1u << log2) > RUN_PAGE_BYTES;
		struct trace_rec r = { .kind = write ? TRACE_STORE : TRACE_LOAD, .va = va,
				       .flags = (uint8_t)(log2 | (split ? ACC_SPLIT : 0)) };

		*(write ? &im->n->stores : &im->n->loads) += 1;
		e = im->sink(im->ctx, &r, im->d);
		va += 1u << log2;
		bytes -= 1u << log2;
	}
	return e;
}

/* --- lines -------------------------------------------------------------------------------- */

struct lines {
	FILE *f;
	char *buf;                      /* BUFFER_BYTES */
	size_t at, end;
	uint64_t before;                /* bytes of the file before buf */
	bool eof;
};

/* More behind what is there, which moves to the front. */
static enum err refill(struct lines *l, const char *name, struct diag *d)
{
	size_t got;

	memmove(l->buf, l->buf + l->at, l->end - l->at);
	l->before += l->at;
	l->end -= l->at;
	l->at = 0;
	errno = 0;
	got = fread(l->buf + l->end, 1, BUFFER_BYTES - l->end, l->f);
	l->end += got;
	l->eof = !got;
	if (ferror(l->f))
		return diag_set(d, ERR_IO, "%.200s: offset %llu: %s", name,
				(unsigned long long)(l->before + l->end), strerror(errno));
	return ERR_OK;
}

/* The next line into *t; *any false: there is none. The rest of a very long one is passed over. */
static enum err next_line(struct lines *l, const char *name, struct import_text *t, bool *any,
			  struct diag *d)
{
	char *newline;
	enum err e;

	while (!(newline = memchr(l->buf + l->at, '\n', l->end - l->at)) && !l->eof &&
	       l->end - l->at < LINE_BYTES)
		if ((e = refill(l, name, d)))
			return e;
	*any = newline || l->at < l->end;
	*t = (struct import_text){ .p = l->buf + l->at,
				   .end = newline ? newline : l->buf + l->end };
	if (newline)
		l->at = (size_t)(newline - l->buf) + 1;
	else
		l->at = l->end;
	if (t->end - t->p > LINE_BYTES) {
		t->end = t->p + LINE_BYTES;
		t->too_long = true;
	}
	return ERR_OK;
}

/* Of a line whose end was not in the buffer: up to it. Uses the buffer up: the line was dealt with. */
static enum err skip_rest(struct lines *l, const char *name, struct diag *d)
{
	char *newline = NULL;
	enum err e;

	while (!newline && !l->eof) {
		l->at = l->end;
		if ((e = refill(l, name, d)))
			return e;
		newline = memchr(l->buf, '\n', l->end);
	}
	l->at = newline ? (size_t)(newline - l->buf) + 1 : l->end;
	return ERR_OK;
}

static enum err each_line(struct import *im, struct lines *l, struct progress *bar)
{
	enum { STEP = 4096 };
	enum err e = ERR_OK;

	while (!e) {
		struct import_text t;
		bool any, open;

		if ((e = next_line(l, im->name, &t, &any, im->d)) || !any)
			break;
		open = l->at == l->end && l->buf[l->end - 1] != '\n' && !l->eof;
		t.too_long |= open;
		im->n->lines++;
		e = im->o->format == IMPORT_DIN ? import_din_line(im, t) : import_lackey_line(im, t);
		if (!e && open)
			e = skip_rest(l, im->name, im->d);
		if (bar && im->n->lines % STEP == 0)
			progress_step(bar, l->before + l->at);
	}
	return e;
}

enum err trace_import(FILE *f, const char *name, const struct import_options *o, import_sink sink,
		      void *ctx, struct import_counts *n, struct progress *bar, struct diag *d)
{
	struct import im = { .name = name, .o = o, .n = n, .sink = sink, .ctx = ctx, .d = d };
	struct lines l = { .f = f, .buf = malloc(BUFFER_BYTES) };
	enum err e;

	*n = (struct import_counts){ 0 };
	if (!l.buf)
		return diag_set(d, ERR_NOMEM, "out of memory");
	e = each_line(&im, &l, bar);
	free(l.buf);
	if (!e && !(n->fetches + n->loads + n->stores))
		e = diag_set(d, ERR_TRACE, "%.200s: no access in %llu lines (want a %s trace)", name,
			     (unsigned long long)n->lines, import_format_name[o->format]);
	return e;
}

/* --- the header --------------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

enum err trace_import_header(struct trace_header *h, const struct import_options *o,
			     const char *name, struct diag *d)
{
	enum { USR = 0x10 };
	json_t *p = json_pack("{s:s,s:s}", "format", import_format_name[o->format], "imported_by",
			      "shadewalk trace import");
	json_t *input = json_string(base_name(name));   /* NULL: not UTF-8 */

	*h = (struct trace_header){ .arch = TRACE_ARCH_IMPORT, .core = "generic", .guest = "import",
		.vcpus = 1, .icount_shift = -1, .nram = 1, .ram = { { 0, UINT64_C(1) << 32 } },
		.cpsr = USR };
	memcpy(h->workload, import_format_name[o->format],
	       strlen(import_format_name[o->format]) + 1);
	if (input)
		json_object_set_new(p, "input", input);
	if (o->fold)
		json_object_set_new(p, "fold", json_string("addresses modulo 4 GB"));
	if (o->skip_other)
		json_object_set_new(p, "skip_other", json_string("lines with labels but 0, 1, 2 left out"));
	h->provenance = p ? json_dumps(p, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	json_decref(p);
	return h->provenance ? ERR_OK : diag_set(d, ERR_NOMEM, "out of memory");
}
