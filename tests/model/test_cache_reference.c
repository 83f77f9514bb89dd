/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * models/cache against a second, naive implementation, operation by operation: random shapes, all
 * kinds, every policy and kind of lockdown, mappings that are not one to one (synonyms, homonyms),
 * ranges, prefetches, allocations, test-and-clean. The naive cache is a list of lines, each looked
 * at every time.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/cache/cache.h"
#include "tests/model/naive.h"

enum { LINES = 512, FREE = -1 };

struct ref_line { bool valid; uint32_t mva; uint64_t pa; unsigned dirty; };

struct ref {
	struct cache_geom g;
	enum cache_lock lock;
	struct ref_line l[LINES];               /* by set and way */
	unsigned sets, first[NAIVE_SETS];
	int forced[NAIVE_SETS];
	uint64_t mask;
	bool lock_fills;
	struct naive policy;
	struct cache_counts n;
};

static unsigned set_of(const struct ref *r, uint32_t mva, uint64_t pa)
{
	uint64_t index = r->g.kind == CACHE_PIPT ? pa : mva;

	return (unsigned)(index / r->g.line_bytes % r->sets);
}

static int ref_find(const struct ref *r, uint32_t mva, uint64_t pa)
{
	unsigned set = set_of(r, mva, pa);

	for (unsigned i = set * r->g.ways; i < (set + 1) * r->g.ways; i++) {
		const struct ref_line *l = &r->l[i];
		bool same = r->g.kind == CACHE_VIVT
				    ? l->mva / r->g.line_bytes == mva / r->g.line_bytes
				    : l->pa / r->g.line_bytes == pa / r->g.line_bytes;

		if (l->valid && same)
			return (int)i;
	}
	return -1;
}

static uint64_t ref_allowed(const struct ref *r, unsigned set)
{
	uint64_t all = 0;

	for (unsigned w = 0; w < r->g.ways; w++) {
		bool locked = r->lock == CACHE_LOCK_WAYS || r->lock == CACHE_LOCK_WAYS0
				      ? r->mask >> w & 1 : w < r->first[set];

		all |= (uint64_t)!locked << w;
	}
	return all || r->lock == CACHE_LOCK_WAYS ? all : 1;
}

static int ref_choose(struct ref *r, unsigned set, bool lock)
{
	bool counted = r->lock == CACHE_LOCK_INDEX || r->lock == CACHE_LOCK_LINES;
	unsigned last = r->g.ways - 1, spare = r->g.ways >= 16 ? r->g.ways / 8 : 1;
	uint64_t allowed = ref_allowed(r, set);
	int way = r->forced[set];

	if (lock) {
		r->forced[set] = (int)last;
		return (int)(r->first[set] < r->g.ways - spare ? r->first[set]++ : last);
	}
	for (unsigned w = 0; !counted && w < r->g.ways; w++)
		if (allowed >> w & 1 && !r->l[set * r->g.ways + w].valid)
			return (int)w;
	if (!allowed)
		return -1;
	if (way == FREE)
		return (int)naive_victim(&r->policy, set, allowed);
	r->forced[set] = FREE;
	naive_pass(&r->policy, set, (unsigned)way);
	return way;
}

static void halves(unsigned dirty, uint64_t *half, uint64_t *full)
{
	*half += dirty == 1 || dirty == 2;
	*full += dirty == 3;
}

static struct cache_outcome ref_fill(struct ref *r, uint32_t mva, uint64_t pa, bool lock)
{
	unsigned set = set_of(r, mva, pa), i;
	int way = ref_choose(r, set, lock);
	struct cache_outcome out = { .filled = way >= 0 };

	if (way < 0)
		return out;
	i = set * r->g.ways + (unsigned)way;
	if (r->l[i].valid) {
		out.victim_dirty = (uint8_t)r->l[i].dirty;
		r->n.evictions++;
		halves(r->l[i].dirty, &r->n.castout_half, &r->n.castout_full);
	}
	r->n.fills++;
	r->l[i] = (struct ref_line){ true, mva / r->g.line_bytes * r->g.line_bytes,
				     pa / r->g.line_bytes * r->g.line_bytes, 0 };
	naive_touch(&r->policy, set, (unsigned)way);
	return out;
}

static struct cache_outcome ref_access(struct ref *r, uint32_t mva, uint64_t pa, bool write,
				       bool back, bool allocate)
{
	int i = ref_find(r, mva, pa);
	struct cache_outcome out = { .hit = i >= 0 };

	*(write ? &r->n.writes : &r->n.reads) += 1;
	*(out.hit ? &r->n.hits : &r->n.misses) += 1;
	r->n.write_misses += write && !out.hit;
	if (out.hit)
		naive_touch(&r->policy, (unsigned)i / r->g.ways, (unsigned)i % r->g.ways);
	else if (!write || allocate)
		out = ref_fill(r, mva, pa, r->lock_fills);
	if (write && back && (out.hit || out.filled))
		r->l[ref_find(r, mva, pa)].dirty |= mva % r->g.line_bytes < r->g.line_bytes / 2u
							    ? CACHE_DIRTY_LO : CACHE_DIRTY_HI;
	return out;
}

