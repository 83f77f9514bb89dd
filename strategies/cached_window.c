/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `cached`: the hypervisor's window, and in it the guest's vectors area where it runs. The window
 * is one for all roots, so its alias of that area is no shadow of a table: its entries live as those of a TLB do,
 * from a fault to the next invalidate that covers them; then a walk decides whether they may stay.
 */
#include <string.h>

#include "strategies/cached.h"

static uint32_t alias_word(unsigned i)
{
	return HV_L2 + 4 * ((HV_ALIAS >> FRAME_LOG2) + i);
}

void cached_window_preset(struct cached *c)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t word = 0, at = HV_HPA + (i << FRAME_LOG2);

		if (i < HV_POOL_END >> FRAME_LOG2)
			word = host_own_word(c->format, at & 0xffff0000u, PT_LARGE_LOG2);
		else if (i == HV_VECTORS >> FRAME_LOG2)
			word = host_own_word(c->format, at, FRAME_LOG2);
		c->port->shadow_preset(c->port->m, HV_L2 + 4 * i, word);
	}
}

/* Readable in both views, never writable: stores are emulated. */
static bool alias_of(const struct cached *c, const struct walk *w, gva_t mva, struct cached_alias *a)
{
	struct host_leaf l = { .size_log2 = FRAME_LOG2, .ap = { 2, 2, 2, 2 },
			       .cb = w->levels ? w->leaf.cb : 0 };

	/* tiny pages may lie in any order in their frame */
	if (w->fs || w->leaf.size_log2 < FRAME_LOG2 ||
	    !c->port->to_host(c->port->m, walk_pa(w, mva) & ~(FRAME_BYTES - 1u), FRAME_LOG2, &l.hpa))
		return false;
	*a = (struct cached_alias){ .live = true, .guest_mva = mva.raw & ~(FRAME_BYTES - 1u),
		.size_log2 = w->leaf.size_log2, .domain = w->levels ? w->leaf.domain : NO_DOMAIN };
	memcpy(a->ap, w->leaf.ap, sizeof(a->ap));
	a->word = host_leaf_word(c->format, &l);
	return true;
}

static void alias_zap(struct cached *c, unsigned i)
{
	c->alias[i].live = false;
	c->port->charge(c->port->m, EV_ZAP, 1);
	c->port->shadow_write(c->port->m, alias_word(i), 0);
	c->port->shadow_sync(c->port->m);
	c->port->host_tlbi_mva(c->port->m, gva(HV_ALIAS_VA + i * FRAME_BYTES));
}

enum abort_verdict cached_in_window(struct cached *c, struct abort_info *a)
{
	bool vectors = is_guest_vectors(a->mva) && c->port->guest->sctlr & SCTLR_V;
	unsigned i = a->mva.raw >> FRAME_LOG2 & (VECTORS_PAGES - 1);

	a->emulate = vectors ? EV_VECTORS_EMUL : EV_HYPHOLE;
	if (!a->alias || a->access == ACCESS_WRITE || c->alias[i].live ||
	    !alias_of(c, &a->w, a->mva, &c->alias[i]))
		return VERDICT_EMULATE;
	c->port->charge(c->port->m, EV_HIDDEN, 1);
	c->port->charge(c->port->m, EV_FILL, 1);
	c->port->shadow_write(c->port->m, alias_word(i), c->alias[i].word);
	c->port->shadow_sync(c->port->m);
	c->port->host_tlbi_mva(c->port->m, vectors_alias(a->mva));
	return VERDICT_RETRY;
}

void cached_alias_zap_all(struct cached *c)
{
	for (unsigned i = 0; i < VECTORS_PAGES; i++)
		if (c->alias[i].live)
			alias_zap(c, i);
}

void cached_alias_zap_domains(struct cached *c, uint32_t changed)
{
	for (unsigned i = 0; i < VECTORS_PAGES; i++)
		if (c->alias[i].live && c->alias[i].domain < NO_DOMAIN &&
		    changed >> 2 * c->alias[i].domain & 3)
			alias_zap(c, i);
}

static void alias_check(struct cached *c, unsigned i)
{
	struct cached_alias now, *was = &c->alias[i];
	gva_t mva = gva(was->guest_mva);
	struct walk w;

	c->port->walk_guest(c->port->m, mva, &w);
	if (alias_of(c, &w, mva, &now) && now.word == was->word && now.domain == was->domain &&
	    now.size_log2 == was->size_log2 && !memcmp(now.ap, was->ap, sizeof(now.ap)))
		return;
	alias_zap(c, i);
}

void cached_alias_check_all(struct cached *c)
{
	for (unsigned i = 0; i < VECTORS_PAGES; i++)
		if (c->alias[i].live)
			alias_check(c, i);
}

void cached_alias_check(struct cached *c, gva_t mva)
{
	for (unsigned i = 0; i < VECTORS_PAGES; i++)
		if (c->alias[i].live &&
		    mva.raw >> c->alias[i].size_log2 == c->alias[i].guest_mva >> c->alias[i].size_log2)
			alias_check(c, i);
}
