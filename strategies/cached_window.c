/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `cached`: the hypervisor's window, and in it pages of the guest's (window.h). The window is one
 * for all roots, so these are no shadow of a table: they live as entries of a TLB do, from a fault to the next
 * invalidate that covers them; then a walk decides whether they may stay. Traced frames are never writable there.
 */
#include "strategies/cached.h"

void cached_window_preset(struct cached *c)
{
	window_start(&c->window, c->port, c->format);
	c->window.held = c->traced;
	window_preset(c->port, c->format, cached_pool_end(c));
}

enum abort_verdict cached_in_window(struct cached *c, struct abort_info *a)
{
	const struct guest_page p = guest_page_of(c->port->guest, &a->w);

	if (window_fill(&c->window, a, &p))
		return VERDICT_RETRY;
	a->publish = a->access == ACCESS_WRITE && cached_holds_table(c, walk_pa(&a->w, a->mva));
	return VERDICT_EMULATE;
}
