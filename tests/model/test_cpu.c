/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of host cores: every figure has a source, every row passes the checks a user's
 * configuration has to pass, and what a run of an ARM926EJ-S is called does not change. */
#include "tests/support.h"

#include <string.h>

#include "models/cpu/cpu.h"

static const struct param *key_of(const char *name)
{
	const struct param *p = param_find(config_keys, config_key_count, name);

	assert_non_null(p);
	return p;
}

static void keys_are_sorted(void **state)
{
	(void)state;
	for (unsigned i = 1; i < config_key_count; i++)
		assert_true(strcmp(config_keys[i - 1].name, config_keys[i].name) < 0);
}

static void every_row_can_be_built(void **state)
{
	struct diag d;

	(void)state;
	for (unsigned i = 0; i < cpu_row_count; i++) {
		const struct cpu_row *r = cpu_rows[i];

		assert_ptr_equal(cpu_find(r->name), r);
		assert_string_equal(cp_core_name[r->cp], r->name);
		assert_true(r->title[0] && r->note && r->core_mhz >= r->bus_mhz && r->bus_mhz);
		assert_true(!strcmp(r->arch, "armv5") || !strcmp(r->arch, "armv6"));
		assert_ok(config_check(&r->config, &d), &d);
	}
	assert_int_equal(cpu_row_count, 12);
	assert_null(cpu_find("arm962"));
}

/* Each value is one that --set would take, and comes back from it. */
static void every_value_is_settable(void **state)
{
	struct diag d;

	(void)state;
	for (unsigned i = 0; i < cpu_row_count; i++)
		for (unsigned k = 0; k < config_key_count; k++) {
			const struct param *p = &config_keys[k];
			struct host_config c = cpu_rows[i]->config;
			char text[32];

			param_text(p, &cpu_rows[i]->config, text);
			assert_ok(param_set(config_keys, config_key_count, &c, p->name, text, &d), &d);
			assert_memory_equal(&c, &cpu_rows[i]->config, sizeof(c));
		}
}

static void every_value_has_a_source(void **state)
{
	(void)state;
	for (unsigned i = 0; i < cpu_row_count; i++) {
		const struct cpu_row *r = cpu_rows[i];

		for (unsigned k = 0; k < config_key_count; k++) {
			const struct cpu_fact *f = cpu_fact_of(r, config_keys[k].name);

			if (!f)
				fail_msg("%s: nobody vouches for %s", r->name, config_keys[k].name);
			assert_true(f->confidence < CONFIDENCES && f->source[0]);
		}
		/* and every fact is about something, once */
		for (const struct cpu_fact *f = r->facts; f->key; f++) {
			unsigned used = 0;

			for (unsigned k = 0; k < config_key_count; k++)
				used += cpu_fact_of(r, config_keys[k].name) == f;
			if (!used)
				fail_msg("%s: fact '%s' is of no use", r->name, f->key);
		}
	}
}

static void the_nearest_fact_counts(void **state)
{
	const struct cpu_row *r = cpu_find("arm926");

	(void)state;
	assert_string_equal(cpu_fact_of(r, "tlb.policy")->key, "tlb.policy");
	assert_string_equal(cpu_fact_of(r, "tlb.ways")->key, "tlb.");
	assert_string_equal(cpu_fact_of(r, "feature.ifsr")->key, "feature.ifsr");
	assert_string_equal(cpu_fact_of(r, "map.base")->key, "map.base");
	assert_null(cpu_fact_of(r, "no.such"));
}

/* What the cost of this core rests on is more than an assumption, or none: a run asks for it. */
static bool is_known(const struct cpu_row *r, unsigned prim)
{
	for (const struct cpu_cost *c = r->costs; c && c->source; c++)
		if (c->prim == prim)
			return c->confidence == CONF_MANUAL || c->confidence == CONF_KNOWLEDGE;
	return !strcmp(prim_info[prim].confidence, "manual") ||
	       !strcmp(prim_info[prim].confidence, "choice") ||
	       !strcmp(prim_info[prim].confidence, "knowledge");
}

