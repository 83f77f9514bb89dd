/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What table words and translation registers held since the last covering TLB invalidate: the
 * raw material of P(i), the set of walk results a machine may still use (doc/model.md).
 *
 * Time is a counter of changes. An old value is kept with the time until which it was current.
 * An invalidate of everything forgets all; one by MVA is remembered and prunes on enumeration.
 */
#ifndef SHADEWALK_MODELS_GUEST_HISTORY_H
#define SHADEWALK_MODELS_GUEST_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/pt/pt.h"

#define HIST_NOW UINT64_MAX             /* "until" of a value that is still current */

struct hist_word { uint32_t pa, value; uint64_t until; uint32_t prev; };   /* prev: index + 1 */
struct hist_regs { struct walk_regs regs; uint64_t until; };

struct hist_slot { uint64_t key, value; uint64_t gen; };
struct hist_map { struct hist_slot *slot; size_t cap, used; uint64_t gen; };

struct history {
	uint64_t now;
	struct hist_word *words;
	size_t nwords, words_cap;
	struct hist_regs *regs;
	size_t nregs, regs_cap;
	struct hist_map last;           /* word address -> index + 1 of its youngest old value */
	struct hist_map inval;          /* page (with its size class) -> time of invalidate */
	bool failed;                    /* out of memory once: results are not to be trusted */
};

void history_init(struct history *h);
void history_free(struct history *h);
void history_word(struct history *h, uint32_t pa, uint32_t old);
void history_regs(struct history *h, struct walk_regs old);
void history_inval_all(struct history *h);
void history_inval_mva(struct history *h, gva_t mva);
/* For cuts: values that were current until `age` changes ago. Oldest first. */
void history_word_at(struct history *h, uint32_t pa, uint32_t old, uint64_t age);
void history_regs_at(struct history *h, struct walk_regs old, uint64_t age);
/* What history_regs_at() was told of that age so far, else `now`. */
struct walk_regs history_regs_known(const struct history *h, uint64_t age, struct walk_regs now);
void history_inval_at(struct history *h, gva_t mva, uint64_t age);

/* Youngest old value of a word, NULL if it did not change since the last invalidate-all. */
const struct hist_word *history_last(const struct history *h, uint32_t pa);
const struct hist_word *history_prev(const struct history *h, const struct hist_word *w);
/* Time of the youngest invalidate whose operand lies in the page of 2^size_log2 around mva. */
uint64_t history_inval_time(const struct history *h, gva_t mva, unsigned size_log2);

#endif
