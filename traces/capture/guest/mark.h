/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A marker: `pld [r11, #-0xabc]`, a hint that changes nothing and that no compiler emits with
 * this offset. The plugin knows the word and reads the number from r0.
 */
#ifndef SHADEWALK_CAPTURE_MARK_H
#define SHADEWALK_CAPTURE_MARK_H

#define MARK_INSN 0xf55bfabc

enum { MARK_START = 1, MARK_END = 2 };

#if defined(__arm__) && !defined(__ASSEMBLER__)
static inline void mark(unsigned number)
{
	register unsigned r0 __asm__("r0") = number;

	__asm__ volatile(".inst 0xf55bfabc" : : "r"(r0) : "memory");
}
#endif

#endif
