/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Designs that were built, as the reference implementation behaves (V20 and what was observed): exact counts of
 * directed sequences under coherent:design=xvisor, key by key; what is not sound is found by --verify.
 */
#include "tests/support.h"

#include <stdio.h>
#include <string.h>

#include "sim/spec.h"
#include "strategies/zones.h"
#include "tests/machine_kit.h"
#include "tests/strategy/random_guest.h"

#define SOUND "coherent:design=xvisor:mb=ap:tlbi_mva=all:unpriv=trap"
#define PAGES 0x10000000u               /* 16 pages AP 11, domain 1; from the sixteenth on AP 10, then AP 01 */
#define DEVICES 0x10100000u             /* 32 pages of no memory, domain 2 */
#define LOW 0x00000000u                 /* 16 pages, domain 3 */
#define LINEAR (KIT_LINEAR + 0x200000u) /* 2 MB behind the code's */
enum { CLASS_1 = 16, CLASS_3 = 32, CLASS_2 = 48 };      /* up to that page of PAGES */

struct bench { struct kit k; struct lane *l; size_t at; };

static uint32_t page_word(uint32_t i)
{
	static const uint8_t ap[3][4] = { { 3, 3, 3, 3 }, { 2, 2, 2, 2 }, { 1, 1, 1, 1 } };

	return pt_encode_v5_small(0x400000 + (i << 12), ap[i / 16], 3);
}

static void map(struct kit *k)
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };

	kit_poke(k, KIT_ROOT + 4 * (PAGES >> 20), pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(k, KIT_ROOT + 4 * (DEVICES >> 20), pt_encode_v5_coarse(KIT_L2 + 0x400, 2));
	kit_poke(k, KIT_ROOT + 4 * (LOW >> 20), pt_encode_v5_coarse(KIT_L2 + 0x800, 3));
	for (uint32_t i = 0; i < CLASS_2; i++)
		kit_poke(k, KIT_L2 + 4 * i, page_word(i));
	for (uint32_t i = 0; i < 32; i++)
		kit_poke(k, KIT_L2 + 0x400 + 4 * i, pt_encode_v5_small(0x10000000 + (i << 12), all, 0));
	for (uint32_t i = 0; i < 16; i++)
		kit_poke(k, KIT_L2 + 0x800 + 4 * i, pt_encode_v5_small(0x600000 + (i << 12), all, 3));
	kit_cpw(k, KIT_TLBI_ALL, 0);
	kit_exec(k);                            /* entry 0 of the global zone */
}

static void bench_start(struct bench *b, const char *spec, bool verify)
{
	struct kit_plan p = { .set = { "hv.memory=flat" }, .verify = verify };

	kit_linux(&b->k);
	map(&b->k);
	b->l = kit_lane(&b->k, spec, &p);
	b->at = 0;
	kit_catch_up(b->l, &b->k, &b->at);
}

static struct ledger *spent(struct bench *b)
{
	static struct ledger before, diff;

	before = b->l->m->ledger;
	kit_catch_up(b->l, &b->k, &b->at);
	kit_since(&diff, b->l, &before);
	return &diff;
}

static void load(struct bench *b, uint32_t va) { kit_access(&b->k, va, false, 2); }
static void store(struct bench *b, uint32_t va) { kit_access(&b->k, va, true, 2); }

static void expect_hidden(struct bench *b, uint64_t n)
{
	assert_int_equal(ledger_event(spent(b), EV_HIDDEN), n);
}

/* violations: whether there have to be any. */
static void bench_stop(struct bench *b, bool violations)
{
	struct diag d;

	kit_catch_up(b->l, &b->k, &b->at);
	assert_ok(kit_finish(b->l, &b->k, &d), &d);
	if (b->l->violations && !violations)
		fail_msg("%s", b->l->first_violation.msg);
	assert_int_equal(b->l->violations > 0, violations);
	lane_destroy(b->l);
	kit_free(&b->k);
}

static uint64_t live(const struct bench *b)
{
	struct strategy_memory rows[8];
	unsigned n = b->l->m->ops->memory(b->l->m->self, rows, 8);

	for (unsigned i = 0; i < n; i++)
		if (!strcmp(rows[i].what, "directory"))
			return rows[i].bytes / 36;
	fail_msg("no directory");
	return 0;
}

