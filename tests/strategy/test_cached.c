/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exact trap counts and cycles of directed sequences under `cached`, hypervisor memory flat: what a store to a traced
 * table costs, what an address-space switch does not. Terms as in test_closed_forms.c.
 */
#include "tests/support.h"

#include "tests/strategy/cached_bench.h"

static void hidden_faults(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "cached");
	shadow_pages(&b);
	load(&b, PAGES + 0x1000);
	expect(&b, 1, HIDDEN);
	store(&b, PAGES + 0x2000);              /* is it a traced store? no */
	expect(&b, 1, HIDDEN + FIND);
	store(&b, PAGES + 0x1000);
	load(&b, PAGES + 0x2000);
	expect(&b, 0, 0);
	bench_stop(&b);
}

static void set_pte_is_four_traps(void **state)
{
	uint64_t ops = 2 * (E + OP);
	struct bench b;

	(void)state;
	bench_start(&b, "cached");
	set_pte(&b, 1, 0);                      /* no shadow of the table yet: it is not traced */
	expect(&b, 2, ops);
	shadow_pages(&b);
	set_pte(&b, 2, 0);                      /* nothing was shadowed there */
	expect(&b, 4, 2 * TRAPPED + CLEAN + ops);
	load(&b, PAGES + 0x3000);
	(void)spent(&b);
	set_pte(&b, 3, 0);                      /* an entry goes */
	expect(&b, 4, 2 * TRAPPED + CLEAN + WORD + CLEAN + DRAIN + TLBI + ops);
	set_pte(&b, 3, page_word(9));           /* one comes: its shadow with it */
	expect(&b, 4, 2 * TRAPPED + CLEAN + FILL + CLEAN + DRAIN + ops);
	load(&b, PAGES + 0x3000);
	expect(&b, 0, 0);
	bench_stop(&b);
}

/* 1 KB subpages: the kernel's own words are in a quarter without tables. */
static void three_with_the_filter(void **state)
{
	struct bench b;
	struct ledger *s;

	(void)state;
	bench_start(&b, "cached:filter=on");
	shadow_pages(&b);
	set_pte(&b, 2, 0);
	s = spent(&b);
	assert_int_equal(kit_traps(s), 3);
	assert_int_equal(ledger_event(s, EV_PT_WRITE), 1);
	assert_int_equal(ledger_event(s, EV_PT_FALSE), 0);
	bench_stop(&b);
}

/* Out of sync from the first store on: one trap more than none, until an invalidate. */
static void unsync_lets_stores_through(void **state)
{
	enum { LET = E + DECODE + FIND + WORD + CLEAN + DRAIN + TLBI, COMPARED = 35 + 4, RMAP = 4 };
	uint64_t ops = 2 * (E + OP);
	struct bench b;

	(void)state;
	bench_start(&b, "cached:sync=unsync");
	shadow_pages(&b);
	load(&b, PAGES + 0x3000);
	(void)spent(&b);
	set_pte(&b, 2, 0);
	expect(&b, 3, LET + ops);
	set_pte(&b, 3, 0);
	expect(&b, 2, ops);
	load(&b, PAGES + 0x3000);               /* as an old TLB entry would */
	expect(&b, 0, 0);
	kit_cpw(&b.k, KIT_TLBI_MVA, PAGES + 0x3000);    /* entries 0 and 3: one is old */
	expect(&b, 1, E + OP + 2 * COMPARED + WORD + CLEAN + DRAIN + TLBI);
	set_pte(&b, 3, page_word(3));           /* still out of sync */
	load(&b, PAGES + 0x3000);
	expect(&b, 3, ops + HIDDEN);
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);         /* nothing changed; the linear map's page is held again */
	expect(&b, 1, E + OP + 2 * COMPARED + RMAP + WORD + CLEAN + DRAIN + TLBI);
	set_pte(&b, 2, 0);
	expect(&b, 3, LET + ops);
	kit_poke(&b.k, KIT_ROOT + 4 * (PAGES >> 20) + 4, 0x1000);       /* roots are followed */
	kit_poke(&b.k, KIT_ROOT + 4 * (PAGES >> 20) + 4, 0);
	assert_int_equal(ledger_event(spent(&b), EV_PT_WRITE), 2);
	bench_stop(&b);
}

