/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One planted bug at a time in a strategy or its port: each named edge case has to fail with it. That they
 * pass without is what test_edges and its neighbours say.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/strategy/edge_kit.h"

enum { NAMED = 8 };

struct mutant {
	const char *name, *spec;
	struct edge_bend bend;
	const char *cases[NAMED];
};

extern const struct strategy_ops strategy_coherent;

/* --- hooks ------------------------------------------------------------------------------------ */

static void no_tlbi_mva(struct strategy_ops *o) { o->on_tlbi_mva = NULL; }
static void no_tlbi_all(struct strategy_ops *o) { o->on_tlbi_all = NULL; }
static void no_ttbr(struct strategy_ops *o) { o->on_ttbr = NULL; }
static void no_dacr(struct strategy_ops *o) { o->on_dacr = NULL; }
static void no_sctlr(struct strategy_ops *o) { o->on_sctlr = NULL; }

static void neighbour(void *self, gva_t mva)
{
	strategy_coherent.on_tlbi_mva(self, gva(mva.raw ^ 0x1000));
}
static void zaps_the_neighbour(struct strategy_ops *o) { o->on_tlbi_mva = neighbour; }

static void everything(void *self, gva_t mva)
{
	(void)mva;
	strategy_coherent.on_tlbi_all(self);
}
static void zaps_everything(struct strategy_ops *o) { o->on_tlbi_mva = everything; }

static void all_domains(void *self, uint32_t old, uint32_t new)
{
	strategy_coherent.on_dacr(self, old, new);
	strategy_coherent.on_tlbi_all(self);
}
static void drops_all_domains(struct strategy_ops *o) { o->on_dacr = all_domains; }

static void flush(void *self, uint32_t old, uint32_t new)
{
	(void)old;
	(void)new;
	strategy_coherent.on_tlbi_all(self);
}
static void flushes_at_ttbr(struct strategy_ops *o) { o->on_ttbr = flush; }

static enum abort_verdict section_status(void *self, struct abort_info *a)
{
	enum abort_verdict v = strategy_coherent.on_abort(self, a);

	if (v == VERDICT_INJECT && a->fs == FS_TRANS_PAGE)
		a->fs = FS_TRANS_SECTION;
	return v;
}
static void says_section_for_page(struct strategy_ops *o) { o->on_abort = section_status; }

static enum abort_verdict permission(void *self, struct abort_info *a)
{
	enum abort_verdict v = strategy_coherent.on_abort(self, a);

	if (v == VERDICT_INJECT && a->fs == FS_DOMAIN_PAGE)
		a->fs = FS_PERM_PAGE;
	if (v == VERDICT_INJECT && a->fs == FS_WALK_EXT_L2)
		a->fs = FS_TRANS_PAGE;
	return v;
}
static void mixes_statuses_up(struct strategy_ops *o) { o->on_abort = permission; }

static enum abort_verdict too_kind(void *self, struct abort_info *a)
{
	enum abort_verdict v = strategy_coherent.on_abort(self, a);

	if (v != VERDICT_INJECT || a->fs != FS_PERM_PAGE)
		return v;
	a->emulate = EV_HIDDEN_EMUL;
	return VERDICT_EMULATE;
}
static void emulates_what_is_denied(struct strategy_ops *o) { o->on_abort = too_kind; }

/* Decides by what is in its shadow, as if a TLB held faults. */
static enum abort_verdict by_its_own_opinion(void *self, struct abort_info *a)
{
	enum abort_verdict v = strategy_coherent.on_abort(self, a);

	if (v != VERDICT_RETRY || a->access != ACCESS_READ || a->w.l1_addr - KIT_ROOT >= 0x4000 ||
	    a->mva.raw - EDGE_MB >= SECTION_BYTES)
		return v;
	a->fs = FS_TRANS_PAGE;
	return VERDICT_INJECT;
}
static void never_walks(struct strategy_ops *o) { o->on_abort = by_its_own_opinion; }

/* --- port ------------------------------------------------------------------------------------- */

