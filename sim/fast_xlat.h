/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking a translation up in what engine fast remembers; fast_xlat.c. */
#ifndef SHADEWALK_SIM_FAST_XLAT_H
#define SHADEWALK_SIM_FAST_XLAT_H

#include "models/tlb/tlb_hot.h"
#include "sim/lane.h"

#define HOT static inline __attribute__((always_inline))

/* Takes over what may have changed while others ran: registers, mode, TLB. */
void fast_resume(struct lane *l);
/* The context of accesses with or without privilege, now. */
struct xlat_context *fast_context(struct lane *l, bool user);
/* Asks the TLB. NULL: it does not hold the granule. */
struct xlat *fast_refill(struct lane *l, struct xlat *x, gva_t mva, bool user);

/* NULL: the TLB does not hold it. */
HOT struct xlat *fast_translate(struct lane *l, struct xlat_context *c, gva_t mva)
{
	struct xlat *x = &c->x[mva.raw >> FRAME_LOG2 & (XLATS - 1)];

	if (__builtin_expect(x->key == xlat_key(mva.raw) &&
			     x->seq == l->m->tlb->seq[x->index], 1))
		return x;
	return fast_refill(l, x, mva, c->user);
}

/* The same, asking again for a granule that its frame's translation does not speak of. */
static inline const struct xlat *fast_known(struct lane *l, struct xlat_context *c, gva_t mva)
{
	struct xlat *x = fast_translate(l, c, mva);

	if (x && !(x->may >> (mva.raw >> GRANULE_LOG2 & 3) * 8 & 0xff))
		x = fast_refill(l, x, mva, c->user);
	return x;
}

HOT unsigned xlat_may(const struct xlat *x, gva_t mva)
{
	return x->may >> (mva.raw >> GRANULE_LOG2 & 3) * 8;
}

#endif
