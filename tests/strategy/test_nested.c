/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `nested`, directed: references a miss on a machine (V1), what stage-2 faults cost, devices, cache
 * operations, the guest with its MMU off, pieces of sections in the TLB, and what is refused.
 */
#include "tests/support.h"

#include <string.h>

#include "sim/spec.h"
#include "sim/stage2.h"
#include "tests/machine_kit.h"

enum {
	HYP = 80 + 60, FILL = 60, WORD = 8, CLEAN = 20, DRAIN = 15, TABLE = 4 * 256, EMUL = 70, READ = 35,
	DECODE = 40, OP = 25, LINES = 4096 / 32,
	BLOCK_FAULT = HYP + FILL + CLEAN + DRAIN,               /* a leaf, nothing on the way */
	TABLE_FAULT = HYP + TABLE + WORD + FILL + (LINES + 2) * CLEAN + DRAIN,
	DEVICE = 0x10100000, TABLE_ROM = 0x24000000,            /* guest memory ends at 32 MB */
};
#define PAGES 0x10000000u               /* a coarse table in KIT_L2, small pages AP 11, domain 1 */
#define DEVICE_MB 0x20000000u
#define ROM_MB 0x20100000u              /* its coarse table is in TABLE_ROM */

struct bench { struct kit k; struct lane *l; size_t at; };

static uint32_t page_word(uint32_t i)
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };

	return pt_encode_v5_small(0x400000 + (i << 12), all, 3);
}

static void bench_start(struct bench *b, const char *spec, const char *const set[3])
{
	struct kit_plan p = { .set = { "hv.memory=flat", set ? set[0] : NULL, set ? set[1] : NULL,
				       set ? set[2] : NULL }, .verify = true };

	kit_linux(&b->k);
	kit_image(&b->k, TABLE_ROM, NULL);
	kit_poke(&b->k, KIT_ROOT + 4 * (PAGES >> 20), pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&b->k, KIT_ROOT + 4 * (DEVICE_MB >> 20), pt_encode_v5_section(DEVICE & 0xfff00000, 3, 0, 0));
	kit_poke(&b->k, KIT_ROOT + 4 * (ROM_MB >> 20), pt_encode_v5_coarse(TABLE_ROM, 1));
	for (uint32_t i = 0; i < 256; i++)
		kit_poke(&b->k, KIT_L2 + 4 * i, page_word(i));
	kit_exec(&b->k);
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
	if (b->l->m->ops->audit && b->l->m->ops->audit(b->l->m->self, &d))
		fail_msg("%s", d.msg);
	if (b->l->violations)
		fail_msg("%s", b->l->first_violation.msg);
	return &diff;
}

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

static uint64_t sum(const struct ledger *l, enum event first, enum event last)
{
	uint64_t n = 0;

	for (unsigned e = first; e <= last; e++)
		n += ledger_event(l, (enum event)e);
	return n;
}

/* --- V1 -------------------------------------------------------------------------------------- */

struct miss { uint64_t guest, nested; };

static struct miss miss_at(struct bench *b, uint32_t va)
{
	struct ledger *l;

	load(b, va);
	l = spent(b);
	assert_int_equal(ledger_event(l, EV_WALK), 1);
	assert_int_equal(kit_traps(l), 0);
	return (struct miss){ sum(l, EV_S1_WALK1, EV_S1_WALK2_IN_L2) + sum(l, EV_WALK_L1, EV_WALK_L2), sum(l, EV_S2_WALK, EV_S2_WALK_IN_L2) };
}

/*
 * A section, a page, and a page of the same megabyte behind it. Without walk caches (s = reads of stage 2): section 1 +
 * 2 s, page 2 + 3 s. A walk cache saves the first-level word of a megabyte that was walked, and its s. Words of stage 2
 * in it, and a nested TLB, leave what the last address needs: the guest's tables were used before; of large
 * blocks the next page's, too.
 */
