/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P(mva): all walk results that some moment since the last covering invalidate would have
 * given. Enumerated from history, youngest register setting and youngest word first; a member
 * is a pair of first- and second-level values that were current at one common moment.
 *
 * From ARMv6 on each setting has an ASID. What a walk under another one than the current found counts
 * only if it is global: a TLB would not answer with it. A walk that failed belongs to its ASID: no TLB
 * holds it, and it is a member because a table word written may be seen late. An invalidate prunes
 * what a TLB would drop: by ASID never what is global; by MVA and ASID what is global as well.
 */
#include "models/guest/guest.h"

struct span { uint64_t from, until; };          /* from < t <= until; until may be HIST_NOW */

/* A version of a word: its value and when it was current. Walks from now into the past. */
struct version {
	uint32_t value;
	struct span when;
	const struct hist_word *old;    /* next older */
	bool known;
};

struct pick { uint32_t l1, l2; unsigned n; bool l1_known, l2_known; };

static bool pick_read(void *ctx, uint32_t addr, uint32_t *word)
{
	struct pick *p = ctx;
	bool first = p->n++ == 0;

	(void)addr;
	*word = first ? p->l1 : p->l2;
	return first ? p->l1_known : p->l2_known;
}

static struct version version_now(const struct guest *g, uint32_t pa)
{
	struct version v = { .when = { 0, HIST_NOW }, .old = history_last(&g->hist, pa) };

	v.known = guest_table_word(g, pa, &v.value);
	if (v.old)
		v.when.from = v.old->until;
	return v;
}

static bool version_older(const struct guest *g, struct version *v)
{
	const struct hist_word *w = v->old;

	if (!w)
		return false;
	v->value = w->value;
	v->when.until = w->until;
	v->old = history_prev(&g->hist, w);
	v->when.from = v->old ? v->old->until : 0;
	return true;
}

static bool overlap(struct span a, struct span b, struct span *out)
{
	out->from = a.from > b.from ? a.from : b.from;
	out->until = a.until < b.until ? a.until : b.until;
	return out->from < out->until;
}

struct visit {
	const struct guest *g;
	gva_t mva;
	oracle_fn fn;
	void *ctx;
	uint8_t asid;                   /* of the setting being visited */
	bool once;                      /* ... and none of its words at mva has an older value */
};

/* May the walk still be used, and now? */
static bool is_member(const struct visit *v, const struct walk *w, struct span when)
{
	const struct guest *g = v->g;
	bool found = w->fs == FS_NONE && w->levels;
	unsigned reach = found ? w->leaf.size_log2 : history_granule(&g->hist);
	bool ng;

	if (!g->v6)
		return when.until == HIST_NOW ||
		       when.until > history_inval_time(&g->hist, v->mva, reach);
	ng = !found || w->leaf.attr & PT_NG;
	if (ng && v->asid != guest_asid(g))
		return false;
	return when.until == HIST_NOW ||
	       when.until > history_inval_time_of(&g->hist, v->mva, reach, ng, v->asid);
}

static bool visit_walk(const struct visit *v, const struct walk_regs *r, struct pick p,
		       struct span when)
{
	struct walk w;

	if (v->g->legacy)
		walk_v5(r, v->mva, pick_read, &p, &w);
	else
		walk_tables(v->g->arch, r, v->mva, pick_read, &p, &w);
	return is_member(v, &w, when) && v->fn(v->ctx, &w);
}

static void decode_l1(const struct guest *g, const struct walk_regs *r, uint32_t word,
		      struct pt_desc *d)
{
	if (g->legacy)
		pt_decode_v5_l1(word, d);
	else
		pt_decode_l1(mmu_format(g->arch, r->sctlr), word, d);
}

/*
 * When a walk could have read both words. Where first-level words are cached the second may have been
 * read at any time behind the first, under a setting that stands then; and the result lasts until an
 * invalidate that is younger than either.
 */
