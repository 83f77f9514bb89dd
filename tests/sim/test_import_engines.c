/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Imported streams: every engine counts the same, every core replays them, and what cannot be is refused. */
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

#include "tests/import_kit.h"

/* --- engines, cores --------------------------------------------------------------------- */

/* Whatever the engine, the batch and the threads; several hosts, sizes, crossings, no fetches. */
static void engines_count_the_same(void **state)
{
	static const char *const rows[][4] = {
		{ NULL }, { "tlb.entries=4", "tlb.ways=4", "l1i.bytes=1024" }, { "l2.bytes=32768", "l2.line=32" },
		{ "l1d.write=through", "wb.entries=1", "wb.words=1" }, { "l1d.allocate=read" }, { "l1i.bytes=0" },
		{ "l1d.policy=random", "l1i.policy=fifo", "tlb.policy=plru" },
		{ "l1d.kind=vivt", "l1i.kind=vivt", "l1d.policy=fifo", "l1i.policy=fifo" }, { "utlb.entries=8" },
		{ "walk.sees=l2", "l2.bytes=65536", "l2.line=32", "tlb.policy=fifo" },
	};
	static const struct { unsigned batch, jobs; } how[] = { { 0, 1 }, { 1, 1 }, { 7, 2 } };

	(void)state;
	for (unsigned s = 0; s < 3; s++) {
		struct rng g = rng_stream(3, "engines");
		struct random_trace t;

		import_begin(&t, IMPORT_LACKEY);
		if (s)
			import_like_a_program(&t, &g, s == 1);
		else
			import_like_lackey(&t, &g);
		write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
		for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			const char *set[SETS] = { rows[i][0], rows[i][1], rows[i][2], rows[i][3] };
			struct spec spec[SPEC_MAX];
			size_t n = 0;
			struct replay_plan p = import_plan(spec, &n, set, ENGINE_REF);
			struct outcome ref;

			p.warmup = WARMUP_DEFAULT;
			ref = import_run_plan(&p);
			p.engine = ENGINE_FAST;
			for (unsigned k = 0; k < 3; k++) {
				struct outcome o;

				p.batch = how[k].batch;
				p.jobs = how[k].jobs;
				o = import_run_plan(&p);
				assert_int_equal(o.fast, !set[0] || strncmp(set[0], "utlb", 4));
				import_same(&ref, &o);
			}
			while (n)
				spec_free(&spec[--n]);
		}
		random_trace_clear(&t);
	}
}

/* Every core maps the stream onto itself: each translation is checked, and each page, once, walked. */
static void every_core_replays(void **state)
{
	struct rng g = rng_stream(5, "cores");
	struct random_trace t;

	(void)state;
	import_begin(&t, IMPORT_LACKEY);
	import_like_lackey(&t, &g);
	t.n = REFS / 8;
	write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
	for (unsigned i = 0; i < cpu_row_count; i++) {
		struct spec spec[SPEC_MAX];
		size_t n = 0;
		struct replay_plan p = import_plan(spec, &n, NULL, ENGINE_REF);
		struct outcome checked, o;

		p.row = cpu_rows[i];
		p.verify = true;        /* a violation would be ERR_CHECK */
		checked = import_run_plan(&p);
		p.verify = false;
		p.engine = ENGINE_FAST;
		o = import_run_plan(&p);
		import_same(&checked, &o);
		assert_int_equal(ledger_event(&o.ledger, EV_NATIVE_FAULT), 0);
		assert_true(import_count(&o, "walk.walks") > 0);
		/* all of it is cached memory, from which nothing is read past L1 */
		assert_int_equal(ledger_event(&o.ledger, EV_DREAD_UNC) + ledger_event(&o.ledger, EV_IFETCH_UNC), 0);
		while (n)
			spec_free(&spec[--n]);
	}
	random_trace_clear(&t);
}

/* Walks leave no trace in caches: the TLB's size changes walks and nothing else. Where they read
 * through L2, they add to what it is asked, at addresses that no reference has. */
