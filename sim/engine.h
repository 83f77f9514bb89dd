/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the reference engine share. */
#ifndef SHADEWALK_SIM_ENGINE_H
#define SHADEWALK_SIM_ENGINE_H

#include "sim/lane.h"

/* One access as presented to the host. */
struct request {
	gva_t mva, host_mva;            /* the guest's address; where the hardware looks */
	enum access access;
	bool user, unpriv, alias, multi;
	bool rotated;                   /* not aligned, and the host does not do as the guest's core did */
	bool recorded_abort;
	uint32_t pc;                    /* MVA of the instruction */
};

static inline void set_context(struct machine *m, enum cause cause)
{
	m->origin = guest_is_user(&m->g) ? ORIGIN_USER : ORIGIN_KERNEL;
	m->cause = cause;
}

/* access.c: presents an access; 0, or the fault that was delivered. */
enum fault_status engine_present(struct lane *l, const struct request *r);
enum fault_status engine_present_shadow(struct lane *l, const struct request *r);
/* unpriv.c: an LDRT or STRT of the guest's kernel; what the kernel does next, if it ends a copy (exception: the
 * monitor is entered anyway). */
enum fault_status engine_present_unpriv(struct lane *l, const struct request *r);
void engine_end_copy(struct lane *l, bool exception);
/* An alignment fault: found before translation. */
enum fault_status engine_align_fault(struct lane *l, const struct request *r);
void engine_hv_enter(struct machine *m, enum event trap);
void engine_hv_leave(struct machine *m, enum origin to);
/*
 * coalesce.c: a trap of guest instruction insn, counted in those that retire. Entered, or (false) met by the
 * monitor, which stayed; leave with what enter said. done: the instruction was carried out.
 */
bool monitor_enter(struct lane *l, enum event trap, uint64_t insn);
void monitor_leave(struct lane *l, bool entered, enum origin to, uint64_t insn, bool done);
/* The instruction fetched last. */
uint64_t monitor_insn(const struct lane *l);
/* An exception, user mode, a wait: the monitor did not stay. */
static inline void monitor_left(struct lane *l)
{
	l->stay.open = false;
}
/* Puts a deviation from the recorded machine on the list: kind 0 FORCED, 1 EXTRA_TRUE. */
void engine_deviate(struct lane *l, uint8_t kind, enum fault_status fs, uint32_t va);
/* memory.c: behind each call of a strategy that may change its structures. */
void lane_sample_memory(struct lane *l);
/* Measurement starts here. */
void lane_start_memory(struct lane *l);

/* engine_ref.c: one event, one instruction, one datum, the obvious way. */
void engine_event(struct lane *l, const struct guest_event *e);
void engine_fetch_next(struct lane *l);
void engine_data_access(struct lane *l, const struct guest_event *e);
void engine_begin_run(struct lane *l, const struct guest_event *e);
void engine_measure(struct lane *l);
/* The same at a datum without one: time may go by references; and without a warm-up it is part of the
 * window even before the first instruction. */
static inline void engine_measure_datum(struct lane *l)
{
	if (l->plan.by_references || (!l->measuring && !l->plan.warmup_insns))
		engine_measure(l);
}
/* Brings the classes of instructions in the ledger up to these sums. */
void engine_book_mix(struct lane *l, const struct mix_sums *sums);

/* VA of instruction i of the open run. */
uint32_t engine_insn_va(const struct lane *l, unsigned i);

/* engine_fast.c: a batch, and what engine_plain.c shares. */
/* A lane with structures that it does not know exactly runs by the definition. */
bool engine_fast_knows(const struct machine *m);
void engine_fast_batch(struct lane *l, const struct event_batch *b);
void fast_begin_run(struct lane *l, const struct trace_rec *r);
void fast_fetch_to(struct lane *l, unsigned end);       /* instruction by instruction, or by line */
/* A strategy may have to hear of this store: the reference engine decides. */
static inline bool fast_is_told(const struct machine *m, const struct guest_event *valued)
{
	return valued && m->ops->on_pt_write;
}
/* A datum's translation with the right it needs, or NULL: ask the reference engine. */
const struct xlat *fast_data_xlat(struct lane *l, const struct trace_rec *r, gva_t mva);
/* Caches and write buffer of a datum that hit the TLB. */
void fast_memory(struct machine *m, const struct trace_rec *r, gva_t mva, const struct xlat *x);

/* engine_plain.c */
void engine_plain_batch(struct lane *l, const struct event_batch *b);

/* engine_cp.c: a coprocessor access. */
void engine_cp(struct lane *l, const struct guest_event *e);

#endif
