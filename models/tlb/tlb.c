/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main TLB: lookup and fill. What it models and does not: tlb.h; removal: tlb_ops.c.
 *
 * 1. An entry is valid exactly when its tag is not 0, and then entry.valid is 1.
 * 2. resident[n] counts the valid unlocked entries of size 2^n, and bit n of `sizes` says
 *    whether there are any; `locked_valid` counts the lockdown part.
 * 3. fills - evictions - dropped = valid entries.
 * 4. After a fill exactly one entry translates its mva in its context. Entries of different sizes
 *    may still overlap elsewhere (a section filled over an old small page, as on silicon), and a
 *    global entry one of another ASID; then lockdown wins, then the larger page, then the lower
 *    entry: a fixed order, so that replays agree.
 * 5. The memo answers for a whole 1 KB granule, the smallest page; every change of the entries
 *    empties it. It is invisible in the counts and in replacement.
 */
#include "models/tlb/tlb.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "models/tlb/tlb_inside.h"

#define X(id, name) [TLB_LOCK_##id] = #name,
const char *const tlb_lock_name[TLB_LOCKS] = { TLB_LOCK_LIST(X) };
#undef X

enum { MASK_WAYS = 64 };        /* base and pointer choose among a mask of ways */

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
	if (g->lock >= TLB_LOCKS)
		return diag_set(d, ERR_CONFIG, "%s.lock: no kind %u of lockdown", name, g->lock);
	if (g->lock == TLB_LOCK_PART)
		return ERR_OK;
	if (g->ways != g->entries || g->entries < 2 || g->entries > MASK_WAYS)
		return diag_set(d, ERR_CONFIG, "%s.lock: %s needs a fully associative TLB of 2 to"
				" %u entries, not %u of %u ways", name, tlb_lock_name[g->lock],
				MASK_WAYS, g->entries, g->ways);
	if (g->locked)
		return diag_set(d, ERR_CONFIG, "%s.locked: %u; %s.lock=%s has no lockdown part: 0",
				name, g->locked, name, tlb_lock_name[g->lock]);
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
	t->lock = g->lock;
	/* an XScale counter starts at its last entry (manual 3.4.4) */
	t->forced = g->lock == TLB_LOCK_POINTER && g->entries ? g->entries - 1 : NONE;
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
static inline __attribute__((always_inline)) int
find_size(const struct tlb *t, gva_t mva, unsigned size_log2, struct tlb_scope in)
{
	uint32_t tag = tlb_tag_of(mva, size_log2);
	uint32_t first = tlb_set_of(t, mva, size_log2) * t->ways;

	for (uint32_t i = first; i < first + t->ways; i++)
		if (t->tag[i] == tag && tlb_in_scope(&t->entry[i], in))
			return (int)i;
	return NONE;
}

static int find_locked(const struct tlb *t, gva_t mva, struct tlb_scope in)
{
	for (uint32_t i = t->entries; i < t->entries + t->locked; i++)
		if (t->tag[i] && t->tag[i] == tlb_tag_of(mva, t->entry[i].size_log2) &&
		    tlb_in_scope(&t->entry[i], in))
			return (int)i;
	return NONE;
}

int tlb_find(const struct tlb *t, gva_t mva, struct tlb_scope in)
{
	int found = t->locked_valid ? find_locked(t, mva, in) : NONE;
	uint32_t left = t->sizes;

	while (found == NONE && left) {
		unsigned size_log2 = ilog2(left);

		found = find_size(t, mva, size_log2, in);
		left &= ~(UINT32_C(1) << size_log2);
	}
	return found;
}

static struct tlb_scope current(const struct tlb *t)
{
	return (struct tlb_scope){ .asid = t->asid, .vmid = t->vmid };
}

const struct tlb_entry *tlb_peek(const struct tlb *t, gva_t mva)
{
	int i = tlb_find(t, mva, current(t));

	return i == NONE ? NULL : &t->entry[i];
}

void tlb_set_context(struct tlb *t, uint8_t asid, uint8_t vmid)
{
	bool moves = vmid != t->vmid ? tlb_resident(t) != 0
				     : asid != t->asid && t->nonglobal;

	t->asid = asid;
	t->vmid = vmid;
	if (!moves)
		return;
	t->generation++;
	tlb_forget_memo(t);
}

/* Looks where the memo does not know, and notes what it finds. Out of line: lookups mostly know. */
__attribute__((noinline)) static bool search(struct tlb *t, gva_t mva, struct tlb_memo *m)
{
	int i = tlb_find(t, mva, current(t));

	if (i == NONE)
		return false;
	*m = (struct tlb_memo){ (mva.raw >> GRANULE_LOG2) + 1, (uint32_t)i };
	return true;
}

