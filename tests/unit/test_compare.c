/* SPDX-License-Identifier: GPL-2.0-or-later */
/* results/compare: the three formats agree, and no number is given that cannot be had. */
#include "tests/support.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/compare.h"
#include "results/results.h"
#include "tests/unit/results_data.h"

static struct made_run m;
static struct diag d;

static struct results *open_new(void)
{
	struct results *r;

	assert_ok(results_open(&r, ":memory:", true, &d), &d);
	return r;
}

static void put_made(struct results *r)
{
	assert_ok(results_put(r, &m.run, NULL, &d), &d);
}

static void put(struct results *r, unsigned t, const char *strategy, uint64_t hidden)
{
	made_run(&m, t, strategy, hidden);
	put_made(r);
}

static char *compare(struct results *r, enum out_format format)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	assert_ok(results_compare(r, format, f, &d), &d);
	fclose(f);
	return text;
}

static json_t *compare_json(struct results *r)
{
	char *text = compare(r, OUT_JSON);
	json_error_t e;
	json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, &e);

	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "schema")),
			    "shadewalk.compare.v1");
	free(text);
	return j;
}

static json_t *run_of(json_t *root, size_t block, size_t run)
{
	json_t *b = json_array_get(json_object_get(root, "blocks"), block);

	return json_array_get(json_object_get(b, "runs"), run);
}

static double number(json_t *o, const char *key, const char *sub)
{
	json_t *v = json_object_get(o, key);

	if (sub)
		v = json_object_get(v, sub);
	assert_true(json_is_number(v));
	return json_number_value(v);
}

/* Field `column` of line `row` of a CSV text, quotes taken off; "" when there is none. */
static const char *csv(const char *text, size_t row, const char *column)
{
	static char field[256];
	size_t want = 0, at = 0;
	const char *p = text;

	for (const char *h = text; strncmp(h, column, strlen(column)) ||
	     !strchr(",\n", h[strlen(column)]); want++)
		h += strcspn(h, ",\n") + 1;
	for (; row; row--)
		p = strchr(p, '\n') + 1;
	for (size_t n = 0;; n++) {
		bool quoted = *p == '"';

		for (at = 0, p += quoted;
		     quoted ? *p != '"' || p[1] == '"' : !strchr(",\n", *p); p++) {
			p += quoted && *p == '"';
			field[at++] = *p;
		}
		field[at] = 0;
		p += quoted;
		if (n == want)
			return field;
		assert_true(*p++ == ',');
	}
}

static void formats_agree(void **state)
{
	struct results *r = open_new();
	char *text, *table, want[64];
	json_t *j, *run;
	double slowdown, cycles;

	(void)state;
	put(r, 1, "native", 0);
	put(r, 1, "coherent", 40);
	text = compare(r, OUT_TEXT);
	table = compare(r, OUT_CSV);
	j = compare_json(r);
	run = run_of(j, 0, 1);
	assert_string_equal(json_string_value(json_object_get(run, "strategy")), "coherent");

	/* by hand: native 100000 + 700*49 + 180*35; coherent + 40*378 + 5*60 + 10*(140 + 60) */
	cycles = 140600 + 40 * 378 + 300 + 2000;
	slowdown = cycles / 140600;
	assert_true(fabs(number(run, "cycles", "nominal") - cycles) < 1e-6);
	assert_true(fabs(number(run, "slowdown", "nominal") - slowdown) < 1e-12);
	assert_true(fabs(atof(csv(table, 2, "slowdown")) - slowdown) < 1e-12);
	assert_true(fabs(atof(csv(table, 2, "cycles")) - cycles) < 1e-6);
	snprintf(want, sizeof(want), "%.3f", slowdown);
	assert_non_null(strstr(text, want));
	assert_non_null(strstr(text, "158,020"));

	assert_true(fabs(number(run, "cpi", NULL) - cycles / 100000) < 1e-12);
	assert_true(fabs(number(run, "exits_per_million", NULL) - 500) < 1e-9);
	assert_true(fabs(number(run, "hidden_per_true", NULL) - 8) < 1e-12);
	assert_true(fabs(number(run, "cycles_per_exit", NULL) -
			 (40 * 378 + 300 + 2000) / 50.0) < 1e-9);
	assert_true(fabs(atof(csv(table, 2, "cycles_per_exit")) -
			 (40 * 378 + 300 + 2000) / 50.0) < 1e-9);
	assert_true(number(run, "memory_average_bytes", NULL) == 16384 + 1000);
	assert_true(number(run, "memory_average", "sL2") == 1000);
	assert_true(number(run, "memory", "sL2") == 4096);
	assert_string_equal(csv(table, 2, "memory_peak_bytes"), "20480");
	assert_string_equal(csv(table, 2, "memory_average_bytes"), "17384");
	assert_string_equal(csv(table, 2, "memory_parts"), "sL1=16384/16384 sL2=4096/1000");
	assert_non_null(strstr(text, "sL1 16,384 / 16,384, sL2 4,096 / 1,000"));
	assert_string_equal(csv(table, 1, "trace"), "lua,5.4");
	assert_string_equal(csv(table, 1, "cycles_per_exit"), "");
	assert_string_equal(csv(table, 2, "steady"), "steady");
	assert_int_equal(atoi(csv(table, 2, "exits_load")) + atoi(csv(table, 2, "exits_svc")) +
			 atoi(csv(table, 2, "exits_irq")), atoi(csv(table, 2, "exits")));
	assert_string_equal(csv(table, 2, "exits_load"), "40");
	assert_string_equal(csv(table, 1, "exits_load"), "0");
	assert_non_null(strstr(text, "6 + 0 - 1 = 5"));
	assert_non_null(strstr(text, "coherent is the only strategy, 1.12 times native"));
	json_decref(j);
	free(text);
	free(table);
	results_close(r);
}

