/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of the guest's functions: an optional frame of a .swt file, for people who read dumps.
 * It is no part of the trace's identity. An object is what was linked as one (the kernel, a
 * program); addresses of several programs overlap, and which one runs is not in the map.
 */
#ifndef SHADEWALK_TRACES_SYMBOLS_H
#define SHADEWALK_TRACES_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	TRACE_MAX_OBJECTS = 64,
	TRACE_OBJECT_BYTES = 32,        /* with its zero byte */
	TRACE_MAX_SYMBOLS = 1 << 20,
	TRACE_SYMBOL_BYTES = 256,       /* with its zero byte; longer names lose their end */
	/* Content of the frame: 8 bytes a symbol, and names of 24 bytes on average. */
	TRACE_MAX_SYMBOL_BYTES = TRACE_MAX_SYMBOLS * 32,
};

struct trace_symbol {
	uint32_t va, bytes;             /* bytes > 0; may reach into the next */
	uint32_t name;                  /* offset into names */
	uint32_t object;
};

/* All zeros: an empty map. Sorted by object, then address; an address once in an object. */
struct trace_symbols {
	unsigned nobjects;
	char object[TRACE_MAX_OBJECTS][TRACE_OBJECT_BYTES];
	size_t n, cap;
	struct trace_symbol *symbol;
	char *names;
	size_t name_bytes, name_cap;
};

void trace_symbols_clear(struct trace_symbols *s);

/* Adds one behind the others; NULL, or what is wrong: order, name, number. */
const char *trace_symbols_add(struct trace_symbols *s, const char *object, uint32_t va,
			      uint32_t bytes, const char *name);

/*
 * Adds the functions of an object from text[size] as nm or System.map has it, in any order:
 * ADDRESS [SIZE] TYPE NAME, of which types t, T, w, W count. `path` is for messages.
 */
enum err trace_symbols_add_map(struct trace_symbols *s, const char *object, const char *path,
			       const char *text, size_t size, struct diag *d)
	__attribute__((warn_unused_result));
/* The same from a file; what: [OBJECT=]FILE, without OBJECT= the kernel. */
enum err trace_symbols_load(struct trace_symbols *s, const char *what, struct diag *d)
	__attribute__((warn_unused_result));

const char *trace_symbols_name(const struct trace_symbols *s, const struct trace_symbol *y);

/*
 * "OBJECT:NAME+0xOFFSET", of several objects separated by '|'; "" if no function holds the
 * address. Returns `to`.
 */
enum { TRACE_PLACE_BYTES = 700 };
const char *trace_symbols_place(const struct trace_symbols *s, uint32_t va,
				char to[TRACE_PLACE_BYTES]);

/* Content of the frame (doc/trace-format.5). *out is malloc'ed. */
enum err trace_symbols_encode(const struct trace_symbols *s, uint8_t **out, size_t *bytes,
			      struct diag *d) __attribute__((warn_unused_result));
/* Into an empty map, left empty on failure: NULL, or what is wrong. */
const char *trace_symbols_decode(struct trace_symbols *s, const uint8_t *p, size_t bytes);

#endif
