/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exact trap counts and cycles of `cached` without write protection (sync=hint, sync=tlbi+roots), of its pool, of what
 * a new root begins with and of prefetch; and which sums of sources are refused.
 */
#include "tests/strategy/cached_bench.h"

#include <string.h>

#include "sim/spec.h"

enum {
	OPS = 2 * (E + OP), HINT_WORD = 1 + 4, SYNC = 35 + 4, LOOKUP = FIND + 4,
	LINE = LOOKUP + 8 * HINT_WORD,          /* a cleaned line with words of one table */
	RELINK = E + DECODE + FIND + WORD + CLEAN + DRAIN,
};

/* Two stores and the clean reveal all: two traps, whatever is shadowed. */
static void set_pte_is_two_traps(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "cached:sync=hint");
	set_pte(&b, 1, 0);                      /* the table is not shadowed: its address is looked up */
	expect(&b, 2, OPS + LOOKUP);
	shadow_pages(&b);
	set_pte(&b, 2, 0);                      /* 3 to 7 map pages: their shadow comes with the line */
	expect(&b, 2, OPS + LINE + 5 * FILL + CLEAN + DRAIN);
	load(&b, PAGES + 0x3000);
	expect(&b, 0, 0);
	set_pte(&b, 3, 0);                      /* an entry goes */
	expect(&b, 2, OPS + LINE + WORD + CLEAN + DRAIN + TLBI);
	set_pte(&b, 3, page_word(9));           /* one comes: its shadow with it */
	expect(&b, 2, OPS + LINE + FILL + CLEAN + DRAIN);
	load(&b, PAGES + 0x3000);
	load(&b, PAGES + 0x4000);
	expect(&b, 0, 0);
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);         /* every change was named: nothing to do */
	kit_cpw(&b.k, KIT_TLBI_MVA, PAGES + 0x3000);
	expect(&b, 2, OPS);
	bench_stop(&b);
}

/* Between store and clean the old word may be used; a line that holds no table costs a lookup. */
static void old_until_cleaned(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "cached:sync=hint:recompose=off");
	shadow_pages(&b);
	load(&b, PAGES + 0x3000);
	(void)spent(&b);
	kit_poke(&b.k, KIT_L2 + 12, page_word(9));
	load(&b, PAGES + 0x3000);
	expect(&b, 0, 0);
	kit_cpw(&b.k, KIT_CLEAN_MVA, KIT_LINEAR + KIT_L2 + 64);
	kit_cpw(&b.k, KIT_CLEAN_MVA, KIT_LINEAR + KIT_L2 + 2048);
	expect(&b, 2, OPS + LINE + LOOKUP);
	kit_cpw(&b.k, KIT_CLEAN_MVA, KIT_LINEAR + KIT_L2 + 0x1c);
	kit_cpw(&b.k, KIT_TLBI_MVA, PAGES + 0x3000);
	load(&b, PAGES + 0x3000);
	assert_int_equal(ledger_event(spent(&b), EV_HIDDEN), 1);
	bench_stop(&b);
}

/* First-level words are in lines as well: the table that one led to is not shadowed any more. */
static void cleaned_links_go(void **state)
{
	uint32_t at = KIT_ROOT + 4 * (PAGES >> 20);
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached:sync=hint");
	shadow_pages(&b);
	load(&b, KIT_LINEAR + at);
	kit_poke(&b.k, at, 0);
	(void)spent(&b);
	kit_cpw(&b.k, KIT_CLEAN_MVA, KIT_LINEAR + at);
	s = spent(&b);
	assert_int_equal(kit_traps(s), 1);
	assert_int_equal(ledger_event(s, EV_HINT_WORD), 8);
	assert_int_equal(ledger_event(s, EV_ZAP), 1);
	kit_poke(&b.k, at, pt_encode_v5_coarse(KIT_L2, 1));
	load(&b, PAGES);
	assert_int_equal(ledger_event(spent(&b), EV_ALLOC), 1);
	bench_stop(&b);
}

