/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figure `breakdown`: one stacked bar a run, grouped by trace, relative to the native run of
 * the same trace; with two traces or more a last group of geometric means.
 *
 * Rectangles are computed here. One unit of x is the distance of two bars. Everything outside
 * the axes is placed in inches from the page's edges, so figures of one row line up.
 */
#include "plots/figure.h"

#include <stdlib.h>
#include <string.h>

#include "plots/breakdown.gp.in.h"
#include "plots/breakdown.sql.h"
#include "results/stats.h"

enum { STEPS = 6, LABEL_MAX = 40 };
static const char step_names[] =
	"'\"Guest execution\" \"Caches, write buffer\" \"Hardware table walks\" "
	"\"Traps\" \"Faults, shadow tables\" \"Emulated operations\"'";

/* Inches. Column widths: ACM template, 3.33 for one column and 7 for both. */
#define WIDE_ONE 3.33
#define WIDE_BOTH 7.0
#define LEFT 0.45
#define RIGHT 0.06
#define TOP 0.42
#define AXES_HIGH 1.30
#define GLYPH_5_5 0.040         /* mean width of a 5.5 pt letter of Liberation Sans */
#define GLYPH_7 0.054
#define LINE_7 0.105
#define BAR_MIN 0.083           /* 6 pt: a line of 5.5 pt fits under each bar */
#define MEANS_NAME "geo-mean"
#define BAR_HALF 0.40           /* units of x */

enum col {
	COL_MODEL, COL_HOST, COL_CONFIG, COL_COSTS, COL_COSTS_SHA, COL_SEED, COL_TRACE_ID,
	COL_TRACE, COL_NAME, COL_STRATEGY, COL_RUN, COL_STEP1, COL_TOTAL = COL_STEP1 + STEPS,
	COL_NATIVE, COL_WARMUP, COL_FIRST, COL_INSNS
};

struct bar {
	char *host, *config, *costs, *costs_sha, *trace, *trace_id, *name, *strategy, *run;
	int64_t model, seed, warmup, first, insns;
	double step[STEPS], total;
	double x;
};

struct chart {
	struct bar *bar;
	size_t n, nbaseless;
	const struct figure_options *options;
	size_t ngroups, nmeans;
	double end, top;                /* of x; highest bar or label */
	bool means;
};

static void chart_release(struct chart *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct bar *b = &c->bar[i];
		char *texts[] = { b->host, b->config, b->costs, b->costs_sha, b->trace,
				  b->trace_id, b->name, b->strategy, b->run };

		for (size_t k = 0; k < sizeof(texts) / sizeof(*texts); k++)
			free(texts[k]);
	}
	free(c->bar);
}

static enum err no_memory(struct diag *d)
{
	return diag_set(d, ERR_NOMEM, "plot: out of memory");
}

/* ---- rows ---- */

static bool is_wanted(const struct chart *c, const struct cell *cell)
{
	const char *costs = c->options->costs;

	if (c->options->host_core && strcmp(c->options->host_core, cell[COL_HOST].text))
		return false;
	return !costs || !strcmp(costs, cell[COL_COSTS].text) ||
	       (strlen(costs) >= 4 &&
		!strncmp(costs, cell[COL_COSTS_SHA].text, strlen(costs)));
}

static enum err bar_fill(struct bar *b, const struct cell *cell, struct diag *d)
{
	double native = cell[COL_NATIVE].r;

