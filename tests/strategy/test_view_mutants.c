/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The views of `coherent` with one planted bug at a time, on guests that go back and forth between kernel and user:
 * --verify must find each. That it finds nothing without the bug is in test_views.c, and once more here.
 */
#include "tests/support.h"

#include <string.h>

#include "strategies/view.h"
#include "tests/strategy/mutant_kit.h"
#include "tests/strategy/random_guest.h"
#include "tests/strategy/random_guest_v6.h"

enum { SEEDS = 6, RECORDS = 8000 };

extern const struct strategy_ops strategy_coherent;

static bool switching;                  /* inside a change of views */

static void mode(void *self, bool user)
{
	switching = true;
	strategy_coherent.on_mode(self, user);
	switching = false;
}

static void unpriv(void *self, bool enter)
{
	switching = true;
	strategy_coherent.on_unpriv(self, enter);
	switching = false;
}

/* --- hooks ------------------------------------------------------------------------------------ */


static void always_kernel(void *self, bool user)
{
	(void)user;
	strategy_coherent.on_mode(self, false);
}

static void kernel_view_for_all(struct strategy_ops *o) { o->on_mode = always_kernel; }

static void never_leaves(void *self, bool enter)
{
	(void)enter;
	strategy_coherent.on_unpriv(self, false);
}

static void unpriv_in_the_kernels_view(struct strategy_ops *o) { o->on_unpriv = never_leaves; }

/* --- the port, while views change ------------------------------------------------------------- */

static void quiet_all(void *m)
{
	if (!switching)
		real->host_tlbi_all(m);
}

static void quiet_mva(void *m, gva_t mva)
{
	if (!switching)
		real->host_tlbi_mva(m, mva);
}

static void quiet_mva_asid(void *m, gva_t mva, uint8_t asid)
{
	if (!switching)
		real->host_tlbi_mva_asid(m, mva, asid);
}

static void quiet_asid(void *m, uint8_t asid)
{
	if (!switching)
		real->host_tlbi_asid(m, asid);
}

static void host_tlb_keeps_the_view(struct strategy_port *p)
{
	p->host_tlbi_all = quiet_all;
	p->host_tlbi_mva = quiet_mva;
	p->host_tlbi_mva_asid = quiet_mva_asid;
	p->host_tlbi_asid = quiet_asid;
}

static void unwritten(void *m, uint32_t offset, uint32_t word)
{
	if (!switching)
		real->shadow_write(m, offset, word);
}

static void tables_keep_the_view(struct strategy_port *p) { p->shadow_write = unwritten; }

static void without(void *m, enum host_reg r, uint32_t value, enum host_reg lost)
{
	if (r != lost || !switching)
		real->host_set(m, r, value);
}

static void without_root(void *m, enum host_reg r, uint32_t v) { without(m, r, v, HOST_TTBR); }
static void without_asid(void *m, enum host_reg r, uint32_t v) { without(m, r, v, HOST_ASID); }
static void without_dacr(void *m, enum host_reg r, uint32_t v) { without(m, r, v, HOST_DACR); }
static void root_stays(struct strategy_port *p) { p->host_set = without_root; }
static void asid_stays(struct strategy_port *p) { p->host_set = without_asid; }
static void dacr_stays(struct strategy_port *p) { p->host_set = without_dacr; }

/* Client where a view says no access. */
static void open_all(void *m, enum host_reg r, uint32_t value)
{
	uint32_t none = ~(value | value >> 1) & 0x55555555;

	real->host_set(m, r, r == HOST_DACR ? value | none : value);
}

static void nothing_is_closed(struct strategy_port *p) { p->host_set = open_all; }

/* What is client is manager: no AP counts. */
static void manage_all(void *m, enum host_reg r, uint32_t value)
{
	real->host_set(m, r, r == HOST_DACR ? value | (value & 0x55555554) << 1 : value);
}

static void all_is_managed(struct strategy_port *p) { p->host_set = manage_all; }

/* Without nG an entry serves both views. */
static void all_global(void *m, uint32_t offset, uint32_t word)
{
	bool small = offset >= HV_POOL && offset < HV_POOL_V6_END && word & 2;

	real->shadow_write(m, offset, small ? word & ~(1u << 11) : word);
}

static void ng_is_lost(struct strategy_port *p) { p->shadow_write = all_global; }

/* Entries of the kernel's with AP for all, as if the user's were theirs. */
static void dacr_of_one_write_ago(void *self, uint32_t old, uint32_t new)
{
	uint32_t same = new & ~(old ^ new);

	strategy_coherent.on_dacr(self, same, same);    /* xor sees no change */
}

static void changes_are_not_seen(struct strategy_ops *o) { o->on_dacr = dacr_of_one_write_ago; }

#define TABLES "coherent:view=two-tables"
#define REFLUSH "coherent:view=reflush"
#define FOLD "coherent:view=fold"
#define SPLIT "coherent:mb=split-view"
#define PASS "coherent:dacr=pass"

