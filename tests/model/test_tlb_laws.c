/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * models/tlb: laws over every policy and a list of shapes, and a naive TLB as reference for the
 * policies that have a one-line definition.
 *
 * The address space: MVA[29:28] chooses the page size, so that pages of different sizes never
 * overlap; test_tlb_hand.c has overlap.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/tlb/tlb.h"

static const uint8_t sizes[4] = { 10, 12, 16, 20 };

static const struct tlb_geom shapes[] = {
	{ .entries = 64, .ways = 2, .locked = 8 },      /* ARM926EJ-S */
	{ .entries = 64, .ways = 64 },                  /* ARM920T */
	{ .entries = 32, .ways = 32 },                  /* SA-1110, XScale */
	{ .entries = 16, .ways = 4, .locked = 1 },
	{ .entries = 8, .ways = 1 },
	{ .entries = 1, .ways = 1, .locked = 2 },
};
enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

static struct tlb *make(struct tlb_geom g, int policy, uint64_t seed, const char *name)
{
	struct tlb *t;
	struct diag d;

	g.policy = (uint8_t)policy;
	assert_ok(tlb_create(&t, &g, seed, name, &d), &d);
	return t;
}

/* A walk as walk_v5 would return it; the base encodes the page, so that mix-ups show. */
static struct walk page(gva_t mva, unsigned size_log2)
{
	struct walk w = { .levels = size_log2 == 20 ? 1 : 2 };

	w.leaf.kind = PT_LEAF;
	w.leaf.size_log2 = (uint8_t)size_log2;
	w.leaf.base = (mva.raw ^ 0x80000000u) >> size_log2 << size_log2;
	return w;
}

static const struct tlb_entry *fill(struct tlb *t, uint32_t mva, unsigned size_log2)
{
	struct walk w = page(gva(mva), size_log2);

	return tlb_fill(t, gva(mva), &w);
}

static unsigned size_at(gva_t mva)
{
	return sizes[mva.raw >> 28 & 3];
}

/* A random address over `pages` pages of each size. */
static gva_t draw(struct rng *rng, unsigned pages)
{
	uint32_t kind = rng_below(rng, 4);
	uint32_t offset = rng_below(rng, UINT32_C(1) << sizes[kind]);

	return gva(kind << 28 | (rng_below(rng, pages) << sizes[kind]) | offset);
}

/* Looks up and refills on a miss, as an engine does; returns whether it hit. */
static bool use(struct tlb *t, gva_t mva)
{
	if (tlb_lookup(t, mva))
		return true;
	fill(t, mva.raw, size_at(mva));
	return false;
}

struct seen { const struct tlb_entry *e[128]; unsigned n; };

static void see(void *ctx, const struct tlb_entry *e)
{
	struct seen *s = ctx;

	assert_true(s->n < 128 && e->valid);
	s->e[s->n++] = e;
}

static struct seen look(const struct tlb *t)
{
	struct seen s = { .n = 0 };

	tlb_each(t, see, &s);
	return s;
}

/* Conservation, and at most one entry for any address (sizes do not overlap here). */
static void check_laws(const struct tlb *t)
{
	const struct tlb_counts *n = tlb_counts(t);
	struct seen s = look(t);

	assert_int_equal(n->hits + n->misses, n->lookups);
	assert_int_equal(n->fills - n->evictions - n->dropped, tlb_resident(t));
	assert_int_equal(s.n, tlb_resident(t));
	for (unsigned i = 0; i < s.n; i++) {
		assert_int_equal(s.e[i]->size_log2, s.e[i]->w.leaf.size_log2);
		for (unsigned j = 0; j < i; j++)
			assert_false(s.e[i]->vpage == s.e[j]->vpage &&
				     s.e[i]->size_log2 == s.e[j]->size_log2);
	}
}

static void check_hit(const struct tlb_entry *e, gva_t mva)
{
	if (!e)
		return;
	assert_int_equal(e->vpage, mva.raw >> e->size_log2);
	assert_int_equal(walk_pa(&e->w, mva), mva.raw ^ 0x80000000u);
}

static void one_step(struct tlb *t, const struct tlb_geom *g, struct rng *rng)
{
	gva_t mva = draw(rng, 24);
	struct walk w = page(mva, size_at(mva));
	uint32_t what = rng_below(rng, 1000);
	const struct tlb_entry *before = tlb_peek(t, mva);

	check_hit(before, mva);
	if (what < 2) {
		tlb_inval_all(t);
	} else if (what < 20) {
		assert_int_equal(tlb_inval_mva(t, mva), before != NULL);
		assert_null(tlb_peek(t, mva));
	} else if (what < 40 && g->locked) {
		tlb_fill_locked(t, rng_below(rng, g->locked), mva, &w);
		check_hit(tlb_peek(t, mva), mva);
	} else if (what < 60) {
		const struct tlb_entry *e = tlb_fill(t, mva, &w);

		assert_ptr_equal(e, tlb_peek(t, mva));
		assert_true(!before || before == e);    /* in place */
	} else {
		const struct tlb_entry *e = tlb_lookup(t, mva);

		assert_ptr_equal(e, before);
		if (!e)
			fill(t, mva.raw, size_at(mva));
		check_hit(tlb_peek(t, mva), mva);
	}
}

