/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps of symbols as nm and the Linux build print them. */
#include "traces/symbols.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MAP_BYTES ((size_t)1 << 28)

/* A line; names are not copied before their turn comes. */
struct line {
	uint32_t va, bytes;             /* bytes 0: not told */
	const char *name;
	unsigned length;
	char type;
};

struct map {
	struct line *line;
	size_t n, cap;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct word { const char *p; size_t n; };

static struct word next_word(const char **p, const char *end)
{
	struct word w;

	while (*p < end && is_blank(**p))
		(*p)++;
	w.p = *p;
	while (*p < end && !is_blank(**p))
		(*p)++;
	w.n = (size_t)(*p - w.p);
	return w;
}

/* Hexadecimal; 16 digits are nm's of a 64-bit host, and must fit into 32 bits. */
static bool is_number(struct word w, uint32_t *value)
{
	uint64_t v = 0;

	if (!w.n || w.n > 16)
		return false;
	for (size_t i = 0; i < w.n; i++) {
		const char *digit = memchr("0123456789abcdef", w.p[i], 16);

		if (!digit)
			return false;
		v = v << 4 | (uint64_t)(digit - "0123456789abcdef");
	}
	*value = (uint32_t)v;
	return v <= UINT32_MAX;
}

static bool is_function(char type)
{
	return type == 't' || type == 'T' || type == 'w' || type == 'W';
}

/* "": nothing on this line counts; NULL: *l is filled; else what was expected. */
static const char *read_line(struct line *l, const char *p, const char *end)
{
	struct word w = next_word(&p, end);

	*l = (struct line){ .bytes = 0 };
	if (!w.n || (w.n == 1 && (*w.p == 'U' || *w.p == 'w' || *w.p == 'v')))
		return "";              /* empty, or not defined here */
	if (!is_number(w, &l->va))
		return "a hexadecimal address of 32 bits";
	w = next_word(&p, end);
	if (w.n > 1) {
		if (!is_number(w, &l->bytes))
			return "a type of one letter, or a hexadecimal size before it";
		w = next_word(&p, end);
	}
	if (w.n != 1)
		return "a type of one letter";
	l->type = *w.p;
	w = next_word(&p, end);         /* what follows is of other tools: a module */
	if (!w.n)
		return "a name";
	l->name = w.p;
	l->length = (unsigned)(w.n < TRACE_SYMBOL_BYTES ? w.n : TRACE_SYMBOL_BYTES - 1);
	/* $a, $t, $d tell what the bytes are (ARM ELF, IHI 0044), not what they are called */
	return *w.p == '$' || l->type == 'U' ? "" : NULL;
}

static bool keep_line(struct map *m, const struct line *l)
{
	if (m->n == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 4096;
		void *p = realloc(m->line, cap * sizeof(*m->line));

		if (!p)
			return false;
		m->line = p;
		m->cap = cap;
	}
	m->line[m->n++] = *l;
	return true;
}

static enum err read_map(struct map *m, const char *path, const char *text, size_t size,
			 struct diag *d)
{
	const char *end = text + size;
	unsigned number = 0;

