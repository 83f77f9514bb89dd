/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replica of a guest: the registers that steer translation, its table frames, and the history
 * behind both. The tracker keeps one; every lane keeps its own and brings it forward event by
 * event, so that it is never ahead of what the lane has simulated.
 */
#ifndef SHADEWALK_MODELS_GUEST_GUEST_H
#define SHADEWALK_MODELS_GUEST_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "models/guest/event.h"
#include "models/guest/history.h"
#include "models/guest/identity.h"
#include "models/mem/mem.h"
#include "models/pt/mmu.h"
#include "traces/header.h"

struct guest {
	const struct mmu_arch *arch;    /* of the trace's core */
	bool legacy;                    /* mmu_is_legacy(arch) */
	bool walks_cached;              /* the host remembers first-level words: P is wider for it */
	bool v6;                        /* ASIDs, nG: mmu_is_v6(arch) */
	bool identity;                  /* an imported stream: its mapping is identity.h's */
	uint32_t cpsr, sctlr, ttbr0, dacr, fcse, contextidr;
	uint32_t ttbr1, ttbcr, prrr, nmrr;      /* from ARMv6 on */
	struct mem *tables;
	struct history hist;
	uint64_t generation;            /* bumped whenever P or the checks on it may change */
	uint64_t image_checks, image_mismatches;
	uint32_t image_bad_pa;          /* first word that differed */
};

enum err guest_init(struct guest *g, const struct trace_header *h, struct diag *d)
	__attribute__((warn_unused_result));
/* The same of an imported stream, as a core of this arch maps it (borrowed). */
enum err guest_init_import(struct guest *g, const struct trace_header *h,
			   const struct mmu_arch *arch, struct diag *d)
	__attribute__((warn_unused_result));
void guest_free(struct guest *g);

/* Takes the event's effect over: register, table word, image, invalidate, mode. */
void guest_apply(struct guest *g, const struct guest_event *e);
/* The same of an access: a store into a table frame, nothing otherwise. */
void guest_apply_store(struct guest *g, const struct guest_event *e);

static inline bool guest_is_user(const struct guest *g)
{
	return (g->cpsr & 0x1f) == 0x10;
}
static inline struct walk_regs guest_walk_regs(const struct guest *g)
{
	return (struct walk_regs){ .ttbr0 = g->ttbr0, .sctlr = g->sctlr, .ttbr1 = g->ttbr1,
				   .ttbcr = g->ttbcr };
}
static inline uint8_t guest_asid(const struct guest *g)
{
	return (uint8_t)g->contextidr;
}
/* Pointer to the register an operation writes, NULL if none is kept. */
uint32_t *guest_reg(struct guest *g, enum cp_op op);

/* A word of the guest's tables; false: the frame is not known. */
static inline bool guest_table_word(const struct guest *g, uint32_t addr, uint32_t *word)
{
	return g->identity ? identity_word(g->arch, g->sctlr, addr, word)
			   : mem_read(g->tables, addr, word);
}

/* The walk of mva now. An unknown frame answers as an external abort. */
void guest_walk(const struct guest *g, gva_t mva, struct walk *out);

/*
 * Why tables made an access fault, by what the status register (FSR or IFSR) recorded; FS_NONE: they
 * did not (alignment, external, debug). *alignment: FS_ALIGN, in whatever way the core writes it.
 */
enum fault_status guest_recorded_fault(const struct guest *g, uint32_t fsr, bool *alignment);
/* A listed deviation of the emulator: of two faults at once it reports another than the core. It
 * tests the domain before it reads a page's second-level word, and before the access flag. */
bool guest_listed_fault(enum fault_status recorded, enum fault_status walked);

/*
 * --- the oracle: P(mva), every walk result still permitted --------------------------------
 * On ARMv6 a walk under another ASID than the current one counts only if what it found is global.
 */

/* Calls fn for each member, youngest first, until it returns true; true if one did. */
typedef bool (*oracle_fn)(void *ctx, const struct walk *w);
bool oracle_each(const struct guest *g, gva_t mva, oracle_fn fn, void *ctx);

/* Status of an access under walk w with the guest's DACR, S, R now. */
enum fault_status guest_check(const struct guest *g, const struct walk *w, gva_t mva, bool user,
			      enum access access);
/* Youngest member that allows the access. */
bool oracle_allowing(const struct guest *g, gva_t mva, bool user, enum access access,
		     struct walk *out);
/* Some member faults the access with just this status. */
bool oracle_some_status(const struct guest *g, gva_t mva, bool user, enum access access,
			enum fault_status fs);
/* Some member allows the accesses (1 << enum access) and maps mva to pa with attributes cb (C << 1 |
 * B; below 0: whatever they are). */
bool oracle_permits(const struct guest *g, gva_t mva, bool user, unsigned accesses,
		    uint32_t pa, int cb);
/* The same for a translation by another's words of ARMv6: a memory type instead of C and B. */
bool oracle_permits_as(const struct guest *g, gva_t mva, bool user, unsigned accesses,
		       uint32_t pa, const struct pt_memory *memory);
/* Some member maps mva to pa, whatever its rights (witnesses). */
bool oracle_maps(const struct guest *g, gva_t mva, uint32_t pa);

#endif