/* --- keys and designs --------------------------------------------------------------------- */

static void expect_text(const char *text, const char *canonical)
{
	struct spec s;
	struct diag d;

	assert_ok(spec_parse(&s, text, &d), &d);
	assert_string_equal(s.text, canonical);
	spec_free(&s);
}

static void expect_error(const char *text, const char *words)
{
	struct spec s;
	struct diag d;

	if (!spec_parse(&s, text, &d))
		fail_msg("%s is taken", text);
	assert_non_null(strstr(d.msg, words));
}

/* Keys win over the design, wherever they stand; what is as the design has it is not named. */
static void keys_beside_a_design(void **state)
{
	(void)state;
	expect_text("coherent:design=xvisor", "coherent:design=xvisor");
	expect_text("coherent:tlbi_mva=all:design=xvisor", "coherent:design=xvisor:tlbi_mva=all");
	expect_text("coherent:design=xvisor:tlbi_mva=all", "coherent:design=xvisor:tlbi_mva=all");
	expect_text("coherent:design=xvisor:zones=five:mb=ap", "coherent:design=xvisor:mb=ap");
	expect_text("coherent:design=own:mb=ap", "coherent");
	expect_text("coherent:zones=five", "coherent:zones=five");
	expect_error("coherent:design=xen", "want own, xvisor");
	expect_error("coherent:zones=five:entries=64", "want entries=432");
	expect_error("coherent:mb=first", "want sections=fracture");
	expect_error("coherent:design=xvisor:dacr=pass", "want dacr=xor");
	expect_error("coherent:design=xvisor:view=fold", "want view=domains");
	expect_error("cached:design=xvisor", "design");
}

/* --- zones -------------------------------------------------------------------------------- */

static void zones_are_rings(void **state)
{
	struct zones z;

	(void)state;
	assert_int_equal(ZONE_ENTRIES, 432);
	assert_int_equal(zone_of(gva(0xffff0000), false, false), ZONE_GLOBAL);  /* high vectors: as built */
	assert_int_equal(zone_of(gva(0x0000fffc), false, false), ZONE_LOW_VECTORS);
	assert_int_equal(zone_of(gva(0x00010000), false, false), ZONE_GLOBAL);
	assert_int_equal(zone_of(gva(0x00010000), false, true), ZONE_NONGLOBAL);
	assert_int_equal(zone_of(gva(0x00001000), true, true), ZONE_DEVICE);
	zones_start(&z, true, ZONE_ENTRIES);
	for (unsigned i = 0; i < 300; i++)
		assert_int_equal(zones_take(&z, ZONE_GLOBAL), 48 + i % 256);
	assert_int_equal(zones_take(&z, ZONE_NONGLOBAL), 304);
	assert_int_equal(zones_take(&z, ZONE_LOW_VECTORS), 32);
	zones_reset(&z);
	assert_int_equal(zones_take(&z, ZONE_GLOBAL), 48);
	zones_start(&z, false, 5);
	for (unsigned i = 0; i < 12; i++)
		assert_int_equal(zones_take(&z, i % ZONES), i % 5);
	zones_reset(&z);
	assert_int_equal(zones_take(&z, ZONE_GLOBAL), 12 % 5);          /* a single ring goes on */
}

static void a_zone_evicts_its_own(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "coherent:zones=five:sections=fracture", true);
	load(&b, LOW);
	for (uint32_t i = 0; i < 16; i++)
		load(&b, DEVICES + (i << 12));
	expect_hidden(&b, 17);
	for (uint32_t i = 0; i < 16; i++)
		load(&b, DEVICES + (i << 12));
	expect_hidden(&b, 0);
	load(&b, DEVICES + (16 << 12));         /* the first of the devices goes, nothing else */
	assert_int_equal(ledger_event(spent(&b), EV_EVICT), 1);
	load(&b, DEVICES + (1 << 12));
	load(&b, LOW);
	expect_hidden(&b, 0);
	load(&b, DEVICES);
	expect_hidden(&b, 1);
	for (uint32_t i = 0; i < 255; i++)      /* with the code's page: 256 */
		load(&b, LINEAR + (i << 12));
	expect_hidden(&b, 255);
	load(&b, LINEAR + (255 << 12));         /* the code's page goes, and comes back at its next fetch */
	load(&b, LINEAR + (255 << 12));
	expect_hidden(&b, 2);
	load(&b, LOW);
	load(&b, DEVICES);
	load(&b, LINEAR + (1 << 12));
	expect_hidden(&b, 0);
	load(&b, LINEAR);                       /* its place went to the code */
	expect_hidden(&b, 1);
	bench_stop(&b, false);
}

