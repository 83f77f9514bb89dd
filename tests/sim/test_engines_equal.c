/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine `fast` against the definition, on every short trace: whole ledgers, counters of the
 * structures, faults, deviations, memory and the series, whatever the batch, the number of
 * threads and the order of the lanes; then under every replacement policy and odd geometries.
 */
#include "tests/support.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/replay.h"
#include "tests/machine_kit.h"

enum { MAX_LANES = 16, MAX_COUNTS = 96, MAX_MEMORY = LANE_MEMORY_ROWS, MAX_SETS = 6 };

/* A result that outlives its run. */
struct copy {
	char strategy[SPEC_TEXT];
	struct ledger ledger;
	uint64_t window[2], faults[4], series[LANE_SLICES];
	struct named_count count[MAX_COUNTS];
	struct memory_row memory[MAX_MEMORY];
	struct deviation *deviation;
	size_t ncount, nmemory, ndeviations;
	bool fast;                      /* engine fast ran the lane */
};

struct copies { struct copy lane[MAX_LANES]; size_t n; };

/* --- copies --------------------------------------------------------------------------- */

static enum err keep(void *ctx, const struct run_result *r, struct diag *d)
{
	struct copies *all = ctx;
	struct copy *c = &all->lane[all->n++];

	(void)d;
	assert_in_range(all->n, 1, MAX_LANES);
	assert_in_range(r->nstructures, 1, MAX_COUNTS);
	assert_in_range(r->nmemory, 0, MAX_MEMORY);
	assert_int_equal(r->nseries, LANE_SLICES);
	snprintf(c->strategy, sizeof(c->strategy), "%s", r->strategy);
	c->ledger = *r->ledger;
	c->fast = !strcmp(r->engine, engine_name[ENGINE_FAST]);
	c->window[0] = r->window_first;
	c->window[1] = r->window_insns;
	c->faults[0] = r->faults_recorded;
	c->faults[1] = r->faults_injected;
	c->faults[2] = r->faults_forced;
	c->faults[3] = r->faults_extra_true;
	memcpy(c->series, r->series, sizeof(c->series));
	c->ncount = r->nstructures;
	memcpy(c->count, r->structures, r->nstructures * sizeof(c->count[0]));
	c->nmemory = r->nmemory;
	if (r->nmemory)
		memcpy(c->memory, r->memory, r->nmemory * sizeof(c->memory[0]));
	c->ndeviations = r->ndeviations;
	c->deviation = calloc(r->ndeviations + 1, sizeof(*c->deviation));
	assert_non_null(c->deviation);
	for (size_t i = 0; i < r->ndeviations; i++)
		c->deviation[i] = r->deviations[i];
	return ERR_OK;
}

static void drop(struct copies *all)
{
	for (size_t i = 0; all && i < all->n; i++)
		free(all->lane[i].deviation);
	free(all);
}

static void same_ledger(const struct copy *a, const struct copy *b, const char *what)
{
	for (unsigned e = 0; e < EVENTS; e++)
		for (unsigned o = 0; o < ORIGINS; o++)
			for (unsigned c = 0; c < CAUSES; c++)
				if (a->ledger.n[e][o][c] != b->ledger.n[e][o][c])
					fail_msg("%s: %s: event %u, origin %u, cause %u: %llu, "
						 "not %llu", what, a->strategy, e, o, c,
						 (unsigned long long)b->ledger.n[e][o][c],
						 (unsigned long long)a->ledger.n[e][o][c]);
}

