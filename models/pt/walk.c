/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reference walk (ARM DDI 0100I chapter B4, ARM DDI 0198D 3.2 and figure 3-13, DDI 0301H
 * 6.11).
 *
 * 1. At most one word is read per level, at the address the table base and MVA spell.
 * 2. The second level is read before the domain is looked at: translation outranks domain.
 * 3. DACR, S, R, AFE, privilege and the kind of access have no part in it; mmu_check applies
 *    them.
 * 4. There is one walk. walk_v5 and walk_tables are this walk for a row known and not known to
 *    the compiler.
 *
 * Not modelled: memory attributes of the walk itself, endianness, secure and non-secure tables.
 */
#include "models/pt/mmu.h"

#include <string.h>

#include "models/pt/v5_fields.h"
#include "models/pt/v6_fields.h"

#define SPECIALISED static inline __attribute__((always_inline))

/* All that a walk asks of a row, for cores whose tables are those of ARMv5. */
static const struct mmu_arch legacy = { .ttbcr = false };

/* MMU off: the megabyte around mva onto itself, unchecked, uncached, unbuffered. */
static void walk_identity(gva_t mva, struct walk *out)
{
	out->leaf.kind = PT_LEAF;
	out->leaf.base = v5_section_base_at(mva.raw);
	out->leaf.size_log2 = SECTION_LOG2;
	memset(out->leaf.ap, 3, sizeof(out->leaf.ap));
}

/* out->leaf is the table's descriptor, and becomes what the table holds for mva. */
SPECIALISED enum fault_status walk_l2(enum pt_format f, gva_t mva, walk_read_fn read, void *ctx,
				      struct walk *out)
{
	bool fine = out->leaf.kind == PT_FINE;
	uint32_t index = fine ? v5_mva_fine_index(mva.raw) : v5_mva_coarse_index(mva.raw);
	uint32_t word;

	out->levels = 2;
	out->l2_addr = out->leaf.base | index << PT_WORD_LOG2;
	if (!read(ctx, out->l2_addr, &word)) {
		memset(&out->leaf, 0, sizeof(out->leaf));
		return FS_WALK_EXT_L2;
	}
	out->l2 = word;
	if (f == PT_V5)
		pt_decode_v5_l2(word, fine, &out->leaf);
	else
		pt_decode_l2(f, word, fine, &out->leaf);
	if (out->leaf.kind == PT_FAULT)
		return FS_TRANS_PAGE;
	out->leaf.domain = out->domain;
	return FS_NONE;
}

/*
 * TTBCR.N = 0, or the N upper bits of mva all zero: TTBR0, whose table has 16 KB >> N and is
 * aligned to that; else TTBR1, 16 KB always (DDI 0301H 3.2.13 to 3.2.15). With N = 0 this is
 * the rule of ARMv5.
 */
SPECIALISED struct mmu_table table_of(const struct mmu_arch *a, const struct walk_regs *r,
				      gva_t mva)
{
	uint32_t index = v5_mva_l1_index(mva.raw) << PT_WORD_LOG2;
	uint32_t n = a->ttbcr ? v6_ttbcr_n(r->ttbcr) : 0;
	uint32_t base;

	if (n && mva.raw >> (32 - n))
		return (struct mmu_table){ v6_ttbr_base_at(r->ttbr1) | index, true,
					   a->pd && v6_ttbcr_pd1(r->ttbcr) };
	base = n ? r->ttbr0 & FIELD_MASK(31, 14 - n) : v5_ttb_base_at(r->ttbr0);
	return (struct mmu_table){ base | index, false, a->pd && v6_ttbcr_pd0(r->ttbcr) };
}

struct mmu_table mmu_table_of(const struct mmu_arch *a, const struct walk_regs *r, gva_t mva)
{
	return table_of(a, r, mva);
}

SPECIALISED enum fault_status walk_l1(const struct mmu_arch *a, enum pt_format f,
				      const struct walk_regs *r, gva_t mva, walk_read_fn read,
				      void *ctx, struct walk *out)
{
	struct mmu_table t = table_of(a, r, mva);
	uint32_t word;

	if (t.disabled)
		return FS_TRANS_SECTION;
	out->levels = 1;
	out->l1_addr = t.l1_addr;
	if (!read(ctx, out->l1_addr, &word))
		return FS_WALK_EXT_L1;
	out->l1 = word;
	if (f == PT_V5)
		pt_decode_v5_l1(word, &out->leaf);
	else
		pt_decode_l1(f, word, &out->leaf);
	out->domain = out->leaf.domain;
	switch (out->leaf.kind) {
	case PT_FAULT:
		return FS_TRANS_SECTION;
	case PT_LEAF:
		return FS_NONE;
	default:
		return walk_l2(f, mva, read, ctx, out);
	}
}

SPECIALISED void walk_row(const struct mmu_arch *a, enum pt_format f, const struct walk_regs *r,
			  gva_t mva, walk_read_fn read, void *ctx, struct walk *out)
{
	memset(out, 0, sizeof(*out));
	if (r->sctlr & SCTLR_M)
		out->fs = (uint8_t)walk_l1(a, f, r, mva, read, ctx, out);
	else
		walk_identity(mva, out);
}

void walk_v5(const struct walk_regs *r, gva_t mva, walk_read_fn read, void *ctx,
	     struct walk *out)
{
	walk_row(&legacy, PT_V5, r, mva, read, ctx, out);
}

void walk_tables(const struct mmu_arch *a, const struct walk_regs *r, gva_t mva,
		 walk_read_fn read, void *ctx, struct walk *out)
{
	walk_row(a, mmu_format(a, r->sctlr), r, mva, read, ctx, out);
}
