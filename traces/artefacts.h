/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What distinguishes a guest that an emulator ran from the same guest on its core, counted in the
 * records. doc/capture-artefacts.md says of each row what it distorts and how much at most; a test
 * compares its list of rows with this one.
 */
#ifndef SHADEWALK_TRACES_ARTEFACTS_H
#define SHADEWALK_TRACES_ARTEFACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "traces/reader.h"

/* X(id, name in every form of `trace info`) */
#define TRACE_ARTEFACT_LIST(X)                                          \
	X(TEST_CLEAN,     "test_and_clean")                             \
	X(CACHE_OPS,      "cache_operations")                           \
	X(CTR_READS,      "ctr_reads")                                  \
	X(ALIAS,          "alias_maintenance")                          \
	X(FLUSHES,        "emulator_flushes")                           \
	X(LOCKDOWN,       "lockdown_writes")                            \
	X(REMAP,          "remap_writes")                               \
	X(IRQS,           "irqs")                                       \
	X(IRQ_INSNS,      "irq_instructions_most")                      \
	X(POLLS,          "polling_loops")                              \
	X(POLL_INSNS,     "polling_instructions")                       \
	X(WAITS,          "waits")                                      \
	X(WAITS_UNKNOWN,  "waits_unknown")                              \
	X(WAIT_NS,        "wait_ns")                                    \
	X(UNALIGNED,      "unaligned")                                  \
	X(SPLIT,          "split")                                      \
	X(MULTIPLE,       "multiple_words")                             \
	X(PARTIAL,        "partial_multiple_words")                     \
	X(SWAPS,          "swaps")                                      \
	X(EXCLUSIVE,      "exclusive_stores")                           \
	X(STREX_ABORTS,   "exclusive_store_aborts")                     \
	X(FETCH_ABORTS,   "fetch_aborts")                               \
	X(UNKNOWN_OPS,    "operations_unknown_to_core")

enum trace_artefact {
#define X(id, name) ARTEFACT_##id,
	TRACE_ARTEFACT_LIST(X)
#undef X
	ARTEFACTS
};

enum { POLL_RUNS = 4, POLL_MOST_INSNS = 32 };

struct trace_artefacts {
	uint64_t n[ARTEFACTS];          /* UNKNOWN_OPS is filled by who knows the core */
	/* registers whose write makes the emulator drop its TLB if the value is another */
	struct { bool known; uint32_t value; } sctlr, fcse, context;
	/* the last runs, the newest first */
	struct poll_run {
		uint32_t va, io;        /* io: address of its only device load, if it has_io */
		uint16_t insns;
		bool has_io, unfit;     /* unfit: stores, or loads from several devices' registers */
	} run[POLL_RUNS];
	bool polling;
	uint32_t poll_head;             /* where the loop at hand was noticed */
	struct { uint16_t insns, last; bool aborted, swaps; unsigned words; } cur;    /* run */
	bool in_irq;
	uint32_t irq_resume;
};

void trace_artefacts_begin(struct trace_artefacts *a, const struct trace_header *h);
void trace_artefacts_add(struct trace_artefacts *a, const struct trace_rec *r,
			 const uint8_t *payload);
const char *trace_artefact_name(enum trace_artefact i);

#endif
