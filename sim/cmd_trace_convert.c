/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "sim/cmd.h"
#include "sim/cmd_out.h"
#include "sim/trace_copy.h"
#include "traces/reader.h"
#include "traces/text.h"

enum { TO_TEXT, TO_SWT, TO_OTHER };
enum { KEY_TO = 256, KEY_LEVEL, KEY_FRAME };

struct input {
	const char *path, *out;
	size_t to;
	uint64_t level, frame;
	struct diag *d;
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "Write to FILE (text: default standard output)", 0 },
	{ "to", KEY_TO, "FORM", 0, "text or swt; default is what TRACE is not", 0 },
	{ "level", KEY_LEVEL, "N", 0, "zstd level of a .swt file, 1 to 22 (3)", 0 },
	{ "frame", KEY_FRAME, "N", 0, "Records per frame of a .swt file (1048576)", 0 },
	{ 0 },
};

static const char doc[] =
"Converts a trace between its binary form (.swt) and its text form, or packs a .swt file "
"anew. The trace id stays the same.\v"
"Examples:\n"
"  shadewalk trace convert boot.swt | grep ^exc\n"
"  shadewalk trace convert small.txt -o small.swt\n"
"  shadewalk trace convert --to=swt --level=19 boot.swt -o packed.swt\n";

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const forms[] = { "text", "swt" };
	static const struct quantity levels = { 1, 22, 0 };
	static const struct quantity frames = { 1, 2097152, QUANTITY_COUNT };
	struct input *in = state->input;

	switch (key) {
	case 'o': in->out = arg; return 0;
	case KEY_TO: return option_word("--to", arg, forms, 2, &in->to, in->d) ? EINVAL : 0;
	case KEY_LEVEL:
		return option_quantity("--level", arg, levels, &in->level, in->d) ? EINVAL : 0;
	case KEY_FRAME:
		return option_quantity("--frame", arg, frames, &in->frame, in->d) ? EINVAL : 0;
	case ARGP_KEY_ARG:
		return option_one(&in->path, arg, "TRACE", in->d) ? EINVAL : 0;
	case ARGP_KEY_NO_ARGS:
		return diag_set(in->d, ERR_USAGE, "which TRACE? (see --help)") ? EINVAL : 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static enum err copy_text(FILE *f, struct trace_reader *r, struct diag *d)
{
	struct trace_batch b;
	enum err err;

	trace_text_put_header(f, trace_reader_header(r));
	trace_text_put_symbols(f, trace_reader_symbols(r));
	while (!(err = trace_reader_next(r, &b, d)) && b.n && !ferror(f))
		for (size_t i = 0; i < b.n; i++)
			trace_text_put(f, &b.rec[i], b.payload);
	return err;
}

static enum err to_text(const struct input *in, struct trace_reader *r)
{
	struct cmd_out out;
	enum err err = cmd_out_open(&out, in->out, &in->path, 1, in->d);

	return err ? err : cmd_out_close(&out, copy_text(out.f, r, in->d), in->d);
}

static enum err to_swt(const struct input *in, struct trace_reader *r)
{
	struct trace_writer_options o = { .level = (int)in->level,
					  .frame_records = (uint32_t)in->frame,
					  .symbols = trace_reader_symbols(r) };
	enum err err;

	if (!in->out || !strcmp(in->out, "-"))
		return diag_set(in->d, ERR_USAGE, "a .swt file needs -o FILE");
	if ((err = option_output_file(in->out, &in->path, 1, in->d)))
		return err;
	return trace_copy_swt(r, in->out, &o, in->d);
}

enum err cmd_trace_convert(int argc, char **argv, struct diag *d)
{
	static const struct argp argp = { options, parse, "TRACE", doc, NULL, NULL, NULL };
	struct input in = { .d = d, .to = TO_OTHER };
	struct trace_reader *r;
	enum err err = options_parse(&argp, argc, argv, &in, d);

	if (err || (err = trace_reader_open(&r, in.path, d)))
		return err;
	trace_reader_verify_id(r, true);
	if (in.to == TO_OTHER)
		in.to = trace_reader_is_text(r) ? TO_SWT : TO_TEXT;
	if (in.to == TO_TEXT && (in.level || in.frame))
		err = diag_set(d, ERR_USAGE, "--level and --frame are of .swt files (want --to=swt)");
	else
		err = in.to == TO_TEXT ? to_text(&in, r) : to_swt(&in, r);
	trace_reader_close(r);
	return err;
}
