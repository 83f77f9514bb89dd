/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cores as rows. Manuals: AARM = DDI 0100I; 920T = DDI 0151C; 922T = DDI 0184B; 926 = DDI 0198D;
 * 1136 = DDI 0211; 1176 = DDI 0301H; MPC = DDI 0360F; A8 = DDI 0344; XSC = Intel XScale core
 * developer's manual; SA = Intel SA-1110 developer's manual. A cell that is not written is 0 or
 * false: the core lacks it.
 *
 * format             AARM B4.7; 926 3.2; XSC 3.2 (no supersections, fine tables kept); 1136 and
 *                    1176 6.11 (no fine tables, XP selects); A8: ARMv7 has XP = 1 always
 * unaligned          AARM B3.4, A2.7; 1136 4.2; 1176 4.2.3 to 4.2.5; A8 4.2 (U reads as one)
 * status             926 table 3-9; XSC tables of FSR; 1136 table 6.13; 1176 table 6.11
 * ldrd               AARM: ARMv5TE and later; 920T, 922T are ARMv4T, SA is ARMv4
 * sr                 AARM B4.3; 1176 table 6-1 (deprecated, whatever XP); gone in ARMv7
 * ttbcr, asid        AARM B4.7, B4.5: ARMv6 and later
 * pd                 1176 3.2.15; A8 3.2: security extensions
 * apx_111            1176 tables 6-1 and 3-151; ARMv7. Reserved before ARMv6K: 1136r0 and the
 *                    plain ARMv6 row. 1136 r1p0 and MPC as ARMv6K cores: knowledge
 * afe                1136 table 3.44 (r1p0), 1176 3.2.7 and MPC ("FA"), A8
 * afe_spares_sr      1176 6.5.2; no other manual says so
 * af_section_domain  1136 table 6.13, 1176 table 6.11: valid; MPC table 5.11: not. A8 as 1176:
 *                    assumption
 * shared_uncached    1136, 1176: knowledge. The others: assumed to be cached
 * tre                1136 table 3.44 (r1p0), 1176 3.2.7, MPC tables 5.6 and 5.7, A8
 */
#include "models/pt/mmu.h"

#include <string.h>

#define LEGACY(f) .format = { f, f }, .sr = true
#define ARMV6 .format = { PT_V6_SUBPAGES, PT_V6 }, .sr = true, .ldrd = true, .ttbcr = true, \
	.asid = true, .unaligned = UNALIGNED_BY_U, .status = STATUS_V6, .af_section_domain = true
#define ARMV6K ARMV6, .apx_111 = true, .afe = true, .tre = true

static const char v5[] = "armv5", v6[] = "armv6", xscale[] = "xscale";

static const struct mmu_arch rows[] = {
	{ v5, v5, "DDI 0100I", LEGACY(PT_V5), .ldrd = true },
	{ v6, v6, "DDI 0100I", ARMV6 },
	{ xscale, xscale, "Intel XScale core", LEGACY(PT_XSCALE), .ldrd = true,
	  .status = STATUS_XSCALE },
	{ "sa1110", v5, "Intel SA-1110", LEGACY(PT_V5) },
	{ "arm920", v5, "DDI 0151C", LEGACY(PT_V5) },
	{ "arm922", v5, "DDI 0184B", LEGACY(PT_V5) },
	{ "arm926", v5, "DDI 0198D", LEGACY(PT_V5), .ldrd = true },
	{ "pxa255", xscale, "Intel XScale core", LEGACY(PT_XSCALE), .ldrd = true,
	  .status = STATUS_XSCALE },
	{ "pxa270", xscale, "Intel XScale core", LEGACY(PT_XSCALE), .ldrd = true,
	  .status = STATUS_XSCALE },
	{ "arm1136r0", v6, "DDI 0211, r0p2", ARMV6, .shared_uncached = true },
	{ "arm1136", v6, "DDI 0211, r1p0 and later", ARMV6K, .shared_uncached = true },
	{ "arm1176", v6, "DDI 0301H", ARMV6K, .pd = true, .afe_spares_sr = true,
	  .shared_uncached = true },
	{ "mpcore", v6, "DDI 0360F", .format = { PT_V6_SUBPAGES, PT_V6 }, .sr = true,
	  .ldrd = true, .ttbcr = true, .asid = true, .unaligned = UNALIGNED_BY_U,
	  .status = STATUS_V6, .apx_111 = true, .afe = true, .tre = true },
	{ "cortex-a8", v6, "DDI 0344", .format = { PT_V6, PT_V6 }, .ldrd = true, .ttbcr = true,
	  .asid = true, .pd = true, .unaligned = UNALIGNED_ALWAYS, .status = STATUS_V6,
	  .af_section_domain = true, .apx_111 = true, .afe = true, .tre = true },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

const struct mmu_arch *mmu_rows(size_t *n)
{
	*n = ROWS;
	return rows;
}

const struct mmu_arch *mmu_find(const char *name, size_t length)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strlen(rows[i].name) == length && !memcmp(rows[i].name, name, length))
			return &rows[i];
	return NULL;
}

const struct mmu_arch *mmu_of_core(const char *core, const char *arch)
{
	static const struct { const char *core, *row; } other_name[] = {
		{ "arm920t", "arm920" }, { "arm922t", "arm922" },
		{ "cortex-a15", "cortex-a8" },  /* with short descriptors: assumption */
	};
	bool is_v6 = !strcmp(arch, v6);
	const struct mmu_arch *a;

	if (!is_v6 && strcmp(arch, v5))
		return NULL;
	for (size_t i = 0; i < sizeof(other_name) / sizeof(other_name[0]); i++)
		if (!strcmp(core, other_name[i].core))
			core = other_name[i].row;
	a = mmu_find(core, strlen(core));
	return a && !mmu_is_plain(a) && (a->arch == v6) == is_v6 ? a : mmu_find(arch, strlen(arch));
}
