/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run is a function of trace and configuration: not of batches, not of the time of day. Then
 * what only a native guest steers: TLB lockdown and the replacement policy. */
#include "tests/support.h"

#include <string.h>

#include "tests/machine_kit.h"
#include "tests/strategy/random_guest.h"

#define DATA 0x10000000u                /* a section, AP 11, domain 1 */

static void same_lane(const struct lane *a, const struct lane *b)
{
	struct structure_counts x, y;

	assert_memory_equal(&a->m->ledger, &b->m->ledger, sizeof(a->m->ledger));
	assert_memory_equal(&a->start, &b->start, sizeof(a->start));
	assert_memory_equal(&a->m->tally, &b->m->tally, sizeof(a->m->tally));
	assert_memory_equal(a->slice_at, b->slice_at, sizeof(a->slice_at));
	assert_true(a->m->cycles == b->m->cycles);
	lane_counts(a, &x);
	lane_counts(b, &y);
	assert_memory_equal(&x.tlb, &y.tlb, sizeof(x.tlb));
	assert_memory_equal(&x.l1i, &y.l1i, sizeof(x.l1i));
	assert_memory_equal(&x.l1d, &y.l1d, sizeof(x.l1d));
	assert_memory_equal(&x.minid, &y.minid, sizeof(x.minid));
	assert_memory_equal(&x.l2, &y.l2, sizeof(x.l2));
	assert_int_equal(a->ndeviations, b->ndeviations);
	for (size_t i = 0; i < a->ndeviations; i++) {
		assert_int_equal(a->deviation[i].record, b->deviation[i].record);
		assert_int_equal(a->deviation[i].kind, b->deviation[i].kind);
		assert_int_equal(a->deviation[i].va, b->deviation[i].va);
	}
	assert_int_equal(a->window_first, b->window_first);
	assert_int_equal(a->insns, b->insns);
}

static struct lane *in_batches(const struct kit *k, const char *spec, size_t batch)
{
	struct kit_plan p = { .warmup = 700, .verify = true };
	struct lane *l = kit_lane(k, spec, &p);
	struct diag d;

	kit_feed(l, k, 0, KIT_NOW, batch);
	assert_ok(kit_finish(l, k, &d), &d);
	assert_int_equal(l->violations, 0);
	return l;
}

static void batches_do_not_matter(void **state)
{
	static const char *const spec[] = { "native", "coherent", "coherent:entries=16",
					    "cached:filter=on" };
	static const size_t batch[] = { 4096, 1, 7 };
	struct random_guest_counts n;
	struct kit k;

	(void)state;
	random_guest(&k, 3, 9000, &n);
	for (unsigned i = 0; i < sizeof(spec) / sizeof(spec[0]); i++) {
		struct lane *first = in_batches(&k, spec[i], 4096);

		for (unsigned b = 0; b < 3; b++) {      /* the first: two equal runs */
			struct lane *l = in_batches(&k, spec[i], batch[b]);

			same_lane(first, l);
			lane_destroy(l);
		}
		lane_destroy(first);
	}
	kit_free(&k);
}

/* Engine fast counts what engine ref counts, to the last digit, on guests that change all the
 * state its filters depend on, on TLBs and caches of several shapes. */
