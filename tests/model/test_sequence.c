/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sequences by enumeration: every host core for every operation that any core's map holds. The
 * instructions are the host's own, together they do what was asked, and no dirty data is lost.
 */
#include "tests/support.h"

#include <string.h>

#include "models/cpu/sequence.h"
#include "traces/record.h"

typedef void (*visit_fn)(enum cp_core host, const struct cp_canon *ask, const struct cp_sequence *s);

static bool is_operation(const struct cp_canon *c)
{
	return c->op >= CP_TLBI_ALL && c->op <= CP_UNLOCK_TLB;
}

static void each(visit_fn fn)
{
	unsigned n = 0;

	for (unsigned host = 0; host < CP_CORES; host++)
		for (unsigned i = 0; i < cp_map_count; i++) {
			const struct cp_canon *ask = &cp_map[i].canon;
			struct cp_sequence s;

			if (!is_operation(ask))
				continue;
			if (!cpu_sequence((enum cp_core)host, ask, &s))
				fail_msg("%s has no sequence for '%s'", cp_core_name[host], cp_map[i].name);
			fn((enum cp_core)host, ask, &s);
			n++;
		}
	assert_true(n > 900);
}

static struct cp_canon step_canon(enum cp_core host, const struct seq_step *t)
{
	return cp_canonical(host, t->key, t->read);
}

static void check_steps(enum cp_core host, const struct cp_canon *ask, const struct cp_sequence *s)
{
	(void)ask;
	assert_true(s->nstep <= SEQ_STEPS);
	assert_true(s->source[0] && s->confidence < CONF_CHOICE);
	for (unsigned i = 0; i < s->nstep; i++) {
		const struct seq_step *t = &s->step[i];

		assert_true(t->cost < PRIMS);
		assert_true(t->count <= SEQ_PER_RANGE_LINE && t->cost_count <= SEQ_PER_RANGE_LINE);
		if (t->kind == SEQ_LOAD)
			continue;
		if (step_canon(host, t).op == CP_UNKNOWN)
			fail_msg("%s: step %u of %u: key 0x%04x is not the core's", cp_core_name[host], i,
				 ask->op, t->key);
	}
}

static void steps_are_the_hosts_own(void **state)
{
	(void)state;
	each(check_steps);
}

/* What one step does to D or I, and to how much: 0 nothing, 1 line, 2 as a set/way loop has it
 * each time, 3 a range, 4 all. */
struct reach { unsigned clean, inval; };

static unsigned extent(const struct cp_canon *c, enum seq_count times)
{
	if (c->op == CP_TESTCLEAN || c->scope == SCOPE_ALL)
		return c->op == CP_TESTCLEAN && times != SEQ_PER_DIRTY ? 0 : 4;
	if (c->scope == SCOPE_WAY)
		return times == SEQ_PER_LINE ? 4 : 2;
	if (c->scope == SCOPE_RANGE || times == SEQ_PER_RANGE_LINE)
		return 3;
	return 1;
}

static struct reach step_reach(enum cp_core host, const struct seq_step *t, unsigned side)
{
	struct cp_canon c = { 0 };
	unsigned e;

	if (t->kind == SEQ_CP)
		c = step_canon(host, t);
	if (t->kind == SEQ_LOAD || c.op == CP_ALLOCATE) {       /* another line has to go */
		e = t->count == SEQ_PER_LINE ? 4 : 2;
		return side == SIDE_D ? (struct reach){ e, e } : (struct reach){ 0, 0 };
	}
	if ((c.op != CP_CACHE && c.op != CP_TESTCLEAN) || !(c.side & side))
		return (struct reach){ 0, 0 };
	e = extent(&c, (enum seq_count)t->count);
	return (struct reach){ c.clean ? e : 0, c.inval ? e : 0 };
}

static bool covers(unsigned have, unsigned want)
{
	return have == 4 || have == want;
}

static void check_cache(enum cp_core host, const struct cp_canon *ask, const struct cp_sequence *s)
{
	struct cp_canon a = *ask;
	bool cleaned = false, whole = false;

	if (a.op != CP_CACHE && a.op != CP_TESTCLEAN)
		return;
	for (unsigned side = SIDE_I; side <= SIDE_D; side++) {
		unsigned want = a.op == CP_TESTCLEAN ? 4 : extent(&a, SEQ_ONCE);
		bool clean = !a.clean || side == SIDE_I, inval = !a.inval;
		unsigned safe = 0;      /* how far D was cleaned already */

		for (unsigned i = 0; i < s->nstep; i++) {
			struct reach r = step_reach(host, &s->step[i], side);

			if (!(a.side & side)) {         /* not asked: left alone */
				assert_true(!r.clean && !r.inval);
				continue;
			}
			clean |= covers(r.clean, want);
			inval |= covers(r.inval, want);
			whole |= want < 4 && (r.inval == 4 || r.clean == 4);
			if (side == SIDE_I)
				continue;
			cleaned |= r.clean > 0;
			safe = r.clean > safe ? r.clean : safe;
			if (a.clean && r.inval)         /* no dirty data goes unsaved */
				assert_true(covers(safe, r.inval));
		}
		if (a.side & side && !(clean && inval))
			fail_msg("%s: op %u side %u scope %u clean %d inval %d is not done",
				 cp_core_name[host], a.op, a.side, a.scope, a.clean, a.inval);
	}
	assert_int_equal(s->cleans, cleaned);
	assert_int_equal(s->whole, whole);
}

