/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * View `domains`: one shadow table serves guest kernel and guest user, both in hardware USR
 * mode, and a DACR write switches between them (doc/model.md, "Views").
 *
 * A guest page gives rights (K, U) to guest kernel and guest user. Class 1: equal. Class 2:
 * kernel only. Class 3: kernel read/write, user read-only. Each class has a host domain; the
 * domain field is one a megabyte, so a megabyte with several classes is `mixed`.
 *
 * The kernel's view makes the domain of class 3 manager, which no XN reaches. So a page with XN is never of
 * class 3: its megabyte is mixed.
 */
#ifndef SHADEWALK_STRATEGIES_VIEW_H
#define SHADEWALK_STRATEGIES_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "models/pt/mmu.h"

enum host_domain { DOM_HV = 0, DOM_K = 1, DOM_KU = 2, DOM_U = 3 };

/* Host DACR of a view. User: DOM_K no access. Kernel: DOM_KU manager. All else client. */
uint32_t view_dacr(bool user);

/* What a guest leaf grants under the guest's DACR, S and R, per quarter of the page. */
struct view_rights { uint8_t k[4], u[4]; bool xn; };    /* RIGHT_* bits; xn: no fetches */
struct view_rights view_fold(const struct walk *w, uint32_t guest_dacr, uint32_t guest_sctlr);
/* The same by the rules of a row. That the access flag is set is the caller's business. */
struct view_rights view_fold_on(const struct mmu_arch *a, const struct walk *w, uint32_t guest_dacr,
				uint32_t guest_sctlr);
/* For a host that knows one AP a page: what all quarters grant, or what one does. */
void view_intersect(struct view_rights *r);
void view_take_quarter(struct view_rights *r, unsigned quarter);
/* Do the views have the same rights? */
bool view_is_equal(const struct view_rights *r);
/* What one view has, as if both had it. */
void view_take_one(struct view_rights *r, bool user);

/* Class of the page: 1, 2, 3, or 0 when its quarters differ in class. */
unsigned view_class(const struct view_rights *r);
enum host_domain view_domain(unsigned cls);

/* How a megabyte grants rights. */
enum mb_state {
	MB_CLASS,       /* one class, tagged with its domain */
	MB_BOTH,        /* mixed; DOM_U, only what both views may do */
	MB_KONLY,       /* mixed; DOM_K, what the kernel may do; the user view faults */
	MB_SPLIT,       /* mixed; DOM_U, what the view may do whose table it is */
};
/* Host AP of each quarter under that state, for hardware USR mode. */
void view_ap(const struct view_rights *r, enum mb_state s, uint8_t ap[4]);
/* Does the quarter of mva allow the access in this view, under that state? */
bool view_allows(const struct view_rights *r, unsigned quarter, enum mb_state s, bool user,
		 enum access access);

#endif