/* No line is named: tables are out of reach until they are compared, once each, when they are used. */
static void whole_cleans_suspect_all(const char *spec, bool cleans)
{
	struct ledger *s;
	struct bench b;

	bench_start(&b, spec);
	shadow_pages(&b);
	load(&b, PAGES + 0x1000);
	(void)spent(&b);
	kit_poke(&b.k, KIT_L2 + 4, page_word(9));
	if (cleans)
		kit_cpr(&b.k, KIT_TESTCLEAN_INV, 0);
	load(&b, PAGES + 0x1000);               /* still may */
	assert_int_equal(ledger_event(spent(&b), EV_HIDDEN), 0);
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);         /* of code, of the linear map, of PAGES: the last is parked */
	expect(&b, 1, E + OP + 3 * SYNC + WORD + CLEAN + DRAIN + TLBI);
	load(&b, PAGES);                        /* two entries are compared, one has changed */
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_COMPARE), 1);
	assert_int_equal(ledger_event(s, EV_SYNC), 2);
	assert_int_equal(ledger_event(s, EV_ZAP), 1);
	assert_int_equal(ledger_event(s, EV_HIDDEN), 1);
	assert_int_equal(ledger_event(s, EV_SWWALK), 0);
	load(&b, PAGES + 0x1000);
	expect(&b, 1, HIDDEN);
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);
	if (cleans)                             /* all is known again */
		expect(&b, 1, E + OP);
	else
		expect(&b, 1, E + OP + 3 * SYNC + WORD + CLEAN + DRAIN + TLBI);
	load(&b, PAGES);
	s = spent(&b);
	assert_int_equal(kit_traps(s), cleans ? 0 : 1);
	assert_int_equal(kit_hv_cycles(s), cleans ? 0 : RELINK + 2 * SYNC);
	bench_stop(&b);
}

static void unnamed_lines(void **state)
{
	(void)state;
	whole_cleans_suspect_all("cached:sync=hint", true);
	whole_cleans_suspect_all("cached:sync=tlbi+roots", false);
}

/* By address the words behind that address are compared at once; the rest stays suspect. */
static void invalidates_by_address_compare(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "cached:sync=tlbi+roots");
	shadow_pages(&b);
	load(&b, PAGES + 0x3000);
	(void)spent(&b);
	kit_poke(&b.k, KIT_L2 + 12, 0);
	kit_cpw(&b.k, KIT_TLBI_MVA, PAGES + 0x3000);    /* the link, entries 0 and 3 */
	expect(&b, 1, E + OP + 3 * SYNC + WORD + CLEAN + DRAIN + TLBI);
	load(&b, PAGES);
	expect(&b, 0, 0);
	bench_stop(&b);
}

/* A table that is mapped uncached somewhere can be written without a clean: stores to its frame are traced. */
static void uncached_tables_are_traced(void **state)
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };
	uint32_t alias = PAGES + 0x8000;
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached:sync=hint");
	kit_poke(&b.k, KIT_L2 + 4 * 8, pt_encode_v5_small(KIT_L2, all, 0));
	shadow_pages(&b);
	load(&b, alias);
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_TRACE), 1);
	set_pte(&b, 3, 0);                      /* through the linear map, too */
	assert_int_equal(kit_traps(spent(&b)), 4);
	kit_poke(&b.k, KIT_ROOT + 4 * (PAGES >> 20), 0);
	kit_cpw(&b.k, KIT_CLEAN_MVA, KIT_LINEAR + KIT_ROOT + 4 * (PAGES >> 20));
	(void)spent(&b);
	kit_poke(&b.k, KIT_L2, 0);              /* no table any more: writes come back */
	assert_int_equal(ledger_event(spent(&b), EV_HIDDEN), 1);
	kit_poke(&b.k, KIT_L2, 1);
	expect(&b, 0, 0);
	bench_stop(&b);
}

/* With the data cache off nothing is cleaned: what happened is looked for at the next invalidate. */
static void cache_off(void **state)
{
	uint32_t on;
	struct bench b;

	(void)state;
	bench_start(&b, "cached:sync=hint");
	on = kit_guest(&b.k)->sctlr;
	shadow_pages(&b);
	kit_cpw(&b.k, KEY_SCTLR, on & ~(uint32_t)SCTLR_C);
	kit_poke(&b.k, KIT_L2, page_word(9));
	kit_cpw(&b.k, KEY_SCTLR, on);
	(void)spent(&b);
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);
	assert_int_equal(ledger_event(spent(&b), EV_SUSPECT), 1);
	load(&b, PAGES);
	assert_int_equal(ledger_event(spent(&b), EV_COMPARE), 1);
	bench_stop(&b);
}

