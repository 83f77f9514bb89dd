/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translation-table words of ARMv6 and of XScale as field lists, in the style of v5_fields.h:
 * the compiler proves that each list tiles its word, and makes v6_NAME(), v6_NAME_at() and
 * v6_NAME_put(). Bit numbers are those of the figures in the ARM Architecture Reference Manual
 * (DDI 0100I) chapter B4, ARM1136 TRM (DDI 0211) and ARM1176 TRM (DDI 0301H) 6.11, and the
 * XScale core developer's manual, memory management.
 *
 * Fault words, coarse tables before v6 and small pages with four APs are those of v5_fields.h.
 */
#ifndef SHADEWALK_MODELS_PT_V6_FIELDS_H
#define SHADEWALK_MODELS_PT_V6_FIELDS_H

#include <assert.h>
#include <stdint.h>

#include "base/bits.h"

/*
 * First level, SCTLR.XP = 1. Type 11 is reserved. NS only means something with the security
 * extensions. A supersection has domain 0 and extended address bits where the others have
 * their domain; the cores modelled have 32 physical address bits and ignore them.
 *
 *          31      24 23 20 19 18 17 16 15  14   12 11 10 9 8       5 4 3 2 1 0
 *         +-------------------------------------------------+---------+-------+
 * coarse  |                    base                |      P | domain  |-|N|-|0 1|
 * section |     base       | N| 0|nG| S|APX|  TEX  |  AP  |P| domain  |XN|C B|1 0|
 * super   |  base   |35:32 | N| 1|nG| S|APX|  TEX  |  AP  |P|  39:36  |XN|C B|1 0|
 *         +-------------------------------------------------+---------+-------+
 */
#define V6_COARSE(F)                                                           \
	F(coarse_base, 31, 10) F(coarse_p, 9, 9) F(coarse_domain, 8, 5)        \
	F(coarse_sbz_hi, 4, 4) F(coarse_ns, 3, 3) F(coarse_sbz_lo, 2, 2)       \
	F(coarse_type, 1, 0)

#define V6_SECTION(F)                                                          \
	F(section_base, 31, 20) F(section_ns, 19, 19) F(section_super, 18, 18) \
	F(section_ng, 17, 17) F(section_s, 16, 16) F(section_apx, 15, 15)      \
	F(section_tex, 14, 12) F(section_ap, 11, 10) F(section_p, 9, 9)        \
	F(section_domain, 8, 5) F(section_xn, 4, 4) F(section_cb, 3, 2)        \
	F(section_type, 1, 0)

#define V6_SUPER(F)                                                            \
	F(super_base, 31, 24) F(super_pa35, 23, 20) F(super_ns, 19, 19)        \
	F(super_super, 18, 18) F(super_ng, 17, 17) F(super_s, 16, 16)          \
	F(super_apx, 15, 15) F(super_tex, 14, 12) F(super_ap, 11, 10)          \
	F(super_p, 9, 9) F(super_pa39, 8, 5) F(super_xn, 4, 4)                 \
	F(super_cb, 3, 2) F(super_type, 1, 0)

/*
 * Second level, SCTLR.XP = 1: one AP and no subpages; the lowest bit of a small page is XN.
 *
 *          31             16 15 14  12 11 10  9  8   6 5 4 3 2 1 0
 * large   |      base       |XN| TEX |nG| S|APX| sbz | AP|C B|0  1|
 * small   |         base            |nG| S|APX| TEX | AP|C B|1 XN|
 */
#define V6_LARGE(F)                                                            \
	F(large_base, 31, 16) F(large_xn, 15, 15) F(large_tex, 14, 12)         \
	F(large_ng, 11, 11) F(large_s, 10, 10) F(large_apx, 9, 9)              \
	F(large_sbz, 8, 6) F(large_ap, 5, 4) F(large_cb, 3, 2)                 \
	F(large_type, 1, 0)

#define V6_SMALL(F)                                                            \
	F(small_base, 31, 12) F(small_ng, 11, 11) F(small_s, 10, 10)           \
	F(small_apx, 9, 9) F(small_tex, 8, 6) F(small_ap, 5, 4)                \
	F(small_cb, 3, 2) F(small_one, 1, 1) F(small_xn, 0, 0)

/*
 * ARMv6 with SCTLR.XP = 0, and XScale: what they add to the words of ARMv5. On XScale TEX has
 * one bit that counts, X, the lowest; it knows no supersections.
 *
 *          31      24 23 20 19 18 17 15 14  12 11 10 9 8       5 4 3 2 1 0
 * section |     base       | -| 0| sbz | TEX |  AP  |P| domain  |-|C B|1 0|
 * super   |  base   |35:32 | -| 1| sbz | TEX |  AP  |P| ignored |-|C B|1 0|
 *
 *          31             16 15 14  12 11 10 9 8 7 6 5 4 3 2 1 0
 * large   |      base       | -| TEX |AP3 |AP2|AP1|AP0|C B|0 1|
 * ext     |         base            | sbz  | TEX | AP |C B|1 1|   a small page with one AP
 */
