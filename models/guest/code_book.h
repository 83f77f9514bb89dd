/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code dictionary: the instruction words that a trace's CODE records gave, by physical address.
 * Bounded: what no longer fits is not known, and whoever asks counts that.
 */
#ifndef SHADEWALK_MODELS_GUEST_CODE_BOOK_H
#define SHADEWALK_MODELS_GUEST_CODE_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CODE_PAGE_LOG2 = 10, CODE_PAGE_WORDS = 256, CODE_MAX_PAGES = 1 << 16 };

struct code_page {
	uint32_t number;                /* PA >> CODE_PAGE_LOG2 */
	uint32_t version;               /* bumped when a word that was known changes or a new one comes */
	uint8_t bytes[4 * CODE_PAGE_WORDS];     /* little-endian words */
	uint64_t known[CODE_PAGE_WORDS / 64];   /* by bit */
};

static inline bool code_page_knows(const struct code_page *p, unsigned word)
{
	return p->known[word / 64] >> word % 64 & 1;
}

static inline uint32_t code_page_word(const struct code_page *p, unsigned word)
{
	const uint8_t *b = p->bytes + 4 * word;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

struct code_book {
	struct code_page **slot;        /* open addressing */
	struct code_page *last;         /* that was added to */
	size_t slots, pages;
	uint64_t changes;               /* of words that were known already */
	bool failed;                    /* out of memory */
};

void code_book_free(struct code_book *c);         /* zero it before the first use */
/* bytes: n little-endian words at PA pa, which is word-aligned. */
void code_book_add(struct code_book *c, uint32_t pa, const uint8_t *bytes, unsigned n);
/* The 1 KB page of pa; NULL: nothing of it is known. */
const struct code_page *code_book_find(const struct code_book *c, uint32_t pa);

#endif
