/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exact trap counts and cycles of directed sequences under `coherent`, hypervisor memory flat.
 * The sums are those of doc/model.md, "Closed forms": thin trap E = 80 + 60, decode 40, software
 * walk 30 + 35 a level, fill 60 + clean 20 + drain 15 + TLB invalidate 3.
 */
#include "tests/support.h"

#include "tests/machine_kit.h"

enum { E = 140, DECODE = 40, WALK = 30, LEVEL = 35, FILL = 60 + 20 + 15 + 3, OP = 25, INJECT = 60 };
#define PAGES 0x10000000u               /* a coarse table, small pages AP 11, domain 1 */
#define SECTION 0x10100000u             /* AP 11, domain 2 */
#define SECTION_2 0x10200000u
#define NOTHING 0x10300000u

struct bench { struct kit k; struct lane *l; size_t at; };

static void bench_start(struct bench *b, const char *spec, const char *set)
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };
	struct kit_plan p = { .set = { "hv.memory=flat", set }, .verify = true };

	kit_linux(&b->k);
	kit_poke(&b->k, KIT_ROOT + 4 * (PAGES >> 20), pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&b->k, KIT_ROOT + 4 * (SECTION >> 20), pt_encode_v5_section(0x200000, 3, 2, 3));
	kit_poke(&b->k, KIT_ROOT + 4 * (SECTION_2 >> 20), pt_encode_v5_section(0x300000, 3, 3, 3));
	for (uint32_t i = 0; i < 16; i++)
		kit_poke(&b->k, KIT_L2 + 4 * i, pt_encode_v5_small(0x400000 + (i << 12), all, 3));
	b->l = kit_lane(&b->k, spec, &p);
	b->at = 0;
	kit_catch_up(b->l, &b->k, &b->at);
}

/* What the records appended since the last call added. */
static struct ledger *spent(struct bench *b)
{
	static struct ledger before, diff;

	before = b->l->m->ledger;
	kit_catch_up(b->l, &b->k, &b->at);
	kit_since(&diff, b->l, &before);
	return &diff;
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

static void load(struct bench *b, uint32_t va) { kit_access(&b->k, va, false, 2); }
static void store(struct bench *b, uint32_t va) { kit_access(&b->k, va, true, 2); }

static void expect(struct bench *b, uint64_t traps, uint64_t cycles)
{
	struct ledger *s = spent(b);

	assert_int_equal(kit_traps(s), traps);
	assert_int_equal(kit_hv_cycles(s), cycles);
}

static void hidden_faults(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "coherent", NULL);
	load(&b, PAGES);                        /* with a new table: 256 words zeroed and linked */
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_ALLOC), 1);
	load(&b, PAGES + 0x1000);
	s = spent(&b);
	assert_int_equal(kit_traps(s), 1);
	assert_int_equal(kit_hv_cycles(s), 378);
	assert_int_equal(378, E + DECODE + WALK + 2 * LEVEL + FILL);
	assert_int_equal(ledger_event(s, EV_WALK), 2);          /* miss, and again after the fill */
	assert_int_equal(ledger_event(s, EV_WALK_L2), 2);
	load(&b, PAGES + 0x1ffc);
	expect(&b, 0, 0);
	store(&b, PAGES + 0x2000);
	expect(&b, 1, 378);
	load(&b, SECTION + 0x54320);
	expect(&b, 1, 343);
	kit_run(&b.k, PAGES + 0x3000, 2);
	expect(&b, 1, 338);
	kit_run(&b.k, SECTION_2, 1);
	expect(&b, 1, 338 - LEVEL);
	bench_stop(&b);
}

