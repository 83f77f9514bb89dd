/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `cached` on random guests, also such as map their tables more than once: what the hardware used was
 * permitted, and after every few records the shadow is what the guest's tables compose to.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/strategy/random_guest.h"

enum { SEEDS = 36, EACH = 7, RECORDS = 8000, STEP = 400, HINT_SEEDS = 30, HINT_RECORDS = 7000 };

static const struct row { const char *spec; const char *set[3]; } rows[] = {
	{ "cached", { NULL } },
	{ "cached:filter=on", { NULL } },
	{ "cached:roots=1", { "map=fragmented", "map.block=65536" } },
	{ "cached:filter=on:flood=3", { "map=offset" } },
	{ "cached:recompose=off:flood=1", { "tlb.entries=2", "tlb.ways=2", "tlb.policy=lru" } },
	{ "cached:roots=32:filter=on", { "map=fragmented", "l1d.kind=pipt", "hv.memory=flat" } },
	{ "cached:roots=2", { "map=fragmented", "map.block=1048576", "cpu=free" } },
	{ "cached:prefill=16", { "utlb.entries=8", "coalesce=16" } },
	{ "cached:sync=unsync", { NULL } },
	{ "cached:sync=unsync:prefill=255", { "tlb.entries=0", "itlb.entries=32", "dtlb.entries=32" } },
	{ "cached:sync=unsync:filter=on", { "tlb.entries=8", "tlb.ways=8" } },
	{ "cached:sync=unsync:roots=2:flood=1", { "map=fragmented", "l1d.kind=vipt" } },
	{ "cached:view=two-tables", { NULL } },
	{ "cached:view=two-tables:roots=2:sync=unsync", { "tlb.entries=8", "tlb.ways=8" } },
	{ "cached:view=two-tables:dacr=iterate-drop:prefill=9", { "map=fragmented" } },
	{ "cached:view=two-tables:dacr=iterate-swizzle:filter=on", { "map=offset" } },
	{ "cached:view=two-tables:dacr=track:sync=unsync:flood=1", { "utlb.entries=8" } },
	{ "cached:view=reflush", { "map=fragmented", "map.block=65536" } },
	{ "cached:view=reflush:dacr=iterate-drop:sync=unsync", { NULL } },
	{ "cached:view=reflush:dacr=iterate-swizzle", { "map=fragmented" } },
	{ "cached:view=reflush:dacr=track:roots=1", { "tlb.entries=0", "itlb.entries=32", "dtlb.entries=32" } },
	{ "cached:view=fold", { NULL } },
	{ "cached:view=fold:sync=unsync:filter=on:prefill=16", { "map=offset" } },
	{ "cached:view=fold:dacr=iterate-drop", { "l1d.kind=pipt" } },
	{ "cached:view=fold:dacr=iterate-swizzle:recompose=off", { "map=fragmented" } },
	{ "cached:view=fold:dacr=track:sync=unsync", { NULL } },
	{ "cached:dacr=iterate-drop", { NULL } },
	{ "cached:dacr=iterate-drop:sync=unsync:roots=2", { "map=fragmented" } },
	{ "cached:dacr=iterate-swizzle", { "map=offset" } },
	{ "cached:dacr=iterate-swizzle:sync=unsync:flood=0", { NULL } },
	{ "cached:dacr=track", { "map=fragmented", "map.block=65536" } },
	{ "cached:dacr=track:sync=unsync:roots=3:flood=1", { NULL } },
	{ "cached:mb=strict", { NULL } },
	{ "cached:mb=strict:sync=unsync:dacr=iterate-drop", { "map=fragmented" } },
	{ "cached:mb=strict:dacr=track:filter=on", { NULL } },
	{ "cached:mb=split-view", { NULL } },
	{ "cached:mb=split-view:sync=unsync:prefill=16", { "tlb.entries=8", "tlb.ways=8" } },
	{ "cached:mb=split-view:dacr=iterate-swizzle:sync=unsync", { NULL } },
	{ "cached:mb=split-view:dacr=track", { "map=fragmented" } },
	{ "cached:mb=split-view:dacr=iterate-drop:filter=on", { "map=offset" } },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Guests that clean what they store to tables. */
static const struct row hint_rows[] = {
	{ "cached:sync=hint", { NULL } },
	{ "cached:sync=tlbi+roots", { NULL } },
	{ "cached:sync=stores+cleans+tlbi+roots", { NULL } },
	{ "cached:sync=hint:recompose=off:roots=2", { "map=fragmented", "map.block=65536" } },
	{ "cached:sync=hint:prefetch=3:pool=12:victim=clock", { "tlb.entries=2", "tlb.ways=2", "tlb.policy=lru" } },
	{ "cached:sync=cleans+tlbi+roots:kernel=shared:filter=on", { "map=offset", "utlb.entries=8" } },
	{ "cached:sync=hint:roots=1:pool=16:victim=fifo", { "l1d.kind=pipt", "hv.memory=flat" } },
	{ "cached:sync=hint:view=two-tables", { NULL } },
	{ "cached:sync=hint:view=two-tables:dacr=iterate-swizzle:roots=3", { "map=fragmented", "map.block=65536" } },
	{ "cached:sync=hint:view=reflush:dacr=iterate-drop", { NULL } },
	{ "cached:sync=hint:view=fold:dacr=track:kernel=shared", { "map=offset" } },
	{ "cached:sync=hint:mb=split-view:dacr=track", { NULL } },
	{ "cached:sync=tlbi+roots:dacr=iterate-swizzle:mb=strict", { "tlb.entries=8", "tlb.ways=8" } },
};
enum { HINT_ROWS = sizeof(hint_rows) / sizeof(hint_rows[0]) };

struct totals { uint64_t hints, suspects, compares, writes, beside, mixed, splits, floods, traces, unsync; };

static void one_lane(const struct kit *k, uint64_t seed, const struct row *row, struct totals *sum)
{
	struct kit_plan p = { .set = { row->set[0], row->set[1], row->set[2] }, .verify = true };
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
	sum->beside += ledger_event(g, EV_PT_FALSE);
	sum->mixed += ledger_event(g, EV_MIXEDMB);
	sum->splits += ledger_event(g, EV_SPLIT);
	sum->floods += ledger_event(g, EV_FLOOD);
	sum->traces += ledger_event(g, EV_TRACE);
	sum->unsync += ledger_event(g, EV_PT_UNSYNC);
	sum->hints += ledger_event(g, EV_HINT);
	sum->suspects += ledger_event(g, EV_SUSPECT);
	sum->compares += ledger_event(g, EV_COMPARE);
	lane_destroy(l);
}

static void random_guests(void **state)
{
	struct totals sum[ROWS] = { { 0 } };
	unsigned aliases = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k;

		if (seed % 3)
			random_guest_aliases(&k, seed, RECORDS, &n);
		else
			random_guest(&k, seed, RECORDS, &n);
		aliases += n.alias_stores;
		for (unsigned i = 0; i < EACH; i++) {
			unsigned row = (unsigned)(seed * EACH + i) % ROWS;

			one_lane(&k, seed, &rows[row], &sum[row]);
		}
		kit_free(&k);
	}
	print_message("# %u stores to tables through aliases\n", aliases);
	assert_true(aliases > 200);
	for (unsigned i = 0; i < ROWS; i++) {
		print_message("# %-32s writes %llu beside %llu mixed %llu splits %llu floods %llu traces "
			      "%llu unsync %llu\n", rows[i].spec, (unsigned long long)sum[i].writes,
			      (unsigned long long)sum[i].beside, (unsigned long long)sum[i].mixed,
			      (unsigned long long)sum[i].splits, (unsigned long long)sum[i].floods,
			      (unsigned long long)sum[i].traces, (unsigned long long)sum[i].unsync);
		assert_true(sum[i].writes && sum[i].splits && sum[i].traces);
		/* views that have no megabyte of several kinds */
		assert_int_equal(sum[i].mixed > 0, !strstr(rows[i].spec, "two-tables") &&
				 !strstr(rows[i].spec, "reflush"));
		assert_int_equal(sum[i].unsync > 0, strstr(rows[i].spec, "unsync") != NULL);
	}
}

