/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directed sequences of ARMv6 under `cached`: exact traps of what Linux does to its tables and at a switch, what the
 * host's ASIDs save, which first-level tables are traced, and where XN goes. Sequences as arch/arm/mm/proc-v6.S has them.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/machine_kit.h"

enum {
	ROOT_B = 0x20000, L2_B = KIT_L2 + FRAME_BYTES,
	FLUSH_BTB = CP_KEY(7, 0, 5, 6), INVAL_ASID = CP_KEY(8, 0, 7, 2),
};
#define TABLE_FRAME (KIT_LINEAR + KIT_L2)
#define PAGES 0x10000000u               /* a coarse table in KIT_L2, small pages AP 11, nG, domain 1 */
#define SHARED 0x20000000u              /* one in KIT_L2 + 1 KB, of both roots: global pages */

/* A core whose TLB keeps all. */
#define PLAIN "feature.tex=on", "feature.fine=off", "feature.xn=on", "feature.ttbcr=on", \
	"hv.memory=flat", "tlb.entries=4096", "tlb.ways=4096"

struct bench { struct kit k; struct lane *l; size_t at; };

static uint32_t leaf(unsigned size_log2, uint32_t pa, unsigned ap, unsigned attr)
{
	struct pt_desc d = { .kind = PT_LEAF, .size_log2 = (uint8_t)size_log2, .base = pa, .cb = 3,
			     .attr = (uint8_t)attr };

	d.domain = size_log2 == SECTION_LOG2 ? 1 : 0;
	memset(d.ap, (int)ap, sizeof(d.ap));
	return pt_encode_v6(&d);
}

static uint32_t coarse(uint32_t table)
{
	return pt_encode_v6(&(struct pt_desc){ .kind = PT_COARSE, .base = table, .domain = 1 });
}

static uint32_t page_word(uint32_t i) { return leaf(12, 0x400000 + (i << 12), 3, PT_NG); }

static void link_mb(struct bench *b, uint32_t root, uint32_t mva, uint32_t word)
{
	kit_poke(&b->k, root + 4 * (mva >> 20), word);
}

/* Two address spaces, ASIDs 1 and 2: the second has a table of its own at PAGES. */
static void bench_start(struct bench *b, const char *spec, bool asids)
{
	struct kit_plan p = { .core = "generic", .verify = true,
			      .set = { PLAIN, asids ? "feature.asid=on" : "feature.asid=off" } };

	kit_linux_v6(&b->k, "arm1136");
	for (uint32_t f = 0; f < 4; f++)
		kit_image(&b->k, ROOT_B + FRAME_BYTES * f,
			  mem_frame(kit_guest(&b->k)->tables, KIT_ROOT + FRAME_BYTES * f));
	link_mb(b, KIT_ROOT, PAGES, coarse(KIT_L2));
	link_mb(b, ROOT_B, PAGES, coarse(L2_B));
	link_mb(b, KIT_ROOT, SHARED, coarse(KIT_L2 + 0x400));
	link_mb(b, ROOT_B, SHARED, coarse(KIT_L2 + 0x400));
	for (uint32_t i = 0; i < 16; i++) {
		kit_poke(&b->k, KIT_L2 + 4 * i, page_word(i));
		kit_poke(&b->k, L2_B + 4 * i, page_word(64 + i));
		kit_poke(&b->k, KIT_L2 + 0x400 + 4 * i, leaf(12, 0x600000 + (i << 12), 3, 0));
	}
	kit_cpw(&b->k, KEY_CONTEXTIDR, 1);
	b->l = kit_lane(&b->k, spec, &p);
	b->at = 0;
	kit_catch_up(b->l, &b->k, &b->at);
}

/* What the records appended since the last call added. */
static struct ledger *spent(struct bench *b)
{
	static struct ledger before, diff;
	struct diag d;

	before = b->l->m->ledger;
	kit_catch_up(b->l, &b->k, &b->at);
	kit_since(&diff, b->l, &before);
	if (b->l->m->ops->audit(b->l->m->self, &d))
		fail_msg("%s", d.msg);
	if (b->l->violations)
		fail_msg("%s", b->l->first_violation.msg);
	return &diff;
}

#define count(s, e) (unsigned)ledger_event(s, e)

static void bench_stop(struct bench *b)
{
	struct diag d;

	(void)spent(b);
	assert_ok(kit_finish(b->l, &b->k, &d), &d);
	lane_destroy(b->l);
	kit_free(&b->k);
}

static void load(struct bench *b, uint32_t va) { kit_access(&b->k, va, false, 2); }
static void store(struct bench *b, uint32_t va) { kit_access(&b->k, va, true, 2); }

