/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an ARMv6 guest costs its monitor, operation by operation: what traps and what does not, what a
 * change of ASID drops and what it keeps, which pages are mapped and which are emulated.
 */
#include "tests/support.h"

#include <string.h>

#include "models/cpu/cpu.h"
#include "sim/spec.h"
#include "tests/strategy/random_guest_v6.h"

enum { DATA = 0x10000000, ROOT_B = 0x20000, TOP_TABLE = 0xfc00 };
enum { TPIDRURW = CP_KEY(13, 0, 0, 2), TPIDRURO = CP_KEY(13, 0, 0, 3), TPIDRPRW = CP_KEY(13, 0, 0, 4),
       ISB = CP_KEY(7, 0, 5, 4), DMB = CP_KEY(7, 0, 10, 5), BP_ALL = CP_KEY(7, 0, 5, 6),
       INVAL_ASID = CP_KEY(8, 0, 7, 2) };

static const struct kit_plan arm1176 = { .core = "arm1176", .set = { "hv.memory=flat" }, .verify = true };

struct step { struct lane *l; size_t at; struct ledger before; };

static void begin(struct step *s, const struct kit *k, const char *spec, const struct kit_plan *p)
{
	memset(s, 0, sizeof(*s));
	s->l = kit_lane(k, spec, p);
	kit_catch_up(s->l, k, &s->at);
	s->before = s->l->m->ledger;
}

/* What the records since then came to. */
static struct ledger *since(struct step *s, const struct kit *k)
{
	static struct ledger diff;

	kit_catch_up(s->l, k, &s->at);
	kit_since(&diff, s->l, &s->before);
	s->before = s->l->m->ledger;
	return &diff;
}

/* Of the guest's loads: a fetch may find its global page in the host TLB, or no more. */
static uint64_t hidden_loads(const struct ledger *d)
{
	uint64_t n = 0;

	for (unsigned origin = 0; origin < ORIGINS; origin++)
		n += d->n[EV_HIDDEN][origin][CAUSE_LOAD];
	return n;
}

static void end(struct step *s)
{
	if (s->l->violations)
		fail_msg("%s", s->l->first_violation.msg);
	lane_destroy(s->l);
}

/* Pages of 4 KB of `root`'s own from DATA on. */
static void map_pages(struct kit *k, uint32_t root, unsigned n, unsigned attr)
{
	uint32_t l2 = KIT_L2 + (root == ROOT_B ? 1024 : 0);
	struct pt_desc table = { .kind = PT_COARSE, .base = l2 };

	kit_poke(k, root + (DATA >> 18), pt_encode_v6(&table));
	for (uint32_t i = 0; i < n; i++) {
		struct pt_desc d = { .kind = PT_LEAF, .size_log2 = FRAME_LOG2, .cb = 3, .attr = (uint8_t)attr,
				     .ap = { 3, 3, 3, 3 },
				     .base = (root == ROOT_B ? 0x300000 : 0x200000) + (i << 12) };

		kit_poke(k, l2 + 4 * i, pt_encode_v6(&d));
	}
}

static void touch(struct kit *k, uint32_t va, unsigned n)
{
	for (uint32_t i = 0; i < n; i++)
		kit_access(k, va + (i << 12), false, 2);
}

/* --- traps -------------------------------------------------------------------------------- */

static uint64_t traps_of(struct step *s, struct kit *k, uint16_t key, bool write)
{
	if (write)
		kit_cpw(k, key, 0);
	else
		kit_cpr(k, key, 0);
	return kit_traps(since(s, k));
}

static void what_user_mode_may_do_does_not_trap(void **state)
{
	static const struct { uint16_t key; bool write; unsigned traps; } op[] = {
		{ KIT_DRAIN, true, 0 }, { DMB, true, 0 }, { ISB, true, 0 }, { TPIDRURW, true, 0 },
		{ TPIDRURW, false, 0 }, { TPIDRURO, false, 0 }, { TPIDRURO, true, 1 },
		{ TPIDRPRW, true, 1 }, { TPIDRPRW, false, 1 }, { BP_ALL, true, 1 }, { KEY_FSR, false, 1 },
		{ KIT_CLEAN_MVA, true, 1 }, { KEY_CONTEXTIDR, true, 1 }, { KIT_TLBI_ALL, true, 1 },
	};
	struct step s;
	struct kit k;

	(void)state;
	kit_linux_v6(&k, "arm1176");
	begin(&s, &k, "coherent", &arm1176);
	for (size_t i = 0; i < sizeof(op) / sizeof(op[0]); i++)
		if (traps_of(&s, &k, op[i].key, op[i].write) != op[i].traps)
			fail_msg("operation %zu: not %u traps", i, op[i].traps);
	end(&s);
	kit_free(&k);
	kit_linux(&k);                  /* before ARMv6 a drain is privileged */
	begin(&s, &k, "coherent", NULL);
	assert_int_equal(traps_of(&s, &k, KIT_DRAIN, true), 1);
	end(&s);
	kit_free(&k);
}

