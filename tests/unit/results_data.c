/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/results_data.h"

#include <stdio.h>
#include <string.h>

/*
 * Trap, decode (the instruction word says whether the access was a write; a fetch needs none),
 * walk with one or two descriptor reads, shadow entry stored, cleaned, drained, TLB entry gone.
 */
void made_hidden_fault(struct ledger *l, bool fetch, bool section, uint64_t n)
{
	enum cause c = fetch ? CAUSE_FETCH : CAUSE_LOAD;

	l->n[fetch ? EV_TRAP_PABT : EV_TRAP_DABT][ORIGIN_HV][c] += n;
	l->n[EV_RETURN][ORIGIN_HV][c] += n;
	if (!fetch)
		l->n[EV_DECODE][ORIGIN_HV][c] += n;
	l->n[EV_HIDDEN][ORIGIN_HV][c] += n;
	l->n[EV_SWWALK][ORIGIN_HV][c] += n;
	l->n[EV_SWWALK_READ][ORIGIN_HV][c] += section ? n : 2 * n;
	l->n[EV_FILL][ORIGIN_HV][c] += n;
	l->n[EV_CLEAN_DIRTY][ORIGIN_HV][c] += n;
	l->n[EV_DRAIN][ORIGIN_HV][c] += n;
	l->n[EV_HTLBI_MVA][ORIGIN_HV][c] += n;
}

static void made_ledger(struct ledger *l, const char *strategy, uint64_t hidden)
{
	l->n[EV_EXEC][ORIGIN_USER][CAUSE_FETCH] = 90000;
	l->n[EV_EXEC][ORIGIN_KERNEL][CAUSE_FETCH] = 10000;
	l->n[EV_DFILL_R][ORIGIN_USER][CAUSE_LOAD] = 700;
	l->n[EV_WALK_L1][ORIGIN_USER][CAUSE_LOAD] = 100;
	l->n[EV_WALK_L2][ORIGIN_USER][CAUSE_LOAD] = 80;
	if (!strncmp(strategy, "native", 6))
		return;
	made_hidden_fault(l, false, false, hidden);
	l->n[EV_TRUE_FAULT][ORIGIN_HV][CAUSE_LOAD] = 5;
	l->n[EV_TRAP_SVC][ORIGIN_HV][CAUSE_SVC] = 10;
	l->n[EV_RETURN][ORIGIN_HV][CAUSE_SVC] = 10;
	l->n[EV_REFLECT_SVC][ORIGIN_HV][CAUSE_SVC] = 10;
}

void made_run(struct made_run *m, unsigned t, const char *strategy, uint64_t hidden)
{
	static const char *const names[] = { "boot", "lua,5.4", "sqlite_inserts", "python" };

	memset(m, 0, sizeof(*m));
	cost_set_default(&m->costs);
	made_ledger(&m->ledger, strategy, hidden);
	memset(m->trace_id, "abcd"[t % 4], 64);
	snprintf(m->strategy_name, sizeof(m->strategy_name), "%.*s",
		 (int)strcspn(strategy, ":"), strategy);
	m->structure[0] = (struct named_count){ "tlb.hits", 5000 };
	m->structure[1] = (struct named_count){ "tlb.misses", 100 };
	m->memory[0] = (struct memory_row){ "sL1", 16384, 16384 };
	m->memory[1] = (struct memory_row){ "sL2", 4096, 1000 };
	m->deviation[0] = (struct deviation){ .record = 77, .kind = 1, .fsr = 5, .va = 0x8000 };
	for (unsigned i = 0; i < 16; i++)
		m->series[i] = 10000000 + i * 7 % 5;
	m->run = (struct run_result){
		.trace = {.id = m->trace_id,
			  .name = names[t % 4],
			  .guest = "linux",
			  .core = "arm926",
			  .arch = "armv5",
			  .records = 500,
			  .instructions = 100000 + t,
			  .references = 1000,
			  .bytes = 4096,
			  .header_json = "{}"},
		.strategy = strategy,
		.strategy_name = m->strategy_name,
		.host_core = "arm926",
		.tag = "unmodified",
		.config_json = "{\"hv.memory\":\"flat\"}",
		.seed = 1,
		.warmup_insns = 10,
		.window_first = 10,
		.window_insns = 100000,
		.ledger = &m->ledger,
		.costs = &m->costs,
		.faults_recorded = 5,
		.faults_injected = 6,
		.faults_extra_true = 1,
		.deviations = m->deviation,
		.ndeviations = 1,
		.structures = m->structure,
		.nstructures = 2,
		.memory = m->memory,
		.nmemory = 2,
		.series = m->series,
		.nseries = 16,
		.engine = "ref",
		.argv = "test",
		.wall_s = 1.5,
		.started_unix = 1000,
	};
}
