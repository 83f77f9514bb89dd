/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * models/tlb against a second, naive implementation, operation by operation: random shapes,
 * every policy and kind of lockdown, pages of five sizes that overlap, ASIDs, VMIDs. The naive
 * TLB looks at every entry every time and knows each policy by its definition.
 *
 * And the promise of tlb_hot.h: while an entry's seq and the generation stand, a lookup ends there.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/tlb/tlb_hot.h"
#include "tests/model/naive.h"

enum { ALL = 80 };

struct ref_entry {
	bool valid, ng, kept;
	uint32_t vpage, size, asid, vmid;
};

struct ref {
	struct tlb_geom g;
	struct ref_entry e[ALL];        /* main entries by set and way, then the lockdown part */
	unsigned sets, asid, vmid, base;
	int forced;
	bool preserve;
	uint64_t fills, evictions, dropped, hits;
	struct naive policy;
};

static bool ref_match(const struct ref_entry *e, uint32_t mva, unsigned asid, unsigned vmid)
{
	return e->valid && mva >> e->size == e->vpage && e->vmid == vmid &&
	       (!e->ng || e->asid == asid);
}

/* Lockdown first, then larger pages, then lower numbers. */
static int ref_find(const struct ref *r, uint32_t mva, unsigned asid, unsigned vmid)
{
	int best = -1;

	for (unsigned i = r->g.entries; i < r->g.entries + r->g.locked; i++)
		if (ref_match(&r->e[i], mva, asid, vmid))
			return (int)i;
	for (unsigned i = 0; i < r->g.entries; i++)
		if (ref_match(&r->e[i], mva, asid, vmid) &&
		    (best < 0 || r->e[i].size > r->e[best].size))
			best = (int)i;
	return best;
}

static void ref_touch(struct ref *r, unsigned i)
{
	if (i < r->g.entries)
		naive_touch(&r->policy, i / r->g.ways, i % r->g.ways);
}

static unsigned ref_room(struct ref *r, unsigned set)
{
	unsigned way = r->g.ways;

	if (r->g.lock == TLB_LOCK_PART)
		for (way = 0; way < r->g.ways && r->e[set * r->g.ways + way].valid;)
			way++;
	if (way == r->g.ways && r->forced >= 0) {
		way = (unsigned)r->forced;
		r->forced = -1;
		naive_pass(&r->policy, set, way);
	} else if (way == r->g.ways) {
		way = naive_victim(&r->policy, set, ~UINT64_C(0) << r->base);
	}
	return set * r->g.ways + way;
}

static unsigned ref_drop(struct ref *r, uint32_t mva, int asid, unsigned vmid)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->g.entries + r->g.locked; i++) {
		struct ref_entry *e = &r->e[i];

		if (!ref_match(e, mva, asid < 0 ? e->asid : (unsigned)asid, vmid))
			continue;
		e->valid = false;
		n++;
	}
	r->dropped += n;
	return n;
}

static void ref_put(struct ref *r, unsigned i, uint32_t mva, unsigned size, struct tlb_tag tag)
{
	r->evictions += r->e[i].valid;
	r->fills++;
	r->e[i] = (struct ref_entry){ true, tag.ng, i < r->g.entries && r->preserve, mva >> size,
				      size, tag.asid, tag.vmid };
	ref_touch(r, i);
}

static int ref_fill(struct ref *r, uint32_t mva, unsigned size, struct tlb_tag tag)
{
	int old = ref_find(r, mva, tag.asid, tag.vmid);
	bool kept = false;

	/* in place: a locked entry, or the one of the same size (there may be others) */
	if (old < (int)r->g.entries) {
		old = -1;
		for (int i = 0; old < 0 && i < (int)r->g.entries; i++)
			if (r->e[i].size == size && ref_match(&r->e[i], mva, tag.asid, tag.vmid))
				old = i;
	}
	if (old >= 0)
		kept = r->e[old].kept;
	ref_drop(r, mva, tag.asid, tag.vmid);
	if (old < 0)
		old = (int)ref_room(r, (mva >> size) % r->sets);
	ref_put(r, (unsigned)old, mva, size, tag);
	r->e[old].kept |= kept;
	return old;
}

static unsigned ref_inval(struct ref *r, bool all_vmids, unsigned vmid)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->g.entries; i++) {
		if (!r->e[i].valid || r->e[i].kept || !(all_vmids || r->e[i].vmid == vmid))
			continue;
		r->e[i].valid = false;
		n++;
	}
	r->dropped += n;
	return n;
}

static unsigned ref_inval_asid(struct ref *r, unsigned asid)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->g.entries + r->g.locked; i++) {
		struct ref_entry *e = &r->e[i];

		if (!e->valid || !e->ng || e->asid != asid || e->vmid != r->vmid)
			continue;
		e->valid = false;
		n++;
	}
	r->dropped += n;
	return n;
}

/* --- both side by side ---------------------------------------------------------------- */

struct pair { struct tlb *t; struct ref r; struct rng rng; bool tags; };