/* They are patched to hypercalls: USR mode ignores CPS, and SRS and RFE are UNPREDICTABLE there. */
static void status_instructions_are_hypercalls(void **state)
{
	static const struct { enum sens_class c; enum event body; } sens[] = {
		{ SENS_CPS, EV_HCALL_MSR }, { SENS_SRS, EV_HCALL_SRS }, { SENS_RFE, EV_HCALL_DPSPC },
	};
	struct step s;
	struct kit k;

	(void)state;
	kit_linux_v6(&k, "arm1176");
	begin(&s, &k, "coherent", &arm1176);
	for (size_t i = 0; i < 3; i++) {
		const struct ledger *d;

		kit_sens(&k, sens[i].c);
		d = since(&s, &k);
		assert_int_equal(ledger_event(d, sens[i].body), 1);
		assert_int_equal(ledger_event(d, EV_TRAP_SVC), 1);
	}
	end(&s);
	kit_free(&k);
}

/* --- address spaces ----------------------------------------------------------------------- */

static void space(struct kit *k, unsigned which)
{
	kit_cpw(k, KEY_TTBR0, which ? ROOT_B : KIT_ROOT);
	kit_cpw(k, KEY_CONTEXTIDR, 1 + which);
}

static void two_spaces(struct kit *k)
{
	kit_linux_v6(k, "arm1176");
	for (unsigned i = 0; i < 4; i++)
		kit_image(k, ROOT_B + 4096 * i,
			  mem_frame(kit_guest(k)->tables, KIT_ROOT + 4096 * i));
	map_pages(k, KIT_ROOT, 6, PT_NG);
	map_pages(k, ROOT_B, 6, PT_NG);
	space(k, 0);
}

