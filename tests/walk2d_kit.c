/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/walk2d_kit.h"

#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

/* Guest memory of 4 GB: tables in the lowest 256 MB, pages above. */
enum { FRAMES = 1 << 20, TABLE_FRAMES = 1 << 16, BLOCK_FRAMES = 512, TABLE_WORDS = 512 };
#define STAGE2_BASE (UINT64_C(1) << 36)

static uint64_t new_table(struct kit_tables *t)
{
	if (t->used == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 64;
		t->word = realloc(t->word, (size_t)t->cap * TABLE_WORDS * sizeof(*t->word));
		assert_non_null(t->word);
	}
	memset(t->word + (size_t)t->used * TABLE_WORDS, 0, TABLE_WORDS * sizeof(*t->word));
	return t->base + (uint64_t)t->used++ * (TABLE_WORDS * sizeof(*t->word));
}

static uint64_t *word_at(struct kit_tables *t, uint64_t at)
{
	uint64_t i = (at - t->base) / sizeof(*t->word);

	assert_true(at >= t->base && i < (uint64_t)t->used * TABLE_WORDS);
	return &t->word[i];
}

static uint64_t index_of(uint64_t addr, unsigned level)
{
	return (addr >> lpae_level_log2(level) & (TABLE_WORDS - 1)) * sizeof(uint64_t);
}

/* Where the word of the leaf's level is; tables on the way are made. link: told of each. */
static uint64_t leaf_slot(struct walk2d_kit *k, struct kit_tables *t, unsigned start, unsigned level,
			  uint64_t addr, void (*made)(struct walk2d_kit *k, uint64_t at))
{
	uint64_t table = t->base;

	for (unsigned l = start; l < level; l++) {
		uint64_t at = table + index_of(addr, l), word = *word_at(t, at);

		if (!(word & 1)) {
			uint64_t next = new_table(t);

			*word_at(t, at) = word = lpae_encode_table(next);
			if (made)
				made(k, next);
		}
		table = word >> LPAE_TABLE_LOG2 << LPAE_TABLE_LOG2;
	}
	return table + index_of(addr, level);
}

static unsigned level_of(unsigned size_log2)
{
	return LPAE_LAST - (size_log2 - LPAE_TABLE_LOG2) / LPAE_INDEX_LOG2;
}

static void map_stage2(struct walk2d_kit *k, uint64_t ipa)
{
	unsigned level = level_of(k->block_log2);
	uint64_t base = (ipa + KIT_MACHINE) >> k->block_log2 << k->block_log2;
	uint64_t at = leaf_slot(k, &k->stage2, k->w.conf.s2.start, level, ipa, NULL);

	*word_at(&k->stage2, at) = lpae_encode_leaf(base, level, false);
}

/* The guest's frames, each once; a run of 512 for a page of 2 MB. */
static uint64_t new_frames(struct walk2d_kit *k, unsigned n)
{
	for (;;) {
		uint32_t f = (TABLE_FRAMES + rng_below(&k->rng, FRAMES - TABLE_FRAMES)) / n * n;
		bool free = true;

		for (uint32_t i = 0; i < n && free; i++)
			free = !(k->taken[(f + i) / 64] >> (f + i) % 64 & 1);
		if (!free)
			continue;
		for (uint32_t i = 0; i < n; i++)
			k->taken[(f + i) / 64] |= UINT64_C(1) << (f + i) % 64;
		return (uint64_t)f << LPAE_TABLE_LOG2;
	}
}

void walk2d_kit_map(struct walk2d_kit *k, uint64_t va, unsigned size_log2)
{
	unsigned level = level_of(size_log2);
	uint64_t at = leaf_slot(k, &k->guest, k->guest_start, level, va, map_stage2), base;

	if (*word_at(&k->guest, at) & 1)
		return;
	base = new_frames(k, 1u << (size_log2 - LPAE_TABLE_LOG2));
	*word_at(&k->guest, at) = lpae_encode_leaf(base, level, false);
	for (uint64_t ipa = base; ipa < base + (UINT64_C(1) << size_log2);
	     ipa += UINT64_C(1) << LPAE_TABLE_LOG2)
		map_stage2(k, ipa);
}

/* --- the walk --------------------------------------------------------------------------------- */

static bool read_stage2(void *ctx, unsigned level, uint64_t at, uint64_t *word)
{
	struct walk2d_kit *k = ctx;

	(void)level;
	*word = *word_at(&k->stage2, at);
	if (k->reads)
		k->reads(k->ctx, at);
	return true;
}

static bool read_guest(void *ctx, unsigned level, uint64_t ipa, uint64_t at, uint64_t *word)
{
	struct walk2d_kit *k = ctx;

	(void)level;
	assert_int_equal(at, k->w.conf.one_stage ? ipa : ipa + KIT_MACHINE);
	*word = *word_at(&k->guest, ipa);
	if (k->reads)
		k->reads(k->ctx, at);
	return true;
}

/* Levels of the guest's tables, each word by way of stage 2. */
static bool read_nested(void *ctx, unsigned level, uint64_t at, uint64_t *word)
{
	struct walk2d_kit *k = ctx;
	struct walk2d_page page;
	struct lpae_desc d;
	enum walk2d_end end = walk2d_guest(&k->w, &k->io, level, at, word, &page);

	assert_true(end == WALK2D_READ || end == WALK2D_KNOWN);
	lpae_decode(*word, level, &d);
	if (end == WALK2D_READ && d.kind == LPAE_TABLE)
		walk2d_keep(&k->w, level, at, page.pa, *word);
	return true;
}

uint64_t walk2d_kit_walk(struct walk2d_kit *k, uint64_t va, unsigned *size_log2)
{
	struct lpae_regs r = { k->guest.base, k->guest_start, 48 };
	struct walk2d_page page = { 0 };
	struct lpae_walk found;
	uint64_t ipa;

	lpae_walk(&r, va, read_nested, k, &found);
	assert_int_equal(found.status, LPAE_OK);
	*size_log2 = found.leaf.size_log2;
	ipa = found.leaf.base | (va & ((UINT64_C(1) << found.leaf.size_log2) - 1));
	assert_true(walk2d_ipa(&k->w, &k->io, ipa, true, &page));
	if (page.size_log2 < *size_log2)
		*size_log2 = page.size_log2;
	return page.pa;
}

void walk2d_kit_make(struct walk2d_kit *k, const struct walk2d_conf *c, unsigned guest_start,
		     unsigned block_log2)
{
	struct walk2d_conf conf = *c;
	struct diag d;

	memset(k, 0, sizeof(*k));
	k->guest_start = (uint8_t)guest_start;
	k->block_log2 = (uint8_t)block_log2;
	k->rng = rng_stream(1, "walk2d");
	k->taken = calloc(FRAMES / 64, sizeof(*k->taken));
	assert_non_null(k->taken);
	k->stage2.base = conf.s2.root = STAGE2_BASE;
	new_table(&k->stage2);
	for (unsigned i = 1; conf.s2.start && i < 1u << (conf.s2.input_log2 - lpae_level_log2(conf.s2.start - 1u)); i++)
		new_table(&k->stage2);  /* concatenated at the start level */
	assert_ok(walk2d_init(&k->w, &conf, &d), &d);
	k->io = (struct walk2d_io){ .ctx = k, .stage2 = read_stage2, .guest = read_guest };
	k->guest.base = 0;
	map_stage2(k, new_table(&k->guest));
}

void walk2d_kit_free(struct walk2d_kit *k)
{
	free(k->guest.word);
	free(k->stage2.word);
	free(k->taken);
}
