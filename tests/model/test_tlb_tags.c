/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * models/tlb: ASIDs, VMIDs, lockdown by base and by pointer, supersections; by hand. Whether the
 * whole does what a naive TLB does is test_tlb_reference.c.
 */
#include "tests/support.h"

#include "models/tlb/tlb.h"

static struct tlb *make(struct tlb_geom g, int policy)
{
	struct tlb *t;
	struct diag d;

	g.policy = (uint8_t)policy;
	assert_ok(tlb_create(&t, &g, 0, "tlb", &d), &d);
	return t;
}

static struct walk page(uint32_t mva, unsigned size_log2)
{
	struct walk w = { .levels = size_log2 >= 20 ? 1 : 2 };

	w.leaf.kind = PT_LEAF;
	w.leaf.size_log2 = (uint8_t)size_log2;
	w.leaf.base = (mva ^ 0x80000000u) >> size_log2 << size_log2;
	return w;
}

/* A small page of the given tag. */
static const struct tlb_entry *put(struct tlb *t, uint32_t mva, struct tlb_tag tag)
{
	struct walk w = page(mva, 12);

	return tlb_fill_tagged(t, gva(mva), &w, tag);
}

static const struct tlb_tag global = { 0, 0, false };
#define NG(a) ((struct tlb_tag){ (a), 0, true })
#define VM(a, v, n) ((struct tlb_tag){ (a), (v), (n) })

static bool sees(struct tlb *t, uint32_t mva, uint8_t asid, uint8_t vmid)
{
	tlb_set_context(t, asid, vmid);
	return tlb_peek(t, gva(mva)) != NULL;
}

/* One page of two address spaces and a page of all: who sees what, and what each operation takes.
 * Rows: operation, then the survivors among { page P of ASID 1, P of ASID 2, global page Q }. */
static void invalidations(void **state)
{
	enum { P = 0x1000, Q = 0x70000000 };
	static const struct { char op; uint32_t mva; uint8_t asid; unsigned n; const char *left; }
	rows[] = {
		{ 'm', P, 0, 2, "--q" },        /* by address, any ASID */
		{ 'm', Q, 0, 1, "12-" },
		{ 'b', P, 1, 1, "-2q" },        /* by address and ASID */
		{ 'b', P, 3, 0, "12q" },
		{ 'b', Q, 3, 1, "12-" },        /* a global entry, whatever the operand's ASID */
		{ 'a', 0, 2, 1, "1-q" },        /* by ASID: never global ones */
		{ 'a', 0, 3, 0, "12q" },
		{ 'x', 0, 0, 3, "---" },        /* all */
		{ 'v', 0, 0, 3, "---" },        /* all of VMID 0 */
		{ 'v', 0, 1, 0, "12q" },
	};

	(void)state;
	for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		struct tlb *t = make((struct tlb_geom){ .entries = 16, .ways = 4 }, REPLACE_FIFO);
		unsigned n = 0;

		tlb_set_context(t, 1, 0);
		put(t, P, NG(1));
		tlb_set_context(t, 2, 0);
		assert_null(tlb_lookup(t, gva(P)));
		put(t, P, NG(2));
		put(t, Q, global);
		assert_int_equal(tlb_resident(t), 3);
		switch (rows[r].op) {
		case 'm': n = tlb_inval_mva(t, gva(rows[r].mva)); break;
		case 'b': n = tlb_inval_mva_asid(t, gva(rows[r].mva), rows[r].asid); break;
		case 'a': n = tlb_inval_asid(t, rows[r].asid); break;
		case 'x': n = tlb_inval_all(t); break;
		default: n = tlb_inval_vmid(t, rows[r].asid); break;
		}
		assert_int_equal(n, rows[r].n);
		assert_int_equal(sees(t, P, 1, 0), rows[r].left[0] == '1');
		assert_int_equal(sees(t, P, 2, 0), rows[r].left[1] == '2');
		assert_int_equal(sees(t, Q, 1, 0), rows[r].left[2] == 'q');
		assert_int_equal(sees(t, Q, 9, 0), rows[r].left[2] == 'q');
		assert_false(sees(t, Q, 1, 1));
		assert_int_equal(tlb_counts(t)->dropped, n);
		tlb_destroy(t);
	}
}

