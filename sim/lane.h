/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lane: one machine driven by guest events, with what is measured of it. Engine `ref`, the
 * definition: every access is looked up, walked and booked the obvious way.
 */
#ifndef SHADEWALK_SIM_LANE_H
#define SHADEWALK_SIM_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/guest/insn_mix.h"
#include "results/results.h"
#include "sim/fast.h"
#include "sim/machine.h"
#include "sim/stage2.h"

enum { LANE_SLICES = 16, LANE_MEMORY_PARTS = 16, LANE_MEMORY_ROWS = LANE_MEMORY_PARTS + 1 };

struct lane_memory { const char *what; uint64_t now, peak; cycles128_t byte_insns; };

/* Counters of the structures at one moment, so that a window is end minus start. */
struct structure_counts {
	struct tlb_counts tlb, itlb;            /* the same of a unified TLB */
	struct utlb_counts utlb[2];             /* of fetches, of data */
	struct cache_counts l1i, l1d, minid, l2;
	struct wbuf wb;
	uint64_t stale_l1, stale_l2;            /* walk reads past newer data */
	uint64_t walks, walk_refs;
	struct walk2d_counts two_stage;
};

/* X(id, name) */
#define ENGINE_LIST(X) X(REF, "ref") X(FAST, "fast")
enum engine {
#define X(id, name) ENGINE_##id,
	ENGINE_LIST(X)
#undef X
	ENGINES
};
extern const char *const engine_name[ENGINES];

struct lane_plan {
	bool verify;
	bool lint;                              /* engine ref only */
	unsigned lint_max;                      /* occurrences of each finding that are kept */
	enum engine engine;
	uint64_t warmup_insns, total_insns;     /* of the trace */
	bool by_references;                     /* it has no instructions: these two, and lane.insns,
						 * count references instead */
};

struct verify_slot { uint64_t key, generation; };
enum { CHECKED_SLOTS = 4096 };

struct lane {
	struct machine *m;
	struct lane_plan plan;

	/* the open run */
	uint32_t run_va, run_bytes;
	unsigned run_n, run_next, run_flags;    /* next instruction to fetch */
	bool run_alias;                         /* executes in the copy of the vectors page */
	bool entering;                          /* an exception was delivered just now */
	bool store_by_monitor;                  /* the access at hand was performed by the monitor */
	bool store_by_strategy;                 /* of these: not yet, its strategy will */
	uint32_t store_pa;                      /* or by the hardware, here */
	struct { bool open; uint32_t dacr; uint64_t last; } copy;       /* unpriv.c */
	bool from_user;                         /* the kernel was entered from user mode, and did not read SCTLR yet */
	bool abort_delivered;                   /* its ABORT record paid for the trap already */
	uint64_t record, insns;

	/* coalesce.c: the monitor may have stayed behind the trap of instruction insn; next is the first that
	 * it interpreted */
	struct { bool open; uint64_t insn, next; } stay;

	/* what instructions cost beyond a cycle: the batch at hand, what is booked, all there is */
	const struct event_batch *batch;
	struct mix_sums mix_booked, mix_all;

	/* measurement */
	bool measuring;
	struct ledger start;
	struct structure_counts start_counts;
	uint64_t window_first;
	cycles128_t slice_at[LANE_SLICES + 1];
	unsigned slice;
	uint64_t next_slice;                    /* instructions at which engine_measure() acts */
	struct lane_memory memory[LANE_MEMORY_ROWS];    /* the parts, then their total */
	unsigned nmemory;
	uint64_t memory_at;                     /* instructions at the last sample */

	uint64_t recorded, injected, forced, extra_true;
	struct deviation *deviation;
	size_t ndeviations, deviations_cap;
	/* EXTRA_TRUE by class (translation, other), whole trace and before the window */
	uint64_t extra_class[2][ORIGINS][CAUSES], extra_before[2][ORIGINS][CAUSES];

	struct verify_slot *checked;            /* what --verify has seen to be right */
	struct fast fast;
	uint64_t violations;
	struct diag first_violation;
};

enum err lane_create(struct lane **out, struct machine *m /* taken over */,
		     const struct lane_plan *plan, struct diag *d)
	__attribute__((warn_unused_result));
void lane_destroy(struct lane *l);
void lane_batch(struct lane *l, const struct event_batch *b);
/* Fetches what is left of the open run; record: the number to book it under. */
void lane_close_run(struct lane *l, uint64_t record);
/* End of trace: closes the run, prices extra faults with the handlers' mean spans (guest
 * instructions, by class), audits the strategy, checks conservation. ERR_CHECK on a violation
 * of conservation; violations of the oracle are in l->violations. */
enum err lane_finish(struct lane *l, const uint64_t handler_insns[2], struct diag *d)
	__attribute__((warn_unused_result));

/* verify.c */
void lane_violation(struct lane *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The translation the host used for a guest access: is it a member of P, with no more rights? */
void verify_used(struct lane *l, gva_t guest_mva, gva_t host_mva, bool user, enum access access,
		 const struct translation *t);
/* The guest loaded from pa: what it wrote there, or what its strategy may show it instead? */
/* The hypervisor still finds its own code, data and vectors, and the guest none of them. */
void verify_window(struct lane *l);
void verify_loaded(struct lane *l, gva_t mva, uint32_t pa);
void verify_injected(struct lane *l, gva_t mva, bool user, enum access access,
		     enum fault_status fs);
void verify_recorded(struct lane *l, gva_t mva, bool user, enum access access, uint32_t fsr);

/* The same as a finding of --lint: I12. */
void lint_used(struct lane *l, gva_t guest_mva, gva_t host_mva, bool user, enum access access,
	       const struct translation *t);

/* conserve.c */
enum err lane_conserve(const struct lane *l, struct diag *d) __attribute__((warn_unused_result));
void lane_counts(const struct lane *l, struct structure_counts *c);

#endif
