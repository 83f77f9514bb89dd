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
#include "models/mem/mem.h"
#include "traces/header.h"

struct guest {
	uint32_t cpsr, sctlr, ttbr0, dacr, fcse, contextidr;
	struct mem *tables;
	struct history hist;
	uint64_t generation;            /* bumped whenever P or the checks on it may change */
	uint64_t image_checks, image_mismatches;
	uint32_t image_bad_pa;          /* first word that differed */
};

enum err guest_init(struct guest *g, const struct trace_header *h, struct diag *d)
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
	return (struct walk_regs){ .ttbr0 = g->ttbr0, .sctlr = g->sctlr };
}
/* Pointer to the register an operation writes, NULL if none is kept. */
uint32_t *guest_reg(struct guest *g, enum cp_op op);

/* The walk of mva now. An unknown frame answers as an external abort. */
void guest_walk(const struct guest *g, gva_t mva, struct walk *out);

/* --- the oracle: P(mva), every walk result still permitted -------------------------------- */

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
/* Some member allows the access and maps mva to pa with attributes cb (C << 1 | B; below 0:
 * whatever they are). */
bool oracle_permits(const struct guest *g, gva_t mva, bool user, enum access access,
		    uint32_t pa, int cb);
/* Some member maps mva to pa, whatever its rights (witnesses). */
bool oracle_maps(const struct guest *g, gva_t mva, uint32_t pa);

#endif
