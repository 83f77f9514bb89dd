/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exit coalescing by hand, hypervisor memory flat: which traps have no exit of their own, and what is
 * interpreted. Terms as in test_closed_forms.c. And on random guests: nothing else changes.
 */
#include "tests/support.h"

#include <stdio.h>

#include "tests/machine_kit.h"
#include "tests/strategy/random_guest.h"

enum {
	E = 140, DECODE = 40, WALK = 30 + 2 * 35, FIND = 8, EMUL = 70, CLEAN = 20, FILL = 60 + 20 + 15 + 3,
	OP = 25, MRS = 5 + 10, INTERPRET = 15, UPRIV = 40 + 2 * 4,
};
#define PAGES 0x10000000u               /* a coarse table in KIT_L2, small pages AP 11, domain 1 */

struct bench { struct kit k; struct lane *l; size_t at; };

static void bench_start(struct bench *b, const char *spec, unsigned window)
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };
	char set[32];
	struct kit_plan p = { .set = { "hv.memory=flat", set }, .verify = true };

	snprintf(set, sizeof(set), "coalesce=%u", window);
	kit_linux(&b->k);
	kit_poke(&b->k, KIT_ROOT + 4 * (PAGES >> 20), pt_encode_v5_coarse(KIT_L2, 1));
	for (uint32_t i = 0; i < 16; i++)
		kit_poke(&b->k, KIT_L2 + 4 * i, pt_encode_v5_small(0x400000 + (i << 12), all, 3));
	kit_access(&b->k, PAGES, false, 2);             /* the table has a shadow */
	kit_access(&b->k, KIT_LINEAR + KIT_L2, false, 2);       /* and is mapped */
	for (unsigned i = 0; i < 16; i++)
		kit_exec(&b->k);
	b->l = kit_lane(&b->k, spec, &p);
	b->at = 0;
	kit_catch_up(b->l, &b->k, &b->at);
}

/* Traps with an exit, traps without, instructions interpreted. */
static struct ledger *expect(struct bench *b, uint64_t exits, uint64_t met, uint64_t interpreted)
{
	static struct ledger before, diff;

	before = b->l->m->ledger;
	kit_catch_up(b->l, &b->k, &b->at);
	kit_since(&diff, b->l, &before);
	assert_int_equal(kit_traps(&diff), exits);
	assert_int_equal(ledger_event(&diff, EV_RETURN), exits);
	assert_int_equal(ledger_event(&diff, EV_COALESCED), met);
	assert_int_equal(ledger_event(&diff, EV_INTERPRETED), interpreted);
	return &diff;
}

static void apart(struct bench *b, unsigned n)
{
	while (n--)
		kit_exec(&b->k);
}

static void bench_stop(struct bench *b)
{
	struct diag d;

	kit_catch_up(b->l, &b->k, &b->at);
	assert_ok(kit_finish(b->l, &b->k, &d), &d);
	if (b->l->violations)
		fail_msg("%s", b->l->first_violation.msg);
	lane_destroy(b->l);
	kit_free(&b->k);
}

/* cpu_arm926_set_pte_ext, with so many instructions before the second store and behind it. */
static void set_pte(struct bench *b, unsigned before, unsigned behind)
{
	kit_poke(&b->k, KIT_L2 + 2048 + 4 * 2, 0x1234);
	apart(b, before);
	kit_poke(&b->k, KIT_L2 + 4 * 2, 0);
	apart(b, behind);
	kit_cpw(&b->k, KIT_CLEAN_MVA, KIT_LINEAR + KIT_L2 + 4 * 2);
	kit_cpw(&b->k, KIT_DRAIN, 0);
	apart(b, 40);
}

