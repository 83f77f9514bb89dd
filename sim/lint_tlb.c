/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Books beside the TLB and the walker: I1, I2, I9, I10, I11, I14, I16. What an invalidate should
 * have dropped is decided here from its operand alone; which entry a hit ends at is asked of the TLB.
 */
#include <stdlib.h>

#include "models/tlb/tlb_hot.h"
#include "sim/lint_inside.h"
#include "sim/stage2.h"

/* --- walks ------------------------------------------------------------------------------ */

static bool in_monitor(uint32_t pa)
{
	return pa - HV_HPA < SECTION_BYTES;
}

/* The newest word of a table, by its machine address. */
static bool newest_word(const struct machine *m, uint32_t pa, uint32_t *word)
{
	uint32_t gpa = map_to_guest(m, pa);

	if (in_monitor(pa))
		return mem_read(m->hv, pa, word);
	return map_to_host(m, gpa) == pa && mem_read(m->g.tables, gpa, word);
}

/* A word as memory holds it: what a walker that sees no cache reads. */
static bool shown_word(void *ctx, uint32_t pa, uint32_t *word)
{
	struct machine *m = ctx;
	uint32_t newest;

	if (m->s2)                      /* an address of the guest's */
		pa = map_to_host(m, pa);
	if (!newest_word(m, pa, &newest))
		return false;
	(void)lint_shown(m->lint, pa, newest, word);
	return true;
}

static bool walker_is_coherent(const struct machine *m)
{
	return m->cfg.walk_sees == WALK_SEES_L1;
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
	unsigned reach = reach_log2(w);         /* of a piece, by stage 2, there is more than it has */
	uint32_t copies = w->leaf.size_log2 > reach ? 1u << (w->leaf.size_log2 - reach) : 1;
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

static bool is_kept(const struct tlb *t, uint32_t i)
{
	return i >= t->entries || t->entry[i].kept;
}

static unsigned count_locked(const struct tlb *t)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < t->entries + t->locked; i++)
		n += t->tag[i] && is_kept(t, i);
	return n;
}

enum err lint_tlb_init(struct lint_tlb *lt, const struct tlb *t, unsigned side, bool v6,
		       struct diag *d)
{
	lt->t = t;
	lt->side = side;
	history_init(&lt->ops, v6);
	lt->n = *tlb_counts(t);
	lt->locked = count_locked(t);
	lt->filled_at = calloc(t->entries + t->locked + 1u, sizeof(*lt->filled_at));
	return lt->filled_at ? ERR_OK : diag_set(d, ERR_NOMEM, "out of memory");
}

uint64_t lint_tlb_looked(const struct lint *li)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < li->ntlb; i++)
		sum += tlb_counts(li->tlb[i].t)->lookups - li->tlb[i].n.lookups;
	return sum;
}

uint64_t lint_tlb_dropped(const struct lint *li)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < li->ntlb; i++)
		sum += tlb_counts(li->tlb[i].t)->dropped - li->tlb[i].n.dropped;
	return sum;
}

void lint_tlb_note(struct lint *li)
{
	for (unsigned i = 0; i < li->ntlb; i++)
		li->tlb[i].n = *tlb_counts(li->tlb[i].t);
}

/* A walk filled an entry, or failed and must not have. */
static void filled(struct machine *m, struct lint_tlb *lt, gva_t mva, const struct walk *w)
{
	const struct tlb_entry *e = tlb_peek(lt->t, mva);

	if (w->fs && e)
		lint_find(m, FINDING_I16, lint_by_access(m), mva.raw, w->levels > 1 ? w->l2_addr
			  : w->l1_addr, "no TLB entry of a walk that failed (status 0x%x)",
			  (unsigned)w->fs);
	else if (e)
		lt->filled_at[e - lt->t->entry] = m->lint->clock;
	lt->locked = count_locked(lt->t);
}

/* Time of the youngest operation that should have dropped the entry. */
static uint64_t covered_at(const struct lint_tlb *lt, uint32_t i)
{
	const struct tlb_entry *e = &lt->t->entry[i];
	uint64_t at = history_inval_time_of(&lt->ops, gva(e->vpage << e->size_log2), e->size_log2,
					    e->tag.ng, e->tag.asid);

	return at > lt->all_at || is_kept(lt->t, i) ? at : lt->all_at;
}

