/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One machine: a host core (TLB, caches, write buffer, walker), machine memory, the guest's
 * replica, a strategy, and the ledger. Owns all its models; two machines share nothing.
 */
#ifndef SHADEWALK_SIM_MACHINE_H
#define SHADEWALK_SIM_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/cache/outer.h"
#include "models/cost/ledger.h"
#include "models/cpu/cpu.h"
#include "models/guest/guest.h"
#include "models/mem/mem.h"
#include "models/tlb/tlb.h"
#include "models/tlb/utlb.h"
#include "models/tlb/walk_cache.h"
#include "strategies/strategy.h"

/* Counters kept where things happen, apart from the ledger: conservation compares the two. */
struct tallies {
	uint64_t entries, exits;                /* of the hypervisor */
	uint64_t coalesced;                     /* traps that were no entries */
	uint64_t aborts, retried, injected, emulated, redirected; /* MMU aborts and their ends */
	uint64_t walks, walk_refs;
	uint64_t lock_walks;                    /* of them: translate and lock */
	uint64_t accesses, mmu_off;             /* translated; with the MMU off */
	uint64_t l2_served;                     /* reads that L2 answered */
	uint64_t walk_stale_l1, walk_stale_l2;  /* walk reads past newer data: levels.c */
	uint64_t cache_lock_writes;             /* cache lockdown by the guest */
	uint64_t cache_lock_ignored;            /* of these, without effect on this host */
	uint64_t tlb_lock_ops;                  /* c10: registers written, operations */
};

struct machine {
	struct host_config cfg;
	struct mmu_arch arch;                   /* the host's, as configured */
	bool legacy;                            /* mmu_is_legacy(&arch) */
	bool more_than_cb;                      /* host_memory() has more to ask than C and B */
	struct cost_set costs;
	struct guest g;
	uint32_t ram_base;
	uint64_t ram_bytes;                     /* guest memory, one range */
	uint32_t *map_block, *map_origin;       /* map=fragmented: where each block lies; inverse */

	/* host registers */
	uint32_t ttbr, dacr, sctlr;
	uint32_t ttbr1, ttbcr;                  /* from ARMv6 on */
	uint8_t asid;                           /* 0 on a host without */
	uint32_t tlb_lock;                      /* c10,c0,0 of kind part: P [0], victim [28:26] */
	enum cp_core cp, guest_cp;              /* whose coprocessor maps */
	bool v6_core;                           /* of the host: ARMv6 or later, or made into one for the guest */
	bool rotates;                           /* the monitor rotates unaligned loads, as the core does not */
	const struct cpu_row *guest_row;        /* of the guest's core; NULL: it has none */

	struct tlb *tlb;                        /* main TLB; of data only beside another itlb */
	struct tlb *itlb;                       /* of fetches: the same, unless split (host_tlb.h) */
	struct host_ops *ops_of_host;           /* host_ops.h */
	struct utlb *utlb;                      /* before it, of fetches and of data; or NULL */
	struct walk_cache walk_cache;           /* absent: no entries */
	struct stage2 *s2;                      /* stage2.h; NULL: one stage */
	uint8_t vmid;                           /* of the TLB's context: stage2.h; 0 with one stage */
	bool utlb_keeps;                        /* see struct cpu_row */
	struct cache *l1i, *l1d, *minid;        /* NULL: absent */
	struct outer outer;                     /* L2, and what is behind it */
	/* Neither L2 nor a walker that sees L1, as on all cores up to ARM11: whether a walk reads past newer
	 * data is a matter for a lint then, and asking would cost 5 % of a replay. */
	bool plain_walks;
	/* What an access does not cross in one lookup: a line, or the smallest page, in bytes. */
	uint32_t fetch_span, data_span;
	bool l2_in_core;                        /* maintenance by address reaches it */
	uint8_t locks_as_guest;                 /* SIDE_*: caches that lock lines as the guest's core */
	bool dropped_data;                      /* vivt=drop: the last operation on a cache was dropped */
	struct wbuf wb;
	struct mem *hv;                         /* the hypervisor's area */
	struct mem *words;                      /* words.c; NULL: memory holds what the guest wrote */