static void same_rows(const struct copy *a, const struct copy *b, const char *what)
{
	assert_int_equal(a->ncount, b->ncount);
	for (size_t i = 0; i < a->ncount; i++) {
		assert_string_equal(a->count[i].name, b->count[i].name);
		if (a->count[i].n != b->count[i].n)
			fail_msg("%s: %s: %s: %llu, not %llu", what, a->strategy, a->count[i].name,
				 (unsigned long long)b->count[i].n,
				 (unsigned long long)a->count[i].n);
	}
	assert_int_equal(a->nmemory, b->nmemory);
	for (size_t i = 0; i < a->nmemory; i++) {
		assert_string_equal(a->memory[i].what, b->memory[i].what);
		if (a->memory[i].peak_bytes != b->memory[i].peak_bytes ||
		    memcmp(&a->memory[i].average_bytes, &b->memory[i].average_bytes,
			   sizeof(double)) != 0)
			fail_msg("%s: %s: memory of %s differs", what, a->strategy,
				 a->memory[i].what);
	}
	assert_int_equal(a->ndeviations, b->ndeviations);
	for (size_t i = 0; i < a->ndeviations; i++) {
		const struct deviation *x = &a->deviation[i], *y = &b->deviation[i];

		if (x->record != y->record || x->kind != y->kind || x->fsr != y->fsr ||
		    x->va != y->va)
			fail_msg("%s: %s: deviation %zu: record %llu, not %llu", what, a->strategy,
				 i, (unsigned long long)y->record, (unsigned long long)x->record);
	}
}

static void same(const struct copies *want, const struct copies *got, const char *what)
{
	assert_int_equal(want->n, got->n);
	for (size_t i = 0; i < want->n; i++) {
		const struct copy *a = &want->lane[i], *b = NULL;

		for (size_t k = 0; k < got->n; k++)     /* lanes may stand in another order */
			if (!strcmp(a->strategy, got->lane[k].strategy))
				b = &got->lane[k];
		if (!b)
			fail_msg("%s: no result of %s", what, a->strategy);
		same_ledger(a, b, what);
		same_rows(a, b, what);
		assert_memory_equal(a->window, b->window, sizeof(a->window));
		assert_memory_equal(a->faults, b->faults, sizeof(a->faults));
		assert_memory_equal(a->series, b->series, sizeof(a->series));
	}
}

/* --- runs ----------------------------------------------------------------------------- */

struct variant { enum engine engine; unsigned jobs, batch; bool reversed; };

static struct copies *run(const struct replay_plan *plan, const struct variant *v)
{
	struct copies *all = calloc(1, sizeof(*all));
	struct spec back[MAX_LANES];
	struct replay_plan p = *plan;
	struct diag d;

	assert_non_null(all);
	assert_in_range(p.nspec, 1, MAX_LANES);
	for (size_t i = 0; i < p.nspec; i++)
		back[i] = p.spec[p.nspec - 1 - i];
	if (v->reversed)
		p.spec = back;
	p.engine = v->engine;
	p.verify = plan->verify && v->engine == ENGINE_REF;
	p.jobs = v->jobs;
	p.batch = v->batch;
	p.progress = PROGRESS_NONE;
	assert_ok(replay(&p, keep, all, &d), &d);
	assert_int_equal(all->n, p.nspec);
	return all;
}

/* Every variant against the reference engine, one thread, largest batch. known: the host is one that
 * engine fast knows; else only batches and threads are compared. */
static void compare(const struct replay_plan *plan, const struct variant *v, size_t n,
		    const char *what, bool known)
{
	static const struct variant definition = { ENGINE_REF, 1, 0, false };
	struct copies *want = run(plan, &definition);

	for (size_t i = 0; i < n; i++) {
		struct copies *got = run(plan, &v[i]);
		char text[512];

		snprintf(text, sizeof(text), "%.200s %.200s: engine %s, %u jobs, batch %u%s",
			 plan->path, what, engine_name[v[i].engine], v[i].jobs, v[i].batch,
			 v[i].reversed ? ", reversed" : "");
		same(want, got, text);
		for (size_t k = 0; k < got->n; k++)
			assert_int_equal(got->lane[k].fast, known && v[i].engine == ENGINE_FAST);
		drop(got);
	}
	drop(want);
}

static size_t specs(struct spec *spec, const char *text)
{
	struct diag d;
	size_t n = 0;

	assert_ok(spec_parse_list(spec, &n, text, &d), &d);
	return n;
}

