/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edge cases of single words: written in parts, by block transfers and swaps, one copy of sixteen at a
 * time, and the quarters of a page.
 */
#if __has_include(<cmocka.h>)
#include "tests/strategy/edge_kit.h"

#include <string.h>

#include "tests/support.h"

#define PAGES EDGE_MB                   /* its table is at KIT_L2, domain 1 */
#define ENTRY(i) (KIT_L2 + 4 * (i))

static void begin_pages(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
}

/* Each part makes another descriptor, which is as good as any. */
static void in_parts(struct edge *e, uint32_t from, uint32_t to, unsigned size_log2)
{
	uint32_t word = from;

	for (unsigned at = 0; at < 4; at += 1u << size_log2) {
		uint32_t mask = size_log2 ? 0xffffu << 8 * at : 0xffu << 8 * at;

		word = (word & ~mask) | (to & mask);
		edge_mark(e);
		edge_poke(e, KIT_LINEAR + ENTRY(2) + at, ENTRY(2) + at, size_log2, to >> 8 * at);
		edge_load(e, PAGES + 0x2000);   /* by the old word or the new */
		edge_traps(e, "coherent", 0);
		edge_tlbi(e, PAGES + 0x2000);
		edge_load(e, PAGES + 0x2000);
		edge_sees(e, PAGES + 0x2000, ACCESS_READ, word & 0xfffff000);
		edge_count(e, "coherent", EV_HIDDEN, 1);
	}
}

static void e7_halfwords_and_bytes_of_an_entry(struct edge *e)
{
	begin_pages(e);
	kit_poke(&e->k, ENTRY(2), edge_small(0x412000, 3));
	edge_load(e, PAGES + 0x2000);
	in_parts(e, edge_small(0x412000, 3), edge_small(0x7a5000, 3), 1);
	in_parts(e, edge_small(0x7a5000, 3), edge_small(0x10c3000, 3), 0);
}

/* Four words of a block transfer, the first two the last entries of a table, the others in the next page,
 * which is not there at first: the first two are written, and again when it runs anew. */
static void e8_block_transfer_over_the_end_of_a_table(struct edge *e)
{
	uint32_t page = PAGES + 0x5000, table = KIT_L2 + 0xc00, mb = PAGES + 3 * SECTION_BYTES;
	const struct trace_rec aborts = { .kind = TRACE_RUN, .flags = RUN_NO_RETIRE, .arg = 1,
					  .va = KIT_CODE, .a = 4 };
	struct trace_rec word = { .kind = TRACE_STORE, .flags = 2 | ACC_MULTI | ACC_VALUED };

	begin_pages(e);
	edge_link(e, mb, pt_encode_v5_coarse(table, 1));
	kit_poke(&e->k, ENTRY(5), edge_small(KIT_L2, 3));
	kit_poke(&e->k, table + 4 * 254, edge_small(0x400000, 3));
	edge_load(e, mb + 0xfe000);
	e->k.pc = KIT_CODE;
	for (unsigned attempt = 0; attempt < 2; attempt++) {
		if (attempt)
			kit_exec(&e->k);
		else
			kit_put(&e->k, &aborts, NULL);
		for (uint32_t i = 254; i < 256; i++) {
			word.va = page + 0xc00 + 4 * i;
			word.a = table + 4 * i;
			word.b = edge_small(0x500000 + 0x1000 * i, 3);
			kit_put(&e->k, &word, NULL);
		}
		if (attempt)
			break;
		edge_abort(e, page + 0x1000, page + 0x1000, ACCESS_WRITE, FS_TRANS_PAGE, 1);
		kit_poke(&e->k, ENTRY(6), edge_small(0x406000, 3));
		e->k.pc = KIT_CODE;
	}
	for (uint32_t i = 0; i < 2; i++)
		kit_put(&e->k, &(struct trace_rec){ .kind = TRACE_STORE, .flags = 2 | ACC_MULTI,
			.va = page + 0x1000 + 4 * i }, NULL);
	edge_tlbi(e, mb + 0xfe000);
	edge_load(e, mb + 0xfe000);
	edge_sees(e, mb + 0xfe000, ACCESS_READ, 0x5fe000);
	edge_load(e, mb + 0xff000);
	edge_sees(e, mb + 0xff000, ACCESS_READ, 0x5ff000);
}

