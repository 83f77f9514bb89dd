/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a cache study asks first, of imported streams: who was asked how often, and missed. */
#include <string.h>

#include "results/compare.h"
#include "results/table.h"

/* Names of rows of `structure`; NULL: there is none. A structure without its first row is absent. */
static const struct { const char *what, *asked[2], *misses, *evictions, *written; } rows[] = {
	{ "l1i fetches", { "l1i.reads" }, "l1i.misses", "l1i.evictions", NULL },
	{ "l1d reads", { "l1d.read.hits", "l1d.read.misses" }, "l1d.read.misses", NULL, NULL },
	{ "l1d writes", { "l1d.write.hits", "l1d.write.misses" }, "l1d.write.misses", NULL, NULL },
	{ "l1d", { "l1d.reads", "l1d.writes" }, "l1d.misses", "l1d.evictions", "l1d.writebacks" },
	{ "l2", { "l2.reads", "l2.writes" }, "l2.misses", "l2.evictions", "l2.writebacks" },
	{ "utlb.i", { "utlb.i.hits", "utlb.i.misses" }, "utlb.i.misses", NULL, NULL },
	{ "utlb.d", { "utlb.d.hits", "utlb.d.misses" }, "utlb.d.misses", NULL, NULL },
	{ "itlb", { "itlb.lookups" }, "itlb.misses", "itlb.evictions", NULL },
	{ "dtlb", { "dtlb.lookups" }, "dtlb.misses", "dtlb.evictions", NULL },
	{ "tlb", { "tlb.lookups" }, "tlb.misses", "tlb.evictions", NULL },
};

static bool find(const struct cmp_run *run, const char *name, uint64_t *n)
{
	for (size_t i = 0; name && i < run->nstructures; i++)
		if (!strcmp(run->structure[i].name, name)) {
			*n = run->structure[i].n;
			return true;
		}
	return false;
}

static void cell_count(struct table *t, const struct cmp_run *run, const char *name)
{
	char buf[32];
	uint64_t n;

	if (find(run, name, &n))
		table_cell(t, "%s", table_grouped(n, buf));
	else
		table_cell(t, ".");
}

static void print_row(struct table *t, const struct cmp_run *run, size_t i)
{
	uint64_t asked, more = 0, misses = 0;
	char buf[32];

	if (!find(run, rows[i].asked[0], &asked))
		return;
	(void)find(run, rows[i].asked[1], &more);
	(void)find(run, rows[i].misses, &misses);
	asked += more;
	table_cell(t, "%s", rows[i].what);
	table_cell(t, "%s", table_grouped(asked, buf));
	table_cell(t, "%s", table_grouped(misses, buf));
	if (asked)
		table_cell(t, "%.4f %%", 100 * (double)misses / (double)asked);
	else
		table_cell(t, "-");
	cell_count(t, run, rows[i].evictions);
	cell_count(t, run, rows[i].written);
}

int compare_print_misses(const struct cmp_block *b, FILE *out)
{
	static const char *const heads[] = { "references", "misses", "miss ratio", "evictions",
					     "written back" };

	for (size_t r = 0; r < b->nruns; r++) {
		struct table t;

		table_begin(&t, "lrrrrr");
		table_cell(&t, "%s", b->run[r].label);
		for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
			table_cell(&t, "%s", heads[i]);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			print_row(&t, &b->run[r], i);
		if (table_print(&t, "  ", out))
			return -1;
	}
	return 0;
}