/* Shadows of both tables, and of the page of the linear map that they are in. */
static void shadow_pages(struct bench *b)
{
	for (uint32_t i = 0; i < 16; i++) {
		load(b, PAGES + (i << 12));
		load(b, SHARED + (i << 12));
	}
	load(b, TABLE_FRAME);
	(void)spent(b);
}

/* cpu_v6_set_pte_ext: the kernel's own word, the hardware's 2048 bytes away, clean. */
static void set_pte(struct bench *b, uint32_t i, uint32_t word)
{
	kit_poke(&b->k, KIT_L2 + 2048 + 4 * i, word ^ 0x1234);
	kit_poke(&b->k, KIT_L2 + 4 * i, word);
	kit_cpw(&b->k, KIT_CLEAN_MVA, TABLE_FRAME + 4 * i);
}

/* cpu_v6_switch_mm: the drain is USR mode's, too. */
static void switch_to(struct bench *b, uint32_t root, uint32_t asid)
{
	kit_cpw(&b->k, FLUSH_BTB, 0);
	kit_cpw(&b->k, KIT_DRAIN, 0);
	kit_cpw(&b->k, KEY_TTBR0, root);
	kit_cpw(&b->k, KEY_CONTEXTIDR, asid);
}

static void set_pte_is_three_traps(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached", true);
	set_pte(&b, 1, 0);                      /* no shadow of the table yet: it is not traced */
	assert_int_equal(kit_traps(spent(&b)), 1);
	set_pte(&b, 1, page_word(1));
	shadow_pages(&b);
	set_pte(&b, 3, 0);
	s = spent(&b);
	assert_int_equal(kit_traps(s), 3);
	assert_int_equal(count(s, EV_PT_WRITE), 1);
	assert_int_equal(count(s, EV_PT_FALSE), 1);
	assert_int_equal(count(s, EV_OP_CACHE_LINE), 1);
	assert_int_equal(count(s, EV_HTLBI_MVA), 1);
	assert_int_equal(count(s, EV_HTLBI_ALL) + count(s, EV_HTLBI_ASID), 0);
	set_pte(&b, 3, page_word(9));           /* its shadow with it */
	load(&b, PAGES + 0x3000);
	s = spent(&b);
	assert_int_equal(kit_traps(s), 3);
	assert_int_equal(count(s, EV_HIDDEN), 0);
	bench_stop(&b);
}

static void unsync_is_one(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached:sync=unsync", true);
	shadow_pages(&b);
	set_pte(&b, 3, 0);                      /* lets the frame's tables out of sync */
	s = spent(&b);
	assert_int_equal(kit_traps(s), 2);
	assert_int_equal(count(s, EV_PT_UNSYNC), 2);
	set_pte(&b, 4, 0);
	set_pte(&b, 5, 0);
	assert_int_equal(kit_traps(spent(&b)), 2);      /* a clean each */
	kit_cpw(&b.k, KIT_TLBI_MVA, (PAGES + 0x4000) | 1);
	assert_int_equal(count(spent(&b), EV_ZAP), 3);  /* what a large page would have */
	set_pte(&b, 6, 0);
	assert_int_equal(kit_traps(spent(&b)), 1);
	kit_cpw(&b.k, INVAL_ASID, 1);
	assert_int_equal(count(spent(&b), EV_ZAP), 1);
	set_pte(&b, 6, page_word(6));           /* traced again */
	assert_int_equal(kit_traps(spent(&b)), 2);
	bench_stop(&b);
}

/* What an ASID's walks found before is not for another ASID's, though the root is the same. */
static void old_words_are_of_an_asid(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached:sync=unsync", true);
	shadow_pages(&b);
	set_pte(&b, 3, page_word(9));
	set_pte(&b, 4, page_word(10));
	load(&b, PAGES + 0x3000);
	s = spent(&b);
	assert_int_equal(count(s, EV_HIDDEN), 1);       /* of the first store: the old word serves */
	kit_cpw(&b.k, KEY_CONTEXTIDR, 3);
	s = spent(&b);
	assert_int_equal(count(s, EV_ZAP), 2);
	load(&b, PAGES + 0x3000);
	load(&b, PAGES + 0x4000);
	assert_int_equal(count(spent(&b), EV_HIDDEN), 2);
	bench_stop(&b);
}

