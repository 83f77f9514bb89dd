/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/tlb/walk2d.h"

#include <assert.h>
#include <string.h>

/* A guest word is known as one of its level: the same word may be a leaf for another walk, which is not kept. */
enum kind { KIND_STAGE2, KIND_PAGE, KIND_GUEST };        /* KIND_GUEST + level */

static enum kind guest_kind(unsigned level)
{
	return (enum kind)(KIND_GUEST + level);
}

/* --- a small structure, fully associative ------------------------------------------------- */

/* Index of a key of a kind, or -1. */
static int find(const struct walk2d_cache *c, enum kind kind, uint64_t key)
{
	for (uint32_t i = 0; i < c->used; i++)
		if (c->e[i].key == key && c->e[i].kind == kind)
			return (int)i;
	return -1;
}

/* Replacement by use: the latest comes first. */
static void to_front(struct walk2d_cache *c, uint32_t i)
{
	struct walk2d_entry e = c->e[i];

	memmove(&c->e[1], &c->e[0], i * sizeof(e));
	c->e[0] = e;
}

static bool lookup(struct walk2d_cache *c, bool lru, enum kind kind, uint64_t key, uint64_t *value)
{
	int i = find(c, kind, key);

	if (i < 0)
		return false;
	*value = c->e[i].value;
	if (lru)
		to_front(c, (uint32_t)i);
	return true;
}

/* Of a key that is not there. */
static void insert(struct walk2d_cache *c, bool lru, enum kind kind, uint64_t key, uint64_t value)
{
	uint32_t i = lru ? c->entries - 1 : c->next;

	if (!c->entries)
		return;
	if (c->used < c->entries)
		i = c->used++;
	c->e[i] = (struct walk2d_entry){ key, value, (uint8_t)kind };
	if (lru)
		to_front(c, i);
	else
		c->next = (i + 1) % c->entries;
}

/* What stays keeps its order, so the oldest of a ring becomes the first. */
static void drop_guest(struct walk2d_cache *c)
{
	struct walk2d_cache old = *c;
	uint32_t first = old.used < old.entries ? 0 : old.next;

	c->used = 0;
	for (uint32_t i = 0; i < old.used; i++) {
		const struct walk2d_entry *e = &old.e[(first + i) % old.used];

		if (e->kind < KIND_GUEST)
			c->e[c->used++] = *e;
	}
	c->next = c->entries ? c->used % c->entries : 0;
}

/* --- set-up -------------------------------------------------------------------------------- */

enum err walk2d_init(struct walk2d *w, const struct walk2d_conf *c, struct diag *d)
{
	enum err e = c->one_stage ? ERR_OK : lpae_check(&c->s2, d);

	if (e)
		return e;
	if (c->walk_entries > WALK2D_MAX || c->ntlb_entries > WALK2D_MAX)
		return diag_set(d, ERR_CONFIG, "walk.entries, ntlb.entries: %u, %u; want at most %u",
				c->walk_entries, c->ntlb_entries, WALK2D_MAX);
	memset(w, 0, sizeof(*w));
	w->conf = *c;
	w->cache.entries = c->walk_entries;
	w->ntlb.entries = c->ntlb_entries;
	return ERR_OK;
}

void walk2d_flush_guest(struct walk2d *w)
{
	drop_guest(&w->cache);
}

void walk2d_flush(struct walk2d *w)
{
	w->cache.used = w->cache.next = w->ntlb.used = w->ntlb.next = 0;
}

static void tell(struct walk2d *w, const struct walk2d_io *io, enum walk2d_hit which)
{
	w->n.hits[which]++;
	if (io->hit)
		io->hit(io->ctx, which);
}

/* --- stage 2 -------------------------------------------------------------------------------- */

/*
 * An entry's key is its IPA base with the log2 of its reach in the low bits; its value the machine base.
 * Sizes that stage 2 can have, largest first: an IPA is in one entry, since stage 2 maps it once.
 */
static const uint8_t sizes[] = { 30, 25, 21, 16, 12 };

static uint64_t page_key(uint64_t ipa, unsigned size_log2)
{
	return (ipa >> size_log2 << size_log2) | size_log2;
}

static void page_of(struct walk2d_page *out, uint64_t base, unsigned size_log2, uint64_t ipa)
{
	*out = (struct walk2d_page){ .pa = base | (ipa & ((UINT64_C(1) << size_log2) - 1)),
				     .size_log2 = (uint8_t)size_log2 };
}

/* Without a second stage: as far as the first has it. */
static void same_page(struct walk2d_page *out, uint64_t ipa)
{
	*out = (struct walk2d_page){ .pa = ipa, .size_log2 = 63 };
}

static bool ntlb_peek(const struct walk2d_cache *c, uint64_t ipa, struct walk2d_page *out)
{
	for (unsigned k = 0; k < sizeof(sizes); k++) {
		int i = find(c, KIND_PAGE, page_key(ipa, sizes[k]));

		if (i < 0)
			continue;
		page_of(out, c->e[i].value, sizes[k], ipa);
		return true;
	}
	return false;
}

