/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory types of ARMv6 (DDI 0301H tables 6-2 and 6-3; with TEX remap DDI 0360F tables 5.6 and 5.7).
 * They never change an address or a fault.
 */
#include "models/pt/mmu.h"

/* TRE = 0, TEX 0xx: by TEX C B. Codes of inner and outer are those of TEX 1BB, CB AA. */
static const struct pt_memory by_tex[16] = {
	{ MEM_STRONGLY_ORDERED, 0, 0, true }, { MEM_DEVICE, 0, 0, true },
	{ MEM_NORMAL, CACHE_WT, CACHE_WT, false }, { MEM_NORMAL, CACHE_WB, CACHE_WB, false },
	{ MEM_NORMAL, CACHE_NONE, CACHE_NONE, false }, { MEM_RESERVED, 0, 0, false },
	{ MEM_RESERVED, 0, 0, false }, { MEM_NORMAL, CACHE_WB_WA, CACHE_WB_WA, false },
	{ MEM_DEVICE, 0, 0, false }, { MEM_RESERVED, 0, 0, false },
	{ MEM_RESERVED, 0, 0, false }, { MEM_RESERVED, 0, 0, false },
	{ MEM_RESERVED, 0, 0, false }, { MEM_RESERVED, 0, 0, false },
	{ MEM_RESERVED, 0, 0, false }, { MEM_RESERVED, 0, 0, false },
};

/* PRRR: TRn [2n+1:2n], DS0 16, DS1 17, NS0 18, NS1 19. NMRR: IRn [2n+1:2n], ORn [2n+17:2n+16]. */
static struct pt_memory remapped(const struct pt_desc *leaf, uint32_t prrr, uint32_t nmrr)
{
	unsigned n = (leaf->tex & 1u) << 2 | leaf->cb, s = (leaf->attr & PT_S) != 0;
	struct pt_memory m = { .type = (uint8_t)(prrr >> 2 * n & 3) };

	switch (m.type) {
	case MEM_STRONGLY_ORDERED:
		m.shared = true;
		break;
	case MEM_DEVICE:
		m.shared = prrr >> (16 + s) & 1;
		break;
	case MEM_NORMAL:
		m.shared = prrr >> (18 + s) & 1;
		m.inner = nmrr >> 2 * n & 3;
		m.outer = nmrr >> (2 * n + 16) & 3;
		break;
	}
	return m;
}

struct pt_memory mmu_memory(const struct mmu_arch *a, const struct pt_desc *leaf, uint32_t sctlr,
			    uint32_t prrr, uint32_t nmrr)
{
	struct pt_memory m;

	if (mmu_tex_remap(a, sctlr))
		return remapped(leaf, prrr, nmrr);
	if (leaf->tex & 4)
		m = (struct pt_memory){ MEM_NORMAL, leaf->cb, leaf->tex & 3, false };
	else
		m = by_tex[leaf->tex << 2 | leaf->cb];
	if (m.type == MEM_NORMAL)
		m.shared = leaf->attr & PT_S;
	return m;
}
