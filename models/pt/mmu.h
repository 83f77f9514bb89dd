/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MMU of a core: what the walk, the checks and the status registers of ARMv5 and ARMv6
 * cores differ in, as one row a core (arch.c), and the walk, check and access over any row.
 *
 *	mmu_find("arm1176") -> row
 *	walk_tables(row, ...)   one translation: independent of DACR, privilege and access kind
 *	mmu_check(row, ...)     access flag, domain, permission of one access under that walk
 *	mmu_access(row, ...)    the whole of one access: alignment, FCSE, one or two translations
 *	mmu_fault_report()      what the status registers of that core say of it
 */
#ifndef SHADEWALK_MODELS_PT_MMU_H
#define SHADEWALK_MODELS_PT_MMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/pt/pt.h"

/* How the words of the tables are read. */
enum pt_format {
	PT_V5,                  /* coarse and fine tables, subpages, tiny pages */
	PT_XSCALE,              /* PT_V5, with TEX and extended small pages in coarse tables */
	PT_V6_SUBPAGES,         /* ARMv6, SCTLR.XP = 0: as XScale, no fine tables, supersections */
	PT_V6,                  /* ARMv6, SCTLR.XP = 1, and ARMv7: APX, XN, S, nG; no subpages */
};

/* SCTLR.U: unaligned halfwords and words are performed as such. */
enum mmu_unaligned { UNALIGNED_NEVER, UNALIGNED_BY_U, UNALIGNED_ALWAYS };

/* What the core writes of a fault: see mmu_fault_report(). */
enum mmu_status_style { STATUS_V5, STATUS_XSCALE, STATUS_V6 };

struct mmu_arch {
	const char *name;       /* of a core, or of a plain core of the architecture */
	const char *arch;       /* armv5, armv6 or xscale: name of the plain row */
	const char *manual;     /* what its cells were read in */
	uint8_t format[2];      /* enum pt_format, by SCTLR.XP */
	uint8_t unaligned;      /* enum mmu_unaligned */
	uint8_t status;         /* enum mmu_status_style */
	bool ldrd;              /* has LDRD and STRD, that is, an access of one doubleword */
	bool sr;                /* SCTLR.S and R decide about AP 00 */
	bool ttbcr;             /* TTBR1 and TTBCR.N */
	bool pd;                /* TTBCR.PD0 and PD1 (security extensions) */
	bool apx_111;           /* APX 1 with AP 11 is read-only for both; reserved before v6K */
	bool afe;               /* SCTLR.AFE (FA on some) makes AP[0] an access flag, XP = 1 only */
	bool afe_spares_sr;     /* ... but not of APX, AP 000 when exactly one of S and R is set */
	bool af_section_domain; /* domain field valid for an access flag fault on a section */
	bool tre;               /* SCTLR.TRE remaps memory attributes; they never move or deny */
	bool asid;              /* CONTEXTIDR */
	bool shared_uncached;   /* shared normal memory is not cached in L1 */
};

/* NULL: there is no such row. mmu_rows() lists all of them, plain rows first. */
const struct mmu_arch *mmu_find(const char *name, size_t length);
const struct mmu_arch *mmu_rows(size_t *n);
/* The row of a core of trace headers and host cores, by either of its names; the plain row of the
 * architecture ("armv5", "armv6") for a core without one. NULL: no such architecture. */
const struct mmu_arch *mmu_of_core(const char *core, const char *arch);
static inline bool mmu_is_plain(const struct mmu_arch *a) { return a->name == a->arch; }

static inline enum pt_format mmu_format(const struct mmu_arch *a, uint32_t sctlr)
{
	return (enum pt_format)a->format[sctlr / SCTLR_XP & 1];
}
/* walk_v5() and walk_check() are the whole of it, and quicker. */
static inline bool mmu_is_legacy(const struct mmu_arch *a)
{
	return a->format[0] == PT_V5 && a->format[1] == PT_V5 && a->sr && !a->ttbcr && !a->afe;
}
/* Has the words with nG, APX and XN. */
static inline bool mmu_is_v6(const struct mmu_arch *a) { return a->format[1] == PT_V6; }

/* AP[0] is an access flag. */
static inline bool mmu_access_flag(const struct mmu_arch *a, uint32_t sctlr)
{
	return a->afe && sctlr & SCTLR_AFE && mmu_format(a, sctlr) == PT_V6;
}