/* Do the tables, as memory holds them, still give for mva what was used? */
static bool still_given(struct machine *m, gva_t mva, const struct walk *used)
{
	struct walk_regs r = { m->ttbr, m->sctlr, m->ttbr1, m->ttbcr };
	struct walk w;
	uint32_t pa;

	walk_tables(&m->arch, &r, mva, shown_word, m, &w);
	pa = m->s2 ? map_to_host(m, walk_pa(&w, mva)) : walk_pa(&w, mva);
	return !w.fs && pa == walk_pa(used, mva) && w.leaf.cb == used->leaf.cb &&
	       walk_ap(&w, mva) == walk_ap(used, mva) && w.leaf.domain == used->leaf.domain &&
	       w.leaf.tex == used->leaf.tex && w.leaf.attr == used->leaf.attr;
}

/* What is wrong with an entry whatever the tables say; how many findings that makes. */
static unsigned check_entry(struct machine *m, const struct lint_tlb *lt, gva_t mva,
			    const struct tlb_entry *e)
{
	uint32_t i = (uint32_t)(e - lt->t->entry), pa = walk_pa(&e->w, mva);
	unsigned matches = tlb_matches(lt->t, mva, lt->t->asid, lt->t->vmid), found = 0;
	enum lint_origin o = lint_by_tables(m);
	uint64_t at = covered_at(lt, i);

	if (matches > 1) {
		lint_find(m, FINDING_I9, o, mva.raw, pa, "one entry; %u match", matches);
		found++;
	}
	if (e->w.leaf.domain != e->w.domain) {
		lint_find(m, FINDING_I14, o, mva.raw, pa, "domain %u of the first level; the entry "
			  "has %u", e->w.domain, e->w.leaf.domain);
		found++;
	}
	if (at > lt->filled_at[i]) {
		lint_find(m, FINDING_I2, o, mva.raw, pa, "no entry: it was filled at time %llu, and "
			  "invalidated at %llu", (unsigned long long)lt->filled_at[i],
			  (unsigned long long)at);
		found++;
	}
	return found;
}

/* A translation that needed no walk. e: the entry now; NULL when only a copy is left of it. */
static bool check_used(struct machine *m, const struct lint_tlb *lt, gva_t mva,
		       const struct walk *used)
{
	const struct tlb_entry *e = tlb_peek(lt->t, mva);
	bool kept = e && is_kept(lt->t, (uint32_t)(e - lt->t->entry));
	unsigned found = e ? check_entry(m, lt, mva, e) : 0;

	if (found || kept || still_given(m, mva, used))
		return !found;
	lint_find(m, FINDING_I2s, lint_by_tables(m), mva.raw, walk_pa(used, mva), "what the tables "
		  "give now, once an invalidate is due");
	return false;
}

static bool same_regs(const struct walk_regs *a, const struct walk_regs *b)
{
	return a->ttbr0 == b->ttbr0 && a->sctlr == b->sctlr && a->ttbr1 == b->ttbr1 &&
	       a->ttbcr == b->ttbcr;
}

/* A hit: looked at once, as long as neither the TLB nor what a walk would give has moved. */
static void hit(struct machine *m, struct lint_tlb *lt, gva_t mva, const struct walk *used)
{
	const struct tlb_counts *n = tlb_counts(lt->t);
	struct walk_regs now = { m->ttbr, m->sctlr, m->ttbr1, m->ttbcr };
	uint64_t state = n->fills + n->dropped + n->evictions + lt->t->generation;
	struct lint_seen *s = &lt->seen[mva.raw >> GRANULE_LOG2 & (LINT_SEEN - 1)];
	struct lint *li = m->lint;

	if (!same_regs(&now, &li->regs)) {
		li->regs = now;
		li->tables++;
	}
	if (s->granule == (mva.raw >> GRANULE_LOG2) + 1 && s->tlb == state && s->tables == li->tables)
		return;
	*s = (struct lint_seen){ state, li->tables, (mva.raw >> GRANULE_LOG2) + 1 };
	if (!check_used(m, lt, mva, used))
		s->granule = 0;         /* each use counts */
}

