/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings that a guest can provoke: for each a guest that makes the mistake, and one that does what
 * the manual wants instead. Each row is a whole story on pages A and B of one frame.
 */
#include "tests/support.h"

#include <string.h>

#include "sim/lint.h"
#include "tests/lint_kit.h"

/* --- stories ---------------------------------------------------------------------------- */

static void clean_inv(struct kit *k, uint32_t mva) { kit_cpw(k, CP_KEY(7, 0, 14, 1), mva); }

/* The line of the descriptor is in the data cache before it is written. */
static void descriptor_left_dirty(struct kit *k)
{
	kit_access(k, LINT_SLOT_VA(2), false, 2);
	kit_poke(k, LINT_SLOT(2), lint_page(LINT_OTHER, WB));
	kit_access(k, LINT_A + 0x2000, false, 2);
}

static void descriptor_cleaned(struct kit *k)
{
	kit_access(k, LINT_SLOT_VA(2), false, 2);
	lint_map(k, 2, LINT_OTHER, WB);
	kit_access(k, LINT_A + 0x2000, false, 2);
}

static void descriptor_in_the_buffer(struct kit *k)
{
	kit_poke(k, LINT_SLOT(2), lint_page(LINT_OTHER, WB));
	kit_access(k, LINT_A + 0x2000, false, 2);
}

static void descriptor_drained(struct kit *k)
{
	kit_poke(k, LINT_SLOT(2), lint_page(LINT_OTHER, WB));
	kit_cpw(k, KIT_DRAIN, 0);
	kit_access(k, LINT_A + 0x2000, false, 2);
}

/* Another descriptor of the same line is none of this walk's business. */
static void neighbour_left_dirty(struct kit *k)
{
	kit_access(k, LINT_SLOT_VA(2), false, 2);
	kit_poke(k, LINT_SLOT(3), lint_page(LINT_OTHER, WB));
	kit_cpw(k, KIT_TLBI_ALL, 0);
	kit_access(k, LINT_A, false, 2);
}

/* The same word again changes nothing, whoever sees it. */
static void descriptor_written_again(struct kit *k)
{
	kit_access(k, LINT_SLOT_VA(0), false, 2);
	kit_poke(k, LINT_SLOT(0), lint_page(LINT_FRAME, WB));
	kit_cpw(k, KIT_TLBI_ALL, 0);
	kit_access(k, LINT_A, false, 2);
}

static void changed_before_tlbi(struct kit *k)
{
	kit_access(k, LINT_A, false, 2);
	clean_inv(k, LINT_A);
	lint_map(k, 0, LINT_OTHER, WB);
	kit_access(k, LINT_A, false, 2);        /* the old page: permitted */
}

static void changed_behind_tlbi(struct kit *k)
{
	kit_access(k, LINT_A, false, 2);
	clean_inv(k, LINT_A);
	lint_map(k, 0, LINT_OTHER, WB);
	kit_cpw(k, KIT_TLBI_MVA, LINT_A);
	kit_access(k, LINT_A, false, 2);
}

static void both_lines(struct kit *k)
{
	kit_access(k, LINT_A, false, 2);
	kit_access(k, LINT_B, false, 2);
}

static void two_dirty(struct kit *k)
{
	both_lines(k);
	kit_access(k, LINT_A, true, 2);
	kit_access(k, LINT_B, true, 2);
	kit_access(k, LINT_B, true, 2);         /* dirty already: not another time */
}

static void one_dirty_after_the_other(struct kit *k)
{
	both_lines(k);
	kit_access(k, LINT_A, true, 2);
	clean_inv(k, LINT_A);
	clean_inv(k, LINT_B);
	kit_access(k, LINT_B, false, 2);
	kit_access(k, LINT_B, true, 2);
}

/* U is A uncached: what is stored through it is in memory when A's line is written over it. */
static void old_line_over_newer_memory(struct kit *k)
{
	kit_access(k, LINT_A, false, 2);
	kit_access(k, LINT_A + 4, true, 2);
	kit_access(k, LINT_U, true, 2);
	clean_inv(k, LINT_A);
	kit_exec(k);
}

static void new_line_over_memory(struct kit *k)
{
	kit_access(k, LINT_U, true, 2);
	kit_access(k, LINT_A, false, 2);
	kit_access(k, LINT_A + 4, true, 2);
	clean_inv(k, LINT_A);
}

static void read_through_a_synonym(struct kit *k)
{
	both_lines(k);
	kit_access(k, LINT_A, true, 2);
	kit_access(k, LINT_B, false, 2);
}