static void tables_are_out_of_the_way(void **state)
{
	static const char *const small[] = { "tlb.entries=2", "tlb.ways=2", "l2.bytes=65536", "l2.line=32", NULL };
	static const char *const large[] = { "l2.bytes=65536", "l2.line=32", NULL };
	static const char *const seen[] = { "l2.bytes=65536", "l2.line=32", "walk.sees=l2", NULL };
	static const char *const names[] = { "l1i.misses", "l1d.read.misses", "l1d.write.misses", "l1d.writebacks",
		"l2.reads", "l2.misses", "l2.writebacks" };
	struct rng g = rng_stream(9, "walks");
	struct random_trace t;
	struct outcome a, b, c;

	(void)state;
	import_begin(&t, IMPORT_DIN);
	import_like_a_program(&t, &g, true);
	write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
	a = import_run(small, ENGINE_FAST);
	b = import_run(large, ENGINE_FAST);
	c = import_run(seen, ENGINE_FAST);
	assert_true(import_count(&a, "walk.references") > 2 * import_count(&b, "walk.references"));
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(import_count(&a, names[i]), import_count(&b, names[i]));
	assert_int_equal(import_count(&b, "walk.past-newer-l1") + import_count(&c, "walk.past-newer-l1"), 0);
	assert_int_equal(import_count(&c, "l2.reads"), import_count(&b, "l2.reads") + import_count(&c, "walk.references"));
	assert_int_equal(ledger_event(&c.ledger, EV_WALK_L1) + ledger_event(&c.ledger, EV_WALK_L2) +
			 ledger_event(&c.ledger, EV_WALK1_IN_L2) + ledger_event(&c.ledger, EV_WALK2_IN_L2),
			 import_count(&c, "walk.references"));
	random_trace_clear(&t);
}

/* A reference over the end of a line, or of a page, is one reference, of a fetch one instruction, and two
 * lookups of both TLB and cache; of three lines it is three. */
static void crossing_fetch(void **state)
{
	struct random_trace t;
	struct outcome o;

	(void)state;
	import_begin(&t, IMPORT_LACKEY);
	for (unsigned i = 0; i < 3; i++)
		random_trace_add(&t, &(struct trace_rec){ .kind = TRACE_FETCH, .arg = (uint16_t)(1 + i),
							  .va = 0x1fff }, NULL);
	write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
	for (unsigned e = 0; e < ENGINES; e++) {
		o = import_run(NULL, (enum engine)e);
		assert_int_equal(ledger_event(&o.ledger, EV_REF_FETCH), 3);
		assert_int_equal(o.insns, 3);
		assert_int_equal(import_count(&o, "tlb.lookups"), 5);
		assert_int_equal(import_count(&o, "tlb.misses"), 2);
		assert_int_equal(import_count(&o, "l1i.reads"), 5);
	}
	random_trace_clear(&t);
}

static void crossing_lines(void **state)
{
	static const struct { const char *set[3]; unsigned fetched, data; } rows[] = {
		{ { NULL }, 2 + 1, 1 + 2 + 2 },                 /* lines of 32 bytes */
		{ { "l1i.line=8", "l1d.line=8", NULL }, 3 + 1, 2 + 2 + 2 },
		{ { "l1i.bytes=0", "l1d.bytes=0", NULL }, 1 + 1, 1 + 1 + 1 },
	};
	struct random_trace t;
	struct outcome o;

	(void)state;
	import_begin(&t, IMPORT_LACKEY);
	for (unsigned i = 0; i < 2; i++)
		random_trace_add(&t, &(struct trace_rec){ .kind = TRACE_FETCH, .arg = i ? 2 : 15,
							  .va = i ? 0x1006 : 0x1013 }, NULL);
	for (unsigned i = 0; i < 3; i++)
		random_trace_add(&t, &(struct trace_rec){ .kind = i & 1 ? TRACE_STORE : TRACE_LOAD, .flags = 3,
							  .va = i ? 0x2019 + 32 * i : 0x2009 }, NULL);
	write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
	for (unsigned r = 0; r < 3; r++)
		for (unsigned e = 0; e < ENGINES; e++) {
			o = import_run(rows[r].set, (enum engine)e);
			assert_int_equal(import_references(&o), 5);
			assert_int_equal(o.insns, 2);
			assert_int_equal(import_count(&o, "tlb.lookups"), rows[r].fetched + rows[r].data);
			if (r == 2)
				continue;
			assert_int_equal(import_count(&o, "l1i.reads"), rows[r].fetched);
			assert_int_equal(import_count(&o, "l1d.reads") + import_count(&o, "l1d.writes"),
					 rows[r].data);
		}
	random_trace_clear(&t);
}

