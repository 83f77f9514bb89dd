/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine map: a permutation of guest memory, contiguous exactly where it says so; and what
 * the oracle makes of a monitor that gets it wrong.
 */
#include "tests/support.h"

#include <stdio.h>
#include <string.h>

#include "sim/machine.h"
#include "tests/strategy/random_guest.h"

enum { SEEDS = 6, RECORDS = 12000 };

static struct lane *lane_with(const struct kit *k, const char *spec, const char *map,
			      const char *block, uint64_t seed)
{
	static struct cpu_row row;
	struct kit_plan p = { .set = { map, block }, .row = &row, .verify = true };

	row = *cpu_find("arm926");
	row.config.seed = seed;
	return kit_lane(k, spec, &p);
}

/* --- the map itself --------------------------------------------------------------------- */

/* Byte by 1 KB granule: what map_range() should say. */
static bool is_whole(const struct machine *m, uint32_t gpa, unsigned size_log2)
{
	uint32_t bytes = UINT32_C(1) << size_log2, first = map_to_host(m, gpa);

	for (uint32_t at = 0; at < bytes; at += GRANULE_BYTES)
		if (map_to_host(m, gpa + at) != first + at)
			return false;
	return first % bytes == 0;
}

/* Each granule has one place in guest memory's range, no two the same, and the inverse finds it. */
static void is_a_permutation(const struct machine *m, uint32_t base)
{
	static uint8_t taken[KIT_RAM_BYTES / GRANULE_BYTES];

	memset(taken, 0, sizeof(taken));
	for (uint32_t gpa = 0; gpa < KIT_RAM_BYTES; gpa += GRANULE_BYTES) {
		uint32_t pa = map_to_host(m, gpa + 5);

		assert_int_equal(map_to_guest(m, pa), gpa + 5);
		assert_int_equal(pa % GRANULE_BYTES, 5);
		assert_true(pa - base < KIT_RAM_BYTES);
		assert_int_equal(taken[(pa - base) / GRANULE_BYTES]++, 0);
	}
	/* devices are where they are, in both directions */
	assert_int_equal(map_to_host(m, 0x40000004), 0x40000004);
	assert_int_equal(map_to_guest(m, 0x40000004), 0x40000004);
}

/* How many aligned pieces of that size are whole; every answer is compared with the plain one. */
static unsigned whole(const struct machine *m, unsigned size_log2)
{
	unsigned n = 0;

	for (uint32_t gpa = 0; gpa < KIT_RAM_BYTES; gpa += UINT32_C(1) << size_log2) {
		uint32_t pa;
		bool is = map_range(m, gpa, size_log2, &pa);

		assert_int_equal(is, is_whole(m, gpa, size_log2));
		if (is)
			assert_int_equal(pa, map_to_host(m, gpa));
		n += is;
	}
	return n;
}

static void every_map(void **state)
{
	static const struct { const char *map, *block; uint32_t base; unsigned log2; } rows[] = {
		{ "map=contiguous", "map.block=4096", 0, 20 },
		{ "map=offset", "map.block=4096", 0x80000000, 20 },
		{ "map=fragmented", "map.block=4096", 0, 12 },
		{ "map=fragmented", "map.block=65536", 0, 16 },
		{ "map=fragmented", "map.block=1048576", 0, 20 },
		{ "map=fragmented", "map.block=16384", 0, 14 },
	};
	struct kit k;

	(void)state;
	kit_linux(&k);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lane *l = lane_with(&k, "coherent", rows[i].map, rows[i].block, 1);

		is_a_permutation(l->m, rows[i].base);
		for (unsigned log2 = 10; log2 <= 20; log2++) {
			unsigned n = whole(l->m, log2), all = KIT_RAM_BYTES >> log2;

			if (log2 <= rows[i].log2)
				assert_int_equal(n, all);
			else    /* neighbours by chance: as good as none */
				assert_true(n < all / 100 + 4);
		}
		lane_destroy(l);
	}
	kit_free(&k);
}

static uint64_t moved(const struct machine *a, const struct machine *b)
{
	uint64_t n = 0;

	for (uint32_t gpa = 0; gpa < KIT_RAM_BYTES; gpa += FRAME_BYTES)
		n += map_to_host(a, gpa) != map_to_host(b, gpa);
	return n;
}