const struct tlb_entry *tlb_lookup(struct tlb *t, gva_t mva)
{
	uint32_t granule = (mva.raw >> GRANULE_LOG2) + 1;
	struct tlb_memo *m = &t->memo[granule % TLB_MEMO_SLOTS];

	t->n.lookups++;
	if (m->granule != granule && !search(t, mva, m)) {
		t->n.misses++;
		return NULL;
	}
	t->n.hits++;
	tlb_touch(t, m->index, mva);
	return &t->entry[m->index];
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

static void place(struct tlb *t, uint32_t i, gva_t mva, const struct walk *w, struct tlb_tag tag)
{
	unsigned size_log2 = w->leaf.size_log2;
	struct tlb_entry *e = &t->entry[i];

	assert(!t->tag[i]);
	e->w = *w;
	e->vpage = mva.raw >> size_log2;
	e->size_log2 = (uint8_t)size_log2;
	e->valid = 1;
	e->user = 0;
	e->whole_log2 = 0;
	e->tag = tag;
	e->kept = i < t->entries && t->preserve;
	e->outlived = false;
	t->nonglobal += tag.ng;
	t->tag[i] = tlb_tag_of(mva, size_log2);
	t->seq[i]++;
	/* a fill for another context did not look for what it overlaps in this one */
	if (tag.asid != t->asid || tag.vmid != t->vmid || covers_another(t, i, mva, size_log2))
		t->generation++;
	if (i >= t->entries) {
		t->locked_valid++;
	} else {
		t->resident[size_log2]++;
		t->sizes |= UINT32_C(1) << size_log2;
	}
	tlb_touch(t, i, mva);
	t->n.fills++;
	tlb_forget_memo(t);
}

/* Where the victim counter stands, or what the policy takes of the entries from base on. */
static uint32_t next_victim(struct tlb *t)
{
	uint32_t i = (uint32_t)t->forced;

	if (t->forced == NONE)
		return replace_victim_of(&t->replace, 0,
					 ~UINT64_C(0) >> (MASK_WAYS - t->ways) &
						 ~UINT64_C(0) << t->base);
	t->forced = NONE;
	replace_pass(&t->replace, 0, i);
	return i;
}

static void evict(struct tlb *t, uint32_t i)
{
	if (!t->tag[i])
		return;
	tlb_remove(t, i);
	t->n.evictions++;
}

/* A free way of the set: an invalid one, else the victim. */
static uint32_t make_room(struct tlb *t, uint32_t set)
{
	uint32_t first = set * t->ways, i;

	if (t->lock != TLB_LOCK_PART) {
		i = next_victim(t);
		evict(t, i);
		return i;
	}
	for (i = first; i < first + t->ways; i++)
		if (!t->tag[i])
			return i;
	i = first + replace_victim(&t->replace, set);
	evict(t, i);
	return i;
}

static void check_fill(const struct walk *w)
{
	assert(w->fs == FS_NONE && w->levels && w->leaf.kind == PT_LEAF);
	assert(w->leaf.size_log2 >= GRANULE_LOG2 && w->leaf.size_log2 < 32);
	(void)w;
}

static struct tlb_scope scope_of(struct tlb_tag tag)
{
	return (struct tlb_scope){ .asid = tag.asid, .vmid = tag.vmid };
}

static struct tlb_tag global(const struct tlb *t)
{
	return (struct tlb_tag){ .asid = t->asid, .vmid = t->vmid };
}

const struct tlb_entry *tlb_fill_tagged(struct tlb *t, gva_t mva, const struct walk *w,
					struct tlb_tag tag)
{
	unsigned size_log2 = w->leaf.size_log2;
	struct tlb_scope in = scope_of(tag);
	bool kept;
	int old;

	check_fill(w);
	old = t->locked_valid ? find_locked(t, mva, in) : NONE;
	if (!t->entries && old == NONE)
		return NULL;
	if (old == NONE)
		old = find_size(t, mva, size_log2, in);
	kept = old != NONE && t->entry[old].kept;
	tlb_drop(t, mva, in);
	if (old == NONE)
		old = (int)make_room(t, tlb_set_of(t, mva, size_log2));
	place(t, (uint32_t)old, mva, w, tag);
	t->entry[old].kept |= kept;     /* in place: as locked as it was */
	return &t->entry[old];
}

const struct tlb_entry *tlb_fill(struct tlb *t, gva_t mva, const struct walk *w)
{
	return tlb_fill_tagged(t, mva, w, global(t));
}

/* Into one entry, whoever was there. */
static const struct tlb_entry *fill_at(struct tlb *t, uint32_t i, gva_t mva, const struct walk *w,
				       struct tlb_tag tag)
{
	check_fill(w);
	tlb_drop(t, mva, scope_of(tag));
	evict(t, i);
	place(t, i, mva, w, tag);
	return &t->entry[i];
}

const struct tlb_entry *tlb_fill_locked_tagged(struct tlb *t, unsigned slot, gva_t mva,
					       const struct walk *w, struct tlb_tag tag)
{
	assert(slot < t->locked);
	return fill_at(t, t->entries + slot, mva, w, tag);
}

const struct tlb_entry *tlb_fill_locked(struct tlb *t, unsigned slot, gva_t mva,
					const struct walk *w)
{
	return tlb_fill_locked_tagged(t, slot, mva, w, global(t));
}

/* A lock sets the victim counter to the last entry, which stays free (XScale manual 3.4.4). */
const struct tlb_entry *tlb_fill_lock(struct tlb *t, gva_t mva, const struct walk *w,
				      struct tlb_tag tag)
{
	uint32_t last = t->entries - 1, i = t->base;

	assert(t->lock == TLB_LOCK_POINTER && t->entries);
	fill_at(t, i, mva, w, tag);
	t->entry[i].kept = i < last;
	t->base += i < last;
	t->forced = (int)last;
	return &t->entry[i];
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

void tlb_set_whole(struct tlb *t, const struct tlb_entry *e, unsigned size_log2)
{
	assert(e->valid && size_log2 > e->size_log2 && size_log2 < 32 && !e->whole_log2);
	t->entry[e - t->entry].whole_log2 = (uint8_t)size_log2;
	t->pieces++;
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
