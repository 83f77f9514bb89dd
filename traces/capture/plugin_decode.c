/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instruction words, as far as a trace needs to know them: effects on the machine's state,
 * kinds of access. The masks are the architecture manual's encodings; order matters where a
 * narrow pattern lies within a wide one.
 */
#include "traces/capture/plugin.h"

#include "traces/capture/guest/mark.h"

static bool is(uint32_t word, uint32_t mask, uint32_t value)
{
	return (word & mask) == value;
}

static void sensitive(struct insn *in, enum sens_class class)
{
	in->effect = EFFECT_SENS;
	in->sens = class;
}

static void decode_thumb(struct insn *in)
{
	uint32_t w = in->word & 0xffff;

	in->cond = 14;
	if (is(w, 0xff00, 0xdf00))
		sensitive(in, SENS_SVC);
	else if (is(w, 0xffe8, 0xb660))
		sensitive(in, SENS_CPS);
	else if (is(w, 0xff00, 0xbe00))
		sensitive(in, SENS_BKPT);
	if (is(w, 0xf600, 0xb400) || is(w, 0xf000, 0xc000))     /* PUSH, POP, STMIA, LDMIA */
		in->access = ACC_MULTI;
}

/* Instructions whose condition field is 0b1111. */
static void decode_unconditional(struct insn *in)
{
	uint32_t w = in->word;

	in->cond = 14;
	if (w == MARK_INSN) {
		in->effect = EFFECT_MARK;
		in->rt = 0;
	} else if (is(w, 0xfff1fe20, 0xf1000000)) {
		sensitive(in, SENS_CPS);
	} else if (is(w, 0xfe5fffe0, 0xf84d0500)) {
		sensitive(in, SENS_SRS);
		in->access = ACC_MULTI;
	} else if (is(w, 0xfe50ffff, 0xf8100a00)) {
		sensitive(in, SENS_RFE);
		in->access = ACC_MULTI;
	}
}

/* MRC, MCR, MRRC, MCRR of CP14 and CP15; VMRS and VMSR. True if it was one of them. */
static bool decode_coprocessor(struct insn *in)
{
	uint32_t w = in->word, cp = w >> 8 & 15;
	bool pair = is(w, 0x0fe00000, 0x0c400000);

	if (is(w, 0x0fe00fff, 0x0ee00a10)) {
		in->rt = w >> 12 & 15;
		if ((w >> 16 & 15) != 1)        /* FPSCR is open to user mode */
			sensitive(in, SENS_VFPSYS);
		return true;
	}
	if (cp < 14 || (!pair && !is(w, 0x0f000010, 0x0e000010)))
		return false;
	in->effect = w & 1 << 20 ? EFFECT_CP_READ : EFFECT_CP_WRITE;
	in->rt = w >> 12 & 15;
	if (pair) {
		in->rt2 = w >> 16 & 15;
		in->key = CP_KEY_64 | CP_KEY(0, w >> 4 & 7, w & 15, 0);
	} else {
		in->key = CP_KEY(w >> 16 & 15, w >> 21 & 7, w & 15, w >> 5 & 7);
	}
	if (cp == 14)
		in->key |= CP_KEY_CP14;
	return true;
}

static bool decode_status(struct insn *in)
{
	uint32_t w = in->word;

	if (is(w, 0x0fbf0fff, 0x010f0000)) {
		sensitive(in, SENS_MRS);
		in->rt = w >> 12 & 15;
		return true;
	}
	if (is(w, 0x0fb0fff0, 0x0120f000)) {
		in->rt = w & 15;
		if (w & 0x00470000)             /* the flags alone are open to user mode */
			sensitive(in, SENS_MSR);
		return true;
	}
	if (is(w, 0x0fb0f000, 0x0320f000)) {
		if (w & 0x00470000)
			sensitive(in, SENS_MSR);
		else if (!(w & 0x004f0000) && (w & 0xff) == 3)
			sensitive(in, SENS_WFI);
		return true;
	}
	return false;
}

/* LDREX, STREX and their forms for other sizes. */
static bool is_exclusive(uint32_t w)
{
	return is(w, 0x0f800ff0, 0x01800f90);
}

