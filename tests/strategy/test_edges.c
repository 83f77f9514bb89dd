/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of edge cases in doc/model.md and the cases name each other, and no number is left out. Then
 * the cases of the machine, and what is refused; test_edges_tables and test_edges_rights run the others.
 */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/strategy/edge_kit.h"

enum { NUMBERS = 42, CASES = 128 };

/* --- the table in doc/model.md ------------------------------------------------------------------ */

/* The names in backquotes that begin with e<number>_, each marked as named. */
static unsigned names_of(const char *line, unsigned number, bool named[CASES])
{
	unsigned found = 0;
	char want[16];

	snprintf(want, sizeof(want), "`e%u_", number);
	for (const char *at = line; (at = strstr(at, want)); at++) {
		char name[96];
		unsigned i = 0;
		const struct edge_case *c;

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 1, "`"), at + 1);
		while ((c = edge_case_at(i)) && strcmp(c->name, name) != 0)
			i++;
		if (!c)
			fail_msg("E%u names %s, which is no case", number, name);
		assert_int_equal(c->number, number);
		named[i] = true;
		found++;
	}
	return found;
}

static void table_and_cases_agree(void **state)
{
	unsigned rows[NUMBERS + 1] = { 0 };
	bool named[CASES] = { false };
	const struct edge_case *c;
	char line[4096];
	FILE *f = fopen(test_path("doc/model.md"), "r");

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		char *end;
		unsigned long n;

		if (strncmp(line, "| E", 3) != 0)
			continue;
		n = strtoul(line + 3, &end, 10);
		if (end == line + 3 || strncmp(end, " |", 2) != 0)
			continue;
		assert_in_range(n, 1, NUMBERS);
		rows[n]++;
		if (!names_of(line, (unsigned)n, named))
			fail_msg("E%lu names no test", n);
	}
	fclose(f);
	for (unsigned n = 1; n <= NUMBERS; n++)
		if (rows[n] != 1)
			fail_msg("E%u stands in %u rows of the table", n, rows[n]);
	for (unsigned i = 0; (c = edge_case_at(i)); i++)
		if (!named[i])
			fail_msg("%s is not in the table", c->name);
}

/* Every strategy has a row for each architecture that it runs, its default first. */
static void every_strategy_has_a_row(void **state)
{
	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++)
		for (unsigned s = 0; s < strategy_count; s++) {
			const struct edge_row *row;
			unsigned n = 0;

			for (unsigned i = 0; (row = edge_row_at(v6, i)); i++)
				n += edge_row_is(row, strategy_table[s]->name);
			assert_true(!v6 || strategy_table[s]->v6 ? n > 0 : n == 0);
		}
}

int main(void)
{
	static const struct edge_case *const groups[] = { edges_machine, edges_refused, edges_cross, NULL };
	const struct CMUnitTest first[] = {
		cmocka_unit_test(table_and_cases_agree),
		cmocka_unit_test(every_strategy_has_a_row),
	};

	return edge_main("edges", groups, first, 2);
}
