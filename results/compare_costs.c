/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often a run pays each primitive unit cost, and what follows when every one of them is
 * free within its own low to high: extremes of the ratio of two runs' cycles.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/compare.h"

struct load { struct compare *c; struct cmp_run *at; };

static enum err no_memory(struct diag *d)
{
	return diag_set(d, ERR_NOMEM, "compare: out of memory");
}

static struct cmp_costs *find_costs(const struct compare *c, int64_t sid)
{
	for (size_t i = 0; i < c->ncosts; i++)
		if (c->costs[i].sid == sid)
			return &c->costs[i];
	return NULL;
}

static struct cmp_costs *new_costs(struct compare *c, int64_t sid)
{
	struct cmp_costs *more = realloc(c->costs, (c->ncosts + 1) * sizeof(*more));

	if (!more)
		return NULL;
	c->costs = more;
	more += c->ncosts++;
	*more = (struct cmp_costs){ .sid = sid };
	return more;
}

/* Columns: sid, primitive, low, high. */
static enum err load_prim(void *ctx, const struct query_row *row, struct diag *d)
{
	struct load *l = ctx;
	const struct cell *c = row->cell;
	struct cmp_costs *s = find_costs(l->c, c[0].i);
	struct range_bounds *bounds;
	const char **name;

	if (!s && !(s = new_costs(l->c, c[0].i)))
		return no_memory(d);
	if (!(name = realloc(s->name, (s->n + 1) * sizeof(*name))))
		return no_memory(d);
	s->name = name;
	if (!(bounds = realloc(s->bounds, (s->n + 1) * sizeof(*bounds))))
		return no_memory(d);
	s->bounds = bounds;
	if (!(name[s->n] = compare_keep(l->c, "%s", c[1].text)))
		return no_memory(d);
	bounds[s->n++] = (struct range_bounds){ (uint64_t)c[2].i, (uint64_t)c[3].i };
	return ERR_OK;
}

static struct cmp_run *find_run(struct load *l, int64_t rid, int64_t sid)
{
	if (l->at && l->at->rid == rid && l->at->sid == sid)
		return l->at;
	for (size_t i = 0; i < l->c->nruns; i++)
		if (l->c->run[i].rid == rid && l->c->run[i].sid == sid)
			return l->at = &l->c->run[i];
	return NULL;
}

/* Columns: rid, sid, primitive, its multiple in an event, count of that event. */
static enum err load_paid(void *ctx, const struct query_row *row, struct diag *d)
{
	struct load *l = ctx;
	const struct cell *c = row->cell;
	struct cmp_run *run = find_run(l, c[0].i, c[1].i);

	(void)d;
	if (!run || !run->costs)
		return ERR_OK;
	for (size_t i = 0; i < run->costs->n; i++)
		if (!strcmp(run->costs->name[i], c[2].text))
			run->paid[i] += (cycles128_t)(uint64_t)c[3].i * (uint64_t)c[4].i;
	return ERR_OK;
}

enum err compare_load_costs(struct results *r, struct compare *c, struct diag *d)
{
	struct load l = { .c = c };
	enum err e = results_query(r,
				   "SELECT sid, prim, min(low, nominal, high),"
				   " max(low, nominal, high) FROM cost_prim ORDER BY sid, prim",
				   load_prim, &l, d);

	for (size_t i = 0; !e && i < c->nruns; i++) {
		c->run[i].costs = find_costs(c, c->run[i].sid);
		if (!c->run[i].costs)
			continue;
		c->run[i].paid = calloc(c->run[i].costs->n, sizeof(*c->run[i].paid));
		if (!c->run[i].paid)
			e = no_memory(d);
	}
	if (!e)
		e = results_query(r,
				  "SELECT p.rid, p.sid, t.prim, t.mult, sum(c.n) FROM pricing p"
				  " JOIN count c ON c.rid = p.rid"
				  " JOIN cost_term t ON t.sid = p.sid AND t.eid = c.eid"
				  " GROUP BY p.rid, p.sid, t.prim, c.eid ORDER BY 1, 2, 3, c.eid",
				  load_paid, &l, d);
	return e;
}

void compare_release_costs(struct compare *c)
{
	for (size_t i = 0; i < c->ncosts; i++) {
		free(c->costs[i].name);
		free(c->costs[i].bounds);
	}
	for (size_t i = 0; i < c->nruns; i++)
		free(c->run[i].paid);
	free(c->costs);
}

bool cmp_range(const struct cmp_run *a, const struct cmp_run *b, struct range *out)
{
	if (!a->costs || a->costs != b->costs)
		return false;
	return range_of_ratio(a->costs->bounds, a->paid, b->paid, a->costs->n, out);
}

bool cmp_never_above(const struct cmp_run *a, const struct cmp_run *b)
{
	const struct quotient one = { 1, 1 };
	struct range x;

	return cmp_range(a, b, &x) && quotient_order(&x.max, &one) <= 0;
}

static const struct cmp_run *run_of(const struct cmp_block *b, const char *strategy)
{
	for (size_t k = 0; k < b->nruns; k++)
		if (b->run[k].has_slowdown && !strcmp(b->run[k].strategy, strategy))
			return &b->run[k];
	return NULL;
}

bool cmp_mean_never_above(const struct cmp_cohort *co, const struct cmp_mean *a,
			  const struct cmp_mean *b)
{
	double sum = 0;

	for (size_t i = 0; i < co->nblocks; i++) {
		const struct cmp_run *x = run_of(&co->block[i], a->strategy);
		const struct cmp_run *y = run_of(&co->block[i], b->strategy);
		struct range q;

		if (!x || !y || !cmp_range(x, y, &q))
			return false;
		sum += log(quotient_value(&q.max));
	}
	return sum <= 0;
}