/* Three traps, one look-up, two registers; and nothing is filled, dropped or walked again. */
static void address_space_switch(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached", true);
	for (unsigned i = 0; i < 4; i++) {
		switch_to(&b, i & 1 ? KIT_ROOT : ROOT_B, 1 + !(i & 1));
		shadow_pages(&b);
	}
	switch_to(&b, ROOT_B, 2);
	s = spent(&b);
	assert_int_equal(kit_traps(s), 3);
	assert_int_equal(count(s, EV_ROOT), 1);
	assert_int_equal(count(s, EV_ALLOC_ROOT) + count(s, EV_ZAP), 0);
	assert_int_equal(count(s, EV_HTLBI_ALL) + count(s, EV_HTLBI_ASID) + count(s, EV_HTLBI_MVA), 0);
	for (uint32_t p = 0; p < 16; p++)
		load(&b, PAGES + (p << 12));
	load(&b, SHARED);
	kit_cpw(&b.k, INVAL_ASID, 2);           /* the shadow is what the words say */
	kit_cpw(&b.k, KIT_TLBI_MVA, PAGES | 2);
	load(&b, PAGES);
	s = spent(&b);
	assert_int_equal(kit_traps(s), 2);
	assert_int_equal(count(s, EV_WALK), 0);
	assert_int_equal(count(s, EV_HIDDEN) + count(s, EV_SPURIOUS), 0);
	bench_stop(&b);
}

/* A host without ASIDs empties its TLB. */
static void a_switch_without_asids(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached", false);
	for (unsigned i = 0; i < 4; i++) {
		switch_to(&b, i & 1 ? KIT_ROOT : ROOT_B, 1 + !(i & 1));
		shadow_pages(&b);
	}
	switch_to(&b, ROOT_B, 2);
	load(&b, PAGES);
	s = spent(&b);
	assert_int_equal(kit_traps(s), 3);
	assert_int_equal(count(s, EV_HTLBI_ALL), 1);
	assert_true(count(s, EV_WALK) >= 2);
	assert_int_equal(count(s, EV_HIDDEN), 0);
	bench_stop(&b);
}

/* Pages of one ASID are walked once a root, global ones once in all. */
static void global_pages_serve_all_roots(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached", true);
	switch_to(&b, ROOT_B, 2);
	shadow_pages(&b);
	switch_to(&b, KIT_ROOT, 1);
	load(&b, PAGES);
	load(&b, SHARED);
	s = spent(&b);
	assert_int_equal(count(s, EV_HIDDEN), 1);
	switch_to(&b, ROOT_B, 2);
	load(&b, PAGES);
	load(&b, SHARED);
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);         /* the shadow stays */
	load(&b, PAGES);
	load(&b, SHARED);
	s = spent(&b);
	assert_int_equal(count(s, EV_HIDDEN), 1);       /* the code: this root had not asked for it yet */
	assert_int_equal(count(s, EV_HTLBI_ALL), 1);
	bench_stop(&b);
}

/* A root that finds itself changed in another's time: its ASID's entries go then. */
static void another_roots_page_is_dropped(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached:recompose=off", true);
	shadow_pages(&b);
	switch_to(&b, ROOT_B, 2);
	kit_poke(&b.k, KIT_L2 + 2048, 0);
	(void)spent(&b);
	set_pte(&b, 3, page_word(9));
	s = spent(&b);
	assert_int_equal(count(s, EV_HTLBI_MVA), 1);
	switch_to(&b, KIT_ROOT, 1);
	load(&b, PAGES + 0x3000);
	s = spent(&b);
	assert_int_equal(count(s, EV_HIDDEN), 1);
	bench_stop(&b);
}

/* TTBCR.N = 7: TTBR0's table is 128 bytes. Its quarter of a frame is traced, and TTBR1's part of the other. */
static void tables_of_both_bases_are_traced(void **state)
{
	enum { N = 7, SMALL = 0x30080, AT = SMALL + 4 * 3 };
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached:flood=0", true);
	kit_image(&b.k, SMALL & ~0xfffu, NULL);
	kit_poke(&b.k, AT, leaf(20, 0x500000, 3, PT_NG));
	kit_cpw(&b.k, KEY_TTBCR, N);
	kit_cpw(&b.k, KEY_TTBR0, SMALL);
	load(&b, 0x300000);
	load(&b, SHARED);
	load(&b, KIT_LINEAR + SMALL);
	load(&b, KIT_LINEAR + KIT_ROOT);
	(void)spent(&b);
	kit_poke(&b.k, AT, leaf(20, 0x600000, 3, PT_NG));
	s = spent(&b);
	assert_int_equal(count(s, EV_PT_WRITE), 1);
	assert_int_equal(count(s, EV_ZAP), 1);
	kit_poke(&b.k, SMALL + 0x400, 0);       /* beside it */
	assert_int_equal(count(spent(&b), EV_PT_FALSE), 1);
	link_mb(&b, KIT_ROOT, SHARED, 0);       /* by TTBR1 */
	s = spent(&b);
	assert_int_equal(count(s, EV_PT_WRITE), 1);
	assert_true(count(s, EV_ZAP) >= 1);
	link_mb(&b, KIT_ROOT, SHARED, coarse(KIT_L2 + 0x400));
	load(&b, SHARED);
	link_mb(&b, KIT_ROOT, 0x300000, 0);     /* nobody's word: TTBR0 serves that megabyte */
	s = spent(&b);
	assert_int_equal(count(s, EV_PT_WRITE), 2);
	load(&b, 0x300000);
	s = spent(&b);
	assert_int_equal(count(s, EV_HIDDEN), 1);
	kit_cpw(&b.k, KEY_TTBCR, 0);            /* another root, though no base changed */
	assert_int_equal(count(spent(&b), EV_ROOT), 1);
	kit_cpw(&b.k, KEY_TTBR0, KIT_ROOT);
	kit_exec(&b.k);
	bench_stop(&b);
}

