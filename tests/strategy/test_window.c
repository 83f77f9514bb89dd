/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hv.window: the hypervisor's window elsewhere. What the guest has there is emulated access by access, and its
 * vectors cost what they did; on random guests that map, edit and run megabytes in it, whatever the hardware did was
 * permitted, the audit finds nothing, and both engines count the same.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/strategy/random_guest.h"
#include "tests/strategy/random_guest_v6.h"

enum { RECORDS = 6000, STEP = 400, SEEDS = 12, EACH = 7 };

#define MB(n) ((uint32_t)(n) << SECTION_LOG2)
static const char *const strategies[] = { "coherent", "cached", "inplace" };

/* --- exact counts ------------------------------------------------------------------------------ */

struct bench { struct kit k; struct lane *l; struct ledger before, diff; size_t at; };

static void bench_start(struct bench *b, const char *spec, const char *window, const char *bytes)
{
	struct kit_plan p = { .set = { "hv.memory=flat", window, bytes }, .verify = true };

	memset(b, 0, sizeof(*b));
	kit_linux(&b->k);
	b->k.pc = KIT_CODE;
	kit_exec(&b->k);
	b->l = kit_lane(&b->k, spec, &p);
	kit_catch_up(b->l, &b->k, &b->at);
	b->before = b->l->m->ledger;
}

static const struct ledger *spent(struct bench *b)
{
	kit_catch_up(b->l, &b->k, &b->at);
	kit_since(&b->diff, b->l, &b->before);
	b->before = b->l->m->ledger;
	return &b->diff;
}

static void access_is(struct bench *b, uint32_t va, unsigned traps, unsigned holes)
{
	const struct ledger *s;

	b->k.pc = KIT_CODE;
	kit_access(&b->k, va, true, 2);
	s = spent(b);
	assert_int_equal(kit_traps(s), traps);
	assert_int_equal(ledger_event(s, EV_HYPHOLE), holes);
}

static void bench_stop(struct bench *b)
{
	struct diag d = { "" };

	assert_ok(kit_finish(b->l, &b->k, &d), &d);
	if (b->l->violations)
		fail_msg("%s", b->l->first_violation.msg);
	lane_destroy(b->l);
	kit_free(&b->k);
}

/* The linear map's megabytes: what lies in the window costs a trap each time, its neighbours one fill. */
static void what_lies_there_is_emulated(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct bench b;

		bench_start(&b, strategies[i], "hv.window=0xc0400000", NULL);
		access_is(&b, KIT_LINEAR + MB(5) - 4, 1, 1);
		access_is(&b, KIT_LINEAR + MB(5) - 4, 1, 1);
		access_is(&b, KIT_LINEAR + MB(4), 1, 1);
		access_is(&b, KIT_LINEAR + MB(5), 1, 0);
		access_is(&b, KIT_LINEAR + MB(5), 0, 0);
		access_is(&b, KIT_LINEAR + MB(4) - 4, 1, 0);
		access_is(&b, KIT_LINEAR + MB(4) - 4, 0, 0);
		access_is(&b, KIT_HOLE, 1, 1);          /* the vectors' megabyte stays the hypervisor's */
		bench_stop(&b);
		bench_start(&b, strategies[i], "hv.window=0xc0400000", "hv.window-bytes=3145728");
		access_is(&b, KIT_LINEAR + MB(6), 1, 1);
		access_is(&b, KIT_LINEAR + MB(7) - 4, 1, 1);
		access_is(&b, KIT_LINEAR + MB(7), 1, 0);
		access_is(&b, KIT_LINEAR + MB(7), 0, 0);
		bench_stop(&b);
	}
}

/* Linux of ARMv5 stores its thread's word in the vectors page at each switch of threads: one trap each, wherever
 * the window lies. Where the helpers that load it run costs nothing more, once the page's copy is there. */