static void references_a_miss(void **state)
{
	static const char *const walk[] = { "feature.walk-cache=on", "walk.entries=8", NULL };
	static const char *const both[] = { "feature.walk-cache=on", "walk.entries=32", "walk.nested=on" };
	static const char *const ntlb[] = { "ntlb.entries=16", NULL, NULL };
	static const struct {
		const char *spec, *caches;
		const char *const *set;
		struct miss section, page, next;
	} row[] = {
		{ "native", "", NULL, { 1, 0 }, { 2, 0 }, { 2, 0 } },
		{ "nested:s2=eager:block=4k:start=1", "", NULL, { 1, 6 }, { 2, 9 }, { 2, 9 } },
		{ "nested:s2=eager:block=4k", "", NULL, { 1, 4 }, { 2, 6 }, { 2, 6 } },
		{ "nested:s2=eager:block=64k:start=1", "", NULL, { 1, 6 }, { 2, 9 }, { 2, 9 } },
		{ "nested:s2=eager:block=64k", "", NULL, { 1, 4 }, { 2, 6 }, { 2, 6 } },
		{ "nested:s2=eager:start=1", "", NULL, { 1, 4 }, { 2, 6 }, { 2, 6 } },
		{ "nested:s2=eager", "", NULL, { 1, 2 }, { 2, 3 }, { 2, 3 } },
		{ "nested:s2=eager:block=1g:start=1", "", NULL, { 1, 2 }, { 2, 3 }, { 2, 3 } },
		{ "nested:s2=eager:block=4k:start=1", "guest words", walk, { 1, 6 }, { 2, 9 }, { 1, 6 } },
		{ "nested:s2=eager:block=4k", "guest words", walk, { 1, 4 }, { 2, 6 }, { 1, 4 } },
		{ "nested:s2=eager", "guest words", walk, { 1, 2 }, { 2, 3 }, { 1, 2 } },
		{ "nested:s2=eager:block=4k:start=1", "and stage 2", both, { 1, 2 }, { 2, 2 }, { 1, 1 } },
		{ "nested:s2=eager:block=4k", "and stage 2", both, { 1, 2 }, { 2, 2 }, { 1, 1 } },
		{ "nested:s2=eager", "and stage 2", both, { 1, 1 }, { 2, 1 }, { 1, 0 } },
		{ "nested:s2=eager:block=4k:start=1", "nested TLB", ntlb, { 1, 3 }, { 2, 3 }, { 2, 3 } },
		{ "nested:s2=eager:block=4k", "nested TLB", ntlb, { 1, 2 }, { 2, 2 }, { 2, 2 } },
		{ "nested:s2=eager", "nested TLB", ntlb, { 1, 1 }, { 2, 1 }, { 2, 0 } },
	};

	(void)state;
	print_message("# references a miss: the guest's + of stage 2\n# %-36s %-12s section    page    next page\n",
		      "strategy", "known");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct miss *want[] = { &row[i].section, &row[i].page, &row[i].next };
		const uint32_t va[] = { KIT_LINEAR + 0x1308000, PAGES + 0x4a000, PAGES + 0x4b000 };
		struct miss got[3];
		struct bench b;

		bench_start(&b, row[i].spec, row[i].set);
		for (unsigned k = 0; k < 3; k++)
			got[k] = miss_at(&b, va[k]);
		print_message("# %-36s %-12s %u + %u    %u + %u    %u + %u\n", row[i].spec, row[i].caches,
			      (unsigned)got[0].guest, (unsigned)got[0].nested, (unsigned)got[1].guest,
			      (unsigned)got[1].nested, (unsigned)got[2].guest, (unsigned)got[2].nested);
		for (unsigned k = 0; k < 3; k++) {
			assert_int_equal(got[k].guest, want[k]->guest);
			assert_int_equal(got[k].nested, want[k]->nested);
		}
		bench_stop(&b);
	}
}

/* --- stage-2 faults --------------------------------------------------------------------------- */

static void expect(struct bench *b, uint64_t faults, uint64_t cycles)
{
	struct ledger *l = spent(b);

	assert_int_equal(ledger_event(l, EV_S2_FAULT), faults);
	assert_int_equal(kit_traps(l), faults);
	assert_int_equal(kit_hv_cycles(l), cycles);
}

static void first_touch(void **state)
{
	static const char *const coherent[] = { "walk.sees=l1", "feature.coherent-walk=on", NULL };
	struct bench b;

	(void)state;
	bench_start(&b, "nested", NULL);        /* the tables and the code are in the first 2 MB */
	load(&b, KIT_LINEAR + 0x1300000);
	expect(&b, 1, BLOCK_FAULT);
	load(&b, KIT_LINEAR + 0x1200000);
	load(&b, KIT_LINEAR + 0x13ff000);
	expect(&b, 0, 0);
	bench_stop(&b);
	bench_start(&b, "nested:block=4k", NULL);
	load(&b, KIT_LINEAR + 0x1300000);
	expect(&b, 1, TABLE_FAULT);
	load(&b, KIT_LINEAR + 0x1301000);
	expect(&b, 1, BLOCK_FAULT);
	bench_stop(&b);
	bench_start(&b, "nested:block=64k", NULL);
	load(&b, KIT_LINEAR + 0x1300000);
	spent(&b);
	load(&b, KIT_LINEAR + 0x1310000);       /* 16 words in four lines */
	expect(&b, 1, BLOCK_FAULT + 15 * WORD + 3 * CLEAN);
	load(&b, KIT_LINEAR + 0x131f000);
	expect(&b, 0, 0);
	bench_stop(&b);
	bench_start(&b, "nested", coherent);
	load(&b, KIT_LINEAR + 0x1300000);
	expect(&b, 1, BLOCK_FAULT - CLEAN);
	bench_stop(&b);
	bench_start(&b, "nested:s2=eager:block=4k", NULL);
	load(&b, KIT_LINEAR + 0x1300000);
	expect(&b, 0, 0);
	bench_stop(&b);
}

