/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the importers share: a line at hand, and what can be wrong with it. */
#ifndef SHADEWALK_TRACES_IMPORT_LINE_H
#define SHADEWALK_TRACES_IMPORT_LINE_H

#include "traces/import.h"

struct import {
	const char *name;
	const struct import_options *o;
	struct import_counts *n;
	import_sink sink;
	void *ctx;
	struct diag *d;
};

/* One line without its newline. too_long: what lies behind end was not looked at. */
struct import_text { const char *p, *end; bool too_long; };

static inline bool import_is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
static inline void import_skip_blanks(struct import_text *t)
{
	while (t->p < t->end && import_is_blank(*t->p))
		t->p++;
}

/* One or more digits of the base, 10 or 16, at p; false: none there, or 2^64 or more. */
bool import_number(struct import_text *t, unsigned base, uint64_t *out);

/* "NAME: line N: 'what is there': want ..." */
enum err import_refuse(const struct import *im, const struct import_text *line, const char *want);
/* An access of `bytes` from a 64-bit address on: its 32 bits, folded if that was asked for. */
enum err import_address(struct import *im, const struct import_text *line, uint64_t address,
			uint32_t bytes, uint32_t *va);
enum err import_fetch(struct import *im, uint32_t va, uint32_t bytes);
enum err import_datum(struct import *im, bool write, uint32_t va, uint32_t bytes);

enum err import_din_line(struct import *im, struct import_text t);
enum err import_lackey_line(struct import *im, struct import_text t);

#endif
