/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Versions of words: which store is the newest, which one memory holds, which ones are still in the
 * write buffer. By word and not by line, so that two variables that share a line are no finding;
 * stores to bytes count for their word, an unaligned one for the word it begins in.
 */
#include <assert.h>
#include <stdlib.h>

#include "sim/lint_inside.h"

static unsigned word_of(uint32_t pa) { return pa >> 2 & (LINT_WORDS - 1); }

/* Out of memory: a spare that all such frames share, and results that lint_finish() refuses. */
static struct lint_frame *frame_of(struct lint *li, uint32_t pa)
{
	struct lint_frame ***row = &li->frame[pa >> 22], **f;

	if (!*row)
		*row = calloc(1024, sizeof(**row));
	f = *row ? &(*row)[pa >> FRAME_LOG2 & 1023] : NULL;
	if (f && !*f)
		*f = calloc(1, sizeof(**f));
	if (f && *f)
		return *f;
	li->failed = true;
	return &li->spare;
}

uint32_t lint_tick(struct lint *li)
{
	return (uint32_t)++li->clock;
}

uint32_t lint_newest(struct lint *li, uint32_t pa)
{
	return frame_of(li, pa)->newest[word_of(pa)];
}

void lint_set_newest(struct lint *li, uint32_t pa, uint32_t version)
{
	frame_of(li, pa)->newest[word_of(pa)] = version;
}

uint32_t lint_memory(struct lint *li, uint32_t pa)
{
	return frame_of(li, pa)->memory[word_of(pa)];
}

void lint_set_memory(struct lint *li, uint32_t pa, uint32_t version)
{
	uint32_t *memory = &frame_of(li, pa)->memory[word_of(pa)];

	if (*memory == version)
		return;
	*memory = version;
	li->tables += history_last(&li->words, pa & ~3u) != NULL;
}

/* --- write buffer ----------------------------------------------------------------------- */

/* Order is kept between the buffer and what goes past it: a store that is pending never undoes a
 * younger one that is in memory (assumption). */
uint32_t lint_readable(struct lint *li, uint32_t pa)
{
	uint32_t version = lint_memory(li, pa);

	for (size_t i = 0; i < li->npending; i++)
		if (li->pending[i].pa == (pa & ~3u) && li->pending[i].version > version)
			version = li->pending[i].version;
	return version;
}

/* Number of the entry that the last store is in. In a buffer that merges by address that is the
 * youngest of its block, in any other the youngest. */
static uint64_t entry_of(const struct wbuf *w, uint32_t mva, bool joined)
{
	uint64_t number = w->drained + w->used - 1;

	if (w->merge != WBUF_BURST && joined)
		while (w->block[number % WBUF_BLOCKS] != mva >> WBUF_BLOCK_LOG2)
			number--;
	return number;
}

void lint_buffered(struct machine *m, uint32_t mva, uint32_t pa, uint32_t version)
{
	struct lint *li = m->lint;
	struct lint_pending *p;

	lint_settle(m);
	if (!m->wb.entries) {
		lint_set_memory(li, pa, version);
		return;
	}
	if (li->npending == li->pending_cap) {
		size_t cap = li->pending_cap ? 2 * li->pending_cap : 64;

		p = realloc(li->pending, cap * sizeof(*p));
		if (!p) {
			li->failed = true;
			return;
		}
		li->pending = p;
		li->pending_cap = cap;
	}
	li->pending[li->npending++] = (struct lint_pending){ pa & ~3u, version,
		entry_of(&m->wb, mva, m->wb.joined != li->wb_joined) };
}

void lint_settle(struct machine *m)
{
	struct lint *li = m->lint;
	size_t kept = 0;

	for (size_t i = 0; i < li->npending; i++) {
		struct lint_pending p = li->pending[i];

		if (p.entry >= m->wb.drained)
			li->pending[kept++] = p;
		else if (p.version > lint_memory(li, p.pa))
			lint_set_memory(li, p.pa, p.version);
	}
	li->npending = kept;
}

/* --- values of table words -------------------------------------------------------------- */

/* The history has what the word held until each of its stores. */
bool lint_shown(struct lint *li, uint32_t pa, uint32_t newest, uint32_t *shown)
{
	uint32_t memory = lint_memory(li, pa);
	const struct hist_word *w;
	bool known = false;

	*shown = newest;
	if (memory == lint_newest(li, pa))
		return true;
	for (w = history_last(&li->words, pa & ~3u); w && w->until > memory;
	     w = history_prev(&li->words, w)) {
		*shown = w->value;
		known = true;
	}
	return known && *shown == newest;
}

void lint_table_store(struct machine *m, uint32_t pa, uint32_t old)
{
	struct lint *li = m->lint;
	uint32_t version = lint_newest(li, pa);

	assert(version);
	li->words.now = version - 1u;   /* so that `old` was there until this very store */
	history_word(&li->words, pa & ~3u, old);
	li->tables++;
}

void lint_versions_free(struct lint *li)
{
	for (size_t i = 0; i < 1024; i++) {
		for (size_t j = 0; li->frame[i] && j < 1024; j++)
			free(li->frame[i][j]);
		free(li->frame[i]);
	}
	free(li->pending);
	history_free(&li->words);
}
