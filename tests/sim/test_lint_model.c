/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings that no guest provokes as long as models, simulator and strategies are right: each fault is
 * planted behind their backs, so that the assertion is seen to fire, and only where it was.
 */
#include "tests/support.h"

#include <string.h>

#include "models/cache/cache_hot.h"
#include "models/tlb/tlb_hot.h"
#include "sim/engine.h"
#include "tests/lint_kit.h"

static const struct kit_plan on_arm926 = { .lint = true };

static void follow(struct lint_follower *f, const char *spec)
{
	lint_follow(f, spec, &on_arm926);
	kit_access(&f->k, LINT_A, false, 2);
	lint_go(f);
	assert_int_equal(lint_total(f), 0);
}

static struct tlb_entry *entry(struct lint_follower *f, uint32_t mva)
{
	const struct tlb_entry *e = tlb_peek(f->l->m->tlb, gva(mva));

	assert_non_null(e);
	return &f->l->m->tlb->entry[e - f->l->m->tlb->entry];
}

static struct cache_slot *line(struct lint_follower *f, uint32_t mva, uint32_t pa)
{
	struct cache *c = f->l->m->l1d;
	struct cache_line l;

	assert_true(cache_peek(c, gva(mva), hpa(pa), &l));
	return &c->line[(size_t)l.set * c->ways + l.way];
}

/* Exactly these findings, n each. */
static void found(const struct lint_follower *f, enum finding id, enum lint_origin o, uint64_t n)
{
	assert_int_equal(lint_count(f, id, o), n);
	assert_int_equal(lint_total(f), n);
}

/* --- TLB -------------------------------------------------------------------------------- */

static void entry_back_after_tlbi(void **state)
{
	static const uint16_t ops[] = { KIT_TLBI_MVA, KIT_TLBI_ALL };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct lint_follower f;
		struct tlb_entry old;

		follow(&f, "native");
		old = *entry(&f, LINT_A);
		kit_cpw(&f.k, ops[i], i ? 0 : LINT_A);
		lint_go(&f);
		found(&f, FINDING_I2, LINT_GUEST, 0);
		/* into the same entry: the first of its set that is free */
		assert_non_null(tlb_fill(f.l->m->tlb, gva(LINT_A), &old.w));
		kit_access(&f.k, LINT_A, false, 2);
		lint_go(&f);
		found(&f, FINDING_I2, LINT_GUEST, 1);
		kit_access(&f.k, LINT_A, false, 2);
		lint_go(&f);
		found(&f, FINDING_I2, LINT_GUEST, 2);   /* each use */
		lint_done(&f);
	}
}

static void two_entries_of_a_page(void **state)
{
	struct lint_follower f;
	struct tlb *t;
	struct tlb_entry *e;
	uint32_t i;

	(void)state;
	follow(&f, "native");
	t = f.l->m->tlb;
	e = entry(&f, LINT_A);
	i = (uint32_t)(e - t->entry);
	for (uint32_t way = 0; way < t->ways; way++) {  /* the other way of its set */
		uint32_t other = i / t->ways * t->ways + way;

		if (other == i)
			continue;
		t->entry[other] = *e;
		t->tag[other] = t->tag[i];
		t->generation++;
	}
	kit_access(&f.k, LINT_A, false, 2);
	lint_go(&f);
	assert_int_equal(lint_count(&f, FINDING_I9, LINT_GUEST), 1);
	lint_done(&f);
}

/* Locks the entry of A into the lockdown part. */
static void lock(struct lint_follower *f)
{
	lint_follow(f, "native", &on_arm926);
	kit_cpw(&f->k, KEY_TLB_LOCK, 1);
	kit_access(&f->k, LINT_A, false, 2);
	kit_cpw(&f->k, KEY_TLB_LOCK, 0);
	lint_go(f);
	assert_true((uint32_t)(entry(f, LINT_A) - f->l->m->tlb->entry) >= f->l->m->tlb->entries);
}

static void locked_entries(void **state)
{
	struct lint_follower f;

	(void)state;
	lock(&f);
	kit_cpw(&f.k, KIT_TLBI_ALL, 0);
	kit_access(&f.k, LINT_A, false, 2);
	kit_cpw(&f.k, KIT_TLBI_MVA, LINT_A);
	kit_access(&f.k, LINT_A, false, 2);
	lint_go(&f);
	found(&f, FINDING_I11, LINT_GUEST, 0);
	lint_done(&f);

	lock(&f);
	tlb_inval_mva(f.l->m->tlb, gva(LINT_A));
	kit_cpw(&f.k, KIT_TLBI_ALL, 0);
	lint_go(&f);
	assert_true(lint_count(&f, FINDING_I11, LINT_GUEST) >= 1);
	lint_done(&f);

	lock(&f);
	f.l->m->tlb->locked_valid = 0;  /* the lockdown part is not looked at any more */
	kit_cpw(&f.k, KIT_TLBI_MVA, LINT_A);
	lint_go(&f);
	assert_int_equal(lint_count(&f, FINDING_I11, LINT_GUEST), 1);
	lint_done(&f);
}

