/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the instructions of runs cost beyond one cycle each, by class: a function of the guest's
 * code, so the tracker finds it once for all lanes. A batch carries its sums before and behind,
 * and for each run which counts it adds; a lane needs the sums only where it measures, and
 * has no work in between.
 *
 *  - A run adds its counts when the next one begins: where that is tells whether a jump at its
 *    end (anything that writes the PC) was taken.
 *  - A conditional load or store was executed when its references are in the trace. Any other
 *    conditional instruction but a jump is taken as executed; how many such there were is a count
 *    too (EXEC_COND).
 *  - Interlocks are seen inside a run only.
 */
#ifndef SHADEWALK_MODELS_GUEST_INSN_MIX_H
#define SHADEWALK_MODELS_GUEST_INSN_MIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/cost/ledger.h"
#include "models/guest/code_book.h"

/* Events EXEC_BRANCH to EXEC_UNKNOWN; more places make the sums whole vectors;
 * one of them holds what no other is above. */
enum { MIX_EVENTS = EV_EXEC_UNKNOWN - EV_EXEC_BRANCH + 1, MIX_PLACES = 32, MIX_LIMIT = 31 };
_Static_assert(MIX_EVENTS <= MIX_LIMIT, "room for all, and for a limit of them");

struct mix_counts { uint16_t n[MIX_PLACES]; };
struct mix_sums { uint64_t n[2][MIX_PLACES]; };         /* by kernel, user */

/* What a run or a fetch adds, of the one before it: a number of counts (0: nothing), the
 * lowest bit: executed in USR mode. */
typedef uint32_t mix_tag;

struct event_batch;
struct guest;
struct insn_mix;
struct trace_rec;

struct mix_batch {
	struct mix_sums before, after;  /* without and with the run that is open there */
	struct mix_counts *const *chunk;
	const mix_tag *tag;             /* of each record; only runs and fetches have one */
};

struct insn_mix *insn_mix_create(void);         /* NULL: out of memory */
void insn_mix_destroy(struct insn_mix *m);
bool insn_mix_failed(const struct insn_mix *m); /* out of memory, or too many kinds of runs */

/* Around the records of a batch, which begin and end here. */
void insn_mix_begin(struct insn_mix *m, const struct trace_rec *first, struct mix_batch *b);
void insn_mix_end(struct insn_mix *m, const struct trace_rec *end, struct mix_batch *b);
/* A run begins; g: the guest at that point. */
mix_tag insn_mix_run(struct insn_mix *m, const struct guest *g, const struct trace_rec *r);
/* An instruction without its word (an imported stream). */
mix_tag insn_mix_fetch(struct insn_mix *m, const struct guest *g, const struct trace_rec *r);
void insn_mix_code(struct insn_mix *m, const struct trace_rec *r, const uint8_t *bytes);
/* What walks depend on changes: a word of a table; a register other than TTBR0. */
void insn_mix_table_write(struct insn_mix *m, uint32_t old, uint32_t new);
void insn_mix_setting(struct insn_mix *m);
/* An exception: its LR tells where execution would have gone on. */
void insn_mix_exception(struct insn_mix *m, const struct trace_rec *r);
/* Sums of everything before record i of a batch, which is a run or a fetch. */
void mix_sums_at(const struct event_batch *b, size_t i, struct mix_sums *out);
/* So far: instructions whose code or class is not known. */
uint64_t insn_mix_unknown(const struct insn_mix *m);

/* Instructions of a run, by bit. Only those of ARM can be conditional: 256 in 1 KB. */
struct mix_passed { uint64_t bit[4]; };
/* jump: of the last instruction, when it jumps; asks: what depends on `passed`. */
struct mix_run { struct mix_counts own, jump; struct mix_passed asks; bool jumps; };
/* Counts of n instructions at pa; page: of pa; passed: those with references, NULL: all. */
void insn_mix_count(const struct code_page *page, uint32_t pa, unsigned n, unsigned flags,
		    const struct mix_passed *passed, struct mix_run *out);

#endif
