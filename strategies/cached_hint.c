/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `cached` without write protection: sync=hint, and sync=tlbi+roots. Walkers of these cores do not look into
 * the data cache, so a guest cleans the line of each descriptor that it wrote, and the operation traps. It names the line:
 * its words are compared with what the shadow was made from, and composed anew. What a clean does not name (by set and way,
 * of everything, nothing at all with the cache off) makes all tables suspect at the next invalidate or change of root: each is
 * out of the hardware's reach (parked) until it has been compared, when it is next used. A mapping that writes past the cache
 * needs no cleans: frames of tables written by one are traced. doc/clean-hint.md has the argument.
 */
#include "strategies/cached.h"

static const struct { unsigned sources; const char *sum; } sound[] = {
	{ SOURCE_STORES, "stores (emulate)" },
	{ SOURCE_STORES | SOURCE_TLBI | SOURCE_ROOTS, "stores+tlbi+roots (unsync)" },
	{ SOURCE_STORES | SOURCE_CLEANS | SOURCE_TLBI | SOURCE_ROOTS, "stores+cleans+tlbi+roots" },
	{ SOURCE_CLEANS | SOURCE_TLBI | SOURCE_ROOTS, "cleans+tlbi+roots (hint)" },
	{ SOURCE_TLBI | SOURCE_ROOTS, "tlbi+roots" },
};

/* sync is a sum of the words of cached.c: three names of sums, then the sources. */
enum err cached_sources(uint32_t sync, unsigned *sources, struct diag *d)
{
	enum { EMULATE = 1, UNSYNC = 2, HINT = 4, NAMES = 7 };
	const unsigned n = sizeof(sound) / sizeof(sound[0]);
	const char *why;

	*sources = sync == EMULATE ? sound[0].sources : sync == UNSYNC ? sound[1].sources
		 : sync == HINT ? sound[3].sources : sync >> 3;
	if (sync & NAMES && sync & (sync - 1))
		return diag_set(d, ERR_CONFIG, "sync: emulate, unsync and hint are names of whole sums and stand "
				"alone; the sources are stores, cleans, tlbi, roots");
	for (unsigned i = 0; i < n; i++)
		if (*sources == sound[i].sources)
			return ERR_OK;
	why = *sources & SOURCE_STORES
		? "traced stores leave nothing for the others, unless tlbi and roots both end the time in which a "
		  "table may be out of sync"
		: "without stores an old word has to be found at an invalidate (tlbi) and where a table comes into "
		  "use by another root (roots): cleans do not name all lines";
	return diag_set(d, ERR_CONFIG, "sync: not a sound sum: %s; want %s, %s, %s, %s or %s", why, sound[0].sum,
			sound[1].sum, sound[2].sum, sound[3].sum, sound[4].sum);
}

static void charge(const struct cached *c, enum event e, uint64_t n)
{
	if (!c->quiet)
		c->port->charge(c->port->m, e, n);
}

static bool guest_caches(const struct guest *g)
{
	return g->sctlr & SCTLR_M && g->sctlr & SCTLR_C;
}

/* Nothing that happens to tables is named. */
static bool is_deaf(const struct cached *c)
{
	return !(c->sources & SOURCE_CLEANS) || !c->port->clean_line || !guest_caches(c->port->guest);
}

/* May tables have changed without a sign? */
static bool is_pending(const struct cached *c)
{
	return c->untraced && (c->pending || is_deaf(c));
}

/* --- frames that are written past the cache --------------------------------------------------- */

enum { WRITE_BACK = 3, ALL_WRITES = 0xaa };     /* C and B; RIGHT_WRITE of four quarters */

static bool is_write_back(const struct cached *c, uint8_t cb, struct pt_memory memory)
{
	if (c->format != HOST_V6)
		return cb == WRITE_BACK;
	return memory.type == MEM_NORMAL && (memory.inner == CACHE_WB || memory.inner == CACHE_WB_WA);
}

/* With the MMU off everything is written past the cache, and compared when it goes on. */
static bool is_of_mmu_off(const struct cached *c, uint32_t word)
{
	const struct cached_table *t;

	if (cached_is_root_word(c, word))
		return c->root[word / ROOT_WORDS].off;
	t = cached_table_of((struct cached *)(uintptr_t)c, word);
	return t->kind == TABLE_SPLIT && !(t->key & 3);
}

