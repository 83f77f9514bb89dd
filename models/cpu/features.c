/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MMU of a host: its core's row of models/pt, with the features changed that the configuration
 * changes. So a host goes from ARMv5 to ARMv7 one step at a time:
 *
 *	tex, fine=off, xn               words as XScale has them; as ARMv6 with XP = 0; and with
 *	                                XP = 1: nG, S, APX and XN
 *	asid, ttbcr, pd, afe, v6k, tre  what these words and registers mean, each by itself
 *
 * wnr, ifsr and ifar say what registers tell of a fault, fcse whether there is a PID. Without TEX the
 * words are those of ARMv5, fine tables or not: a core without them has no other meaning for theirs, and
 * a guest that uses them does not fit it (sim/machine.h).
 */
#include "models/cpu/cpu.h"

/* Words with SCTLR.XP = 0 of a core with and without TEX bits, fine tables. */
static uint8_t format_of(bool tex, bool fine)
{
	if (!tex)
		return PT_V5;
	return fine ? PT_XSCALE : PT_V6_SUBPAGES;
}

void config_mmu(const struct cpu_row *row, const struct host_config *c, struct mmu_arch *out)
{
	const uint8_t *has = c->feature, *had = row->config.feature;
	const struct mmu_arch *own = mmu_of_core(row->name, row->arch);

	*out = *own;
	out->name = row->name;
	if (has[FEATURE_TEX] != had[FEATURE_TEX] || has[FEATURE_FINE] != had[FEATURE_FINE])
		out->format[0] = format_of(has[FEATURE_TEX], has[FEATURE_FINE]);
	out->format[1] = has[FEATURE_XN] ? PT_V6 : out->format[0];
	out->asid = has[FEATURE_ASID];
	out->ttbcr = has[FEATURE_TTBCR];
	out->pd = has[FEATURE_PD];
	out->afe = has[FEATURE_AFE];
	out->apx_111 = has[FEATURE_V6K];
	out->tre = has[FEATURE_TRE];
	if (has[FEATURE_WNR] != had[FEATURE_WNR])
		out->status = has[FEATURE_WNR] ? STATUS_V6 : STATUS_V5;
}

enum err config_check_features(const struct host_config *c, struct diag *d)
{
	const uint8_t *has = c->feature;

	if (has[FEATURE_XN] && !has[FEATURE_TEX])
		return diag_set(d, ERR_CONFIG, "feature.xn: on without feature.tex; its words have TEX "
				"bits: want both");
	if (has[FEATURE_PD] && !has[FEATURE_TTBCR])
		return diag_set(d, ERR_CONFIG, "feature.pd: on without feature.ttbcr, the register it is in");
	return ERR_OK;
}