static void free_specs(struct spec *spec, size_t n)
{
	for (size_t i = 0; i < n; i++)
		spec_free(&spec[i]);
}

static void every_quick_trace(void **state)
{
	static const struct variant variant[] = {
		{ ENGINE_FAST, 1, 0, false },    { ENGINE_FAST, 1, 1, false },
		{ ENGINE_FAST, 1, 7, true },     { ENGINE_FAST, 1, 4096, false },
		{ ENGINE_FAST, 2, 4096, true },  { ENGINE_FAST, 2, 67, false },
		{ ENGINE_FAST, 16, 1000, true }, { ENGINE_REF, 1, 7, true },
		{ ENGINE_REF, 2, 0, false },
	};
	struct spec spec[SPEC_MAX];
	struct replay_plan p = { .spec = spec, .seed = 1, .warmup = WARMUP_DEFAULT, .argv = "" };
	struct cpu_row arm1176 = kit_one_tlb(cpu_find("arm1176"));
	glob_t found;
	size_t all;

	(void)state;
	if (glob(test_path("traces/quick/*.swt"), 0, NULL, &found))
		skip();
	all = specs(spec, "native,coherent,coherent:entries=16,coherent:asids=4,"
			  "coherent:mb=strict:sections=fracture,coherent:ttbr=flush,"
			  "coherent:design=xvisor,coherent:zones=five:empty=free:sctlr_again=on,"
			  "cached,cached:sync=hint:kernel=shared,cached:sync=tlbi+roots:pool=12:prefetch=3,"
			  "inplace,inplace:variant=I6,nested,nested:block=4k:start=1,cached:filter=on:roots=2");
	for (size_t i = 0; i < found.gl_pathc; i++) {
		p.path = found.gl_pathv[i];
		p.row = kit_trace_is_v6(p.path) ? &arm1176 : NULL;
		p.nspec = all - (p.row ? 1 : 0);        /* filter=on: guests of ARMv5 */
		compare(&p, variant, sizeof(variant) / sizeof(variant[0]), "", true);
	}
	free_specs(spec, all);
	globfree(&found);
}

/* --- configurations ------------------------------------------------------------------- */

static const struct variant few[] = {
	{ ENGINE_FAST, 1, 0, false },
	{ ENGINE_FAST, 2, 509, true },
};

static void configured(const char *trace, const char *const *set, size_t nset, uint64_t seed,
		       uint64_t warmup)
{
	struct spec spec[SPEC_MAX];
	struct replay_plan p = { .spec = spec, .set = set, .nset = nset, .seed = seed,
				 .warmup = warmup, .argv = "" };
	char path[4096], what[300] = "";

	snprintf(path, sizeof(path), "%s", test_path(trace));
	p.path = path;
	for (size_t i = 0; i < nset; i++)
		snprintf(what + strlen(what), sizeof(what) - strlen(what), " %s", set[i]);
	p.nspec = specs(spec, "native,coherent,coherent:entries=16,cached");
	compare(&p, few, sizeof(few) / sizeof(few[0]), what,
		!strstr(what, "utlb.entries") && !strstr(what, "itlb.entries"));
	free_specs(spec, p.nspec);
}

static const char *const chosen[] = {
	"traces/quick/process.swt", "traces/quick/bare-selftest.swt", "traces/quick/gzip.swt",
};
enum { CHOSEN = sizeof(chosen) / sizeof(chosen[0]) };

static void every_policy(void **state)
{
	(void)state;
	for (unsigned t = 0; t < CHOSEN; t++)
		for (unsigned tlb = 0; tlb < REPLACES; tlb++)
			for (unsigned l1 = 0; l1 < REPLACES; l1++) {
				char text[3][40];
				const char *set[3] = { text[0], text[1], text[2] };

				if (t == 2 && tlb != l1)        /* the third: only alike */
					continue;
				snprintf(text[0], 40, "tlb.policy=%s", replace_name[tlb]);
				snprintf(text[1], 40, "l1i.policy=%s", replace_name[l1]);
				snprintf(text[2], 40, "l1d.policy=%s",
					 replace_name[(l1 + tlb) % REPLACES]);
				configured(chosen[t], set, 3, 1, WARMUP_DEFAULT);
			}
}

