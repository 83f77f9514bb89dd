/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of the map. One row: encoding, access, what it means, which cores have it, the
 * manual's name, where it is written. A key may have several rows, for disjoint sets of cores.
 */
#include "models/guest/cp15.h"
#include "traces/record.h"

#define B(id) CP_CORE_BIT(id)
/* Sets of cores. */
enum {
	ARM920 = B(ARM920T) | B(ARM922T),
	ARM9   = ARM920 | B(ARM926) | B(GENERIC_V5),
	ARM926 = B(ARM926) | B(GENERIC_V5),
	SA     = B(SA1110),
	XS     = B(PXA255) | B(PXA270),
	PRE6   = ARM9 | SA | XS,
	J1136  = B(ARM1136R0) | B(ARM1136),
	J11    = J1136 | B(ARM1176),            /* 1136 and 1176: all that the MPCore lacks */
	V6     = J11 | B(MPCORE) | B(GENERIC_V6),
	V6K    = B(ARM1136) | B(ARM1176) | B(MPCORE) | B(GENERIC_V6),
	V7     = B(A8) | B(A15),
	SECURE = B(ARM1176) | V7,
	UNIFIED = B(GENERIC_V5) | B(GENERIC_V6),        /* unified caches: architecture only */
	ALL    = PRE6 | V6 | V7,
};

/* Sources, each with its confidence. */
#define T(text) CONF_MANUAL, text
#define K(text) CONF_KNOWLEDGE, text
#define S(text) CONF_SOURCE, text
#define AARM T("AARM DDI 0100I B3, B4")
#define C7 T("DDI 0198D 2.3.8, DDI 0211 3.3.17, DDI 0301H 3.2.22; Linux proc-*.S of each core")
#define C8 T("DDI 0184B 2.3 (five operations), DDI 0198D 2.3.9, DDI 0211 3.3.18, DDI 0301H 3.2.23")
#define V7A K("DDI 0406C B3.17")
#define XSC T("XScale core manual ch. 7")
#define XSK K("XScale core manual ch. 7")
#define SAK K("SA-1110 manual ch. 5")

#define R CP_READ
#define W CP_WRITE
#define RW (CP_READ | CP_WRITE)
/* A register without effect here; a register with one; of one side. */
#define ID(n, o1, m, o2, rw, cores, nm, src) \
	{ CP_KEY(n, o1, m, o2), rw, cores, { .op = CP_OTHER }, nm, src }
#define REG(n, o1, m, o2, op_, sd, cores, nm, src) \
	{ CP_KEY(n, o1, m, o2), RW, cores, { .op = (op_), .side = (sd) }, nm, src }
