/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLB lockdown by base and by pointer: what a native guest's c10 does to its host, entry by entry;
 * what it does not do on a host that locks otherwise, or under a monitor; and random guests that lock.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/tlb/tlb_hot.h"
#include "sim/host_tlb.h"
#include "tests/machine_kit.h"

#define PAGE 0x10000000u
#define SMALL "itlb.entries=4", "itlb.ways=4", "dtlb.entries=4", "dtlb.ways=4"
enum {
	PAGES = 16,
	LOCK_D = KEY_TLB_LOCK, LOCK_I = KEY_TLB_LOCK_I,
	INVAL_I = CP_KEY(8, 0, 5, 0), INVAL_D = CP_KEY(8, 0, 6, 0),
	INVAL_I_MVA = CP_KEY(8, 0, 5, 1), INVAL_D_MVA = CP_KEY(8, 0, 6, 1),
	LOCK_ENTRY_I = CP_KEY(10, 0, 4, 0), UNLOCK_I = CP_KEY(10, 0, 4, 1),
	LOCK_ENTRY_D = CP_KEY(10, 0, 8, 0), UNLOCK_D = CP_KEY(10, 0, 8, 1),
};
#define BASE(base, victim, p) ((uint32_t)(base) << 26 | (uint32_t)(victim) << 20 | (p))

struct follower { struct kit k; struct lane *l; size_t at; };

static void go(struct follower *f)
{
	kit_catch_up(f->l, &f->k, &f->at);
}

static void map(struct kit *k, unsigned i, uint32_t frame)
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };

	kit_poke(k, KIT_L2 + 4 * i, frame ? pt_encode_v5_small(frame, all, 3) : 0);
}

static void make_guest(struct kit *k, const char *core)
{
	kit_linux_on(k, core);
	kit_poke(k, KIT_ROOT + 4 * (PAGE >> 20), pt_encode_v5_coarse(KIT_L2, 0));
	for (unsigned i = 0; i < PAGES; i++)
		map(k, i, 0x200000 + 4096 * i);
	kit_cpw(k, KIT_TLBI_ALL, 0);
}

static void start(struct follower *f, const char *guest, const char *spec, const struct kit_plan *p)
{
	make_guest(&f->k, guest);
	f->l = kit_lane(&f->k, spec, p);
	f->at = 0;
	go(f);
}

static void load(struct follower *f, unsigned page)
{
	kit_access(&f->k, PAGE + 4096 * page, false, 2);
	go(f);
}

static void put(struct follower *f, uint16_t key, uint32_t value)
{
	kit_cpw(&f->k, key, value);
	go(f);
}

/* Index of the entry that holds a page, or -1. */
static int where(const struct follower *f, enum access a, unsigned page)
{
	const struct tlb *t = host_tlb_of(f->l->m, a);
	const struct tlb_entry *e = tlb_peek(t, gva(PAGE + 4096 * page));

	return e ? (int)(e - t->entry) : -1;
}

static void done(struct follower *f)
{
	struct diag d;

	if (f->l->violations)
		fail_msg("%s", f->l->first_violation.msg);
	assert_ok(kit_finish(f->l, &f->k, &d), &d);
	lane_destroy(f->l);
	kit_free(&f->k);
}

/* Base, victim and P of one side, four entries: page 0 kept in entry 1, the others from 2 up. */
static void by_base(void **state)
{
	static const struct kit_plan plan = { .core = "arm920t", .set = { SMALL }, .verify = true };
	struct follower f;

	(void)state;
	start(&f, "arm920t", "native", &plan);
	put(&f, LOCK_D, BASE(0, 1, 1));
	load(&f, 0);
	put(&f, LOCK_D, BASE(2, 2, 0));
	for (unsigned p = 1; p < 4; p++)
		load(&f, p);
	assert_int_equal(where(&f, ACCESS_READ, 0), 1);
	assert_int_equal(where(&f, ACCESS_READ, 1), -1);        /* 2, 3, and 2 again */
	assert_int_equal(where(&f, ACCESS_READ, 2), 3);
	assert_int_equal(where(&f, ACCESS_READ, 3), 2);
	kit_run(&f.k, PAGE, 1);         /* the other side is not concerned */
	kit_run(&f.k, PAGE + 4096, 1);
	go(&f);
	assert_true(where(&f, ACCESS_FETCH, 0) >= 0 && where(&f, ACCESS_FETCH, 1) >= 0);
	map(&f.k, 0, 0x300000);
	put(&f, INVAL_D, 0);
	put(&f, INVAL_I, 0);
	assert_int_equal(where(&f, ACCESS_READ, 0), 1);         /* outlives it, and is used */
	assert_int_equal(where(&f, ACCESS_READ, 2), -1);
	assert_int_equal(where(&f, ACCESS_FETCH, 0), -1);
	load(&f, 0);
	assert_int_equal(tlb_peek(f.l->m->tlb, gva(PAGE))->w.leaf.base, 0x200000);
	put(&f, INVAL_D_MVA, PAGE);     /* drops it, locked or not */
	assert_int_equal(where(&f, ACCESS_READ, 0), -1);
	load(&f, 0);
	assert_int_equal(tlb_peek(f.l->m->tlb, gva(PAGE))->w.leaf.base, 0x300000);
	assert_true(where(&f, ACCESS_READ, 0) >= 2);
	done(&f);
}