/* Global means all ASIDs of one VMID; operations by address and ASID stay in the current VMID. */
static void vmids(void **state)
{
	struct tlb *t = make((struct tlb_geom){ .entries = 16, .ways = 16 }, REPLACE_LRU);

	(void)state;
	tlb_set_context(t, 0, 1);
	put(t, 0x1000, VM(0, 1, false));
	put(t, 0x2000, VM(5, 1, true));
	tlb_set_context(t, 0, 2);
	put(t, 0x1000, VM(0, 2, false));
	put(t, 0x2000, VM(5, 2, true));
	assert_true(sees(t, 0x1000, 7, 1) && sees(t, 0x2000, 5, 1) && !sees(t, 0x2000, 7, 1));
	tlb_set_context(t, 0, 2);
	assert_int_equal(tlb_inval_asid(t, 5), 1);
	assert_int_equal(tlb_inval_mva(t, gva(0x1000)), 1);
	assert_int_equal(tlb_inval_mva_asid(t, gva(0x2000), 5), 0);
	assert_int_equal(tlb_resident(t), 2);
	assert_int_equal(tlb_inval_vmid(t, 1), 2);
	assert_int_equal(tlb_counts(t)->inval_mva, 2);
	assert_int_equal(tlb_counts(t)->inval_asid + tlb_counts(t)->inval_vmid, 2);
	tlb_destroy(t);
}

/* A lookup just before a change of context leaves nothing behind for the one after it. */
static void context_switch_is_seen(void **state)
{
	struct tlb *t = make((struct tlb_geom){ .entries = 8, .ways = 2 }, REPLACE_FIFO);

	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		tlb_set_context(t, 1, 0);
		assert_int_equal(tlb_lookup(t, gva(0x1000)) != NULL, round > 0);
		put(t, 0x1000, NG(1));
		assert_non_null(tlb_lookup(t, gva(0x1000)));
		tlb_set_context(t, 2, 0);
		assert_null(tlb_lookup(t, gva(0x1000)));
		tlb_set_context(t, 1, 3);
		assert_null(tlb_lookup(t, gva(0x1000)));
	}
	tlb_destroy(t);
}

/* A global page filled in one address space over another's own: both match there. */
static void matches_are_counted(void **state)
{
	struct tlb *t = make((struct tlb_geom){ .entries = 8, .ways = 4, .locked = 1 },
			     REPLACE_FIFO);
	struct walk section = page(0x00100000, 20);

	(void)state;
	tlb_set_context(t, 1, 0);
	put(t, 0x00101000, NG(1));
	tlb_set_context(t, 2, 0);
	put(t, 0x00101000, global);
	assert_int_equal(tlb_matches(t, gva(0x00101ffc), 2, 0), 1);
	assert_int_equal(tlb_matches(t, gva(0x00101ffc), 1, 0), 2);
	assert_int_equal(tlb_matches(t, gva(0x00101ffc), 1, 1), 0);
	tlb_fill_locked(t, 0, gva(0x00105000), &section);
	assert_int_equal(tlb_matches(t, gva(0x00101000), 1, 0), 3);
	assert_int_equal(tlb_matches(t, gva(0x00102000), 1, 0), 1);
	assert_int_equal(tlb_counts(t)->lookups, 0);
	tlb_set_context(t, 1, 0);
	assert_int_equal(tlb_inval_mva_asid(t, gva(0x00101000), 1), 3);
	tlb_destroy(t);
}

