/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/inplace_words.h"

#include "models/pt/pt.h"

/* Types (DDI 0100I B4.7): 3 is a tiny page in a fine table, XScale's extended small page in a coarse one, a small page
 * with XN in ARMv6. */
enum { TYPE = 3, LARGE = 1, TINY = 3 };
enum { KEPT_V5 = 0xff3, KEPT_V6 = 0xffff, CB = 3 << 2, LARGE_LOST = 0xf000 };

struct inplace_side inplace_side_of(uint32_t word, struct inplace_form f)
{
	return (struct inplace_side){ .bits = (uint16_t)(word & (f.v6 ? KEPT_V6 : KEPT_V5)) };
}

uint32_t inplace_stash(uint32_t word)
{
	return word & ~(uint32_t)TYPE;
}

/* Before ARMv6 bits [15:12] of a large page have no place: they should be zero, or are XScale's TEX. */
bool inplace_is_rebuilt(uint32_t word, struct inplace_form f)
{
	return f.v6 || (word & TYPE) != LARGE || !(word & LARGE_LOST);
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

uint32_t inplace_guest_word(uint32_t machine, uint32_t gpa, struct inplace_side s, struct inplace_form f)
{
	uint32_t type = s.bits & TYPE, mask = base_mask(type, f.fine);

	if (!inplace_is_page(machine))
		return machine | type;
	return (gpa & mask) | (s.bits & ~mask) | (f.v6 ? 0 : machine & CB);
}