/* SWP reads and writes: on a page that its mode may only read it aborts as a write, behind its read. */
static void e9_swap_of_an_entry(struct edge *e)
{
	const struct trace_rec run = { .kind = TRACE_RUN, .arg = 1, .va = KIT_CODE, .a = 4 };
	struct trace_rec aborts = run, old = { .kind = TRACE_LOAD, .flags = 2 | ACC_EXCL };
	struct trace_rec new = { .kind = TRACE_STORE, .flags = 2 | ACC_EXCL | ACC_VALUED };

	begin_pages(e);
	kit_poke(&e->k, ENTRY(5), edge_small(KIT_L2, 2));       /* users may read the table */
	kit_poke(&e->k, ENTRY(7), edge_small(0x407000, 3));
	edge_load(e, PAGES + 0x7000);
	old.va = new.va = PAGES + 0x5000 + 28;
	new.a = ENTRY(7);
	new.b = edge_small(0x507000, 3);
	edge_user(e);
	aborts.flags = RUN_NO_RETIRE;
	kit_put(&e->k, &aborts, NULL);
	kit_put(&e->k, &old, NULL);
	edge_abort(e, new.va, new.va, ACCESS_WRITE, FS_PERM_PAGE, 1);
	edge_kernel(e);
	edge_load(e, PAGES + 0x7000);
	kit_put(&e->k, &run, NULL);
	kit_put(&e->k, &old, NULL);
	kit_put(&e->k, &new, NULL);
	edge_tlbi(e, PAGES + 0x7000);
	edge_load(e, PAGES + 0x7000);
	edge_sees(e, PAGES + 0x7000, ACCESS_READ, 0x507000);
}

/* LDM of words of a table and beyond its page, where nothing is mapped. */
static void e9_block_load_of_a_table(struct edge *e)
{
	struct trace_rec run = { .kind = TRACE_RUN, .flags = RUN_NO_RETIRE, .arg = 1, .va = KIT_CODE,
				 .a = 4 };
	struct trace_rec word = { .kind = TRACE_LOAD, .flags = 2 | ACC_MULTI };

	begin_pages(e);
	kit_poke(&e->k, ENTRY(5), edge_small(KIT_L2, 1));
	e->k.pc = KIT_CODE;
	kit_put(&e->k, &run, NULL);
	for (uint32_t i = 1022; i < 1024; i++) {
		word.va = PAGES + 0x5000 + 4 * i;
		kit_put(&e->k, &word, NULL);
	}
	edge_abort(e, PAGES + 0x6000, PAGES + 0x6000, ACCESS_READ, FS_TRANS_PAGE, 1);
	edge_load(e, PAGES + 0x5ffc);
	edge_sees(e, PAGES + 0x5ffc, ACCESS_READ, KIT_L2 + 0xffc);
}

/* Copies of a large page one at a time; of a page whose copy is not written yet nothing is read. The
 * first access maps all of it, or each its own 4 KB where large pages are not kept. */
