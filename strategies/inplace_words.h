/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of a second-level table, rewritten where they lie, and back. For every word of the guest:
 * inplace_guest_word() of what it became (host_words.h), and of its side, is that word again.
 *
 * What is lost is kept beside the table: of ARMv5 and XScale ten bits a word, its type and bits [11:4], the
 * APs; of ARMv6 sixteen, since types of memory may be written otherwise. A word that the hardware must not
 * find, or that this would not bring back, is stashed: type 00, and all else as it was.
 */
#ifndef SHADEWALK_STRATEGIES_INPLACE_WORDS_H
#define SHADEWALK_STRATEGIES_INPLACE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

enum { INPLACE_SIDE_BITS = 10, INPLACE_SIDE_BITS_V6 = 16 };
struct inplace_side { uint16_t bits; };         /* of the guest's word */
struct inplace_form { bool fine, v6; };         /* of its table */

struct inplace_side inplace_side_of(uint32_t word, struct inplace_form f);
/* Type 00: no walk finds it. */
uint32_t inplace_stash(uint32_t word);
/* Can a page's word be brought back from where it leads in the machine, and its side? */
bool inplace_is_rebuilt(uint32_t word, struct inplace_form f);
/* Where a machine word of a page leads. */
uint32_t inplace_base(uint32_t machine, bool fine);
/* The guest's word; gpa: its address of what inplace_base() says. */
uint32_t inplace_guest_word(uint32_t machine, uint32_t gpa, struct inplace_side s, struct inplace_form f);

static inline bool inplace_is_page(uint32_t machine) { return machine & 3; }

#endif
