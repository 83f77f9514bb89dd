/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "sim/cmd.h"
#include "sim/trace_cut.h"

enum { KEY_FROM_INSN = 256, KEY_FROM_RECORD, KEY_INSNS, KEY_RECORDS, KEY_LEVEL, KEY_PROGRESS };

struct input { struct cut_plan plan; bool quiet; struct diag *d; };

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "The new trace (required)", 0 },
	{ "from-record", KEY_FROM_RECORD, "N", 0, "Start at the first run at or behind record N", 0 },
	{ "from-insn", KEY_FROM_INSN, "N", 0, "Start at the first run at or behind instruction N", 0 },
	{ "records", KEY_RECORDS, "N", 0, "End before the run that would pass N records in "
	  "all, the state at the start included; at least one run is kept", 0 },
	{ "insns", KEY_INSNS, "N", 0, "End before the run behind N instructions", 0 },
	{ "level", KEY_LEVEL, "N", 0, "Compression level, 1 to 22 (19)", 0 },
	{ "progress", KEY_PROGRESS, "MODE", 0, "auto (default), plain or none", 0 },
	{ "quiet", 'q', NULL, 0, "Say nothing when it works", 0 },
	{ 0 },
};

static const char doc[] =
"Writes a piece of a trace as a trace of its own: with the registers, the translation tables, "
"what older table words the hardware may still use, and the code at its start; and with check "
"images at its end.\v"
"Examples:\n"
"  shadewalk trace cut boot.swt -o quick.swt --from-insn 2M --records 100000\n"
"  shadewalk trace cut boot.swt -o tail.swt --from-record 5000000\n";

static error_t number(struct input *in, const char *name, const char *arg, uint64_t min,
		      uint64_t max, uint64_t *out)
{
	struct quantity q = { min, max, QUANTITY_COUNT };

	return option_quantity(name, arg, q, out, in->d) ? EINVAL : 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;
	struct cut_plan *p = &in->plan;
	uint64_t level;

	switch (key) {
	case 'o': p->out = arg; return 0;
	case 'q': in->quiet = true; return 0;
	case KEY_FROM_RECORD: return number(in, "--from-record", arg, 0, UINT64_MAX, &p->from_record);
	case KEY_FROM_INSN: return number(in, "--from-insn", arg, 0, UINT64_MAX, &p->from_insn);
	case KEY_RECORDS: return number(in, "--records", arg, 1, UINT64_MAX, &p->records);
	case KEY_INSNS: return number(in, "--insns", arg, 1, UINT64_MAX, &p->insns);
	case KEY_LEVEL:
		if (number(in, "--level", arg, 1, 22, &level))
			return EINVAL;
		p->level = (int)level;
		return 0;
	case KEY_PROGRESS: return option_progress(arg, &p->progress, in->d) ? EINVAL : 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			return diag_set(in->d, ERR_USAGE, "one TRACE only, '%s' is too many", arg)
				? EINVAL : 0;
		p->in = arg;
		return 0;
	case ARGP_KEY_END:
		if (!p->in || !p->out)
			return diag_set(in->d, ERR_USAGE, "%s (see --help)",
					p->in ? "where to? -o FILE" : "which TRACE?") ? EINVAL : 0;
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

enum err cmd_trace_cut(int argc, char **argv, struct diag *d)
{
	static const struct argp argp = { options, parse, "TRACE", doc, NULL, NULL, NULL };
	struct input in = { .d = d, .plan = { .records = UINT64_MAX, .insns = UINT64_MAX,
					       .level = 19 } };
	struct trace_summary s;
	enum err e = options_parse(&argp, argc, argv, &in, d);

	if (!e)
		e = option_output_file(in.plan.out, &in.plan.in, 1, d);
	if (!e)
		e = trace_cut_file(&in.plan, &s, d);
	if (!e && !in.quiet)
		printf("%s: %" PRIu64 " records, %" PRIu64 " instructions, %" PRIu64 " bytes, id %s\n",
		       in.plan.out, s.records, s.instructions, s.bytes, s.id);
	return e;
}
