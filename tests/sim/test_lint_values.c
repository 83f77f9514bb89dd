/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second opinion on I3, I4 and I6: the same random stores, loads, fetches and maintenance on a machine
 * that carries data. Values count up, so what a load gives is right or old at sight. Which lines there
 * are is read off the models; what is in them is worked out here, with lists and loops.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/cache/cache.h"
#include "tests/lint_kit.h"

enum { WORDS = 1024, LINES = 2048, QUEUE = 64, LINE_WORDS = 8, STEPS = 400 };

struct page { uint32_t mva; unsigned cb; };
struct held {
	uint32_t mva, data[LINE_WORDS];
	unsigned first, place, dirty;
	bool there;
};

struct data_cache { struct held line[LINES]; unsigned n, kind, colours; };

struct world {
	struct lint_follower f;
	uint32_t truth[WORDS], memory[WORDS];   /* of the frame: last value stored, value in memory */
	struct { unsigned word; uint32_t value; } queue[QUEUE];
	unsigned queued;
	struct data_cache d, i;
	uint32_t value;
	uint64_t aliases, reads, fetches;       /* I3, I4, I6 as they should be */
};

/* --- what data does --------------------------------------------------------------------- */

static uint32_t visible(const struct world *w, unsigned word)
{
	uint32_t value = w->memory[word];

	for (unsigned q = 0; q < w->queued; q++)
		if (w->queue[q].word == word && w->queue[q].value > value)
			value = w->queue[q].value;
	return value;
}

static void leave_queue(struct world *w)
{
	while (w->queued > w->f.l->m->wb.used) {
		uint32_t *memory = &w->memory[w->queue[0].word];

		if (w->queue[0].value > *memory)
			*memory = w->queue[0].value;
		memmove(w->queue, w->queue + 1, --w->queued * sizeof(w->queue[0]));
	}
}

static void write_back(struct world *w, struct held *h, unsigned halves)
{
	bool newer = false;

	for (unsigned i = 0; i < LINE_WORDS; i++) {
		if (!(halves & (i < LINE_WORDS / 2 ? 1u : 2u)))
			continue;
		newer |= w->memory[h->first + i] > h->data[i];
		w->memory[h->first + i] = h->data[i];
	}
	w->aliases += newer;
}

static void lose(struct world *w, struct held *h, unsigned halves)
{
	for (unsigned i = 0; i < LINE_WORDS; i++)
		if (halves & (i < LINE_WORDS / 2 ? 1u : 2u) && w->truth[h->first + i] == h->data[i])
			w->truth[h->first + i] = visible(w, h->first + i);
}

static struct held *find(struct data_cache *c, uint32_t mva)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->line[i].mva == (mva & ~31u))
			return &c->line[i];
	return NULL;
}

/* The line that an access would hit. */
static struct held *serving(struct data_cache *c, const struct page *p, unsigned word)
{
	uint32_t mva = p->mva + 4 * word;

	for (unsigned i = 0; i < c->n && p->cb != UNCACHED; i++) {
		struct held *h = &c->line[i];
		bool same = h->first == word / LINE_WORDS * LINE_WORDS;

		if (c->kind == CACHE_VIVT ? h->mva == (mva & ~31u)
					  : same && !((h->mva ^ mva) >> 12 & (c->colours - 1)))
			return h;
	}
	return NULL;
}

/* --- which lines there are -------------------------------------------------------------- */

struct census { struct world *w; struct data_cache *c; };

static bool of_frame(const struct cache_line *l)
{
	return (l->pa.raw & ~(uint64_t)0xfff) == LINT_FRAME;
}

static void still_there(void *ctx, const struct cache_line *l)
{
	struct census *s = ctx;
	struct held *h = of_frame(l) ? find(s->c, l->mva.raw) : NULL;

	if (!h)
		return;
	h->there = true;
	if (h->dirty & ~l->dirty)
		write_back(s->w, h, h->dirty & ~l->dirty);
	h->dirty &= l->dirty;
}

/* Fills come behind the evictions that made room for them. */
static void come_new(void *ctx, const struct cache_line *l)
{
	struct census *s = ctx;
	struct held *h;

	if (!of_frame(l) || find(s->c, l->mva.raw))
		return;
	assert_true(s->c->n < LINES);
	h = &s->c->line[s->c->n++];
	*h = (struct held){ .mva = l->mva.raw, .first = (unsigned)(l->pa.raw & 0xfff) / 4,
			   .place = l->set << 16 | l->way };
	for (unsigned i = 0; i < LINE_WORDS; i++)
		h->data[i] = s->c == &s->w->i ? s->w->memory[h->first + i]
					      : visible(s->w, h->first + i);
}

/* Operations on everything go by set and way. */
static struct held *first_gone(struct data_cache *c)
{
	struct held *first = NULL;

	for (unsigned i = 0; i < c->n; i++)
		if (!c->line[i].there && (!first || c->line[i].place < first->place))
			first = &c->line[i];
	return first;
}

static void census(struct world *w, struct data_cache *c, const struct cache *real, bool losing)
{
	struct census s = { w, c };

	for (unsigned i = 0; i < c->n; i++)
		c->line[i].there = false;
	cache_each(real, still_there, &s);
	for (struct held *h; (h = first_gone(c)); *h = c->line[--c->n]) {
		if (h->dirty && losing)
			lose(w, h, h->dirty);
		else if (h->dirty)
			write_back(w, h, h->dirty);
	}
	cache_each(real, come_new, &s);
}

