/* SPDX-License-Identifier: GPL-2.0-or-later */
/* StrongARM SA-1110 (v4), XScale PXA255 and PXA270 (v5TE). */
#include <stddef.h>

#include "models/cpu/insn_costs.h"
#include "models/cpu/rows.h"

#define BOTH_ABSENT \
	FACT("tlb.", MANUAL, "two TLBs, none unified"), \
	FACT("utlb.", KNOWLEDGE, "one level of TLB"), \
	FACT("walk.sees", SOURCE, "Linux cleans table lines for this core before a walk")
#define SPLIT_32 .itlb = { 32, 32, 0, REPLACE_FIFO }, .dtlb = { 32, 32, 0, REPLACE_FIFO }

static const struct cpu_fact sa_facts[] = {
	BOTH_ABSENT,
	FACT("tlb.lock", KNOWLEDGE, "SA-1110 manual: no TLB lockdown"),
	FACT("tlb.locked", KNOWLEDGE, "SA-1110 manual: no TLB lockdown"),
	FACT("itlb.", MANUAL, "SA-1110 manual ch. 6: 32 entries, fully associative, round robin"),
	FACT("dtlb.", MANUAL, "SA-1110 manual ch. 6: 32 entries, fully associative, round robin"),
	FACT("l1i.", MANUAL, "SA-1110 manual ch. 6: 16 KB, 32 ways, lines of 32 B, round robin in a set"),
	FACT("l1d.", MANUAL, "SA-1110 manual ch. 6: 8 KB, 32 ways, lines of 32 B, round robin in a set"),
	FACT("l1i.lock", KNOWLEDGE, "no cache lockdown"),
	FACT("l1d.lock", KNOWLEDGE, "no cache lockdown"),
	FACT("minid.", KNOWLEDGE, "SA-1110 manual ch. 6: 512 B, 2 ways; pages with C=1, B=0"),
	FACT("l2.", KNOWLEDGE, "none"),
	FACT("wb.", MANUAL, "SA-1110 manual ch. 6: 8 entries of 16 bytes"),
	FACT("wb.merge", MANUAL, "SA-1110 manual ch. 6: only the newest entry takes more"),
	FACT("wb.drain", ESTIMATE, "slowdowns are sensitive to it"),
	FACT("feature.", KNOWLEDGE, "ARMv4 has none of these"),
	FACT("feature.fcse", KNOWLEDGE, "SA-1110 manual c13"),
	{ 0 },
};

#define SA_BOARD "assumption for a 206 MHz core on a 103 MHz SDRAM bus"
static const struct cpu_cost sa_costs[] = {
	COST_OF(mem, 16, 22, 44, ESTIMATE, SA_BOARD),
	COST_OF(line_fill, 22, 38, 76, ESTIMATE, SA_BOARD),
	COST_OF(exc_hw, 3, 4, 6, ESTIMATE, "as ARM9"),
	COST_OF(clean_clean, 1, 2, 4, ESTIMATE, "by MVA, line not dirty"),
	COST_OF(clean_dirty, 12, 18, 28, ESTIMATE, "by MVA, line dirty"),
	INSN_COSTS_SA1,
	{ 0 },
};

const struct cpu_row cpu_sa1110 = {
	.name = "sa1110", .title = "StrongARM SA-1110, 16 KB + 8 KB", .arch = "armv5",
	.cp = CP_CORE_SA1110, .core_mhz = 206, .bus_mhz = 103,
	.config = {
		NO_UNIFIED, SPLIT_32, NO_UTLB, NO_L2, .tlb_lock = HOST_TLB_PART,
		.l1i = { 16384, 32, 32, REPLACE_FIFO, CACHE_VIVT },
		.l1d = { 8192, 32, 32, REPLACE_FIFO, CACHE_VIVT },
		.minid = { 512, 2, 32, REPLACE_FIFO, CACHE_VIVT },
		.feature = { [FEATURE_FCSE] = 1 },
		.wb_entries = 8, .wb_words = 32, .wb_drain = 8, .wb_merge = HOST_MERGE_NEWEST,
		RUN_DEFAULTS,
	},
	.facts = sa_facts, .costs = sa_costs,
	.note = "ARMv4. The software read buffer of 4 entries is not described here.",
};

