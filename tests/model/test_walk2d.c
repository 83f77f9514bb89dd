/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * models/tlb/walk2d, models/pt/lpae: references a miss (V1: exact), what each cache saves, faults, and
 * agreement with the bare two walks whatever is cached.
 */
#include "tests/support.h"
#include "tests/walk2d_kit.h"

#include <string.h>

#include "models/pt/pt.h"

/* --- V1: short descriptors ------------------------------------------------------------------- */

/* A guest of ARMv5: its first-level table at 16 KB, a coarse table behind it; all else pages. */
enum { G_L1 = 0x4000, G_L2 = 0x8000, S2_ROOT = 0x100000, S2_TABLE = 0x200000 };

struct arm { struct walk2d w; struct walk2d_io io; unsigned block_log2, missing; bool external; };

static bool arm_guest(void *ctx, unsigned level, uint64_t ipa, uint64_t at, uint64_t *word)
{
	struct arm *a = ctx;
	static const uint8_t ap[4] = { 3, 3, 3, 3 };

	assert_int_equal(at, ipa);
	if (a->external)
		return false;
	if (level == 2)
		*word = pt_encode_v5_small(0x30000, ap, 3);
	else if (ipa == G_L1 + 4 * 5)
		*word = pt_encode_v5_coarse(G_L2, 1);
	else
		*word = pt_encode_v5_section(0x500000, 3, 1, 3);
	return true;
}

/* Identity, by blocks of one size. A missing level has no word. */
static bool arm_stage2(void *ctx, unsigned level, uint64_t at, uint64_t *word)
{
	const struct arm *a = ctx;
	unsigned leaf = 3 - (a->block_log2 - 12) / 9;
	uint64_t index = (at - (level == a->w.conf.s2.start ? S2_ROOT : at >> 12 << 12)) / 8;

	*word = 0;
	if (a->missing == level)
		return true;
	if (level < leaf)
		*word = lpae_encode_table(S2_TABLE + level * 0x100000 + (index << 12));
	else if (level == a->w.conf.s2.start)
		*word = lpae_encode_leaf(index << a->block_log2, level, false);
	else if (level == 2)            /* all that is looked for lies in the first 1 GB */
		*word = lpae_encode_leaf(index << 21, level, false);
	else
		*word = lpae_encode_leaf((at >> 12 & 0xff) << 21 | index << 12, level, false);
	return true;
}

static void arm_make(struct arm *a, unsigned start, unsigned block_log2, struct walk2d_conf c)
{
	struct diag d;

	memset(a, 0, sizeof(*a));
	c.s2 = (struct lpae_regs){ S2_ROOT, (uint8_t)start, 32 };
	assert_ok(walk2d_init(&a->w, &c, &d), &d);
	a->block_log2 = block_log2;
	a->missing = 9;
	a->io = (struct walk2d_io){ .ctx = a, .stage2 = arm_stage2, .guest = arm_guest };
}

struct arm_read { struct arm *a; unsigned level; enum walk2d_end end[2]; struct walk2d_page page[2]; };

static bool arm_read(void *ctx, uint32_t addr, uint32_t *word)
{
	struct arm_read *r = ctx;
	unsigned n = r->level++;
	uint64_t v = 0;

	r->end[n] = walk2d_guest(&r->a->w, &r->a->io, n + 1, addr, &v, &r->page[n]);
	*word = (uint32_t)v;
	return r->end[n] <= WALK2D_KNOWN;
}

/* References of one miss; levels: as deep as the guest's tables went. */
static uint64_t arm_miss(struct arm *a, uint32_t mva, unsigned levels)
{
	struct walk2d_counts before = a->w.n;
	struct walk_regs r = { .ttbr0 = G_L1, .sctlr = SCTLR_M };
	struct arm_read k = { .a = a };
	struct walk2d_page page;
	struct walk w;

	walk_v5(&r, gva(mva), arm_read, &k, &w);
	assert_int_equal(w.fs, FS_NONE);
	assert_int_equal(w.levels, levels);
	if (levels > 1 && k.end[0] == WALK2D_READ)
		walk2d_keep(&a->w, 1, w.l1_addr, k.page[0].pa, w.l1);
	assert_true(walk2d_ipa(&a->w, &a->io, walk_pa(&w, gva(mva)), true, &page));
	assert_int_equal(page.pa, walk_pa(&w, gva(mva)));
	return a->w.n.guest_reads - before.guest_reads + a->w.n.stage2_reads - before.stage2_reads;
}

