/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Imported streams against a second opinion: caches and TLBs as a textbook tells them, which are
 * Dinero IV's with -l1-isize 16k -l1-ibsize 32 -l1-iassoc 4 -l1-irepl l -l1-ifetch d, the same of the
 * data cache with -l1-dwalloc a -l1-dwback a, and its din format: every access is one word of one
 * line. At its end Dinero copies back what is dirty, so its write-backs are ours and the lines that
 * are dirty at the end. Engines, batches and threads count the same.
 */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/replay.h"
#include "tests/unit/trace_random.h"
#include "traces/import.h"

enum { SETS = 12, COUNTS = 96, REFS = 30000 };

/* --- the textbook ------------------------------------------------------------------------ */

struct line { uint32_t number; bool valid, dirty; };
/* Each set's lines stand in the order of their last use, the latest first. */
struct book { uint32_t sets, ways, bytes; struct line *line; uint64_t miss[3], writebacks; };

static struct book book(uint32_t bytes, uint32_t ways, uint32_t line_bytes)
{
	struct book b = { .sets = bytes / ways / line_bytes, .ways = ways, .bytes = line_bytes };

	b.line = calloc((size_t)b.sets * ways, sizeof(*b.line));
	assert_non_null(b.line);
	return b;
}

static void consult(struct book *b, uint32_t addr, enum access how)
{
	uint32_t number = addr / b->bytes, way = 0;
	struct line *set = b->line + (size_t)(number % b->sets) * b->ways, now = { number, true, false };

	while (way < b->ways && !(set[way].valid && set[way].number == number))
		way++;
	if (way == b->ways) {
		b->miss[how]++;
		way = b->ways - 1;
		b->writebacks += set[way].valid && set[way].dirty;
	} else {
		now = set[way];
	}
	now.dirty |= how == ACCESS_WRITE;
	memmove(set + 1, set, way * sizeof(*set));
	set[0] = now;
}

static uint64_t dirty(const struct book *b)
{
	uint64_t n = 0;

	for (size_t i = 0; i < (size_t)b->sets * b->ways; i++)
		n += b->line[i].valid && b->line[i].dirty;
	return n;
}

/* --- streams ------------------------------------------------------------------------------ */

static void add(struct random_trace *t, uint8_t kind, uint32_t va)
{
	bool fetch = kind == TRACE_FETCH;
	struct trace_rec r = { .kind = kind, .flags = fetch ? 0 : 2, .arg = fetch ? 4 : 0, .va = va & ~3u };

	random_trace_add(t, &r, NULL);
}

static void begin(struct random_trace *t, enum import_format format)
{
	struct import_options o = { .format = format };
	struct diag d;

	memset(t, 0, sizeof(*t));
	assert_ok(trace_import_header(&t->header, &o, "random", &d), &d);
}

/* Places where something of ours might lie: tables, monitor, vectors, both ends of memory. */
static uint32_t odd_place(struct rng *g)
{
	static const uint32_t place[] = { 0, 0x400000, 0x7ff000, 0xc0000000, 0xc0100000, 0xffff0000, 0xfffff000 };

	return place[rng_below(g, 7)] + rng_below(g, 4096);
}

/* Like a program: a loop with calls, a stack, an array swept up and down, a heap, odd places. */
static void like_a_program(struct random_trace *t, struct rng *g, bool fetches)
{
	uint32_t pc = 0x8000, sp = 0xbeff0000, array = 0x200000, step = 0;

	while (t->n < REFS) {
		uint32_t n = 1 + rng_below(g, 12);

		for (; fetches && n; n--, pc += 4)
			add(t, TRACE_FETCH, pc);
		switch (rng_below(g, 8)) {
		case 0: pc = 0x8000 + (rng_below(g, 3000) << 4); break;
		case 1: pc -= 4 * rng_below(g, 64); break;
		case 2: add(t, TRACE_STORE, sp -= 4 * rng_below(g, 8)); break;
		case 3: add(t, TRACE_LOAD, sp += 4 * rng_below(g, 8)); break;
		case 4: add(t, TRACE_LOAD, array + (step++ % 20000) * 4); break;
		case 5: add(t, TRACE_STORE, array + (20000 - step % 20000) * 4); break;
		case 6: add(t, rng_below(g, 3) ? TRACE_LOAD : TRACE_STORE, 0x10000000 + rng_below(g, 1 << 18));
			break;
		default: add(t, rng_below(g, 2) ? TRACE_LOAD : TRACE_STORE, odd_place(g)); break;
		}
	}
}