static void laws(void **state)
{
	(void)state;
	for (int p = 0; p < REPLACES; p++) {
		for (unsigned s = 0; s < SHAPES; s++) {
			struct rng rng = rng_stream(s, "tlb laws");
			struct tlb *t = make(shapes[s], p, 1, "tlb");

			for (unsigned i = 0; i < 4000; i++) {
				one_step(t, &shapes[s], &rng);
				check_laws(t);
			}
			assert_true(tlb_counts(t)->hits && tlb_counts(t)->evictions);
			tlb_destroy(t);
		}
	}
}

/* The reference: a page and two stamps a way. */
struct naive_way { uint32_t vpage, size, used, filled; bool valid; };
struct naive {
	struct naive_way way[64];
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

static bool naive_use(struct naive *n, gva_t mva)
{
	unsigned size = size_at(mva);
	uint32_t vpage = mva.raw >> size;
	struct naive_way *set = n->way + vpage % n->sets * n->ways;

	n->clock++;
	for (unsigned w = 0; w < n->ways; w++) {
		if (set[w].valid && set[w].size == size && set[w].vpage == vpage) {
			set[w].used = n->clock;
			return true;
		}
	}
	*naive_victim(n, set) = (struct naive_way){ vpage, size, n->clock, n->clock, true };
	return false;
}

/* Without invalidations fifo's pointer is the order of arrival. */
static void agrees_with_the_naive_tlb(void **state)
{
	static const int policies[] = { REPLACE_LRU, REPLACE_FIFO, REPLACE_RANDOM };

	(void)state;
	for (unsigned s = 0; s < SHAPES; s++) {
		for (unsigned p = 0; p < 3; p++) {
			struct rng rng = rng_stream(s, "naive");
			struct tlb *t = make(shapes[s], policies[p], 5, "tlb");
			struct naive n = { .ways = shapes[s].ways, .policy = policies[p] };

			n.sets = shapes[s].entries / n.ways;
			n.rng = rng_stream(5, "tlb");
			for (unsigned i = 0; i < 50000; i++) {
				gva_t mva = draw(&rng, 20);

				assert_int_equal(use(t, mva), naive_use(&n, mva));
			}
			assert_true(tlb_counts(t)->evictions > 1000);
			tlb_destroy(t);
		}
	}
}

/* Sets fixed, ways growing: what a small LRU TLB holds, a larger one holds. */
static void lru_inclusion(void **state)
{
	struct rng rng = rng_stream(6, "inclusion");
	struct tlb *t[5];

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		t[i] = make((struct tlb_geom){ .entries = (uint16_t)(4 << i),
					       .ways = (uint16_t)(1 << i) },
			    REPLACE_LRU, 0, "tlb");
	for (unsigned step = 0; step < 20000; step++) {
		gva_t mva = draw(&rng, 16);
		bool hit = false, drop = rng_below(&rng, 50) == 0;

		for (unsigned i = 0; i < 5; i++) {
			bool now = drop ? tlb_inval_mva(t[i], mva) : use(t[i], mva);

			assert_true(now || !hit);
			hit = now;
		}
		if (step % 16)
			continue;
		for (unsigned i = 0; i < 4; i++) {
			struct seen s = look(t[i]);

			for (unsigned j = 0; j < s.n; j++)
				assert_non_null(tlb_peek(t[i + 1], gva(s.e[j]->vpage
								       << s.e[j]->size_log2)));
		}
	}
	for (unsigned i = 0; i < 5; i++)
		tlb_destroy(t[i]);
}

static void one_way_knows_no_policy(void **state)
{
	struct rng rng = rng_stream(7, "one way");
	struct tlb *t[REPLACES];

	(void)state;
	for (int p = 0; p < REPLACES; p++)
		t[p] = make((struct tlb_geom){ .entries = 16, .ways = 1 }, p, 3, "tlb");
	for (unsigned step = 0; step < 20000; step++) {
		gva_t mva = draw(&rng, 16);
		bool hit = use(t[0], mva);

		for (int p = 1; p < REPLACES; p++)
			assert_int_equal(use(t[p], mva), hit);
	}
	for (int p = 0; p < REPLACES; p++) {
		assert_memory_equal(tlb_counts(t[p]), tlb_counts(t[0]),
				    sizeof(struct tlb_counts));
		tlb_destroy(t[p]);
	}
}

/* Same seed and name: same victims, whatever another structure draws; another name differs. */
static void random_streams_are_independent(void **state)
{
	struct tlb_geom g = { .entries = 32, .ways = 32 };
	struct tlb *a = make(g, REPLACE_RANDOM, 11, "itlb"),
		   *b = make(g, REPLACE_RANDOM, 11, "itlb");
	struct tlb *other = make(g, REPLACE_RANDOM, 11, "dtlb");
	struct rng rng = rng_stream(8, "independent");
	unsigned differ = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		gva_t mva = draw(&rng, 16);
		bool hit = use(a, mva);

		differ += use(other, mva) != hit;
		if (i % 3 == 0)
			use(other, draw(&rng, 40));
		assert_int_equal(use(b, mva), hit);
	}
	assert_memory_equal(tlb_counts(a), tlb_counts(b), sizeof(struct tlb_counts));
	assert_true(differ > 100);
	tlb_destroy(a);
	tlb_destroy(b);
	tlb_destroy(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(laws),
		cmocka_unit_test(agrees_with_the_naive_tlb),
		cmocka_unit_test(lru_inclusion),
		cmocka_unit_test(one_way_knows_no_policy),
		cmocka_unit_test(random_streams_are_independent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
