/* SPDX-License-Identifier: GPL-2.0-or-later */
/* models/tlb/utlb: by hand, and as laws in front of a main TLB and against a naive one. */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/tlb/utlb.h"

static struct walk page(gva_t mva, unsigned size_log2)
{
	struct walk w = { .levels = 1 };

	w.leaf.kind = PT_LEAF;
	w.leaf.size_log2 = (uint8_t)size_log2;
	w.leaf.base = (mva.raw ^ 0x80000000u) >> size_log2 << size_log2;
	return w;
}

static struct tlb *make_main(void)
{
	struct tlb *t;
	struct diag d;

	assert_ok(tlb_create(&t, &(struct tlb_geom){ .entries = 64, .ways = 2 }, 0, "tlb", &d), &d);
	return t;
}

static struct utlb make(struct utlb_geom g)
{
	struct utlb u;
	struct diag d;

	assert_ok(utlb_init(&u, &g, 2, "utlb", &d), &d);
	return u;
}

/* As a core does: micro, main, walk; returns what answered: 'u', 'm', 'w'. */
static char use(struct utlb *u, struct tlb *t, uint32_t mva, unsigned size_log2)
{
	const struct tlb_entry *e = utlb_lookup(u, gva(mva));
	char who = 'u';

	if (!e) {
		struct walk w = page(gva(mva), size_log2);

		e = tlb_lookup(t, gva(mva));
		who = e ? 'm' : 'w';
		if (!e)
			e = tlb_fill(t, gva(mva), &w);
		utlb_fill(u, gva(mva), e);
	}
	assert_int_equal(walk_pa(&e->w, gva(mva)), mva ^ 0x80000000u);
	return who;
}

/* Two entries, fifo, small pages: 1 w, 2 w, 1 u, 3 w (1 goes), 1 m (2 goes), 3 u, 2 m; flush; 3 m */
static void by_hand(void **state)
{
	struct utlb u = make((struct utlb_geom){ .entries = 2, .policy = REPLACE_FIFO });
	static const char pages[] = "1213132", who[] = "wwuwmum";
	struct tlb *t = make_main();

	(void)state;
	for (unsigned i = 0; pages[i]; i++)
		assert_int_equal(use(&u, t, (uint32_t)(pages[i] - '0') << 12, 12), who[i]);
	assert_int_equal(utlb_flush(&u), 2);
	assert_int_equal(utlb_flush(&u), 0);
	assert_int_equal(use(&u, t, 0x3000, 12), 'm');
	assert_int_equal(u.n.lookups, 8);
	assert_int_equal(u.n.hits, 2);
	assert_int_equal(u.n.fills, 6);
	assert_int_equal(u.n.evictions, 3);
	assert_int_equal(u.n.flushes, 2);
	assert_int_equal(u.n.dropped, 2);
	assert_int_equal(tlb_counts(t)->lookups, 6);
	tlb_destroy(t);
	utlb_release(&u);
}

/* A section: one entry, or one a 4 KB piece. */
static void pieces(void **state)
{
	(void)state;
	for (unsigned granule = 0; granule <= 12; granule += 12) {
		struct utlb u = make((struct utlb_geom){ 4, REPLACE_LRU, (uint8_t)granule });
		struct tlb *t = make_main();

		assert_int_equal(use(&u, t, 0x12300000, 20), 'w');
		assert_int_equal(use(&u, t, 0x12300ffc, 20), 'u');
		assert_int_equal(use(&u, t, 0x12301000, 20), granule ? 'm' : 'u');
		assert_int_equal(use(&u, t, 0x00000400, 10), 'w');
		assert_int_equal(use(&u, t, 0x00000800, 10), 'w');      /* pieces only ever split */
		tlb_destroy(t);
		utlb_release(&u);
	}
}

/* A section comes over a small page that the micro-TLB holds: one answers, and it is the newer. */
static void no_two_answer(void **state)
{
	struct utlb u = make((struct utlb_geom){ 4, REPLACE_LRU, 0 });
	struct tlb *t = make_main();

	(void)state;
	use(&u, t, 0x12345000, 12);
	use(&u, t, 0x12300000, 20);
	assert_int_equal(u.resident, 1);
	assert_int_equal(utlb_lookup(&u, gva(0x12345000))->size_log2, 20);
	tlb_destroy(t);
	utlb_release(&u);
}

static void absent(void **state)
{
	struct utlb u = make((struct utlb_geom){ .entries = 0 });
	struct tlb *t = make_main();

	(void)state;
	assert_int_equal(use(&u, t, 0x1000, 12), 'w');
	assert_int_equal(use(&u, t, 0x1000, 12), 'm');
	assert_int_equal(utlb_flush(&u), 0);
	assert_int_equal(u.n.misses, 2);
	assert_int_equal(u.n.fills, 0);
	tlb_destroy(t);
	utlb_release(&u);
}

