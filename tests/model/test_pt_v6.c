/* SPDX-License-Identifier: GPL-2.0-or-later */
/* models/pt/v6: descriptors of XScale and ARMv6 against pictures of the manuals' figures. */
#include "tests/support.h"

#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "models/pt/mmu.h"
#include "tests/model/plain_mmu.h"

static const struct { enum pt_format f; char letter; } formats[] = {
	{ PT_V5, '5' }, { PT_XSCALE, 'x' }, { PT_V6_SUBPAGES, '0' }, { PT_V6, '1' },
};
enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

static unsigned size_of(const char *kind)
{
	return !strcmp(kind, "super") ? 24 : !strcmp(kind, "section") ? 20 :
	       !strcmp(kind, "large") ? 16 : !strcmp(kind, "small") ? 12 :
	       !strcmp(kind, "tiny") ? 10 : 0;
}

static void same(const struct pt_desc *got, const struct plain_word *want, uint32_t word,
		 unsigned format, char table)
{
	unsigned kind = !strcmp(want->kind, "fault") ? PT_FAULT :
			!strcmp(want->kind, "coarse") ? PT_COARSE :
			!strcmp(want->kind, "fine") ? PT_FINE : PT_LEAF;
	bool ok = got->kind == kind && got->size_log2 == size_of(want->kind) &&
		  got->base == want->base && got->domain == want->domain &&
		  got->cb == want->cb && got->tex == want->tex &&
		  got->attr == (want->s * PT_S | want->ng * PT_NG | want->apx * PT_APX |
				want->xn * PT_XN);

	for (unsigned i = 0; i < 4; i++)
		ok = ok && got->ap[i] == (kind == PT_LEAF ? want->ap[i] : 0);
	if (ok)
		return;
	print_error("format %c table %c word 0x%08x: kind %u size 2^%u base 0x%08x domain %u "
		    "tex %u attr %u, want %s\n", formats[format].letter, table, word, got->kind,
		    got->size_log2, got->base, got->domain, got->tex, got->attr, want->kind);
	fail();
}

static void check_word(uint32_t word)
{
	for (unsigned i = 0; i < FORMATS; i++) {
		struct pt_desc d;
		struct plain_word want;

		pt_decode_l1(formats[i].f, word, &d);
		want = plain_decode(formats[i].letter, '1', word);
		same(&d, &want, word, i, '1');
		pt_decode_l2(formats[i].f, word, false, &d);
		want = plain_decode(formats[i].letter, 'c', word);
		same(&d, &want, word, i, 'c');
		if (i > 1)              /* ARMv6 has no fine tables */
			continue;
		pt_decode_l2(formats[i].f, word, true, &d);
		want = plain_decode(formats[i].letter, 'f', word);
		same(&d, &want, word, i, 'f');
	}
}

/* Every pattern of types and AP under each single bit, set alone or cleared alone. */
static void single_bits(void **state)
{
	(void)state;
	for (uint32_t low = 0; low < 16; low++) {
		for (unsigned bit = 0; bit < 32; bit++) {
			check_word((low & 3) | (low >> 2) << 4 | UINT32_C(1) << bit);
			check_word(((low & 3) | ~UINT32_C(3)) & ~(UINT32_C(1) << bit));
			check_word((low & 3) | UINT32_C(1) << 18 | UINT32_C(1) << bit);
		}
	}
}

/* All 2^18 patterns of bits [19:2] of first-level sections, where every field but bases lies, and
 * all 2^16 of bits [15:0] of second-level words. */
static void fields_exhaustively(void **state)
{
	(void)state;
	for (uint32_t f = 0; f < 1u << 18; f++) {
		uint32_t word = 0xa5500000u | f << 2 | 2;
		struct pt_desc d;

		for (unsigned i = 1; i < FORMATS; i++) {
			struct plain_word want = plain_decode(formats[i].letter, '1', word);

			pt_decode_l1(formats[i].f, word, &d);
			same(&d, &want, word, i, '1');
		}
	}
	for (uint32_t low = 0; low < 1u << 16; low++)
		check_word(0x5aa50000u | low);
}

static void random_words(void **state)
{
	struct rng rng = rng_stream(5, "pt_v6 words");

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		check_word((uint32_t)rng_next(&rng));
}

/*
 * By hand, from DDI 0301H figures 6-8 and 6-9:
 *  0x8005841e  bit 18, S, TEX 000, APX 1, AP 01, XN, C B: supersection at 0x80000000; domain 0
 *  0x12328dfe  section 0x123, nG, APX, AP 11, domain 1111, XN, C 1 B 1
 *  0xabcdfe35  large 0xabcd, XN, TEX 111, nG S APX, AP 11, C 0 B 1
 *  0x12345a57  small 0x12345, nG, APX, TEX 001, AP 01, C 0 B 1, XN
 */
