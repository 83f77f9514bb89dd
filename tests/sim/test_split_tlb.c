/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A main TLB for fetches and one for data, step by step: who looks where, what an operation of one
 * side drops, natively and by a monitor, what a walk more costs, and that --verify sees both.
 */
#include "tests/support.h"

#include <string.h>

#include "sim/host_tlb.h"
#include "tests/machine_kit.h"

#define PAGE 0x10000000u
#define SPLIT "tlb.entries=0", "itlb.entries=8", "itlb.ways=8", "dtlb.entries=4", "dtlb.ways=4"
enum {
	INVAL_I = CP_KEY(8, 0, 5, 0), INVAL_I_MVA = CP_KEY(8, 0, 5, 1),
	INVAL_D = CP_KEY(8, 0, 6, 0), INVAL_D_MVA = CP_KEY(8, 0, 6, 1),
};

struct follower { struct kit k; struct lane *l; size_t at; struct structure_counts was; struct ledger book; };

/* A page of code and data for both modes, uncached, so that only TLBs cost. */
static void start(struct follower *f, const char *spec, const struct kit_plan *p)
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };

	kit_linux(&f->k);
	kit_poke(&f->k, KIT_ROOT + 4 * (PAGE >> 20), pt_encode_v5_coarse(KIT_L2, 0));
	for (unsigned i = 0; i < 8; i++)
		kit_poke(&f->k, KIT_L2 + 4 * i, pt_encode_v5_small(0x200000 + 4096 * i, all, 0));
	f->l = kit_lane(&f->k, spec, p);
	f->at = 0;
	kit_catch_up(f->l, &f->k, &f->at);
	lane_counts(f->l, &f->was);
	f->book = f->l->m->ledger;
}

struct step { unsigned ihits, imisses, dhits, dmisses, walks; };

/* What was appended since gave just this. */
static void gave(struct follower *f, struct step want)
{
	struct structure_counts now;
	struct ledger diff;

	kit_catch_up(f->l, &f->k, &f->at);
	lane_counts(f->l, &now);
	kit_since(&diff, f->l, &f->book);
	assert_int_equal(now.itlb.hits - f->was.itlb.hits, want.ihits);
	assert_int_equal(now.itlb.misses - f->was.itlb.misses, want.imisses);
	assert_int_equal(now.tlb.hits - f->was.tlb.hits, want.dhits);
	assert_int_equal(now.tlb.misses - f->was.tlb.misses, want.dmisses);
	assert_int_equal(ledger_event(&diff, EV_WALK), want.walks);
	assert_int_equal(ledger_event(&diff, EV_WALK_L2), want.walks);
	f->was = now;
	f->book = f->l->m->ledger;
}

static void done(struct follower *f)
{
	struct diag d;

	assert_int_equal(f->l->violations, 0);
	assert_ok(kit_finish(f->l, &f->k, &d), &d);
	lane_destroy(f->l);
	kit_free(&f->k);
}

static const struct kit_plan split = { .set = { SPLIT }, .verify = true };

static bool holds(const struct follower *f, enum access a, uint32_t mva)
{
	return tlb_peek(host_tlb_of(f->l->m, a), gva(mva)) != NULL;
}

/* The section of the kit's code is in the TLB of fetches from the start. */
static void each_side_walks_for_itself(void **state)
{
	struct follower f;

	(void)state;
	start(&f, "native", &split);
	kit_access(&f.k, PAGE, false, 2);               /* fetch of the kit's code; load */
	gave(&f, (struct step){ 1, 0, 0, 1, 1 });
	kit_access(&f.k, PAGE + 0x40, true, 2);
	gave(&f, (struct step){ 1, 0, 1, 0, 0 });
	kit_run(&f.k, PAGE, 3);                         /* the same page, as code */
	gave(&f, (struct step){ 2, 1, 0, 0, 1 });
	kit_access(&f.k, KIT_LINEAR + 0x100000, false, 2); /* the code's section, as data */
	kit_catch_up(f.l, &f.k, &f.at);
	assert_true(holds(&f, ACCESS_FETCH, KIT_CODE) && holds(&f, ACCESS_READ, KIT_CODE));
	/* four pages more than the smaller side can hold: round robin, the oldest four went */
	for (unsigned i = 0; i < 8; i++)
		kit_access(&f.k, PAGE + 4096 * i, false, 2);
	kit_catch_up(f.l, &f.k, &f.at);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(holds(&f, ACCESS_READ, PAGE + 4096 * i), i >= 4);
	assert_true(holds(&f, ACCESS_FETCH, PAGE));
	done(&f);
}

/* Nominal costs: a walk of two levels is 2 x 35 cycles, an uncached access 35, an instruction 1; the
 * kit's own code hits the instruction cache. */