static void decode_transfer(struct insn *in)
{
	uint32_t w = in->word;

	if (is(w, 0x0e508000, 0x08508000))
		sensitive(in, SENS_LDMER);
	else if (is(w, 0x0e708000, 0x08500000) || is(w, 0x0e700000, 0x08400000))
		sensitive(in, SENS_UREG);
	if (is(w, 0x0e000000, 0x08000000))
		in->access = ACC_MULTI;
	else if (is(w, 0x0d200000, 0x04200000) && !is(w, 0x02000010, 0x02000010))
		in->access = ACC_UNPRIV;
	else if (is(w, 0x0fb00ff0, 0x01000090) || is_exclusive(w))
		in->access = ACC_EXCL;          /* SWP, LDREX, STREX */
	else if (is(w, 0x0e1000d0, 0x000000d0))
		in->access = ACC_MULTI;         /* LDRD, STRD */
	in->store_exclusive = is_exclusive(w) && !(w & 1 << 20);
}

void decode(struct insn *in, bool thumb)
{
	uint32_t w = in->word;

	in->rt = in->rt2 = NO_REG;
	in->cond = w >> 28;
	if (thumb) {
		decode_thumb(in);
		return;
	}
	if (in->cond == 15) {
		decode_unconditional(in);
		return;
	}
	if (decode_coprocessor(in) || decode_status(in))
		return;
	if (is(w, 0x0f000000, 0x0f000000))
		sensitive(in, SENS_SVC);
	else if (is(w, 0x0ff000f0, 0x01600070))
		sensitive(in, SENS_SMC);
	else if (is(w, 0xfff000f0, 0xe1200070))
		sensitive(in, SENS_BKPT);
	else if (is(w, 0x0c10f000, 0x0010f000) && (w >> 23 & 3) != 2 &&
		 !is(w, 0x02000090, 0x00000090))
		sensitive(in, SENS_DPSPC);
	else
		decode_transfer(in);
}

bool cond_passes(unsigned cond, uint32_t cpsr)
{
	bool n = cpsr >> 31, z = cpsr >> 30 & 1, c = cpsr >> 29 & 1, v = cpsr >> 28 & 1;
	bool holds = true;

	switch (cond >> 1) {
	case 0: holds = z; break;
	case 1: holds = c; break;
	case 2: holds = n; break;
	case 3: holds = v; break;
	case 4: holds = c && !z; break;
	case 5: holds = n == v; break;
	case 6: holds = !z && n == v; break;
	default: return true;
	}
	return holds != (cond & 1);
}

static void access_thumb(uint32_t w, bool *write, unsigned *bytes)
{
	static const uint8_t reg_bytes[8] = { 4, 2, 1, 1, 4, 2, 1, 2 };
	unsigned op = w >> 12 & 15, sub = w >> 9 & 7;

	switch (op) {
	case 5:                         /* register offset: STR STRH STRB LDRSB LDR LDRH .. */
		*write = sub < 3;
		*bytes = reg_bytes[sub];
		return;
	case 7: *bytes = 1; break;
	case 8: *bytes = 2; break;
	default: *bytes = 4;
	}
	*write = op != 4 && !(w & 1 << 11);
}

void decode_access(const struct insn *in, bool thumb, bool *write, unsigned *bytes)
{
	static const uint8_t exclusive_bytes[4] = { 4, 4, 1, 2 };       /* a double is two words */
	uint32_t w = in->word;

	if (thumb) {
		access_thumb(w, write, bytes);
		return;
	}
	*write = !(w & 1 << 20);
	*bytes = 4;
	if (is(w, 0x0fb00ff0, 0x01000090)) {            /* SWP: plugin.c finds the direction */
		*write = false;
		*bytes = w & 1 << 22 ? 1 : 4;
	} else if (is_exclusive(w)) {                   /* STREX: likewise */
		*write = false;
		*bytes = exclusive_bytes[w >> 21 & 3];
	} else if (is(w, 0x0c000000, 0x04000000)) {
		*bytes = w & 1 << 22 ? 1 : 4;
	} else if (is(w, 0x0e000090, 0x00000090)) {
		unsigned sh = w >> 5 & 3;

		if (!*write) {
			*bytes = sh == 2 ? 1 : 2;
		} else if (sh == 1) {
			*bytes = 2;
		} else {
			*write = sh == 3;               /* LDRD is coded as a store */
		}
	}
}