	const struct strategy_ops *ops;
	void *self, *params;
	const char *tag;                        /* legality.h */
	struct monitor_kind monitor;
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
	struct { gva_t mva; uint32_t pa; } table_line[64];      /* the same of guest tables */
	unsigned ntable_lines;

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

/* Something runs below the guest: it has no machine for itself. */
static inline bool has_hypervisor(const struct machine *m)
{
	return m->ops->deprivileged || m->ops->two_stage;
}
/* Bytes from HV_HPA on that are no guest's. */
static inline uint32_t hv_bytes(const struct machine *m)
{
	return m->ops->two_stage ? S2_HPA - HV_HPA + S2_BYTES : SECTION_BYTES;
}

static inline void charge(struct machine *m, enum event e, uint64_t n)
{
	m->ledger.n[e][m->origin][m->cause] += n;
	m->cycles += (cycles128_t)m->unit[e] * n;
}

/* --- host side -------------------------------------------------------------------------- */

/* How caches and write buffer take a leaf: C << 1 | B as on ARM9, and what it asks for besides. */
enum {
	LEAF_CB = 3, LEAF_C = 2, LEAF_B = 1,
	LEAF_WA = 4,                            /* a write that misses allocates */
	LEAF_MINI = 8,                          /* its lines live in the mini data cache */
	LEAF_ALONE = 16,                        /* stores share no entry of a buffer that merges any */
	LEAF_OUTER = 32,                        /* times enum mem_cache: for L2, if there is one */
	LEAF_OUTER_ANY = 3 * LEAF_OUTER,
};
/* cb: LEAF_*; of w.levels 0 it means nothing. */
struct translation {
	struct walk w;
	uint32_t pa;
	enum fault_status fs;
	uint8_t cb;
	bool outlived;                  /* of the TLB entry: no guest's invalidate covers it */
	bool stage2;                    /* two stages: the second has no word; nothing else is set */
};

/* LEAF_* of a leaf (traffic.c). */
unsigned host_memory(const struct machine *m, const struct pt_desc *leaf);
static inline uint8_t host_cb(const struct machine *m, const struct walk *w)
{
	return m->more_than_cb ? (uint8_t)host_memory(m, &w->leaf) : w->leaf.cb;
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

/* The walk of the host's registers over its tables, by a reader of words. */
void host_walk_tables(const struct machine *m, gva_t mva, walk_read_fn read, void *ctx, struct walk *w);
/* Of words that say more than the host has: fills unfit. */
void host_check_fine(struct machine *m, gva_t mva, const struct walk *w);
/* A walk of the hardware, booked. */
void host_hardware_walk(struct machine *m, gva_t mva, struct walk *w);
/* TLB, walk on a miss, then check with the host's DACR. user: hardware USR mode. */
void host_translate(struct machine *m, gva_t mva, bool user, enum access access,
		    struct translation *t);
/* The translation of mva now, by TLB tlb or the tables, whatever it allows; booked nowhere. False:
 * there is none. */
bool host_where(struct machine *m, const struct tlb *tlb, gva_t mva, struct translation *t);
/* What the host's tables say of mva, whatever a TLB holds. Books nothing. */
void host_walk_quietly(struct machine *m, gva_t mva, struct walk *w);
/* Caches and write buffer behind a translation, booked with the given set of events. */
enum traffic { TRAFFIC_GUEST, TRAFFIC_HV };
static inline enum traffic host_traffic(const struct machine *m)
{
	return m->origin == ORIGIN_HV ? TRAFFIC_HV : TRAFFIC_GUEST;
}
void host_fetch(struct machine *m, gva_t mva, const struct translation *t, enum traffic k);
void host_load(struct machine *m, gva_t mva, const struct translation *t, enum traffic k);
/* multi: a word of a block transfer. */
void host_store(struct machine *m, gva_t mva, const struct translation *t, enum traffic k,
		bool multi);

/*
 * levels.c: L2 behind all that, where there is one. Each books what L2 itself had to write back.
 */
/* A read of L1 that missed, of a leaf: did L2 have it? */
bool host_from_l2(struct machine *m, uint32_t pa, unsigned leaf, enum traffic k);
/* A store that L1 did not keep. */
void host_to_l2(struct machine *m, uint32_t pa, unsigned leaf, enum traffic k);
/* Dirty halves of an L1 line, evicted or cleaned; true: L2 took them. */
bool host_line_to_l2(struct machine *m, hpa_t pa, uint32_t line_bytes, unsigned dirty,
		     enum traffic k);
/* Whether bytes from va on are in more than one span, and where va's ends. */
static inline bool spans(uint32_t span, uint32_t va, uint32_t bytes)
{
	return (va & (span - 1)) + bytes > span;
}
static inline uint32_t span_end(uint32_t span, uint32_t va)
{
	return (va | (span - 1)) + 1;
}

/* Where walks of mva find descriptors, by the core and the guest's TTBR. */
enum walk_sees host_walk_sees(const struct machine *m, gva_t mva);
/* A descriptor read by the walker: the level that answers. */
enum cache_level host_walk_read(struct machine *m, enum walk_sees sees, hpa_t pa);

/* A line of the hypervisor's tables, made visible to the walker; true: it was dirty (maintain.c). */
bool host_publish(struct machine *m, gva_t mva, hpa_t pa);

/* Guest's or hypervisor's own cache maintenance; books MAINT_* (maintain.c). */
void host_cache_op(struct machine *m, const struct cp_canon *c, uint32_t operand,
		   bool keep_dirty);
/* The whole of the data caches; returns how many dirty lines were cleaned, booked. */
uint32_t host_sweep_data(struct machine *m, bool clean, bool inval);
/* One line of L1; returns its dirty halves that were cleaned or dropped. */
unsigned host_line_op(struct machine *m, struct cache *c, unsigned set, unsigned way, bool clean,
		      bool inval);
/* Where the line of an operand lies in the cache of that shape. False: nowhere. */
bool host_operand_pa(struct machine *m, const struct cache_geom *g, gva_t mva, hpa_t *pa);
/* Until clean. */
void host_test_clean(struct machine *m, bool inval);
/* Lines that a test-and-clean loop will find: of both data caches. */
uint32_t host_dirty_lines(const struct machine *m);

/* lockdown.c: what the guest's core locks, and what it had locked before record 0. */
void host_lock_begin(struct machine *m, const struct trace_header *h);
/* A coprocessor access that locks cache lines is counted, and whether it will have an effect. */
void host_lock_count(struct machine *m, const struct guest_event *e);
/* The register or operation c of the host, natively; no effect where host_lock_count() says so. */
void host_lock_lines(struct machine *m, const struct cp_canon *c, uint32_t operand);
void host_prefetch_line(struct machine *m, gva_t mva);          /* into I */

/* A load or store by the hypervisor at its own or the guest's address, privileged. */
void hv_access(struct machine *m, gva_t mva, enum access access);
/* The same of the guest's memory, at the guest's address. */
void hv_access_guest(struct machine *m, gva_t mva, enum access access);
bool hv_hides(const struct machine *m, gva_t mva);      /* the hypervisor has its own memory there */

/* map.c: machine address of guest physical memory (RAM moved by the map, devices in place). */
uint32_t map_to_host(const struct machine *m, uint32_t gpa);
/* Its inverse; what no guest memory lies at is a device's address. */
uint32_t map_to_guest(const struct machine *m, uint32_t pa);
/* Machine address of 2^size_log2 bytes at gpa (aligned to that); false: they are not contiguous and
 * aligned in the machine, or not the guest's. */
bool map_range(const struct machine *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa);
/* The same for a block of stage 2: with nothing moved it may be memory in part. */
bool map_stage2(const struct machine *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa);
/* Builds the map of the configuration and refuses what collides. */
enum err map_create(struct machine *m, const struct trace_header *h, struct diag *d)
	__attribute__((warn_unused_result));
void map_destroy(struct machine *m);

/* The port of the machine's strategy. */
void port_init(struct machine *m);

/*
 * words.c: tables of the guest that its monitor rewrote where they lie. Words by machine address, of whole
 * frames, from the monitor's first store to one on; in every other frame memory holds the guest's words.
 */
/* A word as the walker finds it; false: the frame is not known. */
bool words_read(const struct machine *m, uint32_t pa, uint32_t *word);
/* A store to the guest's own word at gpa. */
void words_store(struct machine *m, uint32_t gpa, uint32_t word);
/* The functions of the port, and their part of its shadow_sync; true: there was something to do. */
void words_port(struct strategy_port *p);
bool words_sync(struct machine *m);

#endif
