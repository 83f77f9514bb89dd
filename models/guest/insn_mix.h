/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the instructions of runs cost beyond one cycle each, by class: a function of the guest's
 * code, so the tracker finds it once for all lanes. A batch carries its sums before and behind,
 * and for each run which counts it adds; a lane needs the sums only where it measures, and
 * has no work in between.
 *
 *  - A run adds its counts when it begins. A jump at its end (anything that writes the PC) adds
 *    its own when the next run begins elsewhere than behind it: only then it was taken.
 *  - An instruction whose condition may fail is taken as executed, but for jumps; how many
 *    such there were is a count too (EXEC_COND).
 *  - Interlocks are seen inside a run only.
 */
#ifndef SHADEWALK_MODELS_GUEST_INSN_MIX_H
#define SHADEWALK_MODELS_GUEST_INSN_MIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/cost/ledger.h"
#include "models/guest/code_book.h"

/* Events EXEC_BRANCH to EXEC_UNKNOWN; a few more places make the sums whole vectors. */
enum { MIX_EVENTS = EV_EXEC_UNKNOWN - EV_EXEC_BRANCH + 1, MIX_PLACES = 32 };
_Static_assert(MIX_EVENTS <= MIX_PLACES, "room for all");

struct mix_counts { uint16_t n[MIX_PLACES]; };
struct mix_sums { uint64_t n[2][MIX_PLACES]; };         /* by kernel, user */

/* What a record adds; own: its instructions; jumped: how the run before ended. Numbers of
 * counts, 0 adds nothing; the lowest bit: executed in USR mode. */
struct mix_tag { uint32_t own, jumped; };

struct event_batch;
struct guest;
struct insn_mix;
struct trace_rec;

struct mix_batch {
	struct mix_sums before, after;
	struct mix_counts *const *chunk;
	const struct mix_tag *tag;      /* of each record; only runs and fetches have one */
};

struct insn_mix *insn_mix_create(void);         /* NULL: out of memory */
void insn_mix_destroy(struct insn_mix *m);
struct code_book *insn_mix_book(struct insn_mix *m);
bool insn_mix_failed(const struct insn_mix *m); /* out of memory, or too many kinds of runs */

void insn_mix_begin(const struct insn_mix *m, struct mix_batch *b);
void insn_mix_end(struct insn_mix *m, struct mix_batch *b);
/* A run begins; g: the guest at that point. */
struct mix_tag insn_mix_run(struct insn_mix *m, const struct guest *g, const struct trace_rec *r);
/* An instruction without its word (an imported stream). */
struct mix_tag insn_mix_fetch(struct insn_mix *m, const struct guest *g);
/* An exception: lr tells where execution would have gone on. */
void insn_mix_exception(struct insn_mix *m, unsigned vector, uint32_t lr);
/* Sums of everything before record i of a batch, how the run before ended included. */
void mix_sums_at(const struct event_batch *b, size_t i, struct mix_sums *out);
/* So far: instructions whose code or class is not known. */
uint64_t insn_mix_unknown(const struct insn_mix *m);

/* Counts of n instructions at pa, with how the last one jumps if it does; page: of pa. */
void insn_mix_count(const struct code_page *page, uint32_t pa, unsigned n, unsigned flags,
		    struct mix_counts *own, struct mix_counts *jump);

#endif
