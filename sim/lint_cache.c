/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Books beside the caches: I3 to I8, I13, I16. What an access did is read off the models' counters;
 * what maintenance did is found before the next access, by comparing each line with its book. An outer
 * cache counts as memory here.
 */
#include <stdio.h>
#include <stdlib.h>

#include "models/cache/cache_hot.h"
#include "sim/lint_inside.h"

enum err lint_cache_init(struct lint_cache *lc, const struct cache *c, bool fetches,
			 struct diag *d)
{
	size_t slots = c ? (size_t)cache_sets(c) * cache_ways(c) : 0;

	lc->fetches = fetches;
	if (!slots)
		return ERR_OK;
	lc->c = c;
	lc->words = c->line_bytes / 4;
	lc->line = calloc(slots, sizeof(*lc->line));
	lc->version = calloc(slots * lc->words, sizeof(*lc->version));
	return lc->line && lc->version ? ERR_OK : diag_set(d, ERR_NOMEM, "out of memory");
}

static uint32_t *version_of(struct lint_cache *lc, size_t slot, uint32_t pa)
{
	return &lc->version[slot * lc->words + (pa >> 2 & (lc->words - 1))];
}

/* --- lines that come and go ------------------------------------------------------------- */

/* Halves of a line go to memory, whole. */
static void write_back(struct machine *m, struct lint_cache *lc, size_t slot, unsigned halves)
{
	struct lint_line *l = &lc->line[slot];
	bool told = false;

	for (uint32_t w = 0; w < lc->words; w++) {
		uint32_t pa = l->pa + 4 * w, version = lc->version[slot * lc->words + w];

		if (!(halves & (w < lc->words / 2 ? CACHE_DIRTY_LO : CACHE_DIRTY_HI)))
			continue;
		if (lint_memory(m->lint, pa) > version && !told) {
			lint_find(m, FINDING_I3, lint_by_access(m), l->mva + 4 * w, pa,
				  "written back: store %u; memory has store %u already", version,
				  lint_memory(m->lint, pa));
			told = true;
		}
		lint_set_memory(m->lint, pa, version);
	}
}

/* An invalidate without a clean: the newest data is what memory has, as it was meant to be. */
static void discard(struct machine *m, struct lint_cache *lc, size_t slot, unsigned halves)
{
	struct lint_line *l = &lc->line[slot];

	for (uint32_t w = 0; w < lc->words; w++) {
		uint32_t pa = l->pa + 4 * w;

		if (halves & (w < lc->words / 2 ? CACHE_DIRTY_LO : CACHE_DIRTY_HI) &&
		    lint_newest(m->lint, pa) == lc->version[slot * lc->words + w])
			lint_set_newest(m->lint, pa, lint_readable(m->lint, pa));
	}
}

/* A fill: the instruction side does not see the write buffer (assumption). */
static void install(struct machine *m, struct lint_cache *lc, size_t slot)
{
	const struct cache_slot *now = &lc->c->line[slot];

	lc->line[slot] = (struct lint_line){ .pa = (uint32_t)now->pa, .mva = now->mva,
					     .valid = true };
	for (uint32_t w = 0; w < lc->words; w++) {
		uint32_t pa = (uint32_t)now->pa + 4 * w;

		lc->version[slot * lc->words + w] = lc->fetches ? lint_memory(m->lint, pa)
								: lint_readable(m->lint, pa);
	}
}

static void reconcile(struct machine *m, struct lint_cache *lc, size_t slot, bool cleaned)
{
	const struct cache_slot *now = &lc->c->line[slot];
	struct lint_line *l = &lc->line[slot];
	bool valid = lc->c->tag[slot] != 0;
	bool same = valid && l->valid && l->pa == now->pa && l->mva == now->mva;
	unsigned gone = !l->valid ? 0 : same ? l->dirty & ~now->dirty : l->dirty;

	if (gone && (cleaned || (valid && !same)))
		write_back(m, lc, slot, gone);
	else if (gone)
		discard(m, lc, slot, gone);
	if (valid && !same)
		install(m, lc, slot);
	if (valid && now->dirty & ~l->dirty)
		lint_find(m, FINDING_I7, lint_by_access(m), now->mva, (uint32_t)now->pa,
			  "dirty halves %u, by no write-back store", now->dirty & ~l->dirty & 3u);
	l->valid = valid;
	l->dirty = now->dirty;
}

