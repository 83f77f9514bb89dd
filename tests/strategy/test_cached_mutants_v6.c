/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `cached` with one planted bug at a time, on random guests of ARMv6. --verify has to find each by what the
 * hardware uses then, without the audit.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/strategy/mutant_kit.h"
#include "tests/strategy/random_guest_v6.h"

enum { SEEDS = 24, RECORDS = 9000, STEP = 1500 };

extern const struct strategy_ops strategy_cached;

/* --- hooks that are forgotten, or do it wrong ------------------------------------------------ */

static void no_ttbr1(struct strategy_ops *o) { o->on_ttbr1 = NULL; }
static void no_ttbcr(struct strategy_ops *o) { o->on_ttbcr = NULL; }
static void no_asid(struct strategy_ops *o) { o->on_asid = NULL; }
static void no_remap(struct strategy_ops *o) { o->on_remap = NULL; }

static void nothing(void *self) { (void)self; }
static void nothing_mva_asid(void *self, gva_t mva, uint8_t asid)
{
	(void)self;
	(void)mva;
	(void)asid;
}
static void nothing_asid(void *self, uint8_t asid)
{
	(void)self;
	(void)asid;
}

static void no_tlbi_all(struct strategy_ops *o) { o->on_tlbi_all = nothing; }
static void no_tlbi_page(struct strategy_ops *o) { o->on_tlbi_mva_asid = nothing_mva_asid; }
static void no_tlbi_asid(struct strategy_ops *o) { o->on_tlbi_asid = nothing_asid; }

static void beside(void *self, gva_t mva, uint8_t asid)
{
	strategy_cached.on_tlbi_mva_asid(self, gva(mva.raw ^ 0x10000), asid);
}

static void tlbi_page_of_the_neighbour(struct strategy_ops *o) { o->on_tlbi_mva_asid = beside; }

static void sctlr_but(void *self, uint32_t old, uint32_t new, uint32_t forgotten)
{
	strategy_cached.on_sctlr(self, old & ~forgotten, new & ~forgotten);
}

static void without_xp(void *self, uint32_t old, uint32_t new) { sctlr_but(self, old, new, SCTLR_XP); }
static void without_afe(void *self, uint32_t old, uint32_t new) { sctlr_but(self, old, new, SCTLR_AFE); }
static void without_tre(void *self, uint32_t old, uint32_t new) { sctlr_but(self, old, new, SCTLR_TRE); }
static void without_m(void *self, uint32_t old, uint32_t new) { sctlr_but(self, old, new, SCTLR_M); }
static void xp_forgotten(struct strategy_ops *o) { o->on_sctlr = without_xp; }
static void afe_forgotten(struct strategy_ops *o) { o->on_sctlr = without_afe; }
static void tre_forgotten(struct strategy_ops *o) { o->on_sctlr = without_tre; }
static void m_forgotten(struct strategy_ops *o) { o->on_sctlr = without_m; }

/* Narrow pages injected instead of emulated. */
static enum abort_verdict refusing(void *self, struct abort_info *a)
{
	enum abort_verdict v = strategy_cached.on_abort(self, a);

	if (v != VERDICT_EMULATE || a->emulate != EV_HIDDEN_EMUL)
		return v;
	a->fs = FS_PERM_PAGE;
	return VERDICT_INJECT;
}

static void injects_narrow(struct strategy_ops *o) { o->on_abort = refusing; }

/* --- a port that is used wrongly -------------------------------------------------------------- */

static void no_tlbi(void *m) { (void)m; }
static void no_tlbi_mva(void *m, gva_t mva)
{
	(void)m;
	(void)mva;
}

static void host_tlb_keeps_all(struct strategy_port *p) { p->host_tlbi_all = no_tlbi; }
static void host_tlb_keeps_asids(struct strategy_port *p) { p->host_tlbi_asid = nothing_asid; }
static void host_tlb_keeps_global(struct strategy_port *p) { p->host_tlbi_mva = no_tlbi_mva; }
static void host_tlb_keeps_own(struct strategy_port *p) { p->host_tlbi_mva_asid = nothing_mva_asid; }

static void one_asid(void *m, enum host_reg r, uint32_t value)
{
	real->host_set(m, r, r == HOST_ASID ? 1 : value);
}

static void roots_share_an_asid(struct strategy_port *p) { p->host_set = one_asid; }

/* All domains manager in every view: no XN counts, nor AP. */
static void open_dacr(void *m, enum host_reg r, uint32_t value)
{
	real->host_set(m, r, r == HOST_DACR ? value | value << 1 | 0xc : value);
}

static void domains_are_open(struct strategy_port *p) { p->host_set = open_dacr; }

/* Words of small pages (XP = 1) with bits set or clear that should not be. */
static void small_page(void *m, uint32_t offset, uint32_t word, uint32_t clear, uint32_t set)
{
	if (offset >= HV_POOL && offset < HV_POOL_V6_END && word & 2)
		word = (word & ~clear) | set;
	real->shadow_write(m, offset, word);
}

