/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program: finds the command, runs it, turns its error into one line on stderr and an exit
 * status. Commands never print errors or exit themselves (argp's --help does).
 */
#include <argp.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/options.h"
#include "sim/cmd.h"
#include "sim/version.h"

typedef enum err (*cmd_fn)(int argc, char **argv, struct diag *d);

/* A command of two words has its group in front: `shadewalk trace info`. */
struct command { const char *group, *name, *summary; cmd_fn run; };

static enum err cmd_help(int argc, char **argv, struct diag *d);

static const struct command commands[] = {
	{ NULL, "run", "replay traces under strategies", cmd_run },
	{ NULL, "compare", "tables of what the strategies cost, with a verdict", cmd_compare },
	{ NULL, "plot", "draw a figure from a results database", cmd_plot },
	{ NULL, "list", "strategies, cores, costs, figures, findings, legality", cmd_list },
	{ "trace", "info", "what a trace holds and where it comes from", cmd_trace_info },
	{ "trace", "dump", "records as text", cmd_trace_dump },
	{ "trace", "check", "verify a trace against its own witnesses", cmd_trace_check },
	{ "trace", "cut", "make a shorter trace that replays the same", cmd_trace_cut },
	{ "trace", "convert", "between the binary and the text form", cmd_trace_convert },
	{ "trace", "import", "make a trace of what Dinero or valgrind reads or writes", cmd_trace_import },
	{ "trace", "export", "references for Dinero", cmd_trace_export },
	{ "trace", "symbols", "give a trace the names of the guest's functions", cmd_trace_symbols },
	{ NULL, "walk", "translate addresses through tables given as text", cmd_walk },
	{ "db", "dump", "a results database as sorted text", cmd_db_dump },
	{ NULL, "version", "version, build and library versions", cmd_version },
	{ NULL, "help", "this text, or the help of a command", cmd_help },
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static const char usage_text[] =
"Usage: shadewalk COMMAND [OPTION...] [ARGUMENT...]\n"
"Replay ARM memory traces under MMU virtualisation strategies and compare them.\n"
"\n";

static const char usage_tail[] =
"\n"
"shadewalk COMMAND --help tells more; so does shadewalk(1), with the exit codes.\n"
"\n"
"Examples:\n"
"  shadewalk run traces/quick/*.swt -o results.db\n"
"  shadewalk compare results.db\n"
"  shadewalk plot results.db breakdown -c arm926 -o breakdown.pdf\n"
"  shadewalk trace info traces/quick/*.swt\n";

static void usage(FILE *out)
{
	fputs(usage_text, out);
	for (size_t i = 0; i < COMMANDS; i++) {
		const struct command *c = &commands[i];
		char name[32];

		snprintf(name, sizeof(name), "%s%s%s", c->group ? c->group : "",
			 c->group ? " " : "", c->name);
		fprintf(out, "  %-15s %s\n", name, c->summary);
	}
	fputs(usage_tail, out);
}

/* Words the user may put at this place: commands and groups, or the commands of one group. */
static size_t words_of(const char *group, const char *words[COMMANDS])
{
	size_t n = 0;

	for (size_t i = 0; i < COMMANDS; i++) {
		const struct command *c = &commands[i];
		const char *w = group ? c->name : c->group ? c->group : c->name;

		if (group && (!c->group || strcmp(c->group, group)))
			continue;
		if (!n || strcmp(words[n - 1], w))
			words[n++] = w;
	}
	return n;
}

static bool is_group(const char *word)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (commands[i].group && !strcmp(commands[i].group, word))
			return true;
	return false;
}

static enum err unknown(const char *group, const char *word, struct diag *d)
{
	const char *words[COMMANDS], *near;
	size_t n = words_of(group, words), used = 0;
	char list[256] = "";

	near = option_suggest(word, words, n);
	if (near)
		return diag_set(d, ERR_USAGE, "unknown command '%.60s', did you mean '%s%s%s'?",
				word, group ? group : "", group ? " " : "", near);
	for (size_t i = 0; i < n && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "",
					 words[i]);
	return diag_set(d, ERR_USAGE, "unknown command '%.60s' (want %s)", word, list);
}

/* Words of argv that name the command: 1 or 2, or 0 with d filled. */
static int find(int argc, char **argv, const struct command **out, struct diag *d)
{
	const char *group = is_group(argv[0]) ? argv[0] : NULL;
	const char *word = group ? argv[1] : argv[0];
	const char *words[COMMANDS];
	enum err e;

	if (group && argc < 2) {
		size_t n = words_of(group, words), used = 0;
		char list[128] = "";

		for (size_t i = 0; i < n && used < sizeof(list); i++)
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
						 i ? ", " : "", words[i]);
		e = diag_set(d, ERR_USAGE, "a command is missing (want %s)", list);
		assert(e == ERR_USAGE);
		return 0;
	}
	for (size_t i = 0; i < COMMANDS; i++) {
		const struct command *c = &commands[i];

		if (!c->group != !group || strcmp(c->name, word))
			continue;
		if (group && strcmp(c->group, group))
			continue;
		*out = c;
		return group ? 2 : 1;
	}
	e = unknown(group, word, d);
	assert(e == ERR_USAGE);
	return 0;
}

