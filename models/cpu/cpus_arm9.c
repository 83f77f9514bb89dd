/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ARM920T and ARM922T (v4T), ARM926EJ-S (v5TEJ). */
#include <stddef.h>

#include "models/cpu/insn_costs.h"
#include "models/cpu/rows.h"

#define ARM9_FEATURES { [FEATURE_FCSE] = 1, [FEATURE_FINE] = 1, [FEATURE_IFSR] = 1 }
#define ARM9_WBUF .wb_entries = 4, .wb_words = 16, .wb_drain = 8, .wb_merge = HOST_MERGE_BURST
#define ARM9_ABSENT \
	FACT("utlb.", KNOWLEDGE, "one level of TLB"), \
	FACT("minid.", KNOWLEDGE, "no mini data cache"), \
	FACT("l2.", KNOWLEDGE, "none in the core; some chips have one outside"), \
	FACT("feature.", KNOWLEDGE, "ARMv5 and before have none of the v6 features")
#define ARM9_WALKS \
	FACT("walk.sees", SOURCE, "Linux cleans table lines for this core before a walk")

#define ARM92X_TLB .itlb = { 64, 64, 0, REPLACE_FIFO }, .dtlb = { 64, 64, 0, REPLACE_FIFO }, \
	.tlb_lock = HOST_TLB_BASE

static const struct cpu_fact arm92x_facts[] = {
	FACT("tlb.", MANUAL, "DDI 0151C, DDI 0184B: two TLBs, none unified"),
	FACT("tlb.lock", MANUAL, "DDI 0151C c10: base, victim and P of each TLB"),
	FACT("itlb.", MANUAL, "DDI 0151C, DDI 0184B ch. 3: 64 entries, fully associative, cyclic"),
	FACT("dtlb.", MANUAL, "DDI 0151C, DDI 0184B ch. 3: 64 entries, fully associative, cyclic"),
	FACT("l1i.", MANUAL, "DDI 0151C, DDI 0184B ch. 4: 64 ways, lines of 32 B, VIVT"),
	FACT("l1d.", MANUAL, "DDI 0151C, DDI 0184B ch. 4: 64 ways, lines of 32 B, VIVT, two dirty bits"),
	FACT("l1i.policy", MANUAL, "random out of reset, SCTLR.RR selects round robin"),
	FACT("l1d.policy", MANUAL, "random out of reset, SCTLR.RR selects round robin"),
	FACT("l1i.lock", MANUAL, "DDI 0151C c9: index base"),
	FACT("l1d.lock", MANUAL, "DDI 0151C c9: index base"),
	FACT("wb.", MANUAL, "DDI 0151C ch. 4: 16 words, 4 addresses"),
	FACT("wb.drain", ESTIMATE, "slowdowns are sensitive to it"),
	FACT("feature.ifsr", MANUAL, "DDI 0151C c5,c0,1"),
	FACT("feature.fcse", MANUAL, "DDI 0151C c13"),
	FACT("feature.fine", MANUAL, "DDI 0151C ch. 3"),
	ARM9_ABSENT, ARM9_WALKS, { 0 },
};

#define ASSUMED(board) "assumption for a " board "; more optimistic in ns than the ARM926EJ-S's"
static const struct cpu_cost arm920_costs[] = {
	COST_OF(mem, 13, 18, 36, ESTIMATE, ASSUMED("200 MHz core on a 100 MHz SDRAM bus")),
	COST_OF(line_fill, 18, 34, 68, ESTIMATE, ASSUMED("200 MHz core on a 100 MHz SDRAM bus")),
	COST_OF(exc_hw, 3, 4, 6, ESTIMATE, "ARM9 exception entry"),
	COST_OF(clean_clean, 1, 2, 4, ESTIMATE, "by MVA or index, line not dirty"),
	COST_OF(clean_dirty, 12, 18, 28, ESTIMATE, "by MVA or index, line dirty"),
	INSN_COSTS_ARM9TDMI,
	{ 0 },
};
static const struct cpu_cost arm922_costs[] = {
	COST_OF(mem, 12, 16, 32, ESTIMATE, ASSUMED("166 MHz core on an 83 MHz SDRAM bus")),
	COST_OF(line_fill, 16, 32, 64, ESTIMATE, ASSUMED("166 MHz core on an 83 MHz SDRAM bus")),
	COST_OF(exc_hw, 3, 4, 6, ESTIMATE, "ARM9 exception entry"),
	COST_OF(clean_clean, 1, 2, 4, ESTIMATE, "by MVA or index, line not dirty"),
	COST_OF(clean_dirty, 11, 16, 26, ESTIMATE, "by MVA or index, line dirty"),
	INSN_COSTS_ARM9TDMI,
	{ 0 },
};