/* Four exits become one. */
static void set_pte_is_one_exit(void **state)
{
	enum { STORES = 2 * (DECODE + FIND + EMUL) + CLEAN };
	struct bench b;

	(void)state;
	bench_start(&b, "cached", 0);
	set_pte(&b, 0, 0);
	assert_int_equal(kit_hv_cycles(expect(&b, 4, 0, 0)), STORES + 2 * OP + 4 * E);
	bench_stop(&b);
	bench_start(&b, "cached", 1);
	set_pte(&b, 0, 0);
	assert_int_equal(kit_hv_cycles(expect(&b, 1, 3, 0)), STORES + 2 * OP + E + 3 * INTERPRET);
	bench_stop(&b);
	bench_start(&b, "cached", 11);
	set_pte(&b, 10, 1);
	assert_int_equal(kit_hv_cycles(expect(&b, 1, 3, 11)), STORES + 2 * OP + E + 14 * INTERPRET);
	bench_stop(&b);
	bench_start(&b, "cached", 10);          /* the second store is out of reach */
	set_pte(&b, 10, 1);
	expect(&b, 2, 2, 1);
	bench_stop(&b);
}

/* Three, for the kernel's own word is in a quarter that is not traced. */
static void with_the_filter(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "cached:filter=on", 0);
	set_pte(&b, 10, 1);
	expect(&b, 3, 0, 0);
	bench_stop(&b);
	bench_start(&b, "cached:filter=on", 2);
	set_pte(&b, 10, 1);
	assert_int_equal(kit_hv_cycles(expect(&b, 1, 2, 1)),
			 E + DECODE + FIND + EMUL + CLEAN + 2 * OP + 3 * INTERPRET);
	bench_stop(&b);
}

/* Two, where tables are not traced. */
static void without_traces(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "coherent", 16);
	set_pte(&b, 10, 1);
	expect(&b, 1, 1, 0);
	bench_stop(&b);
}

static void the_window(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "coherent", 3);
	kit_sens(&b.k, SENS_MRS);
	apart(&b, 2);
	kit_sens(&b.k, SENS_MRS);               /* the third instruction behind */
	assert_int_equal(kit_hv_cycles(expect(&b, 1, 1, 2)), E + 2 * MRS + 3 * INTERPRET);
	apart(&b, 3);
	kit_sens(&b.k, SENS_MRS);               /* the fourth */
	expect(&b, 1, 0, 0);
	for (unsigned i = 0; i < 5; i++) {      /* each opens it anew */
		apart(&b, 2);
		kit_sens(&b.k, SENS_MRS);
	}
	expect(&b, 0, 5, 10);
	bench_stop(&b);
}

/* What a hidden fault let through is interpreted itself. */
static void hidden_faults(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "coherent", 1);
	kit_access(&b.k, PAGES + 0x1000, false, 2);
	kit_access(&b.k, PAGES + 0x2000, false, 2);
	assert_int_equal(kit_hv_cycles(expect(&b, 1, 1, 1)), E + 2 * (DECODE + WALK + FILL) + 2 * INTERPRET);
	apart(&b, 9);
	expect(&b, 0, 0, 0);
	kit_run(&b.k, PAGES + 0x3000, 1);       /* fetches are, too */
	kit_run(&b.k, PAGES + 0x4000, 1);
	expect(&b, 1, 1, 1);
	bench_stop(&b);
}

static void user_mode(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "coherent", 16);
	kit_sens(&b.k, SENS_DPSPC);             /* the return to user mode */
	kit_mode(&b.k, KIT_USR);
	expect(&b, 1, 0, 0);
	kit_access(&b.k, PAGES + 0x1000, false, 2);
	kit_access(&b.k, PAGES + 0x2000, false, 2);
	expect(&b, 2, 0, 0);
	kit_exc(&b.k, 2, KIT_SVC);              /* from user mode into the kernel */
	expect(&b, 1, 0, 0);
	kit_run(&b.k, KIT_VECTORS + 8, 1);      /* its page, by the alias: nothing stayed behind the entry */
	expect(&b, 1, 0, 0);
	kit_sens(&b.k, SENS_MRS);
	expect(&b, 0, 1, 1);
	bench_stop(&b);
}

