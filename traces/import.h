/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traces from other worlds, read line by line as streams of FETCH, LOAD and STORE records:
 *
 *   din      Dinero IV's traditional format: LABEL HEXADDR, anything behind ignored. Labels 0 read,
 *            1 write, 2 instruction fetch; one access of 4 bytes at HEXADDR & ~3. Blank lines are none.
 *   lackey   valgrind --tool=lackey --trace-mem=yes: "I  ADDR,SIZE", " L ADDR,SIZE", " S ADDR,SIZE",
 *            " M ADDR,SIZE" (load, then store), addresses hexadecimal. Lines that begin with
 *            ==PID==, --PID-- or **PID** are valgrind's own.
 *
 * A datum of 1, 2, 4 or 8 bytes is one record; any other size is cut from its start on into pieces,
 * each the largest of these that is left. What crosses 1 KB is split as doc/trace-format.5 says.
 * A fetch is one record and one instruction, whatever its size (1 to 255).
 */
#ifndef SHADEWALK_TRACES_IMPORT_H
#define SHADEWALK_TRACES_IMPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/options.h"
#include "traces/header.h"
#include "traces/record.h"

enum import_format { IMPORT_DIN, IMPORT_LACKEY, IMPORT_FORMATS };
extern const char *const import_format_name[IMPORT_FORMATS];

struct import_options {
	enum import_format format;
	bool skip_other;                /* din: lines with another label are counted, not refused */
	bool fold;                      /* addresses modulo 4 GB instead of a refusal */
};

struct import_counts {
	uint64_t lines;                 /* all of them */
	uint64_t fetches, loads, stores;        /* references */
	uint64_t skipped;               /* lines with another label, lines of valgrind */
	uint64_t folded;                /* lines with an address of 4 GB or more */
	uint64_t cut;                   /* lines that became more than one record, M aside */
};

enum { IMPORT_MAX_DATUM = 65536 };      /* bytes; a line makes no more than 16384 records */

/* Takes a record; borrowed during the call. */
typedef enum err (*import_sink)(void *ctx, const struct trace_rec *r, struct diag *d);

/*
 * All of f to the sink. name: of the input, for messages. ERR_TRACE with name, line, what is there
 * and what is allowed, and for an input without any access. bar, begun and ended by the caller,
 * counts bytes (total 0 where nobody knows how many there will be); may be NULL.
 */
enum err trace_import(FILE *f, const char *name, const struct import_options *o, import_sink sink,
		      void *ctx, struct import_counts *n, struct progress *bar, struct diag *d)
	__attribute__((warn_unused_result));

/* The header of such a trace: arch "import", core "generic", user mode; all else is provenance. */
enum err trace_import_header(struct trace_header *h, const struct import_options *o,
			     const char *name, struct diag *d) __attribute__((warn_unused_result));

#endif
