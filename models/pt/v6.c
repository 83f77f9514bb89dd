/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors of XScale and ARMv6 to struct pt_desc, and ARMv6 (XP = 1) back.
 *
 * As in v5.c, fields that should be zero are ignored. A supersection's address bits above 31
 * are ignored too: the cores modelled have 32. Its domain is 0 (DDI 0301H 6.11).
 */
#include "models/pt/mmu.h"

#include <assert.h>
#include <string.h>

#include "models/pt/v5_fields.h"
#include "models/pt/v6_fields.h"

enum { SUPER_LOG2 = 24 };               /* 16 MB */

static void set_leaf(struct pt_desc *out, uint32_t base, unsigned size_log2, uint32_t ap,
		     uint32_t cb, uint32_t tex)
{
	out->kind = PT_LEAF;
	out->base = base;
	out->size_log2 = (uint8_t)size_log2;
	memset(out->ap, (int)ap, sizeof(out->ap));
	out->cb = (uint8_t)cb;
	out->tex = (uint8_t)tex;
}

static void set_attr(struct pt_desc *out, uint32_t s, uint32_t ng, uint32_t apx, uint32_t xn)
{
	out->attr = (uint8_t)(s * PT_S | ng * PT_NG | apx * PT_APX | xn * PT_XN);
}

/* ARMv6, XP = 1 */

static void v6_l1(uint32_t word, struct pt_desc *out)
{
	switch (v6_section_type(word)) {
	case V5_L1_COARSE:
		out->kind = PT_COARSE;
		out->base = v6_coarse_base_at(word);
		out->domain = (uint8_t)v6_coarse_domain(word);
		break;
	case V5_L1_SECTION:
		if (v6_section_super(word)) {
			set_leaf(out, v6_super_base_at(word), SUPER_LOG2, v6_super_ap(word),
				 v6_super_cb(word), v6_super_tex(word));
		} else {
			set_leaf(out, v6_section_base_at(word), SECTION_LOG2,
				 v6_section_ap(word), v6_section_cb(word), v6_section_tex(word));
			out->domain = (uint8_t)v6_section_domain(word);
		}
		set_attr(out, v6_section_s(word), v6_section_ng(word), v6_section_apx(word),
			 v6_section_xn(word));
		break;
	default:                        /* 00 fault, 11 reserved */
		out->kind = PT_FAULT;
	}
}

static void v6_l2(uint32_t word, struct pt_desc *out)
{
	if (v6_small_one(word)) {
		set_leaf(out, v6_small_base_at(word), FRAME_LOG2, v6_small_ap(word),
			 v6_small_cb(word), v6_small_tex(word));
		set_attr(out, v6_small_s(word), v6_small_ng(word), v6_small_apx(word),
			 v6_small_xn(word));
	} else if (v6_large_type(word) == V5_L2_LARGE) {
		set_leaf(out, v6_large_base_at(word), PT_LARGE_LOG2, v6_large_ap(word),
			 v6_large_cb(word), v6_large_tex(word));
		set_attr(out, v6_large_s(word), v6_large_ng(word), v6_large_apx(word),
			 v6_large_xn(word));
	}
}

/* XScale, and ARMv6 with XP = 0: what they change of the words of ARMv5 */

static void extended_l1(bool v6, uint32_t word, struct pt_desc *out)
{
	unsigned type = v6_xsection_type(word);

	if (v6 && type == V5_L1_FINE)           /* reserved: DDI 0211 6.11 */
		return;
	if (v6 && type == V5_L1_SECTION && v6_xsection_super(word)) {
		set_leaf(out, v6_xsuper_base_at(word), SUPER_LOG2, v6_xsuper_ap(word),
			 v6_xsuper_cb(word), v6_xsuper_tex(word));
		return;
	}
	pt_decode_v5_l1(word, out);
	if (type == V5_L1_SECTION)
		out->tex = (uint8_t)v6_xsection_tex(word);
}

