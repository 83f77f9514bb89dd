/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P of ARMv6 guests: ASIDs, global and other entries, two table bases, scopes of invalidates; by
 * hand, and against a list of all moments with everything that was current in them.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/guest/guest.h"

enum {
	ROOT_A = 0x4000, ROOT_B = 0x8000, ROOT_C = 0xc000, TABLES = 0x10000, FRAMES = 16,
	MAX_MEMBERS = 4096, V6 = SCTLR_M | SCTLR_XP, NG = PT_NG, GLOBAL = 0,
};

/* --- a guest whose events a test makes ------------------------------------------------- */

static void guest_start(struct guest *g)
{
	struct trace_header h = { .arch = "armv6", .core = "arm1136" };
	struct diag d;

	assert_ok(guest_init(g, &h, &d), &d);
	g->ttbr0 = g->ttbr1 = ROOT_A;
	g->sctlr = V6;
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

	if (op == CP_TLBI_MVA)
		e.canon.operand = OPERAND_MVA_ASID;
	e.old = reg ? *reg : 0;
	guest_apply(g, &e);
}

static uint32_t leaf(unsigned size_log2, uint32_t base, unsigned attr)
{
	struct pt_desc d = { .kind = PT_LEAF, .base = base, .size_log2 = (uint8_t)size_log2,
			     .ap = { 3, 3, 3, 3 }, .attr = (uint8_t)attr };

	return pt_encode_v6(&d);
}

static uint32_t coarse(uint32_t table)
{
	return pt_encode_v6(&(struct pt_desc){ .kind = PT_COARSE, .base = table });
}

struct members { struct walk w[MAX_MEMBERS]; unsigned n; };

static bool collect(void *ctx, const struct walk *w)
{
	struct members *m = ctx;

	assert_true(m->n < MAX_MEMBERS);
	m->w[m->n++] = *w;
	return false;
}

static const struct members *all_of(const struct guest *g, uint32_t mva)
{
	static struct members m;

	m.n = 0;
	assert_false(oracle_each(g, gva(mva), collect, &m));
	return &m;
}

static bool maps(const struct guest *g, uint32_t pa)
{
	return oracle_maps(g, gva(0x1000), pa + 0x1000);
}

/* --- by hand -------------------------------------------------------------------------- */

enum { P1 = 0x100000, P2 = 0x200000, P3 = 0x300000 };

/* Both roots map the first megabyte: A to P1, B to P2. */
static void two_processes(struct guest *g, unsigned attr_a, unsigned attr_b)
{
	guest_start(g);
	word(g, ROOT_A, leaf(20, P1, attr_a));
	word(g, ROOT_B, leaf(20, P2, attr_b));
	cp(g, CP_ASID, 1);
	cp(g, CP_TLBI_ALL, 0);
}

/* As Linux does it: by way of an ASID that no process has. */
static void switch_to(struct guest *g, uint32_t root, uint32_t asid)
{
	cp(g, CP_ASID, 0);
	cp(g, CP_TTBR0, root);
	cp(g, CP_ASID, asid);
}

static void what_another_asid_walked_is_not_used(void **state)
{
	struct guest g;

	(void)state;
	two_processes(&g, NG, NG);
	switch_to(&g, ROOT_B, 2);
	assert_false(maps(&g, P1));
	assert_true(maps(&g, P2));
	assert_int_equal(all_of(&g, 0x1000)->n, 1);
	switch_to(&g, ROOT_A, 1);
	assert_true(maps(&g, P1));
	assert_false(maps(&g, P2));
	/* the entry is still there when its ASID comes back, whatever the tables say then */
	word(&g, ROOT_A, leaf(20, P3, NG));
	switch_to(&g, ROOT_B, 2);
	switch_to(&g, ROOT_A, 1);
	assert_true(maps(&g, P1));
	assert_true(maps(&g, P3));
	guest_free(&g);
}

