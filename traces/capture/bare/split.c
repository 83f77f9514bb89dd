/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TTBCR.N from 1 to 7: three processes with tables for TTBR0 of 8 KB down to 128 bytes, and ASIDs. In
 * each phase their heaps are in the last megabyte below the split, and pages that all share in the
 * first one above it, which is the kernel's table. That table has shared pages below the split
 * too, where it must not be asked: a process that looks there aborts.
 */
#include "bare/roots.h"

enum {
	PROCESSES = 3, HEAP_PAGES = 20, SHARED_PAGES = 8, SWITCHES = 18, VISITS = 90, FIRST = 1,
	LAST = 7, MEGABYTE = 1 << 20,
};

static struct { uint32_t low, heap, frames, moved, spare; } process[PROCESSES];
static uint32_t aborts;

/* arg: seed in [31:8], N in [7:4], process in [3:0]. */
USER_CODE static uint32_t work(uint32_t arg)
{
	uint32_t n = arg & 15, split = 1u << (32 - (arg >> 4 & 15)), bad = 0, seed = arg | 1;

	for (uint32_t i = 0; i < VISITS; i++) {
		uint32_t p;

		seed = shuffle(seed);
		p = (seed >> 8 & 0xff) % HEAP_PAGES;
		bad |= *at(split - MEGABYTE + p * 4096) ^ (n << 8 | p);
		at(split - MEGABYTE + p * 4096)[1 + (seed >> 16 & 63)]++;
		if ((seed & 3) == 0) {
			p = seed >> 4 & (SHARED_PAGES - 1);
			bad |= *at(split + p * 4096) ^ (0xff00 | p);
			at(split + p * 4096)[1]++;
		}
	}
	return bad;
}

USER_CODE static uint32_t look(uint32_t va)
{
	return *at(va);
}

uint32_t handle_fault(uint32_t fsr, uint32_t far)
{
	(void)far;
	check((fsr & 15) == FAULT_SECTION, "nothing in the table of TTBR0");
	aborts++;
	return 4;
}

static uint32_t heap_entry(uint32_t n, uint32_t p)
{
	return process[n].heap + p * 4;
}

static void set_up(void)
{
	uint32_t shared = new_table(1024);

	for (uint32_t p = 0; p < SHARED_PAGES; p++) {
		uint32_t pa = take(&next_frame, 16384) + (p & 3) * 4096;

		fill_frame(pa, 4096, 0xff00 | p);
		set_word(shared + p * 4, pa | ap(AP_ALL) | SMALL);
	}
	for (uint32_t n = FIRST; n <= LAST; n++)
		set_word(ROOT_PA + (1u << (32 - n) >> 20) * 4, shared | COARSE);
	for (uint32_t n = 0; n < PROCESSES; n++) {
		uint32_t first = new_table(1024);

		process[n].low = new_table(LOW_BYTES);
		process[n].heap = new_table(1024);
		process[n].frames = take(&next_frame, 1 << 17);
		process[n].spare = take(&next_frame, 1 << 17);
		map_user(first, NG);
		set_word(process[n].low, first | COARSE);
		for (uint32_t p = 0; p < HEAP_PAGES; p++) {
			uint32_t pa = process[n].frames + p * 4096;

			fill_frame(pa, 4096, n << 8 | p);
			set_word(heap_entry(n, p), pa | ap(AP_ALL) | NG | SMALL);
		}
		for (uint32_t s = FIRST; s <= LAST; s++)
			set_word(process[n].low + ((1u << (32 - s) >> 20) - 1) * 4,
				 process[n].heap | COARSE);
	}
}

/* A page of a process that does not run, whose entries the TLB may still have. */
static void move(uint32_t n, uint32_t p, uint32_t split)
{
	uint32_t old = process[n].frames, new = process[n].spare;

	if (process[n].moved >> p & 1) {
		old = process[n].spare;
		new = process[n].frames;
	}
	copy(LINEAR + new + p * 4096, LINEAR + old + p * 4096, 4096);
	process[n].moved ^= 1u << p;
	set_word(heap_entry(n, p), (new + p * 4096) | ap(AP_ALL) | NG | SMALL);
	invalidate_data((split - MEGABYTE + p * 4096) | (n + 1));
}

static void phase(uint32_t n, uint32_t *looked)
{
	uint32_t split = 1u << (32 - n);

	set_split(n);
	for (uint32_t i = 0; i < SWITCHES; i++) {
		uint32_t next = i % PROCESSES;

		switch_to(process[next].low, next + 1);
		check(!run_user(work, (any() << 8) | n << 4 | next), "pages of the process");
		if (i % 6 == 5) {
			run_user(look, split >> 1);
			++*looked;
			move((next + 1) % PROCESSES, any() >> 8 & 15, split);
		}
	}
}

void workload(void)
{
	uint32_t looked = 0;

	kernel_start();
	roots_start();
	set_up();
	begin("split");
	for (uint32_t n = FIRST; n <= LAST; n++)
		phase(n, &looked);
	check(aborts == looked, "TTBR1 serves nothing below the split");
	end();
}