/* Uniform over a few sets' worth of lines, often their last words. */
static void at_line_ends(struct random_trace *t, struct rng *g, bool fetches)
{
	static const uint8_t kind[] = { TRACE_LOAD, TRACE_STORE, TRACE_FETCH };

	while (t->n < REFS) {
		uint32_t line = rng_below(g, 1500) * 32 + (rng_below(g, 5) << 12);

		add(t, kind[rng_below(g, fetches ? 3 : 2)], line + (rng_below(g, 2) ? 28 : rng_below(g, 32)));
	}
}

/* Anywhere at all, each place twice. */
static void anywhere(struct random_trace *t, struct rng *g, bool fetches)
{
	while (t->n < REFS / 2) {
		uint32_t va = (uint32_t)rng_next(g);

		add(t, rng_below(g, 2) ? TRACE_STORE : TRACE_LOAD, va);
		add(t, fetches ? TRACE_FETCH : TRACE_LOAD, va);
	}
}

/* Sizes and boundaries of x86. */
static void like_lackey(struct random_trace *t, struct rng *g)
{
	uint32_t pc = 0x400000;

	for (; t->n < REFS; pc += rng_below(g, 9) ? 0 : rng_below(g, 1 << 14)) {
		uint32_t n = 1 + rng_below(g, 15), log2 = rng_below(g, 4), va = odd_place(g);
		struct trace_rec r = { .kind = TRACE_FETCH, .arg = (uint16_t)n, .va = pc };

		random_trace_add(t, &r, NULL);
		pc += n;
		if (rng_below(g, 2))
			va |= 0x3f9;
		r = (struct trace_rec){ .kind = rng_below(g, 2) ? TRACE_LOAD : TRACE_STORE, .va = va };
		r.flags = (uint8_t)(log2 | (va % 1024 + (1u << log2) > 1024 ? ACC_SPLIT : 0));
		random_trace_add(t, &r, NULL);
	}
}

static const struct { const char *name; void (*make)(struct random_trace *, struct rng *, bool); }
shapes[] = { { "program", like_a_program }, { "line ends", at_line_ends }, { "anywhere", anywhere } };
enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

/* --- runs --------------------------------------------------------------------------------- */

struct outcome {
	struct ledger ledger;
	struct named_count count[COUNTS];
	size_t n;
	uint64_t series[LANE_SLICES], first, insns, warmup;
	bool fast;
};

static enum err keep(void *ctx, const struct run_result *r, struct diag *d)
{
	struct outcome *o = ctx;

	(void)d;
	assert_int_equal(o->n, 0);      /* one lane: native */
	assert_string_equal(r->strategy, "native");
	assert_in_range(r->nstructures, 1, COUNTS);
	o->ledger = *r->ledger;
	o->n = r->nstructures;
	memcpy(o->count, r->structures, r->nstructures * sizeof(o->count[0]));
	memcpy(o->series, r->series, sizeof(o->series));
	o->first = r->window_first;
	o->insns = r->window_insns;
	o->warmup = r->warmup_insns;
	o->fast = !strcmp(r->engine, "fast");
	return ERR_OK;
}

static struct replay_plan plan(struct spec *spec, size_t *n, const char *const *set, enum engine e)
{
	struct replay_plan p = { .path = scratch("stream.swt"), .spec = spec, .set = set, .seed = 1,
				 .unnamed = true, .engine = e, .progress = PROGRESS_NONE };
	struct diag d;

	assert_ok(spec_parse_list(spec, n, NULL, &d), &d);
	p.nspec = *n;
	for (p.nset = 0; set && p.nset < SETS && set[p.nset];)
		p.nset++;
	return p;
}