static bool ntlb_lookup(struct walk2d *w, const struct walk2d_io *io, uint64_t ipa,
			struct walk2d_page *out)
{
	uint64_t base;

	if (!w->ntlb.entries)
		return false;
	w->n.ntlb_lookups++;
	if (!ntlb_peek(&w->ntlb, ipa, out))
		return false;
	lookup(&w->ntlb, w->conf.lru, KIND_PAGE, page_key(ipa, out->size_log2), &base);
	tell(w, io, WALK2D_HIT_NTLB);
	return true;
}

struct stage2 { struct walk2d *w; const struct walk2d_io *io; };

static bool read_stage2(void *ctx, unsigned level, uint64_t at, uint64_t *word)
{
	const struct stage2 *s = ctx;
	struct walk2d *w = s->w;
	bool cached = w->conf.stage2 && w->cache.entries;

	if (cached) {
		w->n.walk_lookups++;
		if (lookup(&w->cache, w->conf.lru, KIND_STAGE2, at, word)) {
			tell(w, s->io, WALK2D_HIT_STAGE2);
			return true;
		}
	}
	w->n.stage2_reads++;
	if (!s->io->stage2(s->io->ctx, level, at, word))
		return false;
	if (cached && *word & 1)        /* what is not valid is not kept */
		insert(&w->cache, w->conf.lru, KIND_STAGE2, at, *word);
	return true;
}

bool walk2d_ipa(struct walk2d *w, const struct walk2d_io *io, uint64_t ipa, bool last,
		struct walk2d_page *out)
{
	bool ntlb = w->conf.last || !last;
	struct stage2 s = { w, io };
	struct lpae_walk found;

	if (w->conf.one_stage) {
		same_page(out, ipa);
		return true;
	}
	if (ntlb && ntlb_lookup(w, io, ipa, out))
		return true;
	lpae_walk(&w->conf.s2, ipa, read_stage2, &s, &found);
	if (found.status) {
		*out = (struct walk2d_page){ .status = found.status };
		return false;
	}
	page_of(out, found.leaf.base, found.leaf.size_log2, ipa);
	if (ntlb)
		insert(&w->ntlb, w->conf.lru, KIND_PAGE, page_key(ipa, found.leaf.size_log2),
		       found.leaf.base);
	return true;
}

bool walk2d_peek_ipa(const struct walk2d *w, const struct walk2d_io *io, uint64_t ipa,
		     struct walk2d_page *out)
{
	struct lpae_walk found;

	if (w->conf.one_stage) {
		same_page(out, ipa);
		return true;
	}
	if (ntlb_peek(&w->ntlb, ipa, out))
		return true;
	lpae_walk(&w->conf.s2, ipa, io->stage2, io->ctx, &found);
	*out = (struct walk2d_page){ .status = found.status };
	if (!found.status)
		page_of(out, found.leaf.base, found.leaf.size_log2, ipa);
	return !found.status;
}

/* --- guest words ---------------------------------------------------------------------------- */

static bool known(struct walk2d *w, const struct walk2d_io *io, unsigned level, uint64_t key, uint64_t *word)
{
	if (!w->cache.entries)
		return false;
	w->n.walk_lookups++;
	if (!lookup(&w->cache, w->conf.lru, guest_kind(level), key, word))
		return false;
	tell(w, io, WALK2D_HIT_GUEST);
	return true;
}

enum walk2d_end walk2d_guest(struct walk2d *w, const struct walk2d_io *io, unsigned level,
			     uint64_t ipa, uint64_t *word, struct walk2d_page *out)
{
	*out = (struct walk2d_page){ 0 };
	if (w->conf.by_ipa && known(w, io, level, ipa, word))
		return WALK2D_KNOWN;
	if (!walk2d_ipa(w, io, ipa, false, out))
		return WALK2D_STAGE2;
	if (!w->conf.by_ipa && known(w, io, level, out->pa, word))
		return WALK2D_KNOWN;
	w->n.guest_reads++;
	return io->guest(io->ctx, level, ipa, out->pa, word) ? WALK2D_READ : WALK2D_EXTERNAL;
}

void walk2d_keep(struct walk2d *w, unsigned level, uint64_t ipa, uint64_t pa, uint64_t word)
{
	uint64_t key = w->conf.by_ipa ? ipa : pa;

	assert(find(&w->cache, guest_kind(level), key) < 0);
	insert(&w->cache, w->conf.lru, guest_kind(level), key, word);
}

bool walk2d_peek_guest(const struct walk2d *w, unsigned level, uint64_t ipa, uint64_t *word)
{
	int i = w->conf.by_ipa ? find(&w->cache, guest_kind(level), ipa) : -1;

	if (i < 0)
		return false;
	*word = w->cache.e[i].value;
	return true;
}
