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

#include "base/err.h"
#include "base/params.h"
#include "models/cache/cache.h"
#include "models/cost/ledger.h"
#include "models/tlb/tlb.h"

enum hv_memory { HV_SIMULATED, HV_FLAT };
enum map_kind { MAP_CONTIGUOUS, MAP_OFFSET };
enum cpu_virt { CPU_HYPERCALL, CPU_FREE };
enum testclean { TESTCLEAN_COALESCED, TESTCLEAN_LOOPED };

struct host_config {
	struct tlb_geom tlb;
	struct cache_geom l1i, l1d;
	uint32_t wb_entries, wb_words, wb_drain;
	uint32_t hv_memory;             /* enum hv_memory */
	uint32_t hv_ilines, hv_dlines;  /* footprint of an exit, cache lines */
	uint32_t map;                   /* enum map_kind */
	uint32_t map_base;              /* MAP_OFFSET: hpa = gpa + map_base */
	uint32_t cpu;                   /* enum cpu_virt */
	uint32_t testclean;             /* under a hypervisor */
	uint64_t seed;
};

struct cpu_row {
	const char *name, *title, *arch;
	struct host_config config;
	const char *source;             /* of the geometry, with confidence */
};

extern const struct cpu_row cpu_rows[];
extern const unsigned cpu_row_count;
const struct cpu_row *cpu_find(const char *name);       /* NULL: no such row */

/* The structural parameters by their public names, sorted; for base/params.h. */
extern const struct param config_keys[];
extern const unsigned config_key_count;

/* Refuses what cannot be built, before anything runs. */
enum err config_check(const struct host_config *c, struct diag *d)
	__attribute__((warn_unused_result));

#endif