enum { PAGE_MVA = 0x00500000, SECTION_MVA = 0x00600000 };

/* arm-facts 6.5: rows start 1 and 2, blocks of 4 KB, 2 MB and 1 GB. */
static void references_of_short_descriptors(void **state)
{
	static const struct { unsigned start, block, section, page; } row[] = {
		{ 1, 12, 7, 11 }, { 2, 12, 5, 8 }, { 1, 21, 5, 8 }, { 2, 21, 3, 5 }, { 1, 30, 3, 5 },
	};
	struct arm a;

	(void)state;
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		arm_make(&a, row[i].start, row[i].block, (struct walk2d_conf){ .by_ipa = true });
		assert_int_equal(arm_miss(&a, SECTION_MVA, 1), row[i].section);
		assert_int_equal(arm_miss(&a, PAGE_MVA, 2), row[i].page);
		assert_int_equal(arm_miss(&a, PAGE_MVA, 2), row[i].page);
	}
	arm_make(&a, 2, 12, (struct walk2d_conf){ .one_stage = true });
	assert_int_equal(arm_miss(&a, SECTION_MVA, 1), 1);
	assert_int_equal(arm_miss(&a, PAGE_MVA, 2), 2);
}

/* What each structure saves of a second miss of the same page: 11 and 8 references. */
static void what_caches_save(void **state)
{
	static const struct { struct walk2d_conf c; unsigned warm[2]; } row[] = {
		{ { .by_ipa = true }, { 11, 8 } },
		/* first-level word known by IPA: neither it nor its walk; by machine address: itself */
		{ { .walk_entries = 8, .by_ipa = true }, { 7, 5 } },
		{ { .walk_entries = 8 }, { 10, 7 } },
		/* all of stage 2 as well: the leaf of the guest remains */
		{ { .walk_entries = 64, .stage2 = true, .by_ipa = true }, { 1, 1 } },
		/* IPA known: the guest's two words; the last IPA not: its walk as well */
		{ { .ntlb_entries = 16, .by_ipa = true, .last = true }, { 2, 2 } },
		{ { .ntlb_entries = 16, .by_ipa = true }, { 5, 4 } },
		{ { .ntlb_entries = 16, .walk_entries = 8, .by_ipa = true, .last = true }, { 1, 1 } },
	};
	struct arm a;

	(void)state;
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		for (unsigned start = 1; start <= 2; start++) {
			arm_make(&a, start, 12, row[i].c);
			arm_miss(&a, PAGE_MVA, 2);
			assert_int_equal(arm_miss(&a, PAGE_MVA, 2), row[i].warm[start - 1]);
			walk2d_flush(&a.w);
			arm_miss(&a, PAGE_MVA, 2);
			assert_int_equal(arm_miss(&a, PAGE_MVA, 2), row[i].warm[start - 1]);
		}
}

/* A guest's invalidate takes its own words and leaves those of stage 2. */
static void guest_invalidates(void **state)
{
	struct arm a;

	(void)state;
	arm_make(&a, 1, 12, (struct walk2d_conf){ .walk_entries = 64, .stage2 = true, .by_ipa = true });
	arm_miss(&a, PAGE_MVA, 2);
	walk2d_flush_guest(&a.w);
	assert_int_equal(arm_miss(&a, PAGE_MVA, 2), 2);
	arm_make(&a, 1, 12, (struct walk2d_conf){ .ntlb_entries = 4, .by_ipa = true, .last = true });
	arm_miss(&a, PAGE_MVA, 2);
	walk2d_flush_guest(&a.w);
	assert_int_equal(arm_miss(&a, PAGE_MVA, 2), 2);
}

