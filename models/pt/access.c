/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One access from the address an instruction names to a physical address or a fault.
 *
 * 1. Alignment comes first and does not depend on SCTLR.M (DDI 0198D 3.5.1, DDI 0301H 6.9.2).
 *    Fetches and bytes are always aligned.
 * 2. FCSE relocates each address by itself, MMU on or off: with it off PA = MVA.
 * 3. What crosses a 1 KB boundary is translated twice, lower address first, and the first fault
 *    is the access's. 1 KB is the smallest granule of permission (DDI 0198D 3.3).
 */
#include "models/pt/mmu.h"

#include <assert.h>

/*
 * U = 0 (DDI 0301H 4.2.4 and table 4-3; before v6 the same): natural alignment, 8 bytes for
 * LDRD and STRD, checked when A = 1; else halfwords and words are forced aligned, and a
 * misaligned LDRD or STRD (UNPREDICTABLE) is a block of two words. U = 1 (4.2.5; DDI 0100I
 * A2.7): words and halfwords may lie anywhere while A = 0, multiple words, LDRD and STRD among
 * them, lie on words or fault.
 */
bool mmu_align(const struct mmu_arch *a, uint32_t sctlr, enum access access, unsigned size,
	       uint32_t *va)
{
	bool u = a->unaligned == UNALIGNED_ALWAYS ||
		 (a->unaligned == UNALIGNED_BY_U && sctlr & SCTLR_U);
	unsigned unit = size > 4 ? 4 : size;
	unsigned need = size == 8 && a->ldrd && !u ? 8 : unit;

	assert(size && size <= 64 && (size % 4 == 0 || size < 4));
	if (access == ACCESS_FETCH) {
		*va &= ~(size - 1);
		return true;
	}
	if (*va & (need - 1) && (sctlr & SCTLR_A || (u && size > 4)))
		return false;
	if (!u)
		*va &= ~(unit - 1);
	return true;
}

static void translate(const struct mmu_state *s, enum access access, bool user,
		      walk_read_fn read, void *ctx, struct mmu_part *p)
{
	p->mva = fcse_mva(p->va, s->fcse);
	walk_tables(s->arch, &s->regs, p->mva, read, ctx, &p->w);
	p->fs = (enum fault_status)p->w.fs;
	if (!p->fs)
		p->fs = mmu_check(s->arch, &p->w, p->mva, s->dacr, s->regs.sctlr, user, access);
}

void mmu_access(const struct mmu_state *s, enum access access, bool user, uint32_t va,
		unsigned size, walk_read_fn read, void *ctx, struct mmu_outcome *out)
{
	uint32_t last;

	out->fs = FS_NONE;
	out->parts = 0;
	out->va = va;
	out->domain = 0;
	out->far = fcse_mva(va, s->fcse);
	if (!mmu_align(s->arch, s->regs.sctlr, access, size, &out->va)) {
		out->fs = FS_ALIGN;
		return;
	}
	last = out->va + size - 1;              /* wraps at the end of the address space */
	out->part[0].va = out->va;
	out->part[1].va = last & ~(GRANULE_BYTES - 1u);
	do {
		struct mmu_part *p = &out->part[out->parts++];

		translate(s, access, user, read, ctx, p);
		out->fs = p->fs;
		out->far = p->mva;
		out->domain = p->w.domain;
	} while (!out->fs && out->parts < 2 && (out->va ^ last) >> GRANULE_LOG2);
	if (!out->fs)
		out->pa = walk_pa(&out->part[0].w, out->part[0].mva);
}
