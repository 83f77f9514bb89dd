/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every host core, as its row has it: real guests of its architecture, natively and under a
 * monitor, and random guests of ARMv6; whatever the hardware did was permitted, and all
 * counters balance. Both engines count the same; where `fast` does not know the TLBs of the row, on the
 * row with one TLB. What a row needs that is not simulated yet is the ARM926EJ-S's here; so the day
 * it is, the row itself is what runs.
 */
#include "tests/support.h"

#include <string.h>

#include "sim/replay.h"
#include "tests/strategy/random_guest_v6.h"

enum { V6_SEEDS = 4, V6_RECORDS = 6000, MAX_COUNTS = 64 };

static struct cpu_row as_simulated(const struct cpu_row *row)
{
	const struct host_config *plain = &cpu_find("arm926")->config;
	struct cpu_row out = *row;
	const char *key, *why;
	struct diag d;
	char value[32];

	while ((key = cpu_pending(&out, &why))) {
		const struct param *p = param_find(config_keys, config_key_count, key);

		assert_ok(param_set(config_keys, config_key_count, &out.config, key,
				    param_text(p, plain, value), &d), &d);
	}
	assert_ok(config_check(&out.config, &d), &d);
	return out;
}

static bool is_v6(const struct cpu_row *row)
{
	return !strcmp(row->arch, "armv6");
}

/* --- real guests ------------------------------------------------------------------------ */

struct copy {
	char strategy[64], engine[8];
	struct ledger ledger;
	struct named_count count[MAX_COUNTS];
	size_t ncount;
	uint64_t insns;
};
struct copies { struct copy lane[3]; size_t n; };

static enum err keep(void *ctx, const struct run_result *r, struct diag *d)
{
	struct copies *all = ctx;
	struct copy *c;

	(void)d;
	assert_in_range(all->n, 0, 2);
	assert_in_range(r->nstructures, 1, MAX_COUNTS);
	c = &all->lane[all->n++];
	snprintf(c->strategy, sizeof(c->strategy), "%s", r->strategy);
	snprintf(c->engine, sizeof(c->engine), "%s", r->engine);
	c->ledger = *r->ledger;
	c->insns = r->window_insns;
	c->ncount = r->nstructures;
	memcpy(c->count, r->structures, r->nstructures * sizeof(c->count[0]));
	return ERR_OK;
}

static void run(const struct replay_plan *plan, enum engine engine, struct copies *out)
{
	struct replay_plan p = *plan;
	struct diag d;

	out->n = 0;
	p.engine = engine;
	p.verify = engine == ENGINE_REF;
	if (replay(&p, keep, out, &d))
		fail_msg("%s on %s, engine %s: %s", p.path, p.row->name, engine_name[engine], d.msg);
	assert_int_equal(out->n, p.nspec);
}

static void same(const struct copy *a, const struct copy *b, const char *core)
{
	assert_string_equal(a->strategy, b->strategy);
	assert_string_equal(a->engine, engine_name[ENGINE_REF]);
	assert_string_equal(b->engine, engine_name[ENGINE_FAST]);
	assert_true(a->insns > 1000 && a->insns == b->insns);
	assert_int_equal(a->ncount, b->ncount);
	for (size_t i = 0; i < a->ncount; i++)
		if (strcmp(a->count[i].name, b->count[i].name) || a->count[i].n != b->count[i].n)
			fail_msg("%s, %s: %s: %llu, not %llu", core, a->strategy, a->count[i].name,
				 (unsigned long long)b->count[i].n, (unsigned long long)a->count[i].n);
	if (memcmp(&a->ledger, &b->ledger, sizeof(a->ledger)) != 0)
		fail_msg("%s, %s: engine fast counts otherwise", core, a->strategy);
}

