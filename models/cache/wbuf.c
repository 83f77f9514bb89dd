/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The write buffer as a counter of occupied entries: enough for "does this store stall" and
 * "how much is there to drain". Neither merging of separate stores nor reads that are answered
 * from the buffer are modelled.
 *
 * 1. used <= entries, used_words <= words; stores - joined - drained = used.
 * 2. The drain timer runs only while something is pending, and starts anew with each entry.
 * 3. All entries are taken to hold their even share of the words when one drains: the buffer
 *    keeps totals, no list.
 * 4. Absent (entries 0): every store waits for memory itself and counts as a stall.
 */
#include "models/cache/cache.h"

#include <assert.h>
#include <string.h>

void wbuf_init(struct wbuf *w, unsigned entries, unsigned words, unsigned drain)
{
	assert((drain && words >= entries) || !entries);
	memset(w, 0, sizeof(*w));
	w->entries = entries;
	w->words = words;
	w->drain = drain;
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

bool wbuf_store(struct wbuf *w, uint32_t mva, bool multi)
{
	bool joins = multi && w->burst && mva == w->next && w->used;
	bool full = w->used_words == w->words || (!joins && w->used == w->entries);

	w->stores++;
	w->stalls += full;
	if (!w->entries) {
		w->drained++;
		return true;
	}
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

unsigned wbuf_drain(struct wbuf *w)
{
	unsigned pending = w->used;

	w->drained += pending;
	w->used = w->used_words = 0;
	w->ticks = w->burst = 0;
	return pending;
}
