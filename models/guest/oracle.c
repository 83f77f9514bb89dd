/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * P(mva): all walk results that some moment since the last covering invalidate would have
 * given. Enumerated from history, youngest register setting and youngest word first; a member
 * is a pair of first- and second-level values that were current at one common moment.
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

	v.known = mem_read(g->tables, pa, &v.value);
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
};

static bool visit_walk(const struct visit *v, const struct walk_regs *r, struct pick p,
		       struct span when)
{
	struct walk w;
	unsigned reach;

	walk_v5(r, v->mva, pick_read, &p, &w);
	reach = w.fs == FS_NONE && w.levels ? w.leaf.size_log2 : GRANULE_LOG2;
	if (when.until != HIST_NOW &&
	    when.until <= history_inval_time(&v->g->hist, v->mva, reach))
		return false;           /* an invalidate since then covers it */
	return v->fn(v->ctx, &w);
}

static bool visit_regs(const struct visit *v, const struct walk_regs *r, struct span when)
{
	struct pick p = { 0 };
	struct version v1, v2;
	struct span s1, s2;
	struct pt_desc d;

	v1 = version_now(v->g, (r->ttbr0 & 0xffffc000u) | (v->mva.raw >> 20) << 2);
	do {
		if (!overlap(when, v1.when, &s1))
			continue;
		p = (struct pick){ .l1 = v1.value, .l1_known = v1.known };
		pt_decode_v5_l1(v1.value, &d);
		if (!v1.known || (d.kind != PT_COARSE && d.kind != PT_FINE)) {
			if (visit_walk(v, r, p, s1))
				return true;
			continue;
		}
		v2 = version_now(v->g, d.base + (d.kind == PT_FINE ?
			(v->mva.raw >> 10 & 0x3ff) << 2 : (v->mva.raw >> 12 & 0xff) << 2));
		do {
			if (!overlap(s1, v2.when, &s2))
				continue;
			p.l2 = v2.value;
			p.l2_known = v2.known;
			if (visit_walk(v, r, p, s2))
				return true;
		} while (version_older(v->g, &v2));
	} while (version_older(v->g, &v1));
	return false;
}

bool oracle_each(const struct guest *g, gva_t mva, oracle_fn fn, void *ctx)
{
	const struct history *h = &g->hist;
	struct visit v = { g, mva, fn, ctx };
	struct walk_regs r = guest_walk_regs(g);
	struct span when = { h->nregs ? h->regs[h->nregs - 1].until : 0, HIST_NOW };

	if (!(g->sctlr & SCTLR_M)) {
		struct walk w;

		guest_walk(g, mva, &w);
		return fn(ctx, &w);     /* nothing cached is used while the MMU is off */
	}
	if (visit_regs(&v, &r, when))
		return true;
	for (size_t i = h->nregs; i-- > 0;) {
		if (!(h->regs[i].regs.sctlr & SCTLR_M))
			continue;
		when = (struct span){ i ? h->regs[i - 1].until : 0, h->regs[i].until };
		if (visit_regs(&v, &h->regs[i].regs, when))
			return true;
	}
	return false;
}

struct ask {
	const struct guest *g;
	gva_t mva;
	bool user;
	enum access access;
	uint32_t pa;
	int cb;
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

static bool is_permitting(void *ctx, const struct walk *w)
{
	const struct ask *a = ctx;

	return allowed(a, w) && walk_pa(w, a->mva) == a->pa &&
	       (a->cb < 0 || !w->levels || w->leaf.cb == a->cb);
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

bool oracle_permits(const struct guest *g, gva_t mva, bool user, enum access access, uint32_t pa,
		    int cb)
{
	struct ask a = { .g = g, .mva = mva, .user = user, .access = access, .pa = pa, .cb = cb };

	return oracle_each(g, mva, is_permitting, &a);
}

bool oracle_maps(const struct guest *g, gva_t mva, uint32_t pa)
{
	struct ask a = { .g = g, .mva = mva, .pa = pa };

	return oracle_each(g, mva, is_mapping, &a);
}