static bool both_words(const struct guest *g, struct span setting, struct span first,
		       struct span second, struct span *out)
{
	struct span s;

	if (!g->walks_cached)
		return overlap(setting, first, &s) && overlap(s, second, out);
	if (!overlap(setting, second, out) || first.from >= out->until)
		return false;
	out->until = out->until < first.until ? out->until : first.until;
	return true;
}

static bool visit_l2(struct visit *v, const struct walk_regs *r, struct pick p,
		     const struct pt_desc *d, struct span setting, struct span first)
{
	struct version v2 = version_now(v->g, d->base + (d->kind == PT_FINE ?
		(v->mva.raw >> 10 & 0x3ff) << 2 : (v->mva.raw >> 12 & 0xff) << 2));
	struct span s;

	v->once &= !v2.old;
	do {
		if (!both_words(v->g, setting, first, v2.when, &s))
			continue;
		p.l2 = v2.value;
		p.l2_known = v2.known;
		if (visit_walk(v, r, p, s))
			return true;
	} while (version_older(v->g, &v2));
	return false;
}

static bool visit_regs(struct visit *v, const struct walk_regs *r, struct span when)
{
	struct mmu_table t = mmu_table_of(v->g->arch, r, v->mva);
	struct pick p = { 0 };
	struct version v1;
	struct pt_desc d;
	struct span s;

	v->once = true;
	if (t.disabled)                 /* no word is read */
		return visit_walk(v, r, p, when);
	v1 = version_now(v->g, t.l1_addr);
	v->once = !v1.old;
	do {
		bool now = overlap(when, v1.when, &s);

		if (!now && (!v->g->walks_cached || v1.when.from >= when.until))
			continue;
		p = (struct pick){ .l1 = v1.value, .l1_known = v1.known };
		decode_l1(v->g, r, v1.value, &d);
		if (!v1.known || (d.kind != PT_COARSE && d.kind != PT_FINE)) {
			if (now && visit_walk(v, r, p, s))
				return true;
		} else if (visit_l2(v, r, p, &d, when, v1.when)) {
			return true;
		}
	} while (version_older(v->g, &v1));
	return false;
}

/*
 * Settings that recur, on ARMv6: with words that never changed an older time of the same setting
 * gives the same walk, pruned no later. Others are visited at each of their times.
 */
enum { SEEN = 512 };
struct seen { uint64_t bit[SEEN / 64]; };

static bool is_seen(const struct seen *s, unsigned id)
{
	return id < SEEN && s->bit[id / 64] >> id % 64 & 1;
}

static void note_seen(struct seen *s, unsigned id, bool once)
{
	if (id < SEEN && once)
		s->bit[id / 64] |= UINT64_C(1) << id % 64;
}

static bool visit_past(struct visit *v)
{
	const struct history *h = &v->g->hist;
	struct seen seen = { { 0 } };

	for (size_t i = h->nregs; i-- > 0;) {
		const struct hist_regs *r = &h->regs[i];
		struct span when = { i ? h->regs[i - 1].until : 0, r->until };

		if (!(r->regs.sctlr & SCTLR_M) || (v->g->v6 && is_seen(&seen, r->id)))
			continue;
		v->asid = r->asid;
		if (visit_regs(v, &r->regs, when))
			return true;
		if (v->g->v6)
			note_seen(&seen, r->id, v->once);
	}
	return false;
}

bool oracle_each(const struct guest *g, gva_t mva, oracle_fn fn, void *ctx)
{
	const struct history *h = &g->hist;
	struct visit v = { .g = g, .mva = mva, .fn = fn, .ctx = ctx, .asid = guest_asid(g) };
	struct walk_regs r = guest_walk_regs(g);
	struct span when = { h->nregs ? h->regs[h->nregs - 1].until : 0, HIST_NOW };

	if (!(g->sctlr & SCTLR_M)) {
		struct walk w;

		guest_walk(g, mva, &w);
		return fn(ctx, &w);     /* nothing cached is used while the MMU is off */
	}
	return visit_regs(&v, &r, when) || visit_past(&v);
}

