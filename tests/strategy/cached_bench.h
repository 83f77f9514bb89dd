/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest of three address spaces for directed tests of `cached`, hypervisor memory flat; what each step of it added. */
#ifndef SHADEWALK_TESTS_STRATEGY_CACHED_BENCH_H
#define SHADEWALK_TESTS_STRATEGY_CACHED_BENCH_H

#include "tests/machine_kit.h"

enum {
	E = 140, DECODE = 40, WALK = 30 + 2 * 35, FIND = 8, EMUL = 70, FILL = 60, OP = 25,
	CLEAN = 20, DRAIN = 15, TLBI = 3, WORD = 8, ROOT_COST = 25 + 2 * 4,
	HIDDEN = E + DECODE + WALK + FILL + CLEAN + DRAIN + TLBI,
	TRAPPED = E + DECODE + FIND + EMUL,             /* a store performed */
	ROOT_B = 0x20000, ROOT_C = 0x24000, L2_B = KIT_L2 + FRAME_BYTES,
};
#define PAGES 0x10000000u               /* a coarse table in KIT_L2, small pages AP 11, domain 1 */

struct bench { struct kit k; struct lane *l; size_t at; };

static inline uint32_t page_word(uint32_t i)
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };

	return pt_encode_v5_small(0x400000 + (i << 12), all, 3);
}

/* The second address space has a table of its own at PAGES, the third nothing there. */
void bench_start(struct bench *b, const char *spec);
/* What the records appended since the last call added; borrowed until the next. The audit is content. */
struct ledger *spent(struct bench *b);
void expect(struct bench *b, uint64_t traps, uint64_t cycles);
void bench_stop(struct bench *b);

static inline void load(struct bench *b, uint32_t va) { kit_access(&b->k, va, false, 2); }
static inline void store(struct bench *b, uint32_t va) { kit_access(&b->k, va, true, 2); }

#endif
