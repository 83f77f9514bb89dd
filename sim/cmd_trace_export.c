/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "sim/cmd.h"
#include "sim/cmd_out.h"
#include "sim/trace_export.h"

enum { KEY_FORMAT = 256, KEY_FROM, KEY_COUNT, KEY_PHYSICAL, KEY_PROGRESS };

struct input { struct export_plan plan; const char *out; bool quiet; struct diag *d; };

static const struct argp_option options[] = {
	{ "format", KEY_FORMAT, "FORM", 0, "din (default), the only one so far", 0 },
	{ "output", 'o', "FILE", 0, "Write to FILE instead of standard output", 0 },
	{ "physical", KEY_PHYSICAL, NULL, 0, "Physical addresses, by the guest's own tables", 0 },
	{ "from", KEY_FROM, "N", 0, "Start at record N, the first being 0", 0 },
	{ "count", KEY_COUNT, "N", 0, "At most N records", 0 },
	{ "progress", KEY_PROGRESS, "MODE", 0, "auto (default), plain or none", 0 },
	{ "quiet", 'q', NULL, 0, "Say nothing when it works", 0 },
	{ 0 },
};

static const char doc[] =
"Writes the references of a trace in Dinero IV's traditional format: \"2 ADDR\" for each instruction "
"fetched, \"0 ADDR\" and \"1 ADDR\" for each load and store, with the address of the word. An imported din "
"trace comes out as it went in.\v"
"Examples:\n"
"  shadewalk trace export boot.swt -o boot.din\n"
"  shadewalk trace export --physical --count=100000 boot.swt | head\n";

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const struct quantity any = { 0, INT64_MAX, QUANTITY_COUNT };
	static const char *const forms[] = { "din" };
	struct input *in = state->input;
	size_t i;

	switch (key) {
	case 'o': in->out = arg; return 0;
	case 'q': in->quiet = true; return 0;
	case KEY_FORMAT: return option_word("--format", arg, forms, 1, &i, in->d) ? EINVAL : 0;
	case KEY_PHYSICAL: in->plan.physical = true; return 0;
	case KEY_FROM:
		return option_quantity("--from", arg, any, &in->plan.from, in->d) ? EINVAL : 0;
	case KEY_COUNT:
		return option_quantity("--count", arg, any, &in->plan.count, in->d) ? EINVAL : 0;
	case KEY_PROGRESS:
		return option_progress(arg, &in->plan.progress, in->d) ? EINVAL : 0;
	case ARGP_KEY_ARG:
		return option_one(&in->plan.in, arg, "TRACE", in->d) ? EINVAL : 0;
	case ARGP_KEY_NO_ARGS:
		return diag_set(in->d, ERR_USAGE, "which TRACE? (see --help)") ? EINVAL : 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

enum err cmd_trace_export(int argc, char **argv, struct diag *d)
{
	static const struct argp argp = { options, parse, "TRACE", doc, NULL, NULL, NULL };
	struct input in = { .d = d, .plan = { .count = UINT64_MAX } };
	struct export_counts n;
	struct cmd_out out;
	bool to_file;
	enum err e = options_parse(&argp, argc, argv, &in, d);

	if (!e)
		e = cmd_out_open(&out, in.out, &in.plan.in, 1, d);
	if (e)
		return e;
	to_file = out.path != NULL;
	e = cmd_out_close(&out, trace_export_din(&in.plan, out.f, &n, d), d);
	if (!e && to_file && !in.quiet)
		printf("%s: %" PRIu64 " fetches, %" PRIu64 " loads, %" PRIu64 " stores\n", in.out, n.fetches,
		       n.loads, n.stores);
	return e;
}
