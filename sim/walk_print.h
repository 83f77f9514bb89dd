/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How `shadewalk walk' shows the answer of one try. */
#ifndef SHADEWALK_SIM_WALK_PRINT_H
#define SHADEWALK_SIM_WALK_PRINT_H

#include <stdio.h>

#include "sim/walk_file.h"

struct walk_answer {
	const struct walk_case *c;
	const struct walk_try *t;
	struct mmu_state state;
	struct mmu_outcome out;
	struct fault_report report;     /* valid when out.fs is set */
};

/* One line each: the try completed; a CSV row; a JSON object without newline. */
void walk_print_text(FILE *f, const struct walk_answer *a);
void walk_print_csv_head(FILE *f);
void walk_print_csv(FILE *f, const struct walk_answer *a);
/* explain: lines for "explain", or NULL. */
void walk_print_json(FILE *f, const struct walk_answer *a, const char *explain);

/* The walk level by level, in the manual's names; a line each, starting with prefix. */
void walk_explain(FILE *f, const char *prefix, const struct walk_answer *a);

#endif
