/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CP15 and CP14 map of every core, as canonical operations: what an access *means*, whatever
 * the core that encodes it. The same encoding can mean different things (c9,c0,0 is cache
 * lockdown on ARM cores and the read buffer on SA-1110), so a map belongs to a core. What a
 * core's manual does not list is CP_UNKNOWN there, and counted by key (unknown_ops.h).
 */
#ifndef SHADEWALK_MODELS_GUEST_CP15_H
#define SHADEWALK_MODELS_GUEST_CP15_H

#include <stdbool.h>
#include <stdint.h>

#include "base/confidence.h"

/* X(id, name): names are those of cores in trace headers and of host rows. The two generic maps
 * hold what the architecture defines: for a trace whose core has no map of its own. */
#define CP_CORE_LIST(X)                                                                 \
	X(ARM920T, "arm920t") X(ARM922T, "arm922t") X(ARM926, "arm926")                 \
	X(SA1110, "sa1110") X(PXA255, "pxa255") X(PXA270, "pxa270")                     \
	X(ARM1136R0, "arm1136r0") X(ARM1136, "arm1136") X(ARM1176, "arm1176")           \
	X(MPCORE, "mpcore") X(A8, "cortex-a8") X(A15, "cortex-a15")                     \
	X(GENERIC_V5, "generic") X(GENERIC_V6, "generic-v6")
enum cp_core {
#define X(id, name) CP_CORE_##id,
	CP_CORE_LIST(X)
#undef X
	CP_CORES
};
extern const char *const cp_core_name[CP_CORES];

/* The map of a trace header's core; of its architecture's generic core when the name has none;
 * CP_CORES when neither is known. */
enum cp_core cp_core_find(const char *core, const char *arch);

enum cp_op {
	CP_OTHER,               /* known, no effect on what is modelled (ACTLR, identification) */
	CP_UNKNOWN,             /* not in the core's map: counted and reported */
	/* registers */
	CP_SCTLR, CP_TTBR0, CP_TTBR1, CP_TTBCR, CP_DACR, CP_FCSE,
	CP_ASID,                /* CONTEXTIDR */
	CP_PRRR, CP_NMRR, CP_TPIDR,
	CP_FSR, CP_FAR,         /* side: D or I (IFSR, IFAR) */
	CP_TLB_LOCK, CP_CACHE_LOCK,     /* lockdown *registers*; side D is D or unified */
	/* operations */
	CP_TLBI_ALL,            /* unlocked entries */
	CP_TLBI_MVA,            /* operand says whether an ASID comes with it */
	CP_TLBI_ASID,
	CP_TLBI_MVAA,           /* by MVA, whatever the ASID */
	CP_CACHE,               /* see struct cp_canon for what and where */
	CP_TESTCLEAN,           /* MRC to PC: recorded once, stands for "until clean" */
	CP_DIRTY_STATUS,        /* read: is any D line dirty? */
	CP_ALLOCATE,            /* XScale: D line made valid and dirty without a fill */
	CP_DRAIN,               /* drain write buffer; DSB from v6 on */
	CP_DMB,
	CP_ISB,                 /* flush prefetch buffer */
	CP_BP_ALL, CP_BP_MVA,   /* branch predictor */
	CP_PREFETCH_I,          /* prefetch an I line */
	CP_READ_BUFFER,         /* SA-1110: flush the read buffer */
	CP_WFI,
	/* XScale lockdown by operation */
	CP_LOCK_LINE, CP_UNLOCK_CACHE, CP_LOCK_MODE, CP_LOCK_ENTRY, CP_UNLOCK_TLB,
	CP_CP14,                /* debug, trace, Jazelle, counters: known, not modelled */
	CP_OPS
};

enum { SIDE_I = 1, SIDE_D = 2, SIDE_BOTH = 3 };
enum cp_scope { SCOPE_MVA, SCOPE_WAY, SCOPE_ALL, SCOPE_RANGE };

/* What the value that goes with an access is. */
enum cp_operand {
	OPERAND_VALUE,          /* a register's content */
	OPERAND_SBZ,            /* should be zero, ignored */
	OPERAND_MVA,            /* FCSE is not applied to it */
	OPERAND_MVA_ASID,       /* [31:12] MVA, [7:0] ASID */
	OPERAND_ASID,           /* [7:0] */
	OPERAND_SETWAY,         /* see cp_operand_setway() */
	OPERAND_RANGE,          /* MCRR: Rt the last address, Rt2 the first */
	OPERAND_RESULT,         /* a status that a read returns */
};

