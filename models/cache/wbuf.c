/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The write buffer as a counter of occupied entries: enough for "does this store stall" and
 * "how much is there to drain". Reads that are answered from the buffer are not modelled.
 *
 * 1. used <= entries, used_words <= words; stores - joined - drained = used.
 * 2. The drain timer runs only while something is pending, and starts anew with each entry.
 * 3. All entries are taken to hold their even share of the words when one drains: the buffer
 *    keeps totals, no list.
 * 4. Absent (entries 0): every store waits for memory itself and counts as a stall.
 * 5. Entries leave in order of arrival, so that `drained` numbers the oldest and drained + used
 *    the next one: block[] needs no pointers of its own.
 */
#include "models/cache/wbuf.h"

#include <assert.h>
#include <string.h>

#define X(id, name) [WBUF_##id] = #name,
const char *const wbuf_merge_name[WBUF_MERGES] = { WBUF_MERGE_LIST(X) };
#undef X

enum { ALONE = -1 };            /* block of an entry that nothing may join: no such block */

enum err wbuf_check(unsigned entries, unsigned words, unsigned drain, unsigned merge,
		    const char *name, struct diag *d)
{
	unsigned most = merge == WBUF_BURST ? WBUF_MOST : WBUF_BLOCKS;

	if (merge >= WBUF_MERGES)
		return diag_set(d, ERR_CONFIG, "%s.merge: no way %u to merge stores", name, merge);
	if (!entries)
		return ERR_OK;
	if (entries > most)
		return diag_set(d, ERR_CONFIG, "%s.entries: %u; at most %u with %s.merge=%s", name,
				entries, most, name, wbuf_merge_name[merge]);
	if (!drain)
		return diag_set(d, ERR_CONFIG, "%s.drain: 0; at least 1 access an entry", name);
	if (merge == WBUF_BURST && words < entries)
		return diag_set(d, ERR_CONFIG, "%s.words: %u is less than %s.entries (%u)", name,
				words, name, entries);
	return ERR_OK;
}

void wbuf_init(struct wbuf *w, unsigned entries, unsigned words, unsigned drain)
{
	assert((drain && words >= entries) || !entries);
	memset(w, 0, sizeof(*w));
	w->entries = entries;
	w->words = words;
	w->drain = drain;
}

void wbuf_init_merging(struct wbuf *w, unsigned entries, unsigned drain, enum wbuf_merge merge)
{
	assert(merge < WBUF_MERGES && merge != WBUF_BURST && entries <= WBUF_BLOCKS);
	wbuf_init(w, entries, entries << (WBUF_BLOCK_LOG2 - 2), drain);
	w->merge = merge;
}

static void one_out(struct wbuf *w)
{
	w->used_words -= w->used_words / w->used;
	w->used--;
	w->drained++;
	w->ticks = 0;
	if (!w->used)
		w->used_words = w->burst = 0;
}

void wbuf_tick(struct wbuf *w)
{
	if (w->used && ++w->ticks >= w->drain)
		one_out(w);
}

void wbuf_ticks(struct wbuf *w, uint32_t n)
{
	while (w->used && n >= w->drain - w->ticks) {
		n -= w->drain - w->ticks;
		one_out(w);
	}
	if (w->used)
		w->ticks += n;
}

/* Does an entry hold this block and may be joined? */
static bool holds_block(const struct wbuf *w, uint32_t block)
{
	uint32_t n = w->merge == WBUF_ANY ? w->used : w->used != 0;

	for (uint64_t i = w->drained + w->used; n--;)
		if (w->block[--i % WBUF_BLOCKS] == block)
			return true;
	return false;
}

__attribute__((noinline)) static bool store_block(struct wbuf *w, uint32_t mva, bool multi)
{
	uint32_t block = multi ? mva >> WBUF_BLOCK_LOG2 : (uint32_t)ALONE;
	bool joins = multi && holds_block(w, block);
	bool full = !joins && w->used == w->entries;

	w->stores++;
	w->stalls += full;
	w->joined += joins;
	if (full)
		one_out(w);
	if (joins)
		return false;
	w->block[(w->drained + w->used) % WBUF_BLOCKS] = block;
	w->used++;
	return full;
}

static bool store_burst(struct wbuf *w, uint32_t mva, bool multi)
{
	bool joins = multi && w->burst && mva == w->next && w->used;
	bool full = w->used_words == w->words || (!joins && w->used == w->entries);

	w->stores++;
	w->stalls += full;
	if (full)
		one_out(w);
	joins = joins && w->used;
	w->joined += joins;
	w->used += !joins;
	w->used_words++;
	w->burst = multi;
	w->next = mva + 4;
	return full;
}

bool wbuf_store(struct wbuf *w, uint32_t mva, bool multi)
{
	if (w->entries)
		return w->merge == WBUF_BURST ? store_burst(w, mva, multi)
					      : store_block(w, mva, multi);
	w->stores++;
	w->stalls++;
	w->drained++;
	return true;
}

unsigned wbuf_drain(struct wbuf *w)
{
	unsigned pending = w->used;

	w->drained += pending;
	w->used = w->used_words = 0;
	w->ticks = w->burst = 0;
	return pending;
}
