/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/pt/lpae.h"

#include <assert.h>
#include <string.h>

/* Words of stage 2 (DDI 0406C figures B3-14, B3-15 and B3.6.2). [1:0] of level 3: 11 is a page, 01 reserved. */
#define OUTPUT_MASK ((UINT64_C(1) << 40) - 1)
#define CONTIGUOUS (UINT64_C(1) << 52)
#define XN (UINT64_C(1) << 54)
enum { TYPE_BLOCK = 1, TYPE_TABLE = 3, TYPE_PAGE = 3 };
enum { MEMATTR_SHIFT = 2, HAP_SHIFT = 6, SH_INNER = 3 << 8, AF = 1 << 10 };

static bool is_leaf(uint64_t word, unsigned level)
{
	return (word & 3) == (level == LPAE_LAST ? TYPE_PAGE : TYPE_BLOCK) && level > 0;
}

void lpae_decode(uint64_t word, unsigned level, struct lpae_desc *out)
{
	unsigned log2 = lpae_level_log2(level);

	assert(level <= LPAE_LAST);
	memset(out, 0, sizeof(*out));
	if (is_leaf(word, level)) {
		log2 += level > 1 && word & CONTIGUOUS ? LPAE_CONTIGUOUS_LOG2 : 0;
		out->kind = LPAE_LEAF;
		out->size_log2 = (uint8_t)log2;
		out->hap = word >> HAP_SHIFT & 3;
		out->memattr = word >> MEMATTR_SHIFT & 15;
		out->af = word & AF;
		out->xn = word & XN;
	} else if (level < LPAE_LAST && (word & 3) == TYPE_TABLE) {
		out->kind = LPAE_TABLE;
		log2 = LPAE_TABLE_LOG2;
	} else {
		return;
	}
	out->base = word & OUTPUT_MASK & ~((UINT64_C(1) << log2) - 1);
}

uint64_t lpae_encode_table(uint64_t table)
{
	assert(!(table & ~OUTPUT_MASK) && !(table & ((1u << LPAE_TABLE_LOG2) - 1)));
	return table | TYPE_TABLE;
}

uint64_t lpae_encode_leaf(uint64_t base, unsigned level, bool contiguous)
{
	assert(level && level <= LPAE_LAST && !(base & ~OUTPUT_MASK));
	assert(!(base & ((UINT64_C(1) << lpae_level_log2(level)) - 1)));
	return base | (level == LPAE_LAST ? TYPE_PAGE : TYPE_BLOCK) | LPAE_NORMAL_WB << MEMATTR_SHIFT |
	       LPAE_HAP_ALL << HAP_SHIFT | SH_INNER | AF | (contiguous ? CONTIGUOUS : 0);
}

enum err lpae_check(const struct lpae_regs *r, struct diag *d)
{
	static const struct { uint8_t least, most; } of[] = { { 40, 48 }, { 31, 40 }, { 25, 34 } };

	if (r->start >= sizeof(of) / sizeof(of[0]))
		return diag_set(d, ERR_CONFIG, "stage 2: start level %u; want 0, 1 or 2", r->start);
	if (r->input_log2 < of[r->start].least || r->input_log2 > of[r->start].most)
		return diag_set(d, ERR_CONFIG, "stage 2: an IPA of %u bits from level %u; want %u to %u",
				r->input_log2, r->start, of[r->start].least, of[r->start].most);
	if (r->root & ((UINT64_C(1) << LPAE_TABLE_LOG2) - 1))
		return diag_set(d, ERR_CONFIG, "stage 2: root at 0x%llx is not aligned to 4 KB",
				(unsigned long long)r->root);
	return ERR_OK;
}

void lpae_walk(const struct lpae_regs *r, uint64_t input, lpae_read_fn read, void *ctx,
	       struct lpae_walk *out)
{
	uint64_t table = r->root, mask = ~UINT64_C(0), word;    /* the root may be several tables */

	memset(out, 0, sizeof(*out));
	out->level = r->start;
	if (input >> r->input_log2) {
		out->status = (uint8_t)(LPAE_TRANSLATION | r->start);
		return;
	}
	for (unsigned level = r->start;; level++) {
		uint64_t index = input >> lpae_level_log2(level) & mask;

		out->level = (uint8_t)level;
		out->reads++;
		if (!read(ctx, level, table + (index << LPAE_WORD_LOG2), &word)) {
			out->status = (uint8_t)(LPAE_EXTERNAL | level);
			return;
		}
		lpae_decode(word, level, &out->leaf);
		if (out->leaf.kind == LPAE_FAULT) {
			out->status = (uint8_t)(LPAE_TRANSLATION | level);
			return;
		}
		if (out->leaf.kind == LPAE_LEAF)
			break;
		table = out->leaf.base;
		mask = (1u << LPAE_INDEX_LOG2) - 1;
	}
	if (!out->leaf.af)
		out->status = (uint8_t)(LPAE_ACCESS_FLAG | out->level);
}
