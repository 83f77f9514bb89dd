/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entry and exception vectors of the bare-metal guest. The emulator starts us in SVC mode with
 * the MMU off. Low vectors: the program copies `vectors` to address 0.
 *
 * The abort handlers only note what happened and go on behind the instruction, so that a test
 * can provoke a fault and look at it.
 *
 * STACKS: where the stacks' megabyte is; guests behind boot.S have it high.
 */
#ifndef STACKS
#define STACKS 0
#endif
	.syntax unified
	.arm
	.text
	.global _start
_start:
	msr	cpsr_c, #0xd7		@ abort mode, interrupts off
	ldr	sp, =STACKS + 0x00070000
	msr	cpsr_c, #0xdb		@ undefined mode
	ldr	sp, =STACKS + 0x00074000
	msr	cpsr_c, #0xdf		@ system mode: the stack of user code
	ldr	sp, =STACKS + 0x00078000
	msr	cpsr_c, #0xd3		@ supervisor mode
	ldr	sp, =STACKS + 0x00080000
	bl	workload
0:	mcr	p15, 0, r0, c7, c0, 4	@ wait; no interrupt will come
	b	0b

	.global vectors, vectors_end
vectors:
	b	.			@ reset
	ldr	pc, at_undefined
	ldr	pc, at_svc
	ldr	pc, at_prefetch
	ldr	pc, at_data
	b	.			@ reserved
	b	.			@ IRQ: never enabled
	b	.			@ FIQ: never enabled
at_undefined:	.word	on_undefined
at_svc:		.word	on_svc
at_prefetch:	.word	on_prefetch
at_data:	.word	on_data
vectors_end:

on_undefined:
	push	{r0, r1}
	ldr	r0, =undefined_count
	ldr	r1, [r0]
	add	r1, r1, #1
	str	r1, [r0]
	pop	{r0, r1}
	movs	pc, lr			@ behind the undefined instruction

on_data:
	push	{r0, r1}
	ldr	r0, =fault
	mrc	p15, 0, r1, c5, c0, 0
	str	r1, [r0]
	mrc	p15, 0, r1, c6, c0, 0
	str	r1, [r0, #4]
	ldr	r1, [r0, #8]
	add	r1, r1, #1
	str	r1, [r0, #8]
	mrs	r1, spsr
	tst	r1, #0x20		@ Thumb?
	pop	{r0, r1}
	subsne	pc, lr, #6		@ behind the aborted instruction
	subs	pc, lr, #4

@ A call into unmapped memory: back to the caller, whose address is in the banked lr.
on_prefetch:
	push	{r0, r1}
	ldr	r0, =fault
	mrc	p15, 0, r1, c5, c0, 1
	str	r1, [r0]
	sub	r1, lr, #4
	str	r1, [r0, #4]
	ldr	r1, [r0, #8]
	add	r1, r1, #1
	str	r1, [r0, #8]
	pop	{r0, r1}
	ldr	lr, =after_call
	ldr	lr, [lr]
	movs	pc, lr

@ SVC is how user code comes back: r0 is kept, the mode becomes supervisor again.
on_svc:
	mrs	lr, spsr
	bic	lr, lr, #0x1f
	orr	lr, lr, #0x13
	msr	spsr_cxsf, lr
	ldr	lr, =user_return
	ldr	lr, [lr]
	movs	pc, lr

@ uint32_t in_user(uint32_t (*fn)(uint32_t), uint32_t arg): calls fn in user mode.
	.global in_user
in_user:
	push	{r4-r11, lr}
	ldr	r2, =user_return
	adr	r3, 1f
	str	r3, [r2]
	mrs	r2, cpsr
	bic	r2, r2, #0x1f
	orr	r2, r2, #0x10
	msr	spsr_cxsf, r2
	mov	r3, r0
	mov	r0, r1
	adr	lr, 2f
	movs	pc, lr
2:	ldr	sp, =STACKS + 0x00078000		@ now in user mode
	blx	r3
	svc	#1
1:	pop	{r4-r11, pc}

@ void call_bad(uint32_t va): calls an address whose fetch aborts.
	.global call_bad
call_bad:
	push	{r4, lr}
	ldr	r1, =after_call
	adr	r2, 1f
	str	r2, [r1]
	blx	r0
1:	pop	{r4, pc}

@ uint32_t swap(uint32_t value, uint32_t va)
	.global swap
swap:	swp	r0, r0, [r1]
	bx	lr

@ LDRT and STRT: privileged code with the rights of user mode.
	.global load_as_user, store_as_user
load_as_user:
	ldrt	r1, [r0]
	mov	r0, r1
	bx	lr
store_as_user:
	strt	r1, [r0]
	bx	lr

@ Two words, eight words: each word is a reference of its own.
	.global copy_pair, copy_block
copy_pair:				@ (to, from)
	ldrd	r2, r3, [r1]
	strd	r2, r3, [r0]
	bx	lr
copy_block:				@ (to, from)
	push	{r4-r9}
	ldm	r1, {r2-r9}
	stm	r0, {r2-r9}
	pop	{r4-r9}
	bx	lr

	.global undefined, breakpoint
undefined:
	.inst	0xe7f000f0
	bx	lr
breakpoint:
	bkpt	#0
	bx	lr

@ The ARM926's test-and-clean: repeat until the flags say that no line is dirty.
	.global clean_data_cache
clean_data_cache:
	mrc	p15, 0, r15, c7, c10, 3
	bne	clean_data_cache
	mov	r0, #0
	mcr	p15, 0, r0, c7, c10, 4	@ drain the write buffer
	bx	lr

	.global thumb_sum
	.thumb
	.thumb_func
thumb_sum:				@ sum of r1 words at r0, with a BL pair in it
	push	{r4, lr}
	movs	r3, #0
1:	bl	2f
	subs	r1, r1, #1
	bne	1b
	movs	r0, r3
	pop	{r4, pc}
2:	ldr	r2, [r0]
	adds	r0, r0, #4
	adds	r3, r3, r2
	bx	lr

	.global thumb_load
	.thumb_func
thumb_load:
	ldr	r0, [r0]
	bx	lr

	.data
	.global fault, undefined_count, user_return
	.balign	8
fault:		.word	0, 0, 0		@ FSR, FAR, count
undefined_count: .word	0
user_return:	.word	0
after_call:	.word	0

	.section .note.GNU-stack, "", %progbits
