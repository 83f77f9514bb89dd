/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of shadow tables against the decoders and checks of the hardware: all that an entry can say, in
 * both formats. And what a guest's word of ARMv6 grants, folded, against each access by itself.
 */
#include "tests/support.h"

#include <string.h>

#include "strategies/host_words.h"
#include "strategies/view.h"

enum { CLIENT = 1, MANAGER = 3 };

static const struct mmu_arch *row(const char *name)
{
	return mmu_find(name, strlen(name));
}

static const struct pt_memory types[] = {
	{ MEM_STRONGLY_ORDERED, CACHE_NONE, CACHE_NONE, true },
	{ MEM_DEVICE, CACHE_NONE, CACHE_NONE, true }, { MEM_DEVICE, CACHE_NONE, CACHE_NONE, false },
	{ MEM_NORMAL, CACHE_NONE, CACHE_NONE, false }, { MEM_NORMAL, CACHE_WB_WA, CACHE_WB, true },
};

static void decode(enum pt_format f, const struct host_leaf *l, uint32_t word, bool fine, struct pt_desc *d)
{
	if (l->size_log2 >= SECTION_LOG2)
		pt_decode_l1(f, word, d);
	else
		pt_decode_l2(f, word, fine, d);
	assert_int_equal(d->kind, PT_LEAF);
	assert_int_equal(d->base, l->hpa);
	assert_int_equal(d->size_log2, l->size_log2);
}

/* Size x AP x XN x nG x every memory type: the core reads back what was meant, and a USR-mode access is let
 * through as the AP says, in client domains. */
static void words_of_v6(void **state)
{
	static const uint8_t sizes[] = { 12, 16, 20 };
	const struct mmu_arch *a = row("arm1176");
	unsigned n = 0;

	(void)state;
	for (unsigned k = 0; k < 3 * 3 * 4; k++)
		for (unsigned type = 0; type < 2 + 16 * 2 + 1; type++, n++) {
			struct host_leaf l = { .size_log2 = sizes[k % 3], .hpa = 0x34500000,
				.domain = sizes[k % 3] == 20 ? 3 : 0, .xn = k / 9 & 1, .ng = k / 18 & 1 };
			struct pt_memory want = types[type % 3], got;
			struct walk w = { .levels = 2 };
			unsigned ap = 1 + k / 3 % 3;

			if (type >= 3)
				want = (struct pt_memory){ MEM_NORMAL, (type - 3) & 3, (type - 3) >> 2 & 3,
							   (type - 3) >> 4 & 1 };
			memset(l.ap, (int)ap, sizeof(l.ap));
			l.memory = want;
			decode(PT_V6, &l, host_leaf_word(HOST_V6, &l), false, &w.leaf);
			got = mmu_memory(a, &w.leaf, SCTLR_M | SCTLR_XP, 0, 0);
			assert_int_equal(got.type, want.type);
			assert_int_equal(got.shared, want.shared);
			assert_int_equal(got.inner, want.inner);
			assert_int_equal(got.outer, want.outer);
			assert_int_equal(!!(w.leaf.attr & PT_NG), l.ng);
			assert_int_equal(w.leaf.domain, l.domain);
			for (int access = ACCESS_READ; access <= ACCESS_FETCH; access++) {
				bool ok = !mmu_check(a, &w, gva(0), 0x55555555, SCTLR_M | SCTLR_XP, true,
						     (enum access)access);

				assert_int_equal(ok, access == ACCESS_WRITE ? ap == 3
						     : ap > 1 && !(access == ACCESS_FETCH && l.xn));
			}
			/* the monitor's own rights are whole */
			assert_false(mmu_check(a, &w, gva(0), 0x55555555, SCTLR_M | SCTLR_XP, false,
					       ACCESS_WRITE));
		}
	assert_int_equal(n, 1260);
}