struct cp_canon {
	uint8_t op;             /* enum cp_op */
	uint8_t side;           /* SIDE_* of cache and TLB operations */
	uint8_t scope;          /* enum cp_scope, cache operations */
	bool clean, inval;      /* what a cache operation does to the line */
	bool predictor;         /* flushes the branch predictor as well */
	uint8_t operand;        /* enum cp_operand */
};

/* key as in traces/record.h (CP_KEY); read: MRC. Searches; the tracker keeps a table. */
struct cp_canon cp_canonical(enum cp_core core, uint16_t key, bool read);

/* --- the map itself ----------------------------------------------------------------------- */

enum { CP_READ = 1, CP_WRITE = 2 };
#define CP_CORE_BIT(id) (1u << CP_CORE_##id)

struct cp_map_row {
	uint16_t key;
	uint8_t access;         /* CP_READ | CP_WRITE */
	uint32_t cores;         /* CP_CORE_BIT() of those that have it */
	struct cp_canon canon;
	const char *name;       /* the manual's */
	uint8_t confidence;     /* enum confidence */
	const char *source;
};
extern const struct cp_map_row cp_map[];
extern const unsigned cp_map_count;

/* The row of an encoding on a core, NULL if none. Not for the spaces below. */
const struct cp_map_row *cp_map_find(enum cp_core core, uint16_t key);
/* The core's own encoding of a canonical operation, NULL if it has none (operand ignored). */
const struct cp_map_row *cp_map_encode(enum cp_core core, const struct cp_canon *c);

/*
 * Spaces that a core's manual leaves to test and debug, known as a whole and without effect here:
 * c15 (CP_OTHER) and CP14 (CP_CP14) of the ARM cores. On SA-1110 and XScale both are used for
 * more, and the map lists what is there.
 */
bool cp_is_test_space(enum cp_core core, uint16_t key);

/* --- operands ----------------------------------------------------------------------------- */

static inline uint8_t cp_operand_asid(uint32_t operand)
{
	return (uint8_t)operand;
}

/* First address of the line or page of `bytes` (a power of two) that an MVA names. */
static inline uint32_t cp_operand_mva(uint32_t operand, uint32_t bytes)
{
	return operand & ~(bytes - 1);
}

/*
 * Way in [31:32-A], set in [L+S-1:L], where ways = 2^A, sets = 2^S, line = 2^L bytes (ARM926EJ-S
 * TRM DDI 0198D 2.3.8, ARM1136 DDI 0211 3.3.17). The "index" [31:26] and "segment" [7:5] or
 * [6:5] of ARM920T and ARM922T are the same with 64 ways and 8 or 4 sets (DDI 0151C, 0184B).
 */
struct cp_setway { uint32_t set, way; };
struct cp_setway cp_operand_setway(uint32_t operand, uint32_t sets, uint32_t ways,
				   uint32_t line_bytes);
uint32_t cp_setway_operand(struct cp_setway sw, uint32_t sets, uint32_t ways,
			   uint32_t line_bytes);

/* Lines of an MCRR range, both ends included. A last address before the first is UNPREDICTABLE
 * (DDI 0211 3.3.17): no lines. */
struct cp_range { uint32_t first; uint64_t lines; };
struct cp_range cp_operand_range(uint32_t rt, uint32_t rt2, uint32_t line_bytes);

/* Registers that a trace header names, as keys. */
enum {
	KEY_SCTLR = 1 << 10, KEY_TTBR0 = 2 << 10, KEY_TTBR1 = 2 << 10 | 1, KEY_TTBCR = 2 << 10 | 2,
	KEY_DACR = 3 << 10,
	KEY_FSR = 5 << 10, KEY_IFSR = 5 << 10 | 1, KEY_FAR = 6 << 10,
	KEY_TLB_LOCK = 10 << 10, KEY_TLB_LOCK_I = 10 << 10 | 1, KEY_PRRR = 10 << 10 | 2 << 3, KEY_NMRR = 10 << 10 | 2 << 3 | 1,
	KEY_FCSE = 13 << 10, KEY_CONTEXTIDR = 13 << 10 | 1,
};

#endif
