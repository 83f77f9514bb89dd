/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The comparison as data, made once from the database and written by three writers. Numbers
 * that cannot be had are absent (`has_...` false), never zero.
 *
 * A block is what may be compared: one trace, host core, configuration, model version, seed,
 * warm-up, window and set of unit costs. A cohort is all blocks that differ only in the trace
 * (and so in warm-up and window): geometric means are over one cohort.
 */
#ifndef SHADEWALK_RESULTS_COMPARE_H
#define SHADEWALK_RESULTS_COMPARE_H

#include "results/range.h"
#include "results/results.h"
#include "results/stats.h"

/* Groups of leaves, in the order of every table. X(letter, long name) */
#define GROUP_LIST(X) \
	X(G, "guest execution") X(W, "hardware walks") X(T, "transitions") X(F, "faults") \
	X(S, "shadow tables") X(O, "emulated operations") X(V, "views") \
	X(P, "table traffic") X(M, "maintenance") X(C, "CPU virtualization")
enum group {
#define X(letter, text) GROUP_##letter,
	GROUP_LIST(X)
#undef X
	GROUPS
};
extern const char group_letter[GROUPS + 1];
extern const char *const group_text[GROUPS];

struct cmp_event { const char *name, *leaf; uint64_t n; cycles128_t cycles[COST_LEVELS]; };
/* Everything booked on one cause but plain guest execution and walks (groups G and W). */
struct cmp_cause { const char *name; uint64_t exits; cycles128_t cycles; };
struct cmp_named { const char *name; uint64_t n; };
struct cmp_memory { const char *name; uint64_t peak; double average; };
/* As it was booked. */
struct cmp_count { const char *event, *origin, *cause; uint64_t n; };

/* A set of unit costs: primitives by name with what each may be, milli-cycles. */
struct cmp_costs { int64_t sid; const char **name; struct range_bounds *bounds; size_t n; };

struct cmp_run {
	int64_t rid, sid, native_rid;   /* -1: none */
	const char *id, *strategy, *strategy_name, *tag;
	const char *label;              /* strategy, as short as the block allows */
	struct cmp_run *native;         /* baseline, in the same block; NULL: there is none */
	uint64_t instructions;
	const struct cmp_costs *costs;  /* NULL: none stored */
	cycles128_t *paid;              /* how often each of them */

	/* milli-cycles */
	cycles128_t total[COST_LEVELS], group[GROUPS][COST_LEVELS];
	struct cmp_event *event;
	size_t nevents;
	struct cmp_cause *cause;        /* by cycles, then name */
	size_t ncauses;

	uint64_t exits, hidden, true_faults, extra_true, forced;        /* of the window */
	cycles128_t hypervisor;         /* nominal; all but G, W and F.EXTRA_TRUE */
	cycles128_t deviation;          /* nominal cost of extra-true and forced faults */
	bool has_faults;
	uint64_t recorded, injected, all_forced, all_extra_true;        /* of the trace */

	struct cmp_memory *memory;
	struct cmp_named *structure;
	size_t nmemory, nstructures;
	struct cmp_count *count;
	size_t ncounts;
	uint64_t memory_peak;
	double memory_average;
	bool memory_is_sum;             /* peaks of parts added: an upper bound */
	bool verified;
	uint64_t violations;
	struct steadiness steady;
	size_t nseries;

	bool has_slowdown;              /* native is set and took cycles */
	double slowdown;                /* at nominal unit costs */
	double slowdown_low, slowdown_high;     /* each unit cost free within its bounds */
};

struct cmp_block {
	int64_t model_version, seed, sid;
	const char *trace_id, *trace, *guest, *workload, *host_core, *config_sha, *config,
		*costs;
	const char *costs_sha;
	uint64_t warmup, window_first, window_insns;
	bool imported;                  /* the trace is a stream of references without a machine */
	uint64_t fault_cost, native_fault_cost; /* nominal milli-cycles to deliver one */
	struct cmp_run *run;            /* native first, then by name */
	size_t nruns, cohort;
};

/* One strategy over the traces of a cohort. */
struct cmp_mean {
	const char *strategy, *label, *tag;
	bool native;
	struct geomean slowdown;                /* nominal; slowdown.n: traces */
	double low, high;                       /* means of the traces' extremes: outer bound */
	bool complete;                          /* on every trace of the cohort */
};
struct cmp_cohort {
	struct cmp_block *block;
	size_t nblocks, nmeans;
	struct cmp_mean *mean;
	const char *no_mean;            /* why there are no means, or NULL */
};

struct compare {
	struct cmp_block *block;
	size_t nblocks;
	struct cmp_cohort *cohort;
	size_t ncohorts;
	struct cmp_run *run;            /* all of them, in block order */
	size_t nruns;
	const char **warning;
	size_t nwarnings;
	struct cmp_costs *costs;
	size_t ncosts;
	void *texts;                    /* every string above */
};

enum err compare_load(struct results *r, struct compare *c, struct diag *d)     /* from SQL */
	__attribute__((warn_unused_result));
enum err compare_load_costs(struct results *r, struct compare *c, struct diag *d)
	__attribute__((warn_unused_result));    /* bounds, and how often each run pays them */
void compare_release_costs(struct compare *c);
enum err compare_derive(struct compare *c, struct diag *d) __attribute__((warn_unused_result));
void compare_release(struct compare *c);
/* Printf into memory of c; NULL when there is none left. */
const char *compare_keep(struct compare *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
enum err compare_warn(struct compare *c, const char *text, struct diag *d)      /* text kept */
	__attribute__((warn_unused_result));

enum err compare_write_text(const struct compare *c, FILE *out, struct diag *d)
	__attribute__((warn_unused_result));
enum err compare_write_json(const struct compare *c, FILE *out, struct diag *d)
	__attribute__((warn_unused_result));
enum err compare_write_csv(const struct compare *c, FILE *out, struct diag *d)
	__attribute__((warn_unused_result));
/* References, misses and their ratio of each structure, for each run of the block. -1: no memory. */
int compare_print_misses(const struct cmp_block *b, FILE *out);
/* Sentences, one at a time; the array and its texts are the caller's to free. */
enum err compare_verdict(const struct compare *c, char ***sentences, size_t *n, struct diag *d)
	__attribute__((warn_unused_result));

/* Cycles of milli-cycles; a / b, or false when b is 0. */
static inline double cmp_cycles(cycles128_t milli) { return (double)milli / 1000; }
bool cmp_ratio(double a, double b, double *q);
/* Share of all cycles that stands for faults the recorded machine had not; flagged above. */
#define CMP_FIDELITY_LIMIT 0.01
bool cmp_deviation_share(const struct cmp_run *run, double *share);
bool cmp_faults_balance(const struct cmp_run *run);
/* Extremes of cycles of a by cycles of b over the box of unit costs. False: not known. */
bool cmp_range(const struct cmp_run *a, const struct cmp_run *b, struct range *out);
/* Shown to take no more cycles than b whatever the unit costs. */
bool cmp_never_above(const struct cmp_run *a, const struct cmp_run *b);
/* The same of means, by the extremes trace by trace: enough, but more than it takes. */
bool cmp_mean_never_above(const struct cmp_cohort *co, const struct cmp_mean *a,
			  const struct cmp_mean *b);
/* Fewer traces: an interval over them says nothing. */
enum { CMP_INTERVAL_TRACES = 5 };

#endif