static void costs_are_ordered(void **state)
{
	(void)state;
	for (unsigned i = 0; i < cpu_row_count; i++) {
		const struct cpu_row *r = cpu_rows[i];
		struct cost_set own, plain;
		bool seen[PRIMS] = { false };
		unsigned differ = 0, nseen = 0;

		for (const struct cpu_cost *c = r->costs; c && c->source; c++) {
			assert_true(c->prim < PRIMS && !seen[c->prim]);
			seen[c->prim] = true;
			nseen++;
			assert_true(c->source[0] && c->confidence < CONF_CHOICE);
			assert_true(c->cycles[0] <= c->cycles[1] && c->cycles[1] <= c->cycles[2]);
		}
		cost_set_default(&plain);
		cpu_cost_set(r, &own);
		assert_string_equal(own.name, nseen ? r->name : "default");
		for (unsigned p = 0; p < PRIMS; p++) {
			bool same = !memcmp(own.prim[p], plain.prim[p], sizeof(own.prim[p]));

			assert_true(own.prim[p][0] <= own.prim[p][1] && own.prim[p][1] <= own.prim[p][2]);
			assert_true(same || seen[p]);
			differ += !same;
			if (own.prim[p][0] == own.prim[p][2])   /* without a range: no assumption */
				assert_true(is_known(r, p));
		}
		assert_true(!nseen == !differ);
		/* a line takes at least as long as its first word */
		for (unsigned v = 0; v < COST_LEVELS; v++)
			assert_true(own.prim[PRIM_line_fill][v] >= own.prim[PRIM_mem][v]);
	}
}

