/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/view.h"

enum { CLIENT = 1, MANAGER = 3 };

uint32_t view_dacr(bool user)
{
	uint32_t dacr = CLIENT << 2 * DOM_HV | CLIENT << 2 * DOM_U;

	return user ? dacr | CLIENT << 2 * DOM_KU
		    : dacr | CLIENT << 2 * DOM_K | MANAGER << 2 * DOM_KU;
}

struct view_rights view_fold(const struct walk *w, uint32_t guest_dacr, uint32_t guest_sctlr)
{
	bool all = w->levels == 0 || (guest_dacr >> 2 * w->leaf.domain & 3) == MANAGER;
	struct view_rights v;

	for (unsigned i = 0; i < 4; i++) {
		bool s = guest_sctlr & SCTLR_S, r = guest_sctlr & SCTLR_R;

		v.k[i] = (uint8_t)(all ? RIGHT_READ | RIGHT_WRITE
				       : ap_rights(w->leaf.ap[i], s, r, false));
		v.u[i] = (uint8_t)(all ? RIGHT_READ | RIGHT_WRITE
				       : ap_rights(w->leaf.ap[i], s, r, true));
	}
	return v;
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
	return cls;
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
	return have & need;
}
