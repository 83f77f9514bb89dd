/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each way of keeping guest kernel and guest user apart under `coherent` (view=, mb=), with each way of
 * following the guest's domains (dacr=), on random guests of ARMv5 and of ARMv6, and those of ARMv5 on hosts of ARMv6: what the hardware used was
 * permitted, the shadow's invariants hold after every few records, and both engines count the same.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/strategy/random_guest.h"
#include "tests/strategy/random_guest_v6.h"

enum { SEEDS = 27, RECORDS = 6000, STEP = 500, EACH = 4 };

#define V6 "feature.tex=on", "feature.fine=off", "feature.xn=on", "feature.ttbcr=on"
#define ASIDS "feature.asid=on"
#define WALK_CACHE "feature.walk-cache=on", "walk.entries=16"

struct row { const char *spec, *core; const char *set[KIT_SETS]; };

static const struct row rows_v5[] = {
	{ "coherent:view=two-tables", NULL, { NULL } },
	{ "coherent:view=two-tables:dacr=pass", NULL, { "map=fragmented", "map.block=65536" } },
	{ "coherent:view=two-tables:entries=8", NULL, { "tlb.entries=0", "itlb.entries=32",
							"dtlb.entries=32" } },
	{ "coherent:view=reflush", NULL, { "map=offset" } },
	{ "coherent:view=reflush:dacr=pass:entries=20", NULL, { "utlb.entries=8" } },
	{ "coherent:view=fold", NULL, { NULL } },
	{ "coherent:view=fold:dacr=pass:sections=fracture", NULL, { WALK_CACHE, "tlb.entries=4" } },
	{ "coherent:view=fold:entries=3", NULL, { "map=fragmented" } },
	{ "coherent:dacr=pass", NULL, { NULL } },
	{ "coherent:dacr=pass:entries=0", NULL, { "tlb.entries=256", "tlb.ways=256" } },
	{ "coherent:dacr=pass:mb=strict", NULL, { "map=fragmented", "l1d.kind=pipt" } },
	{ "coherent:mb=split-view", NULL, { NULL } },
	{ "coherent:mb=split-view:entries=12", NULL, { WALK_CACHE, "map=offset" } },
	{ "coherent:mb=split-view:dacr=pass", NULL, { "hv.memory=flat" } },
	{ "coherent:mb=split-view:dacr=pass:sections=fracture", NULL, { WALK_CACHE, "cpu=free" } },
	{ "coherent:empty=free", NULL, { NULL } },
	{ "coherent:empty=free:mb=split-view:zones=five", NULL, { "map=fragmented" } },
	{ "coherent:empty=free:dacr=pass:entries=12", NULL, { NULL } },
	{ "coherent:empty=free:view=fold:zones=five", NULL, { NULL } },
	{ "coherent:empty=free:view=reflush", NULL, { NULL } },
	{ "coherent:empty=free:view=two-tables:dacr=pass", NULL, { "map=fragmented" } },
};

/* Guests of ARMv5 on hosts of ARMv6. */
static const struct row rows_cross[] = {
	{ "coherent:view=two-tables", "arm1176", { NULL } },
	{ "coherent:view=two-tables:dacr=pass", "generic", { V6, ASIDS, "map=offset" } },
	{ "coherent:view=two-tables:words=v5", "mpcore", { NULL } },
	{ "coherent:view=two-tables:tiny=toggle", "arm1136", { NULL } },
	{ "coherent:view=two-tables:dacr=pass:entries=30", "generic", { V6, WALK_CACHE } },
	{ "coherent:view=reflush", "cortex-a8", { "map=fragmented" } },
	{ "coherent:view=reflush:dacr=pass:words=v5", "arm1176", { NULL } },
	{ "coherent:view=fold", "arm1136", { NULL } },
	{ "coherent:view=fold:dacr=pass", "cortex-a15", { "feature.fcse=on" } },
	{ "coherent:dacr=pass", "arm1176", { NULL } },
	{ "coherent:dacr=pass:words=v5", "arm1136", { "map=offset" } },
	{ "coherent:mb=split-view", "mpcore", { NULL } },
	{ "coherent:mb=split-view:dacr=pass:words=v5", "arm1176", { NULL } },
	{ "coherent:mb=split-view:tiny=toggle", "arm1176", { NULL } },
	{ "coherent:dacr=pass:mb=strict", "mpcore", { NULL } },
};