	for (const char *p = text; p < end;) {
		const char *stop = memchr(p, '\n', (size_t)(end - p)), *want;
		struct line l;

		number++;
		want = read_line(&l, p, stop ? stop : end);
		if (want && *want)
			return diag_set(d, ERR_USAGE, "%s:%u: want %s", path, number, want);
		if (!want && !keep_line(m, &l))
			return diag_set(d, ERR_NOMEM, "out of memory");
		p = stop ? stop + 1 : end;
	}
	return ERR_OK;
}

/* Of several names of one address: functions first, those other files may use first, by name. */
static int by_address(const void *a, const void *b)
{
	static const char order[] = "TWtw";
	const struct line *x = a, *y = b;
	const char *rx = strchr(order, x->type), *ry = strchr(order, y->type);
	unsigned n = x->length < y->length ? x->length : y->length;
	int c;

	if (x->va != y->va)
		return x->va < y->va ? -1 : 1;
	if (rx != ry)
		return !ry || (rx && rx < ry) ? -1 : 1;
	c = memcmp(x->name, y->name, n);
	return c ? c : (int)x->length - (int)y->length;
}

/* Where no size is told, a function reaches to the next symbol of any kind; the last has a word. */
static uint32_t bytes_of(const struct map *m, size_t i)
{
	const struct line *l = &m->line[i];

	for (size_t k = i; k < m->n && m->line[k].va == l->va; k++)
		if (m->line[k].bytes)
			return m->line[k].bytes;
	for (size_t k = i; k < m->n; k++)
		if (m->line[k].va > l->va)
			return m->line[k].va - l->va;
	return 4;
}

static enum err add_lines(struct trace_symbols *s, const char *object, const char *path,
			  const struct map *m, struct diag *d)
{
	char name[TRACE_SYMBOL_BYTES];
	size_t before = s->n;

	for (size_t i = 0; i < m->n; i++) {
		const struct line *l = &m->line[i];
		const char *why;

		if (!is_function(l->type) || (i && l[-1].va == l->va))
			continue;
		memcpy(name, l->name, l->length);
		name[l->length] = '\0';
		why = trace_symbols_add(s, object, l->va, bytes_of(m, i), name);
		if (why)
			return diag_set(d, ERR_USAGE, "%s: '%s': %s", path, name, why);
	}
	if (s->n == before)
		return diag_set(d, ERR_USAGE, "%s: no function in it (want lines ADDRESS [SIZE] "
				"TYPE NAME, as nm prints)", path);
	return ERR_OK;
}

enum err trace_symbols_add_map(struct trace_symbols *s, const char *object, const char *path,
			       const char *text, size_t size, struct diag *d)
{
	struct map m = { NULL, 0, 0 };
	enum err e = read_map(&m, path, text, size, d);

	if (!e && m.n)
		qsort(m.line, m.n, sizeof(*m.line), by_address);
	if (!e)
		e = add_lines(s, object, path, &m, d);
	free(m.line);
	return e;
}

static enum err read_file(const char *path, char **text, size_t *bytes, struct diag *d)
{
	FILE *f = fopen(path, "rb");
	enum err e = ERR_OK;
	size_t cap = 0;

	*text = NULL;
	*bytes = 0;
	if (!f)
		return diag_set(d, ERR_USAGE, "%s: %s", path, strerror(errno));
	while (!e && !feof(f) && !ferror(f)) {
		if (*bytes == cap) {
			char *p = realloc(*text, cap = 2 * cap + 65536);

			if (!p) {
				e = diag_set(d, ERR_NOMEM, "out of memory");
				break;
			}
			*text = p;
		}
		*bytes += fread(*text + *bytes, 1, cap - *bytes, f);
		if (*bytes > MAX_MAP_BYTES)
			e = diag_set(d, ERR_USAGE, "%s: larger than 256 MB", path);
	}
	if (!e && ferror(f))
		e = diag_set(d, ERR_IO, "%s: %s", path, strerror(errno));
	if (!e && *bytes > 4 && !memcmp(*text, "\177ELF", 4))
		e = diag_set(d, ERR_USAGE, "%s: is an ELF file; want its map: nm -n -S FILE", path);
	fclose(f);
	return e;
}

enum err trace_symbols_load(struct trace_symbols *s, const char *what, struct diag *d)
{
	const char *eq = strchr(what, '='), *path = eq ? eq + 1 : what;
	char object[TRACE_OBJECT_BYTES] = "kernel", *text;
	size_t bytes;
	enum err e;

	if (eq && (size_t)(eq - what) >= sizeof(object))
		return diag_set(d, ERR_USAGE, "%s: the name before '=' is longer than %d", what,
				TRACE_OBJECT_BYTES - 1);
	if (eq) {
		memcpy(object, what, (size_t)(eq - what));
		object[eq - what] = '\0';
	}
	e = read_file(path, &text, &bytes, d);
	if (!e)
		e = trace_symbols_add_map(s, object, path, text, bytes, d);
	free(text);
	return e;
}
