/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine `ref`: the definition. Canonical order: fetch of instruction k, its accesses in
 * program order, its CP15 or mode effect, then k+1. No fast path of any kind.
 */
#include <string.h>

#include "sim/engine.h"
#include "sim/lint.h"
#include "traces/record.h"

static gva_t to_mva(const struct lane *l, uint32_t va)
{
	return fcse_mva(va, l->m->g.fcse);
}

/* --- fetch ---------------------------------------------------------------------------- */

static bool in_vectors(const struct lane *l, gva_t mva)
{
	return l->m->ops->deprivileged && l->m->g.sctlr & SCTLR_V && is_guest_vectors(mva) &&
	       vectors_are_covered(&l->m->port);
}

uint32_t engine_insn_va(const struct lane *l, unsigned i)
{
	if (l->run_flags & RUN_THUMB)   /* where 4-byte pairs lie is not recorded: spread evenly */
		return l->run_va + (l->run_bytes * i / l->run_n & ~1u);
	return l->run_va + 4 * i;
}

void engine_fetch_next(struct lane *l)
{
	struct machine *m = l->m;
	gva_t mva = to_mva(l, engine_insn_va(l, l->run_next));
	struct request r = { .mva = mva, .host_mva = l->run_alias ? vectors_alias_of(&m->g, mva) : mva,
			     .access = ACCESS_FETCH, .user = guest_is_user(&m->g),
			     .alias = l->run_alias, .pc = mva.raw };
	bool retires = l->run_next + 1 < l->run_n || !(l->run_flags & RUN_NO_RETIRE);

	set_context(m, CAUSE_FETCH);
	charge(m, EV_REF_FETCH, 1);
	engine_present(l, &r);
	l->run_next++;
	if (!retires)
		return;
	charge(m, EV_EXEC, 1);
	l->insns++;
}

static void finish_run(struct lane *l)
{
	while (l->run_next < l->run_n)
		engine_fetch_next(l);
}

/* A jump into the vectors page from outside lands on the hypervisor's page. */
static void redirect(struct lane *l, gva_t mva)
{
	struct machine *m = l->m;
	struct translation t;
	bool entered;

	set_context(m, CAUSE_VECTORS);
	host_translate(m, mva, true, ACCESS_FETCH, &t);         /* privileged only: it aborts */
	m->tally.aborts++;
	m->tally.redirected++;
	entered = monitor_enter(l, EV_TRAP_PABT, l->insns);
	charge(m, EV_VECTORS_PC, 1);
	monitor_leave(l, entered, guest_is_user(&m->g) ? ORIGIN_USER : ORIGIN_KERNEL, l->insns, false);
}

void engine_begin_run(struct lane *l, const struct guest_event *e)
{
	bool alias = in_vectors(l, to_mva(l, e->va));

	if (alias && !l->run_alias && !l->entering)
		redirect(l, to_mva(l, e->va));
	l->run_alias = alias;
	l->entering = false;
	l->run_va = e->va;
	l->run_bytes = e->bytes;
	l->run_n = e->n;
	l->run_next = 0;
	l->run_flags = e->flags;
}

/* --- data ----------------------------------------------------------------------------- */

static struct request data_request(struct lane *l, uint32_t va, bool write, bool unpriv)
{
	gva_t mva = to_mva(l, va);
	struct request r = { .mva = mva, .host_mva = mva,
			     .access = write ? ACCESS_WRITE : ACCESS_READ,
			     .user = unpriv || guest_is_user(&l->m->g),
			     .unpriv = unpriv && !guest_is_user(&l->m->g),
			     .pc = to_mva(l, engine_insn_va(l, l->run_next ? l->run_next - 1 : 0)).raw };

	if (l->run_alias)
		r.pc = vectors_alias_of(&l->m->g, gva(r.pc)).raw;
	if (l->run_alias && in_vectors(l, mva)) {
		r.alias = true;
		r.host_mva = vectors_alias_of(&l->m->g, mva);
	}
	return r;
}

/* A strategy hears of the stores that it performs, and of those that went elsewhere on the recorded
 * machine: not of those that it failed to trap. */
