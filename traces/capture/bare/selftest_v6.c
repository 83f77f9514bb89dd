/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bare-metal guest of ARMv6 (ARM1176): both formats of SCTLR.XP, APX and XN, supersections, two
 * roots (TTBCR.N), ASIDs, the access flag, TEX remap, unaligned and exclusive accesses, range
 * operations. It checks itself through physical aliases; memory below 128 MB is mapped one to one.
 *
 *   0x00000000  vectors            0x00010000  program, stacks below 0x00080000
 *   0x00100000  table of TTBR1     0x00108000  the three tables of TTBR0: nobody's, A's, B's
 *   0x00110000  coarse tables      0x00200000  targets of the mappings under test
 */
#include "bare/bare.h"

enum {
	ROOT = 0x00100000, LOW_NONE = 0x00108000, LOW_A = 0x0010a000, LOW_B = 0x0010c000,
	LOW_SMALL = 0x0010e000, COARSE = 0x00110000, COARSE_A = 0x00110800,
	COARSE_B = 0x00110c00,
	SCTLR_M = 1, SCTLR_C = 1 << 2, SCTLR_I = 1 << 12, SCTLR_U = 1 << 22, SCTLR_XP = 1 << 23,
	SCTLR_TRE = 1 << 28, SCTLR_AFE = 1 << 29,
	/* Normal memory, write-back: C, B = 1. */
	SECTION = 0xc0e, SUPERSECTION = SECTION | 1 << 18, DEVICE = 0xc06, L1_TABLE = 1,
	SECTION_XN = 1 << 4, SECTION_APX = 1 << 15, SECTION_NG = 1 << 17, AP_ALL_1 = 3 << 10,
	LARGE = 0x3d, LARGE_XN = 1 << 15,
	SMALL = 0x0e, SMALL_XN = 1, SMALL_APX = 1 << 9, SMALL_NG = 1 << 11,
	AP_KERNEL = 1 << 4, AP_USER_READ = 2 << 4, AP_ALL = 3 << 4,
	DOMAIN_1 = 1 << 5, DOMAIN_2 = 2 << 5, DOMAIN_3 = 3 << 5,
	FAULT_ALIGN = 1, FAULT_FLAG_SECTION = 3, FAULT_FLAG_PAGE = 6,
	FAULT_SECTION = 5, FAULT_PAGE = 7, FAULT_DOMAIN_SECTION = 9, FAULT_DOMAIN_PAGE = 11,
	FAULT_PERM_SECTION = 13, FAULT_PERM_PAGE = 15,
};

void clear(uint32_t pa, uint32_t bytes);
uint32_t load_word(uint32_t va);
void store_word(uint32_t va, uint32_t value);
void store_half(uint32_t va, uint32_t value);
void load_block(uint32_t va);
void store_double(uint32_t va);
uint32_t exclusive_add(uint32_t va, uint32_t n);
uint32_t store_exclusive(uint32_t va);
uint32_t store_exclusive_alone(uint32_t va);
void cache_ranges(uint32_t first, uint32_t last);
uint32_t mode_changes(void);
uint32_t add_one(uint32_t n);
uint32_t user_thread(uint32_t unused);

static void barrier(void)
{
	CP15_WRITE(7, 10, 4, 0);
}

static void sctlr_change(uint32_t off, uint32_t on)
{
	CP15_WRITE(1, 0, 0, (CP15_READ(1, 0, 0) & ~off) | on);
	CP15_WRITE(7, 5, 4, 0);
}

/* A descriptor: the walker reads memory, so the line is cleaned. */
static void entry(uint32_t at_pa, uint32_t value)
{
	*at(at_pa) = value;
	CP15_WRITE(7, 10, 1, at_pa);
	barrier();
}

static void page(uint32_t table, uint32_t n, uint32_t value)
{
	entry(table + 4 * n, value);
}

static void invalidate_page(uint32_t va, uint32_t asid)
{
	CP15_WRITE(8, 7, 1, va | asid);
	barrier();
	CP15_WRITE(7, 5, 4, 0);
}