static void domains(void **state)
{
	struct guest_event dacr = { .kind = GEV_CP, .write = 1, .canon = { .op = CP_DACR } };
	struct lint_follower f;

	(void)state;
	follow(&f, "native");
	kit_cpw(&f.k, KEY_DACR, 0x5555555d);
	kit_access(&f.k, LINT_A, false, 2);
	lint_go(&f);
	found(&f, FINDING_I14, LINT_GUEST, 0);
	entry(&f, LINT_A)->w.leaf.domain = 2;
	f.l->m->tlb->generation++;
	kit_access(&f.k, LINT_A, false, 2);
	lint_go(&f);
	assert_int_equal(lint_count(&f, FINDING_I14, LINT_GUEST), 1);
	tlb_inval_all(f.l->m->tlb);
	lint_cp(f.l->m, &dacr);
	assert_int_equal(lint_count(&f, FINDING_I14, LINT_GUEST), 2);
	lint_cp(f.l->m, &dacr);
	assert_int_equal(lint_count(&f, FINDING_I14, LINT_GUEST), 2);
	lint_done(&f);
}

/* --- caches and buffer ------------------------------------------------------------------ */

static void dirty_write_through_line(void **state)
{
	struct lint_follower f;

	(void)state;
	lint_follow(&f, "native", &on_arm926);
	lint_map(&f.k, 4, LINT_OTHER, WT);
	kit_access(&f.k, LINT_A + 0x4000, false, 2);
	kit_access(&f.k, LINT_A + 0x4000, true, 2);
	lint_go(&f);
	found(&f, FINDING_I7, LINT_GUEST, 0);
	line(&f, LINT_A + 0x4000, LINT_OTHER)->dirty = CACHE_DIRTY_LO;
	f.l->m->l1d->dirty_lines++;
	kit_access(&f.k, LINT_A + 0x4000, false, 2);
	lint_go(&f);
	found(&f, FINDING_I7, LINT_GUEST, 1);
	lint_done(&f);
}

/* A store that the model takes for write-back although the page is write-through. */
static void wrongly_decoded_store(void **state)
{
	struct lint_follower f;
	struct translation t;
	struct machine *m;

	(void)state;
	lint_follow(&f, "native", &on_arm926);
	lint_map(&f.k, 4, LINT_OTHER, WT);
	kit_access(&f.k, LINT_A + 0x4000, false, 2);
	lint_go(&f);
	m = f.l->m;
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		host_translate(m, gva(LINT_A + 0x4000), false, ACCESS_WRITE, &t);
		t.cb = wrong ? WB : WT;
		host_store(m, gva(LINT_A + 0x4000), &t, TRAFFIC_GUEST, false);
		t.cb = WT;
		lint_access(m, gva(LINT_A + 0x4000), ACCESS_WRITE, &t);
		found(&f, FINDING_I7, LINT_GUEST, wrong);
	}
	lint_done(&f);
}

static void uncached_fill(void **state)
{
	struct lint_follower f;
	struct translation t;
	struct machine *m;

	(void)state;
	follow(&f, "native");
	m = f.l->m;
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		host_translate(m, gva(LINT_U + 0x40), false, ACCESS_READ, &t);
		if (wrong)
			cache_read(m->l1d, gva(LINT_U + 0x40), hpa(t.pa));
		lint_access(m, gva(LINT_U + 0x40), ACCESS_READ, &t);
		found(&f, FINDING_I7, LINT_GUEST, wrong);
	}
	cache_read(m->l1d, gva(LINT_U + 0x80), hpa(LINT_FRAME + 0x80));    /* by no access */
	kit_exec(&f.k);
	lint_go(&f);
	found(&f, FINDING_I7, LINT_GUEST, 2);
	lint_done(&f);
}

/* Dirty lines of one set are pushed out, with and without a lookup in between. */
static void eviction_with_lookup(void **state)
{
	(void)state;
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		struct lint_follower f;
		struct translation t;
		uint64_t castouts;
		struct machine *m;

		follow(&f, "native");
		kit_access(&f.k, LINT_A, true, 2);
		lint_go(&f);
		m = f.l->m;
		castouts = cache_counts(m->l1d)->castout_half;
		for (uint32_t i = 0; i < 64 && cache_counts(m->l1d)->castout_half == castouts; i++) {
			gva_t mva = gva(KIT_LINEAR + 0x400000 + i * cache_sets(m->l1d) * 32);

			host_translate(m, mva, false, ACCESS_READ, &t);
			if (wrong)
				tlb_lookup(m->tlb, mva);
			host_load(m, mva, &t, TRAFFIC_GUEST);
			lint_access(m, mva, ACCESS_READ, &t);
		}
		assert_int_equal(cache_counts(m->l1d)->castout_half, castouts + 1);
		found(&f, FINDING_I13, LINT_GUEST, wrong);
		lint_done(&f);
	}
}

