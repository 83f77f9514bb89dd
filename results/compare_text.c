/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The comparison as text: per block five tables, then means, then the verdict. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "results/compare.h"
#include "results/table.h"

static const char none[] = "-";

static void cell_number(struct table *t, const char *fmt, bool known, double v)
	__attribute__((format(printf, 2, 0)));
static void cell_number(struct table *t, const char *fmt, bool known, double v)
{
	if (known)
		table_cell(t, fmt, v);
	else
		table_cell(t, "%s", none);
}

static void cell_ratio(struct table *t, const char *fmt, double a, double b)
	__attribute__((format(printf, 2, 0)));
static void cell_ratio(struct table *t, const char *fmt, double a, double b)
{
	double q;
	bool known = cmp_ratio(a, b, &q);

	cell_number(t, fmt, known, q);
}

static void cell_bounds(struct table *t, bool known, double low, double high)
{
	if (known)
		table_cell(t, "%.3f..%.3f", low, high);
	else
		table_cell(t, "%s", none);
}

static void table_head(struct table *t, const char *align, const char *const *heads)
{
	table_begin(t, align);
	for (size_t i = 0; align[i]; i++)
		table_cell(t, "%s", heads[i]);
}

static int print_cost(const struct cmp_block *b, FILE *out)
{
	static const char *const heads[] = {"strategy", "slowdown",  "low..high", "CPI",
					    "cycles",   "over time", "guest"};
	struct table t;

	table_head(&t, "lrrrrll", heads);
	for (size_t i = 0; i < b->nruns; i++) {
		const struct cmp_run *run = &b->run[i];
		double cycles = cmp_cycles(run->total[COST_NOMINAL]);
		char buf[32];

		table_cell(&t, "%s", run->label);
		cell_number(&t, "%.3f", run->has_slowdown, run->slowdown);
		cell_bounds(&t, run->has_slowdown, run->slowdown_low, run->slowdown_high);
		cell_ratio(&t, "%.3f", cycles, (double)run->instructions);
		table_cell(&t, "%s",
			   cycles < 1e18 ? table_grouped((uint64_t)(cycles + 0.5), buf)
					 : "over 1e18");
		table_cell(&t, "%s", run->nseries < STATS_STEADY_MIN ? "too short to tell"
						 : steady_text(run->steady.verdict));
		table_cell(&t, "%s", run->tag);
	}
	return table_print(&t, "  ", out);
}

static int print_groups(const struct cmp_block *b, FILE *out)
{
	struct table t;

	table_begin(&t, "lrrrrrrrrrr");
	_Static_assert(GROUPS == 10, "one column a group");
	table_cell(&t, "%% of cycles");
	for (unsigned g = 0; g < GROUPS; g++)
		table_cell(&t, "%c", group_letter[g]);
	for (size_t i = 0; i < b->nruns; i++) {
		const struct cmp_run *run = &b->run[i];

		table_cell(&t, "%s", run->label);
		for (unsigned g = 0; g < GROUPS; g++)
			if (run->group[g][COST_NOMINAL] || !run->total[COST_NOMINAL])
				cell_ratio(&t, "%.1f",
					   100 * (double)run->group[g][COST_NOMINAL],
					   (double)run->total[COST_NOMINAL]);
			else
				table_cell(&t, ".");
	}
	return table_print(&t, "  ", out);
}

/* "load 61 % at 378, svc 20 % at 205": share of exits, cycles for each. */
static void cell_causes(struct table *t, const struct cmp_run *run)
{
	char text[192] = "";
	size_t used = 0;
	unsigned shown = 0;

	for (size_t i = 0; i < run->ncauses && shown < 3; i++) {
		const struct cmp_cause *k = &run->cause[i];

		if (!k->exits || used >= sizeof(text))
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%s%.20s %.0f %% at %.0f", shown ? ", " : "", k->name,
					 100 * (double)k->exits / (double)run->exits,
					 cmp_cycles(k->cycles) / (double)k->exits);
		shown++;
	}
	table_cell(t, "%s", shown ? text : none);
}

static int print_exits(const struct cmp_block *b, FILE *out)
{
	static const char *const heads[] = { "exits", "per 1M insns", "cycles each",
		"hidden:true", "top causes: share of exits at cycles each" };
	struct table t;

	table_head(&t, "lrrrl", heads);
	for (size_t i = 0; i < b->nruns; i++) {
		const struct cmp_run *run = &b->run[i];
		double q;

		table_cell(&t, "%s", run->label);
		cell_ratio(&t, "%.1f", 1e6 * (double)run->exits, (double)run->instructions);
		cell_ratio(&t, "%.0f", cmp_cycles(run->hypervisor), (double)run->exits);
		if (cmp_ratio((double)run->hidden, (double)run->true_faults, &q))
			table_cell(&t, "%.2f", q);
		else if (run->hidden)
			table_cell(&t, "%" PRIu64 ":0", run->hidden);
		else
			table_cell(&t, "%s", none);
		cell_causes(&t, run);
	}
	return table_print(&t, "  ", out);
}

