/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's MMU out of a row and its features: rows are what models/pt says of the core, their
 * features say the same, and one feature changes one thing.
 */
#include "tests/support.h"

#include <string.h>

#include "models/cpu/cpu.h"

static bool same_arch(const struct mmu_arch *a, const struct mmu_arch *b)
{
	return !memcmp(a->format, b->format, sizeof(a->format)) && a->unaligned == b->unaligned &&
	       a->status == b->status && a->ldrd == b->ldrd && a->sr == b->sr &&
	       a->ttbcr == b->ttbcr && a->pd == b->pd && a->apx_111 == b->apx_111 &&
	       a->afe == b->afe && a->afe_spares_sr == b->afe_spares_sr &&
	       a->af_section_domain == b->af_section_domain && a->tre == b->tre &&
	       a->asid == b->asid && a->shared_uncached == b->shared_uncached;
}

static void rows_are_their_cores(void **state)
{
	(void)state;
	for (unsigned i = 0; i < cpu_row_count; i++) {
		const struct cpu_row *r = cpu_rows[i];
		const struct mmu_arch *own = mmu_of_core(r->name, r->arch);
		const uint8_t *has = r->config.feature;
		struct mmu_arch a;
		struct diag d;

		assert_ok(config_check_features(&r->config, &d), &d);
		config_mmu(r, &r->config, &a);
		if (!same_arch(&a, own))
			fail_msg("%s: features and models/pt differ", r->name);
		assert_int_equal(has[FEATURE_ASID], own->asid);
		assert_int_equal(has[FEATURE_TTBCR], own->ttbcr);
		assert_int_equal(has[FEATURE_PD], own->pd);
		assert_int_equal(has[FEATURE_AFE], own->afe);
		assert_int_equal(has[FEATURE_TRE], own->tre);
		assert_int_equal(has[FEATURE_V6K], own->apx_111);
		assert_int_equal(has[FEATURE_XN], mmu_is_v6(own));
		assert_int_equal(has[FEATURE_WNR], own->status == STATUS_V6);
		assert_int_equal(has[FEATURE_TEX], own->format[0] != PT_V5);
		assert_int_equal(!strcmp(r->arch, "armv6"), mmu_is_v6(own));
	}
}

/* Names of trace headers and host rows; what has no row of its own is plain. */
static void cores_by_name(void **state)
{
	static const struct { const char *core, *arch, *row; } rows[] = {
		{ "arm920t", "armv5", "arm920" }, { "arm922t", "armv5", "arm922" },
		{ "arm926", "armv5", "arm926" }, { "pxa255", "armv5", "pxa255" },
		{ "arm1176", "armv6", "arm1176" }, { "cortex-a15", "armv6", "cortex-a8" },
		{ "unheard-of", "armv5", "armv5" }, { "", "armv6", "armv6" },
		{ "arm926", "armv6", "armv6" }, { "arm1136", "armv5", "armv5" },
		{ "armv6", "armv5", "armv5" }, { "generic", "armv5", "armv5" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(mmu_of_core(rows[i].core, rows[i].arch)->name, rows[i].row);
	assert_null(mmu_of_core("arm926", "armv4"));
	assert_null(mmu_of_core("arm926", ""));
}

static void one_feature_at_a_time(void **state)
{
	const struct cpu_row *r = cpu_find("generic");
	const struct mmu_arch *plain = mmu_find("armv5", 5);
	struct host_config c = r->config;
	struct mmu_arch want = *plain, got;

#define STEP(id, on, change) do { \
		c.feature[FEATURE_##id] = (on); \
		change; \
		config_mmu(r, &c, &got); \
		assert_true(same_arch(&want, &got)); \
	} while (0)
	(void)state;
	STEP(FCSE, 1, (void)0);
	STEP(TEX, 1, want.format[0] = want.format[1] = PT_XSCALE);
	STEP(FINE, 0, want.format[0] = want.format[1] = PT_V6_SUBPAGES);
	STEP(XN, 1, want.format[1] = PT_V6);
	STEP(ASID, 1, want.asid = true);
	STEP(TTBCR, 1, want.ttbcr = true);
	STEP(PD, 1, want.pd = true);
	STEP(AFE, 1, want.afe = true);
	STEP(V6K, 1, want.apx_111 = true);
	STEP(TRE, 1, want.tre = true);
	STEP(WNR, 1, want.status = STATUS_V6);
	STEP(IFSR, 0, (void)0);
	STEP(IFAR, 1, (void)0);
	STEP(FINE, 1, want.format[0] = PT_XSCALE);
	assert_false(mmu_is_legacy(&got));
	config_mmu(r, &r->config, &got);
	assert_true(mmu_is_legacy(&got));
#undef STEP
}

static void refused(void **state)
{
	static const struct { uint8_t on[2]; const char *words; } rows[] = {
		{ { FEATURE_XN, FEATURE_XN }, "feature.xn: on without feature.tex" },
		{ { FEATURE_PD, FEATURE_TEX }, "feature.pd: on without feature.ttbcr" },
	};
	struct diag d;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct host_config c = cpu_find("generic")->config;

		c.feature[rows[i].on[0]] = c.feature[rows[i].on[1]] = 1;
		assert_err(ERR_CONFIG, config_check(&c, &d), &d, rows[i].words);
	}
	assert_null(config_pending("feature.asid"));
	assert_null(config_pending("feature.wnr"));
	assert_null(config_pending("feature.vmid"));
	assert_non_null(config_pending("feature.lpae"));
	assert_null(config_pending("feature.walk-cache"));
	assert_null(config_pending("feature.coherent-walk"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_their_cores),
		cmocka_unit_test(cores_by_name),
		cmocka_unit_test(one_feature_at_a_time),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