/* Six pages of each space, and the kernel's, which are global. */
static void asids_keep_or_drop(void **state)
{
	static const struct { const char *spec; unsigned again, zapped; } rows[] = {
		{ "coherent", 6, 6 }, { "coherent:asids=2", 0, 0 }, { "coherent:asids=8", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct ledger *d;
		struct step s;
		struct kit k;

		two_spaces(&k);
		begin(&s, &k, rows[i].spec, &arm1176);
		for (unsigned round = 0; round < 2; round++)
			for (unsigned which = 0; which < 2; which++) {
				space(&k, which);
				touch(&k, DATA, 6);
			}
		(void)since(&s, &k);
		space(&k, 0);
		touch(&k, DATA, 6);
		d = since(&s, &k);
		assert_int_equal(hidden_loads(d), rows[i].again);
		assert_int_equal(ledger_event(d, EV_ZAP), rows[i].zapped);
		assert_int_equal(ledger_event(d, EV_HTLBI_ASID), rows[i].zapped > 4);
		kit_cpw(&k, INVAL_ASID, 2);     /* of the space that does not run */
		assert_int_equal(ledger_event(since(&s, &k), EV_ZAP), rows[i].again ? 0 : 6);
		touch(&k, DATA, 6);
		assert_int_equal(hidden_loads(since(&s, &k)), 0);
		end(&s);
		kit_free(&k);
	}
}

/* A third ASID takes the way that was longest unused. */
static void the_oldest_way_goes(void **state)
{
	struct step s;
	struct kit k;

	(void)state;
	two_spaces(&k);
	begin(&s, &k, "coherent:asids=2", &arm1176);
	space(&k, 0);
	touch(&k, DATA, 6);
	space(&k, 1);
	touch(&k, DATA, 6);
	kit_cpw(&k, KEY_CONTEXTIDR, 7); /* the first way becomes ASID 7's */
	kit_exec(&k);
	(void)since(&s, &k);
	space(&k, 1);
	touch(&k, DATA, 6);
	assert_int_equal(hidden_loads(since(&s, &k)), 0);
	space(&k, 0);                   /* now ASID 7's goes */
	touch(&k, DATA, 6);
	assert_int_equal(hidden_loads(since(&s, &k)), 6);
	end(&s);
	kit_free(&k);
}

/* Roots, their split and the process number force nothing by themselves. */
static void only_the_asid_drops(void **state)
{
	static const uint16_t key[] = { KEY_TTBR0, KEY_TTBR1, KEY_TTBCR, KEY_CONTEXTIDR };
	static const uint32_t value[] = { KIT_ROOT | 0x18, KIT_ROOT | 0x18, 1, 0xabc01 };

	(void)state;
	for (unsigned flush = 0; flush < 2; flush++)
		for (unsigned i = 0; i < 4; i++) {
			struct step s;
			struct kit k;

			two_spaces(&k);
			begin(&s, &k, flush ? "coherent:ttbr=flush" : "coherent", &arm1176);
			touch(&k, DATA, 6);
			(void)since(&s, &k);
			kit_cpw(&k, key[i], value[i]);
			touch(&k, DATA, 6);
			assert_int_equal(ledger_event(since(&s, &k), EV_ZAP) > 0, flush && i < 3);
			end(&s);
			kit_free(&k);
		}
}

/* --- pages -------------------------------------------------------------------------------- */

/* SCTLR.XP = 0: the quarters of a large page are mapped as pages, each with its own rights; a small page
 * grants what all its quarters do, and the rest is emulated. */
static void quarters(void **state)
{
	static const uint8_t ap[4] = { 3, 1, 3, 3 };
	const struct ledger *d;
	struct step s;
	struct kit k;

	(void)state;
	kit_linux_v6(&k, "arm1176");
	map_pages(&k, KIT_ROOT, 1, 0);
	for (unsigned i = 0; i < 16; i++)
		kit_poke(&k, KIT_L2 + 4 * i, pt_encode_v5_large(0x200000, ap, 3));
	kit_poke(&k, KIT_L2 + 4 * 16, pt_encode_v5_small(0x300000, ap, 3));
	kit_cpw(&k, KEY_SCTLR, kit_guest(&k)->sctlr & ~(uint32_t)SCTLR_XP);
	kit_exec(&k);
	kit_mode(&k, KIT_USR);
	begin(&s, &k, "coherent", &arm1176);
	kit_access(&k, DATA, true, 2);
	kit_access(&k, DATA + 0xc000, true, 2);
	kit_access(&k, DATA + 0xc004, true, 2);
	d = since(&s, &k);
	assert_int_equal(ledger_event(d, EV_HIDDEN), 2);
	assert_int_equal(ledger_event(d, EV_HIDDEN_EMUL), 0);
	for (unsigned i = 0; i < 3; i++)
		kit_access(&k, DATA + 0x10000 + 4 * i, true, 2);
	d = since(&s, &k);
	assert_int_equal(ledger_event(d, EV_HIDDEN), 0);
	assert_int_equal(ledger_event(d, EV_HIDDEN_EMUL), 3);
	kit_data_abort(&k, DATA + 0x4000, true, false, FS_PERM_PAGE | 0x800);
	kit_exc(&k, 4, KIT_ABT);
	kit_run(&k, KIT_VECTORS + 0x10, 1);
	(void)since(&s, &k);
	assert_int_equal(s.l->injected, 1);
	for (unsigned i = 0; i < 3; i++)        /* the kernel may write every quarter */
		kit_access(&k, DATA + 0x10000 + 0x400 * i, true, 2);
	d = since(&s, &k);
	assert_int_equal(ledger_event(d, EV_HIDDEN_EMUL), 0);
	end(&s);
	kit_free(&k);
}

static void top_page(struct kit *k, unsigned page, uint32_t base, unsigned ap, unsigned attr)
{
	struct pt_desc d = { .kind = PT_LEAF, .size_log2 = FRAME_LOG2, .cb = 3, .base = base,
			     .attr = (uint8_t)attr };

	memset(d.ap, (int)ap, sizeof(d.ap));
	kit_poke(k, TOP_TABLE + 4 * page, pt_encode_v6(&d));
}

/* Linux copies pages at 0xffff8000: one fault a mapping, not one a word; the user never sees it. */
static void pages_behind_the_vectors(void **state)
{
	struct step s;
	struct kit k;

	(void)state;
	kit_linux_v6(&k, "arm1176");
	top_page(&k, 0xf8, 0x200000, 1, 0);
	top_page(&k, 0xfc, 0x300000, 3, 0);
	begin(&s, &k, "coherent", &arm1176);
	for (unsigned i = 0; i < 16; i++) {
		kit_access(&k, 0xffff8000 + 4 * i, false, 2);
		kit_access(&k, 0xffffc000 + 4 * i, true, 2);
	}
	assert_int_equal(ledger_event(since(&s, &k), EV_HIDDEN), 2);
	kit_mode(&k, KIT_USR);
	kit_access(&k, 0xffffc000, true, 2);
	kit_data_abort(&k, 0xffff8000, false, false, FS_PERM_PAGE);
	kit_exc(&k, 4, KIT_ABT);
	kit_run(&k, KIT_VECTORS + 0x10, 1);
	(void)since(&s, &k);
	assert_int_equal(s.l->injected, 1);
	assert_int_equal(s.l->forced, 0);
	kit_access(&k, 0xffff8004, false, 2);
	kit_access(&k, 0xffff8008, false, 2);
	assert_int_equal(ledger_event(since(&s, &k), EV_HIDDEN), 1);
	end(&s);
	kit_free(&k);
}

static void they_have_an_asid(void **state)
{
	struct step s;
	struct kit k;

	(void)state;
	kit_linux_v6(&k, "arm1176");
	top_page(&k, 0xf8, 0x200000, 3, PT_NG);
	begin(&s, &k, "coherent:asids=4", &arm1176);
	kit_access(&k, 0xffff8000, true, 2);
	top_page(&k, 0xf8, 0x300000, 3, PT_NG);
	kit_access(&k, 0xffff8000, true, 2);    /* the old one may still serve */
	assert_int_equal(ledger_event(since(&s, &k), EV_HIDDEN), 1);
	kit_cpw(&k, KEY_CONTEXTIDR, 5);
	kit_access(&k, 0xffff8000, true, 2);
	assert_int_equal(ledger_event(since(&s, &k), EV_HIDDEN), 1);
	kit_cpw(&k, INVAL_ASID, 5);
	kit_access(&k, 0xffff8000, true, 2);
	assert_int_equal(ledger_event(since(&s, &k), EV_HIDDEN), 1);
	end(&s);
	kit_free(&k);
}

/* --- strategies that know less, hosts that have less --------------------------------------- */

/* An invalidate of one ASID goes to the hook that covers more. */
static void missing_hooks_are_covered(void **state)
{
	extern const struct strategy_ops strategy_coherent;
	struct strategy_ops ops = strategy_coherent;

	(void)state;
	ops.on_tlbi_asid = NULL;
	ops.on_tlbi_mva_asid = NULL;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct kit_plan p = { .core = "arm1176", .ops = &ops, .verify = true };
		struct random_guest_counts n;
		struct lane *l;
		struct kit k;

		random_guest_v6(&k, "arm1176", seed, 6000, &n);
		l = kit_replay(&k, "coherent:asids=4", &p);
		assert_int_equal(l->violations, 0);
		lane_destroy(l);
		kit_free(&k);
	}
}

