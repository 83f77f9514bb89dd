/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many traps the operations of an unmodified ARMv5 Linux are, by coherency source: set_pte, an address-space switch; in directed
 * sequences, and in each one of the shipped traces (strategies.md 8.5, V18; doc/clean-hint.md has the table).
 */
#include "tests/strategy/cached_bench.h"

#include <stdlib.h>
#include <string.h>

#include "traces/reader.h"

static void first_and_next_set_pte(const char *spec, unsigned first, unsigned next)
{
	struct bench b;

	bench_start(&b, spec);
	shadow_pages(&b);
	set_pte(&b, 2, 0);
	if (kit_traps(spent(&b)) != first)
		fail_msg("%s: the first set_pte is not %u traps", spec, first);
	for (unsigned i = 0; i < 3; i++) {
		set_pte(&b, 3, page_word(i));
		if (kit_traps(spent(&b)) != next)
			fail_msg("%s: the next set_pte is not %u traps", spec, next);
	}
	bench_stop(&b);
}

static void set_pte_by_source(void **state)
{
	(void)state;
	first_and_next_set_pte("cached", 4, 4);                 /* two stores, clean, drain */
	first_and_next_set_pte("cached:filter=on", 3, 3);       /* Linux's own word is in another quarter */
	first_and_next_set_pte("cached:sync=unsync", 3, 2);
	first_and_next_set_pte("cached:sync=stores+cleans+tlbi+roots", 3, 2);
	first_and_next_set_pte("cached:sync=hint", 2, 2);
	first_and_next_set_pte("cached:sync=tlbi+roots", 2, 2);
	first_and_next_set_pte("coherent", 2, 2);
}

/* The thread's word in the vectors page, which Linux stores at each switch where the core has no register for it. */
static void set_tls(struct bench *b)
{
	store(b, KIT_VECTORS + 0xff0);
}

static void switches(const char *spec, const char *testclean, unsigned dirty, unsigned traps)
{
	struct bench b;
	unsigned tls;

	bench_start_set(&b, spec, testclean);
	for (unsigned i = 0; i < 4; i++) {
		switch_to(&b, i & 1 ? KIT_ROOT : ROOT_B);
		set_tls(&b);
		for (uint32_t j = 0; j < 8; j++) {
			load(&b, KIT_LINEAR + 0x300000 + 32 * j);
			if (j < dirty)
				store(&b, KIT_LINEAR + 0x300000 + 32 * j);
		}
		(void)spent(&b);
	}
	switch_to(&b, ROOT_B);
	if (kit_traps(spent(&b)) != traps)
		fail_msg("%s, %s: a switch is not %u traps", spec, testclean, traps);
	set_tls(&b);
	tls = (unsigned)ledger_event(spent(&b), EV_VECTORS_EMUL);
	assert_int_equal(tls, 1);
	bench_stop(&b);
}

static void switch_by_loop(void **state)
{
	static const char *const specs[] = {
		"coherent", "cached", "cached:filter=on", "cached:sync=unsync", "cached:sync=hint",
		"cached:sync=tlbi+roots",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		switches(specs[i], "testclean=coalesced", 7, 5);
		switches(specs[i], "testclean=looped", 0, 0 + 1 + 4);
		switches(specs[i], "testclean=looped", 7, 7 + 1 + 4);
	}
}

/* --- real traces -------------------------------------------------------------------------------- */

static void load_trace(struct kit *k, const char *path)
{
	struct trace_reader *r;
	struct trace_batch b;
	struct diag d;

	memset(k, 0, sizeof(*k));
	assert_ok(trace_reader_open(&r, path, &d), &d);
	k->t.header = *trace_reader_header(r);
	k->t.header.provenance = NULL;          /* the reader's */
	for (;;) {
		assert_ok(trace_reader_next(r, &b, &d), &d);
		if (!b.n)
			break;
		for (size_t i = 0; i < b.n; i++)
			random_trace_add(&k->t, &b.rec[i], b.payload + b.rec[i].b);
	}
	trace_reader_close(r);
}

enum { AT_MOST = 16 };
struct histogram { unsigned n[AT_MOST]; };

static bool is_op(const struct trace_rec *r, unsigned key)
{
	return (r->kind == TRACE_CP_WRITE || r->kind == TRACE_CP_READ) && r->arg == key;
}

static bool is_table_store(const struct trace_rec *r)
{
	return r->kind == TRACE_STORE && r->flags & ACC_VALUED;
}

/* The record behind i, but for runs and witnesses; n: none. */
static size_t next_of(const struct random_trace *t, size_t i)
{
	for (i++; i < t->n && (t->rec[i].kind == TRACE_RUN || t->rec[i].kind == TRACE_WITNESS); i++)
		;
	return i;
}

/* set_pte at record i: its last record, or 0. */
static size_t set_pte_at(const struct random_trace *t, size_t i)
{
	size_t hw = next_of(t, i), clean = next_of(t, hw), drain = next_of(t, clean);

	if (!is_table_store(&t->rec[i]) || drain >= t->n || !is_table_store(&t->rec[hw]) ||
	    t->rec[hw].a != t->rec[i].a + 2048 || !is_op(&t->rec[clean], KIT_CLEAN_MVA) ||
	    !is_op(&t->rec[drain], KIT_DRAIN))
		return 0;
	return drain;
}

