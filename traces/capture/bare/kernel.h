/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guests share that run like a small system, caches on: a kernel at 0xc0000000, user code
 * below, tables that are maintained as hardware without coherent walks wants it.
 *
 * Physical memory: 0x4000 the kernel's first-level table, 0x8000 that of the vectors, 0x9000
 * the vectors, 0x10000 program, stacks below 0x80000, 0x100000 tables, 0x200000 frames. All of it
 * is mapped at LINEAR, cached. Before ARMv6, caches go by virtual address, so frames that users
 * have are touched by the kernel at UNCACHED only, with no line of theirs in the cache. From
 * ARMv6 on UNCACHED is LINEAR: tags are physical, and pages have the colour of their frames.
 *
 * The emulator has no caches, so none of this is seen to matter there: `shadewalk run --lint` is
 * what tells that it is right.
 */
#ifndef SHADEWALK_CAPTURE_BARE_KERNEL_H
#define SHADEWALK_CAPTURE_BARE_KERNEL_H

#define BARE_UART 0xf10f1000u
#include "bare/bare.h"

#define V6 (__ARM_ARCH >= 6)
#define USER_CODE __attribute__((section(".user"), noinline))
#define USER(fn) ((uint32_t)(fn) - (uint32_t)user_start + USER_TEXT)

#define LINEAR 0xc0000000u
#define UNCACHED (V6 ? LINEAR : 0xd0000000u)
#define VECTORS 0xffff0000u

enum {
	ROOT_PA = 0x4000, VECTORS_TABLE = 0x8000, VECTORS_PA = 0x9000, MEGABYTES = 128,
	USER_TEXT = 0x10000, USER_STACK = 0x20000, LINE = 32,
	AP_NONE = 0, AP_KERNEL = 1, AP_USER_READ = 2, AP_ALL = 3,
	SCTLR_C = 1 << 2, SCTLR_S = 1 << 8, SCTLR_I = 1 << 12, SCTLR_V = 1 << 13,
	CACHED = 0xc,
	/* Bit 4 of first-level words: one before ARMv6, XN then. */
	L1_ONE = V6 ? 0 : 0x10,
	SECTION = 2 | L1_ONE, COARSE = 1 | L1_ONE,
	LARGE = 1 | CACHED, SMALL = 2 | CACHED,
	FAULT_SECTION = 5, FAULT_PAGE = 7, FAULT_DOMAIN_SECTION = 9, FAULT_DOMAIN_PAGE = 11,
	FAULT_PERM_SECTION = 13, FAULT_PERM_PAGE = 15,
};

extern uint32_t user_start[], user_stub[];
extern word user_return;
void on_data_mend(void);
uint32_t call_user(uint32_t fn, uint32_t arg, uint32_t sp, uint32_t stub);
void zero(uint32_t va, uint32_t bytes);
uint32_t handle_fault(uint32_t fsr, uint32_t far);

static uint32_t next_table = 0x100000, next_frame = 0x200000, random_state = 0x2545f491;

/* Physical memory for good: a table of so many bytes, or frames; aligned to its size. */
static inline uint32_t take(uint32_t *next, uint32_t bytes)
{
	uint32_t at = (*next + bytes - 1) & ~(bytes - 1);

	*next = at + bytes;
	return at;
}

/* Marsaglia's xorshift with 13, 17, 5 (Journal of Statistical Software 8, 14). */
static inline __attribute__((always_inline)) uint32_t shuffle(uint32_t x)
{
	x ^= x << 13;
	x ^= x >> 17;
	return x ^ x << 5;
}

static inline uint32_t any(void)
{
	return random_state = shuffle(random_state);
}

static inline void drain(void)
{
	CP15_WRITE(7, 10, 4, 0);
}

static inline void flush_prefetch(void)
{
	if (V6)
		CP15_WRITE(7, 5, 4, 0);
}

static inline uint32_t word_at(uint32_t pa)
{
	return *at(LINEAR + pa);
}

/* The table word at pa is complete, but the walker may not see it yet. */
static inline void put_word(uint32_t pa, uint32_t value)
{
	*at(LINEAR + pa) = value;
}

static inline void clean_words(uint32_t pa, uint32_t bytes)
{
	uint32_t end = pa + bytes;

	for (pa &= ~(LINE - 1u); pa < end; pa += LINE)
		CP15_WRITE(7, 10, 1, LINEAR + pa);
	drain();
}

/* Looking at it first brings the line into the cache: without the clean the word would stay there. */
static inline void set_word(uint32_t pa, uint32_t value)
{
	if (word_at(pa) == value)
		return;
	put_word(pa, value);
	clean_words(pa, 4);
}

static inline void clear_table(uint32_t pa, uint32_t bytes)
{
	zero(LINEAR + pa, bytes);
	clean_words(pa, bytes);
}

static inline uint32_t new_table(uint32_t bytes)
{
	uint32_t pa = take(&next_table, bytes);

	clear_table(pa, bytes);
	return pa;
}