static void fill_through_a_synonym(struct kit *k)
{
	kit_access(k, LINT_A, false, 2);
	kit_access(k, LINT_A, true, 2);
	kit_access(k, LINT_B, false, 2);
}

static void read_uncached(struct kit *k)
{
	kit_access(k, LINT_A, false, 2);
	kit_access(k, LINT_A, true, 2);
	kit_access(k, LINT_U, false, 2);
}

static void read_behind_maintenance(struct kit *k)
{
	both_lines(k);
	kit_access(k, LINT_A, true, 2);
	clean_inv(k, LINT_A);
	clean_inv(k, LINT_B);
	kit_access(k, LINT_B, false, 2);
	kit_access(k, LINT_U, false, 2);
	kit_access(k, LINT_A, false, 2);
}

/* Words of a line are told apart; and what waits in the write buffer is found by loads. */
static void read_of_another_word(struct kit *k)
{
	both_lines(k);
	kit_access(k, LINT_A, true, 2);
	kit_access(k, LINT_B + 4, false, 2);
}

static void read_from_the_buffer(struct kit *k)
{
	kit_access(k, LINT_A, true, 2);
	kit_access(k, LINT_A, false, 2);
	kit_access(k, LINT_U + 8, true, 2);
	kit_access(k, LINT_U + 8, false, 2);
}

/* Lost on purpose: a buffer that a device is about to write. */
static void read_behind_a_discard(struct kit *k)
{
	kit_access(k, LINT_A, false, 2);
	kit_access(k, LINT_A, true, 2);
	kit_cpw(k, CP_KEY(7, 0, 6, 1), LINT_A);
	kit_access(k, LINT_A, false, 2);
}

static void remapped_with_the_line(struct kit *k)
{
	kit_access(k, LINT_A, false, 2);
	lint_map(k, 0, LINT_OTHER, WB);
	kit_cpw(k, KIT_TLBI_MVA, LINT_A);
	kit_access(k, LINT_A, false, 2);
}

static void remapped_without_it(struct kit *k)
{
	kit_access(k, LINT_A, false, 2);
	clean_inv(k, LINT_A);
	lint_map(k, 0, LINT_OTHER, WB);
	kit_cpw(k, KIT_TLBI_MVA, LINT_A);
	kit_access(k, LINT_A, false, 2);
	kit_access(k, LINT_A, true, 2);
}

static void code_remapped_with_the_line(struct kit *k)
{
	kit_run(k, LINT_A, 1);
	lint_map(k, 0, LINT_OTHER, WB);
	kit_cpw(k, KIT_TLBI_MVA, LINT_A);
	kit_run(k, LINT_A, 1);
}

/* One mistake of three: the data line not cleaned, the buffer not drained, the line not invalidated. */
static void write_code(struct kit *k, bool in_cache, bool clean, bool drain, bool inval)
{
	kit_run(k, LINT_A, 1);
	if (in_cache)
		kit_access(k, LINT_A, false, 2);
	kit_access(k, LINT_A, true, 2);
	if (clean)
		kit_cpw(k, KIT_CLEAN_MVA, LINT_A);
	if (drain)
		kit_cpw(k, KIT_DRAIN, 0);
	if (inval)
		kit_cpw(k, KIT_INVAL_I, 0);
	kit_run(k, LINT_A, 1);
}

static void code_not_cleaned(struct kit *k) { write_code(k, true, false, true, true); }
static void code_not_drained(struct kit *k) { write_code(k, false, false, false, true); }
static void code_not_invalidated(struct kit *k) { write_code(k, true, true, true, false); }
static void code_written(struct kit *k) { write_code(k, true, true, true, true); }

static void write_through_and_uncached(struct kit *k)
{
	lint_map(k, 4, LINT_OTHER, WT);
	kit_access(k, LINT_A + 0x4000, false, 2);
	kit_access(k, LINT_A + 0x4000, true, 2);
	kit_access(k, LINT_U, false, 2);
	kit_access(k, LINT_U, true, 2);
	kit_access(k, LINT_A + 0x4000, false, 2);
}

static void section_over_pages(struct kit *k, bool tlbi)
{
	kit_access(k, LINT_A, false, 2);
	kit_poke(k, KIT_ROOT + 4 * (LINT_A >> 20), pt_encode_v5_section(0x200000, 3, 0, WB));
	kit_cpw(k, KIT_CLEAN_MVA, KIT_LINEAR + KIT_ROOT + 4 * (LINT_A >> 20));
	kit_cpw(k, KIT_DRAIN, 0);
	if (tlbi)
		kit_cpw(k, KIT_TLBI_ALL, 0);
	kit_access(k, LINT_A + 0x8000, false, 2);
	kit_access(k, LINT_A, false, 2);
}