/* Cleans and invalidates one line; dirty halves are counted as the model reports them. */
static void ref_maintain(struct ref *r, int i, bool clean, bool inval, struct cache_swept *s)
{
	uint64_t half = 0, full = 0;

	if (i < 0 || !r->l[i].valid)
		return;
	halves(r->l[i].dirty, &half, &full);
	s->lines++;
	if (clean) {
		r->n.cleaned_half += half;
		r->n.cleaned_full += full;
	}
	s->half += (uint32_t)half;
	s->full += (uint32_t)full;
	r->l[i].dirty = 0;
	r->l[i].valid = !inval;
	r->n.invalidated += inval;
}

/* --- both side by side ---------------------------------------------------------------- */

struct pair { struct cache *c; struct ref r; struct rng rng; };

/* Eight pages of 1 KB, each with one of two frames at a time (`when` moves rarely). */
struct where { gva_t mva; hpa_t pa; };
static struct where draw(struct pair *p)
{
	uint32_t page = rng_below(&p->rng, 16), offset = rng_below(&p->rng, 1024) & ~3u;
	uint32_t frame = rng_below(&p->rng, 12) ? page / 2 : 8 + rng_below(&p->rng, 8);

	return (struct where){ gva(0x7000 + (page << 10) + offset),
			       hpa(UINT64_C(0x180000000) + (frame << 10) + offset) };
}

static void same_outcome(struct cache_outcome got, struct cache_outcome want)
{
	assert_int_equal(got.hit, want.hit);
	assert_int_equal(got.filled, want.filled);
	assert_int_equal(got.victim_dirty, want.victim_dirty);
}

static void same_swept(struct cache_swept got, struct cache_swept want)
{
	assert_int_equal(got.lines, want.lines);
	assert_int_equal(got.half, want.half);
	assert_int_equal(got.full, want.full);
}

static void step_access(struct pair *p, struct where a)
{
	bool write = rng_below(&p->rng, 2), back = rng_below(&p->rng, 4);
	bool allocate = rng_below(&p->rng, 2);

	same_outcome(write ? cache_write(p->c, a.mva, a.pa, back, allocate)
			   : cache_read(p->c, a.mva, a.pa),
		     ref_access(&p->r, a.mva.raw, a.pa.raw, write, back, allocate));
}

static void step_bring(struct pair *p, struct where a)
{
	bool there = ref_find(&p->r, a.mva.raw, a.pa.raw) >= 0, lock = p->r.lock_fills;
	struct cache_outcome got, want = { .hit = there };
	unsigned what = rng_below(&p->rng, p->r.lock == CACHE_LOCK_LINES ? 3 : 2);

	got = what == 0 ? cache_prefetch(p->c, a.mva, a.pa)
	      : what == 1 ? cache_allocate(p->c, a.mva, a.pa)
			  : cache_lock_line(p->c, a.mva, a.pa);
	if (!there)
		want = ref_fill(&p->r, a.mva.raw, a.pa.raw, lock || what == 2);
	*(what == 1 ? &p->r.n.allocs : &p->r.n.prefetches) += want.filled;
	same_outcome(got, want);
}

static void step_line(struct pair *p, struct where a)
{
	int i = ref_find(&p->r, a.mva.raw, a.pa.raw);
	unsigned dirty = i >= 0 ? p->r.l[i].dirty : 0, what = rng_below(&p->rng, 5);
	unsigned set, way;
	struct cache_swept s = { 0 };
	bool hit = i >= 0;

	switch (what) {
	case 0:
		assert_int_equal(cache_clean_line(p->c, a.mva, a.pa, &hit), dirty);
		break;
	case 1:
		assert_int_equal(cache_inval_line(p->c, a.mva, a.pa, &hit), dirty);
		break;
	case 2:
		assert_int_equal(cache_clean_inval_line(p->c, a.mva, a.pa, &hit), dirty);
		break;
	default:
		set = rng_below(&p->rng, p->r.sets);
		way = rng_below(&p->rng, p->r.g.ways);
		i = (int)(set * p->r.g.ways + way);
		dirty = p->r.l[i].valid ? p->r.l[i].dirty : 0;
		assert_int_equal(what == 3 ? cache_clean_way(p->c, set, way, true)
					   : cache_inval_way(p->c, set, way), dirty);
		break;
	}
	assert_int_equal(hit, ref_find(&p->r, a.mva.raw, a.pa.raw) >= 0);
	ref_maintain(&p->r, i, what % 4 != 1 && what != 4, what != 0, &s);
}

