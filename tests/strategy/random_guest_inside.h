/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the random guest of ARMv5 share: who makes it, and its edits of tables. */
#ifndef SHADEWALK_TESTS_STRATEGY_RANDOM_GUEST_INSIDE_H
#define SHADEWALK_TESTS_STRATEGY_RANDOM_GUEST_INSIDE_H

#include "tests/strategy/random_guest.h"
#include "tests/support.h"

/*
 * Two roots. Both map the kernel and the vectors as kit_linux() does. Six megabytes, the arena,
 * are edited: two below 32 MB or in the range of PID 3, one beside the hypervisor's window's
 * code. Tables: twelve coarse (three frames), three fine (a frame each), shared at random.
 * Large pages are written whole, as the architecture asks: copies that differ are
 * unpredictable, and no strategy could be right.
 */
enum {
	ROOT_B = 0x20000, COARSE = 0x8000, NCOARSE = 12, FINE = 0xb000, NFINE = 3,
	ARENA = 6, PAGES = 40, PID3 = 3 << 25, DIRTY = 256,
	BUSY = 3, BUSY_PAGES = 6,               /* megabytes of the arena, pages of each */
};
extern const uint32_t v5_arena[ARENA];

struct maker {
	struct kit *k;
	struct rng r;
	struct random_guest_counts *n;
	bool large[NCOARSE + NFINE][16];        /* 64 KB of a table: one large page */
	uint32_t last_mva;
	bool aliases;                           /* tables are mapped in the arena, too */
	bool cleans;                            /* lines of tables are cleaned before anything relies on them */
	uint32_t dirty[DIRTY];                  /* table words stored to since, in no order */
	unsigned ndirty;
	bool busy;                              /* see random_guest_busy() */
};

/* One draw a full expression: C leaves the order within one open, and the guest is to be the same
 * whatever the compiler. */
static inline unsigned below(struct maker *m, unsigned n) { return rng_below(&m->r, n); }
static inline bool one_in(struct maker *m, unsigned n) { return !rng_below(&m->r, n); }
static inline bool is_user(const struct maker *m) { return guest_is_user(kit_guest(m->k)); }

void v5_to_kernel(struct maker *m);

/* --- random_guest_edits.c ------------------------------------------------------------------- */
uint32_t v5_table_address(unsigned t);
uint32_t v5_table_frame(struct maker *m);
uint32_t v5_any_l2(struct maker *m, unsigned size_log2);
void v5_clean(struct maker *m);
void v5_stored(struct maker *m, uint32_t pa);
void v5_poke_n(struct maker *m, uint32_t pa, uint32_t word, unsigned n);
void v5_edit_l2(struct maker *m);
uint32_t v5_any_l1(struct maker *m);
void v5_edit_l1(struct maker *m);
uint32_t v5_any_word_for(struct maker *m, uint32_t pa, uint32_t old);

#endif
