/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `cached` with one planted bug at a time, on random guests. --verify has to find each by what the hardware
 * uses then, without the audit.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/strategy/mutant_kit.h"
#include "tests/strategy/random_guest.h"

enum { SEEDS = 8, RECORDS = 9000, STEP = 1500, ROOT_B = 0x20000 };

extern const struct strategy_ops strategy_cached;

/* --- hooks that are forgotten, or do it wrong ------------------------------------------------ */


static bool in_root(uint32_t gpa)
{
	return gpa - KIT_ROOT < 0x4000 || gpa - ROOT_B < 0x4000;
}

static void follows_roots(void *self, uint32_t gpa, uint32_t old, uint32_t new)
{
	if (in_root(gpa))
		strategy_cached.on_pt_write(self, gpa, old, new);
}

static void pt_write_of_roots_only(struct strategy_ops *o) { o->on_pt_write = follows_roots; }

static void follows_pages(void *self, uint32_t gpa, uint32_t old, uint32_t new)
{
	if (!in_root(gpa))
		strategy_cached.on_pt_write(self, gpa, old, new);
}

static void pt_write_of_pages_only(struct strategy_ops *o) { o->on_pt_write = follows_pages; }

static void follows_neighbour(void *self, uint32_t gpa, uint32_t old, uint32_t new)
{
	strategy_cached.on_pt_write(self, gpa ^ 4, old, new);
}

static void pt_write_of_the_neighbour(struct strategy_ops *o) { o->on_pt_write = follows_neighbour; }

static void keeps_old(void *self, uint32_t gpa, uint32_t old, uint32_t new)
{
	(void)new;
	strategy_cached.on_pt_write(self, gpa, old ^ 1, old);
}

static void recomposes_the_old_word(struct strategy_ops *o) { o->on_pt_write = keeps_old; }

static void half_the_domains(void *self, uint32_t old, uint32_t new)
{
	strategy_cached.on_dacr(self, old & 0xf, new & 0xf);
}

static void managers_of_two_domains(struct strategy_ops *o) { o->on_dacr = half_the_domains; }

static void only_the_mmu(void *self, uint32_t old, uint32_t new)
{
	strategy_cached.on_sctlr(self, old & SCTLR_M, new & SCTLR_M);
}

static void s_and_r_forgotten(struct strategy_ops *o) { o->on_sctlr = only_the_mmu; }

static void kernel_view(void *self, bool user)
{
	(void)user;
	strategy_cached.on_mode(self, false);
}

static void kernel_view_for_all(struct strategy_ops *o) { o->on_mode = kernel_view; }

static enum abort_verdict other_status(void *self, struct abort_info *a)
{
	enum abort_verdict v = strategy_cached.on_abort(self, a);

	if (v == VERDICT_INJECT && a->fs == FS_TRANS_PAGE)
		a->fs = FS_PERM_PAGE;
	return v;
}

static void injects_another_status(struct strategy_ops *o) { o->on_abort = other_status; }

static enum abort_verdict emulating(void *self, struct abort_info *a)
{
	enum abort_verdict v = strategy_cached.on_abort(self, a);

	if (v != VERDICT_INJECT || a->fs != FS_PERM_PAGE)
		return v;
	a->emulate = EV_PT_WRITE;
	return VERDICT_EMULATE;
}

static void emulates_denied(struct strategy_ops *o) { o->on_abort = emulating; }

/* Injects a permission fault for what it should perform. */
static enum abort_verdict refusing(void *self, struct abort_info *a)
{
	enum abort_verdict v = strategy_cached.on_abort(self, a);

	if (v != VERDICT_EMULATE || a->emulate != EV_PT_WRITE)
		return v;
	a->fs = FS_PERM_PAGE;
	return VERDICT_INJECT;
}

static void injects_traced_stores(struct strategy_ops *o) { o->on_abort = refusing; }

/* --- a port that is used wrongly -------------------------------------------------------------- */

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
static void no_tlbi_mva(void *m, gva_t mva)
{
	(void)m;
	(void)mva;
}

static void host_tlb_keeps_pages(struct strategy_port *p) { p->host_tlbi_mva = no_tlbi_mva; }

/* All domains manager in every view. */
static void open_dacr(void *m, enum host_reg r, uint32_t value)
{
	real->host_set(m, r, r == HOST_DACR ? value | value << 1 | 0xc : value);
}

static void domains_are_open(struct strategy_port *p) { p->host_set = open_dacr; }

/* AP of small pages read as one better: what is traced is not read-only. */
static void generous(void *m, uint32_t offset, uint32_t word)
{
	bool small = offset >= HV_POOL && offset < HV_POOL_END && (word & 3) == 2;

	real->shadow_write(m, offset, small && (word & 0x30) == 0x20 ? word | 0x10 : word);
}

