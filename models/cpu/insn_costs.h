/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cycles of an instruction beyond its first, where they differ from the ARM9EJ-S's in costs.def.
 * "knowledge": as the core's manual is known to say, its table not looked up. Branches of cores
 * that predict them are assumptions: no predictor is modelled, so a taken branch costs its mean.
 */
#ifndef SHADEWALK_MODELS_CPU_INSN_COSTS_H
#define SHADEWALK_MODELS_CPU_INSN_COSTS_H

#include "models/cpu/rows.h"

#define TDMI "ARM9TDMI, DDI 0180A ch. 7"
#define INSN_COSTS_ARM9TDMI                                                             \
	COST_OF(addr_shift, 0, 0, 1, KNOWLEDGE, TDMI ": LDR, STR with a scaled offset 1 cycle"),  \
	COST_OF(mul, 2, 3, 5, KNOWLEDGE, TDMI ": 2 + m cycles, m by the operand's bytes; 2 assumed"), \
	COST_OF(mul_flags, 2, 3, 5, KNOWLEDGE, TDMI ": as without flags"),              \
	COST_OF(lmul, 3, 4, 6, KNOWLEDGE, TDMI ": 3 + m cycles"),                       \
	COST_OF(lmul_flags, 3, 4, 6, KNOWLEDGE, TDMI ": as without flags"),             \
	COST_OF(mul_use, 0, 0, 0, KNOWLEDGE, TDMI ": the product is there at the end"), \
	COST_OF(mrs, 0, 0, 0, KNOWLEDGE, TDMI ": MRS 1 cycle")

#define SA1 "StrongARM SA-1 core"
#define INSN_COSTS_SA1                                                                  \
	COST_OF(branch, 1, 1, 1, KNOWLEDGE, SA1 ": taken branch 2 cycles"),             \
	COST_OF(branch_reg, 1, 1, 1, KNOWLEDGE, SA1 ": no BX; as MOV to PC"),           \
	COST_OF(pc_alu, 1, 1, 2, KNOWLEDGE, SA1 ": 2 cycles, 3 with a shift by register"),     \
	COST_OF(pc_load, 3, 3, 4, ESTIMATE, SA1 ": LDR to PC 4 cycles"),                \
	COST_OF(addr_shift, 0, 0, 0, KNOWLEDGE, SA1 ": shifter before the address adder"),     \
	COST_OF(mul, 0, 1, 2, KNOWLEDGE, SA1 ": 1 to 3 cycles, by 12 bits of the operand"),    \
	COST_OF(mul_flags, 0, 1, 2, KNOWLEDGE, SA1 ": 1 to 3 cycles"),                  \
	COST_OF(lmul, 1, 2, 3, KNOWLEDGE, SA1 ": 2 to 4 cycles"),                       \
	COST_OF(lmul_flags, 1, 2, 3, KNOWLEDGE, SA1 ": 2 to 4 cycles"),                 \
	COST_OF(sub_use, 1, 1, 1, KNOWLEDGE, SA1 ": as a word"),                        \
	COST_OF(sub_use2, 0, 0, 0, KNOWLEDGE, SA1 ": as a word"),                       \
	COST_OF(mrs, 0, 0, 0, KNOWLEDGE, SA1 ": MRS 1 cycle")

#define XSC "XScale core manual, instruction latencies"
#define INSN_COSTS_XSCALE                                                               \
	COST_OF(branch, 0, 1, 4, ESTIMATE, XSC ": 0 by the BTB, 4 mispredicted; hit rate assumed"), \
	COST_OF(branch_reg, 4, 4, 4, KNOWLEDGE, XSC ": not in the BTB: 5 cycles"),      \
	COST_OF(pc_alu, 4, 4, 5, KNOWLEDGE, XSC ": 5 cycles, 6 with a shift by register"),     \
	COST_OF(pc_load, 7, 7, 9, KNOWLEDGE, XSC ": LDR to PC 8 cycles, LDM 10 at least"),     \
	COST_OF(addr_shift, 0, 1, 1, KNOWLEDGE, XSC ": 2 cycles with a scaled offset"), \
	COST_OF(mul, 0, 0, 2, KNOWLEDGE, XSC ": issues in 1 to 3 cycles, by operand"),  \
	COST_OF(mul_flags, 1, 2, 3, KNOWLEDGE, XSC ": 2 to 4 cycles, by operand"),      \
	COST_OF(lmul, 1, 1, 3, KNOWLEDGE, XSC ": 2 to 4 cycles, by operand"),           \
	COST_OF(lmul_flags, 2, 3, 4, KNOWLEDGE, XSC ": 3 to 5 cycles, by operand"),     \
	COST_OF(block, 2, 2, 2, KNOWLEDGE, XSC ": LDM, STM of n registers n + 2 cycles"),      \
	COST_OF(block_one, 2, 2, 2, KNOWLEDGE, XSC ": 3 cycles"),                       \
	COST_OF(load_use, 2, 2, 2, KNOWLEDGE, XSC ": result of a load after 3 cycles"), \
	COST_OF(load_use2, 1, 1, 1, KNOWLEDGE, XSC ": result of a load after 3 cycles"),       \
	COST_OF(sub_use, 2, 2, 2, KNOWLEDGE, XSC ": as a word"),                        \
	COST_OF(sub_use2, 1, 1, 1, KNOWLEDGE, XSC ": as a word"),                       \
	COST_OF(mul_use, 1, 2, 3, KNOWLEDGE, XSC ": product after 2 to 4 cycles, by operand"), \
	COST_OF(swp, 4, 4, 4, KNOWLEDGE, XSC ": 5 cycles"),                             \
	COST_OF(mrs, 0, 0, 1, KNOWLEDGE, XSC ": 1 cycle, result after 2"),              \
	COST_OF(msr, 1, 5, 5, KNOWLEDGE, XSC ": 2 cycles, 6 when the mode changes")

