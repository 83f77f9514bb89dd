/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Coprocessor accesses: carried out by the hardware natively, trapped under a hypervisor. */
#include "models/tlb/tlb_hot.h"
#include "sim/engine.h"
#include "sim/lint.h"

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

/* By address and ASID drop locked entries too. tag.ng: not of every ASID. */
static void forget_locked(struct machine *m, bool by_mva, uint32_t mva, struct tlb_tag of)
{
	for (unsigned i = 0; i < 8; i++) {
		struct tlb_tag t = m->locked_tag[i];
		unsigned size_log2 = m->locked[i].leaf.size_log2;
		bool its = !of.ng || (t.ng ? t.asid == of.asid : by_mva);

		if (m->locked[i].levels && its &&
		    (!by_mva || m->locked_mva[i] >> size_log2 == mva >> size_log2))
			m->locked[i].levels = 0;
	}
}

static void native_inval_mva(struct machine *m, const struct guest_event *e)
{
	bool tagged = m->arch.asid && e->canon.op == CP_TLBI_MVA &&
		      e->canon.operand == OPERAND_MVA_ASID;
	uint8_t asid = tagged ? cp_operand_asid(e->new) : 0;

	if (tagged)
		tlb_inval_mva_asid(m->tlb, gva(e->new), asid);
	else
		tlb_inval_mva(m->tlb, gva(e->new));
	forget_locked(m, true, e->new, (struct tlb_tag){ .asid = asid, .ng = tagged });
	charge(m, EV_MAINT_TLB_MVA, 1);
}

/* Without ASIDs an entry of any ASID is just an entry: all go. */
static void native_inval_asid(struct machine *m, const struct guest_event *e)
{
	struct tlb_tag of = { .asid = cp_operand_asid(e->new), .ng = true };

	if (m->arch.asid) {
		tlb_inval_asid(m->tlb, of.asid);
		forget_locked(m, false, 0, of);
		charge(m, EV_MAINT_TLB_ASID, 1);
	} else {
		tlb_inval_all(m->tlb);
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
		tlb_set_context(m->tlb, m->asid, 0);
	} else if (flush) {
		tlb_inval_all(m->tlb);
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
		m->tlb->generation++;   /* what engine fast remembers of memory types is void */
		break;
	default: return false;
	}
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
		tlb_inval_all(m->tlb);
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
		if (m->lint)
			lint_cp(m, e);
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
	if (m->lint)
		lint_cp(m, e);
	guest_apply(&m->g, e);
	cp_hooks(m, e);
	engine_hv_leave(m, ORIGIN_KERNEL);
}
