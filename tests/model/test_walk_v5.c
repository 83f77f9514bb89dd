/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * models/pt/walk and perm: addresses, fault order, subpages, permissions, domains, status
 * register, FCSE. Small tables are written by hand; a second walk, in plain arithmetic, is the
 * reference for a memory of random words with random holes.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/pt/pt.h"

enum { WORDS = 64 };
enum { TTB = 0x30004000, TABLE = 0x30010000 };

/* Physical memory: the listed words, 0 elsewhere; one address may be a hole. */
struct memory {
	struct { uint32_t addr, word; } at[WORDS];
	unsigned used, reads;
	uint32_t hole;
};

static void poke(struct memory *m, uint32_t addr, uint32_t word)
{
	assert_true(m->used < WORDS);
	m->at[m->used].addr = addr;
	m->at[m->used++].word = word;
}

static bool peek(void *ctx, uint32_t addr, uint32_t *word)
{
	struct memory *m = ctx;

	m->reads++;
	*word = 0;
	for (unsigned i = 0; i < m->used; i++)
		if (m->at[i].addr == addr)
			*word = m->at[i].word;
	return addr != m->hole;
}

static struct walk walk(struct memory *m, uint32_t mva)
{
	struct walk_regs r = { .ttbr0 = TTB, .sctlr = SCTLR_M };
	struct walk w;

	memset(&w, 0xa5, sizeof(w));
	walk_v5(&r, gva(mva), peek, m, &w);
	return w;
}

static void section_by_hand(void **state)
{
	struct memory m = { .used = 0 };
	struct walk w;

	(void)state;
	poke(&m, TTB + 4 * 0xc01, 0x301005feu | 0x1000); /* AP 01, domain 15, C B, 19:12 */
	w = walk(&m, 0xc0123458);
	assert_int_equal(w.fs, FS_NONE);
	assert_int_equal(w.levels, 1);
	assert_int_equal(w.l1_addr, 0x30007004);
	assert_int_equal(w.l1, 0x301015fe);
	assert_int_equal(w.l2_addr | w.l2, 0);
	assert_int_equal(w.domain, 15);
	assert_int_equal(w.leaf.domain, 15);
	assert_int_equal(w.leaf.cb, 3);
	assert_int_equal(walk_ap(&w, gva(0xc0123458)), 1);
	assert_int_equal(walk_pa(&w, gva(0xc0123458)), 0x30123458);
	assert_int_equal(m.reads, 1);
}

/* Only TTBR[31:14] count; the largest index reaches the last word of the 16 KB table. */
static void table_base_and_ends(void **state)
{
	struct walk_regs r = { .ttbr0 = TTB | 0x3fff, .sctlr = SCTLR_M };
	struct memory m = { .used = 0 };
	struct walk w;

	(void)state;
	walk_v5(&r, gva(0), peek, &m, &w);
	assert_int_equal(w.l1_addr, TTB);
	walk_v5(&r, gva(0xffffffff), peek, &m, &w);
	assert_int_equal(w.l1_addr, TTB + 0x3ffc);
}

/* 0x08fff7fc: L1 word 0x8f, [19:12] = 0xff; 0x090ff7fc: L1 word 0x90, [19:10] = 0x3fd. */
static void second_level_addresses(void **state)
{
	struct memory m = { .used = 0 };
	struct walk w;

	(void)state;
	poke(&m, TTB + 4 * 0x8f, pt_encode_v5_coarse(TABLE + 0x400, 3));
	poke(&m, TTB + 4 * 0x90, pt_encode_v5_fine(TABLE + 0x1000, 4));
	w = walk(&m, 0x08fff7fc);
	assert_int_equal(w.levels, 2);
	assert_int_equal(w.l2_addr, TABLE + 0x400 + 4 * 0xff);
	assert_int_equal(w.domain, 3);
	w = walk(&m, 0x090ff7fc);
	assert_int_equal(w.l2_addr, TABLE + 0x1000 + 4 * 0x3fd);
	assert_int_equal(w.domain, 4);
	assert_int_equal(m.reads, 4);
}

/* Four quarters with APs 0 1 2 3, in the order of the addresses. */
static void subpages(void **state)
{
	static const uint8_t ap[4] = { 0, 1, 2, 3 };
	struct memory m = { .used = 0 };

	(void)state;
	poke(&m, TTB, pt_encode_v5_coarse(TABLE, 0));
	poke(&m, TABLE + 4 * 0x05, pt_encode_v5_small(0x40005000, ap, 0));
	for (unsigned i = 0; i < 16; i++)
		poke(&m, TABLE + 4 * (0x10 + i), pt_encode_v5_large(0x50010000, ap, 0));
	for (uint32_t va = 0x5000; va < 0x6000; va += 4) {
		struct walk w = walk(&m, va);

		assert_int_equal(w.leaf.size_log2, 12);
		assert_int_equal(walk_ap(&w, gva(va)), (va - 0x5000) / 0x400);
		assert_int_equal(walk_pa(&w, gva(va)), 0x40000000 + va);
	}
	for (uint32_t va = 0x10000; va < 0x20000; va += 4) {
		struct walk w = walk(&m, va);

		assert_int_equal(w.leaf.size_log2, 16);
		assert_int_equal(walk_ap(&w, gva(va)), (va - 0x10000) / 0x4000);
		assert_int_equal(walk_pa(&w, gva(va)), 0x50000000 + va);
	}
}

