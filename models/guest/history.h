/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What table words and translation registers held since the last covering TLB invalidate: the
 * raw material of P(i), the set of walk results a machine may still use (doc/model.md).
 *
 * Time is a counter of changes. An old value is kept with the time until which it was current.
 * An invalidate of everything forgets all; one by MVA or ASID is remembered and prunes on
 * enumeration. From ARMv6 on a setting of the registers has an ASID, and an invalidate a scope.
 */
#ifndef SHADEWALK_MODELS_GUEST_HISTORY_H
#define SHADEWALK_MODELS_GUEST_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/pt/pt.h"
#include "traces/record.h"

#define HIST_NOW UINT64_MAX             /* "until" of a value that is still current */

struct hist_word { uint32_t pa, value; uint64_t until; uint32_t prev; };   /* prev: index + 1 */
/* id: settings that are equal have the same one. */
struct hist_regs { struct walk_regs regs; uint64_t until; uint16_t id; uint8_t asid; };

struct hist_slot { uint64_t key, value; uint64_t gen; };
struct hist_map { struct hist_slot *slot; size_t cap, used; uint64_t gen; };

struct history {
	uint64_t now;
	struct hist_word *words;
	size_t nwords, words_cap;
	struct hist_regs *regs;
	size_t nregs, regs_cap;
	struct hist_map last;           /* word address -> index + 1 of its youngest old value */
	struct hist_map inval;          /* scope, size class, page -> time of invalidate */
	bool v6;                        /* page sizes are those of ARMv6 */
	bool failed;                    /* out of memory once: results are not to be trusted */
};

void history_init(struct history *h, bool v6);
void history_free(struct history *h);
void history_word(struct history *h, uint32_t pa, uint32_t old);
void history_regs(struct history *h, struct walk_regs old, uint8_t asid);
void history_inval_all(struct history *h);
void history_inval_mva(struct history *h, gva_t mva);           /* whatever the ASID */
/* Global entries and those of the ASID. */
void history_inval_mva_asid(struct history *h, gva_t mva, uint8_t asid);
void history_inval_asid(struct history *h, uint8_t asid);       /* never global ones */
/* For cuts: values that were current until `age` changes ago. Oldest first. */
void history_word_at(struct history *h, uint32_t pa, uint32_t old, uint64_t age);
/* The registers that one change ended, one register at a time: every call for an age replaces what
 * the one before said. */
void history_regs_at(struct history *h, struct walk_regs old, uint8_t asid, uint64_t age);
/* What history_regs_at() was told of that age so far; NULL: nothing. */
const struct hist_regs *history_regs_known(const struct history *h, uint64_t age);
/* scope: as in the record. */
void history_inval_at(struct history *h, gva_t mva, uint32_t scope, uint64_t age);

/* Youngest old value of a word, NULL if it did not change since the last invalidate-all. */
const struct hist_word *history_last(const struct history *h, uint32_t pa);
const struct hist_word *history_prev(const struct history *h, const struct hist_word *w);
/* Time of the youngest invalidate of every entry whose operand lies in the page of 2^size_log2
 * around mva. */
uint64_t history_inval_time(const struct history *h, gva_t mva, unsigned size_log2);
/* The same of a global entry (ng false) or one of the ASID, whatever the invalidate's scope. */
uint64_t history_inval_time_of(const struct history *h, gva_t mva, unsigned size_log2, bool ng,
			       uint8_t asid);
/* Smallest page that an invalidate knows: reach of a walk that failed. */
static inline unsigned history_granule(const struct history *h)
{
	return h->v6 ? FRAME_LOG2 : GRANULE_LOG2;
}

#endif