const struct cpu_row cpu_arm920t = {
	.name = "arm920t", .title = "ARM920T, 16 KB + 16 KB", .arch = "armv5",
	.cp = CP_CORE_ARM920T, .core_mhz = 200, .bus_mhz = 100,
	.config = {
		NO_UNIFIED, ARM92X_TLB, NO_UTLB, NO_MINI, NO_L2,
		.l1i = { 16384, 64, 32, REPLACE_RANDOM, CACHE_VIVT },
		.l1d = { 16384, 64, 32, REPLACE_RANDOM, CACHE_VIVT },
		.l1i_lock = HOST_LINE_INDEX, .l1d_lock = HOST_LINE_INDEX,
		.feature = ARM9_FEATURES, ARM9_WBUF, RUN_DEFAULTS,
	},
	.facts = arm92x_facts, .costs = arm920_costs,
	.note = "As in S3C2410, AT91RM9200, EP93xx. ARMv4T: without LDRD, STRD and CLZ.",
};

const struct cpu_row cpu_arm922t = {
	.name = "arm922t", .title = "ARM922T, 8 KB + 8 KB", .arch = "armv5",
	.cp = CP_CORE_ARM922T, .core_mhz = 166, .bus_mhz = 83,
	.config = {
		NO_UNIFIED, ARM92X_TLB, NO_UTLB, NO_MINI, NO_L2,
		.l1i = { 8192, 64, 32, REPLACE_RANDOM, CACHE_VIVT },
		.l1d = { 8192, 64, 32, REPLACE_RANDOM, CACHE_VIVT },
		.l1i_lock = HOST_LINE_INDEX, .l1d_lock = HOST_LINE_INDEX,
		.feature = ARM9_FEATURES, ARM9_WBUF, RUN_DEFAULTS,
	},
	.facts = arm92x_facts, .costs = arm922_costs,
	.note = "As in Excalibur and KS8695. ARMv4T: without LDRD, STRD and CLZ.",
};

static const struct cpu_fact arm926_facts[] = {
	FACT("tlb.", MANUAL, "DDI 0198D ch. 3: 2 ways of 32, and 8 lockdown entries"),
	FACT("tlb.policy", ESTIMATE, "not specified: round robin assumed"),
	FACT("itlb.", MANUAL, "DDI 0198D ch. 3: unified"),
	FACT("dtlb.", MANUAL, "DDI 0198D ch. 3: unified"),
	FACT("l1i.", MANUAL, "DDI 0198D ch. 4: 4 ways, lines of 32 B, VIVT"),
	FACT("l1d.", MANUAL, "DDI 0198D ch. 4: 4 ways, lines of 32 B, VIVT, two dirty bits"),
	FACT("l1i.bytes", MANUAL, "4 to 128 KB; 16 KB as in SPEAr300 and AM1x"),
	FACT("l1d.bytes", MANUAL, "4 to 128 KB; 16 KB as in SPEAr300 and AM1x"),
	FACT("l1i.policy", MANUAL, "DDI 0198D 2.3.2: random out of reset, SCTLR.RR selects round robin"),
	FACT("l1d.policy", MANUAL, "DDI 0198D 2.3.2: random out of reset, SCTLR.RR selects round robin"),
	FACT("l1i.lock", MANUAL, "DDI 0198D 2.3.10: way mask"),
	FACT("l1d.lock", MANUAL, "DDI 0198D 2.3.10: way mask"),
	FACT("wb.", MANUAL, "DDI 0198D 4.3: 16 words, 4 addresses"),
	FACT("wb.drain", ESTIMATE, "slowdowns are sensitive to it"),
	FACT("feature.ifsr", MANUAL, "DDI 0198D 2.3.5"),
	FACT("feature.fcse", MANUAL, "DDI 0198D 2.3.14"),
	FACT("feature.fine", MANUAL, "DDI 0198D 3.2"),
	ARM9_ABSENT,
	FACT("walk.sees", MANUAL, "DDI 0198D 3.2: the walker bypasses L1"),
	{ 0 },
};

const struct cpu_row cpu_arm926 = {
	.name = "arm926", .title = "ARM926EJ-S, 16 KB + 16 KB", .arch = "armv5",
	.cp = CP_CORE_ARM926, .core_mhz = 200, .bus_mhz = 100,
	.config = {
		.tlb = { .entries = 64, .ways = 2, .locked = 8, .policy = REPLACE_FIFO },
		NO_SPLIT, NO_UTLB, NO_MINI, NO_L2,
		.l1i = { 16384, 4, 32, REPLACE_RANDOM, CACHE_VIVT },
		.l1d = { 16384, 4, 32, REPLACE_RANDOM, CACHE_VIVT },
		.l1i_lock = HOST_LINE_WAYS, .l1d_lock = HOST_LINE_WAYS,
		.feature = ARM9_FEATURES, ARM9_WBUF, RUN_DEFAULTS,
	},
	.facts = arm926_facts,
	.note = "The core that the default unit costs describe.",
};
