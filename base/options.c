/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bits.h"

/* ---- quantities ---- */

static int digit_value(char c, unsigned base)
{
	int v = -1;

	if (c >= '0' && c <= '9')
		v = c - '0';
	else if (base == 16 && c >= 'a' && c <= 'f')
		v = c - 'a' + 10;
	else if (base == 16 && c >= 'A' && c <= 'F')
		v = c - 'A' + 10;
	return v;
}

/* Digits with single underscores between them; NULL when there is none. */
static const char *digits(const char *s, unsigned base, uint64_t *out, bool *large)
{
	uint64_t sum = 0;
	int v = digit_value(*s, base);

	if (v < 0)
		return NULL;
	for (;;) {
		if (__builtin_mul_overflow(sum, base, &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)v, &sum))
			*large = true;
		s++;
		if (*s == '_' && digit_value(s[1], base) >= 0)
			s++;
		v = digit_value(*s, base);
		if (v < 0)
			break;
	}
	*out = sum;
	return s;
}

/* Is text a number? If so and it does not fit into 64 bits, *large is set and *out is of no use. */
static bool quantity_value(const char *text, unsigned flags, uint64_t *out, bool *large)
{
	static const char suffixes[] = "KMG";
	uint64_t unit = (flags & QUANTITY_COUNT) ? 1000 : 1024;
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *end = digits(hex ? text + 2 : text, hex ? 16 : 10, out, large);
	const char *suffix;

	if (!end)
		return false;
	if (!*end)
		return true;
	suffix = strchr(suffixes, *end);
	if (hex || !suffix || end[1])
		return false;
	for (const char *s = suffixes; s <= suffix; s++)
		if (__builtin_mul_overflow(*out, unit, out))
			*large = true;
	return true;
}

enum err option_quantity(const char *name, const char *text, struct quantity q, uint64_t *out,
			 struct diag *d)
{
	const char *unit = (q.flags & QUANTITY_COUNT) ? "1000" : "1024";
	char range[80] = "";
	bool large = false;
	uint64_t v;

	if (q.max == UINT64_MAX && q.min)
		snprintf(range, sizeof(range), ", at least %" PRIu64, q.min);
	else if (q.max != UINT64_MAX)
		snprintf(range, sizeof(range), ", from %" PRIu64 " to %" PRIu64, q.min, q.max);

	if (!quantity_value(text, q.flags, &v, &large))
		return diag_set(d, ERR_USAGE,
				"%s: '%.60s' is not a number (want digits, 0x hexadecimal, 1_000, "
				"suffix K M G of %s%s%s)", name, text, unit, range,
				(q.flags & QUANTITY_POW2) ? ", a power of two" : "");
	if (large || v < q.min || v > q.max)
		return diag_set(d, ERR_USAGE, "%s: %.60s is out of range (want a number%s)", name,
				text, *range ? range : " below 2^64");
	if ((q.flags & QUANTITY_POW2) && v && !is_pow2(v))
		return diag_set(d, ERR_USAGE,
				"%s: %.60s is not a power of two (want 1, 2, 4, ...%s)", name,
				text, range);
	*out = v;
	return ERR_OK;
}

/* ---- words ---- */

enum { WORD_MAX = 63 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned option_distance(const char *a, const char *b)
{
	size_t na = strnlen(a, WORD_MAX), nb = strnlen(b, WORD_MAX);
	unsigned row[3][WORD_MAX + 1];
	unsigned *prev2 = row[0], *prev = row[1], *cur = row[2];

	for (size_t j = 0; j <= nb; j++)
		prev[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned *spare = prev2;

		cur[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned change = prev[j - 1] + (a[i - 1] != b[j - 1]);

			cur[j] = min3(prev[j] + 1, cur[j - 1] + 1, change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    prev2[j - 2] + 1 < cur[j])
				cur[j] = prev2[j - 2] + 1;
		}
		prev2 = prev;
		prev = cur;
		cur = spare;
	}
	return prev[nb];
}

const char *option_suggest(const char *word, const char *const *words, size_t n)
{
	unsigned best = 3;
	const char *found = NULL;

	for (size_t i = 0; i < n; i++) {
		unsigned dist = option_distance(word, words[i]);

		if (dist < best && dist < strlen(word)) {
			best = dist;
			found = words[i];
		}
	}
	return found;
}

enum err option_word(const char *name, const char *text, const char *const *words, size_t n,
		     size_t *out, struct diag *d)
{
	char list[256] = "";
	size_t used = 0;
	const char *near;

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(text, words[i])) {
			*out = i;
			return ERR_OK;
		}
	}
	for (size_t i = 0; i < n && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "",
					 words[i]);
	near = option_suggest(text, words, n);
	return near ? diag_set(d, ERR_USAGE, "%s: unknown '%.60s', did you mean '%s'? (want %s)",
			       name, text, near, list)
		    : diag_set(d, ERR_USAGE, "%s: unknown '%.60s' (want %s)", name, text, list);
}