/* Set/way loops need the geometry that the sequences count by. */
static void lines_of_the_data_caches(void **state)
{
	static const struct { const char *core; unsigned lines; } want[] = {
		{ "arm920t", 512 }, { "arm922t", 256 }, { "arm926", 512 }, { "sa1110", 256 },
		{ "pxa255", 1024 }, { "pxa270", 1024 }, { "arm1136", 512 }, { "arm1176", 512 },
		{ "mpcore", 1024 }, { "cortex-a15", 512 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const struct cache_geom *g = &cpu_find(want[i].core)->config.l1d;

		assert_int_equal(g->bytes / g->line_bytes, want[i].lines);
	}
}

struct change { const char *key, *value; };

static enum err changed(const char *core, const struct change *c, struct diag *d)
{
	struct host_config cfg = cpu_find(core)->config;

	for (; c->key; c++)
		assert_ok(param_set(config_keys, config_key_count, &cfg, c->key, c->value, d), d);
	return config_check(&cfg, d);
}

static void impossible_shapes(void **state)
{
	static const struct { const char *core, *words; struct change c[4]; } cases[] = {
		{ "arm926", "itlb.entries: 32 with dtlb.entries 0", { { "itlb.entries", "32" } } },
		{ "arm926", "tlb.entries: 64 beside itlb and dtlb", { { "itlb.entries", "32" },
		  { "dtlb.entries", "32" } } },
		{ "arm920t", "tlb.locked: 8 entries beside itlb and dtlb", { { "tlb.lock", "part" }, { "tlb.locked", "8" } } },
		{ "arm926", "tlb.entries: 0; want at least 1", { { "tlb.entries", "0" } } },
		{ "arm920t", "itlb.ways: 48 ways do not divide", { { "itlb.ways", "48" } } },
		{ "arm920t", "utlb.entries: 8 before a split", { { "utlb.entries", "8" } } },
		{ "arm1176", "utlb.ways: 3 ways do not divide", { { "utlb.ways", "3" } } },
		{ "arm1176", "utlb.ways: 5 of 10 entries", { { "utlb.ways", "5" } } },
		{ "arm926", "tlb.locked: 8 with tlb.lock=base", { { "tlb.lock", "base" } } },
		{ "arm926", "tlb.lock: pointer in a TLB that is not fully associative",
		  { { "tlb.lock", "pointer" }, { "tlb.locked", "0" } } },
		{ "arm926", "minid.bytes: 512 beside", { { "minid.bytes", "512" }, { "minid.line", "16" } } },
		{ "arm926", "l2.line: 16; at least the 32", { { "l2.bytes", "131072" }, { "l2.line", "16" } } },
		{ "arm926", "l2.bytes: 128; a power of two, at least 8 ways", { { "l2.bytes", "128" } } },
		{ "arm926", "walk.sees: l2, but l2.bytes is 0", { { "walk.sees", "l2" } } },
		{ "arm926", "walk.sees: l1, but l1d.bytes is 0", { { "walk.sees", "l1" },
		  { "l1d.bytes", "0" } } },
		{ "arm926", "feature.coherent-walk: off with walk.sees=l1", { { "walk.sees", "l1" } } },
		{ "arm926", "feature.coherent-walk: on with walk.sees=memory",
		  { { "feature.coherent-walk", "on" } } },
		{ "arm926", "feature.pd: on without feature.ttbcr", { { "feature.pd", "on" } } },
		{ "arm926", "wb.words: 2 is less", { { "wb.words", "2" } } },
		{ "arm926", "wb.words: 16 with wb.merge=any, whose entries have 4 words each; want 32",
		  { { "wb.entries", "8" }, { "wb.merge", "any" } } },
		{ "arm926", "wb.entries: 17; at most 16 with wb.merge=newest",
		  { { "wb.entries", "17" }, { "wb.words", "68" }, { "wb.merge", "newest" } } },
	};
	struct diag d;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_err(ERR_CONFIG, changed(cases[i].core, cases[i].c, &d), &d, cases[i].words);
}

static void possible_shapes(void **state)
{
	static const struct change sets[][5] = {
		{ { "tlb.entries", "0" }, { "itlb.entries", "32" }, { "dtlb.entries", "32" }, { "tlb.locked", "0" } },
		{ { "utlb.entries", "8" } }, { { "l2.bytes", "131072" }, { "walk.sees", "l2" } },
		{ { "minid.bytes", "512" } }, { { "wb.merge", "any" } },
		{ { "wb.merge", "newest" }, { "wb.entries", "0" } },
		{ { "walk.sees", "l1" }, { "feature.coherent-walk", "on" } },
		{ { "tlb.lock", "base" }, { "tlb.ways", "64" }, { "tlb.locked", "0" } },
		{ { "feature.asid", "on" }, { "feature.vmid", "on" } },
	};
	struct diag d;

	(void)state;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		assert_ok(changed("arm926", sets[i], &d), &d);
}

/* The configuration of an ARM926EJ-S is written with the keys it had from the first version on;
 * what nobody acts on is never written; what is pending keeps a row from running. */
static void what_is_written(void **state)
{
	static const char first[] =
		"cpu hv.dlines hv.ilines hv.memory l1d.bytes l1d.kind l1d.line l1d.policy l1d.ways "
		"l1i.bytes l1i.kind l1i.line l1i.policy l1i.ways map map.base testclean tlb.entries "
		"tlb.locked tlb.policy tlb.ways wb.drain wb.entries wb.words ";
	char written[1024] = "";

	(void)state;
	for (unsigned k = 0; k < config_key_count; k++)
		if (config_is_written(&cpu_find("arm926")->config, &config_keys[k]))
			strcat(strcat(written, config_keys[k].name), " ");
	assert_string_equal(written, first);
	for (unsigned i = 0; i < cpu_row_count; i++) {
		const struct cpu_row *r = cpu_rows[i];
		const char *why, *key = cpu_pending(r, &why);
		bool different = false;
		unsigned without = 0;

		for (unsigned k = 0; k < config_key_count; k++) {
			const struct param *p = &config_keys[k];
			bool same = config_is_absent(&r->config, p->name) ||
				    param_get(p, &r->config) ==
				    param_get(p, &cpu_find("arm926")->config);
			bool always = strstr(first, p->name);

			if (config_pending(p->name)) {
				different |= !same;
				assert_false(config_is_written(&r->config, p));
			} else if (!always) {
				assert_int_equal(config_is_written(&r->config, p), !same);
			}
		}
		while (cpu_without(r, without))
			without++;
		assert_int_equal(key || without, different);
		assert_true(!key || (!strcmp(config_pending(key), why) && key_of(key)));
	}
}

static void rows_that_run_today(void **state)
{
	const char *why;

	(void)state;
	assert_null(cpu_pending(cpu_find("arm926"), &why));
	assert_null(cpu_pending(cpu_find("generic"), &why));
	assert_null(cpu_without(cpu_find("generic"), 0));
	assert_null(cpu_pending(cpu_find("cortex-a15"), &why));
	assert_string_equal(cpu_without(cpu_find("cortex-a15"), 0), "long descriptors");
	assert_null(cpu_without(cpu_find("cortex-a15"), 2));
	assert_null(config_pending("tlb.entries"));
	assert_null(config_pending("l2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_sorted),
		cmocka_unit_test(every_row_can_be_built),
		cmocka_unit_test(every_value_is_settable),
		cmocka_unit_test(every_value_has_a_source),
		cmocka_unit_test(the_nearest_fact_counts),
		cmocka_unit_test(costs_are_ordered),
		cmocka_unit_test(lines_of_the_data_caches),
		cmocka_unit_test(impossible_shapes),
		cmocka_unit_test(possible_shapes),
		cmocka_unit_test(what_is_written),
		cmocka_unit_test(rows_that_run_today),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
