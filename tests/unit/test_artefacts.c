/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each row of the artefacts by a trace in which it is known by hand, and what holds for all. */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/trace_random.h"
#include "traces/artefacts.h"
#include "traces/check.h"
#include "traces/text.h"

#define HEAD "swt-text 1\narch armv6\ncpsr 0xd3\n"

static void count(const char *text, struct trace_artefacts *a)
{
	struct trace_text t;
	struct diag d;

	assert_ok(trace_text_parse(&t, "t", text, strlen(text), &d), &d);
	trace_artefacts_begin(a, &t.header);
	for (size_t i = 0; i < t.n; i++)
		trace_artefacts_add(a, &t.rec[i], t.payload);
	trace_text_clear(&t);
}

/* The named rows have these numbers, and all others have none. */
struct want { enum trace_artefact row; uint64_t n; };
static void assert_rows(const char *text, const struct want *want, size_t n)
{
	struct trace_artefacts a;

	count(text, &a);
	for (size_t i = 0; i < n; i++) {
		if (a.n[want[i].row] != want[i].n)
			fail_msg("%s: %llu, want %llu in\n%s", trace_artefact_name(want[i].row),
				 (unsigned long long)a.n[want[i].row],
				 (unsigned long long)want[i].n, text);
		a.n[want[i].row] = 0;
	}
	for (unsigned i = 0; i < ARTEFACTS; i++)
		if (a.n[i])
			fail_msg("%s: %llu, want none in\n%s",
				 trace_artefact_name((enum trace_artefact)i),
				 (unsigned long long)a.n[i], text);
}
#define ROWS(text, ...) do { \
	const struct want w[] = { __VA_ARGS__ }; \
	assert_rows(HEAD text, w, sizeof(w) / sizeof(w[0])); \
} while (0)

static void maintenance(void **state)
{
	(void)state;
	ROWS("run 0x8000 1\ncpr p15 c7,c10,3 0x40000000\nrun 0x8004 1\ncpr p15 c7,c14,3 0x0\n",
	     { ARTEFACT_TEST_CLEAN, 2 }, { ARTEFACT_CACHE_OPS, 2 });
	/* clean line, invalidate I; then a barrier, a flush of the branch predictor: none */
	ROWS("cpw p15 c7,c10,1 0x0\ncpw p15 c7,c5,0 0x0\ncpw p15 c7,c10,4 0x0\n"
	     "cpw p15 c7,c5,4 0x0\ncpw p15 c7,c5,6 0x0\ncpw p15 c7,c0,4 0x0\n",
	     { ARTEFACT_CACHE_OPS, 2 });
	ROWS("cpw p15 0,c6 0x0 0x0\ncpw p15 0,c14 0x0 0x0\ncpw p15 0,c12 0x0 0x0\n",
	     { ARTEFACT_CACHE_OPS, 3 }, { ARTEFACT_ALIAS, 2 });
	ROWS("cpr p15 c0,c0,1 0x01dd20d2\ncpr p15 c0,c0,0 0x0\n", { ARTEFACT_CTR_READS, 1 });
	ROWS("cpw p15 c9,c0,0 0x1\ncpw p15 c10,c0,0 0x1\ncpw p15 c10,c2,0 0x0\n"
	     "cpw p15 c10,c2,1 0x0\n", { ARTEFACT_LOCKDOWN, 2 }, { ARTEFACT_REMAP, 2 });
}

/* DACR always, the others when the value is another; the header's value counts as the first. */
static void flushes(void **state)
{
	static const struct want two[] = { { ARTEFACT_FLUSHES, 2 } };

	(void)state;
	ROWS("cpw p15 c3,c0,0 0x55\ncpw p15 c3,c0,0 0x55\n", { ARTEFACT_FLUSHES, 2 });
	ROWS("cpw p15 c13,c0,1 0x101\ncpw p15 c13,c0,1 0x101\ncpw p15 c13,c0,1 0x102\n",
	     { ARTEFACT_FLUSHES, 2 });
	assert_rows("swt-text 1\narch armv5\ncpsr 0xd3\nreg p15 c1,c0,0 0x5\nreg p15 c13,c0,0 0x0\n"
		    "cpw p15 c1,c0,0 0x5\ncpw p15 c1,c0,0 0x7\ncpw p15 c13,c0,0 0x0\n"
		    "cpw p15 c13,c0,0 0x2000000\ncpw p15 c2,c0,0 0x4000\n", two, 1);
}

