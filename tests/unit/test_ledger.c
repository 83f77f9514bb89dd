/* SPDX-License-Identifier: GPL-2.0-or-later */
/* models/cost/ledger: tables are whole, arithmetic is exact, closed forms of the accounting. */
#include "tests/support.h"

#include <string.h>

#include "models/cost/ledger.h"
#include "tests/unit/results_data.h"

static struct ledger l, start, diff;

static uint64_t nominal_cycles(void)
{
	struct cost_set s;

	cost_set_default(&s);
	return (uint64_t)(ledger_cycles(&l, &s, COST_NOMINAL) / 1000);
}

static void clear(void) { memset(&l, 0, sizeof(l)); }

static void every_event_has_its_row(void **state)
{
	(void)state;
	for (unsigned e = 0; e < EVENTS; e++) {
		assert_true(strlen(event_info[e].name) > 1);
		assert_true(strlen(event_info[e].text) > 5);
		assert_non_null(strchr("GWTFSOPVMC", event_info[e].leaf[0]));
		assert_int_equal(event_info[e].leaf[1], '.');
		for (unsigned k = 0; k < e; k++)
			assert_string_not_equal(event_info[e].name, event_info[k].name);
	}
	for (unsigned c = 0; c < CAUSES; c++)
		assert_true(cause_name[c] && cause_text[c]);
}

/* Named sets: in order, each primitive once, and their name is that of the set of costs. */
static void named_sets(void **state)
{
	struct cost_set s;

	(void)state;
	for (size_t i = 0; i < cost_set_row_count; i++) {
		const struct cost_set_row *r = &cost_set_rows[i];

		assert_true(r->cycles[0] <= r->cycles[1] && r->cycles[1] <= r->cycles[2]);
		assert_true(strlen(r->source) > 5);
		for (size_t k = 0; k < i; k++)
			assert_true(strcmp(r->set, cost_set_rows[k].set) || r->prim != cost_set_rows[k].prim);
	}
	cost_set_default(&s);
	assert_int_equal(cost_set_named(&s, "thin"), -1);
	assert_string_equal(s.name, "default");
	assert_int_equal(cost_set_named(&s, "xvisor"), 0);
	assert_string_equal(s.name, "xvisor");
	for (unsigned v = 0; v < COST_LEVELS; v++) {
		static const uint64_t exit[COST_LEVELS] = { 576, 600, 937 };

		assert_int_equal(cost_unit(&s, EV_TRAP_UND, v) + cost_unit(&s, EV_RETURN, v), 1000 * exit[v]);
		assert_int_equal(cost_unit(&s, EV_DECODE, v), 1000 * prim_info[PRIM_decode].cycles[v]);
	}
}

static void every_cost_is_ordered_and_sourced(void **state)
{
	(void)state;
	for (unsigned p = 0; p < PRIMS; p++) {
		assert_true(prim_info[p].cycles[COST_LOW] <= prim_info[p].cycles[COST_NOMINAL]);
		assert_true(prim_info[p].cycles[COST_NOMINAL] <=
			    prim_info[p].cycles[COST_HIGH]);
		assert_true(strlen(prim_info[p].source) > 5);
		assert_true(!strcmp(prim_info[p].confidence, "manual") ||
			    !strcmp(prim_info[p].confidence, "knowledge") ||
			    !strcmp(prim_info[p].confidence, "derived") ||
			    !strcmp(prim_info[p].confidence, "choice") ||
			    !strcmp(prim_info[p].confidence, "estimate"));
	}
}

/* strategies.md 2.9 and 6.4, nominal costs of ARM926: E = trap 140, d = decode 40, walk 100 or
 * 65 (one descriptor), fill + clean + drain + TLB invalidate = 98. */
static void a_trap_is_140(void **state)
{
	(void)state;
	clear();
	l.n[EV_TRAP_UND][ORIGIN_HV][CAUSE_CPREAD] = 1;
	l.n[EV_RETURN][ORIGIN_HV][CAUSE_CPREAD] = 1;
	assert_int_equal(nominal_cycles(), 140);
}

static void a_hidden_fault_on_a_small_page_is_378(void **state)
{
	(void)state;
	clear();
	made_hidden_fault(&l, false, false, 1);
	assert_int_equal(nominal_cycles(), 140 + 40 + 100 + 98);
	assert_int_equal(nominal_cycles(), 378);
}

