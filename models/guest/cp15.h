/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CP15 map of ARMv5 cores, as canonical operations: what an access *means*, whatever the
 * core that encodes it (ARM926EJ-S TRM DDI 0198D chapter 2; AARM B3, B6).
 */
#ifndef SHADEWALK_MODELS_GUEST_CP15_H
#define SHADEWALK_MODELS_GUEST_CP15_H

#include <stdbool.h>
#include <stdint.h>

enum cp_op {
	CP_OTHER,               /* known, no effect on what is modelled (ACTLR, thread id, ...) */
	CP_UNKNOWN,             /* not in the core's map: counted and reported */
	CP_SCTLR, CP_TTBR0, CP_DACR, CP_FCSE, CP_ASID,
	CP_FSR, CP_FAR,
	CP_TLBI_ALL, CP_TLBI_MVA,
	CP_CACHE,               /* see struct cp_canon for what and where */
	CP_TESTCLEAN,           /* MRC to PC: recorded once, stands for "until clean" */
	CP_DRAIN,
	CP_WFI,
	CP_TLB_LOCK, CP_CACHE_LOCK,
	CP_CP14,
};

enum { SIDE_I = 1, SIDE_D = 2, SIDE_BOTH = 3 };
enum cp_scope { SCOPE_MVA, SCOPE_WAY, SCOPE_ALL };

struct cp_canon {
	uint8_t op;             /* enum cp_op */
	uint8_t side;           /* SIDE_* of cache and TLB operations */
	uint8_t scope;          /* enum cp_scope, cache operations */
	bool clean, inval;      /* what a cache operation does to the line */
};

/* key as in traces/record.h (CP_KEY); read: MRC. Searches; the tracker keeps a table. */
struct cp_canon cp_canonical(uint16_t key, bool read);

/* Registers of the v5 map that a trace header names, as keys. */
enum {
	KEY_SCTLR = 1 << 10, KEY_TTBR0 = 2 << 10, KEY_DACR = 3 << 10,
	KEY_FSR = 5 << 10, KEY_IFSR = 5 << 10 | 1, KEY_FAR = 6 << 10,
	KEY_TLB_LOCK = 10 << 10,
	KEY_FCSE = 13 << 10, KEY_CONTEXTIDR = 13 << 10 | 1,
};

#endif