static void groups_sum_to_the_total(void **state)
{
	struct results *r = open_new();
	const char *letter;
	json_t *j, *run, *group;
	double sum = 0, share = 0, events = 0;
	size_t i;

	(void)state;
	made_run(&m, 0, "coherent", 40);
	for (unsigned e = 0; e < EVENTS; e++)
		m.ledger.n[e][ORIGIN_HV][e % CAUSES] = e + 1;
	put_made(r);
	j = compare_json(r);
	run = run_of(j, 0, 0);
	json_object_foreach(json_object_get(run, "groups"), letter, group) {
		sum += number(group, "cycles", "nominal");
		share += number(group, "share", NULL);
	}
	json_array_foreach(json_object_get(run, "events"), i, group)
		events += number(group, "cycles", "nominal");
	assert_true(fabs(sum - number(run, "cycles", "nominal")) < 1e-3);
	assert_true(fabs(events - sum) < 1e-3);
	assert_true(fabs(share - 1) < 1e-9);
	json_decref(j);
	results_close(r);
}

static void without_baseline_no_slowdown(void **state)
{
	struct results *r = open_new();
	char *text, *table;
	json_t *j;

	(void)state;
	put(r, 0, "native:evict=never", 0);
	put(r, 0, "coherent", 40);
	put(r, 0, "cached", 20);
	text = compare(r, OUT_TEXT);
	table = compare(r, OUT_CSV);
	j = compare_json(r);
	assert_true(json_is_null(json_object_get(run_of(j, 0, 1), "slowdown")));
	assert_true(json_is_null(json_object_get(run_of(j, 0, 1), "native")));
	assert_string_equal(csv(table, 2, "slowdown"), "");
	assert_non_null(strstr(text, "no native run"));
	assert_non_null(strstr(text, "cached is best of 2"));
	assert_null(strstr(text, "times native"));
	json_decref(j);
	free(text);
	free(table);
	results_close(r);
}

/* Two traces each: native runs alone are nothing to compare; a strategy without them is. */
static void verdict_without_comparison(void **state)
{
	static const char *const strategy[] = { "native", "coherent" };
	static const char *const says[] = { "native runs alone, so nothing to compare",
					    "No strategy has a native baseline on all 2 traces" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct results *r = open_new();
		char *text;

		put(r, 0, strategy[i], 40);
		put(r, 1, strategy[i], 40);
		text = compare(r, OUT_TEXT);
		for (char *at = text; (at = strstr(at, "\n    ")); at++)     /* lines are wrapped */
			memmove(at, at + 4, strlen(at + 4) + 1);
		for (char *at = text; (at = strchr(at, '\n')); at++)
			*at = ' ';
		assert_non_null(strstr(text, says[i]));
		assert_null(strstr(text, says[1 - i]));
		free(text);
		results_close(r);
	}
}

static void nothing_and_zero(void **state)
{
	struct results *r = open_new();
	char *text = compare(r, OUT_TEXT);

	(void)state;
	assert_non_null(strstr(text, "no runs"));
	free(text);
	made_run(&m, 0, "native", 0);
	memset(&m.ledger, 0, sizeof(m.ledger));
	m.run.window_insns = 0;
	m.run.nseries = m.run.nmemory = m.run.nstructures = 0;
	put_made(r);
	made_run(&m, 0, "coherent", 40);
	m.run.window_insns = 0;
	put_made(r);
	for (int f = OUT_TEXT; f <= OUT_CSV; f++) {
		text = compare(r, (enum out_format)f);
		for (const char *p = text; (p = strpbrk(p, " ,-")); p++)
			assert_true(strncmp(p + 1, "nan", 3) && strncmp(p + 1, "inf", 3));
		free(text);
	}
	results_close(r);
}

