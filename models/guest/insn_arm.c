/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ARM instructions: DDI 0100I A3, figures A3-1 to A3-6. */
#include "models/guest/insn_class.h"

#define BIT(n) (UINT16_C(1) << (n))
enum { R_SP = 13, R_LR = 14, R_PC = 15 };

#define X(id, name, section, text) [INSN_##id] = name,
const char *const insn_class_name[INSN_CLASSES] = { INSN_CLASS_LIST(X) };
#undef X

static unsigned field(uint32_t w, unsigned at) { return w >> at & 0xf; }

/* Register numbers at these places, as a set. */
static uint16_t reg(uint32_t w, unsigned at) { return (uint16_t)BIT(field(w, at)); }

static void set_result(struct insn *i, enum insn_late late, uint16_t results)
{
	i->late = (uint8_t)late;
	i->results = results;
	i->writes |= results;
}

static void address(uint32_t w, struct insn *i, bool by_register)
{
	i->reads |= reg(w, 16);
	if (by_register)
		i->reads |= reg(w, 0);
	if (!(w >> 24 & 1) || w >> 21 & 1)      /* post-indexed, or written back */
		i->writes |= reg(w, 16);
}

static void load(uint32_t w, struct insn *i, enum insn_class cls, enum insn_late late)
{
	i->cls = (uint8_t)cls;
	i->load = true;
	i->words = 1;
	set_result(i, late, reg(w, 12));
	i->jumps = field(w, 12) == R_PC;
}

static void store(uint32_t w, struct insn *i)
{
	i->cls = INSN_STORE;
	i->words = 1;
	i->reads |= reg(w, 12);
}

static void doubleword(uint32_t w, struct insn *i, bool is_load, unsigned at)
{
	uint16_t second = (uint16_t)BIT((field(w, at) + 1) & 0xf);

	i->cls = INSN_DOUBLE;
	i->words = 2;
	i->load = is_load;
	if (!is_load) {
		i->reads |= reg(w, at);
		return;
	}
	i->writes |= reg(w, at);
	set_result(i, LATE_WORD, second);
}

/* bits 7 and 4 set, bits 6:5 clear: multiplies, SWP, exclusives */
static void multiply_swap(uint32_t w, struct insn *i)
{
	unsigned op = w >> 20 & 0x1f;
	bool flags = op & 1;

	if (op < 0x10) {
		if (op >= 5 && op <= 7) {
			i->cls = INSN_UNDEFINED;
			return;
		}
		i->reads = reg(w, 0) | reg(w, 8);
		if (op & 2)                             /* MLA */
			i->reads |= reg(w, 12);
		i->cls = (uint8_t)(flags ? INSN_MUL_FLAGS : INSN_MUL);
		if (op >= 4) {                          /* UMAAL, or long */
			i->cls = (uint8_t)(flags ? INSN_LMUL_FLAGS : INSN_LMUL);
			if (op == 4 || op & 2)
				i->reads |= reg(w, 12) | reg(w, 16);
			i->writes |= reg(w, 12);
		}
		set_result(i, LATE_MUL, reg(w, 16));
		return;
	}
	i->reads = reg(w, 16);
	if (op == 0x10 || op == 0x14) {                 /* SWP, SWPB */
		i->reads |= reg(w, 0);
		load(w, i, INSN_SWP, op & 4 ? LATE_SUB : LATE_WORD);
		i->words = 2;
	} else if (op < 0x18) {
		i->cls = INSN_UNDEFINED;
	} else if ((op & 6) == 2) {                     /* LDREXD, STREXD */
		doubleword(w, i, op & 1, op & 1 ? 12 : 0);
	} else if (op & 1) {
		load(w, i, op & 6 ? INSN_LOAD_SUB : INSN_LOAD, op & 6 ? LATE_SUB : LATE_WORD);
	} else {                                        /* STREX*: Rd is the status */
		i->cls = INSN_STORE;
		i->words = INSN_WORDS_UNKNOWN;          /* none when it fails */
		i->reads |= reg(w, 0);
		set_result(i, LATE_WORD, reg(w, 12));
	}
}

/* bits 7 and 4 set, bits 6:5 not clear: halfwords, signed bytes, doublewords */
static void extra_access(uint32_t w, struct insn *i)
{
	unsigned kind = w >> 5 & 3;

	address(w, i, !(w >> 22 & 1));
	if (w >> 20 & 1)
		load(w, i, INSN_LOAD_SUB, LATE_SUB);
	else if (kind == 1)
		store(w, i);
	else
		doubleword(w, i, kind == 2, 12);
}