static void by_base_of_fetches(void **state)
{
	static const struct kit_plan plan = { .core = "arm922t", .set = { SMALL }, .verify = true };
	struct follower f;

	(void)state;
	start(&f, "arm922t", "native", &plan);
	put(&f, LOCK_I, BASE(0, 3, 1));
	kit_run(&f.k, PAGE, 1);
	go(&f);
	load(&f, 0);
	put(&f, INVAL_I, 0);
	put(&f, INVAL_D, 0);
	assert_int_equal(where(&f, ACCESS_FETCH, 0), 3);
	assert_int_equal(where(&f, ACCESS_READ, 0), -1);
	/* the host has four entries: a base of 9 names none of them */
	put(&f, LOCK_D, BASE(9, 9, 0));
	load(&f, 0);
	assert_true(where(&f, ACCESS_READ, 0) >= 0);
	done(&f);
}

/* As a trace begins, or a cut of one: the first walk of each side goes where its register says. */
static void registers_at_the_start(void **state)
{
	static const struct kit_plan plan = { .core = "arm920t", .set = { SMALL }, .verify = true };
	struct follower f;

	(void)state;
	make_guest(&f.k, "arm920t");
	f.k.t.header.reg[f.k.t.header.nreg++] = (struct trace_reg){ LOCK_D, BASE(0, 2, 1) };
	f.k.t.header.reg[f.k.t.header.nreg++] = (struct trace_reg){ LOCK_I, BASE(0, 3, 1) };
	f.l = kit_lane(&f.k, "native", &plan);
	f.at = 0;
	go(&f);
	assert_int_equal(tlb_resident(f.l->m->tlb) + tlb_resident(f.l->m->itlb), 2);    /* kept: P is set */
	assert_int_equal(tlb_peek(f.l->m->itlb, gva(KIT_CODE)) - f.l->m->itlb->entry, 3);
	assert_int_equal(tlb_peek(f.l->m->tlb, gva(KIT_LINEAR + KIT_L2)) - f.l->m->tlb->entry, 2);
	done(&f);
}

/* Five bits a field (DDI 0344 3.2.56), with the words of ARMv6. */
static void by_base_of_cortex_a8(void **state)
{
	static const struct kit_plan plan = { .core = "cortex-a8", .set = { KIT_PLAIN_CACHES },
					      .verify = true };
	struct follower f;

	(void)state;
	kit_linux_v6(&f.k, "cortex-a8");
	f.l = kit_lane(&f.k, "native", &plan);
	f.at = 0;
	put(&f, LOCK_D, 0x14u << 27 | 0x13u << 22 | 1);
	kit_access(&f.k, KIT_LINEAR + 0x500000, false, 2);
	put(&f, KIT_TLBI_ALL, 0);
	assert_ptr_equal(tlb_peek(f.l->m->tlb, gva(KIT_LINEAR + 0x500000)), &f.l->m->tlb->entry[0x13]);
	assert_int_equal(tlb_resident(f.l->m->tlb), 1);
	kit_access(&f.k, KIT_LINEAR + 0x600000, false, 2);
	go(&f);
	assert_ptr_equal(tlb_peek(f.l->m->tlb, gva(KIT_LINEAR + 0x600000)), &f.l->m->tlb->entry[0x14]);
	done(&f);
}