static void section_over_a_page(struct kit *k) { section_over_pages(k, false); }
static void section_instead_of_pages(struct kit *k) { section_over_pages(k, true); }

static void large_page(struct kit *k, unsigned copies)
{
	for (unsigned i = 0; i < copies; i++) {
		kit_poke(k, LINT_SLOT(0x20 + i), pt_encode_v5_large(0x210000,
			(const uint8_t[4]){ 3, 3, 3, 3 }, WB));
		kit_cpw(k, KIT_CLEAN_MVA, LINT_SLOT_VA(0x20 + i));
	}
	kit_cpw(k, KIT_DRAIN, 0);
	kit_access(k, LINT_A + 0x20000, false, 2);
}

static void large_page_of_15(struct kit *k) { large_page(k, 15); }
static void large_page_of_16(struct kit *k) { large_page(k, 16); }

/* Two colours: pages A and B differ in bit 12, A and the page behind B do not. */
static void other_colour(struct kit *k)
{
	both_lines(k);
}

static void same_colour(struct kit *k)
{
	lint_map(k, 2, LINT_FRAME, WB);
	kit_access(k, LINT_A, false, 2);
	kit_access(k, LINT_A, true, 2);
	kit_access(k, LINT_A + 0x2000, false, 2);
	kit_access(k, LINT_A + 0x2000, true, 2);
}

/* --- rows ------------------------------------------------------------------------------- */

#define VIPT { "l1d.kind=vipt", "l1d.bytes=32768" }

/* n: how often; of a story that is right no finding at all may remain. */
static const struct {
	const char *what;
	void (*story)(struct kit *k);
	enum finding f;
	unsigned n;
	const char *set[2];
} rows[] = {
#define ROW(story, f, n, ...) { #story, story, FINDING_##f, n, __VA_ARGS__ }
	ROW(descriptor_left_dirty, I1, 1, { NULL }),
	ROW(descriptor_left_dirty, I1, 0, { "walk.sees=l1", "feature.coherent-walk=on" }),
	ROW(descriptor_cleaned, I1, 0, { NULL }),
	ROW(descriptor_in_the_buffer, I1, 1, { NULL }),
	ROW(descriptor_in_the_buffer, I1, 0, { "wb.entries=0" }),
	ROW(descriptor_drained, I1, 0, { NULL }),
	ROW(neighbour_left_dirty, I1, 0, { NULL }),
	ROW(descriptor_written_again, I1, 0, { NULL }),
	ROW(changed_before_tlbi, I2s, 1, { NULL }),
	ROW(changed_behind_tlbi, I2s, 0, { NULL }),
	ROW(two_dirty, I3, 1, { NULL }),
	ROW(two_dirty, I3, 1, VIPT),
	ROW(one_dirty_after_the_other, I3, 0, { NULL }),
	ROW(one_dirty_after_the_other, I3, 0, { "l1d.kind=vipt" }),
	ROW(old_line_over_newer_memory, I3, 1, { NULL }),
	ROW(new_line_over_memory, I3, 0, { NULL }),
	ROW(read_through_a_synonym, I4, 1, { NULL }),
	ROW(read_through_a_synonym, I4, 1, VIPT),
	ROW(read_through_a_synonym, I4, 0, { "l1d.kind=vipt" }),
	ROW(fill_through_a_synonym, I4, 1, { NULL }),
	ROW(fill_through_a_synonym, I4, 0, { "l1d.kind=pipt" }),
	ROW(read_uncached, I4, 1, { NULL }),
	ROW(read_behind_maintenance, I4, 0, { NULL }),
	ROW(read_of_another_word, I4, 0, { NULL }),
	ROW(read_from_the_buffer, I4, 0, { NULL }),
	ROW(read_behind_a_discard, I4, 0, { NULL }),
	ROW(remapped_with_the_line, I5, 1, { NULL }),
	ROW(remapped_with_the_line, I5, 0, { "l1d.kind=vipt" }),
	ROW(remapped_without_it, I5, 0, { NULL }),
	ROW(code_remapped_with_the_line, I5, 1, { NULL }),
	ROW(code_not_cleaned, I6, 1, { NULL }),
	ROW(code_not_drained, I6, 1, { NULL }),
	ROW(code_not_invalidated, I6, 1, { NULL }),
	ROW(code_written, I6, 0, { NULL }),
	ROW(write_through_and_uncached, I7, 0, { NULL }),
	ROW(other_colour, I8, 1, VIPT),
	ROW(other_colour, I8, 0, { "l1d.kind=vipt" }),
	ROW(other_colour, I8, 0, { "l1d.bytes=32768" }),
	ROW(same_colour, I8, 0, VIPT),
	ROW(section_over_a_page, I9, 1, { NULL }),
	ROW(section_instead_of_pages, I9, 0, { NULL }),
	ROW(large_page_of_15, I10, 1, { NULL }),
	ROW(large_page_of_16, I10, 0, { NULL }),
#undef ROW
};