	b->model = cell[COL_MODEL].i;
	b->seed = cell[COL_SEED].i;
	b->warmup = cell[COL_WARMUP].i;
	b->first = cell[COL_FIRST].i;
	b->insns = cell[COL_INSNS].i;
	for (unsigned s = 0; s < STEPS; s++)
		b->step[s] = cell[COL_STEP1 + s].r / native;
	b->total = cell[COL_TOTAL].r / native;
	b->host = strdup(cell[COL_HOST].text);
	b->config = strdup(cell[COL_CONFIG].text);
	b->costs = strdup(cell[COL_COSTS].text);
	b->costs_sha = strdup(cell[COL_COSTS_SHA].text);
	b->trace = strdup(cell[COL_TRACE].text);
	b->trace_id = strdup(cell[COL_TRACE_ID].text);
	b->name = strdup(cell[COL_NAME].text);
	b->strategy = strdup(cell[COL_STRATEGY].text);
	b->run = strdup(cell[COL_RUN].text);
	if (!b->host || !b->config || !b->costs || !b->costs_sha || !b->trace || !b->trace_id ||
	    !b->name || !b->strategy || !b->run)
		return no_memory(d);
	return ERR_OK;
}

static enum err bar_row(void *ctx, const struct query_row *row, struct diag *d)
{
	struct chart *c = ctx;
	struct bar *more;

	if (!is_wanted(c, row->cell))
		return ERR_OK;
	if (!(row->cell[COL_NATIVE].r > 0)) {
		c->nbaseless++;
		return ERR_OK;
	}
	more = realloc(c->bar, (c->n + 1) * sizeof(*more));
	if (!more)
		return no_memory(d);
	c->bar = more;
	memset(&c->bar[c->n], 0, sizeof(*more));
	return bar_fill(&c->bar[c->n++], row->cell, d);
}

/* A figure compares like with like, or is not drawn. */
static enum err check_alike(const struct chart *c, struct diag *d)
{
	const struct bar *a = c->bar;

	if (!c->n && c->nbaseless)
		return diag_set(d, ERR_DB,
				"figure breakdown: none of the %zu runs has a native run "
				"to be measured against; run native on the same traces",
				c->nbaseless);
	if (!c->n)
		return diag_set(d, ERR_DB,
				"figure breakdown: there are no such runs in the database");
	for (size_t i = 1; i < c->n; i++) {
		const struct bar *b = &c->bar[i];

		if (strcmp(a->host, b->host))
			return diag_set(d, ERR_USAGE,
					"figure breakdown: runs of several host cores "
					"(%s, %s): choose one with -c",
					a->host, b->host);
		if (strcmp(a->costs_sha, b->costs_sha))
			return diag_set(d, ERR_USAGE,
					"figure breakdown: several cost sets (%.40s "
					"%.8s, %.40s %.8s): choose one with --costs",
					a->costs, a->costs_sha, b->costs, b->costs_sha);
		if (a->model != b->model || strcmp(a->config, b->config) || a->seed != b->seed)
			return diag_set(
				d, ERR_DB,
				"figure breakdown: runs of different model "
				"versions, configurations or seeds cannot share a figure; "
				"use a database with one of them");
		if (!strcmp(b[-1].trace_id, b->trace_id) &&
		    (b[-1].warmup != b->warmup || b[-1].first != b->first ||
		     b[-1].insns != b->insns))
			return diag_set(d, ERR_DB,
					"figure breakdown: trace %s was measured with "
					"several windows; use a database with one of them",
					b->trace);
	}
	return ERR_OK;
}

/* ---- places ---- */

static bool new_group(const struct chart *c, size_t i)
{
	return !i || strcmp(c->bar[i].trace_id, c->bar[i - 1].trace_id);
}

static void place_bars(struct chart *c)
{
	double x = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (new_group(c, i)) {
			c->ngroups++;
			x += i ? 1.0 : 0;
		}
		c->bar[i].x = x++;
		if (c->bar[i].total > c->top)
			c->top = c->bar[i].total;
	}
	c->end = x - 1;
}

/* Bare name where it says enough, else the whole specification. */
static const char *bar_label(const struct chart *c, const struct bar *b)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->bar[i].name, b->name) && strcmp(c->bar[i].strategy, b->strategy))
			return b->strategy;
	return b->name;
}