/* Entries from 0 up; the last one stays free, and is where the counter stands after a lock. */
static void by_pointer(void **state)
{
	static const struct kit_plan plan = { .core = "pxa255", .set = { SMALL }, .verify = true };
	struct follower f;
	uint64_t walks, misses;

	(void)state;
	start(&f, "pxa255", "native", &plan);
	kit_exec(&f.k);                 /* the code's section is back */
	go(&f);
	walks = f.l->m->tally.walks;
	misses = tlb_counts(f.l->m->tlb)->misses;
	put(&f, LOCK_ENTRY_D, PAGE);
	put(&f, LOCK_ENTRY_D, PAGE + 4096);
	assert_int_equal(f.l->m->tally.walks - walks, 2);       /* and no lookup */
	assert_int_equal(tlb_counts(f.l->m->tlb)->misses - misses, 0);
	assert_int_equal(where(&f, ACCESS_READ, 0), 0);
	assert_int_equal(where(&f, ACCESS_READ, 1), 1);
	assert_int_equal(where(&f, ACCESS_FETCH, 0), -1);
	load(&f, 2);
	assert_int_equal(where(&f, ACCESS_READ, 2), 3);
	load(&f, 3);
	assert_int_equal(where(&f, ACCESS_READ, 3), 2);
	map(&f.k, 0, 0x300000);
	put(&f, KIT_TLBI_ALL, 0);
	assert_int_equal(where(&f, ACCESS_READ, 0), 0);
	put(&f, UNLOCK_I, 0);           /* the other side */
	put(&f, KIT_TLBI_ALL, 0);
	assert_int_equal(where(&f, ACCESS_READ, 0), 0);
	put(&f, UNLOCK_D, 0);
	load(&f, 0);                    /* an ordinary entry now, still older than the last invalidate */
	assert_int_equal(tlb_peek(f.l->m->tlb, gva(PAGE))->w.leaf.base, 0x200000);
	put(&f, KIT_TLBI_ALL, 0);
	assert_int_equal(tlb_resident(f.l->m->tlb), 0);
	put(&f, LOCK_ENTRY_I, PAGE);
	assert_int_equal(where(&f, ACCESS_FETCH, 0), 0);
	map(&f.k, 5, 0);
	put(&f, LOCK_ENTRY_D, PAGE + 5 * 4096);                 /* its walk fails */
	assert_int_equal(where(&f, ACCESS_READ, 5), -1);
	done(&f);
}