static void the_thread_word_costs_a_trap_a_switch(void **state)
{
	static const char *const place[] = { "hv.window=0xfff00000", "hv.window=0xc0400000", "hv.window=0" };

	(void)state;
	for (unsigned i = 0; i < 9; i++) {
		const struct ledger *s;
		struct bench b;

		bench_start(&b, strategies[i % 3], place[i / 3], NULL);
		for (unsigned n = 0; n < 5; n++) {
			b.k.pc = KIT_CODE;
			kit_access(&b.k, KIT_VECTORS + 0xff0, true, 2);
			s = spent(&b);
			assert_int_equal(kit_traps(s), 1);
			assert_int_equal(ledger_event(s, EV_VECTORS_EMUL), 1);
		}
		kit_mode(&b.k, KIT_USR);
		kit_run(&b.k, KIT_VECTORS + 0xfe0, 2);  /* fills the copy */
		kit_exec(&b.k);
		spent(&b);
		kit_run(&b.k, KIT_VECTORS + 0xfe0, 2);
		kit_exec(&b.k);
		s = spent(&b);
		assert_int_equal(kit_traps(s), 1);
		assert_int_equal(ledger_event(s, EV_VECTORS_PC), 1);
		bench_stop(&b);
	}
}

/* The hypervisor's vectors low: the guest's page is a page like any other, and the first megabyte is emulated. */
static void low_vectors_leave_the_page_to_the_guest(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const struct ledger *s;
		struct bench b;

		bench_start(&b, strategies[i], "hv.window=0xc0400000", "hv.vectors=low");
		access_is(&b, KIT_VECTORS + 0xff0, 1, 0);
		for (unsigned n = 0; n < 5; n++)
			access_is(&b, KIT_VECTORS + 0xff0, 0, 0);
		access_is(&b, KIT_HOLE, i < 2, 0);      /* a page beside it: inplace has its whole table by now */
		access_is(&b, KIT_HOLE, 0, 0);
		kit_mode(&b.k, KIT_USR);
		kit_run(&b.k, KIT_VECTORS + 0xfe0, 2);
		kit_exec(&b.k);
		spent(&b);
		kit_run(&b.k, KIT_VECTORS + 0xfe0, 2);
		kit_exec(&b.k);
		assert_int_equal(kit_traps(spent(&b)), 0);      /* a user's helper, run where it is */
		kit_exc(&b.k, 2, KIT_SVC);
		kit_run(&b.k, KIT_VECTORS + 8, 1);
		kit_exec(&b.k);
		s = spent(&b);
		assert_int_equal(kit_traps(s), 1);
		assert_int_equal(ledger_event(s, EV_VECTORS_PC), 0);
		kit_poke(&b.k, KIT_ROOT, pt_encode_v5_section(MB(5), 3, 0, 0));
		spent(&b);
		access_is(&b, 0x8000, 1, 1);
		access_is(&b, 0x8000, 1, 1);
		bench_stop(&b);
	}
}

/* --- random guests ----------------------------------------------------------------------------- */

struct row { const char *spec; const char *set[4]; };