struct ask {
	const struct guest *g;
	gva_t mva;
	bool user;
	enum access access;
	unsigned accesses;              /* 1 << enum access */
	uint32_t pa;
	int cb;
	const struct pt_memory *memory; /* or NULL: C and B */
	enum fault_status fs;
	struct walk *out;
};

static bool allowed(const struct ask *a, const struct walk *w)
{
	return w->fs == FS_NONE &&
	       guest_check(a->g, w, a->mva, a->user, a->access) == FS_NONE;
}

static bool is_allowing(void *ctx, const struct walk *w)
{
	struct ask *a = ctx;

	if (!allowed(a, w))
		return false;
	*a->out = *w;
	return true;
}

static bool is_status(void *ctx, const struct walk *w)
{
	const struct ask *a = ctx;

	return a->fs == (w->fs ? (enum fault_status)w->fs
			       : guest_check(a->g, w, a->mva, a->user, a->access));
}

/* Reserved types act as strongly ordered. */
static bool is_memory(const struct guest *g, const struct pt_desc *leaf, const struct pt_memory *as)
{
	struct pt_memory m = mmu_memory(g->arch, leaf, g->sctlr, g->prrr, g->nmrr);

	if (m.type == MEM_RESERVED)
		m.type = MEM_STRONGLY_ORDERED;
	if (m.type != as->type)
		return false;
	return m.type == MEM_STRONGLY_ORDERED ||
	       (m.shared == as->shared &&
		(m.type == MEM_DEVICE || (m.inner == as->inner && m.outer == as->outer)));
}

static bool is_permitting(void *ctx, const struct walk *w)
{
	const struct ask *a = ctx;

	if (w->fs || walk_pa(w, a->mva) != a->pa ||
	    (a->cb >= 0 && w->levels && w->leaf.cb != a->cb) ||
	    (a->memory && w->levels && !is_memory(a->g, &w->leaf, a->memory)))
		return false;
	for (unsigned k = ACCESS_READ; k <= ACCESS_FETCH; k++)
		if (a->accesses >> k & 1 &&
		    guest_check(a->g, w, a->mva, a->user, (enum access)k) != FS_NONE)
			return false;
	return true;
}

static bool is_mapping(void *ctx, const struct walk *w)
{
	const struct ask *a = ctx;

	return w->fs == FS_NONE && walk_pa(w, a->mva) == a->pa;
}

bool oracle_allowing(const struct guest *g, gva_t mva, bool user, enum access access,
		     struct walk *out)
{
	struct ask a = { .g = g, .mva = mva, .user = user, .access = access, .out = out };

	return oracle_each(g, mva, is_allowing, &a);
}

bool oracle_some_status(const struct guest *g, gva_t mva, bool user, enum access access,
			enum fault_status fs)
{
	struct ask a = { .g = g, .mva = mva, .user = user, .access = access, .fs = fs };

	return oracle_each(g, mva, is_status, &a);
}

bool oracle_permits(const struct guest *g, gva_t mva, bool user, unsigned accesses, uint32_t pa,
		    int cb)
{
	struct ask a = { .g = g, .mva = mva, .user = user, .accesses = accesses, .pa = pa, .cb = cb };

	return oracle_each(g, mva, is_permitting, &a);
}

bool oracle_permits_as(const struct guest *g, gva_t mva, bool user, unsigned accesses, uint32_t pa,
		       const struct pt_memory *memory)
{
	struct ask a = { .g = g, .mva = mva, .user = user, .accesses = accesses, .pa = pa, .cb = -1,
			 .memory = memory };

	return oracle_each(g, mva, is_permitting, &a);
}

bool oracle_maps(const struct guest *g, gva_t mva, uint32_t pa)
{
	struct ask a = { .g = g, .mva = mva, .pa = pa };

	return oracle_each(g, mva, is_mapping, &a);
}
