/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Coprocessor accesses: carried out by the hardware natively, trapped under a hypervisor. */
#include "sim/engine.h"

struct cp_row { enum cause cause; enum event op; };

static struct cp_row cp_row(const struct guest_event *e)
{
	switch (e->canon.op) {
	case CP_TLBI_ALL: return (struct cp_row){ CAUSE_TLBI_ALL, EV_OP_TLBI_ALL };
	case CP_TLBI_MVA: return (struct cp_row){ CAUSE_TLBI_MVA, EV_OP_TLBI_MVA };
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

static void native_cp(struct machine *m, const struct guest_event *e)
{
	switch (e->canon.op) {
	case CP_TLBI_ALL:
		tlb_inval_all(m->tlb);
		charge(m, EV_MAINT_TLB_ALL, 1);
		break;
	case CP_TLBI_MVA:
		tlb_inval_mva(m->tlb, gva(e->new));
		for (unsigned i = 0; i < 8; i++)        /* by MVA drops locked entries too */
			if (m->locked[i].levels && m->locked_mva[i] >> m->locked[i].leaf.size_log2 ==
			    e->new >> m->locked[i].leaf.size_log2)
				m->locked[i].levels = 0;
		charge(m, EV_MAINT_TLB_MVA, 1);
		break;
	case CP_CACHE:
		host_cache_op(m, &e->canon, e->new, false);
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
			m->tlb_lock = e->new;
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
	if (!m->ops->deprivileged) {
		native_cp(m, e);
		guest_apply(&m->g, e);
		cp_hooks(m, e);
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
