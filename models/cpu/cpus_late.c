/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cortex-A8 (v7), Cortex-A15 (v7 with virtualization: the host of nested paging), and a core
 * that is no product. */
#include <stddef.h>

#include "models/cpu/insn_costs.h"
#include "models/cpu/rows.h"

#define V7_FEATURES [FEATURE_AFE] = 1, [FEATURE_ASID] = 1, [FEATURE_IFAR] = 1, [FEATURE_IFSR] = 1, \
	[FEATURE_PD] = 1, [FEATURE_TEX] = 1, [FEATURE_TRE] = 1, [FEATURE_TTBCR] = 1, \
	[FEATURE_V6K] = 1, [FEATURE_WNR] = 1, [FEATURE_XN] = 1

static const struct cpu_fact a8_facts[] = {
	FACT("tlb.", MANUAL, "DDI 0344 6.1: two TLBs, none unified"),
	FACT("tlb.lock", MANUAL, "DDI 0344 3.2.56: base, victim and P of each TLB"),
	FACT("itlb.", MANUAL, "DDI 0344 6.1: 32 entries, fully associative, round robin"),
	FACT("dtlb.", MANUAL, "DDI 0344 6.1: 32 entries, fully associative, round robin"),
	FACT("utlb.", KNOWLEDGE, "one level of TLB"),
	FACT("l1i.", KNOWLEDGE, "DDI 0344 ch. 7: 4 ways, lines of 64 B"),
	FACT("l1d.", KNOWLEDGE, "DDI 0344 ch. 7: 4 ways, lines of 64 B"),
	FACT("l1i.bytes", KNOWLEDGE, "16 or 32 KB; 16 KB as in OMAP3530"),
	FACT("l1d.bytes", KNOWLEDGE, "16 or 32 KB; 16 KB as in OMAP3530"),
	FACT("l1i.kind", KNOWLEDGE, "VIPT"),
	FACT("l1d.kind", KNOWLEDGE, "behaves without aliases: the core detects them"),
	FACT("l1i.policy", KNOWLEDGE, "random"), FACT("l1d.policy", KNOWLEDGE, "random"),
	FACT("l1i.lock", KNOWLEDGE, "none in L1"), FACT("l1d.lock", KNOWLEDGE, "none in L1"),
	FACT("l1d.write", KNOWLEDGE, "write-back and write-through pages"),
	FACT("l1d.allocate", ESTIMATE, "by the page's attributes; writes counted in"),
	FACT("l2.", KNOWLEDGE, "DDI 0344 ch. 8: 8 ways, lines of 64 B, physically indexed"),
	FACT("l2.bytes", KNOWLEDGE, "0 to 1 MB; 256 KB as in OMAP3530"),
	FACT("l2.policy", KNOWLEDGE, "random"),
	FACT("minid.", KNOWLEDGE, "no mini data cache"),
	FACT("walk.sees", MANUAL, "DDI 0344 table 16-16: a walk may hit L2, never L1"),
	FACT("wb.", ESTIMATE, "a store buffer; its size was not found"),
	FACT("feature.", KNOWLEDGE, "DDI 0406C, DDI 0344"),
	FACT("feature.fcse", KNOWLEDGE, "DDI 0344 c13,c0,0"),
	{ 0 },
};

#define A8_BOARD "assumption for a 600 MHz core on a 166 MHz LPDDR bus, no L2 hit"
static const struct cpu_cost a8_costs[] = {
	COST_OF(mem, 68, 90, 180, ESTIMATE, A8_BOARD),
	COST_OF(line_fill, 90, 115, 230, ESTIMATE, A8_BOARD ": mem and 7 further beats of 8 bytes"),
	COST_OF(exc_hw, 9, 13, 18, ESTIMATE, "as a mispredicted branch: 13 (DDI 0344 table 16-16)"),
	COST_OF(cp15_op, 5, 7, 10, ESTIMATE, "simple CP15 operation"),
	COST_OF(clean_clean, 7, 10, 16, ESTIMATE, "by MVA, line not dirty"),
	COST_OF(clean_dirty, 16, 25, 42, ESTIMATE, "by MVA, line dirty"),
	COST_OF(l2_word, 8, 8, 16, MANUAL, "DDI 0344 table 16-16: an L1 data miss, at least; high: estimate"),
	COST_OF(l2_line, 8, 16, 24, ESTIMATE, "l2_word and 8 further beats of 8 bytes, half of them waited for"),
	INSN_COSTS_CORTEX,
	{ 0 },
};

