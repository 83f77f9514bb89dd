/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One row a run, one column a number; empty where a number cannot be had (RFC 4180). */
#include <inttypes.h>
#include <string.h>

#include "results/compare.h"

static void field(FILE *out, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		fprintf(out, "%s,", text);
		return;
	}
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	fputs("\",", out);
}

static void number(FILE *out, bool known, double v)
{
	if (known)
		fprintf(out, "%.15g", v);
	putc(',', out);
}

static void ratio(FILE *out, double a, double b)
{
	double q;
	bool known = cmp_ratio(a, b, &q);

	number(out, known, q);
}

static void head(FILE *out)
{
	fputs("trace,trace_id,host_core,strategy,tag,model_version,seed,costs,costs_sha,"
	      "config_sha,warmup,window_first,instructions,run,slowdown_low,slowdown,"
	      "slowdown_high,cpi,cycles_low,cycles,cycles_high,",
	      out);
	for (unsigned g = 0; g < GROUPS; g++)
		fprintf(out, "cycles_%c,", group_letter[g]);
	fputs("exits,exits_per_million,cycles_per_exit,hidden_faults,true_faults,"
	      "hidden_per_true,faults_recorded,faults_injected,faults_forced,faults_extra_true,"
	      "deviation_share,memory_peak_bytes,memory_average_bytes,memory_is_bound,"
	      "memory_parts,steady,verified,violations",
	      out);
	for (unsigned k = 0; k < CAUSES; k++)
		fprintf(out, ",exits_%s", cause_name[k]);
	putc('\n', out);
}

/* Exits of the window by cause; those of causes this program does not know are in `exits` only. */
static void write_exits(FILE *out, const struct cmp_run *run)
{
	for (unsigned k = 0; k < CAUSES; k++) {
		uint64_t n = 0;

		for (size_t i = 0; i < run->ncauses; i++)
			if (!strcmp(run->cause[i].name, cause_name[k]))
				n = run->cause[i].exits;
		fprintf(out, ",%" PRIu64, n);
	}
	putc('\n', out);
}

static void write_costs(FILE *out, const struct cmp_run *run)
{
	static const enum cost_level order[] = { COST_LOW, COST_NOMINAL, COST_HIGH };

	number(out, run->has_slowdown, run->slowdown_low);
	number(out, run->has_slowdown, run->slowdown);
	number(out, run->has_slowdown, run->slowdown_high);
	ratio(out, cmp_cycles(run->total[COST_NOMINAL]), (double)run->instructions);
	for (unsigned i = 0; i < COST_LEVELS; i++)
		number(out, true, cmp_cycles(run->total[order[i]]));
	for (unsigned g = 0; g < GROUPS; g++)
		number(out, true, cmp_cycles(run->group[g][COST_NOMINAL]));
}

static void write_faults(FILE *out, const struct cmp_run *run)
{
	const uint64_t n[] = { run->recorded, run->injected, run->all_forced,
			       run->all_extra_true };
	double share;
	bool known = cmp_deviation_share(run, &share);

	fprintf(out, "%" PRIu64 ",%" PRIu64 ",", run->hidden, run->true_faults);
	ratio(out, (double)run->hidden, (double)run->true_faults);
	for (unsigned i = 0; i < 4; i++) {
		if (run->has_faults)
			fprintf(out, "%" PRIu64, n[i]);
		putc(',', out);
	}
	number(out, known, share);
}

/* Parts as NAME=peak/average, separated by blanks. */
static void write_memory(FILE *out, const struct cmp_run *run)
{
	if (run->nmemory)
		fprintf(out, "%" PRIu64 ",%.15g,%d,", run->memory_peak, run->memory_average,
			run->memory_is_sum);
	else
		fputs(",,,", out);
	for (size_t i = 0; i < run->nmemory; i++)
		fprintf(out, "%s%s=%" PRIu64 "/%.15g", i ? " " : "", run->memory[i].name,
			run->memory[i].peak, run->memory[i].average);
	putc(',', out);
}

static void write_run(FILE *out, const struct cmp_block *b, const struct cmp_run *run)
{
	field(out, b->trace);
	field(out, b->trace_id);
	field(out, b->host_core);
	field(out, run->strategy);
	field(out, run->tag);
	fprintf(out, "%" PRId64 ",%" PRIu64 ",", b->model_version, (uint64_t)b->seed);
	field(out, b->costs);
	field(out, b->costs_sha);
	field(out, b->config_sha);
	fprintf(out, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", b->warmup, b->window_first,
		run->instructions);
	field(out, run->id);
	write_costs(out, run);
	fprintf(out, "%" PRIu64 ",", run->exits);
	ratio(out, 1e6 * (double)run->exits, (double)run->instructions);
	ratio(out, cmp_cycles(run->hypervisor), (double)run->exits);
	write_faults(out, run);
	write_memory(out, run);
	fprintf(out, "%s,%d,%" PRIu64, steady_text(run->steady.verdict), run->verified,
		run->violations);
	write_exits(out, run);
}

enum err compare_write_csv(const struct compare *c, FILE *out, struct diag *d)
{
	head(out);
	for (size_t i = 0; i < c->nblocks; i++)
		for (size_t k = 0; k < c->block[i].nruns; k++)
			write_run(out, &c->block[i], &c->block[i].run[k]);
	if (fflush(out) || ferror(out))
		return diag_set(d, ERR_IO, "comparison: write failed");
	return ERR_OK;
}
