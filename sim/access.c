/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One access, natively or under a hypervisor: translated, repaired by the strategy as often as
 * it takes, or faulted; and what a difference from the recorded machine means.
 */
#include <stdlib.h>

#include "models/cache/cache_hot.h"
#include "models/tlb/tlb_hot.h"
#include "sim/engine.h"
#include "sim/lint.h"
#include "sim/stage2.h"

/* --- hypervisor entry and exit -------------------------------------------------------- */

/* The TLB translates the page of the handlers, and hits leave no trace: counts suffice. */
static bool know_hv_page(struct machine *m)
{
	const struct tlb *t = m->tlb;
	const struct tlb_entry *e;

	if (!m->fast || !tlb_is_plain(t) || !cache_is_plain(m->l1i) || !cache_is_plain(m->l1d))
		return false;
	if (m->hv_page.known && m->hv_page.seq == t->seq[m->hv_page.index] &&
	    m->hv_page.generation == t->generation)
		return true;
	e = tlb_peek(t, gva(m->port.window + HV_CODE));
	m->hv_page.known = e != NULL;
	if (!e)
		return false;
	m->hv_page.index = (uint32_t)(e - t->entry);
	m->hv_page.seq = t->seq[m->hv_page.index];
	m->hv_page.generation = t->generation;
	return true;
}

static void count_hits(struct machine *m, struct cache *c, uint32_t n)
{
	m->tally.accesses += n;
	m->tlb->n.lookups += n;
	m->tlb->n.hits += n;
	c->n.reads += n;
	c->n.hits += n;
}

/* n lines from mva on, all in the handlers' page (64 KB: HV_CODE to HV_L2). seen: when they were
 * last found to be all there, in changes of the cache. */
static void touch_lines(struct machine *m, uint32_t mva, uint32_t n, enum access access,
			uint64_t *seen)
{
	struct cache *c = access == ACCESS_FETCH ? m->l1i : m->l1d;
	uint32_t line = access == ACCESS_FETCH ? m->cfg.l1i.line_bytes : m->cfg.l1d.line_bytes;
	uint64_t now = c ? c->n.fills + c->n.invalidated + 1 : 0;
	bool all = true;

	for (uint32_t end = mva + n * line, first = mva; mva != end; first = mva) {
		/* the write buffer is empty behind a trap: no ticks to count */
		if (!m->wb.used && know_hv_page(m)) {
			if (*seen == now)
				mva = end;
			while (mva != end && cache_find_vivt(c, gva(mva)) >= 0)
				mva += line;
			count_hits(m, c, (mva - first) / line);
		}
		if (mva == end)
			break;
		all = false;
		hv_access(m, gva(mva), access);
		mva += line;
	}
	if (all)
		*seen = now;
}

/*
 * Lines a handler touches: the real vector, entry and exit code that all share, and a body of
 * its own for each vector. The stride keeps bodies in different cache sets.
 */
static void footprint(struct machine *m, enum event trap)
{
	enum { SHARED = HV_CODE + 0x20, BODIES = HV_CODE + 0x1000, STRIDE = 0x440 };
	uint32_t body = m->port.window + BODIES + (uint32_t)(trap - EV_TRAP_UND) * STRIDE;
	uint32_t shared = m->cfg.hv_ilines / 2;

	if (m->cfg.hv_memory == HV_FLAT)
		return;
	if (m->cfg.hv_ilines)
		hv_access(m, gva(m->port.vectors), ACCESS_FETCH);
	touch_lines(m, m->port.window + SHARED, shared, ACCESS_FETCH, &m->hv_seen.shared);
	touch_lines(m, body, m->cfg.hv_ilines - shared, ACCESS_FETCH,
		    &m->hv_seen.body[trap - EV_TRAP_UND]);
	touch_lines(m, m->port.window + HV_DATA, m->cfg.hv_dlines, ACCESS_READ, &m->hv_seen.data);
}

void engine_hv_enter(struct machine *m, enum event trap)
{
	m->origin = ORIGIN_HV;
	m->tally.entries++;
	charge(m, trap, 1);
	charge(m, EV_TRAP_DRAIN, wbuf_drain(&m->wb));
	footprint(m, trap);
}

