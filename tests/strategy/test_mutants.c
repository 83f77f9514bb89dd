/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `coherent` with one planted bug at a time, on random guests of ARMv5 and of ARMv6: --verify must
 * find each. A mutant that lives is a hole in the checks, not in the strategy.
 */
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

#include "strategies/view.h"
#include "tests/strategy/mutant_kit.h"
#include "tests/strategy/random_guest.h"
#include "tests/strategy/random_guest_v6.h"

enum { SEEDS = 6, RECORDS = 12000 };

extern const struct strategy_ops strategy_coherent;

/* --- hooks that are forgotten --------------------------------------------------------- */

static void no_tlbi_mva(struct strategy_ops *o) { o->on_tlbi_mva = NULL; }
static void no_tlbi_all(struct strategy_ops *o) { o->on_tlbi_all = NULL; }

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

/* --- hooks of ARMv6 ------------------------------------------------------------------- */

static void deaf_mva_asid(void *self, gva_t mva, uint8_t asid) { (void)self; (void)mva; (void)asid; }
static void deaf_asid(void *self, uint8_t asid) { (void)self; (void)asid; }
static void no_asid(struct strategy_ops *o) { o->on_asid = NULL; }
static void no_tlbi_asid(struct strategy_ops *o) { o->on_tlbi_asid = deaf_asid; }
static void no_tlbi_mva_asid(struct strategy_ops *o) { o->on_tlbi_mva_asid = deaf_mva_asid; }
static void no_remap(struct strategy_ops *o) { o->on_remap = NULL; }

static void other_mva_asid(void *self, gva_t mva, uint8_t asid)
{
	strategy_coherent.on_tlbi_mva_asid(self, mva, asid ^ 1);        /* what is global goes */
}

static void of_another_asid(struct strategy_ops *o) { o->on_tlbi_mva_asid = other_mva_asid; }

static void other_asid(void *self, uint8_t asid)
{
	strategy_coherent.on_tlbi_asid(self, asid ^ 1);
}

static void all_of_another_asid(struct strategy_ops *o) { o->on_tlbi_asid = other_asid; }

static void only_v5_bits(void *self, uint32_t old, uint32_t new)
{
	uint32_t known = SCTLR_M | SCTLR_S | SCTLR_R;

	strategy_coherent.on_sctlr(self, old & known, new & known);
}

static void words_are_not_reread(struct strategy_ops *o) { o->on_sctlr = only_v5_bits; }

static void only_the_dacr(void *self, bool user)
{
	(void)self;
	real->host_set(real->m, HOST_DACR, view_dacr(user));
}

static void window_keeps_the_view(struct strategy_ops *o) { o->on_mode = only_the_dacr; }

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

/* Small pages in words of ARMv6, wherever they lie; XN is bit 0, C bit 3, AP [5:4], nG bit 11. */
static bool is_small_v6(uint32_t offset, uint32_t word)
{
	return offset >= HV_POOL && offset < HV_POOL_V6_END && word & 2;
}

static void without_xn(void *m, uint32_t offset, uint32_t word)
{
	real->shadow_write(m, offset, is_small_v6(offset, word) ? word & ~1u : word);
}

static void xn_is_lost(struct strategy_port *p) { p->shadow_write = without_xn; }

static void all_global(void *m, uint32_t offset, uint32_t word)
{
	real->shadow_write(m, offset, is_small_v6(offset, word) ? word & ~(1u << 11) : word);
}

static void ng_is_lost(struct strategy_port *p) { p->shadow_write = all_global; }

static void other_c(void *m, uint32_t offset, uint32_t word)
{
	real->shadow_write(m, offset, is_small_v6(offset, word) ? word ^ 8 : word);
}

static void other_memory_type(struct strategy_port *p) { p->shadow_write = other_c; }

static void generous_v6(void *m, uint32_t offset, uint32_t word)
{
	bool read_only = is_small_v6(offset, word) && (word & 0x30) == 0x20;

	real->shadow_write(m, offset, read_only ? word | 0x10 : word);
}

static void v6_read_only_is_writable(struct strategy_port *p) { p->shadow_write = generous_v6; }

static void no_tlbi_asid_op(void *m, uint8_t asid) { (void)m; (void)asid; }
static void host_tlb_keeps_asid(struct strategy_port *p) { p->host_tlbi_asid = no_tlbi_asid_op; }

static void no_tlbi_mva_op(void *m, gva_t mva, uint8_t asid) { (void)m; (void)mva; (void)asid; }
static void host_tlb_keeps_pages(struct strategy_port *p) { p->host_tlbi_mva_asid = no_tlbi_mva_op; }

static void same_asid(void *m, enum host_reg r, uint32_t value)
{
	if (r != HOST_ASID)
		real->host_set(m, r, value);
}

static void host_asid_stays(struct strategy_port *p) { p->host_set = same_asid; }

static void same_root(void *m, enum host_reg r, uint32_t value)
{
	real->host_set(m, r, r == HOST_TTBR ? HV_HPA + HV_SL1 : value);
}