/* TEX[0], C and B are an index into PRRR and NMRR. With XP = 0: assumed not to be. */
static inline bool mmu_tex_remap(const struct mmu_arch *a, uint32_t sctlr)
{
	return a->tre && sctlr & SCTLR_TRE && mmu_format(a, sctlr) == PT_V6;
}

/* Memory type of a leaf of ARMv6. inner and outer of MEM_NORMAL; values are those of PRRR, NMRR. */
enum mem_type { MEM_STRONGLY_ORDERED, MEM_DEVICE, MEM_NORMAL, MEM_RESERVED };
enum mem_cache { CACHE_NONE, CACHE_WB_WA, CACHE_WT, CACHE_WB };
struct pt_memory { uint8_t type, inner, outer; bool shared; };
struct pt_memory mmu_memory(const struct mmu_arch *a, const struct pt_desc *leaf, uint32_t sctlr,
			    uint32_t prrr, uint32_t nmrr);

/* Decoders of all formats; fields as in struct pt_desc. */
void pt_decode_l1(enum pt_format f, uint32_t word, struct pt_desc *out);
void pt_decode_l2(enum pt_format f, uint32_t word, bool fine, struct pt_desc *out);
/* Words of PT_V6 for table writers: what pt_decode_l1/_l2 gives d for. ap[0] is the AP. */
uint32_t pt_encode_v6(const struct pt_desc *d);

/* Which first-level table serves mva, and where in it. */
struct mmu_table { uint32_t l1_addr; bool ttbr1, disabled; };
struct mmu_table mmu_table_of(const struct mmu_arch *a, const struct walk_regs *r, gva_t mva);

/* As walk_v5(), which it is for a row of PT_V5; TTBCR.PD gives levels 0 and no read. */
void walk_tables(const struct mmu_arch *a, const struct walk_regs *r, gva_t mva,
		 walk_read_fn read, void *ctx, struct walk *out);

/*
 * As walk_check(), which it is for a row of PT_V5. Order: access flag (whatever the domain), domain,
 * permission. XN counts in client domains only. See doc/walk.md for what is UNPREDICTABLE.
 */
enum fault_status mmu_check(const struct mmu_arch *a, const struct walk *w, gva_t mva,
			    uint32_t dacr, uint32_t sctlr, bool user, enum access access);
/* RIGHT_READ, RIGHT_WRITE of a leaf at mva, XN aside. */
unsigned mmu_rights(const struct mmu_arch *a, const struct walk *w, gva_t mva, uint32_t sctlr,
		    bool user);

/*
 * Alignment of an access, independent of SCTLR.M: false is an alignment fault; else *va is the
 * address that is accessed, forced aligned where the core does that. size: 1, 2, 4; 8 for LDRD
 * and STRD; 8 on a core without them, and 12 to 64 in steps of 4, for block transfers.
 */
bool mmu_align(const struct mmu_arch *a, uint32_t sctlr, enum access access, unsigned size,
	       uint32_t *va);

struct mmu_state {
	const struct mmu_arch *arch;
	struct walk_regs regs;
	uint32_t dacr, fcse;            /* as written */
};

/* One translation of an access. */
struct mmu_part {
	uint32_t va;                    /* first byte */
	gva_t mva;
	enum fault_status fs;
	struct walk w;                  /* w.fs is set when the walk itself failed */
};

/* An access that crosses a 1 KB boundary, the smallest granule, is two translations. */
struct mmu_outcome {
	enum fault_status fs;
	uint32_t va;                    /* after alignment */
	uint32_t pa;                    /* of the first byte, when fs is FS_NONE */
	gva_t far;                      /* MVA of the lowest address that faults */
	uint8_t domain;                 /* of the fault */
	uint8_t parts;                  /* translations made: 0 for an alignment fault */
	struct mmu_part part[2];
};

void mmu_access(const struct mmu_state *s, enum access access, bool user, uint32_t va,
		unsigned size, walk_read_fn read, void *ctx, struct mmu_outcome *out);

/* What the status and address registers hold; DFSR or IFSR by kind of access. */
struct fault_report {
	uint8_t status;                 /* FS[10,3:0] */
	bool domain_valid, far_valid;   /* both false for fetches */
};
struct fault_report mmu_fault_report(const struct mmu_arch *a, enum fault_status fs,
				     enum access access);

#endif
