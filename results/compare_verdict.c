/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict: sentences computed from the numbers. `native` does not compete. Runs without a
 * baseline compete by their cycles; nothing is said about how they compare to no hypervisor.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "results/compare.h"

struct verdict { char **sentence; size_t n; bool failed; };

static void say(struct verdict *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct verdict *v, const char *fmt, ...)
{
	char **more = realloc(v->sentence, (v->n + 1) * sizeof(*more));
	va_list ap;

	if (!more) {
		v->failed = true;
		return;
	}
	v->sentence = more;
	va_start(ap, fmt);
	if (vasprintf(&more[v->n], fmt, ap) < 0)
		v->failed = true;
	else
		v->n++;
	va_end(ap);
}

/* ---- one block ---- */

struct rank { const struct cmp_run *run; cycles128_t cycles; };

static int rank_order(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->cycles != y->cycles)
		return x->cycles < y->cycles ? -1 : 1;
	return strcmp(x->run->strategy, y->run->strategy);
}

/* Competing runs of a block, cheapest first. */
static size_t rank_runs(const struct cmp_block *b, enum cost_level level, struct rank *r)
{
	size_t n = 0;

	for (size_t i = 0; i < b->nruns; i++)
		if (strcmp(b->run[i].strategy_name, "native") && b->run[i].total[level])
			r[n++] = (struct rank){ &b->run[i], b->run[i].total[level] };
	if (n)
		qsort(r, n, sizeof(*r), rank_order);
	return n;
}

static void say_best(struct verdict *v, const struct cmp_block *b, const struct rank *r,
		     size_t n)
{
	const struct cmp_run *best = r[0].run;
	char native[64] = "", next[256] = "", tag[96] = "";

	if (best->has_slowdown)
		snprintf(native, sizeof(native), ", %.2f times native",
			 best->slowdown[COST_NOMINAL]);
	if (strcmp(best->tag, "unmodified"))
		snprintf(tag, sizeof(tag), " (guest or machine: %.40s)", best->tag);
	if (n > 1) {
		double less = 100 * (1 - (double)r[0].cycles / (double)r[1].cycles);

		if (less >= 0.05)
			snprintf(next, sizeof(next),
				 "; its cycles are %.1f %% below those of %.160s", less,
				 r[1].run->label);
		else
			snprintf(next, sizeof(next), "; %.160s is within 0.05 %% of it",
				 r[1].run->label);
	}
	if (n == 1)
		say(v, "On %s, %s%s is the only strategy%s.", b->trace, best->label, tag,
		    native);
	else
		say(v, "On %s, %s%s is best of %zu strategies%s%s.", b->trace, best->label, tag,
		    n, native, next);
}

struct part { unsigned group; double cycles; };

static int part_order(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->cycles < y->cycles || x->cycles > y->cycles)
		return x->cycles < y->cycles ? 1 : -1;
	return (x->group > y->group) - (x->group < y->group);
}

/* What the overhead over native is made of: the groups that grew. */
static void say_overhead(struct verdict *v, const struct cmp_run *run)
{
	struct part p[GROUPS];
	char text[256] = "";
	double grown = 0, shown = 0, over;
	size_t used = 0;

	if (!run->has_slowdown)
		return;
	over = run->slowdown[COST_NOMINAL] - 1;
	if (over < 0.0005) {
		say(v, "%s costs no more than native there.", run->label);
		return;
	}
	for (unsigned g = 0; g < GROUPS; g++) {
		double more = (double)run->group[g][COST_NOMINAL] -
			      (double)run->native->group[g][COST_NOMINAL];

		p[g] = (struct part){ g, more > 0 ? more : 0 };
		grown += p[g].cycles;
	}
	qsort(p, GROUPS, sizeof(*p), part_order);
	for (unsigned i = 0; i < 3 && p[i].cycles / grown >= 0.005; i++) {
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s (%.0f %%)",
					 i ? ", " : "", group_text[p[i].group],
					 100 * p[i].cycles / grown);
		shown += p[i].cycles / grown;
	}
	say(v, "Its overhead of %.1f %% comes from %s%s.", 100 * over, text,
	    shown < 0.995 ? " and smaller parts" : "");
}

static bool same_order(const struct rank *a, const struct rank *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].run != b[i].run)
			return false;
	return true;
}

static void say_robust(struct verdict *v, const struct cmp_block *b, const struct rank *nominal,
		       size_t n, struct rank *other)
{
	static const struct { enum cost_level level; const char *name; } levels[] = {
		{ COST_LOW, "low" }, { COST_HIGH, "high" },
	};
	bool holds = true;

	for (size_t i = 0; i < 2; i++) {
		size_t m = rank_runs(b, levels[i].level, other);

		if (m == n && same_order(nominal, other, n))
			continue;
		holds = false;
		if (m && other[0].run != nominal[0].run)
			say(v, "At %s unit costs %s comes first instead.", levels[i].name,
			    other[0].run->label);
		else
			say(v, "At %s unit costs %s stays first, but places behind it change.",
			    levels[i].name, nominal[0].run->label);
	}
	if (holds)
		say(v, "That order is the same at low and at high unit costs.");
}