static void engines_agree(void **state)
{
	static const struct { const char *spec, *set[4]; } rows[] = {
		{ "native", { NULL } },
		{ "coherent", { NULL } },
		{ "native", { "tlb.entries=2", "tlb.ways=2", "tlb.policy=random", "l1d.policy=lru" } },
		{ "native", { "l1i.bytes=0", "l1d.bytes=0", NULL } },
		{ "coherent:entries=16:mb=strict", { "tlb.policy=lru", "l1i.ways=1", NULL } },
		{ "coherent:entries=3:ttbr=flush", { "l1d.line=16", "wb.entries=1", "map=offset" } },
		{ "native", { "minid.bytes=512", "l1d.allocate=read-write", "wb.merge=any", NULL } },
		{ "coherent", { "minid.bytes=64", "l1d.write=through", "l1d.allocate=read-write", NULL } },
		{ "coherent:entries=9", { "minid.bytes=512", "minid.policy=lru", "l1d.kind=vipt", NULL } },
		{ "native", { "l1d.kind=pipt", "l1i.kind=vipt", "wb.merge=newest", NULL } },
		{ "native", { "l2.bytes=16384", "l2.ways=2", "walk.sees=l2", "l1d.allocate=read-write" } },
		{ "coherent", { "l2.bytes=16384", "l2.policy=lru", "l1d.write=through", NULL } },
		{ "native", { "walk.sees=l1", "feature.coherent-walk=on", "l1d.bytes=512", NULL } },
		{ "coherent:entries=9", { "walk.sees=l1", "feature.coherent-walk=on", "l2.bytes=8192",
					  "l2.line=64" } },
		{ "coherent:sections=fracture", { "hv.memory=flat", "l1i.policy=plru", "cpu=free" } },
		{ "coherent", { "map=fragmented", "l1d.kind=pipt", NULL } },
		{ "cached", { NULL } },
		{ "cached:filter=on:roots=2", { "tlb.policy=lru", "l1d.kind=vipt", "map=fragmented", NULL } },
		{ "cached:sync=unsync", { "l1i.policy=fifo", NULL } },
		{ "cached:sync=hint:kernel=shared", { "l1i.policy=lru", NULL } },
		{ "cached:sync=tlbi+roots:pool=12:victim=clock", { "map=fragmented", NULL } },
		{ "cached:flood=1", { "l2.bytes=16384", "hv.memory=flat", NULL } },
		{ "inplace", { NULL } },
		{ "inplace:variant=I6:filter=on", { "tlb.policy=lru", "l1d.kind=vipt", "map=fragmented", NULL } },
		{ "inplace:variant=I4", { "l2.bytes=16384", "map=offset", NULL } },
		{ "inplace:variant=I2:roots=2", { "l1i.policy=fifo", "hv.memory=flat", NULL } },
	};

	(void)state;
	for (uint64_t seed = 50; seed < 56; seed++) {
		struct random_guest_counts n;
		struct kit k;

		if (seed % 2)
			random_guest_aliases(&k, seed, 8000, &n);
		else
			random_guest(&k, seed, 8000, &n);
		for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			struct kit_plan p = { .warmup = 300 };
			struct lane *ref, *fast;

			memcpy(p.set, rows[i].set, sizeof(rows[i].set));
			ref = kit_replay(&k, rows[i].spec, &p);
			p.engine = ENGINE_FAST;
			fast = kit_replay(&k, rows[i].spec, &p);
			same_lane(ref, fast);
			lane_destroy(ref);
			lane_destroy(fast);
		}
		kit_free(&k);
	}
}

/* Long runs, Thumb, LDRT, split and table accesses, and what stands between records: marks,
 * fetches without a run. Small structures, so that runs break off in their middle. */
static void odd_stream(struct kit *k, uint64_t seed)
{
	static const unsigned kinds[] = { 2, 2, 2, 1, 0, 2 | ACC_MULTI, 2 | ACC_UNPRIV };
	struct rng rng = rng_stream(seed, "odd stream");

	kit_linux(k);
	kit_poke(k, KIT_ROOT + 4 * (DATA >> 20), pt_encode_v5_section(0x200000, 3, 1, 3));
	for (unsigned i = 0; i < 3000; i++) {
		bool thumb = rng_below(&rng, 4) == 0;
		uint32_t page = KIT_CODE + (rng_below(&rng, 24) << 10), n = 1 + rng_below(&rng, 100);
		struct trace_rec r = { .kind = TRACE_RUN, .flags = thumb ? RUN_THUMB : 0,
			.arg = (uint16_t)n, .va = page + 4 * rng_below(&rng, 100),
			.a = thumb ? 2 * (n + rng_below(&rng, n + 1)) : 4 * n };
		unsigned idx = 0;

		kit_put(k, &r, NULL);
		while (rng_below(&rng, 4) && (idx += rng_below(&rng, 20)) < n) {
			uint32_t va = DATA + (rng_below(&rng, 5) << 12) + 4 * rng_below(&rng, 256);
			unsigned kind = kinds[rng_below(&rng, 7)];

			r = (struct trace_rec){ .kind = rng_below(&rng, 3) ? TRACE_LOAD : TRACE_STORE,
				.flags = (uint8_t)kind, .arg = (uint16_t)idx, .va = va };
			if (!rng_below(&rng, 30))
				r = (struct trace_rec){ .kind = TRACE_LOAD, .flags = 2 | ACC_SPLIT,
					.arg = (uint16_t)idx, .va = (va | 0x3ff) - 1 };
			kit_put(k, &r, NULL);
		}
		if (!rng_below(&rng, 10))
			kit_put(k, &(struct trace_rec){ .kind = TRACE_MARK, .a = i }, NULL);
		if (!rng_below(&rng, 20))
			kit_put(k, &(struct trace_rec){ .kind = TRACE_FETCH, .arg = 4,
				.va = KIT_CODE + 4 * rng_below(&rng, 5000) }, NULL);
		if (!rng_below(&rng, 20))
			kit_poke(k, KIT_ROOT + 4 * rng_below(&rng, 16), 0);
		if (!rng_below(&rng, 20))
			kit_cpw(k, KIT_DRAIN, 0);
	}
}

