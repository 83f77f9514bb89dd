/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main TLB. What it models and does not: tlb.h.
 *
 * 1. An entry is valid exactly when its tag is not 0, and then entry.valid is 1.
 * 2. resident[n] counts the valid unlocked entries of size 2^n, and bit n of `sizes` says
 *    whether there are any; `locked_valid` counts the lockdown part.
 * 3. fills - evictions - dropped = valid entries.
 * 4. After a fill exactly one entry translates its mva. Entries of different sizes may still
 *    overlap elsewhere (a section filled over an old small page, as on silicon); then lockdown
 *    wins, then the larger page: a fixed order, so that replays agree.
 * 5. The memo answers for a whole 1 KB granule, the smallest page; every change of the entries
 *    empties it. It is invisible in the counts and in replacement.
 */
#include "models/tlb/tlb.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "models/tlb/tlb_hot.h"

enum { NONE = -1 };

enum err tlb_geom_check(const struct tlb_geom *g, const char *name, struct diag *d)
{
	if (g->policy >= REPLACES)
		return diag_set(d, ERR_CONFIG, "%s.policy: no policy %u", name, g->policy);
	if (!g->entries)
		return ERR_OK;
	if (!g->ways || g->entries % g->ways || !is_pow2(g->entries / g->ways))
		return diag_set(d, ERR_CONFIG, "%s.ways: %u ways do not divide %u entries into"
				" a power of two of sets", name, g->ways, g->entries);
	if (!replace_fits((enum replace)g->policy, g->ways))
		return diag_set(d, ERR_CONFIG, "%s.policy: " REPLACE_FITS_TEXT ", not %u",
				name, g->ways);
	return ERR_OK;
}

enum err tlb_create(struct tlb **out, const struct tlb_geom *g, uint64_t seed,
		    const char *name, struct diag *d)
{
	unsigned all = g->entries + g->locked;
	unsigned sets = g->entries ? g->entries / g->ways : 0;
	enum err e = tlb_geom_check(g, name, d);
	struct tlb *t;

	*out = NULL;
	if (e)
		return e;
	t = calloc(1, sizeof(*t));
	if (!t)
		return diag_set(d, ERR_NOMEM, "%s: no memory", name);
	t->entries = g->entries;
	t->ways = g->entries ? g->ways : 0;
	t->locked = g->locked;
	t->set_mask = sets ? sets - 1 : 0;
	t->tag = calloc(all + 1u, sizeof(*t->tag));
	t->entry = calloc(all + 1u, sizeof(*t->entry));
	t->seq = calloc(all + 1u, sizeof(*t->seq));
	e = t->tag && t->entry && t->seq ? replace_create(&t->replace, (enum replace)g->policy, sets,
						t->ways, seed, name, d)
			       : diag_set(d, ERR_NOMEM, "%s: no memory", name);
	if (e) {
		tlb_destroy(t);
		return e;
	}
	*out = t;
	return ERR_OK;
}

void tlb_destroy(struct tlb *t)
{
	if (!t)
		return;
	replace_release(&t->replace);
	free(t->tag);
	free(t->seq);
	free(t->entry);
	free(t);
}

/* Index of the unlocked entry of one size that translates mva, or NONE. */
static int find_size(const struct tlb *t, gva_t mva, unsigned size_log2)
{
	uint32_t tag = tlb_tag_of(mva, size_log2);
	uint32_t first = tlb_set_of(t, mva, size_log2) * t->ways;

	for (uint32_t i = first; i < first + t->ways; i++)
		if (t->tag[i] == tag)
			return (int)i;
	return NONE;
}

static int find_locked(const struct tlb *t, gva_t mva)
{
	for (uint32_t i = t->entries; i < t->entries + t->locked; i++)
		if (t->tag[i] && t->tag[i] == tlb_tag_of(mva, t->entry[i].size_log2))
			return (int)i;
	return NONE;
}

static int find(const struct tlb *t, gva_t mva)
{
	int found = t->locked_valid ? find_locked(t, mva) : NONE;
	uint32_t left = t->sizes;

	while (found == NONE && left) {
		unsigned size_log2 = ilog2(left);

		found = find_size(t, mva, size_log2);
		left &= ~(UINT32_C(1) << size_log2);
	}
	return found;
}

const struct tlb_entry *tlb_peek(const struct tlb *t, gva_t mva)
{
	int i = find(t, mva);

	return i == NONE ? NULL : &t->entry[i];
}

const struct tlb_entry *tlb_lookup(struct tlb *t, gva_t mva)
{
	uint32_t granule = (mva.raw >> GRANULE_LOG2) + 1;
	struct tlb_memo *m = &t->memo[granule % TLB_MEMO_SLOTS];

	t->n.lookups++;
	if (m->granule != granule) {
		int i = find(t, mva);

		if (i == NONE) {
			t->n.misses++;
			return NULL;
		}
		*m = (struct tlb_memo){ granule, (uint32_t)i };
	}
	t->n.hits++;
	tlb_touch(t, m->index, mva);
	return &t->entry[m->index];
}

static void forget_memo(struct tlb *t)
{
	memset(t->memo, 0, sizeof(t->memo));
}

/* The bookkeeping of an entry that goes; which counter it belongs to is the caller's affair. */
static void remove_entry(struct tlb *t, uint32_t i)
{
	unsigned size_log2 = t->entry[i].size_log2;

	t->tag[i] = 0;
	t->seq[i]++;
	t->entry[i].valid = 0;
	if (i >= t->entries)
		t->locked_valid--;
	else if (!--t->resident[size_log2])
		t->sizes &= ~(UINT32_C(1) << size_log2);
}

