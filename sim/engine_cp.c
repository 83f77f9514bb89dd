/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Coprocessor accesses: carried out by the hardware natively, trapped under a hypervisor. */
#include "sim/engine.h"
#include "sim/host_ops.h"
#include "sim/host_tlb.h"
#include "sim/lint.h"
#include "sim/stage2.h"

struct cp_row { enum cause cause; enum event op; };

static struct cp_row cp_row(const struct guest_event *e)
{
	switch (e->canon.op) {
	case CP_TLBI_ALL: return (struct cp_row){ CAUSE_TLBI_ALL, EV_OP_TLBI_ALL };
	case CP_TLBI_MVA:
	case CP_TLBI_MVAA: return (struct cp_row){ CAUSE_TLBI_MVA, EV_OP_TLBI_MVA };
	case CP_TLBI_ASID: return (struct cp_row){ CAUSE_ASID, EV_OP_TLBI_ASID };
	case CP_CACHE: return e->canon.scope == SCOPE_ALL
		? (struct cp_row){ CAUSE_CACHE_ALL, EV_OP_CACHE_ALL }
		: (struct cp_row){ CAUSE_CACHE_LINE, EV_OP_CACHE_LINE };
	case CP_TESTCLEAN: return (struct cp_row){ CAUSE_CACHE_ALL, EV_OP_CACHE_ALL };
	case CP_DRAIN: return (struct cp_row){ CAUSE_BARRIER, EV_OP_BARRIER };
	case CP_WFI: return (struct cp_row){ CAUSE_WAIT, EV_HCALL_WFI };
	default: break;
	}
	if (!e->write)
		return (struct cp_row){ CAUSE_CPREAD, EV_OP_IDREG };
	switch (e->canon.op) {
	case CP_TTBR0: return (struct cp_row){ CAUSE_TTBR, EV_OP_TTBR };
	case CP_DACR: return (struct cp_row){ CAUSE_DACR, EV_OP_DACR };
	case CP_SCTLR: return (struct cp_row){ CAUSE_SCTLR, EV_OP_SCTLR };
	case CP_FCSE: return (struct cp_row){ CAUSE_FCSE, EV_OP_FCSE };
	case CP_ASID: return (struct cp_row){ CAUSE_ASID, EV_OP_ASID };
	default: return (struct cp_row){ CAUSE_CPWRITE, EV_OP_OTHER };
	}
}

/* The hooks of TLB operations. */
static void tlbi_hooks(struct machine *m, const struct guest_event *e)
{
	const struct strategy_ops *o = m->ops;
	bool tagged = m->g.v6 && e->canon.operand == OPERAND_MVA_ASID;

	switch (e->canon.op) {
	case CP_TLBI_MVA:
	case CP_TLBI_MVAA:
		if (tagged && e->canon.op == CP_TLBI_MVA && o->on_tlbi_mva_asid)
			o->on_tlbi_mva_asid(m->self, gva(e->new), cp_operand_asid(e->new));
		else if (o->on_tlbi_mva)
			o->on_tlbi_mva(m->self, gva(e->new));
		break;
	case CP_TLBI_ASID:
		if (o->on_tlbi_asid) {
			o->on_tlbi_asid(m->self, cp_operand_asid(e->new));
			break;
		}
		/* fallthrough */
	default:
		if (o->on_tlbi_all)
			o->on_tlbi_all(m->self);
	}
}

/* The hooks of registers; the replica has the new value already. */
static void register_hooks(struct machine *m, const struct guest_event *e)
{
	const struct strategy_ops *o = m->ops;
	void (*hook)(void *self, uint32_t old, uint32_t new) = NULL;

	switch (e->canon.op) {
	case CP_TTBR0: hook = o->on_ttbr; break;
	case CP_TTBR1: hook = o->on_ttbr1; break;
	case CP_TTBCR: hook = o->on_ttbcr; break;
	case CP_DACR: hook = o->on_dacr; break;
	case CP_SCTLR: hook = o->on_sctlr; break;
	case CP_ASID: hook = o->on_asid; break;
	case CP_FCSE: hook = o->on_fcse; break;
	case CP_PRRR:
	case CP_NMRR:
		if (e->old != e->new && o->on_remap)
			o->on_remap(m->self);
		break;
	default: break;
	}
	if (hook)
		hook(m->self, e->old, e->new);
}

