/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exact trap counts and cycles of directed sequences under `inplace`, hypervisor memory flat: what it costs to rewrite a
 * table, what loads and stores cost then, where I6 beats I1, where I1 beats `cached`. Terms as in test_closed_forms.c.
 */
#include "tests/support.h"

#include "tests/machine_kit.h"

enum {
	E = 140, DECODE = 40, WALK = 30 + 2 * 35, FIND = 8, EMUL = 70, FILL = 60, OP = 25,
	CLEAN = 20, CLEAN_CLEAN = 3, DRAIN = 15, TLBI = 3, WORD = 8, RMAP = 4, CONVERT = 20, STASH = 8,
	ABORT = E + DECODE + FIND,
	WORDS = 256, LINES = 32,
	MAPPED = WORD + CLEAN + DRAIN + TLBI,           /* the monitor's own mapping of a frame */
	FORTH = WORDS * CONVERT + LINES * CLEAN + DRAIN,
	PURGE = LINES * CLEAN_CLEAN,                    /* of the guest's mapping, not dirty */
	STORE = ABORT + EMUL + FILL + CLEAN + DRAIN,    /* one that maps a page where none was */
	LOAD = ABORT + EMUL,
	HIDDEN = ABORT + WALK + FILL + CLEAN + DRAIN + TLBI,
};
#define PAGES 0x10000000u               /* a coarse table in KIT_L2, small pages AP 11, domain 1 */
#define OTHER 0x10100000u               /* another, in the frame behind it */

struct bench { struct kit k; struct lane *l; size_t at; };

static uint32_t page_word(uint32_t i)
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };

	return pt_encode_v5_small(0x400000 + (i << 12), all, 3);
}

static void bench_start(struct bench *b, const char *spec, unsigned pages)
{
	struct kit_plan p = { .set = { "hv.memory=flat" }, .verify = true };

	kit_linux(&b->k);
	kit_poke(&b->k, KIT_ROOT + 4 * (PAGES >> 20), pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&b->k, KIT_ROOT + 4 * (OTHER >> 20), pt_encode_v5_coarse(KIT_L2 + FRAME_BYTES, 1));
	for (uint32_t i = 0; i < pages; i++) {
		kit_poke(&b->k, KIT_L2 + 4 * i, page_word(i));
		kit_poke(&b->k, KIT_L2 + FRAME_BYTES + 4 * i, page_word(i));
	}
	kit_exec(&b->k);
	b->l = kit_lane(&b->k, spec, &p);
	b->at = 0;
	kit_catch_up(b->l, &b->k, &b->at);
}

/* What the records appended since the last call added. */
static struct ledger *spent(struct bench *b)
{
	static struct ledger before, diff;
	struct diag d;

	before = b->l->m->ledger;
	kit_catch_up(b->l, &b->k, &b->at);
	kit_since(&diff, b->l, &before);
	if (b->l->m->ops->audit(b->l->m->self, &d))
		fail_msg("%s", d.msg);
	if (b->l->violations)
		fail_msg("%s", b->l->first_violation.msg);
	return &diff;
}

static void expect(struct bench *b, uint64_t traps, uint64_t cycles)
{
	struct ledger *s = spent(b);

	assert_int_equal(kit_traps(s), traps);
	assert_int_equal(kit_hv_cycles(s), cycles);
}

static void bench_stop(struct bench *b)
{
	struct diag d;

	(void)spent(b);
	assert_ok(kit_finish(b->l, &b->k, &d), &d);
	lane_destroy(b->l);
	kit_free(&b->k);
}

static void load(struct bench *b, uint32_t va) { kit_access(&b->k, va, false, 2); }
static uint32_t entry(uint32_t i) { return KIT_L2 + 4 * i; }

/* The linear map by pages, its page of the tables too; and what only the first of everything costs. */
static void warm(struct bench *b)
{
	load(b, OTHER);
	load(b, KIT_LINEAR + KIT_L2);
	load(b, KIT_LINEAR + KIT_L2 + FRAME_BYTES);
	(void)spent(b);
}