#define ARM11 "ARM1136JF-S, DDI 0211 ch. 16"
#define INSN_COSTS_ARM11                                                                \
	COST_OF(branch, 0, 1, 6, ESTIMATE, ARM11 ": 0 folded, 6 mispredicted; hit rate assumed"), \
	COST_OF(branch_reg, 3, 4, 6, ESTIMATE, ARM11 ": 4 cycles by the return stack, 5 to 7 without"), \
	COST_OF(pc_alu, 4, 5, 7, KNOWLEDGE, ARM11 ": 5 to 8 cycles"),                   \
	COST_OF(pc_load, 3, 5, 8, ESTIMATE, ARM11 ": 4 cycles by the return stack, 8 or 9 without"), \
	COST_OF(addr_shift, 0, 0, 1, KNOWLEDGE, ARM11 ": none for LSL #2, else 2 cycles"),     \
	COST_OF(mul_flags, 4, 4, 4, KNOWLEDGE, ARM11 ": 5 cycles"),                     \
	COST_OF(lmul_flags, 5, 5, 5, KNOWLEDGE, ARM11 ": 6 cycles"),                    \
	COST_OF(block_word, 0, 1, 1, ESTIMATE, ARM11 ": two words a cycle behind the pipeline; what comes next may wait"), \
	COST_OF(block_one, 0, 0, 0, KNOWLEDGE, ARM11 ": 1 cycle"),                      \
	COST_OF(load_use, 2, 2, 2, KNOWLEDGE, ARM11 ": result of a load after 3 cycles"),      \
	COST_OF(load_use2, 1, 1, 1, KNOWLEDGE, ARM11 ": result of a load after 3 cycles"),     \
	COST_OF(sub_use, 2, 2, 2, KNOWLEDGE, ARM11 ": as a word"),                      \
	COST_OF(sub_use2, 1, 1, 1, KNOWLEDGE, ARM11 ": as a word"),                     \
	COST_OF(mul_use, 1, 2, 3, KNOWLEDGE, ARM11 ": product after 3 or 4 cycles"),    \
	COST_OF(mrs, 0, 0, 0, KNOWLEDGE, ARM11 ": MRS 1 cycle"),                        \
	COST_OF(msr, 3, 3, 3, KNOWLEDGE, ARM11 ": MSR beyond the flags 4 cycles")

/* Two or more instructions a cycle are not modelled: cpi stays at 1, and stalls are small. */
#define CORTEX "assumption; issue of several instructions a cycle is not modelled"
#define INSN_COSTS_CORTEX                                                               \
	COST_OF(branch, 0, 1, 13, ESTIMATE, CORTEX "; mispredicted 13 (DDI 0344 table 16-16)"), \
	COST_OF(branch_reg, 0, 1, 13, ESTIMATE, CORTEX),                                \
	COST_OF(pc_alu, 0, 1, 13, ESTIMATE, CORTEX),                                    \
	COST_OF(pc_load, 0, 2, 14, ESTIMATE, CORTEX),                                   \
	COST_OF(addr_shift, 0, 0, 1, ESTIMATE, CORTEX),                                 \
	COST_OF(mul_flags, 0, 1, 2, ESTIMATE, CORTEX),                                  \
	COST_OF(lmul_flags, 1, 2, 3, ESTIMATE, CORTEX),                                 \
	COST_OF(alu_shift, 0, 0, 1, ESTIMATE, CORTEX),                                  \
	COST_OF(block_word, 0, 1, 1, ESTIMATE, CORTEX),                                 \
	COST_OF(block_one, 0, 0, 1, ESTIMATE, CORTEX),                                  \
	COST_OF(load_use, 0, 1, 3, ESTIMATE, CORTEX),                                   \
	COST_OF(sub_use, 0, 1, 3, ESTIMATE, CORTEX),                                    \
	COST_OF(sub_use2, 0, 0, 1, ESTIMATE, CORTEX),                                   \
	COST_OF(mul_use, 0, 2, 4, ESTIMATE, CORTEX)

#endif