/* What the guest's cleans tell a monitor. */
static void clean_hooks(struct machine *m, const struct guest_event *e)
{
	const struct strategy_ops *o = m->ops;
	uint32_t line = m->port.clean_line;
	struct cp_range r;

	if (!line || !o->on_clean || !(e->canon.side & SIDE_D) ||
	    (e->canon.op == CP_CACHE && !e->canon.clean))
		return;
	if (e->canon.op != CP_CACHE || e->canon.scope == SCOPE_ALL || e->canon.scope == SCOPE_WAY) {
		o->on_clean_all(m->self);
		return;
	}
	r = (struct cp_range){ e->new & ~(line - 1), 1 };
	if (e->canon.scope == SCOPE_RANGE)
		r = cp_operand_range(e->new, e->old, line);
	if (r.lines * line > UINT32_MAX)
		o->on_clean_all(m->self);
	else if (r.lines)
		o->on_clean(m->self, gva(r.first), (uint32_t)(r.lines * line));
}

static void cp_hooks(struct machine *m, const struct guest_event *e)
{
	if (e->canon.op == CP_CACHE || e->canon.op == CP_TESTCLEAN || e->canon.op == CP_ALLOCATE)
		clean_hooks(m, e);
	else if (e->canon.op >= CP_TLBI_ALL && e->canon.op <= CP_TLBI_MVAA)
		tlbi_hooks(m, e);
	else if (e->write)
		register_hooks(m, e);
}

/* A host without ASIDs would run a guest that empties the TLB whenever it changes its own. */
static void native_asid(struct machine *m, const struct guest_event *e)
{
	bool flush = !m->arch.asid && (e->old ^ e->new) & 0xff;

	charge(m, EV_MAINT_OP, 1);
	if (m->arch.asid) {
		m->asid = (uint8_t)e->new;
		host_tlb_set_context(m);
	} else if (flush) {
		host_tlb_inval_all(m, SIDE_BOTH);
		charge(m, EV_MAINT_TLB_ALL, 1);
	}
}

/* Registers that ARMv6 adds. False: none of them. */
static bool native_v6_register(struct machine *m, const struct guest_event *e)
{
	if (!e->write || !m->g.v6)
		return false;
	switch (e->canon.op) {
	case CP_TTBR1: m->ttbr1 = e->new; break;
	case CP_TTBCR: m->ttbcr = e->new; break;
	case CP_ASID:
		native_asid(m, e);
		return true;
	case CP_PRRR:
	case CP_NMRR:
		host_tlb_void(m);       /* what engine fast remembers of memory types is void */
		break;
	default: return false;
	}
	host_tlb_register(m);
	charge(m, EV_MAINT_OP, 1);
	return true;
}

static void native_cp(struct machine *m, const struct guest_event *e)
{
	if (native_v6_register(m, e))
		return;
	if (e->canon.op == CP_TLB_LOCK && e->write)
		host_lock_register(m, e->canon.side, e->new);
	if (e->canon.op == CP_CACHE_LOCK && e->write)
		host_lock_lines(m, &e->canon, e->new);
	if (e->canon.op == CP_LOCK_MODE && !e->write)
		charge(m, EV_MAINT_OP, 1);
	else if (!host_operation(m, &e->canon, e->new, e->old, false))
		charge(m, EV_MAINT_OP, 1);
}

/*
 * vivt=drop: what a kernel for VIVT caches does because lines are found by address alone: the data cache emptied with
 * its dirty lines written back, and the instruction cache emptied right behind it. A clean that leaves the lines, or one by
 * address, is for memory's sake.
 */
static bool is_for_vivt(struct machine *m, const struct cp_canon *c)
{
	bool data = c->inval && (c->op == CP_TESTCLEAN ||
		    (c->op == CP_CACHE && c->clean && c->side & SIDE_D && c->scope == SCOPE_ALL));
	bool code = c->op == CP_CACHE && c->inval && c->side == SIDE_I && c->scope == SCOPE_ALL &&
		    m->dropped_data;

	if (m->cfg.vivt != VIVT_DROP)
		return false;
	if (c->op == CP_CACHE || c->op == CP_TESTCLEAN)
		m->dropped_data = data;
	return data || code;
}

/* The guest's operation carried out by the hypervisor. Invalidates that would lose the
 * hypervisor's dirty lines become clean and invalidate. */
