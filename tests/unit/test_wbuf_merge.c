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

/* A block of words over the end of a page: two ranges; the next frame is elsewhere. */
static void a_page_ends_in_a_burst(void **state)
{
	struct wbuf_list l = { 0 };
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 4, 16, 8);
	for (unsigned i = 0; i < 4; i++)
		wbuf_store_listed(&w, &l, 0xff8 + 4 * i, hpa(i < 2 ? 0x5ff8 + 4 * i
								    : 0x9000 + 4 * (i - 2)),
				  4, true);
	assert_int_equal(w.used, 1);
	assert_true(wbuf_holds(&w, &l, hpa(0x5ff8), 4) && wbuf_holds(&w, &l, hpa(0x5fff), 1));
	assert_true(wbuf_holds(&w, &l, hpa(0x9000), 4) && wbuf_holds(&w, &l, hpa(0x9004), 4));
	assert_false(wbuf_holds(&w, &l, hpa(0x5ff4), 4) || wbuf_holds(&w, &l, hpa(0x6000), 4) ||
		     wbuf_holds(&w, &l, hpa(0x8ffc), 4) || wbuf_holds(&w, &l, hpa(0x9008), 4));
	assert_true(wbuf_holds(&w, &l, hpa(0x9008 - 1), 64));
	wbuf_ticks(&w, 8);
	assert_false(wbuf_holds(&w, &l, hpa(0x5ff8), 4) || wbuf_holds(&w, &l, hpa(0x9000), 4));
}

static void absent_holds_nothing(void **state)
{
	struct wbuf_list l = { 0 };
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 0, 0, 0);
	assert_true(wbuf_store_listed(&w, &l, 0, hpa(0), 4, false));
	assert_false(wbuf_holds(&w, &l, hpa(0), 64));
}

/* The reference: a queue of entries, each with the bytes of a 256-byte memory that it holds. */
enum { MEMORY = 256, QUEUE = 64 };
struct naive_entry { bool byte[MEMORY], open; uint32_t block; };
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

static void naive_store(struct naive *n, uint32_t at, unsigned bytes, bool multi)
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
	memset(e->byte + at, true, bytes);
}

static bool naive_holds(const struct naive *n, uint32_t at, unsigned bytes)
{
	for (unsigned i = 0; i < n->used; i++)
		for (unsigned b = 0; b < bytes; b++)
			if (n->e[i].byte[at + b])
				return true;
	return false;
}

static void naive_tick(struct naive *n)
{
	if (n->used && ++n->ticks == n->drain)
		naive_out(n);
}

static void list_agrees(void **state)
{
	struct rng rng = rng_stream(5, "list");

	(void)state;
	for (unsigned shape = 0; shape < 32; shape++) {
		enum wbuf_merge merge = shape & 1 ? WBUF_ANY : WBUF_NEWEST;
		struct naive n = { .entries = 1 + shape / 2, .drain = 1 + shape % 7, .merge = merge };
		struct wbuf_list l = { 0 };
		struct wbuf w, alone;

		wbuf_init_merging(&w, n.entries, n.drain, merge);
		alone = w;
		for (unsigned i = 0; i < 2000; i++) {
			uint32_t size = 1u << rng_below(&rng, 3);
			uint32_t at = rng_below(&rng, MEMORY / size) * size, probe = at & ~15u;

			if (rng_below(&rng, 2)) {
				bool multi = rng_below(&rng, 2);

				assert_int_equal(wbuf_store_listed(&w, &l, at,
								   hpa(at + UINT64_C(0x100000000)),
								   size, multi),
						 wbuf_store(&alone, at, multi));
				naive_store(&n, at, size, multi);
			} else if (rng_below(&rng, 100)) {
				wbuf_tick(&w);
				wbuf_tick(&alone);
				naive_tick(&n);
			} else {
				assert_int_equal(wbuf_drain(&w), n.used);
				wbuf_drain(&alone);
				n.used = n.ticks = 0;
			}
			assert_memory_equal(&w, &alone, sizeof(w));
			assert_int_equal(w.used, n.used);
			assert_int_equal(w.stalls, n.stalls);
			for (unsigned b = 0; b < 16; b += size)
				assert_int_equal(wbuf_holds(&w, &l, hpa(UINT64_C(0x100000000) + probe + b),
							    size),
						 naive_holds(&n, probe + b, size));
		}
	}
}

/* Bursts, one to one mapping: what is held is what was stored, entry by entry, oldest first out. */
static void bursts_agree(void **state)
{
	struct rng rng = rng_stream(6, "bursts");
	struct naive n = { .used = 0 };
	struct wbuf_list l = { 0 };
	uint32_t next = 0;
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 4, 16, 5);
	for (unsigned i = 0; i < 5000; i++) {
		uint64_t drained = w.drained, joined = w.joined;

		if (rng_below(&rng, 3)) {
			bool multi = rng_below(&rng, 4);
			uint32_t at = multi && rng_below(&rng, 4) ? next % MEMORY
								  : rng_below(&rng, MEMORY / 4) * 4;

			wbuf_store_listed(&w, &l, at, hpa(at), 4, multi);
			while (drained++ < w.drained)
				naive_out(&n);
			if (w.joined == joined)
				memset(&n.e[n.used++], 0, sizeof(n.e[0]));
			memset(n.e[n.used - 1].byte + at, true, 4);
			next = at + 4;
		} else {
			wbuf_tick(&w);
			while (drained++ < w.drained)
				naive_out(&n);
		}
		assert_int_equal(n.used, w.used);
		for (uint32_t at = 0; at < MEMORY; at += 4)
			assert_int_equal(wbuf_holds(&w, &l, hpa(at), 4), naive_holds(&n, at, 4));
	}
	assert_true(w.joined > 500 && w.stalls > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_shapes),
		cmocka_unit_test(merging_by_hand),
		cmocka_unit_test(a_page_ends_in_a_burst),
		cmocka_unit_test(absent_holds_nothing),
		cmocka_unit_test(list_agrees),
		cmocka_unit_test(bursts_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