static void host_root_stays(struct strategy_port *p) { p->host_set = same_root; }

/* What a change of ASID drops stays in the tables. */
static bool in_asid;

static void keeps_words(void *m, uint32_t offset, uint32_t word)
{
	if (word || !in_asid)
		real->shadow_write(m, offset, word);
}

static void asid_without_zap(void *self, uint32_t old, uint32_t new)
{
	in_asid = true;
	strategy_coherent.on_asid(self, old, new);
	in_asid = false;
}

static void takes_over_as_it_is(struct strategy_ops *o) { o->on_asid = asid_without_zap; }
static void tables_keep_words(struct strategy_port *p) { p->shadow_write = keeps_words; }

static const struct mutant mutants[] = {
	{ "TLBI by MVA does nothing", no_tlbi_mva, NULL, NULL, NULL, false },
	{ "TLBI all does nothing", no_tlbi_all, NULL, NULL, NULL, false },
	{ "DACR write does nothing", no_dacr, NULL, NULL, NULL, false },
	{ "SCTLR write does nothing", no_sctlr, NULL, NULL, NULL, false },
	{ "no view switch", no_view_switch, NULL, NULL, NULL, false },
	{ "no user view for LDRT/STRT", no_user_view, NULL, NULL, NULL, false },
	{ "TLBI by MVA of the neighbour", off_by_a_page, NULL, NULL, NULL, false },
	{ "DACR write seen for two domains only", dacr_of_two_domains, NULL, NULL, NULL, false },
	{ "kernel view in both modes", kernel_view_for_all, NULL, NULL, NULL, false },
	{ "injects without walking", injects_without_walking, NULL, NULL, NULL, false },
	{ "injects another status", injects_another_status, NULL, NULL, NULL, false },
	{ "emulates denied accesses", emulates_denied, NULL, NULL, NULL, false },
	{ "maps one frame off", NULL, one_frame_off, NULL, NULL, false },
	{ "maps the hypervisor's memory", NULL, maps_hypervisor, NULL, NULL, false },
	{ "host TLB invalidate all forgotten", NULL, host_tlb_keeps_all, NULL, NULL, false },
	{ "user view does not close the kernel's domain", NULL, user_view_is_open, NULL, NULL, false },
	{ "read-only pages writable", NULL, read_only_is_writable, NULL, NULL, false },
};
/* Most of these, and those of ARMv6; then those that only several ways can have. */
static const struct mutant mutants_v6[] = {
	{ "TLBI all does nothing", no_tlbi_all, NULL, NULL, NULL, false },
	{ "DACR write does nothing", no_dacr, NULL, NULL, NULL, false },
	{ "no view switch", no_view_switch, NULL, NULL, NULL, false },
	{ "no user view for LDRT/STRT", no_user_view, NULL, NULL, NULL, false },
	{ "injects without walking", injects_without_walking, NULL, NULL, NULL, false },
	{ "emulates denied accesses", emulates_denied, NULL, NULL, NULL, false },
	{ "maps one frame off", NULL, one_frame_off, NULL, NULL, false },
	{ "maps the hypervisor's memory", NULL, maps_hypervisor, NULL, NULL, false },
	{ "host TLB invalidate all forgotten", NULL, host_tlb_keeps_all, NULL, NULL, false },
	{ "user view does not close the kernel's domain", NULL, user_view_is_open, NULL, NULL, false },
	{ "change of ASID does nothing", no_asid, NULL, NULL, NULL, false },
	{ "TLBI by MVA and ASID does nothing", no_tlbi_mva_asid, NULL, NULL, NULL, false },
	{ "TLBI by MVA of another ASID", of_another_asid, NULL, NULL, NULL, false },
	{ "PRRR and NMRR writes do nothing", no_remap, NULL, NULL, NULL, false },
	{ "SCTLR.XP, AFE and TRE do nothing", words_are_not_reread, NULL, NULL, NULL, false },
	{ "pages in the window outlive their view", window_keeps_the_view, NULL, NULL, NULL, false },
	{ "XN is lost", NULL, xn_is_lost, NULL, NULL, false },
	{ "another memory type", NULL, other_memory_type, NULL, NULL, false },
	{ "read-only pages writable", NULL, v6_read_only_is_writable, NULL, NULL, false },
	{ "host TLB invalidate by MVA forgotten", NULL, host_tlb_keeps_pages, NULL, NULL, false },
	{ "tables keep another ASID's words", takes_over_as_it_is, tables_keep_words, NULL, NULL, false },
};
static const struct mutant mutants_of_ways[] = {
	{ "TLBI by ASID does nothing", no_tlbi_asid, NULL, NULL, NULL, false },
	{ "TLBI by MVA and ASID does nothing", no_tlbi_mva_asid, NULL, NULL, NULL, false },
	{ "TLBI by MVA of another ASID", of_another_asid, NULL, NULL, NULL, false },
	{ "TLBI by ASID of another", all_of_another_asid, NULL, NULL, NULL, false },
	{ "nG is lost", NULL, ng_is_lost, NULL, NULL, false },
	{ "host ASID stays", NULL, host_asid_stays, NULL, NULL, false },
	{ "host root stays", NULL, host_root_stays, NULL, NULL, false },
	{ "tables keep another ASID's words", takes_over_as_it_is, tables_keep_words, NULL, NULL, false },
};

