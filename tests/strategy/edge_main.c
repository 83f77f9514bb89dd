/* SPDX-License-Identifier: GPL-2.0-or-later */
#if __has_include(<cmocka.h>)
#include "tests/support.h"

#include "tests/strategy/edge_kit.h"

#include <string.h>

enum { TESTS = 64 };

/* Engine fast on the first row of each strategy and on every third of the others. */
static size_t batch_of(const struct edge_row *row, unsigned i)
{
	static const size_t batch[] = { 1, 7, 4096 };
	bool plain = !strchr(row->spec, ':') && !row->set[0];

	return plain || i % 3 == 0 ? batch[i % 3] : 0;
}

/* The guest that cleans the lines of its tables, for the rows that live by that; the other one for the rest. */
static void guest_case(const struct edge_case *c, bool cleans)
{
	const struct edge_row *row;
	struct diag why;
	struct edge e;

	edge_begin(&e, c->core);
	e.k.cleans = cleans;
	c->write(&e);
	edge_end(&e);
	if (!edge_check_trace(&e, &why))
		fail_msg("trace check: %s", why.msg);
	for (unsigned i = 0; (row = edge_row_at(e.v6, i)); i++)
		if (row->cleans == cleans && !edge_run(&e, row, NULL, batch_of(row, i), &why))
			fail_msg("row %u, %s%s%s: %s", i, row->spec, row->set[0] ? " " : "",
				 row->set[0] ? row->set[0] : "", why.msg);
	edge_free(&e);
}

static void one_case(void **state)
{
	const struct edge_case *c = *state;

	if (!c->write) {
		c->plain();
		return;
	}
	guest_case(c, false);
	guest_case(c, true);
}

int edge_main(const char *name, const struct edge_case *const *groups, const struct CMUnitTest *first,
	      size_t n)
{
	static struct CMUnitTest tests[TESTS];

	for (size_t i = 0; i < n; i++)
		tests[i] = first[i];
	for (; *groups; groups++)
		for (const struct edge_case *c = *groups; c->name; c++) {
			if (n == TESTS)
				return 1;
			tests[n++] = (struct CMUnitTest){ .name = c->name, .test_func = one_case,
							  .initial_state = (void *)(uintptr_t)c };
		}
	return _cmocka_run_group_tests(name, tests, n, NULL, NULL);
}
#else
typedef int cmocka_is_missing;
#endif