static bool some_writes_past(const struct cached *c, int32_t first, uint32_t frame)
{
	for (int32_t i = first; i; i = c->leaf[i - 1].next) {
		const struct cached_leaf *l = &c->leaf[i - 1];

		if (!is_write_back(c, l->cb, cached_unpack_memory(l->memory)) && (l->k | l->u) & ALL_WRITES &&
		    l->gpa >> l->size_log2 == frame << FRAME_LOG2 >> l->size_log2 &&
		    !is_of_mmu_off(c, (uint32_t)i - 1))
			return true;
	}
	return false;
}

bool cached_writes_past(const struct cached *c, uint32_t frame)
{
	return some_writes_past(c, c->in_frame[frame], frame) ||
	       some_writes_past(c, c->in_mb[frame >> (SECTION_LOG2 - FRAME_LOG2)], frame);
}

void cached_set_through(struct cached *c, uint32_t frame, bool through)
{
	c->nthrough += (unsigned)through - c->through[frame];
	c->through[frame] = through;
}

bool cached_is_through(struct cached *c, uint32_t frame)
{
	if (!c->untraced)
		return true;
	if (!c->through[frame] && cached_writes_past(c, frame))
		cached_set_through(c, frame, true);
	return c->through[frame];
}

static void trace_tables(struct cached *c, uint32_t frame)
{
	unsigned mask;

	cached_set_through(c, frame, true);
	cached_retrace(c, frame);       /* what it holds; nothing: it is not through */
	mask = c->traced[frame];
	c->traced[frame] = 0;
	cached_trace(c, frame, mask);
}

void cached_note_through(struct cached *c, const struct walk *w, gva_t mva)
{
	uint32_t first, n;

	if (!c->untraced || !w->levels ||
	    is_write_back(c, w->leaf.cb, guest_page_of(c->port->guest, w).memory))
		return;
	first = (walk_pa(w, mva) & ~((UINT32_C(1) << w->leaf.size_log2) - 1)) >> FRAME_LOG2;
	n = w->leaf.size_log2 > FRAME_LOG2 ? UINT32_C(1) << (w->leaf.size_log2 - FRAME_LOG2) : 1;
	for (uint32_t f = first; f < first + n; f++)
		if (!c->through[f])
			trace_tables(c, f);
}

/* --- cleans by address -------------------------------------------------------------------------- */

/* Where the operand leads: as the hardware has it, else by a walk. cached: the guest's own address reaches it. */
static bool operand_gpa(struct cached *c, gva_t mva, uint32_t *gpa, bool *cached)
{
	int32_t word = cached_leaf_at(c, mva);
	struct walk w;

	charge(c, EV_SHADOW_FIND, 1);
	*cached = word >= 0;
	if (word >= 0) {
		const struct cached_leaf *l = &c->leaf[word];

		*gpa = l->gpa | (mva.raw & ((UINT32_C(1) << l->size_log2) - 1));
		return true;
	}
	c->port->walk_guest(c->port->m, mva, &w);
	*gpa = walk_pa(&w, mva);
	return !w.fs;
}

/* Line after line of a root that nobody uses: of a process that is no more, or not yet. */
static bool is_flooded(struct cached *c, unsigned r)
{
	if (r == c->now || !c->p->flood || ++c->root[r].flood <= c->p->flood)
		return false;
	charge(c, EV_FLOOD, 1);
	cached_drop_root(c, r, EV_EVICT);
	return true;
}

static void clean_slots(struct cached *c, uint32_t slot, uint32_t n, enum event read)
{
	charge(c, read, n);
	for (uint32_t s = slot; s < slot + n; s++)
		if (cached_slot_is_old(c, s))
			cached_clear_slot(c, s, EV_ZAP);
}

