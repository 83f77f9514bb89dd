/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * models/pt/v5: decoding and encoding over the descriptor space. The expected answer comes from
 * a second decoder that shares nothing with the first: pictures of the manual's figures, one
 * letter a bit, read letter by letter.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/pt/pt.h"

/* B base, D domain, A the one AP, w x y z AP3 to AP0, C cacheable and bufferable, - ignored */
struct picture { const char *bits; uint8_t kind, size_log2; };

static const struct picture l1_pictures[4] = {
	{ "------------------------------00", PT_FAULT, 0 },
	{ "BBBBBBBBBBBBBBBBBBBBBB-DDDD---01", PT_COARSE, 0 },
	{ "BBBBBBBBBBBB--------AA-DDDD-CC10", PT_LEAF, 20 },
	{ "BBBBBBBBBBBBBBBBBBBB---DDDD---11", PT_FINE, 0 },
};
static const struct picture coarse_pictures[4] = {
	{ "------------------------------00", PT_FAULT, 0 },
	{ "BBBBBBBBBBBBBBBB----wwxxyyzzCC01", PT_LEAF, 16 },
	{ "BBBBBBBBBBBBBBBBBBBBwwxxyyzzCC10", PT_LEAF, 12 },
	{ "------------------------------11", PT_FAULT, 0 },
};
static const struct picture fine_pictures[4] = {
	{ "------------------------------00", PT_FAULT, 0 },
	{ "BBBBBBBBBBBBBBBB----wwxxyyzzCC01", PT_LEAF, 16 },
	{ "BBBBBBBBBBBBBBBBBBBBwwxxyyzzCC10", PT_LEAF, 12 },
	{ "BBBBBBBBBBBBBBBBBBBBBB----AACC11", PT_LEAF, 10 },
};

/* Bits of `word` under a letter, read from the left. */
static uint32_t pick(const char *bits, char letter, uint32_t word)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < 32; i++)
		if (bits[i] == letter)
			value = value * 2 + (word / (UINT32_C(1) << (31 - i))) % 2;
	return value;
}

static unsigned letters(const char *bits, char letter)
{
	unsigned n = 0;

	for (; *bits; bits++)
		n += *bits == letter;
	return n;
}

static struct pt_desc expected(const struct picture table[4], uint32_t word)
{
	const struct picture *p = &table[word % 4];
	struct pt_desc d;

	memset(&d, 0, sizeof(d));
	d.kind = p->kind;
	d.size_log2 = p->size_log2;
	if (letters(p->bits, 'B'))
		d.base = pick(p->bits, 'B', word) << (32 - letters(p->bits, 'B'));
	d.domain = (uint8_t)pick(p->bits, 'D', word);
	d.cb = (uint8_t)pick(p->bits, 'C', word);
	for (unsigned i = 0; i < 4; i++)
		d.ap[i] = (uint8_t)(letters(p->bits, 'A') ? pick(p->bits, 'A', word)
							  : pick(p->bits, "zyxw"[i], word));
	return d;
}

static void same_desc(const struct pt_desc *got, const struct pt_desc *want, uint32_t word)
{
	if (got->base == want->base && got->kind == want->kind &&
	    got->size_log2 == want->size_log2 && got->domain == want->domain &&
	    !memcmp(got->ap, want->ap, sizeof(got->ap)) && got->cb == want->cb &&
	    !(got->tex | got->attr))    /* the format has neither */
		return;
	print_error("word 0x%08x: kind %u base 0x%08x size 2^%u domain %u cb %u\n", word,
		    got->kind, got->base, got->size_log2, got->domain, got->cb);
	fail();
}

static void check_word(uint32_t word)
{
	struct pt_desc got, want;

	want = expected(l1_pictures, word);
	pt_decode_v5_l1(word, &got);
	same_desc(&got, &want, word);
	want = expected(coarse_pictures, word);
	pt_decode_v5_l2(word, false, &got);
	same_desc(&got, &want, word);
	want = expected(fine_pictures, word);
	pt_decode_v5_l2(word, true, &got);
	same_desc(&got, &want, word);
}

