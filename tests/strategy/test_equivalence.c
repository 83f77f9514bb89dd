/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every strategy with all its parameters on random guests: whatever the hardware did was
 * permitted, each injected fault is one the guest could have had, and all counters balance.
 */
#include "tests/support.h"

#include "tests/strategy/random_guest.h"

enum { SEEDS = 50, RECORDS = 20000 };

struct row { const char *spec; const char *set[3]; };

/* Each seed runs the first two and seven of the others. */
static const struct row rows[] = {
	{ "native", { NULL } },
	{ "coherent", { NULL } },
	{ "coherent:entries=16", { NULL } },
	{ "coherent:entries=0", { "map=offset" } },
	{ "coherent:sections=fracture", { NULL } },
	{ "coherent", { "map=fragmented" } },
	{ "coherent:entries=16", { "map=fragmented", "map.block=65536" } },
	{ "coherent:mb=strict", { "map=fragmented", "map.block=1048576", "l1d.kind=pipt" } },
	{ "coherent:ttbr=flush:mb=strict", { "map=offset" } },
	{ "coherent:mb=strict:entries=16", { "hv.memory=flat" } },
	{ "coherent:sections=fracture:ttbr=flush:entries=0", { "cpu=free" } },
	{ "coherent:entries=1", { "tlb.entries=4", "tlb.ways=1" } },
	{ "coherent:entries=16", { "coalesce=16" } },
	{ "coherent:design=xvisor:mb=ap:tlbi_mva=all:unpriv=trap", { NULL } },
	{ "coherent:zones=five:empty=free:mb=split-view", { "map=fragmented" } },
	{ "coherent:empty=free:entries=5:fcse=flush", { "tlb.entries=8", "tlb.ways=8" } },
	{ "native", { "tlb.entries=2", "tlb.ways=1" } },
	{ "native", { "tlb.entries=4096", "tlb.ways=4096" } },
	{ "coherent", { "tlb.entries=2", "tlb.ways=2", "tlb.policy=lru" } },
	{ "native", { "l2.bytes=16384", "minid.bytes=512", "l1d.allocate=read-write" } },
	{ "coherent", { "l2.bytes=16384", "minid.bytes=512", "l1d.kind=pipt" } },
	{ "coherent:entries=16", { "walk.sees=l1", "feature.coherent-walk=on", "l1d.write=through" } },
	{ "native", { "tlb.entries=0", "itlb.entries=32", "dtlb.entries=32" } },
	{ "coherent:mb=strict", { "tlb.entries=0", "itlb.entries=32", "dtlb.entries=32" } },
	{ "coherent:entries=16", { "utlb.entries=8" } },
	{ "native", { "feature.walk-cache=on", "walk.entries=4" } },
	{ "coherent", { "feature.walk-cache=on", "walk.entries=64", "tlb.entries=4" } },
	{ "nested", { NULL } },
	{ "nested:block=4k:start=1", { "map=fragmented" } },
	{ "nested:block=64k:s2=eager", { "map=offset", "tlb.entries=4", "tlb.ways=1" } },
	{ "nested:mmio=trap:cacheops=trap", { "utlb.entries=8", "ntlb.entries=8" } },
	{ "nested:block=4k", { "feature.walk-cache=on", "walk.entries=8", "walk.nested=on" } },
	{ "nested", { "tlb.entries=0", "itlb.entries=32", "dtlb.entries=32" } },
	{ "nested:sees=l2", { "l2.bytes=16384", "map=fragmented", "l1d.kind=pipt" } },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

struct totals { uint64_t extra, forced, injected, emulated, mixed, spurious, seeds; };

static void one_lane(const struct kit *k, uint64_t seed, const struct row *row,
		     struct totals *sum)
{
	struct kit_plan p = { .set = { row->set[0], row->set[1], row->set[2] }, .verify = true };
	struct lane *l = kit_replay(k, row->spec, &p);

	if (l->violations)
		fail_msg("seed %llu, %s: %llu violations; first: %s", (unsigned long long)seed,
			 row->spec, (unsigned long long)l->violations, l->first_violation.msg);
	assert_int_equal(l->injected + l->forced - l->extra_true, l->recorded);
	assert_int_equal(l->ndeviations, l->forced + l->extra_true);
	sum->extra += l->extra_true;
	sum->forced += l->forced;
	sum->injected += l->injected;
	sum->emulated += l->m->tally.emulated;
	sum->mixed += ledger_event(&l->m->ledger, EV_MIXEDMB);
	sum->spurious += ledger_event(&l->m->ledger, EV_SPURIOUS);
	sum->seeds++;
	lane_destroy(l);
}

static void random_guests(void **state)
{
	struct totals sum[ROWS] = { { 0 } };
	uint64_t stale = 0, old_faults = 0, aborts = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k;

		random_guest(&k, seed, RECORDS, &n);
		one_lane(&k, seed, &rows[0], &sum[0]);
		one_lane(&k, seed, &rows[1], &sum[1]);
		for (unsigned i = 0; i < 7; i++) {
			unsigned other = 2 + (unsigned)(seed + 3 * i) % (ROWS - 2);

			one_lane(&k, seed, &rows[other], &sum[other]);
		}
		stale += n.stale;
		old_faults += n.old_faults;
		aborts += n.aborts;
		kit_free(&k);
	}
	/* the guests were worth it */
	assert_true(stale > 1000 && old_faults > 100 && aborts > 10000);
	for (unsigned i = 0; i < ROWS; i++) {
		print_message("# %-48s %s: extra %llu forced %llu injected %llu emulated %llu mixed "
			      "%llu spurious %llu\n", rows[i].spec, rows[i].set[0] ? rows[i].set[0] : "",
			      (unsigned long long)sum[i].extra, (unsigned long long)sum[i].forced,
			      (unsigned long long)sum[i].injected,
			      (unsigned long long)sum[i].emulated,
			      (unsigned long long)sum[i].mixed,
			      (unsigned long long)sum[i].spurious);
		assert_true(sum[i].seeds >= 8);
		assert_true(sum[i].extra && sum[i].forced && sum[i].injected);
	}
	assert_true(sum[1].mixed && sum[1].emulated);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_guests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
