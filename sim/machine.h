/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One machine: a host core (TLB, caches, write buffer, walker), machine memory, the guest's
 * replica, a strategy, and the ledger. Owns all its models; two machines share nothing.
 */
#ifndef SHADEWALK_SIM_MACHINE_H
#define SHADEWALK_SIM_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/cache/cache.h"
#include "models/cost/ledger.h"
#include "models/cpu/cpu.h"
#include "models/guest/guest.h"
#include "models/mem/mem.h"
#include "models/tlb/tlb.h"
#include "strategies/strategy.h"

/* Counters kept where things happen, apart from the ledger: conservation compares the two. */
struct tallies {
	uint64_t entries, exits;                /* of the hypervisor */
	uint64_t aborts, retried, injected, emulated, redirected; /* MMU aborts and their ends */
	uint64_t walks, walk_refs;
	uint64_t accesses, mmu_off;             /* translated; with the MMU off */
	uint64_t cache_lock_writes;             /* c9 lockdown: counted, not modelled */
};

struct machine {
	struct host_config cfg;
	struct mmu_arch arch;                   /* the host's, as configured */
	bool legacy;                            /* mmu_is_legacy(&arch) */
	bool v6_memory;                         /* leaves may have memory types of ARMv6 */
	struct cost_set costs;
	struct guest g;
	uint32_t ram_base;
	uint64_t ram_bytes;                     /* guest memory, one range */

	/* host registers */
	uint32_t ttbr, dacr, sctlr;
	uint32_t ttbr1, ttbcr;                  /* from ARMv6 on */
	uint8_t asid;                           /* 0 on a host without */
	uint32_t tlb_lock;                      /* c10,c0,0: P [0], victim [28:26] */
	struct walk locked[8];                  /* what went into the lockdown part */
	uint32_t locked_mva[8];
	struct tlb_tag locked_tag[8];

	struct tlb *tlb;
	struct cache *l1i, *l1d;
	struct wbuf wb;
	struct mem *hv;                         /* the hypervisor's area */

	const struct strategy_ops *ops;
	void *self, *params;
	struct strategy_port port;

	/* booking context */
	enum origin origin;
	enum cause cause;
	struct ledger ledger;
	uint64_t unit[EVENTS];                  /* nominal milli-cycles */
	cycles128_t cycles;                     /* added event by event: must equal the ledger */
	struct tallies tally;
	/* Not empty: the guest uses what this host has not; no figure of it means anything. */
	struct diag unfit;

	uint32_t pending[64];                   /* descriptor lines stored, not yet cleaned */
	unsigned npending;

	struct lint *lint;                      /* lint.h; NULL without --lint */

	/* engine fast: TLB entry of the page with the handlers' code and data, see footprint() */
	bool fast;
	struct { uint32_t index, seq; uint64_t generation; bool known; } hv_page;
	struct { uint64_t shared, data, body[EV_TRAP_FIQ - EV_TRAP_UND + 1]; } hv_seen;
};

enum err machine_create(struct machine **out, const struct cpu_row *row,
			const struct host_config *cfg, const struct cost_set *costs,
			const struct strategy_ops *ops, void *params /* taken over */,
			const struct trace_header *h, struct diag *d)
	__attribute__((warn_unused_result));
void machine_destroy(struct machine *m);

static inline void charge(struct machine *m, enum event e, uint64_t n)
{
	m->ledger.n[e][m->origin][m->cause] += n;
	m->cycles += (cycles128_t)m->unit[e] * n;
}

/* --- host side -------------------------------------------------------------------------- */

/* cb: C << 1 | B as caches and write buffer take the leaf; of w.levels 0 it means nothing. */
struct translation { struct walk w; uint32_t pa; enum fault_status fs; uint8_t cb; };

/* C << 1 | B of ARM9 that stands for a leaf's memory type (host.c). */
unsigned host_memory(const struct machine *m, const struct pt_desc *leaf);
static inline uint8_t host_cb(const struct machine *m, const struct walk *w)
{
	return m->v6_memory ? (uint8_t)host_memory(m, &w->leaf) : w->leaf.cb;
}
/* Status of an access under walk w of the host's own tables, now. */
static inline enum fault_status host_check(const struct machine *m, const struct walk *w, gva_t mva,
					   bool user, enum access access)
{
	return m->legacy ? walk_check(w, mva, m->dacr, m->sctlr, user, access)
			 : mmu_check(&m->arch, w, mva, m->dacr, m->sctlr, user, access);
}
/* Natively: does the host have what the guest's registers ask for? Fills unfit. */
void machine_check_fit(struct machine *m);

/* TLB, walk on a miss, then check with the host's DACR. user: hardware USR mode. */
void host_translate(struct machine *m, gva_t mva, bool user, enum access access,
		    struct translation *t);
/* The translation is one a native guest locked into the TLB: it outlives invalidates. */
bool host_is_locked(const struct machine *m, const struct translation *t);
/* Caches and write buffer behind a translation, booked with the given set of events. */
enum traffic { TRAFFIC_GUEST, TRAFFIC_HV };
void host_fetch(struct machine *m, gva_t mva, const struct translation *t, enum traffic k);
void host_load(struct machine *m, gva_t mva, const struct translation *t, enum traffic k);
/* multi: a word of a block transfer. */
void host_store(struct machine *m, gva_t mva, const struct translation *t, enum traffic k,
		bool multi);

/* Guest's or hypervisor's own cache maintenance; books MAINT_*. */
void host_cache_op(struct machine *m, const struct cp_canon *c, uint32_t operand,
		   bool keep_dirty);
/* Until clean; returns the number of test-and-clean instructions it takes. */
unsigned host_test_clean(struct machine *m, bool inval);

/* A load or store by the hypervisor at its own or the guest's address, privileged. */
void hv_access(struct machine *m, gva_t mva, enum access access);

/* Machine address of guest physical memory (RAM moved by the map, devices in place). */
uint32_t map_to_host(const struct machine *m, uint32_t gpa);
bool map_range(const struct machine *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa);

/* The port of the machine's strategy. */
void port_init(struct machine *m);

#endif
