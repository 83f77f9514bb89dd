/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a .swt file (or its text form) as batches of records. */
#ifndef SHADEWALK_TRACES_READER_H
#define SHADEWALK_TRACES_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "traces/header.h"
#include "traces/record.h"
#include "traces/symbols.h"

struct trace_reader;

struct trace_batch {
	const struct trace_rec *rec;    /* borrowed until the next read or close */
	size_t n;
	const uint8_t *payload;         /* payload area; rec.b of CODE/IMAGE/ABORT is an offset */
	uint64_t first;                 /* number of rec[0] in the trace, from 0 */
};

/*
 * Opens and checks header, footer and seek table. Errors are ERR_TRACE with one line naming
 * file, byte offset and cause: missing file, directory, empty file, wrong magic, newer version,
 * truncated, checksum. Text traces (first line "swt-text 1") are recognised by their content.
 */
enum err trace_reader_open(struct trace_reader **out, const char *path, struct diag *d)
	__attribute__((warn_unused_result));

/*
 * As above, but a file that was cut off (no valid footer or seek table) opens and reads up to
 * its last whole frame; trace_reader_cut_off() then tells. Such a trace has no id ("") and
 * totals only of what is left.
 */
enum err trace_reader_open_partial(struct trace_reader **out, const char *path, struct diag *d)
	__attribute__((warn_unused_result));
const char *trace_reader_cut_off(const struct trace_reader *t); /* one line; NULL: whole */

const struct trace_header *trace_reader_header(const struct trace_reader *t);
/* Names of the guest's functions; NULL: the trace has none. */
const struct trace_symbols *trace_reader_symbols(const struct trace_reader *t);
const char *trace_reader_id(const struct trace_reader *t);      /* hex, from the footer */
bool trace_reader_is_text(const struct trace_reader *t);
size_t trace_reader_frames(const struct trace_reader *t);       /* data frames; 0: a text */
/* Totals from the footer, known before reading. */
uint64_t trace_reader_records(const struct trace_reader *t);
uint64_t trace_reader_instructions(const struct trace_reader *t);
uint64_t trace_reader_references(const struct trace_reader *t);
uint64_t trace_reader_bytes(const struct trace_reader *t);      /* of the file */

/*
 * Next batch (at most 4096 records). b->n == 0 at the clean end; at that point the running
 * SHA-256 was compared with the footer's id when verify_id was asked for at
 * trace_reader_verify_id(). Any damage is ERR_TRACE.
 */
enum err trace_reader_next(struct trace_reader *t, struct trace_batch *b, struct diag *d)
	__attribute__((warn_unused_result));
void trace_reader_verify_id(struct trace_reader *t, bool on);   /* before the first read */

/*
 * The next batch will start at the data frame that holds the record (a text: at the record);
 * b->first tells where. What lies behind the end starts at the last frame. No totals and no id
 * are checked at the end any more.
 */
void trace_reader_seek(struct trace_reader *t, uint64_t record);

void trace_reader_close(struct trace_reader *t);        /* NULL is fine */

#endif
