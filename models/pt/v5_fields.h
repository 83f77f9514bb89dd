/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ARMv5 (and v4T) translation-table words as field lists, bit numbers as printed in the
 * figures of the ARM Architecture Reference Manual (DDI 0100I) chapter B4 and the ARM926EJ-S
 * TRM (DDI 0198D) section 3.2. The compiler proves that each list tiles its word, and makes
 * the accessors; no shift or mask of a descriptor is typed anywhere else.
 *
 *   v5_NAME(word)      value of the field, shifted down
 *   v5_NAME_at(word)   the field in its place, all other bits 0 (bases, offsets)
 *   v5_NAME_put(value) a word with only this field set; the value must fit
 *
 * Not here: the XScale and ARMv6 additions (TEX, P, XN); they are other formats.
 */
#ifndef SHADEWALK_MODELS_PT_V5_FIELDS_H
#define SHADEWALK_MODELS_PT_V5_FIELDS_H

#include <assert.h>
#include <stdint.h>

#include "base/bits.h"

/* Bits [1:0] of a first-level word and of a second-level word. */
enum { V5_L1_FAULT, V5_L1_COARSE, V5_L1_SECTION, V5_L1_FINE };
enum { V5_L2_FAULT, V5_L2_LARGE, V5_L2_SMALL, V5_L2_TINY };

/*
 * First level: DDI 0198D figure 3-4 and table 3-2. Bit 4 must be written as one before v6 (ARM
 * cores, not XScale); the walker does not look at it.
 *
 *          31                    20      16      12    9 8     5 4 3 2 1 0
 *         +-----------------------------------------------------------+---+
 * fault   |                          ignored                          |0 0|
 *         +-------------------------------------------+-+-------+-+---+---+
 * coarse  |                    base                   |-| domain|1|sbz|0 1|
 *         +-----------------------+---------------+---+-+-------+-+---+---+
 * section |          base         |      sbz      | AP|-| domain|1|C B|1 0|
 *         +-----------------------+---------------+---+-+-------+-+---+---+
 * fine    |                  base                 | sbz | domain|1|sbz|1 1|
 *         +---------------------------------------+-----+-------+-+---+---+
 */
#define V5_FAULT1(F) F(fault1_ignored, 31, 2) F(fault1_type, 1, 0)

#define V5_COARSE(F)                                                     \
	F(coarse_base, 31, 10) F(coarse_imp, 9, 9) F(coarse_domain, 8, 5) \
	F(coarse_bit4, 4, 4) F(coarse_sbz, 3, 2) F(coarse_type, 1, 0)

#define V5_SECTION(F)                                                       \
	F(section_base, 31, 20) F(section_sbz, 19, 12) F(section_ap, 11, 10) \
	F(section_imp, 9, 9) F(section_domain, 8, 5) F(section_bit4, 4, 4)   \
	F(section_cb, 3, 2) F(section_type, 1, 0)

#define V5_FINE(F)                                                      \
	F(fine_base, 31, 12) F(fine_sbz_hi, 11, 9) F(fine_domain, 8, 5)  \
	F(fine_bit4, 4, 4) F(fine_sbz_lo, 3, 2) F(fine_type, 1, 0)

/*
 * Second level: DDI 0198D 3.2.8 and figure 3-9. Type 11 is a tiny page in a fine table and
 * UNPREDICTABLE in a coarse one (DDI 0100I). AP0 serves the lowest addresses of the page.
 *
 *          31                    20      16      12    9 8     5 4 3 2 1 0
 *         +-----------------------------------------------------------+---+
 * fault   |                          ignored                          |0 0|
 *         +-------------------------------+-------+---+---+---+---+---+---+
 * large   |              base             |  sbz  |AP3|AP2|AP1|AP0|C B|0 1|
 *         +-------------------------------+-------+---+---+---+---+---+---+
 * small   |                  base                 |AP3|AP2|AP1|AP0|C B|1 0|
 *         +---------------------------------------+---+---+---+---+---+---+
 * tiny    |                    base                   |  sbz  | AP|C B|1 1|
 *         +-------------------------------------------+-------+---+---+---+
 */
#define V5_FAULT2(F) F(fault2_ignored, 31, 2) F(fault2_type, 1, 0)

#define V5_LARGE(F)                                                      \
	F(large_base, 31, 16) F(large_sbz, 15, 12) F(large_ap3, 11, 10)   \
	F(large_ap2, 9, 8) F(large_ap1, 7, 6) F(large_ap0, 5, 4)          \
	F(large_cb, 3, 2) F(large_type, 1, 0)

#define V5_SMALL(F)                                                      \
	F(small_base, 31, 12) F(small_ap3, 11, 10) F(small_ap2, 9, 8)     \
	F(small_ap1, 7, 6) F(small_ap0, 5, 4) F(small_cb, 3, 2)           \
	F(small_type, 1, 0)

#define V5_TINY(F)                                              \
	F(tiny_base, 31, 10) F(tiny_sbz, 9, 6) F(tiny_ap, 5, 4) \
	F(tiny_cb, 3, 2) F(tiny_type, 1, 0)

/* Translation table base, and the two ways a walk cuts the MVA (DDI 0198D 3.2). */
#define V5_TTB(F) F(ttb_base, 31, 14) F(ttb_sbz, 13, 0)
#define V5_MVA_COARSE(F) \
	F(mva_l1_index, 31, 20) F(mva_coarse_index, 19, 12) F(mva_coarse_offset, 11, 0)
#define V5_MVA_FINE(F) \
	F(mva_megabyte, 31, 20) F(mva_fine_index, 19, 10) F(mva_fine_offset, 9, 0)

FIELDS_TILE(V5_FAULT1);
FIELDS_TILE(V5_COARSE);
FIELDS_TILE(V5_SECTION);
FIELDS_TILE(V5_FINE);
FIELDS_TILE(V5_FAULT2);
FIELDS_TILE(V5_LARGE);
FIELDS_TILE(V5_SMALL);
FIELDS_TILE(V5_TINY);
FIELDS_TILE(V5_TTB);
FIELDS_TILE(V5_MVA_COARSE);
FIELDS_TILE(V5_MVA_FINE);

#define V5_ACCESSORS(name, hi, lo)                                   \
	static inline uint32_t v5_##name(uint32_t word)              \
	{                                                            \
		return (word & FIELD_MASK(hi, lo)) >> (lo);          \
	}                                                            \
	static inline uint32_t v5_##name##_at(uint32_t word)         \
	{                                                            \
		return word & FIELD_MASK(hi, lo);                    \
	}                                                            \
	static inline uint32_t v5_##name##_put(uint32_t value)       \
	{                                                            \
		assert(value <= FIELD_MASK(hi, lo) >> (lo));         \
		return value << (lo);                                \
	}

V5_FAULT1(V5_ACCESSORS)
V5_COARSE(V5_ACCESSORS)
V5_SECTION(V5_ACCESSORS)
V5_FINE(V5_ACCESSORS)
V5_FAULT2(V5_ACCESSORS)
V5_LARGE(V5_ACCESSORS)
V5_SMALL(V5_ACCESSORS)
V5_TINY(V5_ACCESSORS)
V5_TTB(V5_ACCESSORS)
V5_MVA_COARSE(V5_ACCESSORS)
V5_MVA_FINE(V5_ACCESSORS)

#undef V5_ACCESSORS

#endif
