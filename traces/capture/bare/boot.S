/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way from reset to a kernel at 0xc0000000, user code, and aborts that are mended; beside
 * start.S, for the guests that have kernel.h.
 */
	.syntax unified
	.arm

/* Section, normal memory of nobody's cache: AP 1; bit 4 is one before ARMv6 (DDI 0100I B4.7). */
#if __ARM_ARCH >= 6
#define SECTION_BITS 0x402
#define SCTLR_ON ((1 << 23) | (1 << 22) | 1)	/* XP, U, M */
#else
#define SECTION_BITS 0x412
#define SCTLR_ON 1
#endif

@ MMU and caches are off, and what is in them is unknown. Two sections of the same megabyte: one
@ where we run, one where we go.
	.section .boot, "ax"
	.global boot
boot:
	mov	r0, #0x4000
	mov	r1, #0
	mov	r2, #0x4000
1:	subs	r2, r2, #4
	str	r1, [r0, r2]
	bne	1b
	ldr	r2, =SECTION_BITS
	str	r2, [r0]
	add	r3, r0, #0x3000
	str	r2, [r3]
	mcr	p15, 0, r1, c7, c7, 0		@ caches: invalid
	mcr	p15, 0, r1, c7, c10, 4		@ tables are in memory
	mcr	p15, 0, r1, c8, c7, 0
	mcr	p15, 0, r0, c2, c0, 0
#if __ARM_ARCH >= 6
	mcr	p15, 0, r1, c2, c0, 2		@ TTBCR, CONTEXTIDR
	mcr	p15, 0, r1, c13, c0, 1
#endif
	mov	r2, #1
	mcr	p15, 0, r2, c3, c0, 0		@ domain 0: client
	mrc	p15, 0, r3, c1, c0, 0
	ldr	r2, =SCTLR_ON
	orr	r3, r3, r2
	mcr	p15, 0, r3, c1, c0, 0
#if __ARM_ARCH >= 6
	mcr	p15, 0, r1, c7, c5, 4
#else
	nop					@ may be fetched by the old mapping, which is the same
	nop
	nop
#endif
	ldr	pc, =_start
	.ltorg

	.text
@ uint32_t call_user(uint32_t fn, uint32_t arg, uint32_t sp, uint32_t stub): fn(arg) in user mode.
	.global call_user
call_user:
	push	{r4-r11, lr}
	ldr	r12, =user_return
	adr	lr, 1f
	str	lr, [r12]
	msr	cpsr_c, #0xdf
	mov	sp, r2
	msr	cpsr_c, #0xd3
	mov	r12, #0xd0
	msr	spsr_cxsf, r12
	mov	r4, r0
	mov	r0, r1
	mov	lr, r3
	movs	pc, lr
1:	pop	{r4-r11, pc}

@ void zero(uint32_t va, uint32_t bytes): blocks of eight words.
	.global zero
zero:
	push	{r4-r9, lr}
	mov	r2, #0
	mov	r3, #0
	mov	r4, #0
	mov	r5, #0
	mov	r6, #0
	mov	r7, #0
	mov	r8, #0
	mov	r9, #0
1:	stm	r0!, {r2-r9}
	subs	r1, r1, #32
	bne	1b
	pop	{r4-r9, pc}

@ A data abort: handle_fault(fsr, far) says how many bytes to go on from the instruction, 0: again.
	.global on_data_mend
on_data_mend:
	sub	lr, lr, #8
	push	{r0-r3, r12, lr}
	mrs	r3, spsr
	push	{r3, r4}
	mrc	p15, 0, r0, c5, c0, 0
	mrc	p15, 0, r1, c6, c0, 0
	bl	handle_fault
	pop	{r3, r4}
	msr	spsr_cxsf, r3
	ldr	r1, [sp, #20]
	add	r1, r1, r0
	str	r1, [sp, #20]
	ldm	sp!, {r0-r3, r12, pc}^

@ In a page of the process: what call_user enters.
	.section .user, "ax"
	.global user_stub
user_stub:
	blx	r4
	svc	#1

	.section .note.GNU-stack, "", %progbits