static void a_hidden_fault_on_a_section_is_343(void **state)
{
	(void)state;
	clear();
	made_hidden_fault(&l, false, true, 1);
	assert_int_equal(nominal_cycles(), 343);
}

static void a_hidden_fetch_fault_is_338(void **state)
{
	(void)state;
	clear();
	made_hidden_fault(&l, true, false, 1);
	assert_int_equal(nominal_cycles(), 338);
}

static void sums_and_differences(void **state)
{
	(void)state;
	clear();
	memset(&start, 0, sizeof(start));
	l.n[EV_EXEC][ORIGIN_USER][CAUSE_FETCH] = 10;
	l.n[EV_EXEC][ORIGIN_KERNEL][CAUSE_FETCH] = 5;
	l.n[EV_EXEC][ORIGIN_KERNEL][CAUSE_SVC] = 2;
	start.n[EV_EXEC][ORIGIN_KERNEL][CAUSE_FETCH] = 4;
	assert_int_equal(ledger_event(&l, EV_EXEC), 17);
	assert_int_equal(ledger_event_origin(&l, EV_EXEC, ORIGIN_KERNEL), 7);
	ledger_sub(&diff, &l, &start);
	assert_int_equal(ledger_event(&diff, EV_EXEC), 13);
	assert_int_equal(diff.n[EV_EXEC][ORIGIN_KERNEL][CAUSE_FETCH], 1);
}

static void totals_do_not_overflow(void **state)
{
	struct cost_set s;
	cycles128_t sum;

	(void)state;
	clear();
	cost_set_default(&s);
	l.n[EV_WALK_L1][ORIGIN_USER][CAUSE_LOAD] = UINT64_MAX;
	sum = ledger_cycles(&l, &s, COST_NOMINAL);
	assert_true(sum == (cycles128_t)UINT64_MAX * 35000);
}

static void leaf_costs_follow_their_primitive(void **state)
{
	struct cost_set s;

	(void)state;
	cost_set_default(&s);
	assert_int_equal(cost_set_prim(&s, "mem", 50500), 0);
	assert_int_equal(cost_set_prim(&s, "no such cost", 1), -1);
	assert_int_equal(cost_unit(&s, EV_WALK_L1, COST_LOW), 50500);
	assert_int_equal(cost_unit(&s, EV_SWWALK_READ, COST_HIGH), 50500);
	assert_int_equal(cost_unit(&s, EV_UPRIV, COST_NOMINAL), 40000 + 2 * 4000);
	assert_int_equal(cost_unit(&s, EV_HIDDEN, COST_NOMINAL), 0);
}

/* Of hardware walks alone, and of all of them; half of 35 cycles are 17.5. */
static void other_work_hides_walks(void **state)
{
	struct cost_set s;

	(void)state;
	cost_set_default(&s);
	assert_int_equal(cost_unit(&s, EV_S2_WALK, COST_NOMINAL), 35000);
	assert_int_equal(cost_set_prim(&s, "walk_overlap", 50000), 0);
	assert_int_equal(cost_unit(&s, EV_S2_WALK, COST_NOMINAL), 17500);
	assert_int_equal(cost_unit(&s, EV_S1_WALK2, COST_NOMINAL), 17500);
	assert_int_equal(cost_unit(&s, EV_WALK_L1, COST_LOW), 12500);
	assert_int_equal(cost_unit(&s, EV_NTLB_HIT, COST_NOMINAL), 2000);
	assert_int_equal(cost_unit(&s, EV_SWWALK_READ, COST_NOMINAL), 35000);
	assert_int_equal(cost_set_prim(&s, "walk_overlap", COST_ALL), 0);
	assert_int_equal(cost_unit(&s, EV_S2_WALK, COST_HIGH), 0);
	assert_int_equal(cost_unit(&s, EV_EXEC, COST_HIGH), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_has_its_row),
		cmocka_unit_test(every_cost_is_ordered_and_sourced),
		cmocka_unit_test(named_sets),
		cmocka_unit_test(a_trap_is_140),
		cmocka_unit_test(a_hidden_fault_on_a_small_page_is_378),
		cmocka_unit_test(a_hidden_fault_on_a_section_is_343),
		cmocka_unit_test(a_hidden_fetch_fault_is_338),
		cmocka_unit_test(sums_and_differences),
		cmocka_unit_test(totals_do_not_overflow),
		cmocka_unit_test(leaf_costs_follow_their_primitive),
		cmocka_unit_test(other_work_hides_walks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