static void the_seed_decides(void **state)
{
	struct lane *l[4];
	struct kit k;

	(void)state;
	kit_linux(&k);
	l[0] = lane_with(&k, "coherent", "map=fragmented", "map.block=4096", 7);
	l[1] = lane_with(&k, "coherent:entries=16", "map=fragmented", "map.block=4096", 7);
	l[2] = lane_with(&k, "coherent", "map=fragmented", "map.block=4096", 8);
	l[3] = lane_with(&k, "native", "map=fragmented", "map.block=4096", 7);
	assert_int_equal(moved(l[0]->m, l[1]->m), 0);
	assert_true(moved(l[0]->m, l[2]->m) > KIT_RAM_BYTES / FRAME_BYTES * 9 / 10);
	for (uint32_t gpa = 0; gpa < KIT_RAM_BYTES; gpa += FRAME_BYTES)
		assert_int_equal(map_to_host(l[3]->m, gpa), gpa);       /* native: no map */
	for (unsigned i = 0; i < 4; i++)
		lane_destroy(l[i]);
	kit_free(&k);
}

/* --- what depends on it ------------------------------------------------------------------- */

/* A section of the guest takes one entry where it is whole, one a block touched elsewhere. */
static void sections_are_fractured(void **state)
{
	static const struct { const char *map, *block; unsigned fills; } rows[] = {
		{ "map=contiguous", "map.block=4096", 1 }, { "map=offset", "map.block=4096", 1 },
		{ "map=fragmented", "map.block=1048576", 1 },
		{ "map=fragmented", "map.block=65536", 16 },
		{ "map=fragmented", "map.block=4096", 256 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ledger before, diff;
		struct lane *l;
		struct kit k;
		size_t at = 0;

		kit_linux(&k);
		kit_exec(&k);
		l = lane_with(&k, "coherent", rows[i].map, rows[i].block, 3);
		kit_catch_up(l, &k, &at);
		before = l->m->ledger;
		for (uint32_t page = 0; page < 256; page++)
			kit_access(&k, KIT_LINEAR + 0x300000 + page * FRAME_BYTES, false, 2);
		kit_catch_up(l, &k, &at);
		kit_since(&diff, l, &before);
		/* and the page that the code runs in, which is filled once */
		assert_in_range(ledger_event(&diff, EV_FILL), rows[i].fills, rows[i].fills + 1);
		assert_int_equal(l->violations, 0);
		lane_destroy(l);
		kit_free(&k);
	}
}

/* --- mutants: a monitor with a wrong idea of the machine ---------------------------------- */

extern const struct strategy_ops strategy_coherent;
static struct strategy_port bent;
static const struct strategy_port *real;
static bool (*wrong)(void *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa);

static bool as_if_contiguous(void *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa)
{
	uint32_t block = gpa & ~((UINT32_C(1) << size_log2) - 1);

	(void)real->to_host(m, block, GRANULE_LOG2, hpa);
	*hpa &= ~((UINT32_C(1) << size_log2) - 1);
	return true;
}

static bool without_map(void *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa)
{
	(void)m;
	(void)size_log2;
	*hpa = gpa;
	return true;
}

static enum err start(void *self, const void *params, const struct strategy_port *port,
		      struct diag *d)
{
	real = port;
	bent = *port;
	if (wrong)
		bent.to_host = wrong;
	return strategy_coherent.start(self, params, &bent, d);
}

static uint64_t violations(const struct kit *k, const char *block)
{
	struct strategy_ops ops = strategy_coherent;
	struct kit_plan p = { .set = { "map=fragmented", block }, .ops = &ops, .verify = true };
	struct lane *l;
	uint64_t n;

	ops.start = start;
	l = kit_lane(k, "coherent", &p);
	kit_feed(l, k, 0, KIT_NOW, 4096);
	n = l->violations;
	if (wrong && n)
		print_message("# %s: %s\n", block, l->first_violation.msg);
	lane_destroy(l);
	return n;
}

static void wrong_maps_are_caught(void **state)
{
	static const char *const block[] = { "map.block=4096", "map.block=65536", "map.block=1048576" };

	(void)state;
	for (uint64_t seed = 301; seed < 301 + SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k;

		random_guest(&k, seed, RECORDS, &n);
		for (unsigned i = 0; i < 3; i++) {
			wrong = NULL;
			assert_int_equal(violations(&k, block[i]), 0);
			wrong = without_map;
			assert_true(violations(&k, block[i]) > 0);
			wrong = as_if_contiguous;       /* right where blocks are sections */
			assert_int_equal(violations(&k, block[i]) > 0, i < 2);
		}
		kit_free(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_map),
		cmocka_unit_test(the_seed_decides),
		cmocka_unit_test(sections_are_fractured),
		cmocka_unit_test(wrong_maps_are_caught),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
