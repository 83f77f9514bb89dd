/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The comparison as JSON, schema "shadewalk.compare.v1". Cycles are cycles (three decimals are
 * milli-cycles); what cannot be had is null. Low and high of a slowdown are its extremes with
 * each unit cost free within its own low to high. Everything the text shows is here, and for
 * each run also every event and cause with its count and cycles.
 */
#include <jansson.h>
#include <stdlib.h>

#include "results/compare.h"

static json_t *number(bool known, double v)
{
	return known ? json_real(v) : json_null();
}

static json_t *ratio(double a, double b)
{
	double q;
	bool known = cmp_ratio(a, b, &q);

	return number(known, q);
}

static json_t *count(uint64_t n)
{
	return n <= INT64_MAX ? json_integer((json_int_t)n) : json_real((double)n);
}

static json_t *levels(const cycles128_t *cycles)
{
	return json_pack("{s:f,s:f,s:f}", "low", cmp_cycles(cycles[COST_LOW]), "nominal",
			 cmp_cycles(cycles[COST_NOMINAL]), "high",
			 cmp_cycles(cycles[COST_HIGH]));
}

static json_t *slowdowns(const struct cmp_run *run)
{
	if (!run->has_slowdown)
		return json_null();
	return json_pack("{s:f,s:f,s:f}", "low", run->slowdown_low, "nominal",
			 run->slowdown, "high", run->slowdown_high);
}

static json_t *groups(const struct cmp_run *run)
{
	json_t *o = json_object();

	for (unsigned g = 0; g < GROUPS; g++) {
		char letter[2] = { group_letter[g], 0 };

		json_object_set_new(o, letter, json_pack("{s:s,s:o,s:o}", "text", group_text[g],
			"cycles", levels(run->group[g]), "share",
			ratio((double)run->group[g][COST_NOMINAL],
			      (double)run->total[COST_NOMINAL])));
	}
	return o;
}

static json_t *events(const struct cmp_run *run)
{
	json_t *a = json_array();

	for (size_t i = 0; i < run->nevents; i++) {
		const struct cmp_event *ev = &run->event[i];

		json_array_append_new(a, json_pack("{s:s,s:s,s:o,s:o}", "event", ev->name,
						   "leaf", ev->leaf, "count", count(ev->n),
						   "cycles", levels(ev->cycles)));
	}
	return a;
}

static json_t *booked(const struct cmp_run *run)
{
	json_t *a = json_array();

	for (size_t i = 0; i < run->ncounts; i++) {
		const struct cmp_count *n = &run->count[i];

		json_array_append_new(a, json_pack("{s:s,s:s,s:s,s:o}", "event", n->event, "origin",
						   n->origin, "cause", n->cause, "count", count(n->n)));
	}
	return a;
}

static json_t *causes(const struct cmp_run *run)
{
	json_t *a = json_array();

	for (size_t i = 0; i < run->ncauses; i++) {
		const struct cmp_cause *k = &run->cause[i];

		if (!k->exits && !k->cycles)
			continue;
		json_array_append_new(a, json_pack("{s:s,s:o,s:o,s:f,s:o}", "cause", k->name,
			"exits", count(k->exits), "exits_per_million",
			ratio(1e6 * (double)k->exits, (double)run->instructions), "cycles",
			cmp_cycles(k->cycles), "cycles_per_exit",
			ratio(cmp_cycles(k->cycles), (double)k->exits)));
	}
	return a;
}

static json_t *named(const struct cmp_named *list, size_t n)
{
	json_t *o = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(o, list[i].name, count(list[i].n));
	return o;
}

static json_t *memory_peaks(const struct cmp_run *run)
{
	json_t *o = json_object();

	for (size_t i = 0; i < run->nmemory; i++)
		json_object_set_new(o, run->memory[i].name, count(run->memory[i].peak));
	return o;
}

static json_t *memory_averages(const struct cmp_run *run)
{
	json_t *o = json_object();

	for (size_t i = 0; i < run->nmemory; i++)
		json_object_set_new(o, run->memory[i].name, number(true, run->memory[i].average));
	return o;
}

static json_t *fidelity(const struct cmp_run *run)
{
	double share;
	bool known = cmp_deviation_share(run, &share);
	json_t *o = json_pack("{s:o,s:b,s:b,s:o}", "deviation_share", number(known, share),
			      "flagged", known && share > CMP_FIDELITY_LIMIT, "verified",
			      run->verified, "violations", count(run->violations));

	if (run->has_faults)
		json_object_set_new(o, "faults", json_pack("{s:s,s:o,s:o,s:o,s:o,s:b}",
			"scope", "whole trace", "recorded", count(run->recorded), "injected", count(run->injected),
			"forced", count(run->all_forced), "extra_true",
			count(run->all_extra_true), "balance", cmp_faults_balance(run)));
	else
		json_object_set_new(o, "faults", json_null());
	return o;
}

static json_t *steadiness(const struct cmp_run *run)
{
	bool known = run->steady.verdict != STEADY_UNKNOWN;

	return json_pack("{s:s,s:o,s:o,s:o}", "verdict", steady_text(run->steady.verdict), "p",
			 number(known, run->steady.p), "half_shift",
			 number(known, run->steady.half_shift), "slices", count(run->nseries));
}

