/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random guests of ARMv6 under `cached`: whatever the hardware did was permitted, after every few records the shadow is
 * what the guest's tables compose to, all counters balance, and both engines count the same in any batch. With each
 * parameter, on cores with and without ASIDs, whatever words the guest has.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/strategy/random_guest_v6.h"

enum { SEEDS = 24, RECORDS = 6000, STEP = 400, EACH = 9 };

#define V6 "feature.tex=on", "feature.fine=off", "feature.xn=on", "feature.ttbcr=on"
#define ASIDS "feature.asid=on"

struct row { const char *spec, *core; const char *set[KIT_SETS]; };

/* Each seed runs the first two and EACH of the others. core NULL: the guest's own. */
static const struct row rows[] = {
	{ "cached", NULL, { NULL } },
	{ "cached:sync=unsync", NULL, { NULL } },
	{ "cached:roots=1", NULL, { "map=offset" } },
	{ "cached:roots=2:flood=1", NULL, { "map=fragmented", "map.block=4096" } },
	{ "cached:recompose=off", NULL, { "tlb.policy=random" } },
	{ "cached:prefill=16:roots=32", NULL, { "map=fragmented", "map.block=65536" } },
	{ "cached:sync=unsync:prefill=255", NULL, { "map=offset" } },
	{ "cached:sync=unsync:roots=2:flood=1", NULL, { "map=fragmented", "map.block=1048576" } },
	{ "cached:flood=0", NULL, { "hv.memory=flat" } },
	{ "cached", "generic", { V6 } },                        /* flushes instead of ASIDs */
	{ "cached:sync=unsync", "generic", { V6 } },
	{ "cached", "generic", { V6, ASIDS, "tlb.entries=4", "tlb.ways=1" } },
	{ "cached", "generic", { V6, ASIDS, "tlb.entries=4096", "tlb.ways=4096" } },
	{ "cached:sync=unsync", "generic", { V6, ASIDS, "tlb.entries=4096", "tlb.ways=4096" } },
	{ "cached:roots=4", "generic", { V6, ASIDS, "feature.walk-cache=on", "walk.entries=8" } },
	{ "cached", "cortex-a8", { NULL } },
	{ "cached:sync=unsync", "cortex-a15", { "cpu=free" } },
	{ "cached:roots=3", "mpcore", { "l2.bytes=32768", "walk.sees=l2" } },
	{ "cached:view=two-tables", NULL, { NULL } },
	{ "cached:view=two-tables:roots=4:sync=unsync", "generic", { V6, ASIDS, "tlb.entries=4096", "tlb.ways=4096" } },
	{ "cached:view=two-tables:dacr=track", "generic", { V6, ASIDS, "tlb.entries=4096", "tlb.ways=4096" } },
	{ "cached:view=two-tables:dacr=iterate-swizzle", "generic", { V6 } },
	{ "cached:view=reflush", NULL, { "map=fragmented", "map.block=65536" } },
	{ "cached:view=reflush:dacr=iterate-drop:sync=unsync", "generic",
	  { V6, ASIDS, "tlb.entries=4096", "tlb.ways=4096" } },
	{ "cached:view=fold", NULL, { NULL } },
	{ "cached:view=fold:dacr=track:sync=unsync", "generic", { V6, ASIDS, "tlb.entries=4096", "tlb.ways=4096" } },
	{ "cached:dacr=iterate-drop", NULL, { "map=offset" } },
	{ "cached:dacr=iterate-swizzle:sync=unsync", "generic", { V6, ASIDS, "tlb.entries=4096", "tlb.ways=4096" } },
	{ "cached:dacr=track:roots=3", NULL, { NULL } },
	{ "cached:mb=strict:dacr=track", NULL, { "map=fragmented", "map.block=4096" } },
	{ "cached:mb=split-view", "generic", { V6, ASIDS, "tlb.entries=4096", "tlb.ways=4096" } },
	{ "cached:mb=split-view:dacr=iterate-swizzle:sync=unsync", NULL, { NULL } },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Guests that clean the lines of their tables. */
static const struct row hint_rows[] = {
	{ "cached:sync=hint", NULL, { NULL } },
	{ "cached:sync=tlbi+roots", NULL, { NULL } },
	{ "cached:sync=stores+cleans+tlbi+roots", NULL, { "map=offset" } },
	{ "cached:sync=hint:recompose=off:roots=2", NULL, { "map=fragmented", "map.block=4096" } },
	{ "cached:sync=hint:kernel=shared:prefetch=3:pool=12:victim=clock", NULL, { "tlb.policy=random" } },
	{ "cached:sync=hint", "generic", { V6 } },
	{ "cached:sync=hint:kernel=shared", "generic", { V6, ASIDS, "tlb.entries=4096", "tlb.ways=4096" } },
	{ "cached:sync=tlbi+roots:roots=3", "generic", { V6, ASIDS, "tlb.entries=4", "tlb.ways=1" } },
};
enum { HINT_ROWS = sizeof(hint_rows) / sizeof(hint_rows[0]) };

static const char *const cores[] = { "arm1136", "arm1176", "mpcore" };
enum { CORES = sizeof(cores) / sizeof(cores[0]) };

struct totals { uint64_t hints, compares, injected, emulated, mixed, writes, beside, traces, splits, unsync, asid, seeds; };

static struct lane *start(const struct kit *k, const struct row *row, const struct cpu_row *host,
			  enum engine engine)
{
	struct kit_plan p = { .row = host, .engine = engine, .verify = engine == ENGINE_REF };

	memcpy(p.set, row->set, sizeof(p.set));
	return kit_lane(k, row->spec, &p);
}

static struct lane *run(const struct kit *k, const struct row *row, const struct cpu_row *host,
			enum engine engine, size_t batch)
{
	struct lane *l = start(k, row, host, engine);
	struct diag d;

	kit_feed(l, k, 0, KIT_NOW, batch);
	assert_ok(kit_finish(l, k, &d), &d);
	return l;
}

static void engines_agree(const struct kit *k, const struct row *row, uint64_t seed)
{
	static const size_t batch[] = { 1, 7, 4096 };
	struct cpu_row one = kit_one_tlb(cpu_find(row->core ? row->core : k->t.header.core));
	struct lane *a = run(k, row, &one, ENGINE_REF, 4096);
	struct lane *b = run(k, row, &one, ENGINE_FAST, batch[seed % 3]);
	struct structure_counts x, y;

	memset(&x, 0, sizeof(x));
	memset(&y, 0, sizeof(y));
	lane_counts(a, &x);
	lane_counts(b, &y);
	assert_int_equal(b->plan.engine, ENGINE_FAST);
	if (memcmp(&a->m->ledger, &b->m->ledger, sizeof(a->m->ledger)) != 0 ||
	    memcmp(&x.tlb, &y.tlb, sizeof(x.tlb)) != 0 || memcmp(&x.l1i, &y.l1i, sizeof(x.l1i)) != 0 ||
	    memcmp(&x.l1d, &y.l1d, sizeof(x.l1d)) != 0 || a->injected != b->injected ||
	    a->extra_true != b->extra_true || a->forced != b->forced || a->insns != b->insns)
		fail_msg("seed %llu, %s: engine fast counts otherwise", (unsigned long long)seed,
			 row->spec);
	lane_destroy(a);
	lane_destroy(b);
}

static void one_row(const struct kit *k, uint64_t seed, const struct row *row, struct totals *sum)
{
	struct lane *l = start(k, row, cpu_find(row->core ? row->core : k->t.header.core), ENGINE_REF);
	const struct ledger *g = &l->m->ledger;
	struct diag d = { "" };

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
	assert_int_equal(l->injected + l->forced - l->extra_true, l->recorded);
	sum->injected += l->injected;
	sum->emulated += ledger_event(g, EV_HIDDEN_EMUL);
	sum->mixed += ledger_event(g, EV_MIXEDMB);
	sum->writes += ledger_event(g, EV_PT_WRITE);
	sum->beside += ledger_event(g, EV_PT_FALSE);
	sum->traces += ledger_event(g, EV_TRACE);
	sum->splits += ledger_event(g, EV_SPLIT);
	sum->unsync += ledger_event(g, EV_PT_UNSYNC);
	sum->asid += ledger_event(g, EV_HTLBI_ASID);
	sum->hints += ledger_event(g, EV_HINT);
	sum->compares += ledger_event(g, EV_COMPARE);
	sum->seeds++;
	lane_destroy(l);
	if ((sum->seeds + seed) % 3 == 0)
		engines_agree(k, row, seed);
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
			random_guest_v6_aliases(&k, cores[seed % CORES], 900 + seed, RECORDS, &n);
		else if (seed % 2)
			random_guest_v6_wide(&k, cores[seed % CORES], 900 + seed, RECORDS, &n);
		else
			random_guest_v6(&k, cores[seed % CORES], 900 + seed, RECORDS, &n);
		aliases += n.alias_stores;
		for (unsigned i = 0; i < 2; i++)
			one_row(&k, seed, &rows[i], &sum[i]);
		for (unsigned i = 0; i < EACH; i++) {
			unsigned other = 2 + (unsigned)(seed * EACH + i) % (ROWS - 2);

			one_row(&k, seed, &rows[other], &sum[other]);
		}
		kit_free(&k);
	}
	print_message("# %u stores to tables through aliases\n", aliases);
	assert_true(aliases > 200);
	for (unsigned i = 0; i < ROWS; i++) {
		print_message("# %-34s %-10s injected %llu emulated %llu mixed %llu writes %llu beside %llu "
			      "traces %llu splits %llu unsync %llu by ASID %llu\n", rows[i].spec,
			      rows[i].core ? rows[i].core : "", (unsigned long long)sum[i].injected,
			      (unsigned long long)sum[i].emulated, (unsigned long long)sum[i].mixed,
			      (unsigned long long)sum[i].writes, (unsigned long long)sum[i].beside,
			      (unsigned long long)sum[i].traces, (unsigned long long)sum[i].splits,
			      (unsigned long long)sum[i].unsync, (unsigned long long)sum[i].asid);
		assert_true(sum[i].seeds >= 5);
		assert_true(sum[i].injected && sum[i].writes && sum[i].traces && sum[i].splits);
		assert_true(i > 1 || (sum[i].emulated && sum[i].mixed && sum[i].asid));
		assert_int_equal(sum[i].unsync > 0, strstr(rows[i].spec, "unsync") != NULL);
	}
}

static void random_guests_that_clean(void **state)
{
	struct totals sum[HINT_ROWS] = { { 0 } };
	unsigned cleans = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k;

		random_guest_v6_cleans(&k, cores[seed % CORES], 1900 + seed, RECORDS, &n);
		cleans += n.cleans;
		for (unsigned i = 0; i < 3; i++) {
			unsigned row = (unsigned)(seed + 3 * i) % HINT_ROWS;

			one_row(&k, seed, &hint_rows[row], &sum[row]);
		}
		kit_free(&k);
	}
	assert_true(cleans > 1000);
	for (unsigned i = 0; i < HINT_ROWS; i++) {
		print_message("# %-34s hints %llu compares %llu\n", hint_rows[i].spec,
			      (unsigned long long)sum[i].hints, (unsigned long long)sum[i].compares);
		assert_true(sum[i].seeds >= 5);
		assert_int_equal(sum[i].hints > 0, strstr(hint_rows[i].spec, "=tlbi+roots") == NULL);
		assert_int_equal(sum[i].compares > 0, strstr(hint_rows[i].spec, "stores") == NULL);
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
