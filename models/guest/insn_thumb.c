/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Thumb instructions: DDI 0100I A6, figure A6-1; ARMv5 and ARMv6, no Thumb-2. */
#include "models/guest/insn_class.h"

#define BIT(n) (UINT16_C(1) << (n))
enum { R_SP = 13, R_LR = 14, R_PC = 15 };

/* A low register whose number begins at this bit. */
static uint16_t low(uint16_t h, unsigned at) { return (uint16_t)BIT(h >> at & 7); }

static void load(struct insn *i, uint16_t rd, bool sub)
{
	i->cls = sub ? INSN_LOAD_SUB : INSN_LOAD;
	i->late = sub ? LATE_SUB : LATE_WORD;
	i->load = true;
	i->words = 1;
	i->writes = i->results = rd;
}

static void store(struct insn *i, uint16_t rd)
{
	i->cls = INSN_STORE;
	i->words = 1;
	i->reads |= rd;
}

/* 010000: data processing between low registers */
static void alu(uint16_t h, struct insn *i)
{
	unsigned op = h >> 6 & 0xf;
	bool compares = op == 8 || op == 10 || op == 11;
	bool shifts = op == 2 || op == 3 || op == 4 || op == 7;

	i->reads = low(h, 3) | low(h, 0);
	if (op == 9 || op == 15)                        /* NEG, MVN: of Rm alone */
		i->reads = low(h, 3);
	i->writes = compares ? 0 : low(h, 0);
	if (shifts) {
		i->cls = INSN_SHIFT;
	} else if (op == 13) {                          /* MUL sets flags */
		i->cls = INSN_MUL_FLAGS;
		i->late = LATE_MUL;
		i->results = i->writes;
	}
}

/* 010001: high registers, BX, BLX */
static void high(uint16_t h, struct insn *i)
{
	unsigned op = h >> 8 & 3;
	uint16_t rm = (uint16_t)BIT(h >> 3 & 0xf), rd = (uint16_t)BIT((h & 7) | (h >> 4 & 8));

	i->reads = rm;
	if (op == 3) {
		i->cls = INSN_BRANCH_REG;
		i->jumps = true;
		i->writes = (uint16_t)(BIT(R_PC) | (h >> 7 & 1 ? BIT(R_LR) : 0));
		return;
	}
	if (op != 2)
		i->reads |= rd;
	if (op != 1) {
		i->writes = rd;
		i->jumps = rd == BIT(R_PC);
	}
}

/* 0101: register offsets */
static void indexed(uint16_t h, struct insn *i)
{
	unsigned op = h >> 9 & 7;                       /* STR STRH STRB LDRSB LDR LDRH LDRB LDRSH */

	i->reads = low(h, 3) | low(h, 6);
	if (op < 3)
		store(i, low(h, 0));
	else
		load(i, low(h, 0), op != 4);
}

static void block(struct insn *i, uint16_t list, uint16_t base, bool is_load)
{
	i->cls = INSN_BLOCK;
	i->words = (uint8_t)__builtin_popcount(list);
	i->load = is_load;
	i->reads = base;
	i->writes = base;
	if (!is_load) {
		i->reads |= list & (uint16_t)-list;
		return;
	}
	i->writes |= list;
	i->jumps = list >> R_PC;
	if (list) {
		i->late = LATE_WORD;
		i->results = (uint16_t)BIT(31 - __builtin_clz(list));
	}
}