static void extended_l2(uint32_t word, bool fine, struct pt_desc *out)
{
	unsigned type = v6_xlarge_type(word);

	if (type == V5_L2_TINY && !fine) {
		set_leaf(out, v6_xsmall_base_at(word), FRAME_LOG2, v6_xsmall_ap(word),
			 v6_xsmall_cb(word), v6_xsmall_tex(word));
		return;
	}
	pt_decode_v5_l2(word, fine, out);
	if (type == V5_L2_LARGE)
		out->tex = (uint8_t)v6_xlarge_tex(word);
}

void pt_decode_l1(enum pt_format f, uint32_t word, struct pt_desc *out)
{
	memset(out, 0, sizeof(*out));
	switch (f) {
	case PT_V5:
		pt_decode_v5_l1(word, out);
		break;
	case PT_XSCALE:
		extended_l1(false, word, out);
		break;
	case PT_V6_SUBPAGES:
		extended_l1(true, word, out);
		break;
	case PT_V6:
		v6_l1(word, out);
		break;
	}
}

void pt_decode_l2(enum pt_format f, uint32_t word, bool fine, struct pt_desc *out)
{
	memset(out, 0, sizeof(*out));
	switch (f) {
	case PT_V5:
		pt_decode_v5_l2(word, fine, out);
		break;
	case PT_XSCALE:
		extended_l2(word, fine, out);
		break;
	case PT_V6_SUBPAGES:
		extended_l2(word, false, out);
		break;
	case PT_V6:
		v6_l2(word, out);
		break;
	}
}

static uint32_t encode_section(const struct pt_desc *d, uint32_t s, uint32_t ng, uint32_t apx,
			       uint32_t xn)
{
	bool super = d->size_log2 == SUPER_LOG2;
	uint32_t word = super ? v6_super_base_at(d->base) : v6_section_base_at(d->base);

	assert(word == d->base && (!super || !d->domain));
	return word | v6_section_super_put(super) | v6_section_ng_put(ng) | v6_section_s_put(s) |
	       v6_section_apx_put(apx) | v6_section_tex_put(d->tex) |
	       v6_section_ap_put(d->ap[0]) | v6_section_domain_put(d->domain) |
	       v6_section_xn_put(xn) | v6_section_cb_put(d->cb) |
	       v6_section_type_put(V5_L1_SECTION);
}

uint32_t pt_encode_v6(const struct pt_desc *d)
{
	uint32_t s = (d->attr & PT_S) != 0, ng = (d->attr & PT_NG) != 0,
		 apx = (d->attr & PT_APX) != 0, xn = (d->attr & PT_XN) != 0;

	if (d->kind == PT_COARSE) {
		assert(d->base == v6_coarse_base_at(d->base));
		return d->base | v6_coarse_domain_put(d->domain) |
		       v6_coarse_type_put(V5_L1_COARSE);
	}
	assert(d->kind == PT_LEAF);
	if (d->size_log2 >= SECTION_LOG2)
		return encode_section(d, s, ng, apx, xn);
	if (d->size_log2 == FRAME_LOG2) {
		assert(d->base == v6_small_base_at(d->base));
		return d->base | v6_small_ng_put(ng) | v6_small_s_put(s) | v6_small_apx_put(apx) |
		       v6_small_tex_put(d->tex) | v6_small_ap_put(d->ap[0]) |
		       v6_small_cb_put(d->cb) | v6_small_one_put(1) | v6_small_xn_put(xn);
	}
	assert(d->size_log2 == PT_LARGE_LOG2 && d->base == v6_large_base_at(d->base));
	return d->base | v6_large_xn_put(xn) | v6_large_tex_put(d->tex) | v6_large_ng_put(ng) |
	       v6_large_s_put(s) | v6_large_apx_put(apx) | v6_large_ap_put(d->ap[0]) |
	       v6_large_cb_put(d->cb) | v6_large_type_put(V5_L2_LARGE);
}