static uint64_t uses(const struct cache_counts *n)
{
	return n->reads + n->writes;
}

/* Fills that an access asked for. */
static uint64_t demanded(const struct cache_counts *n)
{
	return n->fills - n->prefetches - n->allocs;
}

static uint64_t cleaned(const struct cache_counts *n)
{
	return n->cleaned_half + n->cleaned_full;
}

/* Counters that moved although no access went through the cache since the last hook. */
static void check_unasked(struct machine *m, const struct lint_cache *lc)
{
	const struct cache_counts *n = cache_counts(lc->c);
	const char *side = lc->fetches ? "instruction" : "data";

	if (m->lint->faulted && (uses(n) != uses(&lc->n) || demanded(n) != demanded(&lc->n)))
		lint_find(m, FINDING_I16, lint_by_access(m), 0, 0,
			  "no use of the %s cache by an access that faulted", side);
	else if (demanded(n) != demanded(&lc->n))
		lint_find(m, FINDING_I7, lint_by_access(m), 0, 0,
			  "no fill of the %s cache between accesses", side);
}

static void note_state(struct lint_cache *lc)
{
	lc->n = *cache_counts(lc->c);
	lc->dirty_lines = lc->c->dirty_lines;
}

void lint_sync(struct machine *m, struct lint_cache *lc)
{
	const struct cache_counts *n;
	size_t slots;

	if (!lc->c)
		return;
	n = cache_counts(lc->c);
	check_unasked(m, lc);
	slots = (size_t)lc->c->sets * lc->c->ways;
	if (n->fills != lc->n.fills || n->invalidated != lc->n.invalidated ||
	    lc->c->dirty_lines != lc->dirty_lines || cleaned(n) != cleaned(&lc->n))
		for (size_t i = 0; i < slots; i++)
			reconcile(m, lc, i, cleaned(n) != cleaned(&lc->n));
	note_state(lc);
}

/* --- one access ------------------------------------------------------------------------- */

const char *lint_where(struct machine *m, uint32_t pa, char buf[64])
{
	struct lint *li = m->lint;
	struct lint_cache *lc = &li->d;
	uint32_t newest = lint_newest(li, pa);

	for (size_t i = 0; lc->c && i < (size_t)lc->c->sets * lc->c->ways; i++) {
		const struct lint_line *l = &lc->line[i];

		if (!l->valid || !l->dirty || l->pa != (pa & ~(4 * lc->words - 1)) ||
		    *version_of(lc, i, pa) != newest)
			continue;
		snprintf(buf, 64, "dirty in the data line of MVA 0x%08x", l->mva);
		return buf;
	}
	if (lint_memory(li, pa) == newest)
		return "in memory";
	return lint_readable(li, pa) == newest ? "in the write buffer" : "overwritten since";
}

/* The slot an access used, or -1: it passed the cache by. A line that was filled is booked. */
static long slot_used(struct machine *m, struct lint_cache *lc, gva_t mva, uint32_t pa)
{
	const struct cache_counts *n = cache_counts(lc->c);
	struct cache_line line;
	size_t slot;

	if (uses(n) == uses(&lc->n) || !cache_peek(lc->c, mva, hpa(pa), &line))
		return -1;
	slot = (size_t)line.set * lc->c->ways + line.way;
	if (n->fills == lc->n.fills)
		return (long)slot;
	if (lc->line[slot].valid && lc->line[slot].dirty) {
		if (lint_tlb_looked(m->lint))
			lint_find(m, FINDING_I13, lint_by_access(m), lc->line[slot].mva,
				  lc->line[slot].pa, "no lookup between translation and write-back");
		write_back(m, lc, slot, lc->line[slot].dirty);
	}
	install(m, lc, slot);
	if (lc->c->kind == CACHE_VIPT && cache_colours(lc->c) > 1 &&
	    cache_aliases(lc->c, hpa(pa)).colours > 1)
		lint_find(m, FINDING_I8, lint_by_access(m), mva.raw, pa,
			  "one colour of %u; this is colour %u", cache_colours(lc->c),
			  cache_colour(lc->c, mva));
	return (long)slot;
}

