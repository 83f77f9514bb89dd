/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "strategies/strategy.h"

#define STRATEGY(name) extern const struct strategy_ops strategy_##name;
#include "strategies/strategies.def"
#undef STRATEGY

const struct strategy_ops *const strategy_table[] = {
#define STRATEGY(name) &strategy_##name,
#include "strategies/strategies.def"
#undef STRATEGY
};
const unsigned strategy_count = sizeof(strategy_table) / sizeof(strategy_table[0]);

const struct strategy_ops *strategy_find(const char *name)
{
	for (unsigned i = 0; i < strategy_count; i++)
		if (!strcmp(strategy_table[i]->name, name))
			return strategy_table[i];
	return NULL;
}
