/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `coherent`: designs that were built, as rows of its keys, and what the reference implementation does
 * with its entries that a thin monitor would not (doc/decisions/0017-designs-are-rows.md).
 */
#include "strategies/coherent.h"

#include <stdio.h>

/* Xvisor's arm32 port: its source, and what was counted with a Linux guest of an ARM926EJ-S. */
static const struct coherent_params designs[DESIGNS] = {
	[DESIGN_OWN] = { .asids = 1, .entries = ZONE_ENTRIES },
	[DESIGN_XVISOR] = {
		.design = DESIGN_XVISOR, .asids = 1, .entries = ZONE_ENTRIES, .zones = ZONES_FIVE,
		.sections = SECTIONS_FRACTURE, .global = GLOBAL_NONE, .tlbi_mva = TLBI_MVA_NG_ONLY,
		.mb = MB_POLICY_FIRST, .empty = EMPTY_FREE, .fcse = FCSE_FLUSH, .dacr = DACR_XOR,
		.ttbr = TTBR_RECORD, .sctlr = SCTLR_NONGLOBAL, .sctlr_again = 1,
		.unpriv = UNPRIV_PLAIN, .view = VIEW_DOMAINS,
	},
};

void coherent_preset(void *params)
{
	struct coherent_params *p = params;

	*p = designs[p->design];
}

/* What the hardware may then use, or the guest do, is more than its tables grant. */
void coherent_monitor(const void *params, struct monitor_kind *k)
{
	const struct coherent_params *p = params;

	k->unpriv_plain = p->unpriv == UNPRIV_PLAIN;
	k->sctlr_again = p->sctlr_again;
	if (p->mb == MB_POLICY_FIRST)   /* two aborts for each entry of the directory, and the access itself */
		k->retries += 2 * ZONE_ENTRIES;
	if (p->tlbi_mva == TLBI_MVA_NG_ONLY || p->mb == MB_POLICY_FIRST || p->unpriv == UNPRIV_PLAIN)
		snprintf(k->unsound, sizeof(k->unsound), "%s%s%s",
			 p->mb == MB_POLICY_FIRST ? " mb=first" : "",
			 p->tlbi_mva == TLBI_MVA_NG_ONLY ? " tlbi_mva=ng-only" : "",
			 p->unpriv == UNPRIV_PLAIN ? " unpriv=plain" : "");
}

enum err coherent_check_design(const struct coherent_params *p, struct diag *d)
{
	if (p->zones == ZONES_FIVE && p->entries != ZONE_ENTRIES)
		return diag_set(d, ERR_CONFIG, "coherent: entries=%u with zones=five, which have %u of their own; "
				"want entries=%u, or zones=one", p->entries, (unsigned)ZONE_ENTRIES,
				(unsigned)ZONE_ENTRIES);
	if (p->mb == MB_POLICY_FIRST && p->dacr != DACR_XOR)
		return diag_set(d, ERR_CONFIG, "coherent: mb=first with dacr=pass, whose domains are shared out "
				"anew; want dacr=xor, or mb=ap, strict or split-view");
	if (p->mb == MB_POLICY_FIRST && p->sections != SECTIONS_FRACTURE)
		return diag_set(d, ERR_CONFIG, "coherent: mb=first with sections=keep: the rule is one of "
				"second-level tables; want sections=fracture, or mb=ap, strict or split-view");
	return ERR_OK;
}

/* A mapped page that faults is forgotten, whatever the guest's tables say; the next abort looks at those. */
bool coherent_forgets(struct coherent *c, const struct abort_info *a)
{
	if (c->p->mb != MB_POLICY_FIRST || !shadow_forget(shadow_in_use(c), a->mva))
		return false;
	c->port->charge(c->port->m, EV_HIDDEN, 1);
	coherent_flush_zapped(c);
	return true;
}

/* One by address: what is global is not looked for; all of the guest leaves the host TLB. */
static void ng_only(struct coherent *c, gva_t mva)
{
	bool tagged = c->way->sh[0].c.tagged;

	for (EACH_WAY(c, w))
		for (EACH_TABLE(c, w, s)) {
			shadow_zap_nonglobal_covering(s, mva);
			if (s->zapped)
				c->port->shadow_sync(c->port->m);
			shadow_host_is_flushed(s);
			if (tagged)
				c->port->host_tlbi_asid(c->port->m, s->c.asid);
		}
	if (!tagged)
		c->port->host_tlbi_all(c->port->m);
}

bool coherent_tlbi_by_design(struct coherent *c, gva_t mva)
{
	if (c->p->tlbi_mva != TLBI_MVA_NG_ONLY)
		return false;
	window_zap_covering(&c->window, mva);
	ng_only(c, mva);
	return true;
}

/* A write that changes nothing of the MMU. */
void coherent_sctlr_unchanged(struct coherent *c)
{
	if (c->p->sctlr != SCTLR_NONGLOBAL)
		return;
	window_zap_nonglobal(&c->window);
	for (EACH_WAY(c, w))
		for (EACH_TABLE(c, w, s))
			shadow_zap_nonglobal(s);
	coherent_flush_zapped(c);
}
