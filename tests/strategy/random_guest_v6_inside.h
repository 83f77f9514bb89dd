/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the random guest of ARMv6 share: who makes it, and its edits of tables. */
#ifndef SHADEWALK_TESTS_STRATEGY_RANDOM_GUEST_V6_INSIDE_H
#define SHADEWALK_TESTS_STRATEGY_RANDOM_GUEST_V6_INSIDE_H

#include "tests/strategy/random_guest_v6.h"
#include "tests/support.h"

/*
 * Three roots of 16 KB and the one of TTBR1. All map the kernel and the vectors page, globally, so
 * that any of them may be current with any TTBCR.N. Eight megabytes, the arena, are edited: on
 * both sides of each split, four of them in the reach of one supersection. Twelve coarse tables are
 * shared at random. Supersections and large pages are written whole, and whole go, as the
 * architecture asks: copies that differ are unpredictable.
 */
enum {
	ROOTS = 3, FIRST_ROOT = 0x20000, COARSE = 0x8000, NCOARSE = 12, ARENA = 8, PAGES = 40,
	ASIDS = 5, TOP_TABLE = 0xfc00, TOP_PAGE = 0xf4, TOP_PAGES = 12,
	BUSY = 3, BUSY_PAGES = 6,               /* megabytes of the arena, pages of each */
	INVAL_ASID = CP_KEY(8, 0, 7, 2), INVAL_MVAA = CP_KEY(8, 0, 7, 3),
	CLEAN_RANGE = CP_KEY_64 | CP_KEY(0, 0, 12, 0), CLEAN_ALL = CP_KEY(7, 0, 10, 0),
};
extern const uint32_t v6_arena[ARENA];

struct maker {
	struct kit *k;
	struct rng r;
	struct random_guest_counts *n;
	bool super[ROOTS + 1];                  /* 0x10000000 of a root is one supersection */
	bool large[NCOARSE][16];                /* 64 KB of a table: one large page */
	uint32_t last_mva;
	bool wide;
	bool busy;                              /* see random_guest_busy() */
	bool aliases;                           /* tables are mapped in the arena, too */
	bool cleans, dirty;                     /* lines of tables are cleaned; some are not yet */
};

/* One draw a full expression: C leaves the order within one open, and the guest is to be the same
 * whatever the compiler. */
static inline unsigned below(struct maker *m, unsigned n) { return rng_below(&m->r, n); }
static inline bool one_in(struct maker *m, unsigned n) { return !rng_below(&m->r, n); }
static inline const struct guest *now(const struct maker *m) { return kit_guest(m->k); }
static inline bool is_user(const struct maker *m) { return guest_is_user(now(m)); }

/* --- random_guest_v6_edits.c ---------------------------------------------------------------- */
uint32_t v6_root_address(unsigned root);
uint32_t v6_table_frame(struct maker *m);
uint32_t v6_any_leaf(struct maker *m, unsigned size_log2);
void v6_clean_range(struct maker *m, uint32_t first, uint32_t last);
bool v6_has_ranges(const struct maker *m);
void v6_poke_n(struct maker *m, uint32_t pa, uint32_t word, unsigned n);
void v6_edit_l2(struct maker *m);
void v6_edit_top(struct maker *m);
void v6_edit_l1(struct maker *m);
uint32_t v6_any_word_for(struct maker *m, uint32_t pa, bool whole, uint32_t old);

#endif