/* A page of data: no fetch ever went through it. From ARMv6 on the operand has the ASID. */
static inline void invalidate_data(uint32_t mva)
{
	if (V6) {
		CP15_WRITE(8, 7, 1, mva);
		drain();
	} else {
		CP15_WRITE(8, 6, 1, mva);
	}
}

static inline void invalidate_tlb(void)
{
	invalidate_all();
	if (V6) {
		drain();
		CP15_WRITE(7, 5, 6, 0);
		flush_prefetch();
	}
}

/* Data of these pages goes to memory and out of the cache, where caches have virtual tags. */
static inline void flush_range(uint32_t mva, uint32_t bytes)
{
	if (V6)
		return;
	for (uint32_t i = 0; i < bytes; i += LINE)
		CP15_WRITE(7, 14, 1, mva + i);
	drain();
}

/* The same for everything: ARM926's test, clean and invalidate until nothing is dirty. */
static inline void flush_caches(void)
{
	if (V6)
		return;
	__asm__ volatile("1: mrc p15, 0, r15, c7, c14, 3\n\tbne 1b" : : : "cc", "memory");
	drain();
	CP15_WRITE(7, 5, 0, 0);
}

/* A frame nobody has in the cache. */
static inline void fill_frame(uint32_t pa, uint32_t bytes, uint32_t first)
{
	zero(UNCACHED + pa, bytes);
	*at(UNCACHED + pa) = first;
	drain();
}

/* Copies through mappings; bytes in blocks of 32. */
static inline void copy(uint32_t to, uint32_t from, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i += 32)
		copy_block(to + i, from + i);
	drain();
}

static inline uint32_t ap4(unsigned a0, unsigned a1, unsigned a2, unsigned a3)
{
	return a0 << 4 | a1 << 6 | a2 << 8 | a3 << 10;
}

/* The access permission of a whole small or large page. */
static inline uint32_t ap(unsigned a)
{
	return V6 ? a << 4 : ap4(a, a, a, a);
}

static inline uint32_t entry_of(uint32_t coarse, uint32_t va)
{
	return coarse + (va >> 10 & 0x3fc);
}

static inline void kernel_section(uint32_t va, uint32_t pa, uint32_t bits)
{
	put_word(ROOT_PA + (va >> 20) * 4, pa | AP_KERNEL << 10 | SECTION | bits);
}

/* User text and stack, in the coarse table of their megabyte. */
static inline void map_user(uint32_t coarse, uint32_t bits)
{
	set_word(entry_of(coarse, USER_TEXT),
		 ((uint32_t)user_start - LINEAR) | ap(AP_USER_READ) | SMALL | bits);
	set_word(entry_of(coarse, USER_STACK - 4),
		 take(&next_frame, 4096) | ap(AP_ALL) | SMALL | bits);
}

static inline uint32_t run_user(uint32_t (*fn)(uint32_t), uint32_t arg)
{
	return call_user(USER(fn), arg, USER_STACK, USER(user_stub));
}

/* The MMU is on and runs on two sections; what is stored here goes past the caches, still off. */
static inline void kernel_start(void)
{
	for (uint32_t i = 0; i < MEGABYTES; i++) {
		kernel_section(LINEAR + (i << 20), i << 20, CACHED);
		if (!V6)
			kernel_section(UNCACHED + (i << 20), i << 20, 0);
	}
	kernel_section(UART & 0xfff00000, 0x10100000, V6 ? 4 : 0);      /* ARMv6: device */
	for (uint32_t i = 0; i < 256; i++)
		put_word(VECTORS_TABLE + i * 4, 0);
	put_word(entry_of(VECTORS_TABLE, VECTORS), VECTORS_PA | ap(AP_KERNEL) | SMALL);
	put_word(ROOT_PA + (VECTORS >> 20) * 4, VECTORS_TABLE | COARSE);
	for (uint32_t i = 0; i < (uint32_t)(vectors_end - vectors); i++)
		put_word(VECTORS_PA + i * 4, vectors[i]);
	put_word(VECTORS_PA + 11 * 4, (uint32_t)on_data_mend);  /* at_data of start.S */
	put_word(ROOT_PA, 0);
	drain();
	invalidate_tlb();
	CP15_WRITE(7, 7, 0, 0);
	CP15_WRITE(1, 0, 0, CP15_READ(1, 0, 0) | SCTLR_C | SCTLR_I | SCTLR_V);
	flush_prefetch();
}

/* Behind the set-up of a guest's own tables. */
static inline void begin(const char *name)
{
	print("SHADEWALK ready wl=");
	print(name);
	print("\n");
	mark(MARK_START);
}

static inline void end(void)
{
	check(!undefined_count, "no undefined instruction");
	mark(MARK_END);
	print(failures ? "SHADEWALK exit 1\n" : "SHADEWALK exit 0\n");
}

#endif