static void drain_that_does_not(void **state)
{
	struct lint_follower f;

	(void)state;
	follow(&f, "native");
	kit_access(&f.k, LINT_U, true, 2);
	kit_poke(&f.k, LINT_SLOT(9), 0);
	kit_cpw(&f.k, KIT_DRAIN, 0);
	lint_go(&f);
	found(&f, FINDING_I15, LINT_GUEST, 0);
	kit_poke(&f.k, LINT_SLOT(9), 0);
	lint_go(&f);
	assert_int_equal(f.l->m->wb.used, 1);
	f.l->m->wb.drained -= 2;        /* entries that were taken for gone are there still */
	kit_cpw(&f.k, KIT_DRAIN, 0);
	lint_go(&f);
	found(&f, FINDING_I15, LINT_GUEST, 1);
	lint_done(&f);
}

/* --- faults ----------------------------------------------------------------------------- */

static void faults(void **state)
{
	enum { NOWHERE = 0x30000000 };
	struct translation t = { .fs = FS_TRANS_SECTION };
	struct lint_follower f;
	struct machine *m;

	(void)state;
	follow(&f, "native");
	m = f.l->m;
	kit_data_abort(&f.k, NOWHERE, false, false, FS_TRANS_SECTION);
	lint_go(&f);
	kit_exc(&f.k, 4, KIT_ABT);
	kit_run(&f.k, KIT_VECTORS + 16, 1);
	lint_go(&f);
	found(&f, FINDING_I16, LINT_GUEST, 0);

	kit_data_abort(&f.k, NOWHERE, false, false, FS_TRANS_SECTION);
	lint_go(&f);
	cache_read(m->l1d, gva(LINT_A), hpa(LINT_FRAME));       /* the faulting access looked */
	kit_exc(&f.k, 4, KIT_ABT);
	kit_run(&f.k, KIT_VECTORS + 16, 1);
	lint_go(&f);
	found(&f, FINDING_I16, LINT_GUEST, 1);

	tlb_lookup(m->tlb, gva(NOWHERE));                       /* a walk that failed, but filled */
	assert_non_null(tlb_fill(m->tlb, gva(NOWHERE), &entry(&f, LINT_A)->w));
	t.w.fs = FS_TRANS_SECTION;
	t.w.levels = 1;
	lint_translated(m, gva(NOWHERE), ACCESS_READ, &t);
	assert_int_equal(lint_count(&f, FINDING_I16, LINT_GUEST), 2);
	lint_done(&f);
}

/* --- monitor ---------------------------------------------------------------------------- */

/* The strategy's own entry, falsified: another page, or a right too many. */
static void shadow_that_gives_more(void **state)
{
	struct lint_follower f;

	(void)state;
	follow(&f, "coherent");
	entry(&f, LINT_A)->w.leaf.base = LINT_OTHER;
	kit_access(&f.k, LINT_A, false, 2);
	lint_go(&f);
	assert_int_equal(lint_count(&f, FINDING_I12, LINT_MONITOR), 1);
	assert_int_equal(lint_count(&f, FINDING_I12, LINT_GUEST), 0);
	lint_done(&f);
}

/* A shadow word that is stored and not synchronised, at an address that nothing is mapped at. */
static void shadow_not_synchronised(void **state)
{
	enum { NOWHERE = 0x30000000, FAULT_WORD = 0x100 };

	(void)state;
	for (unsigned sync = 0; sync < 2; sync++) {
		struct lint_follower f;
		struct machine *m;
		uint64_t n;

		follow(&f, "coherent");
		m = f.l->m;
		m->port.shadow_write(m, HV_SL1 + 4 * (NOWHERE >> 20), FAULT_WORD);
		if (sync)
			m->port.shadow_sync(m);
		kit_data_abort(&f.k, NOWHERE, false, false, FS_TRANS_SECTION);
		lint_go(&f);
		n = lint_count(&f, FINDING_I1, LINT_MONITOR);
		assert_int_equal(n, !sync);
		assert_int_equal(lint_count(&f, FINDING_I1, LINT_GUEST), 0);
		lint_done(&f);
	}
}

/* The hypervisor walks the guest's tables past its caches, as hardware would. */
static void guest_tables_left_dirty(void **state)
{
	struct lint_follower f;

	(void)state;
	follow(&f, "coherent");
	kit_access(&f.k, LINT_SLOT_VA(2), false, 2);
	kit_poke(&f.k, LINT_SLOT(2), lint_page(LINT_OTHER, WB));
	kit_access(&f.k, LINT_A + 0x2000, false, 2);
	lint_go(&f);
	found(&f, FINDING_I1, LINT_GUEST, 1);
	lint_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entry_back_after_tlbi),
		cmocka_unit_test(two_entries_of_a_page),
		cmocka_unit_test(locked_entries),
		cmocka_unit_test(domains),
		cmocka_unit_test(dirty_write_through_line),
		cmocka_unit_test(wrongly_decoded_store),
		cmocka_unit_test(uncached_fill),
		cmocka_unit_test(eviction_with_lookup),
		cmocka_unit_test(drain_that_does_not),
		cmocka_unit_test(faults),
		cmocka_unit_test(shadow_that_gives_more),
		cmocka_unit_test(shadow_not_synchronised),
		cmocka_unit_test(guest_tables_left_dirty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
