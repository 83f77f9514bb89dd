/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache of partial walks, step by step: which walks read one descriptor, what empties it, that an old
 * first-level word in it is permitted until an invalidate, and that --verify still sees a wrong one.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/machine_kit.h"

#define PAGE 0x10000000u
#define OTHER 0x10100000u               /* another second-level table */
#define ON "feature.walk-cache=on"
#define L2_OTHER (KIT_L2 + 0x400)

struct follower { struct kit k; struct lane *l; size_t at; struct ledger book; };

static const uint8_t all[4] = { 3, 3, 3, 3 };

static void go(struct follower *f) { kit_catch_up(f->l, &f->k, &f->at); }

static void start(struct follower *f, const struct kit_plan *p)
{
	kit_linux(&f->k);
	kit_poke(&f->k, KIT_ROOT + 4 * (PAGE >> 20), pt_encode_v5_coarse(KIT_L2, 0));
	kit_poke(&f->k, KIT_ROOT + 4 * (OTHER >> 20), pt_encode_v5_coarse(L2_OTHER, 0));
	for (unsigned i = 0; i < 8; i++) {
		kit_poke(&f->k, KIT_L2 + 4 * i, pt_encode_v5_small(0x200000 + 4096 * i, all, 0));
		kit_poke(&f->k, L2_OTHER + 4 * i, pt_encode_v5_small(0x210000 + 4096 * i, all, 0));
	}
	f->l = kit_lane(&f->k, "native", p);
	f->at = 0;
	kit_cpw(&f->k, KIT_TLBI_ALL, 0);
	kit_access(&f->k, KIT_LINEAR, false, 2);        /* sections: code, and this */
	go(f);
	f->book = f->l->m->ledger;
}

/* A load of va reads `first` and `second` descriptors, and finds `cached` first ones. */
static void load(struct follower *f, uint32_t va, unsigned first, unsigned second, unsigned cached)
{
	struct ledger diff;

	f->k.pc = KIT_CODE;
	kit_access(&f->k, va, false, 2);
	go(f);
	kit_since(&diff, f->l, &f->book);
	f->book = f->l->m->ledger;
	if (ledger_event(&diff, EV_WALK_L1) != first || ledger_event(&diff, EV_WALK_L2) != second ||
	    ledger_event(&diff, EV_WALK1_CACHED) != cached)
		fail_msg("0x%08x: %u, %u, %u", va, (unsigned)ledger_event(&diff, EV_WALK_L1),
			 (unsigned)ledger_event(&diff, EV_WALK_L2),
			 (unsigned)ledger_event(&diff, EV_WALK1_CACHED));
}

static void done(struct follower *f)
{
	struct diag d;

	assert_int_equal(f->l->violations, 0);
	assert_ok(kit_finish(f->l, &f->k, &d), &d);
	lane_destroy(f->l);
	kit_free(&f->k);
}

/* Two entries. Sections are kept by the TLB alone. */
static void by_hand(void **state)
{
	static const struct kit_plan plan = { .set = { ON, "walk.entries=2", "tlb.ways=64" }, .verify = true };
	struct follower f;
	cycles128_t at;

	(void)state;
	start(&f, &plan);
	load(&f, PAGE, 1, 1, 0);
	at = f.l->m->cycles;
	load(&f, PAGE + 0x1000, 0, 1, 1);
	/* an instruction, a walk step of 35, an uncached load of 35 */
	assert_true(f.l->m->cycles - at == 1000 * (1 + 35 + 35));
	load(&f, PAGE + 0x1000, 0, 0, 0);
	load(&f, OTHER, 1, 1, 0);
	load(&f, PAGE + 0x2000, 0, 1, 1);
	load(&f, OTHER + 0x1000, 0, 1, 1);
	load(&f, KIT_LINEAR + 0x300000, 1, 0, 0);
	load(&f, KIT_VECTORS, 1, 1, 0);         /* a third table: the oldest goes */
	load(&f, OTHER + 0x2000, 0, 1, 1);
	load(&f, PAGE + 0x3000, 1, 1, 0);
	kit_cpw(&f.k, KIT_TLBI_MVA, 0x20000000);        /* whatever the address */
	go(&f);
	f.book = f.l->m->ledger;
	load(&f, PAGE + 0x4000, 1, 1, 0);
	done(&f);
}

/* The guest moves a table and says nothing: what was cached may be used on, with second-level words of
 * any later time; an invalidate ends that. */
static void old_words(void **state)
{
	static const struct kit_plan plan = { .set = { ON, "walk.entries=8" }, .verify = true };
	static const struct kit_plan without = { .verify = true };
	struct follower f;

	(void)state;
	for (unsigned cached = 0; cached < 2; cached++) {
		start(&f, cached ? &plan : &without);
		load(&f, PAGE, 1, 1, 0);
		kit_poke(&f.k, KIT_ROOT + 4 * (PAGE >> 20), pt_encode_v5_coarse(L2_OTHER, 0));
		/* never current together with the first-level word that led to it */
		kit_poke(&f.k, KIT_L2 + 4 * 5, pt_encode_v5_small(0x280000, all, 0));
		go(&f);
		f.book = f.l->m->ledger;
		load(&f, PAGE + 0x5000, !cached, 1, cached);
		assert_int_equal(walk_pa(&tlb_peek(f.l->m->tlb, gva(PAGE + 0x5000))->w, gva(PAGE + 0x5000)),
				 cached ? 0x280000 : 0x215000);
		kit_cpw(&f.k, KIT_TLBI_ALL, 0);
		kit_access(&f.k, KIT_LINEAR, false, 2);
		go(&f);
		f.book = f.l->m->ledger;
		load(&f, PAGE + 0x5000, 1, 1, 0);
		assert_int_equal(walk_pa(&tlb_peek(f.l->m->tlb, gva(PAGE + 0x5000))->w, gva(PAGE + 0x5000)),
				 0x215000);
		done(&f);
	}
}

/* A word that outlives an invalidate is a violation. */
static void outlived_word(void **state)
{
	static const struct kit_plan plan = { .set = { ON, "walk.entries=8" }, .verify = true };
	struct follower f;

	(void)state;
	start(&f, &plan);
	load(&f, PAGE, 1, 1, 0);
	kit_poke(&f.k, KIT_ROOT + 4 * (PAGE >> 20), pt_encode_v5_coarse(L2_OTHER, 0));
	kit_cpw(&f.k, KIT_TLBI_ALL, 0);
	go(&f);
	walk_cache_fill(&f.l->m->walk_cache, KIT_ROOT + 4 * (PAGE >> 20), pt_encode_v5_coarse(KIT_L2, 0));
	f.k.pc = KIT_CODE;
	kit_access(&f.k, PAGE + 0x1000, false, 2);
	go(&f);
	assert_int_equal(f.l->violations, 1);
	f.l->violations = 0;
	done(&f);
}

static void one_without_the_other(void **state)
{
	struct host_config c = cpu_find("generic")->config;
	struct diag d;

	(void)state;
	c.walk_entries = 4;
	assert_err(ERR_CONFIG, config_check(&c, &d), &d, "feature.walk-cache: off with walk.entries=4; want on");
	c.feature[FEATURE_WALK_CACHE] = 1;
	assert_ok(config_check(&c, &d), &d);
	c.walk_entries = 0;
	assert_err(ERR_CONFIG, config_check(&c, &d), &d, "feature.walk-cache: on with walk.entries=0; want on");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand),
		cmocka_unit_test(old_words),
		cmocka_unit_test(outlived_word),
		cmocka_unit_test(one_without_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