static void what_is_global_serves_every_asid(void **state)
{
	struct guest g;

	(void)state;
	two_processes(&g, GLOBAL, NG);
	switch_to(&g, ROOT_B, 2);
	assert_true(maps(&g, P1));
	assert_true(maps(&g, P2));
	cp(&g, CP_TLBI_ASID, 1);
	cp(&g, CP_TLBI_ASID, 2);        /* never what is global */
	assert_true(maps(&g, P1));
	cp(&g, CP_TLBI_MVA, 0x2000 | 77);       /* whatever the ASID of the operand */
	assert_false(maps(&g, P1));
	assert_true(maps(&g, P2));
	guest_free(&g);
}

/* Between the two writes of a switch a walk may happen under the old table and the new ASID. */
static void every_pair_that_existed_counts(void **state)
{
	struct guest g;

	(void)state;
	two_processes(&g, NG, NG);
	cp(&g, CP_ASID, 2);
	cp(&g, CP_TTBR0, ROOT_B);
	assert_true(maps(&g, P1));
	assert_true(maps(&g, P2));
	cp(&g, CP_ASID, 1);
	assert_true(maps(&g, P1));
	assert_true(maps(&g, P2));
	cp(&g, CP_TLBI_ASID, 1);        /* pair (B, 1) is current: its walk stays */
	assert_false(maps(&g, P1));
	assert_true(maps(&g, P2));
	guest_free(&g);
}

static void by_asid_prunes_its_own(void **state)
{
	struct guest g;

	(void)state;
	two_processes(&g, NG, NG);
	word(&g, ROOT_A, leaf(20, P3, NG));
	cp(&g, CP_TLBI_ASID, 2);
	assert_true(maps(&g, P1));
	cp(&g, CP_TLBI_ASID, 1);
	assert_false(maps(&g, P1));
	assert_true(maps(&g, P3));
	word(&g, ROOT_A, leaf(20, P2, NG));     /* after it: P3 was current then */
	assert_true(maps(&g, P3));
	guest_free(&g);
}

static void by_mva_prunes_by_asid(void **state)
{
	struct guest g;

	(void)state;
	two_processes(&g, NG, NG);
	word(&g, ROOT_A, leaf(20, P3, NG));
	cp(&g, CP_TLBI_MVA, 0x3000 | 2);
	assert_true(maps(&g, P1));
	cp(&g, CP_TLBI_MVA, 0x00100000 | 1);    /* another section */
	assert_true(maps(&g, P1));
	cp(&g, CP_TLBI_MVA, 0x3000 | 1);
	assert_false(maps(&g, P1));
	word(&g, ROOT_A, leaf(20, P1, NG));
	cp(&g, CP_TLBI_MVAA, 0x3000 | 2);       /* of any ASID: the low bits say nothing */
	assert_false(maps(&g, P3));
	assert_true(maps(&g, P1));
	guest_free(&g);
}

static void ttbcr_moves_the_split(void **state)
{
	const uint32_t mva = 0x80001000;
	struct guest g;

	(void)state;
	guest_start(&g);
	word(&g, ROOT_A + 4 * 0x800, leaf(20, P1, GLOBAL));
	word(&g, ROOT_B + 4 * 0x800, leaf(20, P2, GLOBAL));
	cp(&g, CP_TLBI_ALL, 0);
	cp(&g, CP_TTBR1, ROOT_B);
	assert_false(oracle_maps(&g, gva(mva), P2 | 0x1000));
	cp(&g, CP_TTBCR, 1);
	assert_true(oracle_maps(&g, gva(mva), P2 | 0x1000));
	assert_true(oracle_maps(&g, gva(mva), P1 | 0x1000));
	cp(&g, CP_TLBI_MVA, mva & ~0xfffu);
	assert_true(oracle_maps(&g, gva(mva), P2 | 0x1000));
	assert_false(oracle_maps(&g, gva(mva), P1 | 0x1000));
	cp(&g, CP_TTBR1, ROOT_C);       /* nothing there: the old one stays permitted */
	assert_true(oracle_maps(&g, gva(mva), P2 | 0x1000));
	assert_true(oracle_some_status(&g, gva(mva), false, ACCESS_READ, FS_TRANS_SECTION));
	guest_free(&g);
}

