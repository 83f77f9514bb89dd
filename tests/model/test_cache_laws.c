/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * models/cache: laws over every policy, kind and a list of shapes, with a map of what must be
 * dirty kept outside; a naive cache as reference for the policies that have a one-line
 * definition. The mapping is one to one here (PA = MVA ^ FLIP, by tiny pages: bit 10 differs);
 * test_cache_hand.c has aliases.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/cache/cache.h"

enum { FLIP = 0x30005400, SPACE = 1 << 15, LINE_MIN = 16, MAX_LINES = 512 };

static const struct cache_geom shapes[] = {
	{ .bytes = 4096, .ways = 4, .line_bytes = 32 },
	{ .bytes = 8192, .ways = 64, .line_bytes = 32 },        /* as ARM922T */
	{ .bytes = 512, .ways = 2, .line_bytes = 32 },          /* mini data cache */
	{ .bytes = 2048, .ways = 1, .line_bytes = 16 },
	{ .bytes = 1024, .ways = 16, .line_bytes = 64 },        /* one set */
	{ .bytes = 32, .ways = 1, .line_bytes = 32 },           /* one line */
};
enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

static struct cache *make(struct cache_geom g, int policy, int kind, uint64_t seed,
			  const char *name)
{
	struct cache *c;
	struct diag d;

	g.policy = (uint8_t)policy;
	g.kind = (uint8_t)kind;
	assert_ok(cache_create(&c, &g, seed, name, &d), &d);
	return c;
}

static hpa_t pa_of(gva_t mva)
{
	return hpa(mva.raw ^ FLIP);
}

static bool read_at(struct cache *c, uint32_t mva)
{
	return cache_read(c, gva(mva), pa_of(gva(mva))).hit;
}

static struct cache_outcome write_at(struct cache *c, uint32_t mva, bool back, bool allocate)
{
	return cache_write(c, gva(mva), pa_of(gva(mva)), back, allocate);
}

struct seen { struct cache_line l[MAX_LINES]; unsigned n; };

static void see(void *ctx, const struct cache_line *l)
{
	struct seen *s = ctx;

	assert_true(s->n < MAX_LINES);
	s->l[s->n++] = *l;
}

/* Conservation; a set never holds a tag twice; a line sits in the set of its address. */
static void check_laws(const struct cache *c, const struct cache_geom *g, int kind)
{
	const struct cache_counts *n = cache_counts(c);
	struct seen s = { .n = 0 };
	unsigned dirty = 0;

	cache_each(c, see, &s);
	assert_int_equal(n->hits + n->misses, n->reads + n->writes);
	assert_int_equal(n->fills - n->evictions - n->invalidated, cache_resident(c));
	assert_int_equal(s.n, cache_resident(c));
	for (unsigned i = 0; i < s.n; i++) {
		uint64_t index = kind == CACHE_PIPT ? s.l[i].pa.raw : s.l[i].mva.raw;

		assert_int_equal(s.l[i].set, index / g->line_bytes % cache_sets(c));
		assert_true(s.l[i].way < g->ways);
		assert_int_equal(s.l[i].pa.raw, pa_of(s.l[i].mva).raw);
		dirty += s.l[i].dirty != 0;
		for (unsigned j = 0; j < i; j++)
			assert_false(s.l[i].mva.raw == s.l[j].mva.raw);
	}
	assert_int_equal(dirty, cache_dirty_lines(c));
}

/* What must be dirty, by MVA and halves; everything that leaves goes through settle(). */
struct ledger {
	uint8_t dirty[SPACE / LINE_MIN];
	uint64_t half, full;    /* written back */
	unsigned line;
};

static void settle(struct ledger *l, uint32_t mva, unsigned got, bool written)
{
	uint8_t *d = &l->dirty[mva / l->line];

	assert_int_equal(got, *d);
	if (written && *d)
		*(*d == 3 ? &l->full : &l->half) += 1;
	*d = 0;
}

static void settle_all(struct ledger *l, struct cache_swept got, bool written)
{
	unsigned half = 0, full = 0;

	for (uint32_t mva = 0; mva < SPACE; mva += l->line) {
		half += l->dirty[mva / l->line] == 1 || l->dirty[mva / l->line] == 2;
		full += l->dirty[mva / l->line] == 3;
		settle(l, mva, l->dirty[mva / l->line], written);
	}
	assert_int_equal(got.half, half);
	assert_int_equal(got.full, full);
}

