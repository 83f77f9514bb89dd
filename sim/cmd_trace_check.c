/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "sim/cmd.h"
#include "sim/cmd_out.h"
#include "sim/trace_check.h"

enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV };
enum { KEY_FORMAT = 256, KEY_PROGRESS };

struct input {
	char **paths;
	size_t n;
	int format;
	const char *out;
	enum progress_mode progress;
	struct diag *d;
};

static const struct argp_option options[] = {
	{ "format", KEY_FORMAT, "FORM", 0, "text (default), json or csv", 0 },
	{ "output", 'o', "FILE", 0, "Write to FILE instead of standard output", 0 },
	{ "progress", KEY_PROGRESS, "MODE", 0, "auto (default), plain or none", 0 },
	{ 0 },
};

static const char doc[] =
"Replays the recorded table stores and register writes, walks the guest's tables for every "
"witness and abort, and compares with what the emulator saw; also compares check images and "
"the trace id. Exit code 5 on any mismatch, and when there was nothing to compare.\v"
"Examples:\n"
"  shadewalk trace check boot.swt\n"
"  shadewalk trace check --format=json traces/samples/*.swt\n";

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;

	switch (key) {
	case KEY_FORMAT: return option_format(arg, &in->format, in->d) ? EINVAL : 0;
	case KEY_PROGRESS: return option_progress(arg, &in->progress, in->d) ? EINVAL : 0;
	case 'o': in->out = arg; return 0;
	case ARGP_KEY_ARGS:
		in->paths = state->argv + state->next;
		in->n = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		return diag_set(in->d, ERR_USAGE, "which TRACE? (see --help)") ? EINVAL : 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static void print_text(FILE *f, const char *path, const struct check_result *r)
{
	char text[UNKNOWN_OPS_TEXT];

	fprintf(f, "%s: %s\n", path, r->n[CHECK_MISMATCH] ? "MISMATCH" :
		r->compared ? "ok" : "NOTHING COMPARED");
	for (unsigned i = 0; i < CHECK_CLASSES; i++)
		fprintf(f, "  %12" PRIu64 "  %s\n", r->n[i], check_class_text[i]);
	fprintf(f, "  %12" PRIu64 "  compared in all\n", r->compared);
	fprintf(f, "  %12" PRIu64 "  coprocessor operations unknown to the core's map\n",
		r->unknown.total);
	for (unsigned i = 0; i < r->unknown.count; i++)
		fprintf(f, "  %12s  %s\n", "", unknown_ops_text(&r->unknown, i, text));
	if (r->unknown.others)
		fprintf(f, "  %12s  %" PRIu64 " of further encodings\n", "", r->unknown.others);
}

static void print_csv(FILE *f, const char *path, const struct check_result *r)
{
	for (unsigned i = 0; i < CHECK_CLASSES; i++)
		fprintf(f, "%s,%s,%" PRIu64 "\n", path, check_class_key[i], r->n[i]);
	fprintf(f, "%s,compared,%" PRIu64 "\n%s,unknown-ops,%" PRIu64 "\n", path, r->compared, path,
		r->unknown.total);
	for (unsigned i = 0; i < r->unknown.count; i++)
		fprintf(f, "%s,unknown-%s-0x%04x,%" PRIu64 "\n", path,
			r->unknown.op[i].write ? "write" : "read", r->unknown.op[i].key,
			r->unknown.op[i].n);
}

static json_t *to_json(const char *path, const struct check_result *r)
{
	json_t *o = json_object(), *unknown = json_array();
	char text[UNKNOWN_OPS_TEXT];

	json_object_set_new(o, "trace", json_string(path));
	for (unsigned i = 0; i < CHECK_CLASSES; i++)
		json_object_set_new(o, check_class_key[i], json_integer((json_int_t)r->n[i]));
	json_object_set_new(o, "compared", json_integer((json_int_t)r->compared));
	json_object_set_new(o, "unknown-ops", json_integer((json_int_t)r->unknown.total));
	for (unsigned i = 0; i < r->unknown.count; i++)
		json_array_append_new(unknown, json_string(unknown_ops_text(&r->unknown, i, text)));
	json_object_set_new(o, "unknown", unknown);
	if (r->n[CHECK_MISMATCH])
		json_object_set_new(o, "first-mismatch", json_string(r->first.msg));
	return o;
}

static enum err check_all(const struct input *in, FILE *f)
{
	json_t *list = json_array(), *top = json_object();
	enum err e = ERR_OK, worst = ERR_OK;
	struct diag first;

	if (in->format == FORMAT_CSV)
		fprintf(f, "trace,class,n\n");
	for (size_t i = 0; i < in->n; i++) {
		struct check_result r;

		e = trace_check_file(in->paths[i], in->progress, &r, in->d);
		if (e && e != ERR_CHECK)
			break;          /* unreadable: nothing to say of it */
		if (in->format == FORMAT_TEXT)
			print_text(f, in->paths[i], &r);
		else if (in->format == FORMAT_CSV)
			print_csv(f, in->paths[i], &r);
		else
			json_array_append_new(list, to_json(in->paths[i], &r));
		if (e && !worst) {
			worst = e;
			first = *in->d;
		}
		e = ERR_OK;
	}
	json_object_set_new(top, "schema", json_string("shadewalk-trace-check-1"));
	json_object_set_new(top, "traces", list);
	if (!e && in->format == FORMAT_JSON) {
		json_dumpf(top, f, JSON_INDENT(2));
		fputc('\n', f);
	}
	json_decref(top);
	if (!e && worst) {
		*in->d = first;
		e = worst;
	}
	return e;
}

enum err cmd_trace_check(int argc, char **argv, struct diag *d)
{
	static const struct argp argp = { options, parse, "TRACE...", doc, NULL, NULL, NULL };
	struct input in = { .d = d };
	struct cmd_out out;
	struct diag why;
	enum err e = options_parse(&argp, argc, argv, &in, d), closed;

	if (e || (e = cmd_out_open(&out, in.out, (const char *const *)in.paths, in.n, d)))
		return e;
	e = check_all(&in, out.f);
	if (e != ERR_CHECK)
		return cmd_out_close(&out, e, d);
	closed = cmd_out_close(&out, ERR_OK, &why);     /* the report stays: it says what is wrong */
	if (closed)
		*d = why;
	return closed ? closed : e;
}