static void step_range(struct pair *p, struct where a)
{
	uint32_t room = 1023 - (a.mva.raw & 1023), line = p->r.g.line_bytes;
	gva_t last = gva(a.mva.raw + rng_below(&p->rng, room + 1));
	bool clean = rng_below(&p->rng, 2), inval = !clean || rng_below(&p->rng, 2);
	struct cache_swept want = { 0 };

	for (uint32_t at = a.mva.raw / line * line; at <= last.raw; at += line)
		ref_maintain(&p->r, ref_find(&p->r, at, a.pa.raw - a.mva.raw + at), clean, inval,
			     &want);
	same_swept(cache_range(p->c, a.mva, last, a.pa, clean, inval), want);
}

static void step_all(struct pair *p)
{
	bool clean = rng_below(&p->rng, 3), inval = !clean || rng_below(&p->rng, 2);
	struct cache_swept want = { 0 };

	for (unsigned i = 0; i < p->r.sets * p->r.g.ways; i++) {
		bool stays = p->r.lock == CACHE_LOCK_LINES &&
			     i % p->r.g.ways < p->r.first[i / p->r.g.ways];

		if (clean || !stays)
			ref_maintain(&p->r, (int)i, clean, inval && !stays, &want);
	}
	same_swept(clean ? cache_clean_all(p->c, inval) : cache_inval_all(p->c), want);
}

/* The instruction's loop: as many rounds as there were dirty lines, and one. */
static void step_test_clean(struct pair *p)
{
	unsigned dirty, want = cache_dirty_lines(p->c), rounds = 0;
	bool inval = rng_below(&p->rng, 2);
	struct cache_swept s = { 0 };

	while (!cache_test_clean(p->c, inval, &dirty)) {
		assert_true(dirty >= 1 && dirty <= 3);
		rounds++;
	}
	assert_int_equal(dirty, 0);
	assert_int_equal(rounds, want);
	for (unsigned i = 0; i < p->r.sets * p->r.g.ways; i++) {
		bool stays = p->r.lock == CACHE_LOCK_LINES &&
			     i % p->r.g.ways < p->r.first[i / p->r.g.ways];

		ref_maintain(&p->r, (int)i, true, inval && !stays, &s);
	}
}

static void step_lock(struct pair *p)
{
	unsigned ways = p->r.g.ways, base = rng_below(&p->rng, ways);

	if (p->r.lock == CACHE_LOCK_NONE)
		return;
	if (rng_below(&p->rng, 4) == 0) {
		cache_unlock(p->c);
		p->r.mask = 0;
		memset(p->r.first, 0, sizeof(p->r.first));
	} else if (p->r.lock == CACHE_LOCK_INDEX) {
		cache_lock_base(p->c, base);
		for (unsigned s = 0; s < p->r.sets; s++)
			p->r.forced[s] = (int)(p->r.first[s] = base);
	} else if (p->r.lock == CACHE_LOCK_LINES) {
		p->r.lock_fills = rng_below(&p->rng, 8) == 0;
		cache_lock_fills(p->c, p->r.lock_fills);
	} else {
		p->r.mask = rng_below(&p->rng, 4) ? rng_next(&p->rng) : ~UINT64_C(0);
		cache_lock_ways(p->c, p->r.mask);
	}
}

static void step(struct pair *p)
{
	uint32_t what = rng_below(&p->rng, 1000);
	struct where a = draw(p);

	if (what < 20)
		step_line(p, a);
	else if (what < 25)
		step_range(p, a);
	else if (what < 27)
		step_all(p);
	else if (what < 28)
		step_test_clean(p);
	else if (what < 40)
		step_lock(p);
	else if (what < 80)
		step_bring(p, a);
	else
		step_access(p, a);
}

struct seen { const struct ref *r; unsigned n; };

static void see(void *ctx, const struct cache_line *l)
{
	struct seen *s = ctx;
	const struct ref_line *want = &s->r->l[l->set * s->r->g.ways + l->way];

	s->n++;
	assert_true(want->valid);
	assert_int_equal(l->mva.raw, want->mva);
	assert_int_equal(l->pa.raw, want->pa);
	assert_int_equal(l->dirty, want->dirty);
	assert_int_equal(l->locked, s->r->lock != CACHE_LOCK_NONE &&
				    !(ref_allowed(s->r, l->set) >> l->way & 1));
}