/* With no bug planted the wrapper changes nothing: not a violation. */
static const struct mutant healthy = { "none", NULL, NULL, NULL, NULL, false };

static uint64_t violations(const struct kit *k, const char *spec, const struct mutant *mu)
{
	struct mutant of_spec = *mu;

	of_spec.spec = spec;
	return mutant_violations(&strategy_coherent, k, &of_spec, 4096);
}

/* Seeds until each has been found; false: `seeds` were not enough. */
static bool hunt(const char *spec, bool v6, unsigned seeds, const struct mutant *mu, unsigned n)
{
	bool caught[32] = { false };
	unsigned left = n;

	assert_in_range(n, 1, 32);
	for (uint64_t seed = 101; left && seed < 101 + seeds; seed++) {
		static const char *const core[] = { "arm1136", "arm1176", "mpcore" };
		struct random_guest_counts counts;
		struct kit k;

		if (v6)
			random_guest_v6_wide(&k, core[seed % 3], seed, RECORDS, &counts);
		else
			random_guest(&k, seed, RECORDS, &counts);
		assert_int_equal(violations(&k, spec, &healthy), 0);
		for (unsigned i = 0; i < n; i++)
			caught[i] = caught[i] || violations(&k, spec, &mu[i]) > 0;
		left = n;
		for (unsigned i = 0; i < n; i++)
			left -= caught[i];
		kit_free(&k);
	}
	for (unsigned i = 0; i < n; i++)
		if (!caught[i])
			print_error("not caught: %s\n", mu[i].name);
	return !left;
}

#define HUNT(spec, v6, table) \
	assert_true(hunt(spec, v6, SEEDS, table, sizeof(table) / sizeof((table)[0])))

static void each_mutant_is_caught(void **state)
{
	(void)state;
	HUNT("coherent", false, mutants);
}

static void each_mutant_of_v6_is_caught(void **state)
{
	(void)state;
	HUNT("coherent", true, mutants_v6);
}

static void each_mutant_of_ways_is_caught(void **state)
{
	(void)state;
	HUNT("coherent:asids=4", true, mutants_of_ways);
}

/* Two address spaces with eight pages of their own at the same addresses, one behind the other: all eight
 * go at once, by ASID. */
static void two_spaces(struct kit *k)
{
	enum { ROOT_B = 0x20000, DATA = 0x10000000, PAGES = 8 };
	struct pt_desc d = { .kind = PT_LEAF, .size_log2 = FRAME_LOG2, .cb = 3, .attr = PT_NG,
			     .ap = { 3, 3, 3, 3 } };

	kit_linux_v6(k, "arm1176");
	for (unsigned i = 0; i < 4; i++)
		kit_image(k, ROOT_B + 4096 * i,
			  mem_frame(kit_guest(k)->tables, KIT_ROOT + 4096 * i));
	for (unsigned space = 0; space < 2; space++) {
		struct pt_desc table = { .kind = PT_COARSE, .base = KIT_L2 + 1024 * space };

		kit_poke(k, (space ? ROOT_B : KIT_ROOT) + (DATA >> 18), pt_encode_v6(&table));
		for (uint32_t i = 0; i < PAGES; i++) {
			d.base = 0x200000 + 0x100000 * space + 0x1000 * i;
			kit_poke(k, table.base + 4 * i, pt_encode_v6(&d));
		}
	}
	for (unsigned space = 0; space < 2; space++) {
		kit_cpw(k, KEY_TTBR0, space ? ROOT_B : KIT_ROOT);
		kit_cpw(k, KEY_CONTEXTIDR, 1 + space);
		for (uint32_t i = 0; i < PAGES; i++)
			kit_access(k, DATA + 0x1000 * i, false, 2);
	}
}

static void a_change_of_asid_empties_the_host_tlb(void **state)
{
	static const struct mutant keeps = { "host TLB invalidate by ASID forgotten", NULL,
					     host_tlb_keeps_asid, NULL, NULL, false };
	struct kit_plan p = { .core = "arm1176" };
	struct lane *l;
	struct kit k;

	(void)state;
	two_spaces(&k);
	l = kit_replay(&k, "coherent", &p);
	assert_int_equal(ledger_event(&l->m->ledger, EV_HTLBI_ASID), 1);
	lane_destroy(l);
	assert_int_equal(violations(&k, "coherent", &healthy), 0);
	assert_true(violations(&k, "coherent", &keeps) > 0);
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mutant_is_caught),
		cmocka_unit_test(each_mutant_of_v6_is_caught),
		cmocka_unit_test(each_mutant_of_ways_is_caught),
		cmocka_unit_test(a_change_of_asid_empties_the_host_tlb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
