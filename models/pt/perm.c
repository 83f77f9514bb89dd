/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access permissions and domains of ARMv5 (ARM DDI 0100I chapter B4; ARM DDI 0198D chapter 3),
 * and the fault status register (DDI 0198D table 3-9).
 *
 * 1. A TLB entry keeps domain number and raw AP; everything here is applied at each access.
 * 2. A fetch is a read: there is no execute-never before v6.
 * 3. A manager domain is not checked at all; no access and the reserved value 10 both fault.
 */
#include "models/pt/pt.h"

#include <assert.h>

enum { DOMAIN_CLIENT = 1, DOMAIN_MANAGER = 3 };

unsigned ap_rights(unsigned ap, bool s, bool r, bool user)
{
	enum { RO = RIGHT_READ, RW = RIGHT_READ | RIGHT_WRITE };
	static const uint8_t by_ap[4][2] = {    /* [AP][user]; AP 00 is decided by S and R */
		{ 0, 0 }, { RW, 0 }, { RW, RO }, { RW, RW },
	};

	assert(ap < 4);
	if (ap)
		return by_ap[ap][user];
	if (s == r)     /* 00: no access; 11: UNPREDICTABLE, grants nothing */
		return 0;
	return r || !user ? RO : 0;
}

enum fault_status walk_check(const struct walk *w, gva_t mva, uint32_t dacr, uint32_t sctlr,
			     bool user, enum access access)
{
	bool section = w->leaf.size_log2 == SECTION_LOG2;
	unsigned need = access == ACCESS_WRITE ? RIGHT_WRITE : RIGHT_READ;
	unsigned have;

	assert(w->fs == FS_NONE);
	if (!w->levels) /* MMU off */
		return FS_NONE;
	switch (dacr >> 2 * w->leaf.domain & 3) {
	case DOMAIN_MANAGER:
		return FS_NONE;
	case DOMAIN_CLIENT:
		break;
	default:
		return section ? FS_DOMAIN_SECTION : FS_DOMAIN_PAGE;
	}
	have = ap_rights(walk_ap(w, mva), sctlr & SCTLR_S, sctlr & SCTLR_R, user);
	if (have & need)
		return FS_NONE;
	return section ? FS_PERM_SECTION : FS_PERM_PAGE;
}

bool fault_domain_valid(enum fault_status fs)
{
	switch (fs) {
	case FS_NONE:
	case FS_ALIGN:
	case FS_TRANS_SECTION:
	case FS_WALK_EXT_L1:
		return false;
	case FS_WALK_EXT_L2:
	case FS_TRANS_PAGE:
	case FS_DOMAIN_SECTION:
	case FS_DOMAIN_PAGE:
	case FS_PERM_SECTION:
	case FS_PERM_PAGE:
		return true;
	}
	return false;
}

uint32_t fault_fsr(enum fault_status fs, unsigned domain)
{
	assert(domain < 16);
	return (uint32_t)fs | (fault_domain_valid(fs) ? domain << 4 : 0);
}
