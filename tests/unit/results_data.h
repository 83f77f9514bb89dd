/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made-up runs for the tests of results and figures. */
#ifndef SHADEWALK_TESTS_UNIT_RESULTS_DATA_H
#define SHADEWALK_TESTS_UNIT_RESULTS_DATA_H

#include "results/results.h"

/* A run that owns what it points to; change run or ledger before putting it. */
struct made_run {
	struct run_result run;
	struct ledger ledger;
	struct cost_set costs;
	struct named_count structure[2];
	struct memory_row memory[2];
	struct deviation deviation[1];
	uint64_t series[16];
	char trace_id[65], strategy_name[64];
};

/* Trace number t; strategy "native" gets no exits, others get `hidden` hidden faults on small
 * pages and 10 SVC exits. */
void made_run(struct made_run *m, unsigned t, const char *strategy, uint64_t hidden);
/* Charges one hidden data fault, section or small page, under the flat memory model. */
void made_hidden_fault(struct ledger *l, bool fetch, bool section, uint64_t n);

#endif
