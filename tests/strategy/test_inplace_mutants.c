/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `inplace` with one planted bug at a time, on random guests. --verify has to find each by what the hardware
 * uses then or the guest loads, without the audit.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/strategy/mutant_kit.h"
#include "tests/strategy/random_guest_v6.h"

enum { SEEDS = 24, RECORDS = 9000, V6_RECORDS = 12000, STEP = 1500, ROOT_B = 0x20000 };

extern const struct strategy_ops strategy_inplace;

/* --- hooks that are forgotten, or do it wrong ------------------------------------------------ */


static bool in_root(uint32_t gpa)
{
	return gpa - KIT_ROOT < 0x4000 || gpa - ROOT_B < 0x4000;
}

static void follows_roots(void *self, uint32_t gpa, uint32_t old, uint32_t new)
{
	if (in_root(gpa))
		strategy_inplace.on_pt_write(self, gpa, old, new);
}

static void pt_write_of_roots_only(struct strategy_ops *o) { o->on_pt_write = follows_roots; }

static void follows_pages(void *self, uint32_t gpa, uint32_t old, uint32_t new)
{
	if (!in_root(gpa))
		strategy_inplace.on_pt_write(self, gpa, old, new);
}

static void pt_write_of_pages_only(struct strategy_ops *o) { o->on_pt_write = follows_pages; }

static void keeps_old(void *self, uint32_t gpa, uint32_t old, uint32_t new)
{
	(void)new;
	strategy_inplace.on_pt_write(self, gpa, old ^ 1, old);
}

static void writes_the_old_word(struct strategy_ops *o) { o->on_pt_write = keeps_old; }

static void half_the_domains(void *self, uint32_t old, uint32_t new)
{
	strategy_inplace.on_dacr(self, old & 0xf, new & 0xf);
}

static void managers_of_two_domains(struct strategy_ops *o) { o->on_dacr = half_the_domains; }

static void only_the_mmu(void *self, uint32_t old, uint32_t new)
{
	strategy_inplace.on_sctlr(self, old & SCTLR_M, new & SCTLR_M);
}

static void s_and_r_forgotten(struct strategy_ops *o) { o->on_sctlr = only_the_mmu; }

/* Injects a permission fault for what it should perform. */
static enum abort_verdict refusing(void *self, struct abort_info *a)
{
	enum abort_verdict v = strategy_inplace.on_abort(self, a);

	if (v != VERDICT_EMULATE || (a->emulate != EV_PT_WRITE && a->emulate != EV_PT_READ))
		return v;
	a->fs = FS_PERM_PAGE;
	return VERDICT_INJECT;
}

static void injects_held_accesses(struct strategy_ops *o) { o->on_abort = refusing; }

/* --- words ------------------------------------------------------------------------------------- */

static uint32_t wrote(uint32_t gpa)
{
	uint32_t word = 0;

	(void)mem_read(real->guest->tables, gpa, &word);
	return word;
}

/* What the monitor believes to have written; the walker finds what the guest wrote. */
static struct mem *believed;

static void raw(void *m, gva_t at, uint32_t gpa, uint32_t word)
{
	uint32_t *frame = mem_frame(believed, gpa);

	if (!frame) {
		frame = mem_add(believed, gpa);
		for (uint32_t o = 0; o < FRAME_BYTES; o += 4)
			frame[o / 4] = real->table_peek(m, (gpa & ~(FRAME_BYTES - 1u)) | o);
	}
	(void)mem_write(believed, gpa, word);
	real->table_write(m, at, gpa, wrote(gpa));
}

static uint32_t believes(void *m, uint32_t gpa)
{
	uint32_t word;

	return mem_read(believed, gpa, &word) ? word : real->table_peek(m, gpa);
}

static void tables_stay_raw(struct strategy_port *p)
{
	mem_destroy(believed);
	believed = mem_create();
	p->table_write = raw;
	p->table_peek = believes;
}

/* A converted word stays where the guest should have its own again. */
static void not_back(void *m, gva_t at, uint32_t gpa, uint32_t word)
{
	if (word != wrote(gpa))
		real->table_write(m, at, gpa, word);
}

static void restores_nothing(struct strategy_port *p) { p->table_write = not_back; }

