/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the bare-metal guests share: the assembly parts of start.S, and checks that a guest makes of
 * itself. Each guest is one file that includes this, so the functions are static.
 */
#ifndef SHADEWALK_CAPTURE_BARE_H
#define SHADEWALK_CAPTURE_BARE_H

#include <stdint.h>

#include "guest/mark.h"

typedef volatile uint32_t word;

#define CP15_WRITE(crn, crm, op, v) \
	__asm__ volatile("mcr p15, 0, %0, c" #crn ", c" #crm ", " #op : : "r"(v) : "memory")
#define CP15_READ(crn, crm, op) ({ uint32_t v_; \
	__asm__ volatile("mrc p15, 0, %0, c" #crn ", c" #crm ", " #op : "=r"(v_)); v_; })

#ifndef BARE_UART
#define BARE_UART 0x101f1000
#endif
#define MAYBE_UNUSED __attribute__((unused))

enum { UART = BARE_UART };

extern uint32_t vectors[], vectors_end[];
extern struct { uint32_t fsr, far, count; } volatile fault;
extern word undefined_count;
uint32_t in_user(uint32_t (*fn)(uint32_t), uint32_t arg);
void call_bad(uint32_t va);
uint32_t swap(uint32_t value, uint32_t va);
uint32_t load_as_user(uint32_t va);
void store_as_user(uint32_t va, uint32_t value);
void copy_pair(uint32_t to, uint32_t from);
void copy_block(uint32_t to, uint32_t from);
uint32_t thumb_sum(uint32_t va, uint32_t n);
uint32_t thumb_load(uint32_t va);
void undefined(void);
void breakpoint(void);
void clean_data_cache(void);
void workload(void);

static uint32_t failures;

static word *at(uint32_t a)
{
	return (word *)a;
}

static void print(const char *s)
{
	while (*s)
		*at(UART) = (uint8_t)*s++;
}

static void check(int holds, const char *what)
{
	if (!holds) {
		failures++;
		print("SHADEWALK failed: ");
		print(what);
		print("\n");
	}
}

static MAYBE_UNUSED void invalidate_all(void)
{
	CP15_WRITE(8, 7, 0, 0);
}

/* Writes through va and reads at pa, and the other way round. */
static MAYBE_UNUSED void alias(uint32_t va, uint32_t pa, uint32_t bytes, uint32_t step,
			       const char *what)
{
	uint32_t bad = 0;

	for (uint32_t i = 0; i < bytes; i += step) {
		*at(va + i) = va + i;
		bad |= *at(pa + i) ^ (va + i);
		*at(pa + i) = ~i;
		bad |= *at(va + i) ^ ~i;
	}
	check(!bad, what);
}

static MAYBE_UNUSED uint32_t user_read(uint32_t va)
{
	return *at(va);
}

static MAYBE_UNUSED uint32_t user_write(uint32_t va)
{
	*at(va) = va;
	return va;
}

/* Exactly one fault of this kind at this address since the last call. */
static MAYBE_UNUSED void expect_fault(uint32_t fsr, uint32_t far, const char *what)
{
	static uint32_t seen;

	check(fault.count == seen + 1 && (fault.fsr & 15) == fsr && fault.far == far, what);
	seen = fault.count;
}

#endif
