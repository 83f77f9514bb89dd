/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Laws that caches and TLBs share, over random shapes. The content law is stronger than "what a small
 * one hits, a larger one hits": it holds for lines that nobody asks for again.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/cache/cache.h"
#include "models/tlb/tlb.h"

enum { FLIP = 0x30005000, SPACE = 1 << 14 };

static hpa_t pa_of(uint32_t mva)
{
	return hpa(mva ^ FLIP);
}

static struct cache *make_cache(struct cache_geom g, const char *name)
{
	struct cache *c;
	struct diag d;

	assert_ok(cache_create(&c, &g, 1, name, &d), &d);
	return c;
}

static struct tlb *make_tlb(struct tlb_geom g)
{
	struct tlb *t;
	struct diag d;

	assert_ok(tlb_create(&t, &g, 1, "tlb", &d), &d);
	return t;
}

/* One operation of a random kind, the same on any cache. */
struct op { uint32_t what, mva; bool back; };

static struct op draw(struct rng *rng)
{
	return (struct op){ rng_below(rng, 100), rng_below(rng, SPACE / 4) * 4,
			    rng_below(rng, 2) };
}

static void apply(struct cache *c, struct op o)
{
	gva_t mva = gva(o.mva);
	hpa_t pa = pa_of(o.mva);

	if (o.what == 0)
		cache_clean_line(c, mva, pa, NULL);
	else if (o.what == 1)
		cache_inval_line(c, mva, pa, NULL);
	else if (o.what == 2)
		cache_range(c, mva, gva(o.mva | 0xff), pa, o.back, true);
	else if (o.what < 50)
		cache_write(c, mva, pa, o.back, true);
	else
		cache_read(c, mva, pa);
}

static void in_the_larger(void *ctx, const struct cache_line *l)
{
	struct cache_line other;

	assert_true(cache_peek(ctx, l->mva, l->pa, &other));
	assert_int_equal(other.mva.raw, l->mva.raw);
	/* an eviction cleans: what is dirty in the smaller was never evicted from the larger */
	assert_int_equal(l->dirty & ~other.dirty, 0);
}

/* Sets and line size fixed, ways growing; LRU; random sets, line sizes and kinds. */
static void lru_caches_include(void **state)
{
	struct rng rng = rng_stream(1, "include");

	(void)state;
	for (unsigned shape = 0; shape < 24; shape++) {
		uint32_t line = 16u << rng_below(&rng, 3), sets = 1u << rng_below(&rng, 5);
		uint32_t ways = 1u << rng_below(&rng, 3);
		struct cache *c[3];

		for (unsigned i = 0; i < 3; i++)
			c[i] = make_cache((struct cache_geom){
				line * sets * (ways << i), (uint16_t)(ways << i), (uint16_t)line,
				REPLACE_LRU, (uint8_t)(shape % CACHE_KINDS) }, "c");
		for (unsigned step = 0; step < 1500; step++) {
			struct op o = draw(&rng);

			for (unsigned i = 0; i < 3; i++)
				apply(c[i], o);
			if (step % 8 == 0) {
				cache_each(c[0], in_the_larger, c[1]);
				cache_each(c[1], in_the_larger, c[2]);
			}
		}
		assert_true(cache_counts(c[0])->evictions > cache_counts(c[2])->evictions);
		for (unsigned i = 0; i < 3; i++)
			cache_destroy(c[i]);
	}
}

/* A direct-mapped cache has no choice: all policies count the same, whatever is done. */
static void one_way_caches_are_equal(void **state)
{
	struct rng rng = rng_stream(2, "one way");

	(void)state;
	for (unsigned shape = 0; shape < 12; shape++) {
		uint32_t line = 16u << rng_below(&rng, 3), sets = 1u << rng_below(&rng, 8);
		struct cache *c[REPLACES];

		for (int p = 0; p < REPLACES; p++)
			c[p] = make_cache((struct cache_geom){ line * sets, 1, (uint16_t)line,
							       (uint8_t)p,
							       (uint8_t)(shape % CACHE_KINDS) }, "c");
		for (unsigned step = 0; step < 2000; step++) {
			struct op o = draw(&rng);

			for (int p = 0; p < REPLACES; p++)
				apply(c[p], o);
		}
		for (int p = 0; p < REPLACES; p++) {
			assert_memory_equal(cache_counts(c[p]), cache_counts(c[0]),
					    sizeof(struct cache_counts));
			assert_int_equal(cache_dirty_lines(c[p]), cache_dirty_lines(c[0]));
		}
		for (int p = 0; p < REPLACES; p++)
			cache_destroy(c[p]);
	}
}

/* A walk of a page whose size depends on MVA[31:28], so that none overlap. */
static struct walk page(uint32_t mva)
{
	static const uint8_t sizes[] = { 10, 12, 16, 20, 24 };
	struct walk w = { .levels = 1 };

	w.leaf.kind = PT_LEAF;
	w.leaf.size_log2 = sizes[mva >> 28];
	w.leaf.base = mva >> w.leaf.size_log2 << w.leaf.size_log2;
	return w;
}

static uint32_t draw_page(struct rng *rng)
{
	uint32_t region = rng_below(rng, 5);

	return region << 28 | rng_below(rng, 12) << page(region << 28).leaf.size_log2;
}