static void pictures_are_whole(void **state)
{
	static const struct picture *const all[] = { l1_pictures, coarse_pictures,
						     fine_pictures };

	(void)state;
	for (unsigned t = 0; t < 3; t++) {
		for (unsigned type = 0; type < 4; type++) {
			const char *bits = all[t][type].bits;

			assert_int_equal(strlen(bits), 32);
			assert_int_equal(bits[30] - '0', type / 2);
			assert_int_equal(bits[31] - '0', type % 2);
		}
	}
}

/* All 4096 patterns of the low 12 bits, where every field but the bases lies, over bases of
 * one bit, no bit and all bits: 4096 * 42 words. */
static void low_bits_exhaustively(void **state)
{
	(void)state;
	for (uint32_t low = 0; low < 4096; low++) {
		check_word(low);
		check_word(low | 0xfffff000u);
		for (unsigned bit = 12; bit < 32; bit++) {
			check_word(low | UINT32_C(1) << bit);
			check_word(low | (0xfffff000u & ~(UINT32_C(1) << bit)));
		}
	}
}

static void random_words(void **state)
{
	struct rng rng = rng_stream(1, "pt_v5 words");

	(void)state;
	for (unsigned i = 0; i < 1000000; i++)
		check_word((uint32_t)rng_next(&rng));
}

#define LEAF(at, size, dom, c_b, ...) (&(struct pt_desc){ .base = (at), .kind = PT_LEAF, \
	.size_log2 = (size), .domain = (dom), .ap = { __VA_ARGS__ }, .cb = (c_b) })
#define TABLE(what, at, dom) (&(struct pt_desc){ .base = (at), .kind = (what), .domain = (dom) })

/*
 * By hand, from the figures:
 *  0xc0000c1e  section 0xc00, AP 11, domain 0, bit 4, C B: the first megabyte of a Linux kernel
 *  0x33f7fdf1  coarse table 0x33f7fc00; [9] is 0; domain [8:5] = 1111; bit 4; type 01
 *  0x33f7f03f  fine table 0x33f7f000, domain 1, bit 4, [3:2] ignored
 *  0xa000aff9  large 0xa000, [15:12] ignored, AP3 AP2 11, AP1 AP0 11, C 1 B 0
 *  0xa0005e4e  small 0xa0005, 1110 0100 = AP3 11 AP2 10 AP1 01 AP0 00, C B
 *  0xa00054e3  fine: tiny, base [31:10] = 0xa0005400, [9:6] ignored, AP 10, C B 00
 */
static void words_by_hand(void **state)
{
	struct pt_desc d;

	(void)state;
	pt_decode_v5_l1(0xc0000c1e, &d);
	same_desc(&d, LEAF(0xc0000000, 20, 0, 3, 3, 3, 3, 3), 0);
	pt_decode_v5_l1(0x33f7fdf1, &d);
	same_desc(&d, TABLE(PT_COARSE, 0x33f7fc00, 15), 1);
	pt_decode_v5_l1(0x33f7f03f, &d);
	same_desc(&d, TABLE(PT_FINE, 0x33f7f000, 1), 2);
	pt_decode_v5_l2(0xa000aff9, false, &d);
	same_desc(&d, LEAF(0xa0000000, 16, 0, 2, 3, 3, 3, 3), 3);
	pt_decode_v5_l2(0xa0005e4e, false, &d);
	same_desc(&d, LEAF(0xa0005000, 12, 0, 3, 0, 1, 2, 3), 4);
	pt_decode_v5_l2(0xa00054e3, true, &d);
	same_desc(&d, LEAF(0xa0005400, 10, 0, 0, 2, 2, 2, 2), 5);
	pt_decode_v5_l2(0xa00054e3, false, &d);
	same_desc(&d, &(struct pt_desc){ .kind = PT_FAULT }, 6);
}

