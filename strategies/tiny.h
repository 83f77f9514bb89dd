/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tiny pages of ARMv5 on a host without fine tables: the four of a small page as that page, as far as the
 * host's words can say it (doc/model.md, "ARMv5 guests on ARMv6 hosts").
 *
 * A tiny page belongs to a small one if it lies in its frame where its address lies in the page. What does not
 * is never reached through it: by an AP of nothing where the host has one a quarter, else there is no such page.
 */
#ifndef SHADEWALK_STRATEGIES_TINY_H
#define SHADEWALK_STRATEGIES_TINY_H

#include "strategies/strategy.h"
#include "strategies/view.h"

struct tiny_page {
	struct walk w;                  /* of the guest, as if its four tiny pages were a small one */
	struct view_rights rights;      /* by quarter */
};

enum tiny_how {
	TINY_WHOLE,                     /* all four belong to it */
	TINY_PART,                      /* the others have no rights in it */
	TINY_NOT,                       /* the one touched lies elsewhere in its frame: no page can say it */
};
/* Reads the three other words of the guest's table. touched: the walk of mva, to a tiny page; dacr: what
 * rights are taken under. */
enum tiny_how tiny_compose(const struct strategy_port *port, gva_t mva, const struct walk *touched,
			   uint32_t dacr, struct tiny_page *out);

#endif
