/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ARM1136JF-S (v6, r1 with v6K), ARM1176JZF-S (v6K), ARM11 MPCore (v6K). */
#include <stddef.h>

#include "models/cpu/insn_costs.h"
#include "models/cpu/rows.h"

#define V6K_FEATURES [FEATURE_AFE] = 1, [FEATURE_ASID] = 1, [FEATURE_FCSE] = 1, [FEATURE_IFSR] = 1, \
	[FEATURE_TEX] = 1, [FEATURE_TRE] = 1, [FEATURE_TTBCR] = 1, [FEATURE_V6K] = 1, \
	[FEATURE_WNR] = 1, [FEATURE_XN] = 1
#define ARM11_TLB .tlb = { 64, 2, 8, REPLACE_FIFO }, .tlb_lock = HOST_TLB_PART, NO_SPLIT
#define ARM11_UTLB .utlb = { 10, 10, 0, REPLACE_FIFO }
#define ARM11_WBUF .wb_entries = 8, .wb_words = 16, .wb_drain = 8, .wb_merge = HOST_MERGE_BURST

#define ARM11_FACTS(conf, manual) \
	FACT("itlb.", conf, manual ": the main TLB is unified"), \
	FACT("dtlb.", conf, manual ": the main TLB is unified"), \
	FACT("tlb.policy", ESTIMATE, "not specified: round robin assumed"), \
	FACT("minid.", KNOWLEDGE, "no mini data cache"), \
	FACT("l1i.policy", conf, manual ": random, SCTLR.RR selects round robin"), \
	FACT("l1d.policy", conf, manual ": random, SCTLR.RR selects round robin"), \
	FACT("feature.", conf, manual ": programmer's model"), \
	FACT("feature.coherent-walk", conf, manual ": the walker never reads L1"), \
	FACT("feature.lpae", KNOWLEDGE, "ARMv7 with virtualization only"), \
	FACT("feature.vmid", KNOWLEDGE, "ARMv7 with virtualization only"), \
	FACT("feature.walk-cache", KNOWLEDGE, "none known")

#define FIFO_WBUF FACT("wb.", ESTIMATE, "a FIFO write buffer; its size was not found")

static const struct cpu_fact arm1136_facts[] = {
	ARM11_FACTS(MANUAL, "DDI 0211"),
	FIFO_WBUF,
	FACT("tlb.", KNOWLEDGE, "DDI 0301H 6.2, applied to this core: 2 ways of 32, and 8 lockdown entries"),
	FACT("utlb.", KNOWLEDGE, "DDI 0301H 6.2, applied to this core: 10 entries a side, fully associative"),
	FACT("utlb.policy", KNOWLEDGE, "round robin or random"),
	FACT("l1i.", KNOWLEDGE, "DDI 0301H ch. 7, applied to this core: 4 ways, lines of 32 B, VIPT"),
	FACT("l1d.", KNOWLEDGE, "DDI 0301H ch. 7, applied to this core: 4 ways, lines of 32 B, VIPT"),
	FACT("l1i.bytes", KNOWLEDGE, "4 to 64 KB; 16 KB as in i.MX31"),
	FACT("l1d.bytes", KNOWLEDGE, "4 to 64 KB; 16 KB as in i.MX31"),
	FACT("l1i.lock", MANUAL, "DDI 0211 3.3.19: way mask"),
	FACT("l1d.lock", MANUAL, "DDI 0211 3.3.19: way mask"),
	FACT("l2.", KNOWLEDGE, "none in the core; i.MX31 has an L210 of 128 KB with 8 ways"),
	FACT("walk.sees", MANUAL, "DDI 0211 6.11: past L1, whatever TTBR says"),
	FACT("feature.ifar", KNOWLEDGE, "c6,c0,1 is the watchpoint address"),
	FACT("feature.pd", MANUAL, "security extensions only"),
	FACT("feature.v6k", KNOWLEDGE, "from r1p0 on"),
	{ 0 },
};

static const struct cpu_fact arm1176_facts[] = {
	ARM11_FACTS(MANUAL, "DDI 0301H"),
	FIFO_WBUF,
	FACT("tlb.", MANUAL, "DDI 0301H 6.2: 2 ways of 32, and 8 lockdown entries"),
	FACT("utlb.", MANUAL, "DDI 0301H 6.2.1: 10 entries a side, fully associative"),
	FACT("utlb.policy", MANUAL, "DDI 0301H 6.2.1: round robin or random, configurable"),
	FACT("l1i.", MANUAL, "DDI 0301H ch. 7: 4 ways, lines of 32 B, VIPT"),
	FACT("l1d.", MANUAL, "DDI 0301H ch. 7: 4 ways, lines of 32 B, VIPT, no write-allocate"),
	FACT("l1i.bytes", MANUAL, "4 to 64 KB; 16 KB as in BCM2835"),
	FACT("l1d.bytes", MANUAL, "4 to 64 KB; 16 KB as in BCM2835"),
	FACT("l1i.lock", MANUAL, "DDI 0301H 3.2.26: way mask; with all locked, way 0"),
	FACT("l1d.lock", MANUAL, "DDI 0301H 3.2.26: way mask; with all locked, way 0"),
	FACT("l2.", KNOWLEDGE, "BCM2835: the CPU bypasses the 128 KB of the GPU side"),
	FACT("walk.sees", MANUAL, "DDI 0301H 3.2.13: past L1, whatever TTBR says"),
	FACT("feature.pd", MANUAL, "DDI 0301H 3.2.15"),
	{ 0 },
};