static void words_of_v5(void **state)
{
	static const uint8_t sizes[] = { 10, 12, 16, 20 };

	(void)state;
	for (unsigned k = 0; k < 4 * 81; k++) {
		struct host_leaf l = { .size_log2 = sizes[k % 4], .hpa = 0x34500000, .cb = k % 3 + 1 };
		struct pt_desc d;

		for (unsigned q = 0, left = k / 4; q < 4; q++, left /= 3)
			l.ap[q] = (uint8_t)(1 + (l.size_log2 == 10 || l.size_log2 == 20 ? k / 4 : left) % 3);
		decode(PT_V5, &l, host_leaf_word(HOST_V5, &l), true, &d);
		assert_memory_equal(d.ap, l.ap, sizeof(d.ap));
		assert_int_equal(d.cb, l.cb);
	}
}

static void tables_and_own_pages(void **state)
{
	struct pt_desc d;

	(void)state;
	for (unsigned domain = 0; domain < 16; domain++)
		for (unsigned f = HOST_V5; f <= HOST_V6; f++)
			for (unsigned fine = 0; fine < (f == HOST_V5 ? 2u : 1u); fine++) {
				pt_decode_l1(f == HOST_V6 ? PT_V6 : PT_V5,
					     host_table_word((enum host_format)f, 0xc0021000, domain, fine),
					     &d);
				assert_int_equal(d.kind, fine ? PT_FINE : PT_COARSE);
				assert_int_equal(d.base, 0xc0021000);
				assert_int_equal(d.domain, domain);
			}
	for (unsigned f = HOST_V5; f <= HOST_V6; f++)
		for (unsigned size = 12; size <= 16; size += 4) {
			struct walk w = { .levels = 2 };

			pt_decode_l2(f == HOST_V6 ? PT_V6 : PT_V5,
				     host_own_word((enum host_format)f, 0xc0010000, size), false, &w.leaf);
			for (int access = ACCESS_READ; access <= ACCESS_FETCH; access++) {
				assert_false(mmu_check(row("arm1176"), &w, gva(0), CLIENT, SCTLR_XP, false,
						       (enum access)access));
				assert_int_equal(mmu_check(row("arm1176"), &w, gva(0), CLIENT, SCTLR_XP, true,
							   (enum access)access), FS_PERM_PAGE);
			}
			assert_int_equal(w.leaf.cb, 3);
			assert_false(w.leaf.attr & PT_NG);
		}
}

static void reserved_types_act_as_strongly_ordered(void **state)
{
	struct host_leaf l = { .size_log2 = 12, .ap = { 3, 3, 3, 3 }, .memory = { .type = MEM_RESERVED } };
	struct pt_desc d;

	(void)state;
	pt_decode_l2(PT_V6, host_leaf_word(HOST_V6, &l), false, &d);
	assert_int_equal(mmu_memory(row("mpcore"), &d, SCTLR_M | SCTLR_XP, 0, 0).type,
			 MEM_STRONGLY_ORDERED);
}

/* --- folding ------------------------------------------------------------------------------ */

/* Every word of a row's small pages, in every kind of domain and with S and R: the fold says just what
 * the guest's own check does, for both views, each quarter and each kind of access. */
static void fold_is_the_guests_check(void **state)
{
	static const char *const rows[] = { "arm1136r0", "arm1136", "arm1176", "mpcore", "cortex-a8", "armv5" };
	static const uint32_t sr[] = { 0, SCTLR_S, SCTLR_R, SCTLR_S | SCTLR_R };
	uint64_t n = 0;

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]) * 4 * 4096; i++) {
		const struct mmu_arch *a = row(rows[i % 6]);
		uint32_t sctlr = SCTLR_M | sr[i / 6 % 4] | (i & 1 ? SCTLR_XP : 0);
		uint32_t dacr = i & 2 ? CLIENT << 6 : (uint32_t)MANAGER << 6;
		struct walk w = { .levels = 2 };
		struct view_rights v;

		pt_decode_l2(mmu_format(a, sctlr), 0x00200000 | (i / 24 & 0xffc) | 2 | (i & 1), false, &w.leaf);
		if (w.leaf.kind != PT_LEAF)
			continue;
		w.leaf.domain = 3;
		v = view_fold_on(a, &w, dacr, sctlr);
		for (unsigned k = 0; k < 4 * 2 * 3; k++, n++) {
			enum access access = (enum access)(k % 3);
			bool user = k / 3 & 1;
			gva_t mva = gva((k / 6) << (w.leaf.size_log2 - 2));

			assert_int_equal(view_allows(&v, k / 6, MB_CLASS, user, access),
					 !mmu_check(a, &w, mva, dacr, sctlr, user, access));
		}
	}
	assert_true(n > 1000000);
}