static void look(struct world *w, bool losing)
{
	lint_go(&w->f);
	leave_queue(w);
	census(w, &w->d, w->f.l->m->l1d, losing);
	census(w, &w->i, w->f.l->m->l1i, losing);
}

/* --- steps ------------------------------------------------------------------------------ */

static const struct page pages[] = {
	{ LINT_A, WB }, { LINT_B, WB }, { LINT_U, UNCACHED }, { LINT_A + 0x6000, WT },
	{ LINT_A + 0x8000, WB },
};
enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

static void load(struct world *w, const struct page *p, unsigned word)
{
	struct held *h;

	kit_access(&w->f.k, p->mva + 4 * word, false, 2);
	look(w, false);
	h = serving(&w->d, p, word);
	w->reads += (h ? h->data[word % LINE_WORDS] : visible(w, word)) != w->truth[word];
}

static void store(struct world *w, const struct page *p, unsigned word)
{
	unsigned half = word % LINE_WORDS < LINE_WORDS / 2 ? 1 : 2;
	struct held *h = serving(&w->d, p, word);

	kit_access(&w->f.k, p->mva + 4 * word, true, 2);
	lint_go(&w->f);
	w->truth[word] = ++w->value;
	if (h)
		h->data[word % LINE_WORDS] = w->value;
	if (h && p->cb == WB) {
		for (unsigned i = 0; i < w->d.n && !h->dirty; i++)
			if (w->d.line[i].first == h->first && w->d.line[i].dirty) {
				w->aliases++;
				break;
			}
		h->dirty |= half;
	} else if (p->cb == UNCACHED || !w->f.l->m->wb.entries) {
		leave_queue(w);
		w->memory[word] = w->value;
	} else {
		w->queue[w->queued].word = word;
		w->queue[w->queued++].value = w->value;
	}
	look(w, false);
}

static void fetch(struct world *w, const struct page *p, unsigned word)
{
	struct held *h;

	kit_run(&w->f.k, p->mva + 4 * word, 1);
	look(w, false);
	h = serving(&w->i, p, word);
	w->fetches += (h ? h->data[word % LINE_WORDS] : w->memory[word]) != w->truth[word];
}

static void maintain(struct world *w, const struct page *p, unsigned word, unsigned how)
{
	static const uint16_t keys[] = { KIT_CLEAN_MVA, CP_KEY(7, 0, 14, 1), CP_KEY(7, 0, 6, 1),
					 KIT_DRAIN, KIT_INVAL_I, CP_KEY(7, 0, 5, 1) };

	if (how == 6)
		kit_cpr(&w->f.k, KIT_TESTCLEAN_INV, 1u << 30);
	else
		kit_cpw(&w->f.k, keys[how], p->mva + 4 * word);
	look(w, how == 2);
}

static void run(uint64_t seed, struct kit_plan plan, enum cache_kind kind)
{
	static struct world w;
	struct rng r = rng_stream(seed, "lint");

	memset(&w, 0, sizeof(w));
	plan.lint = true;
	w.i.colours = w.d.colours = 1;
	w.d.kind = kind;
	if (kind == CACHE_VIPT)
		w.d.colours = 2;        /* of 8 KB a way */
	lint_follow(&w.f, "native", &plan);
	lint_map(&w.f.k, 6, LINT_FRAME, WT);
	lint_map(&w.f.k, 8, LINT_FRAME, WB);
	for (unsigned i = 0; i < STEPS; i++) {
		const struct page *p = &pages[rng_below(&r, PAGES)];
		unsigned word = (unsigned)rng_below(&r, 12), what = (unsigned)rng_below(&r, 10);

		if (what < 4)
			load(&w, p, word);
		else if (what < 7)
			store(&w, p, word);
		else if (what < 8)
			fetch(&w, p, word);
		else
			maintain(&w, p, word, (unsigned)rng_below(&r, 7));
		if (lint_count(&w.f, FINDING_I4, LINT_GUEST) != w.reads ||
		    lint_count(&w.f, FINDING_I6, LINT_GUEST) != w.fetches)
			fail_msg("seed %llu, step %u, %u: I4 %llu, not %llu; I6 %llu, not %llu",
				 (unsigned long long)seed, i, what, (unsigned long long)
				 lint_count(&w.f, FINDING_I4, LINT_GUEST),
				 (unsigned long long)w.reads, (unsigned long long)
				 lint_count(&w.f, FINDING_I6, LINT_GUEST),
				 (unsigned long long)w.fetches);
	}
	kit_exec(&w.f.k);
	look(&w, false);
	assert_int_equal(lint_count(&w.f, FINDING_I3, LINT_GUEST), w.aliases);
	assert_true(w.reads && w.fetches);
	lint_done(&w.f);
}

static void same_as_with_data(void **state)
{
	static const struct { struct kit_plan plan; enum cache_kind kind; } rows[] = {
		{ { .set = { NULL } }, CACHE_VIVT },
		{ { .set = { "l1d.bytes=128", "l1d.ways=2", "l1i.bytes=128", "l1i.ways=2" } },
		  CACHE_VIVT },
		{ { .set = { "l1d.kind=vipt", "l1d.bytes=32768" } }, CACHE_VIPT },
		{ { .set = { "l1d.kind=pipt", "l1d.bytes=128", "l1d.ways=2" } }, CACHE_PIPT },
		{ { .set = { "wb.entries=0" } }, CACHE_VIVT },
		{ { .set = { "wb.drain=64", "wb.entries=2" } }, CACHE_VIVT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (uint64_t seed = 1; seed <= 3; seed++)
			run(100 * i + seed, rows[i].plan, rows[i].kind);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_with_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