static void impossible_shapes(void **state)
{
	struct utlb u;
	struct diag d;

	(void)state;
	assert_err(ERR_CONFIG, utlb_init(&u, &(struct utlb_geom){ 10, REPLACES, 0 }, 0, "iutlb", &d),
		   &d, "iutlb.policy");
	assert_err(ERR_CONFIG, utlb_init(&u, &(struct utlb_geom){ 65, 0, 0 }, 0, "iutlb", &d), &d,
		   "65; at most 64");
	assert_err(ERR_CONFIG, utlb_init(&u, &(struct utlb_geom){ 10, REPLACE_PLRU, 0 }, 0, "u", &d),
		   &d, "plru");
	assert_err(ERR_CONFIG, utlb_init(&u, &(struct utlb_geom){ 8, 0, 9 }, 0, "u", &d), &d,
		   "u.granule: 2^9");
	assert_err(ERR_CONFIG, utlb_init(&u, &(struct utlb_geom){ 8, 0, 25 }, 0, "u", &d), &d,
		   "u.granule: 2^25");
}

/* The reference: the pages held, and when each was used and filled. */
struct naive { uint32_t page[16]; uint64_t used[16]; bool valid[16]; unsigned next; uint64_t clock; };

static bool naive_use(struct naive *n, unsigned entries, int policy, struct rng *rng, uint32_t page)
{
	unsigned go = 0, i;

	n->clock++;
	for (i = 0; i < entries; i++) {
		if (n->valid[i] && n->page[i] == page) {
			n->used[i] = n->clock;
			return true;
		}
	}
	for (i = 0; i < entries && n->valid[i];)
		i++;
	for (unsigned w = 1; w < entries; w++)
		go = n->used[w] < n->used[go] ? w : go;
	if (i == entries && policy == REPLACE_RANDOM)
		go = rng_below(rng, entries);
	if (i == entries && policy == REPLACE_FIFO)
		go = n->next++ % entries;
	i = i == entries ? go : i;
	n->valid[i] = true;
	n->page[i] = page;
	n->used[i] = n->clock;
	return false;
}

static unsigned answers_to(const struct utlb *u, uint32_t mva)
{
	unsigned answers = 0;

	for (unsigned s = 0; s < UTLB_MAX; s++)
		answers += u->slot[s].mask && (mva & u->slot[s].mask) == u->slot[s].page;
	return answers;
}

static void check_counts(const struct utlb *u)
{
	unsigned valid = 0;

	for (unsigned i = 0; i < UTLB_MAX; i++)
		valid += u->slot[i].held != 0;
	assert_int_equal(valid, u->resident);
	assert_int_equal(u->n.hits + u->n.misses, u->n.lookups);
	assert_int_equal(u->n.fills - u->n.evictions - u->n.dropped, u->resident);
}

static void agrees_with_the_naive_one(void **state)
{
	static const int policies[] = { REPLACE_LRU, REPLACE_FIFO, REPLACE_RANDOM };
	struct rng rng = rng_stream(3, "utlb");

	(void)state;
	for (unsigned p = 0; p < 3; p++) {
		for (unsigned entries = 1; entries <= 16; entries++) {
			struct utlb u = make((struct utlb_geom){ (uint16_t)entries,
								 (uint8_t)policies[p], 0 });
			struct rng draws = rng_stream(2, "utlb");
			struct naive n = { .next = 0 };
			struct tlb *t = make_main();

			for (unsigned i = 0; i < 2000; i++) {
				uint32_t at = rng_below(&rng, entries + 4);

				if (rng_below(&rng, 200) == 0) {
					utlb_flush(&u);
					memset(n.valid, 0, sizeof(n.valid));
				}
				assert_int_equal(use(&u, t, at << 12, 12) == 'u',
						 naive_use(&n, entries, policies[p], &draws, at));
				check_counts(&u);
			}
			tlb_destroy(t);
			utlb_release(&u);
		}
	}
}

/*
 * Every policy, mixed sizes, flushed at each operation on the main TLB: an answer of the micro-TLB
 * is one the main TLB gave since, whoever left the main TLB meanwhile; at most one slot answers; a
 * slot whose seq stands still answers.
 */
static void laws(void **state)
{
	static const uint8_t sizes[] = { 10, 12, 16, 20 };
	struct rng rng = rng_stream(4, "utlb");

	(void)state;
	for (int p = 0; p < REPLACES; p++) {
		struct utlb u = make((struct utlb_geom){ 8, (uint8_t)p, p % 2 ? 12 : 0 });
		struct tlb *t = make_main();
		uint32_t mva = 0, slot = 0, seq = 0;

		for (unsigned i = 0; i < 5000; i++) {
			uint32_t kind = rng_below(&rng, 4);
			uint32_t at = kind << 28 | rng_below(&rng, 8) << sizes[kind] |
				      rng_below(&rng, UINT32_C(1) << sizes[kind]);
				if (i && u.slot[slot].seq == seq)
				assert_int_equal(utlb_find(&u, gva(mva)), slot);
			use(&u, t, at, sizes[kind]);
			assert_int_equal(answers_to(&u, at), 1);
			mva = at;
			slot = (uint32_t)utlb_find(&u, gva(at));
			seq = u.slot[slot].seq;
			if (rng_below(&rng, 100) == 0) {
				tlb_inval_mva(t, gva(at));
				utlb_flush(&u);
			}
			check_counts(&u);
		}
		assert_true(u.n.hits > 100 && u.n.evictions > 100);
		tlb_destroy(t);
		utlb_release(&u);
	}
}