/* What the hardware lets through of an entry is what the page grants in that view, or less where that
 * is the state's meaning; never more. XN and manager do not meet. */
static void hardware_never_grants_more(void **state)
{
	static const uint8_t granted[] = { 0, RIGHT_READ, RIGHT_READ | RIGHT_WRITE };
	const struct mmu_arch *a = row("arm1176");

	(void)state;
	for (unsigned k = 0; k < 9 * 2 * 3 * 2 * 3; k++) {
		uint8_t kernel = granted[k % 3], user = granted[k / 3 % 3];
		struct view_rights v = { .xn = k / 9 & 1 };
		enum mb_state s = (enum mb_state)(k / 18 % 3);
		bool is_user = k / 54 & 1;
		enum access access = (enum access)(k / 108 % 3);
		struct host_leaf l = { .size_log2 = 12, .xn = v.xn };
		struct walk w = { .levels = 2 };
		bool lets;

		if (user & ~kernel)
			continue;       /* no such page */
		memset(v.k, kernel, sizeof(v.k));
		memset(v.u, user, sizeof(v.u));
		if (s == MB_CLASS && !view_class(&v)) {
			assert_true(v.xn && kernel != user && user);
			continue;       /* its megabyte is mixed */
		}
		view_ap(&v, s, l.ap);
		pt_decode_l2(PT_V6, host_leaf_word(HOST_V6, &l), false, &w.leaf);
		w.leaf.domain = s == MB_CLASS ? view_domain(view_class(&v)) : s == MB_BOTH ? DOM_U : DOM_K;
		lets = !mmu_check(a, &w, gva(0), view_dacr(is_user), SCTLR_XP, true, access);
		assert_int_equal(lets, view_allows(&v, 0, s, is_user, access));
		assert_true(!lets || view_allows(&v, 0, MB_CLASS, is_user, access));
	}
}

static void one_ap_of_four(void **state)
{
	(void)state;
	for (unsigned k = 0; k < 256; k++) {
		struct view_rights v = { .xn = k & 1 }, all, one;

		for (unsigned q = 0; q < 4; q++) {
			v.k[q] = (uint8_t)(k >> 2 * q & 3);
			v.u[q] = (uint8_t)(v.k[q] & (k >> (q ^ 1) & 3));
		}
		all = v;
		view_intersect(&all);
		for (unsigned q = 0; q < 4; q++) {
			assert_int_equal(all.k[q], v.k[0] & v.k[1] & v.k[2] & v.k[3]);
			assert_int_equal(all.u[q], v.u[0] & v.u[1] & v.u[2] & v.u[3]);
			one = v;
			view_take_quarter(&one, q);
			assert_true(one.k[q ^ 1] == v.k[q] && one.u[q ^ 2] == v.u[q] && one.xn == v.xn);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_v6),
		cmocka_unit_test(words_of_v5),
		cmocka_unit_test(tables_and_own_pages),
		cmocka_unit_test(reserved_types_act_as_strongly_ordered),
		cmocka_unit_test(fold_is_the_guests_check),
		cmocka_unit_test(hardware_never_grants_more),
		cmocka_unit_test(one_ap_of_four),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