static const struct mutant mutants[] = {
	{ "no switch", no_view_switch, NULL, TABLES, NULL, false },
	{ "no user view for LDRT", no_user_view, NULL, TABLES, NULL, false },
	{ "root stays", NULL, root_stays, TABLES, NULL, false },
	{ "host TLB keeps the other table's entries", NULL, host_tlb_keeps_the_view, TABLES, NULL, false },
	{ "changes of DACR are not seen", changes_are_not_seen, NULL, TABLES, NULL, false },
	{ "no DACR write", no_dacr, NULL, TABLES ":dacr=pass", NULL, false },
	{ "no switch", no_view_switch, NULL, REFLUSH, NULL, false },
	{ "no user view for LDRT", no_user_view, NULL, REFLUSH, NULL, false },
	{ "LDRT in the kernel's view", unpriv_in_the_kernels_view, NULL, REFLUSH, NULL, false },
	{ "host TLB keeps what was dropped", NULL, host_tlb_keeps_the_view, REFLUSH, NULL, false },
	{ "tables keep what was dropped", NULL, tables_keep_the_view, REFLUSH, NULL, false },
	{ "no switch", no_view_switch, NULL, FOLD, NULL, false },
	{ "kernel's view for all", kernel_view_for_all, NULL, FOLD, NULL, false },
	{ "DACR stays", NULL, dacr_stays, FOLD, NULL, false },
	{ "user view closes nothing", NULL, nothing_is_closed, FOLD, NULL, false },
	{ "no user view for LDRT", no_user_view, NULL, FOLD ":dacr=pass", NULL, false },
	{ "first-level words stay", NULL, tables_keep_the_view, SPLIT, NULL, false },
	{ "host TLB keeps the other view's", NULL, host_tlb_keeps_the_view, SPLIT, NULL, false },
	{ "no user view for LDRT", no_user_view, NULL, SPLIT, NULL, false },
	{ "host TLB keeps the other view's", NULL, host_tlb_keeps_the_view, SPLIT ":dacr=pass", NULL, false },
	{ "no switch", no_view_switch, NULL, PASS, NULL, false },
	{ "no DACR write", no_dacr, NULL, PASS, NULL, false },
	{ "kernel's view for all", kernel_view_for_all, NULL, PASS, NULL, false },
	{ "user view closes nothing", NULL, nothing_is_closed, PASS, NULL, false },
	{ "clients are managers", NULL, all_is_managed, PASS, NULL, false },
	{ "no switch", no_view_switch, NULL, TABLES ":asids=4", NULL, true },
	{ "root stays", NULL, root_stays, TABLES, NULL, true },
	{ "ASID stays", NULL, asid_stays, TABLES, NULL, true },
	{ "nG is lost", NULL, ng_is_lost, TABLES, NULL, true },
	{ "no user view for LDRT", no_user_view, NULL, TABLES, NULL, true },
	{ "host TLB keeps what was dropped", NULL, host_tlb_keeps_the_view, REFLUSH, NULL, true },
	{ "tables keep what was dropped", NULL, tables_keep_the_view, REFLUSH ":asids=4", NULL, true },
	{ "user view closes nothing", NULL, nothing_is_closed, FOLD, NULL, true },
	{ "first-level words stay", NULL, tables_keep_the_view, SPLIT, NULL, true },
	{ "host TLB keeps the other view's", NULL, host_tlb_keeps_the_view, SPLIT ":asids=2", NULL, true },
	{ "clients are managers", NULL, all_is_managed, PASS, NULL, true },
	{ "no DACR write", no_dacr, NULL, PASS ":asids=4", NULL, true },
};
enum { MUTANTS = sizeof(mutants) / sizeof(mutants[0]) };

static uint64_t violations(const struct kit *k, const struct mutant *mu)
{
	struct strategy_ops ops = strategy_coherent;

	ops.on_mode = mode;
	ops.on_unpriv = unpriv;
	switching = false;
	return mutant_violations(&ops, k, mu, 4096);
}

static void guest_for(struct kit *k, bool v6, uint64_t seed)
{
	static const char *const core[] = { "arm1136", "arm1176", "mpcore" };
	struct random_guest_counts n;

	if (v6)
		random_guest_v6_busy(k, core[seed % 3], seed, RECORDS, &n);
	else
		random_guest_busy(k, seed, RECORDS, &n);
}

static void each_mutant_is_caught(void **state)
{
	bool caught[MUTANTS] = { false };
	unsigned left = MUTANTS;

	(void)state;
	for (uint64_t seed = 1; left && seed <= SEEDS; seed++)
		for (unsigned v6 = 0; v6 < 2; v6++) {
			struct kit k;

			guest_for(&k, v6, 300 + seed);
			for (unsigned i = 0; i < MUTANTS; i++) {
				struct mutant healthy = { "none", NULL, NULL, mutants[i].spec, NULL, v6 };

				if (caught[i] || mutants[i].v6 != v6)
					continue;
				assert_int_equal(violations(&k, &healthy), 0);
				caught[i] = violations(&k, &mutants[i]) > 0;
				left -= caught[i];
			}
			kit_free(&k);
		}
	mutants_are_caught(mutants, caught, MUTANTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mutant_is_caught),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
