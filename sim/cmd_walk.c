/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "sim/cmd.h"
#include "sim/cmd_out.h"
#include "sim/walk_print.h"

enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV };
enum { KEY_FORMAT = 256, KEY_EXPLAIN };

struct input {
	const char *path, *out;
	int format;
	bool explain;
	struct diag *d;
	FILE *f;
	uint64_t answers;
	bool noted[WALK_REGS], noted_ee;
	char *lines;                    /* of an explanation in JSON, used again */
	size_t lines_size;
};

static const struct argp_option options[] = {
	{ "explain", KEY_EXPLAIN, NULL, 0, "Show each walk level by level, as comments", 0 },
	{ "format", KEY_FORMAT, "FORM", 0, "text (default), json or csv", 0 },
	{ "output", 'o', "FILE", 0, "Write to FILE instead of standard output", 0 },
	{ 0 },
};

static const char doc[] =
"Translates addresses through translation tables given as text, and says which physical "
"address or which fault results. FILE `-' is standard input. Each `try' line is repeated and "
"completed, in the order of the file.\v"
"A case:\n"
"  case NAME\n"
"  arch armv5|armv6|xscale            (armv5, or that of the core)\n"
"  cpu arm926|arm1136|arm1176|...     (a plain core of that architecture)\n"
"  reg SCTLR|TTBR0|TTBR1|TTBCR|DACR|FCSEIDR|CONTEXTIDR 0xVALUE    (0)\n"
"  mem 0xPHYSICAL 0xWORD              (all other words are 0)\n"
"  try r|w|x priv|user 0xVIRTUAL SIZE\n"
"A # starts a comment. What the manuals leave open is in doc/walk.md.\n\n"
"Examples:\n"
"  shadewalk walk cases.txt\n"
"  shadewalk walk --explain cases.txt | less\n"
"  printf 'case a\\nreg SCTLR 0x1\\ntry r user 0x8000 4\\n' |\n"
"    shadewalk walk --format=json -\n";

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;

	switch (key) {
	case KEY_FORMAT: return option_format(arg, &in->format, in->d) ? EINVAL : 0;
	case KEY_EXPLAIN: in->explain = true; return 0;
	case 'o': in->out = arg; return 0;
	case ARGP_KEY_ARG:
		return option_one(&in->path, arg, "FILE", in->d) ? EINVAL : 0;
	case ARGP_KEY_NO_ARGS:
		return diag_set(in->d, ERR_USAGE, "which FILE? (see --help)") ? EINVAL : 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

/* A register that the core lacks changes nothing. That is said once: it may be a mistake. */
static void note_absent(struct input *in, const struct walk_case *c)
{
	for (int i = 0; i < WALK_REGS; i++) {
		if (in->noted[i] || !c->reg[i].value || walk_reg_exists(c->arch, i))
			continue;
		in->noted[i] = true;
		fprintf(stderr, "shadewalk walk: %s:%u:%u: note: %s has no %s, 0x%08x has no "
			"effect\n", in->path, c->reg[i].line, c->reg[i].column, c->arch->name,
			walk_reg_name[i], c->reg[i].value);
	}
}

/* Words are given, not bytes: they are what the walk gets, whatever their order in memory. */
static void note_big_endian(struct input *in, const struct walk_case *c)
{
	uint32_t sctlr = c->reg[REG_SCTLR].value;

	if (in->noted_ee || !mmu_is_v6(c->arch) || !(sctlr & SCTLR_EE))
		return;
	in->noted_ee = true;
	fprintf(stderr, "shadewalk walk: %s:%u:%u: note: with SCTLR.EE, 0x%08x, a core reverses the bytes of "
		"table words; 'mem' words are taken as they are then\n", in->path,
		c->reg[REG_SCTLR].line, c->reg[REG_SCTLR].column, sctlr);
}

static enum err print_json(struct input *in, const struct walk_answer *a)
{
	FILE *f;

	fputs(in->answers ? ",\n" : "\n", in->f);
	if (!in->explain) {
		walk_print_json(in->f, a, NULL);
		return ERR_OK;
	}
	if (!(f = open_memstream(&in->lines, &in->lines_size)))
		return diag_set(in->d, ERR_NOMEM, "out of memory");
	walk_explain(f, "", a);
	if (fclose(f))
		return diag_set(in->d, ERR_NOMEM, "out of memory");
	walk_print_json(in->f, a, in->lines);
	free(in->lines);
	in->lines = NULL;
	return ERR_OK;
}

static enum err print(struct input *in, const struct walk_answer *a)
{
	enum err e = ERR_OK;

	if (in->format == FORMAT_JSON) {
		e = print_json(in, a);
	} else if (in->format == FORMAT_CSV) {
		walk_print_csv(in->f, a);
	} else {
		if (in->explain)
			walk_explain(in->f, "# ", a);
		walk_print_text(in->f, a);
	}
	in->answers++;
	return e;
}

static enum err answer_case(void *ctx, const struct walk_case *c, struct diag *d)
{
	struct input *in = ctx;
	struct walk_answer a = { .c = c, .state = walk_case_state(c) };
	enum err e = ERR_OK;

	(void)d;
	note_absent(in, c);
	note_big_endian(in, c);
	for (size_t i = 0; !e && i < c->n; i++) {
		a.t = &c->tries[i];
		mmu_access(&a.state, a.t->access, a.t->user, a.t->va, a.t->size, walk_case_word,
			   (void *)c, &a.out);
		if (a.out.fs)
			a.report = mmu_fault_report(c->arch, a.out.fs, a.t->access);
		e = print(in, &a);
	}
	return e;
}

/* JSON is printed whole or not at all; text and CSV up to the case that is wrong. */
static enum err answer_file(struct input *in, FILE *out)
{
	char *json = NULL;
	size_t size = 0;
	enum err e;

	in->f = out;
	if (in->format == FORMAT_CSV)
		walk_print_csv_head(out);
	if (in->format != FORMAT_JSON)
		return walk_file_read(in->path, answer_case, in, in->d);
	if (!(in->f = open_memstream(&json, &size)))
		return diag_set(in->d, ERR_NOMEM, "out of memory");
	fputs("{\"schema\": \"shadewalk-walk-1\", \"answers\": [", in->f);
	e = walk_file_read(in->path, answer_case, in, in->d);
	fputs("\n]}\n", in->f);
	if (fclose(in->f) && !e)
		e = diag_set(in->d, ERR_NOMEM, "out of memory");
	if (!e)
		fwrite(json, 1, size, out);
	free(json);
	return e;
}

enum err cmd_walk(int argc, char **argv, struct diag *d)
{
	static const struct argp argp = { options, parse, "FILE", doc, NULL, NULL, NULL };
	struct input in = { .d = d };
	struct cmd_out out;
	enum err e = options_parse(&argp, argc, argv, &in, d);

	if (e)
		return e;
	if (in.explain && in.format == FORMAT_CSV)
		return diag_set(d, ERR_USAGE, "--explain has no place in a table (want "
				"--format=text or json)");
	if ((e = cmd_out_open(&out, in.out, &in.path, 1, d)))
		return e;
	return cmd_out_close(&out, answer_file(&in, out.f), d);
}