static enum err call(const struct command *c, int argc, char **argv, struct diag *d)
{
	static char name[64];           /* argp keeps it for its messages */

	snprintf(name, sizeof(name), "shadewalk %s%s%s", c->group ? c->group : "",
		 c->group ? " " : "", c->name);
	argv[0] = name;
	return c->run(argc, argv, d);
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-?") || !strcmp(word, "-h");
}

/* `help CMD` is `CMD --help`, and so is `help CMD --help`. */
static enum err cmd_help(int argc, char **argv, struct diag *d)
{
	static char help[] = "--help";
	const struct command *c;
	char *args[3] = { NULL, help, NULL };
	int words;

	if (argc > 2 && is_help(argv[argc - 1]))
		argc--;
	if (argc < 2 || is_help(argv[1])) {
		usage(stdout);
		return ERR_OK;
	}
	if (is_group(argv[1]) && argc == 2) {
		const char *names[COMMANDS];
		size_t n = words_of(argv[1], names);

		for (size_t i = 0; i < n; i++)
			printf("shadewalk %s %s --help\n", argv[1], names[i]);
		return ERR_OK;
	}
	words = find(argc - 1, argv + 1, &c, d);
	if (!words)
		return ERR_USAGE;
	if (argc - 1 > words)
		return diag_set(d, ERR_USAGE, "too many arguments (want one command)");
	if (c->run == cmd_help)
		return cmd_help(1, args, d);
	return call(c, 2, args, d);
}

static bool complained;

static int complain(const char *who, enum err e, const struct diag *d)
{
	complained = true;
	fprintf(stderr, "%s: %s\n", who, d->msg[0] ? d->msg : err_text(e));
	return err_exit_code(e);
}

static int flushed(const char *who, struct diag *d)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	return complain(who, diag_set(d, ERR_IO, "standard output: %s", strerror(errno)), d);
}

/* argp prints --help and leaves by itself: whether that reached anybody is found out here. */
static void last_words(void)
{
	if (!complained && (fflush(stdout) || ferror(stdout))) {
		fprintf(stderr, "shadewalk: standard output: %s\n", strerror(errno));
		_exit(1);
	}
}

/* `GROUP --help` and `GROUP help [CMD]` are `help GROUP [CMD]`. */
static bool asks_group(int argc, char **argv)
{
	return argc > 2 && is_group(argv[1]) && (is_help(argv[2]) || !strcmp(argv[2], "help"));
}

int main(int argc, char **argv)
{
	struct diag d = { .msg = "" };
	const struct command *c;
	char who[96] = "shadewalk";
	enum err e;
	int words;

	argp_err_exit_status = 2;
	if (atexit(last_words))
		return complain(who, ERR_NOMEM, &d);
	if (argc < 2) {
		usage(stderr);
		return 2;
	}
	if (is_help(argv[1])) {
		usage(stdout);
		return flushed(who, &d);
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		char *args[2] = { argv[0], NULL };

		e = cmd_version(1, args, &d);
		return e ? complain(who, e, &d) : flushed(who, &d);
	}
	if (argv[1][0] == '-') {
		e = diag_set(&d, ERR_USAGE, "unknown option %.60s: the command comes first "
			     "(see shadewalk help)", argv[1]);
		return complain(who, e, &d);
	}
	if (asks_group(argc, argv)) {
		char *args[4] = { argv[0], argv[1], argc > 3 ? argv[3] : NULL, NULL };

		e = argc > 4 ? diag_set(&d, ERR_USAGE, "too many arguments (want one command)")
			     : cmd_help(argc > 3 ? 3 : 2, args, &d);
		return e ? complain("shadewalk help", e, &d) : flushed(who, &d);
	}
	words = find(argc - 1, argv + 1, &c, &d);
	if (!words) {
		if (is_group(argv[1]))
			snprintf(who, sizeof(who), "shadewalk %s", argv[1]);
		return complain(who, ERR_USAGE, &d);
	}
	snprintf(who, sizeof(who), "shadewalk %s%s%s", c->group ? c->group : "",
		 c->group ? " " : "", c->name);
	e = call(c, argc - words, argv + words, &d);
	return e ? complain(who, e, &d) : flushed(who, &d);
}
