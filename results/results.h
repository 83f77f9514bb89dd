/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run is and what it found; stored in SQLite (schema.sql), one file a campaign.
 *
 * Run id = SHA-256 over (model version, trace id, host core, structural configuration,
 * strategy, seed, warm-up, window): costs never enter it. Everything volatile (times, machine,
 * argv, memory of the process, whether --verify was on and what it said) lives in table
 * `execution`; two databases are equal when the sorted dump of all other tables is. The same id
 * with another result is ERR_CHECK and overwrites nothing. A run may be put again with other
 * unit costs: it is then priced with both sets, and its series is kept for each.
 */
#ifndef SHADEWALK_RESULTS_RESULTS_H
#define SHADEWALK_RESULTS_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "models/cost/ledger.h"

/* Bumped by hand whenever results may change; part of every run id. */
#define MODEL_VERSION 4

struct trace_row {
	const char *id, *name; /* SHA-256 hex; name is the file's base name without .swt */
	const char *guest, *workload, *core, *arch;     /* NULL: not known */
	uint64_t records, instructions, references, bytes;
	const char *header_json;
};

struct named_count { const char *name; uint64_t n; };

/* One deviation from the recorded machine, with its place in the trace. */
struct deviation {
	uint64_t record;                /* record number in the trace */
	uint8_t kind;                   /* 0 FORCED, 1 EXTRA_TRUE */
	uint8_t fsr;                    /* status that was or would have been delivered */
	uint32_t va;
};

/* Of the window: the peak, and the average over guest instructions. A row "total" holds the simultaneous
 * peak; without one reports say "at most the sum". The average is a whole number, rounded down: it goes into
 * the hash of the result. */
struct memory_row { const char *what; uint64_t peak_bytes; double average_bytes; };

struct run_result {
	struct trace_row trace;
	const char *strategy;           /* full spec as run: "coherent:view=domains:mb=ap" */
	const char *strategy_name;      /* "coherent" */
	const char *host_core;          /* "arm926" */
	const char *tag;                /* unmodified, patched, modified, what-if */
	/* Canonical structural configuration, effective values. What belongs to the strategy is
	 * in `strategy` and not here, or `native` is no baseline for anything. */
	const char *config_json;
	uint64_t seed, warmup_insns;
	uint64_t window_first, window_insns;    /* guest instructions measured */

	const struct ledger *ledger;    /* of the window: end minus start of measurement */
	const struct cost_set *costs;   /* the core's default unit costs */

	/* whole trace, not the window: injected + forced - extra_true == recorded */
	uint64_t faults_recorded, faults_injected, faults_forced, faults_extra_true;
	const struct deviation *deviations;
	size_t ndeviations;

	const struct named_count *structures;   /* "tlb.hits", "l1d.fills", ... of the window */
	size_t nstructures;
	const struct memory_row *memory;        /* sL1, sL2, directory, ... bytes */
	size_t nmemory;
	const uint64_t
		*series; /* milli-cycles per equal slice of the window, `costs` nominal */
	size_t nseries;

	bool verified;                  /* --verify was on */
	uint64_t violations;            /* found by it */

	/* volatile */
	const char *engine, *argv;
	double wall_s;
	int64_t started_unix;
	uint64_t max_rss_bytes;
};

struct results;

/* path ":memory:" is allowed. With create: for reading and writing, made with its schema when
 * absent or empty. Without: for reading only. Refuses what is not ours, newer, or damaged. */
enum err results_open(struct results **out, const char *path, bool create, struct diag *d)
	__attribute__((warn_unused_result));
/* One transaction: run and all its rows, or nothing. An equal run again is a no-op except for a
 * new row in execution. id_out receives the 64-digit run id + NUL, may be NULL. */
enum err results_put(struct results *r, const struct run_result *run, char id_out[65],
		     struct diag *d) __attribute__((warn_unused_result));
/* Sorted, deterministic text of all tables but `execution` (and it too when asked). */
enum err results_dump(struct results *r, FILE *out, bool with_execution, struct diag *d)
	__attribute__((warn_unused_result));
void results_close(struct results *r);          /* NULL is fine */

/* ERR_OK or ERR_NOMEM */
enum err run_id(const struct run_result *run, char out[65]) __attribute__((warn_unused_result));

/* One row of a query; text lives until the callback returns. */
enum cell_type { CELL_NULL, CELL_INT, CELL_REAL, CELL_TEXT };
struct cell {
	enum cell_type type;
	int64_t i;              /* INT; REAL truncated; otherwise 0 */
	double r;               /* REAL or INT; otherwise 0 */
	const char *text;       /* as SQLite writes the value; NULL gives "" */
};
struct query_row { unsigned n; const char *const *names; const struct cell *cell; };
/* Anything but ERR_OK ends the query and is its result. */
typedef enum err (*query_fn)(void *ctx, const struct query_row *row, struct diag *d);
/* Runs one SELECT; statements that would write are refused. */
enum err results_query(struct results *r, const char *sql, query_fn fn, void *ctx,
		       struct diag *d) __attribute__((warn_unused_result));

enum out_format { OUT_TEXT, OUT_JSON, OUT_CSV };
/* Strategies x traces: slowdown, breakdown by leaf group, absolute cycles per event, exits per
 * million instructions by cause, hidden : true faults, fidelity, memory, a verdict in words.
 * Baseline is `native` of the same trace, host core and configuration. */
enum err results_compare(struct results *r, enum out_format f, FILE *out, struct diag *d)
	__attribute__((warn_unused_result));

#endif