static struct outcome run_plan(struct replay_plan *p)
{
	struct outcome o = { .n = 0 };
	struct diag d;

	assert_ok(replay(p, keep, &o, &d), &d);
	return o;
}

static struct outcome run(const char *const *set, enum engine e)
{
	struct spec spec[SPEC_MAX];
	size_t n = 0;
	struct replay_plan p = plan(spec, &n, set, e);
	struct outcome o = run_plan(&p);

	while (n)
		spec_free(&spec[--n]);
	return o;
}

static uint64_t count(const struct outcome *o, const char *name)
{
	for (size_t i = 0; i < o->n; i++)
		if (!strcmp(o->count[i].name, name))
			return o->count[i].n;
	fail_msg("no count %s", name);
	return 0;
}

static uint64_t references(const struct outcome *o)
{
	return ledger_event(&o->ledger, EV_REF_FETCH) + ledger_event(&o->ledger, EV_REF_LOAD) +
	       ledger_event(&o->ledger, EV_REF_STORE);
}

static void same(const struct outcome *a, const struct outcome *b)
{
	assert_memory_equal(&a->ledger, &b->ledger, sizeof(a->ledger));
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		assert_string_equal(a->count[i].name, b->count[i].name);
		if (a->count[i].n != b->count[i].n)
			fail_msg("%s: %llu against %llu", a->count[i].name, (unsigned long long)a->count[i].n,
				 (unsigned long long)b->count[i].n);
	}
	assert_memory_equal(a->series, b->series, sizeof(a->series));
	assert_int_equal(a->first, b->first);
	assert_int_equal(a->insns, b->insns);
}

/* --- equal to the textbook ------------------------------------------------------------------ */

struct books { struct book i, d, itlb, dtlb, tlb; };

static void consult_all(struct books *b, const struct random_trace *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct trace_rec *r = &t->rec[i];
		enum access how = r->kind == TRACE_FETCH ? ACCESS_FETCH
				: r->kind == TRACE_STORE ? ACCESS_WRITE : ACCESS_READ;
		bool fetch = how == ACCESS_FETCH;

		consult(fetch ? &b->i : &b->d, r->va, how);
		consult(fetch ? &b->itlb : &b->dtlb, r->va, ACCESS_READ);
		consult(&b->tlb, r->va, ACCESS_READ);
	}
}

static void free_books(struct books *b)
{
	free(b->i.line);
	free(b->d.line);
	free(b->itlb.line);
	free(b->dtlb.line);
	free(b->tlb.line);
}

static void check_caches(const struct outcome *o, const struct books *b)
{
	assert_int_equal(count(o, "l1i.misses"), b->i.miss[ACCESS_FETCH]);
	assert_int_equal(count(o, "l1d.read.misses"), b->d.miss[ACCESS_READ]);
	assert_int_equal(count(o, "l1d.write.misses"), b->d.miss[ACCESS_WRITE]);
	assert_int_equal(count(o, "l1d.writebacks"), b->d.writebacks);
	assert_int_equal(count(o, "l1d.dirty-at-end"), dirty(&b->d));
}