void lint_tlb_access(struct machine *m, gva_t mva, enum access access, const struct translation *t)
{
	struct lint *li = m->lint;
	unsigned side = access == ACCESS_FETCH ? SIDE_I : SIDE_D;

	for (unsigned i = 0; i < li->ntlb && m->sctlr & SCTLR_M; i++) {
		struct lint_tlb *lt = &li->tlb[i];

		if (!(lt->side & side))
			continue;
		if (tlb_counts(lt->t)->misses != lt->n.misses) {
			lint_walk(m, mva, &t->w, lint_by_tables(m));
			filled(m, lt, mva, &t->w);
		} else {
			hit(m, lt, mva, &t->w);
		}
	}
	lint_tlb_note(li);
}

/* --- operations --------------------------------------------------------------------------- */

/* What an operation is about, as the architecture has it. */
enum scope { OF_ALL, OF_MVA, OF_MVA_ASID, OF_ASID, SCOPES };
struct covered { enum scope scope; gva_t mva; uint8_t asid; };

static bool covers(const struct covered *c, const struct tlb_entry *e)
{
	bool page = e->vpage == c->mva.raw >> e->size_log2;

	if (e->tag.vmid == VMID_FLAT && c->scope != OF_ALL)
		return false;           /* of stage 2 alone: not the guest's to invalidate */
	switch (c->scope) {
	case OF_MVA: return page;
	case OF_MVA_ASID: return page && (!e->tag.ng || e->tag.asid == c->asid);
	case OF_ASID: return e->tag.ng && e->tag.asid == c->asid;
	default: return true;
	}
}

static void remember(struct lint *li, struct lint_tlb *lt, const struct covered *c)
{
	lt->ops.now = li->clock - 1;    /* so that its time is this moment */
	switch (c->scope) {
	case OF_MVA: history_inval_mva(&lt->ops, c->mva); break;
	case OF_MVA_ASID: history_inval_mva_asid(&lt->ops, c->mva, c->asid); break;
	case OF_ASID: history_inval_asid(&lt->ops, c->asid); break;
	default:
		history_inval_all(&lt->ops);
		lt->all_at = li->clock;
		break;
	}
}

/* Entries that are still there behind the operation and should not be. */
static void check_dropped(struct machine *m, struct lint_tlb *lt, const struct covered *c)
{
	static const char *const name[SCOPES] = { "invalidate all", "an invalidate by address",
		"an invalidate by address and ASID", "an invalidate by ASID" };
	const struct tlb *t = lt->t;
	bool spares = c->scope == OF_ALL;

	for (uint32_t i = 0; i < t->entries + t->locked; i++) {
		const struct tlb_entry *e = &t->entry[i];

		if (!t->tag[i] || !covers(c, e) || (spares && is_kept(t, i)))
			continue;
		lint_find(m, is_kept(t, i) ? FINDING_I11 : FINDING_I2, lint_by_access(m),
			  e->vpage << e->size_log2, e->w.leaf.base, "no %sentry behind %s",
			  is_kept(t, i) ? "locked " : "", name[c->scope]);
	}
	if (spares && count_locked(t) != lt->locked)
		lint_find(m, FINDING_I11, lint_by_access(m), 0, 0, "%u locked entries behind "
			  "invalidate all; there are %u", lt->locked, count_locked(t));
	lt->locked = count_locked(t);
}

static void operation(struct machine *m, unsigned side, struct covered c)
{
	struct lint *li = m->lint;

	li->clock++;
	for (unsigned i = 0; i < li->ntlb; i++) {
		if (!(li->tlb[i].side & side) && li->tlb[i].side != SIDE_BOTH)
			continue;
		remember(li, &li->tlb[i], &c);
		check_dropped(m, &li->tlb[i], &c);
	}
	lint_tlb_note(li);
}

void lint_tlbi_all(struct machine *m, unsigned side)
{
	operation(m, side, (struct covered){ .scope = OF_ALL });
}

void lint_tlbi_mva(struct machine *m, unsigned side, gva_t mva, bool tagged, uint8_t asid)
{
	operation(m, side, (struct covered){ tagged ? OF_MVA_ASID : OF_MVA, mva, asid });
}

void lint_tlbi_asid(struct machine *m, unsigned side, uint8_t asid)
{
	operation(m, side, (struct covered){ .scope = OF_ASID, .asid = asid });
}
