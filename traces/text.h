/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The readable form of a trace: the line "swt-text 1", header lines, then one record a line,
 * fields in the order of print. `#` starts a comment at the start of a line or after a blank.
 * doc/trace-format.5 has the grammar. A file is parsed whole: this form is for tests and eyes.
 */
#ifndef SHADEWALK_TRACES_TEXT_H
#define SHADEWALK_TRACES_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "traces/header.h"
#include "traces/record.h"
#include "traces/symbols.h"

#define TRACE_TEXT_MAGIC "swt-text"

struct trace_text {                     /* a parsed file */
	struct trace_header header;
	struct trace_symbols symbols;
	struct trace_rec *rec;          /* b of payload kinds: offset into payload */
	size_t n, cap;
	uint8_t *payload;
	size_t payload_bytes, payload_cap;
};

/* text[bytes]; name is what messages call it: NAME:LINE:COLUMN: found, allowed. */
enum err trace_text_parse(struct trace_text *t, const char *name, const char *text,
			  size_t bytes, struct diag *d) __attribute__((warn_unused_result));
void trace_text_clear(struct trace_text *t);

/* Canonical form. Write errors stay in f for the caller's ferror(). */
void trace_text_put_header(FILE *f, const struct trace_header *h);
void trace_text_put_symbols(FILE *f, const struct trace_symbols *s);    /* NULL: nothing */
void trace_text_put(FILE *f, const struct trace_rec *r, const uint8_t *payload);

#endif
