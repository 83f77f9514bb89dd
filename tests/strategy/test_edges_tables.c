/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edge cases of tables and of single words (doc/model.md, "Edge cases") on every row of the
 * table of strategies: edge_kit.h. */
#include "tests/support.h"

#include "tests/strategy/edge_kit.h"

int main(void)
{
	static const struct edge_case *const groups[] = { edges_tables, edges_words, NULL };

	return edge_main("edges: tables", groups, NULL, 0);
}