/* What a table held is old where the table was in use then. Through another first-level word, or another
 * root, it was never to be found: no TLB has it. */
static void old_words_stay_where_they_were(void **state)
{
	uint32_t other = PAGES + SECTION_BYTES;
	struct bench b;

	(void)state;
	bench_start(&b, "cached:sync=unsync");
	kit_poke(&b.k, ROOT_B + 4 * (PAGES >> 20), pt_encode_v5_coarse(KIT_L2, 1));
	switch_to(&b, ROOT_B);
	load(&b, PAGES + 0x3000);
	switch_to(&b, KIT_ROOT);
	load(&b, PAGES + 0x3000);
	load(&b, KIT_LINEAR + KIT_L2);
	(void)spent(&b);
	set_pte(&b, 3, page_word(9));
	load(&b, PAGES + 0x3000);               /* old, and may be */
	assert_int_equal(ledger_event(spent(&b), EV_HIDDEN), 1);        /* the store's */
	kit_poke(&b.k, KIT_ROOT + 4 * (other >> 20), pt_encode_v5_coarse(KIT_L2, 1));
	load(&b, other + 0x3000);
	assert_int_equal(ledger_event(spent(&b), EV_ZAP), 1);
	set_pte(&b, 3, page_word(10));
	kit_cpw(&b.k, KEY_TTBR0, ROOT_B);       /* without an invalidate */
	load(&b, PAGES + 0x3000);
	assert_int_equal(ledger_event(spent(&b), EV_ZAP), 1);
	bench_stop(&b);
}

/* More pairs of guest domain and grant than host domains: they take each other's place. */
static void host_domains_are_a_cache(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached");
	kit_cpw(&b.k, KEY_DACR, 0x55555555);
	for (uint32_t i = 0; i < 32; i++)       /* read/write for both, or for the kernel alone */
		kit_poke(&b.k, KIT_ROOT + 4 * (0x200 + i), pt_encode_v5_section(
			 0x200000 + ((i & 15) << 20), i & 1 ? 3 : 1, i & 15, 0));
	for (unsigned round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 12; i++)
			load(&b, 0x20000000 + (i << 20));
		s = spent(&b);
		assert_int_equal(ledger_event(s, EV_EVICT), 0);
		assert_int_equal(ledger_event(s, EV_HIDDEN), round ? 0 : 12);
	}
	for (uint32_t i = 0; i < 32; i++)
		store(&b, 0x20000000 + (i << 20));
	s = spent(&b);
	assert_in_range(ledger_event(s, EV_EVICT), 2, 40);
	bench_stop(&b);
}

/* Entries behind the missing one, where the guest has any: each a word read, and a fill if it maps a page. */
static void prefilled_entries_do_not_fault(void **state)
{
	uint64_t word = 35 + 4;
	struct bench b;

	(void)state;
	bench_start(&b, "cached:prefill=4");
	load(&b, PAGES);
	load(&b, KIT_LINEAR + KIT_L2);
	(void)spent(&b);
	load(&b, PAGES + 0x1000);
	load(&b, PAGES + 0x4000);
	expect(&b, 0, 0);
	load(&b, PAGES + 0x5000);               /* and 6 to 9, in two lines of descriptors */
	expect(&b, 1, HIDDEN + 4 * (word + FILL) + CLEAN);
	load(&b, PAGES + 0xe000);               /* and 15; the guest has nothing behind */
	expect(&b, 1, HIDDEN + 4 * word + FILL);
	bench_stop(&b);
}

/* Not present, the guest's handler maps it, it is there: three exits, or two. */
static void demand_fault(const char *spec, unsigned hidden)
{
	struct bench b;

	bench_start(&b, spec);
	set_pte(&b, 5, 0);
	shadow_pages(&b);
	kit_data_abort(&b.k, PAGES + 0x5000, false, false, fault_fsr(FS_TRANS_PAGE, 1));
	kit_exc(&b.k, 4, KIT_ABT);
	kit_mode(&b.k, KIT_SVC);
	(void)spent(&b);
	set_pte(&b, 5, page_word(5));
	load(&b, PAGES + 0x5000);
	assert_int_equal(ledger_event(spent(&b), EV_HIDDEN), hidden);
	bench_stop(&b);
}