static void random_guests_that_clean(void **state)
{
	struct totals sum[HINT_ROWS] = { { 0 } };
	unsigned cleans = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= HINT_SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k;

		random_guest_cleans(&k, seed, HINT_RECORDS, &n);
		cleans += n.cleans;
		for (unsigned i = 0; i < 6; i++) {
			unsigned row = (unsigned)(seed + 2 * i) % HINT_ROWS;

			one_lane(&k, seed, &hint_rows[row], &sum[row]);
		}
		kit_free(&k);
	}
	assert_true(cleans > 1000);
	for (unsigned i = 0; i < HINT_ROWS; i++) {
		bool hears = strstr(hint_rows[i].spec, "sync=hint") || strstr(hint_rows[i].spec, "cleans");
		bool traces = strstr(hint_rows[i].spec, "stores") != NULL;

		print_message("# %-52s hints %llu suspects %llu compares %llu writes %llu traces %llu unsync %llu\n",
			      hint_rows[i].spec, (unsigned long long)sum[i].hints,
			      (unsigned long long)sum[i].suspects, (unsigned long long)sum[i].compares,
			      (unsigned long long)sum[i].writes, (unsigned long long)sum[i].traces,
			      (unsigned long long)sum[i].unsync);
		assert_int_equal(sum[i].hints > 0, hears);
		assert_int_equal(sum[i].suspects > 0, !traces);
		assert_int_equal(sum[i].compares > 0, !traces);
		assert_int_equal(sum[i].unsync > 0, traces);
		assert_true(sum[i].traces && sum[i].writes);    /* also of frames written past the cache */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_guests),
		cmocka_unit_test(random_guests_that_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
