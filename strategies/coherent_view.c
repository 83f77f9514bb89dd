/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `coherent`: its tables, and how guest kernel and guest user are kept apart in them (view=), with what
 * stands for the guest's own domains (dacr=).
 *
 *  domains     one table; a host domain for each way of granting; a switch is a DACR write.
 *  two-tables  a table for each view. A switch loads the other root: with an ASID of its own where the host
 *              has ASIDs, else everything leaves the host TLB. All entries are tagged, also those that the guest
 *              has as global: the other view must not meet them.
 *  reflush     one table with the rights of one view. What the other would have otherwise is dropped at a switch.
 *  fold        one table. An entry has the rights of the view that it was made for. The user's may
 *              stay for the kernel, who has no less; a megabyte with the kernel's is in a host domain
 *              that the user view closes. There the user faults, the kernel's entries go, and the
 *              megabyte opens; a kernel access that needs more than the user has closes it. So no entry is
 *              ever within reach of a view that it grants too much.
 */
#include "strategies/coherent.h"

enum { ALL_CLIENT = 0x55555555 };

enum err coherent_check_view(const struct coherent_params *p, struct diag *d)
{
	static const char *const view[] = { "domains", "two-tables", "reflush", "fold" };
	static const char *const mb[] = { "ap", "strict", "split-view", "first" };

	if (p->mb != MB_POLICY_AP && p->view != VIEW_DOMAINS)
		return diag_set(d, ERR_CONFIG, "coherent: mb=%s with view=%s: its megabytes are of one view, "
				"none is mixed; want view=domains, or mb=ap", mb[p->mb], view[p->view]);
	return coherent_check_design(p, d);
}

/* --- tables ------------------------------------------------------------------------------- */

/* First-level tables lie one behind the other, what is left of the pool is shared out. */
static struct shadow_config table_config(struct coherent *c, unsigned i)
{
	static const enum shadow_views views[] = {
		[VIEW_DOMAINS] = SHADOW_BY_DOMAINS, [VIEW_TWO_TABLES] = SHADOW_BY_TABLES,
		[VIEW_REFLUSH] = SHADOW_BY_REFLUSH, [VIEW_FOLD] = SHADOW_BY_FOLD,
	};
	enum { ROOT_KB = 16 };
	unsigned end = c->v6 ? HV_POOL_V6_END : HV_POOL_END, n = c->nways * c->ntables, more = n - 1;
	unsigned units = ((end - HV_POOL) / 1024 - ROOT_KB * more) / n & ~3u;

	return (struct shadow_config){
		.entries = c->p->entries,
		.root = i ? HV_POOL + 1024 * ROOT_KB * (i - 1) : HV_SL1,
		.pool = HV_POOL + 1024 * ROOT_KB * more + 1024 * units * i,
		.units = units,
		.format = c->format, .tagged = c->tags, .asid = (uint8_t)(i + 1),
		.views = views[c->p->view], .split = c->p->mb == MB_POLICY_SPLIT,
		.pass = c->p->dacr == DACR_PASS ? &c->pass : NULL,
		.five_zones = c->p->zones == ZONES_FIVE, .none_global = c->p->global == GLOBAL_NONE,
		.first = c->p->mb == MB_POLICY_FIRST, .free_empty = c->p->empty == EMPTY_FREE,
	};
}

static void take_domain(void *owner, unsigned host)
{
	struct coherent *c = owner;

	for (EACH_WAY(c, w))
		for (EACH_TABLE(c, w, s))
			shadow_drop_domain(s, host);
}

static void domains_changed(void *owner)
{
	coherent_host_dacr(owner);
}

enum err coherent_start_tables(struct coherent *c, struct diag *d)
{
	enum err e = ERR_OK;
	unsigned i = 0;

	c->pass.owner = c;
	c->pass.take = take_domain;
	c->pass.changed = domains_changed;
	for (EACH_WAY(c, w))
		for (EACH_TABLE(c, w, s)) {
			struct shadow_config sc = table_config(c, i++);

			if (!e)
				e = shadow_start(s, c->port, &sc, d);
			s->user = c->user;
		}
	c->current->user = c->user;
	return e;
}

/* --- what the host sees ------------------------------------------------------------------- */

void coherent_host_root(struct coherent *c)
{
	const struct shadow_config *sc = &shadow_in_use(c)->c;

	c->port->host_set(c->port->m, HOST_TTBR, HV_HPA + sc->root);
	if (c->tags)
		c->port->host_set(c->port->m, HOST_ASID, sc->asid);
}

void coherent_host_dacr(struct coherent *c)
{
	bool by_dacr = c->p->view == VIEW_DOMAINS || c->p->view == VIEW_FOLD;
	bool user = c->user || !by_dacr;
	uint32_t dacr = c->p->dacr == DACR_PASS
		? domains_dacr(&c->pass.domains, c->port->guest->dacr, user, true) : view_dacr(user);

	c->port->host_set(c->port->m, HOST_DACR, dacr);
}

/* With dacr=pass the guest's DACR stays out of it: the host's says the same of the domain's stand-ins. */
uint32_t coherent_fold_dacr(const struct coherent *c)
{
	return c->p->dacr == DACR_PASS ? (uint32_t)ALL_CLIENT : c->port->guest->dacr;
}

struct view_rights coherent_rights(const struct coherent *c, const struct walk *w)
{
	const struct guest *g = c->port->guest;

	return view_fold_on(g->arch, w, coherent_fold_dacr(c), g->sctlr);
}

/* --- switches ----------------------------------------------------------------------------- */

/* An entry in the host TLB without a tag serves whatever root is loaded. */
static void load_other_table(struct coherent *c)
{
	bool tags = c->tags && c->port->host->asid;

	coherent_host_root(c);
	c->port->charge(c->port->m, EV_VIEW_TTBR, 1);
	c->port->charge(c->port->m, EV_VIEW_ASID, tags);
	if (!tags)
		c->port->host_tlbi_all(c->port->m);
}

void coherent_way_in_view(struct coherent *c)
{
	struct shadow *s = shadow_in_use(c);

	if (c->p->view == VIEW_REFLUSH && c->current->user != c->user)
		shadow_drop_view(s);
	shadow_set_view(s, c->user);
	c->current->user = c->user;
	coherent_flush_zapped(c);
}

static void enter_view(struct coherent *c, bool user)
{
	window_leave_view(&c->window);
	c->user = user;
	switch (c->p->view) {
	case VIEW_TWO_TABLES:
		load_other_table(c);
		break;
	case VIEW_REFLUSH:
		c->port->charge(c->port->m, EV_VIEW_FLUSH, 1);
		break;
	default:
		coherent_host_dacr(c);
		break;
	}
	coherent_way_in_view(c);
}

void coherent_mode(void *self, bool user)
{
	struct coherent *c = self;

	if (c->p->view == VIEW_DOMAINS || c->p->view == VIEW_FOLD)
		c->port->charge(c->port->m, EV_VIEW_SWITCH, 1);
	enter_view(c, user);
}

/* Around an LDRT/STRT the hypervisor carries out: user view, then back. */
void coherent_unpriv(void *self, bool enter)
{
	struct coherent *c = self;

	enter_view(c, enter || guest_is_user(c->port->guest));
}

enum event coherent_unpriv_event(void *self)
{
	const struct coherent *c = self;

	return c->p->view == VIEW_DOMAINS || c->p->view == VIEW_FOLD ? EV_UPRIV : EV_UPRIV_BODY;
}
