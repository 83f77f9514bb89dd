/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P(mva): by hand, and against a brute-force model that keeps a full copy of tables and
 * registers at every moment. A moment begins with each change and with each invalidate.
 */
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "models/guest/guest.h"
#include "traces/record.h"

enum { ROOT_A = 0x4000, ROOT_B = 0x8000, TABLES = 0xc000, FRAMES = 11, MAX_MEMBERS = 4096 };

/* --- a guest whose events a test makes ------------------------------------------------- */

static void guest_start(struct guest *g)
{
	struct trace_header h = { .arch = "armv5" };
	struct diag d;

	assert_ok(guest_init(g, &h, &d), &d);
	g->ttbr0 = ROOT_A;
	g->sctlr = SCTLR_M;
	g->dacr = 0xffffffff;
	for (uint32_t i = 0; i < FRAMES; i++)
		assert_non_null(mem_add(g->tables, ROOT_A + 4096 * i));
}

static void word(struct guest *g, uint32_t pa, uint32_t value)
{
	struct guest_event e = { .kind = GEV_ACCESS, .write = 1, .ptw = 1, .pa = pa, .new = value };

	mem_read(g->tables, pa, &e.old);
	guest_apply(g, &e);
}

static void cp(struct guest *g, enum cp_op op, uint32_t value)
{
	struct guest_event e = { .kind = GEV_CP, .write = 1, .canon.op = (uint8_t)op, .new = value };
	uint32_t *reg = guest_reg(g, op);

	e.old = reg ? *reg : 0;
	guest_apply(g, &e);
}

struct members { struct walk w[MAX_MEMBERS]; unsigned n; };

static bool collect(void *ctx, const struct walk *w)
{
	struct members *m = ctx;

	assert_true(m->n < MAX_MEMBERS);
	m->w[m->n++] = *w;
	return false;
}

static struct members *all_of(const struct guest *g, uint32_t mva)
{
	static struct members m;

	m.n = 0;
	assert_false(oracle_each(g, gva(mva), collect, &m));
	return &m;
}

static uint32_t section(uint32_t base) { return pt_encode_v5_section(base, 3, 0, 0); }

static uint32_t small(uint32_t base, unsigned ap)
{
	uint8_t aps[4] = { (uint8_t)ap, (uint8_t)ap, (uint8_t)ap, (uint8_t)ap };

	return pt_encode_v5_small(base, aps, 0);
}

/* --- by hand -------------------------------------------------------------------------- */

/* Three values of one word: all permitted, youngest first; an invalidate leaves the last. */
static void versions_of_a_word(void **state)
{
	struct members *m;
	struct guest g;

	(void)state;
	guest_start(&g);
	cp(&g, CP_TLBI_ALL, 0);
	word(&g, ROOT_A, section(0x100000));
	word(&g, ROOT_A, section(0x200000));
	m = all_of(&g, 0x1234);
	assert_int_equal(m->n, 3);
	assert_int_equal(m->w[0].leaf.base, 0x200000);
	assert_int_equal(m->w[1].leaf.base, 0x100000);
	assert_int_equal(m->w[2].fs, FS_TRANS_SECTION);
	assert_true(oracle_maps(&g, gva(0x1234), 0x101234));
	assert_false(oracle_maps(&g, gva(0x1234), 0x301234));
	cp(&g, CP_TLBI_ALL, 0);
	assert_int_equal(all_of(&g, 0x1234)->n, 1);
	word(&g, ROOT_A, 0);            /* after the invalidate: permitted again beside the old */
	m = all_of(&g, 0x1234);
	assert_int_equal(m->n, 2);
	assert_int_equal(m->w[0].fs, FS_TRANS_SECTION);
	assert_int_equal(m->w[1].leaf.base, 0x200000);
	guest_free(&g);
}

