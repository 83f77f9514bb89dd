/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `nested` with one planted bug at a time, on random guests of ARMv5 and ARMv6: --verify or the
 * strategy's audit must find each; none is found without.
 */
#include "tests/support.h"

#include <string.h>

#include "models/pt/lpae.h"
#include "tests/strategy/mutant_kit.h"
#include "tests/strategy/random_guest.h"
#include "tests/strategy/random_guest_v6.h"

enum { SEEDS = 3, RECORDS = 8000 };

extern const struct strategy_ops strategy_nested;

/* --- words of stage 2 ---------------------------------------------------------------------------- */

static bool other_block(void *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa)
{
	bool ok = real->stage2_block(m, gpa, size_log2, hpa);

	*hpa ^= size_log2 == 21 ? UINT32_C(1) << 21 : 0;
	return ok;
}
static void one_block_off(struct strategy_port *p) { p->stage2_block = other_block; }

/* As if the machine were in one piece. */
static bool never_in_pieces(void *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa)
{
	if (!real->stage2_block(m, gpa, FRAME_LOG2, hpa))
		return false;
	*hpa = *hpa >> size_log2 << size_log2;
	return true;
}
static void larger_than_a_piece(struct strategy_port *p) { p->stage2_block = never_in_pieces; }

static bool into_hypervisor(void *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa)
{
	if (!real->stage2_block(m, gpa, size_log2, hpa))
		return false;
	if (size_log2 == FRAME_LOG2 && (gpa >> FRAME_LOG2 & 15) == 3)
		*hpa = HV_HPA + HV_DATA;
	return true;
}
static void maps_hypervisor(struct strategy_port *p) { p->stage2_block = into_hypervisor; }

static void next_word(void *m, uint32_t offset, uint64_t word)
{
	real->stage2_write(m, word & 2 ? offset : offset ^ 8, word);    /* blocks go astray */
}
static void word_beside(struct strategy_port *p) { p->stage2_write = next_word; }

static void without_rights(void *m, uint32_t offset, uint64_t word)
{
	real->stage2_write(m, offset, word & 3 ? word & ~(UINT64_C(2) << 6) : word);
}
static void read_only(struct strategy_port *p) { p->stage2_write = without_rights; }

static const struct mutant mutants[] = {
	{ "no_ttbr", no_ttbr, NULL, "nested", NULL, false },
	{ "no_dacr", no_dacr, NULL, "nested", NULL, false },
	{ "no_sctlr", no_sctlr, NULL, "nested", NULL, false },
	{ "one_block_off", NULL, one_block_off, "nested", NULL, false },
	{ "larger_than_a_piece", NULL, larger_than_a_piece, "nested", "map=fragmented", false },
	{ "maps_hypervisor", NULL, maps_hypervisor, "nested", "map=fragmented", false },
	{ "word_beside", NULL, word_beside, "nested", NULL, false },
	{ "read_only", NULL, read_only, "nested", NULL, false },
};
enum { MUTANTS = sizeof(mutants) / sizeof(mutants[0]) };

/* Violations of the oracle, or what the end of the lane says. */
static bool is_found(const struct kit *k, const struct mutant *m, const char *core)
{
	struct strategy_ops ops = mutant_ops(&strategy_nested, m);
	struct kit_plan p = { .set = { m->map ? m->map : "map=contiguous" }, .core = core, .ops = &ops,
			      .verify = true };
	struct lane *l = kit_lane(k, m->spec, &p);
	struct diag d;
	bool found;

	kit_feed(l, k, 0, KIT_NOW, 4096);
	found = kit_finish(l, k, &d) != ERR_OK || l->violations;
	lane_destroy(l);
	return found;
}

/* bit i: mutant i was found on some guest; the plain strategy never. */
static void each_is_found(void **state)
{
	static const struct mutant none = { "none", NULL, NULL, "nested", NULL, false };
	bool found[2][MUTANTS] = { { false } };

	(void)state;
	for (uint64_t seed = 1; seed <= 2 * SEEDS; seed++) {
		bool v6 = seed > SEEDS;
		struct random_guest_counts n;
		const char *core = v6 ? "arm1176" : "arm926";
		struct kit k;

		if (v6)
			random_guest_v6(&k, core, seed, RECORDS, &n);
		else
			random_guest(&k, seed, RECORDS, &n);
		assert_false(is_found(&k, &none, core));
		for (unsigned i = 0; i < MUTANTS; i++)
			found[v6][i] |= is_found(&k, &mutants[i], core);
		kit_free(&k);
	}
	for (unsigned i = 0; i < MUTANTS; i++) {
		if (!found[0][i])
			fail_msg("%s lives on ARMv5", mutants[i].name);
		if (!found[1][i])
			fail_msg("%s lives on ARMv6", mutants[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