static bool next_frame(void *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa)
{
	bool ok = edge_real_port()->to_host(m, gpa, size_log2, hpa);

	*hpa ^= size_log2 == FRAME_LOG2 ? FRAME_BYTES : 0;
	return ok;
}
static void one_frame_off(struct strategy_port *p) { p->to_host = next_frame; }

static bool anything(void *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa)
{
	(void)edge_real_port()->to_host(m, gpa, size_log2, hpa);
	return true;
}
static void maps_the_monitor(struct strategy_port *p) { p->to_host = anything; }

static void no_mva(void *m, gva_t mva)
{
	(void)m;
	(void)mva;
}
static void host_tlb_keeps_one(struct strategy_port *p) { p->host_tlbi_mva = no_mva; }

static void no_all(void *m) { (void)m; }
static void host_tlb_keeps_all(struct strategy_port *p) { p->host_tlbi_all = no_all; }

static void open_view(void *m, enum host_reg r, uint32_t value)
{
	edge_real_port()->host_set(m, r, r == HOST_DACR ? value | 1 << 2 : value);
}
static void user_view_is_open(struct strategy_port *p) { p->host_set = open_view; }

static bool is_small(uint32_t offset, uint32_t word)
{
	return offset >= HV_POOL && offset < HV_POOL_END && (word & 3) == 2;
}

static void writable(void *m, uint32_t offset, uint32_t word)
{
	bool more = is_small(offset, word) && (word & 0x30) == 0x20;

	edge_real_port()->shadow_write(m, offset, more ? word | 0x10 : word);
}
static void read_only_is_writable(struct strategy_port *p) { p->shadow_write = writable; }

static void cached(void *m, uint32_t offset, uint32_t word)
{
	edge_real_port()->shadow_write(m, offset, is_small(offset, word) ? word | 0xc : word);
}
static void everything_is_cached(struct strategy_port *p) { p->shadow_write = cached; }

/* Quarters of small pages by the bits that choose a large page's. */
static void large_bits(void *m, gva_t mva, struct walk *w)
{
	edge_real_port()->walk_guest(m, mva, w);
	if (!w->fs && w->levels && w->leaf.size_log2 == FRAME_LOG2)
		memset(w->leaf.ap, w->leaf.ap[mva.raw >> 14 & 3], sizeof(w->leaf.ap));
}
static void wrong_quarters(struct strategy_port *p) { p->walk_guest = large_bits; }

/* Sees a word as it was the walk before. */
static void late(void *m, gva_t mva, struct walk *w)
{
	static struct walk last;
	static uint32_t page;

	edge_real_port()->walk_guest(m, mva, w);
	if (page == (mva.raw | 0xfff) && !w->fs && !last.fs)
		*w = last;
	else
		last = *w;
	page = mva.raw | 0xfff;
}
static void sees_words_late(struct strategy_port *p) { p->walk_guest = late; }

/* PID and tables by the address before it is moved. */
static void unmoved(void *m, gva_t mva, struct walk *w)
{
	uint32_t pid = edge_real_port()->guest->fcse;

	if (pid && mva.raw >> 25 == pid >> 25)
		mva.raw &= 0x1ffffff;
	edge_real_port()->walk_guest(m, mva, w);
}
static void ignores_the_pid(struct strategy_port *p) { p->walk_guest = unmoved; }

/* An AP of nothing, in a quarter that belongs to another frame, becomes one of everything. */
static void open_quarters(void *m, uint32_t offset, uint32_t word)
{
	for (unsigned q = 0; is_small(offset, word) && q < 4; q++)
		if ((word >> (4 + 2 * q) & 3) == 1)
			word |= 2u << (4 + 2 * q);
	edge_real_port()->shadow_write(m, offset, word);
}
static void others_quarters_are_open(struct strategy_port *p) { p->shadow_write = open_quarters; }

static void fine_after_all(struct strategy_port *p) { p->fine = true; }