static void engines_agree_on_odd_streams(void **state)
{
	static const struct { const char *spec, *set[3]; } rows[] = {
		{ "native", { NULL } },
		{ "native", { "l1i.bytes=1024", "l1d.bytes=512", "tlb.entries=4" } },
		{ "coherent:entries=8", { "l1i.bytes=2048", "l1d.bytes=1024", "tlb.entries=8" } },
		{ "native", { "l1i.line=16", "l1d.ways=2", "tlb.entries=4" } },
		{ "native", { "l1d.policy=lru", "l1i.bytes=1024", "tlb.entries=4" } },
	};
	static const size_t batch[] = { 1, 2, 7, 4096 };

	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct kit k;

		odd_stream(&k, seed);
		for (unsigned i = 0; i < 5; i++) {
			struct kit_plan p = { .warmup = 60000 + 777 * seed };
			struct lane *ref;
			struct diag d;

			memcpy(p.set, rows[i].set, sizeof(rows[i].set));
			ref = kit_replay(&k, rows[i].spec, &p);
			assert_true(ref->measuring);
			p.engine = ENGINE_FAST;
			for (unsigned b = 0; b < 4; b++) {
				struct lane *l = kit_lane(&k, rows[i].spec, &p);

				kit_feed(l, &k, 0, KIT_NOW, batch[b]);
				assert_ok(kit_finish(l, &k, &d), &d);
				same_lane(ref, l);
				lane_destroy(l);
			}
			lane_destroy(ref);
		}
		kit_free(&k);
	}
}

/* --- lockdown ------------------------------------------------------------------------- */

/* A page locked into the TLB outlives its descriptor and TLBI all, natively; a shadow may drop
 * it, so the access it makes possible is an extra true fault there. */
static void locked_entries(void **state)
{
	struct kit_plan p = { .verify = true };
	struct lane *l;
	size_t before;
	struct kit k;

	(void)state;
	kit_linux(&k);
	kit_poke(&k, KIT_ROOT + 4 * (DATA >> 20), pt_encode_v5_section(0x200000, 3, 1, 3));
	kit_cpw(&k, KIT_TLBI_ALL, 0);
	kit_exec(&k);
	kit_access(&k, KIT_LINEAR, false, 2);
	kit_cpw(&k, KEY_TLB_LOCK, 1);                   /* P, victim 0; the victim moves on */
	kit_access(&k, DATA, false, 2);
	kit_access(&k, KIT_HOLE, false, 2);
	kit_cpw(&k, KEY_TLB_LOCK, 0);
	kit_poke(&k, KIT_ROOT + 4 * (DATA >> 20), 0);
	kit_cpw(&k, KIT_TLBI_ALL, 0);
	kit_exec(&k);
	before = k.t.n;
	kit_access(&k, DATA + 0x80, false, 2);
	l = kit_lane(&k, "native", &p);
	kit_feed(l, &k, 0, before, 4096);
	lane_close_run(l, before);
	assert_non_null(tlb_peek(l->m->tlb, gva(DATA)));
	assert_non_null(tlb_peek(l->m->tlb, gva(KIT_HOLE)));
	assert_null(tlb_peek(l->m->tlb, gva(KIT_LINEAR)));
	before = l->m->tally.walks;
	kit_feed(l, &k, k.t.n - 2, KIT_NOW, 4096);
	assert_int_equal(l->m->tally.walks, before);
	assert_int_equal(l->extra_true, 0);
	assert_int_equal(l->violations, 0);
	lane_destroy(l);
	kit_cpw(&k, KIT_TLBI_MVA, DATA + 0x4000);       /* by MVA: locked ones go as well */
	kit_data_abort(&k, DATA, false, false, FS_TRANS_SECTION);
	kit_exc(&k, 4, KIT_ABT);
	l = kit_replay(&k, "native", &p);
	assert_int_equal(l->violations, 0);
	assert_int_equal(l->injected, 1);
	assert_int_equal(l->forced, 0);
	lane_destroy(l);
	kit_free(&k);
}

