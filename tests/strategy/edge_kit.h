/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directed guests, one for each edge case (doc/model.md, "Edge cases"). A case writes what its guest
 * does, and between that what has to hold there; then every row of a table of strategies runs it.
 *
 * Held in each row: no violation of --verify, all counters balance, the injected faults are those of the
 * case in its order (unless it says `loose`), check images of all tables at the end, engine fast equal to
 * engine ref in batches of 1, 7 and 4096; and once a case, `trace check` of its trace: status, domain
 * and address of each abort.
 */
#ifndef SHADEWALK_TESTS_STRATEGY_EDGE_KIT_H
#define SHADEWALK_TESTS_STRATEGY_EDGE_KIT_H

#include "tests/machine_kit.h"

#define EDGE_MB 0x10000000u             /* megabytes from here on are not mapped at first */
enum { EDGE_ROOT_B = 0x20000 };         /* room for a second first-level table */

struct edge_fault { uint32_t far; uint8_t access, fs; };

enum edge_what { EDGE_MARK, EDGE_COUNT, EDGE_TRAPS, EDGE_EXTRA, EDGE_SEES, EDGE_BLIND, EDGE_NOT,
	EDGE_DIRTY };

/* What has to hold before record `at`. */
struct edge_step {
	size_t at;
	enum edge_what what;
	const char *rows;               /* of whom: edge_row_is() */
	enum event event;
	uint64_t n;
	uint32_t mva, gpa, bytes;
	enum access access;
	int line;
};

struct edge {
	struct kit k;
	struct edge_step *step;
	struct edge_fault *fault;       /* in order */
	size_t nsteps, nfaults;
	bool loose;                     /* faults differ between rows: see edge_extra() */
	/* The guest goes on by entries whose words it changed. A TLB and what behaves as one keep them; any
	 * other strategy may have lost them, and has extra faults. */
	bool stale;
	bool v6;
	unsigned stray_domain;          /* recorded where the domain field means nothing (ARMv5) */
};

/* Either writes a guest, or asserts by itself (a refusal, say). */
struct edge_case {
	unsigned number;
	const char *name, *core;        /* of ARMv6, or NULL: an ARM926EJ-S */
	void (*write)(struct edge *e);
	void (*plain)(void);
};
#define EDGE_GUEST(n, f) { n, #f, NULL, f, NULL }
#define EDGE_GUEST_V6(n, core, f) { n, #f, core, f, NULL }
#define EDGE_PLAIN(n, f) { n, #f, NULL, NULL, f }
#define EDGE_END { 0, NULL, NULL, NULL, NULL }
/* Each ends with EDGE_END. */
extern const struct edge_case edges_tables[], edges_words[], edges_rights[], edges_roots[],
	edges_machine[], edges_refused[], edges_v6[], edges_cross[];
const struct edge_case *edge_case_at(unsigned i);       /* NULL: no more */
const struct edge_case *edge_case_find(const char *name);

/* --- writing: the guest --------------------------------------------------------------------- */

void edge_begin(struct edge *e, const char *core);      /* NULL: kit_linux(); else kit_linux_v6() */
void edge_end(struct edge *e);                          /* check images of all tables */
void edge_free(struct edge *e);

void edge_load(struct edge *e, uint32_t va);
void edge_store(struct edge *e, uint32_t va);
/* A valued store of 2^size_log2 bytes at va, which the guest's tables map to pa. */
void edge_poke(struct edge *e, uint32_t va, uint32_t pa, unsigned size_log2, uint32_t value);
void edge_user(struct edge *e);
void edge_kernel(struct edge *e);                       /* by SVC; nothing in kernel mode */
/* The vectors page is mapped where it runs, so that handlers cost no hidden fault. */
static inline void edge_warm_vectors(struct edge *e)
{
	edge_user(e);
	edge_kernel(e);
}
/* The access faults with this status, domain (where valid) and FAR; the handler runs and returns. */
void edge_fault(struct edge *e, uint32_t va, enum access access, enum fault_status fs,
		unsigned domain);
void edge_fault_far(struct edge *e, uint32_t va, uint32_t far, enum access access,
		    enum fault_status fs, unsigned domain);