static bool tell_pt_write(struct lane *l, const struct guest_event *e)
{
	struct machine *m = l->m;
	enum origin from = m->origin;
	bool elsewhere = (l->store_pa ^ map_to_host(m, e->pa)) >> 2;

	if (!m->ops->on_pt_write || !(l->store_by_monitor || elsewhere))
		return false;
	m->origin = ORIGIN_HV;
	m->ops->on_pt_write(m->self, e->pa, e->old, e->new);
	m->origin = from;
	lane_sample_memory(l);
	return true;
}

void engine_data_access(struct lane *l, const struct guest_event *e)
{
	struct machine *m = l->m;
	bool unpriv = (e->flags & ACC_KIND_MASK) == ACC_UNPRIV;
	struct request r;

	while (l->run_next <= e->n && l->run_next < l->run_n)
		engine_fetch_next(l);
	set_context(m, unpriv ? CAUSE_UNPRIV : e->write ? CAUSE_STORE : CAUSE_LOAD);
	charge(m, e->write ? EV_REF_STORE : EV_REF_LOAD, 1);
	for (uint32_t va = e->va; va - e->va < e->bytes; va = span_end(m->data_span, va)) {
		r = data_request(l, va, e->write, unpriv);      /* one reference, maybe two lookups */
		r.multi = (e->flags & ACC_KIND_MASK) == ACC_MULTI;
		r.rotated = m->rotates && e->va & (e->bytes - 1u);
		engine_present(l, &r);
		if (r.rotated)          /* of the aligned word, which crosses nothing */
			break;
	}
	guest_apply_store(&m->g, e);
	if (e->ptw && !tell_pt_write(l, e) && m->words)
		words_store(m, e->pa, e->new);
	if (m->lint && e->ptw && !l->store_by_strategy)
		lint_table_store(m, map_to_host(m, e->pa), e->old);
}

/* The fault the host did not have reaches the guest all the same: by its monitor. */
static void forced_delivery(struct machine *m, bool fetch)
{
	enum origin from = m->origin;

	engine_hv_enter(m, fetch ? EV_TRAP_PABT : EV_TRAP_DABT);
	charge(m, EV_FORCED_INJECT, 1);
	engine_hv_leave(m, from);
}

/* A recorded abort: presented to the host, delivered in every case. */
static void recorded_abort(struct lane *l, const struct guest_event *e)
{
	struct machine *m = l->m;
	bool fetch = (e->flags & ABORT_RW_MASK) == ABORT_FETCH;
	bool unpriv = e->flags & ABORT_UNPRIV;
	struct request r = data_request(l, e->va, e->write, unpriv);
	enum fault_status fs;
	bool alignment;

	if (e->flags & ABORT_DEBUG)
		return;
	(void)guest_recorded_fault(&m->g, e->fsr, &alignment);
	l->recorded++;
	l->abort_delivered = true;
	set_context(m, fetch ? CAUSE_PABT : CAUSE_DABT);
	r.recorded_abort = true;
	if (fetch) {
		r.access = ACCESS_FETCH;
		r.user = guest_is_user(&m->g);
		r.unpriv = r.alias = false;
		r.host_mva = r.mva;
	}
	fs = alignment ? engine_align_fault(l, &r) : engine_present(l, &r);
	if (!fs) {
		l->forced++;
		charge(m, EV_FORCED, 1);
		if (m->ops->deprivileged)
			forced_delivery(m, fetch);
		engine_deviate(l, 0, (enum fault_status)(e->fsr & 0xf), r.mva.raw);
	}
	if (l->plan.verify)
		verify_recorded(l, r.mva, r.user, r.access, e->fsr);
}

/* --- exceptions, modes, sensitive instructions ---------------------------------------- */

static void change_mode(struct lane *l, const struct guest_event *e)
{
	struct machine *m = l->m;
	bool was = guest_is_user(&m->g);

	guest_apply(&m->g, e);
	l->from_user = (l->from_user || was) && !guest_is_user(&m->g);
	if (guest_is_user(&m->g))
		monitor_left(l);
	if (m->ops->deprivileged && was != guest_is_user(&m->g) && m->ops->on_mode) {
		m->origin = ORIGIN_HV;
		m->ops->on_mode(m->self, !was);
		lane_sample_memory(l);
	}
}

