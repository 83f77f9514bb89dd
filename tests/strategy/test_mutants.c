/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `coherent` with one planted bug at a time, on random guests: --verify must find each.
 * A mutant that lives is a hole in the checks, not in the strategy.
 */
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

#include "tests/strategy/random_guest.h"

enum { SEEDS = 6, RECORDS = 12000 };

extern const struct strategy_ops strategy_coherent;

/* The mutant's view of the port: the real one with some functions replaced. */
static struct strategy_port bent;
static const struct strategy_port *real;
static const struct mutant *planted;

struct mutant {
	const char *name;
	void (*bend_ops)(struct strategy_ops *o);
	void (*bend_port)(struct strategy_port *p);
};

static enum err start(void *self, const void *params, const struct strategy_port *port,
		      struct diag *d)
{
	real = port;
	bent = *port;
	if (planted->bend_port)
		planted->bend_port(&bent);
	return strategy_coherent.start(self, params, &bent, d);
}

/* --- hooks that are forgotten --------------------------------------------------------- */

static void no_tlbi_mva(struct strategy_ops *o) { o->on_tlbi_mva = NULL; }
static void no_tlbi_all(struct strategy_ops *o) { o->on_tlbi_all = NULL; }
static void no_dacr(struct strategy_ops *o) { o->on_dacr = NULL; }
static void no_sctlr(struct strategy_ops *o) { o->on_sctlr = NULL; }
static void no_view_switch(struct strategy_ops *o) { o->on_mode = NULL; }
static void no_user_view(struct strategy_ops *o) { o->on_unpriv = NULL; }

/* --- hooks that do it wrong ----------------------------------------------------------- */

static void zap_only_named(void *self, gva_t mva)
{
	/* the page at the operand, as if everything were 4 KB from there */
	strategy_coherent.on_tlbi_mva(self, gva(mva.raw ^ 0x1000));
}

static void off_by_a_page(struct strategy_ops *o) { o->on_tlbi_mva = zap_only_named; }

static void half_the_domains(void *self, uint32_t old, uint32_t new)
{
	uint32_t low = 0x0000000f;

	strategy_coherent.on_dacr(self, old & low, new & low);
}

static void dacr_of_two_domains(struct strategy_ops *o) { o->on_dacr = half_the_domains; }

static void kernel_view(void *self, bool user)
{
	(void)user;
	strategy_coherent.on_mode(self, false);
}

static void kernel_view_for_all(struct strategy_ops *o) { o->on_mode = kernel_view; }

/* Injects once an access without a look at the guest's tables. */
static enum abort_verdict blind(void *self, struct abort_info *a)
{
	static gva_t last;

	if (a->mva.raw == last.raw)
		return strategy_coherent.on_abort(self, a);
	last = a->mva;
	a->fs = FS_TRANS_PAGE;
	return VERDICT_INJECT;
}

static void injects_without_walking(struct strategy_ops *o) { o->on_abort = blind; }

static enum abort_verdict other_status(void *self, struct abort_info *a)
{
	enum abort_verdict v = strategy_coherent.on_abort(self, a);

	if (v == VERDICT_INJECT && a->fs == FS_TRANS_PAGE)
		a->fs = FS_PERM_PAGE;
	return v;
}

static void injects_another_status(struct strategy_ops *o) { o->on_abort = other_status; }

/* Emulates what the guest must not do. */
static enum abort_verdict emulating(void *self, struct abort_info *a)
{
	enum abort_verdict v = strategy_coherent.on_abort(self, a);

	if (v != VERDICT_INJECT || a->fs != FS_PERM_PAGE)
		return v;
	a->emulate = EV_HIDDEN_EMUL;
	return VERDICT_EMULATE;
}

static void emulates_denied(struct strategy_ops *o) { o->on_abort = emulating; }

/* --- a port that is used wrongly ------------------------------------------------------ */

static bool next_frame(void *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa)
{
	bool ok = real->to_host(m, gpa, size_log2, hpa);

	*hpa += size_log2 == FRAME_LOG2 ? FRAME_BYTES : 0;
	return ok;
}

static void one_frame_off(struct strategy_port *p) { p->to_host = next_frame; }