/* The aliases of one physical line, counted the slow way. */
static void compare_aliases(struct pair *p, hpa_t pa)
{
	struct cache_line line[LINES];
	struct cache_aliases got = cache_aliases(p->c, pa), want = { 0 };
	unsigned colours = cache_colours(p->c);
	uint64_t seen = 0;

	for (unsigned i = 0; i < p->r.sets * p->r.g.ways; i++) {
		const struct ref_line *l = &p->r.l[i];

		if (!l->valid || l->pa / p->r.g.line_bytes != pa.raw / p->r.g.line_bytes)
			continue;
		want.lines++;
		want.dirty += l->dirty != 0;
		seen |= UINT64_C(1) << l->mva / 4096 % colours;
	}
	want.colours = (uint32_t)__builtin_popcountll(seen);
	assert_memory_equal(&got, &want, sizeof(got));
	assert_int_equal(cache_pa_dirty(p->c, pa), want.dirty != 0);
	assert_int_equal(cache_lines_of(p->c, pa, line, LINES), want.lines);
	for (unsigned i = 0; i < want.lines; i++)
		assert_int_equal(line[i].pa.raw, pa.raw / p->r.g.line_bytes * p->r.g.line_bytes);
}

static void compare(struct pair *p)
{
	struct seen s = { .r = &p->r };
	struct where a = draw(p);
	struct cache_line line;
	int i = ref_find(&p->r, a.mva.raw, a.pa.raw);
	unsigned dirty = 0;

	cache_each(p->c, see, &s);
	for (unsigned k = 0; k < p->r.sets * p->r.g.ways; k++)
		dirty += p->r.l[k].valid && p->r.l[k].dirty;
	assert_int_equal(s.n, cache_resident(p->c));
	assert_int_equal(dirty, cache_dirty_lines(p->c));
	assert_memory_equal(cache_counts(p->c), &p->r.n, sizeof(p->r.n));
	assert_int_equal(p->r.n.hits + p->r.n.misses, p->r.n.reads + p->r.n.writes);
	assert_int_equal(p->r.n.fills - p->r.n.evictions - p->r.n.invalidated, s.n);
	assert_int_equal(cache_peek(p->c, a.mva, a.pa, &line), i >= 0);
	if (i >= 0) {
		assert_int_equal(line.set * p->r.g.ways + line.way, i);
		assert_int_equal(line.pa.raw, p->r.l[i].pa);
	}
	compare_aliases(p, a.pa);
}

static void run(struct cache_counts *sum, struct cache_geom g, enum cache_lock lock, unsigned seed)
{
	struct pair p = { .rng = rng_stream(seed, "reference") };
	struct diag d;

	assert_ok(cache_lock_check(&g, lock, "c", &d), &d);
	assert_ok(cache_create(&p.c, &g, seed, "c", &d), &d);
	cache_set_lock(p.c, lock);
	p.r.g = g;
	p.r.lock = lock;
	p.r.sets = g.bytes / g.line_bytes / g.ways;
	p.r.policy.policy = g.policy;
	p.r.policy.ways = g.ways;
	p.r.policy.rng = rng_stream(seed, "c");
	for (unsigned s = 0; s < p.r.sets; s++)
		p.r.forced[s] = lock == CACHE_LOCK_LINES ? g.ways - 1 : FREE;
	for (unsigned i = 0; i < 1200; i++) {
		step(&p);
		if (i % 16 == 0)
			compare(&p);
	}
	sum->hits += p.r.n.hits;
	sum->evictions += p.r.n.evictions;
	sum->castout_half += p.r.n.castout_half;
	sum->castout_full += p.r.n.castout_full;
	cache_destroy(p.c);
}

static void agrees(void **state)
{
	struct rng rng = rng_stream(2, "shapes");
	struct cache_counts sum = { 0 };

	(void)state;
	for (unsigned seed = 0; seed < 4; seed++) {
		for (int p = 0; p < REPLACES; p++) {
			for (int lock = 0; lock < CACHE_LOCKS; lock++) {
				for (int kind = 0; kind < CACHE_KINDS; kind++) {
					unsigned ways = 1u << (rng_below(&rng, 6) + (lock != 0));
					unsigned line = 16u << rng_below(&rng, 3);
					unsigned sets = 1u << rng_below(&rng, 8);

					if (sets * ways > LINES)
						sets = LINES / ways;
					run(&sum, (struct cache_geom){ sets * ways * line, (uint16_t)ways,
								 (uint16_t)line, (uint8_t)p,
								 (uint8_t)kind },
					    (enum cache_lock)lock, seed);
				}
			}
		}
	}
	/* something happened: of 288,000 steps */
	assert_true(sum.hits > 20000 && sum.evictions > 20000 && sum.castout_half > 2000 &&
		    sum.castout_full > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