static const struct { enum cause cause; enum event trap, reflect; } vector_row[8] = {
	[0] = { CAUSE_UND, EV_TRAP_UND, EV_REFLECT_UND },       /* reset: never in a trace */
	[1] = { CAUSE_UND, EV_TRAP_UND, EV_REFLECT_UND },
	[2] = { CAUSE_SVC, EV_TRAP_SVC, EV_REFLECT_SVC },
	[3] = { CAUSE_PABT, EV_TRAP_PABT, EV_REFLECT_PABT },
	[4] = { CAUSE_DABT, EV_TRAP_DABT, EV_REFLECT_PABT },
	[5] = { CAUSE_UND, EV_TRAP_UND, EV_REFLECT_UND },
	[6] = { CAUSE_IRQ, EV_TRAP_IRQ, EV_REFLECT_IRQ },
	[7] = { CAUSE_FIQ, EV_TRAP_FIQ, EV_REFLECT_FIQ },
};

static void exception(struct lane *l, const struct guest_event *e)
{
	struct machine *m = l->m;
	unsigned v = e->n & 7;
	enum origin from;

	set_context(m, vector_row[v].cause);
	from = m->origin;
	if (!m->ops->deprivileged) {
		charge(m, EV_EXC_HW, 1);
	} else if (!l->abort_delivered && m->cfg.cpu != CPU_FREE) {
		engine_hv_enter(m, vector_row[v].trap);
		charge(m, vector_row[v].reflect, 1);
		engine_hv_leave(m, from);
	}
	monitor_left(l);
	l->abort_delivered = false;
	l->entering = true;
	change_mode(l, e);
}

static const enum event sens_event[SENS_CLASSES] = {
	[SENS_MRS] = EV_HCALL_MRS, [SENS_MSR] = EV_HCALL_MSR, [SENS_CPS] = EV_HCALL_MSR,
	[SENS_SRS] = EV_HCALL_SRS, [SENS_RFE] = EV_HCALL_DPSPC, [SENS_LDMER] = EV_HCALL_DPSPC,
	[SENS_DPSPC] = EV_HCALL_DPSPC, [SENS_UREG] = EV_HCALL_UREG, [SENS_SMC] = EV_HCALL_SMC,
	[SENS_WFI] = EV_HCALL_WFI, [SENS_VFPSYS] = EV_HCALL_VFPSYS,
};

static void sensitive(struct lane *l, const struct guest_event *e)
{
	struct machine *m = l->m;
	enum event body = e->n < SENS_CLASSES ? sens_event[e->n] : 0;
	bool entered;

	/* SVC, BKPT and friends trap by themselves (their EXC record); user code runs direct */
	if (!body || guest_is_user(&m->g) || !m->ops->deprivileged || m->cfg.cpu == CPU_FREE)
		return;
	set_context(m, e->n == SENS_WFI ? CAUSE_WAIT : CAUSE_SENS);
	entered = monitor_enter(l, e->n == SENS_VFPSYS ? EV_TRAP_UND : EV_TRAP_SVC, monitor_insn(l));
	charge(m, body, 1);
	monitor_leave(l, entered, ORIGIN_KERNEL, monitor_insn(l), true);
}

static void imported_fetch(struct lane *l, const struct guest_event *e)
{
	struct request r = { .access = ACCESS_FETCH, .user = guest_is_user(&l->m->g), .pc = e->va };

	set_context(l->m, CAUSE_FETCH);
	charge(l->m, EV_REF_FETCH, 1);
	for (uint32_t va = e->va; va - e->va < e->bytes; va = span_end(l->m->fetch_span, va)) {
		r.mva = r.host_mva = gva(va);   /* as of a datum */
		engine_present(l, &r);
	}
	charge(l->m, EV_EXEC, 1);
	l->insns++;
}

/* A datum without an instruction; a stream without any measures time by references. */
static void imported_datum(struct lane *l, const struct guest_event *e)
{
	engine_measure_datum(l);
	engine_data_access(l, e);
	l->insns += l->plan.by_references;
}

/* --- measurement ---------------------------------------------------------------------- */

static void start_measuring(struct lane *l)
{
	l->measuring = true;
	l->start = l->m->ledger;
	l->window_first = l->insns;
	lane_counts(l, &l->start_counts);
	memcpy(l->extra_before, l->extra_class, sizeof(l->extra_before));
	l->slice_at[0] = l->m->cycles;
	lane_start_memory(l);
}

