/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access flag, domains and access permissions of ARMv5 and ARMv6 (ARM DDI 0100I chapter B4; ARM
 * DDI 0198D chapter 3; DDI 0301H 6.5 and 6.9), and the fault status registers.
 *
 * 1. A TLB entry keeps domain number, raw AP, APX and XN; everything here is applied at each
 *    access, with the SCTLR and DACR of that moment.
 * 2. A fetch is a read that XN forbids.
 * 3. A manager domain is not checked at all, neither AP nor XN; no access and the reserved value
 *    10 both fault.
 * 4. The access flag is looked at before the domain, so in manager domains too.
 */
#include "models/pt/mmu.h"

#include <assert.h>

#define SPECIALISED static inline __attribute__((always_inline))

enum { DOMAIN_CLIENT = 1, DOMAIN_MANAGER = 3 };
enum { RO = RIGHT_READ, RW = RIGHT_READ | RIGHT_WRITE };

/* All that a check asks of a row, for cores whose tables are those of ARMv5. */
static const struct mmu_arch legacy = { .format = { PT_V5, PT_V5 }, .sr = true };

unsigned ap_rights(unsigned ap, bool s, bool r, bool user)
{
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

/* APX = 1: no writes. AP 00 is reserved, and so is AP 11 before ARMv6K: they grant nothing. */
static unsigned apx_rights(const struct mmu_arch *a, unsigned ap, bool user)
{
	switch (ap) {
	case 0: return 0;
	case 1: return user ? 0 : RO;
	case 2: return RO;
	default: return a->apx_111 ? RO : 0;
	}
}

/* With the access flag in AP[0], what is left of AP has AP[0] = 1: the same table serves. */
SPECIALISED unsigned rights(const struct mmu_arch *a, const struct walk *w, gva_t mva,
			    uint32_t sctlr, bool user)
{
	unsigned ap = walk_ap(w, mva);

	if (a->format[1] == PT_V6 && w->leaf.attr & PT_APX)
		return apx_rights(a, ap, user);
	return ap_rights(ap, a->sr && sctlr & SCTLR_S, a->sr && sctlr & SCTLR_R, user);
}

unsigned mmu_rights(const struct mmu_arch *a, const struct walk *w, gva_t mva, uint32_t sctlr,
		    bool user)
{
	return rights(a, w, mva, sctlr, user);
}

static bool access_flag_clear(const struct mmu_arch *a, const struct walk *w, gva_t mva,
			      uint32_t sctlr)
{
	unsigned ap = walk_ap(w, mva);
	bool s = sctlr & SCTLR_S, r = sctlr & SCTLR_R;

	if (ap & 1)
		return false;
	return !(a->afe_spares_sr && s != r && !ap && !(w->leaf.attr & PT_APX));
}

SPECIALISED enum fault_status check(const struct mmu_arch *a, const struct walk *w, gva_t mva,
				    uint32_t dacr, uint32_t sctlr, bool user,
				    enum access access)
{
	bool section = w->levels < 2;   /* whatever a second stage has left of it */
	unsigned need = access == ACCESS_WRITE ? RIGHT_WRITE : RIGHT_READ;

	assert(w->fs == FS_NONE);
	if (!w->levels) /* MMU off */
		return FS_NONE;
	if (mmu_access_flag(a, sctlr) && access_flag_clear(a, w, mva, sctlr))
		return section ? FS_AF_SECTION : FS_AF_PAGE;
	switch (dacr >> 2 * w->leaf.domain & 3) {
	case DOMAIN_MANAGER:
		return FS_NONE;
	case DOMAIN_CLIENT:
		break;
	default:
		return section ? FS_DOMAIN_SECTION : FS_DOMAIN_PAGE;
	}
	if (rights(a, w, mva, sctlr, user) & need &&
	    !(a->format[1] == PT_V6 && access == ACCESS_FETCH && w->leaf.attr & PT_XN))
		return FS_NONE;
	return section ? FS_PERM_SECTION : FS_PERM_PAGE;
}

enum fault_status walk_check(const struct walk *w, gva_t mva, uint32_t dacr, uint32_t sctlr,
			     bool user, enum access access)
{
	return check(&legacy, w, mva, dacr, sctlr, user, access);
}

enum fault_status mmu_check(const struct mmu_arch *a, const struct walk *w, gva_t mva,
			    uint32_t dacr, uint32_t sctlr, bool user, enum access access)
{
	return check(a, w, mva, dacr, sctlr, user, access);
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
	case FS_AF_SECTION:
	case FS_AF_PAGE:
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

/* XScale: prefetch aborts tell MMU faults from external ones, and no more (XSC, FSR). */
struct fault_report mmu_fault_report(const struct mmu_arch *a, enum fault_status fs,
				     enum access access)
{
	enum { XSCALE_FETCH_MMU = 0x10, XSCALE_FETCH_EXTERNAL = 0x16 };
	struct fault_report r = { .status = (uint8_t)fs, .far_valid = true,
				  .domain_valid = fault_domain_valid(fs) };

	if (fs == FS_AF_SECTION && !a->af_section_domain)
		r.domain_valid = false;
	if (access != ACCESS_FETCH)
		return r;
	r.domain_valid = r.far_valid = false;
	if (a->status == STATUS_XSCALE)
		r.status = fs == FS_WALK_EXT_L1 || fs == FS_WALK_EXT_L2 ?
			   XSCALE_FETCH_EXTERNAL : XSCALE_FETCH_MMU;
	return r;
}