/* `to`: where it returns: the guest, or the hypervisor itself out of a nested abort. */
void engine_hv_leave(struct machine *m, enum origin to)
{
	charge(m, EV_RETURN, 1);
	m->tally.exits++;
	m->origin = to;
}

static void decode_instruction(struct machine *m, uint32_t pc)
{
	charge(m, EV_DECODE, 1);
	if (m->cfg.hv_memory == HV_SIMULATED)
		hv_access_guest(m, gva(pc), ACCESS_READ);
}

/* The status register does not say whether it was a write: the instruction does. */
static void decode_abort(struct machine *m, const struct request *r)
{
	if (r->access != ACCESS_FETCH && !m->cfg.feature[FEATURE_WNR])
		decode_instruction(m, r->pc);
}

/* --- one access ----------------------------------------------------------------------- */

static void traffic(struct machine *m, const struct request *r, const struct translation *t)
{
	switch (r->access) {
	case ACCESS_FETCH: host_fetch(m, r->host_mva, t, TRAFFIC_GUEST); break;
	case ACCESS_READ: host_load(m, r->host_mva, t, TRAFFIC_GUEST); break;
	case ACCESS_WRITE: host_store(m, r->host_mva, t, TRAFFIC_GUEST, r->multi); break;
	}
	if (m->lint)
		lint_access(m, r->host_mva, r->access, t);
}

void engine_deviate(struct lane *l, uint8_t kind, enum fault_status fs, uint32_t va)
{
	if (l->ndeviations == l->deviations_cap) {
		size_t cap = l->deviations_cap ? 2 * l->deviations_cap : 64;
		void *p = realloc(l->deviation, cap * sizeof(*l->deviation));

		if (!p) {
			lane_violation(l, "out of memory for the list of deviations");
			return;
		}
		l->deviation = p;
		l->deviations_cap = cap;
	}
	l->deviation[l->ndeviations++] = (struct deviation){ .record = l->record, .kind = kind,
		.fsr = (uint8_t)fs, .va = va };
}

/* The recorded machine went on: so do we, with the youngest result that lets it. */
static void extra_true(struct lane *l, const struct request *r, enum fault_status fs)
{
	struct machine *m = l->m;
	struct translation t = { .fs = FS_NONE };
	unsigned cls = fs == FS_TRANS_SECTION || fs == FS_TRANS_PAGE ? 0 : 1;

	l->extra_true++;
	l->extra_class[cls][m->origin][m->cause]++;
	charge(m, EV_EXTRA_TRUE, 1);
	engine_deviate(l, 1, fs, r->mva.raw);
	if (!oracle_allowing(&m->g, r->mva, r->user, r->access, &t.w)) {
		lane_violation(l, "access to MVA 0x%08x succeeded in the trace, but no permitted "
			       "translation allows it (status 0x%x)", r->mva.raw, (unsigned)fs);
		return;
	}
	t.pa = map_to_host(m, walk_pa(&t.w, r->mva));
	t.cb = host_cb(m, &t.w);
	traffic(m, r, &t);
	l->store_by_monitor = true;
}

/* What the fault of an access means; fs is what the machine would deliver. */
static enum fault_status faulted(struct lane *l, const struct request *r, enum fault_status fs)
{
	l->injected++;
	if (l->plan.verify)
		verify_injected(l, r->mva, r->user, r->access, fs);
	if (!r->recorded_abort)
		extra_true(l, r, fs);
	return fs;
}

/* The rest of an access that the hardware carries out with the guest's own rights. */
static enum fault_status carried_out(struct lane *l, const struct request *r,
				     const struct translation *t)
{
	struct machine *m = l->m;

	if (t->fs) {
		m->tally.aborts++;
		m->tally.injected++;
		charge(m, EV_NATIVE_FAULT, 1);
		return faulted(l, r, t->fs);
	}
	if (l->plan.verify)
		verify_used(l, r->mva, r->mva, r->user, r->access, t);
	if (!r->recorded_abort)
		traffic(m, r, t);
	return FS_NONE;
}

static enum fault_status present_native(struct lane *l, const struct request *r)
{
	struct translation t;

