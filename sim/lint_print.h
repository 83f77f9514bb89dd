/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports of --lint as text, JSON or CSV. They are printed and never stored: doc/lint.md. */
#ifndef SHADEWALK_SIM_LINT_PRINT_H
#define SHADEWALK_SIM_LINT_PRINT_H

#include <jansson.h>
#include <stdio.h>

#include "results/results.h"
#include "sim/lint.h"

struct lint_print {
	enum out_format form;
	FILE *out;              /* NULL: nothing is printed */
	json_t *reports;
	bool begun;
};

/* One run's report. Text and CSV appear at once, JSON at the end. */
enum err lint_print_add(struct lint_print *p, const char *trace, const char *strategy,
			const char *core, const struct lint_report *r, struct diag *d)
	__attribute__((warn_unused_result));
/* Also frees. */
enum err lint_print_end(struct lint_print *p, struct diag *d) __attribute__((warn_unused_result));
/* ERR_CHECK when there are findings that are errors: how many, and the first. */
enum err lint_verdict(const char *path, const char *strategy, const struct lint_report *r,
		      struct diag *d) __attribute__((warn_unused_result));

#endif