/* A locked entry of an address space: "all" spares it, by ASID and by address do not. */
static void locked_entries_have_tags(void **state)
{
	struct tlb *t = make((struct tlb_geom){ .entries = 8, .ways = 2, .locked = 2 },
			     REPLACE_FIFO);
	struct walk w = page(0x1000, 12);

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		tlb_fill_locked_tagged(t, 0, gva(0x1000), &w, NG(4));
		assert_int_equal(tlb_inval_all(t) + tlb_inval_vmid(t, 0), 0);
		assert_true(sees(t, 0x1000, 4, 0) && !sees(t, 0x1000, 5, 0));
		assert_int_equal(i ? tlb_inval_asid(t, 4) : tlb_inval_mva_asid(t, gva(0x1000), 4), 1);
	}
	tlb_destroy(t);
}

static void supersections(void **state)
{
	struct tlb *t = make((struct tlb_geom){ .entries = 64, .ways = 8 }, REPLACE_FIFO);
	struct walk w = page(0x12345678, 24);
	static const uint8_t sizes[] = { 10, 12, 16, 20, 24 };

	(void)state;
	tlb_fill(t, gva(0x12345678), &w);
	assert_int_equal(tlb_resident(t), 1);
	assert_int_equal(walk_pa(&tlb_lookup(t, gva(0x12ffffff))->w, gva(0x12ffffff)), 0x92ffffff);
	assert_non_null(tlb_lookup(t, gva(0x12000000)));
	assert_null(tlb_lookup(t, gva(0x13000000)));
	assert_int_equal(tlb_inval_mva(t, gva(0x12abcdef)), 1);
	/* all five sizes side by side; the largest that covers an address answers */
	for (unsigned i = 0; i < 5; i++) {
		w = page(0x40000000u + (i << 26), sizes[i]);
		tlb_fill(t, gva(0x40000000u + (i << 26)), &w);
	}
	for (unsigned i = 0; i < 5; i++) {
		uint32_t last = 0x40000000u + (i << 26) + (UINT32_C(1) << sizes[i]) - 1;

		assert_int_equal(tlb_peek(t, gva(last))->size_log2, sizes[i]);
		assert_null(tlb_peek(t, gva(last + 1)));
	}
	tlb_destroy(t);
}

struct look { uint32_t vpage[64]; unsigned n; };

static void see(void *ctx, const struct tlb_entry *e)
{
	struct look *l = ctx;

	l->vpage[l->n++] = e->vpage;
}

/* Pages in the order of their entries. */
static struct look entries_of(const struct tlb *t)
{
	struct look l = { .n = 0 };

	tlb_each(t, see, &l);
	return l;
}

/*
 * ARM920T with four entries. Base 0, victim 0, P = 1: page A to entry 0, preserved. Base 1, victim
 * 1, P = 0: pages B C D to 1 2 3, E to 1 (wraps to base), F to 2: A stays. "All" spares A. G goes
 * to 3, where the counter stands. A leaves by address; base is still 1, so H goes to 1, not 0.
 */
static void base_by_hand(void **state)
{
	struct tlb *t = make((struct tlb_geom){ .entries = 4, .ways = 4, .lock = TLB_LOCK_BASE },
			     REPLACE_FIFO);

	(void)state;
	tlb_set_base(t, 0, 0, true);
	assert_true(put(t, 0xa000, global)->kept);
	assert_int_equal(tlb_victim(t), 1);
	tlb_set_base(t, 1, 1, false);
	for (uint32_t p = 0xb; p <= 0xf; p++)
		assert_false(put(t, p << 12, global)->kept);
	assert_memory_equal(entries_of(t).vpage, ((uint32_t[]){ 0xa, 0xe, 0xf, 0xd }), 16);
	assert_int_equal(tlb_victim(t), 3);
	assert_int_equal(tlb_inval_all(t), 3);
	assert_non_null(tlb_peek(t, gva(0xa000)));
	put(t, 0x1000, global);
	assert_int_equal(tlb_victim(t), 1);
	assert_int_equal(tlb_inval_mva(t, gva(0xa000)), 1);
	put(t, 0x2000, global);
	assert_memory_equal(entries_of(t).vpage, ((uint32_t[]){ 2, 1 }), 8);
	put(t, 0x3000, global);
	assert_memory_equal(entries_of(t).vpage, ((uint32_t[]){ 2, 3, 1 }), 12);
	tlb_destroy(t);
}