/* Would a lookup that used to end at some other entry end at entry i now? */
static bool covers_another(const struct tlb *t, uint32_t i, gva_t mva, unsigned size_log2)
{
	if (i >= t->entries)            /* lockdown wins over every size */
		return true;
	if (!(t->sizes & ((UINT32_C(1) << size_log2) - 1)))
		return false;           /* nothing smaller is resident */
	for (uint32_t j = 0; j < t->entries; j++) {
		const struct tlb_entry *e = &t->entry[j];

		if (t->tag[j] && e->size_log2 < size_log2 &&
		    e->vpage >> (size_log2 - e->size_log2) == mva.raw >> size_log2)
			return true;
	}
	return false;
}

static const struct tlb_entry *place(struct tlb *t, uint32_t i, gva_t mva, const struct walk *w)
{
	unsigned size_log2 = w->leaf.size_log2;
	struct tlb_entry *e = &t->entry[i];

	assert(!t->tag[i]);
	e->w = *w;
	e->vpage = mva.raw >> size_log2;
	e->size_log2 = (uint8_t)size_log2;
	e->valid = 1;
	e->user = 0;
	t->tag[i] = tlb_tag_of(mva, size_log2);
	t->seq[i]++;
	if (covers_another(t, i, mva, size_log2))
		t->generation++;
	if (i >= t->entries) {
		t->locked_valid++;
	} else {
		t->resident[size_log2]++;
		t->sizes |= UINT32_C(1) << size_log2;
	}
	tlb_touch(t, i, mva);
	t->n.fills++;
	forget_memo(t);
	return e;
}

/* Drops every entry that translates mva; returns how many. Callers empty the memo. */
static unsigned drop_mva(struct tlb *t, gva_t mva)
{
	unsigned dropped = 0;

	for (int i = find(t, mva); i != NONE; i = find(t, mva)) {
		remove_entry(t, (uint32_t)i);
		dropped++;
	}
	t->n.dropped += dropped;
	return dropped;
}

/* A free way of the set: an invalid one, else the victim. */
static uint32_t make_room(struct tlb *t, uint32_t set)
{
	uint32_t first = set * t->ways, i;

	for (i = first; i < first + t->ways; i++)
		if (!t->tag[i])
			return i;
	i = first + replace_victim(&t->replace, set);
	remove_entry(t, i);
	t->n.evictions++;
	return i;
}

static void check_fill(const struct walk *w)
{
	assert(w->fs == FS_NONE && w->levels && w->leaf.kind == PT_LEAF);
	assert(w->leaf.size_log2 >= GRANULE_LOG2 && w->leaf.size_log2 < 32);
	(void)w;
}

const struct tlb_entry *tlb_fill(struct tlb *t, gva_t mva, const struct walk *w)
{
	unsigned size_log2 = w->leaf.size_log2;
	int old;

	check_fill(w);
	old = t->locked_valid ? find_locked(t, mva) : NONE;
	if (!t->entries && old == NONE)
		return NULL;
	if (old == NONE)
		old = find_size(t, mva, size_log2);
	drop_mva(t, mva);
	return place(t, old == NONE ? make_room(t, tlb_set_of(t, mva, size_log2)) : (uint32_t)old,
		     mva, w);
}

const struct tlb_entry *tlb_fill_locked(struct tlb *t, unsigned slot, gva_t mva,
					const struct walk *w)
{
	uint32_t i = t->entries + slot;

	check_fill(w);
	assert(slot < t->locked);
	drop_mva(t, mva);
	if (t->tag[i]) {
		remove_entry(t, i);
		t->n.evictions++;
	}
	return place(t, i, mva, w);
}

unsigned tlb_inval_all(struct tlb *t)
{
	unsigned dropped = 0;

	t->n.inval_all++;
	for (uint32_t i = 0; t->sizes && i < t->entries; i++) {
		if (!t->tag[i])
			continue;
		remove_entry(t, i);
		dropped++;
	}
	t->n.dropped += dropped;
	forget_memo(t);
	return dropped;
}

unsigned tlb_inval_mva(struct tlb *t, gva_t mva)
{
	t->n.inval_mva++;
	forget_memo(t);
	return drop_mva(t, mva);
}

unsigned tlb_resident(const struct tlb *t)
{
	unsigned sum = t->locked_valid;

	for (unsigned n = 0; n < 32; n++)
		sum += t->resident[n];
	return sum;
}

const struct tlb_counts *tlb_counts(const struct tlb *t)
{
	return &t->n;
}

void tlb_set_policy(struct tlb *t, enum replace p)
{
	replace_set_policy(&t->replace, p);
}

void tlb_set_user(struct tlb *t, const struct tlb_entry *e, uint32_t user)
{
	assert(e->valid);
	t->entry[e - t->entry].user = user;
}

void tlb_each(const struct tlb *t, void (*fn)(void *ctx, const struct tlb_entry *e), void *ctx)
{
	for (uint32_t i = t->entries; i < t->entries + t->locked; i++)
		if (t->tag[i])
			fn(ctx, &t->entry[i]);
	for (uint32_t i = 0; i < t->entries; i++)
		if (t->tag[i])
			fn(ctx, &t->entry[i]);
}