/* The header's locked entries are there before record 0. */
static void locked_before_the_trace(void **state)
{
	struct lane *l;
	struct kit k;

	(void)state;
	kit_linux(&k);
	k.t.header.nlocked = 1;
	k.t.header.locked[0] = (struct trace_locked){ .mva = DATA,
		.l1 = pt_encode_v5_section(0x500000, 3, 1, 3) };
	l = kit_lane(&k, "native", NULL);
	assert_non_null(tlb_peek(l->m->tlb, gva(DATA + 0x1000)));
	assert_int_equal(tlb_peek(l->m->tlb, gva(DATA))->w.leaf.base, 0x500000);
	lane_destroy(l);
	l = kit_lane(&k, "coherent", NULL);
	assert_null(tlb_peek(l->m->tlb, gva(DATA)));
	lane_destroy(l);
	kit_free(&k);
}

/* --- SCTLR.RR ------------------------------------------------------------------------- */

/* Five lines of one set of four ways, round after round: round robin never hits, random does. */
static uint64_t misses(bool rr, const char *spec, const char *set)
{
	struct kit_plan p = { .set = { "hv.memory=flat", set } };
	struct lane *l;
	struct kit k;
	uint64_t n;

	kit_linux(&k);
	kit_poke(&k, KIT_ROOT + 4 * (DATA >> 20), pt_encode_v5_section(0x200000, 3, 1, 3));
	kit_cpw(&k, KEY_SCTLR, kit_guest(&k)->sctlr | (rr ? SCTLR_RR : 0));
	for (unsigned i = 0; i < 1000; i++)
		kit_access(&k, DATA + i % 5 * 4096 + 0x400, false, 2);
	l = kit_replay(&k, spec, &p);
	n = cache_counts(l->m->l1d)->misses;
	lane_destroy(l);
	kit_free(&k);
	return n;
}

static void round_robin_of_a_native_guest(void **state)
{
	uint64_t all = misses(true, "native", NULL), some = misses(false, "native", NULL);

	(void)state;
	assert_true(all >= 1000);
	assert_in_range(some, 200, 700);
	assert_int_equal(misses(false, "native", "l1d.policy=fifo"), all);
	/* what was asked for stays, and under a hypervisor the host's own policy holds */
	assert_true(misses(true, "native", "l1d.policy=lru") >= 1000);
	assert_int_equal(misses(true, "coherent", NULL), misses(false, "coherent", NULL));
	assert_in_range(misses(true, "coherent", NULL), 200, 700);
}

/* --- what must not be reachable --------------------------------------------------------- */

/* Guest tables that name machine addresses of the hypervisor, or that the offset map gives to
 * the guest's own memory: not the guest's to reach. */
static void outside_of_guest_memory(void **state)
{
	static const struct { const char *spec, *map; uint32_t pa; } rows[] = {
		{ "coherent", "map=contiguous", HV_HPA }, { "coherent", "map=offset", HV_HPA },
		{ "coherent", "map=offset", 0x40000000 }, { "cached", "map=contiguous", HV_HPA },
		{ "cached", "map=offset", 0x40000000 }, { "cached", "map=fragmented", HV_HPA },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit_plan p = { .set = { rows[i].map }, .verify = true };
		struct lane *l;
		struct kit k;

		kit_linux(&k);
		kit_poke(&k, KIT_ROOT + 4 * (DATA >> 20),
			 pt_encode_v5_section(rows[i].pa, 3, 1, 0));
		kit_access(&k, DATA + 0x1000, true, 2);
		l = kit_replay(&k, rows[i].spec, &p);
		if (l->violations)
			fail_msg("%s, %s, 0x%08x: %s", rows[i].spec, rows[i].map, rows[i].pa, l->first_violation.msg);
		lane_destroy(l);
		kit_free(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_do_not_matter),
		cmocka_unit_test(engines_agree),
		cmocka_unit_test(engines_agree_on_odd_streams),
		cmocka_unit_test(locked_entries),
		cmocka_unit_test(locked_before_the_trace),
		cmocka_unit_test(round_robin_of_a_native_guest),
		cmocka_unit_test(outside_of_guest_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
