/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Micro-TLBs before the main TLB, step by step: who answers, what a miss costs, what empties them on
 * ARM11 and what does not on a Cortex-A15, and that --verify sees what they hold.
 */
#include "tests/support.h"

#include <string.h>

#include "sim/host_tlb.h"
#include "tests/machine_kit.h"

#define PAGE 0x10000000u
#define TWO "utlb.entries=2", "utlb.ways=2"

struct follower { struct kit k; struct lane *l; size_t at; };

static void go(struct follower *f)
{
	kit_catch_up(f->l, &f->k, &f->at);
}

/* Pages of code and data for both modes, uncached, so that only TLBs cost. */
static void start(struct follower *f, const char *spec, const struct kit_plan *p)
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };

	kit_linux(&f->k);
	kit_poke(&f->k, KIT_ROOT + 4 * (PAGE >> 20), pt_encode_v5_coarse(KIT_L2, 0));
	for (unsigned i = 0; i < 8; i++)
		kit_poke(&f->k, KIT_L2 + 4 * i, pt_encode_v5_small(0x200000 + 4096 * i, all, 0));
	f->l = kit_lane(&f->k, spec, p);
	f->at = 0;
	go(f);
}

static void load(struct follower *f, uint32_t va)
{
	f->k.pc = KIT_CODE;             /* a line that the instruction cache holds */
	kit_access(&f->k, va, false, 2);
}

static void done(struct follower *f)
{
	struct diag d;

	assert_int_equal(f->l->violations, 0);
	assert_ok(kit_finish(f->l, &f->k, &d), &d);
	lane_destroy(f->l);
	kit_free(&f->k);
}

/*
 * Two entries a side, round robin, emptied by a write of DACR; then loads of pages 1 2 1 3 1 3 2:
 * walk, walk, micro, walk (1 goes), main (2 goes), micro, main. The first fetch asks the main TLB, the
 * others do not. Nominal: 7 instructions, 7 uncached loads of 35, 3 walks of 70, 6 micro misses of 4.
 */
static void by_hand(void **state)
{
	static const struct kit_plan plan = { .set = { TWO }, .verify = true };
	static const char pages[] = "1213132";
	struct structure_counts was, now;
	struct ledger book, diff;
	struct follower f;
	cycles128_t at;

	(void)state;
	start(&f, "native", &plan);
	kit_cpw(&f.k, KEY_DACR, 0x55555555);
	go(&f);
	assert_int_equal(f.l->m->utlb[0].resident + f.l->m->utlb[1].resident, 0);
	lane_counts(f.l, &was);
	book = f.l->m->ledger;
	at = f.l->m->cycles;
	for (unsigned i = 0; pages[i]; i++)
		load(&f, PAGE + 4096u * (unsigned)(pages[i] - '0'));
	go(&f);
	lane_counts(f.l, &now);
	kit_since(&diff, f.l, &book);
	assert_int_equal(now.utlb[1].hits - was.utlb[1].hits, 2);
	assert_int_equal(now.utlb[1].misses - was.utlb[1].misses, 5);
	assert_int_equal(now.utlb[0].hits - was.utlb[0].hits, 6);
	assert_int_equal(now.utlb[0].misses - was.utlb[0].misses, 1);
	assert_int_equal(now.tlb.lookups - was.tlb.lookups, 6);
	assert_int_equal(now.tlb.hits - was.tlb.hits, 3);
	assert_int_equal(ledger_event(&diff, EV_UTLB_MISS), 6);
	assert_int_equal(ledger_event(&diff, EV_WALK), 3);
	assert_true(f.l->m->cycles - at == 1000 * (7 + 7 * 35 + 3 * 70 + 6 * 4));
	done(&f);
}

/* What leaves the main TLB to make room stays, as a copy may. */
static void copies_outlive_evictions(void **state)
{
	static const struct kit_plan plan = {
		.set = { "tlb.entries=2", "tlb.ways=1", "tlb.locked=0", "utlb.entries=8" }, .verify = true };
	struct follower f;
	uint64_t walks;

	(void)state;
	start(&f, "native", &plan);
	load(&f, PAGE);
	load(&f, PAGE + 2 * 4096);      /* the same set of one way */
	go(&f);
	assert_null(tlb_peek(f.l->m->tlb, gva(PAGE)));
	walks = f.l->m->tally.walks;
	load(&f, PAGE);
	go(&f);
	assert_int_equal(f.l->m->tally.walks, walks);
	done(&f);
}

