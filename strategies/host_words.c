/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/host_words.h"

#include <assert.h>
#include <string.h>

static uint32_t v5_leaf(const struct host_leaf *l)
{
	switch (l->size_log2) {
	case SECTION_LOG2: return pt_encode_v5_section(l->hpa, l->ap[0], l->domain, l->cb);
	case PT_LARGE_LOG2: return pt_encode_v5_large(l->hpa, l->ap, l->cb);
	case FRAME_LOG2: return pt_encode_v5_small(l->hpa, l->ap, l->cb);
	default: return pt_encode_v5_tiny(l->hpa, l->ap[0], l->cb);
	}
}

/* TEX, C and B of a memory type without remap, as DDI 0301H tables 6-2 and 6-3 have it. Those with TEX 00x
 * first: so guests that do not remap get what they wrote, as a rule. Reserved types act as strongly ordered:
 * 000 00. */
static void set_memory(struct pt_desc *d, struct pt_memory m)
{
	if (m.type == MEM_STRONGLY_ORDERED || m.type == MEM_RESERVED)
		return;
	if (m.type == MEM_DEVICE) {     /* 000 01, 010 00 */
		d->tex = m.shared ? 0 : 2;
		d->cb = m.shared;
		return;
	}
	d->attr |= m.shared ? PT_S : 0;
	if (m.inner != m.outer) {
		d->tex = 4 | m.outer;
		d->cb = m.inner;
		return;
	}
	switch (m.inner) {
	case CACHE_WT: d->cb = 2; break;
	case CACHE_WB: d->cb = 3; break;
	case CACHE_WB_WA: d->tex = 1; d->cb = 3; break;
	default: d->tex = 1; break;     /* uncached */
	}
}

static uint32_t v6_leaf(const struct host_leaf *l)
{
	struct pt_desc d = { .kind = PT_LEAF, .base = l->hpa, .size_log2 = l->size_log2 };

	for (unsigned i = 0; i < 4; i++)
		assert(l->ap[i] == l->ap[0] && l->ap[i]);
	memcpy(d.ap, l->ap, sizeof(d.ap));
	d.domain = l->size_log2 == SECTION_LOG2 ? l->domain : 0;
	d.attr = (l->xn ? PT_XN : 0) | (l->ng ? PT_NG : 0);
	set_memory(&d, l->memory);
	return pt_encode_v6(&d);
}

uint32_t host_leaf_word(enum host_format f, const struct host_leaf *l)
{
	return f == HOST_V6 ? v6_leaf(l) : v5_leaf(l);
}

uint32_t host_leaf_with_ap(enum host_format f, unsigned size_log2, uint32_t word, const uint8_t ap[4])
{
	unsigned quarters = f == HOST_V5 && size_log2 > GRANULE_LOG2 ? 4 : 1;

	assert(size_log2 < SECTION_LOG2);       /* all those have the first AP in bits 5:4 */
	for (unsigned q = 0; q < quarters; q++)
		word = (word & ~(UINT32_C(3) << (4 + 2 * q))) | (uint32_t)ap[q] << (4 + 2 * q);
	return word;
}

uint32_t host_table_word(enum host_format f, uint32_t hpa, unsigned domain, bool fine)
{
	struct pt_desc d = { .kind = PT_COARSE, .base = hpa, .domain = (uint8_t)domain };

	assert(f == HOST_V5 || !fine);
	if (f == HOST_V6)
		return pt_encode_v6(&d);
	return fine ? pt_encode_v5_fine(hpa, domain) : pt_encode_v5_coarse(hpa, domain);
}

uint32_t host_own_word(enum host_format f, uint32_t hpa, unsigned size_log2)
{
	struct host_leaf l = { .hpa = hpa, .size_log2 = (uint8_t)size_log2, .cb = 3,
			       .ap = { 1, 1, 1, 1 },
			       .memory = { MEM_NORMAL, CACHE_WB, CACHE_WB, false } };

	return host_leaf_word(f, &l);
}
