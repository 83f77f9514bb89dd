/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Coprocessor accesses: carried out by the hardware natively, trapped under a hypervisor. */
#include "sim/engine.h"
#include "sim/host_tlb.h"

struct cp_row { enum cause cause; enum event op; };

static struct cp_row cp_row(const struct guest_event *e)
{
	switch (e->canon.op) {
	case CP_TLBI_ALL: return (struct cp_row){ CAUSE_TLBI_ALL, EV_OP_TLBI_ALL };
	case CP_TLBI_MVA:
	case CP_TLBI_MVAA: return (struct cp_row){ CAUSE_TLBI_MVA, EV_OP_TLBI_MVA };
	case CP_TLBI_ASID: return (struct cp_row){ CAUSE_ASID, EV_OP_ASID };
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

/* The hooks of register and TLB operations; the replica has the new value already. */
static void cp_hooks(struct machine *m, const struct guest_event *e)
{
	const struct strategy_ops *o = m->ops;

	if (e->canon.op == CP_TLBI_ALL && o->on_tlbi_all)
		o->on_tlbi_all(m->self);
	else if (e->canon.op == CP_TLBI_MVA && o->on_tlbi_mva)
		o->on_tlbi_mva(m->self, gva(e->new));
	else if (e->write && e->canon.op == CP_TTBR0 && o->on_ttbr)
		o->on_ttbr(m->self, e->old, e->new);
	else if (e->write && e->canon.op == CP_DACR && o->on_dacr)
		o->on_dacr(m->self, e->old, e->new);
	else if (e->write && e->canon.op == CP_SCTLR && o->on_sctlr)
		o->on_sctlr(m->self, e->old, e->new);
}

static void native_inval_mva(struct machine *m, const struct guest_event *e)
{
	bool tagged = m->arch.asid && e->canon.op == CP_TLBI_MVA &&
		      e->canon.operand == OPERAND_MVA_ASID;
	uint8_t asid = tagged ? cp_operand_asid(e->new) : 0;

	if (tagged)
		host_tlb_inval_mva_asid(m, e->canon.side, gva(e->new), asid);
	else
		host_tlb_inval_mva(m, e->canon.side, gva(e->new));
	charge(m, EV_MAINT_TLB_MVA, 1);
}

/* Without ASIDs an entry of any ASID is just an entry: all go. */
static void native_inval_asid(struct machine *m, const struct guest_event *e)
{
	if (m->arch.asid) {
		host_tlb_inval_asid(m, e->canon.side, cp_operand_asid(e->new));
		charge(m, EV_MAINT_TLB_ASID, 1);
	} else {
		host_tlb_inval_all(m, e->canon.side);
		charge(m, EV_MAINT_TLB_ALL, 1);
	}
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

/* A range is as many operations by address as it has lines. */
static void native_cache_op(struct machine *m, const struct guest_event *e)
{
	unsigned line = e->canon.side & SIDE_D ? m->cfg.l1d.line_bytes : m->cfg.l1i.line_bytes;
	struct cp_canon one = e->canon;
	struct cp_range r;

	if (e->canon.scope != SCOPE_RANGE) {
		host_cache_op(m, &e->canon, e->new, false);
		return;
	}
	one.scope = SCOPE_MVA;
	r = cp_operand_range(e->new, e->old, line);
	for (uint64_t i = 0; i < r.lines; i++)
		host_cache_op(m, &one, r.first + (uint32_t)i * line, false);
}

static void native_cp(struct machine *m, const struct guest_event *e)
{
	if (native_v6_register(m, e))
		return;
	switch (e->canon.op) {
	case CP_TLBI_ALL:
		host_tlb_inval_all(m, e->canon.side);
		charge(m, EV_MAINT_TLB_ALL, 1);
		break;
	case CP_TLBI_MVA:
	case CP_TLBI_MVAA:
		native_inval_mva(m, e);
		break;
	case CP_TLBI_ASID:
		native_inval_asid(m, e);
		break;
	case CP_CACHE:
		native_cache_op(m, e);
		break;
	case CP_TESTCLEAN:
		host_test_clean(m, e->canon.inval);
		break;
	case CP_DRAIN:
		wbuf_drain(&m->wb);
		charge(m, EV_MAINT_DRAIN, 1);
		break;
	case CP_TLB_LOCK:
		if (e->write)
			host_lock_register(m, e->canon.side, e->new);
		charge(m, EV_MAINT_OP, 1);
		break;
	case CP_LOCK_ENTRY:
		host_lock_entry(m, e->canon.side, gva(e->new));
		charge(m, EV_MAINT_OP, 1);
		break;
	case CP_UNLOCK_TLB:
		host_lock_release(m, e->canon.side);
		charge(m, EV_MAINT_OP, 1);
		break;
	default:
		charge(m, EV_MAINT_OP, 1);
		break;
	}
}

/* The guest's operation carried out by the hypervisor. Invalidates that would lose the
 * hypervisor's dirty lines become clean and invalidate. */
static unsigned trapped_cp(struct machine *m, const struct guest_event *e)
{
	uint32_t operand = e->new;

	switch (e->canon.op) {
	case CP_CACHE:
		if (e->canon.scope == SCOPE_MVA && is_guest_vectors(gva(operand)) &&
		    m->g.sctlr & SCTLR_V)
			operand = vectors_alias(gva(operand)).raw;
		host_cache_op(m, &e->canon, operand, e->canon.side & SIDE_D);
		return 1;
	case CP_TESTCLEAN: {
		unsigned rounds = host_test_clean(m, e->canon.inval);

		return m->cfg.testclean == TESTCLEAN_LOOPED ? rounds : 1;
	}
	case CP_DRAIN:
		wbuf_drain(&m->wb);
		charge(m, EV_MAINT_DRAIN, 1);
		return 1;
	default:
		return 1;
	}
}

void engine_cp(struct lane *l, const struct guest_event *e)
{
	struct machine *m = l->m;
	struct cp_row row = cp_row(e);

	set_context(m, row.cause);
	m->tally.cache_lock_writes += e->write && e->canon.op == CP_CACHE_LOCK;
	m->tally.tlb_lock_ops += e->write && (e->canon.op == CP_TLB_LOCK ||
		e->canon.op == CP_LOCK_ENTRY || e->canon.op == CP_UNLOCK_TLB);
	if (!m->ops->deprivileged) {
		native_cp(m, e);
		guest_apply(&m->g, e);
		cp_hooks(m, e);
		if (e->write && guest_reg(&m->g, (enum cp_op)e->canon.op))
			machine_check_fit(m);
		return;
	}
	engine_hv_enter(m, EV_TRAP_UND);
	charge(m, row.op, 1);
	for (unsigned traps = trapped_cp(m, e); traps > 1; traps--) {   /* testclean=looped */
		engine_hv_leave(m, ORIGIN_KERNEL);
		engine_hv_enter(m, EV_TRAP_UND);
		charge(m, row.op, 1);
	}
	guest_apply(&m->g, e);
	cp_hooks(m, e);
	engine_hv_leave(m, ORIGIN_KERNEL);
}