/* Of a label too long the middle goes: variants differ at the ends. */
static void write_label(FILE *out, const char *text, size_t most, bool latex)
{
	char cut[3 * LABEL_MAX];
	size_t n = strlen(text);

	if (n <= most) {
		figure_quote(out, text, latex);
		return;
	}
	snprintf(cut, sizeof(cut), "%.*s..%s", (int)(most / 2 - 1), text,
		 text + n - (most - most / 2 - 1));
	figure_quote(out, cut, latex);
}

/* ---- geometric means ---- */

static bool is_first_of_strategy(const struct chart *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(c->bar[k].strategy, c->bar[i].strategy))
			return false;
	return strcmp(c->bar[i].name, "native") != 0;
}

/* Only strategies that ran on every trace: means over different traces do not compare. */
static bool mean_of(const struct chart *c, const char *strategy, double *x, struct geomean *g)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->bar[i].strategy, strategy))
			x[n++] = c->bar[i].total;
	return n == c->ngroups && stats_geomean(x, n, g);
}

static enum err write_means(struct chart *c, struct figure_page *p, struct diag *d)
{
	double *x = calloc(c->n + 1, sizeof(*x));
	struct geomean g;

	if (!x)
		return no_memory(d);
	fputs("\n\n# geometric means: x, mean, label, strategy\n", p->data);
	for (size_t i = 0; i < c->n && c->ngroups > 1; i++) {
		if (!is_first_of_strategy(c, i) || !mean_of(c, c->bar[i].strategy, x, &g))
			continue;
		c->end += c->nmeans++ ? 1 : 2;
		fprintf(p->data, "%g %.9g \"%.2f\" ", c->end, g.mean, g.mean);
		figure_quote(p->data, c->bar[i].strategy, false);
		putc('\n', p->data);
		fprintf(p->layout, "set xtics add (");
		write_label(p->layout, bar_label(c, &c->bar[i]), LABEL_MAX, p->latex);
		fprintf(p->layout, " %g)\n", c->end);
	}
	c->means = c->nmeans > 0;
	free(x);
	return ERR_OK;
}

/* ---- .dat ---- */

static void write_bars(const struct chart *c, struct figure_page *p)
{
	fprintf(p->data, "# model version %lld, host core %s, costs %s %s, configuration %s\n",
		(long long)c->bar->model, c->bar->host, c->bar->costs, c->bar->costs_sha,
		c->bar->config);
	for (size_t i = 0; i < c->n; i++)
		fprintf(p->data, "# run %s: %s on %s (trace %s)\n", c->bar[i].run,
			c->bar[i].strategy, c->bar[i].trace, c->bar[i].trace_id);
	fprintf(p->data, "# steps: %s\n# x, middle, x low, x high, y low, y high, step, trace, "
		"strategy\n", step_names);
	for (size_t i = 0; i < c->n; i++) {
		const struct bar *b = &c->bar[i];
		double y = 0;

		for (unsigned s = 0; s < STEPS; y += b->step[s++]) {
			if (!(b->step[s] > 0))
				continue;
			fprintf(p->data, "%g %.9g %g %g %.9g %.9g %u ", b->x,
				y + b->step[s] / 2, b->x - BAR_HALF, b->x + BAR_HALF, y,
				y + b->step[s], s + 1);
			figure_quote(p->data, b->trace, false);
			putc(' ', p->data);
			figure_quote(p->data, b->strategy, false);
			putc('\n', p->data);
		}
	}
}

/* ---- layout ---- */

static double longest_label(const struct chart *c)
{
	size_t longest = 6;

	for (size_t i = 0; i < c->n; i++) {
		size_t n = strlen(bar_label(c, &c->bar[i]));

		longest = n > longest ? n : longest;
	}
	return GLYPH_5_5 * (double)(longest < LABEL_MAX ? longest : LABEL_MAX);
}

struct group { const char *name; double first, last; };

