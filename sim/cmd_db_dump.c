/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `shadewalk db dump`: a results database as sorted text. */
#include <errno.h>

#include "base/options.h"
#include "results/results.h"
#include "sim/cmd.h"
#include "sim/cmd_out.h"

struct dump_args { const char *db, *out; bool execution; struct diag *d; };

static const char dump_doc[] =
"Print a results database as sorted text that names rows by what they are: two databases are "
"equal when their dumps are."
"\v"
"Table `execution` (times, machine, arguments, memory of the process) is left out unless asked "
"for.\n"
"\n"
"Examples:\n"
"  shadewalk db dump results.db\n"
"  diff <(shadewalk db dump a.db) <(shadewalk db dump b.db) && echo equal\n"
"  shadewalk db dump results.db | sha256sum\n";

static const struct argp_option dump_options[] = {
	{ "execution", 'x', NULL, 0, "Table `execution` too", 0 },
	{ "output", 'o', "FILE", 0, "Write to FILE instead of standard output", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

static error_t dump_parse(int key, char *arg, struct argp_state *state)
{
	struct dump_args *a = state->input;
	enum err e = ERR_OK;

	switch (key) {
	case 'x':
		a->execution = true;
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

enum err cmd_db_dump(int argc, char **argv, struct diag *d)
{
	static const struct argp argp = { .options = dump_options, .parser = dump_parse,
					  .args_doc = "RESULTS.db", .doc = dump_doc };
	struct dump_args a = { .d = d };
	struct results *r = NULL;
	struct cmd_out out = { 0 };
	enum err e = options_parse(&argp, argc, argv, &a, d);

	if (!e)
		e = results_open(&r, a.db, false, d);
	if (!e)
		e = cmd_out_open(&out, a.out, &a.db, 1, d);
	if (!e)
		e = cmd_out_close(&out, results_dump(r, out.f, a.execution, d), d);
	results_close(r);
	return e;
}