static void true_faults(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "coherent", NULL);
	kit_run(&b.k, KIT_VECTORS, 1);          /* the handler's page is in place */
	kit_exec(&b.k);
	spent(&b);
	kit_data_abort(&b.k, NOTHING, false, false, FS_TRANS_SECTION);
	kit_exc(&b.k, 4, KIT_ABT);              /* the abort paid for the entry */
	expect(&b, 1, E + DECODE + WALK + LEVEL + INJECT);
	kit_run(&b.k, KIT_VECTORS + 16, 1);
	expect(&b, 0, 0);
	kit_exec(&b.k);
	kit_data_abort(&b.k, PAGES + 0x20000, true, false, fault_fsr(FS_TRANS_PAGE, 1));
	kit_exc(&b.k, 4, KIT_ABT);
	expect(&b, 1, E + DECODE + WALK + 2 * LEVEL + INJECT);
	kit_fetch_abort(&b.k, NOTHING, FS_TRANS_SECTION);
	kit_exc(&b.k, 3, KIT_ABT);
	expect(&b, 1, E + WALK + LEVEL + INJECT);
	bench_stop(&b);
}

static void cp15_traps(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "coherent", NULL);
	kit_cpw(&b.k, KEY_CONTEXTIDR, 1);
	expect(&b, 1, E + OP);
	kit_cpw(&b.k, KEY_TTBR0, KIT_ROOT);
	expect(&b, 1, E + OP);
	kit_cpw(&b.k, KEY_FCSE, 0);
	expect(&b, 1, E + OP);
	kit_cpw(&b.k, KIT_DRAIN, 0);
	expect(&b, 1, E + OP);
	kit_cpw(&b.k, KIT_CLEAN_MVA, KIT_LINEAR);
	expect(&b, 1, E + OP);
	kit_cpr(&b.k, KEY_FSR, 0);
	expect(&b, 1, E + 15);
	kit_cpw(&b.k, KIT_TLBI_MVA, NOTHING);   /* nothing there: no word zapped, no host op */
	expect(&b, 1, E + OP);
	kit_cpw(&b.k, KIT_TLBI_MVA, KIT_CODE);  /* its section: zapped, cleaned, invalidated */
	expect(&b, 1, E + OP + 8 + 20 + 15 + 3);
	kit_exec(&b.k);                         /* and the code comes back */
	expect(&b, 1, 338 - LEVEL);
	bench_stop(&b);
}

/* set_pte of ARM926 Linux: two stores, clean, drain. Tables are not traced: two traps. */
static void set_pte_is_two_traps(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "coherent", NULL);
	for (uint32_t i = 1; i <= 3; i++) {
		kit_poke(&b.k, KIT_L2 + 2048 + 4 * i, 0x1234);
		kit_poke(&b.k, KIT_L2 + 4 * i, 0);
		kit_cpw(&b.k, KIT_CLEAN_MVA, KIT_LINEAR + KIT_L2 + 4 * i);
		kit_cpw(&b.k, KIT_DRAIN, 0);
		expect(&b, 2, 2 * (E + OP));
	}
	bench_stop(&b);
}

static uint64_t switch_traps(const char *testclean, unsigned dirty)
{
	struct bench b;
	uint64_t traps;

	bench_start(&b, "coherent", testclean);
	kit_cpr(&b.k, KIT_TESTCLEAN_INV, 0);
	for (unsigned i = 0; i < dirty; i++) {  /* no write-allocate: read first */
		load(&b, SECTION + 32 * i);
		store(&b, SECTION + 32 * i);
	}
	spent(&b);
	kit_cpr(&b.k, KIT_TESTCLEAN_INV, 0);
	kit_cpw(&b.k, KIT_INVAL_I, 0);
	kit_cpw(&b.k, KIT_DRAIN, 0);
	kit_cpw(&b.k, KEY_TTBR0, KIT_ROOT);
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);
	traps = kit_traps(spent(&b));
	bench_stop(&b);
	return traps;
}

/* cpu_arm926_switch_mm. The code is in its section all along; TLBI all comes last. */
static void address_space_switch(void **state)
{
	(void)state;
	assert_int_equal(switch_traps("testclean=coalesced", 0), 5);
	assert_int_equal(switch_traps("testclean=coalesced", 37), 5);
	assert_int_equal(switch_traps("testclean=looped", 0), 0 + 1 + 4);
	assert_int_equal(switch_traps("testclean=looped", 37), 37 + 1 + 4);
}

