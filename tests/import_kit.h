/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Imported streams from seeds, and runs of the one in scratch("stream.swt"). */
#ifndef SHADEWALK_TESTS_IMPORT_KIT_H
#define SHADEWALK_TESTS_IMPORT_KIT_H

#include "sim/replay.h"
#include "tests/unit/trace_random.h"
#include "traces/import.h"

enum { SETS = 12, COUNTS = 96, REFS = 20000 };

struct outcome {
	struct ledger ledger;
	struct named_count count[COUNTS];
	size_t n;
	uint64_t series[LANE_SLICES], first, insns, warmup;
	bool fast;
};

/* One word. */
void import_add(struct random_trace *t, uint8_t kind, uint32_t va);
/* Header of an import, no records yet. */
void import_begin(struct random_trace *t, enum import_format format);
/* A loop with calls, a stack, arrays, odd places; line ends; anywhere, each place twice. */
void import_like_a_program(struct random_trace *t, struct rng *g, bool fetches);
void import_at_line_ends(struct random_trace *t, struct rng *g, bool fetches);
void import_anywhere(struct random_trace *t, struct rng *g, bool fetches);
/* Sizes and boundaries of x86. */
void import_like_lackey(struct random_trace *t, struct rng *g);
/* A sink that keeps one result in a struct outcome. */
enum err import_keep(void *ctx, const struct run_result *r, struct diag *d);
/* All legal strategies, that is native, without a warm-up. The caller frees spec[n]. */
struct replay_plan import_plan(struct spec *spec, size_t *n, const char *const *set, enum engine e);
struct outcome import_run_plan(struct replay_plan *p);
struct outcome import_run(const char *const *set, enum engine e);
/* A row of the structures; references of the window. */
uint64_t import_count(const struct outcome *o, const char *name);
uint64_t import_references(const struct outcome *o);
/* Ledger, structures, series, window. */
void import_same(const struct outcome *a, const struct outcome *b);

#endif