static void traced_is_writable(struct strategy_port *p) { p->shadow_write = generous; }

/* Invalid words are not stored: what was zapped stays. */
static void no_zeroes(void *m, uint32_t offset, uint32_t word)
{
	if (word)
		real->shadow_write(m, offset, word);
}

static void zaps_store_nothing(struct strategy_port *p) { p->shadow_write = no_zeroes; }

/* --- sync=unsync ------------------------------------------------------------------------------- */

static void no_tlbi_all(struct strategy_ops *o) { o->on_tlbi_all = NULL; }
static void no_tlbi_page(struct strategy_ops *o) { o->on_tlbi_mva = NULL; }

static void beside(void *self, gva_t mva)
{
	strategy_cached.on_tlbi_mva(self, gva(mva.raw ^ 0x10000));
}

static void tlbi_mva_of_the_neighbour(struct strategy_ops *o) { o->on_tlbi_mva = beside; }

/* --- views and the guest's domains ----------------------------------------------------------------- */

static bool in_hook;                    /* on_mode, on_dacr */

static void no_ttbr_in_hooks(void *m, enum host_reg r, uint32_t value)
{
	if (r != HOST_TTBR || !in_hook)
		real->host_set(m, r, value);
}

static void views_have_one_root(struct strategy_port *p) { p->host_set = no_ttbr_in_hooks; }

/* Closed domains are client. */
static void closed_is_client(void *m, enum host_reg r, uint32_t value)
{
	uint32_t closed = ~(value | value >> 1) & 0x55555554;

	real->host_set(m, r, r == HOST_DACR ? value | closed : value);
}

static void nothing_is_closed(struct strategy_port *p) { p->host_set = closed_is_client; }

/* What a hook takes away stays: in the words, or in the host TLB. */
static void changes_view(void *self, bool user)
{
	in_hook = true;
	strategy_cached.on_mode(self, user);
	in_hook = false;
}

static void writes_dacr(void *self, uint32_t old, uint32_t new)
{
	in_hook = true;
	strategy_cached.on_dacr(self, old, new);
	in_hook = false;
}

static void watch_hooks(struct strategy_ops *o)
{
	o->on_mode = changes_view;
	o->on_dacr = writes_dacr;
}

static void keeps_words(void *m, uint32_t offset, uint32_t word)
{
	if (word || !in_hook)
		real->shadow_write(m, offset, word);
}

static void hooks_keep_words(struct strategy_port *p) { p->shadow_write = keeps_words; }

static void keeps_first_level(void *m, uint32_t offset, uint32_t word)
{
	if (offset >= HV_POOL + 16 * 0x4000 || !in_hook)
		real->shadow_write(m, offset, word);
}

static void hooks_keep_first_level(struct strategy_port *p) { p->shadow_write = keeps_first_level; }

static void keeps_tlb(void *m)
{
	if (!in_hook)
		real->host_tlbi_all(m);
}

static void keeps_tlb_page(void *m, gva_t mva)
{
	if (!in_hook)
		real->host_tlbi_mva(m, mva);
}

static void hooks_keep_the_tlb(struct strategy_port *p)
{
	p->host_tlbi_all = keeps_tlb;
	p->host_tlbi_mva = keeps_tlb_page;
}

/* --- sync=hint, on guests that clean ------------------------------------------------------------ */

static void no_clean(struct strategy_ops *o) { o->on_clean = NULL; }
static void deaf(void *self) { (void)self; }
static void no_clean_all(struct strategy_ops *o) { o->on_clean_all = deaf; }

static void line_beside(void *self, gva_t mva, uint32_t bytes)
{
	strategy_cached.on_clean(self, gva(mva.raw ^ 0x20), bytes);
}

static void clean_of_the_line_beside(struct strategy_ops *o) { o->on_clean = line_beside; }

static void half_a_line(void *self, gva_t mva, uint32_t bytes)
{
	strategy_cached.on_clean(self, mva, bytes / 2);
}

static void clean_of_half_a_line(struct strategy_ops *o) { o->on_clean = half_a_line; }

static bool operand_in_root(gva_t mva) { return in_root(mva.raw - KIT_LINEAR); }

static void line_of_pages(void *self, gva_t mva, uint32_t bytes)
{
	if (!operand_in_root(mva))
		strategy_cached.on_clean(self, mva, bytes);
}

static void cleans_of_pages_only(struct strategy_ops *o) { o->on_clean = line_of_pages; }