static uint32_t resident(const struct follower *f, unsigned side)
{
	return f->l->m->utlb[side].resident;
}

/* What empties both, and what neither. KIT_TLBI_MVA names a page that no TLB holds. */
static void what_empties_them(void **state)
{
	static const struct { uint16_t key; uint32_t value; bool empties; } rows[] = {
		{ KEY_DACR, 0x55555555, true }, { KEY_TTBR0, KIT_ROOT, true },
		{ KEY_SCTLR, 0x78 | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_V, true },
		{ KIT_TLBI_ALL, 0, true }, { KIT_TLBI_MVA, 0x30000000, true },
		{ CP_KEY(8, 0, 5, 1), 0x30000000, true }, { CP_KEY(8, 0, 6, 0), 0, true },
		{ KEY_FCSE, 0, false }, { KIT_CLEAN_MVA, PAGE, false }, { KIT_DRAIN, 0, false },
		{ KEY_FAR, 0, false },
	};
	static const struct kit_plan plan = { .set = { "utlb.entries=8" }, .verify = true };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct follower f;
		uint64_t flushes;

		start(&f, "native", &plan);
		load(&f, PAGE);
		go(&f);
		flushes = f.l->m->utlb[0].n.flushes;
		kit_cpw(&f.k, rows[i].key, rows[i].value);
		go(&f);
		assert_int_equal(f.l->m->utlb[0].n.flushes - flushes, rows[i].empties);
		assert_int_equal(!resident(&f, 0), rows[i].empties);
		assert_int_equal(!resident(&f, 1), rows[i].empties);
		done(&f);
	}
}

/* --- cores of ARMv6 and later ----------------------------------------------------------- */

static void start_v6(struct follower *f, const struct kit_plan *p)
{
	struct pt_desc page = { .kind = PT_LEAF, .size_log2 = FRAME_LOG2, .base = 0x200000,
				.ap = { 3, 3, 3, 3 }, .attr = PT_NG, .cb = 3 };

	kit_linux_v6(&f->k, "arm1136");
	kit_poke(&f->k, KIT_ROOT + 4 * (PAGE >> 20), pt_encode_v6(&(struct pt_desc){
		.kind = PT_COARSE, .base = KIT_L2 }));
	kit_poke(&f->k, KIT_L2, pt_encode_v6(&page));
	kit_cpw(&f->k, KEY_CONTEXTIDR, 1);
	f->l = kit_lane(&f->k, "native", p);
	f->at = 0;
	load(f, PAGE);
	go(f);
}

static bool holds(const struct follower *f, uint32_t mva)
{
	return utlb_find(&f->l->m->utlb[1], gva(mva)) >= 0;
}

static const uint16_t v6_registers[] = {
	KEY_CONTEXTIDR, KEY_TTBR1, KEY_TTBCR, KEY_PRRR, KEY_NMRR, KEY_DACR, KEY_TTBR0,
};
enum { V6_REGISTERS = sizeof(v6_registers) / sizeof(v6_registers[0]) };

static uint32_t value_of(const struct kit *k, uint16_t key)
{
	switch (key) {
	case KEY_CONTEXTIDR: return 1;
	case KEY_TTBR0:
	case KEY_TTBR1: return KIT_ROOT;
	case KEY_PRRR: return kit_guest(k)->prrr;
	case KEY_NMRR: return kit_guest(k)->nmrr;
	case KEY_DACR: return 0x55555555;
	default: return 0;
	}
}

