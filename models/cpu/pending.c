/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rows can say and the simulator cannot do yet: one list. Deleting a row of it is all that
 * is needed once something is simulated: the parameter can then be set, rows that differ in it
 * run, and it enters the configuration of runs whose value is not the ARM926EJ-S's.
 */
#include <string.h>

#include "models/cpu/cpu.h"
#include "models/cpu/rows.h"

/* key: a parameter, or a group of them ending in '.' */
static const struct { const char *key, *what; } pending[] = {
	{ "dtlb.", "split TLBs" },
	{ "itlb.", "split TLBs" },
	{ "feature.coherent-walk", "walks through caches" },
	{ "feature.lpae", "long descriptors" },
	{ "feature.vmid", "two stages" },
	{ "feature.walk-cache", "a cache of partial walks" },
	{ "l1d.allocate", "write-allocate" },
	{ "l1d.lock", "cache lockdown" },
	{ "l1d.write", "a data cache that always writes through" },
	{ "l1i.lock", "cache lockdown" },
	{ "l2.", "an outer cache" },
	{ "minid.", "a mini data cache" },
	{ "tlb.lock", "TLB lockdown by base or pointer" },
	{ "utlb.", "micro-TLBs" },
	{ "walk.sees", "walks through caches" },
	{ "wb.merge", "a write buffer that merges by address" },
};

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
	for (size_t i = 0; i < sizeof(pending) / sizeof(pending[0]); i++)
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

const char *cpu_pending(const struct cpu_row *row, const char **why)
{
	for (unsigned i = 0; i < config_key_count; i++) {
		*why = config_pending(config_keys[i].name);
		if (*why && differs(&row->config, &config_keys[i]))
			return config_keys[i].name;
	}
	*why = NULL;
	return NULL;
}

bool config_is_written(const struct host_config *c, const struct param *key)
{
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (!strcmp(always[i], key->name))
			return true;
	return !config_pending(key->name) && differs(c, key);
}
