/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a trace says of itself before its first record: the guest, its state at record 0, and
 * where it came from. Stored as JSON in the header frame (doc/trace-format.5); the "machine"
 * part is semantic and enters the trace id, the provenance does not.
 */
#ifndef SHADEWALK_TRACES_HEADER_H
#define SHADEWALK_TRACES_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum {
	TRACE_MAX_RANGES = 16,
	TRACE_MAX_REGS = 64,
	TRACE_MAX_LOCKED = 32,
	TRACE_ID_BYTES = 32,            /* SHA-256 */
	TRACE_ID_HEX = 2 * TRACE_ID_BYTES + 1,
};

struct trace_range { uint32_t base; uint64_t bytes; };

struct trace_reg { uint16_t key; uint32_t value; };     /* CP_KEY(), value at record 0 */

struct trace_locked { uint32_t mva, l1, l2; uint8_t asid; };  /* locked TLB entry */

struct trace_header {
	char arch[16];                  /* "armv5", "armv6", or "import" */
	char core[32];                  /* guest core: "arm926", ... */
	char guest[32], workload[32];   /* "armv5-linux", "forkexec"; free text, semantic-free */
	unsigned vcpus;                 /* 1 */
	int icount_shift;               /* log2 of ns per instruction; -1 unknown */
	unsigned hz;                    /* timer ticks per second of guest time; 0 unknown */
	unsigned nram, ndev;
	struct trace_range ram[TRACE_MAX_RANGES], dev[TRACE_MAX_RANGES];
	uint32_t cpsr;                  /* at record 0 */
	uint32_t spsr[6];               /* fiq irq svc abt und mon */
	unsigned spsr_known;            /* bit mask over spsr[] */
	unsigned nreg;                  /* CP15 state at record 0, SCTLR TTBR0 DACR ... c9 c10 */
	struct trace_reg reg[TRACE_MAX_REGS];
	unsigned nlocked;               /* locked TLB entries at record 0 */
	struct trace_locked locked[TRACE_MAX_LOCKED];
	char parent[TRACE_ID_HEX];      /* of a cut: id of the parent, "" otherwise */
	uint64_t parent_first, parent_count;    /* its range of records in the parent */
	char *provenance;               /* JSON object as text, owned (malloc); NULL: none */
};

void trace_header_clear(struct trace_header *h);        /* frees provenance, zeroes */
/* References of another world's program (traces/import.h): no machine, no tables, no modes. */
#define TRACE_ARCH_IMPORT "import"
bool trace_header_is_import(const struct trace_header *h);
/* 0 and *value untouched when the header does not name the register */
int trace_header_reg(const struct trace_header *h, uint16_t key, uint32_t *value);
/* Header <-> JSON text (canonical: sorted keys, compact). *out is malloc'ed. */
enum err trace_header_to_json(const struct trace_header *h, char **out, struct diag *d)
	__attribute__((warn_unused_result));
enum err trace_header_from_json(struct trace_header *h, const char *text, struct diag *d)
	__attribute__((warn_unused_result));
/* The semantic part only, canonical: what enters the trace id. */
enum err trace_header_semantic_json(const struct trace_header *h, char **out, struct diag *d)
	__attribute__((warn_unused_result));

#endif
