/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor's window, and the megabyte of the high vectors, which is the same one unless hv.window says
 * otherwise. Pages of the guest in that megabyte, by its own table:
 *
 *  - the guest's vectors area, at its alias: readable in both views, never writable (stores are
 *    emulated). A guest user that knew the window's addresses could read there what its own tables keep from
 *    it; the area holds exception stubs, no secrets (doc/model.md, "Vectors").
 *  - guests of ARMv6: what lies behind that area, up to 0xffffffff, where Linux copies and flushes pages. The
 *    window's domain is open in both views, so an entry has the rights of one view, and goes when the other
 *    becomes current, unless both are equal.
 *
 * All else of both is the hypervisor's, and emulated access by access.
 */
#ifndef SHADEWALK_STRATEGIES_WINDOW_H
#define SHADEWALK_STRATEGIES_WINDOW_H

#include "strategies/guest_page.h"
#include "strategies/host_words.h"
#include "strategies/strategy.h"

enum { WINDOW_PAGES = 16 };             /* 0xffff0000 up; the first VECTORS_PAGES at the alias */

struct window_entry {
	bool live, ng;                  /* ng: of the guest's; the host's entry is global */
	bool differs;                   /* the other view grants something else */
	uint32_t guest_mva, gpa;
	uint8_t guest_size_log2, guest_domain;  /* 16: none */
	uint32_t word;
	struct guest_page page;         /* what it was made from */
	struct view_rights shown;       /* what it may show of that: quarter 0 is for all */
};

struct window {
	const struct strategy_port *port;
	enum host_format format;
	const uint8_t *held;            /* by guest frame, not 0: never writable here; NULL: none is */
	unsigned live;
	struct window_entry entry[WINDOW_PAGES];
};

/* The tables behind window_root_word(), at set-up; the window maps the hypervisor's area below `end`. */
void window_preset(const struct strategy_port *port, enum host_format f, uint32_t end);
/* What every first-level table has for a megabyte of the hypervisor's; 0 for all others. */
uint32_t window_root_word(const struct strategy_port *port, enum host_format f, uint32_t mb);

void window_start(struct window *w, const struct strategy_port *port, enum host_format f);
/* p: of a->w, which allows the access. True: filled, the access runs again. False: it has to be emulated; a->emulate says as what. */
bool window_fill(struct window *w, struct abort_info *a, const struct guest_page *p);
void window_zap_all(struct window *w);
void window_zap_covering(struct window *w, gva_t mva);
void window_zap_nonglobal(struct window *w);            /* whatever their ASID */
void window_zap_domains(struct window *w, uint32_t changed);
void window_hold(struct window *w, uint32_t frame);     /* w->held of the frame is set from now on */
void window_leave_view(struct window *w);               /* another view becomes current */
/* Instead of zapping: those stay that a walk now gives just so. */
void window_check_all(struct window *w);
void window_check_covering(struct window *w, gva_t mva);
void window_check_nonglobal(struct window *w);
unsigned window_audit(const struct window *w, struct diag *d);

#endif
