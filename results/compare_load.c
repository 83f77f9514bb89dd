/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of the database into struct compare. Event names, leaves and unit costs come from the
 * database and not from this program's tables: old results keep their meaning.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "results/compare.h"

struct text { struct text *next; char bytes[]; };

static struct text *text_new(struct compare *c, size_t bytes)
{
	struct text *t = malloc(sizeof(*t) + bytes);

	if (t) {
		t->next = c->texts;
		c->texts = t;
	}
	return t;
}

const char *compare_keep(struct compare *c, const char *fmt, ...)
{
	va_list ap;
	struct text *t;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	t = n < 0 ? NULL : text_new(c, (size_t)n + 1);
	if (!t)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(t->bytes, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return t->bytes;
}

enum err compare_warn(struct compare *c, const char *text, struct diag *d)
{
	const char **more =
		text ? realloc(c->warning, (c->nwarnings + 1) * sizeof(*more)) : NULL;

	if (!more)
		return diag_set(d, ERR_NOMEM, "compare: out of memory");
	c->warning = more;
	c->warning[c->nwarnings++] = text;
	return ERR_OK;
}

void compare_release(struct compare *c)
{
	struct text *next;

	for (size_t i = 0; i < c->nruns; i++) {
		free(c->run[i].event);
		free(c->run[i].cause);
		free(c->run[i].memory);
		free(c->run[i].structure);
		free(c->run[i].count);
	}
	compare_release_costs(c);
	for (size_t i = 0; i < c->ncohorts; i++)
		free(c->cohort[i].mean);
	free(c->run);
	free(c->block);
	free(c->cohort);
	free(c->warning);
	for (struct text *t = c->texts; t; t = next) {
		next = t->next;
		free(t);
	}
	memset(c, 0, sizeof(*c));
}

/*
 * Room for one more element of *array, zeroed; NULL when there is no memory. Doubles at powers
 * of two, so nothing but the count is kept.
 */
static void *grow(void *array, size_t *n, size_t bytes)
{
	void **p = array, *more = *p;

	if ((*n & (*n - 1)) == 0)
		more = realloc(*p, (*n ? 2 * *n : 1) * bytes);
	if (!more)
		return NULL;
	*p = more;
	return memset((char *)more + (*n)++ * bytes, 0, bytes);
}

struct load {
	struct results *r;
	struct compare *c;
	struct cmp_run **by_key;        /* runs by (rid, sid) */
	size_t *first_run;              /* of each block: arrays move while they grow */
	struct cmp_run *at;             /* run of the rows being read */
};

static enum err no_memory(struct diag *d)
{
	return diag_set(d, ERR_NOMEM, "compare: out of memory");
}

/* ---- blocks and runs ---- */

static const char runs_sql[] =
	"SELECT p.rid, p.sid, r.id, r.strategy, r.strategy_name, r.tag, r.model_version, "
	"r.seed,"
	" t.id, t.name, coalesce(t.guest, ''), coalesce(t.workload, ''), r.host_core, k.sha,"
	" k.json, s.name, s.sha, r.warmup_insns, r.window_first, r.window_insns,"
	" coalesce(b.native, -1), f.recorded, f.injected, f.forced, f.extra_true,"
	" (SELECT max(verified) FROM execution x WHERE x.rid = r.rid),"
	" (SELECT max(violations) FROM execution x WHERE x.rid = r.rid),"
	" coalesce(t.arch, '') = 'import'"
	" FROM pricing p JOIN run r ON r.rid = p.rid JOIN trace t ON t.tid = r.tid"
	" JOIN config k ON k.cid = r.cid JOIN cost_set s ON s.sid = p.sid"
	" JOIN baseline b ON b.rid = r.rid LEFT JOIN fault f ON f.rid = r.rid"
	" ORDER BY r.model_version, r.host_core, k.sha, s.name, s.sha, r.seed, t.name, t.id,"
	" r.warmup_insns, r.window_first, r.window_insns, r.strategy_name <> 'native',"
	" r.strategy, r.id";
enum {
	COL_RID, COL_SID, COL_ID, COL_STRATEGY, COL_STRATEGY_NAME, COL_TAG, COL_MODEL, COL_SEED,
	COL_TRACE_ID, COL_TRACE, COL_GUEST, COL_WORKLOAD, COL_HOST, COL_CONFIG_SHA, COL_CONFIG,
	COL_COSTS, COL_COSTS_SHA, COL_WARMUP, COL_FIRST, COL_INSNS, COL_NATIVE, COL_RECORDED,
	COL_INJECTED, COL_FORCED, COL_EXTRA_TRUE, COL_VERIFIED, COL_VIOLATIONS,
	COL_IMPORTED, COLS
};

static bool same_block(const struct cmp_block *b, const struct cell *c)
{
	return b->model_version == c[COL_MODEL].i && b->seed == c[COL_SEED].i &&
	       b->sid == c[COL_SID].i && !strcmp(b->trace_id, c[COL_TRACE_ID].text) &&
	       !strcmp(b->host_core, c[COL_HOST].text) &&
	       !strcmp(b->config_sha, c[COL_CONFIG_SHA].text) &&
	       b->warmup == (uint64_t)c[COL_WARMUP].i &&
	       b->window_first == (uint64_t)c[COL_FIRST].i &&
	       b->window_insns == (uint64_t)c[COL_INSNS].i;
}

static enum err block_fill(struct compare *c, struct cmp_block *b, const struct cell *cell,
			   struct diag *d)
{
	b->model_version = cell[COL_MODEL].i;
	b->seed = cell[COL_SEED].i;
	b->sid = cell[COL_SID].i;
	b->warmup = (uint64_t)cell[COL_WARMUP].i;
	b->window_first = (uint64_t)cell[COL_FIRST].i;
	b->window_insns = (uint64_t)cell[COL_INSNS].i;
	b->imported = cell[COL_IMPORTED].i != 0;
	b->trace_id = compare_keep(c, "%s", cell[COL_TRACE_ID].text);
	b->trace = compare_keep(c, "%s", cell[COL_TRACE].text);
	b->guest = compare_keep(c, "%s", cell[COL_GUEST].text);
	b->workload = compare_keep(c, "%s", cell[COL_WORKLOAD].text);
	b->host_core = compare_keep(c, "%s", cell[COL_HOST].text);
	b->config_sha = compare_keep(c, "%s", cell[COL_CONFIG_SHA].text);
	b->config = compare_keep(c, "%s", cell[COL_CONFIG].text);
	b->costs = compare_keep(c, "%s", cell[COL_COSTS].text);
	b->costs_sha = compare_keep(c, "%s", cell[COL_COSTS_SHA].text);
	if (!b->trace_id || !b->trace || !b->guest || !b->workload || !b->host_core ||
	    !b->config_sha || !b->config || !b->costs || !b->costs_sha)
		return no_memory(d);
	return ERR_OK;
}

static enum err run_fill(struct compare *c, struct cmp_run *run, const struct cell *cell,
			 struct diag *d)
{
	run->rid = cell[COL_RID].i;
	run->sid = cell[COL_SID].i;
	run->native_rid = cell[COL_NATIVE].i;
	run->instructions = (uint64_t)cell[COL_INSNS].i;
	run->id = compare_keep(c, "%s", cell[COL_ID].text);
	run->strategy = compare_keep(c, "%s", cell[COL_STRATEGY].text);
	run->strategy_name = compare_keep(c, "%s", cell[COL_STRATEGY_NAME].text);
	run->tag = compare_keep(c, "%s", cell[COL_TAG].text);
	run->has_faults = cell[COL_RECORDED].type == CELL_INT;
	run->recorded = (uint64_t)cell[COL_RECORDED].i;
	run->injected = (uint64_t)cell[COL_INJECTED].i;
	run->all_forced = (uint64_t)cell[COL_FORCED].i;
	run->all_extra_true = (uint64_t)cell[COL_EXTRA_TRUE].i;
	run->verified = cell[COL_VERIFIED].i != 0;
	run->violations = (uint64_t)cell[COL_VIOLATIONS].i;
	if (!run->id || !run->strategy || !run->strategy_name || !run->tag)
		return no_memory(d);
	return ERR_OK;
}

static enum err load_run(void *ctx, const struct query_row *row, struct diag *d)
{
	struct load *l = ctx;
	struct compare *c = l->c;
	struct cmp_run *run;
	enum err e;

	assert(row->n == COLS);
	if (!c->nblocks || !same_block(&c->block[c->nblocks - 1], row->cell)) {
		size_t n = c->nblocks;
		struct cmp_block *b = grow(&c->block, &c->nblocks, sizeof(*b));
		size_t *first = b ? grow(&l->first_run, &n, sizeof(*first)) : NULL;

		if (!first)
			return no_memory(d);
		*first = c->nruns;
		if ((e = block_fill(c, b, row->cell, d)))
			return e;
	}
	run = grow(&c->run, &c->nruns, sizeof(*run));
	if (!run)
		return no_memory(d);
	c->block[c->nblocks - 1].nruns++;
	return run_fill(c, run, row->cell, d);
}

static void link_runs(struct load *l)
{
	struct compare *c = l->c;

	for (size_t i = 0; i < c->nblocks; i++) {
		struct cmp_block *b = &c->block[i];

		b->run = c->run + l->first_run[i];
		for (size_t k = 0; k < b->nruns; k++)
			for (size_t j = 0; j < b->nruns; j++)
				if (b->run[j].rid == b->run[k].native_rid)
					b->run[k].native = &b->run[j];
	}
}

/* ---- what belongs to a run ---- */

static int by_key(const void *a, const void *b)
{
	const struct cmp_run *x = *(struct cmp_run *const *)a, *y = *(struct cmp_run *const *)b;

	if (x->rid != y->rid)
		return x->rid < y->rid ? -1 : 1;
	return (x->sid > y->sid) - (x->sid < y->sid);
}

static struct cmp_run *find_run(struct load *l, int64_t rid, int64_t sid)
{
	struct cmp_run key = { .rid = rid, .sid = sid }, *k = &key, **hit;

	if (l->at && l->at->rid == rid && l->at->sid == sid)
		return l->at;
	hit = bsearch(&k, l->by_key, l->c->nruns, sizeof(k), by_key);
	return l->at = hit ? *hit : NULL;
}

static int find_group(const char *leaf)
{
	const char *g = leaf[0] && leaf[1] == '.' ? strchr(group_letter, leaf[0]) : NULL;

	return g ? (int)(g - group_letter) : -1;
}

/* Columns: rid, sid, event, leaf, cause, n, unit low, nominal, high; sorted by event. */
static enum err load_count(void *ctx, const struct query_row *row, struct diag *d)
{
	struct load *l = ctx;
	const struct cell *c = row->cell;
	struct cmp_run *run = find_run(l, c[0].i, c[1].i);
	struct cmp_event *ev;
	struct cmp_cause *k = NULL;
	int g = find_group(c[3].text);

	if (!run)
		return ERR_OK;
	if (g < 0)
		return diag_set(d, ERR_DB,
				"event %s is booked on %s, a group this program does not "
				"know: use a newer shadewalk",
				c[2].text, c[3].text);
	ev = run->nevents ? &run->event[run->nevents - 1] : NULL;
	if (!ev || strcmp(ev->name, c[2].text)) {
		ev = grow(&run->event, &run->nevents, sizeof(*ev));
		if (!ev || !(ev->name = compare_keep(l->c, "%s", c[2].text)) ||
		    !(ev->leaf = compare_keep(l->c, "%s", c[3].text)))
			return no_memory(d);
	}
	for (size_t i = 0; i < run->ncauses && !k; i++)
		if (!strcmp(run->cause[i].name, c[4].text))
			k = &run->cause[i];
	if (!k) {
		k = grow(&run->cause, &run->ncauses, sizeof(*k));
		if (!k || !(k->name = compare_keep(l->c, "%s", c[4].text)))
			return no_memory(d);
	}
	ev->n += (uint64_t)c[5].i;
	for (unsigned v = 0; v < COST_LEVELS; v++) {
		cycles128_t cost = (cycles128_t)(uint64_t)c[5].i * (uint64_t)c[6 + v].i;

		ev->cycles[v] += cost;
		run->group[g][v] += cost;
		run->total[v] += cost;
	}
	if (g != GROUP_G && g != GROUP_W)
		k->cycles += (cycles128_t)(uint64_t)c[5].i * (uint64_t)c[7].i;
	if (!strcmp(c[3].text, "T.ENTRY"))
		k->exits += (uint64_t)c[5].i;
	return ERR_OK;
}

/* Columns: sid, model version, whether native, sum of unit costs. */
static enum err load_fault_cost(void *ctx, const struct query_row *row, struct diag *d)
{
	struct load *l = ctx;
	const struct cell *c = row->cell;

	(void)d;
	for (size_t i = 0; i < l->c->nblocks; i++) {
		struct cmp_block *b = &l->c->block[i];

		if (b->sid != c[0].i || b->model_version != c[1].i)
			continue;
		*(c[2].i ? &b->native_fault_cost : &b->fault_cost) = (uint64_t)c[3].i;
	}
	return ERR_OK;
}

/* Columns: rid, sid, what, peak, average. */
static enum err load_memory(void *ctx, const struct query_row *row, struct diag *d)
{
	struct load *l = ctx;
	const struct cell *c = row->cell;
	struct cmp_run *run = find_run(l, c[0].i, c[1].i);
	struct cmp_memory *m;

	if (!run)
		return ERR_OK;
	m = grow(&run->memory, &run->nmemory, sizeof(*m));
	if (!m || !(m->name = compare_keep(l->c, "%s", c[2].text)))
		return no_memory(d);
	m->peak = (uint64_t)c[3].i;
	m->average = c[4].r;
	return ERR_OK;
}

/* Columns: rid, sid, name, n. */
static enum err load_structure(void *ctx, const struct query_row *row, struct diag *d)
{
	struct load *l = ctx;
	const struct cell *c = row->cell;
	struct cmp_run *run = find_run(l, c[0].i, c[1].i);
	struct cmp_named *n;

	if (!run)
		return ERR_OK;
	n = grow(&run->structure, &run->nstructures, sizeof(*n));
	if (!n || !(n->name = compare_keep(l->c, "%s", c[2].text)))
		return no_memory(d);
	n->n = (uint64_t)c[3].i;
	return ERR_OK;
}

/* Columns: rid, sid, event, origin, cause, n. */
static enum err load_booked(void *ctx, const struct query_row *row, struct diag *d)
{
	struct load *l = ctx;
	const struct cell *c = row->cell;
	struct cmp_run *run = find_run(l, c[0].i, c[1].i);
	struct cmp_count *n;

	if (!run)
		return ERR_OK;
	n = grow(&run->count, &run->ncounts, sizeof(*n));
	if (!n || !(n->event = compare_keep(l->c, "%s", c[2].text)) ||
	    !(n->origin = compare_keep(l->c, "%s", c[3].text)) ||
	    !(n->cause = compare_keep(l->c, "%s", c[4].text)))
		return no_memory(d);
	n->n = (uint64_t)c[5].i;
	return ERR_OK;
}

struct series { struct load *l; double *x; size_t n; int64_t rid, sid; };

static enum err series_end(struct series *s, struct diag *d)
{
	struct cmp_run *run = s->n ? find_run(s->l, s->rid, s->sid) : NULL;
	enum err e = ERR_OK;

	if (run) {
		run->nseries = s->n;
		e = stats_steady(s->x, s->n, &run->steady);
	}
	free(s->x);
	s->x = NULL;
	s->n = 0;
	return e ? no_memory(d) : ERR_OK;
}

static enum err load_series(void *ctx, const struct query_row *row, struct diag *d)
{
	struct series *s = ctx;
	const struct cell *c = row->cell;
	enum err e;
	double *x;

	if (s->n && (s->rid != c[0].i || s->sid != c[1].i) && (e = series_end(s, d)))
		return e;
	s->rid = c[0].i;
	s->sid = c[1].i;
	x = grow(&s->x, &s->n, sizeof(*x));
	if (!x)
		return no_memory(d);
	*x = (double)c[2].i;
	return ERR_OK;
}

/* ---- the whole ---- */

static enum err load_warning(void *ctx, const struct query_row *row, struct diag *d)
{
	struct load *l = ctx;
	const struct cell *c = row->cell;
	enum err e = ERR_OK;

	if (c[0].i > 1)
		e = compare_warn(l->c,
				 compare_keep(l->c,
					      "runs of %lld model versions are in this "
					      "file; they are compared apart",
					      (long long)c[0].i),
				 d);
	if (!e && c[1].i > 1)
		e = compare_warn(l->c,
				 compare_keep(l->c,
					      "runs of %lld host cores are in this file; "
					      "they are compared apart",
					      (long long)c[1].i),
				 d);
	if (!e && c[2].i > 1)
		e = compare_warn(l->c,
				 compare_keep(l->c,
					      "runs were made on %lld machines; counts "
					      "must not depend on that, wall-clock times do",
					      (long long)c[2].i),
				 d);
	return e;
}

static enum err load_rows(struct load *l, struct diag *d)
{
	struct series s = { .l = l };
	enum err e, last;

	e = results_query(
		l->r,
		"SELECT c.rid, p.sid, e.name, e.leaf, k.name, sum(c.n),"
		" coalesce(u.low, 0), coalesce(u.nominal, 0), coalesce(u.high, 0) FROM pricing "
		"p"
		" JOIN count c ON c.rid = p.rid JOIN event_def e ON e.eid = c.eid"
		" JOIN cause_def k ON k.kid = c.kid"
		" LEFT JOIN cost_unit u ON u.sid = p.sid AND u.eid = c.eid"
		" GROUP BY p.rid, p.sid, c.eid, c.kid ORDER BY p.rid, p.sid, c.eid, c.kid",
		load_count, l, d);
	if (!e)
		e = results_query(l->r,
				  "SELECT p.rid, p.sid, m.what, m.peak_bytes, m.average_bytes FROM pricing p"
				  " JOIN memory m ON m.rid = p.rid ORDER BY 1, 2, 3",
				  load_memory, l, d);
	if (!e)
		e = results_query(l->r, "SELECT p.rid, p.sid, x.name, x.n FROM pricing p"
				  " JOIN structure x ON x.rid = p.rid ORDER BY 1, 2, 3",
				  load_structure, l, d);
	if (!e)
		e = results_query(l->r, "SELECT p.rid, p.sid, e.name, o.name, k.name, c.n FROM pricing p"
				  " JOIN count c ON c.rid = p.rid JOIN event_def e ON e.eid = c.eid"
				  " JOIN origin_def o ON o.oid = c.oid JOIN cause_def k ON k.kid = c.kid"
				  " ORDER BY p.rid, p.sid, c.eid, c.oid, c.kid", load_booked, l, d);
	if (!e)
		e = results_query(
			l->r,
			"SELECT u.sid, e.model_version, e.name = 'NATIVE_FAULT',"
			" sum(u.nominal) FROM cost_unit u JOIN event_def e ON e.eid = u.eid"
			" WHERE e.name IN ('NATIVE_FAULT', 'TRUE_FAULT', 'TRAP_DABT',"
			" 'RETURN') GROUP BY 1, 2, 3",
			load_fault_cost, l, d);
	if (!e)
		e = results_query(l->r, "SELECT rid, sid, millicycles FROM series"
				  " ORDER BY rid, sid, slice", load_series, &s, d);
	last = series_end(&s, d);
	return e ? e : last;
}

enum err compare_load(struct results *r, struct compare *c, struct diag *d)
{
	struct load l = { .r = r, .c = c };
	enum err e = results_query(r, runs_sql, load_run, &l, d);

	if (e)
		goto out;
	link_runs(&l);
	l.by_key = calloc(c->nruns + 1, sizeof(struct cmp_run *));
	if (!l.by_key) {
		e = no_memory(d);
		goto out;
	}
	for (size_t i = 0; i < c->nruns; i++)
		l.by_key[i] = &c->run[i];
	qsort(l.by_key, c->nruns, sizeof(struct cmp_run *), by_key);
	e = load_rows(&l, d);
	if (!e)
		e = compare_load_costs(r, c, d);
	if (!e)
		e = results_query(r, "SELECT count(DISTINCT model_version),"
				  " count(DISTINCT host_core),"
				  " (SELECT count(DISTINCT machine) FROM execution) FROM run",
				  load_warning, &l, d);
out:
	free(l.by_key);
	free(l.first_run);
	return e;
}
