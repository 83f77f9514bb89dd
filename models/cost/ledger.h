/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ledger: n[event][origin][cause], integers only. Counts first, cycles second: nothing in
 * a simulation reads a cycle count; cycles are counts times unit costs, computed afterwards.
 */
#ifndef SHADEWALK_MODELS_COST_LEDGER_H
#define SHADEWALK_MODELS_COST_LEDGER_H

#include <stddef.h>
#include <stdint.h>

enum event {
#define EVENT(id, leaf, terms, text) EV_##id,
#include "models/cost/events.def"
#undef EVENT
	EVENTS
};

/* Who executes: X(id, name) */
#define ORIGIN_LIST(X) \
	X(USER, "guest-user") X(KERNEL, "guest-kernel") X(HV, "hypervisor")

/* Guest event class that led to it: X(id, name, text) */
#define CAUSE_LIST(X)                                                   \
	X(FETCH,    "fetch",    "plain instruction fetch and execution") \
	X(LOAD,     "load",     "plain data read")                      \
	X(STORE,    "store",    "plain data write")                     \
	X(UNPRIV,   "unpriv",   "LDRT/STRT")                            \
	X(TLBI_ALL, "tlbi-all", "TLB invalidate all")                   \
	X(TLBI_MVA, "tlbi-mva", "TLB invalidate by MVA")                \
	X(TTBR,     "ttbr",     "translation table base write")         \
	X(DACR,     "dacr",     "DACR write")                           \
	X(FCSE,     "fcse",     "FCSE PID write")                       \
	X(ASID,     "asid",     "CONTEXTIDR write or ASID invalidate")  \
	X(SCTLR,    "sctlr",    "control register write")               \
	X(CACHE_LINE,"cache-line","cache maintenance by line")          \
	X(CACHE_ALL,"cache-all","cache maintenance, whole cache")       \
	X(BARRIER,  "barrier",  "write-buffer drain")                   \
	X(CPREAD,   "cp-read",  "coprocessor register read")            \
	X(CPWRITE,  "cp-write", "other coprocessor register write")     \
	X(SVC,      "svc",      "supervisor call")                      \
	X(UND,      "und",      "undefined instruction")                \
	X(PABT,     "pabt",     "prefetch abort")                       \
	X(DABT,     "dabt",     "data abort")                           \
	X(IRQ,      "irq",      "interrupt")                            \
	X(FIQ,      "fiq",      "fast interrupt")                       \
	X(SENS,     "sens",     "sensitive instruction")                \
	X(VECTORS,  "vectors",  "access to the vectors page")           \
	X(WAIT,     "wait",     "wait for interrupt")

enum origin {
#define X(id, name) ORIGIN_##id,
	ORIGIN_LIST(X)
#undef X
	ORIGINS
};

enum cause {
#define X(id, name, text) CAUSE_##id,
	CAUSE_LIST(X)
#undef X
	CAUSES
};

enum cost_prim {
#define COST(name, low, nom, high, conf, source) PRIM_##name,
#include "models/cost/costs.def"
#undef COST
	PRIMS
};

struct ledger { uint64_t n[EVENTS][ORIGINS][CAUSES]; };

/* out = end - start, element by element; end must not be behind start. */
void ledger_sub(struct ledger *out, const struct ledger *end, const struct ledger *start);
uint64_t ledger_event(const struct ledger *l, enum event e);    /* sum over origins, causes */
uint64_t ledger_event_origin(const struct ledger *l, enum event e, enum origin o);

struct event_info {
	const char *name, *leaf, *text;
	struct { uint8_t prim, mult; } term[3];
	unsigned nterm;
};
struct prim_info { const char *name, *confidence, *source; uint32_t cycles[3]; };
extern const struct event_info event_info[EVENTS];
extern const struct prim_info prim_info[PRIMS];
extern const char *const origin_name[ORIGINS], *const cause_name[CAUSES], *const cause_text[CAUSES];

enum cost_level { COST_LOW, COST_NOMINAL, COST_HIGH, COST_LEVELS };

/* A set of unit costs: primitives in milli-cycles at three levels. */
struct cost_set {
	char name[64];
	uint64_t prim[PRIMS][COST_LEVELS];
};
void cost_set_default(struct cost_set *s);      /* costs.def, named "default" */
/* Sets one primitive (all levels) in milli-cycles; -1 when there is no such name. */
int cost_set_prim(struct cost_set *s, const char *name, uint64_t millicycles);
/* Named sets (sets.def): rows of one stand together. */
struct cost_set_row { const char *set; enum cost_prim prim; uint32_t cycles[COST_LEVELS]; const char *confidence, *source; };
extern const struct cost_set_row cost_set_rows[];
extern const size_t cost_set_row_count;
/* Applies a named set, whose name s takes; -1 when there is none. */
int cost_set_named(struct cost_set *s, const char *name);
enum { COST_ALL = 100 * 1000 };         /* of walk_overlap, the only one that is no time: 100 % */
/* Unit cost of an event, milli-cycles. */
uint64_t cost_unit(const struct cost_set *s, enum event e, enum cost_level level);

__extension__ typedef unsigned __int128 cycles128_t;
/* Milli-cycles of the whole ledger, in list order; 128 bits: no run overflows. */
cycles128_t ledger_cycles(const struct ledger *l, const struct cost_set *s, enum cost_level level);

#endif