static void e10_copies_of_a_large_page_one_by_one(struct edge *e)
{
	begin_pages(e);
	edge_load(e, KIT_LINEAR + KIT_L2);      /* where the stores go is mapped */
	edge_mark(e);
	for (uint32_t i = 0; i < 16; i++) {
		kit_poke(&e->k, ENTRY(16 + i), edge_large(0x530000, 3));
		edge_store(e, PAGES + 0x10000 + 0x1000 * i);
		edge_sees(e, PAGES + 0x10000 + 0x1000 * i, ACCESS_WRITE, 0x530000 + 0x1000 * i);
	}
	edge_count(e, "coherent", EV_HIDDEN, 1);
	edge_count(e, "coherent:sections=fracture", EV_HIDDEN, 16);
	for (uint32_t i = 0; i < 16; i++)       /* all go before anything else comes */
		kit_poke(&e->k, ENTRY(16 + i), 0);
	edge_tlbi(e, PAGES + 0x1b400);
	edge_not(e, PAGES + 0x10000, 0x10000, 0x530000);
	for (uint32_t i = 0; i < 16; i++) {
		kit_poke(&e->k, ENTRY(16 + i), edge_small(0x640000 + 0x2000 * i, 3));
		edge_load(e, PAGES + 0x10000 + 0x1000 * i);
		edge_sees(e, PAGES + 0x10000 + 0x1000 * i, ACCESS_READ, 0x640000 + 0x2000 * i);
	}
}

/* One of the copies is a small page's word. UNPREDICTABLE: the word that is read decides for all of
 * 64 KB, as in a TLB; --verify says that the other page was not reached. By 4 KB each word counts. */
static void e10_copies_that_differ_are_reported(void)
{
	static const struct { const char *spec; bool wrong; } rows[] = {
		{ "native", true }, { "coherent", true }, { "coherent:sections=fracture", false },
	};
	struct kit_plan p = { .verify = true };
	struct edge e;

	edge_begin(&e, NULL);
	begin_pages(&e);
	for (uint32_t i = 0; i < 16; i++)
		kit_poke(&e.k, ENTRY(i), i == 5 ? edge_small(0x605000, 3) : edge_large(0x500000, 3));
	edge_load(&e, PAGES);
	edge_load(&e, PAGES + 0x5000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lane *l = kit_replay(&e.k, rows[i].spec, &p);

		assert_int_equal(l->violations, rows[i].wrong);
		assert_true(!rows[i].wrong || strstr(l->first_violation.msg, "MVA 0x10005000 was "
			    "translated to guest PA 0x00505000"));
		lane_destroy(l);
	}
	edge_free(&e);
}

/* A fine table has a word a kilobyte: four for a small page, sixty-four for a large one. */
static void e16_small_and_large_pages_in_a_fine_table(struct edge *e)
{
	uint32_t fine = KIT_L2 + 0x1000;

	edge_link(e, PAGES, pt_encode_v5_fine(fine, 1));
	for (uint32_t i = 0; i < 4; i++)
		kit_poke(&e->k, fine + 4 * (8 + i), edge_small(0x402000, 3));
	for (uint32_t i = 0; i < 64; i++)
		kit_poke(&e->k, fine + 4 * (64 + i), edge_large(0x610000, 3));
	edge_mark(e);
	for (uint32_t q = 0; q < 4; q++) {
		edge_load(e, PAGES + 0x2000 + 0x400 * q);
		edge_sees(e, PAGES + 0x2000 + 0x400 * q, ACCESS_READ, 0x402000 + 0x400 * q);
		edge_load(e, PAGES + 0x10000 + 0x4400 * q);
		edge_sees(e, PAGES + 0x10000 + 0x4400 * q, ACCESS_READ, 0x610000 + 0x4400 * q);
	}
	/* the shadow has a coarse table: a link, one word and sixteen; each by one hidden fault */
	edge_count(e, "coherent", EV_HIDDEN, 2);
	edge_count(e, "coherent", EV_FILL, 2);
	edge_count(e, "coherent", EV_FILL_WORD, 1 + 15);
	edge_count(e, "coherent:sections=fracture", EV_HIDDEN, 1 + 4);
	kit_poke(&e->k, fine + 4 * 0x20, pt_encode_v5_tiny(0x404c00, 3, 3));
	edge_mark(e);
	edge_load(e, PAGES + 0x8000);           /* a tiny page: now it has a fine one, and starts anew */
	edge_sees(e, PAGES + 0x8000, ACCESS_READ, 0x404c00);
	edge_load(e, PAGES + 0x2000);
	edge_load(e, PAGES + 0x1f000);
	edge_count(e, "coherent", EV_HIDDEN, 3);
	edge_count(e, "coherent", EV_ALLOC, 4);         /* KB */
	edge_count(e, "coherent", EV_FILL_WORD, 1 + 3 + 63);
	for (uint32_t i = 0; i < 4; i++)
		kit_poke(&e->k, fine + 4 * (8 + i), 0);
	edge_tlbi(e, PAGES + 0x2c00);
	edge_not(e, PAGES + 0x2000, 0x1000, 0x402000);
	edge_fault(e, PAGES + 0x2400, ACCESS_READ, FS_TRANS_PAGE, 1);
	edge_load(e, PAGES + 0x8000);
	edge_fault(e, PAGES + 0x8400, ACCESS_READ, FS_TRANS_PAGE, 1);
}

