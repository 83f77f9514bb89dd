/* SPDX-License-Identifier: GPL-2.0-or-later */
/* models/cache/wbuf: the counting rules, by hand and as laws over random traffic. */
#include "tests/support.h"

#include "base/rng.h"
#include "models/cache/cache.h"

/*
 * Two entries, one out every three accesses. T is a tick, S a store; used after each:
 *   S 1  S 2  S stalls: one out, one in: 2   T 2  T 2  T 1 (third tick)  S 2  T 2  T 2  T 1
 *   T 1  T 1  T 0   T 0  S 1  T 1: the timer did not run while the buffer was empty
 */
static void two_entries_by_hand(void **state)
{
	static const char step[] = "SSSTTTSTTTTTTTST";
	static const unsigned used[] = { 1, 2, 2, 2, 2, 1, 2, 2, 2, 1, 1, 1, 0, 0, 1, 1 };
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 2, 64, 3);
	for (unsigned i = 0; step[i]; i++) {
		if (step[i] == 'S')
			assert_int_equal(wbuf_store(&w, 0, false), i == 2);
		else
			wbuf_tick(&w);
		assert_int_equal(w.used, used[i]);
	}
	assert_int_equal(w.stores, 5);
	assert_int_equal(w.stalls, 1);
	assert_int_equal(w.drained, 4);
}

static void drain_empties(void **state)
{
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 4, 64, 100);
	assert_int_equal(wbuf_drain(&w), 0);
	for (unsigned i = 0; i < 3; i++)
		assert_false(wbuf_store(&w, 0, false));
	assert_int_equal(wbuf_drain(&w), 3);
	assert_int_equal(wbuf_drain(&w), 0);
	assert_int_equal(w.drained, 3);
	for (unsigned i = 0; i < 4; i++)
		assert_false(wbuf_store(&w, 0, false));
	assert_true(wbuf_store(&w, 0, false));
}

static void absent_always_stalls(void **state)
{
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 0, 0, 0);
	for (unsigned i = 0; i < 5; i++) {
		assert_true(wbuf_store(&w, 0, false));
		wbuf_tick(&w);
		assert_int_equal(w.used, 0);
	}
	assert_int_equal(wbuf_drain(&w), 0);
	assert_int_equal(w.stores, 5);
	assert_int_equal(w.stalls, 5);
	assert_int_equal(w.drained, 5);
}

/* used <= entries; stores - drained = used; a stall happens exactly on a full buffer; and a
 * store rate at or below the drain rate never stalls once there are two entries. */
static void laws(void **state)
{
	struct rng rng = rng_stream(3, "wbuf");

	(void)state;
	for (unsigned entries = 1; entries <= 8; entries++) {
		for (unsigned drain = 1; drain <= 9; drain += 2) {
			struct wbuf w;

			wbuf_init(&w, entries, 64, drain);
			for (unsigned i = 0; i < 5000; i++) {
				unsigned before = w.used;

				if (rng_below(&rng, 100) == 0)
					assert_int_equal(wbuf_drain(&w), before);
				else if (rng_below(&rng, 4) == 0)
					assert_int_equal(wbuf_store(&w, 0, false), before == entries);
				else
					wbuf_tick(&w);
				assert_true(w.used <= entries);
				assert_int_equal(w.stores - w.joined - w.drained, w.used);
			}
			assert_true(w.stalls <= w.stores);
		}
	}
}

static void steady_stores_do_not_stall(void **state)
{
	(void)state;
	for (unsigned drain = 1; drain <= 16; drain++) {
		struct wbuf w;

		wbuf_init(&w, 2, 64, drain);
		for (unsigned i = 0; i < 1000; i++) {
			wbuf_tick(&w);
			if (i % drain == 0)
				assert_false(wbuf_store(&w, 0, false));
		}
	}
}

/*
 * Two addresses, four words. A block of three words takes one address (words 3); a separate
 * store takes the other (4 words: full). A fifth word stalls: one entry of 4 / 2 words leaves.
 */
static void blocks_share_an_address(void **state)
{
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 2, 4, 100);
	assert_false(wbuf_store(&w, 0x100, true));
	assert_false(wbuf_store(&w, 0x104, true));
	assert_false(wbuf_store(&w, 0x108, true));
	assert_int_equal(w.used, 1);
	assert_int_equal(w.joined, 2);
	assert_false(wbuf_store(&w, 0x10c, false));     /* follows, but is no block */
	assert_int_equal(w.used, 2);
	assert_int_equal(w.used_words, 4);
	assert_true(wbuf_store(&w, 0x110, true));       /* behind a store that was no block */
	assert_int_equal(w.used, 2);
	assert_int_equal(w.used_words, 3);
	assert_int_equal(w.stores - w.joined - w.drained, w.used);
}

/* A block goes on only where the last word ended. */
static void blocks_are_consecutive(void **state)
{
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 4, 16, 100);
	wbuf_store(&w, 0x100, true);
	wbuf_store(&w, 0x200, true);
	assert_int_equal(w.used, 2);
	wbuf_store(&w, 0x204, true);
	assert_int_equal(w.used, 2);
	wbuf_drain(&w);
	wbuf_store(&w, 0x208, true);    /* what it would join has left */
	assert_int_equal(w.used, 1);
	assert_int_equal(w.joined, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_entries_by_hand),
		cmocka_unit_test(drain_empties),
		cmocka_unit_test(absent_always_stalls),
		cmocka_unit_test(laws),
		cmocka_unit_test(blocks_share_an_address),
		cmocka_unit_test(blocks_are_consecutive),
		cmocka_unit_test(steady_stores_do_not_stall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
