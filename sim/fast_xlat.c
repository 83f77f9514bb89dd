/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/fast_xlat.h"

#include <string.h>

static unsigned may_do(const struct machine *m, const struct tlb_entry *e, gva_t mva, bool user)
{
	bool fetch = !host_check(m, &e->w, mva, user, ACCESS_FETCH);
	bool read = !host_check(m, &e->w, mva, user, ACCESS_READ);
	bool write = !host_check(m, &e->w, mva, user, ACCESS_WRITE);
	unsigned cb = host_cb(m, &e->w);
	bool icache = m->l1i && m->sctlr & SCTLR_I && cb & 2;
	bool dcache = m->l1d && m->sctlr & SCTLR_C;

	return (read ? MAY_READ : 0u) | (write ? MAY_WRITE : 0u) |
	       (fetch && icache ? MAY_FETCH_HIT : 0u) |
	       (read && dcache && cb & 2 ? MAY_LOAD_HIT : 0u) |
	       (write && dcache && cb == 3 ? MAY_STORE_HIT : 0u);
}

/* Lockdown entries win over larger ones, so with them each granule may be another's. */
static bool is_one_granule(const struct machine *m, const struct tlb_entry *e)
{
	return e->w.leaf.size_log2 < FRAME_LOG2 || m->tlb->locked_valid;
}

static bool has_one_ap(const struct pt_desc *leaf)
{
	return leaf->ap[0] == leaf->ap[1] && leaf->ap[0] == leaf->ap[2] && leaf->ap[0] == leaf->ap[3];
}

/* The key, if every granule of the frame may. */
static uint32_t key_if(const struct xlat *x, uint32_t all)
{
	return (x->may & all) == all ? x->key : 0;
}

struct xlat *fast_refill(struct lane *l, struct xlat *x, gva_t mva, bool user)
{
	enum { EACH = 0x01010101 };
	struct machine *m = l->m;
	const struct tlb_entry *e = m->sctlr & SCTLR_M ? tlb_peek(m->tlb, mva) : NULL;
	uint32_t frame = mva.raw & ~(FRAME_BYTES - 1u), own = mva.raw >> GRANULE_LOG2 & 3;
	bool one;

	if (!e)
		return NULL;
	one = is_one_granule(m, e);
	x->key = xlat_key(mva.raw);
	x->index = (uint16_t)(e - m->tlb->entry);
	x->seq = m->tlb->seq[x->index];
	x->pa = walk_pa(&e->w, mva) - (mva.raw & (FRAME_BYTES - 1u));
	x->cb = host_cb(m, &e->w);
	x->may = 0;
	if (one)
		x->may = may_do(m, e, mva, user) << 8 * own;
	else if (e->w.leaf.size_log2 > FRAME_LOG2 || has_one_ap(&e->w.leaf))
		x->may = may_do(m, e, mva, user) * EACH;
	else
		for (uint32_t q = 0; q < 4; q++)
			x->may |= may_do(m, e, gva(frame | q << GRANULE_LOG2), user) << 8 * q;
	/* a monitor has something to say about jumps into its vectors page */
	x->fetch = m->ops->deprivileged && frame >= GUEST_VECTORS_VA
		? 0 : key_if(x, MAY_FETCH_HIT * EACH);
	x->load = key_if(x, MAY_LOAD_HIT * EACH);
	x->store = key_if(x, MAY_STORE_HIT * EACH);
	return x;
}

/* Throws away what is void. */
static struct xlat_context *current(struct fast *f, struct xlat_context *c)
{
	if (c->epoch != f->epoch) {
		memset(c->x, 0, sizeof(c->x));
		c->epoch = f->epoch;
	}
	return c;
}

struct xlat_context *fast_context(struct lane *l, bool user)
{
	const struct machine *m = l->m;
	struct fast *f = &l->fast;
	struct xlat_context *c;

	for (unsigned i = 0; i < XLAT_CONTEXTS; i++) {
		c = &f->context[i];
		if (c->epoch && c->user == user && c->dacr == m->dacr && c->sctlr == m->sctlr)
			return current(f, c);
	}
	do {
		c = &f->context[f->next_context++ % XLAT_CONTEXTS];
	} while (c == f->now);
	c->epoch = 0;
	c->user = user;
	c->dacr = m->dacr;
	c->sctlr = m->sctlr;
	return current(f, c);
}

void fast_resume(struct lane *l)
{
	const struct machine *m = l->m;
	struct fast *f = &l->fast;
	bool user = m->ops->deprivileged || guest_is_user(&m->g);

	if (f->generation != m->tlb->generation || !f->epoch) {
		f->generation = m->tlb->generation;
		f->epoch++;
	}
	if (!f->now || f->now->user != user || f->now->dacr != m->dacr ||
	    f->now->sctlr != m->sctlr)
		f->now = fast_context(l, user);
	else
		(void)current(f, f->now);
}