static void dsp(uint32_t w, struct insn *i)
{
	unsigned op = w >> 21 & 3;
	bool accumulates = op == 0 || op == 2 || (op == 1 && !(w >> 5 & 1));

	i->reads = reg(w, 0) | reg(w, 8);
	if (accumulates)
		i->reads |= reg(w, 12);
	i->cls = INSN_DSP;
	if (op == 2) {                                  /* SMLALxy */
		i->cls = INSN_DSP_LONG;
		i->reads |= reg(w, 16);
		i->writes |= reg(w, 12);
	}
	set_result(i, LATE_MUL, reg(w, 16));
}

/* 00010xx0 without bits 7 and 4 both set: PSRs, branches by register, CLZ, QADD */
static void miscellaneous(uint32_t w, struct insn *i)
{
	unsigned op = w >> 21 & 3, op2 = w >> 4 & 0xf;

	if (op2 >= 8) {
		dsp(w, i);
	} else if (op2 == 0 && !(op & 1)) {
		i->cls = INSN_MRS;
		i->writes = reg(w, 12);
	} else if (op2 == 0) {
		i->cls = field(w, 16) & 7 ? INSN_MSR : INSN_PLAIN;
		i->reads = reg(w, 0);
	} else if ((op2 == 1 || op2 == 2 || op2 == 3) && op == 1) {
		i->cls = INSN_BRANCH_REG;
		i->jumps = true;
		i->reads = reg(w, 0);
		i->writes = (uint16_t)(BIT(R_PC) | (op2 == 3 ? BIT(R_LR) : 0));
	} else if (op2 == 1 && op == 3) {
		i->cls = INSN_CLZ;
		i->reads = reg(w, 0);
		i->writes = reg(w, 12);
	} else if (op2 == 5) {
		i->cls = INSN_DSP;
		i->reads = reg(w, 0) | reg(w, 16);
		set_result(i, LATE_MUL, reg(w, 12));
	} else {
		i->cls = op2 == 7 && op & 1 ? INSN_TRAP : INSN_UNDEFINED;
	}
}

static void data_processing(uint32_t w, struct insn *i)
{
	unsigned op = w >> 21 & 0xf;
	bool immediate = w >> 25 & 1, shift = !immediate && w >> 4 & 1;
	bool compares = (op & 0xc) == 8, moves = op == 13 || op == 15;

	i->cls = shift ? INSN_SHIFT : INSN_PLAIN;
	if (!moves)
		i->reads |= reg(w, 16);
	if (!immediate)
		i->reads |= reg(w, 0);
	if (shift)
		i->reads |= reg(w, 8);
	if (compares)
		return;
	i->writes = reg(w, 12);
	i->jumps = field(w, 12) == R_PC;
}

static void register_forms(uint32_t w, struct insn *i)
{
	if ((w & 0x90) == 0x90 && !(w & 0x60))
		multiply_swap(w, i);
	else if ((w & 0x90) == 0x90)
		extra_access(w, i);
	else if ((w & 0x01900000) == 0x01000000)
		miscellaneous(w, i);
	else
		data_processing(w, i);
}

static void immediate_forms(uint32_t w, struct insn *i)
{
	if ((w & 0x01900000) != 0x01000000)
		data_processing(w, i);
	else if (!(w >> 21 & 1))
		i->cls = INSN_UNDEFINED;
	else                                            /* without fields: NOP, WFI and the like */
		i->cls = field(w, 16) & 7 ? INSN_MSR : INSN_PLAIN;
}

static void single_access(uint32_t w, struct insn *i)
{
	bool by_register = w >> 25 & 1, byte = w >> 22 & 1;

	address(w, i, by_register);
	i->addr_shift = by_register && w & 0xff0;
	if (!(w >> 20 & 1))
		store(w, i);
	else
		load(w, i, byte ? INSN_LOAD_SUB : INSN_LOAD, byte ? LATE_SUB : LATE_WORD);
}

/* ARMv6 "media" space: what multiplies, and the rest */
static void media(uint32_t w, struct insn *i)
{
	unsigned op = w >> 20 & 0x1f;

	i->reads = reg(w, 0) | reg(w, 16);
	i->writes = reg(w, 12);
	if (op < 0x10)
		return;
	if (op == 0x1f) {                               /* permanently undefined */
		i->cls = INSN_UNDEFINED;
		return;
	}
	i->reads = reg(w, 0) | reg(w, 8) | reg(w, 12);
	i->cls = INSN_DSP;
	i->writes = 0;
	if (op == 0x14) {                               /* SMLALD, SMLSLD */
		i->cls = INSN_DSP_LONG;
		i->reads |= reg(w, 16);
		i->writes = reg(w, 12);
	}
	set_result(i, LATE_MUL, reg(w, 16));
}