static void words_by_hand(void **state)
{
	static const struct { uint32_t word; unsigned level; struct pt_desc d; } rows[] = {
		{ 0x8005841e, 1, { .base = 0x80000000, .kind = PT_LEAF, .size_log2 = 24,
				   .ap = { 1, 1, 1, 1 }, .cb = 3,
				   .attr = PT_S | PT_APX | PT_XN } },
		{ 0x12328dfe, 1, { .base = 0x12300000, .kind = PT_LEAF, .size_log2 = 20,
				   .domain = 15, .ap = { 3, 3, 3, 3 }, .cb = 3,
				   .attr = PT_NG | PT_APX | PT_XN } },
		{ 0xabcdfe35, 2, { .base = 0xabcd0000, .kind = PT_LEAF, .size_log2 = 16,
				   .ap = { 3, 3, 3, 3 }, .cb = 1, .tex = 7,
				   .attr = PT_S | PT_NG | PT_APX | PT_XN } },
		{ 0x12345a57, 2, { .base = 0x12345000, .kind = PT_LEAF, .size_log2 = 12,
				   .ap = { 1, 1, 1, 1 }, .cb = 1, .tex = 1,
				   .attr = PT_NG | PT_APX | PT_XN } },
		{ 0x0000c003, 1, { .kind = PT_FAULT } },
		{ 0x0000fdf1, 1, { .base = 0xfc00, .kind = PT_COARSE, .domain = 15 } },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct pt_desc *w = &rows[i].d;
		struct pt_desc d;

		if (rows[i].level == 1)
			pt_decode_l1(PT_V6, rows[i].word, &d);
		else
			pt_decode_l2(PT_V6, rows[i].word, false, &d);
		assert_int_equal(d.kind, w->kind);
		assert_int_equal(d.base, w->base);
		assert_int_equal(d.size_log2, w->size_log2);
		assert_int_equal(d.domain, w->domain);
		assert_memory_equal(d.ap, w->ap, 4);
		assert_int_equal(d.cb, w->cb);
		assert_int_equal(d.tex, w->tex);
		assert_int_equal(d.attr, w->attr);
	}
}

/* decode(encode(decode(word))) is decode(word), and encode writes 0 where nothing is decoded. */
static void round_trip(void **state)
{
	struct rng rng = rng_stream(6, "pt_v6 encode");
	unsigned kinds[25] = { 0 };

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		uint32_t word = (uint32_t)rng_next(&rng), again;
		bool l1 = i & 1;
		struct pt_desc d, e;

		if (l1)
			pt_decode_l1(PT_V6, word, &d);
		else
			pt_decode_l2(PT_V6, word, false, &d);
		if (d.kind == PT_FAULT)
			continue;
		kinds[d.size_log2]++;
		again = pt_encode_v6(&d);
		assert_int_equal(again & ~word, 0);
		if (l1)
			pt_decode_l1(PT_V6, again, &e);
		else
			pt_decode_l2(PT_V6, again, false, &e);
		assert_memory_equal(&d, &e, sizeof(d));
		assert_int_equal(pt_encode_v6(&e), again);
	}
	assert_true(kinds[0] > 10000 && kinds[12] > 10000 && kinds[16] > 10000 &&
		    kinds[20] > 10000 && kinds[24] > 10000);
}

static const struct mmu_arch *core(const char *name) { return mmu_find(name, strlen(name)); }

static const char *type_text(struct pt_memory m, char buf[16])
{
	if (m.type != MEM_NORMAL)
		snprintf(buf, 16, "%s%s", m.type == MEM_DEVICE ? "dev" : m.type ? "res" : "so",
			 m.shared ? "+s" : "");
	else
		snprintf(buf, 16, "n%u%u%s", m.outer, m.inner, m.shared ? "+s" : "");
	return buf;
}

/* DDI 0301H tables 6-2 and 6-3 by TEX C B, S = 0; digits: outer, inner. */
static void memory_types(void **state)
{
	static const char *const table[32] = {
		"so+s", "dev+s", "n22", "n33", "n00", "res", "res", "n11",
		"dev", "res", "res", "res", "res", "res", "res", "res",
		"n00", "n01", "n02", "n03", "n10", "n11", "n12", "n13",
		"n20", "n21", "n22", "n23", "n30", "n31", "n32", "n33",
	};
	char buf[16], want[16];

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		const char *text = table[i % 32];
		struct pt_desc d = { .kind = PT_LEAF, .tex = (uint8_t)(i % 32 / 4),
				     .cb = (uint8_t)(i % 4), .attr = i / 32 ? PT_S | PT_XN : PT_NG };

		snprintf(want, sizeof(want), "%s%s", text, i / 32 && text[0] == 'n' ? "+s" : "");
		assert_string_equal(type_text(mmu_memory(core("arm1136"), &d, SCTLR_XP, 0, 0),
					      buf), want);
		/* the bit that remaps means nothing to r0, nor with XP = 0 */
		assert_string_equal(type_text(mmu_memory(core("arm1136r0"), &d, SCTLR_XP |
							 SCTLR_TRE, 0, 0), buf), want);
		assert_string_equal(type_text(mmu_memory(core("arm1136"), &d, SCTLR_TRE, 0, 0),
					      buf), want);
	}
}

/* PRRR and NMRR are read two bits at a time as in the tables of DDI 0360F. */
static void remapped_types(void **state)
{
	struct rng rng = rng_stream(10, "tex remap");

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t prrr = (uint32_t)rng_next(&rng), nmrr = (uint32_t)rng_next(&rng);
		unsigned tex = rng_below(&rng, 8), cb = rng_below(&rng, 4), s = rng_below(&rng, 2);
		struct pt_desc d = { .kind = PT_LEAF, .tex = (uint8_t)tex, .cb = (uint8_t)cb,
				     .attr = s ? PT_S : 0 };
		unsigned n = tex % 2 * 4 + cb, four = 1u << 2 * n, type = prrr / four % 4;
		struct pt_memory m = mmu_memory(core("cortex-a8"), &d, SCTLR_TRE, prrr, nmrr);

		assert_int_equal(m.type, type);
		assert_int_equal(m.shared, type == 0 || (type == 1 && prrr / (0x10000 << s) % 2) ||
				 (type == 2 && prrr / (0x40000 << s) % 2));
		assert_int_equal(m.inner, type == 2 ? nmrr / four % 4 : 0);
		assert_int_equal(m.outer, type == 2 ? nmrr / 0x10000 / four % 4 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_bits),
		cmocka_unit_test(fields_exhaustively),
		cmocka_unit_test(random_words),
		cmocka_unit_test(words_by_hand),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(memory_types),
		cmocka_unit_test(remapped_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