static void say_cautions(struct verdict *v, const struct cmp_block *b)
{
	char text[384] = "";
	size_t used = 0;
	unsigned n = 0;

	for (size_t i = 0; i < b->nruns && used < sizeof(text); i++)
		if (b->run[i].steady.verdict == STEADY_DRIFTS)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%.60s",
						 n++ ? ", " : "", b->run[i].label);
	if (n)
		say(v,
		    "Caution: cost drifts over the window in %s; another window of %s would "
		    "give "
		    "other figures.",
		    text, b->trace);
	for (size_t i = 0; i < b->nruns; i++)
		if (!b->run[i].has_slowdown && strcmp(b->run[i].strategy_name, "native")) {
			say(v, "On %s there is no matching native run to measure %s against.",
			    b->trace, b->run[i].label);
			return;
		}
}

static void judge_block(struct verdict *v, const struct cmp_block *b)
{
	struct rank *r = calloc(2 * b->nruns + 1, sizeof(*r));
	size_t n;

	if (!r) {
		v->failed = true;
		return;
	}
	n = rank_runs(b, COST_NOMINAL, r);
	if (n) {
		say_best(v, b, r, n);
		say_overhead(v, r[0].run);
	}
	if (n > 1)
		say_robust(v, b, r, n, r + b->nruns);
	say_cautions(v, b);
	free(r);
}

/* ---- one cohort ---- */

static const struct cmp_mean *best_mean(const struct cmp_cohort *co, enum cost_level level,
					size_t *complete)
{
	const struct cmp_mean *best = NULL;

	*complete = 0;
	for (size_t i = 0; i < co->nmeans; i++) {
		const struct cmp_mean *m = &co->mean[i];

		if (m->native || !m->complete || !m->level[level].n)
			continue;
		++*complete;
		if (!best || m->level[level].mean < best->level[level].mean)
			best = m;
	}
	return best;
}

static size_t wins_of(const struct cmp_cohort *co, const char *strategy)
{
	size_t wins = 0;

	for (size_t i = 0; i < co->nblocks; i++) {
		const struct cmp_run *best = NULL;

		for (size_t k = 0; k < co->block[i].nruns; k++) {
			const struct cmp_run *run = &co->block[i].run[k];

			if (!strcmp(run->strategy_name, "native") || !run->total[COST_NOMINAL])
				continue;
			if (!best || run->total[COST_NOMINAL] < best->total[COST_NOMINAL])
				best = run;
		}
		wins += best && !strcmp(best->strategy, strategy);
	}
	return wins;
}

static void judge_cohort(struct verdict *v, const struct cmp_cohort *co)
{
	size_t complete, dummy;
	const struct cmp_mean *best, *low, *high;

	if (co->nblocks < 2 || co->no_mean)
		return;
	best = best_mean(co, COST_NOMINAL, &complete);
	if (!best) {
		say(v,
		    "No strategy has a native baseline on all %zu traces: there is no overall "
		    "winner.",
		    co->nblocks);
		return;
	}
	low = best_mean(co, COST_LOW, &dummy);
	high = best_mean(co, COST_HIGH, &dummy);
	if (complete == 1)
		say(v,
		    "Over %zu traces on %s only %s was run: geometric mean %.2f times native.",
		    co->nblocks, co->block->host_core, best->label,
		    best->level[COST_NOMINAL].mean);
	else
		say(v, "Over %zu traces on %s, %s is best of %zu: geometric mean %.2f times "
		    "native, first on %zu of them; %s.", co->nblocks, co->block->host_core,
		    best->label, complete, best->level[COST_NOMINAL].mean,
		    wins_of(co, best->strategy),
		    low == best && high == best ? "it is so at low and at high unit costs too"
						: "at other unit costs another one is");
}

enum err compare_verdict(const struct compare *c, char ***sentences, size_t *n, struct diag *d)
{
	struct verdict v = { .sentence = NULL };

	for (size_t i = 0; i < c->nblocks; i++)
		judge_block(&v, &c->block[i]);
	for (size_t i = 0; i < c->ncohorts; i++)
		judge_cohort(&v, &c->cohort[i]);
	if (v.failed) {
		for (size_t i = 0; i < v.n; i++)
			free(v.sentence[i]);
		free(v.sentence);
		return diag_set(d, ERR_NOMEM, "compare: out of memory");
	}
	*sentences = v.sentence;
	*n = v.n;
	return ERR_OK;
}
