/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rows can say and the simulator cannot do yet: one list. Deleting a row of it is all that
 * is needed once something is simulated: the parameter can then be set, rows that differ in it
 * run, and it enters the configuration of runs whose value is not the ARM926EJ-S's.
 */
#include <string.h>

#include "models/cpu/cpu.h"
#include "models/cpu/rows.h"

/*
 * key: a parameter, or a group of them ending in '.'. spared: a row that has it runs all the same, and
 * says that it runs without: guests with short descriptors do not notice long ones.
 */
static const struct { const char *key, *what; bool spared; } pending[] = {
	{ "feature.lpae", "long descriptors", true },
};
enum { PENDING = sizeof(pending) / sizeof(pending[0]) };

/* The parameters that configurations always held: the first version's. */
static const char *const always[] = {
	"cpu", "hv.dlines", "hv.ilines", "hv.memory", "l1d.bytes", "l1d.kind", "l1d.line", "l1d.policy",
	"l1d.ways", "l1i.bytes", "l1i.kind", "l1i.line", "l1i.policy", "l1i.ways", "map", "map.base",
	"testclean", "tlb.entries", "tlb.locked", "tlb.policy", "tlb.ways", "wb.drain", "wb.entries",
	"wb.words",
};

bool cpu_key_fits(const char *pattern, const char *key)
{
	size_t n = strlen(pattern);

	return n && pattern[n - 1] == '.' ? !strncmp(pattern, key, n) : !strcmp(pattern, key);
}

const char *config_pending(const char *key)
{
	for (size_t i = 0; i < PENDING; i++)
		if (cpu_key_fits(pending[i].key, key))
			return pending[i].what;
	return NULL;
}

bool config_is_absent(const struct host_config *c, const char *key)
{
	static const struct { const char *group, *size; } groups[] = {
		{ "itlb.", "itlb.entries" }, { "dtlb.", "dtlb.entries" }, { "utlb.", "utlb.entries" },
		{ "l2.", "l2.bytes" }, { "minid.", "minid.bytes" },
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (cpu_key_fits(groups[i].group, key) && strcmp(groups[i].size, key))
			return !param_get(param_find(config_keys, config_key_count, groups[i].size), c);
	return false;
}

static bool differs(const struct host_config *c, const struct param *k)
{
	return !config_is_absent(c, k->name) && param_get(k, c) != param_get(k, &cpu_arm926.config);
}

/* The first row of the list from i on of which the core has something else than the ARM926EJ-S. */
static size_t next_pending(const struct cpu_row *row, size_t i, const char **key)
{
	for (; i < PENDING; i++)
		for (unsigned k = 0; k < config_key_count; k++) {
			*key = config_keys[k].name;
			if (cpu_key_fits(pending[i].key, *key) && differs(&row->config, &config_keys[k]))
				return i;
		}
	return PENDING;
}

const char *cpu_pending(const struct cpu_row *row, const char **why)
{
	const char *key;

	for (size_t i = next_pending(row, 0, &key); i < PENDING; i = next_pending(row, i + 1, &key))
		if (!pending[i].spared) {
			*why = pending[i].what;
			return key;
		}
	*why = NULL;
	return NULL;
}

const char *cpu_without(const struct cpu_row *row, unsigned n)
{
	const char *key;

	for (size_t i = next_pending(row, 0, &key); i < PENDING; i = next_pending(row, i + 1, &key))
		if (pending[i].spared && !n--)
			return pending[i].what;
	return NULL;
}

bool config_is_written(const struct host_config *c, const struct param *key)
{
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (!strcmp(always[i], key->name))
			return true;
	return !config_pending(key->name) && differs(c, key);
}
