/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translation-table descriptors decoded to one form, permission checks and the reference walk
 * (ARM DDI 0100 chapter B4; ARM926EJ-S TRM DDI 0198D chapter 3).
 *
 * Formats are data (v5_fields.h, v6_fields.h): field lists that the compiler proves to tile the
 * word. This file has what all of them share, and ARMv5 (also v4T): coarse and fine tables,
 * sections, large, small and tiny pages. What differs between cores is in mmu.h.
 */
#ifndef SHADEWALK_MODELS_PT_PT_H
#define SHADEWALK_MODELS_PT_PT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

enum { PT_WORD_LOG2 = 2, PT_LARGE_LOG2 = 16 };  /* a descriptor; a large page. Bytes */

enum pt_kind {
	PT_FAULT,       /* type 00, or a type the format reserves */
	PT_COARSE,      /* first level: pointer to 256 words */
	PT_FINE,        /* first level: pointer to 1024 words */
	PT_LEAF,        /* section, large, small or tiny page */
};

struct pt_desc {
	uint32_t base;          /* physical base of the table or of the leaf */
	uint8_t kind;           /* enum pt_kind; PT_FAULT: every other field is 0 */
	uint8_t size_log2;      /* leaf: log2 of its reach in bytes: 24, 20, 16, 12, 10; table: 0 */
	uint8_t domain;         /* first level only (a walk copies it into leaves of pages) */
	uint8_t ap[4];          /* by quarter of the leaf; equal where the format has one AP;
				 * [0] serves the lowest addresses */
	uint8_t cb;             /* C << 1 | B */
	uint8_t tex;            /* 0 where the format has none */
	uint8_t attr;           /* enum pt_attr, of ARMv6 with SCTLR.XP = 1; else 0 */
};

/* S: shared; NG: not global; APX: no writes; XN: no fetches (DDI 0100I B4.3, B4.4). */
enum pt_attr { PT_S = 1, PT_NG = 2, PT_APX = 4, PT_XN = 8 };

/* Fault status, FSR[3:0] (ARM926EJ-S TRM table 3-9; access flag: ARM1136 TRM table 6.13):
 * section and page variants. 0 = no fault */
enum fault_status {
	FS_NONE = 0x0, FS_ALIGN = 0x1,
	FS_AF_SECTION = 0x3, FS_AF_PAGE = 0x6,
	FS_WALK_EXT_L1 = 0xc, FS_WALK_EXT_L2 = 0xe,
	FS_TRANS_SECTION = 0x5, FS_TRANS_PAGE = 0x7,
	FS_DOMAIN_SECTION = 0x9, FS_DOMAIN_PAGE = 0xb,
	FS_PERM_SECTION = 0xd, FS_PERM_PAGE = 0xf,
};

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH };

/* The descriptor result W of a walk: independent of DACR, S, R, privilege and access kind. */
struct walk {
	uint8_t fs;             /* FS_NONE, or why the walk itself failed */
	uint8_t levels;         /* descriptors read or aborted: 1 or 2; 0 when the MMU is off, or
				 * with fs FS_TRANS_SECTION when TTBCR.PD0 or PD1 forbids the walk */
	struct pt_desc leaf;    /* domain filled from the first level; valid when fs == 0 */
	uint32_t l1_addr, l1;   /* physical address and word of the first-level descriptor */
	uint32_t l2_addr, l2;   /* second level; 0 when levels < 2. A word that aborted is 0 */
	uint8_t domain;         /* of the L1 word; for the status register of page faults */
};

/* Reads one aligned physical word of a table. false: nothing answers there (external abort). */
typedef bool (*walk_read_fn)(void *ctx, uint32_t addr, uint32_t *word);

/* As written; SCTLR.M = 0 gives identity. The last two from ARMv6 only. */
struct walk_regs { uint32_t ttbr0, sctlr, ttbr1, ttbcr; };

