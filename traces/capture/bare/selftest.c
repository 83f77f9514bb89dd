/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bare-metal guest: uses the forms of translation that Linux does not (large and tiny
 * pages, fine tables, subpage permissions, FCSE, client domains) and provokes aborts, checking
 * itself through physical aliases. Memory below 128 MB is mapped one to one by sections.
 *
 *   0x00000000  vectors            0x00010000  program, stacks below 0x00080000
 *   0x00100000  first-level table  0x00110000  coarse tables    0x00120000  fine table
 *   0x00200000  targets of the mappings under test at 0x80000000
 */
#include "bare/bare.h"

enum {
	L1 = 0x00100000, COARSE = 0x00110000, FINE = 0x00120000,
	L2_LARGE = 1, L2_SMALL = 2, L2_TINY = 3,
	L1_COARSE = 0x11, L1_SECTION = 0x12, L1_FINE = 0x13,
	AP_NONE = 0, AP_KERNEL = 1, AP_USER_READ = 2, AP_ALL = 3,
	DOMAIN_1 = 1 << 5, DOMAIN_2 = 2 << 5,
	FAULT_SECTION = 5, FAULT_PAGE = 7, FAULT_DOMAIN_SECTION = 9, FAULT_DOMAIN_PAGE = 11,
	FAULT_PERM_SECTION = 13, FAULT_PERM_PAGE = 15,
};

static void invalidate_page(uint32_t va)
{
	CP15_WRITE(8, 6, 1, va);
	CP15_WRITE(8, 5, 1, va);
}

static uint32_t ap4(unsigned a0, unsigned a1, unsigned a2, unsigned a3)
{
	return a0 << 4 | a1 << 6 | a2 << 8 | a3 << 10;
}

static void mmu_on(void)
{
	for (uint32_t i = 0; i < (uint32_t)(vectors_end - vectors); i++)
		at(0)[i] = vectors[i];
	for (uint32_t i = 0; i < 4096; i++)
		at(L1)[i] = i < 128 || i == 0x101 ? i << 20 | AP_ALL << 10 | L1_SECTION : 0;
	for (uint32_t i = 0; i < 512; i++)
		at(COARSE)[i] = 0;
	for (uint32_t i = 0; i < 1024; i++)
		at(FINE)[i] = 0;
	CP15_WRITE(2, 0, 0, L1);
	CP15_WRITE(3, 0, 0, 0x05);              /* domains 0 and 1 client, 2 without access */
	invalidate_all();
	CP15_WRITE(1, 0, 0, CP15_READ(1, 0, 0) | 1);
}

static void large_and_small(void)
{
	at(L1)[0x800] = COARSE | DOMAIN_1 | L1_COARSE;
	for (uint32_t i = 0; i < 16; i++)
		at(COARSE)[i] = 0x200000 | ap4(3, 3, 3, 3) | L2_LARGE;
	at(COARSE)[16] = 0x300000 | ap4(3, 1, 2, 0) | L2_SMALL;
	invalidate_all();
	alias(0x80000000, 0x200000, 0x10000, 0x404, "large page");
	alias(0x80010000, 0x300000, 0x800, 0x44, "small page");

	check(in_user(user_read, 0x80010000) == *at(0x300000), "subpage 0: user read");
	in_user(user_read, 0x80010400);
	expect_fault(FAULT_PERM_PAGE, 0x80010400, "subpage 1: no user read");
	check(in_user(user_read, 0x80010800) == *at(0x300800), "subpage 2: user read");
	in_user(user_write, 0x80010800);
	expect_fault(FAULT_PERM_PAGE, 0x80010800, "subpage 2: no user write");
	user_read(0x80010c00);
	expect_fault(FAULT_PERM_PAGE, 0x80010c00, "subpage 3: no access at all");
	user_read(0x80011000);
	expect_fault(FAULT_PAGE, 0x80011000, "page translation fault");
	user_write(0x90000000);
	expect_fault(FAULT_SECTION, 0x90000000, "section translation fault");
	call_bad(0x80012000);
	check((fault.fsr & 15) == FAULT_PAGE && fault.far == 0x80012000, "prefetch abort");
	fault.count--;
}

static void unprivileged(void)
{
	*at(0x300400) = 0x1234;
	load_as_user(0x80010400);
	expect_fault(FAULT_PERM_PAGE, 0x80010400, "LDRT has user rights");
	check(load_as_user(0x80010000) == *at(0x300000), "LDRT");
	store_as_user(0x80010800, 1);
	expect_fault(FAULT_PERM_PAGE, 0x80010800, "STRT has user rights");
	store_as_user(0x80010004, 0x77);
	check(*at(0x300004) == 0x77, "STRT");
	check(swap(0x55, 0x80010008) == *at(0x300008) || *at(0x300008) == 0x55, "SWP");
	swap(0x55, 0x80013000);
	expect_fault(FAULT_PAGE, 0x80013000, "SWP into nothing");
}

