/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations of a guest on other hosts than its own: what each core does for them, counted and priced
 * by hand, that the effect is the one asked for, and what cannot run where.
 */
#include "tests/support.h"

#include <string.h>

#include "models/cpu/cpu.h"
#include "sim/host_tlb.h"
#include "sim/spec.h"
#include "tests/machine_kit.h"

#define DATA (KIT_LINEAR + 0x400000)    /* write-back */
enum {
	DIRTY = 7,
	CLEAN_ALL_V6 = CP_KEY(7, 0, 10, 0), FLUSH_ALL_V6 = CP_KEY(7, 0, 14, 0),
	FLUSH_WAY = CP_KEY(7, 0, 14, 2), INVAL_I_LINE = CP_KEY(7, 0, 5, 1),
	FLUSH_LINE = CP_KEY(7, 0, 14, 1), INVAL_LINE = CP_KEY(7, 0, 6, 1), INVAL_D = CP_KEY(7, 0, 6, 0),
	ALLOCATE = CP_KEY(7, 0, 2, 5), DMB = CP_KEY(7, 0, 10, 5),
};

struct follower { struct kit k; struct lane *l; size_t at; struct ledger book, diff; cycles128_t cycles; };

static void go(struct follower *f)
{
	kit_catch_up(f->l, &f->k, &f->at);
}

/* DIRTY lines of data, all else of the data cache clean. */
static void dirty_lines(struct follower *f)
{
	for (unsigned i = 0; i < DIRTY; i++)
		kit_access(&f->k, DATA + 128 * i, false, 2);
	for (unsigned i = 0; i < DIRTY; i++)
		kit_access(&f->k, DATA + 128 * i, true, 2);
	go(f);
}

static bool guest_is_v6(const char *core)
{
	return cpu_find(core)->arch[4] == '6';
}

static void start(struct follower *f, const char *guest, const char *host, const char *spec)
{
	struct kit_plan p = { .core = host, .set = { KIT_PLAIN_CACHES }, .verify = true };

	if (guest_is_v6(guest))
		kit_linux_v6(&f->k, guest);
	else
		kit_linux_on(&f->k, guest);
	f->l = kit_lane(&f->k, spec, &p);
	f->at = 0;
	go(f);
	assert_int_equal(cache_dirty_lines(f->l->m->l1d), 0);
	dirty_lines(f);
	assert_int_equal(cache_dirty_lines(f->l->m->l1d), DIRTY);
}

/* One coprocessor instruction, and what it books. */
static void does(struct follower *f, uint16_t key, uint32_t value, bool read)
{
	f->k.pc = KIT_CODE;             /* a line that the instruction cache holds */
	kit_exec(&f->k);
	go(f);
	f->book = f->l->m->ledger;
	f->cycles = f->l->m->cycles;
	f->k.pc = KIT_CODE;
	if (read)
		kit_cpr(&f->k, key, value);
	else
		kit_cpw(&f->k, key, value);
	go(f);
	kit_since(&f->diff, f->l, &f->book);
	f->cycles = f->l->m->cycles - f->cycles;
}