static void refusals(void **state)
{
	static const char *const v6[] = { "feature.tex", "feature.fine", "feature.xn", "feature.ttbcr" };
	struct kit_plan p = { .core = "arm1176" };
	const struct cpu_row *row = cpu_find("generic");
	struct host_config cfg = row->config;
	struct cost_set costs;
	struct machine *m;
	struct lane *l;
	struct spec s;
	struct diag d;
	struct kit k;

	(void)state;
	kit_linux_v6(&k, "arm1176");
	for (unsigned i = 0; i < 4; i++)
		assert_ok(param_set(config_keys, config_key_count, &cfg, v6[i], i == 1 ? "off" : "on", &d), &d);
	cost_set_default(&costs);
	assert_ok(spec_parse(&s, "coherent:asids=2", &d), &d);
	assert_err(ERR_CONFIG, machine_create(&m, row, &cfg, &costs, s.ops, spec_params(&s), &k.t.header, &d),
		   &d, "asids=2 needs a host with ASIDs");
	spec_free(&s);
	kit_cpw(&k, KEY_SCTLR, kit_guest(&k)->sctlr | SCTLR_EE);
	l = kit_lane(&k, "coherent", &p);
	kit_feed(l, &k, 0, KIT_NOW, 64);
	assert_err(ERR_CONFIG, kit_finish(l, &k, &d), &d, "big-endian table words");
	lane_destroy(l);
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_user_mode_may_do_does_not_trap),
		cmocka_unit_test(status_instructions_are_hypercalls),
		cmocka_unit_test(asids_keep_or_drop),
		cmocka_unit_test(the_oldest_way_goes),
		cmocka_unit_test(only_the_asid_drops),
		cmocka_unit_test(quarters),
		cmocka_unit_test(pages_behind_the_vectors),
		cmocka_unit_test(they_have_an_asid),
		cmocka_unit_test(missing_hooks_are_covered),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