static void caches_are_done_and_nothing_is_lost(void **state)
{
	(void)state;
	each(check_cache);
}

static void check_tlb(enum cp_core host, const struct cp_canon *ask, const struct cp_sequence *s)
{
	unsigned sides = 0, all = 0;

	if (ask->op < CP_TLBI_ALL || ask->op > CP_TLBI_MVAA)
		return;
	for (unsigned i = 0; i < s->nstep; i++) {
		struct cp_canon c = step_canon(host, &s->step[i]);

		assert_true(c.op >= CP_TLBI_ALL && c.op <= CP_TLBI_MVAA);
		assert_int_equal(s->step[i].cost, PRIM_tlbi);
		/* without ASIDs by MVA is by MVA of any ASID; with them it is less */
		if (c.op == CP_TLBI_ALL || c.op == ask->op ||
		    (c.op == CP_TLBI_MVA && ask->op == CP_TLBI_MVAA && c.operand == OPERAND_MVA))
			sides |= c.side;
		all |= c.op == CP_TLBI_ALL;
	}
	assert_int_equal(sides & ask->side, ask->side);
	assert_int_equal(s->whole, all && ask->op != CP_TLBI_ALL);
}

static void tlb_operations_reach_both_sides(void **state)
{
	(void)state;
	each(check_tlb);
}

static uint64_t instructions(const struct cp_sequence *s, uint32_t lines, uint32_t dirty)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < s->nstep; i++) {
		assert_true(s->step[i].count != SEQ_PER_RANGE_LINE);
		n += s->step[i].count == SEQ_PER_LINE ? lines : s->step[i].count == SEQ_PER_DIRTY ? dirty + 1 : 1;
	}
	return n;
}

/* How long a clean and invalidate of the whole D cache is, as the manuals' own code has it. */
static void whole_cache_lengths(void **state)
{
	static const struct { enum cp_core core; uint32_t lines, dirty; uint64_t want; } cases[] = {
		{ CP_CORE_ARM920T, 512, 7, 512 },       /* 8 segments x 64 indices */
		{ CP_CORE_ARM922T, 256, 7, 256 },
		{ CP_CORE_ARM926, 512, 7, 8 },          /* until clean */
		{ CP_CORE_SA1110, 256, 7, 257 },        /* 8 KB of loads, then invalidate */
		{ CP_CORE_PXA255, 1024, 7, 1025 },      /* 32 KB of allocations, then invalidate */
		{ CP_CORE_PXA270, 1024, 7, 1025 },
		{ CP_CORE_ARM1136, 512, 7, 1 }, { CP_CORE_ARM1176, 512, 7, 1 },
		{ CP_CORE_MPCORE, 1024, 7, 1 },
		{ CP_CORE_A8, 512, 7, 512 }, { CP_CORE_A15, 512, 7, 512 },
	};
	const struct cp_canon both = { .op = CP_CACHE, .side = SIDE_D, .scope = SCOPE_ALL,
				       .clean = true, .inval = true };
	const struct cp_canon test = { .op = CP_TESTCLEAN, .side = SIDE_D, .scope = SCOPE_ALL,
				       .clean = true, .inval = true };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cp_sequence s, t;

		assert_true(cpu_sequence(cases[i].core, &both, &s));
		assert_true(cpu_sequence(cases[i].core, &test, &t));
		assert_true(instructions(&s, cases[i].lines, cases[i].dirty) == cases[i].want);
		assert_true(instructions(&t, cases[i].lines, cases[i].dirty) == cases[i].want);
		assert_true(s.cleans);
	}
}

/* Registers and what has no effect are no operations: nothing is made up for them. */
static void registers_have_none(void **state)
{
	(void)state;
	for (unsigned host = 0; host < CP_CORES; host++)
		for (unsigned op = 0; op < CP_OPS; op++) {
			struct cp_canon c = { .op = (uint8_t)op };
			struct cp_sequence s = { .nstep = 77 };

			if (is_operation(&c))
				continue;
			assert_false(cpu_sequence((enum cp_core)host, &c, &s));
			assert_int_equal(s.nstep, 77);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_the_hosts_own),
		cmocka_unit_test(caches_are_done_and_nothing_is_lost),
		cmocka_unit_test(tlb_operations_reach_both_sides),
		cmocka_unit_test(whole_cache_lengths),
		cmocka_unit_test(registers_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