/* Another kind of host, or a monitor: counted, and entries are ordinary ones. */
static void nothing_elsewhere(void **state)
{
	static const struct { const char *guest, *host, *spec; uint16_t key; uint32_t value; } rows[] = {
		{ "arm926", "arm920t", "native", LOCK_D, 1 },
		{ "arm920t", "arm926", "native", LOCK_D, BASE(0, 1, 1) },
		{ "pxa255", "arm920t", "native", LOCK_ENTRY_D, PAGE },
		{ "arm920t", "pxa255", "native", LOCK_D, BASE(0, 1, 1) },
		{ "arm920t", "sa1110", "native", LOCK_D, BASE(0, 1, 1) },
		{ "arm920t", "arm920t", "coherent", LOCK_D, BASE(0, 1, 1) },
		{ "pxa255", "pxa255", "coherent", LOCK_ENTRY_D, PAGE },
		{ "arm926", "arm926", "coherent", LOCK_D, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* the words of XScale, so that its guests can run there at all */
		struct kit_plan plan = { .core = rows[i].host, .set = { "feature.tex=on" }, .verify = true };
		struct follower f;

		start(&f, rows[i].guest, rows[i].spec, &plan);
		put(&f, rows[i].key, rows[i].value);
		load(&f, 0);
		put(&f, KIT_TLBI_ALL, 0);
		assert_int_equal(where(&f, ACCESS_READ, 0), -1);
		assert_int_equal(f.l->m->tally.tlb_lock_ops, 1);
		assert_int_equal(f.l->m->tally.lock_walks, 0);
		done(&f);
	}
}

/* --- random guests ---------------------------------------------------------------------- */

static void lock_something(struct kit *k, struct rng *r, bool pointer)
{
	uint32_t at = (uint32_t)rng_below(r, 6);

	if (!pointer)
		kit_cpw(k, rng_below(r, 2) ? LOCK_D : LOCK_I, BASE(at, rng_below(r, 8), rng_below(r, 2)));
	else if (rng_below(r, 4))
		kit_cpw(k, rng_below(r, 2) ? LOCK_ENTRY_D : LOCK_ENTRY_I,
			PAGE + 4096 * (uint32_t)rng_below(r, PAGES));
	else
		kit_cpw(k, rng_below(r, 2) ? UNLOCK_D : UNLOCK_I, 0);
}

/* A page changes, and both sides are told as a guest without a unified operation tells them. */
static void remap(struct kit *k, struct rng *r)
{
	unsigned i = (unsigned)rng_below(r, PAGES);

	map(k, i, 0x200000 + 4096 * (uint32_t)rng_below(r, 64));
	if (rng_below(r, 3) == 0) {
		kit_cpw(k, KIT_TLBI_ALL, 0);
		return;
	}
	kit_cpw(k, INVAL_I_MVA, PAGE + 4096 * i);
	kit_cpw(k, INVAL_D_MVA, PAGE + 4096 * i);
}

static void wander(struct kit *k, uint64_t seed, bool pointer)
{
	struct rng r = rng_stream(seed, "locks");

	for (unsigned i = 0; i < 3000; i++) {
		uint32_t va = PAGE + 4096 * (uint32_t)rng_below(&r, PAGES) + 32 * (uint32_t)rng_below(&r, 9);

		switch (rng_below(&r, 12)) {
		case 0: lock_something(k, &r, pointer); break;
		case 1: remap(k, &r); break;
		case 2:
		case 3: kit_run(k, va, 1 + (unsigned)rng_below(&r, 5)); break;
		default: kit_access(k, va, rng_below(&r, 2), 2); break;
		}
	}
}

static void random_locks(void **state)
{
	static const struct { const char *guest; struct kit_plan plan; } rows[] = {
		{ "arm920t", { .core = "arm920t", .set = { "itlb.entries=8", "itlb.ways=8",
							   "dtlb.entries=8", "dtlb.ways=8" } } },
		{ "arm920t", { .core = "generic", .set = { "tlb.lock=base", "tlb.entries=8", "tlb.ways=8",
							   "tlb.policy=fifo" } } },
		{ "arm920t", { .core = "generic", .set = { "tlb.lock=base", "utlb.entries=8" } } },
		{ "pxa270", { .core = "pxa270", .set = { SMALL } } },
		{ "pxa270", { .core = "generic", .set = { "feature.tex=on", "tlb.lock=pointer",
							  "tlb.entries=8", "tlb.ways=8" } } },
	};
	uint64_t outlived = 0;

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (uint64_t seed = 1; seed <= 3; seed++) {
			struct kit_plan p = rows[i].plan;
			struct lane *lane[2];
			struct structure_counts c[2];
			struct kit k;

			make_guest(&k, rows[i].guest);
			wander(&k, seed, rows[i].guest[0] == 'p');
			memset(c, 0, sizeof(c));
			for (unsigned e = 0; e < 2; e++) {
				p.engine = e ? ENGINE_FAST : ENGINE_REF;
				p.verify = !e;
				lane[e] = kit_replay(&k, "native", &p);
				lane_counts(lane[e], &c[e]);
			}
			if (lane[0]->violations)
				fail_msg("row %u: %s", i, lane[0]->first_violation.msg);
			assert_memory_equal(&lane[0]->m->ledger, &lane[1]->m->ledger,
					    sizeof(lane[0]->m->ledger));
			assert_memory_equal(&c[0].tlb, &c[1].tlb, sizeof(c[0].tlb));
			assert_memory_equal(&c[0].itlb, &c[1].itlb, sizeof(c[0].itlb));
			for (unsigned n = 0; n < lane[0]->m->tlb->entries; n++)
				outlived += lane[0]->m->tlb->entry[n].outlived;
			lane_destroy(lane[0]);
			lane_destroy(lane[1]);
			kit_free(&k);
		}
	assert_true(outlived > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_base),
		cmocka_unit_test(by_base_of_fetches),
		cmocka_unit_test(registers_at_the_start),
		cmocka_unit_test(by_base_of_cortex_a8),
		cmocka_unit_test(by_pointer),
		cmocka_unit_test(nothing_elsewhere),
		cmocka_unit_test(random_locks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