/* Name and rule of one group; returns how many lines the name took. */
static unsigned write_group(struct figure_page *p, const struct group *g, double unit_in,
			    double rule_in)
{
	char line[FIGURE_LINES][FIGURE_LINE];
	double wide = (g->last - g->first + 1.7) * unit_in;
	unsigned n = figure_break(g->name, (size_t)(wide / GLYPH_7), line);

	fprintf(p->layout,
		"set arrow from first %g, screen %.4f to first %g, screen %.4f nohead "
		"linewidth 0.5 linecolor rgb \"#404040\"\n",
		g->first - BAR_HALF, rule_in / p->height_in, g->last + BAR_HALF,
		rule_in / p->height_in);
	for (unsigned i = 0; i < n; i++) {
		fputs("set label ", p->layout);
		figure_quote(p->layout, line[i], p->latex);
		fprintf(p->layout, " at first %g, screen %.4f center font \",7\"\n",
			(g->first + g->last) / 2,
			(rule_in - LINE_7 * (0.62 + i)) / p->height_in);
	}
	return n;
}

static size_t longest_word(const char *name)
{
	size_t most = 0;

	while (*name) {
		size_t n = strcspn(name, "-_. /");

		n += name[n] != '\0';   /* a line keeps its separator */
		most = n > most ? n : most;
		name += n;
	}
	return most;
}

/* Can every trace's name be broken between words? */
static bool names_fit(const struct chart *c, double unit_in)
{
	for (size_t i = 0, k; i < c->n; i = k) {
		for (k = i + 1; k < c->n && !new_group(c, k); k++)
			;
		if ((double)longest_word(c->bar[i].trace) * GLYPH_7 >
		    ((double)(k - i) + 0.7) * unit_in)
			return false;
	}
	return true;
}

static unsigned name_lines(const struct chart *c, double unit_in)
{
	char line[FIGURE_LINES][FIGURE_LINE];
	unsigned most = 1;

	for (size_t i = 0, k; i < c->n; i = k) {
		unsigned n;

		for (k = i + 1; k < c->n && !new_group(c, k); k++)
			;
		n = figure_break(c->bar[i].trace, (size_t)(((double)(k - i) + 0.7) * unit_in /
							 GLYPH_7), line);
		most = n > most ? n : most;
	}
	if (c->means) {
		unsigned n = figure_break(MEANS_NAME, (size_t)(((double)c->nmeans + 0.7) * unit_in /
							       GLYPH_7), line);

		most = n > most ? n : most;
	}
	return most;
}

static void write_groups(const struct chart *c, struct figure_page *p, double unit_in,
			 double rule_in)
{
	for (size_t i = 0, k; i < c->n; i = k) {
		for (k = i + 1; k < c->n && !new_group(c, k); k++)
			;
		write_group(p, &(struct group){ c->bar[i].trace, c->bar[i].x, c->bar[k - 1].x },
			    unit_in, rule_in);
	}
	if (!c->means)
		return;
	write_group(p, &(struct group){ MEANS_NAME, c->end - (double)c->nmeans + 1, c->end },
		    unit_in, rule_in);
	fprintf(p->layout,
		"set arrow from %g, graph 0 to %g, graph 1 nohead linewidth 0.5 "
		"linecolor rgb \"#808080\"\n",
		c->end - (double)c->nmeans, c->end - (double)c->nmeans);
}

static void write_tics(const struct chart *c, struct figure_page *p)
{
	fputs("set xtics scale 0 rotate by 90 right offset 0,0.1 font \",5.5\"\n", p->layout);
	fputs("set xtics (", p->layout);
	for (size_t i = 0; i < c->n; i++) {
		write_label(p->layout, bar_label(c, &c->bar[i]), LABEL_MAX, p->latex);
		fprintf(p->layout, " %g%s", c->bar[i].x, i + 1 < c->n ? ", " : ")\n");
	}
}

/* Page size and everything that hangs on it. Few bars stay slim: the axis gets empty ends. */
static enum err write_page(struct chart *c, struct figure_page *p, struct diag *d)
{
	double units = c->end + 1.4, least, unit_in, label_in = longest_label(c), bottom, high;
	bool upright;

