/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/cp15.h"

#include <stddef.h>
#include <string.h>

#include "traces/record.h"

const char *const cp_core_name[CP_CORES] = {
#define X(id, name) [CP_CORE_##id] = name,
	CP_CORE_LIST(X)
#undef X
};

enum cp_core cp_core_find(const char *core, const char *arch)
{
	for (unsigned i = 0; i < CP_CORE_GENERIC_V5; i++)
		if (!strcmp(cp_core_name[i], core))
			return (enum cp_core)i;
	if (!strcmp(arch, "armv5"))
		return CP_CORE_GENERIC_V5;
	return strcmp(arch, "armv6") ? CP_CORES : CP_CORE_GENERIC_V6;
}

bool cp_is_test_space(enum cp_core core, uint16_t key)
{
	const uint32_t listed = CP_CORE_BIT(SA1110) | CP_CORE_BIT(PXA255) | CP_CORE_BIT(PXA270);

	if (listed >> core & 1)
		return false;
	return key & CP_KEY_CP14 || (!(key & CP_KEY_64) && key >> 10 == 15);
}

const struct cp_map_row *cp_map_find(enum cp_core core, uint16_t key)
{
	for (unsigned i = 0; i < cp_map_count; i++)
		if (cp_map[i].key == key && cp_map[i].cores >> core & 1)
			return &cp_map[i];
	return NULL;
}

const struct cp_map_row *cp_map_encode(enum cp_core core, const struct cp_canon *c)
{
	for (unsigned i = 0; i < cp_map_count; i++) {
		const struct cp_canon *r = &cp_map[i].canon;

		if (cp_map[i].cores >> core & 1 && r->op == c->op && r->side == c->side &&
		    r->scope == c->scope && r->clean == c->clean && r->inval == c->inval)
			return &cp_map[i];
	}
	return NULL;
}

struct cp_canon cp_canonical(enum cp_core core, uint16_t key, bool read)
{
	const struct cp_map_row *r = cp_map_find(core, key);

	if (r)
		return r->access & (read ? CP_READ : CP_WRITE) ? r->canon
			: (struct cp_canon){ .op = CP_UNKNOWN };
	if (cp_is_test_space(core, key))
		return (struct cp_canon){ .op = key & CP_KEY_CP14 ? CP_CP14 : CP_OTHER };
	return (struct cp_canon){ .op = CP_UNKNOWN };
}

static unsigned log2_of(uint32_t n)
{
	return (unsigned)__builtin_ctz(n);
}

struct cp_setway cp_operand_setway(uint32_t operand, uint32_t sets, uint32_t ways,
				   uint32_t line_bytes)
{
	return (struct cp_setway){
		.set = operand >> log2_of(line_bytes) & (sets - 1),
		.way = ways > 1 ? operand >> (32 - log2_of(ways)) : 0,
	};
}

uint32_t cp_setway_operand(struct cp_setway sw, uint32_t sets, uint32_t ways,
			   uint32_t line_bytes)
{
	uint32_t way = ways > 1 ? (sw.way & (ways - 1)) << (32 - log2_of(ways)) : 0;

	return way | (sw.set & (sets - 1)) << log2_of(line_bytes);
}

struct cp_range cp_operand_range(uint32_t rt, uint32_t rt2, uint32_t line_bytes)
{
	uint32_t first = cp_operand_mva(rt2, line_bytes), last = cp_operand_mva(rt, line_bytes);

	return (struct cp_range){
		.first = first,
		.lines = last < first ? 0 : (uint64_t)(last - first) / line_bytes + 1,
	};
}
