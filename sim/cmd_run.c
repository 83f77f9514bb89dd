/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cmd.h"
#include "sim/config_file.h"
#include "sim/pump.h"
#include "sim/replay.h"

enum { KEY_SET = 256, KEY_VERIFY, KEY_SEED, KEY_WARMUP, KEY_FORMAT, KEY_PROGRESS, KEY_ENGINE, KEY_JOBS,
       KEY_CONFIG, KEY_LINT, KEY_LINT_MAX };
enum { MAX_SETS = 64 };
#define SEED_UNSET UINT64_MAX

struct input {
	char **paths;
	size_t npaths;
	const char *strategies, *core, *core_where, *db;
	const char *config;
	const char *set[CONFIG_FILE_MAX + MAX_SETS], *where[CONFIG_FILE_MAX + MAX_SETS];
	size_t nset;                    /* those of the options until take_config() */
	uint64_t seed, warmup, jobs, lint_max;
	bool verify, lint, lint_max_set, quiet, engine_set;
	size_t engine;
	int format;
	enum progress_mode progress;
	struct diag *d;
};

static const struct argp_option options[] = {
	{ "strategy", 's', "LIST", 0, "Strategies, separated by commas, each NAME[:key=value...]; "
	  "without it, all ('shadewalk list strategies')", 0 },
	{ "core", 'c', "CORE", 0, "Host core; without it, the trace's own ('shadewalk list cores')", 0 },
	{ "output", 'o', "DB", 0, "Store the runs in this results database (made if absent)", 0 },
	{ "set", KEY_SET, "KEY=VALUE", 0, "A structural parameter of the host, cost.NAME in "
	  "cycles, or costs=SET, a named set of unit costs; repeatable", 0 },
	{ "config", KEY_CONFIG, "FILE", 0, "The same settings from a file (YAML); options of the command "
	  "line come after it", 0 },
	{ "warmup", KEY_WARMUP, "N", 0, "Instructions before measurement starts (10 % of the trace); references, of a "
	  "trace without instructions", 0 },
	{ "seed", KEY_SEED, "N", 0, "Seed of random replacement and of map=fragmented (1)", 0 },
	{ "verify", KEY_VERIFY, NULL, 0, "Check every translation and fault against the guest's own "
	  "tables; exit 5 on a violation", 0 },
	{ "lint", KEY_LINT, NULL, 0, "Report what a correct guest, monitor and model never do ('shadewalk "
	  "list findings'); exit 5 on an error", 0 },
	{ "lint-max", KEY_LINT_MAX, "N", 0, "With --lint: occurrences of each finding to show (10)", 0 },
	{ "engine", KEY_ENGINE, "NAME", 0, "fast (default) or ref, the definition, which --verify "
	  "and --lint use; both count the same", 0 },
	{ "jobs", KEY_JOBS, "N", 0, "Threads for the lanes, beside one that decodes (1: all in one "
	  "thread, the default)", 0 },
	{ "format", KEY_FORMAT, "FORM", 0, "text (default), json or csv", 0 },
	{ "progress", KEY_PROGRESS, "MODE", 0, "auto (default), plain or none", 0 },
	{ "quiet", 'q', NULL, 0, "No table and no progress", 0 },
	{ 0 },
};

static const char doc[] =
"Replays traces through strategies, all of them in one pass over each trace, and prints the "
"comparison. Exit code 0: all runs balance (and, with --verify, no violation, with --lint no "
"error); 2: wrong usage or configuration; 3: a trace cannot be read; 5: a check found a "
"violation.\v"
"Examples:\n"
"  shadewalk run traces/samples/*.swt\n"
"  shadewalk run -s native,coherent:entries=1024 -o results.db boot.swt\n"
"  shadewalk run --config host.yaml --set tlb.entries=128 boot.swt\n"
"  shadewalk run --verify --set tlb.entries=32 --set tlb.ways=32 boot.swt\n"
"  shadewalk run --lint -s native boot.swt\n";

