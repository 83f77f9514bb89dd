/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every command needs to read its command line in the same way: quantities, words out of
 * a list, suggestions for typing errors, the check of option names before argp sees them, and
 * the progress line.
 *
 *	static const struct argp argp = { options, parse, "TRACE...", doc };
 *	enum err e = options_parse(&argp, argc, argv, &input, d);
 *
 * A parse function that meets a wrong value fills the diag it finds in its input and returns
 * EINVAL; options_parse() then returns ERR_USAGE with that text.
 */
#ifndef SHADEWALK_BASE_OPTIONS_H
#define SHADEWALK_BASE_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	QUANTITY_POW2 = 1,      /* only powers of two (0 too when min is 0) */
	QUANTITY_COUNT = 2,     /* K M G are powers of 1000 (counts) and not of 1024 (bytes) */
};

struct quantity { uint64_t min, max; unsigned flags; };

/*
 * Digits, decimal or 0x hexadecimal, single underscores between digits, one suffix K, M or G
 * after decimal digits: 64K, 1_000, 0x10. Nothing else: no sign, space, fraction, exponent.
 * name is what the user typed it for ("--seed", "tlb.ways"); it starts the message.
 */
enum err option_quantity(const char *name, const char *text, struct quantity q, uint64_t *out,
			 struct diag *d) __attribute__((warn_unused_result));

/* Index of text in words[n]; the message lists what is allowed and suggests the nearest. */
enum err option_word(const char *name, const char *text, const char *const *words, size_t n,
		     size_t *out, struct diag *d) __attribute__((warn_unused_result));

/* --format: 0 text, 1 json, 2 csv, in the order of enum out_format. */
enum err option_format(const char *text, int *out, struct diag *d)
	__attribute__((warn_unused_result));

/*
 * Nearest of words[n] by Damerau-Levenshtein distance (insert, delete, replace, swap of
 * neighbours cost 1 each) if that is at most 2 and less than the length of word; else NULL.
 */
const char *option_suggest(const char *word, const char *const *words, size_t n);
unsigned option_distance(const char *a, const char *b);         /* first 63 characters each */

/*
 * argp_parse() after a look at the option names: an unknown option, an ambiguous abbreviation
 * or a missing argument is ERR_USAGE with one line and a suggestion. --help and --usage print
 * and exit 0 as usual. argv[0] is the name shown in the help ("shadewalk run").
 */
enum err options_parse(const struct argp *argp, int argc, char **argv, void *input,
		       struct diag *d) __attribute__((warn_unused_result));

/* Argument `arg` of a command that takes one of them; what: its name in the usage. */
enum err option_one(const char **slot, const char *arg, const char *what, struct diag *d)
	__attribute__((warn_unused_result));
/*
 * A command that reads in[n] is about to write path: ERR_USAGE when that is one of them, whatever
 * its name; a trace may be one that nobody can capture again. NULL, "-" and new files are fine.
 */
enum err option_output(const char *path, const char *const *in, size_t n, struct diag *d)
	__attribute__((warn_unused_result));
/* The same for files that take their name when they are whole: nothing else may have it. */
enum err option_output_file(const char *path, const char *const *in, size_t n, struct diag *d)
	__attribute__((warn_unused_result));

/* Colour on stdout: a terminal, TERM is not "dumb", NO_COLOR is unset or empty. */
bool option_colour(void);

/*
 * One line on stderr that rewrites itself when stderr is a terminal, and nothing otherwise;
 * PROGRESS_PLAIN prints a full line every 10 % instead.
 */
enum progress_mode { PROGRESS_AUTO, PROGRESS_PLAIN, PROGRESS_NONE };
enum err option_progress(const char *text, enum progress_mode *out, struct diag *d)
	__attribute__((warn_unused_result));            /* auto, plain, none */

struct progress {
	const char *what;               /* borrowed until progress_end() */
	uint64_t total;                 /* 0: not known; steps are bytes then, shown in MB */
	unsigned shown;                 /* last percentage printed + 1 */
	bool bar, plain;
};

void progress_begin(struct progress *p, enum progress_mode mode, const char *what,
		    uint64_t total);
void progress_step(struct progress *p, uint64_t done);
void progress_end(struct progress *p);  /* wipes the bar */

#endif
