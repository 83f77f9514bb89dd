/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions by what their time depends on: ARM (ARMv5TE, ARMv6) and Thumb words to a short
 * closed list of classes, with the registers that interlocks hang on. Encodings as in the ARM
 * Architecture Reference Manual, DDI 0100I, A3 and A6. No disassembler: operands and opcodes
 * that change no timing are not told apart.
 */
#ifndef SHADEWALK_MODELS_GUEST_INSN_CLASS_H
#define SHADEWALK_MODELS_GUEST_INSN_CLASS_H

#include <stdbool.h>
#include <stdint.h>

/* X(id, name, where its encoding stands in DDI 0100I, what is in it) */
#define INSN_CLASS_LIST(X)                                                                   \
	X(PLAIN,      "plain",      "A3.4, A6.5", "data processing, flags-only MSR, SIMD, hints")      \
	X(SHIFT,      "shift",      "A5.1.6",     "data processing with a shift by register")  \
	X(BRANCH,     "branch",     "A3.3, A6.4", "B, BL, BLX to an immediate target")         \
	X(BRANCH_REG, "branch-reg", "A3.3, A6.4", "BX, BLX, BXJ to a register")                \
	X(MUL,        "mul",        "A3.5.1",     "MUL, MLA: 32-bit result")                   \
	X(MUL_FLAGS,  "mul-flags",  "A3.5.1",     "the same, setting flags")                   \
	X(LMUL,       "lmul",       "A3.5.1",     "UMULL, UMLAL, SMULL, SMLAL, UMAAL")         \
	X(LMUL_FLAGS, "lmul-flags", "A3.5.1",     "the same, setting flags")                   \
	X(DSP,        "dsp",        "A3.5.2",     "halfword, dual and most-significant-word multiplies; QADD, QSUB and doubling") \
	X(DSP_LONG,   "dsp-long",   "A3.5.2",     "SMLALxy, SMLALD, SMLSLD")                   \
	X(LOAD,       "load",       "A3.11",      "word: LDR, LDRT, LDREX")                    \
	X(LOAD_SUB,   "load-sub",   "A3.11",      "byte or halfword")                          \
	X(STORE,      "store",      "A3.11",      "word, halfword or byte")                    \
	X(DOUBLE,     "double",     "A3.11.2",    "LDRD, STRD, LDREXD, STREXD")                \
	X(BLOCK,      "block",      "A3.12, A6.7", "LDM, STM, PUSH, POP, RFE, SRS")            \
	X(SWP,        "swp",        "A3.13",      "SWP, SWPB")                                 \
	X(MRS,        "mrs",        "A3.9",       "MRS")                                       \
	X(MSR,        "msr",        "A3.9",       "MSR beyond the flags; CPS")                 \
	X(CP,         "cp",         "A3.14",      "MCR, MRC, MCRR, MRRC")                      \
	X(CP_DATA,    "cp-data",    "A3.14",      "CDP, LDC, STC: VFP and other coprocessors") \
	X(CLZ,        "clz",        "A3.6",       "CLZ")                                       \
	X(PLD,        "pld",        "A3.11",      "PLD")                                       \
	X(TRAP,       "trap",       "A3.15",      "SVC, BKPT, SMC")                            \
	X(UNDEFINED,  "undefined",  "A3.16",      "no instruction of ARMv6")                   \
	X(UNKNOWN,    "unknown",    "-",          "its word is not in the trace")

enum insn_class {
#define X(id, name, section, text) INSN_##id,
	INSN_CLASS_LIST(X)
#undef X
	INSN_CLASSES
};
extern const char *const insn_class_name[INSN_CLASSES];

/* What an instruction's result is late by. */
enum insn_late { LATE_NONE, LATE_WORD, LATE_SUB, LATE_MUL };

struct insn {
	uint8_t cls;            /* enum insn_class */
	uint8_t late;           /* enum insn_late: of the registers in `results` */
	uint8_t bytes;          /* 2 or 4 */
	uint8_t words;          /* data references when it executes; INSN_WORDS_UNKNOWN */
	bool conditional;       /* may be passed over */
	bool jumps;             /* writes the PC */
	bool load;              /* of a data reference: reads memory (SWP does both) */
	bool addr_shift;        /* the address has a shifted register in it */
	bool pair;              /* both halves of a Thumb BL or BLX */
	uint16_t reads;         /* registers it needs, by bit; of a block's store data the first */
	uint16_t writes;        /* registers it changes */
	uint16_t results;       /* of these: late ones */
};
enum { INSN_WORDS_UNKNOWN = 0xff };

void insn_decode_arm(uint32_t word, struct insn *out);
/* next: the halfword behind; with it a BL or BLX pair is one instruction of 4 bytes. */
void insn_decode_thumb(uint16_t half, uint16_t next, struct insn *out);

#endif
