/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains as tags of address spaces: one table, six processes in megabytes of their own, each with
 * a domain. A switch is a write of DACR and nothing else: TLB entries hold the domain, not what is
 * allowed to it, and caches are looked up behind the check. A process that reaches into
 * another's pages (second-level tables) or buffer (a section) aborts; the kernel lends it the domain
 * until it is switched away from, but for the vault, which nobody gets. The kernel itself runs
 * without the users' domains, opens one while it copies, and goes through the vault as a manager,
 * whom its pages' AP 0 does not stop.
 */
#include "bare/kernel.h"

enum {
	PROCESSES = 6, VAULT = 7, DATA = 0x10000000, BUFFER = 0x20000000, PAGES = 20,
	SWITCHES = 150, VISITS = 70, KERNEL_ONLY = 1,
};

static uint32_t running, lent, refused, expected_refusals, dacr = KERNEL_ONLY;
static uint32_t counted;

static inline __attribute__((always_inline)) uint32_t page_va(uint32_t n, uint32_t p)
{
	return DATA + (n << 20) + ((p * 5 + n * 16) & 0xff) * 4096;
}

static inline __attribute__((always_inline)) uint32_t buffer_va(uint32_t n)
{
	return BUFFER + (n << 20);
}

static void set_dacr(uint32_t value)
{
	dacr = value;
	CP15_WRITE(3, 0, 0, value);
	flush_prefetch();
}

static uint32_t client(uint32_t n)
{
	return 1u << 2 * n;
}

/* arg: seed; [2:0] whose. Its own pages and buffer, and now and then its neighbour's. */
USER_CODE static uint32_t work(uint32_t arg)
{
	uint32_t bad = 0, seed = arg, n = arg & 7;

	for (uint32_t i = 0; i < VISITS; i++) {
		uint32_t p, whose = n, va;

		seed = shuffle(seed);
		p = (seed >> 8 & 0xff) % PAGES;
		if (seed >> 27 == 0)
			whose = n % PROCESSES + 1;
		va = seed & 1 << 20 ? page_va(whose, p) : buffer_va(whose) + p * 0x4100;
		bad |= *at(va) ^ (whose << 8 | p);
		at(va)[1 + (seed >> 21 & 15)]++;
	}
	return bad;
}

USER_CODE static uint32_t rob(uint32_t va)
{
	return *at(va);
}

/* The status has the domain of what was denied (DDI 0100I B4.6). */
uint32_t handle_fault(uint32_t fsr, uint32_t far)
{
	uint32_t domain = fsr >> 4 & 15, fs = fsr & 15;

	check(fs == (far < BUFFER ? FAULT_DOMAIN_PAGE : FAULT_DOMAIN_SECTION), "domain fault");
	check(domain == (far >> 20 & 15), "domain of the fault");
	if (domain == VAULT) {
		refused++;
		return 4;
	}
	lent++;
	set_dacr(dacr | client(domain));
	return 0;
}

static void set_up(void)
{
	uint32_t low = new_table(1024);

	set_word(ROOT_PA, low | COARSE);
	map_user(low, 0);
	for (uint32_t n = 1; n <= VAULT; n++) {
		uint32_t table = new_table(1024), big = take(&next_frame, 1 << 20);
		uint32_t right = n == VAULT ? AP_NONE : AP_ALL;

		/* Colours as those of the frames: from 4 KB on a cache way may be larger. */
		for (uint32_t p = 0; p < PAGES; p++) {
			uint32_t pa = big + 0x80000 + (page_va(n, p) & 0x7f000);

			fill_frame(pa, 4096, n << 8 | p);
			fill_frame(big + p * 0x4100 % 0x80000, 64, n << 8 | p);
			set_word(entry_of(table, page_va(n, p)), pa | ap(right) | SMALL);
		}
		set_word(ROOT_PA + (page_va(n, 0) >> 20) * 4, table | n << 5 | COARSE);
		set_word(ROOT_PA + (buffer_va(n) >> 20) * 4,
			 big | right << 10 | n << 5 | CACHED | SECTION);
	}
}

/* Sums a word of the first pages, with the domain open as long as that takes. */
static uint32_t look_into(uint32_t n, uint32_t how)
{
	uint32_t sum = 0, before = dacr;

	set_dacr(dacr | how << 2 * n);
	for (uint32_t p = 0; p < 4; p++) {
		sum += *at(page_va(n, p)) ^ (n << 8 | p);
		at(page_va(n, p))[20]++;
	}
	set_dacr(before);
	return sum;
}

static uint32_t count(void)
{
	uint32_t n = 0;

	for (uint32_t d = 1; d <= PROCESSES; d++) {
		set_dacr(KERNEL_ONLY | client(d));
		for (uint32_t p = 0; p < PAGES; p++)
			for (uint32_t w = 1; w <= 16; w++)
				n += at(page_va(d, p))[w] + at(buffer_va(d) + p * 0x4100)[w];
	}
	set_dacr(KERNEL_ONLY);
	return n;
}

void workload(void)
{
	kernel_start();
	set_up();
	begin("domains");
	for (uint32_t i = 0; i < SWITCHES; i++) {
		running = 1 + (any() & 0xffff) % PROCESSES;
		set_dacr(KERNEL_ONLY | client(running));
		check(!run_user(work, (any() & ~7u) | running), "pages are where they belong");
		counted += VISITS;
		if (i % 10 == 3) {
			run_user(rob, i & 1 << 3 ? page_va(VAULT, i % PAGES) : buffer_va(VAULT));
			expected_refusals++;
		}
		set_dacr(KERNEL_ONLY);
		if (i % 3 == 0)
			check(!look_into(1 + i % PROCESSES, 1), "the kernel as a client");
		if (i % 5 == 0)
			check(!look_into(VAULT, 3), "the kernel as a manager");
	}
	check(refused == expected_refusals, "the vault is closed");
	check(lent > SWITCHES / 4, "domains were lent");
	check(count() == counted, "no store was lost");
	end();
}
