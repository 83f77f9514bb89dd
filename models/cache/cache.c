/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cache of tags and state (ARM926EJ-S TRM DDI 0198D chapter 4). What it models: cache.h.
 *
 * 1. A line is valid exactly when its tag is not 0; a set never holds a tag twice.
 * 2. Set comes from the MVA, except PIPT; tag from the PA, except VIVT. Bits below the smallest
 *    page (1 KB) are the same in both.
 * 3. Only a write-back write sets dirty bits; a fill and a clean leave none.
 * 4. fills - evictions - invalidated = resident. Dirty halves set = cast out + cleaned + lost
 *    to an invalidation + still there.
 * 5. hint[set] is the way used last, looked at first. It is invisible, by the second half of 1.
 *
 * Not modelled: fill buffers, critical word first, streaming, lockdown, the data itself.
 */
#include "models/cache/cache.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "models/cache/cache_hot.h"

enum { NONE = -1, LINE_MIN = 8, LINE_MAX = GRANULE_BYTES };

#define X(id, name) [CACHE_##id] = #name,
const char *const cache_kind_name[CACHE_KINDS] = { CACHE_KIND_LIST(X) };
#undef X

enum err cache_geom_check(const struct cache_geom *g, const char *name, struct diag *d)
{
	if (g->policy >= REPLACES)
		return diag_set(d, ERR_CONFIG, "%s.policy: no policy %u", name, g->policy);
	if (g->kind >= CACHE_KINDS)
		return diag_set(d, ERR_CONFIG, "%s.kind: no kind %u", name, g->kind);
	if (!g->bytes)
		return ERR_OK;
	if (!is_pow2(g->line_bytes) || g->line_bytes < LINE_MIN || g->line_bytes > LINE_MAX)
		return diag_set(d, ERR_CONFIG, "%s.line: %u; a power of two from %u to %u",
				name, g->line_bytes, LINE_MIN, LINE_MAX);
	if (!is_pow2(g->ways))
		return diag_set(d, ERR_CONFIG, "%s.ways: %u; a power of two", name, g->ways);
	if (!is_pow2(g->bytes) || g->bytes / g->line_bytes < g->ways)
		return diag_set(d, ERR_CONFIG, "%s.bytes: %u; a power of two, at least %u ways"
				" of %u bytes", name, g->bytes, g->ways, g->line_bytes);
	if (!replace_fits((enum replace)g->policy, g->ways))
		return diag_set(d, ERR_CONFIG, "%s.policy: " REPLACE_FITS_TEXT ", not %u",
				name, g->ways);
	return ERR_OK;
}

enum err cache_create(struct cache **out, const struct cache_geom *g, uint64_t seed,
		      const char *name, struct diag *d)
{
	size_t lines = g->bytes && g->line_bytes ? g->bytes / g->line_bytes : 0;
	enum err e = cache_geom_check(g, name, d);
	struct cache *c;

	*out = NULL;
	if (e)
		return e;
	c = calloc(1, sizeof(*c));
	if (!c)
		return diag_set(d, ERR_NOMEM, "%s: no memory", name);
	c->kind = g->kind;
	c->ways = lines ? g->ways : 0;
	c->sets = lines ? (uint32_t)(lines / g->ways) : 0;
	c->line_bytes = lines ? g->line_bytes : LINE_MIN;
	c->line_log2 = (uint8_t)ilog2(c->line_bytes);
	c->ways_log2 = (uint8_t)ilog2(c->ways);
	c->tag = calloc(lines + 1, sizeof(*c->tag));
	c->hint = calloc(c->sets + 1u, sizeof(*c->hint));
	c->line = calloc(lines + 1, sizeof(*c->line));
	e = c->tag && c->hint && c->line
		    ? replace_create(&c->replace, (enum replace)g->policy, c->sets, c->ways,
				     seed, name, d)
		    : diag_set(d, ERR_NOMEM, "%s: no memory for %zu lines", name, lines);
	if (e) {
		cache_destroy(c);
		return e;
	}
	*out = c;
	return ERR_OK;
}

void cache_destroy(struct cache *c)
{
	if (!c)
		return;
	replace_release(&c->replace);
	free(c->tag);
	free(c->hint);
	free(c->line);
	free(c);
}

static inline size_t slot_of(const struct cache *c, unsigned set, unsigned way)
{
	return (size_t)set * c->ways + way;
}

/* Counts dirty halves into one of two counters: half a line or a whole one. */
static void count_halves(unsigned dirty, uint64_t *half, uint64_t *full)
{
	if (dirty == (CACHE_DIRTY_LO | CACHE_DIRTY_HI))
		++*full;
	else if (dirty)
		++*half;
}

/* Takes the dirty bits off a line and returns them. */
static unsigned take_dirty(struct cache *c, size_t slot)
{
	unsigned dirty = c->line[slot].dirty;

	c->dirty_lines -= dirty != 0;
	c->line[slot].dirty = 0;
	return dirty;
}

/* A free way of the set: an invalid one, else the victim; *dirty is what the victim had. */
static unsigned make_room(struct cache *c, unsigned set, unsigned *dirty)
{
	size_t first = slot_of(c, set, 0);
	unsigned way;

	for (way = 0; way < c->ways; way++)
		if (!c->tag[first + way])
			return way;
	way = replace_victim(&c->replace, set);
	c->victim_pa = hpa(c->line[first + way].pa);
	*dirty = take_dirty(c, first + way);
	count_halves(*dirty, &c->n.castout_half, &c->n.castout_full);
	c->n.evictions++;
	c->resident--;
	return way;
}

