/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings that no guest provokes as long as models, simulator and strategies are right: each fault is
 * planted behind their backs, so that the assertion is seen to fire, and only where it was. And
 * what lint must not do: change a count.
 */
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

#include "models/cache/cache_hot.h"
#include "models/tlb/tlb_hot.h"
#include "results/results.h"
#include "sim/engine.h"
#include "sim/lint_print.h"
#include "tests/lint_kit.h"
#include "tests/strategy/random_guest.h"
#include "tests/strategy/random_guest_v6.h"

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
	lint_translated(m, gva(NOWHERE), &t);
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

/* --- reports ---------------------------------------------------------------------------- */

static void table_of_findings(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FINDINGS; i++) {
		const struct finding_info *f = &finding_info[i];

		assert_int_equal(finding_find(f->id), i);
		assert_int_equal(finding_find(f->name), i);
		assert_true(f->severity < LINT_SEVERITIES);
		assert_true(*f->meaning && *f->cause && *f->source);
	}
	assert_int_equal(finding_find("I17"), FINDINGS);
	assert_int_equal(finding_find(""), FINDINGS);
}

static void first_few_are_kept(void **state)
{
	struct lint_follower f;
	const struct lint_report *r;
	struct diag d;

	(void)state;
	follow(&f, "native");
	assert_ok(lint_verdict("t", "native", lint_report_of(f.l->m), &d), &d);
	kit_access(&f.k, LINT_B, false, 2);
	kit_access(&f.k, LINT_A, true, 2);
	for (unsigned i = 0; i < 12; i++)
		kit_access(&f.k, LINT_B, false, 2);
	lint_go(&f);
	r = lint_report_of(f.l->m);
	found(&f, FINDING_I4, LINT_GUEST, 12);
	assert_int_equal(r->nshown, 10);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(r->shown[i].mva, LINT_B);
		assert_int_equal(r->shown[i].pa, LINT_FRAME);
		assert_true(!i || r->shown[i].record == r->shown[i - 1].record + 2);
	}
	assert_int_equal(lint_errors(r), 12);
	assert_err(ERR_CHECK, lint_verdict("t", "native", r, &d), &d, "12 errors; first: record ");
	lint_done(&f);
}

/* --- no count changes ------------------------------------------------------------------- */

static void same_counts(const struct kit *k, const char *spec, struct kit_plan p)
{
	struct structure_counts a, b;
	struct lane *without, *with;

	without = kit_replay(k, spec, &p);
	p.lint = true;
	with = kit_replay(k, spec, &p);
	assert_memory_equal(&with->m->ledger, &without->m->ledger, sizeof(struct ledger));
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	lane_counts(without, &a);
	lane_counts(with, &b);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_true(with->m->cycles == without->m->cycles);
	lane_destroy(without);
	lane_destroy(with);
}

static void lint_changes_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct random_guest_counts n;
		struct kit k;

		random_guest(&k, seed, 3000, &n);
		same_counts(&k, "native", (struct kit_plan){ .engine = ENGINE_REF });
		same_counts(&k, "coherent", (struct kit_plan){ .engine = ENGINE_REF });
		same_counts(&k, "native", (struct kit_plan){ .set = { "l1d.kind=vipt",
			    "l1d.bytes=32768", "wb.entries=0", "tlb.locked=0" } });
		kit_free(&k);
		random_guest_v6(&k, "arm1136", seed, 3000, &n);
		same_counts(&k, "native", (struct kit_plan){ .core = "arm1136" });
		kit_free(&k);
	}
}

/* --- what no guest can make happen -------------------------------------------------------- */

static void never(const struct kit *k, const char *spec, struct kit_plan p, bool physical)
{
	static const enum finding model[] = { FINDING_I2, FINDING_I7, FINDING_I11, FINDING_I12,
		FINDING_I13, FINDING_I14, FINDING_I15, FINDING_I16 };
	static const enum finding aliases[] = { FINDING_I5, FINDING_I8 };
	const struct lint_report *r;
	struct lane *l;

	p.lint = true;
	l = kit_replay(k, spec, &p);
	r = lint_report_of(l->m);
	for (size_t i = 0; i < sizeof(model) / sizeof(model[0]); i++)
		if (r->n[model[i]][LINT_GUEST] + r->n[model[i]][LINT_MONITOR])
			fail_msg("%s: %s", spec, finding_info[model[i]].name);
	for (size_t i = 0; physical && i < sizeof(aliases) / sizeof(aliases[0]); i++)
		assert_int_equal(r->n[aliases[i]][LINT_GUEST], 0);
	/* a monitor that cleans what it stores, and drops what it replaces */
	for (unsigned f = 0; f < FINDINGS; f++)
		assert_int_equal(r->n[f][LINT_MONITOR], 0);
	lane_destroy(l);
}

static void random_guests_and_right_models(void **state)
{
	static const struct kit_plan pipt = { .set = { "l1d.kind=pipt", "l1i.kind=pipt" } };
	static const struct kit_plan plain = { .set = { NULL } }, v6 = { .core = "arm1136" };
	struct random_guest_counts n;

	(void)state;
	for (uint64_t seed = 11; seed <= 18; seed++) {
		struct kit k;

		random_guest(&k, seed, 3000, &n);
		never(&k, "native", plain, false);
		never(&k, "coherent", plain, false);
		never(&k, "native", pipt, true);
		kit_free(&k);
		random_guest_v6(&k, "arm1136", seed, 3000, &n);
		never(&k, "native", v6, false);
		kit_free(&k);
	}
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
		cmocka_unit_test(table_of_findings),
		cmocka_unit_test(first_few_are_kept),
		cmocka_unit_test(lint_changes_nothing),
		cmocka_unit_test(random_guests_and_right_models),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