/* A machine in pieces has no larger block than its piece. */
static void blocks_by_contiguity(void **state)
{
	static const char *const pieces[] = { "map=fragmented", "map.block=65536", NULL };
	struct bench b;

	(void)state;
	bench_start(&b, "nested:s2=eager:block=4k", pieces);
	load(&b, KIT_LINEAR + 0x1300000);
	expect(&b, 0, 0);
	assert_int_equal(tlb_peek(b.l->m->tlb, gva(KIT_LINEAR + 0x1300000))->size_log2, 12);
	bench_stop(&b);
	bench_start(&b, "nested:s2=eager", pieces);
	load(&b, KIT_LINEAR + 0x1300000);
	spent(&b);
	assert_int_equal(tlb_peek(b.l->m->tlb, gva(KIT_LINEAR + 0x1300000))->size_log2, 16);
	bench_stop(&b);
}

/* --- devices, tables in ROM, cache operations --------------------------------------------------- */

static void devices(void **state)
{
	struct bench b;
	struct ledger *l;

	(void)state;
	bench_start(&b, "nested:mmio=trap", NULL);
	load(&b, DEVICE_MB);
	store(&b, DEVICE_MB + 4);
	l = spent(&b);
	assert_int_equal(ledger_event(l, EV_MMIO), 2);
	assert_int_equal(kit_traps(l), 2);
	assert_int_equal(kit_hv_cycles(l), 2 * (HYP + EMUL + READ));
	kit_access(&b.k, DEVICE_MB, false, 2 | ACC_MULTI);      /* no syndrome says what it is */
	assert_int_equal(kit_hv_cycles(spent(&b)), HYP + EMUL + READ + DECODE);
	bench_stop(&b);
	bench_start(&b, "nested", NULL);
	load(&b, DEVICE_MB);
	expect(&b, 1, BLOCK_FAULT);
	load(&b, DEVICE_MB + 4);
	expect(&b, 0, 0);
	bench_stop(&b);
}

/* What holds a table is mapped: nobody can emulate the walker's reads. */
static void tables_where_devices_are(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "nested:mmio=trap", NULL);
	kit_data_abort(&b.k, ROM_MB, false, false, 0x17);       /* its table is empty */
	kit_exc(&b.k, 4, KIT_ABT);
	kit_mode(&b.k, KIT_SVC);
	assert_int_equal(ledger_event(spent(&b), EV_S2_FAULT), 1);
	assert_int_equal(b.l->injected, 1);
	assert_int_equal(b.l->forced, 0);
	bench_stop(&b);
}

static void cache_operations(void **state)
{
	struct bench b;
	struct ledger *l;

	(void)state;
	bench_start(&b, "nested:cacheops=trap", NULL);
	kit_cpw(&b.k, CP_KEY(7, 0, 14, 2), 0);          /* clean and invalidate by set and way */
	kit_cpr(&b.k, KIT_TESTCLEAN_INV, 1 << 30);
	kit_cpw(&b.k, KIT_CLEAN_MVA, KIT_LINEAR);
	kit_cpw(&b.k, KIT_INVAL_I, 0);
	kit_cpw(&b.k, KIT_DRAIN, 0);
	kit_cpw(&b.k, KIT_TLBI_ALL, 0);
	l = spent(&b);
	assert_int_equal(kit_traps(l), 2);
	assert_int_equal(ledger_event(l, EV_RETURN_HYP), 2);
	assert_int_equal(kit_hv_cycles(l), 2 * (HYP + OP));
	bench_stop(&b);
	bench_start(&b, "nested", NULL);
	kit_cpw(&b.k, CP_KEY(7, 0, 14, 2), 0);
	kit_cpr(&b.k, KIT_TESTCLEAN_INV, 1 << 30);
	assert_int_equal(kit_traps(spent(&b)), 0);
	bench_stop(&b);
}

/* --- the TLB --------------------------------------------------------------------------------------- */