/* The other words of a fine table are like the one that was touched. */
static void four_alike(void *m, gva_t mva, struct walk *w)
{
	edge_real_port()->walk_guest(m, mva, w);
	if (w->fs || w->leaf.size_log2 != GRANULE_LOG2)
		return;
	w->leaf.base &= ~(FRAME_BYTES - 1u);
	w->leaf.size_log2 = FRAME_LOG2;
}
static void takes_one_for_all(struct strategy_port *p) { p->walk_guest = four_alike; }

/* --- the table -------------------------------------------------------------------------------- */

static const struct mutant mutants[] = {
	{ "TLBI by MVA does nothing", "coherent", { no_tlbi_mva, NULL },
	  { "e1_store_through_its_own_mapping", "e3_root_read_as_a_coarse_table",
	    "e7_halfwords_and_bytes_of_an_entry", "e8_block_transfer_over_the_end_of_a_table",
	    "e9_swap_of_an_entry", "e11_invalidate_inside_a_section", "e28_code_in_a_table_frame" } },
	{ "TLBI all does nothing", "coherent", { no_tlbi_all, NULL },
	  { "e2_table_under_two_roots", "e21_entries_outlive_their_root", "e25_tables_in_rom" } },
	{ "TLBI by MVA of the neighbour", "coherent", { zaps_the_neighbour, NULL },
	  { "e4_quarters_of_one_frame", "e14_section_to_table_and_back",
	    "e16_small_and_large_pages_in_a_fine_table", "e19_fcse_moves_low_addresses",
	    "e42_table_in_a_manager_domain" } },
	{ "TLBI by MVA drops everything", "coherent", { zaps_everything, NULL },
	  { "e4_quarters_of_one_frame", "e2_table_under_two_roots", "e26_dirty_bit_by_a_write_fault" } },
	{ "TTBR write does nothing", "native", { no_ttbr, NULL },
	  { "e2_table_under_two_roots", "e21_entries_outlive_their_root", "e25_tables_in_rom",
	    "e20_asid_and_root_out_of_step", "e31_split_of_the_roots" } },
	{ "TTBR write drops everything", "coherent", { flushes_at_ttbr, NULL },
	  { "e21_entries_outlive_their_root", "e24_root_where_nothing_answers" } },
	{ "DACR write does nothing", "coherent", { no_dacr, NULL },
	  { "e17_manager_ignores_rights", "e18_dacr_acts_at_once", "e18_dacr_of_one_domain",
	    "e12_fragments_have_the_domain_of_their_section" } },
	{ "DACR write does nothing, natively", "native", { no_dacr, NULL },
	  { "e18_dacr_acts_at_once", "e17_manager_ignores_xn" } },
	{ "DACR write drops everything", "coherent", { drops_all_domains, NULL },
	  { "e18_dacr_of_one_domain", "e12_fragments_have_the_domain_of_their_section" } },
	{ "SCTLR write does nothing", "coherent", { no_sctlr, NULL }, { "e30_mmu_off_is_identity" } },
	{ "SCTLR write does nothing, natively", "native", { no_sctlr, NULL },
	  { "e30_mmu_off_is_identity", "e22_identity_map_around_the_switch", "e32_access_flag" } },
	{ "section status for page", "coherent", { says_section_for_page, NULL },
	  { "e8_block_transfer_over_the_end_of_a_table", "e34_domain_of_a_translation_fault",
	    "e35_page_end_before_nothing", "e41_young_bit_without_an_invalidate" } },
	{ "statuses mixed up", "coherent", { mixes_statuses_up, NULL },
	  { "e18_dacr_acts_at_once", "e24_table_where_nothing_answers" } },
	{ "emulates what is denied", "coherent", { emulates_what_is_denied, NULL },
	  { "e26_dirty_bit_by_a_write_fault", "e33_rights_of_each_quarter", "e9_swap_of_an_entry" } },
	{ "injects for what its shadow lacks", "coherent", { never_walks, NULL },
	  { "e1_store_through_its_own_mapping", "e6_table_frame_becomes_data",
	    "e23_locked_entry_and_its_word" } },
	{ "one frame off", "coherent", { NULL, one_frame_off },
	  { "e1_store_through_its_own_mapping", "e10_copies_of_a_large_page_one_by_one",
	    "e5_data_beside_tables" } },
	{ "maps the monitor's memory", "coherent", { NULL, maps_the_monitor },
	  { "e12_section_over_the_monitor" } },
	{ "host TLB keeps entries that were zapped", "coherent", { NULL, host_tlb_keeps_one },
	  { "e1_store_through_its_own_mapping", "e11_invalidate_inside_a_section" } },
	{ "host TLB keeps all", "coherent", { NULL, host_tlb_keeps_all },
	  { "e2_table_under_two_roots", "e30_mmu_off_is_identity" } },
	{ "user view does not close the kernel's domain", "coherent", { NULL, user_view_is_open },
	  { "e33_rights_of_each_quarter", "e17_manager_ignores_rights" } },
	{ "read-only pages writable", "coherent", { NULL, read_only_is_writable },
	  { "e26_dirty_bit_by_a_write_fault", "e33_rights_of_each_quarter" } },
	{ "everything is cached", "coherent", { NULL, everything_is_cached },
	  { "e40_two_cacheabilities_of_a_frame" } },
	{ "quarters by the bits of large pages", "coherent", { NULL, wrong_quarters },
	  { "e33_rights_of_each_quarter" } },
	{ "sees words late", "coherent", { NULL, sees_words_late },
	  { "e7_halfwords_and_bytes_of_an_entry" } },
	{ "DACR write does nothing, rights in the words", "cached:dacr=track", { no_dacr, NULL },
	  { "e17_manager_ignores_rights", "e18_dacr_acts_at_once", "e18_dacr_of_one_domain" } },
	{ "host TLB keeps the other view's entries", "cached:view=two-tables", { NULL, host_tlb_keeps_all },
	  { "e17_manager_ignores_rights", "e18_dacr_acts_at_once" } },
	{ "PID ignored", "coherent", { NULL, ignores_the_pid }, { "e19_fcse_moves_low_addresses" } },
};
enum { MUTANTS = sizeof(mutants) / sizeof(mutants[0]) };

