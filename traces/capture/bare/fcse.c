/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FCSE: four processes at the same addresses below 32 MB, told apart by the PID (DDI 0100I B8).
 * A switch writes the PID and the DACR and flushes nothing, as the extension is meant: caches and TLB
 * go by modified addresses (MVA). Now and then a process ends, and its slot goes to another one: that
 * one switch flushes. The kernel, above 32 MB, is the same for all. Each process has
 * a domain of its own, or it could reach the others at their MVAs; it tries, and aborts.
 *
 * What the emulator does otherwise, and why that does not matter here:
 *   - FAR has the address before relocation: on_page() relocates what is below 32 MB.
 *   - invalidates by MVA do not reach the entries of the process that runs (but each write of the PID
 *     empties the TLB): pages are taken away only where a switch follows before they are used.
 */
#include "bare/kernel.h"

enum {
	PROCESSES = 4, FIRST_PID = 0x20, HEAP = 0x00100000, HEAP_PAGES = 24, LIBRARY = 0x00180000,
	LIBRARY_PAGES = 4, MAIL = 0x001c0000,
	LETTER = MAIL + 0xa00,          /* few others use its set of the cache */
	SWITCHES = 120, VISITS = 90, LIFE = 24,
};

static struct { uint32_t table[2], frame[HEAP_PAGES], visits, tag; } process[PROCESSES];
static uint32_t library[LIBRARY_PAGES], mail, mail_at, running, paged, denied;

static uint32_t pid_of(uint32_t n)
{
	return (FIRST_PID + n) << 25;
}

/*
 * Code at the same address in all, as are stack, heap and library. The heap is paged: its first
 * words are the tag of the process and the page. arg: seed, and the page's tag in [31:24].
 */
USER_CODE static uint32_t work(uint32_t arg)
{
	uint32_t bad = 0, seed = arg;

	for (uint32_t i = 0; i < VISITS; i++) {
		uint32_t va;

		seed = shuffle(seed);
		va = HEAP + (seed >> 8) % HEAP_PAGES * 4096;
		bad |= *at(va) ^ (arg & 0xff000000);
		at(va)[1 + (seed >> 16 & 255)]++;
		bad |= *at(LIBRARY + (seed & 3) * 4096 + (seed & 0xff0)) ^ (seed & 3);
	}
	return bad;
}

/* To the next one by the mailbox, a page that always belongs to the process that runs. */
USER_CODE static uint32_t deliver(uint32_t letter)
{
	uint32_t was = *at(LETTER);

	*at(LETTER) = letter;
	return was;
}

USER_CODE static uint32_t peek(uint32_t mva)
{
	return *at(mva);
}

static uint32_t heap_entry(uint32_t n, uint32_t va)
{
	return entry_of(process[n].table[va >> 20], va);
}

static uint32_t mva_now(uint32_t far)
{
	return far >> 25 ? far : far | pid_of(running);
}

/* The first touch of a heap page. An entry was invalid, so no TLB knows it. */
uint32_t handle_fault(uint32_t fsr, uint32_t far)
{
	uint32_t va = mva_now(far) & 0x01fff000, page = (va - HEAP) >> 12;

	if ((fsr & 15) == FAULT_DOMAIN_PAGE) {
		denied++;
		return 4;
	}
	check((fsr & 15) == FAULT_PAGE && page < HEAP_PAGES, "fault of a heap page");
	fill_frame(process[running].frame[page], 4096, process[running].tag);
	set_word(heap_entry(running, va), process[running].frame[page] | ap(AP_ALL) | SMALL);
	paged++;
	return 0;
}

static void switch_to(uint32_t n)
{
	running = n;
	CP15_WRITE(3, 0, 0, 1 | 1 << 2 * (n + 1));
	CP15_WRITE(13, 0, 0, pid_of(n));
}

/* The mailbox leaves one slot for another: its lines and entry go, by MVA. */
static void pass_mail(uint32_t to)
{
	flush_range(pid_of(mail_at) | MAIL, 4096);
	set_word(heap_entry(mail_at, MAIL), 0);
	invalidate_data(pid_of(mail_at) | MAIL);
	set_word(heap_entry(to, MAIL), mail | ap(AP_ALL) | SMALL);
	mail_at = to;
}

/* Another process at the same PID: of the old one nothing may be left, dirty or clean. */
static void replace(uint32_t n)
{
	flush_caches();
	for (uint32_t i = 0; i < HEAP_PAGES; i++)
		put_word(heap_entry(n, HEAP + i * 4096), 0);
	clean_words(heap_entry(n, HEAP), HEAP_PAGES * 4);
	invalidate_tlb();
	process[n].tag += 0x10000000;
}

static void set_up_process(uint32_t n)
{
	uint32_t domain = (n + 1) << 5, first = pid_of(n) >> 20;

	for (uint32_t i = 0; i < 2; i++) {
		process[n].table[i] = new_table(1024);
		set_word(ROOT_PA + (first + i) * 4, process[n].table[i] | domain | COARSE);
	}
	map_user(process[n].table[0], 0);
	for (uint32_t i = 0; i < HEAP_PAGES; i++)
		process[n].frame[i] = take(&next_frame, 4096);
	for (uint32_t i = 0; i < LIBRARY_PAGES; i++)
		set_word(heap_entry(n, LIBRARY + i * 4096), library[i] | ap(AP_USER_READ) | SMALL);
	process[n].tag = 0x01000000 * (n + 1);
}

static void set_up(void)
{
	mail = take(&next_frame, 4096);
	fill_frame(mail, 4096, 0);
	for (uint32_t i = 0; i < LIBRARY_PAGES; i++) {
		library[i] = take(&next_frame, 4096);
		for (uint32_t w = 0; w < 1024; w++)
			at(UNCACHED + library[i])[w] = i;
	}
	for (uint32_t n = 0; n < PROCESSES; n++)
		set_up_process(n);
	set_word(heap_entry(0, MAIL), mail | ap(AP_ALL) | SMALL);
}

void workload(void)
{
	uint32_t replaced = 0, peeks = 0;

	kernel_start();
	set_up();
	begin("fcse");
	for (uint32_t i = 0; i < SWITCHES; i++) {
		uint32_t next = (running + 1 + (any() >> 30) % (PROCESSES - 1)) & (PROCESSES - 1);

		if (i % LIFE == LIFE - 1) {
			replace(next);
			replaced++;
		}
		if (i % 8 < 2)
			pass_mail(next);
		switch_to(next);
		check(!run_user(work, process[next].tag | (any() & 0xffffff)), "its own heap");
		if (mail_at == next) {
			static uint32_t letter;

			check(run_user(deliver, letter + 1) == letter, "mail");
			letter++;
		}
		if (i % 8 == 5) {
			run_user(peek, pid_of((next + 1) & (PROCESSES - 1)) | USER_TEXT);
			peeks++;
		}
	}
	check(denied == peeks, "other slots are out of reach");
	check(paged >= PROCESSES * HEAP_PAGES, "heaps were paged in");
	end();
}