static void cycles_by_hand(void **state)
{
	struct follower f;
	cycles128_t at;

	(void)state;
	start(&f, "native", &split);
	kit_access(&f.k, PAGE, false, 2);
	kit_catch_up(f.l, &f.k, &f.at);
	at = f.l->m->cycles;
	f.k.pc = KIT_CODE;
	kit_access(&f.k, PAGE + 4096, false, 2);        /* 1 + 70 + 35 */
	kit_access(&f.k, PAGE + 4096, false, 2);        /* 1 + 35 */
	kit_run(&f.k, PAGE + 4096, 2);                  /* 70 + 2 x (1 + 35) */
	kit_catch_up(f.l, &f.k, &f.at);
	assert_true(f.l->m->cycles - at == 1000 * (106 + 36 + 142));
	done(&f);
}

static void both(struct follower *f)
{
	kit_access(&f->k, PAGE, false, 2);
	kit_run(&f->k, PAGE, 1);
	kit_catch_up(f->l, &f->k, &f->at);
	assert_true(holds(f, ACCESS_FETCH, PAGE) && holds(f, ACCESS_READ, PAGE));
}

/* Natively an operation reaches the sides it names. */
static void native_operations(void **state)
{
	static const struct { uint16_t key; bool code, data; enum event e; } rows[] = {
		{ INVAL_I, false, true, EV_MAINT_TLB_ALL }, { INVAL_D, true, false, EV_MAINT_TLB_ALL },
		{ INVAL_I_MVA, false, true, EV_MAINT_TLB_MVA },
		{ INVAL_D_MVA, true, false, EV_MAINT_TLB_MVA },
		{ KIT_TLBI_ALL, false, false, EV_MAINT_TLB_ALL },
		{ KIT_TLBI_MVA, false, false, EV_MAINT_TLB_MVA },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct follower f;
		struct ledger diff;

		start(&f, "native", &split);
		both(&f);
		kit_since(&diff, f.l, &f.book);
		f.book = f.l->m->ledger;
		kit_cpw(&f.k, rows[i].key, PAGE);
		kit_catch_up(f.l, &f.k, &f.at);
		kit_since(&diff, f.l, &f.book);
		assert_int_equal(ledger_event(&diff, rows[i].e), 1);
		assert_int_equal(holds(&f, ACCESS_FETCH, PAGE), rows[i].code);
		assert_int_equal(holds(&f, ACCESS_READ, PAGE), rows[i].data);
		done(&f);
	}
}

/* A unified TLB takes each of them for its own. */
static void unified_operations(void **state)
{
	static const uint16_t keys[] = { INVAL_I, INVAL_D, INVAL_I_MVA, INVAL_D_MVA };

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct follower f;

		start(&f, "native", &(struct kit_plan){ .verify = true });
		both(&f);
		assert_false(host_tlb_is_split(f.l->m));
		kit_cpw(&f.k, keys[i], PAGE);
		kit_catch_up(f.l, &f.k, &f.at);
		assert_false(holds(&f, ACCESS_FETCH, PAGE));
		done(&f);
	}
}

/* A monitor invalidates what its shadow loses on both sides, whichever the guest named. */
static void monitor_reaches_both(void **state)
{
	static const uint16_t keys[] = { INVAL_I_MVA, INVAL_D_MVA, KIT_TLBI_MVA, KIT_TLBI_ALL };

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct follower f;

		start(&f, "coherent", &split);
		both(&f);
		kit_cpw(&f.k, keys[i], PAGE);
		kit_catch_up(f.l, &f.k, &f.at);
		assert_false(holds(&f, ACCESS_FETCH, PAGE) || holds(&f, ACCESS_READ, PAGE));
		done(&f);
	}
}

/* A translation that no walk permits any more is found in whichever TLB it is. */
static void verify_sees_both(void **state)
{
	static const enum access sides[] = { ACCESS_FETCH, ACCESS_READ };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct follower f;
		struct walk w;

		start(&f, "native", &split);
		both(&f);
		w = tlb_peek(f.l->m->tlb, gva(PAGE))->w;
		kit_poke(&f.k, KIT_L2, 0);
		kit_cpw(&f.k, KIT_TLBI_MVA, PAGE);
		kit_catch_up(f.l, &f.k, &f.at);
		assert_int_equal(f.l->violations, 0);
		tlb_fill(host_tlb_of(f.l->m, sides[i]), gva(PAGE), &w);
		if (sides[i] == ACCESS_FETCH)
			kit_run(&f.k, PAGE, 1);
		else
			kit_access(&f.k, PAGE, false, 2);
		kit_catch_up(f.l, &f.k, &f.at);
		assert_int_equal(f.l->violations, 1);
		assert_non_null(strstr(f.l->first_violation.msg,
				       "MVA 0x10000000 was translated to guest PA 0x00200000"));
		lane_destroy(f.l);
		kit_free(&f.k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_side_walks_for_itself),
		cmocka_unit_test(cycles_by_hand),
		cmocka_unit_test(native_operations),
		cmocka_unit_test(unified_operations),
		cmocka_unit_test(monitor_reaches_both),
		cmocka_unit_test(verify_sees_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