static void verdict_tells_the_ranking(void **state)
{
	struct results *r = open_new();
	char *text;

	(void)state;
	for (unsigned t = 0; t < 3; t++) {
		put(r, t, "native", 0);
		put(r, t, "coherent", 400);
		put(r, t, "cached", t == 2 ? 500 : 100);
	}
	text = compare(r, OUT_TEXT);
	assert_non_null(strstr(text, "On boot, cached is best of 2 strategies"));
	assert_non_null(strstr(text, "On sqlite_inserts, coherent is best of 2 strategies"));
	assert_non_null(strstr(text, "Geometric mean over 3 traces"));
	assert_non_null(strstr(text, "That order is the same for all unit costs"));
	assert_non_null(strstr(text, "low..high of a mean: an outer bound"));
	assert_non_null(strstr(text, "not a sample."));
	assert_null(strstr(text, "95 %"));
	free(text);
	text = compare(r, OUT_JSON);            /* sentences are not broken there */
	assert_non_null(strstr(text, "its mean is least for all unit costs within"));
	free(text);
	results_close(r);
}

/* Exits may cost less than copying or more, which low and high of all costs at once hide. */
static void ranking_that_turns(void **state)
{
	struct results *r = open_new();
	char *text;

	(void)state;
	put(r, 0, "native", 0);
	for (int s = 0; s < 2; s++) {
		made_run(&m, 0, s ? "traps" : "copies", 0);
		m.ledger.n[s ? EV_TRAP_UND : EV_ALLOC][ORIGIN_HV][CAUSE_SVC] = s ? 1000 : 400;
		put_made(r);
	}
	text = compare(r, OUT_TEXT);
	/* 80000 to 102400 cycles; at low 46000 to 64000, at high 143000 to 160000 */
	assert_non_null(strstr(text, "On boot, traps is best of 2"));
	assert_non_null(strstr(text, "can put copies first"));
	assert_null(strstr(text, "order is the same"));
	free(text);
	results_close(r);
}

/* The same things more often are dearer whatever they cost; equals keep their order. */
static void ranking_that_stands(void **state)
{
	struct results *r = open_new();
	char *text;

	(void)state;
	put(r, 0, "native", 0);
	put(r, 0, "more", 41);
	put(r, 0, "less", 40);
	put(r, 0, "less_too", 40);
	text = compare(r, OUT_TEXT);
	assert_non_null(strstr(text, "On boot, less is best of 3"));
	assert_non_null(strstr(text, "That order is the same for all unit costs"));
	free(text);
	results_close(r);
}

/* Native: 100000 cpi + 700 line fills + 180 mem; the other adds 1000 trap entries. The ratio is
 * least when these are low and the rest high. */
static void slowdown_range_by_hand(void **state)
{
	const double low = 100000 + 700 * 25 + 180 * 25, high = 100000 + 700 * 85 + 180 * 60;
	struct results *r = open_new();
	char *text, *table, want[64];
	json_t *j, *run;

	(void)state;
	put(r, 0, "native", 0);
	made_run(&m, 0, "native", 0);
	m.run.strategy = m.run.strategy_name = "traps";
	m.ledger.n[EV_TRAP_UND][ORIGIN_HV][CAUSE_SVC] = 1000;
	put_made(r);
	j = compare_json(r);
	text = compare(r, OUT_TEXT);
	table = compare(r, OUT_CSV);
	run = run_of(j, 0, 1);
	assert_true(fabs(number(run, "slowdown", "low") - (1 + 46000 / high)) < 1e-12);
	assert_true(fabs(number(run, "slowdown", "nominal") - (1 + 80000 / 140600.)) < 1e-12);
	assert_true(fabs(number(run, "slowdown", "high") - (1 + 143000 / low)) < 1e-12);
	assert_true(fabs(atof(csv(table, 2, "slowdown_low")) - (1 + 46000 / high)) < 1e-12);
	assert_true(fabs(atof(csv(table, 2, "slowdown_high")) - (1 + 143000 / low)) < 1e-12);
	snprintf(want, sizeof(want), "%.3f..%.3f", 1 + 46000 / high, 1 + 143000 / low);
	assert_non_null(strstr(text, want));
	assert_true(fabs(number(run_of(j, 0, 0), "slowdown", "low") - 1) < 1e-15);
	assert_true(fabs(number(run_of(j, 0, 0), "slowdown", "high") - 1) < 1e-15);
	json_decref(j);
	free(text);
	free(table);
	results_close(r);
}

