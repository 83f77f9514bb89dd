/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sibling of random_guest.h with the words of ARMv6: ASIDs and nG, two table bases split by
 * TTBCR.N, supersections, XN, APX, the access flag, memory types, invalidates of every scope.
 */
#ifndef SHADEWALK_TESTS_STRATEGY_RANDOM_GUEST_V6_H
#define SHADEWALK_TESTS_STRATEGY_RANDOM_GUEST_V6_H

#include "tests/strategy/random_guest.h"

/* As random_guest(). core: the trace's; what it has beyond ARMv6 is used. */
void random_guest_v6(struct kit *k, const char *core, uint64_t seed, size_t records,
		     struct random_guest_counts *n);
/* The same, but it also reads its tables as words with subpages (SCTLR.XP = 0), so that quarters of a page
 * differ, sets S and R, and uses pages behind the vectors, up to 0xffffffff. */
void random_guest_v6_wide(struct kit *k, const char *core, uint64_t seed, size_t records,
			  struct random_guest_counts *n);
/* As wide, with tables mapped at other addresses as well, and stores to them through those: also exclusive ones,
 * and such as cross the end of a page. */
void random_guest_v6_aliases(struct kit *k, const char *core, uint64_t seed, size_t records,
			     struct random_guest_counts *n);
/* As random_guest_busy(), and wide. */
void random_guest_v6_busy(struct kit *k, const char *core, uint64_t seed, size_t records,
			  struct random_guest_counts *n);
/* Either of the two by turns, and it cleans the lines of its tables before anything relies on them. */
void random_guest_v6_cleans(struct kit *k, const char *core, uint64_t seed, size_t records,
			    struct random_guest_counts *n);

#endif
