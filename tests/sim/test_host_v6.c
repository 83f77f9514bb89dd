/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host of an ARMv6 guest, step by step: what each operation does to its TLB and what is booked,
 * memory types, what a host must have for a guest, and features one at a time.
 */
#include "tests/support.h"

#include <string.h>

#include "sim/spec.h"
#include "tests/machine_kit.h"

#define DATA 0x10000000u
#define V6 "feature.tex=on", "feature.fine=off", "feature.xn=on"

/* --- one guest, followed ---------------------------------------------------------------- */

static void put_page(struct kit *k, uint32_t frame, unsigned attr, unsigned tex, unsigned cb)
{
	struct pt_desc page = { .kind = PT_LEAF, .size_log2 = FRAME_LOG2, .base = frame,
				.ap = { 3, 3, 3, 3 }, .attr = (uint8_t)attr, .tex = (uint8_t)tex,
				.cb = (uint8_t)cb };

	kit_poke(k, KIT_L2, pt_encode_v6(&page));
}

static void guest(struct kit *k, unsigned attr)
{
	kit_linux_v6(k, "arm1136");
	kit_poke(k, KIT_ROOT + 4 * (DATA >> 20), pt_encode_v6(&(struct pt_desc){
		.kind = PT_COARSE, .base = KIT_L2 }));
	put_page(k, 0x200000, attr, 0, 3);
	kit_cpw(k, KEY_CONTEXTIDR, 1);
	kit_access(k, DATA, false, 2);
}

struct follower { struct kit k; struct lane *l; size_t at; };

static void follow(struct follower *f, unsigned attr, struct kit_plan p)
{
	guest(&f->k, attr);
	p.verify = true;
	f->l = kit_lane(&f->k, "native", &p);
	f->at = 0;
	kit_catch_up(f->l, &f->k, &f->at);
}

static void go(struct follower *f) { kit_catch_up(f->l, &f->k, &f->at); }
static bool holds(const struct follower *f) { return tlb_peek(f->l->m->tlb, gva(DATA)) != NULL; }
static uint64_t booked(const struct follower *f, enum event e) { return ledger_event(&f->l->m->ledger, e); }

static void done(struct follower *f)
{
	assert_int_equal(f->l->violations, 0);
	lane_destroy(f->l);
	kit_free(&f->k);
}

static const struct kit_plan on_1136 = { .core = "arm1136" };
static const struct kit_plan without_asid = {
	.core = "generic", .set = { V6, "feature.ttbcr=on" } };

static void contextidr_hides_and_shows(void **state)
{
	struct follower f;
	uint64_t dropped;

	(void)state;
	follow(&f, PT_NG, on_1136);
	assert_true(holds(&f));
	dropped = tlb_counts(f.l->m->tlb)->dropped;
	kit_cpw(&f.k, KEY_CONTEXTIDR, 2);
	go(&f);
	assert_false(holds(&f));
	kit_cpw(&f.k, KEY_CONTEXTIDR, 0xabcd01);        /* PROCID is no part of the tag */
	go(&f);
	assert_true(holds(&f));
	assert_int_equal(tlb_counts(f.l->m->tlb)->dropped, dropped);
	assert_int_equal(tlb_counts(f.l->m->tlb)->inval_all, 0);
	done(&f);
	follow(&f, 0, on_1136);         /* global */
	kit_cpw(&f.k, KEY_CONTEXTIDR, 2);
	go(&f);
	assert_true(holds(&f));
	done(&f);
}

