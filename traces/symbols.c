/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces/symbols.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traces/le.h"

enum { HEAD_BYTES = 12 };               /* objects, symbols, bytes of names */

void trace_symbols_clear(struct trace_symbols *s)
{
	free(s->symbol);
	free(s->names);
	memset(s, 0, sizeof(*s));
}

/* Printable, without what texts, CSV and JSON would have to quote. */
static bool is_name(const char *name, size_t room)
{
	size_t n = strlen(name);

	if (!n || n >= room || name[0] == '#')
		return false;
	for (size_t i = 0; i < n; i++)
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '"' || name[i] == '\\')
			return false;
	return true;
}

static bool reserve(struct trace_symbols *s, size_t name_bytes)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 1024;
		void *p = realloc(s->symbol, cap * sizeof(*s->symbol));

		if (!p)
			return false;
		s->symbol = p;
		s->cap = cap;
	}
	if (s->name_cap - s->name_bytes < name_bytes) {
		size_t cap = 2 * (s->name_cap + name_bytes + 8192);
		void *p = realloc(s->names, cap);

		if (!p)
			return false;
		s->names = p;
		s->name_cap = cap;
	}
	return true;
}

/* The object is the one that was added to last, or a new one. */
static const char *find_object(struct trace_symbols *s, const char *object)
{
	if (s->nobjects && !strcmp(s->object[s->nobjects - 1], object))
		return NULL;
	for (unsigned i = 0; i < s->nobjects; i++)
		if (!strcmp(s->object[i], object))
			return "symbols of an object do not stand together";
	if (!is_name(object, TRACE_OBJECT_BYTES))
		return "name of an object is not 1 to 31 plain characters";
	if (s->nobjects == TRACE_MAX_OBJECTS)
		return "more than 64 objects";
	memcpy(s->object[s->nobjects++], object, strlen(object) + 1);
	return NULL;
}

const char *trace_symbols_add(struct trace_symbols *s, const char *object, uint32_t va,
			      uint32_t bytes, const char *name)
{
	size_t name_bytes = strlen(name) + 1;
	const struct trace_symbol *last;
	const char *why;

	if (!is_name(name, TRACE_SYMBOL_BYTES))
		return "name of a symbol is not 1 to 255 plain characters";
	if (!bytes)
		return "a symbol has no bytes";
	if (s->n == TRACE_MAX_SYMBOLS)
		return "more than 1048576 symbols";
	if ((why = find_object(s, object)))
		return why;
	last = s->n ? &s->symbol[s->n - 1] : NULL;
	if (last && last->object == s->nobjects - 1 && last->va >= va)
		return "addresses of an object do not ascend";
	if (HEAD_BYTES + 4 * TRACE_MAX_OBJECTS + 8 * (s->n + 1) + s->name_bytes + name_bytes +
	    TRACE_MAX_OBJECTS * TRACE_OBJECT_BYTES > TRACE_MAX_SYMBOL_BYTES)
		return "names of the symbols are too long in all";
	if (!reserve(s, name_bytes))
		return "out of memory";
	s->symbol[s->n++] = (struct trace_symbol){
		.va = va, .bytes = bytes, .name = (uint32_t)s->name_bytes,
		.object = s->nobjects - 1,
	};
	memcpy(s->names + s->name_bytes, name, name_bytes);
	s->name_bytes += name_bytes;
	return NULL;
}

const char *trace_symbols_name(const struct trace_symbols *s, const struct trace_symbol *y)
{
	return s->names + y->name;
}

/* First symbol behind (object, va). */
static size_t behind(const struct trace_symbols *s, unsigned object, uint32_t va)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct trace_symbol *y = &s->symbol[mid];

		if (y->object < object || (y->object == object && y->va <= va))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const char *trace_symbols_place(const struct trace_symbols *s, uint32_t va,
				char to[TRACE_PLACE_BYTES])
{
	size_t used = 0;

	to[0] = '\0';
	for (unsigned o = 0; o < s->nobjects; o++) {
		size_t i = behind(s, o, va);
		const struct trace_symbol *y = i ? &s->symbol[i - 1] : NULL;
		int n;

		if (!y || y->object != o || va - y->va >= y->bytes)
			continue;
		n = snprintf(to + used, TRACE_PLACE_BYTES - used, "%s%s:%s+0x%x", used ? "|" : "",
			     s->object[o], trace_symbols_name(s, y), va - y->va);
		if (n < 0 || (size_t)n >= TRACE_PLACE_BYTES - used) {
			to[used] = '\0';        /* whole names or none */
			break;
		}
		used += (size_t)n;
	}
	return to;
}

