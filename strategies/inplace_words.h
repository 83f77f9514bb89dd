/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of a second-level table of ARMv5 or XScale, rewritten where they lie, and back. For every word of the
 * guest: inplace_guest_word() of what it became, and of its side, is that word again.
 *
 * What is lost is kept beside the table, ten bits a word: its type, and bits [11:4], the APs. A word that the
 * hardware must not find, or that this would not bring back, is stashed: type 00, and all else as it was.
 */
#ifndef SHADEWALK_STRATEGIES_INPLACE_WORDS_H
#define SHADEWALK_STRATEGIES_INPLACE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

enum { INPLACE_SIDE_BITS = 10 };
struct inplace_side { uint8_t type, low; };     /* bits [1:0], [11:4] of the guest's word */

struct inplace_side inplace_side_of(uint32_t word);
/* Type 00: no walk finds it. */
uint32_t inplace_stash(uint32_t word);
/* Can a page's word be brought back from where it leads in the machine, and its side? */
bool inplace_is_rebuilt(uint32_t word);
/* The word of a page of 2^size_log2 bytes at hpa with these APs: of the guest's `word` the rest. */
uint32_t inplace_word(uint32_t word, uint32_t hpa, unsigned size_log2, const uint8_t ap[4]);
/* Where a machine word of a page leads. */
uint32_t inplace_base(uint32_t machine, bool fine);
/* The guest's word; gpa: its address of what inplace_base() says. */
uint32_t inplace_guest_word(uint32_t machine, uint32_t gpa, struct inplace_side s, bool fine);

static inline bool inplace_is_page(uint32_t machine) { return machine & 3; }

#endif