/* A page that may not be touched may be read, or written. */
static uint32_t with_ap(uint32_t word, uint32_t ap)
{
	return (word & 3) == 2 && (word & 0xff0) == 0x550 ? (word & ~0xff0u) | ap : word;
}

/* Of a page that the user may read. */
static void readable(void *m, gva_t at, uint32_t gpa, uint32_t word)
{
	bool user = wrote(gpa) & 0x820;

	real->table_write(m, at, gpa, user ? with_ap(word, 0xaa0) : word);
}

static void held_loads_run(struct strategy_port *p) { p->table_write = readable; }

static void writable(void *m, uint32_t offset, uint32_t word)
{
	bool pool = offset >= HV_POOL && offset < HV_POOL_END;

	real->shadow_write(m, offset, pool ? with_ap(word, 0xff0) : word);
}

static void held_stores_run(struct strategy_port *p) { p->shadow_write = writable; }

/* Links are not taken back: a restored table is walked. */
static void no_zeroes(void *m, uint32_t offset, uint32_t word)
{
	if (word)
		real->shadow_write(m, offset, word);
}

static void links_stay(struct strategy_port *p) { p->shadow_write = no_zeroes; }

static uint32_t next_of(void *m, uint32_t hpa)
{
	return real->to_guest(m, hpa) + FRAME_BYTES;
}

static void brings_back_the_next_frame(struct strategy_port *p) { p->to_guest = next_of; }

static bool next_frame(void *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa)
{
	bool ok = real->to_host(m, gpa, size_log2, hpa);

	*hpa += size_log2 == FRAME_LOG2 ? FRAME_BYTES : 0;
	return ok;
}

static void one_frame_off(struct strategy_port *p) { p->to_host = next_frame; }

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

/* --- guests of ARMv6 ----------------------------------------------------------------------------- */

static void no_asid(struct strategy_ops *o) { o->on_asid = NULL; }
static void no_remap(struct strategy_ops *o) { o->on_remap = NULL; }
static void no_ttbcr(struct strategy_ops *o) { o->on_ttbcr = NULL; }

static void no_tlbi_asid(struct strategy_ops *o)
{
	o->on_tlbi_asid = NULL;
	o->on_tlbi_all = NULL;
}

static void no_tlbi_page(struct strategy_ops *o) { o->on_tlbi_mva = NULL; }

/* One page of a section or supersection goes, whose other pieces stay. */
static void by_page(void *self, gva_t mva)
{
	(void)self;
	real->host_tlbi_mva(real->m, mva);
}

static void tlbi_mva_takes_one_piece(struct strategy_ops *o) { o->on_tlbi_mva = by_page; }

/* The monitor's words fault no fetch. */
static void executable(void *m, uint32_t offset, uint32_t word)
{
	bool section = offset >= HV_SL1 && (word & 3) == 2;

	real->shadow_write(m, offset, section ? word & ~0x10u : word);
}

static void sections_run(struct strategy_port *p) { p->shadow_write = executable; }

