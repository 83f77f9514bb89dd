/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/table.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void table_begin(struct table *t, const char *align)
{
	*t = (struct table){ .align = align, .columns = strlen(align) };
}

void table_cell(struct table *t, const char *fmt, ...)
{
	va_list ap;

	if (t->n == t->room) {
		size_t room = t->room ? 2 * t->room : 64;
		char **more = realloc(t->cell, room * sizeof(*more));

		if (!more) {
			t->failed = 1;
			return;
		}
		t->cell = more;
		t->room = room;
	}
	va_start(ap, fmt);
	if (vasprintf(&t->cell[t->n], fmt, ap) < 0)
		t->failed = 1;
	else
		t->n++;
	va_end(ap);
}

/* Characters, not bytes, of UTF-8. */
static size_t width_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void print_row(const struct table *t, size_t first, const size_t *width,
		      const char *indent, FILE *out)
{
	fputs(indent, out);
	for (size_t c = 0; c < t->columns; c++) {
		const char *text = t->cell[first + c];
		size_t pad = width[c] - width_of(text);

		if (c)
			fputs("  ", out);
		if (t->align[c] == 'r')
			for (; pad; pad--)
				putc(' ', out);
		fputs(text, out);
		for (; pad && c + 1 < t->columns; pad--)
			putc(' ', out);
	}
	putc('\n', out);
}

int table_print(struct table *t, const char *indent, FILE *out)
{
	size_t *width = calloc(t->columns + 1, sizeof(*width));
	int failed = t->failed || !width;

	assert(failed || t->n % t->columns == 0);
	for (size_t i = 0; !failed && i < t->n; i++)
		if (width_of(t->cell[i]) > width[i % t->columns])
			width[i % t->columns] = width_of(t->cell[i]);
	for (size_t i = 0; !failed && i < t->n; i += t->columns)
		print_row(t, i, width, indent, out);
	for (size_t i = 0; i < t->n; i++)
		free(t->cell[i]);
	free(t->cell);
	free(width);
	memset(t, 0, sizeof(*t));
	return failed ? -1 : 0;
}

const char *table_grouped(uint64_t v, char buf[32])
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, v), k = 0;

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			buf[k++] = ',';
		buf[k++] = digits[i];
	}
	buf[k] = 0;
	return buf;
}
