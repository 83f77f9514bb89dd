/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One row a core. Figures: source and confidence in the row; unit costs in costs.def. */
#include <string.h>

#include "models/cpu/cpu.h"

const struct cpu_row cpu_rows[] = {
	{
		.name = "arm926", .title = "ARM926EJ-S, 16 KB + 16 KB", .arch = "armv5",
		.config = {
			.tlb = { .entries = 64, .ways = 2, .locked = 8, .policy = REPLACE_FIFO },
			.l1i = { 16384, 4, 32, REPLACE_RANDOM, CACHE_VIVT },
			.l1d = { 16384, 4, 32, REPLACE_RANDOM, CACHE_VIVT },
			.wb_entries = 4, .wb_words = 16, .wb_drain = 8,
			.hv_memory = HV_SIMULATED, .hv_ilines = 16, .hv_dlines = 4,
			.map = MAP_CONTIGUOUS, .map_base = 0x80000000,
			.cpu = CPU_HYPERCALL, .testclean = TESTCLEAN_COALESCED,
			.seed = 1,
		},
		.source = "TLB 2 x 32 + 8 lockdown, caches 4-way 32 B VIVT with two dirty bits, "
			"write buffer of 4 addresses and 16 words: ARM926EJ-S TRM DDI 0198D ch. 3, 4 (manual); "
			"16 KB + 16 KB as in SPEAr300 and AM1x (manual). TLB replacement is not "
			"specified: round robin assumed. Cache replacement: random out of reset, "
			"SCTLR.RR selects round robin. wb.drain = 8 accesses an entry, hv.ilines = 16 "
			"and hv.dlines = 4 lines an exit: assumptions.",
	},
};
const unsigned cpu_row_count = sizeof(cpu_rows) / sizeof(cpu_rows[0]);

const struct cpu_row *cpu_find(const char *name)
{
	for (unsigned i = 0; i < cpu_row_count; i++)
		if (!strcmp(cpu_rows[i].name, name))
			return &cpu_rows[i];
	return NULL;
}
