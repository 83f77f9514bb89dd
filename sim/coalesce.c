/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exit coalescing (doc/model.md, "Exit coalescing"): behind a trap of the guest's kernel the monitor interprets
 * instead of returning, if another trap comes within the next `coalesce` instructions. Only what is charged
 * changes: accesses, strategy and guest take the same course.
 */
#include "sim/engine.h"

uint64_t monitor_insn(const struct lane *l)
{
	bool retired = l->run_next < l->run_n || !(l->run_flags & RUN_NO_RETIRE);

	return l->insns - (retired && l->insns ? 1 : 0);
}

bool monitor_enter(struct lane *l, enum event trap, uint64_t insn)
{
	struct machine *m = l->m;

	if (m->origin != ORIGIN_KERNEL || !l->stay.open || insn - l->stay.insn > m->cfg.coalesce) {
		engine_hv_enter(m, trap);
		return true;
	}
	m->origin = ORIGIN_HV;
	m->tally.coalesced++;
	charge(m, EV_COALESCED, 1);
	if (insn > l->stay.next)
		charge(m, EV_INTERPRETED, insn - l->stay.next);
	return false;
}

void monitor_leave(struct lane *l, bool entered, enum origin to, uint64_t insn, bool done)
{
	struct machine *m = l->m;

	if (entered)
		engine_hv_leave(m, to);
	else
		m->origin = to;
	if (to == ORIGIN_HV)            /* an abort of the monitor's own */
		return;
	l->stay.open = to == ORIGIN_KERNEL && m->cfg.coalesce;
	l->stay.insn = insn;
	l->stay.next = insn + done;
}
