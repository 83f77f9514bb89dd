/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ARMv5 descriptors to struct pt_desc and back (ARM DDI 0100I chapter B4, ARM DDI 0198D 3.2).
 *
 * Fields that the manual says should be zero are ignored on decoding, as hardware does, and
 * written as zero on encoding. Replicated words of large pages (16 in a coarse table, 64 in a
 * fine one) and of small pages in fine tables (4) are the table writer's business.
 */
#include "models/pt/pt.h"

#include <assert.h>
#include <string.h>

#include "models/pt/v5_fields.h"

static void set_leaf(struct pt_desc *out, uint32_t base, unsigned size_log2, uint32_t cb)
{
	out->kind = PT_LEAF;
	out->base = base;
	out->size_log2 = (uint8_t)size_log2;
	out->cb = (uint8_t)cb;
}

static void set_ap(struct pt_desc *out, uint32_t ap0, uint32_t ap1, uint32_t ap2, uint32_t ap3)
{
	out->ap[0] = (uint8_t)ap0;
	out->ap[1] = (uint8_t)ap1;
	out->ap[2] = (uint8_t)ap2;
	out->ap[3] = (uint8_t)ap3;
}

static void set_table(struct pt_desc *out, enum pt_kind kind, uint32_t base, uint32_t domain)
{
	out->kind = (uint8_t)kind;
	out->base = base;
	out->domain = (uint8_t)domain;
}

void pt_decode_v5_l1(uint32_t word, struct pt_desc *out)
{
	uint32_t ap;

	memset(out, 0, sizeof(*out));
	switch (v5_fault1_type(word)) {
	case V5_L1_COARSE:
		set_table(out, PT_COARSE, v5_coarse_base_at(word), v5_coarse_domain(word));
		break;
	case V5_L1_FINE:
		set_table(out, PT_FINE, v5_fine_base_at(word), v5_fine_domain(word));
		break;
	case V5_L1_SECTION:
		ap = v5_section_ap(word);
		set_leaf(out, v5_section_base_at(word), SECTION_LOG2, v5_section_cb(word));
		set_ap(out, ap, ap, ap, ap);
		out->domain = (uint8_t)v5_section_domain(word);
		break;
	default:
		out->kind = PT_FAULT;
	}
}

void pt_decode_v5_l2(uint32_t word, bool fine, struct pt_desc *out)
{
	uint32_t ap;

	memset(out, 0, sizeof(*out));
	switch (v5_fault2_type(word)) {
	case V5_L2_LARGE:
		set_leaf(out, v5_large_base_at(word), PT_LARGE_LOG2, v5_large_cb(word));
		set_ap(out, v5_large_ap0(word), v5_large_ap1(word), v5_large_ap2(word),
		       v5_large_ap3(word));
		break;
	case V5_L2_SMALL:
		set_leaf(out, v5_small_base_at(word), FRAME_LOG2, v5_small_cb(word));
		set_ap(out, v5_small_ap0(word), v5_small_ap1(word), v5_small_ap2(word),
		       v5_small_ap3(word));
		break;
	case V5_L2_TINY:
		if (!fine) /* UNPREDICTABLE in a coarse table: we fault */
			break;
		ap = v5_tiny_ap(word);
		set_leaf(out, v5_tiny_base_at(word), GRANULE_LOG2, v5_tiny_cb(word));
		set_ap(out, ap, ap, ap, ap);
		break;
	default:
		out->kind = PT_FAULT;
	}
}

uint32_t pt_encode_v5_section(uint32_t base, unsigned ap, unsigned domain, unsigned cb)
{
	assert(base == v5_section_base_at(base));
	return base | v5_section_ap_put(ap) | v5_section_domain_put(domain) |
	       v5_section_bit4_put(1) | v5_section_cb_put(cb) |
	       v5_section_type_put(V5_L1_SECTION);
}

uint32_t pt_encode_v5_coarse(uint32_t table, unsigned domain)
{
	assert(table == v5_coarse_base_at(table));
	return table | v5_coarse_domain_put(domain) | v5_coarse_bit4_put(1) |
	       v5_coarse_type_put(V5_L1_COARSE);
}

uint32_t pt_encode_v5_fine(uint32_t table, unsigned domain)
{
	assert(table == v5_fine_base_at(table));
	return table | v5_fine_domain_put(domain) | v5_fine_bit4_put(1) |
	       v5_fine_type_put(V5_L1_FINE);
}

uint32_t pt_encode_v5_large(uint32_t base, const uint8_t ap[4], unsigned cb)
{
	assert(base == v5_large_base_at(base));
	return base | v5_large_ap0_put(ap[0]) | v5_large_ap1_put(ap[1]) |
	       v5_large_ap2_put(ap[2]) | v5_large_ap3_put(ap[3]) | v5_large_cb_put(cb) |
	       v5_large_type_put(V5_L2_LARGE);
}

uint32_t pt_encode_v5_small(uint32_t base, const uint8_t ap[4], unsigned cb)
{
	assert(base == v5_small_base_at(base));
	return base | v5_small_ap0_put(ap[0]) | v5_small_ap1_put(ap[1]) |
	       v5_small_ap2_put(ap[2]) | v5_small_ap3_put(ap[3]) | v5_small_cb_put(cb) |
	       v5_small_type_put(V5_L2_SMALL);
}

uint32_t pt_encode_v5_tiny(uint32_t base, unsigned ap, unsigned cb)
{
	assert(base == v5_tiny_base_at(base));
	return base | v5_tiny_ap_put(ap) | v5_tiny_cb_put(cb) | v5_tiny_type_put(V5_L2_TINY);
}