/* Interrupts, faults and waits. */
static void what_ends_it(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "coherent", 16);
	kit_run(&b.k, KIT_VECTORS, 1);
	apart(&b, 20);
	expect(&b, 1, 1, 0);                   /* redirected, and its page */
	kit_sens(&b.k, SENS_MRS);
	kit_exc(&b.k, 6, 0xd2);                 /* an interrupt */
	kit_run(&b.k, KIT_VECTORS + 24, 1);
	kit_sens(&b.k, SENS_MRS);
	expect(&b, 3, 0, 0);
	kit_data_abort(&b.k, 0x20000000, false, false, FS_TRANS_SECTION);       /* met, and injected */
	kit_exc(&b.k, 4, KIT_ABT);
	expect(&b, 0, 1, 0);
	kit_run(&b.k, KIT_VECTORS + 16, 1);
	kit_sens(&b.k, SENS_MRS);
	expect(&b, 1, 0, 0);
	kit_cpw(&b.k, CP_KEY(7, 0, 0, 4), 0);   /* wait for interrupt */
	kit_put(&b.k, &(struct trace_rec){ .kind = TRACE_WAIT }, NULL);
	kit_sens(&b.k, SENS_MRS);
	expect(&b, 1, 1, 0);
	bench_stop(&b);
}

/* LDRT is met; the abort that it meets is one of the monitor's own. */
static void unprivileged(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "coherent", 4);
	kit_sens(&b.k, SENS_MRS);
	kit_access(&b.k, PAGES + 0x5000, false, 2 | ACC_UNPRIV);
	assert_int_equal(kit_hv_cycles(expect(&b, 2, 1, 0)),
			 E + MRS + INTERPRET + UPRIV + E + DECODE + WALK + FILL);
	bench_stop(&b);
}

/* --- random guests ------------------------------------------------------------------------ */

static bool may_differ(enum event e)
{
	switch (e) {
	case EV_TRAP_UND: case EV_TRAP_SVC: case EV_TRAP_PABT: case EV_TRAP_DABT: case EV_RETURN:
	case EV_TRAP_DRAIN: case EV_WB_STALL: case EV_HV_WB_STALL: case EV_COALESCED: case EV_INTERPRETED:
		return true;
	default:
		return false;
	}
}

/* With memory flat an exit touches nothing but the write buffer: all other counts are the same, and each trap
 * is an exit, or met. */
static void only_counts(const struct kit *k, const char *spec, uint64_t seed)
{
	struct kit_plan p = { .set = { "hv.memory=flat", "coalesce=0" }, .verify = true };
	struct lane *a = kit_replay(k, spec, &p), *b;
	uint64_t traps = 0;

	p.set[1] = "coalesce=16";
	b = kit_replay(k, spec, &p);
	assert_int_equal(b->violations, a->violations);
	for (unsigned e = 0; e < EVENTS; e++)
		if (!may_differ((enum event)e) && ledger_event(&a->m->ledger, (enum event)e) !=
		    ledger_event(&b->m->ledger, (enum event)e))
			fail_msg("%s, guest %llu: %s differs", spec, (unsigned long long)seed,
				 event_info[e].name);
	for (unsigned e = EV_TRAP_UND; e <= EV_TRAP_FIQ; e++)
		traps += ledger_event(&a->m->ledger, (enum event)e) - ledger_event(&b->m->ledger, (enum event)e);
	assert_int_equal(traps, ledger_event(&b->m->ledger, EV_COALESCED));
	assert_true(traps > 0);
	lane_destroy(a);
	lane_destroy(b);
}

static void random_guests(void **state)
{
	static const char *const spec[] = { "coherent", "coherent:entries=5", "cached", "cached:sync=unsync:filter=on" };

	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct random_guest_counts n;
		struct kit k;

		random_guest(&k, seed, 1200, &n);
		for (unsigned s = 0; s < sizeof(spec) / sizeof(spec[0]); s++)
			only_counts(&k, spec[s], seed);
		kit_free(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_pte_is_one_exit),
		cmocka_unit_test(with_the_filter),
		cmocka_unit_test(without_traces),
		cmocka_unit_test(the_window),
		cmocka_unit_test(hidden_faults),
		cmocka_unit_test(user_mode),
		cmocka_unit_test(what_ends_it),
		cmocka_unit_test(unprivileged),
		cmocka_unit_test(random_guests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