static bool is_tls_store(const struct trace_rec *r)
{
	return r->kind == TRACE_STORE && r->va == KIT_VECTORS + 0xff0;
}

/* Switch at record i: test-and-clean, I cache, drain, TTBR, TLB. */
static size_t switch_at(const struct random_trace *t, size_t i)
{
	static const unsigned ops[] = { KIT_TESTCLEAN_INV, KIT_INVAL_I, KIT_DRAIN, KEY_TTBR0, KIT_TLBI_ALL };
	size_t at = i;

	for (unsigned j = 0; j < 5; j++) {
		if (at >= t->n || !is_op(&t->rec[at], ops[j]))
			return 0;
		if (j < 4)
			at = next_of(t, at);
	}
	return at;
}

enum operation { SET_PTE, SWITCH, TLS, OPERATIONS };

static size_t operation_at(const struct random_trace *t, size_t i, enum operation *op)
{
	size_t end = set_pte_at(t, i);

	if (end)
		return end;
	*op = is_tls_store(&t->rec[i]) ? TLS : SWITCH;
	return *op == TLS ? i : switch_at(t, i);
}

static void feed(struct lane *l, struct tracker *tr, const struct kit *k, size_t from, size_t to)
{
	struct event_batch ev;
	struct diag d;

	for (size_t n; from < to; from += n) {
		struct trace_batch b = { &k->t.rec[from], 0, k->t.payload, from };

		n = to - from < 4096 ? to - from : 4096;
		b.n = n;
		assert_ok(tracker_batch(tr, &b, &ev, &d), &d);
		lane_batch(l, &ev);
	}
}

/* Traps of each operation in the trace, those of hidden faults aside. */
static void count(const char *path, const char *spec, struct histogram h[OPERATIONS])
{
	struct kit_plan p = { .verify = true };
	struct tracker *tr;
	struct lane *l;
	size_t at = 0;
	struct kit k;
	struct diag d;

	memset(h, 0, OPERATIONS * sizeof(*h));
	load_trace(&k, test_path(path));
	assert_ok(tracker_create(&tr, &k.t.header, &d), &d);
	l = kit_lane(&k, spec, &p);
	for (size_t i = 0; i < k.t.n; i++) {
		enum operation op = SET_PTE;
		size_t end = operation_at(&k.t, i, &op);
		struct ledger before, diff;
		uint64_t n;

		if (!end)
			continue;
		feed(l, tr, &k, at, i);
		before = l->m->ledger;
		feed(l, tr, &k, i, end + 1);
		at = end + 1;
		kit_since(&diff, l, &before);
		n = kit_traps(&diff) - ledger_event(&diff, EV_HIDDEN);
		h[op].n[n < AT_MOST ? n : AT_MOST - 1]++;
		i = end;
	}
	feed(l, tr, &k, at, k.t.n);
	assert_int_equal(l->violations, 0);
	lane_destroy(l);
	tracker_destroy(tr);
	random_trace_clear(&k.t);
}

static void print(const char *what, const char *spec, const struct histogram *h)
{
	print_message("# %-40s %-10s", spec, what);
	for (unsigned i = 0; i < AT_MOST; i++)
		if (h->n[i])
			print_message(" %u traps: %u", i, h->n[i]);
	print_message("\n");
}

/* Of one trap number or another, and no third. */
static void only(const struct histogram *h, unsigned a, unsigned b)
{
	for (unsigned i = 0; i < AT_MOST; i++)
		if (i != a && i != b)
			assert_int_equal(h->n[i], 0);
}

/* 2 where the table is not shadowed: not traced; else all of them. */
static void in_real_traces(void **state)
{
	static const char *const traces[] = {
		"traces/quick/process.swt", "traces/quick/mmap.swt", "traces/quick/sh.swt", "traces/quick/pipe.swt",
	};
	static const struct { const char *spec; unsigned traced; } rows[] = {
		{ "cached", 4 }, { "cached:filter=on", 3 }, { "cached:sync=hint", 2 },
		{ "cached:sync=tlbi+roots", 2 }, { "coherent", 2 },
	};
	unsigned ptes[5] = { 0 }, traced[5] = { 0 }, sw = 0, tls = 0;

	(void)state;
	for (unsigned t = 0; t < 4; t++)
		for (unsigned i = 0; i < 5; i++) {
			struct histogram h[OPERATIONS];

			count(traces[t], rows[i].spec, h);
			print_message("# %s\n", traces[t]);
			print("set_pte", rows[i].spec, &h[SET_PTE]);
			print("switch", rows[i].spec, &h[SWITCH]);
			print("thread's word", rows[i].spec, &h[TLS]);
			only(&h[SET_PTE], 2, rows[i].traced);
			only(&h[SWITCH], 5, 5);
			only(&h[TLS], 1, 1);
			for (unsigned n = 0; n < AT_MOST; n++)
				ptes[i] += h[SET_PTE].n[n];
			traced[i] += h[SET_PTE].n[rows[i].traced];
			sw += h[SWITCH].n[5];
			tls += h[TLS].n[1];
		}
	assert_true(ptes[0] >= 200 && traced[0] >= 50 && sw >= 5 * 20 && tls >= sw);
	for (unsigned i = 1; i < 5; i++)
		assert_int_equal(ptes[i], ptes[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_pte_by_source),
		cmocka_unit_test(switch_by_loop),
		cmocka_unit_test(in_real_traces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
