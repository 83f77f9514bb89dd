/* SPDX-License-Identifier: GPL-2.0-or-later */
#if __has_include(<cmocka.h>)
#include "tests/import_kit.h"

#include <string.h>

#include "tests/support.h"
#include "traces/import.h"

/* --- streams ------------------------------------------------------------------------------ */

void import_add(struct random_trace *t, uint8_t kind, uint32_t va)
{
	bool fetch = kind == TRACE_FETCH;
	struct trace_rec r = { .kind = kind, .flags = fetch ? 0 : 2, .arg = fetch ? 4 : 0, .va = va & ~3u };

	random_trace_add(t, &r, NULL);
}

void import_begin(struct random_trace *t, enum import_format format)
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
void import_like_a_program(struct random_trace *t, struct rng *g, bool fetches)
{
	uint32_t pc = 0x8000, sp = 0xbeff0000, array = 0x200000, step = 0;

	while (t->n < REFS) {
		uint32_t n = 1 + rng_below(g, 12);

		for (; fetches && n; n--, pc += 4)
			import_add(t, TRACE_FETCH, pc);
		switch (rng_below(g, 8)) {
		case 0: pc = 0x8000 + (rng_below(g, 3000) << 4); break;
		case 1: pc -= 4 * rng_below(g, 64); break;
		case 2: import_add(t, TRACE_STORE, sp -= 4 * rng_below(g, 8)); break;
		case 3: import_add(t, TRACE_LOAD, sp += 4 * rng_below(g, 8)); break;
		case 4: import_add(t, TRACE_LOAD, array + (step++ % 20000) * 4); break;
		case 5: import_add(t, TRACE_STORE, array + (20000 - step % 20000) * 4); break;
		case 6: import_add(t, rng_below(g, 3) ? TRACE_LOAD : TRACE_STORE, 0x10000000 + rng_below(g, 1 << 18));
			break;
		default: import_add(t, rng_below(g, 2) ? TRACE_LOAD : TRACE_STORE, odd_place(g)); break;
		}
	}
}

/* Uniform over a few sets' worth of lines, often their last words. */
void import_at_line_ends(struct random_trace *t, struct rng *g, bool fetches)
{
	static const uint8_t kind[] = { TRACE_LOAD, TRACE_STORE, TRACE_FETCH };

	while (t->n < REFS) {
		uint32_t line = rng_below(g, 1500) * 32 + (rng_below(g, 5) << 12);

		import_add(t, kind[rng_below(g, fetches ? 3 : 2)], line + (rng_below(g, 2) ? 28 : rng_below(g, 32)));
	}
}

/* Anywhere at all, each place twice. */
void import_anywhere(struct random_trace *t, struct rng *g, bool fetches)
{
	while (t->n < REFS / 2) {
		uint32_t va = (uint32_t)rng_next(g);

		import_add(t, rng_below(g, 2) ? TRACE_STORE : TRACE_LOAD, va);
		import_add(t, fetches ? TRACE_FETCH : TRACE_LOAD, va);
	}
}

/* Sizes and boundaries of x86. */
void import_like_lackey(struct random_trace *t, struct rng *g)
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

/* --- runs --------------------------------------------------------------------------------- */


enum err import_keep(void *ctx, const struct run_result *r, struct diag *d)
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

struct replay_plan import_plan(struct spec *spec, size_t *n, const char *const *set, enum engine e)
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

struct outcome import_run_plan(struct replay_plan *p)
{
	struct outcome o = { .n = 0 };
	struct diag d;

	assert_ok(replay(p, import_keep, &o, &d), &d);
	return o;
}

struct outcome import_run(const char *const *set, enum engine e)
{
	struct spec spec[SPEC_MAX];
	size_t n = 0;
	struct replay_plan p = import_plan(spec, &n, set, e);
	struct outcome o = import_run_plan(&p);

	while (n)
		spec_free(&spec[--n]);
	return o;
}

uint64_t import_count(const struct outcome *o, const char *name)
{
	for (size_t i = 0; i < o->n; i++)
		if (!strcmp(o->count[i].name, name))
			return o->count[i].n;
	fail_msg("no count %s", name);
	return 0;
}

uint64_t import_references(const struct outcome *o)
{
	return ledger_event(&o->ledger, EV_REF_FETCH) + ledger_event(&o->ledger, EV_REF_LOAD) +
	       ledger_event(&o->ledger, EV_REF_STORE);
}

void import_same(const struct outcome *a, const struct outcome *b)
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
#else
typedef int cmocka_is_missing;
#endif