/* The same value once more: an ARM11 forgets all the same, a Cortex-A15 nothing. */
static void registers_of_v6(void **state)
{
	static const struct { const char *core; bool empties; } rows[] = {
		{ "arm1136", true }, { "arm1176", true }, { "cortex-a15", false },
	};

	(void)state;
	for (unsigned r = 0; r < 3; r++)
		for (unsigned i = 0; i < V6_REGISTERS; i++) {
			struct kit_plan plan = { .core = rows[r].core, .set = { KIT_PLAIN_CACHES },
						 .verify = true };
			struct follower f;

			start_v6(&f, &plan);
			assert_true(holds(&f, PAGE));
			kit_cpw(&f.k, v6_registers[i], value_of(&f.k, v6_registers[i]));
			go(&f);
			assert_int_equal(holds(&f, PAGE), !rows[r].empties);
			assert_int_equal(!resident(&f, 0), rows[r].empties);
			done(&f);
		}
}

/* Entries of another ASID are hidden and come back; sections are held by 4 KB (DDI 0438 5.2). */
static void cortex_a15_compares_tags(void **state)
{
	static const struct kit_plan plan = { .core = "cortex-a15", .set = { KIT_PLAIN_CACHES },
					      .verify = true };
	struct follower f;

	(void)state;
	start_v6(&f, &plan);
	kit_cpw(&f.k, KEY_CONTEXTIDR, 2);
	go(&f);
	assert_false(holds(&f, PAGE));
	kit_cpw(&f.k, KEY_CONTEXTIDR, 1);
	go(&f);
	assert_true(holds(&f, PAGE));
	load(&f, KIT_LINEAR + 0x300000);
	go(&f);
	assert_true(holds(&f, KIT_LINEAR + 0x300fff) && !holds(&f, KIT_LINEAR + 0x301000));
	assert_non_null(tlb_peek(f.l->m->tlb, gva(KIT_LINEAR + 0x301000)));
	kit_cpw(&f.k, CP_KEY(8, 0, 7, 2), 7);           /* any TLB operation empties it */
	go(&f);
	assert_int_equal(resident(&f, 1), 0);
	done(&f);
}

/* --- monitors, and the check ------------------------------------------------------------ */

/* A monitor that switches views by DACR, or drops an entry, finds them empty afterwards. */
static void monitors_empty_them(void **state)
{
	static const struct kit_plan plan = { .set = { "utlb.entries=8", "hv.memory=flat" }, .verify = true };
	struct follower f;

	(void)state;
	start(&f, "coherent", &plan);
	load(&f, PAGE);         /* a hidden fault: the monitor's own invalidates come behind the fetch */
	load(&f, PAGE);
	go(&f);
	assert_true(resident(&f, 0) && resident(&f, 1));
	kit_cpw(&f.k, KIT_TLBI_MVA, PAGE);
	go(&f);
	assert_int_equal(resident(&f, 0) + resident(&f, 1), 0);
	load(&f, PAGE);
	go(&f);
	assert_true(resident(&f, 1));
	kit_mode(&f.k, KIT_USR);
	go(&f);
	assert_int_equal(resident(&f, 0) + resident(&f, 1), 0);
	done(&f);
}

static void verify_sees_them(void **state)
{
	static const struct kit_plan plan = { .set = { "utlb.entries=8" }, .verify = true };

	(void)state;
	for (unsigned side = 0; side < 2; side++) {
		struct tlb_entry stale;
		struct follower f;

		start(&f, "native", &plan);
		load(&f, PAGE);
		go(&f);
		stale = *tlb_peek(f.l->m->tlb, gva(PAGE));
		kit_poke(&f.k, KIT_L2, 0);
		kit_cpw(&f.k, KIT_TLBI_MVA, PAGE);
		go(&f);
		utlb_fill(&f.l->m->utlb[side], gva(PAGE), &stale);
		if (side)
			load(&f, PAGE);
		else
			kit_run(&f.k, PAGE, 1);
		go(&f);
		assert_int_equal(f.l->violations, 1);
		assert_non_null(strstr(f.l->first_violation.msg,
				       "MVA 0x10000000 was translated to guest PA 0x00200000"));
		lane_destroy(f.l);
		kit_free(&f.k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand),
		cmocka_unit_test(copies_outlive_evictions),
		cmocka_unit_test(what_empties_them),
		cmocka_unit_test(registers_of_v6),
		cmocka_unit_test(cortex_a15_compares_tags),
		cmocka_unit_test(monitors_empty_them),
		cmocka_unit_test(verify_sees_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