static void settle_access(struct ledger *l, const struct cache *c, struct cache_outcome o)
{
	assert_false(o.hit && o.filled);
	assert_true(o.filled || !o.victim_dirty);
	if (o.victim_dirty)
		settle(l, (uint32_t)cache_victim_pa(c).raw ^ FLIP, o.victim_dirty, true);
}

static void step_access(struct cache *c, struct ledger *l, struct rng *rng, uint32_t mva)
{
	bool back = rng_below(rng, 4), allocate = rng_below(rng, 2);
	struct cache_outcome o;

	if (rng_below(rng, 2)) {
		o = cache_read(c, gva(mva), pa_of(gva(mva)));
		settle_access(l, c, o);
		assert_int_equal(o.filled, !o.hit);
		return;
	}
	o = write_at(c, mva, back, allocate);
	settle_access(l, c, o);
	assert_int_equal(o.filled, !o.hit && allocate);
	if (back && (o.hit || o.filled))
		l->dirty[mva / l->line] |= mva % l->line < l->line / 2 ? 1 : 2;
}

static void step_maintain(struct cache *c, struct ledger *l, uint32_t what, gva_t mva)
{
	unsigned resident = cache_resident(c), before = l->dirty[mva.raw / l->line];
	struct cache_swept swept;
	bool hit = false;

	switch (what) {
	case 0:
		settle(l, mva.raw, cache_clean_line(c, mva, pa_of(mva), NULL), true);
		return;
	case 1:
		settle(l, mva.raw, cache_inval_line(c, mva, pa_of(mva), &hit), false);
		break;
	case 2:
		settle(l, mva.raw, cache_clean_inval_line(c, mva, pa_of(mva), &hit), true);
		break;
	case 3:
		swept = cache_clean_all(c, false);
		settle_all(l, swept, true);
		assert_int_equal(swept.lines, resident);
		assert_int_equal(cache_resident(c), resident);
		return;
	case 4:
		settle_all(l, cache_clean_all(c, true), true);
		assert_int_equal(cache_resident(c), 0);
		return;
	default:
		settle_all(l, cache_inval_all(c), false);
		assert_int_equal(cache_resident(c), 0);
		return;
	}
	assert_true(hit || !before);
	assert_int_equal(cache_resident(c), resident - hit);
}

static void run_laws(const struct cache_geom *g, int policy, int kind)
{
	struct rng rng = rng_stream((uint64_t)kind, "cache laws");
	struct cache *c = make(*g, policy, kind, 1, "l1d");
	struct ledger l = { .line = g->line_bytes };

	for (unsigned i = 0; i < 2000; i++) {
		uint32_t mva = rng_below(&rng, SPACE / 4) * 4, what = rng_below(&rng, 400);
		gva_t probe = gva(rng_below(&rng, SPACE));

		step_access(c, &l, &rng, mva);
		if (what < 40)
			step_maintain(c, &l, what % 4 == 3 ? 3 + what / 4 % 3 : what % 4,
				      probe);
		assert_int_equal(cache_pa_dirty(c, pa_of(probe)),
				 l.dirty[probe.raw / l.line] != 0);
		if (i % 8 == 0)
			check_laws(c, g, kind);
	}
	settle_all(&l, cache_clean_all(c, false), true);
	assert_int_equal(cache_counts(c)->castout_half + cache_counts(c)->cleaned_half, l.half);
	assert_int_equal(cache_counts(c)->castout_full + cache_counts(c)->cleaned_full, l.full);
	/* clean, then invalidate: nothing is lost */
	assert_int_equal(cache_inval_all(c).half, 0);
	assert_int_equal(cache_resident(c) + cache_dirty_lines(c), 0);
	cache_destroy(c);
}

static void laws(void **state)
{
	(void)state;
	for (int p = 0; p < REPLACES; p++)
		for (int kind = 0; kind < CACHE_KINDS; kind++)
			for (unsigned s = 0; s < SHAPES; s++)
				run_laws(&shapes[s], p, kind);
}

/* The reference: a line number and two stamps a way. */
struct naive_way { uint32_t number, used, filled; bool valid; };
struct naive {
	struct naive_way way[MAX_LINES];
	unsigned sets, ways, clock;
	int policy;
	struct rng rng;
};

static struct naive_way *naive_victim(struct naive *n, struct naive_way *set)
{
	struct naive_way *go = set;

	for (unsigned w = 0; w < n->ways; w++)
		if (!set[w].valid)
			return &set[w];
	if (n->policy == REPLACE_RANDOM)
		return &set[rng_below(&n->rng, n->ways)];
	for (unsigned w = 1; w < n->ways; w++)
		if (n->policy == REPLACE_LRU ? set[w].used < go->used
					     : set[w].filled < go->filled)
			go = &set[w];
	return go;
}