/* Words of first-level tables at [gpa, gpa + bytes). True: there are some. */
static bool clean_roots(struct cached *c, uint32_t gpa, uint32_t bytes, enum event read)
{
	struct cached_part part[2];
	bool found = false;

	for (unsigned r = 0; r < c->p->roots; r++)
		for (unsigned i = cached_parts(&c->root[r], part); i-- > 0;) {
			const struct cached_part *p = &part[i];
			uint32_t from = gpa > p->base ? gpa : p->base, end = p->base + p->bytes;
			uint32_t to = gpa + bytes < end ? gpa + bytes : end;

			if (from >= to)
				continue;
			found = true;
			if (c->traced[gpa >> FRAME_LOG2])
				continue;
			if (is_flooded(c, r))
				break;
			clean_slots(c, r * ROOT_WORDS + p->first + (from - p->base) / 4, (to - from) / 4, read);
		}
	return found;
}

static void clean_word(struct cached *c, struct cached_table *t, uint32_t index)
{
	uint32_t word = t->word + index, now;
	struct walk w;
	gva_t mva;

	if (!mem_read(c->port->guest->tables, t->key + 4 * index, &now))
		return;
	if (c->leaf[word].size_log2) {
		uint32_t base = word - c->leaf[word].back;

		if (c->from[base] == now)
			return;
		cached_zap(c, base, EV_ZAP);
	}
	if (c->p->recompose && t->links && cached_word_maps(c, t, t->links, index, now, &mva, &w))
		cached_put(c, t, mva, &w);
}

/* Tables in one granule whose lines [gpa, gpa + bytes) are clean. True: there are some. */
static bool clean_lines(struct cached *c, uint32_t gpa, uint32_t bytes, enum event read)
{
	bool found = clean_roots(c, gpa, bytes, read);
	uint16_t next;

	charge(c, EV_RMAP, 1);
	for (uint16_t i = c->tables_in[gpa >> FRAME_LOG2]; i; i = next) {
		struct cached_table *t = &c->table[i - 1];
		uint32_t first = (gpa - t->key) / 4;

		next = t->next;
		if (first >= cached_words_of(t) || (!t->oos && c->traced[gpa >> FRAME_LOG2]))
			continue;
		charge(c, read, bytes / 4);
		for (uint32_t j = first; j < first + bytes / 4; j++)
			clean_word(c, t, j);
		found = true;
	}
	return found;
}

void cached_clean(void *self, gva_t mva, uint32_t bytes)
{
	struct cached *c = self;
	bool cached, tables = false;
	uint32_t n, gpa;

	if (!(c->sources & SOURCE_CLEANS))
		return;
	for (uint32_t left = bytes; left; left -= n, mva.raw += n) {
		n = GRANULE_BYTES - (mva.raw & (GRANULE_BYTES - 1));
		n = n < left ? n : left;
		if (!operand_gpa(c, mva, &gpa, &cached) ||
		    !clean_lines(c, gpa, n, cached ? EV_HINT_WORD : EV_SYNC))
			continue;               /* nothing is mapped: cached_leaf_goes() */
		tables = true;
		for (uint32_t at = 0; cached && at < n; at += c->port->clean_line)
			c->port->read_guest(c->port->m, gva(mva.raw + at));
	}
	charge(c, EV_HINT, tables);
	cached_flush(c);
}

void cached_clean_all(void *self)
{
	struct cached *c = self;

	c->pending = c->untraced;
}

static bool holds_tables(const struct cached *c, uint32_t frame)
{
	return c->tables_in[frame] || cached_root_quarters(c, frame);
}

/*
 * The guest changed what an address maps. If that was a way to write to tables, lines may be left that a clean of
 * the address names no more: what is in them is looked for at the next invalidate, or in another root.
 */
void cached_leaf_goes(struct cached *c, uint32_t word)
{
	const struct cached_leaf *l = &c->leaf[word];
	uint32_t first = l->gpa >> FRAME_LOG2;
	uint32_t n = l->size_log2 > FRAME_LOG2 ? UINT32_C(1) << (l->size_log2 - FRAME_LOG2) : 1;

	if (!c->untraced || c->pending || !((l->k | l->u) & ALL_WRITES))
		return;
	for (uint32_t f = first; f < first + n && !c->pending; f++)
		c->pending = holds_tables(c, f);
}

/* --- comparisons -------------------------------------------------------------------------------- */

bool cached_slot_is_old(struct cached *c, uint32_t slot)
{
	const struct cached_root *r = &c->root[slot / ROOT_WORDS];
	uint32_t at, now;

	if (r->off || !cached_slot_in_use(c, slot))
		return false;
	return !cached_root_word(r, slot % ROOT_WORDS, &at) ||
	       !mem_read(c->port->guest->tables, at, &now) || now != c->from[slot];
}

