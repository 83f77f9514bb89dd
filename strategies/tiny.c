/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/tiny.h"

#include <string.h>

static gva_t quarter_of(gva_t mva, unsigned q)
{
	return gva((mva.raw & ~(FRAME_BYTES - 1u)) | q << GRANULE_LOG2);
}

static bool belongs(const struct walk *w, unsigned q, uint32_t frame, unsigned cb)
{
	return !w->fs && w->leaf.size_log2 == GRANULE_LOG2 && w->leaf.cb == cb &&
	       w->leaf.base == (frame | q << GRANULE_LOG2);
}

/* One AP for all of a tiny page. */
static void take_rights(const struct guest *g, const struct walk *w, uint32_t dacr, unsigned q,
			struct view_rights *r)
{
	struct view_rights own = view_fold_on(g->arch, w, dacr, g->sctlr);

	r->k[q] = own.k[0];
	r->u[q] = own.u[0];
}

enum tiny_how tiny_compose(const struct strategy_port *port, gva_t mva, const struct walk *touched,
			   uint32_t dacr, struct tiny_page *out)
{
	uint32_t frame = touched->leaf.base & ~(FRAME_BYTES - 1u);
	unsigned own = mva.raw >> GRANULE_LOG2 & 3, n = 0;

	if (!belongs(touched, own, frame, touched->leaf.cb))
		return TINY_NOT;
	*out = (struct tiny_page){ .w = *touched };
	out->w.leaf.base = frame;
	out->w.leaf.size_log2 = FRAME_LOG2;
	port->charge(port->m, EV_SWWALK_READ, 3);
	for (unsigned q = 0; q < 4; q++) {
		struct walk w;

		guest_walk(port->guest, quarter_of(mva, q), &w);
		if (!belongs(&w, q, frame, touched->leaf.cb))
			continue;
		take_rights(port->guest, &w, dacr, q, &out->rights);
		n++;
	}
	return n == 4 ? TINY_WHOLE : TINY_PART;
}
