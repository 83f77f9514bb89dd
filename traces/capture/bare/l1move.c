/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First-level words that change under a TTBR that does not. Eight windows of a megabyte go through
 *   SECTION   one first-level word
 *   SPLIT     a coarse table of small pages of the same memory, some read-only: who writes
 *             there gets a copy of the page (copy on write)
 *   SNAPSHOT  another coarse table, read-only, that still has the old pages; and back to SPLIT
 *   SECTION   the copies are written back, and the section is there again
 * while users read and count in all of them. What each change has to invalidate is beside it.
 * Before ARMv6 caches go by virtual address: where the memory behind one changes, its lines go first.
 */
#include "bare/kernel.h"

enum {
	WINDOWS = 8, DATA = 0x10000000, MEMORY = 0x02000000, PAGES = 8, TURNS = 56, VISITS = 200,
	SECTION_BITS = AP_ALL << 10 | CACHED | SECTION, DIFFERS = 0x3,
};

static enum { SECTIONS, SPLIT, SNAPSHOT, SPLIT_AGAIN } state[WINDOWS];
static uint32_t table[WINDOWS][2], copied[WINDOWS], frozen[WINDOWS], spare[WINDOWS][PAGES];
static uint32_t copies, counted;

static inline __attribute__((always_inline)) uint32_t page_va(uint32_t w, uint32_t p)
{
	return DATA + (w << 20) + p * 0x9000;
}

static uint32_t home(uint32_t w, uint32_t p)
{
	return MEMORY + (page_va(w, p) - DATA);
}

/* arg: seed; [7:0] which windows can be written. Each page begins with its number. */
USER_CODE static uint32_t work(uint32_t arg)
{
	uint32_t bad = 0, seed = arg;

	for (uint32_t i = 0; i < VISITS; i++) {
		uint32_t w, p, va;

		seed = shuffle(seed);
		w = seed >> 8 & (WINDOWS - 1);
		p = seed >> 12 & (PAGES - 1);
		va = page_va(w, p);
		bad |= at(va)[0] ^ (w << 8 | p);
		if (arg >> w & 1)
			at(va)[1]++;
		else
			bad |= at(va)[1] >> 24;
	}
	return bad;
}

static void set_window(uint32_t w, uint32_t descriptor)
{
	set_word(ROOT_PA + ((DATA >> 20) + w) * 4, descriptor);
}

static uint32_t colour(uint32_t va)
{
	return va >> 12 & DIFFERS;
}

/* A write to a page that is still shared with the snapshot. */
uint32_t handle_fault(uint32_t fsr, uint32_t far)
{
	uint32_t w = (far - DATA) >> 20, va = far & ~0xfffu, p = (va & 0xfffff) / 0x9000, pa;

	check((fsr & 15) == FAULT_PERM_PAGE && state[w] == SPLIT && !(copied[w] >> p & 1),
	      "write to a shared page");
	pa = spare[w][p];
	copy(UNCACHED + pa, va, 4096);
	flush_range(va, 4096);
	set_word(entry_of(table[w][0], va), pa | ap(AP_ALL) | SMALL);
	invalidate_data(va);
	copied[w] |= 1u << p;
	copies++;
	return 0;
}

static uint32_t sum(uint32_t w)
{
	uint32_t n = 0;

	for (uint32_t p = 0; p < PAGES; p++)
		n += at(page_va(w, p))[1];
	return n;
}

/*
 * The same memory by small pages. One entry of the TLB covers the megabyte, and one invalidate
 * anywhere in it removes that. The pages read-only in both tables are every second one.
 */
static void split(uint32_t w)
{
	frozen[w] = sum(w);
	for (uint32_t i = 0; i < 256; i++) {
		put_word(table[w][0] + i * 4, (MEMORY + (w << 20) + i * 4096) | ap(AP_ALL) | SMALL);
		put_word(table[w][1] + i * 4,
			 (MEMORY + (w << 20) + i * 4096) | ap(AP_USER_READ) | SMALL);
	}
	for (uint32_t p = 0; p < PAGES; p++)
		put_word(entry_of(table[w][0], page_va(w, p)),
			 home(w, p) | ap(AP_USER_READ) | SMALL);
	clean_words(table[w][0], 1024);
	clean_words(table[w][1], 1024);
	copied[w] = 0;
	set_window(w, table[w][0] | COARSE);
	invalidate_data(page_va(w, 0));
}

/* Other memory at the same addresses, by pages: each may be an entry of the TLB. */
static void exchange(uint32_t w, uint32_t to)
{
	flush_caches();
	set_window(w, to | COARSE);
	for (uint32_t p = 0; p < PAGES; p++)
		invalidate_data(page_va(w, p));
}

/* The copies go home, and with them the table: up to 256 entries of the TLB. */
static void join(uint32_t w)
{
	for (uint32_t p = 0; p < PAGES; p++)
		if (copied[w] >> p & 1)
			copy(UNCACHED + home(w, p), page_va(w, p), 4096);
	flush_caches();
	set_window(w, (MEMORY + (w << 20)) | SECTION_BITS);
	invalidate_tlb();
}

static void step(uint32_t w)
{
	switch (state[w]) {
	case SECTIONS: split(w); state[w] = SPLIT; break;
	case SPLIT: exchange(w, table[w][1]); state[w] = SNAPSHOT; break;
	case SNAPSHOT:
		check(sum(w) == frozen[w], "the snapshot is as it was");
		exchange(w, table[w][0]);
		state[w] = SPLIT_AGAIN;
		break;
	case SPLIT_AGAIN: join(w); state[w] = SECTIONS; break;
	}
}

static void set_up(void)
{
	uint32_t low = new_table(1024);

	set_word(ROOT_PA, low | COARSE);
	map_user(low, 0);
	for (uint32_t w = 0; w < WINDOWS; w++) {
		table[w][0] = new_table(1024);
		table[w][1] = new_table(1024);
		for (uint32_t p = 0; p < PAGES; p++) {
			do
				spare[w][p] = take(&next_frame, 4096);
			while (colour(spare[w][p]) != colour(page_va(w, p)));
			fill_frame(home(w, p), 4096, w << 8 | p);
		}
		set_window(w, (MEMORY + (w << 20)) | SECTION_BITS);
	}
}

void workload(void)
{
	uint32_t n = 0;

	kernel_start();
	set_up();
	begin("l1move");
	for (uint32_t turn = 0; turn < TURNS; turn++) {
		uint32_t writable = 0;

		step(any() >> 8 & (WINDOWS - 1));
		for (uint32_t w = 0; w < WINDOWS; w++)
			writable |= (state[w] < SNAPSHOT) << w;
		check(!run_user(work, (any() & ~0xffu) | writable), "pages are where they belong");
		counted += VISITS;
	}
	for (uint32_t w = 0; w < WINDOWS; w++) {
		while (state[w] != SECTIONS)
			step(w);
		n += sum(w);
	}
	check(copies > PAGES, "pages were copied");
	check(n > counted / 4 && n < counted, "what users counted was kept");
	end();
}