#define I1 "inplace"
static const struct mutant mutants[] = {
	{ "the walker sees raw words", NULL, tables_stay_raw, I1, "map=offset", false },
	{ "the walker sees raw words, I6", NULL, tables_stay_raw, "inplace:variant=I6", "map=offset", false },
	{ "the walker sees raw words, I2", NULL, tables_stay_raw, "inplace:variant=I2", NULL, false },
	{ "a table does not get its words back", NULL, restores_nothing, I1, "map=offset", false },
	{ "a table does not get its words back, I6", NULL, restores_nothing, "inplace:variant=I6", "map=offset", false },
	{ "loads of rewritten tables run", NULL, held_loads_run, I1, "map=offset", false },
	{ "loads of rewritten tables run, I4", NULL, held_loads_run, "inplace:variant=I4", NULL, false },
	{ "stores to rewritten tables run", NULL, held_stores_run, I1, "map=offset", false },
	{ "links of restored tables stay", NULL, links_stay, "inplace:variant=I6", "map=offset", false },
	{ "words are brought back one frame off", NULL, brings_back_the_next_frame, I1, "map=offset", false },
	{ "stores to tables are not followed", no_pt_write, NULL, I1, NULL, false },
	{ "stores to tables are not followed, I4", no_pt_write, NULL, "inplace:variant=I4", NULL, false },
	{ "only stores to roots are followed", pt_write_of_roots_only, NULL, I1, NULL, false },
	{ "only stores to second-level tables are followed", pt_write_of_pages_only, NULL, I1, NULL, false },
	{ "the old word is written again", writes_the_old_word, NULL, I1, NULL, false },
	{ "TTBR write does nothing", no_ttbr, NULL, I1, NULL, false },
	{ "DACR write does nothing", no_dacr, NULL, I1, NULL, false },
	{ "SCTLR write does nothing", no_sctlr, NULL, I1, NULL, false },
	{ "no view switch", no_view_switch, NULL, I1, NULL, false },
	{ "no user view for LDRT/STRT", no_user_view, NULL, I1, NULL, false },
	{ "managers seen in two domains only", managers_of_two_domains, NULL, I1, NULL, false },
	{ "S and R forgotten", s_and_r_forgotten, NULL, I1, NULL, false },
	{ "injects for accesses that it should perform", injects_held_accesses, NULL, I1, NULL, false },
	{ "maps one frame off", NULL, one_frame_off, I1, NULL, false },
	{ "host TLB invalidate all forgotten", NULL, host_tlb_keeps_all, I1, NULL, false },
	{ "host TLB invalidate by MVA forgotten", NULL, host_tlb_keeps_pages, I1, NULL, false },
	{ "host TLB invalidate by MVA forgotten, I6", NULL, host_tlb_keeps_pages, "inplace:variant=I6", NULL, false },
	{ "domains are managers", NULL, domains_are_open, I1, NULL, false },
	{ "the walker sees raw words of ARMv6", NULL, tables_stay_raw, I1, "map=offset", true },
	{ "stores to tables of ARMv6 are not followed", no_pt_write, NULL, I1, NULL, true },
	{ "the host keeps its ASID", no_asid, NULL, I1, NULL, true },
	{ "PRRR and NMRR forgotten", no_remap, NULL, I1, NULL, true },
	{ "TTBCR write does nothing", no_ttbcr, NULL, I1, NULL, true },
	{ "TLBI of an ASID does nothing", no_tlbi_asid, NULL, I1, NULL, true },
	{ "TLBI by MVA does nothing", no_tlbi_page, NULL, I1, NULL, true },
	{ "TLBI by MVA takes one piece of several", tlbi_mva_takes_one_piece, NULL, I1, NULL, true },
	{ "XN of sections forgotten", NULL, sections_run, I1, NULL, true },
};
enum { MUTANTS = sizeof(mutants) / sizeof(mutants[0]) };

/* With no bug planted the wrapper changes nothing: not a violation. */
static const struct mutant healthy[] = {
	{ "none", NULL, NULL, I1, NULL, false },
	{ "none", NULL, NULL, "inplace:variant=I6", "map=offset", false },
	{ "none", NULL, NULL, I1, NULL, true },
};

static uint64_t violations(const struct kit *k, const struct mutant *mu)
{
	return mutant_violations(&strategy_inplace, k, mu, STEP);
}

static void each_mutant_is_caught(void **state)
{
	bool caught[MUTANTS] = { false };

	(void)state;
	for (uint64_t seed = 501; seed < 501 + SEEDS; seed++) {
		struct random_guest_counts n;
		struct kit k[2];                /* by v6 */

		if (seed % 2) {
			random_guest_aliases(&k[0], seed, RECORDS, &n);
			random_guest_v6_wide(&k[1], "arm1176", seed, V6_RECORDS, &n);
		} else {
			random_guest(&k[0], seed, RECORDS, &n);
			random_guest_v6(&k[1], "arm1176", seed, V6_RECORDS, &n);
		}
		for (unsigned i = 0; i < sizeof(healthy) / sizeof(healthy[0]); i++)
			assert_int_equal(violations(&k[healthy[i].v6], &healthy[i]), 0);
		for (unsigned i = 0; i < MUTANTS; i++)
			if (!caught[i])
				caught[i] = violations(&k[mutants[i].v6], &mutants[i]) > 0;
		kit_free(&k[0]);
		kit_free(&k[1]);
	}
	mutants_are_caught(mutants, caught, MUTANTS);
	mem_destroy(believed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mutant_is_caught),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
