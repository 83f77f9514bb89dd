/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of what is legal, combination by combination: what it calls legal is built and runs a small
 * guest without a violation; what it refuses is refused with its words. And every word of it is used.
 */
#include "tests/support.h"

#include <stdio.h>
#include <string.h>

#include "sim/legality.h"
#include "sim/spec.h"
#include "tests/machine_kit.h"

/* One guest a kind; of ARMv6 one core each of ARM11 and later, as the latter have other registers. */
static const struct { enum guest_kind kind; const char *core; bool v6; } guests[] = {
	{ GUEST_IMPORT, NULL, false },
	{ GUEST_V5, "arm926", false }, { GUEST_V5, "arm920t", false },
	{ GUEST_XSCALE, "pxa255", false },
	{ GUEST_V6, "arm1136", true }, { GUEST_V6, "arm1176", true },
};
enum { GUESTS = sizeof(guests) / sizeof(guests[0]), SEEN = 128 };

static bool base_seen[SEEN];

static void guest_of(struct kit *k, unsigned i)
{
	struct trace_header *h = &k->t.header;

	if (guests[i].kind == GUEST_IMPORT) {
		kit_init(k, 0, KIT_SVC);
		snprintf(h->arch, sizeof(h->arch), TRACE_ARCH_IMPORT);
		snprintf(h->core, sizeof(h->core), "generic");
		h->nreg = 0;
	} else if (guests[i].v6) {
		kit_linux_v6(k, guests[i].core);
	} else {
		kit_linux_on(k, guests[i].core);
	}
	assert_int_equal(legality_guest(h), guests[i].kind);
}

static void runs(const struct kit *k, struct machine *m, const char *what)
{
	struct lane_plan lp = { .verify = true, .engine = ENGINE_REF, .total_insns = k->t.n };
	struct lane *l;
	struct diag d;
	enum err e;

	assert_ok(lane_create(&l, m, &lp, &d), &d);
	kit_feed(l, k, 0, KIT_NOW, 4096);
	e = kit_finish(l, k, &d);
	if (e || l->violations)
		fail_msg("%s: %s", what, e ? d.msg : l->first_violation.msg);
	lane_destroy(l);
}

static void combination(const struct kit *k, const struct cpu_row *row, const struct host_config *cfg,
			const struct strategy_ops *ops)
{
	enum guest_kind g = legality_guest(&k->t.header);
	const struct legality_row *r;
	struct mmu_arch arch;
	struct cost_set costs;
	struct machine *m;
	struct spec spec;
	char what[128];
	struct diag d;
	enum err e;

	config_mmu(row, cfg, &arch);
	r = legality_base(ops, g, legality_host(row, &arch));
	base_seen[r - legality_rows] = true;
	snprintf(what, sizeof(what), "%s for %s on %s", ops->name, k->t.header.core, row->name);
	cost_set_default(&costs);
	assert_ok(spec_parse(&spec, ops->name, &d), &d);
	e = machine_create(&m, row, cfg, &costs, ops, spec_params(&spec), &k->t.header, &d);
	spec_free(&spec);
	if (e && r->legal)
		fail_msg("%s: the table says legal; it says: %s", what, d.msg);
	if (!e && !r->legal)
		fail_msg("%s: the table refuses it, but it was built", what);
	if (e) {
		assert_int_equal(e, ERR_CONFIG);
		if (!strstr(d.msg, r->why) || (r->instead && !strstr(d.msg, r->instead)))
			fail_msg("%s: refused in other words: %s", what, d.msg);
		return;
	}
	/* a row with a key that holds by default: two stages of a core without */
	assert_string_equal(m->tag, memcmp(cfg->feature, row->config.feature, sizeof(cfg->feature)) ||
			    (ops->two_stage && !cfg->feature[FEATURE_VMID]) ? "what-if" : tag_name[r->tag]);
	if (g != GUEST_IMPORT)
		runs(k, m, what);
	else
		machine_destroy(m);
}

static void each_host(const struct kit *k, const struct strategy_ops *ops)
{
	struct host_config grown;
	struct diag d;

	for (unsigned c = 0; c < cpu_row_count; c++)
		combination(k, cpu_rows[c], &cpu_rows[c]->config, ops);
	grown = cpu_find("generic")->config;
	assert_ok(param_set(config_keys, config_key_count, &grown, "feature.tex", "on", &d), &d);
	combination(k, cpu_find("generic"), &grown, ops);
	assert_ok(param_set(config_keys, config_key_count, &grown, "feature.xn", "on", &d), &d);
	assert_ok(param_set(config_keys, config_key_count, &grown, "feature.ttbcr", "on", &d), &d);
	combination(k, cpu_find("generic"), &grown, ops);
}

static void what_is_legal_runs_and_nothing_else(void **state)
{
	(void)state;
	for (unsigned i = 0; i < GUESTS; i++) {
		struct kit k;

		guest_of(&k, i);
		for (unsigned s = 0; s < strategy_count; s++)
			each_host(&k, strategy_table[s]);
		kit_free(&k);
	}
	for (unsigned i = 0; i < legality_row_count; i++)
		if (!legality_rows[i].key && !base_seen[i])
			fail_msg("row %u of the table is about nothing: %s", i, legality_rows[i].why);
}

/* One base row for each combination, words for each row, and what the mechanism says of itself. */
static void table_is_whole(void **state)
{
	(void)state;
	assert_in_range(legality_row_count, 1, SEEN);
	for (unsigned s = 0; s < strategy_count; s++) {
		bool v6 = false;

		for (unsigned g = 0; g < GUEST_KINDS; g++)
			for (unsigned h = 0; h < HOST_KINDS; h++) {
				const struct legality_row *r = legality_base(strategy_table[s],
							(enum guest_kind)g, (enum host_kind)h);

				assert_non_null(r);
				assert_true(r->legal || r->instead);
				v6 = v6 || (g == GUEST_V6 && r->legal);
			}
		if (v6 != strategy_table[s]->v6)
			fail_msg("%s: strategy_ops.v6 and the table differ about guests of ARMv6",
				 strategy_table[s]->name);
	}
	for (unsigned i = 0; i < legality_row_count; i++) {
		const struct legality_row *r = &legality_rows[i];

		assert_true(r->why && r->why[0] && !strchr(r->why, '"'));
		assert_true(!r->instead || !strchr(r->instead, '"'));
		assert_true(!r->key == !strchr(r->key ? r->key : "", '='));
		assert_true(r->key || !r->fits);
		assert_true(!r->strategy || strategy_find(r->strategy));
	}
}

/* A setting moves the tag up, never down. */
static void tag_is_the_farthest(void **state)
{
	static const struct { const char *strategy, *set, *tag; } rows[] = {
		{ "native", "tlb.entries=32", "unmodified" },
		{ "coherent", "tlb.entries=32", "patched" },
		{ "coherent", "cpu=free", "what-if" },
		{ "native", "cpu=free", "unmodified" },         /* means nothing there */
		{ "native", "feature.tex=on", "what-if" },
	};
	struct kit k;

	(void)state;
	kit_linux(&k);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit_plan p = { .set = { rows[i].set } };
		struct lane *l = kit_lane(&k, rows[i].strategy, &p);

		assert_string_equal(l->m->tag, rows[i].tag);
		lane_destroy(l);
	}
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_whole),
		cmocka_unit_test(what_is_legal_runs_and_nothing_else),
		cmocka_unit_test(tag_is_the_farthest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