/* The first-level word is a leaf's for another walk (a root read as a coarse table): read anew there. */
static void a_word_is_known_by_its_level(void **state)
{
	struct walk2d_page page;
	uint64_t word;
	struct arm a;

	(void)state;
	arm_make(&a, 1, 12, (struct walk2d_conf){ .walk_entries = 8, .by_ipa = true });
	arm_miss(&a, PAGE_MVA, 2);
	assert_int_equal(walk2d_guest(&a.w, &a.io, 1, G_L1 + 4 * 5, &word, &page), WALK2D_KNOWN);
	assert_int_equal(walk2d_guest(&a.w, &a.io, 2, G_L1 + 4 * 5, &word, &page), WALK2D_READ);
}

/* Stage 2 without a word: where, and that neither guest word nor fault is kept. */
static void faults_of_stage2(void **state)
{
	struct walk2d_page page;
	uint64_t word;
	struct arm a;

	(void)state;
	arm_make(&a, 1, 12, (struct walk2d_conf){ .walk_entries = 8, .stage2 = true, .ntlb_entries = 4,
						  .by_ipa = true, .last = true });
	for (a.missing = 1; a.missing <= 3; a.missing++) {
		assert_int_equal(walk2d_guest(&a.w, &a.io, 1, G_L1, &word, &page), WALK2D_STAGE2);
		assert_int_equal(page.status, LPAE_TRANSLATION | a.missing);
		assert_int_equal(a.w.n.guest_reads, 0);
	}
	assert_int_equal(walk2d_guest(&a.w, &a.io, 1, G_L1, &word, &page), WALK2D_READ);
	a.external = true;
	assert_int_equal(walk2d_guest(&a.w, &a.io, 1, G_L1, &word, &page), WALK2D_EXTERNAL);
	assert_false(walk2d_ipa(&a.w, &a.io, UINT64_C(1) << 32, true, &page));
	assert_int_equal(page.status, LPAE_TRANSLATION | 1);
}

/* --- V1: four and four levels ----------------------------------------------------------------- */

static void references_of_long_descriptors(void **state)
{
	static const struct { unsigned guest, start, bits, block, page, refs; } row[] = {
		{ 0, 0, 48, 12, 12, 24 }, { 0, 0, 48, 21, 12, 19 }, { 0, 0, 48, 12, 21, 19 },
		{ 0, 0, 48, 21, 21, 15 }, { 1, 1, 40, 12, 12, 15 }, { 1, 2, 34, 12, 12, 11 },
		{ 1, 2, 34, 21, 12, 7 },
	};
	unsigned size;

	(void)state;
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct walk2d_conf c = { .s2 = { 0, (uint8_t)row[i].start, (uint8_t)row[i].bits } };
		struct walk2d_kit k;
		uint64_t va = UINT64_C(0x2a5a7c1000);

		walk2d_kit_make(&k, &c, row[i].guest, row[i].block);
		walk2d_kit_map(&k, va, row[i].page);
		walk2d_kit_walk(&k, va, &size);
		assert_int_equal(k.w.n.guest_reads + k.w.n.stage2_reads, row[i].refs);
		assert_int_equal(size, row[i].block < row[i].page ? row[i].block : row[i].page);
		walk2d_kit_free(&k);
	}
}