/* Tiny pages have one AP for all of their 1 KB; a large page in a fine table takes 64 words,
 * here only those that are visited: MVA 0x2cc00 is word 0xb3. */
static void pages_of_a_fine_table(void **state)
{
	static const uint8_t ap[4] = { 3, 2, 1, 0 };
	struct memory m = { .used = 0 };
	struct walk w;

	(void)state;
	poke(&m, TTB, pt_encode_v5_fine(TABLE, 9));
	poke(&m, TABLE + 4 * 0x07, pt_encode_v5_tiny(0x60002800, 2, 1));
	poke(&m, TABLE + 4 * 0xb3, pt_encode_v5_large(0x70000000, ap, 2));
	poke(&m, TABLE + 4 * 0xc1, pt_encode_v5_small(0x7000a000, ap, 3));
	for (uint32_t va = 0x1c00; va < 0x2000; va += 4) {
		w = walk(&m, va);
		assert_int_equal(w.leaf.size_log2, 10);
		assert_int_equal(w.leaf.domain, 9);
		assert_int_equal(walk_ap(&w, gva(va)), 2);
		assert_int_equal(walk_pa(&w, gva(va)), 0x60002800 + va - 0x1c00);
	}
	w = walk(&m, 0x2000);
	assert_int_equal(w.fs, FS_TRANS_PAGE);
	w = walk(&m, 0x2cc04);
	assert_int_equal(w.leaf.size_log2, 16);
	assert_int_equal(walk_pa(&w, gva(0x2cc04)), 0x7000cc04);
	assert_int_equal(walk_ap(&w, gva(0x2cc04)), 0);         /* VA[15:14] = 3 */
	w = walk(&m, 0x30404);
	assert_int_equal(walk_pa(&w, gva(0x30404)), 0x7000a404);
	assert_int_equal(walk_ap(&w, gva(0x30404)), 2);         /* VA[11:10] = 1 */
}

static void mmu_off_is_identity(void **state)
{
	struct walk_regs r = { .ttbr0 = TTB, .sctlr = SCTLR_S | SCTLR_R };
	struct memory m = { .used = 0 };

	(void)state;
	for (uint64_t va = 0; va < UINT64_C(1) << 32; va += 0x123457) {
		gva_t mva = gva((uint32_t)va);
		struct walk w;

		walk_v5(&r, mva, peek, &m, &w);
		assert_int_equal(w.fs | w.levels | w.l1_addr | w.l1 | w.l2 | w.leaf.cb, 0);
		assert_int_equal(walk_pa(&w, mva), mva.raw);
		assert_int_equal(walk_ap(&w, mva), 3);
		for (int a = ACCESS_READ; a <= ACCESS_FETCH; a++)
			assert_int_equal(walk_check(&w, mva, 0, r.sctlr, true, (enum access)a),
					 0);
	}
	assert_int_equal(m.reads, 0);
}

/* L1 external > L1 invalid > L2 external > L2 invalid; the domain is no part of the walk. */
static void walk_fault_order(void **state)
{
	struct memory m = { .used = 0 };
	struct walk w;

	(void)state;
	m.hole = TTB;
	w = walk(&m, 0x1000);
	assert_int_equal(w.fs, FS_WALK_EXT_L1);
	assert_int_equal(w.levels, 1);
	assert_int_equal(w.domain, 0);
	m.hole = TABLE + 4;
	w = walk(&m, 0x1000);
	assert_int_equal(w.fs, FS_TRANS_SECTION);
	poke(&m, TTB, pt_encode_v5_coarse(TABLE, 6));
	w = walk(&m, 0x1000);
	assert_int_equal(w.fs, FS_WALK_EXT_L2);
	assert_int_equal(w.levels, 2);
	assert_int_equal(w.l2_addr, TABLE + 4);
	assert_int_equal(w.l2, 0);
	assert_int_equal(w.domain, 6);
	m.hole = 0;
	w = walk(&m, 0x1000);
	assert_int_equal(w.fs, FS_TRANS_PAGE);
	assert_int_equal(w.domain, 6);
	poke(&m, TABLE + 4, 0x40000ff3);        /* type 11 in a coarse table */
	w = walk(&m, 0x1000);
	assert_int_equal(w.fs, FS_TRANS_PAGE);
	assert_int_equal(w.l2, 0x40000ff3);
	assert_int_equal(w.leaf.kind, PT_FAULT);
}