/* Is the line in the slot the one meant? Only a virtual tag can be wrong. */
static bool is_homonym(struct machine *m, const struct lint_cache *lc, long slot, gva_t mva,
		       uint32_t pa)
{
	uint32_t want = pa & ~(4 * lc->words - 1);

	if (slot < 0 || lc->line[slot].pa == want)
		return false;
	lint_find(m, FINDING_I5, lint_by_access(m), mva.raw, pa,
		  "a line of PA 0x%08x in the %s cache; it is of 0x%08x", want,
		  lc->fetches ? "instruction" : "data", lc->line[slot].pa);
	return true;
}

static void loaded(struct machine *m, struct lint_cache *lc, long slot, gva_t mva, uint32_t pa)
{
	struct lint *li = m->lint;
	uint32_t newest = lint_newest(li, pa), got;
	char where[64];

	if (is_homonym(m, lc, slot, mva, pa))
		return;
	if (slot >= 0)
		got = *version_of(lc, (size_t)slot, pa);
	else
		got = lc->fetches ? lint_memory(li, pa) : lint_readable(li, pa);
	if (got == newest)
		return;
	lint_find(m, lc->fetches ? FINDING_I6 : FINDING_I4, lint_by_access(m), mva.raw, pa,
		  "store %u, %s; got store %u from %s", newest, lint_where(m, pa, where), got,
		  slot >= 0 ? "the cache" : "memory");
}

/* The line has the store: did it become dirty as it should, and is it the only dirty one? */
static void stored_in(struct machine *m, struct lint_cache *lc, size_t slot, gva_t mva,
		      uint32_t pa, bool through)
{
	struct lint_line *l = &lc->line[slot];
	uint8_t dirty = lc->c->line[slot].dirty;
	bool becomes = dirty & ~l->dirty;

	if (becomes && through)
		lint_find(m, FINDING_I7, lint_by_access(m), mva.raw, pa,
			  "a clean line behind a write-through store");
	else if (becomes && !l->dirty && cache_aliases(lc->c, hpa(l->pa)).dirty > 1)
		lint_find(m, FINDING_I3, lint_by_access(m), mva.raw, pa,
			  "one dirty line; another virtual address has one as well");
	l->dirty = dirty;
}

static void stored(struct machine *m, struct lint_cache *lc, long slot, gva_t mva, uint32_t pa,
		   bool through)
{
	struct lint *li = m->lint;
	uint32_t version = lint_tick(li);
	bool buffered = m->wb.stores != li->wb_stores;

	if (is_homonym(m, lc, slot, mva, pa))
		pa = lc->line[slot].pa | (pa & (4 * lc->words - 1));    /* where it ends up */
	lint_set_newest(li, pa, version);
	if (slot >= 0) {
		*version_of(lc, (size_t)slot, pa) = version;
		stored_in(m, lc, (size_t)slot, mva, pa, through);
	}
	if (buffered)
		lint_buffered(m, mva.raw, pa, version);
	else if (slot < 0)
		lint_set_memory(li, pa, version);
}

void lint_cache_access(struct machine *m, gva_t mva, enum access access,
		       const struct translation *t)
{
	enum { C_AND_B = 3, THROUGH = 2, CACHEABLE = 2 };       /* of C << 1 | B */
	struct lint_cache *lc = access == ACCESS_FETCH ? &m->lint->i : &m->lint->d;
	bool mapped = t->w.levels != 0;
	bool cacheable = mapped ? (t->cb & CACHEABLE) != 0 : access == ACCESS_FETCH;
	long slot = lc->c ? slot_used(m, lc, mva, t->pa) : -1;

	if (lc->c && !cacheable && demanded(cache_counts(lc->c)) != demanded(&lc->n))
		lint_find(m, FINDING_I7, lint_by_access(m), mva.raw, t->pa,
			  "no fill by an access with C = 0");
	if (access == ACCESS_WRITE)
		stored(m, lc, slot, mva, t->pa, m->cfg.l1d_write == L1D_THROUGH ||
		       (mapped && (t->cb & C_AND_B) == THROUGH));
	else
		loaded(m, lc, slot, mva, t->pa);
	if (lc->c)
		note_state(lc);
}