	unit_in = (WIDE_ONE - LEFT - RIGHT) / units;
	p->width_in = unit_in >= BAR_MIN && names_fit(c, unit_in) ? WIDE_ONE : WIDE_BOTH;
	if (units * BAR_MIN > WIDE_BOTH - LEFT - RIGHT)
		return diag_set(d, ERR_DB,
				"figure breakdown: %zu bars do not fit on a page; use a "
				"database with fewer traces or strategies",
				c->n + c->nmeans);
	least = (p->width_in - LEFT - RIGHT) / 0.42;
	if (units < least)
		units = least;
	unit_in = (p->width_in - LEFT - RIGHT) / units;
	bottom = label_in + 0.10 + LINE_7 * name_lines(c, unit_in) + 0.04;
	p->height_in = TOP + AXES_HIGH + bottom;
	fprintf(p->layout, "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
		"set tmargin at screen %.4f\nset bmargin at screen %.4f\n", LEFT / p->width_in,
		1 - RIGHT / p->width_in, 1 - TOP / p->height_in, bottom / p->height_in);
	fprintf(p->layout, "set key at screen %.4f, screen %.4f left top Left reverse vertical "
		"maxrows 3 samplen 1 width 0 spacing 0.9 font \",7\"\nNAMES = %s\n",
		LEFT / p->width_in, 1 - 0.03 / p->height_in, step_names);
	/* Room for the numbers over the means, which stand upright where bars are close. */
	upright = unit_in < 0.22;
	high = (c->top > 1 ? c->top : 1) * (c->means ? upright ? 1.20 : 1.12 : 1.05);
	fprintf(p->layout, "set xrange [%.4f:%.4f]\nset yrange [0:%.6g]\nset ytics %g\n",
		(c->end - units) / 2, (c->end + units) / 2, high, figure_tic_step(high));
	fputs("set arrow from graph 0, first 1 to graph 1, first 1 nohead front dashtype (5,4) "
	      "linewidth 0.75 linecolor rgb \"#b22222\"\n", p->layout);
	write_groups(c, p, unit_in, bottom - label_in - 0.08);
	if (c->means)
		fprintf(p->means,
			"DATA index 1 using 1:($2/2):($1-%g):($1+%g):(0):2 with boxxyerror"
			" fillstyle solid 1.0 border rgb \"#202020\" linewidth 0.5 linecolor "
			"rgb "
			"\"#ffffff\" notitle, DATA index 1 using 1:2:3 with labels %s font "
			"\",5.5\" "
			"notitle,",
			BAR_HALF, BAR_HALF,
			upright ? "rotate by 90 left offset 0,0.25" : "center offset 0,0.45");
	return ERR_OK;
}

static void write_note(const struct chart *c, struct figure_page *p)
{
	bool strategies = false;

	for (size_t i = 0; i < c->n; i++)
		strategies |= strcmp(c->bar[i].name, "native") != 0;
	if (c->nbaseless)
		snprintf(p->note, sizeof(p->note),
			 "%zu runs have no native baseline and are not in "
			 "the figure",
			 c->nbaseless);
	else if (c->ngroups > 1 && !c->means && strategies)
		snprintf(p->note, sizeof(p->note),
			 "no strategy ran on all %zu traces: no geometric "
			 "mean",
			 c->ngroups);
}

static enum err breakdown_layout(struct results *r, struct figure_page *p, struct diag *d)
{
	struct chart c = { .options = p->options };
	enum err e = results_query(r, breakdown_sql, bar_row, &c, d);

	if (!e)
		e = check_alike(&c, d);
	if (!e) {
		place_bars(&c);
		write_bars(&c, p);
		write_tics(&c, p);
		e = write_means(&c, p, d);
	}
	if (!e)
		e = write_page(&c, p, d);
	if (!e)
		write_note(&c, p);
	chart_release(&c);
	return e;
}

const struct figure figure_breakdown = {
	.sql = breakdown_sql, .template = breakdown_gp_in, .layout = breakdown_layout,
};