/* Without a write-back cache, or with walks that see it, guests clean nothing: as tlbi+roots. */
static void guests_that_do_not_clean(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "cached:sync=hint");
	shadow_pages(&b);
	b.l->m->port.clean_line = 0;
	kit_poke(&b.k, KIT_L2, page_word(9));
	kit_cpw(&b.k, KIT_CLEAN_MVA, KIT_LINEAR + KIT_L2);
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);
	load(&b, PAGES);
	assert_int_equal(ledger_event(spent(&b), EV_COMPARE), 1);
	bench_stop(&b);
}

/* --- beside the sources ------------------------------------------------------------------------ */

static unsigned links_in_a_new_root(const char *spec, bool section_differs)
{
	unsigned hidden;
	struct bench b;

	bench_start(&b, spec);
	kit_poke(&b.k, ROOT_C + 4 * (PAGES >> 20), pt_encode_v5_coarse(KIT_L2, 1));
	if (section_differs)                    /* AP of the copy: another word */
		kit_poke(&b.k, ROOT_C + 4 * ((KIT_LINEAR >> 20) + 3), pt_encode_v5_section(3 << 20, 2, 0, 3));
	shadow_pages(&b);
	load(&b, KIT_LINEAR + 0x300000);
	load(&b, KIT_LINEAR + 0x40000);         /* split: tables are traced in it */
	(void)spent(&b);
	kit_cpw(&b.k, KEY_TTBR0, ROOT_C);
	kit_exec(&b.k);
	load(&b, PAGES);
	load(&b, KIT_LINEAR + 0x300000);
	load(&b, KIT_LINEAR + 0x40000);
	load(&b, KIT_LINEAR + KIT_L2);
	hidden = (unsigned)ledger_event(spent(&b), EV_HIDDEN);
	bench_stop(&b);
	return hidden;
}

/* Tables are shared by all roots in any case, split sections too: what a new root lacks is the links. */
static void kernel_shared(void **state)
{
	(void)state;
	/* code, PAGES, the section; the split megabyte's two pages need one */
	assert_int_equal(links_in_a_new_root("cached", false), 4);
	assert_int_equal(links_in_a_new_root("cached:kernel=shared", false), 0);
	assert_int_equal(links_in_a_new_root("cached:kernel=shared", true), 1);
	assert_int_equal(links_in_a_new_root("cached:kernel=shared:sync=hint", false), 0);
	assert_int_equal(links_in_a_new_root("cached:kernel=shared:sync=hint", true), 1);
}

/* 2^N aligned entries: the missing one, and a word read for each of the others that is empty. */
static void prefetched_entries(void **state)
{
	uint64_t word = 35 + 4;
	struct bench b;

	(void)state;
	bench_start(&b, "cached:prefetch=3");
	load(&b, PAGES + 0x9000);               /* 8 to 15 */
	load(&b, KIT_LINEAR + KIT_L2);
	(void)spent(&b);
	for (uint32_t i = 8; i < 16; i++)
		load(&b, PAGES + (i << 12));
	expect(&b, 0, 0);
	load(&b, PAGES + 0x3000);               /* one line of descriptors */
	expect(&b, 1, HIDDEN + 7 * (word + FILL));
	bench_stop(&b);
}

/*
 * Twelve tables fit. Those of megabytes 0 to 11 are made in this order; then 0, 1 and 2 are of use again, and three more
 * come. What goes: the ones that were not of use for longest (3, 4, 5), the first ones (0, 1, 2), or the first
 * ones without a mark since the hand went by (which clears all marks first, so 0, 1, 2 too). A second time round
 * marks count.
 */