/* ---- content of the frame ---- */

static size_t object_name_bytes(const struct trace_symbols *s)
{
	size_t n = 0;

	for (unsigned i = 0; i < s->nobjects; i++)
		n += strlen(s->object[i]) + 1;
	return n;
}

static uint32_t symbols_of(const struct trace_symbols *s, unsigned object)
{
	size_t from = object ? behind(s, object - 1, UINT32_MAX) : 0;

	return (uint32_t)(behind(s, object, UINT32_MAX) - from);
}

enum err trace_symbols_encode(const struct trace_symbols *s, uint8_t **out, size_t *bytes,
			      struct diag *d)
{
	size_t names = object_name_bytes(s) + s->name_bytes;
	uint8_t *p;

	*bytes = HEAD_BYTES + 4 * s->nobjects + 8 * s->n + names;
	*out = p = malloc(*bytes);
	if (!p)
		return diag_set(d, ERR_NOMEM, "out of memory");
	le32_put(p, s->nobjects);
	le32_put(p + 4, (uint32_t)s->n);
	le32_put(p + 8, (uint32_t)names);
	p += HEAD_BYTES;
	for (unsigned i = 0; i < s->nobjects; i++, p += 4)
		le32_put(p, symbols_of(s, i));
	for (size_t i = 0; i < s->n; i++, p += 4)
		le32_put(p, s->symbol[i].va);
	for (size_t i = 0; i < s->n; i++, p += 4)
		le32_put(p, s->symbol[i].bytes);
	for (unsigned i = 0; i < s->nobjects; i++) {
		size_t n = strlen(s->object[i]) + 1;

		memcpy(p, s->object[i], n);
		p += n;
	}
	if (s->name_bytes)
		memcpy(p, s->names, s->name_bytes);
	return ERR_OK;
}

struct content {
	uint32_t objects, symbols, names;
	const uint8_t *count, *va, *bytes;
	const char *name, *end;         /* next name; all end in a zero byte before end */
};

static const char *look_at(struct content *c, const uint8_t *p, size_t bytes)
{
	uint64_t want;

	if (bytes < HEAD_BYTES)
		return "symbol map is too short";
	c->objects = le32_get(p);
	c->symbols = le32_get(p + 4);
	c->names = le32_get(p + 8);
	want = HEAD_BYTES + 4 * (uint64_t)c->objects + 8 * (uint64_t)c->symbols + c->names;
	if (c->objects > TRACE_MAX_OBJECTS || c->symbols > TRACE_MAX_SYMBOLS || want != bytes)
		return "symbol map does not have the size it tells";
	if (!c->objects || !c->symbols || c->names < c->objects + c->symbols)
		return "symbol map is empty or lacks names";
	c->count = p + HEAD_BYTES;
	c->va = c->count + 4 * (size_t)c->objects;
	c->bytes = c->va + 4 * (size_t)c->symbols;
	c->name = (const char *)c->bytes + 4 * (size_t)c->symbols;
	c->end = c->name + c->names;
	return c->end[-1] ? "symbol map does not end with a name" : NULL;
}

static const char *next_name(struct content *c)
{
	const char *name = c->name;

	if (name < c->end)
		c->name += strlen(name) + 1;
	return name < c->end ? name : "";
}

static const char *decode(struct trace_symbols *s, struct content *c)
{
	const char *object[TRACE_MAX_OBJECTS], *why;
	size_t i = 0;

	for (unsigned o = 0; o < c->objects; o++)
		object[o] = next_name(c);
	for (unsigned o = 0; o < c->objects; o++) {
		uint32_t n = le32_get(c->count + 4 * o);

		if (!n || n > c->symbols - i)
			return "symbol map has wrong numbers of symbols";
		for (; n; n--, i++) {
			why = trace_symbols_add(s, object[o], le32_get(c->va + 4 * i),
						le32_get(c->bytes + 4 * i), next_name(c));
			if (why)
				return why;
		}
		if (s->nobjects != o + 1)
			return "symbol map names an object twice";
	}
	return i != c->symbols || c->name != c->end ? "symbol map holds more than it tells" : NULL;
}

const char *trace_symbols_decode(struct trace_symbols *s, const uint8_t *p, size_t bytes)
{
	struct content c;
	const char *why = look_at(&c, p, bytes);

	if (!why)
		why = decode(s, &c);
	if (why)
		trace_symbols_clear(s);
	return why;
}