const struct cpu_row cpu_cortex_a8 = {
	.name = "cortex-a8", .title = "Cortex-A8, 16 KB + 16 KB, L2 256 KB", .arch = "armv6",
	.cp = CP_CORE_A8, .core_mhz = 600, .bus_mhz = 166,
	.config = {
		NO_UNIFIED, NO_UTLB, NO_MINI, .tlb_lock = HOST_TLB_BASE,
		.itlb = { 32, 32, 0, REPLACE_FIFO }, .dtlb = { 32, 32, 0, REPLACE_FIFO },
		.l1i = { 16384, 4, 64, REPLACE_RANDOM, CACHE_VIPT },
		.l1d = { 16384, 4, 64, REPLACE_RANDOM, CACHE_PIPT },
		.l2 = { 262144, 8, 64, REPLACE_RANDOM, CACHE_PIPT },
		.l1d_allocate = L1D_READ_WRITE, .walk_sees = WALK_SEES_L2,
		.feature = { V7_FEATURES, [FEATURE_FCSE] = 1 },
		.wb_entries = 8, .wb_words = 32, .wb_drain = 8, .wb_merge = HOST_MERGE_ANY,
		RUN_DEFAULTS,
	},
	.l2_in_core = true,     /* DDI 0344: c7 operations by address reach the point of coherency */
	.facts = a8_facts, .costs = a8_costs,
	.note = "With an L2 hit: an L1 data miss costs 8 cycles, a TLB miss 24 (DDI 0344 table 16-16).",
};

static const struct cpu_fact a15_facts[] = {
	FACT("tlb.", MANUAL, "DDI 0438 5.2: 512 entries, 4 ways, unified"),
	FACT("tlb.policy", ESTIMATE, "not specified: round robin assumed"),
	FACT("tlb.lock", KNOWLEDGE, "no TLB lockdown"), FACT("tlb.locked", KNOWLEDGE, "no TLB lockdown"),
	FACT("itlb.", MANUAL, "DDI 0438 5.2: the main TLB is unified"),
	FACT("dtlb.", MANUAL, "DDI 0438 5.2: the main TLB is unified"),
	FACT("utlb.", MANUAL, "DDI 0438 5.2: 32 for fetches, 32 for loads; 32 more for stores, not "
	     "told apart here"),
	FACT("utlb.policy", ESTIMATE, "not specified: round robin assumed"),
	FACT("l1i.", KNOWLEDGE, "DDI 0438 ch. 6: 32 KB, 2 ways, lines of 64 B, LRU, without aliases"),
	FACT("l1d.", KNOWLEDGE, "DDI 0438 ch. 6: 32 KB, 2 ways, lines of 64 B, LRU, physically indexed"),
	FACT("l1d.allocate", MANUAL, "DDI 0438 6.4: write-allocate; write-through pages are not cached"),
	FACT("l2.", MANUAL, "DDI 0438 7.1: 16 ways, lines of 64 B, random, inclusive of L1 data"),
	FACT("l2.bytes", MANUAL, "DDI 0438 7.1: 512 KB to 4 MB; 1 MB chosen"),
	FACT("minid.", KNOWLEDGE, "no mini data cache"),
	FACT("walk.sees", KNOWLEDGE, "walks are coherent"),
	FACT("walk.entries", ESTIMATE, "DDI 0438 5.2: caches of partial walks, no size given; 16 assumed"),
	FACT("walk.nested", ESTIMATE, "which words they hold is not said: the guest's assumed"),
	FACT("ntlb.entries", ESTIMATE, "DDI 0438 5.2 names no size; 16 assumed (64 on the Cortex-A53)"),
	FACT("wb.", ESTIMATE, "a store buffer; its size was not found"),
	FACT("feature.", KNOWLEDGE, "DDI 0406C, DDI 0438"),
	FACT("feature.walk-cache", MANUAL, "DDI 0438 5.2: caches of partial walks"),
	{ 0 },
};

#define A15_BOARD "assumption for a 1700 MHz core with DDR3, no L2 hit"
static const struct cpu_cost a15_costs[] = {
	COST_OF(mem, 135, 180, 360, ESTIMATE, A15_BOARD),
	COST_OF(line_fill, 180, 210, 420, ESTIMATE, A15_BOARD ": mem and 7 further beats of 8 bytes"),
	COST_OF(exc_hw, 9, 13, 20, ESTIMATE, "exception entry"),
	COST_OF(hyp_entry, 86, 229, 514, ESTIMATE, "entry and exit 150/400/900: in-core hypervisor, of which the "
		"trap itself is 27 (KVM/ARM, ASPLOS 2014: from memory)"),
	COST_OF(hyp_exit, 64, 171, 386, ESTIMATE, "the other part"),
	COST_OF(cp15_op, 6, 10, 16, ESTIMATE, "simple CP15 operation"),
	COST_OF(clean_clean, 10, 15, 24, ESTIMATE, "by MVA, line not dirty"),
	COST_OF(clean_dirty, 20, 30, 50, ESTIMATE, "by MVA, line dirty"),
	COST_OF(utlb_miss, 4, 6, 10, ESTIMATE, "first-level TLB miss that the main TLB answers"),
	COST_OF(l2_word, 15, 20, 30, ESTIMATE, "first word of an L2 hit, and a walk step there"),
	COST_OF(l2_line, 20, 24, 36, ESTIMATE, "line from L2"),
	COST_OF(walk_snoop, 10, 15, 25, ESTIMATE, "a walk looks L1 up by way of L2"),
	INSN_COSTS_CORTEX,
	{ 0 },
};