static int print_fidelity(const struct cmp_block *b, FILE *out)
{
	static const char *const heads[] = { "fidelity",
		"whole trace: injected + forced - extra = recorded", "deviating cycles",
		"verified" };
	struct table t;

	table_head(&t, "lrrl", heads);
	for (size_t i = 0; i < b->nruns; i++) {
		const struct cmp_run *run = &b->run[i];
		double share;
		bool known = cmp_deviation_share(run, &share);

		table_cell(&t, "%s", run->label);
		if (run->has_faults)
			table_cell(&t, "%" PRIu64 " + %" PRIu64 " - %" PRIu64 " %s %" PRIu64,
				   run->injected, run->all_forced, run->all_extra_true,
				   cmp_faults_balance(run) ? "=" : "IS NOT", run->recorded);
		else
			table_cell(&t, "%s", none);
		if (known && share > CMP_FIDELITY_LIMIT)
			table_cell(&t, "ABOVE 1 %%: %.2f %%", 100 * share);
		else
			cell_number(&t, "%.2f %%", known, 100 * share);
		if (run->violations)
			table_cell(&t, "%" PRIu64 " VIOLATIONS", run->violations);
		else
			table_cell(&t, "%s", run->verified ? "yes" : "no");
	}
	return table_print(&t, "  ", out);
}

/* "sL1 16,384 / 16,384, sL2 5,120 / 4,703": peak and average of each part. */
static void cell_parts(struct table *t, const struct cmp_run *run)
{
	char text[512] = "", peak[32], average[32];
	size_t used = 0;

	for (size_t i = 0; i < run->nmemory; i++) {
		const struct cmp_memory *m = &run->memory[i];

		if (!strcmp(m->name, "total") || used >= sizeof(text))
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%.20s %s / %s",
					 used ? ", " : "", m->name, table_grouped(m->peak, peak),
					 table_grouped((uint64_t)m->average, average));
	}
	table_cell(t, "%s", used ? text : none);
}

static int print_memory(const struct cmp_block *b, FILE *out)
{
	static const char *const heads[] = { "bytes of tables", "peak", "average",
					     "of them: peak / average over instructions" };
	struct table t;

	table_head(&t, "lrrl", heads);
	for (size_t i = 0; i < b->nruns; i++) {
		const struct cmp_run *run = &b->run[i];
		char buf[32];

		table_cell(&t, "%s", run->label);
		if (run->nmemory) {
			table_cell(&t, "%s%s", run->memory_is_sum ? "<= " : "",
				   table_grouped(run->memory_peak, buf));
			table_cell(&t, "%s", table_grouped((uint64_t)run->memory_average, buf));
		} else {
			table_cell(&t, "%s", none);
			table_cell(&t, "%s", none);
		}
		cell_parts(&t, run);
	}
	return table_print(&t, "  ", out);
}

/* Fetches, loads and stores of the window: the time of a stream without instructions. */
static uint64_t references(const struct cmp_run *run)
{
	uint64_t n = 0;

	for (size_t i = 0; i < run->nevents; i++)
		if (!strncmp(run->event[i].name, "REF_", 4))
			n += run->event[i].n;
	return n;
}

static int print_block(const struct cmp_block *b, FILE *out)
{
	char insns[32], warm[32];
	bool baseline = false, refs = b->imported && !b->window_insns;

	for (size_t i = 0; i < b->nruns; i++)
		baseline |= b->run[i].has_slowdown;
	fprintf(out, "%s on %s", b->trace, b->host_core);
	if (*b->guest || *b->workload)
		fprintf(out, " (%s%s%s)", b->guest, *b->guest && *b->workload ? ", " : "",
			b->workload);
	fprintf(out,
		"\n  %s %s after %s of warm-up; trace %.12s, configuration %.12s, "
		"costs \"%s\" %.12s, seed %" PRIu64 ", model %" PRId64 "\n",
		table_grouped(refs && b->nruns ? references(&b->run[0]) : b->window_insns, insns),
		refs ? "references" : "instructions", table_grouped(b->warmup, warm),
		b->trace_id, b->config_sha, b->costs, b->costs_sha, (uint64_t)b->seed,
		b->model_version);
	if (!baseline)
		fputs("  no native run with the same trace, core, configuration and window: "
		      "slowdown "
		      "is not known\n",
		      out);
	putc('\n', out);
	if (b->imported && (compare_print_misses(b, out) || putc('\n', out) < 0))
		return -1;
	if (print_cost(b, out) || putc('\n', out) < 0 || print_groups(b, out) ||
	    putc('\n', out) < 0 || print_exits(b, out) || putc('\n', out) < 0 ||
	    print_memory(b, out) || putc('\n', out) < 0 || print_fidelity(b, out))
		return -1;
	putc('\n', out);
	return 0;
}