	host_translate(l->m, r->mva, r->user, r->access, &t);
	return carried_out(l, r, &t);
}

/* An access that the hypervisor performs for the guest: of a device. The syndrome tells single loads and stores
 * (DDI 0406C B3.13.6); the others are decoded. */
static void emulate_device(struct lane *l, const struct request *r, const struct stage2_fault *f)
{
	struct machine *m = l->m;

	m->tally.emulated++;
	charge(m, f->emulate, 1);
	if (r->multi)
		charge(m, EV_DECODE, 1);
	if (r->recorded_abort)
		return;
	if (l->plan.verify && !oracle_permits(&m->g, r->mva, r->user, 1u << r->access, f->ipa, -1))
		lane_violation(l, "emulated access to MVA 0x%08x is not permitted", r->mva.raw);
	charge(m, EV_HV_READ_UNC, 1);
}

/* As natively, but that stage 2 may have no word yet, for a table of the guest's or for what it accesses. */
static enum fault_status present_nested(struct lane *l, const struct request *r)
{
	struct machine *m = l->m;
	enum origin from = m->origin;
	struct stage2_fault f;
	struct translation t;

	for (unsigned tries = 0;; tries++) {
		enum abort_verdict v;

		if (tries == m->monitor.retries) {
			lane_violation(l, "access to MVA 0x%08x does not complete: livelock",
				       r->mva.raw);
			return FS_NONE;
		}
		host_translate(m, r->mva, r->user, r->access, &t);
		if (!t.stage2)
			return carried_out(l, r, &t);
		f = m->s2->fault;
		stage2_enter(m);
		v = m->ops->on_stage2(m->self, &f);
		m->tally.aborts++;
		if (v == VERDICT_INJECT)
			break;
		if (v == VERDICT_EMULATE)
			emulate_device(l, r, &f);
		else
			m->tally.retried++;
		stage2_leave(m, from);
		if (v == VERDICT_EMULATE)
			return FS_NONE;
		lane_sample_memory(l);
	}
	m->tally.injected++;
	charge(m, EV_TRUE_FAULT, 1);
	stage2_leave(m, from);
	return faulted(l, r, f.level == 1 ? FS_WALK_EXT_L1 : FS_WALK_EXT_L2);
}

/* The monitor cleans the line of a store that it performed. */
static void publish(struct machine *m, gva_t mva, uint32_t pa)
{
	bool dirty;

	if (m->cfg.feature[FEATURE_COHERENT])
		return;
	dirty = m->cfg.hv_memory == HV_FLAT || (!hv_hides(m, mva) && host_publish(m, mva, hpa(pa)));
	charge(m, dirty ? EV_CLEAN_DIRTY : EV_CLEAN_CLEAN, 1);
}

static void emulate(struct lane *l, const struct request *r, const struct abort_info *a)
{
	struct machine *m = l->m;
	uint32_t pa = map_to_host(m, walk_pa(&a->w, r->mva)), before;

	m->tally.emulated++;
	charge(m, a->emulate, 1);
	if (r->recorded_abort)
		return;
	if (l->plan.verify && !oracle_permits(&m->g, r->mva, r->user, 1u << r->access,
					      walk_pa(&a->w, r->mva), -1))
		lane_violation(l, "emulated access to MVA 0x%08x is not permitted", r->mva.raw);
	l->store_by_monitor = true;
	l->store_by_strategy = a->own_store;
	if (a->own_store)
		return;
	before = m->lint ? lint_before_store(m, pa) : 0;
	if (m->cfg.hv_memory == HV_SIMULATED)
		hv_access_guest(m, a->emulate == EV_VECTORS_EMUL
				? vectors_alias_of(&m->g, r->mva) : r->mva, r->access);
	if (m->lint && r->access == ACCESS_WRITE)
		lint_after_store(m, pa, before);
	if (a->publish)
		publish(m, r->mva, pa);
}

/* SCTLR.A of the host is set, so it aborts; what the guest's tables allow is done for it, aligned and rotated. */
static enum fault_status rotate(struct lane *l, const struct request *r)
{
	struct machine *m = l->m;
	enum origin from = m->origin;
	struct abort_info a = { .emulate = EV_UNALIGNED };
	enum fault_status fs;
	bool entered;

