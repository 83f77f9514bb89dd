/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/identity.h"

#include "models/pt/v6_fields.h"

enum { ALL = 3, WRITE_BACK = 3, ALLOCATE = 1 };         /* AP; C and B; TEX (DDI 0100I B2.3, B4.4) */

uint32_t identity_sctlr(const struct mmu_arch *a)
{
	/* DDI 0198D: [6:3] read as one */
	return 0x78 | SCTLR_M | SCTLR_C | SCTLR_I | (a->format[1] == PT_V6 ? (uint32_t)SCTLR_XP : 0);
}

static uint32_t l1_word(enum pt_format f, uint32_t megabyte)
{
	uint32_t table = IDENTITY_L2 + (megabyte << (SECTION_LOG2 - FRAME_LOG2 + PT_WORD_LOG2));
	struct pt_desc d = { .kind = PT_COARSE, .base = table };

	return f == PT_V6 ? pt_encode_v6(&d) : pt_encode_v5_coarse(table, 0);
}

static uint32_t l2_word(enum pt_format f, uint32_t page)
{
	static const uint8_t ap[4] = { ALL, ALL, ALL, ALL };
	struct pt_desc d = { .kind = PT_LEAF, .base = page << FRAME_LOG2, .size_log2 = FRAME_LOG2,
			     .ap = { ALL }, .cb = WRITE_BACK, .tex = ALLOCATE };

	if (f == PT_V5)
		return pt_encode_v5_small(d.base, ap, WRITE_BACK);
	if (f == PT_V6)
		return pt_encode_v6(&d);
	/* an extended small page: the ordinary one has no TEX */
	return d.base | v6_xsmall_tex_put(ALLOCATE) | v6_xsmall_ap_put(ALL) |
	       v6_xsmall_cb_put(WRITE_BACK) | v6_xsmall_type_put(3);
}

bool identity_word(const struct mmu_arch *a, uint32_t sctlr, uint32_t addr, uint32_t *word)
{
	enum pt_format f = mmu_format(a, sctlr);

	if (addr < IDENTITY_L1_BYTES)
		*word = l1_word(f, addr >> PT_WORD_LOG2);
	else if (addr - IDENTITY_L2 < IDENTITY_L2_BYTES)
		*word = l2_word(f, (addr - IDENTITY_L2) >> PT_WORD_LOG2);
	else
		return false;
	return true;
}