static void each_story(void **state)
{
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit_plan p = { .lint = true };
		struct lint_follower f;
		uint64_t all;

		memcpy(p.set, rows[i].set, sizeof(rows[i].set));
		lint_follow(&f, "native", &p);
		rows[i].story(&f.k);
		lint_go(&f);
		all = lint_total(&f);
		if (lint_count(&f, rows[i].f, LINT_GUEST) != rows[i].n || (!rows[i].n && all))
			bad++, print_error("%s, %s: %llu times, not %u; %llu findings\n", rows[i].what,
				 rows[i].set[0] ? rows[i].set[0] : "arm926",
				 (unsigned long long)lint_count(&f, rows[i].f, LINT_GUEST),
				 rows[i].n, (unsigned long long)all);
		lint_done(&f);
	}
	assert_int_equal(bad, 0);
}

/* The copies of a supersection, which only ARMv6 has. */
static void supersections(void **state)
{
	(void)state;
	for (unsigned copies = 15; copies <= 16; copies++) {
		struct pt_desc d = { .kind = PT_LEAF, .size_log2 = 24, .base = 0x01000000, .cb = WB,
				     .ap = { 3, 3, 3, 3 } };
		struct kit_plan p = { .lint = true, .core = "arm1136" };
		struct lint_follower f = { .at = 0 };

		kit_linux_v6(&f.k, "arm1136");
		for (unsigned i = 0; i < copies; i++) {
			kit_poke(&f.k, KIT_ROOT + 4 * (0x200 + i), pt_encode_v6(&d));
			kit_cpw(&f.k, KIT_CLEAN_MVA, KIT_LINEAR + KIT_ROOT + 4 * (0x200 + i));
			kit_cpw(&f.k, KIT_DRAIN, 0);
		}
		kit_access(&f.k, 0x20000000, false, 2);
		f.l = kit_lane(&f.k, "native", &p);
		lint_go(&f);
		assert_int_equal(lint_count(&f, FINDING_I10, LINT_GUEST), copies == 15);
		assert_int_equal(lint_total(&f), copies == 15);
		lint_done(&f);
	}
}

/* ASIDs: an operation of another ASID leaves the entry, and its use is no mistake. */
static void operations_of_asids(void **state)
{
	static const struct { uint16_t key; uint32_t operand; } ops[] = {
		{ KIT_TLBI_MVA, LINT_A | 1 }, { KIT_TLBI_MVA, LINT_A | 2 },
		{ CP_KEY(8, 0, 7, 2), 1 }, { CP_KEY(8, 0, 7, 2), 2 }, { KIT_TLBI_ALL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(ops) / sizeof(ops[0]); i++) {
		struct pt_desc page = { .kind = PT_LEAF, .size_log2 = FRAME_LOG2, .base = 0x200000,
					.ap = { 3, 3, 3, 3 }, .cb = WB, .attr = i & 1 ? PT_NG : 0 };
		struct kit_plan p = { .lint = true, .core = "arm1136" };
		struct lint_follower f = { .at = 0 };

		kit_linux_v6(&f.k, "arm1136");
		kit_poke(&f.k, KIT_ROOT + 4 * (LINT_A >> 20), pt_encode_v6(&(struct pt_desc){
			.kind = PT_COARSE, .base = KIT_L2 }));
		kit_poke(&f.k, KIT_L2, pt_encode_v6(&page));
		kit_cpw(&f.k, KIT_DRAIN, 0);
		kit_cpw(&f.k, KEY_CONTEXTIDR, 1);
		kit_access(&f.k, LINT_A, false, 2);
		kit_cpw(&f.k, ops[i / 2].key, ops[i / 2].operand);
		kit_access(&f.k, LINT_A, false, 2);
		f.l = kit_lane(&f.k, "native", &p);
		lint_go(&f);
		assert_int_equal(lint_total(&f), 0);
		lint_done(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_story),
		cmocka_unit_test(supersections),
		cmocka_unit_test(operations_of_asids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