/* A walk that failed belongs to its ASID: no TLB holds it, and it is no global entry. */
static void failed_walks_belong_to_their_asid(void **state)
{
	struct guest g;

	(void)state;
	two_processes(&g, NG, NG);
	word(&g, ROOT_A, 0);
	word(&g, ROOT_A, leaf(20, P1, NG));
	assert_true(oracle_some_status(&g, gva(0), false, ACCESS_READ, FS_TRANS_SECTION));
	switch_to(&g, ROOT_B, 2);
	assert_false(oracle_some_status(&g, gva(0), false, ACCESS_READ, FS_TRANS_SECTION));
	switch_to(&g, ROOT_A, 1);
	assert_true(oracle_some_status(&g, gva(0xfff), false, ACCESS_READ, FS_TRANS_SECTION));
	cp(&g, CP_TLBI_MVA, 0x1000 | 1);        /* a walk that failed has a reach of 4 KB */
	assert_true(oracle_some_status(&g, gva(0xfff), false, ACCESS_READ, FS_TRANS_SECTION));
	cp(&g, CP_TLBI_MVA, 0x0000 | 1);
	assert_false(oracle_some_status(&g, gva(0xfff), false, ACCESS_READ, FS_TRANS_SECTION));
	guest_free(&g);
}

static void subpages_are_global(void **state)
{
	struct guest g;

	(void)state;
	two_processes(&g, NG, NG);
	cp(&g, CP_SCTLR, SCTLR_M);      /* XP = 0: bit 17 means nothing */
	cp(&g, CP_TLBI_ALL, 0);
	switch_to(&g, ROOT_B, 2);
	assert_true(maps(&g, P1));
	assert_true(maps(&g, P2));
	guest_free(&g);
}

static void process_id_is_no_new_setting(void **state)
{
	struct guest g;

	(void)state;
	two_processes(&g, NG, NG);
	cp(&g, CP_ASID, 0x12345601);
	assert_int_equal(g.hist.nregs, 0);
	cp(&g, CP_ASID, 0x12345602);
	assert_int_equal(g.hist.nregs, 1);
	assert_int_equal(guest_asid(&g), 2);
	guest_free(&g);
}

/* XN and the access flag: one member has to allow all that is asked at once. */
static void rights_of_one_member(void **state)
{
	struct guest g;

	(void)state;
	guest_start(&g);
	cp(&g, CP_DACR, 1);
	word(&g, ROOT_A, leaf(20, P1, PT_XN));
	cp(&g, CP_TLBI_ALL, 0);
	assert_true(oracle_permits(&g, gva(0), true, 1u << ACCESS_WRITE, P1, -1));
	assert_false(oracle_permits(&g, gva(0), true, 1u << ACCESS_FETCH, P1, -1));
	word(&g, ROOT_A, leaf(20, P1, PT_APX));
	assert_true(oracle_permits(&g, gva(0), true, 1u << ACCESS_FETCH, P1, -1));
	assert_false(oracle_permits(&g, gva(0), true, 1u << ACCESS_FETCH | 1u << ACCESS_WRITE, P1,
				    -1));
	assert_true(oracle_some_status(&g, gva(0), true, ACCESS_FETCH, FS_PERM_SECTION));
	guest_free(&g);
}

/* What the status register recorded, by architecture. */
static void recorded_faults(void **state)
{
	static const struct { uint32_t fsr; unsigned fs; bool alignment; } rows[] = {
		{ 0x001, FS_NONE, true }, { 0x003, FS_AF_SECTION, false },
		{ 0x806, FS_AF_PAGE, false }, { 0x8f7, FS_TRANS_PAGE, false },
		{ 0x40d, FS_NONE, false }, { 0x401, FS_NONE, false }, { 0x008, FS_NONE, false },
		{ 0x00d, FS_PERM_SECTION, false }, { 0x004, FS_NONE, false },
	};
	struct trace_header h = { .arch = "armv5", .core = "arm926" };
	struct guest g, v5;
	struct diag d;
	bool alignment;

	(void)state;
	guest_start(&g);
	assert_ok(guest_init(&v5, &h, &d), &d);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(guest_recorded_fault(&g, rows[i].fsr, &alignment), rows[i].fs);
		assert_int_equal(alignment, rows[i].alignment);
	}
	assert_int_equal(guest_recorded_fault(&v5, 0x003, &alignment), FS_NONE);
	assert_true(alignment);
	assert_int_equal(guest_recorded_fault(&v5, 0x006, &alignment), FS_NONE);
	assert_false(alignment);
	guest_free(&g);
	guest_free(&v5);
}

