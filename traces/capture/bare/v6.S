/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions of ARMv6 that the compiler has no words for; behind start.S. */
	.syntax unified
	.arm
	.text

@ void clear(uint32_t pa, uint32_t bytes): blocks of eight words.
	.global clear
clear:
	push	{r4-r10, lr}
	mov	r3, #0
	mov	r4, #0
	mov	r5, #0
	mov	r6, #0
	mov	r7, #0
	mov	r8, #0
	mov	r9, #0
	mov	r10, #0
1:	stm	r0!, {r3-r10}
	subs	r1, r1, #32
	bne	1b
	pop	{r4-r10, pc}

@ The compiler must not see that an address is odd: it would split the access by itself.
	.global load_word, store_word, store_half, load_block, store_double
load_word:
	ldr	r1, [r0]
	mov	r0, r1
	bx	lr
store_word:				@ (va, value)
	str	r1, [r0]
	bx	lr
store_half:
	strh	r1, [r0]
	bx	lr
load_block:
	ldm	r0, {r2, r3}
	bx	lr
store_double:				@ (va): two words
	mov	r2, r0
	mov	r3, #1
	strd	r2, r3, [r0]
	bx	lr

@ uint32_t exclusive_add(uint32_t va, uint32_t n): the new value.
	.global exclusive_add, store_exclusive, store_exclusive_alone
exclusive_add:
	ldrex	r2, [r0]
	add	r2, r2, r1
	strex	r3, r2, [r0]
	cmp	r3, #0
	bne	exclusive_add
	mov	r0, r2
	bx	lr
@ uint32_t store_exclusive(uint32_t va): STREX behind a LDREX; 0 if it stored.
store_exclusive:
	mov	r1, r0
	ldrex	r2, [r1]
	mov	r0, #2
	strex	r0, r2, [r1]
	bx	lr
@ The same with the monitor cleared: 1, nothing is stored.
store_exclusive_alone:
	mov	r1, r0
	ldrex	r2, [r1]
	clrex
	strex	r0, r2, [r1]
	bx	lr

@ void cache_ranges(uint32_t first, uint32_t last): MCRR has the last address in Rt.
	.global cache_ranges
cache_ranges:
	mcrr	p15, 0, r1, r0, c12	@ clean D
	mcrr	p15, 0, r1, r0, c14	@ clean and invalidate D
	mcrr	p15, 0, r1, r0, c6	@ invalidate D
	mcrr	p15, 0, r1, r0, c5	@ invalidate I
	mov	r2, #0
	mcr	p15, 0, r2, c7, c10, 4
	bx	lr

@ uint32_t mode_changes(void): CPS, SRS, RFE; returns the mode at the end.
	.global mode_changes
mode_changes:
	cpsie	a
	cpsid	a
	cps	#0x1f			@ system mode, and back
	cps	#0x13
	push	{r4, lr}
	mrs	r4, cpsr
	msr	spsr_cxsf, r4
	adr	lr, 1f
	srsdb	sp!, #0x13
	rfeia	sp!
	b	2f			@ must be jumped over
1:	mrs	r0, cpsr
	and	r0, r0, #0x1f
2:	pop	{r4, pc}

@ Code that is copied into pages under test: returns its argument plus one.
	.global add_one
add_one:
	add	r0, r0, #1
	bx	lr

@ User mode: from the thread register it may read to the one it may write.
	.global user_thread
user_thread:
	mrc	p15, 0, r0, c13, c0, 3
	mcr	p15, 0, r0, c13, c0, 2
	bx	lr

	.section .note.GNU-stack, "", %progbits