static void line_of_roots(void *self, gva_t mva, uint32_t bytes)
{
	if (operand_in_root(mva))
		strategy_cached.on_clean(self, mva, bytes);
}

static void cleans_of_roots_only(struct strategy_ops *o) { o->on_clean = line_of_roots; }

/* What was stored with the cache off went by unseen. */
static void cache_is_always_on(void *self, uint32_t old, uint32_t new)
{
	strategy_cached.on_sctlr(self, old | SCTLR_C, new | SCTLR_C);
}

static void cache_off_is_forgotten(struct strategy_ops *o) { o->on_sctlr = cache_is_always_on; }

static const struct mutant mutants[] = {
	{ "stores to tables are not followed", no_pt_write, NULL, "cached", NULL, false },
	{ "only stores to roots are followed", pt_write_of_roots_only, NULL, "cached", NULL, false },
	{ "only stores to second-level tables are followed", pt_write_of_pages_only, NULL, "cached", NULL, false },
	{ "the neighbour of the word is followed", pt_write_of_the_neighbour, NULL, "cached", NULL, false },
	{ "the old word is composed again", recomposes_the_old_word, NULL, "cached", NULL, false },
	{ "TTBR write does nothing", no_ttbr, NULL, "cached", NULL, false },
	{ "DACR write does nothing", no_dacr, NULL, "cached", NULL, false },
	{ "SCTLR write does nothing", no_sctlr, NULL, "cached", NULL, false },
	{ "no view switch", no_view_switch, NULL, "cached", NULL, false },
	{ "no user view for LDRT/STRT", no_user_view, NULL, "cached", NULL, false },
	{ "managers seen in two domains only", managers_of_two_domains, NULL, "cached", NULL, false },
	{ "S and R forgotten", s_and_r_forgotten, NULL, "cached", NULL, false },
	{ "kernel view in both modes", kernel_view_for_all, NULL, "cached", NULL, false },
	{ "injects another status", injects_another_status, NULL, "cached", NULL, false },
	{ "emulates denied accesses", emulates_denied, NULL, "cached", NULL, false },
	{ "injects for traced stores", injects_traced_stores, NULL, "cached", NULL, false },
	{ "maps one frame off", NULL, one_frame_off, "cached", NULL, false },
	{ "maps the hypervisor's memory", NULL, maps_hypervisor, "cached", NULL, false },
	{ "host TLB invalidate all forgotten", NULL, host_tlb_keeps_all, "cached", NULL, false },
	{ "host TLB invalidate by MVA forgotten", NULL, host_tlb_keeps_pages, "cached", NULL, false },
	{ "domains are managers", NULL, domains_are_open, "cached", NULL, false },
	{ "traced pages are writable", NULL, traced_is_writable, "cached", NULL, false },
	{ "zapped words stay", NULL, zaps_store_nothing, "cached", NULL, false },
	{ "TLBI all does not bring tables into sync", no_tlbi_all, NULL, "cached:sync=unsync", NULL, false },
	{ "TLBI by MVA does not", no_tlbi_page, NULL, "cached:sync=unsync", NULL, false },
	{ "TLBI by MVA of another page does", tlbi_mva_of_the_neighbour, NULL, "cached:sync=unsync", NULL, false },
	{ "host TLB keeps what was found old", NULL, host_tlb_keeps_pages, "cached:sync=unsync", NULL, false },
	{ "TTBR write does nothing, unsync", no_ttbr, NULL, "cached:sync=unsync", NULL, false },
	{ "no view switch, two tables", no_view_switch, NULL, "cached:view=two-tables", NULL, false },
	{ "no user view for LDRT/STRT, two tables", no_user_view, NULL, "cached:view=two-tables", NULL, false },
	{ "one root for both views", watch_hooks, views_have_one_root, "cached:view=two-tables", NULL, false },
	{ "host TLB outlives the view", watch_hooks, hooks_keep_the_tlb, "cached:view=two-tables", NULL, false },
	{ "no user view for LDRT/STRT, reflush", no_user_view, NULL, "cached:view=reflush", NULL, false },
	{ "words outlive the view", watch_hooks, hooks_keep_words, "cached:view=reflush", NULL, false },
	{ "host TLB outlives the view, reflush", watch_hooks, hooks_keep_the_tlb, "cached:view=reflush", NULL, false },
	{ "kernel's domains open to the user, fold", NULL, nothing_is_closed, "cached:view=fold", NULL, false },
	{ "kernel's domains open to the user, split", NULL, nothing_is_closed, "cached:mb=split-view", NULL, false },
	{ "emulates denied accesses, strict", emulates_denied, NULL, "cached:mb=strict", NULL, false },
	{ "DACR write does nothing, drop", no_dacr, NULL, "cached:dacr=iterate-drop", NULL, false },
	{ "DACR write does nothing, track", no_dacr, NULL, "cached:dacr=track", NULL, false },
	{ "closed slots keep their words, drop", watch_hooks, hooks_keep_words, "cached:dacr=iterate-drop", NULL, false },
	{ "closed slots keep their words", watch_hooks, hooks_keep_first_level, "cached:dacr=iterate-swizzle", NULL, false },
	{ "closed slots stay in the host TLB", watch_hooks, hooks_keep_the_tlb, "cached:dacr=track", NULL, false },
	{ "cleans of lines are ignored", no_clean, NULL, "cached:sync=hint", NULL, false },
	{ "cleans of everything are ignored", no_clean_all, NULL, "cached:sync=hint", NULL, false },
	{ "the line beside is composed", clean_of_the_line_beside, NULL, "cached:sync=hint", NULL, false },
	{ "half of the line is composed", clean_of_half_a_line, NULL, "cached:sync=hint", NULL, false },
	{ "only lines of second-level tables are composed", cleans_of_pages_only, NULL, "cached:sync=hint", NULL, false },
	{ "only lines of roots are composed", cleans_of_roots_only, NULL, "cached:sync=hint", NULL, false },
	{ "stores with the cache off are forgotten", cache_off_is_forgotten, NULL, "cached:sync=hint", NULL, false },
	{ "stores past the cache are not followed", no_pt_write, NULL, "cached:sync=hint", NULL, false },
	{ "stores past the cache are not traced", NULL, traced_is_writable, "cached:sync=hint", NULL, false },
	{ "TLBI all suspects nothing", no_tlbi_all, NULL, "cached:sync=hint", NULL, false },
	{ "TLBI by MVA compares nothing", no_tlbi_page, NULL, "cached:sync=hint", NULL, false },
	{ "host TLB keeps what was composed anew", NULL, host_tlb_keeps_pages, "cached:sync=hint", NULL, false },
	{ "host TLB keeps what is parked", NULL, host_tlb_keeps_all, "cached:sync=hint", NULL, false },
	{ "TLBI all compares nothing, tlbi+roots", no_tlbi_all, NULL, "cached:sync=tlbi+roots", NULL, false },
	{ "TTBR write does nothing, tlbi+roots", no_ttbr, NULL, "cached:sync=tlbi+roots", NULL, false },
};
enum { MUTANTS = sizeof(mutants) / sizeof(mutants[0]) };