/* In megabytes that these guests map at random, beside them, and in the linear map with all tables. */
static const struct row rows[] = {
	{ "coherent", { "hv.window=0x10100000" } },
	{ "cached", { "hv.window=0x10100000" } },
	{ "inplace", { "hv.window=0x10100000" } },
	{ "coherent:entries=16", { "hv.window=0xffe00000", "hv.window-bytes=2097152" } },
	{ "coherent:view=two-tables", { "hv.window=0xc0000000", "map=offset" } },
	{ "coherent:mb=split-view:dacr=pass", { "hv.window=0x00200000", "map=fragmented" } },
	{ "coherent:sections=fracture", { "hv.window=0x10000000", "hv.window-bytes=2097152", "l1d.kind=pipt" } },
	{ "cached:sync=unsync", { "hv.window=0xc0000000" } },
	{ "cached:filter=on:roots=2", { "hv.window=0x10000000", "hv.window-bytes=3145728", "map=fragmented" } },
	{ "cached:view=two-tables:dacr=track", { "hv.window=0x00200000", "tlb.entries=8", "tlb.ways=8" } },
	{ "cached:mb=split-view:prefill=16", { "hv.window=0xffe00000", "l1d.kind=vipt" } },
	{ "inplace:variant=I2", { "hv.window=0xc0000000" } },
	{ "inplace:variant=I4:filter=on", { "hv.window=0x10200000", "map=fragmented", "map.block=65536" } },
	{ "inplace:variant=I6:roots=2", { "hv.window=0x10000000", "hv.window-bytes=2097152", "map=offset" } },
	{ "coherent", { "hv.window=0x10100000", "hv.vectors=low" } },
	{ "cached:view=fold", { "hv.window=0xc0000000", "hv.vectors=low", "map=fragmented" } },
	{ "inplace:filter=on", { "hv.window=0x10000000", "hv.window-bytes=2097152", "hv.vectors=low" } },
};
/* No variants that hold quarters or words of ARMv5. */
static const struct row rows_v6[] = {
	{ "coherent", { "hv.window=0x10100000" } },
	{ "cached", { "hv.window=0x10100000" } },
	{ "inplace", { "hv.window=0x10100000" } },
	{ "coherent:asids=4:view=two-tables", { "hv.window=0x10000000", "hv.window-bytes=2097152" } },
	{ "coherent:mb=split-view", { "hv.window=0x30000000", "map=offset" } },
	{ "coherent:view=fold:dacr=pass", { "hv.window=0xc0000000", "map=fragmented" } },
	{ "coherent", { "hv.window=0xffe00000", "hv.window-bytes=2097152" } },
	{ "cached:sync=unsync:roots=2", { "hv.window=0x10500000", "map=fragmented" } },
	{ "cached:view=two-tables", { "hv.window=0x00200000" } },
	{ "cached:mb=split-view:dacr=track", { "hv.window=0xc0000000" } },
	{ "cached:prefill=16", { "hv.window=0x10f00000", "hv.window-bytes=4194304" } },
	{ "inplace:variant=I4", { "hv.window=0xc0000000" } },
	{ "inplace:variant=I6:roots=2", { "hv.window=0x30000000", "map=offset" } },
	{ "coherent:view=two-tables", { "hv.window=0x10000000", "hv.window-bytes=2097152", "hv.vectors=low" } },
	{ "cached", { "hv.window=0xc0000000", "hv.vectors=low", "map=fragmented" } },
	{ "inplace", { "hv.window=0x10000000", "hv.window-bytes=2097152", "hv.vectors=low" } },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]), ROWS_V6 = sizeof(rows_v6) / sizeof(rows_v6[0]) };

static struct lane *start(const struct kit *k, const struct row *row, enum engine engine)
{
	struct cpu_row one = kit_one_tlb(cpu_find(k->t.header.core));
	struct kit_plan p = { .row = &one, .engine = engine, .verify = engine == ENGINE_REF };

	memcpy(p.set, row->set, sizeof(row->set));
	return kit_lane(k, row->spec, &p);
}

static void engines_agree(const struct lane *a, const struct kit *k, const struct row *row, uint64_t seed)
{
	struct lane *b = start(k, row, ENGINE_FAST);
	struct structure_counts x, y;
	struct diag d;

	kit_feed(b, k, 0, KIT_NOW, seed % 2 ? 7 : 4096);
	assert_ok(kit_finish(b, k, &d), &d);
	memset(&x, 0, sizeof(x));
	memset(&y, 0, sizeof(y));
	lane_counts(a, &x);
	lane_counts(b, &y);
	assert_int_equal(b->plan.engine, ENGINE_FAST);
	if (memcmp(&a->m->ledger, &b->m->ledger, sizeof(a->m->ledger)) != 0 ||
	    memcmp(&x.tlb, &y.tlb, sizeof(x.tlb)) != 0 || memcmp(&x.l1i, &y.l1i, sizeof(x.l1i)) != 0 ||
	    memcmp(&x.l1d, &y.l1d, sizeof(x.l1d)) != 0 || a->injected != b->injected ||
	    a->extra_true != b->extra_true || a->forced != b->forced || a->insns != b->insns)
		fail_msg("seed %llu, %s %s: engine fast counts otherwise", (unsigned long long)seed, row->spec,
			 row->set[0]);
	lane_destroy(b);
}

static void one_row(const struct kit *k, const struct row *row, uint64_t seed, uint64_t *holes)
{
	struct lane *l = start(k, row, ENGINE_REF);
	struct diag d = { "" };

	for (size_t at = 0; at < k->t.n; at += STEP) {
		kit_feed(l, k, at, at + STEP, STEP);
		if (l->m->ops->audit(l->m->self, &d))
			fail_msg("seed %llu, %s %s, record %zu: %s", (unsigned long long)seed, row->spec,
				 row->set[0], at, d.msg);
		if (l->violations)
			fail_msg("seed %llu, %s %s: %s", (unsigned long long)seed, row->spec, row->set[0],
				 l->first_violation.msg);
	}
	assert_ok(kit_finish(l, k, &d), &d);
	*holes += ledger_event(&l->m->ledger, EV_HYPHOLE);
	engines_agree(l, k, row, seed);
	lane_destroy(l);
}

