/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine of two stages: the guest's own registers and tables are stage 1, tables of the hypervisor's
 * stage 2 (ARMv7 with the virtualization extensions, DDI 0406C B3.6; on older cores: what if they had it).
 *
 *  1. A TLB entry is of both stages: machine address, the smaller of both sizes, the guest's rights and
 *     memory type. Stage 2 takes nothing away from what it maps: read, write, execute, normal write-back. An
 *     invalidate of an address of the guest's page drops all its pieces.
 *  2. With the guest's MMU off an address is intermediate at once. Such entries are another address space
 *     (VMID_FLAT): they neither serve the guest with its MMU on, nor do its invalidates concern them.
 *  3. The guest's faults come first: an access that its tables deny asks stage 2 for nothing more, and
 *     leaves no entry (DDI 0406C B3.12.3).
 *  4. Stage 2 never changes a word but from nothing to something, so nothing of it has to be invalidated.
 *
 * Hyp mode sees the machine by tables of its own, which are taken to hit (assumption).
 */
#ifndef SHADEWALK_SIM_STAGE2_H
#define SHADEWALK_SIM_STAGE2_H

#include "models/tlb/walk2d.h"
#include "sim/machine.h"

enum { VMID_GUEST = 1, VMID_FLAT = 2 };         /* 0: with one stage */

struct stage2 {
	struct walk2d w;
	struct walk2d_io io, quiet;
	uint64_t *word;                         /* from S2_HPA on */
	enum walk_sees sees, guest_sees;        /* of its words; of the guest's, in the walk at hand */
	uint8_t whole_log2;                     /* of the guest's page, in the last walk that found one */
	struct stage2_fault fault;              /* of the last walk that stage 2 stopped */
	uint32_t lines, last_line;              /* written since the last sync */
};

enum err stage2_create(struct machine *m, struct diag *d) __attribute__((warn_unused_result));
void stage2_destroy(struct machine *m);

/* host_translate(); t->stage2 with m->s2->fault: no word of stage 2. */
void stage2_translate(struct machine *m, gva_t mva, bool user, enum access access,
		      struct translation *t);
/* host_where(). */
bool stage2_where(struct machine *m, const struct tlb *tlb, gva_t mva, struct translation *t);
void stage2_flush_guest(struct machine *m);
/* The guest's SCTLR was written. */
void stage2_context(struct machine *m);

/* From the guest to Hyp mode and back. */
void stage2_enter(struct machine *m);
void stage2_leave(struct machine *m, enum origin to);
/* Whether a coprocessor operation of the guest's traps. */
bool stage2_traps(const struct machine *m, const struct cp_canon *c);

/* The port's functions of stage 2. */
void stage2_port(struct strategy_port *p);

#endif