/* core NULL: the guest's own. */
static const struct row rows_v6[] = {
	{ "coherent:view=two-tables", NULL, { NULL } },
	{ "coherent:view=two-tables:asids=4", NULL, { "map=offset" } },
	{ "coherent:view=two-tables:dacr=pass", "generic", { V6 } },
	{ "coherent:view=two-tables:asids=3:dacr=pass:entries=40", "cortex-a15", { NULL } },
	{ "coherent:view=reflush", NULL, { NULL } },
	{ "coherent:view=reflush:asids=4:dacr=pass", "cortex-a8", { NULL } },
	{ "coherent:view=fold", "generic", { V6, ASIDS, WALK_CACHE } },
	{ "coherent:view=fold:asids=2:dacr=pass", NULL, { "hv.memory=flat" } },
	{ "coherent:dacr=pass", NULL, { NULL } },
	{ "coherent:dacr=pass:asids=4:mb=strict", NULL, { "map=offset" } },
	{ "coherent:dacr=pass:entries=16", "generic", { V6, ASIDS, "tlb.entries=256", "tlb.ways=256" } },
	{ "coherent:mb=split-view", NULL, { NULL } },
	{ "coherent:mb=split-view:asids=4", "generic", { V6, ASIDS, WALK_CACHE } },
	{ "coherent:mb=split-view:dacr=pass:asids=3", NULL, { "tlb.policy=random" } },
	{ "coherent:mb=split-view:dacr=pass:sections=fracture", "generic", { V6, WALK_CACHE } },
};
enum { ROWS = sizeof(rows_v5) / sizeof(rows_v5[0]), ROWS_V6 = sizeof(rows_v6) / sizeof(rows_v6[0]),
       ROWS_CROSS = sizeof(rows_cross) / sizeof(rows_cross[0]) };

static const char *const cores[] = { "arm1136", "arm1176", "mpcore" };
enum { CORES = sizeof(cores) / sizeof(cores[0]) };

struct totals { uint64_t extra, injected, mixed, ttbr, flushes, words, folds, seeds; };

static const char *core_of(const struct kit *k, const struct row *row, bool v6)
{
	return row->core ? row->core : v6 ? k->t.header.core : "arm926";
}

static struct lane *lane_of(const struct kit *k, const struct row *row, const struct cpu_row *host,
			    enum engine engine)
{
	struct kit_plan p = { .row = host, .engine = engine, .verify = engine == ENGINE_REF };

	memcpy(p.set, row->set, sizeof(p.set));
	return kit_lane(k, row->spec, &p);
}

static void engines_agree(const struct kit *k, const struct row *row, bool v6, uint64_t seed)
{
	static const size_t batch[] = { 1, 7, 4096 };
	struct cpu_row one = kit_one_tlb(cpu_find(core_of(k, row, v6)));
	struct structure_counts x[2];
	struct lane *l[2];
	struct diag d;

	memset(x, 0, sizeof(x));
	for (unsigned i = 0; i < 2; i++) {
		l[i] = lane_of(k, row, &one, i ? ENGINE_FAST : ENGINE_REF);
		kit_feed(l[i], k, 0, KIT_NOW, i ? batch[seed % 3] : 4096);
		assert_ok(kit_finish(l[i], k, &d), &d);
		lane_counts(l[i], &x[i]);
	}
	if (memcmp(&l[0]->m->ledger, &l[1]->m->ledger, sizeof(l[0]->m->ledger)) != 0 ||
	    memcmp(&x[0].tlb, &x[1].tlb, sizeof(x[0].tlb)) != 0 ||
	    memcmp(&x[0].l1i, &x[1].l1i, sizeof(x[0].l1i)) != 0 ||
	    memcmp(&x[0].l1d, &x[1].l1d, sizeof(x[0].l1d)) != 0 ||
	    l[0]->injected != l[1]->injected || l[0]->extra_true != l[1]->extra_true ||
	    l[0]->forced != l[1]->forced || l[0]->insns != l[1]->insns)
		fail_msg("seed %llu, %s: engine fast counts otherwise", (unsigned long long)seed,
			 row->spec);
	lane_destroy(l[0]);
	lane_destroy(l[1]);
}

