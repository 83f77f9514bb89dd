/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may run where: one table of guest x host x strategy (legality_rows, legality.c). `run` refuses by it,
 * a result gets its tag by it, `list legality` prints it (doc/model.md, "What is legal").
 *
 * A row without a key is a base row: exactly one holds for each combination, the one that names the strategy before
 * those of any strategy. Rows with a key hold on top of it, for runs that set that key of the strategy or of the host to that value.
 */
#ifndef SHADEWALK_SIM_LEGALITY_H
#define SHADEWALK_SIM_LEGALITY_H

#include <stdbool.h>
#include <stdint.h>

#include "models/cpu/cpu.h"
#include "strategies/strategy.h"
#include "traces/header.h"

enum guest_kind {
	GUEST_IMPORT,           /* a stream of references: no tables, no exceptions */
	GUEST_V5,               /* words of ARMv5 (ARMv4T, too) */
	GUEST_XSCALE,           /* the same with TEX, extended small pages */
	GUEST_V6,
	GUEST_KINDS
};
enum host_kind {
	MMU_V5,                 /* a core before ARMv6 */
	MMU_TEX,                /* one with TEX bits: XScale */
	MMU_BOTH,               /* one with the words of ARMv6 added (feature.xn): it has operations of both */
	MMU_V6,                 /* a core of ARMv6: it reads words of ARMv5, too, but for fine tables */
	MMU_V7,                 /* a later one, which does not */
	HOST_KINDS
};
extern const char *const guest_kind_name[GUEST_KINDS], *const host_kind_name[HOST_KINDS];

/* How far a guest or a host is from what exists, in this order: the result has the largest. */
enum tag { TAG_UNMODIFIED, TAG_PATCHED, TAG_MODIFIED, TAG_WHAT_IF, TAGS };
extern const char *const tag_name[TAGS];

struct legality_row {
	const char *strategy;           /* NULL: any */
	bool monitor;                   /* with strategy NULL: any with a monitor, or any without */
	uint8_t guests, hosts;          /* 1 << enum */
	const char *key;                /* "KEY=VALUE", or several with spaces between; NULL: base row */
	/* With a key: of the hosts, only those that this holds for; NULL: all. */
	bool (*fits)(const struct host_config *c, const struct mmu_arch *a);
	bool legal;                     /* with `fits`: where it holds */
	enum tag tag;
	const char *why, *instead;      /* why (not); what would be legal. instead NULL: nothing else to say */
};
extern const struct legality_row legality_rows[];
extern const unsigned legality_row_count;

enum guest_kind legality_guest(const struct trace_header *h);
enum host_kind legality_host(const struct cpu_row *row, const struct mmu_arch *a);
/* Never NULL. */
const struct legality_row *legality_base(const struct strategy_ops *s, enum guest_kind g,
					 enum host_kind h);

struct legality_case {
	const struct cpu_row *row;
	const struct host_config *cfg;
	const struct mmu_arch *arch;    /* the host's, as configured */
	const struct strategy_ops *ops;
	const void *params;
	const struct trace_header *header;
};
/* ERR_CONFIG: refused, with why and what would be legal. */
enum err legality_check(const struct legality_case *c, const char **tag, struct diag *d)
	__attribute__((warn_unused_result));

#endif