static unsigned resident(struct bench *b) { return tlb_resident(b->l->m->tlb); }

/* One invalidate of a section drops all that the TLB has of it, and nothing else. */
static void pieces_of_a_section(void **state)
{
	struct bench b;
	unsigned before;

	(void)state;
	bench_start(&b, "nested:block=4k", NULL);
	(void)spent(&b);
	before = resident(&b);
	for (uint32_t i = 0; i < 5; i++)
		load(&b, KIT_LINEAR + 0x1305000 + (i << 12));
	load(&b, KIT_LINEAR + 0x140b000);
	(void)spent(&b);
	assert_int_equal(resident(&b), before + 6);
	assert_int_equal(tlb_peek(b.l->m->tlb, gva(KIT_LINEAR + 0x1305000))->whole_log2, SECTION_LOG2);
	kit_cpw(&b.k, KIT_TLBI_MVA, KIT_LINEAR + 0x13ff000);    /* an address that is not there itself */
	(void)spent(&b);
	assert_int_equal(resident(&b), before + 1);
	bench_stop(&b);
}

/* The guest's MMU off: addresses are intermediate, and their entries are another space. */
static void mmu_off(void **state)
{
	static const char *const moved[] = { "map=offset", NULL, NULL };
	struct ledger *l;
	struct bench b;
	uint32_t on;

	(void)state;
	bench_start(&b, "nested:s2=eager", moved);
	on = kit_guest(&b.k)->sctlr;
	load(&b, PAGES);
	(void)spent(&b);
	kit_cpw(&b.k, CP_KEY(1, 0, 0, 0), on & ~(uint32_t)SCTLR_M);
	b.k.pc = 0x100000;
	load(&b, PAGES & 0x1ffffff);
	l = spent(&b);
	/* of the datum: stage 2 alone; the code's entry is there from when the guest began */
	assert_int_equal(ledger_event(l, EV_WALK), 1);
	assert_int_equal(sum(l, EV_S1_WALK1, EV_S1_WALK2_IN_L2), 0);
	assert_int_equal(ledger_event(l, EV_S2_WALK), 1);
	load(&b, PAGES & 0x1ffffff);
	assert_int_equal(ledger_event(spent(&b), EV_WALK), 0);
	/* what the guest invalidates now is what it has with its MMU on */
	kit_cpw(&b.k, KIT_TLBI_MVA, PAGES);
	kit_cpw(&b.k, CP_KEY(1, 0, 0, 0), on);
	b.k.pc = KIT_CODE;
	(void)spent(&b);
	assert_null(tlb_peek(b.l->m->tlb, gva(PAGES)));
	load(&b, PAGES);
	assert_int_equal(ledger_event(spent(&b), EV_S1_WALK2), 1);
	bench_stop(&b);
}

/* An access that the guest's tables deny asks stage 2 for nothing more. */
static void the_guests_fault_comes_first(void **state)
{
	struct ledger *l;
	struct bench b;

	(void)state;
	bench_start(&b, "nested", NULL);
	kit_mode(&b.k, KIT_USR);
	(void)spent(&b);
	kit_data_abort(&b.k, KIT_LINEAR + 0x1300000, false, false, 0xd);
	kit_exc(&b.k, 4, KIT_ABT);
	kit_mode(&b.k, KIT_SVC);
	l = spent(&b);
	assert_int_equal(ledger_event(l, EV_NATIVE_FAULT), 1);
	assert_int_equal(ledger_event(l, EV_S2_FAULT), 0);
	assert_null(tlb_peek(b.l->m->tlb, gva(KIT_LINEAR + 0x1300000)));
	bench_stop(&b);
}

/* --- refused ------------------------------------------------------------------------------------------ */

static void refused(void **state)
{
	struct host_config c = cpu_find("arm926")->config;
	struct spec s;
	struct diag d;

	(void)state;
	assert_err(ERR_CONFIG, spec_parse(&s, "nested:block=1g", &d), &d,
		   "block: 1g with start=2, where the largest block is 2m; want start=1");
	c.walk_nested = 1;
	assert_err(ERR_CONFIG, config_check(&c, &d), &d, "walk.nested: on with walk.entries=0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_a_miss),
		cmocka_unit_test(first_touch),
		cmocka_unit_test(blocks_by_contiguity),
		cmocka_unit_test(devices),
		cmocka_unit_test(tables_where_devices_are),
		cmocka_unit_test(cache_operations),
		cmocka_unit_test(pieces_of_a_section),
		cmocka_unit_test(mmu_off),
		cmocka_unit_test(the_guests_fault_comes_first),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
