/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Books beside the TLB and the walker: I1, I2, I9, I10, I11, I14, I16. What an invalidate should
 * have dropped is decided here from its operand alone; which entry a hit ends at is asked of the TLB.
 */
#include <string.h>

#include "models/tlb/tlb_hot.h"
#include "sim/lint_inside.h"

/* --- walks ------------------------------------------------------------------------------ */

static bool in_monitor(uint32_t pa)
{
	return pa - HV_HPA < SECTION_BYTES;
}

/* The newest word of a table, by its machine address. */
static bool newest_word(const struct machine *m, uint32_t pa, uint32_t *word)
{
	if (in_monitor(pa))
		return mem_read(m->hv, pa, word);
	for (unsigned i = 0; i < 2; i++)        /* as it is, or moved by the map */
		if (map_to_host(m, i ? pa - m->cfg.map_base : pa) == pa)
			return mem_read(m->g.tables, i ? pa - m->cfg.map_base : pa, word);
	return false;
}

/* A word as memory holds it: what a walker that sees no cache reads. */
static bool shown_word(void *ctx, uint32_t pa, uint32_t *word)
{
	struct machine *m = ctx;
	uint32_t newest;

	if (!newest_word(m, pa, &newest))
		return false;
	(void)lint_shown(m->lint, pa, newest, word);
	return true;
}

static bool walker_is_coherent(const struct machine *m)
{
	return m->cfg.walk_sees == WALK_L1;
}

static void check_word(struct machine *m, gva_t mva, uint32_t pa, uint32_t newest,
		       enum lint_origin o)
{
	uint32_t shown;
	char where[64];

	if (!lint_shown(m->lint, pa, newest, &shown))
		lint_find(m, FINDING_I1, o, mva.raw, pa, "0x%08x, %s; memory holds %s", newest,
			  lint_where(m, pa, where), shown == newest ? "what was there before"
								    : "another word");
}

/* log2 of what one slot of the last table reaches. */
static unsigned reach_log2(const struct walk *w)
{
	enum { TYPE = 3, FINE = 3 };

	if (w->levels == 1)
		return SECTION_LOG2;
	return (w->l1 & TYPE) == FINE ? GRANULE_LOG2 : FRAME_LOG2;
}

static void check_copies(struct machine *m, gva_t mva, const struct walk *w, uint32_t pa,
			 enum lint_origin o)
{
	uint32_t word = w->levels == 1 ? w->l1 : w->l2, other;
	uint32_t copies = 1u << (w->leaf.size_log2 - reach_log2(w));
	uint32_t first = pa & ~(4 * copies - 1);

	for (uint32_t i = 0; i < copies && copies > 1; i++) {
		if (!newest_word(m, first + 4 * i, &other) || other == word)
			continue;
		lint_find(m, FINDING_I10, o, mva.raw, pa, "%u copies of 0x%08x; PA 0x%08x holds "
			  "0x%08x", copies, word, first + 4 * i, other);
		return;
	}
}

void lint_walk(struct machine *m, gva_t mva, const struct walk *w, enum lint_origin o)
{
	bool moved = o == LINT_GUEST;   /* addresses of guest tables are the guest's */
	uint32_t l1 = moved ? map_to_host(m, w->l1_addr) : w->l1_addr;
	uint32_t l2 = moved ? map_to_host(m, w->l2_addr) : w->l2_addr;

	if (!walker_is_coherent(m) && w->levels >= 1 && w->fs != FS_WALK_EXT_L1)
		check_word(m, mva, l1, w->l1, o);
	if (!walker_is_coherent(m) && w->levels >= 2 && w->fs != FS_WALK_EXT_L2)
		check_word(m, mva, l2, w->l2, o);
	if (w->fs == FS_NONE && w->levels)
		check_copies(m, mva, w, w->levels == 1 ? l1 : l2, o);
}

/* --- entries ---------------------------------------------------------------------------- */

static bool is_kept(const struct machine *m, uint32_t i)
{
	return i >= m->tlb->entries || m->tlb->entry[i].kept;
}