/* Kernel all, user reads: a domain that is manager in the kernel's view, where nothing is XN. */
static void xn_is_no_managers(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached", true);
	link_mb(&b, KIT_ROOT, 0x30000000, leaf(20, 0x700000, 2, PT_NG));
	link_mb(&b, KIT_ROOT, 0x30100000, leaf(20, 0x800000, 2, PT_NG | PT_XN));
	store(&b, 0x30000000);
	kit_run(&b.k, 0x30000000, 1);
	b.k.pc = KIT_CODE;
	s = spent(&b);
	assert_int_equal(count(s, EV_MIXEDMB), 0);
	store(&b, 0x30100000);
	kit_mode(&b.k, KIT_USR);
	load(&b, 0x30000000);
	load(&b, 0x30100000);
	s = spent(&b);
	assert_int_equal(count(s, EV_MIXEDMB), 2);
	kit_fetch_abort(&b.k, 0x30100000, FS_PERM_SECTION | 1 << 4);
	kit_exc(&b.k, 3, KIT_ABT);
	kit_run(&b.k, KIT_VECTORS + 12, 1);
	b.k.pc = KIT_CODE;
	store(&b, 0x30100000);
	kit_fetch_abort(&b.k, 0x30100000, FS_PERM_SECTION | 1 << 4);
	kit_exc(&b.k, 3, KIT_ABT);
	kit_run(&b.k, KIT_VECTORS + 12, 1);
	b.k.pc = KIT_CODE;
	(void)spent(&b);
	assert_int_equal(b.l->injected, 2);
	bench_stop(&b);
}

/* A supersection with a table in it: pages where that is, sections elsewhere. */
static void supersections_are_split_by_megabytes(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "cached", true);
	for (uint32_t i = 0; i < 16; i++)
		link_mb(&b, KIT_ROOT, 0x40000000 + i * SECTION_BYTES, leaf(24, 0, 3, 0));
	load(&b, PAGES);
	(void)spent(&b);
	for (uint32_t i = 0; i < 16; i++)
		load(&b, 0x40000000 + i * SECTION_BYTES + 0x100);
	s = spent(&b);
	assert_int_equal(count(s, EV_HIDDEN), 16);
	assert_int_equal(count(s, EV_SPLIT), 1);
	load(&b, 0x40000000 + KIT_L2);
	(void)spent(&b);
	store(&b, 0x40000000 + 0x700000);
	assert_int_equal(kit_traps(spent(&b)), 0);
	bench_stop(&b);
}

/* The words of a table say something else with XP = 0; with the MMU off nothing does. */
static void other_readings(void **state)
{
	uint32_t sctlr;
	struct bench b;

	(void)state;
	bench_start(&b, "cached", true);
	shadow_pages(&b);
	sctlr = kit_guest(&b.k)->sctlr;
	kit_cpw(&b.k, KEY_SCTLR, sctlr ^ SCTLR_XP);
	load(&b, PAGES);
	assert_true(count(spent(&b), EV_HIDDEN) >= 1);
	kit_cpw(&b.k, KEY_SCTLR, sctlr);
	load(&b, PAGES);
	assert_true(count(spent(&b), EV_HIDDEN) >= 1);
	kit_cpw(&b.k, KEY_SCTLR, sctlr & ~(uint32_t)SCTLR_M);
	assert_int_equal(count(spent(&b), EV_HTLBI_ALL), 1);
	b.k.pc = 0x00100000;
	load(&b, PAGES & 0x1ffffff);
	kit_cpw(&b.k, KEY_SCTLR, sctlr);
	b.k.pc = KIT_CODE;
	load(&b, PAGES);
	(void)spent(&b);
	load(&b, PAGES);
	assert_int_equal(kit_traps(spent(&b)), 0);
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_pte_is_three_traps),
		cmocka_unit_test(unsync_is_one),
		cmocka_unit_test(old_words_are_of_an_asid),
		cmocka_unit_test(address_space_switch),
		cmocka_unit_test(a_switch_without_asids),
		cmocka_unit_test(global_pages_serve_all_roots),
		cmocka_unit_test(another_roots_page_is_dropped),
		cmocka_unit_test(tables_of_both_bases_are_traced),
		cmocka_unit_test(xn_is_no_managers),
		cmocka_unit_test(supersections_are_split_by_megabytes),
		cmocka_unit_test(other_readings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
