/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flushes of a guest made for VIVT caches, on a host with physical tags (vivt=): which are carried out. */
#include "tests/support.h"

#include "sim/legality.h"
#include "sim/lint.h"
#include "tests/machine_kit.h"

static const uint16_t clean_all = CP_KEY(7, 0, 10, 3);         /* test and clean: leaves the lines */

struct got { uint64_t dropped, tests, traps; uint32_t dirty; };

static struct got replayed(const struct kit *k, const char *set)
{
	struct kit_plan p = { .core = "arm1176", .set = { set }, .verify = true };
	struct lane *l = kit_replay(k, "coherent", &p);
	struct got g = {
		.dropped = ledger_event(&l->m->ledger, EV_MAINT_DROPPED),
		.tests = ledger_event(&l->m->ledger, EV_MAINT_TEST),
		.traps = kit_traps(&l->m->ledger), .dirty = cache_dirty_lines(l->m->l1d),
	};

	assert_int_equal(l->violations, 0);
	lane_destroy(l);
	return g;
}

static void dirty_line(struct kit *k)
{
	kit_access(k, KIT_LINEAR + 0x500000, true, 2);
}

/* As Linux switches address spaces on an ARM926EJ-S: D, I, drain, TTBR, TLB. */
static void switch_of_address_spaces(void **state)
{
	struct got done, dropped;
	struct kit k;

	(void)state;
	kit_linux(&k);
	kit_access(&k, KIT_LINEAR + 0x500000, false, 2);
	dirty_line(&k);
	kit_cpr(&k, KIT_TESTCLEAN_INV, 1u << 30);
	kit_cpw(&k, KIT_INVAL_I, 0);
	kit_cpw(&k, KIT_DRAIN, 0);
	kit_cpw(&k, KEY_TTBR0, KIT_ROOT);
	kit_cpw(&k, KIT_TLBI_ALL, 0);
	done = replayed(&k, "vivt=execute");
	dropped = replayed(&k, "vivt=drop");
	assert_int_equal(done.dropped, 0);
	assert_int_equal(dropped.dropped, 2);
	assert_true(done.tests > 0 && !dropped.tests);
	assert_true(!done.dirty && dropped.dirty);
	assert_int_equal(done.traps, dropped.traps);    /* the guest asks all the same */
	kit_free(&k);
}

/* What is for memory's sake: cleans that leave the lines, by address, and I without D before it. */
static void what_is_not_dropped(void **state)
{
	struct got g;
	struct kit k;

	(void)state;
	kit_linux(&k);
	dirty_line(&k);
	kit_cpr(&k, clean_all, 1u << 30);
	kit_cpw(&k, KIT_INVAL_I, 0);
	kit_cpw(&k, KIT_CLEAN_MVA, KIT_LINEAR + 0x500000);
	kit_cpw(&k, KIT_INVAL_I, 0);
	g = replayed(&k, "vivt=drop");
	assert_int_equal(g.dropped, 0);
	assert_int_equal(g.dirty, 0);
	/* a clean by address between: the invalidate belongs to it */
	kit_cpr(&k, KIT_TESTCLEAN_INV, 1u << 30);
	kit_cpw(&k, KIT_CLEAN_MVA, KIT_LINEAR + 0x500000);
	kit_cpw(&k, KIT_INVAL_I, 0);
	assert_int_equal(replayed(&k, "vivt=drop").dropped, 1);
	kit_free(&k);
}

/* A kernel that counts on such a flush for its code: --lint sees what was done, not what was asked. */
static void lint_judges_the_host(void **state)
{
	uint64_t found[2];
	struct kit k;

	(void)state;
	kit_linux(&k);
	kit_run(&k, KIT_CODE + 0x800, 2);
	kit_access(&k, KIT_CODE + 0x800, false, 2);
	kit_access(&k, KIT_CODE + 0x800, true, 2);
	kit_cpr(&k, KIT_TESTCLEAN_INV, 1u << 30);
	kit_cpw(&k, KIT_INVAL_I, 0);
	kit_cpw(&k, KIT_DRAIN, 0);
	kit_run(&k, KIT_CODE + 0x800, 2);
	for (unsigned i = 0; i < 2; i++) {
		struct kit_plan p = { .core = "arm1176", .lint = true,
				      .set = { i ? "vivt=drop" : "vivt=execute" } };
		struct lane *l = kit_replay(&k, "coherent", &p);
		const struct lint_report *r = lint_report_of(l->m);

		found[i] = 0;
		for (unsigned f = 0; f < FINDINGS; f++)
			found[i] += r->n[f][LINT_GUEST] + r->n[f][LINT_MONITOR];
		lane_destroy(l);
	}
	assert_int_equal(found[0], 0);
	assert_true(found[1] > 0);
	kit_free(&k);
}

/* Only where a line of a frame is found whatever its address. */
static void where_it_fits(void **state)
{
	static const struct { const char *core, *key, *value; bool legal; } rows[] = {
		{ "arm926", NULL, NULL, false }, { "arm1176", NULL, NULL, true },
		{ "cortex-a8", NULL, NULL, true }, { "arm1176", "l1d.bytes", "32768", false },
		{ "arm1176", "l1i.kind", "vivt", false },
		{ "mpcore", NULL, NULL, false },        /* 8 KB a way of its VIPT cache for instructions */
		{ "mpcore", "l1i.kind", "pipt", true }, { "sa1110", "l1d.kind", "pipt", false },
	};
	const char *tag;
	struct kit k;

	(void)state;
	kit_linux(&k);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct cpu_row *row = cpu_find(rows[i].core);
		struct host_config cfg = row->config;
		struct mmu_arch arch;
		struct legality_case c = { row, &cfg, &arch, strategy_find("coherent"), NULL, &k.t.header };
		struct diag d;

		if (rows[i].key)
			assert_ok(param_set(config_keys, config_key_count, &cfg, rows[i].key, rows[i].value,
					    &d), &d);
		config_mmu(row, &cfg, &arch);
		assert_ok(param_set(config_keys, config_key_count, &cfg, "vivt", "drop", &d), &d);
		if (rows[i].legal)
			assert_ok(legality_check(&c, &tag, &d), &d);
		else
			assert_err(ERR_CONFIG, legality_check(&c, &tag, &d), &d, "vivt=drop: strategy coherent");
	}
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(switch_of_address_spaces),
		cmocka_unit_test(what_is_not_dropped),
		cmocka_unit_test(lint_judges_the_host),
		cmocka_unit_test(where_it_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