static void block(uint32_t w, struct insn *i)
{
	uint16_t list = (uint16_t)w;

	i->cls = INSN_BLOCK;
	i->words = (uint8_t)__builtin_popcount(list);
	i->load = w >> 20 & 1;
	i->reads = reg(w, 16);
	if (w >> 21 & 1)
		i->writes = reg(w, 16);
	if (!i->load) {
		i->reads |= list & (uint16_t)-list;
		return;
	}
	i->writes |= list;
	i->jumps = list >> R_PC;
	if (list)                                       /* the last one is late */
		set_result(i, LATE_WORD, (uint16_t)BIT(31 - __builtin_clz(list)));
}

static void coprocessor(uint32_t w, struct insn *i)
{
	bool vfp = (field(w, 8) & 0xe) == 10;

	if ((w & 0x0f000010) == 0x0e000010 || (w & 0x0fe00000) == 0x0c400000) {
		i->cls = INSN_CP;
		if (!(w >> 20 & 1))
			i->reads = reg(w, 12);
		else if (field(w, 12) != R_PC)          /* else: the flags */
			i->writes = reg(w, 12);
		return;
	}
	i->cls = INSN_CP_DATA;
	if ((w & 0x0e000000) != 0x0c000000)
		return;
	address(w, i, false);
	i->load = w >> 20 & 1;
	i->words = INSN_WORDS_UNKNOWN;
	if (vfp && (w & 0x01200000) == 0x01000000)      /* one register of one or two words */
		i->words = field(w, 8) == 11 ? 2 : 1;
	else if (vfp)
		i->words = w & 0xff & ~(field(w, 8) == 11 ? 1u : 0);
}

static void unconditional(uint32_t w, struct insn *i)
{
	if ((w & 0x0e000000) == 0x0a000000) {           /* BLX */
		i->cls = INSN_BRANCH;
		i->jumps = true;
		i->writes = BIT(R_PC) | BIT(R_LR);
	} else if ((w & 0x0d70f000) == 0x0550f000) {
		i->cls = INSN_PLD;
		i->reads = (uint16_t)(reg(w, 16) | (w >> 25 & 1 ? reg(w, 0) : 0));
	} else if ((w & 0x0e500000) == 0x08400000) {    /* SRS: LR and SPSR to a stack */
		i->cls = INSN_BLOCK;
		i->words = 2;
		i->reads = BIT(R_LR);
	} else if ((w & 0x0e500000) == 0x08100000) {    /* RFE: PC and CPSR */
		i->cls = INSN_BLOCK;
		i->words = 2;
		i->load = i->jumps = true;
		i->reads = reg(w, 16);
		set_result(i, LATE_WORD, BIT(R_PC));
	} else if ((w & 0x0ff00000) == 0x01000000) {    /* CPS, SETEND */
		i->cls = w >> 16 & 1 ? INSN_PLAIN : INSN_MSR;
	} else if ((w & 0x0ff000f0) == 0x05700010) {    /* CLREX of ARMv6K */
		i->cls = INSN_PLAIN;
	} else if ((w & 0x0c000000) == 0x0c000000 && (w & 0x0f000000) != 0x0f000000) {
		coprocessor(w, i);
	} else {
		i->cls = INSN_UNDEFINED;
	}
}

void insn_decode_arm(uint32_t w, struct insn *i)
{
	*i = (struct insn){ .cls = INSN_PLAIN, .bytes = 4, .conditional = w >> 28 < 14 };
	if (w >> 28 == 15) {
		unconditional(w, i);
		return;
	}
	switch (w >> 25 & 7) {
	case 0: register_forms(w, i); break;
	case 1: immediate_forms(w, i); break;
	case 3:
		if (w >> 4 & 1) {
			media(w, i);
			break;
		}
		/* fall through */
	case 2: single_access(w, i); break;
	case 4: block(w, i); break;
	case 5:
		i->cls = INSN_BRANCH;
		i->jumps = true;
		i->writes = (uint16_t)(BIT(R_PC) | (w >> 24 & 1 ? BIT(R_LR) : 0));
		break;
	default:
		if ((w & 0x0f000000) == 0x0f000000)
			i->cls = INSN_TRAP;
		else
			coprocessor(w, i);
		break;
	}
}