/* With no bug planted the wrapper changes nothing: not a violation. */
static const struct mutant healthy[] = {
	{ "none", NULL, NULL, "cached", NULL, false },
	{ "none", NULL, NULL, "cached:sync=unsync", NULL, false },
	{ "none", watch_hooks, NULL, "cached:view=two-tables:dacr=track", NULL, false },
	{ "none", NULL, NULL, "cached:view=reflush:dacr=iterate-swizzle", NULL, false },
	{ "none", NULL, NULL, "cached:view=fold:dacr=iterate-drop", NULL, false },
	{ "none", NULL, NULL, "cached:mb=split-view:dacr=track", NULL, false },
	{ "none", NULL, NULL, "cached:sync=hint", NULL, false },
	{ "none", NULL, NULL, "cached:sync=tlbi+roots", NULL, false },
};
enum { HEALTHY = sizeof(healthy) / sizeof(healthy[0]) };

/* Without traces a strategy lives by what the guest cleans. */
static bool wants_cleans(const struct mutant *mu)
{
	return strstr(mu->spec, "hint") || strstr(mu->spec, "tlbi+roots");
}

static uint64_t violations(const struct kit *k, const struct mutant *mu)
{
	return mutant_violations(&strategy_cached, k, mu, STEP);
}

static void each_mutant_is_caught(void **state)
{
	bool caught[MUTANTS] = { false };

	(void)state;
	for (uint64_t seed = 501; seed < 501 + SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k, clean;

		if (seed % 2)
			random_guest_aliases(&k, seed, RECORDS, &n);
		else
			random_guest(&k, seed, RECORDS, &n);
		random_guest_cleans(&clean, seed, RECORDS, &n);
		for (unsigned i = 0; i < HEALTHY; i++)
			assert_int_equal(violations(wants_cleans(&healthy[i]) ? &clean : &k, &healthy[i]), 0);
		for (unsigned i = 0; i < MUTANTS; i++)
			if (!caught[i])
				caught[i] = violations(wants_cleans(&mutants[i]) ? &clean : &k, &mutants[i]) > 0;
		kit_free(&k);
		kit_free(&clean);
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