static void each_row_was_worth_it(const struct row *row, const uint64_t *holes, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		print_message("# %-40s %-22s %llu accesses there\n", row[i].spec, row[i].set[0],
			      (unsigned long long)holes[i]);
		assert_true(holes[i] >= 50);
	}
}

static void random_guests(void **state)
{
	uint64_t holes[ROWS] = { 0 };

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k;

		switch (seed % 3) {
		case 0: random_guest(&k, seed, RECORDS, &n); break;
		case 1: random_guest_aliases(&k, seed, RECORDS, &n); break;
		default: random_guest_busy(&k, seed, RECORDS, &n); break;
		}
		for (unsigned i = 0; i < EACH; i++)
			one_row(&k, &rows[(seed * EACH + i) % ROWS], seed, &holes[(seed * EACH + i) % ROWS]);
		kit_free(&k);
	}
	each_row_was_worth_it(rows, holes, ROWS);
}

static void random_guests_of_v6(void **state)
{
	static const char *const core[] = { "arm1136", "arm1176", "mpcore" };
	uint64_t holes[ROWS_V6] = { 0 };

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k;

		if (seed % 2)
			random_guest_v6_aliases(&k, core[seed % 3], seed, RECORDS, &n);
		else
			random_guest_v6_wide(&k, core[seed % 3], seed, RECORDS, &n);
		for (unsigned i = 0; i < EACH; i++)
			one_row(&k, &rows_v6[(seed * EACH + i) % ROWS_V6], seed, &holes[(seed * EACH + i) % ROWS_V6]);
		kit_free(&k);
	}
	each_row_was_worth_it(rows_v6, holes, ROWS_V6);
}

/* --- strategies that go wrong ------------------------------------------------------------------- */

static const struct strategy_ops *sound;
static struct strategy_port bent;
static void (*bend)(struct strategy_port *p);

static enum err start_bent(void *self, const void *params, const struct strategy_port *port, struct diag *d)
{
	bent = *port;
	bend(&bent);
	return sound->start(self, params, &bent, d);
}

static void as_it_is(struct strategy_port *p) { (void)p; }
static void window_is_not_known(struct strategy_port *p) { p->window_bytes = 0; }
static void window_is_the_last(struct strategy_port *p) { p->window = HV_WINDOW_VA; }
static void half_is_not_known(struct strategy_port *p) { p->window_bytes = MB(1); }

/* What a run finds of one that is bent: its audit, --verify, or the count of what has to be emulated. */
static uint64_t findings(const struct kit *k, void (*how)(struct strategy_port *p), uint64_t *holes)
{
	struct strategy_ops ops = *sound;
	struct kit_plan p = { .set = { "hv.window=0x10000000", "hv.window-bytes=2097152" }, .ops = &ops,
			      .verify = true };
	struct diag d = { "" };
	struct lane *l;
	uint64_t n;

	bend = how;
	ops.start = start_bent;
	l = kit_lane(k, sound->name, &p);
	kit_feed(l, k, 0, KIT_NOW, 4096);
	n = l->m->ops->audit(l->m->self, &d);
	(void)kit_finish(l, k, &d);
	n += l->violations;
	*holes = ledger_event(&l->m->ledger, EV_HYPHOLE);
	lane_destroy(l);
	return n;
}

static void each_mutant_is_caught(void **state)
{
	struct random_guest_counts counts;
	struct kit k;

	(void)state;
	random_guest(&k, 101, RECORDS, &counts);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t holes, fewer;

		sound = strategy_find(strategies[i]);
		assert_int_equal(findings(&k, as_it_is, &holes), 0);
		assert_true(findings(&k, window_is_not_known, &fewer) > 0);
		(void)findings(&k, window_is_the_last, &fewer);
		assert_true(fewer < holes);
		assert_int_equal(findings(&k, half_is_not_known, &fewer), 0);   /* nothing of the hypervisor's is there */
		assert_true(fewer < holes);
	}
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lies_there_is_emulated),
		cmocka_unit_test(the_thread_word_costs_a_trap_a_switch),
		cmocka_unit_test(low_vectors_leave_the_page_to_the_guest),
		cmocka_unit_test(random_guests),
		cmocka_unit_test(random_guests_of_v6),
		cmocka_unit_test(each_mutant_is_caught),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