/* The same behind a run that is there already. */
void edge_abort(struct edge *e, uint32_t va, uint32_t far, enum access access,
		enum fault_status fs, unsigned domain);
/* Root word of a megabyte in the table at KIT_ROOT. */
void edge_link(struct edge *e, uint32_t mva, uint32_t word);
void edge_copy_root(struct edge *e, uint32_t root);     /* images of KIT_ROOT's frames, as they are */
static inline void edge_tlbi(struct edge *e, uint32_t mva) { kit_cpw(&e->k, KIT_TLBI_MVA, mva); }
static inline void edge_tlbi_all(struct edge *e) { kit_cpw(&e->k, KIT_TLBI_ALL, 0); }
/* Words of ARMv5 with one AP, C and B set. */
uint32_t edge_small(uint32_t pa, unsigned ap);
uint32_t edge_large(uint32_t pa, unsigned ap);

/* --- writing: what has to hold ---------------------------------------------------------------- */

/* rows: "coherent" the specification itself, "coherent*" every variant, "*" all. */
void edge_mark(struct edge *e);
/* Since the mark: n of the event; n traps. */
#define edge_count(e, rows, event, n) edge_note(e, EDGE_COUNT, rows, event, n, __LINE__)
#define edge_traps(e, rows, n) edge_note(e, EDGE_TRAPS, rows, (enum event)0, n, __LINE__)
/* Since the mark: n accesses that succeeded in the trace and faulted here. */
#define edge_extra(e, rows, n) edge_note(e, EDGE_EXTRA, rows, EV_EXTRA_TRUE, n, __LINE__)
/* n lines of the data caches are dirty now. */
#define edge_dirty(e, rows, n) edge_note(e, EDGE_DIRTY, rows, (enum event)0, n, __LINE__)
void edge_note(struct edge *e, enum edge_what what, const char *rows, enum event event, uint64_t n,
	       int line);
/* What the hardware would do now with an access of the current mode, its TLB and tables as they are.
 * SEES: reaches gpa; under a strategy it may abort instead. BLIND: aborts. NOT: of no granule in
 * [mva, mva + bytes) the one that gpa.. once held is reached, whatever the access. */
#define edge_sees(e, mva, access, gpa) edge_probe(e, EDGE_SEES, mva, access, gpa, 0, __LINE__)
#define edge_blind(e, mva, access) edge_probe(e, EDGE_BLIND, mva, access, 0, 0, __LINE__)
#define edge_not(e, mva, bytes, gpa) edge_probe(e, EDGE_NOT, mva, ACCESS_READ, gpa, bytes, __LINE__)
void edge_probe(struct edge *e, enum edge_what what, uint32_t mva, enum access access, uint32_t gpa,
		uint32_t bytes, int line);

/* --- running ---------------------------------------------------------------------------------- */

/* core NULL: arm926, or the ARMv6 guest's own. one_tlb: kit_one_tlb(). */
struct edge_row {
	const char *spec;
	const char *set[KIT_SETS];
	const char *core;
	bool one_tlb;
	bool cleans;                    /* lives by the guest's cleans: struct kit */
};

/* Rows for guests of ARMv5 or ARMv6; NULL: no more. Rows whose strategy cannot run the guest's
 * architecture yet are left out; a registered strategy without a row gets one at its defaults. */
const struct edge_row *edge_row_at(bool v6, unsigned i);
bool edge_row_is(const struct edge_row *row, const char *rows);

/* A planted bug; see test_edge_mutants.c. */
struct edge_bend {
	void (*ops)(struct strategy_ops *o);
	void (*port)(struct strategy_port *p);
};
/* The port that the strategy would have got. */
const struct strategy_port *edge_real_port(void);
/* False: why says what did not hold. e is written. batch 0: engine ref alone. */
bool edge_run(const struct edge *e, const struct edge_row *row, const struct edge_bend *bend,
	      size_t batch, struct diag *why);
/* trace check of the case's trace. */
bool edge_check_trace(const struct edge *e, struct diag *why);

/* The main of a test program: n tests of its own, then each case as a test of its name. */
struct CMUnitTest;
int edge_main(const char *name, const struct edge_case *const *groups /* NULL-terminated */,
	      const struct CMUnitTest *first, size_t n);

#endif