/* One stream: with a split TLB, then with a unified one, by both engines, all kinds of caches. */
static void check_stream(const struct random_trace *t, const char *const *set, uint32_t bytes,
			 uint32_t ways, uint32_t line_bytes)
{
	static const char *const kind[][2] = { { "l1i.kind=pipt", "l1d.kind=pipt" },
		{ "l1i.kind=vipt", "l1d.kind=vipt" }, { "l1i.kind=vivt", "l1d.kind=vivt" } };
	struct books b = { book(bytes, ways, line_bytes), book(bytes, ways, line_bytes),
			   book(64 << 12, 64, 1 << 12), book(64 << 12, 64, 1 << 12), book(64 << 12, 64, 1 << 12) };
	struct outcome o;

	consult_all(&b, t);
	for (unsigned k = 0; k < 3; k++)
		for (unsigned split = 0; split < 2; split++) {
			const char *all[SETS + 1] = { kind[k][0], kind[k][1] };
			unsigned n = 2;

			for (unsigned i = 0; set[i]; i++)
				all[n++] = set[i];
			if (split) {
				all[n++] = "itlb.entries=64";
				all[n++] = "dtlb.entries=64";
			}
			o = run(all, split ? ENGINE_REF : ENGINE_FAST);
			assert_int_equal(o.fast, !split);
			check_caches(&o, &b);
			assert_int_equal(references(&o), t->n);
			if (split) {
				assert_int_equal(count(&o, "itlb.misses"), b.itlb.miss[ACCESS_READ]);
				assert_int_equal(count(&o, "dtlb.misses"), b.dtlb.miss[ACCESS_READ]);
			} else {
				assert_int_equal(count(&o, "tlb.misses"), b.tlb.miss[ACCESS_READ]);
			}
			assert_int_equal(count(&o, "walk.references"), 2 * count(&o, "walk.walks"));
		}
	free_books(&b);
}