/* Manual table (DDI 0100I B4.3), by AP, S, R: privileged / user. */
static const char *const rights_table[4][2][2][2] = {
	{ { { "--", "--" }, { "r-", "r-" } }, { { "r-", "--" }, { "--", "--" } } },
	{ { { "rw", "--" }, { "rw", "--" } }, { { "rw", "--" }, { "rw", "--" } } },
	{ { { "rw", "r-" }, { "rw", "r-" } }, { { "rw", "r-" }, { "rw", "r-" } } },
	{ { { "rw", "rw" }, { "rw", "rw" } }, { { "rw", "rw" }, { "rw", "rw" } } },
};

/* AP x S x R x user x access x domain value x (section | page): all 768 cases. */
static void check_case(unsigned n)
{
	unsigned ap = n % 4, s = n / 4 % 2, r = n / 8 % 2, user = n / 16 % 2,
		 client = n / 32 % 4;
	unsigned page = n / 128 % 2, access = n / 256;
	const char *rights = rights_table[ap][s][r][user];
	bool allowed = access == ACCESS_WRITE ? rights[1] == 'w' : rights[0] == 'r';
	uint32_t sctlr = SCTLR_M | (s ? 1u << 8 : 0) | (r ? 1u << 9 : 0);
	uint8_t aps[4] = { (uint8_t)(3 - ap), (uint8_t)ap, (uint8_t)(3 - ap),
			   (uint8_t)(3 - ap) };
	uint32_t others = client == 0 ? 0xffffffffu : 0; /* neighbours say the opposite */
	uint32_t dacr = (others & ~(3u << 14)) | client << 14;
	struct memory m = { .used = 0 };
	enum fault_status want;
	struct walk w;

	poke(&m, TTB, page ? pt_encode_v5_coarse(TABLE, 7) : pt_encode_v5_section(0, ap, 7, 0));
	poke(&m, TABLE, pt_encode_v5_small(0, aps, 0));
	w = walk(&m, 0x400);
	if (client == 3 || (client == 1 && allowed))
		want = FS_NONE;
	else if (client == 1)
		want = page ? 0xf : 0xd;
	else
		want = page ? 0xb : 0x9;
	assert_int_equal(walk_check(&w, gva(0x400), dacr, sctlr, user, (enum access)access),
			 want);
	assert_int_equal(ap_rights(ap, s, r, user) & RIGHT_READ,
			 rights[0] == 'r' ? RIGHT_READ : 0);
	assert_int_equal(ap_rights(ap, s, r, user) & RIGHT_WRITE,
			 rights[1] == 'w' ? RIGHT_WRITE : 0);
}

static void permissions_and_domains(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 768; n++)
		check_case(n);
}

/* Each of the 16 domains is governed by its own two bits of DACR. */
static void each_domain_its_own_bits(void **state)
{
	(void)state;
	for (unsigned domain = 0; domain < 16; domain++) {
		struct memory m = { .used = 0 };
		struct walk w;

		poke(&m, TTB, pt_encode_v5_section(0, 0, domain, 0));
		w = walk(&m, 0);
		for (unsigned set = 0; set < 16; set++)
			assert_int_equal(
				walk_check(&w, gva(0), 3u << 2 * set, 0, true, ACCESS_READ),
				set == domain ? FS_NONE : FS_DOMAIN_SECTION);
	}
}

/* Status register: the domain field is valid except for alignment, section translation and a
 * first-level external abort (DDI 0198D table 3-9). */
static void status_register(void **state)
{
	(void)state;
	assert_int_equal(fault_fsr(FS_ALIGN, 5), 0x01);
	assert_int_equal(fault_fsr(FS_WALK_EXT_L1, 5), 0x0c);
	assert_int_equal(fault_fsr(FS_WALK_EXT_L2, 5), 0x5e);
	assert_int_equal(fault_fsr(FS_TRANS_SECTION, 5), 0x05);
	assert_int_equal(fault_fsr(FS_TRANS_PAGE, 5), 0x57);
	assert_int_equal(fault_fsr(FS_DOMAIN_SECTION, 15), 0xf9);
	assert_int_equal(fault_fsr(FS_DOMAIN_PAGE, 5), 0x5b);
	assert_int_equal(fault_fsr(FS_PERM_SECTION, 5), 0x5d);
	assert_int_equal(fault_fsr(FS_PERM_PAGE, 1), 0x1f);
	assert_int_equal(fault_fsr(FS_NONE, 5), 0);
}