/* --- V20: what the guest's writes of registers drop ------------------------------------------- */

static void registers(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, SOUND, true);
	for (uint32_t i = 0; i < 3; i++)
		load(&b, PAGES + (i << 12));    /* domain 1 */
	load(&b, LOW);                          /* domain 3 */
	expect_hidden(&b, 4);
	assert_int_equal(live(&b), 5);
	kit_cpw(&b.k, KEY_TTBR0, KIT_ROOT);     /* recorded */
	s = spent(&b);
	assert_int_equal(kit_traps(s), 1);
	assert_int_equal(ledger_event(s, EV_ZAP) + ledger_event(s, EV_HTLBI_ALL) + ledger_event(s, EV_HTLBI_MVA), 0);
	kit_cpw(&b.k, KEY_DACR, 0x55555575);    /* domain 2: all are looked at, none goes */
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_FOLD), 5);
	assert_int_equal(ledger_event(s, EV_ZAP), 0);
	kit_cpw(&b.k, KEY_DACR, 0x5555557d);    /* domain 1 */
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_ZAP), 3 + 1);       /* and their table */
	assert_int_equal(live(&b), 2);
	kit_cpw(&b.k, KEY_DACR, 0x5555557d);    /* the same again: nothing is looked at */
	assert_int_equal(ledger_event(spent(&b), EV_FOLD), 0);
	kit_cpw(&b.k, KEY_FCSE, 0);             /* no change */
	assert_int_equal(ledger_event(spent(&b), EV_ZAP), 0);
	assert_int_equal(live(&b), 2);
	kit_cpw(&b.k, KEY_FCSE, 5u << 25);      /* all */
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_ZAP), 2 + 2);
	assert_int_equal(ledger_event(s, EV_HTLBI_ALL), 1);
	assert_int_equal(live(&b), 0);
	bench_stop(&b, false);
	bench_start(&b, SOUND ":fcse=none:empty=keep", true);
	load(&b, PAGES);
	(void)spent(&b);
	kit_cpw(&b.k, KEY_FCSE, 5u << 25);
	load(&b, PAGES);
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_ZAP) + ledger_event(s, EV_HIDDEN), 0);
	kit_cpw(&b.k, KEY_DACR, 0x5555555d);
	assert_int_equal(ledger_event(spent(&b), EV_ZAP), 1);   /* the table stays */
	bench_stop(&b, false);
}

/* Behind each entry into the kernel, once, when it looks. */
static void sctlr_once_more(void **state)
{
	uint32_t sctlr;
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, SOUND, true);
	sctlr = kit_guest(&b.k)->sctlr;
	kit_cpr(&b.k, KEY_SCTLR, sctlr);        /* it was in the kernel all along */
	assert_int_equal(kit_traps(spent(&b)), 1);
	kit_mode(&b.k, KIT_USR);
	kit_exc(&b.k, 2, KIT_SVC);
	(void)spent(&b);
	kit_cpr(&b.k, KEY_DACR, 0x55555555);
	assert_int_equal(kit_traps(spent(&b)), 1);
	kit_cpr(&b.k, KEY_SCTLR, sctlr);
	s = spent(&b);
	assert_int_equal(kit_traps(s), 2);
	assert_int_equal(ledger_event(s, EV_OP_SCTLR), 1);
	assert_int_equal(ledger_event(s, EV_ZAP), 0);
	kit_cpr(&b.k, KEY_SCTLR, sctlr);
	assert_int_equal(kit_traps(spent(&b)), 1);
	bench_stop(&b, false);
	bench_start(&b, SOUND ":sctlr_again=off", true);
	kit_mode(&b.k, KIT_USR);
	kit_exc(&b.k, 2, KIT_SVC);
	(void)spent(&b);
	kit_cpr(&b.k, KEY_SCTLR, sctlr);
	assert_int_equal(kit_traps(spent(&b)), 1);
	bench_stop(&b, false);
}