/* Exactly one data abort, by a write or by a read. */
static void expect(uint32_t fs, uint32_t far, int write, const char *what)
{
	check((fault.fsr >> 10 & 3) == (write ? 2 : 0), what);
	expect_fault(fs, far, what);
}

/* Exactly one prefetch abort. */
static void expect_no_fetch(uint32_t va, uint32_t fs, const char *what)
{
	call_bad(va);
	check((fault.fsr & 15) == fs && fault.far == va, what);
	fault.count--;
}

static void identity(uint32_t table)
{
	for (uint32_t i = 0; i < 128; i++)
		at(table)[i] = i << 20 | SECTION;
	at(table)[0x101] = 0x101 << 20 | DEVICE;
}

static void mmu_on(void)
{
	for (uint32_t i = 0; i < (uint32_t)(vectors_end - vectors); i++)
		at(0)[i] = vectors[i];
	clear(ROOT, 0x4000);
	clear(COARSE, 0x1000);
	identity(ROOT);
	CP15_WRITE(2, 0, 0, ROOT);
	CP15_WRITE(2, 0, 2, 0);
	CP15_WRITE(3, 0, 0, 0xc5);      /* domains 0 and 1 client, 2 without access, 3 manager */
	CP15_WRITE(13, 0, 1, 0);
	invalidate_all();
	sctlr_change(SCTLR_XP, SCTLR_M | SCTLR_C | SCTLR_I);
}

/* XP = 0: four subpages as before ARMv6, and extended small pages; then XP = 1 for good. */
static void old_format(void)
{
	entry(ROOT + 0x800 * 4, COARSE | DOMAIN_1 | L1_TABLE);
	page(COARSE, 0, 0x300000 | 3 << 4 | 1 << 6 | 2 << 8 | 3 << 10 | SMALL);
	page(COARSE, 1, 0x310000 | AP_ALL | 0xf);
	invalidate_all();
	alias(0x80000000, 0x300000, 0x800, 0x84, "subpages");
	alias(0x80001000, 0x310000, 0x1000, 0x184, "extended small page");
	in_user(user_read, 0x80000400);
	expect(FAULT_PERM_PAGE, 0x80000400, 0, "subpage 1: no user read");
	in_user(user_write, 0x80000800);
	expect(FAULT_PERM_PAGE, 0x80000800, 1, "subpage 2: no user write");
	clear(COARSE, 8 * 4);
	invalidate_all();
	sctlr_change(0, SCTLR_XP | SCTLR_U);
	invalidate_all();
}

static void new_format(void)
{
	for (uint32_t i = 0; i < 16; i++)
		page(COARSE, i, 0x200000 | LARGE);
	page(COARSE, 16, 0x300000 | AP_ALL | SMALL);
	for (uint32_t i = 0; i < 16; i++)
		entry(ROOT + (0x900 + i) * 4, 0x02000000 | SUPERSECTION);
	entry(ROOT + 0xa00 * 4, 0x400000 | DOMAIN_1 | SECTION);
	invalidate_all();
	alias(0x80000000, 0x200000, 0x10000, 0x804, "large page");
	alias(0x80010000, 0x300000, 0x1000, 0x84, "small page");
	alias(0x90000000, 0x02000000, 0x01000000, 0x40104, "supersection");
	alias(0xa0000000, 0x400000, 0x100000, 0x8084, "section");
	user_read(0x80011000);
	expect(FAULT_PAGE, 0x80011000, 0, "page translation fault");
	user_write(0xb0000000);
	expect(FAULT_SECTION, 0xb0000000, 1, "section translation fault");
	expect_no_fetch(0x80012000, FAULT_PAGE, "prefetch abort");
}