static int print_means(const struct cmp_cohort *co, FILE *out)
{
	static const char *const heads[] = { "strategy", "mean slowdown", "low..high", "traces",
					     "95 % interval" };
	bool interval = co->nblocks >= CMP_INTERVAL_TRACES;
	struct table t;

	if (co->nblocks < 2)
		return 0;
	if (co->no_mean) {
		fprintf(out, "No geometric mean on %s: %s\n\n", co->block->host_core,
			co->no_mean);
		return 0;
	}
	fprintf(out, "Geometric mean over %zu traces on %s, costs \"%s\"\n\n", co->nblocks,
		co->block->host_core, co->block->costs);
	table_head(&t, interval ? "lrrrr" : "lrrr", heads);
	for (size_t i = 0; i < co->nmeans; i++) {
		const struct cmp_mean *m = &co->mean[i];
		const struct geomean *g = &m->slowdown;

		table_cell(&t, "%s", m->label);
		cell_number(&t, "%.3f", g->n > 0, g->mean);
		cell_bounds(&t, g->n > 0, m->low, m->high);
		table_cell(&t, "%zu%s", g->n, m->complete ? "" : " (not all)");
		if (interval)
			cell_bounds(&t, g->n >= CMP_INTERVAL_TRACES && !m->native, g->lo,
				    g->hi);
	}
	if (table_print(&t, "  ", out))
		return -1;
	fprintf(out, "\nlow..high of a mean: an outer bound, the means of each trace's own "
		"extremes.\nThe traces are chosen workloads and not a sample%s\n\n", interval
		? ": the 95 % interval is\nwhat it would be if they were one." : ".");
	return 0;
}

/* Words of one paragraph, broken before column 80. */
static void print_wrapped(const char *text, const char *bullet, FILE *out)
{
	size_t column = strlen(bullet);

	fputs(bullet, out);
	while (*text) {
		size_t word = strcspn(text, " ");

		if (column + word > 79 && column > strlen(bullet)) {
			fprintf(out, "\n%*s", (int)strlen(bullet), "");
			column = strlen(bullet);
		}
		column += word + 1;
		fwrite(text, 1, word, out);
		text += word;
		while (*text == ' ')
			text++;
		if (*text && column + strcspn(text, " ") <= 79)
			putc(' ', out);
	}
	putc('\n', out);
}

static enum err print_verdict(const struct compare *c, FILE *out, struct diag *d)
{
	char **sentence;
	size_t n;
	enum err e = compare_verdict(c, &sentence, &n, d);

	if (e)
		return e;
	if (n)
		fputs("Verdict\n", out);
	for (size_t i = 0; i < n; i++) {
		print_wrapped(sentence[i], "  * ", out);
		free(sentence[i]);
	}
	free(sentence);
	return ERR_OK;
}

enum err compare_write_text(const struct compare *c, FILE *out, struct diag *d)
{
	int bad = 0;
	enum err e;

	if (!c->nruns)
		fputs("The database holds no runs.\n", out);
	for (size_t i = 0; i < c->nwarnings; i++)
		print_wrapped(c->warning[i], "warning: ", out);
	if (c->nwarnings)
		putc('\n', out);
	for (size_t i = 0; !bad && i < c->nblocks; i++)
		bad = print_block(&c->block[i], out);
	for (size_t i = 0; !bad && i < c->ncohorts; i++)
		bad = print_means(&c->cohort[i], out);
	if (bad)
		return diag_set(d, ERR_NOMEM, "compare: out of memory");
	e = print_verdict(c, out, d);
	if (!e && c->nblocks)
		fputs("\nlow..high: least and greatest slowdown with each unit cost free within "
		      "its own low\nto high. Faults of the fidelity lines are those of the whole "
		      "trace, all else is of\nthe window.\n"
		      "G guest execution, W hardware walks, T transitions, F faults, S shadow "
		      "tables,\nO emulated operations, V views, P table traffic, M maintenance, "
		      "C CPU virtualization.\n",
		      out);
	if (!e && (fflush(out) || ferror(out)))
		e = diag_set(d, ERR_IO, "comparison: write failed");
	return e;
}