void cached_compare(struct cached *c, struct cached_table *t)
{
	if (!c->untraced || t->epoch == c->epoch || t->kind == TABLE_SPLIT)
		return;
	charge(c, EV_COMPARE, 1);
	cached_resync_table(c, t);
	t->epoch = c->epoch;
}

/* Another ASID may use what is global; what is not has to be found anew, or be what the guest's words say now. */
void cached_compare_nonglobal(struct cached *c)
{
	if (!is_pending(c))
		return;
	for (uint32_t s = c->now * ROOT_WORDS; c->untraced && s < (c->now + 1) * ROOT_WORDS; s++) {
		struct cached_table *t = c->slot[s].table ? &c->table[c->slot[s].table - 1] : NULL;

		if (c->leaf[s].size_log2 || (t && t->leaves > t->global)) {
			charge(c, EV_SYNC, 1);
			if (cached_slot_is_old(c, s))
				cached_clear_slot(c, s, EV_ZAP);
			else if (t && t->kind != TABLE_SPLIT)
				cached_resync_table(c, t);
		}
	}
}

static void park(struct cached *c, uint32_t slot)
{
	const struct cached_table *t = &c->table[c->slot[slot].table - 1];

	if (c->slot[slot].parked || t->kind == TABLE_SPLIT || t->epoch == c->epoch)
		return;
	c->slot[slot].parked = true;
	if (slot / ROOT_WORDS == c->now)
		cached_note_all(c);
	cached_store(c, slot, 0, EV_ZAP);
}

/* First-level words are compared at once, what they lead to when it is used. */
void cached_check_root(struct cached *c)
{
	struct cached_root *r = &c->root[c->now];

	if (r->off || r->epoch == c->epoch)
		return;
	r->epoch = c->epoch;
	for (uint32_t s = c->now * ROOT_WORDS; s < (c->now + 1) * ROOT_WORDS; s++) {
		if (!cached_slot_in_use(c, s))
			continue;
		charge(c, EV_SYNC, 1);
		if (cached_slot_is_old(c, s))
			cached_clear_slot(c, s, EV_ZAP);
		else if (c->slot[s].table)
			park(c, s);
	}
}

void cached_suspect_all(struct cached *c)
{
	if (!c->untraced)
		return;
	if (is_pending(c)) {
		c->pending = false;
		c->epoch++;
		charge(c, EV_SUSPECT, 1);
	}
	cached_check_root(c);
}

/* Entries of a large page, and of a supersection, in every root: a TLB would not tell them apart. */
void cached_suspect(struct cached *c, gva_t mva)
{
	uint32_t span = c->port->guest->v6 ? 16 : 1, mb = mva.raw >> SECTION_LOG2 & ~(span - 1);

	if (c->noos)
		cached_resync(c, mva);
	if (!is_pending(c))
		return;
	if (!is_deaf(c)) {              /* once for all that was not named until now */
		cached_suspect_all(c);
		cached_flush(c);
		return;
	}
	for (unsigned i = 0; i < c->p->roots * span; i++) {
		uint32_t s = i / span * ROOT_WORDS + mb + i % span;

		if (!cached_slot_in_use(c, s))
			continue;
		charge(c, EV_SYNC, 1);
		if (cached_slot_is_old(c, s))
			cached_clear_slot(c, s, EV_ZAP);
	}
	cached_resync(c, mva);
}

void cached_suspect_off(struct cached *c, uint32_t old)
{
	if (c->untraced && (!(old & SCTLR_M) || !(old & SCTLR_C)))
		c->pending = true;
}

bool cached_resume(struct cached *c, const struct abort_info *a)
{
	uint32_t slot = c->now * ROOT_WORDS + (a->mva.raw >> SECTION_LOG2);
	int32_t word;

	if (!c->slot[slot].parked)
		return false;
	charge(c, EV_SHADOW_FIND, 1);
	cached_compare(c, &c->table[c->slot[slot].table - 1]);
	cached_store_link(c, slot);
	cached_flush(c);
	word = cached_leaf_at(c, a->mva);
	return word >= 0 && cached_grants(&c->leaf[word], a->mva, a->user, a->access);
}
