/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's maintenance operation as the host carries it out: by its own core's sequence
 * (models/cpu/sequence.h), each step on the models and booked at the row's prices. The operation of
 * the host's own core is one step, itself.
 *
 * Loops of a sequence are their operations alone, without the instructions around them. Loads and
 * allocations that sweep a cache leave it empty, as the lines they bring are of no use to anyone; a
 * single one, or an operation by set and way of a cache of another shape, stands for one step of the
 * core's own loop, which goes on to the next line each time: assumptions.
 */
#ifndef SHADEWALK_SIM_HOST_OPS_H
#define SHADEWALK_SIM_HOST_OPS_H

#include "sim/machine.h"

enum err host_ops_create(struct machine *m, struct diag *d)
	__attribute__((warn_unused_result));
void host_ops_destroy(struct machine *m);

/* operand2: Rt2 of MCRR. keep_dirty: what would be lost is written back. False: no operation, and
 * nothing has happened. */
bool host_operation(struct machine *m, const struct cp_canon *ask, uint32_t operand,
		    uint32_t operand2, bool keep_dirty);

/* The monitor's own invalidates, on every side; books HTLBI_*. */
void host_own_tlbi_mva(struct machine *m, gva_t mva);
void host_own_tlbi_all(struct machine *m);
/* By ASID (and MVA): all of it on a host without. */
void host_own_tlbi_mva_asid(struct machine *m, gva_t mva, uint8_t asid);
void host_own_tlbi_asid(struct machine *m, uint8_t asid);

#endif
