/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host cores as rows, and the structural parameters of a run under their public names (the same
 * in --set, the database and figures). Nothing here has behaviour. A structural parameter may
 * change what happens; a cost never does, and is set as cost.NAME.
 */
#ifndef SHADEWALK_MODELS_CPU_CPU_H
#define SHADEWALK_MODELS_CPU_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/confidence.h"
#include "base/err.h"
#include "base/params.h"
#include "models/cache/outer.h"
#include "models/cost/ledger.h"
#include "models/guest/cp15.h"
#include "models/pt/mmu.h"
#include "models/tlb/tlb.h"

enum hv_memory { HV_SIMULATED, HV_FLAT };
enum hv_vectors { HV_VECTORS_OVERLAY, HV_VECTORS_LOW };
enum map_kind { MAP_CONTIGUOUS, MAP_OFFSET, MAP_FRAGMENTED };
enum cpu_virt { CPU_HYPERCALL, CPU_FREE };
enum testclean { TESTCLEAN_COALESCED, TESTCLEAN_LOOPED };
enum vivt { VIVT_EXECUTE, VIVT_DROP };                  /* flushes of a guest for a VIVT cache */
enum ldrt { LDRT_TRAP, LDRT_WINDOW, LDRT_COPY, LDRT_IGNORE }; /* LDRT, STRT under a monitor */
enum l1d_write { L1D_BACK, L1D_THROUGH };               /* the most that C and B can ask for */
enum l1d_allocate { L1D_READ, L1D_READ_WRITE };
enum host_merge { HOST_MERGE_BURST, HOST_MERGE_NEWEST, HOST_MERGE_ANY };
/* A part of its own; entries below a base; a lock pointer. Lines: by way mask (all locked: none,
 * or way 0); by index base; line by line. */
enum host_tlb_lock { HOST_TLB_PART, HOST_TLB_BASE, HOST_TLB_POINTER };
enum host_line_lock { HOST_LINE_NONE, HOST_LINE_WAYS, HOST_LINE_WAYS0, HOST_LINE_INDEX,
		      HOST_LINE_LINES };

/* What a core's MMU has beyond the common ground of ARMv4 and v5: X(id, name, text) */
#define FEATURE_LIST(X)                                                                  \
	X(AFE,     "afe",           "access flag in descriptors (SCTLR.AFE, FA)")        \
	X(ASID,    "asid",          "TLB entries tagged with an ASID")                   \
	X(COHERENT,"coherent-walk", "walks see dirty L1 lines: no clean is needed")      \
	X(FCSE,    "fcse",          "fast context switch extension")                     \
	X(FINE,    "fine",          "fine tables and tiny pages")                        \
	X(IFAR,    "ifar",          "instruction fault address register")                \
	X(IFSR,    "ifsr",          "instruction fault status register")                 \
	X(LPAE,    "lpae",          "long descriptors")                                  \
	X(PD,      "pd",            "TTBCR.PD0, PD1: no walk on a miss")                 \
	X(TEX,     "tex",           "TEX bits in descriptors")                           \
	X(TRE,     "tre",           "TEX remap by PRRR, NMRR")                           \
	X(TTBCR,   "ttbcr",         "two table bases, split by TTBCR.N")                  \
	X(V6K,     "v6k",           "ARMv6K: APX 1 AP 11, thread registers")             \
	X(VMID,    "vmid",          "two stages, TLB entries tagged with a VMID")        \
	X(WALK_CACHE, "walk-cache", "cache of partial walks")                            \
	X(WNR,     "wnr",           "write bit in the data fault status")                \
	X(XN,      "xn",            "execute-never in descriptors")
enum feature {
#define X(id, name, text) FEATURE_##id,
	FEATURE_LIST(X)
#undef X
	FEATURES
};

