/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/guest_page.h"

struct guest_page guest_page_under(const struct guest *g, const struct walk *w, uint32_t dacr)
{
	struct guest_page p = { .rights = view_fold_on(g->arch, w, dacr, g->sctlr),
				.ng = w->levels && w->leaf.attr & PT_NG };

	if (w->levels)
		p.memory = mmu_memory(g->arch, &w->leaf, g->sctlr, g->prrr, g->nmrr);
	else
		p.memory = (struct pt_memory){ .type = MEM_STRONGLY_ORDERED, .shared = true };
	return p;
}

struct guest_page guest_page_of(const struct guest *g, const struct walk *w)
{
	return guest_page_under(g, w, g->dacr);
}

bool guest_page_is_young(const struct guest *g, const struct walk *w, gva_t mva)
{
	enum fault_status fs = guest_check(g, w, mva, false, ACCESS_READ);

	return fs != FS_AF_SECTION && fs != FS_AF_PAGE;
}
