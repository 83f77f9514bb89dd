/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run --lint: watches a machine and reports what a correct guest, monitor and model never do
 * (findings.def, doc/lint.md). It has its own books beside the models: for every word of physical
 * memory the number of its newest store and of the one that memory holds, the same for the words in
 * cache lines and in the write buffer, and when each TLB entry was filled. It looks at the models'
 * state and counters, changes neither, and works with engine `ref` only.
 *
 * A hook costs a machine without --lint one test of a pointer, in functions that engine `fast`
 * leaves to `ref`.
 */
#ifndef SHADEWALK_SIM_LINT_H
#define SHADEWALK_SIM_LINT_H

#include "sim/machine.h"

enum lint_severity { LINT_ERROR, LINT_WARNING, LINT_NOTE, LINT_SEVERITIES };
extern const char *const lint_severity_name[LINT_SEVERITIES];

enum finding {
#define FINDING(id, ...) FINDING_##id,
#include "sim/findings.def"
#undef FINDING
	FINDINGS
};

struct finding_info {
	const char *id, *name;
	uint8_t severity;
	const char *meaning, *cause, *source;
};
extern const struct finding_info finding_info[FINDINGS];
/* By id or name; FINDINGS: there is none. */
enum finding finding_find(const char *text);

/* Whose doing: the guest's, or the hypervisor's (monitor). */
enum lint_origin { LINT_GUEST, LINT_MONITOR, LINT_ORIGINS };
extern const char *const lint_origin_name[LINT_ORIGINS];

enum { LINT_TEXT = 160, LINT_MAX_SHOWN = 1000, LINT_SHOWN = 10 };

struct lint_occurrence {
	uint8_t finding, origin;
	uint64_t record;
	uint32_t mva, pa;
	char expected[LINT_TEXT];
};

struct lint_report {
	uint64_t n[FINDINGS][LINT_ORIGINS];
	struct lint_occurrence *shown;          /* in the order of the trace */
	size_t nshown;
};

/* record: of the lane, read at each finding. max: occurrences of each finding that are kept. */
enum err lint_create(struct machine *m, const uint64_t *record, unsigned max, struct diag *d)
	__attribute__((warn_unused_result));
void lint_destroy(struct machine *m);
const struct lint_report *lint_report_of(const struct machine *m);
uint64_t lint_errors(const struct lint_report *r);
/* At the end of a trace: the last operations are looked at; ERR_NOMEM or ERR_CONFIG: the books were
 * not kept. */
enum err lint_finish(struct machine *m, struct diag *d) __attribute__((warn_unused_result));

/* --- hooks; only with m->lint ------------------------------------------------------------- */

/* An access was translated or faulted, and has touched no cache yet. */
void lint_translated(struct machine *m, gva_t mva, enum access access, const struct translation *t);
/* It went through caches and write buffer. */
void lint_access(struct machine *m, gva_t mva, enum access access, const struct translation *t);
/* Around a store of the monitor's that no lint_access() may tell of: it passes the caches by then. */
uint32_t lint_before_store(struct machine *m, uint32_t pa);
void lint_after_store(struct machine *m, uint32_t pa, uint32_t before);
/* The word at machine address pa, just stored, held `old` before. */
void lint_table_store(struct machine *m, uint32_t pa, uint32_t old);
/* A coprocessor access was carried out. */
void lint_cp(struct machine *m, const struct guest_event *e);
/* A finding, by whoever found it. */
void lint_find(struct machine *m, enum finding f, enum lint_origin o, uint32_t mva, uint32_t pa,
	       const char *fmt, ...) __attribute__((format(printf, 6, 7)));

#endif
