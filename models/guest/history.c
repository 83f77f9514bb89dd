/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/history.h"

#include <stdlib.h>
#include <string.h>

/* Cuts number their past below this; a trace never has that many changes before its end. */
#define EPOCH (UINT64_C(1) << 40)

static const uint8_t classes[] = { 10, 12, 16, 20 };    /* page sizes of the v5 format, log2 */

static uint64_t inval_key(gva_t mva, unsigned size_log2)
{
	return (uint64_t)size_log2 << 32 | mva.raw >> size_log2;
}

static struct hist_slot *map_find(const struct hist_map *m, uint64_t key)
{
	size_t i = (key * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (m->cap - 1);

	while (m->slot[i].gen == m->gen && m->slot[i].key != key)
		i = (i + 1) & (m->cap - 1);
	return &m->slot[i];
}

static bool map_grow(struct hist_map *m)
{
	struct hist_map n = { .cap = m->cap ? 2 * m->cap : 1024, .gen = 1 };

	n.slot = calloc(n.cap, sizeof(*n.slot));
	if (!n.slot)
		return false;
	for (size_t i = 0; i < m->cap; i++) {
		if (m->slot[i].gen != m->gen)
			continue;
		struct hist_slot *s = map_find(&n, m->slot[i].key);

		*s = m->slot[i];
		s->gen = n.gen;
		n.used++;
	}
	free(m->slot);
	*m = n;
	return true;
}

static bool map_put(struct hist_map *m, uint64_t key, uint64_t value)
{
	struct hist_slot *s;

	if (2 * (m->used + 1) > m->cap && !map_grow(m))
		return false;
	s = map_find(m, key);
	if (s->gen != m->gen)
		m->used++;
	*s = (struct hist_slot){ .key = key, .value = value, .gen = m->gen };
	return true;
}

static uint64_t map_get(const struct hist_map *m, uint64_t key)
{
	const struct hist_slot *s;

	if (!m->used)
		return 0;
	s = map_find(m, key);
	return s->gen == m->gen ? s->value : 0;
}

static void map_forget(struct hist_map *m)
{
	m->gen++;
	m->used = 0;
}

static bool reserve(void **p, size_t *cap, size_t n, size_t each)
{
	void *q;
	size_t c = *cap ? 2 * *cap : 256;

	if (n < *cap)
		return true;
	q = realloc(*p, c * each);
	if (!q)
		return false;
	*p = q;
	*cap = c;
	return true;
}

void history_init(struct history *h)
{
	memset(h, 0, sizeof(*h));
	h->now = EPOCH;
}

void history_free(struct history *h)
{
	free(h->words);
	free(h->regs);
	free(h->last.slot);
	free(h->inval.slot);
	memset(h, 0, sizeof(*h));
}

static void add_word(struct history *h, uint32_t pa, uint32_t old, uint64_t until)
{
	if (!reserve((void **)&h->words, &h->words_cap, h->nwords, sizeof(*h->words))) {
		h->failed = true;
		return;
	}
	h->words[h->nwords] = (struct hist_word){ .pa = pa, .value = old, .until = until,
		.prev = (uint32_t)map_get(&h->last, pa) };
	h->nwords++;
	if (!map_put(&h->last, pa, h->nwords))
		h->failed = true;
}

static void add_regs(struct history *h, struct walk_regs old, uint64_t until)
{
	if (!reserve((void **)&h->regs, &h->regs_cap, h->nregs, sizeof(*h->regs))) {
		h->failed = true;
		return;
	}
	h->regs[h->nregs++] = (struct hist_regs){ .regs = old, .until = until };
}

static void add_inval(struct history *h, gva_t mva, uint64_t when)
{
	for (size_t i = 0; i < sizeof(classes); i++)
		if (!map_put(&h->inval, inval_key(mva, classes[i]), when))
			h->failed = true;
}

void history_word(struct history *h, uint32_t pa, uint32_t old)
{
	add_word(h, pa, old, ++h->now);
}

void history_regs(struct history *h, struct walk_regs old)
{
	add_regs(h, old, ++h->now);
}

void history_inval_all(struct history *h)
{
	h->now++;
	h->nwords = h->nregs = 0;
	map_forget(&h->last);
	map_forget(&h->inval);
}

void history_inval_mva(struct history *h, gva_t mva)
{
	add_inval(h, mva, ++h->now);
}

void history_word_at(struct history *h, uint32_t pa, uint32_t old, uint64_t age)
{
	add_word(h, pa, old, EPOCH - age + 1);
}

struct walk_regs history_regs_known(const struct history *h, uint64_t age, struct walk_regs now)
{
	return h->nregs && h->regs[h->nregs - 1].until == EPOCH - age + 1
		? h->regs[h->nregs - 1].regs : now;
}

void history_regs_at(struct history *h, struct walk_regs old, uint64_t age)
{
	if (h->nregs && h->regs[h->nregs - 1].until == EPOCH - age + 1)
		h->nregs--;             /* one register at a time: replaced by both */
	add_regs(h, old, EPOCH - age + 1);
}

void history_inval_at(struct history *h, gva_t mva, uint64_t age)
{
	add_inval(h, mva, EPOCH - age + 1);
}

const struct hist_word *history_last(const struct history *h, uint32_t pa)
{
	uint64_t i = map_get(&h->last, pa);

	return i ? &h->words[i - 1] : NULL;
}

const struct hist_word *history_prev(const struct history *h, const struct hist_word *w)
{
	return w->prev ? &h->words[w->prev - 1] : NULL;
}

uint64_t history_inval_time(const struct history *h, gva_t mva, unsigned size_log2)
{
	return map_get(&h->inval, inval_key(mva, size_log2));
}
