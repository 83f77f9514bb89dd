/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a .swt file as a stream. Nothing appears under the final name before a successful
 * trace_writer_close(): the writer works on PATH.partial and renames at the end.
 */
#ifndef SHADEWALK_TRACES_WRITER_H
#define SHADEWALK_TRACES_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "traces/header.h"
#include "traces/record.h"
#include "traces/symbols.h"

struct trace_writer;

struct trace_writer_options {
	int level;                      /* zstd level; 0 means 3 */
	uint32_t frame_records;         /* records per data frame; 0 means 1048576 */
	const struct trace_symbols *symbols;    /* NULL or empty: the file has no such frame */
};

struct trace_summary {
	uint64_t records, instructions, references, bytes;      /* bytes: size of the file */
	char id[TRACE_ID_HEX];
};

enum err trace_writer_open(struct trace_writer **out, const char *path,
			   const struct trace_header *h, const struct trace_writer_options *o,
			   struct diag *d) __attribute__((warn_unused_result));

/*
 * Appends one record. payload/bytes for CODE, IMAGE, ABORT only (r->b is ignored there), else
 * NULL/0. The record is checked: a malformed one (index outside its run, run over 1 KB, size
 * out of range, non-zero unused field) is ERR_TRACE and nothing is appended. A failed writer
 * stays failed.
 */
enum err trace_writer_put(struct trace_writer *w, const struct trace_rec *r,
			  const void *payload, size_t bytes, struct diag *d)
	__attribute__((warn_unused_result));

/* Records and retired instructions put so far. */
uint64_t trace_writer_records(const struct trace_writer *w);
uint64_t trace_writer_instructions(const struct trace_writer *w);

/* Flushes, writes seek table and footer, renames. w is freed in every case. */
enum err trace_writer_close(struct trace_writer *w, struct trace_summary *s, struct diag *d)
	__attribute__((warn_unused_result));
void trace_writer_abort(struct trace_writer *w);        /* drops the file; NULL is fine */

#endif