static void interrupts(void **state)
{
	(void)state;
	/* back at 0x8008 the handler ends; what follows is the guest's own */
	ROWS("run 0x8000 2\nexc irq 0xffff0018 cpsr=0xd2 lr=0x800c\nrun 0xffff0018 1\n"
	     "run 0xc0000000 3\nrun 0x8008 5\n",
	     { ARTEFACT_IRQS, 1 }, { ARTEFACT_IRQ_INSNS, 4 });
	/* a second one inside does not move the end */
	ROWS("run 0x8000 2\nexc irq 0xffff0018 cpsr=0xd2 lr=0x800c\nrun 0xffff0018 1\n"
	     "exc fiq 0xffff001c cpsr=0xd1 lr=0xffff0020\nrun 0xffff001c 2\n"
	     "run 0x8008 5\nexc svc 0xffff0008 cpsr=0xd3 lr=0x801c\nrun 0xffff0008 1\n",
	     { ARTEFACT_IRQS, 2 }, { ARTEFACT_IRQ_INSNS, 3 });
}

#define TURN "run 0x8000 3\nload 0xf0000000 4 @0 io pa=0x10000000\n"
static void polling(void **state)
{
	(void)state;
	/* three turns wait, the fourth finds the device ready */
	ROWS(TURN TURN TURN TURN "run 0x800c 4\n",
	     { ARTEFACT_POLLS, 1 }, { ARTEFACT_POLL_INSNS, 9 });
	/* in two runs; in the same way */
	ROWS(TURN "run 0x9000 2\n" TURN "run 0x9000 2\n" TURN "run 0x900c 2\n",
	     { ARTEFACT_POLLS, 1 }, { ARTEFACT_POLL_INSNS, 10 });
	/* a loop that stores copies data; one that reads two registers works; a large one computes */
	ROWS(TURN "store 0x9000 4 @1\n" TURN "store 0x9004 4 @1\n" TURN "store 0x9008 4 @1\n",
	     { ARTEFACT_POLLS, 0 });
	ROWS(TURN "load 0xf0000004 4 @1 io pa=0x10000004\n" TURN
	     "load 0xf0000004 4 @1 io pa=0x10000004\n", { ARTEFACT_POLLS, 0 });
	ROWS("run 0x8000 33\nload 0xf0000000 4 @0 io pa=0x10000000\nrun 0x8000 33\n",
	     { ARTEFACT_POLLS, 0 });
	ROWS("run 0x8000 3\nload 0x9000 4 @0\nrun 0x8000 3\nload 0x9000 4 @0\nrun 0x8000 3\n",
	     { ARTEFACT_POLLS, 0 });
	/* twice with something else between: two */
	ROWS(TURN TURN "run 0x800c 4\nrun 0xa000 1\nrun 0xb000 1\nrun 0xc000 1\nrun 0xd000 1\n"
	     TURN TURN, { ARTEFACT_POLLS, 2 }, { ARTEFACT_POLL_INSNS, 6 });
}

