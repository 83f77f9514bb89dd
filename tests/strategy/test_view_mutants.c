/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The views of `coherent` with one planted bug at a time, on guests that go back and forth between kernel and user:
 * --verify must find each. That it finds nothing without the bug is in test_views.c, and once more here.
 */
#include "tests/support.h"

#include <string.h>

#include "strategies/view.h"
#include "tests/strategy/random_guest.h"
#include "tests/strategy/random_guest_v6.h"

enum { SEEDS = 6, RECORDS = 8000 };

extern const struct strategy_ops strategy_coherent;

static struct strategy_port bent;
static const struct strategy_port *real;
static const struct mutant *planted;
static bool switching;                  /* inside a change of views */

struct mutant {
	const char *name, *spec;
	bool v6;
	void (*bend_ops)(struct strategy_ops *o);
	void (*bend_port)(struct strategy_port *p);
};

static enum err start(void *self, const void *params, const struct strategy_port *port,
		      struct diag *d)
{
	enum err e;

	real = port;
	bent = *port;
	switching = false;
	if (planted->bend_port)
		planted->bend_port(&bent);
	e = strategy_coherent.start(self, params, &bent, d);
	return e;
}

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

static void no_switch(struct strategy_ops *o) { o->on_mode = NULL; }
static void no_user_view(struct strategy_ops *o) { o->on_unpriv = NULL; }
static void no_dacr(struct strategy_ops *o) { o->on_dacr = NULL; }

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
	{ "no switch", TABLES, false, no_switch, NULL },
	{ "no user view for LDRT", TABLES, false, no_user_view, NULL },
	{ "root stays", TABLES, false, NULL, root_stays },
	{ "host TLB keeps the other table's entries", TABLES, false, NULL, host_tlb_keeps_the_view },
	{ "changes of DACR are not seen", TABLES, false, changes_are_not_seen, NULL },
	{ "no DACR write", TABLES ":dacr=pass", false, no_dacr, NULL },
	{ "no switch", REFLUSH, false, no_switch, NULL },
	{ "no user view for LDRT", REFLUSH, false, no_user_view, NULL },
	{ "LDRT in the kernel's view", REFLUSH, false, unpriv_in_the_kernels_view, NULL },
	{ "host TLB keeps what was dropped", REFLUSH, false, NULL, host_tlb_keeps_the_view },
	{ "tables keep what was dropped", REFLUSH, false, NULL, tables_keep_the_view },
	{ "no switch", FOLD, false, no_switch, NULL },
	{ "kernel's view for all", FOLD, false, kernel_view_for_all, NULL },
	{ "DACR stays", FOLD, false, NULL, dacr_stays },
	{ "user view closes nothing", FOLD, false, NULL, nothing_is_closed },
	{ "no user view for LDRT", FOLD ":dacr=pass", false, no_user_view, NULL },
	{ "first-level words stay", SPLIT, false, NULL, tables_keep_the_view },
	{ "host TLB keeps the other view's", SPLIT, false, NULL, host_tlb_keeps_the_view },
	{ "no user view for LDRT", SPLIT, false, no_user_view, NULL },
	{ "host TLB keeps the other view's", SPLIT ":dacr=pass", false, NULL, host_tlb_keeps_the_view },
	{ "no switch", PASS, false, no_switch, NULL },
	{ "no DACR write", PASS, false, no_dacr, NULL },
	{ "kernel's view for all", PASS, false, kernel_view_for_all, NULL },
	{ "user view closes nothing", PASS, false, NULL, nothing_is_closed },
	{ "clients are managers", PASS, false, NULL, all_is_managed },
	{ "no switch", TABLES ":asids=4", true, no_switch, NULL },
	{ "root stays", TABLES, true, NULL, root_stays },
	{ "ASID stays", TABLES, true, NULL, asid_stays },
	{ "nG is lost", TABLES, true, NULL, ng_is_lost },
	{ "no user view for LDRT", TABLES, true, no_user_view, NULL },
	{ "host TLB keeps what was dropped", REFLUSH, true, NULL, host_tlb_keeps_the_view },
	{ "tables keep what was dropped", REFLUSH ":asids=4", true, NULL, tables_keep_the_view },
	{ "user view closes nothing", FOLD, true, NULL, nothing_is_closed },
	{ "first-level words stay", SPLIT, true, NULL, tables_keep_the_view },
	{ "host TLB keeps the other view's", SPLIT ":asids=2", true, NULL, host_tlb_keeps_the_view },
	{ "clients are managers", PASS, true, NULL, all_is_managed },
	{ "no DACR write", PASS ":asids=4", true, no_dacr, NULL },
};
enum { MUTANTS = sizeof(mutants) / sizeof(mutants[0]) };

static uint64_t violations(const struct kit *k, const struct mutant *mu)
{
	struct strategy_ops ops = strategy_coherent;
	struct kit_plan p = { .ops = &ops, .core = k->t.header.core, .verify = true };
	struct lane *l;
	uint64_t n;

	planted = mu;
	ops.start = start;
	ops.on_mode = mode;
	ops.on_unpriv = unpriv;
	if (mu->bend_ops)
		mu->bend_ops(&ops);
	l = kit_lane(k, mu->spec, &p);
	kit_feed(l, k, 0, KIT_NOW, 4096);
	n = l->violations;
	if (n)
		print_message("# %s, %s: %s\n", mu->spec, mu->name, l->first_violation.msg);
	lane_destroy(l);
	return n;
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
				struct mutant healthy = { "none", mutants[i].spec, v6, NULL, NULL };

				if (caught[i] || mutants[i].v6 != v6)
					continue;
				assert_int_equal(violations(&k, &healthy), 0);
				caught[i] = violations(&k, &mutants[i]) > 0;
				left -= caught[i];
			}
			kit_free(&k);
		}
	for (unsigned i = 0; i < MUTANTS; i++)
		if (!caught[i])
			print_error("not caught: %s, %s\n", mutants[i].spec, mutants[i].name);
	assert_int_equal(left, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mutant_is_caught),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
