/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Four access permissions in one page: 16 small pages with subpages of 1 KB and 4 large ones with
 * subpages of 16 KB. Users write into subpages that are read-only, as a collector's write barrier
 * has it: the abort handler notes the subpage and lets it be written until the next turn. They also try
 * what is the kernel's own, and the kernel what is nobody's to write (AP 0 with SCTLR.S).
 *
 * A page whose subpages differ may be several entries of the TLB: each change invalidates
 * at all four (DDI 0198D 2.3.9).
 */
#include "bare/kernel.h"

enum {
	DATA = 0x10000000, SMALLS = 16, LARGES = 4, PAGES = SMALLS + LARGES, LARGE_AT = 0x40000,
	TURNS = 40, VISITS = 160,
};

static uint32_t table, frame[PAGES];
static uint8_t right[PAGES][4];
static uint32_t noted, denied;
static word refused;                            /* changes under a store of the kernel */

static inline __attribute__((always_inline)) uint32_t subpage_va(uint32_t p, uint32_t s)
{
	if (p < SMALLS)
		return DATA + p * 4096 + s * 1024;
	return DATA + LARGE_AT + (p - SMALLS) * 65536 + s * 16384;
}

/* What a subpage is for: 0, 2: watched; 1: free; 3: the kernel's, or in odd pages read-only to it. */
static uint8_t role(uint32_t p, uint32_t s)
{
	if (s == 3)
		return p & 1 ? AP_NONE : AP_KERNEL;
	return s == 1 ? AP_ALL : AP_USER_READ;
}

/* Counts in subpages it may write; reads watched ones thrice as often as it writes there. */
USER_CODE static uint32_t mutate(uint32_t seed)
{
	uint32_t bad = 0;

	for (uint32_t i = 0; i < VISITS; i++) {
		uint32_t p, s, va;

		seed = shuffle(seed);
		p = (seed >> 8) % PAGES;
		s = (seed >> 4 & 0xff) % 3;
		va = subpage_va(p, s) + (seed >> 20 & 0x3c0);
		if (s == 1 || seed >> 30 == 0)
			at(va)[1]++;
		else
			bad |= *at(subpage_va(p, s)) ^ (p * 4 + s + 1);
		if (seed >> 25 == 0)
			bad |= *at(subpage_va(p, 3)) & 0;       /* aborts, and is skipped */
	}
	return bad;
}

static void put_page(uint32_t p)
{
	uint32_t rights = ap4(right[p][0], right[p][1], right[p][2], right[p][3]);
	uint32_t va = subpage_va(p, 0), at_pa = entry_of(table, va);

	if (p < SMALLS) {
		set_word(at_pa, frame[p] | rights | SMALL);
	} else {
		for (uint32_t i = 0; i < 64; i += 4)
			put_word(at_pa + i, frame[p] | rights | LARGE);
		clean_words(at_pa, 64);
	}
	for (uint32_t s = 0; s < 4; s++)
		invalidate_data(subpage_va(p, s));
}

uint32_t handle_fault(uint32_t fsr, uint32_t far)
{
	uint32_t in = far - DATA, p, s;

	check((fsr & 15) == FAULT_PERM_PAGE, "only rights are missing");
	p = in < LARGE_AT ? in >> 12 : SMALLS + ((in - LARGE_AT) >> 16);
	s = in < LARGE_AT ? in >> 10 & 3 : in >> 14 & 3;
	if (right[p][s] == AP_USER_READ) {
		right[p][s] = AP_ALL;
		noted++;
		put_page(p);
		return 0;
	}
	if (right[p][s] == AP_KERNEL)
		denied++;
	else
		refused++;
	return 4;
}

static void set_up(void)
{
	uint32_t low = new_table(1024);

	set_word(ROOT_PA, low | COARSE);
	map_user(low, 0);
	table = new_table(1024);
	set_word(ROOT_PA + (DATA >> 20) * 4, table | COARSE);
	for (uint32_t p = 0; p < PAGES; p++) {
		uint32_t size = p < SMALLS ? 4096 : 65536;

		frame[p] = take(&next_frame, size);
		for (uint32_t s = 0; s < 4; s++) {
			right[p][s] = role(p, s);
			fill_frame(frame[p] + s * size / 4, 1024, p * 4 + s + 1);
		}
		put_page(p);
	}
	CP15_WRITE(1, 0, 0, CP15_READ(1, 0, 0) | SCTLR_S);
}

/* What was written since the last turn is watched again. */
static uint32_t collect(void)
{
	uint32_t found = 0;

	for (uint32_t p = 0; p < PAGES; p++) {
		uint32_t before = found;

		for (uint32_t s = 0; s < 4; s++) {
			if (role(p, s) == AP_USER_READ && right[p][s] == AP_ALL) {
				right[p][s] = AP_USER_READ;
				found++;
			}
		}
		if (found != before)
			put_page(p);
	}
	return found;
}

/* The kernel's own subpages: a word to write, or one that can only be read. */
static void kernel_visit(uint32_t turn)
{
	uint32_t p = turn % PAGES, va = subpage_va(p, 3), before = refused;

	check(*at(va) == p * 4 + 4, "the kernel reads all");
	at(va)[2] = turn;
	check(refused == before + (p & 1), "AP 0 with S: read-only for the kernel");
	if (p & 1)
		check(at(va)[2] == 0, "the refused store");
}

void workload(void)
{
	uint32_t found = 0;

	kernel_start();
	set_up();
	begin("subpages");
	for (uint32_t turn = 0; turn < TURNS; turn++) {
		check(!run_user(mutate, any()), "subpages are where they belong");
		kernel_visit(turn);
		found += collect();
	}
	check(found == noted && noted > TURNS, "each first write was noted once");
	check(denied && refused, "the kernel's subpages");
	end();
}