/* --- brute force ---------------------------------------------------------------------- */

enum { L1_WORDS = 4, ROOTS = 3, L2_TABLES = 3, L2_WORDS = 5,
       WORDS = ROOTS * L1_WORDS + L2_TABLES * L2_WORDS, MAX_MOMENTS = 420 };

static const unsigned l1_index[L1_WORDS] = { 0, 1, 0x400, 0x800 };
static const unsigned l2_index[L2_WORDS] = { 0, 1, 16, 17, 255 };

static uint32_t word_address(unsigned i)
{
	if (i < ROOTS * L1_WORDS)
		return ROOT_A + 0x4000 * (i / L1_WORDS) + 4 * l1_index[i % L1_WORDS];
	i -= ROOTS * L1_WORDS;
	return TABLES + 1024 * (i / L2_WORDS) + 4 * l2_index[i % L2_WORDS];
}

enum inval { NOTHING, BY_MVA_ASID, BY_MVA, BY_ASID };

struct moment {
	uint32_t word[WORDS];
	struct walk_regs r;
	uint8_t asid;
	enum inval inval;               /* that it begins with */
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

/* Does the invalidate of moment m drop what moment `then` walked? */
static bool drops(const struct moment *m, const struct moment *then, const struct walk *w,
		  uint32_t mva)
{
	unsigned size = w->fs ? 12 : w->leaf.size_log2;
	bool own = w->fs || w->leaf.attr & PT_NG, here = mva >> size == m->operand >> size;
	bool asid = then->asid == (m->operand & 0xff);

	switch (m->inval) {
	case BY_MVA_ASID: return here && (!own || asid);
	case BY_MVA: return here;
	case BY_ASID: return own && asid;
	default: return false;
	}
}

static bool same_walk(const struct walk *a, const struct walk *b)
{
	return a->fs == b->fs && a->l1_addr == b->l1_addr && a->l1 == b->l1 &&
	       a->l2_addr == b->l2_addr && a->l2 == b->l2 && a->levels == b->levels;
}

static void add_member(struct members *m, const struct walk *w)
{
	for (unsigned i = 0; i < m->n; i++)
		if (same_walk(&m->w[i], w))
			return;
	m->w[m->n++] = *w;
}

static void brute_members(const struct brute *b, const struct mmu_arch *a, uint32_t mva,
			  struct members *out)
{
	const struct moment *now = &b->at[b->n - 1];