static void accesses(void **state)
{
	(void)state;
	ROWS("run 0x8000 3\nload 0x9002 4 @0\nload 0x9001 2 @1\nload 0x9001 1 @2\n",
	     { ARTEFACT_UNALIGNED, 2 });
	ROWS("run 0x8000 1\nload 0x93fe 4 @0 split\n",
	     { ARTEFACT_UNALIGNED, 1 }, { ARTEFACT_SPLIT, 1 });
	ROWS("run 0x8000 1\nload 0x9000 4 @0 multi\nload 0x9004 4 @0 multi\n",
	     { ARTEFACT_MULTIPLE, 2 });
	/* SWP; LDREX and STREX; a SWP behind a LDREX */
	ROWS("run 0x8000 1\nload 0x9000 4 @0 excl\nstore 0x9000 4 @0 excl\n",
	     { ARTEFACT_SWAPS, 1 });
	ROWS("run 0x8000 2\nload 0x9000 4 @0 excl\nstore 0x9000 4 @1 excl\n",
	     { ARTEFACT_EXCLUSIVE, 1 });
	ROWS("run 0x8000 2\nload 0x9000 4 @0 excl\nload 0x9000 4 @1 excl\n"
	     "store 0x9000 4 @1 excl\n", { ARTEFACT_SWAPS, 1 });
}

#define ABORT(insn) "pc=0x8004 insn=" insn " fsr=0x7 ifsr=0x0 far=0xa000 cpsr=0x10\n"
static void aborts(void **state)
{
	(void)state;
	/* an LDM of which two words came; those of the instruction before do not count */
	ROWS("run 0x8000 2 noretire\nload 0x9000 4 @0 multi\nload 0x9ff8 4 @1 multi\n"
	     "load 0x9ffc 4 @1 multi\nabort read 0xa000 4 user " ABORT("0xe890000f"),
	     { ARTEFACT_MULTIPLE, 3 }, { ARTEFACT_PARTIAL, 2 });
	ROWS("run 0x8000 2 noretire\nabort read 0xa000 4 user " ABORT("0xe1812f90"),
	     { ARTEFACT_STREX_ABORTS, 1 });          /* STREX r2, r0, [r1] */
	ROWS("run 0x8000 2 noretire\nabort read 0xa000 4 user " ABORT("0xe1912f9f"),
	     { ARTEFACT_STREX_ABORTS, 0 });          /* LDREX */
	ROWS("abort fetch 0xa000 4 user " ABORT("0x0"), { ARTEFACT_FETCH_ABORTS, 1 });
	ROWS("abort fetch 0xa000 4 user debug " ABORT("0xe1200070"),
	     { ARTEFACT_FETCH_ABORTS, 0 });
	ROWS("wait 5000\nwait 0 unknown\nwait 0x100000000\n", { ARTEFACT_WAITS, 3 },
	     { ARTEFACT_WAITS_UNKNOWN, 1 }, { ARTEFACT_WAIT_NS, UINT64_C(0x100001388) });
}

static void bounds(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct random_trace t;
		struct trace_artefacts a;
		uint64_t insns = 0, refs = 0;

		random_trace(&t, seed, 20000, seed & 1 ? RANDOM_ALL : RANDOM_LOOPS);
		trace_artefacts_begin(&a, &t.header);
		for (size_t i = 0; i < t.n; i++) {
			trace_artefacts_add(&a, &t.rec[i], t.payload);
			insns += t.rec[i].kind == TRACE_RUN ? t.rec[i].arg : 0;
			refs += trace_rec_references(&t.rec[i]);
		}
		assert_true(a.n[ARTEFACT_POLL_INSNS] <= insns);
		assert_true(a.n[ARTEFACT_IRQ_INSNS] <= insns);
		assert_true(a.n[ARTEFACT_MULTIPLE] + a.n[ARTEFACT_EXCLUSIVE] <= refs);
		assert_true(a.n[ARTEFACT_WAITS_UNKNOWN] <= a.n[ARTEFACT_WAITS]);
		assert_true(a.n[ARTEFACT_TEST_CLEAN] <= a.n[ARTEFACT_CACHE_OPS]);
		random_trace_clear(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maintenance), cmocka_unit_test(flushes),
		cmocka_unit_test(interrupts), cmocka_unit_test(polling),
		cmocka_unit_test(accesses), cmocka_unit_test(aborts), cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