/* Non-global in every region but the last. */
static void use(struct tlb *t, uint32_t mva, uint8_t asid)
{
	struct walk w = page(mva);

	if (!tlb_lookup(t, gva(mva)))
		tlb_fill_tagged(t, gva(mva), &w, (struct tlb_tag){ asid, 0, mva >> 28 < 4 });
}

static void held_by_the_larger(void *ctx, const struct tlb_entry *e)
{
	assert_true(tlb_matches(ctx, gva(e->vpage << e->size_log2), e->tag.asid, e->tag.vmid));
}

static void lru_tlbs_include(void **state)
{
	struct rng rng = rng_stream(3, "include");

	(void)state;
	for (unsigned shape = 0; shape < 16; shape++) {
		uint32_t sets = 1u << rng_below(&rng, 5), ways = 1 + rng_below(&rng, 4);
		struct tlb *t[2];
		uint8_t asid = 0;

		for (unsigned i = 0; i < 2; i++)
			t[i] = make_tlb((struct tlb_geom){ .entries = (uint16_t)(sets * (ways + i)),
							   .ways = (uint16_t)(ways + i),
							   .policy = REPLACE_LRU });
		for (unsigned step = 0; step < 1500; step++) {
			uint32_t mva = draw_page(&rng), what = rng_below(&rng, 100);

			asid = what < 5 ? (uint8_t)rng_below(&rng, 3) : asid;
			for (unsigned i = 0; i < 2; i++) {
				tlb_set_context(t[i], asid, 0);
				use(t[i], mva, asid);
				if (what == 10)
					tlb_inval_asid(t[i], asid);
				else if (what == 11)
					tlb_inval_mva_asid(t[i], gva(mva), asid);
				else if (what == 12)
					tlb_inval_mva(t[i], gva(mva));
			}
			if (step % 4 == 0)
				tlb_each(t[0], held_by_the_larger, t[1]);
		}
		assert_true(tlb_counts(t[0])->hits <= tlb_counts(t[1])->hits);
		for (unsigned i = 0; i < 2; i++)
			tlb_destroy(t[i]);
	}
}

/* With ASIDs and VMIDs too, one way leaves no choice. */
static void one_way_tlbs_are_equal(void **state)
{
	struct rng rng = rng_stream(4, "one way");
	struct tlb *t[REPLACES];

	(void)state;
	for (int p = 0; p < REPLACES; p++)
		t[p] = make_tlb((struct tlb_geom){ .entries = 32, .ways = 1, .policy = (uint8_t)p });
	for (unsigned step = 0; step < 20000; step++) {
		uint32_t mva = draw_page(&rng);
		uint8_t asid = (uint8_t)rng_below(&rng, 3), vmid = rng_below(&rng, 9) == 0;
		unsigned what = rng_below(&rng, 50);

		for (int p = 0; p < REPLACES; p++) {
			struct walk w = page(mva);

			tlb_set_context(t[p], asid, vmid);
			if (!tlb_lookup(t[p], gva(mva)))
				tlb_fill_tagged(t[p], gva(mva), &w,
						(struct tlb_tag){ asid, vmid, mva & 0x1000 });
			if (what == 0)
				tlb_inval_vmid(t[p], vmid);
			else if (what == 1)
				tlb_inval_asid(t[p], asid);
		}
	}
	for (int p = 0; p < REPLACES; p++) {
		assert_memory_equal(tlb_counts(t[p]), tlb_counts(t[0]), sizeof(struct tlb_counts));
		assert_true(tlb_counts(t[p])->hits > 100 && tlb_counts(t[p])->evictions > 1000);
		tlb_destroy(t[p]);
	}
}

/*
 * Sixteen ways would be long by hand; eight are not. PLRU, one set, lines 0 to 7 fill ways 0 to 7, and
 * the last touch of each half points every node left again: bits 0. Nodes: r; a (0-3), b (4-7);
 * a0 (0 1), a1 (2 3), b0 (4 5), b1 (6 7). Then:
 *   read 0   r=1 a=1 a0=1
 *   read 8   r right, b left, b0 left: way 4 goes. Touch 4: r=0 b=1 b0=1
 *   read 9   r left, a right, a1 left: way 2.      Touch 2: r=1 a=0 a1=1
 *   read 10  r right, b right, b1 left: way 6.     Touch 6: r=0 b=0 b1=1
 *   read 11  r left, a left, a0 right: way 1, though LRU would take line 3.
 */
static void plru_eight_ways_by_hand(void **state)
{
	struct cache *c = make_cache((struct cache_geom){ 256, 8, 32, REPLACE_PLRU, CACHE_VIVT }, "c");
	static const unsigned ways[] = { 4, 2, 6, 1 };
	struct cache_line l;

	(void)state;
	for (uint32_t n = 0; n < 8; n++)
		cache_read(c, gva(n * 32), pa_of(n * 32));
	assert_true(cache_read(c, gva(0), pa_of(0)).hit);
	for (uint32_t n = 0; n < 4; n++) {
		uint32_t mva = (8 + n) * 32;

		cache_read(c, gva(mva), pa_of(mva));
		assert_true(cache_peek(c, gva(mva), pa_of(mva), &l));
		assert_int_equal(l.way, ways[n]);
	}
	assert_true(cache_peek(c, gva(3 * 32), pa_of(3 * 32), &l));
	cache_destroy(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lru_caches_include),
		cmocka_unit_test(one_way_caches_are_equal),
		cmocka_unit_test(lru_tlbs_include),
		cmocka_unit_test(one_way_tlbs_are_equal),
		cmocka_unit_test(plru_eight_ways_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