static void every_shape(void **state)
{
	static const struct { const char *set[MAX_SETS]; uint64_t seed, warmup; } rows[] = {
		{ { "l1d.kind=pipt", "l1i.kind=pipt" }, 1, WARMUP_DEFAULT },
		{ { "l1d.kind=vipt", "l1i.kind=vipt", "tlb.policy=lru" }, 2, WARMUP_DEFAULT },
		{ { "l1d.kind=pipt", "l1d.policy=fifo" }, 3, WARMUP_DEFAULT },
		{ { "l1i.bytes=0" }, 1, WARMUP_DEFAULT },
		{ { "l1d.bytes=0" }, 1, WARMUP_DEFAULT },
		{ { "l1i.bytes=0", "l1d.bytes=0", "wb.entries=0" }, 1, 0 },
		{ { "l1i.bytes=512", "l1i.ways=1", "l1d.bytes=512", "l1d.ways=1" }, 1, 0 },
		{ { "l1i.line=8", "l1d.line=128", "l1i.policy=fifo" }, 4, WARMUP_DEFAULT },
		{ { "tlb.entries=8", "tlb.ways=8" }, 5, WARMUP_DEFAULT },
		{ { "tlb.entries=2", "tlb.ways=1", "tlb.locked=0" }, 1, 0 },
		{ { "tlb.entries=0", "itlb.entries=32", "dtlb.entries=8", "dtlb.ways=8" }, 1, WARMUP_DEFAULT },
		{ { "tlb.entries=0", "itlb.entries=16", "itlb.ways=2", "dtlb.entries=32", "dtlb.policy=random" },
		  6, WARMUP_DEFAULT },
		{ { "tlb.entries=32", "tlb.ways=32", "tlb.policy=plru" }, 1, WARMUP_DEFAULT },
		{ { "utlb.entries=10", "utlb.ways=10" }, 1, WARMUP_DEFAULT },
		{ { "tlb.locked=0", "tlb.ways=64", "tlb.lock=base" }, 1, WARMUP_DEFAULT },
		{ { "utlb.entries=4", "utlb.ways=4", "utlb.policy=random", "tlb.policy=lru" }, 8, WARMUP_DEFAULT },
		{ { "wb.entries=1", "wb.words=1", "wb.drain=1" }, 1, WARMUP_DEFAULT },
		{ { "wb.entries=4", "wb.words=5", "wb.drain=50" }, 1, WARMUP_DEFAULT },
		{ { "hv.memory=flat" }, 1, WARMUP_DEFAULT },
		{ { "hv.ilines=0", "hv.dlines=0" }, 1, WARMUP_DEFAULT },
		{ { "hv.ilines=64", "hv.dlines=64", "l1i.bytes=1024" }, 1, WARMUP_DEFAULT },
		{ { "map=offset" }, 1, WARMUP_DEFAULT },
		{ { "map=fragmented", "l1i.kind=pipt" }, 2, WARMUP_DEFAULT },
		{ { "cpu=free" }, 1, WARMUP_DEFAULT },
		{ { "testclean=looped" }, 1, WARMUP_DEFAULT },
		{ { "coalesce=16" }, 1, WARMUP_DEFAULT },
		{ { "coalesce=3", "testclean=looped" }, 2, 0 },
		{ { NULL }, 7, 1 },
		{ { NULL }, 1, 12345 },
	};

	(void)state;
	for (unsigned t = 0; t < CHOSEN; t++)
		for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			size_t n = 0;

			while (n < MAX_SETS && rows[i].set[n])
				n++;
			configured(chosen[t], rows[i].set, n, rows[i].seed, rows[i].warmup);
		}
}

