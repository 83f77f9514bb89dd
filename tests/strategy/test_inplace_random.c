/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `inplace` on random guests, also such as map their tables more than once: what the hardware used was
 * permitted, what the guest loaded is what it wrote, and after every few records each word of its tables can be brought back.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/strategy/random_guest.h"

enum { SEEDS = 36, RECORDS = 8000, STEP = 400 };

static const struct row { const char *spec; const char *set[4]; } rows[] = {
	{ "inplace", { NULL } },
	{ "inplace:filter=on", { NULL } },
	{ "inplace:variant=I6", { "map=offset" } },
	{ "inplace:variant=I4", { NULL } },
	{ "inplace:variant=I2", { NULL } },
	{ "inplace:roots=1", { "map=fragmented", "map.block=65536" } },
	{ "inplace:variant=I6:filter=on", { "tlb.entries=2", "tlb.ways=2", "tlb.policy=lru" } },
	{ "inplace:roots=32:filter=on:flood=1", { "map=fragmented", "l1d.kind=pipt", "hv.memory=flat" } },
	{ "inplace:variant=I4:filter=on:roots=2", { "map=fragmented", "map.block=1048576", "cpu=free" } },
	{ "inplace:variant=I2:filter=on", { "utlb.entries=8" } },
	{ "inplace:variant=I6:roots=2", { "map=fragmented", "tlb.entries=0", "itlb.entries=32", "dtlb.entries=32" } },
	{ "inplace:variant=I4", { "map=fragmented", "l1d.kind=vipt", "l2.bytes=16384" } },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

struct totals { uint64_t writes, reads, beside, mixed, splits, converted, restored; };

static void one_lane(const struct kit *k, uint64_t seed, const struct row *row, struct totals *sum)
{
	struct kit_plan p = { .set = { row->set[0], row->set[1], row->set[2], row->set[3] }, .verify = true };
	struct lane *l = kit_lane(k, row->spec, &p);
	const struct ledger *g = &l->m->ledger;
	struct diag d;

	for (size_t at = 0; at < k->t.n; at += STEP) {
		kit_feed(l, k, at, at + STEP, STEP);
		if (l->m->ops->audit(l->m->self, &d))
			fail_msg("seed %llu, %s, record %zu: %s", (unsigned long long)seed, row->spec, at,
				 d.msg);
		if (l->violations)
			fail_msg("seed %llu, %s: %s", (unsigned long long)seed, row->spec,
				 l->first_violation.msg);
	}
	assert_ok(kit_finish(l, k, &d), &d);
	sum->writes += ledger_event(g, EV_PT_WRITE);
	sum->reads += ledger_event(g, EV_PT_READ);
	sum->beside += ledger_event(g, EV_PT_FALSE) + ledger_event(g, EV_PT_READ_FALSE);
	sum->mixed += ledger_event(g, EV_MIXEDMB);
	sum->splits += ledger_event(g, EV_SPLIT);
	sum->converted += ledger_event(g, EV_CONVERT_TABLE);
	sum->restored += ledger_event(g, EV_RESTORE_TABLE);
	lane_destroy(l);
}

static void random_guests(void **state)
{
	struct totals sum[ROWS] = { { 0 } };

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k;

		if (seed % 3)
			random_guest_aliases(&k, seed, RECORDS, &n);
		else
			random_guest(&k, seed, RECORDS, &n);
		for (unsigned i = 0; i < 3; i++) {
			unsigned row = (unsigned)(seed + 2 * i) % ROWS;

			one_lane(&k, seed, &rows[row], &sum[row]);
		}
		kit_free(&k);
	}
	for (unsigned i = 0; i < ROWS; i++) {
		bool shown = strstr(rows[i].spec, "I2") != NULL;

		print_message("# %-36s writes %llu reads %llu beside %llu mixed %llu splits %llu converted %llu "
			      "restored %llu\n", rows[i].spec, (unsigned long long)sum[i].writes,
			      (unsigned long long)sum[i].reads, (unsigned long long)sum[i].beside,
			      (unsigned long long)sum[i].mixed, (unsigned long long)sum[i].splits,
			      (unsigned long long)sum[i].converted, (unsigned long long)sum[i].restored);
		assert_true(sum[i].writes && sum[i].splits && sum[i].mixed && sum[i].converted &&
			    sum[i].restored);
		assert_true(shown || sum[i].reads);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_guests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