unsigned lint_locked(const struct machine *m)
{
	const struct tlb *t = m->tlb;
	unsigned n = 0;

	for (uint32_t i = 0; i < t->entries + t->locked; i++)
		n += t->tag[i] && is_kept(m, i);
	return n;
}

/* A walk filled an entry, or failed and must not have. */
static void filled(struct machine *m, gva_t mva, const struct walk *w)
{
	const struct tlb_entry *e = tlb_peek(m->tlb, mva);

	if (w->fs && e)
		lint_find(m, FINDING_I16, lint_by_access(m), mva.raw, w->levels > 1 ? w->l2_addr
			  : w->l1_addr, "no TLB entry of a walk that failed (status 0x%x)",
			  (unsigned)w->fs);
	else if (e)
		m->lint->filled_at[e - m->tlb->entry] = m->lint->clock;
	m->lint->locked = lint_locked(m);
}

/* Time of the youngest operation that should have dropped the entry. */
static uint64_t covered_at(const struct machine *m, uint32_t i)
{
	const struct tlb_entry *e = &m->tlb->entry[i];
	uint64_t at = history_inval_time_of(&m->lint->ops, gva(e->vpage << e->size_log2),
					    e->size_log2, e->tag.ng, e->tag.asid);

	return at > m->lint->all_at || is_kept(m, i) ? at : m->lint->all_at;
}

/* Do the tables, as memory holds them, still give what the entry says of mva? */
static bool still_given(struct machine *m, gva_t mva, const struct walk *used)
{
	struct walk_regs r = { m->ttbr, m->sctlr, m->ttbr1, m->ttbcr };
	struct walk w;

	walk_tables(&m->arch, &r, mva, shown_word, m, &w);
	return !w.fs && walk_pa(&w, mva) == walk_pa(used, mva) && w.leaf.cb == used->leaf.cb &&
	       walk_ap(&w, mva) == walk_ap(used, mva) && w.leaf.domain == used->leaf.domain &&
	       w.leaf.tex == used->leaf.tex && w.leaf.attr == used->leaf.attr;
}

/* false: something was found. */
static bool check_entry(struct machine *m, gva_t mva, const struct tlb_entry *e)
{
	uint32_t i = (uint32_t)(e - m->tlb->entry), pa = walk_pa(&e->w, mva);
	unsigned matches = tlb_matches(m->tlb, mva, m->tlb->asid, m->tlb->vmid);
	enum lint_origin o = lint_by_tables(m);
	uint64_t at = covered_at(m, i);
	bool fine = true;

	if (matches > 1) {
		lint_find(m, FINDING_I9, o, mva.raw, pa, "one entry; %u match", matches);
		fine = false;
	}
	if (e->w.leaf.domain != e->w.domain) {
		lint_find(m, FINDING_I14, o, mva.raw, pa, "domain %u of the first level; the entry "
			  "has %u", e->w.domain, e->w.leaf.domain);
		fine = false;
	}
	if (at > m->lint->filled_at[i]) {
		lint_find(m, FINDING_I2, o, mva.raw, pa, "no entry: it was filled at time %llu, and "
			  "invalidated at %llu", (unsigned long long)m->lint->filled_at[i],
			  (unsigned long long)at);
		fine = false;
	} else if (!is_kept(m, i) && !still_given(m, mva, &e->w)) {
		lint_find(m, FINDING_I2s, o, mva.raw, pa, "what the tables give now, once an "
			  "invalidate is due");
		fine = false;
	}
	return fine;
}

static bool same_regs(const struct walk_regs *a, const struct walk_regs *b)
{
	return a->ttbr0 == b->ttbr0 && a->sctlr == b->sctlr && a->ttbr1 == b->ttbr1 &&
	       a->ttbcr == b->ttbcr;
}

