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

enum { CHALLENGERS = 3 };
struct rank { const struct cmp_run *run; cycles128_t cycles; };

static int rank_order(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->cycles != y->cycles)
		return x->cycles < y->cycles ? -1 : 1;
	return strcmp(x->run->strategy, y->run->strategy);
}

/* Competing runs of a block, cheapest first. */
static size_t rank_runs(const struct cmp_block *b, struct rank *r)
{
	size_t n = 0;

	for (size_t i = 0; i < b->nruns; i++)
		if (strcmp(b->run[i].strategy_name, "native") && b->run[i].total[COST_NOMINAL])
			r[n++] = (struct rank){ &b->run[i], b->run[i].total[COST_NOMINAL] };
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
			 best->slowdown);
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
	over = run->slowdown - 1;
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

/* Those that some choice of unit costs puts before the first. */
static size_t say_challengers(struct verdict *v, const struct rank *r, size_t n)
{
	const struct quotient one = { 1, 1 };
	const char *first = r[0].run->label;
	size_t found = 0;

	for (size_t i = 1; i < n; i++) {
		struct range x;

		if (!cmp_range(r[i].run, r[0].run, &x) || quotient_order(&x.min, &one) >= 0)
			continue;
		if (++found <= CHALLENGERS)
			say(v,
			    "Unit costs within their low to high can put %s first instead: its "
			    "cycles are %.3f..%.3f times those of %s.",
			    r[i].run->label, quotient_value(&x.min), quotient_value(&x.max),
			    first);
	}
	if (found > CHALLENGERS)
		say(v, "The same goes for %zu more.", found - CHALLENGERS);
	return found;
}

/* Does the order hold over the unit costs? Neighbours suffice: what is never above is so in
 * chains too. */
static void say_robust(struct verdict *v, const struct rank *r, size_t n)
{
	size_t holds = 1, firm = 1;

	if (say_challengers(v, r, n))
		return;
	for (size_t i = 1; i < n; i++) {
		holds += cmp_never_above(r[i - 1].run, r[i].run);
		firm += cmp_never_above(r[0].run, r[i].run);
	}
	if (holds == n)
		say(v, "That order is the same for all unit costs within their low to high.");
	else if (firm == n)
		say(v,
		    "%s stays first for all unit costs within their low to high, but places "
		    "behind it may change.",
		    r[0].run->label);
	else
		say(v, "Whether that order holds for other unit costs is not known.");
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
	struct rank *r = calloc(b->nruns + 1, sizeof(*r));
	size_t n;

	if (!r) {
		v->failed = true;
		return;
	}
	n = rank_runs(b, r);
	if (n) {
		say_best(v, b, r, n);
		say_overhead(v, r[0].run);
	}
	if (n > 1)
		say_robust(v, r, n);
	say_cautions(v, b);
	free(r);
}

/* ---- one cohort ---- */

static bool competes(const struct cmp_mean *m)
{
	return !m->native && m->complete && m->slowdown.n;
}

static const struct cmp_mean *best_mean(const struct cmp_cohort *co, size_t *complete)
{
	const struct cmp_mean *best = NULL;

	*complete = 0;
	for (size_t i = 0; i < co->nmeans; i++) {
		const struct cmp_mean *m = &co->mean[i];

		if (!competes(m))
			continue;
		++*complete;
		if (!best || m->slowdown.mean < best->slowdown.mean)
			best = m;
	}
	return best;
}

static bool first_for_all_costs(const struct cmp_cohort *co, const struct cmp_mean *best)
{
	for (size_t i = 0; i < co->nmeans; i++)
		if (&co->mean[i] != best && competes(&co->mean[i]) &&
		    !cmp_mean_never_above(co, best, &co->mean[i]))
			return false;
	return true;
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

static bool has_strategies(const struct cmp_cohort *co)
{
	for (size_t i = 0; i < co->nblocks; i++)
		for (size_t k = 0; k < co->block[i].nruns; k++)
			if (strcmp(co->block[i].run[k].strategy_name, "native") != 0)
				return true;
	return false;
}

static void judge_cohort(struct verdict *v, const struct cmp_cohort *co)
{
	size_t complete;
	const struct cmp_mean *best;

	if (co->nblocks < 2 || co->no_mean)
		return;
	if (!has_strategies(co)) {
		say(v, "On %s there are native runs alone, so nothing to compare.", co->block->host_core);
		return;
	}
	best = best_mean(co, &complete);
	if (!best) {
		say(v,
		    "No strategy has a native baseline on all %zu traces: there is no overall "
		    "winner.",
		    co->nblocks);
		return;
	}
	if (complete == 1)
		say(v,
		    "Over %zu traces on %s only %s was run: geometric mean %.2f times native.",
		    co->nblocks, co->block->host_core, best->label,
		    best->slowdown.mean);
	else
		say(v, "Over %zu traces on %s, %s is best of %zu: geometric mean %.2f times "
		    "native, first on %zu of them; %s.", co->nblocks, co->block->host_core,
		    best->label, complete, best->slowdown.mean,
		    wins_of(co, best->strategy),
		    first_for_all_costs(co, best)
			    ? "its mean is least for all unit costs within their low to high"
			    : "other unit costs within their low to high may change that");
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