static void recomposed_entries_do_not_fault(void **state)
{
	(void)state;
	demand_fault("cached", 0);
	demand_fault("cached:recompose=off", 1);
}

/* A switch costs its five traps, whatever was mapped: nothing is filled again. */
static void address_space_switch(void **state)
{
	uint64_t five = 5 * (E + OP) + ROOT_COST + TLBI;
	struct bench b;

	(void)state;
	bench_start(&b, "cached");
	for (unsigned i = 0; i < 2; i++) {
		switch_to(&b, i ? KIT_ROOT : ROOT_B);
		for (uint32_t p = 0; p < 16; p++)
			load(&b, PAGES + (p << 12));
	}
	(void)spent(&b);
	switch_to(&b, ROOT_B);
	for (uint32_t p = 0; p < 16; p++)
		load(&b, PAGES + (p << 12));
	expect(&b, 5, five);
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);
	kit_cpw(&b.k, KIT_TLBI_MVA, PAGES);
	load(&b, PAGES);
	expect(&b, 2, 2 * (E + OP));
	bench_stop(&b);
}

/* Roots are a buffer: with one too few, coming back costs a new one. */
static void roots_are_a_buffer(void **state)
{
	static const uint32_t order[] = { ROOT_B, ROOT_C, KIT_ROOT };

	(void)state;
	for (unsigned roots = 2; roots <= 3; roots++) {
		struct bench b;

		bench_start(&b, roots == 2 ? "cached:roots=2" : "cached:roots=3");
		for (unsigned i = 0; i < 6; i++) {
			if (i == 3)
				(void)spent(&b);
			switch_to(&b, order[i % 3]);
			kit_exec(&b.k);
		}
		assert_int_equal(ledger_event(spent(&b), EV_ALLOC_ROOT), roots == 2 ? 3 : 0);
		bench_stop(&b);
	}
}

/* A section of the kernel's map with tables in it is shadowed by pages, and only that one. */
static void sections_with_tables_are_split(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached");
	store(&b, KIT_LINEAR + 0x300000);
	store(&b, KIT_LINEAR + 0x30f000);
	store(&b, KIT_LINEAR + 0x3ff000);
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_HIDDEN), 1);
	assert_int_equal(ledger_event(s, EV_SPLIT), 0);
	store(&b, KIT_LINEAR + 0x40000);        /* its megabyte holds the root, traced from the start */
	store(&b, KIT_LINEAR + 0x4f000);        /* 64 KB without tables: one entry */
	store(&b, KIT_LINEAR + 0x1000);
	store(&b, KIT_LINEAR + 0x2000);
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_HIDDEN), 3);
	assert_int_equal(ledger_event(s, EV_FILL_WORD), 15);
	bench_stop(&b);
}

/* The guest takes the table out of its root: what is in the frame is data again. */
static void unlinked_tables_are_data(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached");
	shadow_pages(&b);
	kit_poke(&b.k, KIT_ROOT + 4 * (PAGES >> 20), 0);
	(void)spent(&b);
	for (uint32_t i = 0; i < 8; i++)
		kit_poke(&b.k, KIT_L2 + 4 * i, i);
	s = spent(&b);
	assert_int_equal(kit_traps(s), 1);      /* writes come back with the first */
	assert_int_equal(ledger_event(s, EV_HIDDEN), 1);
	bench_stop(&b);
}

static void floods_are_not_followed(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached:flood=4");
	shadow_pages(&b);
	for (uint32_t i = 0; i < 32; i++)
		kit_poke(&b.k, KIT_L2 + 4 * i, 0);
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_PT_WRITE), 5);
	assert_int_equal(ledger_event(s, EV_FLOOD), 1);
	assert_int_equal(kit_traps(s), 6);
	bench_stop(&b);
	bench_start(&b, "cached:flood=0");
	shadow_pages(&b);
	for (uint32_t i = 0; i < 32; i++)
		kit_poke(&b.k, KIT_L2 + 4 * i, 0);
	assert_int_equal(kit_traps(spent(&b)), 32);
	bench_stop(&b);
}

