/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Aligned text tables: cells one after the other, columns as wide as they need to be. */
#ifndef SHADEWALK_RESULTS_TABLE_H
#define SHADEWALK_RESULTS_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct table { char **cell; size_t n, room, columns; const char *align; int failed; };

/* One letter a column: l or r. Borrowed until table_print. */
void table_begin(struct table *t, const char *align);
void table_cell(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Writes, frees; -1 when a cell found no memory. The last column is not padded. */
int table_print(struct table *t, const char *indent, FILE *out);

/* 1234567 as "1,234,567". */
const char *table_grouped(uint64_t v, char buf[32]);

#endif