struct host_config {
	struct tlb_geom tlb;            /* unified main TLB; entries 0: itlb and dtlb instead */
	struct tlb_geom itlb, dtlb;
	struct tlb_geom utlb;           /* micro-TLBs before the main one, one a side */
	struct cache_geom l1i, l1d, minid, l2;
	uint32_t l1d_write, l1d_allocate;       /* enum l1d_write, l1d_allocate */
	uint32_t l1i_lock, l1d_lock;    /* enum host_line_lock */
	uint32_t tlb_lock;              /* enum host_tlb_lock, of every main TLB */
	uint32_t walk_sees;             /* enum walk_sees */
	uint32_t walk_entries;          /* of the cache of partial walks; 0: none */
	uint32_t walk_nested;           /* it holds words of stage 2, too */
	uint32_t ntlb_entries;          /* of the nested TLB: IPA to machine address; 0: none */
	uint8_t feature[FEATURES];
	uint32_t wb_entries, wb_words, wb_drain;
	uint32_t wb_merge;              /* enum host_merge: stores that share an entry */
	uint32_t hv_memory;             /* enum hv_memory */
	uint32_t hv_vectors;            /* enum hv_vectors */
	uint32_t hv_ilines, hv_dlines;  /* footprint of an exit, cache lines */
	uint32_t hv_window, hv_window_bytes;    /* where the hypervisor lies in shadow address spaces */
	uint32_t map;                   /* enum map_kind */
	uint32_t map_base;              /* MAP_OFFSET: hpa = gpa + map_base */
	uint32_t map_block;             /* MAP_FRAGMENTED: bytes that stay together */
	uint32_t cpu;                   /* enum cpu_virt */
	uint32_t testclean;             /* under a hypervisor */
	uint32_t vivt;                  /* the same; enum vivt */
	uint32_t ldrt, ldrt_gap;        /* enum ldrt; instructions that end a copy */
	uint32_t coalesce;              /* window of exit coalescing, instructions; 0: off */
	uint64_t seed;
};

/* Where a value of a row comes from. key: a parameter, or a group of them ending in '.'. */
struct cpu_fact { const char *key; uint8_t confidence; const char *source; };
/* A primitive unit cost that differs from costs.def on this core; cycles low, nominal, high. */
struct cpu_cost { uint8_t prim; uint32_t cycles[COST_LEVELS]; uint8_t confidence; const char *source; };

struct cpu_row {
	const char *name, *title;
	const char *arch;               /* of the traces it can replay */
	enum cp_core cp;                /* whose maintenance instructions it has */
	uint32_t core_mhz, bus_mhz;     /* what the unit costs assume */
	struct host_config config;
	const struct cpu_fact *facts;   /* until key is NULL */
	const struct cpu_cost *costs;   /* until source is NULL; NULL: none */
	uint8_t utlb_granule_log2;      /* largest reach of a micro-TLB entry; 0: its page's */
	bool utlb_keeps;                /* micro-TLBs compare tags and outlive register writes */
	bool l2_in_core;                /* its maintenance by address reaches L2 */
	const char *note;               /* what the parameters cannot say; may be "" */
};

extern const struct cpu_row *const cpu_rows[];
extern const unsigned cpu_row_count;
const struct cpu_row *cpu_find(const char *name);       /* NULL: no such row */

/* The fact behind a row's value of a parameter: the longest key that fits; the row's own before
 * those that hold for every row. NULL only for a parameter that nobody has vouched for. */
const struct cpu_fact *cpu_fact_of(const struct cpu_row *row, const char *key);
/* costs.def with the row's own values in it; named after the row when it has any. */
void cpu_cost_set(const struct cpu_row *row, struct cost_set *s);

/* The structural parameters by their public names, sorted; for base/params.h. */
extern const struct param config_keys[];
extern const unsigned config_key_count;

/* The shape of a structure that is absent: the value means nothing. */
bool config_is_absent(const struct host_config *c, const char *key);

/* The host's MMU: its core's, with the features that the configuration changes (features.c). */
void config_mmu(const struct cpu_row *row, const struct host_config *c, struct mmu_arch *out);

/* What a changed configuration has no more use for: with a split TLB the unified one's lockdown part. */
void config_settle(struct host_config *c);
/* Refuses what cannot be built, before anything runs. */
enum err config_check_features(const struct host_config *c, struct diag *d)
	__attribute__((warn_unused_result));
enum err config_check(const struct host_config *c, struct diag *d)
	__attribute__((warn_unused_result));

/* --- parameters that the simulator does not act on yet (pending.c) ------------------------ */

/* What a parameter stands for that is not simulated yet; NULL when it is simulated. */
const char *config_pending(const char *key);
/* The first parameter that keeps the row from being simulated, with what it stands for in *why;
 * NULL when nothing does. */
const char *cpu_pending(const struct cpu_row *row, const char **why);
/* The n-th thing that the core has and a run on it goes without; NULL: there are no more. */
const char *cpu_without(const struct cpu_row *row, unsigned n);
/*
 * Whether a parameter belongs into a run's configuration (and so into its identity): those that
 * runs always had do; one added since does as soon as it is simulated and where its value is not
 * the ARM926EJ-S's, which is what every run before it meant.
 */
bool config_is_written(const struct host_config *c, const struct param *key);

#endif