/* Victim below base locks the entry it names: base 4, victim 3. Unlocking makes all ordinary. */
static void base_with_victim_below(void **state)
{
	struct tlb *t = make((struct tlb_geom){ .entries = 8, .ways = 8, .lock = TLB_LOCK_BASE },
			     REPLACE_RANDOM);

	(void)state;
	tlb_set_base(t, 4, 3, true);
	put(t, 0x9000, global);
	tlb_set_base(t, 4, 4, false);
	for (uint32_t p = 16; p < 200; p++)
		put(t, p << 12, global);
	assert_int_equal(tlb_resident(t), 5);
	assert_non_null(tlb_peek(t, gva(0x9000)));
	assert_int_equal(tlb_inval_all(t), 4);
	tlb_unlock(t);
	assert_int_equal(tlb_inval_all(t), 1);
	for (uint32_t p = 16; p < 500; p++)
		put(t, p << 12, global);
	assert_int_equal(tlb_resident(t), 8);
	tlb_destroy(t);
}

/*
 * XScale with four entries. The counter starts at 3: page 1 to entry 3, then 2 3 to 0 1. Lock A:
 * entry 0 (2 goes), counter back to 3: page 4 to 3 (1 goes), page 5 to 1 (3 goes).
 * Locks B, C take 1 (5 goes) and 2 (free). A fourth gets 3 (4 goes), unlocked: page 6 takes it.
 */
static void pointer_by_hand(void **state)
{
	struct tlb *t = make((struct tlb_geom){ .entries = 4, .ways = 4, .lock = TLB_LOCK_POINTER },
			     REPLACE_FIFO);
	struct walk w = page(0xa000, 12);

	(void)state;
	assert_int_equal(tlb_victim(t), 3);
	for (uint32_t p = 1; p <= 3; p++)
		put(t, p << 12, global);
	assert_memory_equal(entries_of(t).vpage, ((uint32_t[]){ 2, 3, 1 }), 12);
	assert_true(tlb_fill_lock(t, gva(0xa000), &w, global)->kept);
	put(t, 0x4000, global);
	put(t, 0x5000, global);
	assert_memory_equal(entries_of(t).vpage, ((uint32_t[]){ 0xa, 5, 4 }), 12);
	for (uint32_t p = 0xb; p <= 0xc; p++) {
		w = page(p << 12, 12);
		assert_true(tlb_fill_lock(t, gva(p << 12), &w, global)->kept);
	}
	w = page(0xd000, 12);
	assert_false(tlb_fill_lock(t, gva(0xd000), &w, global)->kept);
	assert_memory_equal(entries_of(t).vpage, ((uint32_t[]){ 0xa, 0xb, 0xc, 0xd }), 16);
	put(t, 0x6000, global);
	assert_memory_equal(entries_of(t).vpage, ((uint32_t[]){ 0xa, 0xb, 0xc, 6 }), 16);
	assert_int_equal(tlb_inval_all(t), 1);
	assert_int_equal(tlb_inval_mva(t, gva(0xb000)), 1);
	tlb_unlock(t);
	assert_int_equal(tlb_inval_all(t), 2);
	assert_int_equal(tlb_counts(t)->fills, 10);
	assert_int_equal(tlb_counts(t)->evictions, 6);
	tlb_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invalidations),
		cmocka_unit_test(vmids),
		cmocka_unit_test(context_switch_is_seen),
		cmocka_unit_test(matches_are_counted),
		cmocka_unit_test(locked_entries_have_tags),
		cmocka_unit_test(supersections),
		cmocka_unit_test(base_by_hand),
		cmocka_unit_test(base_with_victim_below),
		cmocka_unit_test(pointer_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