/* cpu_arm926_set_pte_ext: the kernel's own word, the hardware's 2048 bytes away, clean, drain. */
static void set_pte(struct bench *b, uint32_t i, uint32_t word)
{
	kit_poke(&b->k, KIT_L2 + 2048 + 4 * i, word ^ 0x1234);
	kit_poke(&b->k, entry(i), word);
	kit_cpw(&b->k, KIT_CLEAN_MVA, KIT_LINEAR + entry(i));
	kit_cpw(&b->k, KIT_DRAIN, 0);
}

/* One mapping of the table's frame gives it up, and its lines; then the table. */
static uint64_t link_cost(uint64_t forth)
{
	return ABORT + WALK + RMAP + WORD + PURGE + CLEAN + DRAIN + TLBI + MAPPED + forth + WORD + CLEAN + DRAIN +
	       TLBI;
}

static void a_table_costs_once(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "inplace", 16);
	warm(&b);
	load(&b, PAGES);
	expect(&b, 1, link_cost(FORTH));
	for (uint32_t i = 0; i < 16; i++)
		load(&b, PAGES + (i << 12));
	expect(&b, 0, 0);               /* no hidden faults: the hardware walks the table */
	bench_stop(&b);
}

static void loads_and_stores_trap(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "inplace", 16);
	warm(&b);
	load(&b, PAGES);
	(void)spent(&b);
	kit_poke(&b.k, entry(20), page_word(20));
	expect(&b, 1, STORE);
	load(&b, PAGES + (20 << 12));
	expect(&b, 0, 0);
	kit_poke(&b.k, entry(20), page_word(21));       /* the old page's TLB entry goes */
	expect(&b, 1, STORE + TLBI);
	kit_poke(&b.k, entry(20), 0);
	expect(&b, 1, ABORT + EMUL + STASH + CLEAN + DRAIN + TLBI);
	load(&b, KIT_LINEAR + entry(3));
	expect(&b, 1, LOAD);
	load(&b, KIT_LINEAR + entry(3) + 2048);         /* the kernel's own words are beside */
	expect(&b, 1, LOAD);
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);                 /* all is in sync */
	expect(&b, 1, E + OP);
	bench_stop(&b);
}

static void the_filter_lets_the_kernels_words_alone(void **state)
{
	uint64_t ops = 2 * (E + OP);
	struct bench b;

	(void)state;
	bench_start(&b, "inplace", 16);
	warm(&b);
	load(&b, PAGES);
	(void)spent(&b);
	set_pte(&b, 20, page_word(20));
	expect(&b, 4, LOAD + STORE + ops);      /* a store beside costs what a load does */
	bench_stop(&b);
	bench_start(&b, "inplace:filter=on", 16);
	warm(&b);
	load(&b, PAGES);
	load(&b, KIT_LINEAR + KIT_L2 + 2048);
	(void)spent(&b);
	set_pte(&b, 20, page_word(20));
	expect(&b, 3, STORE + ops);
	load(&b, KIT_LINEAR + entry(3) + 2048);
	expect(&b, 0, 0);
	load(&b, KIT_LINEAR + entry(3));
	expect(&b, 1, LOAD);
	bench_stop(&b);
}

static void identity_shows_the_words(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "inplace:variant=I2", 16);
	warm(&b);
	load(&b, PAGES);
	load(&b, KIT_LINEAR + entry(3));        /* its page may be read: it comes back */
	(void)spent(&b);
	load(&b, KIT_LINEAR + entry(4));
	load(&b, KIT_LINEAR + entry(3) + 2048);
	expect(&b, 0, 0);
	kit_poke(&b.k, entry(20), page_word(20));
	expect(&b, 1, STORE);
	kit_poke(&b.k, entry(21), 3);           /* no page, and not what a walk may find */
	(void)spent(&b);
	load(&b, KIT_LINEAR + entry(4));        /* now some word is another */
	expect(&b, 1, LOAD);
	bench_stop(&b);
}

