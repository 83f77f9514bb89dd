/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running gnuplot, and making what it wrote the same every time. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plots/figure.h"

enum { NOT_FOUND = 127, NO_FOLDER = 126 };

/* In the child. Only calls that are safe between fork and exec, environment aside: the program
 * draws from its only thread. */
static void gnuplot_child(const char *folder, const char *script, int out)
{
	int nothing = open("/dev/null", O_RDWR);

	if (nothing >= 0)
		dup2(nothing, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	if (chdir(folder))
		_exit(NO_FOLDER);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TZ", "UTC", 1);
	unsetenv("GNUTERM");
	/* -d: a user's start-up file must not restyle a figure. */
	execlp("gnuplot", "gnuplot", "-d", script, (char *)NULL);
	_exit(errno == ENOENT ? NOT_FOUND : NO_FOLDER);
}

/* The first line that is more than gnuplot's repetition of the command and a caret. */
static void first_complaint(char *text, size_t n)
{
	char *line = strstr(text, "line ");

	if (line)
		memmove(text, line, strlen(line) + 1);
	text[strcspn(text, "\n")] = 0;
	for (size_t i = 0; i < n && text[i]; i++)
		if (iscntrl((unsigned char)text[i]))
			text[i] = ' ';
}

static void read_all(int fd, char *text, size_t n)
{
	char rest[512];
	size_t used = 0;
	ssize_t got;

	while ((got = read(fd, used + 1 < n ? text + used : rest,
			   used + 1 < n ? n - 1 - used : sizeof(rest))) != 0) {
		if (got < 0 && errno != EINTR)
			break;
		if (got > 0 && used + 1 < n)
			used += (size_t)got;
	}
	text[used] = 0;
}

enum err gnuplot_run(const char *folder, const char *script, struct diag *d)
{
	char text[1024];
	int fd[2], status = 0;
	pid_t child;

	if (pipe(fd))
		return diag_set(d, ERR_IO, "gnuplot cannot be started: %s", strerror(errno));
	child = fork();
	if (child == 0)
		gnuplot_child(folder, script, fd[1]);
	close(fd[1]);
	if (child < 0) {
		close(fd[0]);
		return diag_set(d, ERR_IO, "gnuplot cannot be started: %s", strerror(errno));
	}
	read_all(fd[0], text, sizeof(text));
	close(fd[0]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND)
		return diag_set(d, ERR_IO,
				"gnuplot is not on PATH; the data and %s are written. "
				"Install it (Debian: apt-get install gnuplot-nox) and repeat",
				script);
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return ERR_OK;
	first_complaint(text, sizeof(text));
	return diag_set(d, ERR_IO, "gnuplot failed on %s: %.200s", script,
			*text ? text : "no message");
}

/* ---- settling ---- */

static enum err file_error(const char *path, struct diag *d)
{
	return diag_set(d, ERR_IO, "%s: %s", path, strerror(errno));
}

static enum err slurp(const char *path, char **bytes, size_t *n, struct diag *d)
{
	FILE *f = fopen(path, "rb");
	long size = -1;
	enum err e = ERR_OK;

	*bytes = NULL;
	if (f && !fseek(f, 0, SEEK_END))
		size = ftell(f);
	if (size < 0 || fseek(f, 0, SEEK_SET)) {
		e = file_error(path, d);
		goto out;
	}
	*bytes = malloc((size_t)size + 1);
	if (!*bytes) {
		e = diag_set(d, ERR_NOMEM, "%s: out of memory", path);
		goto out;
	}
	*n = fread(*bytes, 1, (size_t)size, f);
	(*bytes)[*n] = 0;
	if (*n != (size_t)size)
		e = file_error(path, d);
out:
	if (f)
		fclose(f);
	return e;
}

enum err gnuplot_settle_pdf(const char *path, struct diag *d)
{
	static const char key[] = "/CreationDate (D:";
	char *pdf, *at = NULL;
	FILE *f = NULL;
	size_t n = 0;
	enum err e = slurp(path, &pdf, &n, d);

	if (!e)
		at = memmem(pdf, n, key, sizeof(key) - 1);
	if (!at)
		goto out;       /* no date: nothing to settle */
	at += sizeof(key) - 1;
	for (unsigned i = 0; i < 14 && isdigit((unsigned char)at[i]); i++)
		at[i] = "20000101000000"[i];
	f = fopen(path, "r+b");
	if (!f || fwrite(pdf, 1, n, f) != n)
		e = file_error(path, d);
	if (f && fclose(f) && !e)
		e = file_error(path, d);
out:
	free(pdf);
	return e;
}

enum err gnuplot_settle_svg(const char *path, double width_in, double height_in, struct diag *d)
{
	char *svg, *width, *box, *from = NULL;
	size_t n = 0;
	FILE *f;
	enum err e = slurp(path, &svg, &n, d);

	width = e ? NULL : strstr(svg, " width=\"");
	box = width ? strstr(width, " viewBox=") : NULL;
	if (!e && box)
		from = box;
	f = from ? fopen(path, "wb") : NULL;
	if (f) {
		while (from > width && isspace((unsigned char)from[-1]))
			from--;
		fwrite(svg, 1, (size_t)(width - svg), f);
		fprintf(f, " width=\"%.3fin\" height=\"%.3fin\"", width_in, height_in);
		fwrite(from, 1, n - (size_t)(from - svg), f);
		if (ferror(f) | fclose(f))
			e = file_error(path, d);
	} else if (from) {
		e = file_error(path, d);
	}
	free(svg);
	return e;
}