static void scopes_of_invalidates(void **state)
{
	static const struct { unsigned attr; uint16_t key; uint32_t operand; bool stays; enum event e; }
	rows[] = {
		{ PT_NG, CP_KEY(8, 0, 7, 2), 2, true, EV_MAINT_TLB_ASID },
		{ PT_NG, CP_KEY(8, 0, 7, 2), 1, false, EV_MAINT_TLB_ASID },
		{ 0, CP_KEY(8, 0, 7, 2), 1, true, EV_MAINT_TLB_ASID },
		{ PT_NG, KIT_TLBI_MVA, DATA | 2, true, EV_MAINT_TLB_MVA },
		{ PT_NG, KIT_TLBI_MVA, DATA | 1, false, EV_MAINT_TLB_MVA },
		{ 0, KIT_TLBI_MVA, DATA | 2, false, EV_MAINT_TLB_MVA },
		{ 0, KIT_TLBI_ALL, 0, false, EV_MAINT_TLB_ALL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct follower f;

		follow(&f, rows[i].attr, on_1136);
		kit_cpw(&f.k, rows[i].key, rows[i].operand);
		go(&f);
		assert_int_equal(holds(&f), rows[i].stays);
		assert_int_equal(booked(&f, rows[i].e), 1);
		assert_int_equal(booked(&f, EV_MAINT_TLB_ASID) + booked(&f, EV_MAINT_TLB_MVA) +
				 booked(&f, EV_MAINT_TLB_ALL), 1);
		done(&f);
	}
}

/* What an operating system does on such a core: the TLB goes with the address space. */
static void host_without_asids(void **state)
{
	struct follower f;
	uint64_t flushes;

	(void)state;
	follow(&f, PT_NG, without_asid);
	flushes = booked(&f, EV_MAINT_TLB_ALL);
	kit_cpw(&f.k, KEY_CONTEXTIDR, 0x101);           /* the same ASID */
	go(&f);
	assert_true(holds(&f));
	kit_cpw(&f.k, KEY_CONTEXTIDR, 2);
	go(&f);
	assert_false(holds(&f));
	assert_int_equal(booked(&f, EV_MAINT_TLB_ALL), flushes + 1);
	kit_access(&f.k, DATA, false, 2);
	kit_cpw(&f.k, CP_KEY(8, 0, 7, 2), 9);           /* by ASID: more than asked */
	go(&f);
	assert_false(holds(&f));
	done(&f);
}

/* What has no access flag faults while it is read into the TLB: setting the flag needs no invalidate. */
static void no_entry_without_flag(void **state)
{
	struct follower f;

	(void)state;
	guest(&f.k, 0);
	kit_cpw(&f.k, KEY_SCTLR, kit_guest(&f.k)->sctlr | SCTLR_AFE);
	kit_cpw(&f.k, KIT_TLBI_ALL, 0);
	kit_poke(&f.k, KIT_L2, pt_encode_v6(&(struct pt_desc){ .kind = PT_LEAF,
		.size_log2 = FRAME_LOG2, .base = 0x200000, .ap = { 2, 2, 2, 2 }, .cb = 3 }));
	kit_data_abort(&f.k, DATA, false, false, FS_AF_PAGE);
	f.l = kit_lane(&f.k, "native", &(struct kit_plan){ .core = "arm1136", .verify = true });
	f.at = 0;
	go(&f);
	assert_int_equal(f.l->injected, 1);
	assert_false(holds(&f));
	put_page(&f.k, 0x200000, 0, 0, 3);
	kit_access(&f.k, DATA, false, 2);
	go(&f);
	assert_true(holds(&f));
	assert_int_equal(f.l->injected, 1);
	assert_int_equal(f.l->extra_true, 0);
	done(&f);
}

/* An entry of another address space that answers is what --verify is for. */
static void foreign_entry_is_found(void **state)
{
	struct follower f;
	struct walk w;

	(void)state;
	follow(&f, PT_NG, on_1136);
	guest_walk(kit_guest(&f.k), gva(DATA), &w);
	kit_cpw(&f.k, KEY_CONTEXTIDR, 2);
	put_page(&f.k, 0x300000, PT_NG, 0, 3);
	kit_cpw(&f.k, KIT_TLBI_MVA, DATA | 2);
	go(&f);
	tlb_fill(f.l->m->tlb, gva(DATA), &w);           /* what ASID 1 had, as a global entry */
	kit_access(&f.k, DATA, false, 2);
	go(&f);
	assert_int_equal(f.l->violations, 1);
	assert_non_null(strstr(f.l->first_violation.msg, "guest PA 0x00200000"));
	f.l->violations = 0;
	done(&f);
}

/* Data rights say nothing of fetches. */
static void fetch_is_verified_by_itself(void **state)
{
	struct follower f;
	struct walk w;

	(void)state;
	follow(&f, PT_XN, on_1136);
	guest_walk(kit_guest(&f.k), gva(DATA), &w);
	w.leaf.attr = 0;
	kit_access(&f.k, DATA, true, 2);
	go(&f);
	tlb_fill(f.l->m->tlb, gva(DATA), &w);
	kit_run(&f.k, DATA, 1);
	go(&f);
	assert_int_equal(f.l->violations, 1);
	f.l->violations = 0;
	done(&f);
}

static void ranges_are_lines(void **state)
{
	struct trace_rec range = { .kind = TRACE_CP_WRITE, .arg = CP_KEY_64 | CP_KEY(0, 0, 12, 0),
				   .a = DATA + 0x7c, .b = DATA + 4 };
	struct follower f;
	uint64_t clean, dirty;

	(void)state;
	follow(&f, PT_NG, on_1136);
	for (unsigned i = 0; i < 6; i++)
		kit_access(&f.k, DATA + 32 * i, i & 1, 2);
	kit_access(&f.k, DATA + 32, true, 2);           /* its line is there now */
	go(&f);
	clean = booked(&f, EV_MAINT_CLEAN);
	dirty = booked(&f, EV_MAINT_DIRTY);
	kit_exec(&f.k);
	kit_put(&f.k, &range, NULL);
	go(&f);
	assert_int_equal(booked(&f, EV_MAINT_CLEAN) + booked(&f, EV_MAINT_DIRTY), clean + dirty + 4);
	assert_int_equal(booked(&f, EV_MAINT_DIRTY), dirty + 0);
	done(&f);
}

/* --- memory types ----------------------------------------------------------------------- */

enum { NCNB, NCB, WT, WB };

static void memory_types(void **state)
{
	/* TEX 000 to 011 by C and B (DDI 0301H table 6-2); reserved ones as strongly ordered */
	static const uint8_t low[4][4] = {
		{ NCNB, NCB, WT, WB }, { NCB, NCNB, NCNB, WB }, { NCB, NCNB, NCNB, NCNB },
		{ NCNB, NCNB, NCNB, NCNB },
	};
	static const uint8_t inner[4] = { NCB, WB, WT, WB };    /* TEX 1xx: by C and B alone */
	struct follower f;
	struct machine *m;

	(void)state;
	follow(&f, PT_NG, on_1136);
	m = f.l->m;
	for (unsigned i = 0; i < 64; i++) {
		struct pt_desc leaf = { .kind = PT_LEAF, .tex = i >> 3, .cb = i & 3,
					.attr = i & 4 ? PT_S : 0 };
		unsigned want = i >> 3 < 4 ? low[i >> 3][i & 3] : inner[i & 3];
		bool normal = i >> 3 >= 4 || want >= WT || (i >> 3 == 1 && !(i & 3));

		if (normal && leaf.attr)        /* shared: not in L1 of this core */
			want = NCB;
		assert_int_equal(host_memory(m, &leaf) & LEAF_CB, want);
	}
	m->sctlr |= SCTLR_TRE;          /* n = 5: normal, inner write-through, S says shared */
	m->g.prrr = 2 << 10 | 1 << 19;
	m->g.nmrr = 2 << 10;
	assert_int_equal(host_memory(m, &(struct pt_desc){ .tex = 1, .cb = 1 }), WT);
	assert_int_equal(host_memory(m, &(struct pt_desc){ .tex = 1, .cb = 1, .attr = PT_S }), NCB);
	assert_int_equal(host_memory(m, &(struct pt_desc){ .tex = 6, .cb = 3 }), NCNB);
	m->sctlr &= ~(uint32_t)(SCTLR_TRE | SCTLR_XP);
	assert_int_equal(host_memory(m, &(struct pt_desc){ .tex = 4, .cb = 1 }), WB);
	done(&f);
}

/* Uncached normal memory is buffered, strongly ordered memory is not; both miss the caches. */
static void memory_types_are_booked(void **state)
{
	struct follower f;
	uint64_t reads, ncnb;

	(void)state;
	follow(&f, PT_NG, on_1136);
	put_page(&f.k, 0x200000, PT_NG, 1, 0);
	kit_cpw(&f.k, KIT_TLBI_MVA, DATA | 1);
	go(&f);
	reads = booked(&f, EV_DREAD_UNC);
	ncnb = booked(&f, EV_DWRITE_NCNB);
	kit_access(&f.k, DATA, false, 2);
	kit_access(&f.k, DATA, true, 2);
	go(&f);
	assert_int_equal(booked(&f, EV_DREAD_UNC), reads + 1);
	assert_int_equal(booked(&f, EV_DWRITE_NCNB), ncnb);
	put_page(&f.k, 0x200000, PT_NG, 0, 0);
	kit_cpw(&f.k, KIT_TLBI_MVA, DATA | 1);
	kit_access(&f.k, DATA, true, 2);
	go(&f);
	assert_int_equal(booked(&f, EV_DWRITE_NCNB), ncnb + 1);
	done(&f);
}

/* --- what a host must have ---------------------------------------------------------------- */

static void unfit(const struct kit *k, struct kit_plan p, const char *words)
{
	struct lane *l = kit_lane(k, "native", &p);
	struct diag d;

	kit_feed(l, k, 0, KIT_NOW, 4096);
	assert_err(ERR_CONFIG, kit_finish(l, k, &d), &d, words);
	lane_destroy(l);
}

static void what_the_guest_needs(void **state)
{
	static const struct { const char *core; uint16_t key; uint32_t bits; const char *words; } rows[] = {
		{ "arm1136", KEY_TTBCR, 1, "feature.ttbcr: the guest sets TTBCR.N" },
		{ "arm1176", KEY_TTBCR, 0x20, "feature.pd: the guest sets TTBCR.PD0 or PD1" },
		{ "arm1136", KEY_SCTLR, SCTLR_AFE, "feature.afe: the guest sets SCTLR.AFE" },
		{ "arm1136", KEY_SCTLR, SCTLR_EE, "big-endian table words" },
		{ "arm1136", KEY_FCSE, 1 << 25, "feature.fcse: the guest has a PID" },
	};
	struct kit_plan poor = { .core = "generic", .set = { V6, "feature.fcse=off" } };
	struct kit_plan a8 = { .core = "cortex-a8", .set = { "tlb.entries=64", "tlb.ways=2",
		"itlb.entries=0", "dtlb.entries=0", "tlb.lock=part" } };
	struct kit k;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_linux_v6(&k, rows[i].core);
		kit_cpw(&k, rows[i].key, rows[i].bits | (rows[i].key == KEY_SCTLR
						 ? kit_guest(&k)->sctlr : 0));
		unfit(&k, poor, rows[i].words);
		kit_free(&k);
	}
	kit_linux_v6(&k, "arm1136");
	kit_cpw(&k, KEY_SCTLR, kit_guest(&k)->sctlr & ~(uint32_t)SCTLR_XP);
	unfit(&k, a8, "the format of table words that SCTLR.XP selects");
	kit_free(&k);
	kit_linux(&k);
	kit_poke(&k, KIT_ROOT + 4 * (DATA >> 20), pt_encode_v5_fine(KIT_L2, 0));
	kit_poke(&k, KIT_L2, pt_encode_v5_tiny(0x200000, 3, 0));
	kit_access(&k, DATA, false, 2);
	unfit(&k, (struct kit_plan){ .core = "generic", .set = { "feature.fine=off" } },
	      "feature.fine: a fine table serves MVA 0x10000000");
	kit_free(&k);
}

