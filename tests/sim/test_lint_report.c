/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of findings and what a report keeps; that lint changes no count; and that random guests,
 * which make every mistake with their tables, make none that only a wrong model could.
 */
#include "tests/support.h"

#include <string.h>

#include "sim/lint_print.h"
#include "tests/lint_kit.h"
#include "tests/strategy/random_guest.h"
#include "tests/strategy/random_guest_v6.h"

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
	lint_follow(&f, "native", &(struct kit_plan){ .lint = true });
	kit_access(&f.k, LINT_A, false, 2);
	lint_go(&f);
	assert_ok(lint_verdict("t", "native", lint_report_of(f.l->m), &d), &d);
	kit_access(&f.k, LINT_B, false, 2);
	kit_access(&f.k, LINT_A, true, 2);
	for (unsigned i = 0; i < 12; i++)
		kit_access(&f.k, LINT_B, false, 2);
	lint_go(&f);
	r = lint_report_of(f.l->m);
	assert_int_equal(lint_count(&f, FINDING_I4, LINT_GUEST), 12);
	assert_int_equal(lint_total(&f), 12);
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
		same_counts(&k, "coherent:asids=4", (struct kit_plan){ .core = "arm1136" });
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
	/* a monitor that cleans what it stores, and drops what it replaces; global entries of one way
	 * serve another before its tables have them */
	for (unsigned f = 0; f < FINDINGS; f++)
		if (f != FINDING_I2s || !strstr(spec, "asids"))
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
		never(&k, "coherent", v6, false);
		never(&k, "coherent:asids=3", v6, false);
		kit_free(&k);
		random_guest_v6_wide(&k, "mpcore", seed, 3000, &n);
		never(&k, "coherent", (struct kit_plan){ .core = "mpcore" }, false);
		kit_free(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_of_findings),
		cmocka_unit_test(first_few_are_kept),
		cmocka_unit_test(lint_changes_nothing),
		cmocka_unit_test(random_guests_and_right_models),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
