/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edge cases of rights, roots and registers (doc/model.md, "Edge cases") on every row of the
 * table of strategies: edge_kit.h. */
#include "tests/support.h"

#include "tests/strategy/edge_kit.h"

int main(void)
{
	static const struct edge_case *const groups[] = { edges_rights, edges_roots, edges_v6, NULL };

	return edge_main("edges: rights", groups, NULL, 0);
}