static bool naive_read(struct naive *n, uint32_t number)
{
	struct naive_way *set = n->way + number % n->sets * n->ways;

	n->clock++;
	for (unsigned w = 0; w < n->ways; w++) {
		if (set[w].valid && set[w].number == number) {
			set[w].used = n->clock;
			return true;
		}
	}
	*naive_victim(n, set) = (struct naive_way){ number, n->clock, n->clock, true };
	return false;
}

static void agrees_with_the_naive_cache(void **state)
{
	static const int policies[] = { REPLACE_LRU, REPLACE_FIFO, REPLACE_RANDOM };

	(void)state;
	for (unsigned s = 0; s < SHAPES; s++) {
		for (unsigned p = 0; p < 3; p++) {
			struct rng rng = rng_stream(s, "naive");
			struct cache *c = make(shapes[s], policies[p], CACHE_PIPT, 5, "l1i");
			struct naive n = { .ways = shapes[s].ways, .policy = policies[p] };

			n.sets = shapes[s].bytes / n.ways / shapes[s].line_bytes;
			n.rng = rng_stream(5, "l1i");
			for (unsigned i = 0; i < 30000; i++) {
				uint32_t mva = rng_below(&rng, SPACE);
				uint32_t pa = (uint32_t)pa_of(gva(mva)).raw;

				assert_int_equal(read_at(c, mva),
						 naive_read(&n, pa / shapes[s].line_bytes));
			}
			cache_destroy(c);
		}
	}
}

/* Sets fixed, ways growing: what a small LRU cache hits, a larger one hits, line by line. */
static void lru_inclusion(void **state)
{
	struct rng rng = rng_stream(6, "inclusion");
	struct cache *c[5];

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		c[i] = make((struct cache_geom){ .bytes = 512u << i,
						 .ways = (uint16_t)(1 << i),
						 .line_bytes = 32 },
			    REPLACE_LRU, CACHE_VIVT, 0, "c");
	for (unsigned step = 0; step < 50000; step++) {
		uint32_t mva = rng_below(&rng, SPACE / 2);
		bool drop = rng_below(&rng, 50) == 0, hit = false;

		for (unsigned i = 0; i < 5; i++) {
			bool now;

			if (drop)
				cache_inval_line(c[i], gva(mva), pa_of(gva(mva)), &now);
			else
				now = read_at(c[i], mva);
			assert_true(now || !hit);
			hit = now;
		}
	}
	for (unsigned i = 0; i < 5; i++)
		cache_destroy(c[i]);
}

static void one_way_knows_no_policy(void **state)
{
	struct rng rng = rng_stream(7, "one way");
	struct cache *c[REPLACES];

	(void)state;
	for (int p = 0; p < REPLACES; p++)
		c[p] = make(shapes[3], p, CACHE_VIPT, 3, "c");
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t mva = rng_below(&rng, SPACE);
		bool back = rng_below(&rng, 2);

		for (int p = 0; p < REPLACES; p++)
			write_at(c[p], mva, back, true);
	}
	assert_true(cache_counts(c[0])->hits && cache_counts(c[0])->castout_half);
	for (int p = 0; p < REPLACES; p++) {
		assert_memory_equal(cache_counts(c[p]), cache_counts(c[0]),
				    sizeof(struct cache_counts));
		cache_destroy(c[p]);
	}
}

static void random_streams_are_independent(void **state)
{
	struct cache *a = make(shapes[1], REPLACE_RANDOM, CACHE_VIVT, 11, "l1d");
	struct cache *b = make(shapes[1], REPLACE_RANDOM, CACHE_VIVT, 11, "l1d");
	struct cache *other = make(shapes[1], REPLACE_RANDOM, CACHE_VIVT, 11, "l1i");
	struct rng rng = rng_stream(8, "independent");
	unsigned differ = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t mva = rng_below(&rng, SPACE);
		bool hit = read_at(a, mva);

		differ += read_at(other, mva) != hit;
		read_at(other, rng_below(&rng, SPACE));
		assert_int_equal(read_at(b, mva), hit);
	}
	assert_true(differ > 100);
	cache_destroy(a);
	cache_destroy(b);
	cache_destroy(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(laws),
		cmocka_unit_test(agrees_with_the_naive_cache),
		cmocka_unit_test(lru_inclusion),
		cmocka_unit_test(one_way_knows_no_policy),
		cmocka_unit_test(random_streams_are_independent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
