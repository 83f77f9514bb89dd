/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random guests of ARMv5, with fine tables, subpages, S and R, FCSE, under each shadow strategy on hosts of ARMv6 and on those
 * without fine tables: whatever the hardware did was permitted, each fault is one the guest could have had, all
 * counters balance, and both engines count the same in any batch.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/strategy/random_guest.h"

enum { SEEDS = 24, RECORDS = 6000, EACH = 6 };

struct row { const char *spec, *core; const char *set[KIT_SETS]; };

/* Each seed runs the first and EACH of the others. */
static const struct row rows[] = {
	{ "coherent", "arm1176", { NULL } },
	{ "coherent:words=v5", "arm1136", { NULL } },
	{ "coherent:tiny=toggle", "arm1176", { "map=offset" } },
	{ "coherent:tiny=toggle:entries=16", "sa1110", { NULL } },
	{ "coherent:entries=16", "mpcore", { "map=fragmented" } },
	{ "coherent:mb=strict", "cortex-a8", { "map=offset" } },
	{ "coherent:sections=fracture", "cortex-a8", { "map=fragmented", "map.block=65536" } },
	{ "coherent:ttbr=flush:mb=strict", "arm1136", { "hv.memory=flat" } },
	{ "coherent:entries=0", "cortex-a15", { "feature.fcse=on", "cpu=free" } },
	{ "coherent", "sa1110", { NULL } },
	{ "coherent:words=v5:mb=strict", "mpcore", { "l2.bytes=32768", "walk.sees=l2" } },
	{ "coherent", "generic", { "feature.fine=off" } },
	{ "coherent:tiny=toggle", "generic", { "feature.fine=off", "tlb.entries=2", "tlb.ways=1" } },
	{ "coherent", "generic", { "feature.fine=off", "feature.tex=on", "feature.xn=on", "tlb.entries=4", "tlb.ways=1" } },
	{ "coherent:words=v6", "generic", { "feature.tex=on", "feature.xn=on" } },
	{ "cached", "arm1176", { NULL } },
	{ "cached:sync=unsync", "cortex-a8", { "map=offset" } },
	{ "cached:dacr=track:view=two-tables", "mpcore", { "map=fragmented", "map.block=65536" } },
	{ "cached:roots=2:flood=1", "generic", { "feature.fine=off", "feature.tex=on", "feature.xn=on", "tlb.entries=4", "tlb.ways=1" } },
	{ "cached", "sa1110", { NULL } },
	{ "inplace", "arm1176", { NULL } },
	{ "inplace:filter=on:variant=I6", "mpcore", { "map=offset" } },
	{ "inplace:variant=I4", "arm1136", { "map=fragmented" } },
	{ "inplace:variant=I2", "sa1110", { NULL } },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

struct totals { uint64_t extra, forced, injected, hidden, tiny, mixed, seeds; };

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
	struct cpu_row one = kit_one_tlb(cpu_find(row->core));
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
		fail_msg("seed %llu, %s on %s: engine fast counts otherwise", (unsigned long long)seed,
			 row->spec, row->core);
	lane_destroy(a);
	lane_destroy(b);
}

static void one_row(const struct kit *k, uint64_t seed, const struct row *row, struct totals *sum)
{
	struct lane *l = run(k, row, cpu_find(row->core), ENGINE_REF, 4096);
	struct diag d = { "" };

	if (l->violations)
		fail_msg("seed %llu, %s on %s: %llu violations; first: %s", (unsigned long long)seed,
			 row->spec, row->core, (unsigned long long)l->violations,
			 l->first_violation.msg);
	if (l->m->ops->audit(l->m->self, &d))
		fail_msg("seed %llu, %s on %s: %s", (unsigned long long)seed, row->spec, row->core, d.msg);
	assert_int_equal(l->injected + l->forced - l->extra_true, l->recorded);
	assert_int_equal(l->ndeviations, l->forced + l->extra_true);
	sum->extra += l->extra_true;
	sum->forced += l->forced;
	sum->injected += l->injected;
	sum->hidden += ledger_event(&l->m->ledger, EV_HIDDEN_EMUL);
	sum->tiny += ledger_event(&l->m->ledger, EV_TINYEMU);
	sum->mixed += ledger_event(&l->m->ledger, EV_MIXEDMB);
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

		random_guest(&k, 900 + seed, RECORDS, &n);
		one_row(&k, seed, &rows[0], &sum[0]);
		for (unsigned i = 0; i < EACH; i++) {
			unsigned other = 1 + (unsigned)(seed + 3 * i) % (ROWS - 1);

			one_row(&k, seed, &rows[other], &sum[other]);
		}
		kit_free(&k);
	}
	for (unsigned i = 0; i < ROWS; i++) {
		print_message("# %-34s %-10s extra %llu forced %llu injected %llu emulated %llu tiny %llu "
			      "mixed %llu\n", rows[i].spec, rows[i].core, (unsigned long long)sum[i].extra,
			      (unsigned long long)sum[i].forced, (unsigned long long)sum[i].injected,
			      (unsigned long long)sum[i].hidden, (unsigned long long)sum[i].tiny,
			      (unsigned long long)sum[i].mixed);
		assert_true(sum[i].seeds >= 5);
		assert_true(sum[i].extra && sum[i].forced && sum[i].injected && sum[i].tiny);
	}
	/* one AP a page: what some quarter allows beyond that is emulated; with four APs nothing is */
	assert_true(sum[0].hidden && !sum[1].hidden);
}