/* decode(encode(fields)) gives the fields back, and bit 4 of first-level words is written 1. */
static void encode_l1(struct rng *rng)
{
	uint32_t base = (uint32_t)rng_next(rng);
	unsigned ap = rng_below(rng, 4), domain = rng_below(rng, 16), cb = rng_below(rng, 4);
	uint8_t a = (uint8_t)ap;
	struct pt_desc got, want;
	uint32_t word;

	word = pt_encode_v5_section(base & 0xfff00000u, ap, domain, cb);
	want = *LEAF(base & 0xfff00000u, 20, (uint8_t)domain, (uint8_t)cb, a, a, a, a);
	assert_true(word & 1 << 4);
	assert_int_equal(word & 0x000ff200u, 0);
	pt_decode_v5_l1(word, &got);
	same_desc(&got, &want, word);

	word = pt_encode_v5_coarse(base & 0xfffffc00u, domain);
	want = *TABLE(PT_COARSE, base & 0xfffffc00u, (uint8_t)domain);
	assert_int_equal(word & 0x21cu, 0x10);
	pt_decode_v5_l1(word, &got);
	same_desc(&got, &want, word);

	word = pt_encode_v5_fine(base & 0xfffff000u, domain);
	want = *TABLE(PT_FINE, base & 0xfffff000u, (uint8_t)domain);
	assert_int_equal(word & 0xe1cu, 0x10);
	pt_decode_v5_l1(word, &got);
	same_desc(&got, &want, word);
}

static void encode_l2(struct rng *rng)
{
	uint32_t base = (uint32_t)rng_next(rng);
	uint8_t cb = (uint8_t)rng_below(rng, 4);
	struct pt_desc got, want = { .kind = PT_LEAF, .cb = cb };
	uint32_t word;

	for (unsigned i = 0; i < 4; i++)
		want.ap[i] = (uint8_t)rng_below(rng, 4);
	want.base = base & 0xffff0000u;
	want.size_log2 = 16;
	word = pt_encode_v5_large(want.base, want.ap, cb);
	assert_int_equal(word & 0xf000u, 0);
	pt_decode_v5_l2(word, rng_below(rng, 2), &got);
	same_desc(&got, &want, word);

	want.base = base & 0xfffff000u;
	want.size_log2 = 12;
	word = pt_encode_v5_small(want.base, want.ap, cb);
	pt_decode_v5_l2(word, rng_below(rng, 2), &got);
	same_desc(&got, &want, word);

	want.base = base & 0xfffffc00u;
	want.size_log2 = 10;
	memset(want.ap, want.ap[2], sizeof(want.ap));
	word = pt_encode_v5_tiny(want.base, want.ap[2], cb);
	assert_int_equal(word & 0x3c0u, 0);
	pt_decode_v5_l2(word, true, &got);
	same_desc(&got, &want, word);
}

static void encode_then_decode(void **state)
{
	struct rng rng = rng_stream(2, "pt_v5 encode");

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		encode_l1(&rng);
		encode_l2(&rng);
	}
}

/* encode(decode(word)) is the word with ignored bits 0 and bit 4 of first-level words 1. */
static uint32_t canonical(const struct picture table[4], uint32_t word, bool l1)
{
	const char *bits = table[word % 4].bits;

	for (unsigned i = 0; i < 32; i++)
		if (bits[i] == '-')
			word &= ~(UINT32_C(1) << (31 - i));
	return l1 ? word | 1 << 4 : word;
}

static uint32_t encode_any(const struct pt_desc *d)
{
	switch (d->kind << 8 | d->size_log2) {
	case PT_COARSE << 8:
		return pt_encode_v5_coarse(d->base, d->domain);
	case PT_FINE << 8:
		return pt_encode_v5_fine(d->base, d->domain);
	case PT_LEAF << 8 | 20:
		return pt_encode_v5_section(d->base, d->ap[0], d->domain, d->cb);
	case PT_LEAF << 8 | 16:
		return pt_encode_v5_large(d->base, d->ap, d->cb);
	case PT_LEAF << 8 | 12:
		return pt_encode_v5_small(d->base, d->ap, d->cb);
	default:
		return pt_encode_v5_tiny(d->base, d->ap[0], d->cb);
	}
}

static void decode_then_encode(void **state)
{
	struct rng rng = rng_stream(3, "pt_v5 decode");

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		uint32_t word = (uint32_t)rng_next(&rng);
		struct pt_desc d;

		pt_decode_v5_l1(word, &d);
		if (d.kind != PT_FAULT)
			assert_int_equal(encode_any(&d), canonical(l1_pictures, word, true));
		pt_decode_v5_l2(word, true, &d);
		if (d.kind != PT_FAULT)
			assert_int_equal(encode_any(&d), canonical(fine_pictures, word, false));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_are_whole),
		cmocka_unit_test(low_bits_exhaustively),
		cmocka_unit_test(random_words),
		cmocka_unit_test(words_by_hand),
		cmocka_unit_test(encode_then_decode),
		cmocka_unit_test(decode_then_encode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