static bool into_hypervisor(void *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa)
{
	bool ok = real->to_host(m, gpa, size_log2, hpa);

	if (size_log2 == FRAME_LOG2 && (gpa >> 12 & 15) == 3)
		*hpa = HV_HPA + HV_DATA;
	return ok;
}

static void maps_hypervisor(struct strategy_port *p) { p->to_host = into_hypervisor; }

static void no_tlbi(void *m) { (void)m; }
static void host_tlb_keeps_all(struct strategy_port *p) { p->host_tlbi_all = no_tlbi; }

/* Client where the views say no access: the user sees the kernel's pages. */
static void open_dacr(void *m, enum host_reg r, uint32_t value)
{
	real->host_set(m, r, r == HOST_DACR ? value | 1 << 2 : value);
}

static void user_view_is_open(struct strategy_port *p) { p->host_set = open_dacr; }

/* AP of small pages read as one better: read-only becomes read/write. */
static void generous(void *m, uint32_t offset, uint32_t word)
{
	bool small = offset >= HV_POOL && offset < HV_POOL_END && (word & 3) == 2;

	real->shadow_write(m, offset, small && (word & 0x30) == 0x20 ? word | 0x10 : word);
}

static void read_only_is_writable(struct strategy_port *p) { p->shadow_write = generous; }

static const struct mutant mutants[] = {
	{ "TLBI by MVA does nothing", no_tlbi_mva, NULL },
	{ "TLBI all does nothing", no_tlbi_all, NULL },
	{ "DACR write does nothing", no_dacr, NULL },
	{ "SCTLR write does nothing", no_sctlr, NULL },
	{ "no view switch", no_view_switch, NULL },
	{ "no user view for LDRT/STRT", no_user_view, NULL },
	{ "TLBI by MVA of the neighbour", off_by_a_page, NULL },
	{ "DACR write seen for two domains only", dacr_of_two_domains, NULL },
	{ "kernel view in both modes", kernel_view_for_all, NULL },
	{ "injects without walking", injects_without_walking, NULL },
	{ "injects another status", injects_another_status, NULL },
	{ "emulates denied accesses", emulates_denied, NULL },
	{ "maps one frame off", NULL, one_frame_off },
	{ "maps the hypervisor's memory", NULL, maps_hypervisor },
	{ "host TLB invalidate all forgotten", NULL, host_tlb_keeps_all },
	{ "user view does not close the kernel's domain", NULL, user_view_is_open },
	{ "read-only pages writable", NULL, read_only_is_writable },
};
enum { MUTANTS = sizeof(mutants) / sizeof(mutants[0]) };

/* With no bug planted the wrapper changes nothing: not a violation. */
static const struct mutant healthy = { "none", NULL, NULL };

static uint64_t violations(const struct kit *k, const struct mutant *mu)
{
	struct strategy_ops ops = strategy_coherent;
	struct kit_plan p = { .ops = &ops, .verify = true };
	struct lane *l;
	struct diag d;
	uint64_t n;

	planted = mu;
	ops.start = start;
	if (mu->bend_ops)
		mu->bend_ops(&ops);
	l = kit_lane(k, "coherent", &p);
	kit_feed(l, k, 0, KIT_NOW, 4096);
	if (kit_finish(l, k, &d))
		print_message("# %s: conservation: %s\n", mu->name, d.msg);
	n = l->violations;
	if (n)
		print_message("# %s: %s\n", mu->name, l->first_violation.msg);
	lane_destroy(l);
	return n;
}

static void each_mutant_is_caught(void **state)
{
	bool caught[MUTANTS] = { false };
	unsigned alive = 0;

	(void)state;
	for (uint64_t seed = 101; seed < 101 + SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k;

		random_guest(&k, seed, RECORDS, &n);
		assert_int_equal(violations(&k, &healthy), 0);
		for (unsigned i = 0; i < MUTANTS; i++)
			if (!caught[i])
				caught[i] = violations(&k, &mutants[i]) > 0;
		kit_free(&k);
	}
	for (unsigned i = 0; i < MUTANTS; i++)
		if (!caught[i]) {
			print_error("not caught: %s\n", mutants[i].name);
			alive++;
		}
	assert_int_equal(alive, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mutant_is_caught),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
