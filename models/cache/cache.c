/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cache of tags and state (ARM926EJ-S TRM DDI 0198D chapter 4): accesses and fills. What it
 * models: cache.h; lockdown: cache_lock.c; maintenance: cache_maint.c; questions: cache_query.c.
 *
 * 1. A line is valid exactly when its tag is not 0; a set never holds a tag twice.
 * 2. Set comes from the MVA, except PIPT; tag from the PA, except VIVT. Bits below the smallest
 *    page (1 KB) are the same in both.
 * 3. Only a write-back write sets dirty bits; a fill and a clean leave none.
 * 4. fills - evictions - invalidated = resident. Dirty halves set = cast out + cleaned + lost
 *    to an invalidation + still there.
 * 5. hint[set] is the way used last, looked at first. It is invisible, by the second half of 1.
 * 6. Lockdown restrains fills only; a hit is a hit, locked or not.
 *
 * Not modelled: fill buffers, critical word first, streaming, the data itself.
 */
#include "models/cache/cache.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "models/cache/cache_inside.h"

enum { LINE_MIN = 8, LINE_MAX = GRANULE_BYTES };

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
	c->first = calloc(c->sets + 1u, sizeof(*c->first));
	c->forced = calloc(c->sets + 1u, sizeof(*c->forced));
	e = c->tag && c->hint && c->line && c->first && c->forced
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
	free(c->first);
	free(c->forced);
	free(c);
}

void cache_count_halves(unsigned dirty, uint64_t *half, uint64_t *full)
{
	if (dirty == (CACHE_DIRTY_LO | CACHE_DIRTY_HI))
		++*full;
	else if (dirty)
		++*half;
}

unsigned cache_take_dirty(struct cache *c, size_t slot)
{
	unsigned dirty = c->line[slot].dirty;

	c->dirty_lines -= dirty != 0;
	c->line[slot].dirty = 0;
	return dirty;
}

/* Empties a way for a fill; returns what was dirty there. */
static unsigned evict(struct cache *c, size_t slot)
{
	unsigned dirty;

	if (!c->tag[slot])
		return 0;
	c->victim_pa = hpa(c->line[slot].pa);
	dirty = cache_take_dirty(c, slot);
	cache_count_halves(dirty, &c->n.castout_half, &c->n.castout_full);
	c->n.evictions++;
	c->resident--;
	return dirty;
}

/* A free way of the set: an invalid one, else the victim; NONE when lockdown leaves none. */
static int choose_way(struct cache *c, unsigned set, bool lock)
{
	size_t first = cache_slot_of(c, set, 0);

	if (c->lock > CACHE_LOCK_WAYS0 || c->locked_ways)
		return cache_locked_choice(c, set, lock);
	for (unsigned way = 0; way < c->ways; way++)
		if (!c->tag[first + way])
			return (int)way;
	return (int)replace_victim(&c->replace, set);
}

static struct cache_outcome fill(struct cache *c, struct cache_spot s, gva_t mva, hpa_t pa,
				 bool lock)
{
	int way = choose_way(c, s.set, lock);
	uint32_t offset = c->line_bytes - 1;
	unsigned dirty;
	size_t slot;

	assert(!((mva.raw ^ pa.raw) & (GRANULE_BYTES - 1)));
	if (way == NONE)
		return (struct cache_outcome){ .hit = false };
	slot = cache_slot_of(c, s.set, (unsigned)way);
	dirty = evict(c, slot);
	c->tag[slot] = s.tag;
	c->line[slot] = (struct cache_slot){ .pa = pa.raw & ~(uint64_t)offset,
				       .mva = mva.raw & ~offset };
	c->resident++;
	c->n.fills++;
	cache_touch(c, s.set, (unsigned)way);
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
	return c->sets ? fill(c, s, mva, pa, c->lock_fills) : (struct cache_outcome){ .hit = false };
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
		c->n.write_misses++;
		if (!allocate || !c->sets)
			return out;
		out = fill(c, s, mva, pa, c->lock_fills);
		if (!out.filled)
			return out;
	}
	if (write_back)
		cache_set_dirty(c, s.set, mva);
	return out;
}

/* Brings a line in for an operation, not an access: a hit is no use of the line. */
static struct cache_outcome bring_in(struct cache *c, gva_t mva, hpa_t pa, bool lock)
{
	struct cache_spot s = cache_spot_of(c, mva, pa);

	if (cache_find(c, s) != NONE)
		return (struct cache_outcome){ .hit = true };
	return c->sets ? fill(c, s, mva, pa, lock) : (struct cache_outcome){ .hit = false };
}

struct cache_outcome cache_prefetch(struct cache *c, gva_t mva, hpa_t pa)
{
	struct cache_outcome out = bring_in(c, mva, pa, c->lock_fills);

	c->n.prefetches += out.filled;
	return out;
}

struct cache_outcome cache_allocate(struct cache *c, gva_t mva, hpa_t pa)
{
	struct cache_outcome out = bring_in(c, mva, pa, c->lock_fills);

	c->n.allocs += out.filled;
	return out;
}

struct cache_outcome cache_lock_line(struct cache *c, gva_t mva, hpa_t pa)
{
	struct cache_outcome out;

	assert(c->lock == CACHE_LOCK_LINES);
	out = bring_in(c, mva, pa, true);
	c->n.prefetches += out.filled;
	return out;
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