/* Rights of guest user and kernel by AP, S and R clear. */
static bool may(unsigned ap, bool user, enum access a)
{
	static const char user_may[4] = { 0, 0, 1, 3 }, kernel_may[4] = { 0, 3, 3, 3 };

	return (user ? user_may : kernel_may)[ap] >> (a == ACCESS_WRITE) & 1;
}

static void quarters(struct edge *e, uint32_t page, uint32_t pa, uint32_t quarter,
		     const uint8_t ap[4])
{
	for (unsigned user = 0; user < 2; user++) {
		if (user)
			edge_user(e);
		else
			edge_kernel(e);
		for (uint32_t q = 0; q < 4; q++)
			for (unsigned a = ACCESS_READ; a <= ACCESS_WRITE; a++) {
				uint32_t va = page + quarter * q + 8 * a;

				if (!may(ap[q], user, (enum access)a)) {
					edge_fault(e, va, (enum access)a, FS_PERM_PAGE, 1);
					edge_blind(e, va, (enum access)a);
					continue;
				}
				e->k.pc = KIT_CODE;
				kit_access(&e->k, va, a == ACCESS_WRITE, 2);
				edge_sees(e, va, (enum access)a, pa + va - page);
			}
	}
	edge_kernel(e);
}

/* A small page's quarters are chosen by address bits 11 and 10, a large page's by 15 and 14. */
static void e33_rights_of_each_quarter(struct edge *e)
{
	static const uint8_t ap[][4] = {
		{ 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 1, 3, 0, 2 }, { 2, 0, 3, 1 }, { 3, 3, 2, 3 },
	};

	begin_pages(e);
	for (uint32_t i = 0; i < 5; i++) {
		uint32_t page = PAGES + 0x1000 * i, large = PAGES + 0x10000 * (i + 1);

		kit_poke(&e->k, ENTRY(i), pt_encode_v5_small(0x400000 + 0x1000 * i, ap[i], 3));
		for (uint32_t c = 0; c < 16; c++)
			kit_poke(&e->k, ENTRY(16 * (i + 1) + c),
				 pt_encode_v5_large(0x500000 + 0x10000 * i, ap[i], 3));
		quarters(e, page, 0x400000 + 0x1000 * i, 0x400, ap[i]);
		quarters(e, large, 0x500000 + 0x10000 * i, 0x4000, ap[i]);
	}
}

const struct edge_case edges_words[] = {
	EDGE_GUEST(7, e7_halfwords_and_bytes_of_an_entry),
	EDGE_GUEST(8, e8_block_transfer_over_the_end_of_a_table),
	EDGE_GUEST(9, e9_swap_of_an_entry),
	EDGE_GUEST(9, e9_block_load_of_a_table),
	EDGE_GUEST(10, e10_copies_of_a_large_page_one_by_one),
	EDGE_PLAIN(10, e10_copies_that_differ_are_reported),
	EDGE_GUEST(16, e16_small_and_large_pages_in_a_fine_table),
	EDGE_GUEST(33, e33_rights_of_each_quarter),
	EDGE_END,
};
#else
typedef int cmocka_is_missing;
#endif