/* The root of a process that is no more, cleared as data: also where it held zeroes. */
static void dead_roots_are_data(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "cached:flood=4");
	switch_to(&b, ROOT_B);
	kit_exec(&b.k);
	switch_to(&b, KIT_ROOT);
	load(&b, KIT_LINEAR + ROOT_B);
	(void)spent(&b);
	for (uint32_t i = 0; i < 64; i++)
		kit_poke(&b.k, ROOT_B + 4 * i, 0);
	assert_int_equal(kit_traps(spent(&b)), 6);
	bench_stop(&b);
}

/* The host's domains follow the guest's: its DACR opens and closes them without a shadow entry's change. */
static void dacr_is_passed_through(void **state)
{
	uint32_t dacr;
	struct bench b;

	(void)state;
	bench_start(&b, "cached");
	dacr = kit_guest(&b.k)->dacr;
	load(&b, PAGES);
	(void)spent(&b);
	kit_cpw(&b.k, KEY_DACR, dacr & ~(3u << 2));
	expect(&b, 1, E + OP);
	kit_data_abort(&b.k, PAGES, false, false, fault_fsr(FS_DOMAIN_PAGE, 1));
	expect(&b, 1, E + DECODE + WALK + 60);
	kit_exc(&b.k, 4, KIT_ABT);
	kit_mode(&b.k, KIT_SVC);
	(void)spent(&b);
	kit_cpw(&b.k, KEY_DACR, dacr);
	load(&b, PAGES);
	expect(&b, 1, E + OP);
	bench_stop(&b);
}

/* Kernel-only, read-only and writable pages of the user in one megabyte: one way of granting serves all. */
static void a_users_megabyte_is_not_mixed(void **state)
{
	static const uint8_t ro[4] = { 2, 2, 2, 2 };
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached");
	kit_poke(&b.k, KIT_L2 + 4, pt_encode_v5_small(0x500000, ro, 3));
	shadow_pages(&b);
	for (unsigned i = 0; i < 3; i++) {
		load(&b, PAGES + 0x1000);       /* user may read it, kernel do all */
		store(&b, PAGES + 0x1000);
		store(&b, PAGES);
		kit_mode(&b.k, KIT_USR);
		load(&b, PAGES + 0x1000);
		store(&b, PAGES);
		kit_exc(&b.k, 2, KIT_SVC);
	}
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_MIXEDMB), 0);
	assert_in_range(ledger_event(s, EV_HIDDEN), 1, 3);
	bench_stop(&b);
}

/* The page of the guest's vectors stays through invalidates that leave its mapping as it was. */
static void vectors_survive_invalidates(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "cached");
	kit_exc(&b.k, 2, KIT_SVC);
	kit_run(&b.k, KIT_VECTORS + 8, 1);
	kit_exec(&b.k);
	(void)spent(&b);
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);
	expect(&b, 1, E + OP + WALK);           /* looked at, and kept */
	kit_exc(&b.k, 2, KIT_SVC);
	kit_run(&b.k, KIT_VECTORS + 8, 1);
	assert_int_equal(ledger_event(spent(&b), EV_HIDDEN), 0);
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hidden_faults),
		cmocka_unit_test(set_pte_is_four_traps),
		cmocka_unit_test(three_with_the_filter),
		cmocka_unit_test(unsync_lets_stores_through),
		cmocka_unit_test(old_words_stay_where_they_were),
		cmocka_unit_test(host_domains_are_a_cache),
		cmocka_unit_test(prefilled_entries_do_not_fault),
		cmocka_unit_test(recomposed_entries_do_not_fault),
		cmocka_unit_test(address_space_switch),
		cmocka_unit_test(roots_are_a_buffer),
		cmocka_unit_test(sections_with_tables_are_split),
		cmocka_unit_test(unlinked_tables_are_data),
		cmocka_unit_test(floods_are_not_followed),
		cmocka_unit_test(dead_roots_are_data),
		cmocka_unit_test(dacr_is_passed_through),
		cmocka_unit_test(a_users_megabyte_is_not_mixed),
		cmocka_unit_test(vectors_survive_invalidates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
