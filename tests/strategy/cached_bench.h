/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directed sequences under `cached`, on a guest of three address spaces: what a step costs, exactly, hypervisor memory flat.
 * Terms as in test_closed_forms.c.
 */
#ifndef SHADEWALK_TESTS_STRATEGY_CACHED_BENCH_H
#define SHADEWALK_TESTS_STRATEGY_CACHED_BENCH_H

#include "tests/support.h"

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

/* Three address spaces: the second has a table of its own at PAGES, the third nothing there. */
static inline void bench_start_set(struct bench *b, const char *spec, const char *set)
{
	struct kit_plan p = { .set = { "hv.memory=flat", set }, .verify = true };

	kit_linux(&b->k);
	for (uint32_t f = 0; f < 8; f++)
		kit_image(&b->k, ROOT_B + FRAME_BYTES * f, mem_frame(kit_guest(&b->k)->tables,
			  KIT_ROOT + FRAME_BYTES * (f & 3)));
	kit_poke(&b->k, KIT_ROOT + 4 * (PAGES >> 20), pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&b->k, ROOT_B + 4 * (PAGES >> 20), pt_encode_v5_coarse(L2_B, 1));
	for (uint32_t i = 0; i < 16; i++) {
		kit_poke(&b->k, KIT_L2 + 4 * i, page_word(i));
		kit_poke(&b->k, L2_B + 4 * i, page_word(64 + i));
	}
	kit_exec(&b->k);
	b->l = kit_lane(&b->k, spec, &p);
	b->at = 0;
	kit_catch_up(b->l, &b->k, &b->at);
}

static inline void bench_start(struct bench *b, const char *spec)
{
	bench_start_set(b, spec, NULL);
}

/* What the records appended since the last call added. */
static inline struct ledger *spent(struct bench *b)
{
	static struct ledger before, diff;
	struct diag d;

	before = b->l->m->ledger;
	kit_catch_up(b->l, &b->k, &b->at);
	kit_since(&diff, b->l, &before);
	if (b->l->m->ops->audit && b->l->m->ops->audit(b->l->m->self, &d))
		fail_msg("%s", d.msg);
	if (b->l->violations)
		fail_msg("%s", b->l->first_violation.msg);
	return &diff;
}

static inline void expect(struct bench *b, uint64_t traps, uint64_t cycles)
{
	struct ledger *s = spent(b);

	assert_int_equal(kit_traps(s), traps);
	assert_int_equal(kit_hv_cycles(s), cycles);
}

static inline void bench_stop(struct bench *b)
{
	struct diag d;

	(void)spent(b);
	assert_ok(kit_finish(b->l, &b->k, &d), &d);
	lane_destroy(b->l);
	kit_free(&b->k);
}

static inline void load(struct bench *b, uint32_t va) { kit_access(&b->k, va, false, 2); }
static inline void store(struct bench *b, uint32_t va) { kit_access(&b->k, va, true, 2); }

/* The shadow of PAGES, and the page of the linear map that the tables are in. */
static inline void shadow_pages(struct bench *b)
{
	load(b, PAGES);
	load(b, KIT_LINEAR + KIT_L2);
	(void)spent(b);
}

/* cpu_arm926_set_pte_ext: the kernel's own word, the hardware's 2048 bytes away, clean, drain. */
static inline void set_pte(struct bench *b, uint32_t i, uint32_t word)
{
	kit_poke(&b->k, KIT_L2 + 2048 + 4 * i, word ^ 0x1234);
	kit_poke(&b->k, KIT_L2 + 4 * i, word);
	kit_cpw(&b->k, KIT_CLEAN_MVA, KIT_LINEAR + KIT_L2 + 4 * i);
	kit_cpw(&b->k, KIT_DRAIN, 0);
}

static inline void switch_to(struct bench *b, uint32_t root)
{
	kit_cpr(&b->k, KIT_TESTCLEAN_INV, 0);   /* cpu_arm926_switch_mm */
	kit_cpw(&b->k, KIT_INVAL_I, 0);
	kit_cpw(&b->k, KIT_DRAIN, 0);
	kit_cpw(&b->k, KEY_TTBR0, root);
	kit_cpw(&b->k, KIT_TLBI_ALL, 0);
}

#endif
