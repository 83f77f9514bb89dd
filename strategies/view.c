/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/view.h"

#include <string.h>

enum { CLIENT = 1, MANAGER = 3 };

uint32_t view_dacr(bool user)
{
	uint32_t dacr = CLIENT << 2 * DOM_HV | CLIENT << 2 * DOM_U;

	return user ? dacr | CLIENT << 2 * DOM_KU
		    : dacr | CLIENT << 2 * DOM_K | MANAGER << 2 * DOM_KU;
}

struct view_rights view_fold_on(const struct mmu_arch *a, const struct walk *w, uint32_t guest_dacr,
				uint32_t guest_sctlr)
{
	bool all = w->levels == 0 || (guest_dacr >> 2 * w->leaf.domain & 3) == MANAGER;
	struct view_rights v = { .xn = !all && w->leaf.attr & PT_XN };

	for (unsigned i = 0; i < 4; i++) {
		gva_t mva = gva(all ? 0 : (uint32_t)i << (w->leaf.size_log2 - 2));

		v.k[i] = (uint8_t)(all ? RIGHT_READ | RIGHT_WRITE
				       : mmu_rights(a, w, mva, guest_sctlr, false));
		v.u[i] = (uint8_t)(all ? RIGHT_READ | RIGHT_WRITE
				       : mmu_rights(a, w, mva, guest_sctlr, true));
	}
	return v;
}

struct view_rights view_fold(const struct walk *w, uint32_t guest_dacr, uint32_t guest_sctlr)
{
	static const struct mmu_arch v5 = { .format = { PT_V5, PT_V5 }, .sr = true };

	return view_fold_on(&v5, w, guest_dacr, guest_sctlr);
}

void view_intersect(struct view_rights *r)
{
	for (unsigned i = 1; i < 4; i++) {
		r->k[0] &= r->k[i];
		r->u[0] &= r->u[i];
	}
	view_take_quarter(r, 0);
}

void view_take_quarter(struct view_rights *r, unsigned quarter)
{
	uint8_t k = r->k[quarter], u = r->u[quarter];

	for (unsigned i = 0; i < 4; i++) {
		r->k[i] = k;
		r->u[i] = u;
	}
}

bool view_is_equal(const struct view_rights *r)
{
	return !memcmp(r->k, r->u, sizeof(r->k));
}

void view_take_one(struct view_rights *r, bool user)
{
	if (user)
		memcpy(r->k, r->u, sizeof(r->k));
	else
		memcpy(r->u, r->k, sizeof(r->u));
}

static unsigned quarter_class(uint8_t k, uint8_t u)
{
	if (k == u)
		return 1;
	return u ? 3 : 2;
}

unsigned view_class(const struct view_rights *r)
{
	unsigned cls = quarter_class(r->k[0], r->u[0]);

	for (unsigned i = 1; i < 4; i++)
		if (quarter_class(r->k[i], r->u[i]) != cls)
			return 0;
	return cls == 3 && r->xn ? 0 : cls;
}

enum host_domain view_domain(unsigned cls)
{
	return cls == 1 ? DOM_U : cls == 2 ? DOM_K : DOM_KU;
}

/* Rights a table entry carries for USR mode. */
static unsigned entry_rights(const struct view_rights *r, unsigned i, enum mb_state s)
{
	switch (s) {
	case MB_KONLY:
		return r->k[i];
	case MB_BOTH:
		return r->k[i] & r->u[i];
	default:                        /* class 1: k == u; class 2: k; class 3: u, K by manager */
		return r->u[i] ? r->u[i] : r->k[i];
	}
}

void view_ap(const struct view_rights *r, enum mb_state s, uint8_t ap[4])
{
	for (unsigned i = 0; i < 4; i++) {
		unsigned e = entry_rights(r, i, s);

		ap[i] = e & RIGHT_WRITE ? 3 : e ? 2 : 1;
	}
}

bool view_allows(const struct view_rights *r, unsigned quarter, enum mb_state s, bool user,
		 enum access access)
{
	unsigned need = access == ACCESS_WRITE ? RIGHT_WRITE : RIGHT_READ;
	unsigned have = user ? r->u[quarter] : r->k[quarter];

	if (s == MB_KONLY)
		have = user ? 0 : r->k[quarter];
	else if (s == MB_BOTH)
		have = r->k[quarter] & r->u[quarter];
	return have & need && !(access == ACCESS_FETCH && r->xn);
}