void pt_decode_v5_l1(uint32_t word, struct pt_desc *out);
void pt_decode_v5_l2(uint32_t word, bool fine, struct pt_desc *out);
/* Encoders for table writers; leaf->ap is taken per subpage. Bit 4 of L1 words is written 1 as
 * pre-v6 ARM cores require. That base is aligned and fields fit is asserted, never masked. */
uint32_t pt_encode_v5_section(uint32_t base, unsigned ap, unsigned domain, unsigned cb);
uint32_t pt_encode_v5_coarse(uint32_t table, unsigned domain);
uint32_t pt_encode_v5_fine(uint32_t table, unsigned domain);
uint32_t pt_encode_v5_small(uint32_t base, const uint8_t ap[4], unsigned cb);
uint32_t pt_encode_v5_large(uint32_t base, const uint8_t ap[4], unsigned cb);
uint32_t pt_encode_v5_tiny(uint32_t base, unsigned ap, unsigned cb);    /* fine tables only */

/*
 * The walk of `mva`. Order of faults: L1 external, L1 invalid, L2 external, L2 invalid. With
 * SCTLR.M = 0: levels 0, no read, and a leaf that maps the megabyte of mva onto itself.
 */
void walk_v5(const struct walk_regs *r, gva_t mva, walk_read_fn read, void *ctx,
	     struct walk *out);

/* Physical address of mva under a successful walk. */
static inline uint32_t walk_pa(const struct walk *w, gva_t mva)
{
	uint32_t mask = (UINT32_C(1) << w->leaf.size_log2) - 1;

	return w->levels ? (w->leaf.base & ~mask) | (mva.raw & mask) : mva.raw;
}

/* AP that applies to mva: subpage of small pages by MVA[11:10], of large by MVA[15:14]. Tiny
 * pages and sections have one AP, four times. */
static inline unsigned walk_ap(const struct walk *w, gva_t mva)
{
	return w->leaf.ap[mva.raw >> (w->leaf.size_log2 - 2) & 3];
}

/* Rights that AP with S and R grants, as bits (AARM B4.3). S=R=1 with AP=00 grants nothing. */
enum { RIGHT_READ = 1, RIGHT_WRITE = 2 };       /* a fetch needs RIGHT_READ on v5 */
unsigned ap_rights(unsigned ap, bool s, bool r, bool user);

/*
 * Domain and permission check of an access under a successful walk, with DACR, SCTLR.S/R and
 * privilege of the access itself (they are not cached). FS_NONE, a domain or a permission
 * fault; domain outranks permission. Reserved domain access (10) acts as no access. Nothing is
 * checked under a walk of levels 0 (MMU off).
 */
enum fault_status walk_check(const struct walk *w, gva_t mva, uint32_t dacr, uint32_t sctlr,
			     bool user, enum access access);

/* FSR[7:0] for a fault: status and the domain field, which is 0 where the manual calls it
 * invalid (alignment, section translation, first-level external abort). For the differences
 * between cores see mmu_fault_report(). */
uint32_t fault_fsr(enum fault_status fs, unsigned domain);
bool fault_domain_valid(enum fault_status fs);

/* FCSE: VA below 32 MB is relocated by PID (c13,c0,0 bits 31:25). */
static inline gva_t fcse_mva(uint32_t va, uint32_t pid)
{
	return gva(va >> 25 ? va : va | (pid & 0xfe000000u));
}

/* SCTLR bits (AARM B3.4; U, XP, TRE, AFE: DDI 0301H 3.2.7, where the last is called FA) */
enum {
	SCTLR_M = 1 << 0, SCTLR_A = 1 << 1, SCTLR_C = 1 << 2, SCTLR_W = 1 << 3,
	SCTLR_S = 1 << 8, SCTLR_R = 1 << 9, SCTLR_I = 1 << 12, SCTLR_V = 1 << 13,
	SCTLR_RR = 1 << 14, SCTLR_U = 1 << 22, SCTLR_XP = 1 << 23, SCTLR_TRE = 1 << 28,
	SCTLR_EE = 1 << 25, SCTLR_AFE = 1 << 29,
};

#endif