/* 1011: stack, and what ARMv6 put there */
static void miscellaneous(uint16_t h, struct insn *i)
{
	uint16_t list = h & 0xff;

	if ((h & 0x0f00) == 0x0000) {                   /* ADD, SUB SP */
		i->reads = i->writes = BIT(R_SP);
	} else if ((h & 0x0e00) == 0x0400) {
		block(i, (uint16_t)(list | (h >> 8 & 1 ? BIT(R_LR) : 0)), BIT(R_SP), false);
	} else if ((h & 0x0e00) == 0x0c00) {
		block(i, (uint16_t)(list | (h >> 8 & 1 ? BIT(R_PC) : 0)), BIT(R_SP), true);
	} else if ((h & 0x0f00) == 0x0200 || ((h & 0x0f00) == 0x0a00 && (h >> 6 & 3) != 2)) {
		i->reads = low(h, 3);                   /* extends, byte reversals */
		i->writes = low(h, 0);
	} else if ((h & 0x0ff0) == 0x0660) {            /* CPS */
		i->cls = INSN_MSR;
	} else if ((h & 0x0f00) == 0x0e00) {            /* BKPT */
		i->cls = INSN_TRAP;
	} else if ((h & 0x0ff7) != 0x0650) {            /* but for SETEND */
		i->cls = INSN_UNDEFINED;
	}
}

static void branch(struct insn *i, uint16_t links)
{
	i->cls = INSN_BRANCH;
	i->jumps = true;
	i->writes = BIT(R_PC) | links;
}

/* 111: B, and the halves of BL and BLX; a half on its own is an instruction too. */
static void long_branch(uint16_t h, uint16_t next, struct insn *i)
{
	bool second = (next & 0xf800) == 0xf800 || (next & 0xf801) == 0xe800;

	switch (h >> 11 & 3) {
	case 0:
		branch(i, 0);
		break;
	case 2:
		i->reads = BIT(R_PC);
		i->writes = BIT(R_LR);
		if (second) {
			branch(i, BIT(R_LR));
			i->bytes = 4;
			i->pair = true;
		}
		break;
	case 1:
		if (h & 1) {
			i->cls = INSN_UNDEFINED;
			break;
		}
		/* fall through */
	default:
		branch(i, BIT(R_LR));
		i->reads = BIT(R_LR);
		break;
	}
}

static void shift_add(uint16_t h, struct insn *i)
{
	unsigned op = h >> 11;

	if (op >= 4) {                                  /* MOV, CMP, ADD, SUB of an immediate */
		i->reads = op == 4 ? 0 : low(h, 8);
		i->writes = op == 5 ? 0 : low(h, 8);
		return;
	}
	i->reads = low(h, 3);
	if (op == 3 && !(h >> 10 & 1))
		i->reads |= low(h, 6);
	i->writes = low(h, 0);
}

static void conditional_branch(uint16_t h, struct insn *i)
{
	unsigned cond = h >> 8 & 0xf;

	if (cond >= 14) {
		i->cls = cond == 15 ? INSN_TRAP : INSN_UNDEFINED;
		return;
	}
	branch(i, 0);
	i->conditional = true;
}

/* Word, byte and halfword with an immediate offset; SP-relative words. */
static void offset_access(uint16_t h, struct insn *i)
{
	bool stack = h >> 12 == 9, sub = h >> 12 == 8 || h >> 12 == 7;
	uint16_t rd = stack ? low(h, 8) : low(h, 0);

	i->reads = stack ? BIT(R_SP) : low(h, 3);
	if (h >> 11 & 1)
		load(i, rd, sub);
	else
		store(i, rd);
}

void insn_decode_thumb(uint16_t h, uint16_t next, struct insn *i)
{
	*i = (struct insn){ .cls = INSN_PLAIN, .bytes = 2 };
	switch (h >> 12) {
	case 0: case 1: case 2: case 3:
		shift_add(h, i);
		break;
	case 4:
		if (h >> 11 & 1) {
			i->reads = BIT(R_PC);
			load(i, low(h, 8), false);
		} else if (h >> 10 & 1) {
			high(h, i);
		} else {
			alu(h, i);
		}
		break;
	case 5:
		indexed(h, i);
		break;
	case 6: case 7: case 8: case 9:
		offset_access(h, i);
		break;
	case 10:
		i->reads = h >> 11 & 1 ? BIT(R_SP) : BIT(R_PC);
		i->writes = low(h, 8);
		break;
	case 11:
		miscellaneous(h, i);
		break;
	case 12:
		block(i, h & 0xff, low(h, 8), h >> 11 & 1);
		break;
	case 13:
		conditional_branch(h, i);
		break;
	default:
		long_branch(h, next, i);
		break;
	}
}
