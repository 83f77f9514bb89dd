/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host that a plan means for a trace: a row, changed by settings. */
#include <stdio.h>
#include <string.h>

#include "sim/replay.h"

static enum err set_cost(struct cost_set *costs, const char *name, const char *value,
			 struct diag *d)
{
	uint64_t cycles;
	enum err e = option_quantity(name, value, (struct quantity){ 0, 1000000, 0 }, &cycles, d);

	if (e)
		return e;
	if (!strcmp(name, "cost.walk_overlap") && cycles > 100)
		return diag_set(d, ERR_CONFIG, "%s: %llu; want 0 to 100 per cent", name,
				(unsigned long long)cycles);
	if (cost_set_prim(costs, name + strlen("cost."), 1000 * cycles))
		return diag_set(d, ERR_CONFIG, "unknown cost '%s' (see 'shadewalk list costs')", name);
	snprintf(costs->name, sizeof(costs->name), "custom");
	return ERR_OK;
}

static enum err set_costs(struct cost_set *costs, const char *name, struct diag *d)
{
	char known[256] = "";
	size_t at = 0;

	if (!cost_set_named(costs, name))
		return ERR_OK;
	for (size_t i = 0; i < cost_set_row_count && at < sizeof(known); i++)
		if (!i || strcmp(cost_set_rows[i].set, cost_set_rows[i - 1].set))
			at += (size_t)snprintf(known + at, sizeof(known) - at, "%s%s", i ? ", " : "",
					       cost_set_rows[i].set);
	return diag_set(d, ERR_CONFIG, "costs: no set '%s'; want %s (see 'shadewalk list costs')", name, known);
}

static enum err set_param(struct host_config *cfg, const char *key, const char *value,
			  const struct cpu_row *row, struct diag *d)
{
	const char *pending = config_pending(key);
	struct diag why;
	enum err e;

	if (pending && param_find(config_keys, config_key_count, key))
		return diag_set(d, ERR_CONFIG, "%s: %s: not simulated yet", key, pending);
	e = param_set(config_keys, config_key_count, cfg, key, value, &why);
	if (e && !param_find(config_keys, config_key_count, key))
		return diag_set(d, e, "%.300s (see 'shadewalk list cores %s')", why.msg, row->name);
	return e ? diag_set(d, e, "%.300s", why.msg) : ERR_OK;
}

/* Says where setting i was made. */
static enum err set_by(const struct replay_plan *p, size_t i, enum err e, struct diag *d)
{
	struct diag why = *d;

	if (!e)
		return ERR_OK;
	if (p->where && p->where[i])
		return diag_set(d, e, "%.160s: %.330s", p->where[i], why.msg);
	return diag_set(d, e, "--set %.480s", why.msg);
}

static enum err apply_setting(const struct replay_plan *p, size_t i, const struct cpu_row *row,
			      struct host_config *cfg, struct cost_set *costs, struct diag *d)
{
	const char *eq = strchr(p->set[i], '=');
	char name[64];
	enum err e;

	if (!eq || (size_t)(eq - p->set[i]) >= sizeof(name))
		return diag_set(d, ERR_CONFIG, "--set: '%s' is not KEY=VALUE", p->set[i]);
	snprintf(name, sizeof(name), "%.*s", (int)(eq - p->set[i]), p->set[i]);
	if (!strcmp(name, "costs"))
		e = set_costs(costs, eq + 1, d);
	else
		e = strncmp(name, "cost.", 5) ? set_param(cfg, name, eq + 1, row, d)
					      : set_cost(costs, name, eq + 1, d);
	return set_by(p, i, e, d);
}

/* The message names the parameter of a setting, as a word. */
static bool names(const char *msg, const char *setting)
{
	size_t n = strcspn(setting, "=");

	for (const char *at = msg; (at = strchr(at, setting[0])); at++)
		if (!strncmp(at, setting, n) && (at == msg || at[-1] == ' ') &&
		    (!at[n] || strchr(":= ,;", at[n])))
			return true;
	return false;
}

/* What does not fit together is said of the last setting of a parameter that the message names. */
static enum err check_together(const struct replay_plan *p, const struct host_config *cfg,
			       struct diag *d)
{
	enum err e = config_check(cfg, d);

	for (size_t i = p->nset; e && i-- > 0;)
		if (names(d->msg, p->set[i]))
			return set_by(p, i, e, d);
	return e;
}

static bool is_set(const struct replay_plan *p, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < p->nset; i++)
		if (!strncmp(p->set[i], key, n) && p->set[i][n] == '=')
			return true;
	return false;
}

enum err replay_configure(const struct replay_plan *p, const struct trace_header *h,
			  const struct cpu_row **row, struct host_config *cfg,
			  struct cost_set *costs, struct diag *d)
{
	const char *key, *why;
	enum err e = ERR_OK;

	*row = p->row ? p->row : cpu_find(h->core);
	if (!*row)
		return diag_set(d, ERR_CONFIG, "no host core '%s', the trace's own; choose one with "
				"-c (see 'shadewalk list cores')", h->core);
	key = cpu_pending(*row, &why);
	if (key)
		return diag_set(d, ERR_CONFIG, "core '%s' needs %s: not simulated yet (%s; see 'shadewalk "
				"list cores')", (*row)->name, why, key);
	*cfg = (*row)->config;
	cfg->seed = p->seed;
	cpu_cost_set(*row, costs);
	for (size_t i = 0; !e && i < p->nset; i++)
		e = apply_setting(p, i, *row, cfg, costs, d);
	/* who asks for both halves of a split TLB has no use for a unified one */
	if (is_set(p, "itlb.entries") && is_set(p, "dtlb.entries") && !is_set(p, "tlb.entries") &&
	    cfg->itlb.entries && cfg->dtlb.entries)
		cfg->tlb.entries = 0;
	if (!is_set(p, "tlb.locked"))
		config_settle(cfg);
	return e ? e : check_together(p, cfg, d);
}