/* --- windows and refusals ----------------------------------------------------------------- */

/* Without instructions, warm-up and window go by references, and there are 0 instructions. */
static void time_without_instructions(void **state)
{
	struct rng g = rng_stream(2, "data");
	struct spec spec[SPEC_MAX];
	struct random_trace t;
	size_t n = 0;
	struct replay_plan p = import_plan(spec, &n, NULL, ENGINE_FAST);
	struct outcome o;
	struct diag d;

	(void)state;
	import_begin(&t, IMPORT_DIN);
	import_anywhere(&t, &g, false);
	write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
	for (unsigned e = 0; e < ENGINES; e++) {
		p.engine = (enum engine)e;
		p.warmup = WARMUP_DEFAULT;
		o = import_run_plan(&p);
		assert_int_equal(o.warmup, t.n / 10);
		assert_int_equal(import_references(&o), t.n - t.n / 10);
		assert_int_equal(o.insns, 0);
		p.warmup = 77;
		o = import_run_plan(&p);
		assert_int_equal(import_references(&o), t.n - 77);
		assert_int_equal(o.first, 77);
		for (unsigned i = 0; i < LANE_SLICES; i++)
			assert_true(o.series[i] > 0);
		p.warmup = t.n;
		assert_err(ERR_CONFIG, replay(&p, import_keep, &o, &d), &d, "references, but the trace has only");
	}
	while (n)
		spec_free(&spec[--n]);
	random_trace_clear(&t);
}

static void refused(struct replay_plan *p, enum err want, const char *words)
{
	struct outcome o = { .n = 0 };
	struct diag d;

	assert_err(want, replay(p, import_keep, &o, &d), &d, words);
}

static void what_an_import_cannot_do(void **state)
{
	struct spec spec[SPEC_MAX], shadow[SPEC_MAX];
	struct random_trace t;
	size_t n = 0, m = 0;
	struct replay_plan p = import_plan(spec, &n, NULL, ENGINE_REF);
	struct lint_print reports = { .form = OUT_TEXT };
	struct diag d;

	(void)state;
	import_begin(&t, IMPORT_DIN);
	import_add(&t, TRACE_LOAD, 0x1000);
	write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
	p.lint = &reports;
	refused(&p, ERR_CONFIG, "an imported stream has no maintenance");
	p.lint = NULL;
	assert_ok(spec_parse_list(shadow, &m, "coherent", &d), &d);
	p.spec = shadow;
	p.nspec = m;
	p.unnamed = false;
	refused(&p, ERR_CONFIG, "strategy coherent cannot run an imported stream");
	p.spec = spec;
	p.nspec = n;
	p.unnamed = true;
	random_trace_add(&t, &(struct trace_rec){ .kind = TRACE_MODE, .a = 0xd3 }, NULL);
	write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
	refused(&p, ERR_TRACE, "record 1: 'mode' in an imported stream (want fetch, load, store or mark)");
	while (n)
		spec_free(&spec[--n]);
	while (m)
		spec_free(&shadow[--m]);
	random_trace_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(engines_count_the_same),
		cmocka_unit_test(every_core_replays),
		cmocka_unit_test(tables_are_out_of_the_way),
		cmocka_unit_test(crossing_fetch),
		cmocka_unit_test(crossing_lines),
		cmocka_unit_test(time_without_instructions),
		cmocka_unit_test(what_an_import_cannot_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