/* An operation that is written: operand, and for caches scope and effect. */
#define OP(n, m, o2, op_, sd, opnd, cores, nm, src) \
	{ CP_KEY(n, 0, m, o2), W, cores, \
	  { .op = (op_), .side = (sd), .operand = OPERAND_##opnd }, nm, src }
#define CACHE(m, o2, sd, sc, cl, inv, opnd, cores, nm) \
	{ CP_KEY(7, 0, m, o2), W, cores, \
	  { .op = CP_CACHE, .side = SIDE_##sd, .scope = SCOPE_##sc, .clean = (cl), .inval = (inv), \
	    .operand = OPERAND_##opnd }, nm, C7 }
#define RANGE(m, sd, cl, inv, nm) \
	{ CP_KEY_64 | CP_KEY(0, 0, m, 0), W, J11, \
	  { .op = CP_CACHE, .side = SIDE_##sd, .scope = SCOPE_RANGE, .clean = (cl), .inval = (inv), \
	    .operand = OPERAND_RANGE }, nm, C7 }
#define TEST(m, o2, op_, cl, inv, cores, nm) \
	{ CP_KEY(7, 0, m, o2), R, cores, \
	  { .op = (op_), .side = SIDE_D, .scope = SCOPE_ALL, .clean = (cl), .inval = (inv), \
	    .operand = OPERAND_RESULT }, nm, C7 }
#define C14(n, m, o2, op_, cores, nm, src) \
	{ CP_KEY_CP14 | CP_KEY(n, 0, m, o2), RW, cores, { .op = (op_) }, nm, src }
#define WIDE(o1, m, rw, cores, nm, src) \
	{ CP_KEY_64 | CP_KEY(0, o1, m, 0), rw, cores, { .op = CP_OTHER }, nm, src }

const struct cp_map_row cp_map[] = {
	/* c0: identification */
	ID(0, 0, 0, 0, R, ALL, "MIDR", AARM),
	ID(0, 0, 0, 1, R, ALL & ~SA, "CTR", AARM),
	ID(0, 0, 0, 2, R, ARM926 | V6 | V7, "TCMTR", AARM),
	ID(0, 0, 0, 3, R, V6 | V7, "TLBTR", AARM),
	ID(0, 0, 0, 5, R, B(MPCORE) | V7, "MPIDR", K("DDI 0360F c0, DDI 0406C")),
#define CPUID(m, o2, nm) ID(0, 0, m, o2, R, V6 | V7, nm, K("DDI 0211, DDI 0301H, DDI 0406C c0"))
	CPUID(1, 0, "ID_PFR0"), CPUID(1, 1, "ID_PFR1"), CPUID(1, 2, "ID_DFR0"),
	CPUID(1, 3, "ID_AFR0"), CPUID(1, 4, "ID_MMFR0"), CPUID(1, 5, "ID_MMFR1"),
	CPUID(1, 6, "ID_MMFR2"), CPUID(1, 7, "ID_MMFR3"), CPUID(2, 0, "ID_ISAR0"),
	CPUID(2, 1, "ID_ISAR1"), CPUID(2, 2, "ID_ISAR2"), CPUID(2, 3, "ID_ISAR3"),
	CPUID(2, 4, "ID_ISAR4"), CPUID(2, 5, "ID_ISAR5"),
	ID(0, 1, 0, 0, R, V7, "CCSIDR", V7A), ID(0, 1, 0, 1, R, V7, "CLIDR", V7A),
	ID(0, 1, 0, 7, R, V7, "AIDR", V7A), ID(0, 2, 0, 0, RW, V7, "CSSELR", V7A),
	ID(0, 4, 0, 0, RW, B(A15), "VPIDR", V7A), ID(0, 4, 0, 5, RW, B(A15), "VMPIDR", V7A),
	/* c1: control */
	REG(1, 0, 0, 0, CP_SCTLR, 0, ALL, "SCTLR", AARM),
	ID(1, 0, 0, 1, RW, XS | V6 | V7, "ACTLR", T("XScale core manual ch. 7, DDI 0211, DDI 0301H")),
	ID(1, 0, 0, 2, RW, V6 | V7, "CPACR", AARM),
	ID(1, 0, 1, 0, RW, SECURE, "SCR", T("DDI 0301H 3.2")),
	ID(1, 0, 1, 1, RW, SECURE, "SDER", T("DDI 0301H 3.2")),
	ID(1, 0, 1, 2, RW, SECURE, "NSACR", T("DDI 0301H 3.2")),
	ID(1, 4, 0, 0, RW, B(A15), "HSCTLR", V7A), ID(1, 4, 0, 1, RW, B(A15), "HACTLR", V7A),
	ID(1, 4, 1, 0, RW, B(A15), "HCR", V7A), ID(1, 4, 1, 1, RW, B(A15), "HDCR", V7A),
	ID(1, 4, 1, 2, RW, B(A15), "HCPTR", V7A), ID(1, 4, 1, 3, RW, B(A15), "HSTR", V7A),
	ID(1, 4, 1, 7, RW, B(A15), "HACR", V7A),
	/* c2, c3: tables and domains */
	REG(2, 0, 0, 0, CP_TTBR0, 0, ALL, "TTBR0", AARM),
	REG(2, 0, 0, 1, CP_TTBR1, 0, V6 | V7, "TTBR1", T("DDI 0301H 3.2.14")),
	REG(2, 0, 0, 2, CP_TTBCR, 0, V6 | V7, "TTBCR", T("DDI 0301H 3.2.15")),
	ID(2, 4, 0, 2, RW, B(A15), "HTCR", V7A), ID(2, 4, 1, 2, RW, B(A15), "VTCR", V7A),
	WIDE(0, 2, RW, B(A15), "TTBR0 (64-bit)", V7A), WIDE(1, 2, RW, B(A15), "TTBR1 (64-bit)", V7A),
	WIDE(4, 2, RW, B(A15), "HTTBR", V7A), WIDE(6, 2, RW, B(A15), "VTTBR", V7A),
	REG(3, 0, 0, 0, CP_DACR, 0, ALL, "DACR", AARM),
	/* c5, c6: faults */
	REG(5, 0, 0, 0, CP_FSR, SIDE_D, ALL, "FSR", AARM),
	REG(5, 0, 0, 1, CP_FSR, SIDE_I, ARM9 | V6 | V7, "IFSR", T("DDI 0151C, DDI 0198D 2.3.5")),
	ID(5, 0, 1, 0, RW, V7, "ADFSR", V7A), ID(5, 0, 1, 1, RW, V7, "AIFSR", V7A),
	ID(5, 4, 1, 0, RW, B(A15), "HADFSR", V7A), ID(5, 4, 1, 1, RW, B(A15), "HAIFSR", V7A),
	ID(5, 4, 2, 0, RW, B(A15), "HSR", V7A),
	REG(6, 0, 0, 0, CP_FAR, SIDE_D, ALL, "FAR", AARM),
	ID(6, 0, 0, 1, RW, J11 | B(GENERIC_V6), "WFAR", K("DDI 0211, DDI 0301H c6")),
	REG(6, 0, 0, 2, CP_FAR, SIDE_I, B(ARM1176) | B(MPCORE) | B(GENERIC_V6) | V7, "IFAR",
	    T("DDI 0301H 3.2")),
	ID(6, 4, 0, 0, RW, B(A15), "HDFAR", V7A), ID(6, 4, 0, 2, RW, B(A15), "HIFAR", V7A),
	ID(6, 4, 0, 4, RW, B(A15), "HPFAR", V7A),
	/* c7: waiting, caches, barriers */
	OP(7, 0, 4, CP_WFI, 0, SBZ, ARM9 | V6, "wait for interrupt", C7),
	OP(7, 0, 4, CP_OTHER, 0, SBZ, V7, "NOP, was wait for interrupt", V7A),
	OP(7, 2, 5, CP_ALLOCATE, SIDE_D, MVA, XS, "allocate D line", XSC),
	CACHE(5, 0, I, ALL, false, true, SBZ, ALL & ~(XS | V6 | V7), "invalidate I all"),
	{ CP_KEY(7, 0, 5, 0), W, XS | V6 | V7, { .op = CP_CACHE, .side = SIDE_I,
	  .scope = SCOPE_ALL, .inval = true, .predictor = true, .operand = OPERAND_SBZ },
	  "invalidate I all, and branch predictor", C7 },
	CACHE(5, 1, I, MVA, false, true, MVA, ALL & ~SA, "invalidate I line by MVA"),
	CACHE(5, 2, I, WAY, false, true, SETWAY, ARM926 | V6, "invalidate I line by set/way"),
	OP(7, 5, 4, CP_ISB, SIDE_I, SBZ, V6 | V7, "flush prefetch buffer", C7),
	OP(7, 5, 6, CP_BP_ALL, SIDE_I, SBZ, XS | V6 | V7, "flush branch predictor", C7),
	OP(7, 5, 7, CP_BP_MVA, SIDE_I, MVA, V6 | V7, "flush branch predictor entry", C7),
	CACHE(6, 0, D, ALL, false, true, SBZ, ALL & ~V7, "invalidate D all"),
	CACHE(6, 1, D, MVA, false, true, MVA, ALL, "invalidate D line by MVA"),
	CACHE(6, 2, D, WAY, false, true, SETWAY, ARM926 | V6 | V7, "invalidate D line by set/way"),
	CACHE(7, 0, BOTH, ALL, false, true, SBZ, ALL & ~V7, "invalidate I and D all"),
	CACHE(7, 1, BOTH, MVA, false, true, MVA, UNIFIED, "invalidate unified line by MVA"),
	CACHE(10, 0, D, ALL, true, false, SBZ, V6, "clean D all"),
	CACHE(10, 1, D, MVA, true, false, MVA, ALL, "clean D line by MVA"),
	CACHE(10, 2, D, WAY, true, false, SETWAY, ARM9 | V6 | V7, "clean D line by set/way"),
	TEST(10, 3, CP_TESTCLEAN, true, false, ARM926, "test and clean D"),
	OP(7, 10, 4, CP_DRAIN, SIDE_D, SBZ, ALL, "drain write buffer", C7),
	OP(7, 10, 5, CP_DMB, SIDE_D, SBZ, V6 | V7, "data memory barrier", C7),
	TEST(10, 6, CP_DIRTY_STATUS, false, false, J11 | B(GENERIC_V6), "cache dirty status"),
	CACHE(11, 1, BOTH, MVA, true, false, MVA, UNIFIED, "clean unified line by MVA"),
	{ CP_KEY(7, 0, 11, 1), W, V7, { .op = CP_CACHE, .side = SIDE_D,
	  .scope = SCOPE_MVA, .clean = true, .operand = OPERAND_MVA },
	  "clean D line by MVA to unification", V7A },
	OP(7, 13, 1, CP_PREFETCH_I, SIDE_I, MVA, ARM9 | J11 | B(GENERIC_V6), "prefetch I line", C7),
	OP(7, 13, 1, CP_OTHER, 0, MVA, V7, "NOP, was prefetch I line", V7A),
	CACHE(14, 0, D, ALL, true, true, SBZ, V6, "clean and invalidate D all"),
	CACHE(14, 1, D, MVA, true, true, MVA, ARM9 | V6 | V7, "clean and invalidate D line by MVA"),
	CACHE(14, 2, D, WAY, true, true, SETWAY, ARM9 | V6 | V7, "clean and invalidate D line by set/way"),
	TEST(14, 3, CP_TESTCLEAN, true, true, ARM926, "test, clean and invalidate D"),
	CACHE(15, 0, BOTH, ALL, true, true, SBZ, UNIFIED, "clean and invalidate unified all"),
	CACHE(15, 1, BOTH, MVA, true, true, MVA, UNIFIED, "clean and invalidate unified line by MVA"),
	RANGE(5, I, false, true, "invalidate I range"), RANGE(6, D, false, true, "invalidate D range"),
	RANGE(12, D, true, false, "clean D range"),
	RANGE(14, D, true, true, "clean and invalidate D range"),
	/* broadcasts of the multiprocessing extensions; a lone core carries them out itself */
	OP(7, 1, 6, CP_BP_ALL, SIDE_I, SBZ, B(A15), "BPIALLIS", V7A),
	{ CP_KEY(7, 0, 1, 0), W, B(A15), { .op = CP_CACHE, .side = SIDE_I,
	  .scope = SCOPE_ALL, .inval = true, .predictor = true, .operand = OPERAND_SBZ },
	  "ICIALLUIS", V7A },
	/* VA to PA translation: by the guest's own tables, result in PAR */
#define VAPA(o2, nm) OP(7, 8, o2, CP_OTHER, 0, MVA, SECURE | B(MPCORE), nm, K("DDI 0301H 3.2.22"))
	ID(7, 0, 4, 0, RW, SECURE | B(MPCORE), "PAR", K("DDI 0301H 3.2.22")),
	VAPA(0, "ATS1CPR"), VAPA(1, "ATS1CPW"), VAPA(2, "ATS1CUR"), VAPA(3, "ATS1CUW"),
#define VAPAO(o2, nm) OP(7, 8, o2, CP_OTHER, 0, MVA, SECURE, nm, K("DDI 0301H 3.2.22"))
	VAPAO(4, "ATS12NSOPR"), VAPAO(5, "ATS12NSOPW"), VAPAO(6, "ATS12NSOUR"),
	VAPAO(7, "ATS12NSOUW"),
	/* c8: TLB */
	OP(8, 5, 0, CP_TLBI_ALL, SIDE_I, SBZ, ALL, "invalidate I TLB", C8),
	OP(8, 5, 1, CP_TLBI_MVA, SIDE_I, MVA, PRE6 & ~SA, "invalidate I TLB entry by MVA", C8),
	OP(8, 6, 0, CP_TLBI_ALL, SIDE_D, SBZ, ALL, "invalidate D TLB", C8),
	OP(8, 6, 1, CP_TLBI_MVA, SIDE_D, MVA, PRE6, "invalidate D TLB entry by MVA", C8),
	OP(8, 7, 0, CP_TLBI_ALL, SIDE_BOTH, SBZ, ALL, "invalidate TLB", C8),
	OP(8, 7, 1, CP_TLBI_MVA, SIDE_BOTH, MVA, ARM926, "invalidate TLB entry by MVA", C8),
	OP(8, 5, 1, CP_TLBI_MVA, SIDE_I, MVA_ASID, V6 | V7, "invalidate I TLB entry by MVA", C8),
	OP(8, 6, 1, CP_TLBI_MVA, SIDE_D, MVA_ASID, V6 | V7, "invalidate D TLB entry by MVA", C8),
	OP(8, 7, 1, CP_TLBI_MVA, SIDE_BOTH, MVA_ASID, V6 | V7, "invalidate TLB entry by MVA", C8),
	OP(8, 5, 2, CP_TLBI_ASID, SIDE_I, ASID, V6 | V7, "invalidate I TLB by ASID", C8),
	OP(8, 6, 2, CP_TLBI_ASID, SIDE_D, ASID, V6 | V7, "invalidate D TLB by ASID", C8),
	OP(8, 7, 2, CP_TLBI_ASID, SIDE_BOTH, ASID, V6 | V7, "invalidate TLB by ASID", C8),
	OP(8, 5, 3, CP_TLBI_MVAA, SIDE_I, MVA, B(MPCORE) | B(GENERIC_V6), "invalidate I TLB by MVA, any ASID",
	   K("DDI 0360F 3.4")),
	OP(8, 6, 3, CP_TLBI_MVAA, SIDE_D, MVA, B(MPCORE) | B(GENERIC_V6), "invalidate D TLB by MVA, any ASID",
	   K("DDI 0360F 3.4")),
	OP(8, 7, 3, CP_TLBI_MVAA, SIDE_BOTH, MVA, B(MPCORE) | B(GENERIC_V6) | B(A15),
	   "invalidate TLB by MVA, any ASID", K("DDI 0360F 3.4, DDI 0406C")),
	OP(8, 3, 0, CP_TLBI_ALL, SIDE_BOTH, SBZ, B(A15), "TLBIALLIS", V7A),
	OP(8, 3, 1, CP_TLBI_MVA, SIDE_BOTH, MVA_ASID, B(A15), "TLBIMVAIS", V7A),
	OP(8, 3, 2, CP_TLBI_ASID, SIDE_BOTH, ASID, B(A15), "TLBIASIDIS", V7A),
	OP(8, 3, 3, CP_TLBI_MVAA, SIDE_BOTH, MVA, B(A15), "TLBIMVAAIS", V7A),
	/* c9: lockdown, TCM, read buffer */
	REG(9, 0, 0, 0, CP_CACHE_LOCK, SIDE_D, ARM9 | V6, "D cache lockdown",
	    T("DDI 0151C, DDI 0198D 2.3.10, DDI 0211")),
	REG(9, 0, 0, 1, CP_CACHE_LOCK, SIDE_I, ARM9 | V6, "I cache lockdown",
	    T("DDI 0151C, DDI 0198D 2.3.10, DDI 0211")),
	OP(9, 0, 0, CP_READ_BUFFER, SIDE_D, SBZ, SA, "flush read buffer", S("Linux proc-sa1100.S")),
	OP(9, 0, 4, CP_OTHER, 0, SBZ, SA, "read buffer: user mode off", SAK),
	OP(9, 0, 5, CP_OTHER, 0, SBZ, SA, "read buffer: user mode on", S("Linux proc-sa1100.S")),
	OP(9, 1, 0, CP_LOCK_LINE, SIDE_I, MVA, XS, "fetch and lock I line", XSC),
	OP(9, 1, 1, CP_UNLOCK_CACHE, SIDE_I, SBZ, XS, "unlock I cache", XSC),
	REG(9, 0, 2, 0, CP_LOCK_MODE, SIDE_D, XS, "D cache lock mode", XSC),
	OP(9, 2, 1, CP_UNLOCK_CACHE, SIDE_D, SBZ, XS, "unlock D cache", XSC),
	ID(9, 0, 1, 0, RW, ARM926 | J11, "D TCM region", T("DDI 0198D 2.3.11, DDI 0211")),
	ID(9, 0, 1, 1, RW, ARM926 | J11, "I TCM region", T("DDI 0198D 2.3.11, DDI 0211")),
	ID(9, 0, 1, 2, RW, B(ARM1176), "D TCM non-secure control", K("DDI 0301H 3.2")),
	ID(9, 0, 1, 3, RW, B(ARM1176), "I TCM non-secure control", K("DDI 0301H 3.2")),
	ID(9, 0, 2, 0, RW, B(ARM1176), "TCM selection", K("DDI 0301H 3.2")),
	ID(9, 0, 8, 0, RW, B(ARM1176), "cache behaviour override", K("DDI 0301H 3.2")),
	ID(9, 1, 0, 0, RW, B(A8), "L2 cache lockdown", K("DDI 0344 3.2")),
	ID(9, 1, 0, 2, RW, V7, "L2 control", K("DDI 0344 3.2, DDI 0438 4.3")),
	ID(9, 1, 0, 3, RW, B(A15), "L2 extended control", K("DDI 0438 4.3")),
#define PMU(m, o2, nm) ID(9, 0, m, o2, RW, V7, nm, V7A)
	PMU(12, 0, "PMCR"), PMU(12, 1, "PMCNTENSET"), PMU(12, 2, "PMCNTENCLR"),
	PMU(12, 3, "PMOVSR"), PMU(12, 4, "PMSWINC"), PMU(12, 5, "PMSELR"), PMU(13, 0, "PMCCNTR"),
	PMU(13, 1, "PMXEVTYPER"), PMU(13, 2, "PMXEVCNTR"), PMU(14, 0, "PMUSERENR"),
	PMU(14, 1, "PMINTENSET"), PMU(14, 2, "PMINTENCLR"),
	/* c10: TLB lockdown, remap */
	REG(10, 0, 0, 0, CP_TLB_LOCK, SIDE_D, ARM9 | V6 | B(A8), "TLB lockdown, D or unified",
	    T("DDI 0151C, DDI 0198D 2.3.12, DDI 0211, DDI 0344 3.2.56")),
	REG(10, 0, 0, 1, CP_TLB_LOCK, SIDE_I, ARM920 | B(A8), "I TLB lockdown",
	    T("DDI 0151C, DDI 0344 3.2.56")),
	OP(10, 1, 0, CP_OTHER, SIDE_D, MVA, B(A8), "D TLB preload", K("DDI 0344 3.2")),
	OP(10, 1, 1, CP_OTHER, SIDE_I, MVA, B(A8), "I TLB preload", K("DDI 0344 3.2")),
	REG(10, 0, 2, 0, CP_PRRR, 0, V6K | V7, "PRRR", T("DDI 0360F 5.6")),
	REG(10, 0, 2, 1, CP_NMRR, 0, V6K | V7, "NMRR", T("DDI 0360F 5.6")),
	OP(10, 4, 0, CP_LOCK_ENTRY, SIDE_I, MVA, XS, "translate and lock I TLB entry", XSC),
	OP(10, 4, 1, CP_UNLOCK_TLB, SIDE_I, SBZ, XS, "unlock I TLB", XSC),
	OP(10, 8, 0, CP_LOCK_ENTRY, SIDE_D, MVA, XS, "translate and lock D TLB entry", XSC),
	OP(10, 8, 1, CP_UNLOCK_TLB, SIDE_D, SBZ, XS, "unlock D TLB", XSC),
	ID(10, 4, 2, 0, RW, B(A15), "HMAIR0", V7A), ID(10, 4, 2, 1, RW, B(A15), "HMAIR1", V7A),
	/* c11: DMA into the TCM */
#define DMA(m, o2, nm) ID(11, 0, m, o2, RW, J11, nm, K("DDI 0211, DDI 0301H c11"))
	DMA(0, 0, "DMA present"), DMA(0, 1, "DMA queued"), DMA(0, 2, "DMA running"),
	DMA(0, 3, "DMA interrupting"), DMA(1, 0, "DMA user accessibility"),
	DMA(2, 0, "DMA channel number"), DMA(3, 0, "DMA stop"), DMA(3, 1, "DMA start"),
	DMA(3, 2, "DMA clear"), DMA(4, 0, "DMA control"), DMA(5, 0, "DMA internal start"),
	DMA(6, 0, "DMA external start"), DMA(7, 0, "DMA internal end"), DMA(8, 0, "DMA status"),
	DMA(15, 0, "DMA context id"),
	/* c12: vectors */
	ID(12, 0, 0, 0, RW, SECURE, "VBAR", K("DDI 0301H 3.2")),
	ID(12, 0, 0, 1, RW, SECURE, "MVBAR", K("DDI 0301H 3.2")),
	ID(12, 0, 1, 0, R, SECURE, "ISR", K("DDI 0301H 3.2")),
	ID(12, 4, 0, 0, RW, B(A15), "HVBAR", V7A),
	/* c13: processes and threads */
	REG(13, 0, 0, 0, CP_FCSE, 0, ALL & ~B(A15), "FCSE PID", AARM),
	ID(13, 0, 0, 0, RW, B(A15), "FCSE PID, not implemented", V7A),
	REG(13, 0, 0, 1, CP_ASID, 0, ARM926 | V6 | V7, "CONTEXTIDR", T("DDI 0198D 2.3.14, AARM B4")),
	REG(13, 0, 0, 2, CP_TPIDR, 0, V6K | V7, "TPIDRURW", AARM),
	REG(13, 0, 0, 3, CP_TPIDR, 0, V6K | V7, "TPIDRURO", AARM),
	REG(13, 0, 0, 4, CP_TPIDR, 0, V6K | V7, "TPIDRPRW", AARM),
	ID(13, 4, 0, 2, RW, B(A15), "HTPIDR", V7A),
	/* c14: breakpoints of StrongARM and XScale, generic timer of the Cortex-A15 */
	ID(14, 0, 0, 0, RW, SA | XS, "data breakpoint address", K("SA-1110, XScale manuals, debug")),
	ID(14, 0, 1, 0, RW, SA, "data breakpoint value", SAK),
	ID(14, 0, 2, 0, RW, SA, "data breakpoint mask", SAK),
	ID(14, 0, 3, 0, RW, SA | XS, "data breakpoint control or mask", K("SA-1110, XScale manuals, debug")),
	ID(14, 0, 4, 0, RW, XS, "data breakpoint control", XSK),
	ID(14, 0, 8, 0, RW, SA | XS, "instruction breakpoint", K("SA-1110, XScale manuals, debug")),
	ID(14, 0, 9, 0, RW, XS, "instruction breakpoint 1", XSK),
	ID(14, 0, 0, 0, RW, B(A15), "CNTFRQ", V7A), ID(14, 0, 1, 0, RW, B(A15), "CNTKCTL", V7A),
	ID(14, 0, 2, 0, RW, B(A15), "CNTP_TVAL", V7A), ID(14, 0, 2, 1, RW, B(A15), "CNTP_CTL", V7A),
	ID(14, 0, 3, 0, RW, B(A15), "CNTV_TVAL", V7A), ID(14, 0, 3, 1, RW, B(A15), "CNTV_CTL", V7A),
	ID(14, 4, 1, 0, RW, B(A15), "CNTHCTL", V7A), ID(14, 4, 2, 0, RW, B(A15), "CNTHP_TVAL", V7A),
	ID(14, 4, 2, 1, RW, B(A15), "CNTHP_CTL", V7A),
	WIDE(0, 14, R, B(A15), "CNTPCT", V7A), WIDE(1, 14, R, B(A15), "CNTVCT", V7A),
	WIDE(2, 14, RW, B(A15), "CNTP_CVAL", V7A), WIDE(3, 14, RW, B(A15), "CNTV_CVAL", V7A),
	WIDE(4, 14, RW, B(A15), "CNTVOFF", V7A), WIDE(6, 14, RW, B(A15), "CNTHP_CVAL", V7A),
	/* c15 */
	ID(15, 0, 1, 0, RW, XS, "coprocessor access", XSC),
	OP(15, 1, 1, CP_OTHER, SIDE_I, SBZ, SA, "odd-word loading of I cache LFSR", SAK),
	OP(15, 2, 1, CP_OTHER, SIDE_I, SBZ, SA, "even-word loading of I cache LFSR", SAK),
	OP(15, 4, 1, CP_OTHER, SIDE_I, SBZ, SA, "clear I cache LFSR", SAK),
	OP(15, 8, 1, CP_OTHER, SIDE_I, SBZ, SA, "move LFSR to R14 abort", SAK),
	OP(15, 1, 2, CP_OTHER, 0, SBZ, SA, "clock switching on", S("Linux proc-sa1100.S")),
	OP(15, 2, 2, CP_OTHER, 0, SBZ, SA, "clock switching off", S("Linux proc-sa1100.S")),
	OP(15, 8, 2, CP_WFI, 0, SBZ, SA, "wait for interrupt", S("Linux proc-sa1100.S")),
	/* CP14 of XScale; entering idle is a wait (the value says how deep) */
#define XPM S("Linux perf_event_xscale.c")
	C14(0, 0, 0, CP_CP14, B(PXA255), "PMNC", XPM), C14(1, 0, 0, CP_CP14, B(PXA255), "CCNT", XPM),
	C14(2, 0, 0, CP_CP14, B(PXA255), "PMN0", XPM), C14(3, 0, 0, CP_CP14, B(PXA255), "PMN1", XPM),
	C14(0, 1, 0, CP_CP14, B(PXA270), "PMNC", XPM), C14(1, 1, 0, CP_CP14, B(PXA270), "CCNT", XPM),
	C14(4, 1, 0, CP_CP14, B(PXA270), "INTEN", XPM), C14(5, 1, 0, CP_CP14, B(PXA270), "FLAG", XPM),
	C14(8, 1, 0, CP_CP14, B(PXA270), "EVTSEL", XPM), C14(0, 2, 0, CP_CP14, B(PXA270), "PMN0", XPM),
	C14(1, 2, 0, CP_CP14, B(PXA270), "PMN1", XPM), C14(2, 2, 0, CP_CP14, B(PXA270), "PMN2", XPM),
	C14(3, 2, 0, CP_CP14, B(PXA270), "PMN3", XPM),
	C14(6, 0, 0, CP_CP14, XS, "CCLKCFG", XSK), C14(7, 0, 0, CP_WFI, XS, "PWRMODE", XSK),
#define XDB(n, nm) C14(n, 0, 0, CP_CP14, XS, nm, XSK)
	XDB(8, "TX"), XDB(9, "RX"), XDB(10, "DBGCSR"), XDB(11, "TBREG"), XDB(12, "CHKPT0"),
	XDB(13, "CHKPT1"), XDB(14, "TXRXCTRL"),
};
const unsigned cp_map_count = sizeof(cp_map) / sizeof(cp_map[0]);
