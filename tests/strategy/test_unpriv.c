/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LDRT and STRT under a monitor, in each way (ldrt=): what a copy costs in traps, where it ends, and that a
 * wild pointer of the user's faults, but for the one way that is unsound.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/strategy/random_guest.h"
#include "tests/strategy/random_guest_v6.h"

enum { SEEDS = 16, RECORDS = 6000 };
#define DATA 0x10000000u                /* AP 11 */

static void user_pages(struct kit *k)
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };

	kit_linux(k);
	kit_poke(k, KIT_ROOT + (DATA >> 18), pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(k, KIT_L2, pt_encode_v5_small(0x400000, all, 3));
}

static void copy(struct kit *k, uint32_t va, unsigned words)
{
	for (uint32_t i = 0; i < words; i++) {
		kit_access(k, va + 4 * i, i & 1, 2 | ACC_UNPRIV);
		kit_access(k, KIT_LINEAR + 0x500000 + 4 * i, true, 2);
	}
}

static uint64_t svc_traps(const struct kit *k, const char *set, enum engine engine, struct ledger *out)
{
	struct kit_plan p = { .set = { set, "hv.memory=flat" }, .engine = engine,
			      .verify = engine == ENGINE_REF };
	struct lane *l = kit_replay(k, "coherent", &p);
	uint64_t n = ledger_event(&l->m->ledger, EV_TRAP_SVC);

	assert_int_equal(l->violations, 0);
	*out = l->m->ledger;
	lane_destroy(l);
	return n;
}

/* Traps of the copies in k, by both engines. */
static void expect(const struct kit *k, const char *set, uint64_t traps)
{
	struct ledger ref, fast;

	assert_int_equal(svc_traps(k, set, ENGINE_REF, &ref), traps);
	assert_int_equal(svc_traps(k, set, ENGINE_FAST, &fast), traps);
	assert_memory_equal(&ref, &fast, sizeof(ref));
}

static void traps_of_a_copy(void **state)
{
	struct kit k;

	(void)state;
	user_pages(&k);
	copy(&k, DATA, 20);
	expect(&k, "ldrt=trap", 20);
	expect(&k, "ldrt=copy", 1);
	expect(&k, "ldrt=window", 1);         /* not closed yet */
	kit_cpw(&k, KIT_DRAIN, 0);
	expect(&k, "ldrt=window", 2);
	expect(&k, "ldrt=ignore", 0);
	kit_free(&k);
}

/* After 32 instructions without such an access; ldrt.gap says so. */
static void pause_ends_a_copy(void **state)
{
	struct ledger l;
	struct kit k;

	(void)state;
	user_pages(&k);
	for (unsigned pause = 31; pause <= 32; pause++) {
		copy(&k, DATA, 1);
		for (unsigned i = 1; i < pause; i++)
			kit_exec(&k);           /* one has gone by with the store */
		if (pause == 31) {
			copy(&k, DATA, 1);
			expect(&k, "ldrt=copy", 1);
			kit_cpw(&k, KIT_DRAIN, 0);
		}
	}
	copy(&k, DATA, 1);
	expect(&k, "ldrt=copy", 3);
	expect(&k, "ldrt=window", 5);
	(void)svc_traps(&k, "ldrt=window", ENGINE_REF, &l);
	assert_int_equal(ledger_event(&l, EV_UPRIV_OPEN), 3);
	assert_int_equal(ledger_event(&l, EV_UPRIV_CLOSE), 2);
	kit_free(&k);
}

/* An interrupt closes a window without a trap of its own; the rest is another copy. */
static void interrupt_ends_a_copy(void **state)
{
	struct ledger l;
	struct kit k;

	(void)state;
	user_pages(&k);
	copy(&k, DATA, 2);
	kit_exc(&k, 6, KIT_SVC);
	kit_run(&k, KIT_VECTORS + 0x18, 1);
	copy(&k, DATA + 8, 2);
	kit_cpw(&k, KIT_DRAIN, 0);
	(void)svc_traps(&k, "ldrt=window", ENGINE_REF, &l);
	assert_int_equal(ledger_event(&l, EV_UPRIV_OPEN), 2);
	assert_int_equal(ledger_event(&l, EV_UPRIV_CLOSE), 1);
	expect(&k, "ldrt=window", 3);
	kit_free(&k);
}