#define V6_XSECTION(F)                                                         \
	F(xsection_base, 31, 20) F(xsection_sbz_hi, 19, 19)                    \
	F(xsection_super, 18, 18) F(xsection_sbz, 17, 15)                      \
	F(xsection_tex, 14, 12) F(xsection_ap, 11, 10) F(xsection_p, 9, 9)     \
	F(xsection_domain, 8, 5) F(xsection_bit4, 4, 4) F(xsection_cb, 3, 2)   \
	F(xsection_type, 1, 0)

#define V6_XSUPER(F)                                                           \
	F(xsuper_base, 31, 24) F(xsuper_pa35, 23, 20) F(xsuper_sbz_hi, 19, 19) \
	F(xsuper_super, 18, 18) F(xsuper_sbz, 17, 15) F(xsuper_tex, 14, 12)    \
	F(xsuper_ap, 11, 10) F(xsuper_p, 9, 9) F(xsuper_ignored, 8, 5)         \
	F(xsuper_bit4, 4, 4) F(xsuper_cb, 3, 2) F(xsuper_type, 1, 0)

#define V6_XLARGE(F)                                                           \
	F(xlarge_base, 31, 16) F(xlarge_sbz, 15, 15) F(xlarge_tex, 14, 12)     \
	F(xlarge_ap3, 11, 10) F(xlarge_ap2, 9, 8) F(xlarge_ap1, 7, 6)          \
	F(xlarge_ap0, 5, 4) F(xlarge_cb, 3, 2) F(xlarge_type, 1, 0)

#define V6_XSMALL(F)                                                           \
	F(xsmall_base, 31, 12) F(xsmall_sbz, 11, 9) F(xsmall_tex, 8, 6)        \
	F(xsmall_ap, 5, 4) F(xsmall_cb, 3, 2) F(xsmall_type, 1, 0)

/* Table bases and the control register (DDI 0301H 3.2.13 to 3.2.15). TTBR0 with TTBCR.N > 0
 * has N more base bits than shown. */
#define V6_TTBR(F)                                                             \
	F(ttbr_base, 31, 14) F(ttbr_sbz, 13, 5) F(ttbr_rgn, 4, 3)              \
	F(ttbr_p, 2, 2) F(ttbr_s, 1, 1) F(ttbr_c, 0, 0)
#define V6_TTBCR(F)                                                            \
	F(ttbcr_sbz_hi, 31, 6) F(ttbcr_pd1, 5, 5) F(ttbcr_pd0, 4, 4)           \
	F(ttbcr_sbz_lo, 3, 3) F(ttbcr_n, 2, 0)

FIELDS_TILE(V6_COARSE);
FIELDS_TILE(V6_SECTION);
FIELDS_TILE(V6_SUPER);
FIELDS_TILE(V6_LARGE);
FIELDS_TILE(V6_SMALL);
FIELDS_TILE(V6_XSECTION);
FIELDS_TILE(V6_XSUPER);
FIELDS_TILE(V6_XLARGE);
FIELDS_TILE(V6_XSMALL);
FIELDS_TILE(V6_TTBR);
FIELDS_TILE(V6_TTBCR);

#define V6_ACCESSORS(name, hi, lo)                                   \
	static inline uint32_t v6_##name(uint32_t word)              \
	{                                                            \
		return (word & FIELD_MASK(hi, lo)) >> (lo);          \
	}                                                            \
	static inline uint32_t v6_##name##_at(uint32_t word)         \
	{                                                            \
		return word & FIELD_MASK(hi, lo);                    \
	}                                                            \
	static inline uint32_t v6_##name##_put(uint32_t value)       \
	{                                                            \
		assert(value <= FIELD_MASK(hi, lo) >> (lo));         \
		return value << (lo);                                \
	}

V6_COARSE(V6_ACCESSORS)
V6_SECTION(V6_ACCESSORS)
V6_SUPER(V6_ACCESSORS)
V6_LARGE(V6_ACCESSORS)
V6_SMALL(V6_ACCESSORS)
V6_XSECTION(V6_ACCESSORS)
V6_XSUPER(V6_ACCESSORS)
V6_XLARGE(V6_ACCESSORS)
V6_XSMALL(V6_ACCESSORS)
V6_TTBR(V6_ACCESSORS)
V6_TTBCR(V6_ACCESSORS)

#undef V6_ACCESSORS

#endif