/* L1 to table X, then X's word changes, then L1 goes to Y: (X, new word) existed, (Y, old) not. */
static void levels_are_of_one_moment(void **state)
{
	struct members *m;
	struct guest g;

	(void)state;
	guest_start(&g);
	word(&g, TABLES, small(0x11000, 3));
	word(&g, TABLES + 1024, small(0x22000, 3));
	word(&g, ROOT_A, pt_encode_v5_coarse(TABLES, 0));
	cp(&g, CP_TLBI_ALL, 0);
	word(&g, TABLES + 1024, small(0x33000, 3));     /* Y, not linked: nobody saw 0x22000 */
	word(&g, TABLES, small(0x44000, 3));
	word(&g, ROOT_A, pt_encode_v5_coarse(TABLES + 1024, 0));
	word(&g, TABLES, small(0x55000, 3));            /* X, no longer linked */
	m = all_of(&g, 0x10);
	assert_int_equal(m->n, 3);
	assert_int_equal(m->w[0].leaf.base, 0x33000);
	assert_int_equal(m->w[1].leaf.base, 0x44000);
	assert_int_equal(m->w[2].leaf.base, 0x11000);
	guest_free(&g);
}

/* Root B gets its word after the switch back to A: B's new word was never seen. */
static void roots_and_words_are_of_one_moment(void **state)
{
	struct guest g;

	(void)state;
	guest_start(&g);
	word(&g, ROOT_A, section(0x100000));
	word(&g, ROOT_B, section(0x200000));
	cp(&g, CP_TLBI_ALL, 0);
	cp(&g, CP_TTBR0, ROOT_B);
	cp(&g, CP_TTBR0, ROOT_A);
	word(&g, ROOT_B, section(0x300000));
	assert_true(oracle_maps(&g, gva(0), 0x100000));
	assert_true(oracle_maps(&g, gva(0), 0x200000));
	assert_false(oracle_maps(&g, gva(0), 0x300000));
	cp(&g, CP_TTBR0, ROOT_B);
	assert_true(oracle_maps(&g, gva(0), 0x300000));
	cp(&g, CP_TLBI_MVA, 0x12345);
	assert_false(oracle_maps(&g, gva(0), 0x100000));
	assert_false(oracle_maps(&g, gva(0), 0x200000));
	assert_true(oracle_maps(&g, gva(0), 0x300000));
	guest_free(&g);
}

/* One operand, pages of every size: only what covers it goes, and the page as it was walked
 * decides, not as it is now. */
static void by_mva_prunes_what_covers(void **state)
{
	static const uint8_t ap[4] = { 3, 3, 3, 3 };
	static const struct { unsigned size_log2; uint32_t operand, inside, outside; } rows[] = {
		{ 10, 0x00000800, 0x00000bff, 0x00000c00 },
		{ 12, 0x00001c00, 0x00001000, 0x00002000 },
		{ 16, 0x0001fc00, 0x00010000, 0x00020000 },
		{ 20, 0x000ffc00, 0x00000000, 0x00100000 },
	};
	struct guest g;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		guest_start(&g);
		for (uint32_t mb = 0; mb < 2; mb++) {
			uint32_t table = TABLES + 4096 * mb;

			word(&g, ROOT_A + 4 * mb, rows[i].size_log2 == 20 ? section(mb << 20) :
			     pt_encode_v5_fine(table, 0));
			for (uint32_t n = 0; n < 1024; n++)
				word(&g, table + 4 * n, rows[i].size_log2 == 16 ?
				     pt_encode_v5_large((n << 10) & 0xf0000, ap, 0) :
				     rows[i].size_log2 == 12 ? small((n << 10) & ~0xfffu, 3) :
				     pt_encode_v5_tiny(n << 10, 3, 0));
		}
		cp(&g, CP_TLBI_ALL, 0);
		for (uint32_t mb = 0; mb < 2; mb++)
			word(&g, ROOT_A + 4 * mb, 0);
		cp(&g, CP_TLBI_MVA, rows[i].operand);
		assert_true(oracle_maps(&g, gva(rows[i].outside), rows[i].outside));
		assert_false(oracle_maps(&g, gva(rows[i].inside), rows[i].inside));
		assert_false(oracle_maps(&g, gva(rows[i].operand), rows[i].operand));
		guest_free(&g);
	}
}