enum err option_format(const char *text, int *out, struct diag *d)
{
	static const char *const formats[] = { "text", "json", "csv" };
	size_t i;
	enum err e = option_word("--format", text, formats, 3, &i, d);

	if (e == ERR_OK)
		*out = (int)i;
	return e;
}

enum err option_progress(const char *text, enum progress_mode *out, struct diag *d)
{
	static const char *const modes[] = { "auto", "plain", "none" };
	size_t i;
	enum err e = option_word("--progress", text, modes, 3, &i, d);

	if (e == ERR_OK)
		*out = (enum progress_mode)i;
	return e;
}

/* ---- option names, before argp sees them ---- */

enum { NAMES_MAX = 128 };

struct names {
	const struct argp_option *opt[NAMES_MAX];
	size_t n;
};

static bool is_end(const struct argp_option *o)
{
	return !o->key && !o->name && !o->doc && !o->group;
}

static void names_collect(struct names *s, const struct argp *argp)
{
	for (const struct argp_option *o = argp->options; o && !is_end(o); o++)
		if (s->n < NAMES_MAX && !(o->flags & OPTION_DOC))
			s->opt[s->n++] = o;
	for (const struct argp_child *c = argp->children; c && c->argp; c++)
		names_collect(s, c->argp);
}

/* An alias takes its argument from the option above it. */
static const char *argument_of(const struct names *s, size_t i)
{
	while (i && (s->opt[i]->flags & OPTION_ALIAS))
		i--;
	return (s->opt[i]->flags & OPTION_ARG_OPTIONAL) ? NULL : s->opt[i]->arg;
}

static enum err check_long(const struct names *s, const char *arg, bool last, bool *skip,
			   struct diag *d)
{
	static const char *const own[] = { "help", "usage", "version" };
	const char *words[NAMES_MAX + 3], *near;
	size_t len = strcspn(arg, "="), hits = 0, hit = 0, n = 0;
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)len, arg);
	for (size_t i = 0; i < 3; i++) {
		if (!strncmp(own[i], name, len))
			return ERR_OK;
		words[n++] = own[i];
	}
	for (size_t i = 0; i < s->n; i++) {
		const char *w = s->opt[i]->name;

		if (!w)
			continue;
		words[n++] = w;
		if (strncmp(w, arg, len))
			continue;
		hit = i;
		hits++;
		if (!w[len]) {          /* exact beats every longer name */
			hits = 1;
			break;
		}
	}
	if (hits > 1)
		return diag_set(d, ERR_USAGE, "option --%s is ambiguous", name);
	if (!hits) {
		near = option_suggest(name, words, n);
		return near ? diag_set(d, ERR_USAGE, "unknown option --%s, did you mean --%s?",
				       name, near)
			    : diag_set(d, ERR_USAGE, "unknown option --%s (see --help)", name);
	}
	if (arg[len] == '=' && !argument_of(s, hit) && !(s->opt[hit]->flags & OPTION_ARG_OPTIONAL))
		return diag_set(d, ERR_USAGE, "option --%s takes no value", s->opt[hit]->name);
	*skip = !arg[len] && argument_of(s, hit);
	if (*skip && last)
		return diag_set(d, ERR_USAGE, "option --%s needs a value (--%s=%s)",
				s->opt[hit]->name, s->opt[hit]->name, argument_of(s, hit));
	return ERR_OK;
}

static enum err check_short(const struct names *s, const char *arg, bool last, bool *skip,
			    struct diag *d)
{
	for (; *arg; arg++) {
		size_t i = 0;

		if (*arg == '?')
			continue;
		while (i < s->n && s->opt[i]->key != *arg)
			i++;
		if (i == s->n)
			return diag_set(d, ERR_USAGE, "unknown option -%c (see --help)", *arg);
		if (!argument_of(s, i))
			continue;
		*skip = !arg[1];
		if (*skip && last)
			return diag_set(d, ERR_USAGE, "option -%c needs a value (-%c %s)", *arg,
					*arg, argument_of(s, i));
		break;
	}
	return ERR_OK;
}

