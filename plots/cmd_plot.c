/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `shadewalk plot`. Lives here and not in sim/, which is the row below. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "plots/figure.h"
#include "results/results.h"
#include "sim/cmd.h"

struct plot_args {
	const char *db, *figure, *out;
	struct figure_options options;
	struct diag *d;
};

static const char plot_doc[] =
"Draw a figure from a results database, at its printed size. FILE ends in .pdf, .svg, .png or "
".tex; the data (.dat) and the gnuplot script (.gp) are written beside it, under the same name. A "
".tex figure keeps its lines in a .pdf of the same name, which is no figure by itself."
"\v"
"Figures: shadewalk list figures\n"
"\n"
"Examples:\n"
"  shadewalk plot results.db breakdown -o breakdown.pdf\n"
"  shadewalk plot results.db breakdown -c arm926 -o arm926.svg\n"
"  gnuplot breakdown.gp        # again, after editing it\n";

static const struct argp_option plot_options[] = {
	{"output", 'o', "FILE", 0, "The figure (required)", 0},
	{"core", 'c', "HOSTCORE", 0, "Only runs on this host core", 0},
	{"costs", 'k', "NAME", 0, "Priced with this cost set: its name or start of its hash",
	 0},
	{NULL, 0, NULL, 0, NULL, 0}};

static const char *figure_list(char *list, size_t n)
{
	size_t used = 0;

	for (unsigned i = 0; figure_name(i) && used < n; i++)
		used += (size_t)snprintf(list + used, n - used, "%s%s", i ? ", " : "",
					 figure_name(i));
	return list;
}

static enum err plot_end(struct plot_args *a)
{
	char list[256];

	if (!a->db)
		return diag_set(a->d, ERR_USAGE, "which database? (want a file written by "
				"shadewalk run -o)");
	if (!a->figure)
		return diag_set(a->d, ERR_USAGE, "which figure? (want %s)",
				figure_list(list, sizeof(list)));
	if (!a->out)
		return diag_set(a->d, ERR_USAGE,
				"where to? (want -o FILE.pdf, .svg, .png or .tex)");
	return ERR_OK;
}

static error_t plot_parse(int key, char *arg, struct argp_state *state)
{
	struct plot_args *a = state->input;
	enum err e = ERR_OK;

	switch (key) {
	case 'o':
		a->out = arg;
		break;
	case 'c':
		a->options.host_core = arg;
		break;
	case 'k':
		a->options.costs = arg;
		break;
	case ARGP_KEY_ARG:
		if (a->figure)
			e = diag_set(a->d, ERR_USAGE,
				     "one database and one figure: '%.100s' is too "
				     "many",
				     arg);
		else if (a->db)
			a->figure = arg;
		else
			a->db = arg;
		break;
	case ARGP_KEY_END:
		e = plot_end(a);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return e ? EINVAL : 0;
}

/* None of the files that are written may be the database: foo.pdf comes with foo.dat. */
static enum err spare_database(const struct plot_args *a)
{
	static const char *const beside[] = { ".dat", ".gp", ".pdf" };
	const char *dot = strrchr(a->out, '.');
	enum err e = option_output(a->out, &a->db, 1, a->d);
	size_t stem;
	char *name;

	if (e || !dot || strchr(dot, '/'))
		return e;
	stem = (size_t)(dot - a->out);
	if (!(name = malloc(stem + sizeof(".dat"))))
		return diag_set(a->d, ERR_NOMEM, "out of memory");
	memcpy(name, a->out, stem);
	for (size_t i = 0; !e && i < sizeof(beside) / sizeof(beside[0]); i++) {
		strcpy(name + stem, beside[i]);
		e = option_output(name, &a->db, 1, a->d);
	}
	free(name);
	return e;
}

enum err cmd_plot(int argc, char **argv, struct diag *d)
{
	static const struct argp argp = { .options = plot_options, .parser = plot_parse,
					  .args_doc = "RESULTS.db FIGURE", .doc = plot_doc };
	struct plot_args a = { .d = d };
	struct results *r = NULL;
	char note[256] = "";
	enum err e = options_parse(&argp, argc, argv, &a, d);

	if (!e)
		e = spare_database(&a);
	if (!e)
		e = results_open(&r, a.db, false, d);
	if (!e)
		e = figure_draw(r, a.figure, a.out, &a.options, note, d);
	if (!e && *note)
		fprintf(stderr, "%s: warning: %s\n", argv[0], note);
	results_close(r);
	return e;
}