static void rights(void)
{
	page(COARSE, 17, 0x310000 | AP_KERNEL | SMALL);
	page(COARSE, 18, 0x320000 | AP_USER_READ | SMALL);
	page(COARSE, 19, 0x330000 | SMALL_APX | AP_KERNEL | SMALL);
	page(COARSE, 20, 0x340000 | SMALL_APX | AP_USER_READ | SMALL);
	page(COARSE, 21, 0x350000 | SMALL_APX | AP_ALL | SMALL);
	page(COARSE, 22, 0x360000 | SMALL);
	entry(ROOT + 0xa01 * 4, 0x500000 | SECTION_APX | SECTION);
	entry(ROOT + 0xa02 * 4, 0x600000 | (SECTION & ~AP_ALL_1) | 1 << 10);
	invalidate_all();
	in_user(user_read, 0x80011000);
	expect(FAULT_PERM_PAGE, 0x80011000, 0, "AP 01: no user read");
	in_user(user_write, 0x80012000);
	expect(FAULT_PERM_PAGE, 0x80012000, 1, "AP 10: no user write");
	check(in_user(user_read, 0x80012004) == *at(0x320004), "AP 10: user read");
	user_write(0x80013000);
	expect(FAULT_PERM_PAGE, 0x80013000, 1, "APX, AP 01: no write");
	check(user_read(0x80013004) == *at(0x330004), "APX, AP 01: read");
	in_user(user_read, 0x80013008);
	expect(FAULT_PERM_PAGE, 0x80013008, 0, "APX, AP 01: no user read");
	user_write(0x80014000);
	expect(FAULT_PERM_PAGE, 0x80014000, 1, "APX, AP 10: no write");
	check(in_user(user_read, 0x80014004) == *at(0x340004), "APX, AP 10: user read");
	user_write(0x80015000);
	expect(FAULT_PERM_PAGE, 0x80015000, 1, "APX, AP 11: no write");
	user_read(0x80016000);
	expect(FAULT_PERM_PAGE, 0x80016000, 0, "AP 00: no access");
	user_write(0xa0100000);
	expect(FAULT_PERM_SECTION, 0xa0100000, 1, "section with APX: no write");
	in_user(user_read, 0xa0200000);
	expect(FAULT_PERM_SECTION, 0xa0200000, 0, "section with AP 01: no user read");
	load_as_user(0x80011004);
	expect(FAULT_PERM_PAGE, 0x80011004, 0, "LDRT has user rights");
	store_as_user(0x80012008, 1);
	expect(FAULT_PERM_PAGE, 0x80012008, 1, "STRT has user rights");
	store_as_user(0x80010004, 0x77);
	check(load_as_user(0x80010004) == 0x77, "STRT, LDRT");
}

static uint32_t run_copy(uint32_t va, uint32_t pa)
{
	for (uint32_t i = 0; i < 2; i++)
		at(pa)[i] = ((const uint32_t *)(uint32_t)add_one)[i];
	cache_ranges(pa, pa + 31);
	CP15_WRITE(7, 5, 6, 0);
	CP15_WRITE(7, 5, 4, 0);
	return ((uint32_t (*)(uint32_t))va)(6);
}

/* No fetch that XN forbids: QEMU 10 does not look at it before ARMv7 and would run the code. */
static void execute_never(void)
{
	page(COARSE, 23, 0x370000 | AP_ALL | SMALL);
	page(COARSE, 24, 0x370000 | AP_ALL | SMALL_XN | SMALL);
	for (uint32_t i = 32; i < 48; i++)
		page(COARSE, i, 0x370000 | LARGE_XN | LARGE);
	entry(ROOT + 0xa03 * 4, 0x300000 | SECTION_XN | SECTION);
	entry(ROOT + 0xa04 * 4, 0x300000 | DOMAIN_3 | SECTION_XN | SECTION);
	invalidate_all();
	check(run_copy(0x80017000, 0x370000) == 7, "code in a small page");
	check(run_copy(0xa0470000, 0x370000) == 7, "XN does not count in a manager domain");
	alias(0x80018000, 0x370000, 0x1000, 0x204, "XN, small page: data");
	alias(0x80020000, 0x370000, 0x10000, 0x2004, "XN, large page: data");
	alias(0xa0300000, 0x300000, 0x100000, 0x20004, "XN, section: data");
}