static void a_stash_waits_for_its_use(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "inplace:variant=I4", 16);
	warm(&b);
	load(&b, PAGES);
	expect(&b, 1, link_cost(WORDS * STASH + LINES * CLEAN + DRAIN) + FILL + CLEAN);
	load(&b, PAGES + 0x3000);
	expect(&b, 1, HIDDEN);
	load(&b, PAGES + 0x3000);
	expect(&b, 0, 0);
	kit_poke(&b.k, entry(20), page_word(20));
	expect(&b, 1, ABORT + EMUL + STASH + CLEAN + DRAIN);
	load(&b, PAGES + (20 << 12));
	expect(&b, 1, HIDDEN);
	bench_stop(&b);
}

/* n stores to a table in use, and the next walk through it. */
static uint64_t burst(const char *spec, unsigned n)
{
	uint64_t cycles;
	struct bench b;

	bench_start(&b, spec, 16);
	warm(&b);
	load(&b, PAGES);
	(void)spent(&b);
	for (unsigned i = 0; i < n; i++)
		kit_poke(&b.k, entry(100 + i), page_word(i));
	load(&b, PAGES + 0x1000);
	cycles = kit_hv_cycles(spent(&b));
	bench_stop(&b);
	return cycles;
}

static void bursts_pay_for_giving_back(void **state)
{
	uint64_t once = burst("inplace:variant=I6", 1);
	unsigned even = (unsigned)(once / STORE);

	(void)state;
	print_message("# I6 %llu cycles, even at %u\n", (unsigned long long)once, even);
	/* both ways of a table, and what surrounds them: a store that aborts, a walk that does */
	assert_true(once > 2 * FORTH && once < 2 * FORTH + 2000);
	for (unsigned n = 1; n <= 4; n++)
		assert_int_equal(burst("inplace", n), n * STORE);
	assert_int_equal(burst("inplace:variant=I6", 100), once);
	assert_true(burst("inplace", even) <= once && burst("inplace", even + 1) > once);
	assert_in_range(even, 2 * WORDS * CONVERT / STORE, 40);
}

/* The life of a table of which so many pages are touched. */
static uint64_t life(const char *spec, unsigned touched)
{
	uint64_t cycles;
	struct bench b;

	bench_start(&b, spec, 64);
	warm(&b);
	for (unsigned i = 0; i < touched; i++)
		load(&b, PAGES + (i << 12));
	cycles = kit_hv_cycles(spent(&b));
	bench_stop(&b);
	return cycles;
}

static void few_pages_pay_for_a_table(void **state)
{
	enum { FAULT = E + DECODE + WALK + FILL + CLEAN + DRAIN + TLBI };
	uint64_t inplace = life("inplace", 1), one = life("cached", 1);
	unsigned even = 1 + (unsigned)((inplace - one) / FAULT);

	(void)state;
	print_message("# a table %llu cycles, even at %u pages\n", (unsigned long long)inplace, even);
	assert_int_equal(life("inplace", 40), inplace);
	assert_int_equal(life("cached", 3), one + 2 * FAULT);
	assert_true(life("cached", even) <= inplace && life("cached", even + 1) > inplace);
	assert_in_range(even, 10, 20);
}

static void identity_needs_the_identity(void **state)
{
	struct kit_plan p = { .set = { "map=contiguous" } };
	struct kit k;
	struct lane *l;

	(void)state;
	kit_linux(&k);
	l = kit_lane(&k, "inplace:variant=I2", &p);
	assert_true(l->m->port.map_is_identity);
	lane_destroy(l);
	p.set[0] = "map=offset";
	l = kit_lane(&k, "inplace", &p);
	assert_false(l->m->port.map_is_identity);
	lane_destroy(l);
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_costs_once),
		cmocka_unit_test(loads_and_stores_trap),
		cmocka_unit_test(the_filter_lets_the_kernels_words_alone),
		cmocka_unit_test(identity_shows_the_words),
		cmocka_unit_test(a_stash_waits_for_its_use),
		cmocka_unit_test(bursts_pay_for_giving_back),
		cmocka_unit_test(few_pages_pay_for_a_table),
		cmocka_unit_test(identity_needs_the_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
