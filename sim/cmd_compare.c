/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `shadewalk compare`: tables of what the strategies cost, with a verdict. */
#include <errno.h>

#include "base/options.h"
#include "results/results.h"
#include "sim/cmd.h"
#include "sim/cmd_out.h"

struct compare_args { const char *db, *out; int format; struct diag *d; };

static const char compare_doc[] =
"Compare the strategies of a results database: slowdown against native, where the cycles go, "
"exits, faults, memory, and a verdict in words."
"\v"
"A run is measured against `native` of the same trace, host core, configuration, seed and "
"window; without one its slowdown is not given.\n"
"\n"
"Examples:\n"
"  shadewalk compare results.db\n"
"  shadewalk compare results.db --format csv -o results.csv\n"
"  shadewalk compare results.db --format json | jq -r '.verdict[]'\n";

static const struct argp_option compare_options[] = {
	{ "format", 'f', "FORMAT", 0, "text (default), json or csv", 0 },
	{ "output", 'o', "FILE", 0, "Write to FILE instead of standard output", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

static error_t compare_parse(int key, char *arg, struct argp_state *state)
{
	struct compare_args *a = state->input;
	enum err e = ERR_OK;

	switch (key) {
	case 'f':
		e = option_format(arg, &a->format, a->d);
		break;
	case 'o':
		a->out = arg;
		break;
	case ARGP_KEY_ARG:
		if (a->db)
			e = diag_set(a->d, ERR_USAGE,
				     "one database at a time: '%.100s' is too many", arg);
		a->db = arg;
		break;
	case ARGP_KEY_END:
		if (!a->db)
			e = diag_set(a->d, ERR_USAGE, "which database? (want a file written by "
				     "shadewalk run -o)");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return e ? EINVAL : 0;
}

enum err cmd_compare(int argc, char **argv, struct diag *d)
{
	static const struct argp argp = { .options = compare_options, .parser = compare_parse,
					  .args_doc = "RESULTS.db", .doc = compare_doc };
	struct compare_args a = { .format = OUT_TEXT, .d = d };
	struct results *r = NULL;
	struct cmd_out out = { 0 };
	enum err e = options_parse(&argp, argc, argv, &a, d);

	if (!e)
		e = results_open(&r, a.db, false, d);
	if (!e)
		e = cmd_out_open(&out, a.out, &a.db, 1, d);
	if (!e)
		e = cmd_out_close(&out, results_compare(r, (enum out_format)a.format, out.f, d), d);
	results_close(r);
	return e;
}
