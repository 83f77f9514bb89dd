/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/cmd.h"
#include "traces/import.h"
#include "traces/writer.h"

enum { KEY_FORMAT = 256, KEY_SKIP, KEY_FOLD, KEY_LEVEL, KEY_PROGRESS };

struct input {
	const char *path, *out;
	struct import_options o;
	bool format_set, quiet;
	uint64_t level;
	enum progress_mode progress;
	struct diag *d;
};

static const struct argp_option options[] = {
	{ "format", KEY_FORMAT, "FORM", 0, "What IN is: din or lackey (required)", 0 },
	{ "output", 'o', "FILE", 0, "The new trace, a .swt file (required)", 0 },
	{ "skip-other", KEY_SKIP, NULL, 0, "din: leave out lines with another label than 0, 1 and 2", 0 },
	{ "fold", KEY_FOLD, NULL, 0, "Take addresses modulo 4 GB instead of refusing those above", 0 },
	{ "level", KEY_LEVEL, "N", 0, "Compression level, 1 to 22 (3)", 0 },
	{ "progress", KEY_PROGRESS, "MODE", 0, "auto (default), plain or none", 0 },
	{ "quiet", 'q', NULL, 0, "Say nothing when it works", 0 },
	{ 0 },
};

static const char doc[] =
"Makes a trace of what another tool wrote: references without a machine, mapped page by page onto "
"themselves, which strategy native replays on any core (default: generic). IN is a file, or - for "
"standard input.\n\n"
"din: lines LABEL HEXADDR, label 0 a read, 1 a write, 2 an instruction fetch, of the word there; what follows "
"is ignored. lackey: what valgrind --tool=lackey --trace-mem=yes prints.\v"
"Examples:\n"
"  shadewalk trace import --format din cc1.din -o cc1.swt\n"
"  valgrind --tool=lackey --trace-mem=yes --log-fd=9 9>&1 >/dev/null ls |\n"
"    shadewalk trace import --format lackey --fold - -o ls.swt\n"
"  shadewalk run ls.swt --warmup 0 --set l1d.ways=2\n";

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const struct quantity levels = { 1, 22, 0 };
	struct input *in = state->input;
	size_t i;

	switch (key) {
	case 'o': in->out = arg; return 0;
	case 'q': in->quiet = true; return 0;
	case KEY_FORMAT:
		if (option_word("--format", arg, import_format_name, IMPORT_FORMATS, &i, in->d))
			return EINVAL;
		in->o.format = (enum import_format)i;
		in->format_set = true;
		return 0;
	case KEY_SKIP: in->o.skip_other = true; return 0;
	case KEY_FOLD: in->o.fold = true; return 0;
	case KEY_LEVEL:
		return option_quantity("--level", arg, levels, &in->level, in->d) ? EINVAL : 0;
	case KEY_PROGRESS: return option_progress(arg, &in->progress, in->d) ? EINVAL : 0;
	case ARGP_KEY_ARG:
		return option_one(&in->path, arg, "IN", in->d) ? EINVAL : 0;
	case ARGP_KEY_END:
		if (in->path && in->out && in->format_set)
			return 0;
		return diag_set(in->d, ERR_USAGE, "%s (see --help)", !in->path ? "which IN? (- is standard input)"
				: !in->out ? "where to? -o FILE" : "what is IN? --format=din or lackey")
			? EINVAL : 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static enum err to_writer(void *ctx, const struct trace_rec *r, struct diag *d)
{
	return trace_writer_put(ctx, r, NULL, 0, d);
}

static enum err convert(const struct input *in, FILE *f, const char *name, struct import_counts *n,
			struct trace_summary *s)
{
	struct trace_writer_options o = { .level = (int)in->level };
	struct trace_header h;
	struct trace_writer *w = NULL;
	struct progress bar;
	struct stat st;
	enum err e = trace_import_header(&h, &in->o, name, in->d);

	if (!e)
		e = trace_writer_open(&w, in->out, &h, &o, in->d);
	trace_header_clear(&h);
	if (e)
		return e;
	/* of a pipe nobody knows how much is left */
	progress_begin(&bar, in->progress, name,
		       !fstat(fileno(f), &st) && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0);
	e = trace_import(f, name, &in->o, to_writer, w, n, &bar, in->d);
	progress_end(&bar);
	if (!e)
		return trace_writer_close(w, s, in->d);
	trace_writer_abort(w);
	return e;
}

static void report(const struct input *in, const struct import_counts *n,
		   const struct trace_summary *s)
{
	printf("%s: %" PRIu64 " records of %" PRIu64 " lines: %" PRIu64 " fetches, %" PRIu64 " loads, %" PRIu64
	       " stores, %" PRIu64 " bytes, id %s\n", in->out, s->records, n->lines, n->fetches,
	       n->loads, n->stores, s->bytes, s->id);
	if (n->skipped)
		printf("%s: %" PRIu64 " lines %s\n", in->out, n->skipped, in->o.format == IMPORT_DIN
		       ? "with labels other than 0, 1 and 2 left out" : "of valgrind's own left out");
	if (n->folded)
		printf("%s: %" PRIu64 " lines folded: addresses modulo 4 GB\n", in->out, n->folded);
	if (n->cut)
		printf("%s: %" PRIu64 " accesses cut into pieces of 8, 4, 2 and 1 bytes\n", in->out, n->cut);
}

enum err cmd_trace_import(int argc, char **argv, struct diag *d)
{
	static const struct argp argp = { options, parse, "IN", doc, NULL, NULL, NULL };
	struct input in = { .d = d };
	struct import_counts n;
	struct trace_summary s;
	FILE *f = stdin;
	bool is_file;
	enum err e = options_parse(&argp, argc, argv, &in, d);

	if (e)
		return e;
	if (in.o.skip_other && in.o.format != IMPORT_DIN)
		return diag_set(d, ERR_USAGE, "--skip-other: %s has no labels (want --format=din)",
				import_format_name[in.o.format]);
	if (!strcmp(in.out, "-"))
		return diag_set(d, ERR_USAGE, "a .swt file needs -o FILE");
	is_file = strcmp(in.path, "-") != 0;
	if ((e = option_output_file(in.out, &in.path, is_file, d)))
		return e;
	if (is_file && !(f = fopen(in.path, "rb")))
		return diag_set(d, ERR_TRACE, "%s: %s", in.path, strerror(errno));
	e = convert(&in, f, is_file ? in.path : "standard input", &n, &s);
	if (is_file)
		fclose(f);
	if (!e && !in.quiet)
		report(&in, &n, &s);
	return e;
}