static unsigned trapped_cp(struct machine *m, const struct guest_event *e, bool *dropped)
{
	uint32_t operand = e->new;
	bool keep_dirty = e->canon.side & SIDE_D;
	unsigned traps = 1;

	*dropped = is_for_vivt(m, &e->canon);
	if (*dropped) {
		charge(m, EV_MAINT_DROPPED, 1);
		return 1;
	}
	switch (e->canon.op) {
	case CP_TESTCLEAN:
		if (m->cfg.testclean == TESTCLEAN_LOOPED)
			traps += host_dirty_lines(m);
		break;
	case CP_CACHE:
		if (e->canon.scope == SCOPE_MVA && is_guest_vectors(gva(operand)) &&
		    m->g.sctlr & SCTLR_V && vectors_are_covered(&m->port))
			operand = vectors_alias_of(&m->g, gva(operand)).raw;
		break;
	case CP_ALLOCATE:
	case CP_DRAIN: break;
	default: return 1;
	}
	host_operation(m, &e->canon, operand, e->old, keep_dirty);
	return traps;
}

/*
 * What USR mode may do from ARMv6 on, so that the guest's kernel does it without its monitor: barriers, the
 * prefetch flush, its own thread registers (ARM DDI 0100I B2.6, DDI 0301H 3.2.22 and 3.2.51).
 */
static bool runs_untrapped(const struct machine *m, const struct guest_event *e)
{
	enum { USER_RW = CP_KEY(13, 0, 0, 2), USER_RO = CP_KEY(13, 0, 0, 3) };

	if (!m->v6_core)
		return false;
	switch (e->canon.op) {
	case CP_DRAIN:
	case CP_DMB:
	case CP_ISB:
		return e->write;
	case CP_TPIDR:
		return e->n == USER_RW || (e->n == USER_RO && !e->write);
	default:
		return false;
	}
}

/* By the hardware; with two stages the hypervisor may have asked to do some of it itself. */
static void untrapped_cp(struct machine *m, const struct guest_event *e, enum event op)
{
	bool traps = m->s2 && stage2_traps(m, &e->canon);
	enum origin from = m->origin;

	if (traps) {
		stage2_enter(m);
		charge(m, op, 1);
	}
	native_cp(m, e);
	if (traps)
		stage2_leave(m, from);
}

/* What the guest's kernel does when it finds another SCTLR than it wrote (ARM Linux: alignment_trap). */
static void sctlr_again(struct lane *l, uint64_t insn)
{
	struct machine *m = l->m;
	bool entered;

	l->from_user = false;
	set_context(m, CAUSE_SCTLR);
	entered = monitor_enter(l, EV_TRAP_UND, insn);
	charge(m, EV_OP_SCTLR, 1);
	if (m->ops->on_sctlr)
		m->ops->on_sctlr(m->self, m->g.sctlr, m->g.sctlr);
	monitor_leave(l, entered, ORIGIN_KERNEL, insn, true);
}

void engine_cp(struct lane *l, const struct guest_event *e)
{
	struct machine *m = l->m;
	struct cp_row row = cp_row(e);
	uint64_t insn = monitor_insn(l);
	bool entered, dropped;

	set_context(m, row.cause);
	m->tally.tlb_lock_ops += e->write && (e->canon.op == CP_TLB_LOCK ||
		e->canon.op == CP_LOCK_ENTRY || e->canon.op == CP_UNLOCK_TLB);
	host_lock_count(m, e);
	if (!m->ops->deprivileged) {
		untrapped_cp(m, e, row.op);
		if (m->lint)
			lint_cp(m, e);
		guest_apply(&m->g, e);
		cp_hooks(m, e);
		if (e->write && guest_reg(&m->g, (enum cp_op)e->canon.op))
			machine_check_fit(m);
		return;
	}
	if (runs_untrapped(m, e)) {
		native_cp(m, e);
		if (m->lint)
			lint_cp(m, e);
		return;                 /* nothing that the replica keeps */
	}
	entered = monitor_enter(l, EV_TRAP_UND, insn);
	charge(m, row.op, 1);
	for (unsigned traps = trapped_cp(m, e, &dropped); traps > 1; traps--) {   /* testclean=looped */
		monitor_leave(l, entered, ORIGIN_KERNEL, insn, true);
		entered = monitor_enter(l, EV_TRAP_UND, insn);
		charge(m, row.op, 1);
	}
	if (m->lint && !dropped)        /* it judges what was done */
		lint_cp(m, e);
	guest_apply(&m->g, e);
	if (e->write && (e->canon.op == CP_SCTLR || e->canon.op == CP_FCSE))
		machine_check_fit(m);
	cp_hooks(m, e);
	monitor_leave(l, entered, ORIGIN_KERNEL, insn, true);
	if (l->from_user && m->monitor.sctlr_again && e->canon.op == CP_SCTLR && !e->write)
		sctlr_again(l, insn);
	lane_sample_memory(l);
}