/* What an ARM926EJ-S has not, each on one of the traces. */
static void every_structure(void **state)
{
	static const struct { const char *set[MAX_SETS]; uint64_t seed, warmup; } rows[] = {
		{ { "l1d.write=through" }, 1, WARMUP_DEFAULT },
		{ { "l1d.allocate=read-write" }, 1, WARMUP_DEFAULT },
		{ { "l1d.allocate=read-write", "l1d.policy=lru", "l1d.kind=vipt" }, 1, 0 },
		{ { "l1d.allocate=read-write", "l1d.write=through", "wb.entries=1" }, 2, 0 },
		{ { "wb.merge=any" }, 1, WARMUP_DEFAULT },
		{ { "wb.merge=newest", "wb.entries=2", "wb.words=8", "l1d.write=through" }, 1, 0 },
		{ { "wb.merge=any", "wb.entries=16", "wb.words=64", "l1d.policy=lru" }, 1, 0 },
		{ { "minid.bytes=512", "minid.ways=2" }, 1, WARMUP_DEFAULT },
		{ { "l1i.lock=index", "l1d.lock=index" }, 1, WARMUP_DEFAULT },
		{ { "l2.bytes=32768" }, 1, WARMUP_DEFAULT },
		{ { "l2.bytes=65536", "l2.line=64", "walk.sees=l2", "l1d.allocate=read-write" }, 1, 0 },
		{ { "walk.sees=l1", "feature.coherent-walk=on" }, 1, WARMUP_DEFAULT },
		{ { "walk.sees=l1", "feature.coherent-walk=on", "l2.bytes=16384", "l2.ways=1",
		    "l1d.kind=pipt", "minid.bytes=512" }, 1, 0 },
		{ { "l1i.lock=lines", "l1d.lock=lines", "l1i.policy=fifo" }, 1, 0 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = 0;

		while (n < MAX_SETS && rows[i].set[n])
			n++;
		configured(chosen[i % CHOSEN], rows[i].set, n, rows[i].seed, rows[i].warmup);
	}
}

/* Views and ways with DACR of cached: TTBR, DACR and TLB change where coherent changes none. */
static void views_of_cached(void **state)
{
	struct spec spec[SPEC_MAX];
	struct replay_plan p = { .spec = spec, .seed = 1, .warmup = WARMUP_DEFAULT, .argv = "" };

	(void)state;
	p.nspec = specs(spec, "cached:view=two-tables,cached:view=two-tables:dacr=iterate-swizzle:sync=unsync,"
			      "cached:view=reflush,cached:view=fold:dacr=track,cached:dacr=iterate-drop,"
			      "cached:mb=strict,cached:mb=split-view:dacr=track");
	for (unsigned i = 0; i < CHOSEN; i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s", test_path(chosen[i]));
		p.path = path;
		compare(&p, few, sizeof(few) / sizeof(few[0]), "", true);
	}
	free_specs(spec, p.nspec);
}

/* Every core that replays these traces, with a TLB that engine fast knows; verified by the reference
 * engine. */
static void every_core(void **state)
{
	struct spec spec[SPEC_MAX];
	struct replay_plan p = { .spec = spec, .seed = 1, .warmup = WARMUP_DEFAULT, .verify = true,
				 .argv = "" };

	(void)state;
	p.nspec = specs(spec, "native,coherent,cached");
	for (unsigned i = 0; i < cpu_row_count; i++) {
		struct cpu_row row = kit_one_tlb(cpu_rows[i]);
		char path[4096];

		if (strcmp(row.arch, "armv5"))
			continue;
		snprintf(path, sizeof(path), "%s", test_path(chosen[i % CHOSEN]));
		p.path = path;
		p.row = &row;
		compare(&p, few, sizeof(few) / sizeof(few[0]), row.name, true);
	}
	free_specs(spec, p.nspec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_quick_trace),
		cmocka_unit_test(every_policy),
		cmocka_unit_test(every_shape),
		cmocka_unit_test(every_structure),
		cmocka_unit_test(views_of_cached),
		cmocka_unit_test(every_core),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