enum { XN = 1, NG = 1 << 11, SHARED = 1 << 10 };
static void executable(void *m, uint32_t o, uint32_t w) { small_page(m, o, w, XN, 0); }
static void everybodys(void *m, uint32_t o, uint32_t w) { small_page(m, o, w, NG, 0); }
static void unshared(void *m, uint32_t o, uint32_t w) { small_page(m, o, w, SHARED, 0); }
static void generous(void *m, uint32_t o, uint32_t w)
{
	small_page(m, o, w, 0, (w & 0x30) == 0x20 ? 0x10 : 0);
}
static void xn_is_lost(struct strategy_port *p) { p->shadow_write = executable; }
static void all_is_global(struct strategy_port *p) { p->shadow_write = everybodys; }
static void s_is_lost(struct strategy_port *p) { p->shadow_write = unshared; }
static void read_only_is_writable(struct strategy_port *p) { p->shadow_write = generous; }

/* Invalid words are not stored: what was zapped stays. */
static void no_zeroes(void *m, uint32_t offset, uint32_t word)
{
	if (word)
		real->shadow_write(m, offset, word);
}

static void zaps_store_nothing(struct strategy_port *p) { p->shadow_write = no_zeroes; }

#define UNSYNC "cached:sync=unsync"
static const struct mutant mutants[] = {
	{ "stores to tables are not followed", no_pt_write, NULL, "cached", NULL, true },
	{ "TTBR0 write does nothing", no_ttbr, NULL, "cached", NULL, true },
	{ "TTBR1 write does nothing", no_ttbr1, NULL, "cached", NULL, true },
	{ "TTBCR write does nothing", no_ttbcr, NULL, "cached", NULL, true },
	{ "PRRR and NMRR writes do nothing", no_remap, NULL, "cached", NULL, true },
	{ "no view switch", no_view_switch, NULL, "cached", NULL, true },
	{ "no user view for LDRT/STRT", no_user_view, NULL, "cached", NULL, true },
	{ "TLBI all leaves other roots' global entries", no_tlbi_all, NULL, "cached", NULL, true },
	{ "TLBI by MVA leaves other roots' global entries", no_tlbi_page, NULL, "cached", NULL, true },
	{ "XP forgotten", xp_forgotten, NULL, "cached", NULL, true },
	{ "AFE forgotten", afe_forgotten, NULL, "cached", NULL, true },
	{ "TRE forgotten", tre_forgotten, NULL, "cached", NULL, true },
	{ "M forgotten", m_forgotten, NULL, "cached", NULL, true },
	{ "what a page cannot grant is injected", injects_narrow, NULL, "cached", NULL, true },
	{ "host TLB invalidate all forgotten", NULL, host_tlb_keeps_all, "cached", NULL, true },
	{ "host TLB invalidate by ASID forgotten", NULL, host_tlb_keeps_asids, "cached", NULL, true },
	{ "host TLB invalidate of global pages forgotten", NULL, host_tlb_keeps_global, "cached", NULL, true },
	{ "host TLB invalidate of an ASID's pages forgotten", NULL, host_tlb_keeps_own, "cached", NULL, true },
	{ "roots share an ASID", NULL, roots_share_an_asid, "cached", NULL, true },
	{ "domains are managers", NULL, domains_are_open, "cached", NULL, true },
	{ "XN is lost", NULL, xn_is_lost, "cached", NULL, true },
	{ "all pages are global", NULL, all_is_global, "cached", NULL, true },
	{ "shared memory is not", NULL, s_is_lost, "cached", NULL, true },
	{ "read-only pages are writable", NULL, read_only_is_writable, "cached", NULL, true },
	{ "zapped words stay", NULL, zaps_store_nothing, "cached", NULL, true },
	{ "TLBI all does not bring tables into sync", no_tlbi_all, NULL, UNSYNC, NULL, true },
	{ "TLBI by MVA does not", no_tlbi_page, NULL, UNSYNC, NULL, true },
	{ "TLBI by ASID does not", no_tlbi_asid, NULL, UNSYNC, NULL, true },
	{ "TLBI by MVA of another page does", tlbi_page_of_the_neighbour, NULL, UNSYNC, NULL, true },
	{ "another ASID sees old words", no_asid, NULL, UNSYNC, NULL, true },
	{ "TTBR0 write does nothing, unsync", no_ttbr, NULL, UNSYNC, NULL, true },
	{ "host TLB keeps what was found old", NULL, host_tlb_keeps_own, UNSYNC, NULL, true },
};
enum { MUTANTS = sizeof(mutants) / sizeof(mutants[0]) };

/* With no bug planted the wrapper changes nothing: not a violation. */
static const struct mutant healthy[] = {
	{ "none", NULL, NULL, "cached", NULL, true },
	{ "none", NULL, NULL, UNSYNC, NULL, true },
};

static uint64_t violations(const struct kit *k, const struct mutant *mu)
{
	return mutant_violations(&strategy_cached, k, mu, STEP);
}

static void each_mutant_is_caught(void **state)
{
	static const char *const cores[] = { "arm1176", "arm1136", "mpcore" };
	bool caught[MUTANTS] = { false };
	unsigned alive = MUTANTS;

	(void)state;
	for (uint64_t seed = 701; alive && seed < 701 + SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k;

		random_guest_v6_aliases(&k, cores[seed % 3], seed, RECORDS, &n);
		assert_int_equal(violations(&k, &healthy[0]), 0);
		assert_int_equal(violations(&k, &healthy[1]), 0);
		for (unsigned i = 0; i < MUTANTS; i++)
			if (!caught[i] && violations(&k, &mutants[i])) {
				caught[i] = true;
				alive--;
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
