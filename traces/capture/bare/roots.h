/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two roots (ARMv6): the kernel's table is TTBR1's, each process has a small one for TTBR0, and an
 * ASID. Pages of processes are not global.
 */
#ifndef SHADEWALK_CAPTURE_BARE_ROOTS_H
#define SHADEWALK_CAPTURE_BARE_ROOTS_H

#include "bare/kernel.h"

enum { NG = 1 << 11, SECTION_NG = 1 << 17, LOW_BYTES = 8192 };

static uint32_t low_none;                       /* nothing is mapped there */

/* Two registers, two writes: between them nothing of a process may be walked for under another ASID. */
static inline void switch_to(uint32_t low, uint32_t asid)
{
	CP15_WRITE(2, 0, 0, low_none);
	flush_prefetch();
	CP15_WRITE(13, 0, 1, asid);
	flush_prefetch();
	CP15_WRITE(2, 0, 0, low);
	flush_prefetch();
}

/* TTBR0 serves the lowest 2^(32-n) bytes. What was walked for by the old division goes. */
static inline void set_split(uint32_t n)
{
	CP15_WRITE(2, 0, 0, low_none);
	flush_prefetch();
	CP15_WRITE(2, 0, 2, n);
	flush_prefetch();
	invalidate_tlb();
}

static inline void invalidate_asid(uint32_t asid)
{
	CP15_WRITE(8, 7, 2, asid);
	drain();
}

static inline void roots_start(void)
{
	low_none = new_table(LOW_BYTES);
	CP15_WRITE(2, 0, 1, ROOT_PA);
	CP15_WRITE(2, 0, 2, 1);
	flush_prefetch();
	set_split(1);
}

#endif