/* The user's pointer leads to a page of the kernel's: EFAULT, whatever the kernel may do itself. */
static void wild_pointer(void **state)
{
	static const char *const ways[] = { "ldrt=trap", "ldrt=window", "ldrt=copy", "ldrt=ignore" };
	struct kit k;

	(void)state;
	user_pages(&k);
	copy(&k, DATA, 2);                      /* its stores go to the same megabyte */
	kit_data_abort(&k, KIT_LINEAR + 0x500000, false, true, fault_fsr(FS_PERM_SECTION, 0));
	kit_exc(&k, 4, KIT_ABT);
	kit_run(&k, KIT_VECTORS + 0x10, 1);
	for (unsigned i = 0; i < 4; i++) {
		struct kit_plan p = { .set = { ways[i] }, .verify = true };
		struct lane *l = kit_replay(&k, "coherent", &p);
		bool sound = i < 3;

		assert_int_equal(l->violations > 0, !sound);
		assert_int_equal(l->injected, sound);
		assert_int_equal(l->forced, !sound);
		lane_destroy(l);
	}
	kit_free(&k);
}

static struct lane *run(const struct kit *k, const char *spec, struct kit_plan p, enum engine engine,
			size_t batch)
{
	struct lane *l;
	struct diag d;

	p.engine = engine;
	p.verify = engine == ENGINE_REF;
	l = kit_lane(k, spec, &p);
	kit_feed(l, k, 0, KIT_NOW, batch);
	assert_ok(kit_finish(l, k, &d), &d);
	return l;
}

static void sound_and_equal(const struct kit *k, const char *spec, struct kit_plan p, uint64_t seed,
			    uint64_t *copies)
{
	static const size_t batch[] = { 1, 7, 4096 };
	struct lane *ref = run(k, spec, p, ENGINE_REF, 4096);
	struct lane *fast = run(k, spec, p, ENGINE_FAST, batch[seed % 3]);

	if (ref->violations)
		fail_msg("seed %llu, %s %s: %llu violations; first: %s", (unsigned long long)seed, spec,
			 p.set[0], (unsigned long long)ref->violations, ref->first_violation.msg);
	if (memcmp(&ref->m->ledger, &fast->m->ledger, sizeof(ref->m->ledger)) != 0)
		fail_msg("seed %llu, %s %s: engine fast counts otherwise", (unsigned long long)seed, spec,
			 p.set[0]);
	assert_int_equal(fast->plan.engine, ENGINE_FAST);
	*copies += ledger_event(&ref->m->ledger, EV_UPRIV_OPEN) +
		   ledger_event(&ref->m->ledger, EV_UPRIV_COPY);
	lane_destroy(ref);
	lane_destroy(fast);
}

static void random_guests(void **state)
{
	static const char *const specs[] = { "coherent", "coherent:mb=strict:entries=16" };
	struct cpu_row one = kit_one_tlb(cpu_find("arm1176"));
	uint64_t copies = 0, caught = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct kit_plan p = { .set = { seed % 2 ? "ldrt=window" : "ldrt=copy",
					       seed % 3 ? NULL : "ldrt.gap=200" } };
		struct kit_plan ignore = { .set = { "ldrt=ignore" } };
		struct random_guest_counts n;
		struct lane *l;
		struct kit k;

		if (seed % 4 == 0) {
			p.row = ignore.row = &one;
			random_guest_v6(&k, "arm1176", 700 + seed, RECORDS, &n);
		} else {
			random_guest(&k, 700 + seed, RECORDS, &n);
		}
		sound_and_equal(&k, specs[seed / 2 % 2], p, seed, &copies);
		l = run(&k, "coherent", ignore, ENGINE_REF, 4096);
		caught += l->violations > 0;
		lane_destroy(l);
		kit_free(&k);
	}
	assert_true(copies > 1000);
	assert_true(caught > SEEDS / 2);        /* unsound, and --verify knows */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(traps_of_a_copy),
		cmocka_unit_test(pause_ends_a_copy),
		cmocka_unit_test(interrupt_ends_a_copy),
		cmocka_unit_test(wild_pointer),
		cmocka_unit_test(random_guests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