static error_t parse_number(struct input *in, const char *name, const char *arg, uint64_t *out)
{
	struct quantity q = { 0, UINT64_MAX - 1, QUANTITY_COUNT };

	return option_quantity(name, arg, q, out, in->d) ? EINVAL : 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;

	switch (key) {
	case 's': in->strategies = arg; return 0;
	case 'c': in->core = arg; return 0;
	case 'o': in->db = arg; return 0;
	case 'q': in->quiet = true; return 0;
	case KEY_VERIFY: in->verify = true; return 0;
	case KEY_LINT: in->lint = true; return 0;
	case KEY_LINT_MAX:
		in->lint_max_set = true;
		return option_quantity("--lint-max", arg, (struct quantity){ 0, LINT_MAX_SHOWN,
				       QUANTITY_COUNT }, &in->lint_max, in->d) ? EINVAL : 0;
	case KEY_SEED: return parse_number(in, "--seed", arg, &in->seed);
	case KEY_WARMUP: return parse_number(in, "--warmup", arg, &in->warmup);
	case KEY_ENGINE:
		in->engine_set = true;
		return option_word("--engine", arg, engine_name, ENGINES, &in->engine, in->d)
			? EINVAL : 0;
	case KEY_JOBS: return option_quantity("--jobs", arg, (struct quantity){ 1, PUMP_MAX_JOBS, 0 },
					      &in->jobs, in->d) ? EINVAL : 0;
	case KEY_FORMAT: return option_format(arg, &in->format, in->d) ? EINVAL : 0;
	case KEY_PROGRESS: return option_progress(arg, &in->progress, in->d) ? EINVAL : 0;
	case KEY_CONFIG: in->config = arg; return 0;
	case KEY_SET:
		if (in->nset == MAX_SETS)
			return diag_set(in->d, ERR_USAGE, "more than %d --set", MAX_SETS) ? EINVAL : 0;
		in->set[in->nset++] = arg;
		return 0;
	case ARGP_KEY_ARGS:
		in->paths = state->argv + state->next;
		in->npaths = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		return diag_set(in->d, ERR_USAGE, "which TRACE? (see --help)") ? EINVAL : 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static enum err word_number(const struct config_word *w, const char *key, uint64_t unset,
			    uint64_t *out, struct diag *d)
{
	struct quantity q = { 0, UINT64_MAX - 1, QUANTITY_COUNT };
	char name[200];

	if (!w->text || *out != unset)
		return ERR_OK;
	snprintf(name, sizeof(name), "%s: %s", w->where, key);
	return option_quantity(name, w->text, q, out, d);
}

/* The file's settings, before those of the options; f lives as long as the input. */
static enum err take_config(struct input *in, struct config_file *f, struct diag *d)
{
	enum err e = config_file_read(f, in->config, d);

	if (e)
		return e;
	memmove(in->set + f->n, in->set, in->nset * sizeof(in->set[0]));
	memset(in->where, 0, sizeof(in->where));
	for (size_t i = 0; i < f->n; i++) {
		in->set[i] = f->set[i];
		in->where[i] = f->where[i];
	}
	in->nset += f->n;
	if (!in->strategies)
		in->strategies = f->strategies.text;
	if (!in->core && f->core.text) {
		in->core = f->core.text;
		in->core_where = f->core.where;
	}
	e = word_number(&f->warmup, "warmup", WARMUP_DEFAULT, &in->warmup, d);
	return e ? e : word_number(&f->seed, "seed", SEED_UNSET, &in->seed, d);
}

struct stores { struct results *table, *db; const char *db_path; };

/* The database is opened with the first result, so that a bad trace leaves nothing behind. */
static enum err store(void *ctx, const struct run_result *r, struct diag *d)
{
	struct stores *s = ctx;
	enum err e = results_put(s->table, r, NULL, d);

	if (!e && s->db_path && !s->db)
		e = results_open(&s->db, s->db_path, true, d);
	if (!e && s->db)
		e = results_put(s->db, r, NULL, d);
	return e;
}

/* Known before hours of replay: a database that cannot be opened or made. */
static enum err check_db(const char *path, struct diag *d)
{
	struct results *r = NULL;
	char dir[4096];
	char *slash;
	enum err e;

	if (!path)
		return ERR_OK;
	if (!access(path, F_OK)) {
		e = results_open(&r, path, false, d);
		results_close(r);
		if (!e && access(path, W_OK))
			e = diag_set(d, ERR_DB, "%s: cannot be written: %s", path, strerror(errno));
		return e;
	}
	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0';
	return access(slash ? dir : ".", W_OK)
		? diag_set(d, ERR_IO, "%s: cannot be made: no such folder, or not writable", path)
		: ERR_OK;
}

static char *joined(int argc, char **argv)
{
	size_t n = 1;
	char *text, *p;

	for (int i = 0; i < argc; i++)
		n += strlen(argv[i]) + 1;
	p = text = calloc(1, n);
	for (int i = 0; text && i < argc; i++)
		p += sprintf(p, "%s%s", i ? " " : "", argv[i]);
	return text;
}

static enum err run_all(const struct input *in, const struct replay_plan *plan, struct diag *d)
{
	struct stores s = { .db_path = in->db };
	struct replay_plan p = *plan;
	enum err e = results_open(&s.table, ":memory:", true, d);
	enum err checked = ERR_OK;
	struct diag first;

	for (size_t i = 0; !e && i < in->npaths; i++) {
		p.path = in->paths[i];
		e = replay(&p, store, &s, d);
		if (e == ERR_CHECK) {   /* the other traces still run */
			if (!checked)
				first = *d;
			checked = e;
			e = ERR_OK;
		}
	}
	if (p.lint && !e)
		e = lint_print_end(p.lint, d);
	/* one document a stream: in JSON and CSV the report is the output */
	if (!e && !in->quiet && (!p.lint || in->format == OUT_TEXT))
		e = results_compare(s.table, (enum out_format)in->format, stdout, d);
	if (!e && checked) {
		*d = first;
		e = checked;
	}
	if (p.lint)
		json_decref(p.lint->reports);   /* of a run that failed */
	results_close(s.table);
	results_close(s.db);
	return e;
}

/* What needs the definition, and what needs --lint. */
static enum err check_options(const struct input *in, struct diag *d)
{
	const char *needs = in->verify ? "--verify" : in->lint ? "--lint" : NULL;

	if (needs && in->engine_set && in->engine != ENGINE_REF)
		return diag_set(d, ERR_USAGE, "%s needs --engine=ref, the definition", needs);
	if (in->lint_max_set && !in->lint)
		return diag_set(d, ERR_USAGE, "--lint-max without --lint");
	return ERR_OK;
}

enum err cmd_run(int argc, char **argv, struct diag *d)
{
	static const struct argp argp = { options, parse, "TRACE...", doc, NULL, NULL, NULL };
	struct input in = { .d = d, .seed = SEED_UNSET, .warmup = WARMUP_DEFAULT,
			    .lint_max = LINT_SHOWN };
	struct config_file file = { 0 };
	struct lint_print reports = { .form = OUT_TEXT };
	struct spec spec[SPEC_MAX];
	struct replay_plan plan = { .spec = spec };
	char *line = joined(argc, argv);
	enum err e = options_parse(&argp, argc, argv, &in, d);

	if (!e && in.config)
		e = take_config(&in, &file, d);
	if (!e && in.core && !(plan.row = cpu_find(in.core)))
		e = diag_set(d, ERR_CONFIG, "%s%sunknown core '%s' (see 'shadewalk list cores')",
			     in.core_where ? in.core_where : "", in.core_where ? ": " : "", in.core);
	if (!e)
		e = spec_parse_list(spec, &plan.nspec, in.strategies, d);
	if (!e)
		e = check_db(in.db, d);
	plan.set = in.set;
	plan.where = in.config ? in.where : NULL;
	plan.nset = in.nset;
	plan.seed = in.seed == SEED_UNSET ? 1 : in.seed;
	plan.warmup = in.warmup;
	plan.verify = in.verify;
	plan.unnamed = !in.strategies;
	plan.jobs = (unsigned)in.jobs;
	plan.engine = in.engine_set ? (enum engine)in.engine
				    : in.verify || in.lint ? ENGINE_REF : ENGINE_FAST;
	reports.form = (enum out_format)in.format;
	reports.out = in.quiet ? NULL : stdout;
	plan.lint = in.lint ? &reports : NULL;
	plan.lint_max = (unsigned)in.lint_max;
	if (!e)
		e = check_options(&in, d);
	plan.progress = in.quiet ? PROGRESS_NONE : in.progress;
	plan.argv = line;
	plan.notes = in.quiet ? NULL : stderr;
	if (!e)
		e = run_all(&in, &plan, d);
	for (size_t i = 0; i < plan.nspec; i++)
		spec_free(&spec[i]);
	config_file_free(&file);
	free(line);
	return e;
}
