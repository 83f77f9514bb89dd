/* SPDX-License-Identifier: GPL-2.0-or-later */
/* models/cache/wbuf: merging entries, and the list of pending bytes, against a naive queue. */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/cache/wbuf.h"

static void names_and_shapes(void **state)
{
	static const struct { unsigned entries, words, drain, merge; const char *words_of; } bad[] = {
		{ 4, 16, 8, WBUF_MERGES, "wb.merge: no way 3" },
		{ 65, 65, 8, WBUF_BURST, "wb.entries: 65; at most 64" },
		{ 17, 0, 8, WBUF_ANY, "at most 16 with wb.merge=any" },
		{ 4, 16, 0, WBUF_BURST, "wb.drain: 0" },
		{ 4, 3, 8, WBUF_BURST, "wb.words: 3 is less than wb.entries (4)" },
	};
	struct diag d;

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_err(ERR_CONFIG, wbuf_check(bad[i].entries, bad[i].words, bad[i].drain,
						  bad[i].merge, "wb", &d), &d, bad[i].words_of);
	assert_ok(wbuf_check(0, 0, 0, WBUF_BURST, "wb", &d), &d);
	assert_ok(wbuf_check(8, 0, 1, WBUF_NEWEST, "wb", &d), &d);
	assert_string_equal(wbuf_merge_name[WBUF_ANY], "any");
}

/*
 * Three entries. Stores by block, upper case: may merge. Entries after each:
 *   newest  A 1  A 1 (joins)  B 2  A 3 (A is not the youngest)  a 3 stall: one out, one in
 *   any     A 1  A 1 (joins)  B 2  A 2 (joins)                  a 3
 * then a again, in both: nothing joins an entry made alone: stall, 3.
 */
static void merging_by_hand(void **state)
{
	static const char *const stores = "AABAaA";
	static const struct { enum wbuf_merge merge; unsigned used[6], stalls, joined; } rows[] = {
		{ WBUF_NEWEST, { 1, 1, 2, 3, 3, 3 }, 2, 1 },
		{ WBUF_ANY, { 1, 1, 2, 2, 3, 3 }, 0, 3 },
	};

	(void)state;
	for (unsigned r = 0; r < 2; r++) {
		struct wbuf w;

		wbuf_init_merging(&w, 3, 100, rows[r].merge);
		for (unsigned i = 0; stores[i]; i++) {
			uint32_t mva = (uint32_t)(stores[i] & 31) << 4;

			wbuf_store(&w, mva + 4 * (i % 4), stores[i] < 'a');
			assert_int_equal(w.used, rows[r].used[i]);
		}
		assert_int_equal(w.stalls, rows[r].stalls);
		assert_int_equal(w.joined, rows[r].joined);
		assert_int_equal(w.stores - w.joined - w.drained, w.used);
		wbuf_drain(&w);
		wbuf_store(&w, 0x10, true);     /* what it would join has left */
		assert_int_equal(w.used, 1);
	}
}

static void absent_holds_nothing(void **state)
{
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 0, 0, 0);
	assert_true(wbuf_store(&w, 0, false));
	assert_int_equal(w.used, 0);
}

/* The reference: a queue of entries, each of 16 bytes of a small memory. */
enum { MEMORY = 256, QUEUE = 64 };
struct naive_entry { bool open; uint32_t block; };
struct naive {
	struct naive_entry e[QUEUE];
	unsigned used, entries, drain, ticks, stalls;
	enum wbuf_merge merge;
};

static void naive_out(struct naive *n)
{
	memmove(n->e, n->e + 1, sizeof(n->e[0]) * --n->used);
	n->ticks = 0;
}

static void naive_store(struct naive *n, uint32_t at, bool multi)
{
	struct naive_entry *e = NULL;

	for (unsigned i = n->merge == WBUF_ANY || !n->used ? 0 : n->used - 1; i < n->used; i++)
		if (multi && n->e[i].open && n->e[i].block == at / 16)
			e = &n->e[i];
	if (!e) {
		n->stalls += n->used == n->entries;
		if (n->used == n->entries)
			naive_out(n);
		e = &n->e[n->used++];
		*e = (struct naive_entry){ .open = multi, .block = at / 16 };
	}
}

static void naive_tick(struct naive *n)
{
	if (n->used && ++n->ticks == n->drain)
		naive_out(n);
}

static void queue_agrees(void **state)
{
	struct rng rng = rng_stream(5, "list");

	(void)state;
	for (unsigned shape = 0; shape < 32; shape++) {
		enum wbuf_merge merge = shape & 1 ? WBUF_ANY : WBUF_NEWEST;
		struct naive n = { .entries = 1 + shape / 2, .drain = 1 + shape % 7, .merge = merge };
		struct wbuf w;

		wbuf_init_merging(&w, n.entries, n.drain, merge);
		for (unsigned i = 0; i < 2000; i++) {
			uint32_t at = rng_below(&rng, MEMORY / 4) * 4;

			if (rng_below(&rng, 2)) {
				bool multi = rng_below(&rng, 2);
				unsigned stalls = n.stalls;

				naive_store(&n, at, multi);
				assert_int_equal(wbuf_store(&w, at, multi), n.stalls > stalls);
			} else if (rng_below(&rng, 100)) {
				wbuf_tick(&w);
				naive_tick(&n);
			} else {
				assert_int_equal(wbuf_drain(&w), n.used);
				n.used = n.ticks = 0;
			}
			assert_int_equal(w.used, n.used);
			assert_int_equal(w.stalls, n.stalls);
			assert_int_equal(w.stores - w.joined - w.drained, n.used);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_shapes),
		cmocka_unit_test(merging_by_hand),
		cmocka_unit_test(absent_holds_nothing),
		cmocka_unit_test(queue_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