	m->tally.aborts++;
	entered = monitor_enter(l, EV_TRAP_DABT, monitor_insn(l));
	decode_instruction(m, r->pc);
	m->port.walk_guest(m, r->mva, &a.w);
	fs = a.w.fs ? (enum fault_status)a.w.fs
		    : guest_check(&m->g, &a.w, r->mva, r->user, r->access);
	if (fs) {
		m->tally.injected++;
		charge(m, EV_TRUE_FAULT, 1);
	} else {
		emulate(l, r, &a);
	}
	monitor_leave(l, entered, from, monitor_insn(l), !fs);
	return fs ? faulted(l, r, fs) : FS_NONE;
}

enum fault_status engine_present_shadow(struct lane *l, const struct request *r)
{
	struct machine *m = l->m;
	uint64_t insn = r->access == ACCESS_FETCH ? l->insns : monitor_insn(l);
	enum origin from = m->origin;
	enum abort_verdict verdict;
	struct translation t;
	bool entered;

	for (unsigned tries = 0;; tries++) {
		struct abort_info a = { .mva = r->mva, .access = r->access, .user = r->user,
					.alias = r->alias };

		if (tries == m->monitor.retries) {
			lane_violation(l, "access to MVA 0x%08x does not complete: livelock",
				       r->mva.raw);
			return FS_NONE;
		}
		host_translate(m, r->host_mva, true, r->access, &t);
		if (!t.fs)
			break;
		m->tally.aborts++;
		entered = monitor_enter(l, r->access == ACCESS_FETCH ? EV_TRAP_PABT : EV_TRAP_DABT, insn);
		decode_abort(m, r);
		verdict = m->ops->on_abort(m->self, &a);
		if (l->plan.verify)
			verify_window(l);
		switch (verdict) {
		case VERDICT_RETRY:
			m->tally.retried++;
			monitor_leave(l, entered, from, insn, false);
			lane_sample_memory(l);
			continue;
		case VERDICT_EMULATE:
			if (r->access != ACCESS_FETCH && m->cfg.feature[FEATURE_WNR])
				decode_instruction(m, r->pc);   /* only now: what to perform */
			emulate(l, r, &a);
			monitor_leave(l, entered, from, insn, true);
			lane_sample_memory(l);
			return FS_NONE;
		case VERDICT_INJECT:
			m->tally.injected++;
			charge(m, EV_TRUE_FAULT, 1);
			monitor_leave(l, entered, from, insn, false);
			lane_sample_memory(l);
			return faulted(l, r, a.fs);
		}
	}
	if (l->plan.verify)
		verify_used(l, r->mva, r->host_mva, r->user, r->access, &t);
	if (l->plan.verify && m->words && r->access == ACCESS_READ)
		verify_loaded(l, r->mva, t.pa);
	if (m->lint)
		lint_used(l, r->mva, r->host_mva, r->user, r->access, &t);
	l->store_pa = t.pa;
	if (!r->recorded_abort)
		traffic(m, r, &t);
	return FS_NONE;
}

enum fault_status engine_present(struct lane *l, const struct request *r)
{
	struct machine *m = l->m;

	if (m->s2)
		return present_nested(l, r);
	if (!m->ops->deprivileged)
		return present_native(l, r);
	l->store_by_monitor = l->store_by_strategy = false;
	if (r->rotated)
		return rotate(l, r);
	return r->unpriv ? engine_present_unpriv(l, r) : engine_present_shadow(l, r);
}

enum fault_status engine_align_fault(struct lane *l, const struct request *r)
{
	struct machine *m = l->m;
	bool entered;

	m->tally.aborts++;
	m->tally.injected++;
	l->injected++;
	if (!m->ops->deprivileged) {
		charge(m, EV_NATIVE_FAULT, 1);
		return FS_ALIGN;
	}
	entered = monitor_enter(l, EV_TRAP_DABT, monitor_insn(l));
	decode_abort(m, r);
	charge(m, EV_TRUE_FAULT, 1);
	monitor_leave(l, entered, guest_is_user(&m->g) ? ORIGIN_USER : ORIGIN_KERNEL, monitor_insn(l), false);
	return FS_ALIGN;
}
