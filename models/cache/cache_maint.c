/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cache maintenance: clean and invalidate by line, set and way, range, all. Rules: cache.c. */
#include <assert.h>

#include "models/cache/cache_inside.h"

static unsigned clean_slot(struct cache *c, size_t slot)
{
	unsigned dirty = cache_take_dirty(c, slot);

	cache_count_halves(dirty, &c->n.cleaned_half, &c->n.cleaned_full);
	return dirty;
}

/* Returns the dirty halves that are lost. */
static unsigned inval_slot(struct cache *c, size_t slot)
{
	unsigned dirty = cache_take_dirty(c, slot);

	c->tag[slot] = 0;
	c->resident--;
	c->n.invalidated++;
	return dirty;
}

static unsigned maintain_slot(struct cache *c, size_t slot, bool clean, bool inval)
{
	unsigned dirty = clean ? clean_slot(c, slot) : 0;

	if (inval)
		dirty |= inval_slot(c, slot);
	return dirty;
}

static unsigned maintain_line(struct cache *c, gva_t mva, hpa_t pa, bool *hit, bool clean,
			      bool inval)
{
	struct cache_spot s = cache_spot_of(c, mva, pa);
	int way = cache_find(c, s);

	if (hit)
		*hit = way != NONE;
	if (way == NONE)
		return 0;
	return maintain_slot(c, cache_slot_of(c, s.set, (unsigned)way), clean, inval);
}

unsigned cache_clean_line(struct cache *c, gva_t mva, hpa_t pa, bool *hit)
{
	return maintain_line(c, mva, pa, hit, true, false);
}

unsigned cache_inval_line(struct cache *c, gva_t mva, hpa_t pa, bool *hit)
{
	return maintain_line(c, mva, pa, hit, false, true);
}

unsigned cache_clean_inval_line(struct cache *c, gva_t mva, hpa_t pa, bool *hit)
{
	return maintain_line(c, mva, pa, hit, true, true);
}

static unsigned maintain_way(struct cache *c, unsigned set, unsigned way, bool clean,
			     bool inval)
{
	size_t slot = cache_slot_of(c, set, way);

	assert(set < c->sets && way < c->ways);
	return c->tag[slot] ? maintain_slot(c, slot, clean, inval) : 0;
}

unsigned cache_clean_way(struct cache *c, unsigned set, unsigned way, bool inval)
{
	return maintain_way(c, set, way, true, inval);
}

unsigned cache_inval_way(struct cache *c, unsigned set, unsigned way)
{
	return maintain_way(c, set, way, false, true);
}

static void sweep_slot(struct cache *c, size_t slot, bool clean, bool inval,
		       struct cache_swept *out)
{
	uint64_t half = 0, full = 0;

	cache_count_halves(maintain_slot(c, slot, clean, inval), &half, &full);
	out->lines++;
	out->half += (uint32_t)half;
	out->full += (uint32_t)full;
}

/* Locked lines of kind `lines` are cleaned, but stay (XScale manual 4.2.4, 6.3.3). */
static struct cache_swept sweep(struct cache *c, bool clean, bool inval)
{
	struct cache_swept out = { .lines = inval ? 0 : c->resident };
	bool spare = c->lock == CACHE_LOCK_LINES;

	/* Nothing left to change: the usual case of a clean after a clean. */
	for (uint32_t set = 0; set < c->sets && (inval ? c->resident : c->dirty_lines); set++) {
		for (uint32_t way = 0; way < c->ways; way++) {
			size_t slot = cache_slot_of(c, set, way);
			bool stays = spare && way < c->first[set];

			if (c->tag[slot] && !(stays && !clean))
				sweep_slot(c, slot, clean, inval && !stays, &out);
		}
	}
	out.lines = inval ? out.lines : c->resident;
	return out;
}

struct cache_swept cache_clean_all(struct cache *c, bool inval)
{
	return sweep(c, true, inval);
}

struct cache_swept cache_inval_all(struct cache *c)
{
	return sweep(c, false, true);
}

struct cache_swept cache_range(struct cache *c, gva_t first, gva_t last, hpa_t pa, bool clean,
			       bool inval)
{
	uint32_t start = first.raw & ~(c->line_bytes - 1), bytes = last.raw - start;
	struct cache_swept out = { 0 };

	assert(first.raw <= last.raw);
	for (uint32_t at = 0; at <= bytes; at += c->line_bytes) {
		struct cache_spot s = cache_spot_of(c, gva(start + at), hpa(pa.raw + at));
		int way = cache_find(c, s);

		if (way != NONE)
			sweep_slot(c, cache_slot_of(c, s.set, (unsigned)way), clean, inval, &out);
		if (at > UINT32_MAX - c->line_bytes)
			break;
	}
	return out;
}

bool cache_test_clean(struct cache *c, bool inval, unsigned *dirty)
{
	size_t slots = (size_t)c->sets * c->ways;

	*dirty = 0;
	for (size_t i = 0; i < slots && c->dirty_lines; i++) {
		if (!c->line[i].dirty)
			continue;
		*dirty = clean_slot(c, i);
		return false;
	}
	if (inval)
		sweep(c, false, true);
	return true;
}