static void vectors_overlay(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "coherent", NULL);
	store(&b, KIT_VECTORS + 0xff0);         /* the kernel sets the TLS word: each time */
	s = spent(&b);
	assert_int_equal(kit_traps(s), 1);
	assert_int_equal(ledger_event(s, EV_VECTORS_EMUL), 1);
	store(&b, KIT_VECTORS + 0xff0);
	expect(&b, 1, E + DECODE + WALK + 2 * LEVEL + 70);
	kit_mode(&b.k, KIT_USR);
	kit_run(&b.k, KIT_VECTORS + 0xfe0, 2);  /* the page's copy is filled */
	kit_exec(&b.k);
	spent(&b);
	kit_run(&b.k, KIT_VECTORS + 0xfe0, 2);  /* user helper: one redirect */
	kit_exec(&b.k);
	s = spent(&b);
	assert_int_equal(kit_traps(s), 1);
	assert_int_equal(ledger_event(s, EV_VECTORS_PC), 1);
	assert_int_equal(kit_hv_cycles(s), E + 20);
	kit_exc(&b.k, 2, KIT_SVC);              /* exception entry: the reflection, no redirect */
	kit_run(&b.k, KIT_VECTORS + 8, 1);
	kit_exec(&b.k);
	s = spent(&b);
	assert_int_equal(kit_traps(s), 1);
	assert_int_equal(ledger_event(s, EV_VECTORS_PC), 0);
	assert_int_equal(kit_hv_cycles(s), E + INJECT + 4);     /* and the view switch */
	store(&b, KIT_HOLE);                    /* elsewhere in the hypervisor's window */
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_HYPHOLE), 1);
	bench_stop(&b);
}

/* The copy where the vectors execute is an entry like any other: gone with an invalidate of its
 * page and with its domain's bits, before anything is read through it again. */
static void vectors_copy_is_invalidated(void **state)
{
	static const uint8_t kernel[4] = { 1, 1, 1, 1 }, user[4] = { 2, 2, 2, 2 };
	struct trace_rec literal = { .kind = TRACE_LOAD, .flags = 2, .va = KIT_VECTORS + 0x1010 };
	uint32_t l2 = 0xf000 + 0xc00 + 4 * 0xf0;
	struct bench b;

	(void)state;
	bench_start(&b, "coherent", NULL);
	kit_poke(&b.k, l2 + 4, pt_encode_v5_small(0x182000, kernel, 3));
	kit_cpw(&b.k, KEY_DACR, 0x55555557);    /* manager: the user may read that page too */
	kit_mode(&b.k, KIT_USR);
	kit_run(&b.k, KIT_VECTORS + 0x100, 1);
	kit_put(&b.k, &literal, NULL);
	kit_exec(&b.k);
	kit_exc(&b.k, 2, KIT_SVC);
	kit_run(&b.k, KIT_VECTORS + 8, 1);
	kit_cpw(&b.k, KEY_DACR, 0x55555555);    /* client: it may no longer */
	kit_mode(&b.k, KIT_USR);
	b.k.pc = KIT_VECTORS + 0x100;
	kit_data_abort(&b.k, literal.va, false, false, FS_PERM_PAGE);
	kit_exc(&b.k, 4, KIT_ABT);
	kit_run(&b.k, KIT_VECTORS + 16, 1);
	b.k.pc = KIT_CODE;
	kit_exec(&b.k);
	kit_catch_up(b.l, &b.k, &b.at);
	assert_int_equal(b.l->injected, 1);
	assert_int_equal(b.l->forced, 0);
	kit_poke(&b.k, l2, pt_encode_v5_small(0x190000, user, 3));
	kit_run(&b.k, KIT_VECTORS, 1);          /* the old page is still permitted */
	kit_exec(&b.k);
	kit_cpw(&b.k, KIT_TLBI_MVA, KIT_VECTORS + 0xc00);
	kit_run(&b.k, KIT_VECTORS, 1);          /* now it is not */
	kit_exec(&b.k);
	kit_poke(&b.k, l2, pt_encode_v5_small(0x180000, user, 3));
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);
	kit_run(&b.k, KIT_VECTORS, 1);
	kit_exec(&b.k);
	bench_stop(&b);
}