static void domains(void)
{
	entry(ROOT + 0xa05 * 4, 0x500000 | DOMAIN_2 | SECTION);
	entry(ROOT + 0xa06 * 4, (COARSE + 1024) | DOMAIN_2 | L1_TABLE);
	page(COARSE + 1024, 0, 0x600000 | SMALL);
	invalidate_all();
	user_read(0xa0500010);
	expect(FAULT_DOMAIN_SECTION, 0xa0500010, 0, "section domain fault");
	user_write(0xa0600020);
	expect(FAULT_DOMAIN_PAGE, 0xa0600020, 1, "page domain fault");
	CP15_WRITE(3, 0, 0, 0xf5);
	alias(0xa0600000, 0x600000, 0x1000, 0x184, "manager domain");
	CP15_WRITE(3, 0, 0, 0xd5);
	user_read(0xa0600040);
	expect(FAULT_PERM_PAGE, 0xa0600040, 0, "client domain, AP 00");
	CP15_WRITE(3, 0, 0, 0xc5);
}

/* Two pages that are not neighbours in memory, and nothing behind them. */
static void unaligned(void)
{
	page(COARSE, 26, 0x380000 | AP_ALL | SMALL);
	page(COARSE, 27, 0x3a0000 | AP_ALL | SMALL);
	page(COARSE, 28, 0);
	invalidate_all();
	*at(0x8001affc) = 0x11223344;
	*at(0x8001b000) = 0x55667788;
	check(load_word(0x8001affe) == 0x77881122, "unaligned load over two pages");
	store_word(0x8001affd, 0xa1b2c3d4);
	check(*at(0x380ffc) == 0xb2c3d444 && *at(0x3a0000) == 0x556677a1, "unaligned store");
	store_half(0x8001afff, 0x1234);
	check(*at(0x380ffc) == 0x34c3d444 && *at(0x3a0000) == 0x55667712, "unaligned halfword");
	store_word(0x8001a3fe, 0x01020304);
	check(load_word(0x8001a3fe) == 0x01020304, "unaligned over 1 KB in a page");
	load_word(0x8001bffd);
	expect(FAULT_PAGE, 0x8001c000, 0, "unaligned load into a hole");
	store_word(0x8001bffe, 1);
	expect(FAULT_PAGE, 0x8001c000, 1, "unaligned store into a hole");
	load_block(0x8001a002);
	expect(FAULT_ALIGN, 0x8001a002, 0, "LDM is never unaligned");
	/* Entries nobody uses: an unaligned store into a table, and one over its end. */
	store_word(COARSE + 200 * 4 + 1, 0);
	store_half(COARSE + 201 * 4 - 1, 0);
	store_word(COARSE + 0xffe, 0);
}

static void exclusive(void)
{
	*at(0x300020) = 40;
	check(exclusive_add(0x80010020, 2) == 42 && *at(0x300020) == 42, "LDREX, STREX");
	check(store_exclusive_alone(0x80010020) == 1, "STREX behind CLREX");
	store_exclusive(0x80014020);
	expect(FAULT_PERM_PAGE, 0x80014020, 1, "STREX into a read-only page");
	store_exclusive(0x8001c020);
	expect(FAULT_PAGE, 0x8001c020, 0, "LDREX of nothing");
	check(swap(0x55, 0x80010008) != 0x55 && *at(0x300008) == 0x55, "SWP");
	store_double(0x8001c028);
	expect(FAULT_PAGE, 0x8001c028, 1, "STRD into nothing");
}

static void set_process(uint32_t table, uint32_t asid)
{
	CP15_WRITE(2, 0, 0, LOW_NONE);          /* no entry of the one under the other's ASID */
	CP15_WRITE(7, 5, 4, 0);
	CP15_WRITE(13, 0, 1, asid);
	CP15_WRITE(7, 5, 4, 0);
	CP15_WRITE(2, 0, 0, table);
	CP15_WRITE(7, 5, 4, 0);
}

