/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random guests of ARMv6 under `coherent`: whatever the hardware did was permitted, each fault is one
 * the guest could have had, all counters balance, and both engines count the same in any batch. With each
 * parameter, on cores with and without ASIDs, whatever words the guest has.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/strategy/random_guest_v6.h"

enum { SEEDS = 24, RECORDS = 6000, EACH = 4 };

#define V6 "feature.tex=on", "feature.fine=off", "feature.xn=on", "feature.ttbcr=on"
#define ASIDS "feature.asid=on"

struct row { const char *spec, *core; const char *set[KIT_SETS]; };

/* Each seed runs the first and EACH of the others. core NULL: the guest's own. */
static const struct row rows[] = {
	{ "coherent", NULL, { NULL } },
	{ "coherent:asids=4", NULL, { NULL } },
	{ "coherent:asids=8:entries=16", NULL, { "map=offset" } },
	{ "coherent:asids=3:sections=fracture", NULL, { "tlb.policy=random" } },
	{ "coherent:ttbr=flush:mb=strict", NULL, { "map=offset" } },
	{ "coherent:asids=4:mb=strict", NULL, { "hv.memory=flat" } },
	{ "coherent:entries=2000", "generic", { V6 } },
	{ "coherent", "generic", { V6, ASIDS, "tlb.entries=4", "tlb.ways=1" } },
	{ "coherent:entries=1", "generic", { V6, ASIDS, "tlb.entries=256", "tlb.ways=256" } },
	{ "coherent:asids=2", "generic", { V6, ASIDS, "feature.walk-cache=on", "walk.entries=8" } },
	{ "coherent:asids=4:entries=32", "cortex-a8", { NULL } },
	{ "coherent:asids=2", "cortex-a15", { "cpu=free" } },
	{ "coherent:asids=2", "mpcore", { "l2.bytes=32768", "walk.sees=l2" } },
	{ "coherent:asids=8:ttbr=flush", "arm1136", { "utlb.entries=0" } },
	{ "coherent:design=xvisor:mb=ap:tlbi_mva=all:unpriv=trap", NULL, { NULL } },
	{ "coherent:global=none:asids=4:zones=five", "generic", { V6, ASIDS, "coalesce=5" } },
	{ "coherent:sctlr=nonglobal:sctlr_again=on:empty=free:entries=9", "arm1136", { NULL } },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const char *const cores[] = { "arm1136", "arm1176", "mpcore" };
enum { CORES = sizeof(cores) / sizeof(cores[0]) };

struct totals { uint64_t extra, forced, injected, emulated, mixed, by_asid, seeds; };

static struct lane *run(const struct kit *k, const struct row *row, const struct cpu_row *host,
			enum engine engine, size_t batch)
{
	struct kit_plan p = { .row = host, .engine = engine, .verify = engine == ENGINE_REF };
	struct lane *l;
	struct diag d;

	memcpy(p.set, row->set, sizeof(p.set));
	l = kit_lane(k, row->spec, &p);
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
	struct lane *l = run(k, row, cpu_find(row->core ? row->core : k->t.header.core), ENGINE_REF,
			     4096);
	struct diag d = { "" };

	if (l->violations)
		fail_msg("seed %llu, %s on %s: %llu violations; first: %s", (unsigned long long)seed,
			 row->spec, l->m->cfg.feature[FEATURE_ASID] ? "a core with ASIDs" : "a core without",
			 (unsigned long long)l->violations, l->first_violation.msg);
	if (l->m->ops->audit(l->m->self, &d))
		fail_msg("seed %llu, %s: %s", (unsigned long long)seed, row->spec, d.msg);
	assert_int_equal(l->injected + l->forced - l->extra_true, l->recorded);
	assert_int_equal(l->ndeviations, l->forced + l->extra_true);
	sum->extra += l->extra_true;
	sum->forced += l->forced;
	sum->injected += l->injected;
	sum->emulated += l->m->tally.emulated;
	sum->mixed += ledger_event(&l->m->ledger, EV_MIXEDMB);
	sum->by_asid += ledger_event(&l->m->ledger, EV_HTLBI_ASID);
	sum->seeds++;
	lane_destroy(l);
	if (((uint64_t)(row - rows) + seed) % 2)
		engines_agree(k, row, seed);
}

static void random_guests(void **state)
{
	struct totals sum[ROWS] = { { 0 } };

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k;

		if (seed % 2)
			random_guest_v6_wide(&k, cores[seed % CORES], 500 + seed, RECORDS, &n);
		else
			random_guest_v6(&k, cores[seed % CORES], 500 + seed, RECORDS, &n);
		one_row(&k, seed, &rows[0], &sum[0]);
		for (unsigned i = 0; i < EACH; i++) {
			unsigned other = 1 + (unsigned)(seed + 3 * i) % (ROWS - 1);

			one_row(&k, seed, &rows[other], &sum[other]);
		}
		kit_free(&k);
	}
	for (unsigned i = 0; i < ROWS; i++) {
		print_message("# %-40s %-10s extra %llu forced %llu injected %llu emulated %llu mixed "
			      "%llu by ASID %llu\n", rows[i].spec, rows[i].core ? rows[i].core : "",
			      (unsigned long long)sum[i].extra, (unsigned long long)sum[i].forced,
			      (unsigned long long)sum[i].injected,
			      (unsigned long long)sum[i].emulated, (unsigned long long)sum[i].mixed,
			      (unsigned long long)sum[i].by_asid);
		assert_true(sum[i].seeds >= 5);
		assert_true(sum[i].extra && sum[i].forced && sum[i].injected && sum[i].emulated &&
			    (sum[i].mixed || strstr(rows[i].spec, "entries=1")));
	}
	assert_true(sum[0].by_asid && sum[3].by_asid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_guests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
