/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of tables rewritten in place: whatever the guest wrote is brought back from the machine's word and its side,
 * for every value of the lower half and any upper one, wherever the page lies, whatever it grants there.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/pt/pt.h"
#include "strategies/inplace_words.h"

enum { HALVES = 256, LARGE = 1, SMALL = 2, TINY = 3 };

/* Where the guest's memory lies: a permutation of frames, as no real map is. */
static uint32_t to_host(uint32_t gpa) { return gpa ^ 0x5a5a5000u; }
static uint32_t to_host_large(uint32_t gpa) { return gpa ^ 0x5a5a0000u; }

static void stash_keeps_all(uint32_t w, bool fine)
{
	uint32_t machine = inplace_stash(w);

	assert_int_equal(machine & 3, 0);
	assert_false(inplace_is_page(machine));
	assert_int_equal(inplace_guest_word(machine, 0xdeadb000, inplace_side_of(w), fine), w);
}

static void decodes_to(uint32_t machine, bool fine, uint32_t hpa, unsigned size_log2, const uint8_t ap[4],
		       unsigned cb)
{
	struct pt_desc d;

	pt_decode_v5_l2(machine, fine, &d);
	assert_int_equal(d.kind, PT_LEAF);
	assert_int_equal(d.base, hpa);
	assert_int_equal(d.size_log2, size_log2);
	assert_int_equal(d.cb, cb);
	for (unsigned q = 0; q < 4; q++)
		assert_int_equal(d.ap[q], ap[size_log2 == GRANULE_LOG2 ? 0 : q]);
}

/* A page at gpa that lies at hpa. */
static void page(uint32_t w, bool fine, uint32_t gpa, uint32_t hpa, unsigned size_log2, const uint8_t ap[4])
{
	uint32_t machine = inplace_word(w, hpa, size_log2, ap);

	decodes_to(machine, fine, hpa, size_log2, ap, w >> 2 & 3);
	assert_int_equal(inplace_base(machine, fine), hpa);
	assert_int_equal(inplace_guest_word(machine, gpa, inplace_side_of(w), fine), w);
}

static void word(uint32_t w, bool fine, uint32_t own, const uint8_t ap[4])
{
	uint32_t gpa;

	stash_keeps_all(w, fine);
	if (!inplace_is_rebuilt(w)) {
		assert_int_equal(w & 3, LARGE);
		return;
	}
	switch (w & 3) {
	case LARGE:             /* as a whole, and the 4 KB of one of its words */
		gpa = w & 0xffff0000;
		page(w, fine, gpa, to_host_large(gpa), PT_LARGE_LOG2, ap);
		gpa |= own << FRAME_LOG2;
		page(w, fine, gpa, to_host(gpa), FRAME_LOG2, ap);
		break;
	case SMALL:
		gpa = w & 0xfffff000;
		page(w, fine, gpa, to_host(gpa), FRAME_LOG2, ap);
		break;
	case TINY:              /* an extended small page in a coarse table */
		gpa = w & (fine ? 0xfffffc00 : 0xfffff000);
		page(w, fine, gpa, to_host(gpa), fine ? GRANULE_LOG2 : FRAME_LOG2, ap);
		break;
	default:
		assert_int_equal(inplace_stash(w), w);
	}
}

static void every_word_is_brought_back(void **state)
{
	struct rng r = rng_stream(1, "words");

	(void)state;
	for (unsigned n = 0; n < HALVES; n++) {
		uint32_t high = (uint32_t)rng_next(&r) << 16, own = rng_below(&r, 16);
		uint8_t ap[4];

		for (unsigned q = 0; q < 4; q++)
			ap[q] = (uint8_t)(1 + rng_below(&r, 3));
		for (uint32_t low = 0; low < 0x10000; low++) {
			word(high | low, false, own, ap);
			word(high | low, true, own, ap);
		}
	}
}

/* Ten bits are enough, and none of them too many: words that differ where machine words do not. */
static void sides_tell_words_apart(void **state)
{
	static const uint8_t none[4] = { 1, 1, 1, 1 };
	bool seen[1 << INPLACE_SIDE_BITS] = { false };

	(void)state;
	for (uint32_t low = 0; low < 0x1000; low++) {
		struct inplace_side s;

		if ((low & 3) != SMALL && (low & 3) != TINY)
			continue;
		s = inplace_side_of(0x12345000 | low);
		assert_int_equal(inplace_word(0x12345000 | low, 0x12345000, FRAME_LOG2, none) & ~0xcu,
				 0x12345552);
		seen[s.low << 2 | s.type] = true;
	}
	for (unsigned i = 0; i < sizeof(seen); i++)
		assert_int_equal(seen[i], (i & 3) >= SMALL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_is_brought_back),
		cmocka_unit_test(sides_tell_words_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
