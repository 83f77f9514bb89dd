/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/version.h"

#include <argp.h>
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/options.h"
#include "config.h"
#include "results/results.h"

#ifdef __clang__
#define COMPILER_VERSION __VERSION__
#else
#define COMPILER_VERSION "gcc " __VERSION__
#endif

static const struct { const char *name, *version; } libraries[] = {
	{ "zstd", ZSTD_BUILT_WITH },     { "xxhash", XXHASH_BUILT_WITH },
	{ "gcrypt", GCRYPT_BUILT_WITH }, { "jansson", JANSSON_BUILT_WITH },
	{ "sqlite3", SQLITE_BUILT_WITH }, { "gsl", GSL_BUILT_WITH },
	{ "yaml", YAML_BUILT_WITH },
};
enum { LIBRARIES = sizeof(libraries) / sizeof(libraries[0]) };

struct input { bool verbose, json; struct diag *d; };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;
	enum err e;

	switch (key) {
	case 'v':
		in->verbose = true;
		return 0;
	case 'j':
		in->json = true;
		return 0;
	case ARGP_KEY_ARG:
		e = diag_set(in->d, ERR_USAGE, "unexpected argument '%.60s'", arg);
		return e ? EINVAL : 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "verbose", 'v', NULL, 0, "Compiler, flags and libraries too", 0 },
	{ "json", 'j', NULL, 0, "Everything as one JSON object", 0 },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Print the version of the program and of the model. Results of different model "
	       "versions are never compared as equal.\v"
	       "Examples:\n"
	       "  shadewalk version\n"
	       "  shadewalk version --verbose --json",
};

static enum err print_json(struct diag *d)
{
	json_t *libs = json_object(), *root;
	bool bad = !libs;

	for (size_t i = 0; i < LIBRARIES; i++)
		bad |= json_object_set_new(libs, libraries[i].name,
					   json_string(libraries[i].version)) != 0;
	root = json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:o}", "schema", "shadewalk.version.1",
			 "program", PACKAGE_NAME, "version", PACKAGE_VERSION, "model_version",
			 MODEL_VERSION, "compiler", COMPILER_VERSION, "flags",
			 BUILD_CC " " BUILD_CFLAGS, "libraries", libs);
	if (!root || bad) {
		json_decref(root);
		return diag_set(d, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	}
	bad = json_dumpf(root, stdout, JSON_INDENT(2) | JSON_SORT_KEYS) != 0;
	putchar('\n');
	json_decref(root);
	return bad ? diag_set(d, ERR_IO, "standard output: write failed") : ERR_OK;
}

enum err cmd_version(int argc, char **argv, struct diag *d)
{
	struct input in = { .d = d };
	enum err e = options_parse(&argp, argc, argv, &in, d);

	if (e)
		return e;
	if (in.json)
		return print_json(d);
	printf("%s %s (model version %d)\n", PACKAGE_NAME, PACKAGE_VERSION, MODEL_VERSION);
	if (in.verbose) {
		printf("compiler   %s\nflags      %s %s\n", COMPILER_VERSION, BUILD_CC,
		       BUILD_CFLAGS);
		for (size_t i = 0; i < LIBRARIES; i++)
			printf("%-10s %s\n", libraries[i].name, libraries[i].version);
	}
	puts("Sources: GPL-2.0-or-later. Program as a whole: GPL-3.0-or-later (links GSL).");
	return ERR_OK;
}