/* A hit: looked at once, as long as neither the TLB nor what a walk would give has moved. */
static void hit(struct machine *m, gva_t mva)
{
	const struct tlb_entry *e = tlb_peek(m->tlb, mva);
	const struct tlb_counts *n = tlb_counts(m->tlb);
	struct walk_regs now = { m->ttbr, m->sctlr, m->ttbr1, m->ttbcr };
	uint64_t state = n->fills + n->dropped + n->evictions + m->tlb->generation;
	struct lint *li = m->lint;
	struct lint_seen *s = &li->seen[mva.raw >> GRANULE_LOG2 & (LINT_SEEN - 1)];

	if (!same_regs(&now, &li->regs)) {
		li->regs = now;
		li->tables++;
	}
	if (!e || (s->granule == (mva.raw >> GRANULE_LOG2) + 1 && s->tlb == state &&
		   s->tables == li->tables))
		return;
	*s = (struct lint_seen){ state, li->tables, (mva.raw >> GRANULE_LOG2) + 1 };
	if (!check_entry(m, mva, e))
		s->granule = 0;         /* each use counts */
}

void lint_tlb_access(struct machine *m, gva_t mva, const struct translation *t)
{
	struct lint *li = m->lint;

	if (m->sctlr & SCTLR_M) {
		if (tlb_counts(m->tlb)->misses != li->tlb.misses) {
			lint_walk(m, mva, &t->w, lint_by_tables(m));
			filled(m, mva, &t->w);
		} else {
			hit(m, mva);
		}
	}
	li->tlb = *tlb_counts(m->tlb);
}

/* --- operations --------------------------------------------------------------------------- */

/* What an operation is about, as the architecture has it. */
struct covered { bool by_mva, tagged, by_asid; gva_t mva; uint8_t asid; };

static bool covers(const struct covered *c, const struct tlb_entry *e)
{
	bool its = !c->tagged || !e->tag.ng || e->tag.asid == c->asid;

	if (c->by_asid)
		return e->tag.ng && e->tag.asid == c->asid;
	return !c->by_mva || (its && e->vpage == c->mva.raw >> e->size_log2);
}

/* Entries that are still there behind the operation and should not be. */
static void check_dropped(struct machine *m, const struct covered *c)
{
	const struct tlb *t = m->tlb;
	bool spares = !c->by_mva && !c->by_asid;

	for (uint32_t i = 0; i < t->entries + t->locked; i++) {
		const struct tlb_entry *e = &t->entry[i];

		if (!t->tag[i] || !covers(c, e) || (spares && is_kept(m, i)))
			continue;
		lint_find(m, is_kept(m, i) ? FINDING_I11 : FINDING_I2, lint_by_access(m),
			  e->vpage << e->size_log2, e->w.leaf.base, "no %sentry behind %s",
			  is_kept(m, i) ? "locked " : "", c->by_mva ? "an invalidate by address"
			  : c->by_asid ? "an invalidate by ASID" : "invalidate all");
	}
	if (spares && lint_locked(m) != m->lint->locked)
		lint_find(m, FINDING_I11, lint_by_access(m), 0, 0, "%u locked entries behind "
			  "invalidate all; there are %u", m->lint->locked, lint_locked(m));
	m->lint->locked = lint_locked(m);
	m->lint->tlb = *tlb_counts(m->tlb);
}

void lint_tlbi_all(struct machine *m)
{
	struct lint *li = m->lint;

	li->all_at = ++li->clock;
	check_dropped(m, &(struct covered){ .by_mva = false });
}

void lint_tlbi_mva(struct machine *m, gva_t mva, bool tagged, uint8_t asid)
{
	struct lint *li = m->lint;
	struct covered c = { .by_mva = true, .tagged = tagged, .mva = mva, .asid = asid };

	li->ops.now = li->clock;
	if (tagged)
		history_inval_mva_asid(&li->ops, mva, asid);
	else
		history_inval_mva(&li->ops, mva);
	li->clock = li->ops.now;
	check_dropped(m, &c);
}

void lint_tlbi_asid(struct machine *m, uint8_t asid)
{
	struct lint *li = m->lint;
	struct covered c = { .by_asid = true, .asid = asid };

	li->ops.now = li->clock;
	history_inval_asid(&li->ops, asid);
	li->clock = li->ops.now;
	check_dropped(m, &c);
}
