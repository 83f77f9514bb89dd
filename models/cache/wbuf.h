/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Write buffer: first in first out, one entry out for every `drain` accesses of the guest (a
 * structural parameter, not a cost). Full: the store stalls until one entry is out. Absent: every
 * store stalls. stores - joined - drained = used.
 *
 * Which stores share an entry, X(id, name):
 *   burst   `entries` addresses and `words` data words; a block transfer takes one address for all
 *           its consecutive words (ARM926EJ-S TRM DDI 0198D 4.3: 16 words, 4 addresses; ARM920T)
 *   newest  entries of 16 bytes; a store may join the youngest (SA-1100 developer's manual 6.3: 8
 *           entries, words of store multiples only)
 *   any     entries of 16 bytes; a store may join any (XScale core developer's manual 6.1.3, 6.5:
 *           8 entries, where the page and ACTLR.K allow it)
 */
#ifndef SHADEWALK_MODELS_CACHE_WBUF_H
#define SHADEWALK_MODELS_CACHE_WBUF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

#define WBUF_MERGE_LIST(X) X(BURST, burst) X(NEWEST, newest) X(ANY, any)
enum wbuf_merge {
#define X(id, name) WBUF_##id,
	WBUF_MERGE_LIST(X)
#undef X
	WBUF_MERGES
};
extern const char *const wbuf_merge_name[WBUF_MERGES];

enum { WBUF_BLOCK_LOG2 = 4, WBUF_BLOCKS = 16, WBUF_MOST = 64 };

struct wbuf {
	uint32_t entries, words, drain;         /* addresses, data words, accesses an entry */
	uint32_t used, used_words, ticks;
	uint32_t next, burst;                   /* address that would join the youngest; its words */
	uint64_t stores, stalls, drained, joined;
	uint32_t merge;                         /* enum wbuf_merge */
	uint32_t block[WBUF_BLOCKS];            /* newest, any: mva >> 4 by order of arrival */
};

/* Can it be built? entries 0: absent. words only counts for burst. */
enum err wbuf_check(unsigned entries, unsigned words, unsigned drain, unsigned merge,
		    const char *name, struct diag *d) __attribute__((warn_unused_result));
void wbuf_init(struct wbuf *w, unsigned entries, unsigned words, unsigned drain); /* 0: none */
void wbuf_init_merging(struct wbuf *w, unsigned entries, unsigned drain, enum wbuf_merge merge);
void wbuf_tick(struct wbuf *w);                 /* one access went by */
void wbuf_ticks(struct wbuf *w, uint32_t n);    /* n of them, none a store to the buffer */
/* A store to the buffer; true: it had to stall. multi: it may share an entry. burst: a word of a
 * block transfer, after the word before it. newest, any: with a store to its 16 bytes. */
bool wbuf_store(struct wbuf *w, uint32_t mva, bool multi);
unsigned wbuf_drain(struct wbuf *w);            /* returns entries that were pending */

#endif