static const struct cpu_fact mpcore_facts[] = {
	ARM11_FACTS(KNOWLEDGE, "DDI 0360F"),
	FACT("tlb.", KNOWLEDGE, "2 ways of 32, and 8 lockdown entries"),
	FACT("utlb.", KNOWLEDGE, "8 or 10 entries a side"),
	FACT("l1i.", KNOWLEDGE, "4 ways, lines of 32 B, VIPT"),
	FACT("l1d.", KNOWLEDGE, "4 ways, lines of 32 B; cache type reports no aliases"),
	FACT("l1d.allocate", KNOWLEDGE, "write-allocate"),
	FACT("l1i.bytes", SOURCE, "16 to 64 KB; 32 KB by the cache type that QEMU reports"),
	FACT("l1d.bytes", SOURCE, "16 to 64 KB; 32 KB by the cache type that QEMU reports"),
	FACT("l2.", KNOWLEDGE, "none in the core; an L220 beside it"),
	FACT("walk.sees", KNOWLEDGE, "past L1"),
	FACT("wb.", ESTIMATE, "a merging store buffer; its size was not found"),
	FACT("feature.pd", KNOWLEDGE, "security extensions only"),
	{ 0 },
};

#define SWEPT "a line of an operation on the whole cache: 1 to 2 cycles, assumption"
#define COSTS_ARM11(board, m, ml, mh, f, fl, fh, d, dl, dh) { \
	COST_OF(mem, ml, m, mh, ESTIMATE, "assumption for a " board), \
	COST_OF(line_fill, fl, f, fh, ESTIMATE, "assumption for a " board), \
	COST_OF(exc_hw, 6, 9, 14, ESTIMATE, "ARM11 exception entry"), \
	COST_OF(cp15_op, 2, 3, 6, ESTIMATE, "simple CP15 operation, ARM11"), \
	COST_OF(clean_clean, 2, 3, 5, ESTIMATE, "by MVA, line not dirty"), \
	COST_OF(clean_dirty, dl, d, dh, ESTIMATE, "by MVA, line dirty"), \
	COST_OF(test_clean, 1, 1, 2, ESTIMATE, SWEPT), \
	INSN_COSTS_ARM11, \
	{ 0 }, \
}
static const struct cpu_cost arm1136_costs[] =
	COSTS_ARM11("400 MHz core on a 133 MHz DDR bus", 45, 34, 90, 65, 45, 130, 20, 13, 34);
static const struct cpu_cost arm1176_costs[] =
	COSTS_ARM11("700 MHz core on a 250 MHz LPDDR2 bus", 90, 68, 180, 120, 90, 240, 25, 17, 42);
static const struct cpu_cost mpcore_costs[] =
	COSTS_ARM11("400 MHz core on a 200 MHz bus", 50, 38, 100, 70, 50, 140, 22, 15, 37);

const struct cpu_row cpu_arm1136 = {
	.name = "arm1136", .title = "ARM1136JF-S r1, 16 KB + 16 KB", .arch = "armv6",
	.cp = CP_CORE_ARM1136, .core_mhz = 400, .bus_mhz = 133,
	.config = {
		ARM11_TLB, ARM11_UTLB, NO_MINI, NO_L2,
		.l1i = { 16384, 4, 32, REPLACE_RANDOM, CACHE_VIPT },
		.l1d = { 16384, 4, 32, REPLACE_RANDOM, CACHE_VIPT },
		.l1i_lock = HOST_LINE_WAYS, .l1d_lock = HOST_LINE_WAYS,
		.feature = { V6K_FEATURES }, ARM11_WBUF, RUN_DEFAULTS,
	},
	.facts = arm1136_facts, .costs = arm1136_costs,
	.note = "Shared normal memory is not cached in L1 (knowledge). A micro-TLB miss that hits the "
		"main TLB: about 4 cycles (estimate).",
};

const struct cpu_row cpu_arm1176 = {
	.name = "arm1176", .title = "ARM1176JZF-S, 16 KB + 16 KB", .arch = "armv6",
	.cp = CP_CORE_ARM1176, .core_mhz = 700, .bus_mhz = 250,
	.config = {
		ARM11_TLB, ARM11_UTLB, NO_MINI, NO_L2,
		.l1i = { 16384, 4, 32, REPLACE_RANDOM, CACHE_VIPT },
		.l1d = { 16384, 4, 32, REPLACE_RANDOM, CACHE_VIPT },
		.l1i_lock = HOST_LINE_WAYS0, .l1d_lock = HOST_LINE_WAYS0,
		.feature = { V6K_FEATURES, [FEATURE_IFAR] = 1, [FEATURE_PD] = 1 },
		ARM11_WBUF, RUN_DEFAULTS,
	},
	.facts = arm1176_facts, .costs = arm1176_costs,
	.note = "A micro-TLB miss that hits the main TLB: about 4 cycles (estimate).",
};

const struct cpu_row cpu_mpcore = {
	.name = "mpcore", .title = "ARM11 MPCore, one core, 32 KB + 32 KB", .arch = "armv6",
	.cp = CP_CORE_MPCORE, .core_mhz = 400, .bus_mhz = 200,
	.config = {
		ARM11_TLB, .utlb = { 8, 8, 0, REPLACE_FIFO }, NO_MINI, NO_L2,
		.l1i = { 32768, 4, 32, REPLACE_RANDOM, CACHE_VIPT },
		.l1d = { 32768, 4, 32, REPLACE_RANDOM, CACHE_PIPT },
		.l1i_lock = HOST_LINE_WAYS, .l1d_lock = HOST_LINE_WAYS,
		.l1d_allocate = L1D_READ_WRITE,
		.feature = { V6K_FEATURES, [FEATURE_IFAR] = 1 }, ARM11_WBUF, RUN_DEFAULTS,
	},
	.facts = mpcore_facts, .costs = mpcore_costs,
	.note = "Coherency between cores is not described here.",
};