const struct cpu_row cpu_cortex_a15 = {
	.name = "cortex-a15", .title = "Cortex-A15, 32 KB + 32 KB, L2 1 MB", .arch = "armv6",
	.cp = CP_CORE_A15, .core_mhz = 1700, .bus_mhz = 400,
	.config = {
		.tlb = { 512, 4, 0, REPLACE_FIFO }, NO_SPLIT, NO_MINI,
		.utlb = { 32, 32, 0, REPLACE_FIFO },
		.l1i = { 32768, 2, 64, REPLACE_LRU, CACHE_PIPT },
		.l1d = { 32768, 2, 64, REPLACE_LRU, CACHE_PIPT },
		.l2 = { 1048576, 16, 64, REPLACE_RANDOM, CACHE_PIPT },
		.l1d_allocate = L1D_READ_WRITE, .walk_sees = WALK_SEES_L1, .walk_entries = 16,
		.ntlb_entries = 16,
		.feature = { V7_FEATURES, [FEATURE_COHERENT] = 1, [FEATURE_LPAE] = 1,
			     [FEATURE_VMID] = 1, [FEATURE_WALK_CACHE] = 1 },
		.wb_entries = 16, .wb_words = 64, .wb_drain = 8, .wb_merge = HOST_MERGE_ANY,
		RUN_DEFAULTS,
	},
	.l2_in_core = true,     /* DDI 0438 7.1 */
	.facts = a15_facts, .costs = a15_costs,
	.utlb_granule_log2 = FRAME_LOG2, .utlb_keeps = true,    /* DDI 0438 5.1, 5.2 */
	.note = "With an L2 hit: first word about 20 cycles, line 24, a walk step 15 to 20 (estimates). "
		"First-level TLBs split larger pages to 4 KB (DDI 0438 5.2).",
};

static const struct cpu_fact generic_facts[] = {
	FACT("tlb.", CHOICE, "64 entries, fully associative, LRU: nothing that a product would add"),
	FACT("itlb.", CHOICE, "unified; where it is split: 64 entries, fully associative, LRU"),
	FACT("dtlb.", CHOICE, "unified; where it is split: 64 entries, fully associative, LRU"),
	FACT("utlb.", CHOICE, "none"), FACT("minid.", CHOICE, "none"), FACT("l2.", CHOICE, "none"),
	FACT("l1i.", CHOICE, "16 KB, 4 ways, lines of 32 B, LRU, without aliases"),
	FACT("l1d.", CHOICE, "16 KB, 4 ways, lines of 32 B, LRU, write-back, without aliases"),
	FACT("l1d.allocate", CHOICE, "on writes, too: what textbooks and cache simulators start from"),
	FACT("wb.", CHOICE, "as the ARM926EJ-S's"),
	FACT("walk.sees", CHOICE, "as all cores before the Cortex-A8"),
	FACT("feature.", CHOICE, "as the ARM926EJ-S's"),
	{ 0 },
};

const struct cpu_row cpu_generic = {
	.name = "generic", .title = "no product: plain values, made to be changed", .arch = "armv5",
	.cp = CP_CORE_GENERIC_V5, .core_mhz = 200, .bus_mhz = 100,
	.config = {
		.tlb = { 64, 64, 0, REPLACE_LRU }, NO_UTLB, NO_MINI, NO_L2,
		.itlb = { 0, 64, 0, REPLACE_LRU }, .dtlb = { 0, 64, 0, REPLACE_LRU },
		.l1i = { 16384, 4, 32, REPLACE_LRU, CACHE_PIPT },
		.l1d = { 16384, 4, 32, REPLACE_LRU, CACHE_PIPT }, .l1d_allocate = L1D_READ_WRITE,
		.l1i_lock = HOST_LINE_WAYS, .l1d_lock = HOST_LINE_WAYS,
		.feature = { [FEATURE_FCSE] = 1, [FEATURE_FINE] = 1, [FEATURE_IFSR] = 1 },
		.wb_entries = 4, .wb_words = 16, .wb_drain = 8, .wb_merge = HOST_MERGE_BURST,
		RUN_DEFAULTS,
	},
	.facts = generic_facts,
	.note = "Unit costs are the default ones, which describe an ARM926EJ-S at 200 MHz: for imported streams "
		"they are assumptions all of them; its counts are not.",
};