static struct cache_outcome fill(struct cache *c, struct cache_spot s, gva_t mva, hpa_t pa)
{
	unsigned dirty = 0, way = make_room(c, s.set, &dirty);
	size_t slot = slot_of(c, s.set, way);
	uint32_t offset = c->line_bytes - 1;

	assert(!((mva.raw ^ pa.raw) & (GRANULE_BYTES - 1)));
	c->tag[slot] = s.tag;
	c->line[slot] = (struct cache_slot){ .pa = pa.raw & ~(uint64_t)offset,
				       .mva = mva.raw & ~offset };
	c->resident++;
	c->n.fills++;
	cache_touch(c, s.set, way);
	return (struct cache_outcome){ .filled = true, .victim_dirty = (uint8_t)dirty };
}

struct cache_outcome cache_read(struct cache *c, gva_t mva, hpa_t pa)
{
	struct cache_spot s = cache_spot_of(c, mva, pa);
	int way = cache_find(c, s);

	c->n.reads++;
	if (way != NONE) {
		c->n.hits++;
		cache_touch(c, s.set, (unsigned)way);
		return (struct cache_outcome){ .hit = true };
	}
	c->n.misses++;
	return c->sets ? fill(c, s, mva, pa) : (struct cache_outcome){ .hit = false };
}

struct cache_outcome cache_write(struct cache *c, gva_t mva, hpa_t pa, bool write_back,
				 bool allocate)
{
	struct cache_spot s = cache_spot_of(c, mva, pa);
	int way = cache_find(c, s);
	struct cache_outcome out = { .hit = way != NONE };

	c->n.writes++;
	if (out.hit) {
		c->n.hits++;
		cache_touch(c, s.set, (unsigned)way);
	} else {
		c->n.misses++;
		if (!allocate || !c->sets)
			return out;
		out = fill(c, s, mva, pa);
	}
	if (write_back)
		cache_set_dirty(c, s.set, mva);
	return out;
}

static unsigned clean_slot(struct cache *c, size_t slot)
{
	unsigned dirty = take_dirty(c, slot);

	count_halves(dirty, &c->n.cleaned_half, &c->n.cleaned_full);
	return dirty;
}

/* Returns the dirty halves that are lost. */
static unsigned inval_slot(struct cache *c, size_t slot)
{
	unsigned dirty = take_dirty(c, slot);

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
	return maintain_slot(c, slot_of(c, s.set, (unsigned)way), clean, inval);
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
	size_t slot = slot_of(c, set, way);

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

static struct cache_swept sweep(struct cache *c, bool clean, bool inval)
{
	struct cache_swept out = { .lines = c->resident };
	size_t slots = (size_t)c->sets * c->ways;
	uint64_t half = 0, full = 0;

	/* Nothing left to change: the usual case of a clean after a clean. */
	for (size_t i = 0; i < slots && (inval ? c->resident : c->dirty_lines); i++)
		if (c->tag[i])
			count_halves(maintain_slot(c, i, clean, inval), &half, &full);
	out.half = (uint32_t)half;
	out.full = (uint32_t)full;
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

bool cache_pa_dirty(const struct cache *c, hpa_t pa)
{
	uint64_t line = pa.raw >> c->line_log2 << c->line_log2;
	/* Sets whose number agrees in the index bits below the smallest page. */
	uint32_t step = GRANULE_BYTES / c->line_bytes;
	uint32_t first = (uint32_t)(pa.raw >> c->line_log2) & (step - 1) & (c->sets - 1);

	if (!c->dirty_lines)
		return false;
	for (uint32_t set = first; set < c->sets; set += step) {
		const struct cache_slot *l = c->line + slot_of(c, set, 0);

		for (unsigned w = 0; w < c->ways; w++)
			if (l[w].dirty && l[w].pa == line)
				return true;
	}
	return false;
}

unsigned cache_resident(const struct cache *c)
{
	return c->resident;
}

unsigned cache_dirty_lines(const struct cache *c)
{
	return c->dirty_lines;
}

unsigned cache_sets(const struct cache *c)
{
	return c->sets;
}

unsigned cache_ways(const struct cache *c)
{
	return c->ways;
}

hpa_t cache_victim_pa(const struct cache *c)
{
	return c->victim_pa;
}

const struct cache_counts *cache_counts(const struct cache *c)
{
	return &c->n;
}

void cache_set_policy(struct cache *c, enum replace p)
{
	replace_set_policy(&c->replace, p);
}

void cache_each(const struct cache *c, void (*fn)(void *ctx, const struct cache_line *l),
		void *ctx)
{
	for (uint32_t set = 0; set < c->sets; set++) {
		for (uint32_t way = 0; way < c->ways; way++) {
			size_t slot = slot_of(c, set, way);
			const struct cache_slot *l = &c->line[slot];

			if (c->tag[slot])
				fn(ctx, &(struct cache_line){ gva(l->mva), hpa(l->pa), set,
							      (uint16_t)way, l->dirty });
		}
	}
}