/* 0x01ffffff is the last address below 32 MB; PID bits 24:0 are ignored. */
static void fcse(void **state)
{
	(void)state;
	assert_int_equal(fcse_mva(0x00001000, 0).raw, 0x00001000);
	assert_int_equal(fcse_mva(0x00001000, 0x06000000).raw, 0x06001000);
	assert_int_equal(fcse_mva(0x01ffffff, 0xfe000000).raw, 0xffffffff);
	assert_int_equal(fcse_mva(0x02000000, 0x06000000).raw, 0x02000000);
	assert_int_equal(fcse_mva(0xc0000000, 0x06000000).raw, 0xc0000000);
	assert_int_equal(fcse_mva(0x00000004, 0x07ffffff).raw, 0x06000004);
}

/* A memory without storage: each address holds a random word; every 64th is a hole. */
static bool noise(void *ctx, uint32_t addr, uint32_t *word)
{
	struct rng r = { *(uint64_t *)ctx ^ addr };

	*word = (uint32_t)rng_next(&r);
	return rng_below(&r, 64) != 0;
}

/* The second walk. Returns the status; *pa, *ap, *domain when there is none. */
static unsigned plain_walk(uint64_t *seed, uint32_t ttb, uint32_t va, uint32_t *pa,
			   unsigned *ap, unsigned *domain)
{
	uint32_t d1, d2, at = ttb / 0x4000 * 0x4000 + va / 0x100000 * 4;

	if (!noise(seed, at, &d1))
		return 0xc;
	*domain = d1 / 32 % 16;
	if (d1 % 4 == 0)
		return 0x5;
	if (d1 % 4 == 2) {
		*pa = d1 / 0x100000 * 0x100000 + va % 0x100000;
		*ap = d1 / 0x400 % 4;
		return 0;
	}
	at = d1 % 4 == 1 ? d1 / 0x400 * 0x400 + va / 0x1000 % 256 * 4
			 : d1 / 0x1000 * 0x1000 + va / 0x400 % 1024 * 4;
	if (!noise(seed, at, &d2))
		return 0xe;
	if (d2 % 4 == 0 || (d2 % 4 == 3 && d1 % 4 == 1))
		return 0x7;
	if (d2 % 4 == 1) {
		*pa = d2 / 0x10000 * 0x10000 + va % 0x10000;
		*ap = d2 >> (4 + 2 * (va / 0x4000 % 4)) & 3;
	} else if (d2 % 4 == 2) {
		*pa = d2 / 0x1000 * 0x1000 + va % 0x1000;
		*ap = d2 >> (4 + 2 * (va / 0x400 % 4)) & 3;
	} else {
		*pa = d2 / 0x400 * 0x400 + va % 0x400;
		*ap = d2 >> 4 & 3;
	}
	return 0;
}

static void random_memory(void **state)
{
	struct rng rng = rng_stream(4, "walk");
	unsigned seen[16] = { 0 };

	(void)state;
	for (unsigned i = 0; i < 1000000; i++) {
		struct walk_regs r = { .ttbr0 = (uint32_t)rng_next(&rng), .sctlr = SCTLR_M };
		gva_t mva = gva((uint32_t)rng_next(&rng));
		uint64_t seed = rng_next(&rng);
		unsigned ap = 0, domain = 0, fs;
		uint32_t pa = 0;
		struct walk w;

		walk_v5(&r, mva, noise, &seed, &w);
		fs = plain_walk(&seed, r.ttbr0, mva.raw, &pa, &ap, &domain);
		assert_int_equal(w.fs, fs);
		seen[fs]++;
		if (fs != FS_WALK_EXT_L1 && fs != FS_TRANS_SECTION)
			assert_int_equal(w.domain, domain);
		if (fs)
			continue;
		assert_int_equal(w.leaf.domain, domain);
		assert_int_equal(walk_pa(&w, mva), pa);
		assert_int_equal(walk_ap(&w, mva), ap);
	}
	/* every outcome of a walk was met, the rarest (L1 hole, 1 in 64) about 15,600 times */
	assert_true(seen[0] > 10000 && seen[0x5] > 10000 && seen[0x7] > 10000);
	assert_true(seen[0xc] > 10000 && seen[0xe] > 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(section_by_hand),
		cmocka_unit_test(table_base_and_ends),
		cmocka_unit_test(second_level_addresses),
		cmocka_unit_test(subpages),
		cmocka_unit_test(pages_of_a_fine_table),
		cmocka_unit_test(mmu_off_is_identity),
		cmocka_unit_test(walk_fault_order),
		cmocka_unit_test(permissions_and_domains),
		cmocka_unit_test(each_domain_its_own_bits),
		cmocka_unit_test(status_register),
		cmocka_unit_test(fcse),
		cmocka_unit_test(random_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