/* A global page, one of ASID 1 and one of VMID 1: who is seen where. */
static void contexts_by_hand(void **state)
{
	static const struct { uint8_t asid, vmid; const char *seen; } rows[] = {
		{ 0, 0, "g--" }, { 1, 0, "ga-" }, { 2, 0, "g--" }, { 1, 1, "--v" }, { 1, 0, "ga-" },
	};
	static const struct tlb_tag tags[] = { { 7, 0, false }, { 1, 0, true }, { 0, 1, false } };
	struct utlb u = make((struct utlb_geom){ 8, REPLACE_FIFO, 0 });

	(void)state;
	for (uint32_t p = 0; p < 3; p++) {
		struct tlb_entry e = { .w = page(gva(p << 12), 12), .vpage = p, .size_log2 = 12,
				       .valid = 1, .tag = tags[p] };

		utlb_fill(&u, gva(p << 12), &e);
	}
	for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		utlb_set_context(&u, rows[r].asid, rows[r].vmid);
		for (uint32_t p = 0; p < 3; p++)
			assert_int_equal(utlb_find(&u, gva(p << 12)) >= 0, rows[r].seen[p] != '-');
	}
	assert_int_equal(utlb_flush(&u), 3);
	utlb_release(&u);
}

/*
 * Kept over context switches, as on Cortex-A15, with pages of three address spaces and two machines
 * that may overlap: whatever it answers, the main TLB (large enough to lose nothing) answers too; the
 * answer has the tag of the context; a slot whose seq stands still answers.
 */
static void contexts(void **state)
{
	static const uint8_t sizes[] = { 12, 12, 16, 20 };
	struct rng rng = rng_stream(5, "utlb");
	struct utlb u = make((struct utlb_geom){ 16, REPLACE_LRU, 12 });
	struct tlb_geom g = { .entries = 1024, .ways = 1024 };
	uint32_t mva = 0, slot = 0, seq = 1, hits = 0;
	uint8_t asid = 0, vmid = 0;
	struct tlb *t;
	struct diag d;

	(void)state;
	assert_ok(tlb_create(&t, &g, 0, "tlb", &d), &d);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t at = rng_below(&rng, 24) << 12;
		const struct tlb_entry *e;

		if (rng_below(&rng, 10) == 0) {
			asid = (uint8_t)rng_below(&rng, 3);
			vmid = (uint8_t)rng_below(&rng, 2);
			tlb_set_context(t, asid, vmid);
			utlb_set_context(&u, asid, vmid);
		}
		if (u.slot[slot].seq == seq)
			assert_int_equal(utlb_find(&u, gva(mva)), slot);
		e = utlb_lookup(&u, gva(at));
		hits += e != NULL;
		if (!e) {
			struct walk w = page(gva(at), sizes[rng_below(&rng, 4)]);

			e = tlb_lookup(t, gva(at));
			if (!e)
				e = tlb_fill_tagged(t, gva(at), &w, (struct tlb_tag){ asid, vmid,
						    rng_below(&rng, 3) != 0 });
			utlb_fill(&u, gva(at), e);
			e = utlb_lookup(&u, gva(at));
		}
		assert_true(e->tag.vmid == vmid && (!e->tag.ng || e->tag.asid == asid));
		assert_int_equal(walk_pa(&e->w, gva(at)), at ^ 0x80000000u);
		assert_true(tlb_matches(t, gva(at), asid, vmid) >= 1);
		assert_int_equal(answers_to(&u, at), 1);
		mva = at;
		slot = (uint32_t)utlb_find(&u, gva(at));
		seq = u.slot[slot].seq;
		if (rng_below(&rng, 1000) == 0) {
			tlb_inval_all(t);
			utlb_flush(&u);
		}
		check_counts(&u);
	}
	assert_true(hits > 5000);
	tlb_destroy(t);
	utlb_release(&u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand),
		cmocka_unit_test(pieces),
		cmocka_unit_test(no_two_answer),
		cmocka_unit_test(absent),
		cmocka_unit_test(impossible_shapes),
		cmocka_unit_test(agrees_with_the_naive_one),
		cmocka_unit_test(laws),
		cmocka_unit_test(contexts_by_hand),
		cmocka_unit_test(contexts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