static void what_changes_after_an_invalidate_stays(void **state)
{
	struct guest g;

	(void)state;
	guest_start(&g);
	word(&g, ROOT_A, section(0x100000));
	cp(&g, CP_TLBI_ALL, 0);
	cp(&g, CP_TLBI_MVA, 0x1000);    /* 0x100000 is current at and after it */
	word(&g, ROOT_A, section(0x200000));
	assert_true(oracle_maps(&g, gva(0x1000), 0x101000));
	cp(&g, CP_TLBI_MVA, 0x1000);
	assert_false(oracle_maps(&g, gva(0x1000), 0x101000));
	assert_true(oracle_maps(&g, gva(0x1000), 0x201000));
	guest_free(&g);
}

/* While the MMU is off only the identity counts; what was walked before may come back with it. */
static void mmu_off(void **state)
{
	struct guest g;

	(void)state;
	guest_start(&g);
	word(&g, ROOT_A, section(0x100000));
	cp(&g, CP_SCTLR, 0);
	word(&g, ROOT_A, section(0x200000));    /* seen by nobody: replaced before M */
	assert_int_equal(all_of(&g, 0x42)->n, 1);
	assert_true(oracle_maps(&g, gva(0x42), 0x42));
	assert_false(oracle_maps(&g, gva(0x42), 0x100042));
	word(&g, ROOT_A, section(0x300000));
	cp(&g, CP_SCTLR, SCTLR_M);
	assert_true(oracle_maps(&g, gva(0x42), 0x300042));
	assert_true(oracle_maps(&g, gva(0x42), 0x100042));
	assert_false(oracle_maps(&g, gva(0x42), 0x200042));
	assert_false(oracle_maps(&g, gva(0x42), 0x42));
	guest_free(&g);
}

/* Questions about an access: DACR, S, R and mode of now, over all members. */
static void rights_are_those_of_now(void **state)
{
	struct guest g;
	struct walk w;

	(void)state;
	guest_start(&g);
	cp(&g, CP_DACR, 1);
	word(&g, ROOT_A, pt_encode_v5_coarse(TABLES, 0));
	word(&g, TABLES, small(0x11000, 2));
	cp(&g, CP_TLBI_ALL, 0);
	word(&g, TABLES, small(0x22000, 1));
	assert_true(oracle_allowing(&g, gva(0), true, ACCESS_READ, &w));
	assert_int_equal(w.leaf.base, 0x11000);
	assert_true(oracle_allowing(&g, gva(0), false, ACCESS_WRITE, &w));
	assert_int_equal(w.leaf.base, 0x22000);
	assert_false(oracle_allowing(&g, gva(0), true, ACCESS_WRITE, &w));
	assert_true(oracle_permits(&g, gva(0), false, 1u << ACCESS_WRITE, 0x11000, -1));
	assert_false(oracle_permits(&g, gva(0), true, 1u << ACCESS_READ, 0x22000, -1));
	assert_true(oracle_permits(&g, gva(0), false, 1u << ACCESS_WRITE, 0x11000, 0));
	assert_false(oracle_permits(&g, gva(0), false, 1u << ACCESS_WRITE, 0x11000, 2));
	assert_true(oracle_some_status(&g, gva(0), true, ACCESS_READ, FS_PERM_PAGE));
	assert_false(oracle_some_status(&g, gva(0), true, ACCESS_READ, FS_TRANS_PAGE));
	cp(&g, CP_DACR, 0);
	assert_false(oracle_allowing(&g, gva(0), false, ACCESS_READ, &w));
	cp(&g, CP_DACR, 3);
	assert_true(oracle_permits(&g, gva(0), true, 1u << ACCESS_WRITE, 0x22000, -1));
	guest_free(&g);
}

/* --- brute force ---------------------------------------------------------------------- */

enum { L1_WORDS = 3, L2_TABLES = 3, L2_WORDS = 6, WORDS = 2 * L1_WORDS + L2_TABLES * L2_WORDS,
       MAX_MOMENTS = 600 };