static uint64_t booked(const struct follower *f, enum event e)
{
	return ledger_event(&f->diff, e);
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

struct whole {
	const char *guest, *host;
	uint16_t key;
	bool read, inval;
	unsigned clean, dirty, test, load, op;  /* lines and instructions */
};

/* Nominal costs: clean_clean 3, clean_dirty 20, test_clean 3, line_fill 49, cp15_op 2; the instruction
 * itself 1. */
static void whole_data_cache(void **state)
{
	static const struct whole rows[] = {
		{ "arm926", "arm926", KIT_TESTCLEAN_INV, true, true, 0, DIRTY, DIRTY + 1, 0, 0 },
		{ "arm926", "generic", KIT_TESTCLEAN_INV, true, true, 0, DIRTY, DIRTY + 1, 0, 0 },
		{ "arm926", "arm920t", KIT_TESTCLEAN_INV, true, true, 512 - DIRTY, DIRTY, 0, 0, 0 },
		{ "arm926", "arm922t", KIT_TESTCLEAN_INV, true, true, 256 - DIRTY, DIRTY, 0, 0, 0 },
		{ "arm926", "sa1110", KIT_TESTCLEAN_INV, true, true, 0, DIRTY, 0, 256, 1 },
		{ "arm926", "pxa255", KIT_TESTCLEAN_INV, true, true, 0, DIRTY, 0, 0, 1024 + 1 },
		{ "arm926", "sa1110", CP_KEY(7, 0, 10, 3), true, true, 0, DIRTY, 0, 256, 0 },
		{ "arm926", "arm920t", CP_KEY(7, 0, 10, 3), true, false, 512 - DIRTY, DIRTY, 0, 0, 0 },
		{ "arm1136", "arm1136", CLEAN_ALL_V6, false, false, 0, DIRTY, 512, 0, 0 },
		{ "arm1136", "mpcore", FLUSH_ALL_V6, false, true, 0, DIRTY, 1024, 0, 0 },
		{ "arm1136", "cortex-a8", FLUSH_ALL_V6, false, true, 256 - DIRTY, DIRTY, 0, 0, 0 },
		{ "arm1136", "cortex-a15", CLEAN_ALL_V6, false, false, 512 - DIRTY, DIRTY, 0, 0, 0 },
		{ "arm926", "arm920t", INVAL_D, false, true, 0, 0, 0, 0, 1 },
		{ "arm1136", "cortex-a8", INVAL_D, false, true, 256, 0, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct whole *w = &rows[i];
		struct follower f;
		unsigned cycles = 1 + 3 * w->clean + 20 * w->dirty + 3 * w->test + 49 * w->load + 2 * w->op;

		start(&f, w->guest, w->host, "native");
		does(&f, w->key, 0, w->read);
		assert_int_equal(booked(&f, EV_MAINT_CLEAN), w->clean);
		assert_int_equal(booked(&f, EV_MAINT_DIRTY), w->dirty);
		assert_int_equal(booked(&f, EV_MAINT_TEST), w->test);
		assert_int_equal(booked(&f, EV_MAINT_LOAD), w->load);
		assert_int_equal(booked(&f, EV_MAINT_OP), w->op);
		if (f.cycles != 1000 * (cycles128_t)cycles)
			fail_msg("row %zu: %llu milli-cycles, not %u cycles", i,
				 (unsigned long long)f.cycles, cycles);
		assert_int_equal(cache_dirty_lines(f.l->m->l1d), 0);
		assert_int_equal(!cache_resident(f.l->m->l1d), w->inval);
		done(&f);
	}
}

/* Under a monitor the same, behind one trap; looped: a trap for each line and one to see the end. */
static void by_a_monitor(void **state)
{
	static const char *const hosts[] = { "arm926", "arm920t", "sa1110", "pxa255" };

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		struct kit_plan p = { .core = hosts[i / 2], .verify = true, .set = { KIT_PLAIN_CACHES,
				      "hv.memory=flat", i % 2 ? "testclean=looped" : "testclean=coalesced" } };
		struct follower f;

		kit_linux(&f.k);
		f.l = kit_lane(&f.k, "coherent", &p);
		f.at = 0;
		go(&f);
		dirty_lines(&f);
		assert_int_equal(cache_dirty_lines(f.l->m->l1d), DIRTY);
		does(&f, KIT_TESTCLEAN_INV, 0, true);
		assert_int_equal(booked(&f, EV_MAINT_DIRTY), DIRTY);
		assert_int_equal(booked(&f, EV_TRAP_UND), i % 2 ? DIRTY + 1 : 1);
		assert_int_equal(booked(&f, EV_MAINT_LOAD), i / 2 == 2 ? 256 : 0);
		assert_int_equal(cache_resident(f.l->m->l1d), 0);
		/* a guest's invalidate keeps the monitor's dirty lines, by any sequence */
		dirty_lines(&f);
		does(&f, INVAL_D, 0, false);
		assert_int_equal(booked(&f, EV_MAINT_DIRTY), DIRTY);
		done(&f);
	}
}

/* Entries of both sides, an I line on a core that has only the whole, a range line by line. */
static void finer_operations(void **state)
{
	static const struct {
		const char *guest, *host;
		uint16_t key;
		uint32_t value;
		unsigned tlb_all, tlb_mva, tlb_asid, clean, dirty, op, drain;
	} rows[] = {
		{ "arm926", "arm926", KIT_TLBI_MVA, DATA, 0, 1, 0, 0, 0, 0, 0 },
		{ "arm926", "arm920t", KIT_TLBI_MVA, DATA, 0, 2, 0, 0, 0, 0, 0 },
		{ "arm926", "sa1110", KIT_TLBI_MVA, DATA, 1, 1, 0, 0, 0, 0, 0 },
		{ "arm926", "sa1110", KIT_TLBI_ALL, 0, 1, 0, 0, 0, 0, 0, 0 },
		{ "arm926", "sa1110", CP_KEY(8, 0, 5, 1), DATA, 1, 0, 0, 0, 0, 0, 0 },
		{ "arm1136", "arm1176", CP_KEY(8, 0, 7, 2), 0, 0, 0, 1, 0, 0, 0, 0 },
		{ "mpcore", "arm1176", CP_KEY(8, 0, 7, 3), DATA, 1, 0, 0, 0, 0, 0, 0 },
		{ "mpcore", "cortex-a15", CP_KEY(8, 0, 7, 3), DATA, 0, 1, 0, 0, 0, 0, 0 },
		{ "arm926", "sa1110", INVAL_I_LINE, KIT_CODE, 0, 0, 0, 0, 0, 1, 0 },
		{ "arm926", "arm920t", INVAL_I_LINE, KIT_CODE, 0, 0, 0, 1, 0, 0, 0 },
		{ "arm926", "arm920t", FLUSH_LINE, DATA, 0, 0, 0, 0, 1, 0, 0 },
		{ "arm926", "pxa255", FLUSH_LINE, DATA, 0, 0, 0, 1, 1, 0, 0 },
		{ "arm926", "sa1110", FLUSH_LINE, DATA + 32, 0, 0, 0, 2, 0, 0, 0 },
		{ "arm926", "sa1110", KIT_DRAIN, 0, 0, 0, 0, 0, 0, 0, 1 },
		{ "arm1136", "cortex-a8", DMB, 0, 0, 0, 0, 0, 0, 1, 0 },
		{ "arm1136", "generic", DMB, 0, 0, 0, 0, 0, 0, 1, 0 },
		{ "arm1136", "cortex-a8", CP_KEY(7, 0, 0, 4), 0, 0, 0, 0, 0, 0, 0, 0 },
		{ "pxa255", "pxa255", CP_KEY(10, 0, 4, 1), 0, 0, 0, 0, 0, 0, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct follower f;
		bool v6_words = !strcmp(rows[i].host, "generic");
		struct kit_plan p = { .core = "generic", .verify = true, .set = { "feature.tex=on",
			"feature.fine=off", "feature.xn=on", "feature.ttbcr=on", "feature.asid=on" } };

		if (v6_words) {
			kit_linux_v6(&f.k, rows[i].guest);
			f.l = kit_lane(&f.k, "native", &p);
			f.at = 0;
			dirty_lines(&f);
		} else {
			start(&f, rows[i].guest, rows[i].host, "native");
		}
		does(&f, rows[i].key, rows[i].value, false);
		assert_int_equal(booked(&f, EV_MAINT_TLB_ALL), rows[i].tlb_all);
		assert_int_equal(booked(&f, EV_MAINT_TLB_MVA), rows[i].tlb_mva);
		assert_int_equal(booked(&f, EV_MAINT_TLB_ASID), rows[i].tlb_asid);
		assert_int_equal(booked(&f, EV_MAINT_CLEAN), rows[i].clean);
		assert_int_equal(booked(&f, EV_MAINT_DIRTY), rows[i].dirty);
		assert_int_equal(booked(&f, EV_MAINT_OP), rows[i].op);
		assert_int_equal(booked(&f, EV_MAINT_DRAIN), rows[i].drain);
		if (rows[i].key == INVAL_I_LINE)        /* the whole, or all but the line */
			assert_int_equal(!cache_resident(f.l->m->l1i), !strcmp(rows[i].host, "sa1110"));
		done(&f);
	}
}

/* MCRR: as many lines as the range has, of the host's length. Rt is the last address, Rt2 the first. */
static void ranges(void **state)
{
	static const struct { const char *host; unsigned lines; } rows[] = {
		{ "arm1136", 25 }, { "mpcore", 25 }, { "cortex-a8", 13 },
	};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct trace_rec r = { .kind = TRACE_CP_WRITE, .arg = CP_KEY_64 | CP_KEY(0, 0, 14, 0),
				       .a = DATA + 128 * (DIRTY - 1), .b = DATA };
		struct follower f;

		start(&f, "arm1136", rows[i].host, "native");
		f.book = f.l->m->ledger;
		kit_put(&f.k, &r, NULL);
		go(&f);
		kit_since(&f.diff, f.l, &f.book);
		assert_int_equal(booked(&f, EV_MAINT_DIRTY), DIRTY);
		assert_int_equal(booked(&f, EV_MAINT_CLEAN), rows[i].lines - DIRTY);
		assert_int_equal(cache_dirty_lines(f.l->m->l1d), 0);
		done(&f);
	}
}

/* A guest's own loop by set and way, 512 steps, reaches every line of whatever cache: where that has
 * more lines, each step is more than one of the core's own. */
static void loops_by_set_and_way(void **state)
{
	static const struct { const char *host, *set; enum event e; unsigned n; } rows[] = {
		{ "arm926", NULL, EV_MAINT_CLEAN, 512 }, { "arm920t", NULL, EV_MAINT_CLEAN, 512 },
		{ "arm922t", NULL, EV_MAINT_CLEAN, 512 }, { "sa1110", NULL, EV_MAINT_LOAD, 512 },
		{ "arm926", "l1d.bytes=32768", EV_MAINT_CLEAN, 1024 },
		{ "arm926", "l1d.line=16", EV_MAINT_CLEAN, 1024 },
		{ "sa1110", "l1d.bytes=65536", EV_MAINT_LOAD, 2048 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit_plan p = { .core = rows[i].host, .verify = true,
				      .set = { KIT_PLAIN_CACHES, rows[i].set } };
		struct follower f;
		uint64_t n;

		kit_linux(&f.k);
		f.l = kit_lane(&f.k, "native", &p);
		f.at = 0;
		dirty_lines(&f);
		assert_int_equal(cache_dirty_lines(f.l->m->l1d), DIRTY);
		f.book = f.l->m->ledger;
		for (uint32_t way = 0; way < 4; way++)
			for (uint32_t set = 0; set < 128; set++)
				kit_cpw(&f.k, FLUSH_WAY, way << 30 | set << 5);
		go(&f);
		kit_since(&f.diff, f.l, &f.book);
		n = booked(&f, rows[i].e) + (rows[i].e == EV_MAINT_CLEAN ? booked(&f, EV_MAINT_DIRTY) : 0);
		assert_int_equal(n, rows[i].n);
		assert_int_equal(booked(&f, EV_MAINT_DIRTY), DIRTY);
		assert_int_equal(cache_resident(f.l->m->l1d), 0);
		done(&f);
	}
}

/* XScale's way to clean: 1024 allocations of lines that nobody uses, one instruction each. */
static void loops_of_allocations(void **state)
{
	struct follower f;

	(void)state;
	start(&f, "pxa255", "pxa255", "native");
	f.book = f.l->m->ledger;
	for (uint32_t i = 0; i < 1024; i++)
		kit_cpw(&f.k, ALLOCATE, KIT_LINEAR + 0x800000 + 32 * i);
	go(&f);
	kit_since(&f.diff, f.l, &f.book);
	assert_int_equal(booked(&f, EV_MAINT_OP), 1024);
	assert_int_equal(booked(&f, EV_MAINT_DIRTY), DIRTY);
	assert_int_equal(booked(&f, EV_MAINT_LOAD), 0);
	assert_int_equal(cache_dirty_lines(f.l->m->l1d), 0);
	assert_int_equal(cache_counts(f.l->m->l1d)->allocs, 1024);
	done(&f);
}

/* What a monitor pays to drop one translation. */
static void invalidates_of_a_monitor(void **state)
{
	static const struct { const char *host; unsigned all, mva; } rows[] = {
		{ "arm926", 0, 1 }, { "arm920t", 0, 2 }, { "pxa270", 0, 2 }, { "sa1110", 1, 1 },
	};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct follower f;

		start(&f, "arm926", rows[i].host, "coherent");
		does(&f, KIT_TLBI_MVA, DATA, false);
		assert_int_equal(booked(&f, EV_HTLBI_ALL), rows[i].all);
		assert_int_equal(booked(&f, EV_HTLBI_MVA), rows[i].mva);
		does(&f, KIT_TLBI_ALL, 0, false);
		assert_int_equal(booked(&f, EV_HTLBI_ALL), 1);
		assert_int_equal(booked(&f, EV_HTLBI_MVA), 0);
		done(&f);
	}
}

/* Hints and lockdown that the host has no instruction for cost nothing there; its own cost one each. */
static void what_the_host_has_not(void **state)
{
	enum { PREFETCH_I = CP_KEY(7, 0, 13, 1), LOCK_MODE = CP_KEY(9, 0, 2, 0), UNLOCK = CP_KEY(9, 0, 2, 1) };
	static const struct { const char *guest, *host; uint16_t key; unsigned op, ignored; } rows[] = {
		{ "arm926", "arm926", PREFETCH_I, 1, 0 }, { "arm926", "arm920t", PREFETCH_I, 1, 0 },
		{ "arm926", "pxa255", PREFETCH_I, 0, 0 }, { "arm926", "sa1110", PREFETCH_I, 0, 0 },
		{ "pxa255", "pxa255", LOCK_MODE, 1, 0 }, { "pxa255", "pxa255", UNLOCK, 1, 0 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct follower f;

		start(&f, rows[i].guest, rows[i].host, "native");
		does(&f, rows[i].key, 0, false);
		if (booked(&f, EV_MAINT_OP) != rows[i].op)
			fail_msg("row %u: %u", i, (unsigned)booked(&f, EV_MAINT_OP));
		assert_int_equal(f.l->m->tally.cache_lock_writes, rows[i].key != PREFETCH_I);
		assert_int_equal(f.l->m->tally.cache_lock_ignored, rows[i].ignored);
		done(&f);
	}
}

/* A monitor's loop of test-and-clean traps ends when both data caches are clean. */
static void looped_test_and_clean(void **state)
{
	struct kit_plan p = { .core = "generic", .verify = true,
			      .set = { "testclean=looped", "minid.bytes=512" } };
	static const uint8_t all[4] = { 3, 3, 3, 3 };
	struct follower f;
	unsigned dirty;

	(void)state;
	kit_linux(&f.k);
	kit_poke(&f.k, KIT_ROOT + 4 * 0x100, pt_encode_v5_coarse(KIT_L2, 0));
	kit_poke(&f.k, KIT_L2, pt_encode_v5_small(0x200000, all, 2));   /* C = 1, B = 0: the small one */
	f.l = kit_lane(&f.k, "coherent", &p);
	f.at = 0;
	go(&f);
	for (unsigned i = 0; i < 3; i++)
		kit_access(&f.k, 0x10000000 + 32 * i, false, 2);
	for (unsigned i = 0; i < 3; i++)
		kit_access(&f.k, 0x10000000 + 32 * i, true, 2);
	dirty_lines(&f);
	assert_int_equal(cache_dirty_lines(f.l->m->minid), 3);
	f.k.pc = KIT_CODE;
	kit_exec(&f.k);
	go(&f);
	dirty = host_dirty_lines(f.l->m);
	assert_true(dirty >= DIRTY + 3);
	f.book = f.l->m->ledger;
	kit_cpr(&f.k, KIT_TESTCLEAN_INV, 0);
	go(&f);
	kit_since(&f.diff, f.l, &f.book);
	/* the monitor's own lines of the first trap may be dirty as well */
	assert_in_range(booked(&f, EV_TRAP_UND), dirty + 1, dirty + 1 + f.l->m->cfg.hv_dlines);
	assert_int_equal(booked(&f, EV_TRAP_UND), booked(&f, EV_MAINT_TEST));
	done(&f);
}

static void refused(const char *guest, const char *host, const char *strategy, const char *why)
{
	const struct cpu_row *row = cpu_find(host);
	struct cost_set costs;
	struct machine *m;
	struct spec s;
	struct diag d;
	struct kit k;

	if (guest_is_v6(guest))
		kit_linux_v6(&k, guest);
	else
		kit_linux_on(&k, guest);
	cost_set_default(&costs);
	assert_ok(spec_parse(&s, strategy, &d), &d);
	assert_err(ERR_CONFIG, machine_create(&m, row, &row->config, &costs, s.ops, spec_params(&s),
					      &k.t.header, &d), &d, why);
	spec_free(&s);
	kit_free(&k);
}

static void what_cannot_run_where(void **state)
{
	(void)state;
	refused("arm926", "arm1136", "native", "cannot run a guest of armv5");
	refused("arm926", "cortex-a8", "inplace", "cannot run a guest of armv5");
	refused("arm1136", "arm920t", "native", "cannot run a guest of armv6");
	refused("arm1136", "arm920t", "coherent", "cannot run a guest of armv6");
	refused("pxa255", "arm920t", "native", "feature.tex");
	refused("pxa270", "arm926", "native", "feature.tex");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_data_cache),
		cmocka_unit_test(by_a_monitor),
		cmocka_unit_test(finer_operations),
		cmocka_unit_test(ranges),
		cmocka_unit_test(loops_by_set_and_way),
		cmocka_unit_test(loops_of_allocations),
		cmocka_unit_test(invalidates_of_a_monitor),
		cmocka_unit_test(what_cannot_run_where),
		cmocka_unit_test(what_the_host_has_not),
		cmocka_unit_test(looped_test_and_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
