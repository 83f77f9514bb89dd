/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LDRT and STRT of the guest's kernel under a monitor (ldrt=). Deprivileged they run with the kernel's view, in which
 * a user's pointer to kernel memory would succeed.
 *
 *  trap    each is a hypercall, carried out in the user's view.
 *  window  the kernel is patched to say where a copy begins, with its range, and where it ends: plain loads and stores between.
 *          The kernel's own pages stay open meanwhile; the monitor has seen to it that the range is in none of them. So of an
 *          access in the range the rights are the user's: here, the user's DACR for that one access.
 *  copy    one hypercall does all of it.
 *  ignore  they are run as they are. Unsound: --verify says so.
 *
 * A trace does not say where a copy ends: at ldrt.gap instructions without such an access, or when the kernel does
 * something that is no part of a loop. After an exception, which closes the window without a trap of its own, what is
 * left is another copy.
 */
#include "sim/engine.h"

#include <stdio.h>

static void view(struct machine *m, bool user)
{
	if (m->ops->on_unpriv)
		m->ops->on_unpriv(m->self, user);
}

static enum fault_status by_hypercall(struct lane *l, const struct request *r)
{
	struct machine *m = l->m;
	enum fault_status fs;
	bool entered = monitor_enter(l, EV_TRAP_SVC, monitor_insn(l));

	charge(m, m->ops->unpriv_event ? m->ops->unpriv_event(m->self) : EV_UPRIV, 1);
	view(m, true);
	fs = engine_present_shadow(l, r);
	view(m, false);
	monitor_leave(l, entered, guest_is_user(&m->g) ? ORIGIN_USER : ORIGIN_KERNEL, monitor_insn(l), true);
	lane_sample_memory(l);
	return fs;
}

/* The user's view has to be a DACR, and no more than that: else the kernel cannot go on between. The table of
 * what is legal refuses the views that it knows. */
static void begin_copy(struct lane *l)
{
	struct machine *m = l->m;
	uint32_t ttbr = m->ttbr;
	bool by_dacr, entered = monitor_enter(l, EV_TRAP_SVC, monitor_insn(l));

	charge(m, m->cfg.ldrt == LDRT_COPY ? EV_UPRIV_COPY : EV_UPRIV_OPEN, 1);
	view(m, true);
	l->copy.dacr = m->dacr;
	by_dacr = m->ttbr == ttbr;
	view(m, false);
	monitor_leave(l, entered, ORIGIN_KERNEL, monitor_insn(l), m->cfg.ldrt == LDRT_COPY);
	lane_sample_memory(l);
	l->copy.open = true;
	if (!by_dacr && !m->unfit.msg[0])
		snprintf(m->unfit.msg, sizeof(m->unfit.msg), "ldrt: a copy with the user's rights needs views by domains "
			 "(view=domains), or ldrt=trap");
}

void engine_end_copy(struct lane *l, bool exception)
{
	struct machine *m = l->m;
	enum cause cause = m->cause;
	enum origin origin = m->origin;
	bool entered;

	if (!l->copy.open)
		return;
	l->copy.open = false;
	if (m->cfg.ldrt == LDRT_COPY || exception)
		return;
	set_context(m, CAUSE_UNPRIV);
	entered = monitor_enter(l, EV_TRAP_SVC, monitor_insn(l));
	charge(m, EV_UPRIV_CLOSE, 1);
	view(m, false);
	monitor_leave(l, entered, ORIGIN_KERNEL, monitor_insn(l), true);
	m->origin = origin;
	lane_sample_memory(l);
	m->cause = cause;
}

enum fault_status engine_present_unpriv(struct lane *l, const struct request *r)
{
	struct machine *m = l->m;
	enum fault_status fs;
	uint32_t dacr;

	if (m->cfg.ldrt == LDRT_IGNORE || m->monitor.unpriv_plain)
		return engine_present_shadow(l, r);
	/* pages in the monitor's own window have the rights of one view, whatever the DACR is */
	if (m->cfg.ldrt == LDRT_TRAP || is_hypervisors(&m->port, r->mva))
		return by_hypercall(l, r);
	if (l->copy.open && l->insns - l->copy.last > m->cfg.ldrt_gap)
		engine_end_copy(l, false);
	if (!l->copy.open)
		begin_copy(l);
	l->copy.last = l->insns;
	dacr = m->dacr;
	m->dacr = l->copy.dacr;
	fs = engine_present_shadow(l, r);
	m->dacr = dacr;
	return fs;
}
