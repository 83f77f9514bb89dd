/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes that are pending in a write buffer. An entry is found by its number: wbuf.c, rule 5. */
#include <assert.h>

#include "models/cache/wbuf.h"

enum { BLOCK_BYTES = 1 << WBUF_BLOCK_LOG2 };

static struct wbuf_bytes *entry(struct wbuf_list *l, uint64_t number)
{
	return &l->e[number % WBUF_LISTED];
}

static uint16_t mask_of(uint64_t pa, unsigned bytes)
{
	return (uint16_t)(((1u << bytes) - 1) << (pa & (BLOCK_BYTES - 1)));
}

/* Another word of a block transfer: behind the range that is last, or a range of its own. */
static void extend(struct wbuf_bytes *e, uint64_t pa, unsigned bytes)
{
	unsigned last = e->bytes[1] != 0;

	if (e->pa[last] + e->bytes[last] == pa) {
		e->bytes[last] += bytes;
	} else if (last) {
		e->anywhere = true;
	} else {
		e->pa[1] = pa;
		e->bytes[1] = bytes;
	}
}

/* A store that joined the youngest entry of its block. The buffer compares virtual addresses: the
 * page may have come to lie elsewhere since. */
static void merge(struct wbuf *w, struct wbuf_list *l, uint32_t mva, uint64_t pa, unsigned bytes)
{
	uint64_t number = w->drained + w->used - 1;
	struct wbuf_bytes *e;

	while (w->block[number % WBUF_BLOCKS] != mva >> WBUF_BLOCK_LOG2)
		number--;
	e = entry(l, number);
	e->mask |= mask_of(pa, bytes);
	e->anywhere |= e->pa[0] != (pa & ~(uint64_t)(BLOCK_BYTES - 1));
}

bool wbuf_store_listed(struct wbuf *w, struct wbuf_list *l, uint32_t mva, hpa_t pa,
		       unsigned bytes, bool multi)
{
	uint64_t joined = w->joined;
	bool stalled = wbuf_store(w, mva, multi), joins = w->joined != joined;
	struct wbuf_bytes *e;

	assert(bytes && w->entries <= WBUF_LISTED);
	assert((pa.raw & (BLOCK_BYTES - 1)) + bytes <= BLOCK_BYTES);
	if (!w->entries)
		return stalled;
	e = entry(l, w->drained + w->used - 1);
	if (w->merge == WBUF_BURST && joins)
		extend(e, pa.raw, bytes);
	else if (joins)
		merge(w, l, mva, pa.raw, bytes);
	else if (w->merge == WBUF_BURST)
		*e = (struct wbuf_bytes){ .pa = { pa.raw }, .bytes = { bytes } };
	else
		*e = (struct wbuf_bytes){ .pa = { pa.raw & ~(uint64_t)(BLOCK_BYTES - 1) },
					  .mask = mask_of(pa.raw, bytes) };
	return stalled;
}

static bool overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes)
{
	return a_bytes && a < b + b_bytes && b < a + a_bytes;
}

static bool holds(const struct wbuf_bytes *e, uint64_t pa, unsigned bytes)
{
	if (e->anywhere || overlap(e->pa[0], e->bytes[0], pa, bytes) ||
	    overlap(e->pa[1], e->bytes[1], pa, bytes))
		return true;
	for (unsigned i = 0; i < BLOCK_BYTES; i++)
		if (e->mask >> i & 1 && overlap(e->pa[0] + i, 1, pa, bytes))
			return true;
	return false;
}

bool wbuf_holds(const struct wbuf *w, const struct wbuf_list *l, hpa_t pa, unsigned bytes)
{
	for (uint32_t i = 0; i < w->used; i++)
		if (holds(&l->e[(w->drained + i) % WBUF_LISTED], pa.raw, bytes))
			return true;
	return false;
}