static void one_row(const struct kit *k, uint64_t seed, const struct row *row, bool v6,
		    struct totals *sum)
{
	struct lane *l = lane_of(k, row, cpu_find(core_of(k, row, v6)), ENGINE_REF);
	const struct ledger *g = &l->m->ledger;
	struct diag d = { "" };

	for (size_t at = 0; at < k->t.n; at += STEP) {
		kit_feed(l, k, at, at + STEP, STEP);
		if (l->m->ops->audit(l->m->self, &d))
			fail_msg("seed %llu, %s, record %zu: %s", (unsigned long long)seed, row->spec,
				 at, d.msg);
		if (l->violations)
			fail_msg("seed %llu, %s: %s", (unsigned long long)seed, row->spec,
				 l->first_violation.msg);
	}
	assert_ok(kit_finish(l, k, &d), &d);
	assert_int_equal(l->injected + l->forced - l->extra_true, l->recorded);
	sum->extra += l->extra_true;
	sum->injected += l->injected;
	sum->mixed += ledger_event(g, EV_MIXEDMB);
	sum->ttbr += ledger_event(g, EV_VIEW_TTBR);
	sum->flushes += ledger_event(g, EV_VIEW_FLUSH);
	sum->words += ledger_event(g, EV_VIEW_WORD);
	sum->folds += ledger_event(g, EV_FOLD);
	sum->seeds++;
	lane_destroy(l);
	if (seed % 2)
		engines_agree(k, row, v6, seed);
}

static bool has(const struct row *row, const char *what)
{
	return strstr(row->spec, what) != NULL;
}

/* Each row did what it is for. */
static void row_was_worth_it(const struct row *row, const struct totals *s)
{
	bool one_view = has(row, "two-tables") || has(row, "reflush");

	print_message("# %-56s extra %llu injected %llu mixed %llu TTBR %llu flushes %llu words %llu folds "
		      "%llu\n", row->spec, (unsigned long long)s->extra,
		      (unsigned long long)s->injected, (unsigned long long)s->mixed,
		      (unsigned long long)s->ttbr, (unsigned long long)s->flushes,
		      (unsigned long long)s->words, (unsigned long long)s->folds);
	assert_true(s->seeds >= 5 && s->injected && s->extra && s->folds);
	assert_int_equal(s->ttbr > 0, has(row, "two-tables"));
	assert_int_equal(s->flushes > 0, has(row, "reflush"));
	assert_int_equal(s->words > 0, has(row, "split-view"));
	if (one_view)
		assert_int_equal(s->mixed, 0);
	else                            /* once for all where each view has its table, or needs none */
		assert_true(s->mixed > (has(row, "split-view") || has(row, "strict") ? 0 : 100));
}

static void random_guests(const struct row *rows, unsigned n, bool v6, struct totals *sum)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct random_guest_counts counts;
		struct kit k;

		if (!v6 && seed % 4)
			random_guest_busy(&k, 900 + seed, RECORDS, &counts);
		else if (!v6)
			random_guest(&k, 900 + seed, RECORDS, &counts);
		else if (seed % 4)
			random_guest_v6_busy(&k, cores[seed % CORES], 900 + seed, RECORDS, &counts);
		else
			random_guest_v6_wide(&k, cores[seed % CORES], 900 + seed, RECORDS, &counts);
		for (unsigned i = 0; i < EACH; i++) {
			unsigned row = (unsigned)(EACH * seed + i) % n;

			one_row(&k, seed, &rows[row], v6, &sum[row]);
		}
		kit_free(&k);
	}
	for (unsigned i = 0; i < n; i++)
		row_was_worth_it(&rows[i], &sum[i]);
}

static void random_guests_v5(void **state)
{
	struct totals sum[ROWS] = { { 0 } };

	(void)state;
	random_guests(rows_v5, ROWS, false, sum);
}

static void random_guests_of_v5_on_v6(void **state)
{
	struct totals sum[ROWS_CROSS] = { { 0 } };

	(void)state;
	random_guests(rows_cross, ROWS_CROSS, false, sum);
}

static void random_guests_v6(void **state)
{
	struct totals sum[ROWS_V6] = { { 0 } };

	(void)state;
	random_guests(rows_v6, ROWS_V6, true, sum);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_guests_v5),
		cmocka_unit_test(random_guests_of_v5_on_v6),
		cmocka_unit_test(random_guests_v6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