static void refused_at_once(void **state)
{
	static const struct { const char *core, *strategy, *words; } rows[] = {
		{ "arm926", "coherent", "cannot run a guest of armv6 under coherent: its words (XN, APX, nG) need feature.xn" },
		{ "arm926", "native", "cannot run a guest of armv6 under native: its words (XN, APX, nG) need feature.xn" },
	};
	struct cost_set costs;
	struct kit k;

	(void)state;
	cost_set_default(&costs);
	kit_linux_v6(&k, "arm1136");
	for (size_t i = 0; i < 2; i++) {
		const struct cpu_row *row = cpu_find(rows[i].core);
		struct machine *m;
		struct spec spec;
		struct diag d;

		assert_ok(spec_parse(&spec, rows[i].strategy, &d), &d);
		assert_err(ERR_CONFIG, machine_create(&m, row, &row->config, &costs, spec.ops,
						      spec_params(&spec), &k.t.header, &d), &d,
			   rows[i].words);
		spec_free(&spec);
	}
	kit_free(&k);
}

/* --- features under a hypervisor ---------------------------------------------------------- */

/* With a write bit the instruction behind a hidden fault need not be read. */
static void write_bit_saves_decoding(void **state)
{
	struct kit_plan with = { .core = "generic", .set = { "hv.memory=flat", "feature.wnr=on" } };
	struct kit_plan without = { .core = "generic", .set = { "hv.memory=flat" } };
	struct lane *a, *b;
	uint64_t decoded;
	struct kit k;

	(void)state;
	kit_linux(&k);
	for (unsigned i = 0; i < 8; i++)
		kit_access(&k, KIT_LINEAR + (2 + i) * SECTION_BYTES, i & 1, 2);
	a = kit_replay(&k, "coherent", &with);
	b = kit_replay(&k, "coherent", &without);
	decoded = ledger_event(&b->m->ledger, EV_DECODE);
	assert_true(decoded >= 8);
	assert_int_equal(ledger_event(&a->m->ledger, EV_DECODE), 0);
	for (unsigned e = 0; e < EVENTS; e++)
		if (e != EV_DECODE)
			assert_int_equal(ledger_event(&a->m->ledger, (enum event)e),
					 ledger_event(&b->m->ledger, (enum event)e));
	lane_destroy(a);
	lane_destroy(b);
	kit_free(&k);
}

