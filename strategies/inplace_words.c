/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/inplace_words.h"

#include "models/pt/pt.h"

/* Types (DDI 0100I B4.7.2, B4.7.3): 3 is a tiny page in a fine table, XScale's extended small page in a coarse one. */
enum { TYPE = 3, LARGE = 1, SMALL = 2, TINY = 3 };
enum { CB_SHIFT = 2, LOW_SHIFT = 4, LOW = 0xff << LOW_SHIFT, LARGE_LOST = 0xf000 };

struct inplace_side inplace_side_of(uint32_t word)
{
	return (struct inplace_side){ .type = word & TYPE, .low = (uint8_t)((word & LOW) >> LOW_SHIFT) };
}

uint32_t inplace_stash(uint32_t word)
{
	return word & ~(uint32_t)TYPE;
}

/* Of a large page, bits [15:12] have no place: they should be zero, or are XScale's TEX. */
bool inplace_is_rebuilt(uint32_t word)
{
	return (word & TYPE) != LARGE || !(word & LARGE_LOST);
}

uint32_t inplace_word(uint32_t word, uint32_t hpa, unsigned size_log2, const uint8_t ap[4])
{
	unsigned cb = word >> CB_SHIFT & 3;

	switch (size_log2) {
	case PT_LARGE_LOG2: return pt_encode_v5_large(hpa, ap, cb);
	case FRAME_LOG2: return pt_encode_v5_small(hpa, ap, cb);
	default: return pt_encode_v5_tiny(hpa, ap[0], cb);
	}
}

static uint32_t base_mask(unsigned type, bool fine)
{
	if (type == LARGE)
		return ~((UINT32_C(1) << PT_LARGE_LOG2) - 1);
	return type == TINY && fine ? ~(GRANULE_BYTES - 1u) : ~(FRAME_BYTES - 1u);
}

uint32_t inplace_base(uint32_t machine, bool fine)
{
	return machine & base_mask(machine & TYPE, fine);
}

uint32_t inplace_guest_word(uint32_t machine, uint32_t gpa, struct inplace_side s, bool fine)
{
	uint32_t mask = base_mask(s.type, fine);

	if (!inplace_is_page(machine))
		return machine | s.type;
	return (gpa & mask) | ((uint32_t)s.low << LOW_SHIFT & ~mask) | (machine & 3 << CB_SHIFT) | s.type;
}
