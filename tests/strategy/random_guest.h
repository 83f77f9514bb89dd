/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that does at random what guests may do to a translation: edits of tables of every
 * kind, invalidates (or none), DACR, TTBR, SCTLR.S/R, FCSE, modes, LDRT/STRT, accesses. What
 * each access came to is chosen among what P permits at that point.
 */
#ifndef SHADEWALK_TESTS_STRATEGY_RANDOM_GUEST_H
#define SHADEWALK_TESTS_STRATEGY_RANDOM_GUEST_H

#include "tests/machine_kit.h"

struct random_guest_counts {
	unsigned edits, invalidates, accesses, aborts, stale, old_faults, alias_stores, cleans;
};

/* At least `records` records; k is to be freed. Same seed, same guest. */
void random_guest(struct kit *k, uint64_t seed, size_t records, struct random_guest_counts *n);
/* The same with tables mapped at other addresses as well, and stores to them through those. */
void random_guest_aliases(struct kit *k, uint64_t seed, size_t records, struct random_guest_counts *n);
/* One that knows its walker does not see the cache: lines of tables are cleaned before an invalidate or another
 * root relies on them. With aliases, but for every third seed; with the data cache off at times. */
void random_guest_cleans(struct kit *k, uint64_t seed, size_t records, struct random_guest_counts *n);
/* One that goes back and forth between kernel and user, on a few pages with every kind of rights side by
 * side, and seldom invalidates them. */
void random_guest_busy(struct kit *k, uint64_t seed, size_t records, struct random_guest_counts *n);

#endif
