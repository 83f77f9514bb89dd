/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/code_book.h"

#include <stdlib.h>
#include <string.h>

void code_book_free(struct code_book *c)
{
	for (size_t i = 0; i < c->slots; i++)
		free(c->slot[i]);
	free(c->slot);
	*c = (struct code_book){ 0 };
}

/* Where the page is, or would be. */
static size_t place(struct code_page *const *slot, size_t slots, uint32_t number)
{
	size_t i = number * UINT32_C(0x9e3779b1) & (slots - 1);

	while (slot[i] && slot[i]->number != number)
		i = (i + 1) & (slots - 1);
	return i;
}

const struct code_page *code_book_find(const struct code_book *c, uint32_t pa)
{
	return c->slots ? c->slot[place(c->slot, c->slots, pa >> CODE_PAGE_LOG2)] : NULL;
}

static bool grow(struct code_book *c)
{
	size_t slots = c->slots ? 2 * c->slots : 256;
	struct code_page **slot = calloc(slots, sizeof(struct code_page *));

	if (!slot)
		return false;
	for (size_t i = 0; i < c->slots; i++)
		if (c->slot[i])
			slot[place(slot, slots, c->slot[i]->number)] = c->slot[i];
	free(c->slot);
	c->slot = slot;
	c->slots = slots;
	return true;
}

static struct code_page *page_of(struct code_book *c, uint32_t number)
{
	struct code_page *p = c->last;
	size_t i;

	if (p && p->number == number)
		return p;
	if (2 * c->pages >= c->slots && !grow(c)) {
		c->failed = true;
		return NULL;
	}
	i = place(c->slot, c->slots, number);
	if (c->slot[i] || c->pages == CODE_MAX_PAGES)
		return c->last = c->slot[i];
	p = calloc(1, sizeof(*p));
	if (!p) {
		c->failed = true;
		return NULL;
	}
	p->number = number;
	c->slot[i] = p;
	c->pages++;
	return c->last = p;
}

static void add_word(struct code_book *c, struct code_page *p, unsigned at, const uint8_t *bytes)
{
	uint64_t bit = UINT64_C(1) << at % 64;

	if (p->known[at / 64] & bit && !memcmp(p->bytes + 4 * at, bytes, 4))
		return;
	c->changes += p->known[at / 64] & bit ? 1 : 0;
	p->known[at / 64] |= bit;
	memcpy(p->bytes + 4 * at, bytes, 4);
	p->version++;
}

/* n words of one page, n > 0; nearly always either none or all are known. */
static void add_words(struct code_book *c, struct code_page *p, unsigned at, const uint8_t *bytes,
		      unsigned n)
{
	uint64_t *known = &p->known[at / 64], mask = ~UINT64_C(0) >> (64 - n % 64) % 64 << at % 64;
	bool simple = n < 64 && at % 64 + n <= 64;

	if (simple && !(*known & mask)) {
		*known |= mask;
		memcpy(p->bytes + 4 * at, bytes, 4 * n);
		p->version++;
		return;
	}
	if (simple && (*known & mask) == mask && !memcmp(p->bytes + 4 * at, bytes, 4 * n))
		return;
	for (unsigned k = 0; k < n; k++)
		add_word(c, p, at + k, bytes + 4 * k);
}

void code_book_add(struct code_book *c, uint32_t pa, const uint8_t *bytes, unsigned n)
{
	while (n) {
		unsigned at = pa >> 2 & (CODE_PAGE_WORDS - 1);
		unsigned here = n < CODE_PAGE_WORDS - at ? n : CODE_PAGE_WORDS - at;
		struct code_page *p = page_of(c, pa >> CODE_PAGE_LOG2);

		if (p)
			add_words(c, p, at, bytes, here);
		pa += 4 * here;
		bytes += 4 * here;
		n -= here;
	}
}