static void two_roots(void)
{
	clear(LOW_NONE, 0x6800);
	identity(LOW_NONE);
	identity(LOW_A);
	identity(LOW_B);
	for (uint32_t i = 0; i < 128; i++)
		at(LOW_SMALL)[i] = i << 20 | SECTION;
	at(LOW_SMALL)[0x101] = 0x101 << 20 | DEVICE;
	at(ROOT)[0x200] = 0x700000 | SECTION;
	cache_ranges(ROOT, LOW_SMALL + 0x7ff);
	CP15_WRITE(2, 0, 1, ROOT);
	CP15_WRITE(2, 0, 2, 3);                 /* TTBR0: below 512 MB, 2 KB */
	CP15_WRITE(2, 0, 0, LOW_SMALL);
	invalidate_all();
	alias(0x20000000, 0x700000, 0x1000, 0x184, "N = 3: TTBR1 from 512 MB on");
	CP15_WRITE(2, 0, 2, 1);                 /* TTBR0: below 2 GB, 8 KB */
	CP15_WRITE(2, 0, 0, LOW_NONE);
	invalidate_all();
	user_read(0x20000000);
	expect(FAULT_SECTION, 0x20000000, 0, "N = 1: TTBR0 below 2 GB");
	alias(0x80010000, 0x300000, 0x1000, 0x184, "N = 1: TTBR1 from 2 GB on");
}

/* The same addresses in two processes; only what changes is invalidated. */
static void asids(void)
{
	entry(LOW_A + 0x400 * 4, COARSE_A | DOMAIN_1 | L1_TABLE);
	entry(LOW_B + 0x400 * 4, COARSE_B | DOMAIN_1 | L1_TABLE);
	entry(LOW_A + 0x401 * 4, 0x800000 | SECTION_NG | SECTION);
	entry(LOW_B + 0x401 * 4, 0x900000 | SECTION_NG | SECTION);
	for (uint32_t i = 0; i < 8; i++) {
		page(COARSE_A, i, (0xa00000 + i * 0x1000) | SMALL_NG | AP_ALL | SMALL);
		page(COARSE_B, i, (0xb00000 + i * 0x1000) | SMALL_NG | AP_ALL | SMALL);
	}
	page(COARSE_A, 8, 0xc00000 | AP_ALL | SMALL);           /* global */
	page(COARSE_B, 8, 0xc00000 | AP_ALL | SMALL);
	for (uint32_t turn = 0; turn < 4; turn++) {
		uint32_t low = turn & 1 ? LOW_B : LOW_A, to = turn & 1 ? 0xb00000 : 0xa00000;
		uint32_t sum;

		set_process(low, 1 + (turn & 1));
		for (uint32_t i = 0; i < 8; i++)
			alias(0x40000000 + i * 0x1000, to + i * 0x1000, 0x1000, 0x804, "nG page");
		alias(0x40100000, turn & 1 ? 0x900000 : 0x800000, 0x1000, 0x804, "nG section");
		sum = exclusive_add(0x40008000, 1);
		check(*at(0xc00000) == sum, "global page");
		check(in_user(user_read, 0x40000004) == *at(to + 4), "user read of a nG page");
	}
	/* B runs. Its page 0 moves, then A's by an invalidate from outside, then all of B's. */
	page(COARSE_B, 0, 0xd00000 | SMALL_NG | AP_ALL | SMALL);
	invalidate_page(0x40000000, 2);
	alias(0x40000000, 0xd00000, 0x1000, 0x404, "behind TLBI by MVA and ASID");
	page(COARSE_A, 1, 0xd10000 | SMALL_NG | AP_ALL | SMALL);
	invalidate_page(0x40001000, 1);
	alias(0x40001000, 0xb01000, 0x1000, 0x404, "another ASID's page stays");
	for (uint32_t i = 0; i < 8; i++)
		page(COARSE_B, i, (0xe00000 + i * 0x1000) | SMALL_NG | AP_ALL | SMALL);
	CP15_WRITE(8, 7, 2, 2);
	barrier();
	alias(0x40002000, 0xe02000, 0x1000, 0x404, "behind TLBI by ASID");
	set_process(LOW_A, 1);
	alias(0x40001000, 0xd10000, 0x1000, 0x404, "A's moved page");
	alias(0x40002000, 0xa02000, 0x1000, 0x404, "A's other page");
	page(COARSE_A, 8, 0);
	page(COARSE_B, 8, 0);
	invalidate_page(0x40008000, 1);
	user_write(0x40008000);
	expect(FAULT_PAGE, 0x40008000, 1, "no global page any more");
	set_process(LOW_NONE, 0);
	user_read(0x40000000);
	expect(FAULT_SECTION, 0x40000000, 0, "nobody's table");
}

