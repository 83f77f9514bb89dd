/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `cached`, sync=unsync: a second-level table that the guest stores to is let out of sync. Its frame is traced no
 * more, and its shadow keeps what it had, as a TLB would, until an invalidate covers it. Then the guest's words behind
 * its entries are read, those that changed are zapped, and the table is traced again. New mappings are found by hidden faults.
 * First-level tables stay traced and emulated. An old word is what a TLB may have found where the table was in use: where
 * it comes into use, by another root or another first-level word, it is brought into sync before.
 */
#include "strategies/cached.h"

static unsigned quarters_of(const struct cached_table *t)
{
	return t->kind == TABLE_FINE ? 0xfu : 1u << (t->key >> GRANULE_LOG2 & 3);
}

bool cached_unsync(struct cached *c, uint32_t gpa)
{
	uint32_t frame = gpa >> FRAME_LOG2;
	/* without the filter a frame is traced as a whole */
	unsigned wanted = c->p->filter ? 1u << (gpa >> GRANULE_LOG2 & 3) : 0xf;

	if (cached_root_quarters(c, frame))
		return false;
	for (uint16_t i = c->tables_in[frame]; i; i = c->table[i - 1].next) {
		struct cached_table *t = &c->table[i - 1];

		if (t->oos || !(quarters_of(t) & wanted))
			continue;
		t->oos = true;
		c->noos++;
		c->port->charge(c->port->m, EV_PT_UNSYNC, 1);
	}
	cached_retrace(c, frame);
	return true;
}

/* A leaf whose guest words are no longer what it was made from goes. */
void cached_check_leaf(struct cached *c, const struct cached_table *t, uint32_t word)
{
	unsigned n = cached_leaf_words(c, word);

	for (unsigned i = 0; i < n; i++) {
		uint32_t now;

		c->port->charge(c->port->m, EV_SYNC, 1);
		if (mem_read(c->port->guest->tables, t->key + 4 * (word - t->word + i), &now) &&
		    now == c->from[word])
			continue;
		cached_zap(c, word, EV_ZAP);
		return;
	}
}

static void check_words(struct cached *c, const struct cached_table *t, uint32_t first, uint32_t n)
{
	for (uint32_t w = first; w < first + n; w++)
		if (c->leaf[w].size_log2 && !c->leaf[w].back)
			cached_check_leaf(c, t, w);
}

void cached_resync_table(struct cached *c, struct cached_table *t)
{
	check_words(c, t, t->word, cached_words_of(t));
}

void cached_resync_all(struct cached *c)
{
	if (!c->noos)
		return;
	for (unsigned i = 0; c->noos && i < CACHED_UNITS; i++) {
		struct cached_table *t = &c->table[i];

		if (!t->used || !t->oos)
			continue;
		check_words(c, t, t->word, cached_words_of(t));
		t->oos = false;
		c->noos--;
		cached_trace(c, t->key >> FRAME_LOG2, quarters_of(t));
	}
	cached_flush(c);
}

static void check_around(struct cached *c, const struct cached_table *t, gva_t mva)
{
	unsigned large = t->kind == TABLE_FINE ? 64 : 16;

	check_words(c, t, t->word + ((mva.raw & (SECTION_BYTES - 1)) >> PT_LARGE_LOG2) * large, large);
}

static bool is_to_be_checked(const struct cached *c, const struct cached_table *t)
{
	return t->oos || (c->untraced && t->kind != TABLE_SPLIT);
}

/* All entries of a large page that covers mva, in every root: a TLB would not tell them apart. */
void cached_resync(struct cached *c, gva_t mva)
{
	for (unsigned r = 0; r < c->p->roots; r++) {
		uint32_t slot = r * ROOT_WORDS + (mva.raw >> SECTION_LOG2);
		const struct cached_slot *s = &c->slot[slot];

		if (s->table && is_to_be_checked(c, &c->table[s->table - 1]) && !s->parked)
			check_around(c, &c->table[s->table - 1], mva);
		for (unsigned v = 0; v < VARIANTS; v++) {
			const struct cached_table *t = cached_table_aside(c, slot, v);

			if (t && is_to_be_checked(c, t))
				check_around(c, t, mva);
		}
	}
	cached_flush(c);
}
