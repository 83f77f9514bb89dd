/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of rows: the rows themselves, and what they are written with. */
#ifndef SHADEWALK_MODELS_CPU_ROWS_H
#define SHADEWALK_MODELS_CPU_ROWS_H

#include "models/cpu/cpu.h"

extern const struct cpu_row cpu_arm920t, cpu_arm922t, cpu_arm926;              /* cpus_arm9.c */
extern const struct cpu_row cpu_sa1110, cpu_pxa255, cpu_pxa270;                /* cpus_xscale.c */
extern const struct cpu_row cpu_arm1136, cpu_arm1176, cpu_mpcore;              /* cpus_arm11.c */
extern const struct cpu_row cpu_cortex_a8, cpu_cortex_a15, cpu_generic;        /* cpus_late.c */

/* The key, or one of the group that ends in '.'. */
bool cpu_key_fits(const char *pattern, const char *key);

/* What no row has anything else for; the shapes stand ready for --set. */
#define NO_SPLIT .itlb = { 0, 32, 0, REPLACE_FIFO }, .dtlb = { 0, 32, 0, REPLACE_FIFO }
#define NO_UNIFIED .tlb = { 0, 64, 0, REPLACE_FIFO }
#define NO_UTLB .utlb = { 0, 8, 0, REPLACE_FIFO }
#define NO_MINI .minid = { 0, 2, 32, REPLACE_FIFO, CACHE_VIVT }
#define NO_L2 .l2 = { 0, 8, 32, REPLACE_RANDOM, CACHE_PIPT }
/* What a run asks for, and the monitor's footprint. */
#define RUN_DEFAULTS                                                            \
	.hv_memory = HV_SIMULATED, .hv_ilines = 16, .hv_dlines = 4,             \
	.hv_window = 0xfff00000, .hv_window_bytes = 0x100000,                   \
	.hv_vectors = HV_VECTORS_OVERLAY,                                       \
	.map = MAP_CONTIGUOUS, .map_base = 0x80000000, .map_block = FRAME_BYTES,\
	.cpu = CPU_HYPERCALL, .testclean = TESTCLEAN_COALESCED, .seed = 1,         \
	.vivt = VIVT_EXECUTE, .ldrt = LDRT_TRAP, .ldrt_gap = 32

#define FACT(key, conf, source) { key, CONF_##conf, source }
#define COST_OF(prim, low, nominal, high, conf, source) \
	{ PRIM_##prim, { low, nominal, high }, CONF_##conf, source }

#endif
