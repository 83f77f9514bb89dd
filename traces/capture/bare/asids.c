/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many ASIDs: 12 processes that end and begin all the time. A new one takes the next ASID, and what
 * the TLB has of the old ones stays where it is, as nobody has their ASIDs; when all 255 are gone
 * the TLB is emptied, and everybody gets another. Some processes keep their ASID and change all
 * their memory (invalidate by ASID) or a page (by address and ASID). The library is global.
 */
#include "bare/roots.h"

enum {
	PROCESSES = 12, HEAP = 0x00100000, HEAP_PAGES = 10, LIBRARY = 0x00200000,
	LIBRARY_PAGES = 4, BUFFER = 0x00400000, MEMORY = 0x04000000, LAST_ASID = 255,
	SWITCHES = 640, VISITS = 26,
};

static struct {
	uint32_t low, heap, frames[2], asid, generation, life;
} process[PROCESSES];
static uint32_t last_asid, generation = 1, library_table;

static inline __attribute__((always_inline)) uint32_t tag(uint32_t life, uint32_t n, uint32_t p)
{
	return life << 16 | n << 8 | p;
}

/* arg: life in [31:16], process in [15:8], any in [7:0]. */
USER_CODE static uint32_t work(uint32_t arg)
{
	uint32_t seed = arg * 0x9e3779b1 | 1, bad = 0;

	for (uint32_t i = 0; i < VISITS; i++) {
		uint32_t p;

		seed = shuffle(seed);
		p = (seed >> 8 & 0xff) % HEAP_PAGES;
		bad |= *at(HEAP + p * 4096) ^ ((arg & 0xffffff00) | p);
		at(HEAP + p * 4096)[1 + (seed >> 16 & 31)]++;
		bad |= *at(LIBRARY + (seed & 3) * 4096) ^ (seed & 3);
		if ((seed >> 26) == 0)
			bad |= at(BUFFER)[(seed >> 2 & 7) * 1024] ^ (arg >> 8 & 0xff);
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

/* The other frame of the page, begun with the tag of this life. */
static void renew(uint32_t n, uint32_t p)
{
	uint32_t entry = process[n].heap + p * 4, old = word_at(entry) & ~0xfffu;
	uint32_t pa = process[n].frames[old == process[n].frames[0] + p * 4096] + p * 4096;

	*at(LINEAR + pa) = tag(process[n].life, n, p);
	put_word(entry, pa | ap(AP_ALL) | NG | SMALL);
}

static void begin_life(uint32_t n)
{
	process[n].life = (process[n].life + 1) & 0xffff;
	for (uint32_t p = 0; p < HEAP_PAGES; p++)
		renew(n, p);
	clean_words(process[n].heap, HEAP_PAGES * 4);
}

static void set_up(void)
{
	library_table = new_table(1024);
	for (uint32_t i = 0; i < LIBRARY_PAGES; i++) {
		uint32_t pa = take(&next_frame, 16384) + (i & 3) * 4096;

		fill_frame(pa, 4096, i);
		set_word(library_table + i * 4, pa | ap(AP_USER_READ) | SMALL);
	}
	for (uint32_t n = 0; n < PROCESSES; n++) {
		uint32_t first = new_table(1024), buffer = MEMORY + n * 0x100000;

		process[n].low = new_table(LOW_BYTES);
		process[n].heap = new_table(1024);
		for (uint32_t i = 0; i < 2; i++)
			process[n].frames[i] = take(&next_frame, 1 << 16);
		map_user(first, NG);
		begin_life(n);
		for (uint32_t i = 0; i < 8; i++)
			*at(LINEAR + buffer + i * 4096) = n;
		set_word(process[n].low, first | COARSE);
		set_word(process[n].low + (HEAP >> 20) * 4, process[n].heap | COARSE);
		set_word(process[n].low + (LIBRARY >> 20) * 4, library_table | COARSE);
		set_word(process[n].low + (BUFFER >> 20) * 4,
			 buffer | AP_USER_READ << 10 | SECTION_NG | CACHED | SECTION);
	}
}

/* While nobody's table is TTBR0's: what is walked for then has no ASID. */
static void new_asid(uint32_t n)
{
	if (last_asid == LAST_ASID) {
		CP15_WRITE(2, 0, 0, low_none);
		flush_prefetch();
		invalidate_tlb();
		last_asid = 0;
		generation++;
	}
	process[n].asid = ++last_asid;
	process[n].generation = generation;
}

static void change(uint32_t n, uint32_t how)
{
	uint32_t p = any() >> 8 & 7;

	if (how < 13) {                          /* it ends, another begins in its place */
		begin_life(n);
		process[n].generation = 0;
	} else if (how < 14) {                  /* all of its memory changes */
		begin_life(n);
		if (process[n].generation == generation)
			invalidate_asid(process[n].asid);
	} else if (how < 15) {                  /* one page does */
		renew(n, p);
		clean_words(process[n].heap + p * 4, 4);
		if (process[n].generation == generation)
			invalidate_data((HEAP + p * 4096) | process[n].asid);
	}
}

void workload(void)
{
	kernel_start();
	roots_start();
	set_up();
	begin("asids");
	for (uint32_t i = 0; i < SWITCHES; i++) {
		uint32_t n = (any() >> 8 & 0xff) % PROCESSES;

		change(n, any() >> 16 & 15);
		if (process[n].generation != generation)
			new_asid(n);
		switch_to(process[n].low, process[n].asid);
		check(!run_user(work, tag(process[n].life, n, i & 0xff)), "pages of the process");
	}
	check(generation > 2, "all ASIDs were used, twice");
	end();
}
