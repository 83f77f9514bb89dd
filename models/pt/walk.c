/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reference walk (ARM DDI 0100I chapter B4, ARM DDI 0198D 3.2 and figure 3-13).
 *
 * 1. At most one word is read per level, at the address the table base and MVA spell.
 * 2. The second level is read before the domain is looked at: translation outranks domain.
 * 3. DACR, S, R, privilege and the kind of access have no part in it; walk_check applies them.
 *
 * Not modelled: memory attributes of the walk itself (v5 has none), endianness.
 */
#include "models/pt/pt.h"

#include <string.h>

#include "models/pt/v5_fields.h"

/* MMU off: the megabyte around mva onto itself, unchecked, uncached, unbuffered. */
static void walk_identity(gva_t mva, struct walk *out)
{
	out->leaf.kind = PT_LEAF;
	out->leaf.base = v5_section_base_at(mva.raw);
	out->leaf.size_log2 = SECTION_LOG2;
	memset(out->leaf.ap, 3, sizeof(out->leaf.ap));
}

static enum fault_status walk_l2(const struct pt_desc *table, gva_t mva, walk_read_fn read,
				 void *ctx, struct walk *out)
{
	bool fine = table->kind == PT_FINE;
	uint32_t index = fine ? v5_mva_fine_index(mva.raw) : v5_mva_coarse_index(mva.raw);
	uint32_t word;

	out->levels = 2;
	out->l2_addr = table->base | index << PT_WORD_LOG2;
	if (!read(ctx, out->l2_addr, &word))
		return FS_WALK_EXT_L2;
	out->l2 = word;
	pt_decode_v5_l2(word, fine, &out->leaf);
	if (out->leaf.kind == PT_FAULT)
		return FS_TRANS_PAGE;
	out->leaf.domain = table->domain;
	return FS_NONE;
}

static enum fault_status walk_l1(const struct walk_regs *r, gva_t mva, walk_read_fn read,
				 void *ctx, struct walk *out)
{
	struct pt_desc first;
	uint32_t word;

	out->levels = 1;
	out->l1_addr = v5_ttb_base_at(r->ttbr0) | v5_mva_l1_index(mva.raw) << PT_WORD_LOG2;
	if (!read(ctx, out->l1_addr, &word))
		return FS_WALK_EXT_L1;
	out->l1 = word;
	pt_decode_v5_l1(word, &first);
	out->domain = first.domain;
	switch (first.kind) {
	case PT_FAULT:
		return FS_TRANS_SECTION;
	case PT_LEAF:
		out->leaf = first;
		return FS_NONE;
	default:
		return walk_l2(&first, mva, read, ctx, out);
	}
}

void walk_v5(const struct walk_regs *r, gva_t mva, walk_read_fn read, void *ctx,
	     struct walk *out)
{
	memset(out, 0, sizeof(*out));
	if (r->sctlr & SCTLR_M)
		out->fs = (uint8_t)walk_l1(r, mva, read, ctx, out);
	else
		walk_identity(mva, out);
}