/* AP[0] is the access flag: all mappings above have it set. */
static void access_flag(void)
{
	page(COARSE, 29, 0x3b0000 | AP_USER_READ | SMALL);
	entry(ROOT + 0xa07 * 4, 0x600000 | (SECTION & ~(1 << 10)));
	invalidate_all();
	sctlr_change(0, SCTLR_AFE);
	invalidate_all();
	user_read(0x8001d000);
	expect(FAULT_FLAG_PAGE, 0x8001d000, 0, "access flag, page");
	user_write(0xa0700000);
	expect(FAULT_FLAG_SECTION, 0xa0700000, 1, "access flag, section");
	page(COARSE, 29, 0x3b0000 | AP_ALL | SMALL);
	entry(ROOT + 0xa07 * 4, 0x600000 | SECTION);
	alias(0x8001d000, 0x3b0000, 0x1000, 0x184, "page with its flag set");
	alias(0xa0700000, 0x600000, 0x1000, 0x184, "section with its flag set");
	in_user(user_write, 0x80011000);
	expect(FAULT_PERM_PAGE, 0x80011000, 1, "AP[2:1] 00: no user write");
	sctlr_change(SCTLR_AFE, 0);
	invalidate_all();
}

/* TEX[0], C, B = 3 is normal memory in both senses, 1 is device. */
static void remap(void)
{
	CP15_WRITE(10, 2, 0, 0xff0a81a4);
	CP15_WRITE(10, 2, 1, 0x40e040e0);
	sctlr_change(0, SCTLR_TRE);
	invalidate_all();
	alias(0x80010000, 0x300000, 0x1000, 0x184, "TEX remap");
	sctlr_change(SCTLR_TRE, 0);
	invalidate_all();
}

static void instructions(void)
{
	uint32_t before = undefined_count;

	for (uint32_t i = 0; i < 8; i++)
		*at(0x640000 + 4 * i) = i + 1;
	copy_pair(0x80010100, 0x640000);
	copy_block(0x80010200, 0x640000);
	check(*at(0x300104) == 2 && *at(0x30021c) == 8, "double and multiple words");
	check(thumb_sum(0x640000, 8) == 36, "Thumb");
	undefined();
	check(undefined_count == before + 1, "undefined instruction");
	thumb_load(0x8001c004);
	expect(FAULT_PAGE, 0x8001c004, 0, "fault of a Thumb load");
	call_bad((uint32_t)breakpoint);
	check(fault.far == (uint32_t)breakpoint, "breakpoint");
	fault.count--;
	check(mode_changes() == 0x13, "CPS, SRS, RFE");
	CP15_WRITE(13, 0, 3, 0x1234);
	in_user(user_thread, 0);
	check(CP15_READ(13, 0, 2) == 0x1234, "thread registers");
	CP15_WRITE(7, 10, 5, 0);
	CP15_WRITE(7, 14, 0, 0);
	CP15_WRITE(7, 5, 0, 0);
	barrier();
}

void workload(void)
{
	mark(MARK_START);
	mmu_on();
	old_format();
	new_format();
	rights();
	execute_never();
	domains();
	unaligned();
	exclusive();
	two_roots();
	asids();
	access_flag();
	remap();
	instructions();
	print("SHADEWALK ready wl=selftest\n");
	print(failures ? "SHADEWALK exit 1\n" : "SHADEWALK exit 0\n");
	mark(MARK_END);
}
