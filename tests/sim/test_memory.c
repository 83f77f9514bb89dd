/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peak and average of a strategy's structures over a window, by hand: each instruction counts what is there
 * when it retires. */
#include "tests/support.h"

#include <string.h>

#include "tests/machine_kit.h"

enum { SL1 = 16384, TABLE = 1024, ENTRY = 36 };
#define PAGES 0x10000000u               /* a coarse table, small pages AP 11, domain 1 */

static void set_up(struct kit *k)
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };

	kit_linux(k);
	kit_poke(k, KIT_ROOT + 4 * (PAGES >> 20), pt_encode_v5_coarse(KIT_L2, 1));
	for (uint32_t i = 0; i < 16; i++)
		kit_poke(k, KIT_L2 + 4 * i, pt_encode_v5_small(0x400000 + (i << 12), all, 3));
}

static uint64_t insns_of_set_up(void)
{
	struct lane *l;
	struct kit k;
	uint64_t n;

	set_up(&k);
	l = kit_replay(&k, "native", &(struct kit_plan){ 0 });
	n = l->insns;
	lane_destroy(l);
	kit_free(&k);
	return n;
}

/* Thirteen instructions. Before them: sections of code and data. */
static void window(struct kit *k)
{
	kit_access(k, PAGES, false, 2);                         /* 2 entries; then a table and a third */
	for (unsigned i = 0; i < 3; i++)
		kit_exec(k);
	kit_access(k, PAGES + FRAME_BYTES, false, 2);           /* still 3 */
	for (unsigned i = 0; i < 5; i++)
		kit_exec(k);                                    /* 4 */
	kit_cpw(k, KIT_TLBI_ALL, 0);                            /* 4; then none, but the table */
	kit_exec(k);                                            /* 1: its own fetch brought it in */
	kit_exec(k);
}

static const struct lane_memory *row(const struct lane *l, const char *what)
{
	for (unsigned i = 0; i < l->nmemory; i++)
		if (!strcmp(l->memory[i].what, what))
			return &l->memory[i];
	fail_msg("no row %s", what);
	return NULL;
}

static void expect(const struct lane *l, const char *what, uint64_t peak, uint64_t sum)
{
	const struct lane_memory *m = row(l, what);

	assert_int_equal(m->peak, peak);
	assert_int_equal((uint64_t)m->byte_insns, sum);
}

static void window_by_hand(void **state)
{
	enum { SUM = ENTRY * (1 * 2 + 4 * 3 + 6 * 4 + 2 * 1), INSNS = 13 };
	struct kit_plan p = { .warmup = insns_of_set_up(), .verify = true };
	struct lane *l;
	struct kit k;

	(void)state;
	for (p.engine = ENGINE_REF; p.engine < ENGINES; p.engine++) {
		p.verify = p.engine == ENGINE_REF;
		set_up(&k);
		window(&k);
		l = kit_replay(&k, "coherent", &p);
		assert_int_equal(l->insns - l->window_first, INSNS);
		expect(l, "sL1", SL1, (uint64_t)SL1 * INSNS);
		expect(l, "sL2", TABLE, (uint64_t)TABLE * (INSNS - 1));
		expect(l, "directory", 4 * ENTRY, SUM);
		expect(l, "total", SL1 + TABLE + 4 * ENTRY,
		       (uint64_t)SL1 * INSNS + (uint64_t)TABLE * (INSNS - 1) + SUM);
		lane_destroy(l);
		kit_free(&k);
	}
}

/* What was larger before the window began is no peak of it. */
static void peak_before_the_window(void **state)
{
	struct kit_plan p = { .warmup = 0 };
	struct lane *l;
	struct kit k;

	(void)state;
	set_up(&k);
	window(&k);
	l = kit_replay(&k, "coherent", &p);
	p.warmup = l->insns - 1;        /* the last instruction */
	assert_int_equal(row(l, "directory")->peak, 4 * ENTRY);
	lane_destroy(l);
	l = kit_replay(&k, "coherent", &p);
	expect(l, "directory", ENTRY, ENTRY);
	lane_destroy(l);
	kit_free(&k);
}

static void native_has_none(void **state)
{
	struct lane *l;
	struct kit k;

	(void)state;
	set_up(&k);
	l = kit_replay(&k, "native", &(struct kit_plan){ 0 });
	assert_int_equal(l->nmemory, 1);
	expect(l, "total", 0, 0);
	lane_destroy(l);
	kit_free(&k);
}

/* The parts add up at every moment, so their sums over the window do. */
static void total_is_the_sum(void **state)
{
	static const char *const spec[] = { "coherent", "cached", "cached:sync=unsync" };

	(void)state;
	for (unsigned s = 0; s < sizeof(spec) / sizeof(spec[0]); s++) {
		cycles128_t sum = 0;
		struct lane *l;
		struct kit k;

		set_up(&k);
		window(&k);
		window(&k);
		l = kit_replay(&k, spec[s], &(struct kit_plan){ .warmup = 7 });
		for (unsigned i = 0; i + 1 < l->nmemory; i++)
			sum += l->memory[i].byte_insns;
		assert_true(sum > 0 && sum == row(l, "total")->byte_insns);
		lane_destroy(l);
		kit_free(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(window_by_hand),
		cmocka_unit_test(peak_before_the_window),
		cmocka_unit_test(native_has_none),
		cmocka_unit_test(total_is_the_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