	out->n = 0;
	for (unsigned i = b->n; i-- > 0;) {
		const struct moment *m = &b->at[i];
		bool gone = false;
		struct walk w;

		if (!(now->r.sctlr & SCTLR_M) ? i + 1 != b->n : !(m->r.sctlr & SCTLR_M))
			continue;
		walk_tables(a, &m->r, gva(mva), moment_read, (void *)m, &w);
		if (w.levels && (w.fs || w.leaf.attr & PT_NG) && m->asid != now->asid)
			continue;
		for (unsigned j = i + 1; j < b->n && !gone; j++)
			gone = drops(&b->at[j], m, &w, mva);
		if (!gone)
			add_member(out, &w);
	}
}

static uint32_t random_word(struct rng *r, unsigned i)
{
	uint32_t base = rng_below(r, 4) << 24;
	unsigned attr = rng_below(r, 2) * PT_NG;

	if (!rng_below(r, 4))
		return 0;
	if (i < ROOTS * L1_WORDS)
		return rng_below(r, 3) ? coarse(TABLES + 1024 * rng_below(r, L2_TABLES))
				       : leaf(rng_below(r, 2) ? 20 : 24, base, attr);
	return leaf(rng_below(r, 3) ? 12 : 16, base, attr);
}

static uint32_t random_mva(struct rng *r)
{
	return (uint32_t)l1_index[rng_below(r, L1_WORDS)] << 20 |
	       (uint32_t)l2_index[rng_below(r, L2_WORDS)] << 12;
}

static void invalidate(struct guest *g, struct moment *m, struct rng *r)
{
	static const enum cp_op op[] = { CP_OTHER, CP_TLBI_MVA, CP_TLBI_MVAA, CP_TLBI_ASID };

	m->inval = (enum inval)(1 + rng_below(r, 3));
	m->operand = random_mva(r) | rng_below(r, 3);
	cp(g, op[m->inval], m->operand);
}

static void set_register(struct guest *g, struct moment *m, struct rng *r)
{
	switch (rng_below(r, 8)) {
	case 0:
		m->r.sctlr = rng_below(r, 3) ? V6 : rng_below(r, 2) ? SCTLR_M : SCTLR_XP;
		cp(g, CP_SCTLR, m->r.sctlr);
		break;
	case 1:
		m->r.ttbr1 = ROOT_A + 0x4000 * rng_below(r, ROOTS);
		cp(g, CP_TTBR1, m->r.ttbr1);
		break;
	case 2:
		m->r.ttbcr = rng_below(r, 3);
		cp(g, CP_TTBCR, m->r.ttbcr);
		break;
	case 3:
	case 4:
		m->r.ttbr0 = ROOT_A + 0x4000 * rng_below(r, ROOTS);
		cp(g, CP_TTBR0, m->r.ttbr0);
		break;
	default:
		m->asid = (uint8_t)rng_below(r, 3);
		cp(g, CP_ASID, m->asid);
	}
}

static void one_change(struct guest *g, struct brute *b, struct rng *r)
{
	struct moment *m = &b->at[b->n];
	unsigned pick = rng_below(r, 80), i = rng_below(r, WORDS);

	*m = b->at[b->n - 1];
	m->inval = NOTHING;
	b->n++;
	if (pick == 0) {
		cp(g, CP_TLBI_ALL, 0);
		b->at[0] = *m;
		b->n = 1;
	} else if (pick < 20) {
		invalidate(g, m, r);
	} else if (pick < 50) {
		set_register(g, m, r);
	} else {
		m->word[i] = random_word(r, i);
		word(g, word_address(i), m->word[i]);
	}
}

static void against_brute_force(void **state)
{
	static struct members want, got;
	static struct brute b;
	uint64_t members = 0, most = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct rng r = rng_stream(seed, "oracle v6");
		struct guest g;

		guest_start(&g);
		memset(&b, 0, sizeof(b));
		b.n = 1;
		b.at[0].r = guest_walk_regs(&g);
		for (unsigned step = 0; step < 400; step++) {
			uint32_t mva = random_mva(&r) | rng_below(&r, 4096);
			const struct members *m;

			one_change(&g, &b, &r);
			m = all_of(&g, mva);
			got.n = 0;
			for (unsigned i = 0; i < m->n; i++)
				add_member(&got, &m->w[i]);
			brute_members(&b, g.arch, mva, &want);
			assert_int_equal(got.n, want.n);
			for (unsigned i = 0; i < got.n; i++)    /* youngest first, too */
				assert_true(same_walk(&got.w[i], &want.w[i]));
			members += got.n;
			most = got.n > most ? got.n : most;
		}
		guest_free(&g);
	}
	/* the sequences were worth it */
	print_message("# members %llu most %llu\n", (unsigned long long)members, (unsigned long long)most);
	assert_true(members > 30000 && most > 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_another_asid_walked_is_not_used),
		cmocka_unit_test(what_is_global_serves_every_asid),
		cmocka_unit_test(every_pair_that_existed_counts),
		cmocka_unit_test(by_asid_prunes_its_own),
		cmocka_unit_test(by_mva_prunes_by_asid),
		cmocka_unit_test(ttbcr_moves_the_split),
		cmocka_unit_test(failed_walks_belong_to_their_asid),
		cmocka_unit_test(subpages_are_global),
		cmocka_unit_test(process_id_is_no_new_setting),
		cmocka_unit_test(rights_of_one_member),
		cmocka_unit_test(recorded_faults),
		cmocka_unit_test(against_brute_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