static uint64_t booked(const struct kit *k, const char *core, enum event event, uint64_t *traps)
{
	uint64_t n[2];

	for (unsigned i = 0; i < 2; i++) {
		struct cpu_row one = kit_one_tlb(cpu_find(core));
		struct kit_plan p = { .row = &one, .engine = i ? ENGINE_FAST : ENGINE_REF, .verify = !i };
		struct lane *l = kit_replay(k, "coherent", &p);

		assert_int_equal(l->violations, 0);
		n[i] = ledger_event(&l->m->ledger, event);
		*traps = kit_traps(&l->m->ledger);
		lane_destroy(l);
	}
	assert_int_equal(n[0], n[1]);
	return n[0];
}

/* Before ARMv6 an unaligned load is rotated. ARM11 does so too (SCTLR.U clear); on an ARMv7 core it aborts, and the
 * monitor does it, if the guest's tables allow. */
static void unaligned_accesses(void **state)
{
	static const uint32_t at[] = { 0x102, 0x1fe, 0x201, 0x300 };
	uint64_t before, traps;
	struct kit k;

	(void)state;
	kit_linux(&k);
	kit_access(&k, KIT_LINEAR, false, 2);
	assert_int_equal(booked(&k, "cortex-a8", EV_UNALIGNED, &before), 0);
	for (unsigned i = 0; i < 4; i++)
		kit_access(&k, KIT_LINEAR + at[i], i & 1, 2);
	assert_int_equal(booked(&k, "cortex-a8", EV_UNALIGNED, &traps), 3);
	assert_int_equal(traps, before + 3);
	assert_int_equal(booked(&k, "arm1176", EV_UNALIGNED, &traps), 0);
	kit_mode(&k, KIT_USR);
	kit_data_abort(&k, KIT_LINEAR + 0x102, false, false, fault_fsr(FS_PERM_SECTION, 0));
	assert_int_equal(booked(&k, "cortex-a8", EV_TRUE_FAULT, &traps), 1);
	assert_int_equal(booked(&k, "cortex-a8", EV_UNALIGNED, &traps), 3);
	kit_free(&k);
}

/* What the guest's kernel drains traps on its own core; ARMv6 lets user mode do it. */
static void barriers_do_not_trap(void **state)
{
	uint64_t traps[2];
	struct kit k;

	(void)state;
	kit_linux(&k);
	assert_int_equal(booked(&k, "arm1176", EV_OP_BARRIER, &traps[0]), 0);
	kit_cpw(&k, KIT_DRAIN, 0);
	assert_int_equal(booked(&k, "arm1176", EV_OP_BARRIER, &traps[1]), 0);
	assert_int_equal(booked(&k, "arm1176", EV_MAINT_DRAIN, &traps[1]), 1);
	assert_int_equal(traps[0], traps[1]);
	assert_int_equal(booked(&k, "arm926", EV_OP_BARRIER, &traps[1]), 1);
	kit_free(&k);
}

/* A PID is loaded into the host's register; a host without cannot run such a guest. */
static void fcse_needs_the_host_s(void **state)
{
	struct kit_plan p = { .core = "cortex-a15" };
	struct lane *l;
	struct diag d;
	struct kit k;

	(void)state;
	kit_linux(&k);
	kit_cpw(&k, KEY_FCSE, 3 << 25);
	l = kit_lane(&k, "coherent", &p);
	kit_feed(l, &k, 0, KIT_NOW, 4096);
	assert_err(ERR_CONFIG, kit_finish(l, &k, &d), &d, "feature.fcse");
	lane_destroy(l);
	p.core = "arm1176";
	l = kit_replay(&k, "coherent", &p);
	lane_destroy(l);
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unaligned_accesses),
		cmocka_unit_test(barriers_do_not_trap),
		cmocka_unit_test(fcse_needs_the_host_s),
		cmocka_unit_test(random_guests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
