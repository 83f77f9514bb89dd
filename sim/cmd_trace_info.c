/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/options.h"
#include "models/cpu/cpu.h"
#include "models/guest/cp15.h"
#include "sim/cmd.h"
#include "sim/cmd_out.h"
#include "traces/info.h"

enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV };
enum { KEY_FORMAT = 256, KEY_PARTIAL };

struct input {
	char **paths;
	size_t n;
	int format;
	const char *out;
	bool partial;
	struct diag *d;
};

static const struct argp_option options[] = {
	{ "format", KEY_FORMAT, "FORM", 0, "text (default), json or csv", 0 },
	{ "output", 'o', "FILE", 0, "Write to FILE instead of standard output", 0 },
	{ "partial", KEY_PARTIAL, NULL, 0,
	  "Count a trace that was cut off as far as it goes, instead of refusing it", 0 },
	{ 0 },
};

static const char doc[] =
"Counts what the traces hold: records by kind, instructions by mode, CP15 operations, "
"exceptions, aborts, sensitive instructions, coprocessor operations that the core does not "
"have (they have no effect in a replay), and what the capture could not record "
"faithfully (group \"artefacts\"). A TRACE is a .swt file or its text form.\v"
"Examples:\n"
"  shadewalk trace info boot.swt\n"
"  shadewalk trace info --format=csv -o all.csv traces/quick/*.swt\n"
"  shadewalk trace info --partial boot.swt.partial\n";

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;

	switch (key) {
	case KEY_FORMAT: return option_format(arg, &in->format, in->d) ? EINVAL : 0;
	case 'o': in->out = arg; return 0;
	case KEY_PARTIAL: in->partial = true; return 0;
	case ARGP_KEY_ARGS:
		in->paths = state->argv + state->next;
		in->n = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		return diag_set(in->d, ERR_USAGE, "which TRACE? (see --help)") ? EINVAL : 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static enum err print(const struct input *in, FILE *f, size_t i, const struct trace_info *t,
		      const struct trace_reader *r)
{
	switch (in->format) {
	case FORMAT_JSON:
		fputs(i ? ",\n" : "", f);
		return trace_info_json(f, in->paths[i], t, r, in->d);
	case FORMAT_CSV:
		trace_info_csv(f, in->paths[i], t, r);
		return ERR_OK;
	default:
		fputs(i ? "\n" : "", f);
		trace_info_text(f, in->paths[i], t, r);
		return ERR_OK;
	}
}

static bool cp_known(const struct trace_header *h, uint16_t key, bool read)
{
	enum cp_core core = cp_core_find(h->core, h->arch);

	return core != CP_CORES && cp_canonical(core, key, read).op != CP_UNKNOWN;
}

/* A field of the cache type register (DDI 0100I B4.6.5): P, size, associativity, line. Of these
 * cores M is 0. P: a way is larger than a page of 4 KB, and the cache is no VIVT one. */
static uint32_t ctr_field(const struct cache_geom *g)
{
	uint32_t way = g->bytes / g->ways;

	return (uint32_t)(g->kind != CACHE_VIVT && way > 4096) << 11 |
	       (uint32_t)(__builtin_ctz(g->bytes) - 9) << 6 |
	       (uint32_t)__builtin_ctz(g->ways) << 3 | (uint32_t)(__builtin_ctz(g->line_bytes) - 3);
}

/* The register that the guest's own core shows with the caches of our row; 0: not known. Type
 * 1110 is what ARM926 (DDI 0198D 2.3.2), ARM1136 (DDI 0211) and ARM1176 (DDI 0301H 3.2.2) say. */
static uint32_t ctr_of_core(const struct trace_header *h)
{
	enum cp_core core = cp_core_find(h->core, h->arch);
	const struct cpu_row *row = cpu_find(h->core);

	if (!row || (core != CP_CORE_ARM926 && core != CP_CORE_ARM1136 && core != CP_CORE_ARM1176))
		return 0;
	return UINT32_C(0xe) << 25 | UINT32_C(1) << 24 | ctr_field(&row->config.l1d) << 12 |
	       ctr_field(&row->config.l1i);
}

static enum err one_trace(const struct input *in, FILE *f, size_t i)
{
	struct trace_info t = { 0 };
	struct trace_reader *r;
	struct trace_batch b;
	enum err err = in->partial ? trace_reader_open_partial(&r, in->paths[i], in->d) :
		       trace_reader_open(&r, in->paths[i], in->d);

	if (!err)
		err = trace_info_begin(&t, trace_reader_header(r), in->d);
	if (!err)
		t.core_ctr = ctr_of_core(trace_reader_header(r));
	t.cp_known = cp_known;
	while (!err && !(err = trace_reader_next(r, &b, in->d)) && b.n)
		trace_info_add(&t, &b);
	if (!err)
		err = print(in, f, i, &t, r);
	trace_info_end(&t);
	trace_reader_close(r);
	return err;
}

enum err cmd_trace_info(int argc, char **argv, struct diag *d)
{
	static const struct argp argp = { options, parse, "TRACE...", doc, NULL, NULL, NULL };
	struct input in = { .d = d };
	struct cmd_out out;
	enum err err = options_parse(&argp, argc, argv, &in, d);

	if (err || (err = cmd_out_open(&out, in.out, (const char *const *)in.paths,
					       in.n, d)))
		return err;
	if (in.format == FORMAT_JSON)
		fputs("{\"schema\": \"shadewalk-trace-info-1\", \"traces\": [\n", out.f);
	if (in.format == FORMAT_CSV)
		trace_info_csv_head(out.f);
	for (size_t i = 0; !err && i < in.n; i++)
		err = one_trace(&in, out.f, i);
	if (in.format == FORMAT_JSON)
		fputs("\n]}\n", out.f);
	return cmd_out_close(&out, err, d);
}