static unsigned still_there(const char *spec)
{
	unsigned there = 0;
	struct bench b;

	bench_start(&b, spec);
	for (uint32_t i = 0; i < 15; i++)
		kit_poke(&b.k, KIT_ROOT + 4 * ((PAGES >> 20) + 1 + i), pt_encode_v5_coarse(KIT_L2 + 0x400, 1));
	for (uint32_t i = 0; i < 16; i++) {
		kit_poke(&b.k, KIT_ROOT + 4 * ((PAGES >> 20) + i), pt_encode_v5_coarse(0x9000 + 1024 * i, 1));
		kit_poke(&b.k, 0x9000 + 1024 * i, page_word(i));
		kit_poke(&b.k, 0x9000 + 1024 * i + 4, page_word(i));
	}
	kit_cpr(&b.k, KIT_TESTCLEAN_INV, 0);
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);
	(void)spent(&b);
	for (uint32_t i = 0; i < 12; i++)
		load(&b, PAGES + (i << 20));
	for (uint32_t i = 0; i < 3; i++)
		load(&b, PAGES + (i << 20) + 0x1000);
	assert_int_equal(ledger_event(spent(&b), EV_EVICT), 0);
	for (uint32_t i = 12; i < 15; i++)
		load(&b, PAGES + (i << 20));
	assert_int_equal(ledger_event(spent(&b), EV_ALLOC), 3);
	assert_true(b.l->m->ops->audit != NULL);
	for (uint32_t i = 0; i < 6; i++) {
		struct translation t;

		if (host_where(b.l->m, b.l->m->tlb, gva(PAGES + (i << 20)), &t))
			there |= 1u << i;
	}
	bench_stop(&b);
	return there;
}

static void pools(void **state)
{
	(void)state;
	assert_int_equal(still_there("cached:sync=tlbi+roots"), 0x3f);
	assert_int_equal(still_there("cached:sync=tlbi+roots:pool=12"), 0x07);
	assert_int_equal(still_there("cached:sync=tlbi+roots:pool=12:victim=fifo"), 0x38);
	assert_int_equal(still_there("cached:sync=tlbi+roots:pool=12:victim=clock"), 0x38);
}

static void refused(const char *text, const char *says)
{
	struct spec s;
	struct diag d;

	assert_int_equal(spec_parse(&s, text, &d), ERR_CONFIG);
	if (!strstr(d.msg, says))
		fail_msg("%s: %s", text, d.msg);
}

static void sums_and_other_refusals(void **state)
{
	static const char *const sound[] = {
		"cached:sync=stores", "cached:sync=stores+tlbi+roots", "cached:sync=roots+cleans+tlbi",
		"cached:sync=tlbi+roots", "cached:sync=stores+cleans+tlbi+roots", "cached:prefetch=8",
		"cached:pool=640", "cached:pool=384:roots=32",
	};
	struct spec s;
	struct diag d;

	(void)state;
	for (unsigned i = 0; i < sizeof(sound) / sizeof(sound[0]); i++) {
		assert_ok(spec_parse(&s, sound[i], &d), &d);
		spec_free(&s);
	}
	refused("cached:sync=cleans", "cleans do not name all lines");
	refused("cached:sync=cleans+tlbi", "tlbi+roots");
	refused("cached:sync=tlbi", "comes into use by another root (roots)");
	refused("cached:sync=stores+tlbi", "traced stores leave nothing");
	refused("cached:sync=stores+cleans", "stores (emulate)");
	refused("cached:sync=hint+stores", "stand alone");
	refused("cached:prefetch=2:prefill=1", "want one of them 0");
	refused("cached:pool=11", "want 0 or 12");
	refused("cached:pool=641", "to 640 KB");
	assert_int_equal(spec_parse(&s, "cached:sync=clean", &d), ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_pte_is_two_traps),
		cmocka_unit_test(old_until_cleaned),
		cmocka_unit_test(cleaned_links_go),
		cmocka_unit_test(unnamed_lines),
		cmocka_unit_test(invalidates_by_address_compare),
		cmocka_unit_test(uncached_tables_are_traced),
		cmocka_unit_test(cache_off),
		cmocka_unit_test(guests_that_do_not_clean),
		cmocka_unit_test(kernel_shared),
		cmocka_unit_test(prefetched_entries),
		cmocka_unit_test(pools),
		cmocka_unit_test(sums_and_other_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
