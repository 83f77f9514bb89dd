/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replays one trace through several lanes in one pass and turns each into a result. */
#ifndef SHADEWALK_SIM_REPLAY_H
#define SHADEWALK_SIM_REPLAY_H

#include <stdio.h>

#include "base/options.h"
#include "results/results.h"
#include "sim/lane.h"
#include "sim/lint_print.h"
#include "sim/spec.h"

#define WARMUP_DEFAULT UINT64_MAX       /* 10 % of the trace */

struct replay_plan {
	const char *path;
	const struct cpu_row *row;      /* NULL: the trace's own core */
	const char *const *set;         /* KEY=VALUE texts, applied to the row; of one key the last counts */
	const char *const *where;       /* file, line, column of each; NULL, or NULL in it: an option */
	size_t nset;
	const struct spec *spec;
	size_t nspec;
	bool unnamed;                   /* nobody asked for these strategies: those that cannot run
					 * the guest are left out */
	uint64_t seed, warmup;
	bool verify;
	struct lint_print *lint;        /* --lint: where its reports go; NULL: no lint */
	unsigned lint_max;
	enum engine engine;             /* verify wants ENGINE_REF */
	unsigned jobs;                  /* threads for lanes; 0 or 1: everything in one thread */
	unsigned batch;                 /* records an event batch; 0: as many as there are room for */
	enum progress_mode progress;
	const char *argv;               /* for the record */
	FILE *notes;                    /* what a reader of the result has to know; NULL: unsaid */
};

/* What the caller does with each finished lane; the result is borrowed during the call. */
typedef enum err (*replay_sink)(void *ctx, const struct run_result *r, struct diag *d);

/*
 * Runs the plan. ERR_TRACE for the trace, ERR_CONFIG for the plan, ERR_CHECK when conservation
 * or (with verify) the oracle is violated: d says which, after every lane went to the sink
 * unless conservation failed, which is never stored.
 */
enum err replay(const struct replay_plan *p, replay_sink sink, void *ctx, struct diag *d)
	__attribute__((warn_unused_result));

/* The row and configuration a plan means for a trace. */
enum err replay_configure(const struct replay_plan *p, const struct trace_header *h,
			  const struct cpu_row **row, struct host_config *cfg,
			  struct cost_set *costs, struct diag *d)
	__attribute__((warn_unused_result));

#endif