static void means_and_their_bounds(void **state)
{
	static char id[5][65];
	struct results *r = open_new();
	json_t *j, *mean;
	char *text;

	(void)state;
	for (unsigned t = 0; t < 5; t++)
		for (unsigned s = 0; s < 2; s++) {
			made_run(&m, t, s ? "coherent" : "native", 40 * (t + 1));
			memset(id[t], "abcdef"[t], 64);
			m.run.trace.id = id[t];
			put_made(r);
		}
	text = compare(r, OUT_TEXT);
	assert_non_null(strstr(text, "95 % interval"));
	assert_non_null(strstr(text, "chosen workloads and not a sample"));
	j = compare_json(r);
	mean = json_array_get(json_object_get(json_array_get(json_object_get(j, "cohorts"), 0),
					      "means"), 1);
	assert_true(number(mean, "low", NULL) < number(mean, "nominal", NULL));
	assert_true(number(mean, "high", NULL) > number(mean, "nominal", NULL));
	for (int i = 0; i < 2; i++) {
		const char *key = i ? "high" : "low";
		double sum = 0;

		for (size_t n = 0; n < 5; n++)
			sum += log(number(run_of(j, n, 1), "slowdown", key));
		assert_true(fabs(exp(sum / 5) - number(mean, key, NULL)) < 1e-12);
	}
	json_decref(j);
	free(text);
	results_close(r);
}

static void warnings_are_given(void **state)
{
	struct results *r = open_new();
	char *text;

	(void)state;
	put(r, 0, "native", 0);
	made_run(&m, 0, "coherent", 40);
	m.ledger.n[EV_EXTRA_TRUE][ORIGIN_HV][CAUSE_LOAD] = 100;
	m.run.faults_injected = 7;
	m.run.verified = true;
	m.run.violations = 3;
	for (unsigned i = 0; i < 16; i++)
		m.series[i] = 1000000 * (i + 1);
	put_made(r);
	made_run(&m, 0, "coherent", 40);
	m.run.host_core = "arm1136";
	put_made(r);
	text = compare(r, OUT_TEXT);
	assert_non_null(strstr(text, "warning: runs of 2 host cores"));
	assert_non_null(strstr(text, "3 violations"));
	assert_non_null(strstr(text, "do not add up"));
	assert_non_null(strstr(text, "IS NOT"));
	assert_non_null(strstr(text, "ABOVE 1 %"));
	assert_non_null(strstr(text, "drifts"));
	assert_non_null(strstr(text, "there is no matching native run"));
	free(text);
	results_close(r);
}

static void labels_name_variants(void **state)
{
	struct results *r = open_new();
	char *text;

	(void)state;
	put(r, 0, "native", 0);
	put(r, 0, "coherent:mb=ap", 40);
	put(r, 0, "coherent:mb=domain", 30);
	put(r, 0, "cached:pool=64", 30);
	text = compare(r, OUT_TEXT);
	assert_non_null(strstr(text, "coherent:mb=ap "));
	assert_non_null(strstr(text, "  cached "));
	assert_null(strstr(text, "cached:pool"));
	free(text);
	results_close(r);
}

static void huge_counts_stay_exact(void **state)
{
	struct results *r = open_new();
	json_t *j;

	(void)state;
	made_run(&m, 0, "native", 0);
	m.ledger.n[EV_WALK_L1][ORIGIN_USER][CAUSE_LOAD] = INT64_MAX;
	put_made(r);
	j = compare_json(r);
	assert_true(number(run_of(j, 0, 0), "cycles", "nominal") > 3.2e20);
	json_decref(j);
	free(compare(r, OUT_TEXT));
	results_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_agree),
		cmocka_unit_test(groups_sum_to_the_total),
		cmocka_unit_test(without_baseline_no_slowdown),
		cmocka_unit_test(verdict_without_comparison),
		cmocka_unit_test(nothing_and_zero),
		cmocka_unit_test(verdict_tells_the_ranking),
		cmocka_unit_test(ranking_that_turns),
		cmocka_unit_test(ranking_that_stands),
		cmocka_unit_test(slowdown_range_by_hand),
		cmocka_unit_test(means_and_their_bounds),
		cmocka_unit_test(warnings_are_given),
		cmocka_unit_test(labels_name_variants),
		cmocka_unit_test(huge_counts_stay_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