/* Whatever is cached, the walk says what the bare walk says; and reads + hits add up to 24. */
static void caches_change_no_answer(void **state)
{
	static const struct walk2d_conf confs[] = {
		{ .walk_entries = 24, .lru = true }, { .walk_entries = 24, .stage2 = true, .lru = true },
		{ .walk_entries = 5, .stage2 = true }, { .walk_entries = 24, .stage2 = true, .ntlb_entries = 16 },
		{ .walk_entries = 3, .by_ipa = true, .ntlb_entries = 2, .last = true },
		{ .ntlb_entries = 16, .last = true, .lru = true },
	};
	enum { PAGES = 300, WALKS = 3000 };

	(void)state;
	for (unsigned i = 0; i < sizeof(confs) / sizeof(confs[0]); i++) {
		struct walk2d_conf c = confs[i], bare = { 0 };
		struct rng r = rng_stream(i, "walk2d law");
		struct walk2d_kit k, plain;
		unsigned size, want;

		c.s2 = bare.s2 = (struct lpae_regs){ 0, 0, 48 };
		walk2d_kit_make(&k, &c, 0, 12);
		walk2d_kit_make(&plain, &bare, 0, 12);
		for (unsigned n = 0; n < WALKS; n++) {
			uint64_t va = (uint64_t)rng_below(&r, PAGES) * UINT64_C(0x2345000);
			struct walk2d_counts *a = &k.w.n, *b = &plain.w.n;

			walk2d_kit_map(&k, va, 12);
			walk2d_kit_map(&plain, va, 12);
			if (!rng_below(&r, 50))
				walk2d_flush_guest(&k.w);
			assert_int_equal(walk2d_kit_walk(&k, va, &size), walk2d_kit_walk(&plain, va, &want));
			assert_int_equal(size, want);
			assert_int_equal(b->guest_reads + b->stage2_reads, 24 * (n + 1));
			if (!c.by_ipa)
				assert_int_equal(a->guest_reads + a->hits[WALK2D_HIT_GUEST], 4 * (n + 1));
			if (!c.by_ipa)
				assert_int_equal(a->stage2_reads + a->hits[WALK2D_HIT_STAGE2] +
						 4 * a->hits[WALK2D_HIT_NTLB], 20 * (n + 1));
		}
		assert_true(k.w.n.guest_reads + k.w.n.stage2_reads < 24 * WALKS);
		walk2d_kit_free(&k);
		walk2d_kit_free(&plain);
	}
}

/* --- descriptors ------------------------------------------------------------------------------- */

static void descriptors(void **state)
{
	struct lpae_desc d;

	(void)state;
	for (unsigned level = 1; level <= 3; level++) {
		uint64_t base = UINT64_C(0x1c0000000) >> lpae_level_log2(level) << lpae_level_log2(level);

		lpae_decode(lpae_encode_leaf(base, level, false), level, &d);
		assert_int_equal(d.kind, LPAE_LEAF);
		assert_int_equal(d.base, base);
		assert_int_equal(d.size_log2, 39 - 9 * level);
		assert_true(d.af && !d.xn && d.hap == LPAE_HAP_ALL && d.memattr == LPAE_NORMAL_WB);
	}
	lpae_decode(lpae_encode_leaf(0x12345000, 3, true), 3, &d);
	assert_int_equal(d.size_log2, 16);
	assert_int_equal(d.base, 0x12340000);
	lpae_decode(lpae_encode_table(0x1234000), 2, &d);
	assert_int_equal(d.kind, LPAE_TABLE);
	assert_int_equal(d.base, 0x1234000);
	lpae_decode(0x1000 | 1, 3, &d);         /* reserved */
	assert_int_equal(d.kind, LPAE_FAULT);
	lpae_decode(0x1000 | 1, 0, &d);         /* no block that large */
	assert_int_equal(d.kind, LPAE_FAULT);
	for (unsigned level = 0; level <= 3; level++) {
		lpae_decode(~UINT64_C(3), level, &d);
		assert_int_equal(d.kind, LPAE_FAULT);
		lpae_decode(~UINT64_C(1), level, &d);
		assert_int_equal(d.kind, LPAE_FAULT);
	}
}

static void start_levels(void **state)
{
	struct lpae_regs r = { 0, 2, 34 };
	struct diag d;

	(void)state;
	assert_ok(lpae_check(&r, &d), &d);
	r.input_log2 = 35;
	assert_err(ERR_CONFIG, lpae_check(&r, &d), &d, "IPA of 35 bits from level 2; want 25 to 34");
	r.start = 3;
	assert_err(ERR_CONFIG, lpae_check(&r, &d), &d, "want 0, 1 or 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_of_short_descriptors),
		cmocka_unit_test(what_caches_save),
		cmocka_unit_test(guest_invalidates),
		cmocka_unit_test(a_word_is_known_by_its_level),
		cmocka_unit_test(faults_of_stage2),
		cmocka_unit_test(references_of_long_descriptors),
		cmocka_unit_test(caches_change_no_answer),
		cmocka_unit_test(descriptors),
		cmocka_unit_test(start_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