/* Words that may be non-zero. L2 words serve indices 0, 1, 16, 17, 64, 255 of each table. */
static const unsigned l2_index[L2_WORDS] = { 0, 1, 16, 17, 64, 255 };

static uint32_t word_address(unsigned i)
{
	if (i < 2 * L1_WORDS)
		return (i < L1_WORDS ? ROOT_A : ROOT_B) + 4 * (i % L1_WORDS);
	i -= 2 * L1_WORDS;
	return TABLES + 4096 * (i / L2_WORDS) + 4 * l2_index[i % L2_WORDS];
}

struct moment {
	uint32_t word[WORDS], ttbr, sctlr;
	bool inval;                     /* begins with an invalidate of operand */
	uint32_t operand;
};

struct brute { struct moment at[MAX_MOMENTS]; unsigned n; };

static bool moment_read(void *ctx, uint32_t addr, uint32_t *value)
{
	const struct moment *m = ctx;

	*value = 0;
	for (unsigned i = 0; i < WORDS; i++)
		if (word_address(i) == addr)
			*value = m->word[i];
	return true;
}

static bool covered(const struct walk *w, uint32_t mva, uint32_t operand)
{
	unsigned size = w->fs ? GRANULE_LOG2 : w->leaf.size_log2;

	return mva >> size == operand >> size;
}

static bool same_walk(const struct walk *a, const struct walk *b)
{
	return a->fs == b->fs && a->l1_addr == b->l1_addr && a->l1 == b->l1 &&
	       a->l2_addr == b->l2_addr && a->l2 == b->l2 && a->levels == b->levels;
}

static void add_member(struct members *m, const struct walk *w)
{
	if (!m->n || !same_walk(&m->w[m->n - 1], w))
		m->w[m->n++] = *w;
}

/* Youngest first, equal neighbours once. */
static void brute_members(const struct brute *b, uint32_t mva, struct members *out)
{
	const struct moment *now = &b->at[b->n - 1];

	out->n = 0;
	for (unsigned i = b->n; i-- > 0;) {
		struct walk_regs r = { .ttbr0 = b->at[i].ttbr, .sctlr = b->at[i].sctlr };
		bool pruned = false;
		struct walk w;

		if (!(now->sctlr & SCTLR_M) ? i + 1 != b->n : !(b->at[i].sctlr & SCTLR_M))
			continue;
		walk_v5(&r, gva(mva), moment_read, (void *)&b->at[i], &w);
		for (unsigned j = i + 1; j < b->n; j++)
			pruned |= b->at[j].inval && covered(&w, mva, b->at[j].operand);
		if (!pruned)
			add_member(out, &w);
	}
}

static uint32_t random_word(struct rng *r, unsigned i)
{
	static const uint8_t ap[4] = { 0, 1, 2, 3 };
	uint32_t base = rng_below(r, 4) << 20;

	if (!rng_below(r, 4))
		return 0;
	if (i < 2 * L1_WORDS)
		switch (rng_below(r, 3)) {
		case 0: return section(base);
		case 1: return pt_encode_v5_coarse(TABLES + 4096 * rng_below(r, L2_TABLES), 1);
		default: return pt_encode_v5_fine(TABLES + 4096 * rng_below(r, L2_TABLES), 2);
		}
	switch (rng_below(r, 3)) {
	case 0: return pt_encode_v5_large(base, ap, 0);
	case 1: return small(base, rng_below(r, 4));
	default: return pt_encode_v5_tiny(base, rng_below(r, 4), 0);
	}
}

static uint32_t random_mva(struct rng *r)
{
	uint32_t mva = rng_below(r, L1_WORDS) << 20 | l2_index[rng_below(r, L2_WORDS)] << 12;

	return rng_below(r, 2) ? mva : (mva & 0xfff00000) |
		(uint32_t)l2_index[rng_below(r, L2_WORDS)] << 10;
}

