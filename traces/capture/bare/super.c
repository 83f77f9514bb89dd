/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Supersections beside sections, large and small pages (XP = 1): users read and count in all of them.
 * Meanwhile supersections exchange their memory, are taken apart into sections, one of which
 * into small pages, and put together again. Of two sizes the TLB must never hold both, so each
 * change goes over entries that fault, and an invalidate of the old ones. One supersection
 * is not global, and the ASID changes: its entries go under both.
 */
#include "bare/roots.h"

enum {
	SUPERS = 2, SUPER = 0x40000000, SUPER_BYTES = 1 << 24, SECTIONS = 0x50000000, LARGES = 0x60000000,
	SMALLS = 0x70000000, MEMORY = 0x02000000, SECTION_MEMORY = 0x04000000,
	PAGE_MEMORY = 0x05000000, SUPER_BIT = 1 << 18, SPOTS = 16, TURNS = 60, VISITS = 110,
	RIGHTS = AP_ALL << 10 | CACHED | SECTION,
};

static uint32_t small_table, whole[SUPERS] = { 1, 1 }, swapped, counted;

/* Where in a supersection: in each of its megabytes, of which one may be made of pages. */
static inline __attribute__((always_inline)) uint32_t spot(uint32_t i)
{
	return (i << 20) + i * 0x11000;
}

/* arg: seed; bit 0: the supersections' memory is exchanged. */
USER_CODE static uint32_t work(uint32_t arg)
{
	uint32_t bad = 0, seed = arg;

	for (uint32_t i = 0; i < VISITS; i++) {
		uint32_t j, va, is;

		seed = shuffle(seed);
		j = seed >> 8 & (SPOTS - 1);
		switch (seed >> 4 & 7) {
		case 0: case 1: case 2:
			va = SUPER + spot(j);
			is = 0x100 * (1 + (arg & 1)) + j;
			break;
		case 3: case 4: case 5:
			va = SUPER + SUPER_BYTES + spot(j);
			is = 0x100 * (2 - (arg & 1)) + j;
			break;
		case 6:
			va = seed & 1 << 20 ? SECTIONS + ((j & 7) << 20) : LARGES + j * 65536;
			is = seed & 1 << 20 ? 0x300 + (j & 7) : 0x400 + j;
			break;
		default:
			va = SMALLS + j * 4096;
			is = 0x500 + j;
		}
		bad |= *at(va) ^ is;
		at(va)[1]++;
	}
	return bad;
}

uint32_t handle_fault(uint32_t fsr, uint32_t far)
{
	(void)fsr;
	(void)far;
	check(0, "no abort");
	return 4;
}

static uint32_t l1_entry(uint32_t va)
{
	return ROOT_PA + (va >> 20) * 4;
}

static uint32_t super_va(uint32_t s)
{
	return SUPER + s * SUPER_BYTES;
}

static uint32_t super_pa(uint32_t s)
{
	return MEMORY + (s ^ swapped) * SUPER_BYTES;
}

/* All 16 words fault, and the TLB holds nothing any more: under both ASIDs, and global. */
static void break_super(uint32_t s)
{
	zero(LINEAR + l1_entry(super_va(s)), 64);
	clean_words(l1_entry(super_va(s)), 64);
	if (!whole[s]) {
		invalidate_tlb();
		return;
	}
	invalidate_data(super_va(s) | 1);
	if (s == 1)
		invalidate_data(super_va(s) | 2);
}

static void make_super(uint32_t s)
{
	uint32_t ng = s == 1 ? SECTION_NG : 0;

	for (uint32_t i = 0; i < 16; i++)
		put_word(l1_entry(super_va(s)) + i * 4, super_pa(s) | ng | SUPER_BIT | RIGHTS);
	clean_words(l1_entry(super_va(s)), 64);
	whole[s] = 1;
}

/* Sections, and the sixth megabyte by small pages. */
static void take_apart(uint32_t s)
{
	uint32_t ng = s == 1 ? SECTION_NG : 0;

	for (uint32_t i = 0; i < 16; i++)
		put_word(l1_entry(super_va(s)) + i * 4, (super_pa(s) + (i << 20)) | ng | RIGHTS);
	for (uint32_t i = 0; i < 256; i++)
		put_word(small_table + s * 1024 + i * 4, (super_pa(s) + (5 << 20) + i * 4096) |
			 (s == 1 ? NG : 0) | ap(AP_ALL) | SMALL);
	put_word(l1_entry(super_va(s)) + 5 * 4, (small_table + s * 1024) | COARSE);
	clean_words(small_table + s * 1024, 1024);
	clean_words(l1_entry(super_va(s)), 64);
	whole[s] = 0;
}

static void change(uint32_t turn)
{
	uint32_t s = turn >> 1 & 1;

	switch (turn % 6) {
	case 0: case 1:
		break_super(s);
		if (whole[s])
			take_apart(s);
		else
			make_super(s);
		break;
	case 3:
		break_super(0);
		break_super(1);
		swapped ^= 1;
		make_super(0);
		make_super(1);
		break;
	default: break;
	}
}

static void set_up(void)
{
	uint32_t low = new_table(1024), large = new_table(1024), small = new_table(1024);

	small_table = new_table(2048);
	set_word(ROOT_PA, low | COARSE);
	map_user(low, 0);
	for (uint32_t i = 0; i < SPOTS; i++) {
		*at(LINEAR + MEMORY + spot(i)) = 0x100 + i;
		*at(LINEAR + MEMORY + SUPER_BYTES + spot(i)) = 0x200 + i;
		*at(LINEAR + SECTION_MEMORY + (i << 20)) = 0x300 + i;
		*at(LINEAR + PAGE_MEMORY + i * 65536) = 0x400 + i;
		*at(LINEAR + PAGE_MEMORY + 0x100000 + i * 4096) = 0x500 + i;
		set_word(small + i * 4, (PAGE_MEMORY + 0x100000 + i * 4096) | ap(AP_ALL) | SMALL);
		if (i < 8)
			set_word(l1_entry(SECTIONS + (i << 20)),
				 (SECTION_MEMORY + (i << 20)) | RIGHTS);
		for (uint32_t j = 0; j < 16; j++)
			set_word(large + (i * 16 + j) * 4,
				 (PAGE_MEMORY + i * 65536) | ap(AP_ALL) | LARGE);
	}
	set_word(l1_entry(LARGES), large | COARSE);
	set_word(l1_entry(SMALLS), small | COARSE);
	make_super(0);
	make_super(1);
}

static uint32_t count(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < SPOTS; i++) {
		n += at(SUPER + spot(i))[1] + at(SUPER + SUPER_BYTES + spot(i))[1];
		n += at(LARGES + i * 65536)[1] + at(SMALLS + i * 4096)[1];
		if (i < 8)
			n += at(SECTIONS + (i << 20))[1];
	}
	return n;
}

void workload(void)
{
	kernel_start();
	set_up();
	begin("super");
	for (uint32_t turn = 0; turn < TURNS; turn++) {
		CP15_WRITE(13, 0, 1, 1 + (turn & 1));
		flush_prefetch();
		check(!run_user(work, (any() & ~1u) | swapped), "memory is where it belongs");
		counted += VISITS;
		change(turn);
	}
	check(count() == counted, "no store was lost");
	end();
}
