/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small guests in memory and lanes that run them: records are appended by what they mean, and a
 * tracker follows, so that a test knows the guest's state (and P) at every point.
 */
#ifndef SHADEWALK_TESTS_MACHINE_KIT_H
#define SHADEWALK_TESTS_MACHINE_KIT_H

#include <stdbool.h>
#include <stdint.h>

#include "models/guest/tracker.h"
#include "sim/lane.h"
#include "tests/unit/trace_random.h"

enum {
	KIT_RAM_BYTES = 32 << 20,
	KIT_ROOT = 0x4000,              /* first-level table that kit_linux() fills */
	KIT_L2 = 0x8000,                /* frames for second-level tables: 0x8000 to 0xffff */
	KIT_SVC = 0xd3, KIT_ABT = 0xd7, KIT_USR = 0x10,         /* CPSR */
};
#define KIT_LINEAR 0xc0000000u          /* kernel: RAM from 0, by sections, AP 01, domain 0 */
#define KIT_CODE 0xc0100000u            /* its second megabyte: AP 11, for both modes */
#define KIT_VECTORS 0xffff0000u         /* AP 10 */
#define KIT_HOLE 0xfff05000u            /* a page inside the hypervisor's window, AP 11 */
#define KIT_NOW UINT64_MAX

struct kit {
	struct random_trace t;
	struct tracker *tracker;
	uint32_t pc;
	bool cleans;                    /* kit_exec(): lines of valued stores are cleaned before, in kernel mode */
	uint32_t dirty[64];             /* MVAs of those stores */
	unsigned ndirty;
};

/* An ARM926 guest without tables; SCTLR and CPSR as given. */
void kit_init(struct kit *k, uint32_t sctlr, uint32_t cpsr);
void kit_init_core(struct kit *k, const char *arch, const char *core, uint32_t sctlr, uint32_t cpsr);
void kit_free(struct kit *k);
/* Tables as Linux has them: linear sections, the vectors page; MMU, caches and V on. */
void kit_linux(struct kit *k);
void kit_linux_on(struct kit *k, const char *core);     /* another core with the words of ARMv5 */
/* The same on a core of ARMv6, in its own words, all global; TTBR1 as TTBR0, ASID 0. The vectors page
 * has AP 11, KIT_HOLE is not mapped. */
void kit_linux_v6(struct kit *k, const char *core);
const struct guest *kit_guest(const struct kit *k);

void kit_put(struct kit *k, const struct trace_rec *r, const void *payload);
/* As kit_put(), but for a record that the tracker must refuse. */
enum err kit_try(struct kit *k, const struct trace_rec *r, const void *payload, struct diag *d);
void kit_image(struct kit *k, uint32_t pa, const uint32_t *words /* NULL: zeroes */);
void kit_run(struct kit *k, uint32_t va, unsigned n);
void kit_exec(struct kit *k);           /* one instruction of the code at pc */
void kit_access(struct kit *k, uint32_t va, bool write, unsigned flags);  /* one instruction */
void kit_poke(struct kit *k, uint32_t pa, uint32_t word);     /* valued store, linear map */
void kit_cpw(struct kit *k, uint16_t key, uint32_t value);
void kit_cpr(struct kit *k, uint16_t key, uint32_t value);
void kit_mode(struct kit *k, uint32_t cpsr);
void kit_sens(struct kit *k, enum sens_class c);
void kit_exc(struct kit *k, unsigned vector, uint32_t cpsr);
/* Data abort of an instruction at pc, or prefetch abort of va; without its EXC. */
void kit_data_abort(struct kit *k, uint32_t va, bool write, bool unpriv, uint32_t fsr);
void kit_fetch_abort(struct kit *k, uint32_t va, uint32_t fsr);
/* The usual keys of c7 and c8. */
enum {
	KIT_TLBI_ALL = CP_KEY(8, 0, 7, 0), KIT_TLBI_MVA = CP_KEY(8, 0, 7, 1),
	KIT_CLEAN_MVA = CP_KEY(7, 0, 10, 1), KIT_DRAIN = CP_KEY(7, 0, 10, 4),
	KIT_CLEAN_SETWAY = CP_KEY(7, 0, 10, 2),
	KIT_INVAL_I = CP_KEY(7, 0, 5, 0), KIT_TESTCLEAN_INV = CP_KEY(7, 0, 14, 3),
};

enum { KIT_SETS = 12 };
struct kit_plan {
	const char *set[KIT_SETS];      /* KEY=VALUE of the host */
	const char *core;               /* the host's row; NULL: arm926 */
	const struct cpu_row *row;      /* or the row itself */
	const struct strategy_ops *ops; /* instead of the named one; parameters at their defaults */
	bool verify, lint;
	enum engine engine;
	uint64_t warmup;
};

/* Caches of one level that allocate on reads, and walks past them, whatever the core has. */
#define KIT_PLAIN_CACHES "l1d.allocate=read", "l2.bytes=0", "minid.bytes=0", "walk.sees=memory", \
	"feature.coherent-walk=off"

/* The header of a trace file says armv6. */
bool kit_trace_is_v6(const char *path);
/* The row with one TLB that every access asks, of the ARM926EJ-S's shape where its own is split: what engine
 * fast knows, so that a comparison of engines is one. */
struct cpu_row kit_one_tlb(const struct cpu_row *row);
struct lane *kit_lane(const struct kit *k, const char *spec, const struct kit_plan *p);
/* Feeds records [from, until) in batches; KIT_NOW: all there are. Leaves the last run open. */
void kit_feed(struct lane *l, const struct kit *k, size_t from, uint64_t until, size_t batch);
/* Feeds what was appended since *at and closes the run. */
void kit_catch_up(struct lane *l, const struct kit *k, size_t *at);
/* All of it, and the end of the trace. */
enum err kit_finish(struct lane *l, const struct kit *k, struct diag *d);
struct lane *kit_replay(const struct kit *k, const char *spec, const struct kit_plan *p);

/* Nominal cycles of what a hypervisor does: all leaves but G (guest) and W (hardware walks), and
 * not the guest's own buffered stores that a trap waits for. */
uint64_t kit_hv_cycles(const struct ledger *l);
uint64_t kit_traps(const struct ledger *l);
/* What one step adds: a snapshot before, the difference after. */
void kit_since(struct ledger *diff, const struct lane *l, const struct ledger *before);

#endif
