/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is to choose from: strategies, cores, costs, figures, metrics, findings; and what is legal. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/cmd.h"
#include "base/options.h"
#include "models/cpu/cpu.h"
#include "plots/figure.h"
#include "plots/list_legality.h"
#include "sim/lint.h"
#include "strategies/strategy.h"

struct input { const char *what, *name; int format; struct diag *d; };

enum { KEY_FORMAT = 256 };
static const struct argp_option options[] = {
	{ "format", KEY_FORMAT, "FORM", 0, "Of legality: text (default), json or csv", 0 },
	{ 0 },
};

static const char doc[] =
"Lists what can be named on the command line: strategies (with their keys), cores (with every "
"structural parameter, how sure it is and its source; whether it is simulated), costs "
"(primitive unit costs), metrics (ledger events by leaf), figures, findings (of run --lint), "
"legality (which guest runs on which host under which strategy, with the reason).\v"
"Examples:\n"
"  shadewalk list strategies\n"
"  shadewalk list strategies coherent\n"
"  shadewalk list cores arm926\n"
"  shadewalk list costs\n"
"  shadewalk list legality coherent\n"
"  shadewalk list legality --format csv\n";

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;

	switch (key) {
	case KEY_FORMAT: return option_format(arg, &in->format, in->d) ? EINVAL : 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			return diag_set(in->d, ERR_USAGE, "too many arguments: '%s'", arg) ? EINVAL : 0;
		*(state->arg_num ? &in->name : &in->what) = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		return diag_set(in->d, ERR_USAGE, "which list? (want strategies, cores, costs, metrics, "
				"figures, findings or legality)") ? EINVAL : 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void print_params(const struct param *table, unsigned n, const void *values)
{
	char value[32], allowed[256];

	for (unsigned i = 0; i < n; i++) {
		printf("  %-12s %-10s %s\n", table[i].name, param_text(&table[i], values, value),
		       table[i].help);
		printf("  %-12s %-10s (%s)\n", "", "", param_allowed(&table[i], allowed));
	}
}

/* What each design sets otherwise. */
static void print_designs(const struct strategy_ops *s, const void *defaults)
{
	const struct param *design = s->preset ? param_find(s->params, s->nparams, "design") : NULL;
	char value[32];
	struct diag d;

	for (unsigned w = 1; design && design->words[w]; w++) {
		long long buf[32] = { 0 };

		s->defaults(buf);
		if (param_set(s->params, s->nparams, buf, design->name, design->words[w], &d))
			return;
		s->preset(buf);
		printf("  design=%s stands for", design->words[w]);
		for (unsigned i = 0; i < s->nparams; i++)
			if (&s->params[i] != design &&
			    param_get(&s->params[i], buf) != param_get(&s->params[i], defaults))
				printf(" %s=%s", s->params[i].name, param_text(&s->params[i], buf, value));
		printf("\n");
	}
}

static enum err list_strategies(const char *name, struct diag *d)
{
	bool found = false;

	for (unsigned i = 0; i < strategy_count; i++) {
		const struct strategy_ops *s = strategy_table[i];
		long long buf[32] = { 0 };

		if (name && strcmp(name, s->name))
			continue;
		found = true;
		printf("%-10s %s [%s]\n", s->name, s->summary, s->tag);
		if (!name || !s->nparams)
			continue;
		s->defaults(buf);
		print_params(s->params, s->nparams, buf);
		print_designs(s, buf);
	}
	return found ? ERR_OK : diag_set(d, ERR_CONFIG, "unknown strategy '%s' (see 'shadewalk list "
					      "strategies')", name);
}

static void print_state(const struct cpu_row *row)
{
	const char *why, *key = cpu_pending(row, &why);

	if (key) {
		printf("needs %s (%s): not simulated yet\n", why, key);
		return;
	}
	printf("simulated");
	for (unsigned i = 0; (why = cpu_without(row, i)); i++)
		printf("%s %s", i ? "," : ", without", why);
	printf("\n");
}

static void print_core_params(const struct cpu_row *row)
{
	char value[32], allowed[256];

	printf("\n%-22s %-11s %-10s %s\n", "parameter", "value", "is", "source");
	for (unsigned i = 0; i < config_key_count; i++) {
		const struct param *p = &config_keys[i];
		const struct cpu_fact *f = cpu_fact_of(row, p->name);

		printf("%-22s %-11s %-10s %s\n", p->name, config_is_absent(&row->config, p->name)
		       ? "-" : param_text(p, &row->config, value),
		       confidence_word((enum confidence)f->confidence), f->source);
		printf("%-22s %s (%s)%s\n", "", p->help, param_allowed(p, allowed),
		       config_pending(p->name) ? "; not simulated yet" : "");
	}
}

static void print_core_costs(const struct cpu_row *row)
{
	printf("\nUnit costs are those of 'shadewalk list costs'%s; core %u MHz, bus %u MHz: "
	       "assumption.\n", row->costs ? ", but for these" : "", row->core_mhz, row->bus_mhz);
	for (const struct cpu_cost *c = row->costs; c && c->source; c++) {
		if (c == row->costs)
			printf("%-14s %5s %7s %5s  %-9s %s\n", "cost", "low", "nominal", "high", "is",
			       "source");
		printf("%-14s %5u %7u %5u  %-9s %s\n", prim_info[c->prim].name, c->cycles[0],
		       c->cycles[1], c->cycles[2], confidence_word((enum confidence)c->confidence),
		       c->source);
	}
}

static enum err list_cores(const char *name, struct diag *d)
{
	const struct cpu_row *row;

	for (unsigned i = 0; !name && i < cpu_row_count; i++) {
		printf("%-10s %s (replays %s): ", cpu_rows[i]->name, cpu_rows[i]->title,
		       cpu_rows[i]->arch);
		print_state(cpu_rows[i]);
	}
	if (!name)
		return ERR_OK;
	row = cpu_find(name);
	if (!row)
		return diag_set(d, ERR_CONFIG, "unknown core '%s' (see 'shadewalk list cores')", name);
	printf("%s: %s (replays %s): ", row->name, row->title, row->arch);
	print_state(row);
	print_core_params(row);
	print_core_costs(row);
	printf("\n%s\n", row->note);
	return ERR_OK;
}

/* name: of a set, or NULL: all. */
static bool print_cost_sets(const char *name)
{
	bool found = false;

	for (size_t i = 0; i < cost_set_row_count; i++) {
		const struct cost_set_row *r = &cost_set_rows[i];

		if (name && strcmp(name, r->set))
			continue;
		if (!found || strcmp(r->set, r[-1].set))
			printf("%s--set costs=%s\n", name ? "" : "\n", r->set);
		found = true;
		printf("%-14s %5u %7u %5u  %-9s %s\n", prim_info[r->prim].name, r->cycles[0], r->cycles[1],
		       r->cycles[2], r->confidence, r->source);
	}
	return found;
}

static enum err list_costs(const char *name, struct diag *d)
{
	bool found = false;

	for (unsigned i = 0; i < PRIMS; i++) {
		const struct prim_info *p = &prim_info[i];

		if (name && strcmp(name, p->name))
			continue;
		if (!found)
			printf("%-14s %5s %7s %5s  %-9s %s\n", "cost", "low", "nominal", "high",
			       "is", "source");
		found = true;
		printf("%-14s %5u %7u %5u  %-9s %s\n", p->name, p->cycles[0], p->cycles[1],
		       p->cycles[2], p->confidence, p->source);
	}
	return print_cost_sets(name) || found ? ERR_OK
		: diag_set(d, ERR_CONFIG, "unknown cost '%s' (see 'shadewalk list costs')", name);
}

static enum err list_metrics(const char *name, struct diag *d)
{
	struct cost_set s;
	bool found = false;

	cost_set_default(&s);
	for (unsigned e = 0; e < EVENTS; e++) {
		if (name && strcmp(name, event_info[e].name))
			continue;
		if (!found)
			printf("%-16s %-12s %7s  %s\n", "event", "leaf", "cycles", "meaning");
		found = true;
		printf("%-16s %-12s %7.1f  %s\n", event_info[e].name, event_info[e].leaf,
		       (double)cost_unit(&s, (enum event)e, COST_NOMINAL) / 1000,
		       event_info[e].text);
	}
	return found ? ERR_OK : diag_set(d, ERR_CONFIG, "unknown metric '%s' (see 'shadewalk list "
					      "metrics')", name);
}

static enum err list_figures(const char *name, struct diag *d)
{
	bool found = false;

	for (unsigned i = 0; figure_name(i); i++) {
		if (name && strcmp(name, figure_name(i)))
			continue;
		found = true;
		printf("%-12s %s\n", figure_name(i), figure_title(i));
	}
	return found ? ERR_OK : diag_set(d, ERR_CONFIG, "unknown figure '%s' (see 'shadewalk list "
					      "figures')", name);
}

static void print_finding(const struct finding_info *f)
{
	printf("%s %s [%s]\n  %s\n  usual cause: %s\n  source: %s\n", f->id, f->name,
	       lint_severity_name[f->severity], f->meaning, f->cause, f->source);
}

static enum err list_findings(const char *name, struct diag *d)
{
	enum finding one = name ? finding_find(name) : FINDINGS;

	if (name && one == FINDINGS)
		return diag_set(d, ERR_CONFIG, "unknown finding '%s' (see 'shadewalk list findings')", name);
	if (name) {
		print_finding(&finding_info[one]);
		return ERR_OK;
	}
	for (unsigned i = 0; i < FINDINGS; i++)
		printf("%-4s %-20s %-8s %s\n", finding_info[i].id, finding_info[i].name,
		       lint_severity_name[finding_info[i].severity], finding_info[i].meaning);
	return ERR_OK;
}

enum err cmd_list(int argc, char **argv, struct diag *d)
{
	static const struct argp argp = { options, parse, "WHAT [NAME]", doc, NULL, NULL, NULL };
	static const char *const words[] = { "strategies", "cores", "costs", "metrics", "figures",
					      "findings", "legality" };
	static enum err (*const lists[])(const char *, struct diag *) = {
		list_strategies, list_cores, list_costs, list_metrics, list_figures, list_findings,
	};
	enum { LEGALITY = sizeof(lists) / sizeof(lists[0]) };
	struct input in = { .d = d };
	size_t i = 0;
	enum err e = options_parse(&argp, argc, argv, &in, d);

	if (!e)
		e = option_word("WHAT", in.what, words, sizeof(words) / sizeof(words[0]), &i, d);
	if (!e && i == LEGALITY)
		return list_legality(in.name, (enum out_format)in.format, d);
	if (!e && in.format != OUT_TEXT)
		return diag_set(d, ERR_USAGE, "--format: only legality has other forms than text");
	return e ? e : lists[i](in.name, d);
}
