/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/cache/outer.h"

#include <assert.h>

#include "models/cache/cache_hot.h"

#define X(id, name) [WALK_SEES_##id] = #name,
const char *const walk_sees_name[WALK_SEES] = { WALK_SEES_LIST(X) };
#undef X

enum err outer_check(const struct cache_geom *l1, const struct cache_geom *l2, const char *name,
		     struct diag *d)
{
	if (!l2->bytes)
		return ERR_OK;
	if (l2->kind != CACHE_PIPT)
		return diag_set(d, ERR_CONFIG, "%s.kind: %s; an outer cache is pipt", name,
				l2->kind < CACHE_KINDS ? cache_kind_name[l2->kind] : "unknown");
	if (l1->bytes && l2->line_bytes < l1->line_bytes)
		return diag_set(d, ERR_CONFIG, "%s.line: %u; at least the %u of the caches before it",
				name, l2->line_bytes, l1->line_bytes);
	return ERR_OK;
}

static bool present(const struct outer *o)
{
	return o->l2 && cache_sets(o->l2);
}

/* A PIPT cache asks for no MVA, but takes its offset in the line from it. */
static gva_t offset_of(hpa_t pa)
{
	return gva((uint32_t)pa.raw);
}

static struct outer_done done(struct cache_outcome c)
{
	return (struct outer_done){
		.served = c.hit ? LEVEL_L2 : LEVEL_MEMORY,
		.filled = c.filled, .reads_memory = c.filled, .castout = c.victim_dirty,
	};
}

struct outer_done outer_read(struct outer *o, hpa_t pa)
{
	if (!present(o))
		return (struct outer_done){ .served = LEVEL_MEMORY };
	return done(cache_read(o->l2, offset_of(pa), pa));
}

struct outer_done outer_write(struct outer *o, hpa_t pa, bool write_back, bool allocate)
{
	struct outer_done out = { .served = LEVEL_MEMORY };

	if (!present(o))
		return out;
	out = done(cache_write(o->l2, offset_of(pa), pa, write_back, allocate));
	if (write_back && out.filled)
		out.served = LEVEL_L2;
	else if (!write_back)           /* through to memory, whether it hit or not */
		out.served = LEVEL_MEMORY;
	return out;
}

/* A whole L2 line needs nothing from memory. */
struct outer_done outer_castout(struct outer *o, hpa_t pa, uint32_t line_bytes, unsigned halves)
{
	hpa_t lo = hpa(pa.raw & ~(uint64_t)(line_bytes - 1)), hi = hpa(lo.raw + line_bytes / 2);
	struct outer_done out;

	assert(halves >= CACHE_DIRTY_LO && halves <= (CACHE_DIRTY_LO | CACHE_DIRTY_HI));
	out = outer_write(o, halves & CACHE_DIRTY_LO ? lo : hi, true, o->castout_allocates);
	if (out.served != LEVEL_L2 || halves != (CACHE_DIRTY_LO | CACHE_DIRTY_HI))
		return out;
	/* the same line, which was just touched */
	cache_set_dirty(o->l2, cache_spot_of(o->l2, offset_of(hi), hi).set, offset_of(hi));
	if (o->l2->line_bytes == line_bytes)
		out.reads_memory = false;
	return out;
}

static bool l1_holds(const struct cache *l1d, hpa_t pa)
{
	struct cache_line line;

	if (l1d->kind == CACHE_PIPT)
		return cache_peek(l1d, offset_of(pa), pa, &line);
	return cache_lines_of(l1d, pa, &line, 1) != 0;
}

struct outer_done outer_walk(struct outer *o, enum walk_sees sees, const struct cache *l1d,
			     hpa_t pa)
{
	if (sees == WALK_SEES_L1 && l1d && l1_holds(l1d, pa))
		return (struct outer_done){ .served = LEVEL_L1 };
	if (sees == WALK_SEES_MEMORY)
		return (struct outer_done){ .served = LEVEL_MEMORY };
	return outer_read(o, pa);
}

unsigned outer_stale(const struct outer *o, enum walk_sees sees, const struct cache *l1d,
		     hpa_t pa)
{
	unsigned stale = 0;

	if (sees != WALK_SEES_L1 && l1d && cache_pa_dirty(l1d, pa))
		stale |= STALE_L1;
	if (sees == WALK_SEES_MEMORY && present(o) && cache_pa_dirty(o->l2, pa))
		stale |= STALE_L2;
	return stale;
}
