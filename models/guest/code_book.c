/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/code_book.h"

#include <stdlib.h>

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
	struct code_page *p;
	size_t i;

	if (2 * c->pages >= c->slots && !grow(c)) {
		c->failed = true;
		return NULL;
	}
	i = place(c->slot, c->slots, number);
	if (c->slot[i] || c->pages == CODE_MAX_PAGES)
		return c->slot[i];
	p = calloc(1, sizeof(*p));
	if (!p) {
		c->failed = true;
		return NULL;
	}
	p->number = number;
	c->slot[i] = p;
	c->pages++;
	return p;
}

void code_book_add(struct code_book *c, uint32_t pa, const uint8_t *bytes, unsigned n)
{
	struct code_page *p = NULL;

	for (unsigned k = 0; k < n; k++, pa += 4, bytes += 4) {
		unsigned at = pa >> 2 & (CODE_PAGE_WORDS - 1);
		uint32_t word = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
				(uint32_t)bytes[3] << 24;

		if (!k || !at)
			p = page_of(c, pa >> CODE_PAGE_LOG2);
		if (!p || (p->known[at] && p->word[at] == word))
			continue;
		c->changes += p->known[at];
		p->known[at] = 1;
		p->word[at] = word;
		p->version++;
	}
}