/* An ARMv5 guest on a host that has all of ARMv6's words, under a hypervisor and without: its
 * tables, and those of the hypervisor, mean the same there. */
static void older_words_on_a_newer_host(void **state)
{
	static const char *const spec[] = { "native", "coherent" };
	/* words with TEX say what a write that misses does; those without leave it to the cache */
	struct kit_plan newer = { .core = "generic", .verify = true, .set = { V6, "feature.ttbcr=on",
		"feature.asid=on", "feature.afe=on", "feature.v6k=on", "feature.tre=on", "l1d.allocate=read" } };
	struct kit_plan plain = { .core = "generic", .verify = true, .set = { "l1d.allocate=read" } };
	struct kit k;

	(void)state;
	kit_linux(&k);
	for (unsigned i = 0; i < 60; i++)
		kit_access(&k, KIT_LINEAR + (i % 20 << 20 | i << 7), i & 1, 2);
	for (unsigned s = 0; s < 2; s++) {
		struct lane *a = kit_replay(&k, spec[s], &newer), *b = kit_replay(&k, spec[s], &plain);

		assert_int_equal(a->violations, 0);
		assert_memory_equal(&a->m->ledger, &b->m->ledger, sizeof(a->m->ledger));
		lane_destroy(a);
		lane_destroy(b);
	}
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contextidr_hides_and_shows),
		cmocka_unit_test(scopes_of_invalidates),
		cmocka_unit_test(host_without_asids),
		cmocka_unit_test(no_entry_without_flag),
		cmocka_unit_test(foreign_entry_is_found),
		cmocka_unit_test(fetch_is_verified_by_itself),
		cmocka_unit_test(ranges_are_lines),
		cmocka_unit_test(memory_types),
		cmocka_unit_test(memory_types_are_booked),
		cmocka_unit_test(what_the_guest_needs),
		cmocka_unit_test(refused_at_once),
		cmocka_unit_test(write_bit_saves_decoding),
		cmocka_unit_test(older_words_on_a_newer_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