/* First instruction count at which slice i + 1 of the window is complete. */
static uint64_t slice_end(const struct lane *l, unsigned i)
{
	uint64_t window = l->plan.total_insns > l->window_first
		? l->plan.total_insns - l->window_first : 1;

	return l->window_first + (uint64_t)(((cycles128_t)window * (i + 1) + LANE_SLICES - 1) /
					    LANE_SLICES);
}

void engine_book_mix(struct lane *l, const struct mix_sums *sums)
{
	struct machine *m = l->m;
	enum origin origin = m->origin;
	enum cause cause = m->cause;

	m->cause = CAUSE_FETCH;
	for (unsigned user = 0; user < 2; user++) {
		m->origin = user ? ORIGIN_USER : ORIGIN_KERNEL;
		for (unsigned k = 0; k < MIX_EVENTS; k++)
			charge(m, (enum event)(EV_EXEC_BRANCH + k),
			       sums->n[user][k] - l->mix_booked.n[user][k]);
	}
	l->mix_booked = *sums;
	m->origin = origin;
	m->cause = cause;
}

/* Before the record at hand, in a batch of a tracker. */
static void book_mix_so_far(struct lane *l)
{
	struct mix_sums sums;

	if (!l->batch->mix)
		return;
	mix_sums_at(l->batch, (size_t)(l->record - l->batch->first), &sums);
	engine_book_mix(l, &sums);
}

/* At the start of a run: is the warm-up over, is a slice of the window complete? */
void engine_measure(struct lane *l)
{
	if (!l->measuring) {
		if (l->insns < l->plan.warmup_insns)
			return;
		book_mix_so_far(l);
		start_measuring(l);
		l->next_slice = slice_end(l, 0);
	}
	if (l->slice < LANE_SLICES && l->insns >= l->next_slice)
		book_mix_so_far(l);
	while (l->slice < LANE_SLICES && l->insns >= l->next_slice) {
		l->slice_at[++l->slice] = l->m->cycles;
		l->next_slice = l->slice < LANE_SLICES ? slice_end(l, l->slice) : UINT64_MAX;
	}
}

void engine_event(struct lane *l, const struct guest_event *e)
{
	if (e->kind == GEV_ACCESS && l->run_n) {
		engine_data_access(l, e);
		return;
	}
	finish_run(l);
	switch (e->kind) {
	case GEV_RUN:
		engine_measure(l);
		engine_begin_run(l, e);
		break;
	case GEV_ACCESS:
		imported_datum(l, e);
		break;
	case GEV_CP:
		engine_end_copy(l, false);
		engine_cp(l, e);
		break;
	case GEV_ABORT:
		recorded_abort(l, e);
		break;
	case GEV_EXC:
		engine_end_copy(l, true);
		exception(l, e);
		break;
	case GEV_MODE:
		engine_end_copy(l, false);
		set_context(l->m, CAUSE_SENS);
		change_mode(l, e);
		l->entering = true;     /* the hypervisor emulated the return: it knows where to */
		break;
	case GEV_SENS:
		engine_end_copy(l, false);
		sensitive(l, e);
		break;
	case GEV_WAIT:
		set_context(l->m, CAUSE_WAIT);
		charge(l->m, EV_WAIT_WFI, 1);
		monitor_left(l);
		break;
	case GEV_FETCH:
		engine_measure(l);
		imported_fetch(l, e);
		break;
	default:
		guest_apply(&l->m->g, e);
		break;
	}
}

void lane_batch(struct lane *l, const struct event_batch *b)
{
	struct event_cursor at = event_begin(b);
	const struct guest_event *e;

	l->batch = b;
	if (b->mix)
		l->mix_all = b->mix->after;
	if (l->plan.engine == ENGINE_FAST) {
		engine_fast_batch(l, b);
		return;
	}
	for (uint64_t n = b->first; (e = event_next(&at)); n++) {
		l->record = n;
		engine_event(l, e);
	}
}

void lane_close_run(struct lane *l, uint64_t record)
{
	struct trace_rec nothing = { .kind = TRACE_HASH };
	struct hot_rec hot = { .cls = HOT_OTHER };
	struct event_batch b = { &nothing, &hot, NULL, 1, record, NULL };

	lane_batch(l, &b);
	engine_book_mix(l, &l->mix_all);
	l->batch = NULL;
	l->record = record;
}
