/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of tables rewritten in place: whatever the guest wrote is brought back from the machine's word and its side,
 * for every value of the lower half and any upper one, wherever the page lies, whatever it grants there.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/pt/pt.h"
#include "strategies/host_words.h"
#include "strategies/inplace_words.h"

enum { HALVES = 256, LARGE = 1, TINY = 3 };

/* Where the guest's memory lies: a permutation of frames, as no real map is. */
static uint32_t to_host(uint32_t gpa) { return gpa ^ 0x5a5a5000u; }
static uint32_t to_host_large(uint32_t gpa) { return gpa ^ 0x5a5a0000u; }

static const struct inplace_form coarse = { false, false }, fine = { true, false }, v6 = { false, true };

static void stash_keeps_all(uint32_t w, struct inplace_form f)
{
	uint32_t machine = inplace_stash(w);

	assert_int_equal(machine & 3, 0);
	assert_false(inplace_is_page(machine));
	assert_int_equal(inplace_guest_word(machine, 0xdeadb000, inplace_side_of(w, f), f), w);
}

/* The page at gpa has machine word l. */
static void page(uint32_t w, struct inplace_form f, uint32_t gpa, const struct host_leaf *l)
{
	uint32_t machine = host_leaf_word(f.v6 ? HOST_V6 : HOST_V5, l);

	assert_true(inplace_is_page(machine));
	assert_int_equal(inplace_base(machine, f.fine), l->hpa);
	assert_int_equal(inplace_guest_word(machine, gpa, inplace_side_of(w, f), f), w);
}

/* l: what the page grants, and how it is cached where the words do not say it. */
static void word(uint32_t w, struct inplace_form f, uint32_t own, struct host_leaf l)
{
	uint32_t gpa;

	stash_keeps_all(w, f);
	l.cb = w >> 2 & 3;
	if (!inplace_is_rebuilt(w, f)) {
		assert_int_equal(w & 3, LARGE);
		assert_false(f.v6);
		return;
	}
	if (!(w & 3)) {
		assert_int_equal(inplace_stash(w), w);
		return;
	}
	l.size_log2 = f.fine && (w & 3) == TINY ? GRANULE_LOG2 : FRAME_LOG2;
	gpa = w & ~((UINT32_C(1) << l.size_log2) - 1);
	if ((w & 3) == LARGE) {         /* as a whole, and the 4 KB of one of its words */
		l.size_log2 = PT_LARGE_LOG2;
		gpa = w & 0xffff0000;
		l.hpa = to_host_large(gpa);
		page(w, f, gpa, &l);
		l.size_log2 = FRAME_LOG2;
		gpa |= own << FRAME_LOG2;
	}
	l.hpa = to_host(gpa);
	page(w, f, gpa, &l);
}

static void every_word_is_brought_back(void **state)
{
	struct rng r = rng_stream(1, "words");

	(void)state;
	for (unsigned n = 0; n < HALVES; n++) {
		uint32_t high = (uint32_t)rng_next(&r) << 16, own = rng_below(&r, 16), ap = 1 + rng_below(&r, 3);
		struct host_leaf l = { .ap = { (uint8_t)ap, (uint8_t)ap, (uint8_t)ap, (uint8_t)ap } }, one = l;

		one.memory.type = (uint8_t)rng_below(&r, 4);
		one.memory.inner = (uint8_t)rng_below(&r, 4);
		one.memory.outer = (uint8_t)rng_below(&r, 4);
		one.memory.shared = n & 1;
		one.xn = n & 2;
		one.ng = n & 4;
		l.ap[n & 3] = (uint8_t)(1 + rng_below(&r, 3));
		for (uint32_t low = 0; low < 0x10000; low++) {
			word(high | low, coarse, own, l);
			word(high | low, fine, own, l);
			word(high | low, v6, own, one);
		}
	}
}

/* So many bits, and none of them too many: words that differ where machine words do not. */
static unsigned sides_of(struct inplace_form f)
{
	static bool seen[0x10000];
	unsigned n = 0;

	memset(seen, 0, sizeof(seen));
	for (uint32_t low = 0; low < 0x10000; low++) {
		unsigned bits = inplace_side_of(low, f).bits;

		n += !seen[bits];
		seen[bits] = true;
	}
	return n;
}

static void sides_tell_words_apart(void **state)
{
	(void)state;
	assert_int_equal(sides_of(coarse), 1 << INPLACE_SIDE_BITS);
	assert_int_equal(sides_of(v6), 1 << INPLACE_SIDE_BITS_V6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_is_brought_back),
		cmocka_unit_test(sides_tell_words_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