static const struct cpu_fact pxa_facts[] = {
	BOTH_ABSENT,
	FACT("tlb.lock", MANUAL, "XScale core manual 3.4: translate and lock; entry 31 never"),
	FACT("itlb.", MANUAL, "XScale core manual ch. 3: 32 entries, fully associative, round robin"),
	FACT("dtlb.", MANUAL, "XScale core manual ch. 3: 32 entries, fully associative, round robin"),
	FACT("l1i.", MANUAL, "XScale core manual ch. 4: 32 KB, 32 ways, lines of 32 B, round robin"),
	FACT("l1d.", MANUAL, "XScale core manual ch. 6: 32 KB, 32 ways, lines of 32 B, round robin"),
	FACT("l1i.lock", MANUAL, "XScale core manual ch. 4: fetch and lock, line by line"),
	FACT("l1d.lock", MANUAL, "XScale core manual ch. 6: lock mode, line by line"),
	FACT("l1d.allocate", MANUAL, "XScale core manual table 3-2: on writes where X=1, C=1, B=1"),
	FACT("minid.", MANUAL, "XScale core manual ch. 6: 2 KB, 2 ways; pages with X=1, C=1, B=0"),
	FACT("l2.", KNOWLEDGE, "none in the core"),
	FACT("wb.", MANUAL, "XScale core manual ch. 6: 8 entries of 16 bytes"),
	FACT("wb.words", KNOWLEDGE, "8 entries of 16 bytes"),
	FACT("wb.merge", MANUAL, "XScale core manual ch. 6: coalescing, where ACTLR.K allows it"),
	FACT("wb.drain", ESTIMATE, "slowdowns are sensitive to it"),
	FACT("feature.", KNOWLEDGE, "ARMv5 has none of the v6 features"),
	FACT("feature.ifsr", MANUAL, "XScale core manual: one fault status register"),
	FACT("feature.fcse", MANUAL, "XScale core manual ch. 7 c13"),
	FACT("feature.fine", MANUAL, "XScale core manual ch. 3"),
	FACT("feature.tex", MANUAL, "XScale core manual ch. 3: TEX, of which X is used"),
	{ 0 },
};

#define CPWAIT "high: with the CPWAIT sequence behind it"
#define PXA255_BOARD "assumption for a 400 MHz core on a 100 MHz SDRAM bus"
static const struct cpu_cost pxa255_costs[] = {
	COST_OF(mem, 38, 50, 100, ESTIMATE, PXA255_BOARD),
	COST_OF(line_fill, 50, 70, 140, ESTIMATE, PXA255_BOARD),
	COST_OF(exc_hw, 5, 8, 12, ESTIMATE, "XScale exception entry"),
	COST_OF(cp15_op, 4, 4, 13, ESTIMATE, CPWAIT),
	COST_OF(clean_clean, 1, 2, 4, ESTIMATE, "by MVA, line not dirty"),
	COST_OF(clean_dirty, 16, 24, 40, ESTIMATE, "by MVA, line dirty"),
	INSN_COSTS_XSCALE,
	{ 0 },
};
#define PXA270_BOARD "assumption for a 520 MHz core on a 104 MHz SDRAM bus"
static const struct cpu_cost pxa270_costs[] = {
	COST_OF(mem, 45, 60, 120, ESTIMATE, PXA270_BOARD),
	COST_OF(line_fill, 60, 85, 170, ESTIMATE, PXA270_BOARD),
	COST_OF(exc_hw, 5, 8, 12, ESTIMATE, "XScale exception entry"),
	COST_OF(cp15_op, 4, 4, 13, ESTIMATE, CPWAIT),
	COST_OF(clean_clean, 1, 2, 4, ESTIMATE, "by MVA, line not dirty"),
	COST_OF(clean_dirty, 18, 28, 46, ESTIMATE, "by MVA, line dirty"),
	INSN_COSTS_XSCALE,
	{ 0 },
};

#define PXA_CONFIG { \
	NO_UNIFIED, SPLIT_32, NO_UTLB, NO_L2, .tlb_lock = HOST_TLB_POINTER, \
	.l1i = { 32768, 32, 32, REPLACE_FIFO, CACHE_VIVT }, \
	.l1d = { 32768, 32, 32, REPLACE_FIFO, CACHE_VIVT }, \
	.l1i_lock = HOST_LINE_LINES, .l1d_lock = HOST_LINE_LINES, \
	.l1d_allocate = L1D_READ_WRITE, \
	.minid = { 2048, 2, 32, REPLACE_FIFO, CACHE_VIVT }, \
	.feature = { [FEATURE_FCSE] = 1, [FEATURE_FINE] = 1, [FEATURE_TEX] = 1 }, \
	.wb_entries = 8, .wb_words = 32, .wb_drain = 8, .wb_merge = HOST_MERGE_ANY, \
	RUN_DEFAULTS, \
}

const struct cpu_row cpu_pxa255 = {
	.name = "pxa255", .title = "XScale PXA255, 32 KB + 32 KB", .arch = "armv5",
	.cp = CP_CORE_PXA255, .core_mhz = 400, .bus_mhz = 100, .config = PXA_CONFIG,
	.facts = pxa_facts, .costs = pxa255_costs,
	.note = "The fill buffer of 4 entries is not described here.",
};

const struct cpu_row cpu_pxa270 = {
	.name = "pxa270", .title = "XScale PXA270, 32 KB + 32 KB", .arch = "armv5",
	.cp = CP_CORE_PXA270, .core_mhz = 520, .bus_mhz = 104, .config = PXA_CONFIG,
	.facts = pxa_facts, .costs = pxa270_costs,
	.note = "The fill buffer of 4 entries and the 256 KB of SRAM are not described here.",
};