/* Two megabytes around a supersection's border, so that all sizes meet. */
static uint32_t draw(struct pair *p)
{
	return 0x30f00000u + (rng_below(&p->rng, 8) << 18) + (rng_below(&p->rng, 5) << 12) +
	       (rng_below(&p->rng, 4) << 10);
}

static unsigned draw_size(struct pair *p)
{
	static const uint8_t sizes[] = { 10, 10, 12, 12, 12, 16, 16, 20, 24 };

	return sizes[rng_below(&p->rng, sizeof(sizes))];
}

static struct walk page(uint32_t mva, unsigned size)
{
	struct walk w = { .levels = 1 };

	w.leaf.kind = PT_LEAF;
	w.leaf.size_log2 = (uint8_t)size;
	w.leaf.base = (mva ^ 0x80000000u) >> size << size;
	return w;
}

static int index_of(const struct tlb *t, const struct tlb_entry *e)
{
	return e ? (int)(e - t->entry) : -1;
}

static struct tlb_tag draw_tag(struct pair *p)
{
	struct tlb_tag tag = { (uint8_t)p->r.asid, (uint8_t)p->r.vmid, false };

	if (!p->tags)
		return tag;
	tag.ng = rng_below(&p->rng, 2);
	if (rng_below(&p->rng, 4) == 0)         /* a walk that ends after a switch */
		tag.asid = (uint8_t)rng_below(&p->rng, 3);
	return tag;
}

static void step_fill(struct pair *p, uint32_t mva)
{
	unsigned size = draw_size(p), slot = 0;
	struct walk w = page(mva, size);
	struct tlb_tag tag = draw_tag(p);
	const struct tlb_entry *e;

	if (p->r.g.locked && rng_below(&p->rng, 40) == 0) {
		slot = rng_below(&p->rng, p->r.g.locked);
		e = tlb_fill_locked_tagged(p->t, slot, gva(mva), &w, tag);
		ref_drop(&p->r, mva, tag.asid, tag.vmid);
		ref_put(&p->r, p->r.g.entries + slot, mva, size, tag);
		slot += p->r.g.entries;
	} else if (p->r.g.lock == TLB_LOCK_POINTER && rng_below(&p->rng, 60) == 0) {
		slot = p->r.base;
		e = tlb_fill_lock(p->t, gva(mva), &w, tag);
		ref_drop(&p->r, mva, tag.asid, tag.vmid);
		ref_put(&p->r, slot, mva, size, tag);
		p->r.e[slot].kept = slot + 1u < p->r.g.entries;
		p->r.base += slot + 1u < p->r.g.entries;
		p->r.forced = p->r.g.entries - 1;
	} else {
		e = tlb_fill_tagged(p->t, gva(mva), &w, tag);
		slot = (unsigned)ref_fill(&p->r, mva, size, tag);
	}
	assert_int_equal(index_of(p->t, e), slot);
	assert_int_equal(e->w.leaf.base, w.leaf.base);
}

static void step_lock(struct pair *p)
{
	unsigned n = p->r.g.entries, base = rng_below(&p->rng, n), victim = rng_below(&p->rng, n);

	if (rng_below(&p->rng, 6) == 0) {
		tlb_unlock(p->t);
		p->r.base = 0;
		p->r.preserve = false;
		for (unsigned i = 0; i < n; i++)
			p->r.e[i].kept = false;
	} else if (p->r.g.lock == TLB_LOCK_BASE) {
		p->r.preserve = rng_below(&p->rng, 2);
		tlb_set_base(p->t, base, victim, p->r.preserve);
		p->r.base = base;
		p->r.forced = (int)victim;
	}
}

static void step_inval(struct pair *p, uint32_t mva)
{
	unsigned asid = rng_below(&p->rng, 3), vmid = rng_below(&p->rng, 2);

	switch (rng_below(&p->rng, 5)) {
	case 0:
		if (rng_below(&p->rng, 4) == 0)
			assert_int_equal(tlb_inval_all(p->t), ref_inval(&p->r, true, 0));
		break;
	case 1:
		assert_int_equal(tlb_inval_mva(p->t, gva(mva)),
				 ref_drop(&p->r, mva, -1, p->r.vmid));
		break;
	case 2:
		assert_int_equal(tlb_inval_mva_asid(p->t, gva(mva), (uint8_t)asid),
				 ref_drop(&p->r, mva, (int)asid, p->r.vmid));
		break;
	case 3:
		assert_int_equal(tlb_inval_asid(p->t, (uint8_t)asid), ref_inval_asid(&p->r, asid));
		break;
	default:
		assert_int_equal(tlb_inval_vmid(p->t, (uint8_t)vmid),
				 ref_inval(&p->r, false, vmid));
		break;
	}
}

