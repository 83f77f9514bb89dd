/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A piece of a trace that stands on its own: state, tables, history and code at its start. */
#ifndef SHADEWALK_SIM_TRACE_CUT_H
#define SHADEWALK_SIM_TRACE_CUT_H

#include <stdint.h>

#include "base/err.h"
#include "base/options.h"
#include "traces/writer.h"

struct cut_plan {
	const char *in, *out;
	uint64_t from_record;           /* the cut starts at the first run at or behind it */
	uint64_t from_insn;             /* or at the first run at or behind this instruction */
	uint64_t records, insns;        /* at most; UINT64_MAX: no limit. Ends before a run. */
	int level;                      /* zstd */
	enum progress_mode progress;
};

/* Nothing is left under plan->out on failure. */
enum err trace_cut_file(const struct cut_plan *plan, struct trace_summary *s, struct diag *d)
	__attribute__((warn_unused_result));

#endif
