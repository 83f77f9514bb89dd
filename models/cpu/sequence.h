/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host core does for a canonical maintenance operation: its own instructions, which need
 * not be those that the trace's core used. Data only: nothing here touches a model.
 *
 * A sequence is at most as precise as asked and at least as thorough: what it invalidates covers
 * what was asked; dirty data is written back where the core cannot invalidate without (then
 * `cleans` says so although the operation did not ask).
 */
#ifndef SHADEWALK_MODELS_CPU_SEQUENCE_H
#define SHADEWALK_MODELS_CPU_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/cost/ledger.h"
#include "models/guest/cp15.h"

/* How often a step's instruction runs. */
enum seq_count {
	SEQ_ONCE,
	SEQ_PER_LINE,           /* every line that the cache of the step's side can hold */
	SEQ_PER_DIRTY,          /* every dirty line, and once more to see that none is left */
	SEQ_PER_RANGE_LINE,     /* every line of an MCRR range */
};

/* What the instruction is. */
enum seq_kind {
	SEQ_CP,                 /* coprocessor instruction `key` */
	SEQ_LOAD,               /* load from an address kept for the purpose: fills a line, so that
				 * another one has to go; misses by construction */
};

struct seq_step {
	uint8_t kind;           /* enum seq_kind */
	uint8_t count;          /* enum seq_count: of instructions */
	uint8_t cost;           /* enum cost_prim: one unit */
	uint8_t cost_count;     /* enum seq_count: of units (one instruction may visit all lines) */
	uint16_t key;           /* SEQ_CP: of the core's own map, as in traces/record.h */
	uint8_t read;           /* SEQ_CP: MRC */
};

enum { SEQ_STEPS = 3 };
struct cp_sequence {
	struct seq_step step[SEQ_STEPS];
	uint8_t nstep;          /* 0: the core has nothing to do for it */
	bool cleans;            /* dirty lines concerned are written back: their cost comes on top */
	bool whole;             /* works on the whole structure although less was asked */
	uint8_t confidence;     /* enum confidence */
	const char *source;
};

/*
 * The sequence of a core for an operation of CP_TLBI_*, CP_CACHE, CP_TESTCLEAN, CP_ALLOCATE,
 * CP_DRAIN, CP_DMB, CP_ISB, CP_BP_*, CP_PREFETCH_I, CP_READ_BUFFER, CP_DIRTY_STATUS, CP_WFI or
 * lockdown by operation. False for anything else (registers), and out is left alone.
 */
bool cpu_sequence(enum cp_core host, const struct cp_canon *c, struct cp_sequence *out);

#endif
