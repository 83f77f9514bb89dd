/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/options.h"
#include "sim/cmd.h"
#include "sim/trace_copy.h"

enum { KEY_MAP = 256, KEY_LEVEL };

struct input {
	const char *path, *out;
	const char *read[1 + TRACE_MAX_OBJECTS];        /* the trace, and the maps behind it */
	struct trace_symbols symbols;
	size_t nmaps;
	uint64_t level;
	struct diag *d;
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "The new trace (required)", 0 },
	{ "map", KEY_MAP, "[NAME=]FILE", 0, "Functions of the object NAME (kernel): System.map, or "
	  "what `nm -n -S' prints. May be given for several objects", 0 },
	{ "level", KEY_LEVEL, "N", 0, "zstd level, 1 to 22 (19)", 0 },
	{ 0 },
};

static const char doc[] =
"Writes a trace again with the names of the guest's functions, in place of those it has. "
"`trace dump' then says which function runs. The trace id stays the same.\v"
"Examples:\n"
"  shadewalk trace symbols boot.swt --map System.map -o named.swt\n"
"  arm-linux-gnueabi-nm -n -S busybox > busybox.map\n"
"  shadewalk trace symbols boot.swt --map System.map --map busybox=busybox.map \\\n"
"    -o named.swt\n";

static error_t add_map(struct input *in, const char *arg)
{
	const char *eq = strchr(arg, '=');

	if (in->nmaps == TRACE_MAX_OBJECTS)
		return diag_set(in->d, ERR_USAGE, "--map: more than %d", TRACE_MAX_OBJECTS) ?
			EINVAL : 0;
	in->read[1 + in->nmaps++] = eq ? eq + 1 : arg;
	return trace_symbols_load(&in->symbols, arg, in->d) ? EINVAL : 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const struct quantity levels = { 1, 22, 0 };
	struct input *in = state->input;

	switch (key) {
	case 'o': in->out = arg; return 0;
	case KEY_MAP: return add_map(in, arg);
	case KEY_LEVEL:
		return option_quantity("--level", arg, levels, &in->level, in->d) ? EINVAL : 0;
	case ARGP_KEY_ARG:
		return option_one(&in->path, arg, "TRACE", in->d) ? EINVAL : 0;
	case ARGP_KEY_END:
		if (!in->path || !in->nmaps || !in->out)
			return diag_set(in->d, ERR_USAGE, "%s (see --help)", !in->path ?
					"which TRACE?" : !in->nmaps ? "which functions? --map FILE" :
					"where to? -o FILE") ? EINVAL : 0;
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static enum err copy(struct input *in)
{
	struct trace_writer_options o = { .level = (int)in->level, .symbols = &in->symbols };
	struct trace_reader *r;
	enum err e;

	in->read[0] = in->path;
	if (!strcmp(in->out, "-"))
		return diag_set(in->d, ERR_USAGE, "a .swt file needs -o FILE");
	if ((e = option_output_file(in->out, in->read, 1 + in->nmaps, in->d)) ||
	    (e = trace_reader_open(&r, in->path, in->d)))
		return e;
	trace_reader_verify_id(r, true);
	e = trace_copy_swt(r, in->out, &o, in->d);
	trace_reader_close(r);
	return e;
}

enum err cmd_trace_symbols(int argc, char **argv, struct diag *d)
{
	static const struct argp argp = { options, parse, "TRACE", doc, NULL, NULL, NULL };
	struct input in = { .d = d, .level = 19 };
	enum err e = options_parse(&argp, argc, argv, &in, d);

	if (!e)
		e = copy(&in);
	trace_symbols_clear(&in.symbols);
	return e;
}