static json_t *run_json(const struct cmp_run *run)
{
	json_t *o = json_pack(
		"{s:s,s:s,s:s,s:s,s:s?,s:o,s:o,s:o,s:o,s:o}", "run", run->id, "strategy",
		run->strategy, "label", run->label, "tag", run->tag, "native",
		run->native ? run->native->id : NULL, "instructions", count(run->instructions),
		"slowdown", slowdowns(run), "cycles", levels(run->total), "cpi",
		ratio(cmp_cycles(run->total[COST_NOMINAL]), (double)run->instructions),
		"groups", groups(run));

	if (!o)
		return NULL;
	json_object_set_new(o, "exits", count(run->exits));
	json_object_set_new(o, "exits_per_million",
			    ratio(1e6 * (double)run->exits, (double)run->instructions));
	json_object_set_new(o, "cycles_per_exit",
			    ratio(cmp_cycles(run->hypervisor), (double)run->exits));
	json_object_set_new(o, "hidden_faults", count(run->hidden));
	json_object_set_new(o, "true_faults", count(run->true_faults));
	json_object_set_new(o, "hidden_per_true",
			    ratio((double)run->hidden, (double)run->true_faults));
	json_object_set_new(o, "causes", causes(run));
	json_object_set_new(o, "events", events(run));
	json_object_set_new(o, "counts", booked(run));
	json_object_set_new(o, "fidelity", fidelity(run));
	json_object_set_new(o, "steady", steadiness(run));
	json_object_set_new(o, "memory_peak_bytes",
			    run->nmemory ? count(run->memory_peak) : json_null());
	json_object_set_new(o, "memory_average_bytes", number(run->nmemory, run->memory_average));
	json_object_set_new(o, "memory_is_bound", json_boolean(run->memory_is_sum));
	json_object_set_new(o, "memory", memory_peaks(run));
	json_object_set_new(o, "memory_average", memory_averages(run));
	json_object_set_new(o, "structures", named(run->structure, run->nstructures));
	return o;
}

static json_t *block_json(const struct cmp_block *b)
{
	json_t *config = json_loads(b->config, JSON_DECODE_ANY, NULL);
	json_t *runs = json_array();
	json_t *o = json_pack(
		"{s:s,s:s,s:s,s:s,s:s,s:I,s:o,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:i}", "trace",
		b->trace, "trace_id", b->trace_id, "guest", b->guest, "workload", b->workload,
		"host_core", b->host_core, "model_version", (json_int_t)b->model_version,
		"seed", count((uint64_t)b->seed), "costs", b->costs, "costs_sha", b->costs_sha,
		"config_sha", b->config_sha, "warmup", count(b->warmup), "window_first",
		count(b->window_first), "window_insns", count(b->window_insns), "config",
		config ? config : json_string(b->config), "cohort", (int)b->cohort);

	for (size_t i = 0; i < b->nruns; i++)
		json_array_append_new(runs, run_json(&b->run[i]));
	/* A run that could not be written must not just be missing. */
	if (!o || json_array_size(runs) != b->nruns || json_object_set(o, "runs", runs)) {
		json_decref(o);
		o = NULL;
	}
	json_decref(runs);
	return o;
}

static json_t *mean_json(const struct cmp_mean *m)
{
	const struct geomean *g = &m->slowdown;
	bool known = g->n > 0, interval = g->n >= CMP_INTERVAL_TRACES;

	return json_pack("{s:s,s:s,s:s,s:o,s:b,s:o,s:o,s:o,s:o,s:o}", "strategy", m->strategy,
			 "label", m->label, "tag", m->tag, "traces", count(g->n), "complete",
			 m->complete, "low", number(known, m->low), "nominal",
			 number(known, g->mean), "high", number(known, m->high), "ci95_low",
			 number(interval, g->lo), "ci95_high", number(interval, g->hi));
}

static json_t *cohort_json(const struct cmp_cohort *co)
{
	json_t *means = json_array();

	for (size_t i = 0; i < co->nmeans && !co->no_mean; i++)
		json_array_append_new(means, mean_json(&co->mean[i]));
	return json_pack("{s:s,s:s,s:o,s:s?,s:s,s:o}", "host_core", co->block->host_core,
			 "costs", co->block->costs, "traces", count(co->nblocks), "no_mean",
			 co->no_mean, "mean_low_high",
			 "outer bound: means of the extremes of each trace", "means", means);
}

static json_t *verdict_json(const struct compare *c)
{
	json_t *a = json_array();
	char **sentence;
	size_t n;

	if (compare_verdict(c, &sentence, &n, NULL)) {
		json_decref(a);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(a, json_string(sentence[i]));
		free(sentence[i]);
	}
	free(sentence);
	return a;
}

enum err compare_write_json(const struct compare *c, FILE *out, struct diag *d)
{
	json_t *warnings = json_array(), *blocks = json_array(), *cohorts = json_array(), *root;
	enum err e = ERR_OK;

	for (size_t i = 0; i < c->nwarnings; i++)
		json_array_append_new(warnings, json_string(c->warning[i]));
	for (size_t i = 0; i < c->nblocks; i++)
		json_array_append_new(blocks, block_json(&c->block[i]));
	for (size_t i = 0; i < c->ncohorts; i++)
		json_array_append_new(cohorts, cohort_json(&c->cohort[i]));
	if (json_array_size(blocks) != c->nblocks || json_array_size(cohorts) != c->ncohorts) {
		json_decref(blocks);
		blocks = NULL;          /* fails the next line */
	}
	root = json_pack("{s:s,s:o,s:o,s:o,s:o}", "schema", "shadewalk.compare.v1", "warnings",
			 warnings, "blocks", blocks, "cohorts", cohorts, "verdict",
			 verdict_json(c));
	if (!root)
		return diag_set(d, ERR_NOMEM,
				"comparison: out of memory, or a text that is not "
				"UTF-8");
	if (json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) ||
	    putc('\n', out) < 0 || fflush(out) || ferror(out))
		e = diag_set(d, ERR_IO, "comparison: write failed");
	json_decref(root);
	return e;
}
