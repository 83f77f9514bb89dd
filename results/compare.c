/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the comparison derives from the loaded counts, and its entry point. */
#include "results/compare.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define X(letter, text) #letter
const char group_letter[GROUPS + 1] = GROUP_LIST(X);
#undef X
#define X(letter, text) [GROUP_##letter] = text,
const char *const group_text[GROUPS] = { GROUP_LIST(X) };
#undef X

bool cmp_ratio(double a, double b, double *q)
{
	*q = 0;
	if (!(b > 0))
		return false;
	*q = a / b;
	return true;
}

bool cmp_deviation_share(const struct cmp_run *run, double *share)
{
	return cmp_ratio((double)run->deviation, (double)run->total[COST_NOMINAL], share);
}

bool cmp_faults_balance(const struct cmp_run *run)
{
	return run->injected + run->all_forced == run->recorded + run->all_extra_true;
}

/* ---- one run ---- */

static uint64_t event_count(const struct cmp_run *run, const char *name)
{
	for (size_t i = 0; i < run->nevents; i++)
		if (!strcmp(run->event[i].name, name))
			return run->event[i].n;
	return 0;
}

static int cause_order(const void *a, const void *b)
{
	const struct cmp_cause *x = a, *y = b;

	if (x->cycles != y->cycles)
		return x->cycles < y->cycles ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void derive_counts(const struct cmp_block *b, struct cmp_run *run)
{
	bool native = !strcmp(run->strategy_name, "native");

	for (size_t i = 0; i < run->nevents; i++) {
		const struct cmp_event *ev = &run->event[i];
		bool extra = !strcmp(ev->leaf, "F.EXTRA_TRUE");

		if (!strcmp(ev->leaf, "T.ENTRY"))
			run->exits += ev->n;
		if (extra)
			run->deviation += ev->cycles[COST_NOMINAL];
		else if (ev->leaf[0] != 'G' && ev->leaf[0] != 'W')
			run->hypervisor += ev->cycles[COST_NOMINAL];
	}
	run->hidden = event_count(run, "HIDDEN");
	run->true_faults = event_count(run, "TRUE_FAULT");
	run->extra_true = event_count(run, "EXTRA_TRUE");
	run->forced = event_count(run, "FORCED");
	run->deviation += (cycles128_t)(run->extra_true + run->forced) *
			  (native ? b->native_fault_cost : b->fault_cost);
	if (run->ncauses)
		qsort(run->cause, run->ncauses, sizeof(*run->cause), cause_order);
}

static void derive_memory(struct cmp_run *run)
{
	uint64_t sum = 0;
	double average = 0;

	for (size_t i = 0; i < run->nmemory; i++) {
		if (!strcmp(run->memory[i].name, "total")) {
			run->memory_peak = run->memory[i].peak;
			run->memory_average = run->memory[i].average;
			return;
		}
		sum += run->memory[i].peak;
		average += run->memory[i].average;
	}
	run->memory_peak = sum;
	run->memory_average = average;
	run->memory_is_sum = run->nmemory > 1;
}

static void derive_slowdown(struct cmp_run *run)
{
	struct range x;

	run->has_slowdown = run->native && run->total[COST_NOMINAL] &&
		cmp_ratio((double)run->total[COST_NOMINAL],
			  (double)run->native->total[COST_NOMINAL], &run->slowdown) &&
		cmp_range(run, run->native, &x) && x.min.num;
	if (!run->has_slowdown)
		return;
	run->slowdown_low = quotient_value(&x.min);
	run->slowdown_high = quotient_value(&x.max);
}

/* ---- cohorts ---- */

static bool same_cohort(const struct cmp_block *a, const struct cmp_block *b)
{
	return a->model_version == b->model_version && a->seed == b->seed && a->sid == b->sid &&
	       !strcmp(a->host_core, b->host_core) && !strcmp(a->config_sha, b->config_sha);
}

static enum err find_cohorts(struct compare *c)
{
	c->cohort = calloc(c->nblocks + 1, sizeof(*c->cohort));
	if (!c->cohort)
		return ERR_NOMEM;
	for (size_t i = 0; i < c->nblocks; i++) {
		if (!i || !same_cohort(&c->block[i - 1], &c->block[i]))
			c->cohort[c->ncohorts++].block = &c->block[i];
		c->cohort[c->ncohorts - 1].nblocks++;
		c->block[i].cohort = c->ncohorts - 1;
	}
	return ERR_OK;
}

/* The bare name where the cohort has it in one variant only. */
static const char *short_label(const struct cmp_cohort *co, const struct cmp_run *run)
{
	for (size_t i = 0; i < co->nblocks; i++)
		for (size_t k = 0; k < co->block[i].nruns; k++) {
			const struct cmp_run *other = &co->block[i].run[k];

			if (!strcmp(other->strategy_name, run->strategy_name) &&
			    strcmp(other->strategy, run->strategy))
				return run->strategy;
		}
	return run->strategy_name;
}

static struct cmp_mean *find_mean(struct cmp_cohort *co, const struct cmp_run *run)
{
	struct cmp_mean *m;

	for (size_t i = 0; i < co->nmeans; i++)
		if (!strcmp(co->mean[i].strategy, run->strategy))
			return &co->mean[i];
	m = &co->mean[co->nmeans++];
	*m = (struct cmp_mean){.strategy = run->strategy, .label = run->label, .tag = run->tag};
	m->native = !strcmp(run->strategy_name, "native");
	return m;
}

/* x: room for three numbers a block */
static void mean_over(const struct cmp_cohort *co, struct cmp_mean *m, double *x)
{
	double *low = x + co->nblocks, *high = low + co->nblocks;
	struct geomean g;
	size_t n = 0;

	for (size_t i = 0; i < co->nblocks; i++)
		for (size_t k = 0; k < co->block[i].nruns; k++) {
			const struct cmp_run *run = &co->block[i].run[k];

			if (!run->has_slowdown || strcmp(run->strategy, m->strategy))
				continue;
			low[n] = run->slowdown_low;
			high[n] = run->slowdown_high;
			x[n++] = run->slowdown;
			break;
		}
	m->complete = n == co->nblocks;
	stats_geomean(x, n, &m->slowdown);
	if (stats_geomean(low, n, &g))
		m->low = g.mean;
	if (stats_geomean(high, n, &g))
		m->high = g.mean;
}

static enum err derive_means(struct cmp_cohort *co)
{
	size_t runs = 0;
	double *x;

	for (size_t i = 0; i < co->nblocks; i++) {
		runs += co->block[i].nruns;
		if (i && !strcmp(co->block[i - 1].trace_id, co->block[i].trace_id))
			co->no_mean = "a trace was measured with more than one window";
	}
	co->mean = calloc(runs + 1, sizeof(*co->mean));
	x = calloc(3 * co->nblocks + 1, sizeof(*x));
	if (!co->mean || !x) {
		free(x);
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < co->nblocks; i++)
		for (size_t k = 0; k < co->block[i].nruns; k++)
			find_mean(co, &co->block[i].run[k]);
	for (size_t i = 0; i < co->nmeans; i++)
		mean_over(co, &co->mean[i], x);
	free(x);
	return ERR_OK;
}

/* ---- warnings about single runs ---- */

static enum err warn_run(struct compare *c, const struct cmp_block *b,
			 const struct cmp_run *run, struct diag *d)
{
	double share;
	enum err e = ERR_OK;

	if (run->violations)
		e = compare_warn(c,
				 compare_keep(c,
					      "%s on %s: --verify found %llu violations; its "
					      "numbers cannot be trusted",
					      run->label, b->trace,
					      (unsigned long long)run->violations),
				 d);
	if (!e && run->has_faults && !cmp_faults_balance(run))
		e = compare_warn(c,
				 compare_keep(c,
					      "%s on %s: faults of the whole trace do not add up: "
					      "%llu injected + %llu forced - %llu extra is not "
					      "%llu recorded",
					      run->label, b->trace,
					      (unsigned long long)run->injected,
					      (unsigned long long)run->all_forced,
					      (unsigned long long)run->all_extra_true,
					      (unsigned long long)run->recorded),
				 d);
	if (!e && cmp_deviation_share(run, &share) && share > CMP_FIDELITY_LIMIT)
		e = compare_warn(
			c,
			compare_keep(c,
				     "%s on %s: %.1f %% of the cycles stand for faults "
				     "the recorded machine had not, or delivered otherwise "
				     "(limit %.0f %%)",
				     run->label, b->trace, 100 * share,
				     100 * CMP_FIDELITY_LIMIT),
			d);
	return e;
}

static enum err derive_block(struct compare *c, struct cmp_block *b, struct diag *d)
{
	enum err e = ERR_OK;

	for (size_t k = 0; k < b->nruns; k++) {
		derive_counts(b, &b->run[k]);
		derive_memory(&b->run[k]);
		b->run[k].label = short_label(&c->cohort[b->cohort], &b->run[k]);
	}
	for (size_t k = 0; !e && k < b->nruns; k++) {
		derive_slowdown(&b->run[k]);
		e = warn_run(c, b, &b->run[k], d);
	}
	return e;
}

enum err compare_derive(struct compare *c, struct diag *d)
{
	enum err e = find_cohorts(c);

	for (size_t i = 0; !e && i < c->nblocks; i++)
		e = derive_block(c, &c->block[i], d);
	for (size_t i = 0; !e && i < c->ncohorts; i++)
		e = derive_means(&c->cohort[i]);
	if (e == ERR_NOMEM)
		return diag_set(d, e, "compare: out of memory");
	return e;
}

enum err results_compare(struct results *r, enum out_format f, FILE *out, struct diag *d)
{
	struct compare c = { .block = NULL };
	enum err e = compare_load(r, &c, d);

	if (!e)
		e = compare_derive(&c, d);
	if (!e && f == OUT_JSON)
		e = compare_write_json(&c, out, d);
	else if (!e && f == OUT_CSV)
		e = compare_write_csv(&c, out, d);
	else if (!e)
		e = compare_write_text(&c, out, d);
	compare_release(&c);
	return e;
}
