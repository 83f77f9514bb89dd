/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/history.h"

#include <stdlib.h>
#include <string.h>

/* Cuts number their past below this; a trace never has that many changes before its end. */
#define EPOCH (UINT64_C(1) << 40)

/* Page sizes, log2: of ARMv5 the first four, of ARMv6 the last four. */
static const uint8_t classes[] = { 10, 12, 16, 20, 24 };
enum { CLASSES = 4 };

static uint64_t inval_key(gva_t mva, unsigned size_log2, uint32_t scope)
{
	return (uint64_t)scope << 40 | (uint64_t)size_log2 << 32 | mva.raw >> size_log2;
}

/* No page, no size class. */
static uint64_t asid_key(uint32_t scope)
{
	return (uint64_t)scope << 40;
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

void history_init(struct history *h, bool v6)
{
	memset(h, 0, sizeof(*h));
	h->v6 = v6;
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

static bool same_regs(const struct hist_regs *x, struct walk_regs r, uint8_t asid)
{
	return x->asid == asid && !memcmp(&x->regs, &r, sizeof(r));
}

/* Settings recur with the processes. Searched youngest first; beyond `enough` a setting counts
 * as a new one, which costs enumeration time and nothing else. */
static uint16_t regs_id(const struct history *h, struct walk_regs r, uint8_t asid)
{
	const size_t enough = 512;

	for (size_t i = h->nregs; i-- > 0 && h->nregs - i <= enough;)
		if (same_regs(&h->regs[i], r, asid))
			return h->regs[i].id;
	return (uint16_t)(h->nregs < UINT16_MAX ? h->nregs : UINT16_MAX);
}

static void add_regs(struct history *h, struct walk_regs old, uint8_t asid, uint64_t until)
{
	if (!reserve((void **)&h->regs, &h->regs_cap, h->nregs, sizeof(*h->regs))) {
		h->failed = true;
		return;
	}
	h->regs[h->nregs] = (struct hist_regs){ .regs = old, .until = until, .asid = asid,
						.id = h->v6 ? regs_id(h, old, asid) : 0 };
	h->nregs++;
}

static void add_inval(struct history *h, gva_t mva, uint32_t scope, uint64_t when)
{
	for (size_t i = 0; i < CLASSES; i++)
		if (!map_put(&h->inval, inval_key(mva, classes[i + h->v6], scope), when))
			h->failed = true;
}

void history_word(struct history *h, uint32_t pa, uint32_t old)
{
	add_word(h, pa, old, ++h->now);
}

void history_regs(struct history *h, struct walk_regs old, uint8_t asid)
{
	add_regs(h, old, asid, ++h->now);
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
	add_inval(h, mva, HIST_EVERY, ++h->now);
}

void history_inval_mva_asid(struct history *h, gva_t mva, uint8_t asid)
{
	h->now++;
	add_inval(h, mva, HIST_GLOBAL, h->now);
	add_inval(h, mva, HIST_ASID | asid, h->now);
}

void history_inval_asid(struct history *h, uint8_t asid)
{
	if (!map_put(&h->inval, asid_key(HIST_WHOLE_ASID | asid), ++h->now))
		h->failed = true;
}

void history_word_at(struct history *h, uint32_t pa, uint32_t old, uint64_t age)
{
	add_word(h, pa, old, EPOCH - age + 1);
}

const struct hist_regs *history_regs_known(const struct history *h, uint64_t age)
{
	const struct hist_regs *r = h->nregs ? &h->regs[h->nregs - 1] : NULL;

	return r && r->until == EPOCH - age + 1 ? r : NULL;
}

void history_regs_at(struct history *h, struct walk_regs old, uint8_t asid, uint64_t age)
{
	if (history_regs_known(h, age))
		h->nregs--;
	add_regs(h, old, asid, EPOCH - age + 1);
}

void history_inval_at(struct history *h, gva_t mva, uint32_t scope, uint64_t age)
{
	uint64_t when = EPOCH - age + 1;

	if ((scope & ~0xffu) != HIST_WHOLE_ASID)
		add_inval(h, mva, scope, when);
	else if (!map_put(&h->inval, asid_key(scope), when))
		h->failed = true;
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
	return map_get(&h->inval, inval_key(mva, size_log2, HIST_EVERY));
}

static uint64_t later(uint64_t a, uint64_t b) { return a > b ? a : b; }

uint64_t history_inval_time_of(const struct history *h, gva_t mva, unsigned size_log2, bool ng,
			       uint8_t asid)
{
	uint64_t every = history_inval_time(h, mva, size_log2);
	uint64_t own = map_get(&h->inval, inval_key(mva, size_log2, ng ? HIST_ASID | asid
								       : HIST_GLOBAL));

	if (ng)
		own = later(own, map_get(&h->inval, asid_key(HIST_WHOLE_ASID | asid)));
	return later(every, own);
}