static enum err check_names(const struct argp *argp, int argc, char **argv, struct diag *d)
{
	struct names s = { .n = 0 };

	names_collect(&s, argp);
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];
		bool skip = false, last = i + 1 == argc;
		enum err e = ERR_OK;

		if (!strcmp(arg, "--"))
			break;
		if (arg[0] != '-' || !arg[1])
			continue;
		e = arg[1] == '-' ? check_long(&s, arg + 2, last, &skip, d)
				  : check_short(&s, arg + 1, last, &skip, d);
		if (e)
			return e;
		i += skip;
	}
	return ERR_OK;
}

enum err options_parse(const struct argp *argp, int argc, char **argv, void *input,
		       struct diag *d)
{
	enum err e = check_names(argp, argc, argv, d);
	char before[sizeof(d->msg)] = "";
	error_t wrong;

	if (e)
		return e;
	if (d) {
		memcpy(before, d->msg, sizeof(before));
		d->msg[0] = 0;
	}
	wrong = argp_parse(argp, argc, argv, 0, NULL, input);
	if (!wrong) {
		if (d)
			memcpy(d->msg, before, sizeof(before));
		return ERR_OK;
	}
	if (d && d->msg[0])
		return ERR_USAGE;
	return diag_set(d, ERR_USAGE, "%s (see --help)", strerror(wrong));
}

/* ---- files ---- */

enum err option_one(const char **slot, const char *arg, const char *what, struct diag *d)
{
	if (*slot)
		return diag_set(d, ERR_USAGE, "%s: one %s at a time", arg, what);
	*slot = arg;
	return ERR_OK;
}

enum err option_output(const char *path, const char *const *in, size_t n, struct diag *d)
{
	struct stat out, st;

	if (!path || !strcmp(path, "-") || stat(path, &out))
		return ERR_OK;
	for (size_t i = 0; i < n; i++)
		if (!stat(in[i], &st) && st.st_dev == out.st_dev && st.st_ino == out.st_ino)
			return diag_set(d, ERR_USAGE, "%s: is what is read; -o wants another file",
					path);
	return ERR_OK;
}

enum err option_output_file(const char *path, const char *const *in, size_t n, struct diag *d)
{
	struct stat out;

	if (path && !stat(path, &out) && !S_ISREG(out.st_mode))
		return diag_set(d, ERR_IO, "%s: is %s, -o wants a file", path,
				S_ISDIR(out.st_mode) ? "a directory" : "a device, pipe or socket");
	return option_output(path, in, n, d);
}

/* ---- terminal ---- */

bool option_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb");
}

void progress_begin(struct progress *p, enum progress_mode mode, const char *what,
		    uint64_t total)
{
	*p = (struct progress){ .what = what, .total = total };
	p->plain = mode == PROGRESS_PLAIN;
	p->bar = mode == PROGRESS_AUTO && isatty(STDERR_FILENO);
}

/* Of an input whose end is not known. */
static void progress_megabytes(struct progress *p, unsigned megabytes)
{
	enum { STEP = 64 };

	if (p->plain)
		megabytes -= megabytes % STEP;
	if (!megabytes || megabytes + 1 == p->shown)
		return;
	p->shown = megabytes + 1;
	fprintf(stderr, p->plain ? "%.60s %u MB\n" : "\r\033[K%.60s %u MB", p->what, megabytes);
}

void progress_step(struct progress *p, uint64_t done)
{
	unsigned percent;

	if (!p->bar && !p->plain)
		return;
	if (!p->total && done) {
		progress_megabytes(p, (unsigned)(done >> 20));
		return;
	}
	percent = p->total ? (unsigned)((double)done / (double)p->total * 100.0) : 0;
	if (percent > 100)
		percent = 100;
	if (p->plain)
		percent -= percent % 10;
	if (percent + 1 == p->shown)
		return;
	p->shown = percent + 1;
	if (p->plain)
		fprintf(stderr, "%s %u%%\n", p->what, percent);
	else
		fprintf(stderr, "\r\033[K%.60s %3u%%", p->what, percent);
}

void progress_end(struct progress *p)
{
	if (p->bar && p->shown)
		fputs("\r\033[K", stderr);
	p->bar = p->plain = false;
}
