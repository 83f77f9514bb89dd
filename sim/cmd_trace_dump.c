/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "sim/cmd.h"
#include "sim/cmd_out.h"
#include "traces/check.h"
#include "traces/reader.h"
#include "traces/text.h"

enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV };
enum { KEY_FORMAT = 256, KEY_FROM, KEY_COUNT, KEY_PARTIAL };

struct input {
	const char *path, *out;
	int format;
	uint64_t from, count;
	bool partial;
	struct diag *d;
};

static const struct argp_option options[] = {
	{ "format", KEY_FORMAT, "FORM", 0, "text (default), json or csv", 0 },
	{ "output", 'o', "FILE", 0, "Write to FILE instead of standard output", 0 },
	{ "from", KEY_FROM, "N", 0, "Start at record N, the first being 0", 0 },
	{ "count", KEY_COUNT, "N", 0, "At most N records", 0 },
	{ "partial", KEY_PARTIAL, NULL, 0,
	  "Show a trace that was cut off as far as it goes, instead of refusing it", 0 },
	{ 0 },
};

static const char doc[] =
"Prints the records of a trace. The text is what `shadewalk trace convert' reads; with "
"--from or --count it is a piece of it. Where the trace has a map of symbols, a comment behind "
"each run names the function; the map itself is left to `convert'.\v"
"Examples:\n"
"  shadewalk trace dump boot.swt | less\n"
"  shadewalk trace dump --from=1M --count=100 boot.swt\n"
"  shadewalk trace dump --format=csv -o boot.csv boot.swt\n";

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const struct quantity any = { 0, INT64_MAX, QUANTITY_COUNT };
	struct input *in = state->input;

	switch (key) {
	case KEY_FORMAT: return option_format(arg, &in->format, in->d) ? EINVAL : 0;
	case 'o': in->out = arg; return 0;
	case KEY_FROM: return option_quantity("--from", arg, any, &in->from, in->d) ? EINVAL : 0;
	case KEY_COUNT:
		return option_quantity("--count", arg, any, &in->count, in->d) ? EINVAL : 0;
	case KEY_PARTIAL: in->partial = true; return 0;
	case ARGP_KEY_ARG:
		return option_one(&in->path, arg, "TRACE", in->d) ? EINVAL : 0;
	case ARGP_KEY_NO_ARGS:
		return diag_set(in->d, ERR_USAGE, "which TRACE? (see --help)") ? EINVAL : 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* The record's text form without its name and newline, in a buffer that is used again. */
struct line { FILE *f; char *text; size_t bytes; };

static const char *line_of(struct line *l, const struct trace_rec *r, const uint8_t *payload)
{
	char *p;

	rewind(l->f);
	trace_text_put(l->f, r, payload);
	fputc(0, l->f);
	fflush(l->f);
	l->text[strcspn(l->text, "\n")] = 0;
	p = strchr(l->text, ' ');
	return p ? p + 1 : "";
}

static void put_header(const struct input *in, FILE *f, const struct trace_reader *r)
{
	const struct trace_header *h = trace_reader_header(r);

	if (in->format == FORMAT_TEXT) {
		trace_text_put_header(f, h);
		if (in->from || in->count < trace_reader_records(r))
			fprintf(f, "# from record %" PRIu64 " of %" PRIu64 "\n", in->from,
				trace_reader_records(r));
	} else if (in->format == FORMAT_CSV) {
		fputs("record,kind,flags,arg,va,a,b,text,symbol\n", f);
	}
}

static enum err put_json_header(FILE *f, const struct trace_reader *r, struct diag *d)
{
	char *json;
	enum err err = trace_header_to_json(trace_reader_header(r), &json, d);

	if (err)
		return err;
	fprintf(f, "{\"schema\": \"shadewalk-trace-dump-1\",\n\"header\": %s,\n\"records\": [",
		json);
	free(json);
	return ERR_OK;
}

/* Which function runs; "" if the trace does not tell. */
static const char *function_of(const struct trace_symbols *s, const struct trace_rec *r,
			       char place[TRACE_PLACE_BYTES])
{
	return s && r->kind == TRACE_RUN ? trace_symbols_place(s, r->va, place) : "";
}

static void put_record(const struct input *in, FILE *f, struct line *l,
		       const struct trace_rec *r, const uint8_t *payload, uint64_t n,
		       const struct trace_symbols *s)
{
	uint32_t b = trace_has_payload(r->kind) ? 0 : r->b;
	char place[TRACE_PLACE_BYTES];
	const char *function = function_of(s, r, place);

	switch (in->format) {
	case FORMAT_JSON:
		fprintf(f, "%s\n{\"record\": %" PRIu64 ", \"kind\": \"%s\", \"flags\": %u, "
			"\"arg\": %u, \"va\": %u, \"a\": %u, \"b\": %u, \"text\": \"%s\"",
			n > in->from ? "," : "", n, trace_kind_name(r->kind), r->flags, r->arg,
			r->va, r->a, b, line_of(l, r, payload));
		if (*function)
			fprintf(f, ", \"symbol\": \"%s\"", function);
		fputc('}', f);
		break;
	case FORMAT_CSV:
		fprintf(f, "%" PRIu64 ",%s,%u,%u,0x%08x,0x%08x,0x%08x,\"%s\",\"%s\"\n",
			n, trace_kind_name(r->kind), r->flags, r->arg, r->va, r->a, b,
			line_of(l, r, payload), function);
		break;
	default:
		if (*function)
			fprintf(f, "%s %s  # %s\n", trace_kind_name(r->kind),
				line_of(l, r, payload), function);
		else
			trace_text_put(f, r, payload);
	}
}

static enum err put_records(const struct input *in, FILE *f, struct trace_reader *r)
{
	uint64_t end = in->count > UINT64_MAX - in->from ? UINT64_MAX : in->from + in->count;
	const struct trace_symbols *s = trace_reader_symbols(r);
	struct line l = { 0 };
	struct trace_batch b;
	enum err err = ERR_OK;

	if (!(l.f = open_memstream(&l.text, &l.bytes)))
		return diag_set(in->d, ERR_NOMEM, "out of memory");
	if (in->from)
		trace_reader_seek(r, in->from);
	do {
		err = trace_reader_next(r, &b, in->d);
		for (size_t i = 0; !err && i < b.n && b.first + i < end && !ferror(f); i++)
			if (b.first + i >= in->from)
				put_record(in, f, &l, &b.rec[i], b.payload, b.first + i, s);
	} while (!err && b.n && b.first + b.n < end && !ferror(f));
	fclose(l.f);
	free(l.text);
	return err;
}

static enum err dump(const struct input *in, FILE *f, struct trace_reader *r)
{
	enum err err = ERR_OK;

	if (in->format == FORMAT_JSON)
		err = put_json_header(f, r, in->d);
	else
		put_header(in, f, r);
	if (!err)
		err = put_records(in, f, r);
	if (in->format == FORMAT_JSON)
		fputs("\n]}\n", f);
	else if (in->format == FORMAT_TEXT && trace_reader_cut_off(r))
		fprintf(f, "# %s\n", trace_reader_cut_off(r));
	return err;
}

enum err cmd_trace_dump(int argc, char **argv, struct diag *d)
{
	static const struct argp argp = { options, parse, "TRACE", doc, NULL, NULL, NULL };
	struct input in = { .d = d, .count = UINT64_MAX };
	struct trace_reader *r = NULL;
	struct cmd_out out;
	enum err err = options_parse(&argp, argc, argv, &in, d);

	if (err)
		return err;
	err = in.partial ? trace_reader_open_partial(&r, in.path, d) :
	      trace_reader_open(&r, in.path, d);
	if (!err && in.from && in.from >= trace_reader_records(r))
		err = diag_set(d, ERR_USAGE, "--from: %" PRIu64 " is behind the end: the trace has %"
			       PRIu64 " records", in.from, trace_reader_records(r));
	if (!err && !(err = cmd_out_open(&out, in.out, &in.path, 1, d)))
		err = cmd_out_close(&out, dump(&in, out.f, r), d);
	trace_reader_close(r);
	return err;
}