static void unprivileged_access(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "coherent", NULL);
	load(&b, SECTION);
	spent(&b);
	kit_access(&b.k, SECTION + 4, false, 2 | ACC_UNPRIV);
	expect(&b, 1, E + 40 + 2 * 4);
	kit_mode(&b.k, KIT_USR);                /* in user mode it is a plain load */
	spent(&b);
	kit_access(&b.k, SECTION + 8, false, 2 | ACC_UNPRIV);
	expect(&b, 0, 0);
	bench_stop(&b);
}

static void dacr_drops_changed_domains(void **state)
{
	struct ledger *s;
	struct bench b;
	uint32_t live;

	(void)state;
	bench_start(&b, "coherent", NULL);
	load(&b, PAGES);
	load(&b, PAGES + 0x1000);
	load(&b, SECTION);
	load(&b, SECTION_2);
	spent(&b);
	live = 6;                               /* these, the code, the linear map */
	kit_cpw(&b.k, KEY_DACR, 0x55555555 ^ 2 << 2 * 1);       /* domain 1 to manager */
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_FOLD), live);
	assert_int_equal(ledger_event(s, EV_ZAP), 2);
	load(&b, SECTION);
	expect(&b, 0, 0);
	load(&b, PAGES);
	expect(&b, 1, 378);                     /* the megabyte's domain stays: all rights, class 1 */
	kit_cpw(&b.k, KEY_DACR, 0x55555555 ^ 2 << 2 * 1);       /* the same again */
	expect(&b, 1, E + OP);
	bench_stop(&b);
}

static void ttbr_record_or_flush(void **state)
{
	static const char *const spec[] = { "coherent", "coherent:ttbr=flush" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct ledger *s;
		struct bench b;

		bench_start(&b, spec[i], NULL);
		load(&b, SECTION);
		load(&b, SECTION_2);
		spent(&b);
		kit_cpw(&b.k, KEY_TTBR0, KIT_ROOT);
		s = spent(&b);
		assert_int_equal(ledger_event(s, EV_ZAP), i ? 4 : 0);
		assert_int_equal(ledger_event(s, EV_HTLBI_ALL), i);
		load(&b, SECTION);
		assert_int_equal(ledger_event(spent(&b), EV_HIDDEN), i ? 2 : 0);
		bench_stop(&b);
	}
}

/* The same guest natively: no trap, no cycle of a hypervisor, whatever it does. */
static void native_has_no_hypervisor(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "native", NULL);
	load(&b, PAGES);
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);
	kit_access(&b.k, SECTION + 4, false, 2 | ACC_UNPRIV);
	kit_mode(&b.k, KIT_USR);
	kit_exc(&b.k, 2, KIT_SVC);
	kit_run(&b.k, KIT_VECTORS + 8, 1);
	spent(&b);
	assert_int_equal(kit_traps(&b.l->m->ledger), 0);
	for (unsigned c = 0; c < CAUSES; c++)
		for (unsigned e = 0; e < EVENTS; e++)
			assert_int_equal(b.l->m->ledger.n[e][ORIGIN_HV][c], 0);
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hidden_faults),
		cmocka_unit_test(true_faults),
		cmocka_unit_test(cp15_traps),
		cmocka_unit_test(set_pte_is_two_traps),
		cmocka_unit_test(address_space_switch),
		cmocka_unit_test(vectors_overlay),
		cmocka_unit_test(vectors_copy_is_invalidated),
		cmocka_unit_test(unprivileged_access),
		cmocka_unit_test(dacr_drops_changed_domains),
		cmocka_unit_test(ttbr_record_or_flush),
		cmocka_unit_test(native_has_no_hypervisor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
