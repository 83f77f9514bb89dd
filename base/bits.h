/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bit helpers and the field lists from which descriptor accessors are made. */
#ifndef SHADEWALK_BASE_BITS_H
#define SHADEWALK_BASE_BITS_H

#include <stdbool.h>
#include <stdint.h>

static inline bool is_pow2(uint64_t v) { return v && !(v & (v - 1)); }
static inline unsigned ilog2(uint64_t v) { return 63u - (unsigned)__builtin_clzll(v | 1); }

/* Mask of bits hi..lo, both as printed in the manual's figure (0 <= lo <= hi <= 31). */
#define FIELD_MASK(hi, lo) ((uint32_t)((UINT64_C(2) << (hi)) - (UINT64_C(1) << (lo))))

/* Fields tile the word exactly when every bit is covered and the masks add up to it. */
#define FIELD_SUM(name, hi, lo) + (uint64_t)FIELD_MASK(hi, lo)
#define FIELD_OR(name, hi, lo) | FIELD_MASK(hi, lo)
#define FIELDS_TILE(LIST)                                                                 \
	_Static_assert((UINT64_C(0) LIST(FIELD_SUM)) == UINT32_MAX &&                     \
		       (UINT32_C(0) LIST(FIELD_OR)) == UINT32_MAX, #LIST " must tile 32 bits")

#endif
