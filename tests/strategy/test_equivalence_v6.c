/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random guests of ARMv6, natively and under two stages: whatever the hardware did was permitted, each fault is one the
 * guest could have had, all counters balance, and both engines count the same in any batch. On the
 * guest's own core and on the plain one, with and without the features that it can do without.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/strategy/random_guest_v6.h"

enum { SEEDS = 12, RECORDS = 12000 };

#define V6 "feature.tex=on", "feature.fine=off", "feature.xn=on", "feature.ttbcr=on"
#define V6K "feature.afe=on", "feature.v6k=on", "feature.tre=on", "feature.pd=on"

struct row { const char *core; const char *set[KIT_SETS]; const char *spec; };     /* NULL: native */

static const struct row rows[] = {
	{ NULL, { NULL }, NULL },                                     /* the guest's own */
	{ "generic", { V6, V6K, "feature.asid=on" }, NULL },
	{ "generic", { V6, V6K }, NULL },                             /* flushes instead */
	{ "generic", { V6, V6K, "feature.asid=on", "tlb.entries=4", "tlb.ways=1" }, NULL },
	{ "generic", { V6, V6K, "feature.asid=on", "tlb.entries=4096", "tlb.ways=4096" }, NULL },
	{ "generic", { V6, V6K, "feature.asid=on", "l1i.bytes=0", "wb.entries=0" }, NULL },
	{ "generic", { V6, V6K, "feature.asid=on", "l2.bytes=32768" }, NULL },
	{ "arm1176", { "l2.bytes=32768", "walk.sees=l2", "l1d.allocate=read-write", "wb.merge=newest",
		     "wb.words=32" }, NULL },
	{ "cortex-a15", { "utlb.entries=0" }, NULL },
	{ "generic", { V6, V6K, "feature.asid=on", "feature.walk-cache=on", "walk.entries=8" }, NULL },
	{ "cortex-a8", { "tlb.entries=64", "tlb.ways=2", "itlb.entries=0", "dtlb.entries=0",
			 "tlb.lock=part" }, NULL },
	{ NULL, { NULL }, "nested" },
	{ "cortex-a15", { "utlb.entries=0" }, "nested:block=4k:start=1" },
	{ "generic", { V6, V6K, "feature.asid=on", "tlb.entries=4", "tlb.ways=1", "map=fragmented" }, "nested" },
	{ "cortex-a15", { "walk.nested=on", "map=fragmented", "map.block=65536" }, "nested:block=64k:mmio=trap" },
	{ "generic", { V6, V6K, "ntlb.entries=8", "map=offset" }, "nested:s2=eager:cacheops=trap" },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const char *const cores[] = { "arm1136", "arm1176", "mpcore" };
enum { CORES = sizeof(cores) / sizeof(cores[0]) };

struct totals { uint64_t extra, forced, injected, seeds; };

static struct kit_plan plan_of(const struct row *row, const char *own)
{
	struct kit_plan p = { .core = row->core ? row->core : own };

	memcpy(p.set, row->set, sizeof(p.set));
	return p;
}

static struct lane *run(const struct kit *k, const char *spec, struct kit_plan p, enum engine engine,
			size_t batch)
{
	struct lane *l;
	struct diag d;

	p.engine = engine;
	p.verify = engine == ENGINE_REF;
	l = kit_lane(k, spec ? spec : "native", &p);
	kit_feed(l, k, 0, KIT_NOW, batch);
	assert_ok(kit_finish(l, k, &d), &d);
	return l;
}

static void same(const struct lane *a, const struct lane *b, const char *what)
{
	struct structure_counts x, y;

	memset(&x, 0, sizeof(x));
	memset(&y, 0, sizeof(y));
	lane_counts(a, &x);
	lane_counts(b, &y);
	if (memcmp(&a->m->ledger, &b->m->ledger, sizeof(a->m->ledger)) != 0 ||
	    memcmp(&x.tlb, &y.tlb, sizeof(x.tlb)) != 0 || memcmp(&x.l1i, &y.l1i, sizeof(x.l1i)) != 0 ||
	    memcmp(&x.l1d, &y.l1d, sizeof(x.l1d)) != 0 || memcmp(&x.l2, &y.l2, sizeof(x.l2)) != 0 ||
	    x.stale_l1 != y.stale_l1 || x.stale_l2 != y.stale_l2 || a->injected != b->injected ||
	    a->extra_true != b->extra_true || a->forced != b->forced || a->insns != b->insns)
		fail_msg("%s: engine fast counts otherwise", what);
}

static void one_row(const struct kit *k, uint64_t seed, const struct row *row, struct totals *sum)
{
	static const size_t batch[] = { 1, 7, 4096 };
	struct kit_plan p = plan_of(row, k->t.header.core);
	struct cpu_row one = kit_one_tlb(cpu_find(p.core));
	struct lane *l = run(k, row->spec, p, ENGINE_REF, 4096), *ref, *fast;

	if (l->violations)
		fail_msg("seed %llu, %s on %s: %llu violations; first: %s", (unsigned long long)seed,
			 k->t.header.core, p.core, (unsigned long long)l->violations,
			 l->first_violation.msg);
	assert_int_equal(l->injected + l->forced - l->extra_true, l->recorded);
	assert_int_equal(l->ndeviations, l->forced + l->extra_true);
	p.row = &one;                   /* which engine fast knows */
	ref = run(k, row->spec, p, ENGINE_REF, 4096);
	fast = run(k, row->spec, p, ENGINE_FAST, batch[seed % 3]);
	assert_int_equal(fast->plan.engine, ENGINE_FAST);
	same(ref, fast, p.core);
	sum->extra += l->extra_true;
	sum->forced += l->forced;
	sum->injected += l->injected;
	sum->seeds++;
	lane_destroy(l);
	lane_destroy(ref);
	lane_destroy(fast);
}

static void random_guests(void **state)
{
	struct totals sum[ROWS] = { { 0 } };
	uint64_t stale = 0, old_faults = 0, aborts = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k;

		random_guest_v6(&k, cores[seed % CORES], seed, RECORDS, &n);
		for (unsigned i = 0; i < ROWS; i++)
			if (i < 2 || (i + seed) % 2)
				one_row(&k, seed, &rows[i], &sum[i]);
		stale += n.stale;
		old_faults += n.old_faults;
		aborts += n.aborts;
		kit_free(&k);
	}
	print_message("# stale %llu old faults %llu aborts %llu\n", (unsigned long long)stale,
		      (unsigned long long)old_faults, (unsigned long long)aborts);
	for (unsigned i = 0; i < ROWS; i++) {
		print_message("# row %u: extra %llu forced %llu injected %llu\n", i,
			      (unsigned long long)sum[i].extra, (unsigned long long)sum[i].forced,
			      (unsigned long long)sum[i].injected);
		assert_true(sum[i].seeds >= 5);
		assert_true(sum[i].extra && sum[i].forced && sum[i].injected);
	}
	/* the guests were worth it */
	assert_true(stale > 300 && old_faults > 20 && aborts > 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_guests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
