/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fine tables: user code that lies in tiny pages and reads and writes 128 tiny pages of six fine
 * tables, beside small and large ones of the same tables (4 and 64 copies of a descriptor). Between
 * turns the kernel moves tiny pages to other frames and takes the right to write from others,
 * which the abort handler gives back.
 */
#include "bare/kernel.h"

enum {
	FINE = 0x13, TINY = 3 | CACHED, DATA = 0x10000000,
	TABLES = 6, PAGES = 128, WORDS = 16, TURNS = 40, VISITS = 220, MOVES = 3, PROTECTS = 3,
	SMALL_SLOT = 0x200, LARGE_SLOT = 0x300,
};

static uint32_t table[TABLES], frame[PAGES], spare;
static uint32_t expected_faults, faults;

static inline __attribute__((always_inline)) uint32_t page_va(uint32_t p)
{
	uint32_t t = (p & 1) + (p >> 1 & 1) + (p >> 2 & 3);     /* 0..5, uneven as life is */

	return DATA + (t << 20) + ((p * 3 & 0x1ff) << 10);
}

/* Reads the tag of a page and counts in one of its words; every 16th visit goes to the others. */
USER_CODE static uint32_t visit(uint32_t seed)
{
	uint32_t bad = 0;

	for (uint32_t i = 0; i < VISITS; i++) {
		uint32_t p, va;

		seed = shuffle(seed);
		p = seed & (PAGES - 1);
		va = page_va(p);
		if (seed >> 28 == 0)
			va = DATA + ((seed >> 24 & 3) << 20) +
			     (seed & 1 << 20 ? SMALL_SLOT : LARGE_SLOT) * 1024 +
			     (seed & 1 << 20 ? seed & 0xc00 : seed & 0xfc00);
		else
			bad |= *at(va) ^ (0x1000 + p);
		at(va)[1 + (seed >> 8 & (WORDS - 1))]++;
	}
	return bad;
}

static uint32_t slot_of(uint32_t va)
{
	return table[va >> 20 & 7] + (va >> 8 & 0xffc);
}

static void set_tiny(uint32_t p, unsigned right)
{
	set_word(slot_of(page_va(p)), frame[p] | right << 4 | TINY);
}

/* One page more or less to write: its rights change, so the TLB must not know the old ones. */
uint32_t handle_fault(uint32_t fsr, uint32_t far)
{
	check((fsr & 15) == FAULT_PERM_PAGE, "only rights are missing");
	for (uint32_t p = 0; p < PAGES; p++) {
		if (page_va(p) == (far & ~0x3ffu)) {
			set_tiny(p, AP_ALL);
			invalidate_data(far & ~0x3ffu);
			faults++;
			return 0;
		}
	}
	check(0, "fault at a page that was not protected");
	return 4;
}

/* Before the page goes, its lines do: they have its virtual address. */
static void move(uint32_t p)
{
	uint32_t va = page_va(p), old = frame[p];

	copy(UNCACHED + spare, va, 1024);
	flush_range(va, 1024);
	frame[p] = spare;
	spare = old;
	set_tiny(p, AP_ALL);
	invalidate_data(va);
}

static void protect(uint32_t p)
{
	set_tiny(p, AP_USER_READ);
	invalidate_data(page_va(p));
	/* The kernel may still write: the next write of a user aborts. */
	at(page_va(p))[WORDS + 1] = p;
}

static void set_up(void)
{
	uint32_t low = new_table(4096), text = (uint32_t)user_start - LINEAR, stack;

	for (uint32_t i = 0; i < 4; i++)
		set_word(low + (USER_TEXT >> 8 & 0xffc) + i * 4,
			 (text + i * 1024) | AP_USER_READ << 4 | TINY);
	stack = take(&next_frame, 1024);
	set_word(low + ((USER_STACK - 4) >> 8 & 0xffc), stack | AP_ALL << 4 | TINY);
	set_word(ROOT_PA, low | FINE);
	for (uint32_t t = 0; t < TABLES; t++) {
		uint32_t small = take(&next_frame, 4096), large = take(&next_frame, 65536);

		table[t] = new_table(4096);
		for (uint32_t i = 0; i < 4; i++)
			set_word(table[t] + (SMALL_SLOT + i) * 4, small | ap(AP_ALL) | SMALL);
		for (uint32_t i = 0; i < 64; i++)
			set_word(table[t] + (LARGE_SLOT + i) * 4, large | ap(AP_ALL) | LARGE);
		set_word(ROOT_PA + ((DATA >> 20) + t) * 4, table[t] | FINE);
	}
	spare = take(&next_frame, 1024);
	for (uint32_t p = 0; p < PAGES; p++) {
		frame[p] = take(&next_frame, 1024);
		fill_frame(frame[p], 1024, 0x1000 + p);
		set_tiny(p, AP_ALL);
	}
}

/* Words that users counted in, of all pages. */
static uint32_t count(void)
{
	uint32_t n = 0;

	for (uint32_t p = 0; p < PAGES; p++)
		for (uint32_t i = 1; i <= WORDS; i++)
			n += at(page_va(p))[i];
	for (uint32_t t = 0; t < 4; t++) {
		for (uint32_t i = 0; i < 4; i++)
			for (uint32_t w = 1; w <= WORDS; w++)
				n += at(DATA + (t << 20) + (SMALL_SLOT + i) * 1024)[w];
		for (uint32_t i = 0; i < 64; i++)
			for (uint32_t w = 1; w <= WORDS; w++)
				n += at(DATA + (t << 20) + (LARGE_SLOT + i) * 1024)[w];
	}
	return n;
}

void workload(void)
{
	kernel_start();
	set_up();
	begin("fine");
	for (uint32_t turn = 0; turn < TURNS; turn++) {
		check(!run_user(visit, any()), "a page is where it belongs");
		for (uint32_t i = 0; i < MOVES; i++)
			move(any() & (PAGES - 1));
		for (uint32_t i = 0; i < PROTECTS; i++) {
			protect(any() & (PAGES - 1));
			expected_faults++;
		}
	}
	check(faults && faults <= expected_faults, "writes aborted");
	check(count() == TURNS * VISITS, "no store was lost");
	end();
}