static void fine_and_tiny(void)
{
	at(L1)[0x801] = FINE | DOMAIN_1 | L1_FINE;
	for (uint32_t i = 0; i < 64; i++)
		at(FINE)[i] = (0x400000 + (i ^ 5) * 1024) | AP_ALL << 4 | L2_TINY;
	for (uint32_t i = 64; i < 68; i++)
		at(FINE)[i] = 0x480000 | ap4(3, 3, 3, 3) | L2_SMALL;
	for (uint32_t i = 128; i < 192; i++)
		at(FINE)[i] = 0x490000 | ap4(3, 3, 3, 3) | L2_LARGE;
	invalidate_all();
	for (uint32_t i = 0; i < 64; i++)
		alias(0x80100000 + i * 1024, 0x400000 + (i ^ 5) * 1024, 1024, 0x84, "tiny");
	alias(0x80110000, 0x480000, 0x1000, 0x124, "small page in a fine table");
	alias(0x80120000, 0x490000, 0x10000, 0x404, "large page in a fine table");
	user_read(0x80111000);
	expect_fault(FAULT_PAGE, 0x80111000, "hole in a fine table");
}

static void domains(void)
{
	at(L1)[0x802] = 0x500000 | AP_ALL << 10 | DOMAIN_2 | L1_SECTION;
	at(L1)[0x803] = (COARSE + 1024) | DOMAIN_2 | L1_COARSE;
	at(COARSE)[256] = 0x600000 | ap4(0, 0, 0, 0) | L2_SMALL;
	invalidate_all();
	user_read(0x80200010);
	expect_fault(FAULT_DOMAIN_SECTION, 0x80200010, "section domain fault");
	user_write(0x80300020);
	expect_fault(FAULT_DOMAIN_PAGE, 0x80300020, "page domain fault");
	CP15_WRITE(3, 0, 0, 0x35);              /* manager: permissions do not count */
	alias(0x80300000, 0x600000, 0x1000, 0x84, "manager domain");
	CP15_WRITE(3, 0, 0, 0x15);              /* client: they do */
	user_read(0x80300040);
	expect_fault(FAULT_PERM_PAGE, 0x80300040, "client domain, AP 0");
	CP15_WRITE(3, 0, 0, 0x05);
}

/* Change of a live mapping: the new target is seen after the page's invalidate. */
static void remap(void)
{
	at(COARSE)[32] = 0x610000 | ap4(3, 3, 3, 3) | L2_SMALL;
	invalidate_page(0x80020000);
	alias(0x80020000, 0x610000, 0x1000, 0x204, "before the remap");
	at(COARSE)[32] = 0x620000 | ap4(3, 3, 3, 3) | L2_SMALL;
	invalidate_page(0x80020000);
	alias(0x80020000, 0x620000, 0x1000, 0x204, "after the remap");
	*(volatile uint8_t *)(COARSE + 32 * 4 + 2) = 0x63;      /* a byte store into a table */
	invalidate_page(0x80020000);
	alias(0x80020000, 0x630000, 0x1000, 0x204, "after a byte store");
}

/* Process 0x41: VA 0..32 MB becomes MVA 0x82000000.., where the code must be mapped too. */
static void fcse(void)
{
	uint32_t bad = 0;

	at(L1)[0x820] = 0x000000 | AP_ALL << 10 | L1_SECTION;
	at(L1)[0x821] = 0x700000 | AP_ALL << 10 | L1_SECTION;
	invalidate_all();
	CP15_WRITE(13, 0, 0, 0x82000000);
	for (uint32_t i = 0; i < 0x1000; i += 0x44)
		*at(0x00140000 + i) = i * 3;
	CP15_WRITE(13, 0, 0, 0);
	invalidate_all();
	for (uint32_t i = 0; i < 0x1000; i += 0x44)
		bad |= *at(0x00740000 + i) ^ i * 3;
	check(!bad, "FCSE");
}

static void instructions(void)
{
	uint32_t before = undefined_count;

	for (uint32_t i = 0; i < 8; i++)
		*at(0x640000 + 4 * i) = i + 1;
	copy_pair(0x80000100, 0x640000);
	copy_block(0x80000200, 0x640000);
	check(*at(0x200104) == 2 && *at(0x20021c) == 8, "double and multiple words");
	check(thumb_sum(0x640000, 8) == 36, "Thumb");
	undefined();
	check(undefined_count == before + 1, "undefined instruction");
	thumb_load(0x80011004);
	expect_fault(FAULT_PAGE, 0x80011004, "fault of a Thumb load");
	call_bad((uint32_t)breakpoint);
	check(fault.far == (uint32_t)breakpoint, "breakpoint");
	fault.count--;
	clean_data_cache();
}

void workload(void)
{
	mark(MARK_START);
	mmu_on();
	large_and_small();
	unprivileged();
	fine_and_tiny();
	domains();
	remap();
	fcse();
	instructions();
	print("SHADEWALK ready wl=selftest\n");
	print(failures ? "SHADEWALK exit 1\n" : "SHADEWALK exit 0\n");
	mark(MARK_END);
}