static void real_guests(void **state)
{
	/* by architecture */
	static const char *const traces[2][2] = {
		{ "traces/quick/process.swt", "traces/quick/mmap.swt" },
		{ "traces/quick/process-v6.swt", "traces/quick/pipe-v6.swt" },
	};
	static struct copies ref, fast;
	struct spec spec[SPEC_MAX];
	struct replay_plan p = { .spec = spec, .seed = 1, .warmup = WARMUP_DEFAULT, .argv = "",
				 .progress = PROGRESS_NONE };
	unsigned rows = 0;
	struct diag d;
	size_t all;

	(void)state;
	assert_ok(spec_parse_list(spec, &all, "native,coherent,cached", &d), &d);
	for (unsigned i = 0; i < cpu_row_count; i++)
		for (unsigned t = 0; t < 2; t++, rows++) {
			struct cpu_row row = as_simulated(cpu_rows[i]), one = kit_one_tlb(&row);

			p.row = &row;
			p.path = test_path(traces[is_v6(&row)][t]);
			p.nspec = all - is_v6(&row);    /* cached: guests of ARMv5 */
			run(&p, ENGINE_REF, &ref);
			p.row = &one;
			run(&p, ENGINE_REF, &ref);
			run(&p, ENGINE_FAST, &fast);
			for (size_t n = 0; n < p.nspec; n++)
				same(&ref.lane[n], &fast.lane[n], row.name);
		}
	assert_true(rows >= 24);
	for (size_t i = 0; i < all; i++)
		spec_free(&spec[i]);
}

/* --- random guests ---------------------------------------------------------------------- */

static struct lane *lane_of(const struct kit *k, const struct cpu_row *row, enum engine engine)
{
	struct kit_plan p = { .row = row, .engine = engine, .verify = engine == ENGINE_REF };

	return kit_replay(k, "native", &p);
}

static void engines_agree(const struct kit *k, const struct cpu_row *row)
{
	struct cpu_row one = kit_one_tlb(row);
	struct lane *ref = lane_of(k, &one, ENGINE_REF), *fast = lane_of(k, &one, ENGINE_FAST);
	struct structure_counts a, b;

	assert_int_equal(fast->plan.engine, ENGINE_FAST);
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	lane_counts(ref, &a);
	lane_counts(fast, &b);
	if (memcmp(&ref->m->ledger, &fast->m->ledger, sizeof(ref->m->ledger)) != 0 ||
	    memcmp(&a.tlb, &b.tlb, sizeof(a.tlb)) != 0 || memcmp(&a.l1i, &b.l1i, sizeof(a.l1i)) != 0 ||
	    memcmp(&a.l1d, &b.l1d, sizeof(a.l1d)) != 0 || memcmp(&a.l2, &b.l2, sizeof(a.l2)) != 0)
		fail_msg("%s on %s: engine fast counts otherwise", k->t.header.core, row->name);
	lane_destroy(ref);
	lane_destroy(fast);
}

static void random_guest_on(const struct kit *k, const struct cpu_row *row, uint64_t *injected)
{
	struct lane *ref = lane_of(k, row, ENGINE_REF);

	if (ref->violations)
		fail_msg("%s on %s: %llu violations; first: %s", k->t.header.core, row->name,
			 (unsigned long long)ref->violations, ref->first_violation.msg);
	assert_int_equal(ref->injected + ref->forced - ref->extra_true, ref->recorded);
	*injected += ref->injected;
	lane_destroy(ref);
	engines_agree(k, row);
}

static void random_guests(void **state)
{
	static const char *const guests[] = { "arm1136", "mpcore", "arm1176" };
	uint64_t injected[32] = { 0 };

	(void)state;
	assert_in_range(cpu_row_count, 1, 32);
	for (uint64_t seed = 1; seed <= V6_SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k;

		random_guest_v6(&k, guests[seed % 3], seed, V6_RECORDS, &n);
		for (unsigned i = 0; i < cpu_row_count; i++) {
			struct cpu_row row = as_simulated(cpu_rows[i]);

			/* an ARM1176 sets TTBCR.PD0 and PD1 */
			if (is_v6(&row) && (seed % 3 != 2 || row.config.feature[FEATURE_PD]))
				random_guest_on(&k, &row, &injected[i]);
		}
		kit_free(&k);
	}
	for (unsigned i = 0; i < cpu_row_count; i++)
		assert_int_equal(injected[i] > 50, is_v6(cpu_rows[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_guests),
		cmocka_unit_test(random_guests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
