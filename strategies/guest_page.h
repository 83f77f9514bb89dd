/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a walk of the guest's tables gives, in terms that the words of any host can say. */
#ifndef SHADEWALK_STRATEGIES_GUEST_PAGE_H
#define SHADEWALK_STRATEGIES_GUEST_PAGE_H

#include "models/guest/guest.h"
#include "strategies/view.h"

struct guest_page {
	struct view_rights rights;      /* under the guest's DACR; that the access flag is set is assumed */
	struct pt_memory memory;        /* with the MMU off: strongly ordered */
	bool ng;                        /* not global */
};
/* w succeeded. */
struct guest_page guest_page_of(const struct guest *g, const struct walk *w);
/* As if the guest's DACR were that. */
struct guest_page guest_page_under(const struct guest *g, const struct walk *w, uint32_t dacr);
/* Its access flag is set, or none is asked for: else it may be used by nobody, a manager neither. */
bool guest_page_is_young(const struct guest *g, const struct walk *w, gva_t mva);

#endif