static void one_change(struct guest *g, struct brute *b, struct rng *r)
{
	struct moment *m = &b->at[b->n];
	unsigned pick = rng_below(r, 40), i = rng_below(r, WORDS);

	*m = b->at[b->n - 1];
	m->inval = false;
	b->n++;
	if (pick == 0) {
		cp(g, CP_TLBI_ALL, 0);
		b->at[0] = *m;
		b->n = 1;
	} else if (pick < 8) {
		m->inval = true;
		m->operand = random_mva(r) | rng_below(r, 1024);
		cp(g, CP_TLBI_MVA, m->operand);
	} else if (pick < 12) {
		m->ttbr = rng_below(r, 2) ? ROOT_A : ROOT_B;
		cp(g, CP_TTBR0, m->ttbr);
	} else if (pick < 14) {
		m->sctlr = rng_below(r, 2) ? SCTLR_M | SCTLR_S : rng_below(r, 3) ? SCTLR_M : 0;
		cp(g, CP_SCTLR, m->sctlr);
	} else {
		m->word[i] = random_word(r, i);
		word(g, word_address(i), m->word[i]);
	}
}

static void against_brute_force(void **state)
{
	static struct members want, got;
	static struct brute b;
	uint64_t members = 0, most = 0, pruned_some = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct rng r = rng_stream(seed, "oracle");
		struct guest g;

		guest_start(&g);
		memset(&b, 0, sizeof(b));
		b.n = 1;
		b.at[0].ttbr = ROOT_A;
		b.at[0].sctlr = SCTLR_M;
		for (unsigned step = 0; step < 400; step++) {
			uint32_t mva = random_mva(&r) | rng_below(&r, 1024);
			const struct members *m;

			one_change(&g, &b, &r);
			m = all_of(&g, mva);
			got.n = 0;
			for (unsigned i = 0; i < m->n; i++)
				add_member(&got, &m->w[i]);
			brute_members(&b, mva, &want);
			assert_int_equal(got.n, want.n);
			for (unsigned i = 0; i < got.n; i++)
				assert_true(same_walk(&got.w[i], &want.w[i]));
			members += got.n;
			most = got.n > most ? got.n : most;
			pruned_some += b.at[b.n - 1].inval;
		}
		guest_free(&g);
	}
	/* the sequences were worth it: sets of several members, many invalidates by MVA */
	assert_true(members > 30000 && most > 10 && pruned_some > 1000);
}

/* The same history told backwards, as a cut does (ages), gives the same P. */
static void history_of_a_cut(void **state)
{
	struct history h;

	(void)state;
	history_init(&h, false);
	history_word_at(&h, 0x4000, 7, 5);
	history_inval_at(&h, gva(0x1000), HIST_EVERY, 4);
	history_word_at(&h, 0x4000, 8, 2);
	history_regs_at(&h, (struct walk_regs){ .ttbr0 = 1, .sctlr = 2 }, 0, 1);
	history_regs_at(&h, (struct walk_regs){ .ttbr0 = 3, .sctlr = 4 }, 0, 1);
	assert_int_equal(h.nregs, 1);
	assert_int_equal(h.regs[0].regs.ttbr0, 3);
	assert_int_equal(history_last(&h, 0x4000)->value, 8);
	assert_int_equal(history_prev(&h, history_last(&h, 0x4000))->value, 7);
	assert_true(history_prev(&h, history_last(&h, 0x4000))->until <
		    history_inval_time(&h, gva(0x1fff), 12));
	assert_true(history_inval_time(&h, gva(0x1fff), 12) < history_last(&h, 0x4000)->until);
	assert_int_equal(history_inval_time(&h, gva(0x1fff), 10), 0);
	history_word(&h, 0x4000, 9);    /* what happens next is younger than all of that */
	assert_true(history_last(&h, 0x4000)->until > h.regs[0].until);
	assert_false(h.failed);
	history_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_of_a_word),
		cmocka_unit_test(levels_are_of_one_moment),
		cmocka_unit_test(roots_and_words_are_of_one_moment),
		cmocka_unit_test(by_mva_prunes_what_covers),
		cmocka_unit_test(what_changes_after_an_invalidate_stays),
		cmocka_unit_test(mmu_off),
		cmocka_unit_test(rights_are_those_of_now),
		cmocka_unit_test(against_brute_force),
		cmocka_unit_test(history_of_a_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
