/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lockdown, as a system with deadlines has it: the pages that an interrupt needs are locked into the
 * TLB (c10), their lines into one way of each cache (c9), while the rest presses on both and a
 * switch empties the TLB. The hot page moves now and then, and is locked anew.
 *
 * Sequences: DDI 0198D 2.3.10, 2.3.12 (ARM926EJ-S), DDI 0301H 3.2.26 and TLB lockdown register
 * (ARM1176JZF-S).
 * The emulator ignores both kinds of lockdown, which is why this guest only writes the registers (what it
 * would read there is nothing), gives the victim each time, and does not rely on locked entries
 * to stay when tables change: invalidating everything spares them on hardware, so a page
 * that moves is invalidated by address, which does not. What is locked is only faster.
 */
#include "bare/kernel.h"

enum {
	DATA = 0x10000000, PAGES = 112, HOT = 0x30000000, TURNS = 60, VISITS = 120,
	LOCK_ON = 1, LOCK_BYTES = 1024, ALL_WAYS = 0xf, WAY_0 = 1, SBO = (int)0xfffffff0,
	VICTIM_SHIFT = 26,
};

static uint32_t table, hot_table, hot_frame, hot_spare;

/* Counts in pages in no order, and every time in the hot one. */
USER_CODE static uint32_t work(uint32_t seed)
{
	uint32_t bad = 0;

	for (uint32_t i = 0; i < VISITS; i++) {
		uint32_t p;

		seed = shuffle(seed);
		p = (seed >> 8 & 0xff) % PAGES;
		bad |= *at(DATA + p * 4096) ^ p;
		at(DATA + p * 4096)[1 + (seed >> 16 & 511)]++;
		at(HOT)[1 + (i & 127)]++;
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

/*
 * The page's entry becomes the victim-th of the lockable ones: of what is used between the two writes
 * of c10, it alone misses. The kernel's own section is fetched by before it is loaded from, so
 * locking goes on before it is invalidated.
 */
static void lock_entry(uint32_t va, uint32_t victim)
{
	CP15_WRITE(10, 0, 0, victim << VICTIM_SHIFT | LOCK_ON);
	CP15_WRITE(8, 7, 1, va);
	drain();
	(void)*at(va);
	CP15_WRITE(10, 0, 0, (victim + 1) << VICTIM_SHIFT);
	flush_prefetch();
}

/*
 * Lines of the hot page into way 0 of the data cache, those of its code into way 0 of the other:
 * none of them may be in there already, and the other ways are shut while they are loaded. So
 * that this code takes no line of way 0 it runs uncached; from ARMv6 on, where all mappings of memory
 * have to agree on that, it does not, and may take some.
 */
static __attribute__((noinline)) void lock_lines(uint32_t data, uint32_t code)
{
	for (uint32_t i = 0; i < LOCK_BYTES; i += LINE) {
		CP15_WRITE(7, 14, 1, data + i);
		CP15_WRITE(7, 5, 1, code + i);
	}
	drain();
	CP15_WRITE(9, 0, 0, SBO | (ALL_WAYS & ~WAY_0));
	for (uint32_t i = 0; i < LOCK_BYTES; i += LINE)
		(void)*at(data + i);
	CP15_WRITE(9, 0, 0, SBO | WAY_0);
	CP15_WRITE(9, 0, 1, SBO | (ALL_WAYS & ~WAY_0));
	for (uint32_t i = 0; i < LOCK_BYTES; i += LINE)
		CP15_WRITE(7, 13, 1, code + i);
	CP15_WRITE(9, 0, 1, SBO | WAY_0);
}

static void lock_hot_lines(void)
{
	((void (*)(uint32_t, uint32_t))((uint32_t)lock_lines - LINEAR + UNCACHED))(HOT, USER_TEXT);
}

static void lock_all(void)
{
	lock_entry(LINEAR, 0);
	lock_entry(VECTORS, 1);
	lock_entry(USER_TEXT, 2);
	lock_entry(HOT, 3);
	lock_hot_lines();
}

/* By address: that reaches a locked entry too. */
static void move_hot(void)
{
	uint32_t old = hot_frame;

	copy(UNCACHED + hot_spare, HOT, 4096);
	flush_range(HOT, 4096);
	hot_frame = hot_spare;
	hot_spare = old;
	set_word(entry_of(hot_table, HOT), hot_frame | ap(AP_ALL) | SMALL);
	lock_entry(HOT, 3);
	lock_hot_lines();
}

static void unlock_all(void)
{
	static const uint32_t va[] = { LINEAR, VECTORS, USER_TEXT, HOT };

	CP15_WRITE(9, 0, 0, SBO);
	CP15_WRITE(9, 0, 1, SBO);
	for (uint32_t i = 0; i < 4; i++)
		CP15_WRITE(8, 7, 1, va[i]);
	CP15_WRITE(10, 0, 0, 0);
	drain();
	flush_prefetch();
}

static void set_up(void)
{
	uint32_t low = new_table(1024);

	set_word(ROOT_PA, low | COARSE);
	map_user(low, 0);
	table = new_table(1024);
	hot_table = new_table(1024);
	set_word(ROOT_PA + (DATA >> 20) * 4, table | COARSE);
	set_word(ROOT_PA + (HOT >> 20) * 4, hot_table | COARSE);
	take(&next_frame, 16384);               /* colours are those of the addresses */
	for (uint32_t p = 0; p < PAGES; p++) {
		uint32_t pa = take(&next_frame, 4096);

		fill_frame(pa, 4096, p);
		set_word(entry_of(table, DATA + p * 4096), pa | ap(AP_ALL) | SMALL);
	}
	hot_frame = take(&next_frame, 16384);
	hot_spare = take(&next_frame, 16384);
	fill_frame(hot_frame, 4096, 0);
	set_word(entry_of(hot_table, HOT), hot_frame | ap(AP_ALL) | SMALL);
}

void workload(void)
{
	uint32_t n = 0;

	kernel_start();
	set_up();
	begin("lockdown");
	lock_all();
	for (uint32_t turn = 0; turn < TURNS; turn++) {
		check(!run_user(work, any()), "pages are where they belong");
		if (turn % 3 == 0)
			invalidate_tlb();
		if (turn % 8 == 5)
			move_hot();
	}
	unlock_all();
	for (uint32_t i = 1; i <= 128; i++)
		n += at(HOT)[i];
	check(n == TURNS * VISITS, "no store was lost");
	end();
}