static void step(struct pair *p)
{
	uint32_t mva = draw(p), what = rng_below(&p->rng, 200);
	int want;

	if (what < 4) {
		step_inval(p, mva);
	} else if (what < 12 && p->tags) {
		p->r.asid = rng_below(&p->rng, 3);
		p->r.vmid = rng_below(&p->rng, 8) == 0;
		tlb_set_context(p->t, (uint8_t)p->r.asid, (uint8_t)p->r.vmid);
	} else if (what < 14 && p->r.g.lock != TLB_LOCK_PART) {
		step_lock(p);
	} else if (what < 24) {
		step_fill(p, mva);
	} else {
		want = ref_find(&p->r, mva, p->r.asid, p->r.vmid);
		assert_int_equal(index_of(p->t, tlb_lookup(p->t, gva(mva))), want);
		if (want >= 0) {
			p->r.hits++;
			ref_touch(&p->r, (unsigned)want);
		} else {
			step_fill(p, mva);
		}
	}
}

/* What an engine remembers of a translation. */
struct memory { uint32_t mva, index, seq; uint64_t generation; bool known; };

static void check_promise(const struct tlb *t, const struct memory *m, unsigned *kept)
{
	if (!m->known || t->seq[m->index] != m->seq || t->generation != m->generation)
		return;
	assert_int_equal(index_of(t, tlb_peek(t, gva(m->mva))), m->index);
	++*kept;
}

static void compare(struct pair *p)
{
	const struct tlb_counts *n = tlb_counts(p->t);
	unsigned resident = 0, asid = rng_below(&p->rng, 3), vmid = rng_below(&p->rng, 2);
	unsigned matches = 0;
	uint32_t mva = draw(p);

	for (unsigned i = 0; i < p->r.g.entries + p->r.g.locked; i++) {
		const struct ref_entry *e = &p->r.e[i];

		assert_int_equal(p->t->entry[i].valid, e->valid);
		resident += e->valid;
		matches += ref_match(e, mva, asid, vmid);
		if (!e->valid)
			continue;
		assert_int_equal(p->t->entry[i].vpage, e->vpage);
		assert_int_equal(p->t->entry[i].kept, e->kept);
	}
	assert_int_equal(tlb_matches(p->t, gva(mva), (uint8_t)asid, (uint8_t)vmid), matches);
	assert_int_equal(tlb_resident(p->t), resident);
	assert_int_equal(n->fills, p->r.fills);
	assert_int_equal(n->evictions, p->r.evictions);
	assert_int_equal(n->dropped, p->r.dropped);
	assert_int_equal(n->hits, p->r.hits);
	assert_int_equal(n->hits + n->misses, n->lookups);
	assert_int_equal(n->fills - n->evictions - n->dropped, resident);
}

static unsigned run(struct tlb_geom g, unsigned seed, bool tags)
{
	struct pair p = { .tags = tags, .rng = rng_stream(seed, "reference") };
	struct memory memory[8] = { { 0 } };
	unsigned kept = 0;
	struct diag d;

	assert_ok(tlb_create(&p.t, &g, seed, "tlb", &d), &d);
	p.r.g = g;
	p.r.sets = g.entries / g.ways;
	p.r.policy.policy = g.policy;
	p.r.policy.ways = g.ways;
	p.r.policy.rng = rng_stream(seed, "tlb");
	p.r.forced = g.lock == TLB_LOCK_POINTER ? g.entries - 1 : -1;
	for (unsigned i = 0; i < 1500; i++) {
		struct memory *m = &memory[i % 8];
		const struct tlb_entry *e;

		step(&p);
		for (unsigned k = 0; k < 8; k++)
			check_promise(p.t, &memory[k], &kept);
		m->mva = draw(&p);
		e = tlb_peek(p.t, gva(m->mva));
		m->known = e != NULL;
		m->index = e ? (uint32_t)index_of(p.t, e) : 0;
		m->seq = p.t->seq[m->index];
		m->generation = p.t->generation;
		if (i % 4 == 0)
			compare(&p);
	}
	assert_true(p.r.hits > 100 && p.r.evictions + p.r.dropped > 50);
	tlb_destroy(p.t);
	return kept;
}

/* `ways` 1, 2, 4, 8; sets so that at most 64 entries; one shape a seed. */
static void agrees(void **state)
{
	struct rng rng = rng_stream(1, "shapes");
	unsigned kept = 0;

	(void)state;
	for (unsigned seed = 0; seed < 24; seed++) {
		for (int p = 0; p < REPLACES; p++) {
			struct tlb_geom g = { .policy = (uint8_t)p };

			g.ways = (uint16_t)(1u << rng_below(&rng, 4));
			g.entries = (uint16_t)(g.ways << rng_below(&rng, 4));
			g.locked = (uint8_t)rng_below(&rng, 4);
			kept += run(g, seed, seed % 3 != 0);
		}
	}
	assert_true(kept > 10000);
}

static void agrees_under_lockdown(void **state)
{
	unsigned kept = 0;

	(void)state;
	for (unsigned seed = 0; seed < 10; seed++) {
		for (int p = 0; p < REPLACES; p++) {
			for (int lock = TLB_LOCK_BASE; lock < TLB_LOCKS; lock++) {
				uint16_t n = (uint16_t)(2u << seed % 6);

				kept += run((struct tlb_geom){ n, n, 0, (uint8_t)p, (uint8_t)lock },
					    seed, seed % 2);
			}
		}
	}
	assert_true(kept > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees),
		cmocka_unit_test(agrees_under_lockdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