static void counts_are_a_textbooks(void **state)
{
	static const struct { const char *set[7]; uint32_t bytes, ways, line; } rows[] = {
		{ { NULL }, 16384, 4, 32 },
		{ { "l1i.bytes=1024", "l1d.bytes=1024", "l1i.ways=1", "l1d.ways=1", NULL }, 1024, 1, 32 },
		{ { "l1i.bytes=8192", "l1d.bytes=8192", "l1i.ways=2", "l1d.ways=2", "l1i.line=16",
		    "l1d.line=16", NULL }, 8192, 2, 16 },
	};

	(void)state;
	for (unsigned s = 0; s < SHAPES; s++)
		for (unsigned fetches = 0; fetches < 2; fetches++) {
			struct rng g = rng_stream(7 + fetches, shapes[s].name);
			struct random_trace t;

			begin(&t, IMPORT_DIN);
			shapes[s].make(&t, &g, fetches);
			write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
			for (unsigned i = 0; i < (s ? 1 : 3); i++) {
				const char *set[SETS] = { NULL };

				memcpy(set, rows[i].set, sizeof(rows[i].set));
				check_stream(&t, set, rows[i].bytes, rows[i].ways, rows[i].line);
			}
			random_trace_clear(&t);
		}
}

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

		begin(&t, IMPORT_LACKEY);
		if (s)
			like_a_program(&t, &g, s == 1);
		else
			like_lackey(&t, &g);
		write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
		for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			const char *set[SETS] = { rows[i][0], rows[i][1], rows[i][2], rows[i][3] };
			struct spec spec[SPEC_MAX];
			size_t n = 0;
			struct replay_plan p = plan(spec, &n, set, ENGINE_REF);
			struct outcome ref;

			p.warmup = WARMUP_DEFAULT;
			ref = run_plan(&p);
			p.engine = ENGINE_FAST;
			for (unsigned k = 0; k < 3; k++) {
				struct outcome o;

				p.batch = how[k].batch;
				p.jobs = how[k].jobs;
				o = run_plan(&p);
				assert_int_equal(o.fast, !set[0] || strncmp(set[0], "utlb", 4));
				same(&ref, &o);
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
	begin(&t, IMPORT_LACKEY);
	like_lackey(&t, &g);
	t.n = REFS / 8;
	write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
	for (unsigned i = 0; i < cpu_row_count; i++) {
		struct spec spec[SPEC_MAX];
		size_t n = 0;
		struct replay_plan p = plan(spec, &n, NULL, ENGINE_REF);
		struct outcome checked, o;

		p.row = cpu_rows[i];
		p.verify = true;        /* a violation would be ERR_CHECK */
		checked = run_plan(&p);
		p.verify = false;
		p.engine = ENGINE_FAST;
		o = run_plan(&p);
		same(&checked, &o);
		assert_int_equal(ledger_event(&o.ledger, EV_NATIVE_FAULT), 0);
		assert_true(count(&o, "walk.walks") > 0);
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
	begin(&t, IMPORT_DIN);
	like_a_program(&t, &g, true);
	write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
	a = run(small, ENGINE_FAST);
	b = run(large, ENGINE_FAST);
	c = run(seen, ENGINE_FAST);
	assert_true(count(&a, "walk.references") > 2 * count(&b, "walk.references"));
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(count(&a, names[i]), count(&b, names[i]));
	assert_int_equal(count(&b, "walk.past-newer-l1") + count(&c, "walk.past-newer-l1"), 0);
	assert_int_equal(count(&c, "l2.reads"), count(&b, "l2.reads") + count(&c, "walk.references"));
	assert_int_equal(ledger_event(&c.ledger, EV_WALK_L1) + ledger_event(&c.ledger, EV_WALK_L2) +
			 ledger_event(&c.ledger, EV_WALK1_IN_L2) + ledger_event(&c.ledger, EV_WALK2_IN_L2),
			 count(&c, "walk.references"));
	random_trace_clear(&t);
}

/* A fetch over the end of a page is one reference, one instruction, two lookups. */
static void crossing_fetch(void **state)
{
	struct random_trace t;
	struct outcome o;

	(void)state;
	begin(&t, IMPORT_LACKEY);
	for (unsigned i = 0; i < 3; i++)
		random_trace_add(&t, &(struct trace_rec){ .kind = TRACE_FETCH, .arg = (uint16_t)(1 + i),
							  .va = 0x1fff }, NULL);
	write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
	for (unsigned e = 0; e < ENGINES; e++) {
		o = run(NULL, (enum engine)e);
		assert_int_equal(ledger_event(&o.ledger, EV_REF_FETCH), 3);
		assert_int_equal(o.insns, 3);
		assert_int_equal(count(&o, "tlb.lookups"), 5);
		assert_int_equal(count(&o, "tlb.misses"), 2);
		assert_int_equal(count(&o, "l1i.reads"), 5);
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
	struct replay_plan p = plan(spec, &n, NULL, ENGINE_FAST);
	struct outcome o;
	struct diag d;

	(void)state;
	begin(&t, IMPORT_DIN);
	anywhere(&t, &g, false);
	write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
	for (unsigned e = 0; e < ENGINES; e++) {
		p.engine = (enum engine)e;
		p.warmup = WARMUP_DEFAULT;
		o = run_plan(&p);
		assert_int_equal(o.warmup, t.n / 10);
		assert_int_equal(references(&o), t.n - t.n / 10);
		assert_int_equal(o.insns, 0);
		p.warmup = 77;
		o = run_plan(&p);
		assert_int_equal(references(&o), t.n - 77);
		assert_int_equal(o.first, 77);
		for (unsigned i = 0; i < LANE_SLICES; i++)
			assert_true(o.series[i] > 0);
		p.warmup = t.n;
		assert_err(ERR_CONFIG, replay(&p, keep, &o, &d), &d, "references, but the trace has only");
	}
	while (n)
		spec_free(&spec[--n]);
	random_trace_clear(&t);
}

static void refused(struct replay_plan *p, enum err want, const char *words)
{
	struct outcome o = { .n = 0 };
	struct diag d;

	assert_err(want, replay(p, keep, &o, &d), &d, words);
}

static void what_an_import_cannot_do(void **state)
{
	struct spec spec[SPEC_MAX], shadow[SPEC_MAX];
	struct random_trace t;
	size_t n = 0, m = 0;
	struct replay_plan p = plan(spec, &n, NULL, ENGINE_REF);
	struct lint_print reports = { .form = OUT_TEXT };
	struct diag d;

	(void)state;
	begin(&t, IMPORT_DIN);
	add(&t, TRACE_LOAD, 0x1000);
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
		cmocka_unit_test(counts_are_a_textbooks),
		cmocka_unit_test(engines_count_the_same),
		cmocka_unit_test(every_core_replays),
		cmocka_unit_test(tables_are_out_of_the_way),
		cmocka_unit_test(crossing_fetch),
		cmocka_unit_test(time_without_instructions),
		cmocka_unit_test(what_an_import_cannot_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
