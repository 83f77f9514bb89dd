/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about a cache that count nothing and change nothing. */
#include "models/cache/cache_inside.h"

static struct cache_line describe(const struct cache *c, unsigned set, unsigned way)
{
	const struct cache_slot *l = &c->line[cache_slot_of(c, set, way)];

	return (struct cache_line){ gva(l->mva), hpa(l->pa), set, (uint16_t)way, l->dirty,
				    cache_is_locked(c, set, way) };
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
		const struct cache_slot *l = c->line + cache_slot_of(c, set, 0);

		for (unsigned w = 0; w < c->ways; w++)
			if (l[w].dirty && l[w].pa == line)
				return true;
	}
	return false;
}

bool cache_peek(const struct cache *c, gva_t mva, hpa_t pa, struct cache_line *line)
{
	struct cache_spot s = cache_spot_of(c, mva, pa);
	int way = cache_find(c, s);

	if (way == NONE)
		return false;
	*line = describe(c, s.set, (unsigned)way);
	return true;
}

bool cache_line_in(const struct cache *c, unsigned set, unsigned way, struct cache_line *line)
{
	if (!c->tag[cache_slot_of(c, set, way)])
		return false;
	*line = describe(c, set, way);
	return true;
}

/* The sets that may hold a physical line agree in the index bits below the smallest page. */
struct search { uint64_t line; uint32_t set, way, step; };

static struct search search_for(const struct cache *c, hpa_t pa)
{
	uint32_t step = GRANULE_BYTES / c->line_bytes;

	return (struct search){
		.line = pa.raw >> c->line_log2 << c->line_log2,
		.set = (uint32_t)(pa.raw >> c->line_log2) & (step - 1) & (c->sets - 1),
		.step = step,
	};
}

static bool search_next(const struct cache *c, struct search *s, struct cache_line *out)
{
	for (; s->set < c->sets; s->set += s->step, s->way = 0) {
		while (s->way < c->ways) {
			size_t slot = cache_slot_of(c, s->set, s->way++);

			if (!c->tag[slot] || c->line[slot].pa != s->line)
				continue;
			*out = describe(c, s->set, s->way - 1);
			return true;
		}
	}
	return false;
}

unsigned cache_lines_of(const struct cache *c, hpa_t pa, struct cache_line *out, unsigned max)
{
	struct search s = search_for(c, pa);
	struct cache_line line;
	unsigned found = 0;

	for (; search_next(c, &s, &line); found++)
		if (found < max)
			out[found] = line;
	return found;
}

unsigned cache_colours(const struct cache *c)
{
	uint32_t way_bytes = c->sets * c->line_bytes;

	return c->kind == CACHE_PIPT || way_bytes <= FRAME_BYTES ? 1 : way_bytes / FRAME_BYTES;
}

unsigned cache_colour(const struct cache *c, gva_t mva)
{
	return mva.raw >> FRAME_LOG2 & (cache_colours(c) - 1);
}

/* Does none of the first n lines of pa have the colour of this one? */
static bool first_of_colour(const struct cache *c, hpa_t pa, unsigned n, const struct cache_line *l)
{
	struct search s = search_for(c, pa);
	struct cache_line other;

	while (n-- && search_next(c, &s, &other))
		if (cache_colour(c, other.mva) == cache_colour(c, l->mva))
			return false;
	return true;
}

struct cache_aliases cache_aliases(const struct cache *c, hpa_t pa)
{
	struct search s = search_for(c, pa);
	struct cache_aliases out = { 0 };
	struct cache_line line;

	while (search_next(c, &s, &line)) {
		out.colours += first_of_colour(c, pa, out.lines, &line);
		out.dirty += line.dirty != 0;
		out.lines++;
	}
	return out;
}

void cache_each(const struct cache *c, void (*fn)(void *ctx, const struct cache_line *l),
		void *ctx)
{
	for (uint32_t set = 0; set < c->sets; set++) {
		for (uint32_t way = 0; way < c->ways; way++) {
			size_t slot = cache_slot_of(c, set, way);
			struct cache_line l = describe(c, set, way);

			if (c->tag[slot])
				fn(ctx, &l);
		}
	}
}