/* ARMv6: what is not global goes with a change of ASID, and with an SCTLR write that changes nothing. */
static void not_global(void **state)
{
	struct pt_desc d = { .kind = PT_LEAF, .size_log2 = FRAME_LOG2, .cb = 3, .ap = { 3, 3, 3, 3 } };
	struct kit_plan p = { .set = { "hv.memory=flat", NULL }, .core = "arm1136", .verify = true };
	struct ledger *s;
	struct bench b;

	(void)state;
	kit_linux_v6(&b.k, "arm1136");
	kit_poke(&b.k, KIT_ROOT + 4 * (PAGES >> 20),
		 pt_encode_v6(&(struct pt_desc){ .kind = PT_COARSE, .base = KIT_L2, .domain = 1 }));
	for (uint32_t i = 0; i < 4; i++) {
		d.base = 0x400000 + (i << 12);
		d.attr = i ? PT_NG : 0;
		kit_poke(&b.k, KIT_L2 + 4 * i, pt_encode_v6(&d));
	}
	b.l = kit_lane(&b.k, SOUND, &p);
	b.at = 0;
	kit_catch_up(b.l, &b.k, &b.at);
	for (uint32_t i = 0; i < 4; i++)
		load(&b, PAGES + (i << 12));
	expect_hidden(&b, 4);
	kit_cpw(&b.k, KEY_CONTEXTIDR, 7);
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_ZAP), 3);
	assert_int_equal(ledger_event(s, EV_HTLBI_ALL), 0);
	for (uint32_t i = 0; i < 4; i++)
		load(&b, PAGES + (i << 12));
	expect_hidden(&b, 3);
	kit_cpw(&b.k, KEY_SCTLR, kit_guest(&b.k)->sctlr);
	assert_int_equal(ledger_event(spent(&b), EV_ZAP), 3);
	load(&b, PAGES);
	expect_hidden(&b, 0);
	bench_stop(&b, false);
}

/* A table that is emptied while it changes for another class stays: what comes is in it. */
static void a_table_that_changes_stays(void **state)
{
	struct diag d;
	struct bench b;

	(void)state;
	bench_start(&b, SOUND, true);
	load(&b, PAGES);
	expect_hidden(&b, 1);
	store(&b, PAGES + (CLASS_1 << 12));     /* of class 3: the first goes, both are mixed from now on */
	expect_hidden(&b, 1);
	store(&b, PAGES + (CLASS_1 << 12));
	expect_hidden(&b, 0);
	load(&b, PAGES);
	expect_hidden(&b, 1);
	load(&b, PAGES);
	store(&b, PAGES + (CLASS_1 << 12));
	expect_hidden(&b, 0);
	assert_int_equal(b.l->m->ops->audit(b.l->m->self, &d), 0);
	bench_stop(&b, false);
}

/* --- what is not sound ------------------------------------------------------------------------- */

static void invalidate_by_address(bool ng_only)
{
	struct ledger *s;
	struct bench b;

	bench_start(&b, ng_only ? SOUND ":tlbi_mva=ng-only" : SOUND, true);
	load(&b, PAGES);
	load(&b, PAGES + 0x1000);
	(void)spent(&b);
	kit_poke(&b.k, KIT_L2, page_word(9));
	(void)spent(&b);
	kit_cpw(&b.k, KIT_TLBI_MVA, PAGES);
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_ZAP), !ng_only);
	assert_int_equal(ledger_event(s, EV_HTLBI_ALL), ng_only);
	load(&b, PAGES);                        /* by an entry that had to go */
	expect_hidden(&b, !ng_only);
	bench_stop(&b, ng_only);
}

static void by_address(void **state)
{
	(void)state;
	invalidate_by_address(false);
	invalidate_by_address(true);
}

