/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in a trace, counted; and how far the capture distorts the guest. */
#ifndef SHADEWALK_TRACES_INFO_H
#define SHADEWALK_TRACES_INFO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "traces/artefacts.h"
#include "traces/reader.h"

enum { TRACE_CP_KEYS = 65536, TRACE_MODES = 32, TRACE_STATUSES = 32 };

struct trace_info {
	uint64_t records, instructions, references;
	uint64_t kind[TRACE_KINDS];
	uint64_t *cp_write, *cp_read;           /* by key, owned */
	uint64_t exception[8];
	uint64_t sens[SENS_CLASSES];
	/* By ABORT_READ/WRITE/FETCH and status [10,3:0] of FSR (IFSR for a fetch). */
	uint64_t abort[3][TRACE_STATUSES];
	uint64_t abort_user, abort_debug;
	uint64_t mode[TRACE_MODES];             /* retired instructions by CPSR mode */
	uint64_t thumb;                         /* retired instructions in Thumb state */
	uint64_t no_retire;
	uint64_t access_bytes[4];               /* accesses of 1, 2, 4, 8 bytes */
	uint64_t unpriv, excl, multi, io, valued;
	uint64_t code_bytes, witness_fetch, witness_io;
	struct trace_artefacts artefacts;
	uint32_t cpsr;                          /* now */
	/* Does the guest's core have this access? Set it behind begin; NULL: nobody knows, and the
	 * accesses it has not are not listed. */
	bool (*cp_known)(const struct trace_header *h, uint16_t key, bool read);
	uint32_t core_ctr;                      /* the core's own cache type; 0: not known */
};

/* Zero counts, the header's CPSR. */
enum err trace_info_begin(struct trace_info *t, const struct trace_header *h, struct diag *d)
	__attribute__((warn_unused_result));
void trace_info_add(struct trace_info *t, const struct trace_batch *b);
void trace_info_end(struct trace_info *t);      /* frees */

/* Each prints all of it; name is the file's, r gives header, id and sizes. */
void trace_info_text(FILE *f, const char *name, const struct trace_info *t,
		     const struct trace_reader *r);
void trace_info_csv_head(FILE *f);
void trace_info_csv(FILE *f, const char *name, const struct trace_info *t,
		    const struct trace_reader *r);
/* One JSON object, without a newline behind it. */
enum err trace_info_json(FILE *f, const char *name, const struct trace_info *t,
			 const struct trace_reader *r, struct diag *d)
	__attribute__((warn_unused_result));

#endif