/* On hosts without fine tables. */
static const struct { const char *core; struct mutant mutant; } abroad[] = {
	{ "sa1110", { "quarters of other frames are open", "coherent:tiny=toggle",
		      { NULL, others_quarters_are_open },
		      { "e15_tiny_pages_of_two_frames", "e15_tiny_pages_of_one_frame" } } },
	{ "arm1136", { "fine tables on a host without", "coherent:words=v5", { NULL, fine_after_all },
		       { "e15_tiny_pages_of_one_frame", "e15_tiny_pages_of_two_frames" } } },
	{ "arm1176", { "one tiny page stands for all four", "coherent:words=auto", { NULL, takes_one_for_all },
		       { "e15_tiny_pages_of_one_frame", "e15_tiny_pages_of_two_frames" } } },
};

/* In how many of its cases nothing shows. */
static unsigned survives(const struct mutant *mu, const char *core)
{
	unsigned alive = 0;

	for (unsigned j = 0; j < NAMED && mu->cases[j]; j++) {
		const struct edge_case *c = edge_case_find(mu->cases[j]);
		const struct edge_row row = { .spec = mu->spec, .core = core };
		struct edge e;
		struct diag why;

		assert_non_null(c);
		edge_begin(&e, c->core);
		c->write(&e);
		edge_end(&e);
		if (edge_run(&e, &row, &mu->bend, 0, &why)) {
			print_error("%s: not caught by %s\n", mu->name, c->name);
			alive++;
		} else {
			print_message("# %s: %s: %s\n", mu->name, c->name, why.msg);
		}
		edge_free(&e);
	}
	return alive;
}

static void each_mutant_is_caught(void **state)
{
	unsigned alive = 0;

	(void)state;
	for (unsigned i = 0; i < MUTANTS; i++)
		alive += survives(&mutants[i], NULL);
	for (unsigned i = 0; i < sizeof(abroad) / sizeof(abroad[0]); i++)
		alive += survives(&abroad[i].mutant, abroad[i].core);
	assert_int_equal(alive, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mutant_is_caught),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