/* A kernel-only page, by LDRT: the fault that was recorded, and that the hardware would not have had. */
static void unprivileged(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, SOUND, true);
	load(&b, PAGES);
	(void)spent(&b);
	kit_access(&b.k, PAGES, false, 2 | ACC_UNPRIV);
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_UPRIV), 1);
	assert_int_equal(kit_traps(s), 1);
	bench_stop(&b, false);
	bench_start(&b, SOUND ":unpriv=plain", true);
	load(&b, PAGES);
	load(&b, LINEAR);
	(void)spent(&b);
	kit_access(&b.k, PAGES, false, 2 | ACC_UNPRIV);
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_UPRIV) + kit_traps(s), 0);
	kit_data_abort(&b.k, LINEAR, false, true, fault_fsr(FS_PERM_SECTION, 0));
	assert_int_equal(ledger_event(spent(&b), EV_FORCED), 1);
	kit_exc(&b.k, 4, KIT_ABT);
	bench_stop(&b, true);
}

/* The kernel stores to a page of class 3 where the table's domain is that of class 1: it faults, is forgotten, comes
 * back under the same domain, until the ring of 256 has come round to the first page, and the table goes. */
static void the_first_page_decides(void **state)
{
	enum { FILLS = 256 };
	struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "coherent:design=xvisor", true);
	load(&b, PAGES);                        /* entry 1, behind the code's */
	expect_hidden(&b, 1);
	store(&b, PAGES + (CLASS_1 << 12));
	s = spent(&b);
	assert_int_equal(kit_traps(s), 2 * FILLS - 1);
	assert_int_equal(ledger_event(s, EV_HIDDEN), 2 * FILLS - 1);
	assert_int_equal(ledger_event(s, EV_FILL), FILLS);
	assert_int_equal(ledger_event(s, EV_EVICT), 2 + 2);     /* the code's page, the first; their tables */
	assert_int_equal(ledger_event(s, EV_ALLOC), 1);
	store(&b, PAGES + (CLASS_1 << 12));
	expect_hidden(&b, 1);                   /* the fetch */
	kit_mode(&b.k, KIT_USR);
	kit_data_abort(&b.k, PAGES + (CLASS_1 << 12), true, false, fault_fsr(FS_PERM_PAGE, 1));
	s = spent(&b);                          /* forgotten first, then found to be true */
	assert_int_equal(kit_traps(s), 2);
	assert_int_equal(ledger_event(s, EV_TRUE_FAULT), 1);
	bench_stop(&b, false);
}

/* A page of the kernel's where the user has pages: in reach of the user. */
static void and_grants_too_much(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "coherent:design=xvisor", true);
	kit_run(&b.k, PAGES + 0x1000, 1);
	load(&b, PAGES);
	load(&b, PAGES + (CLASS_3 << 12));
	kit_mode(&b.k, KIT_USR);
	kit_data_abort(&b.k, PAGES + (CLASS_3 << 12), false, false, fault_fsr(FS_PERM_PAGE, 1));
	assert_int_equal(ledger_event(spent(&b), EV_FORCED), 1);
	bench_stop(&b, true);
}

/* Each of these keys is a planted bug; without them nothing is found in the same guests. */
static void random_guests_find_each(void **state)
{
	static const char *const key[] = { "", ":tlbi_mva=ng-only", ":mb=first", ":unpriv=plain" };
	uint64_t found[4] = { 0 };

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct random_guest_counts n;
		struct kit k;

		random_guest(&k, seed, 5000, &n);
		for (unsigned i = 0; i < 4; i++) {
			struct kit_plan p = { .verify = true };
			char spec[128];
			struct lane *l;

			snprintf(spec, sizeof(spec), SOUND "%s", key[i]);
			l = kit_replay(&k, spec, &p);
			found[i] += l->violations;
			lane_destroy(l);
		}
		kit_free(&k);
	}
	assert_int_equal(found[0], 0);
	for (unsigned i = 1; i < 4; i++)
		if (!found[i])
			fail_msg("%s is not found", key[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_beside_a_design),
		cmocka_unit_test(zones_are_rings),
		cmocka_unit_test(a_zone_evicts_its_own),
		cmocka_unit_test(registers),
		cmocka_unit_test(sctlr_once_more),
		cmocka_unit_test(not_global),
		cmocka_unit_test(a_table_that_changes_stays),
		cmocka_unit_test(by_address),
		cmocka_unit_test(unprivileged),
		cmocka_unit_test(the_first_page_decides),
		cmocka_unit_test(and_grants_too_much),
		cmocka_unit_test(random_guests_find_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
