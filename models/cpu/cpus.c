/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of rows, and where their values come from. */
#include <stdio.h>
#include <string.h>

#include "models/cpu/rows.h"

const struct cpu_row *const cpu_rows[] = {
	&cpu_arm920t, &cpu_arm922t, &cpu_arm926, &cpu_sa1110, &cpu_pxa255, &cpu_pxa270,
	&cpu_arm1136, &cpu_arm1176, &cpu_mpcore, &cpu_cortex_a8, &cpu_cortex_a15, &cpu_generic,
};
const unsigned cpu_row_count = sizeof(cpu_rows) / sizeof(cpu_rows[0]);

/* Of every row that has nothing of its own to say. */
static const struct cpu_fact common[] = {
	FACT("coalesce", CHOICE, "each trap is an exit, unless asked otherwise"),
	FACT("cpu", CHOICE, "the guest is patched, unless asked otherwise"),
	FACT("walk.entries", KNOWLEDGE, "no cache of partial walks known"),
	FACT("walk.nested", CHOICE, "used with two stages only: the guest's words alone"),
	FACT("ntlb.entries", CHOICE, "used with two stages only, which the core has not: none"),
	FACT("hv.memory", CHOICE, "the monitor's accesses go through the caches, unless asked otherwise"),
	FACT("hv.ilines", ESTIMATE, "code of an exit in a thin monitor"),
	FACT("hv.dlines", ESTIMATE, "saved registers and one control block"),
	FACT("hv.vectors", CHOICE, "programs of ARMv5 Linux lie in the first megabyte"),
	FACT("hv.window", CHOICE, "the megabyte that the high vectors need anyway"),
	FACT("hv.window-bytes", CHOICE, "all that the thin monitor has"),
	FACT("map", CHOICE, "guest memory is where the guest believes it"),
	FACT("map.base", CHOICE, "used with map=offset only"),
	FACT("map.block", CHOICE, "used with map=fragmented only"),
	FACT("testclean", CHOICE, "the monitor runs the loop itself"),
	FACT("ldrt", CHOICE, "each is patched to trap, unless asked otherwise"),
	FACT("ldrt.gap", ESTIMATE, "longer than a turn of a copy loop, shorter than the way to the next copy"),
	FACT("vivt", CHOICE, "the monitor does what the guest asks for"),
	FACT("wb.drain", ESTIMATE, "slowdowns are sensitive to it"),
};

const struct cpu_row *cpu_find(const char *name)
{
	for (unsigned i = 0; i < cpu_row_count; i++)
		if (!strcmp(cpu_rows[i]->name, name))
			return cpu_rows[i];
	return NULL;
}

const struct cpu_fact *cpu_fact_of(const struct cpu_row *row, const char *key)
{
	const struct cpu_fact *best = NULL;

	for (const struct cpu_fact *f = row->facts; f->key; f++)
		if (cpu_key_fits(f->key, key) && (!best || strlen(f->key) > strlen(best->key)))
			best = f;
	for (size_t i = 0; !best && i < sizeof(common) / sizeof(common[0]); i++)
		if (cpu_key_fits(common[i].key, key))
			best = &common[i];
	return best;
}

void cpu_cost_set(const struct cpu_row *row, struct cost_set *s)
{
	cost_set_default(s);
	for (const struct cpu_cost *c = row->costs; c && c->source; c++) {
		for (unsigned v = 0; v < COST_LEVELS; v++)
			s->prim[c->prim][v] = UINT64_C(1000) * c->cycles[v];
		snprintf(s->name, sizeof(s->name), "%s", row->name);
	}
}
