/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/cost/ledger.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define U0 { { 0, 0 } }, 0
#define U1(p, m) { { PRIM_##p, (m) } }, 1
#define U2(p, m, q, k) { { PRIM_##p, (m) }, { PRIM_##q, (k) } }, 2
#define EVENT(id, lf, terms, txt) [EV_##id] = { #id, lf, txt, terms },
const struct event_info event_info[EVENTS] = {
#include "models/cost/events.def"
};
#undef EVENT

#define COST(nm, low, nom, high, conf, src) \
	[PRIM_##nm] = { .name = #nm, .confidence = conf, .source = src, .cycles = { low, nom, high } },
const struct prim_info prim_info[PRIMS] = {
#include "models/cost/costs.def"
};
#undef COST

#define X(id, name) [ORIGIN_##id] = name,
const char *const origin_name[ORIGINS] = { ORIGIN_LIST(X) };
#undef X
#define X(id, name, text) [CAUSE_##id] = name,
const char *const cause_name[CAUSES] = { CAUSE_LIST(X) };
#undef X
#define X(id, name, text) [CAUSE_##id] = text,
const char *const cause_text[CAUSES] = { CAUSE_LIST(X) };
#undef X

void ledger_sub(struct ledger *out, const struct ledger *end, const struct ledger *start)
{
	const uint64_t *e = &end->n[0][0][0], *s = &start->n[0][0][0];
	uint64_t *o = &out->n[0][0][0];

	for (size_t i = 0; i < sizeof(out->n) / sizeof(*o); i++) {
		assert(e[i] >= s[i]);
		o[i] = e[i] - s[i];
	}
}

uint64_t ledger_event_origin(const struct ledger *l, enum event e, enum origin o)
{
	uint64_t sum = 0;

	for (unsigned c = 0; c < CAUSES; c++)
		sum += l->n[e][o][c];
	return sum;
}

uint64_t ledger_event(const struct ledger *l, enum event e)
{
	uint64_t sum = 0;

	for (unsigned o = 0; o < ORIGINS; o++)
		sum += ledger_event_origin(l, e, (enum origin)o);
	return sum;
}

void cost_set_default(struct cost_set *s)
{
	memset(s, 0, sizeof(*s));
	snprintf(s->name, sizeof(s->name), "default");
	for (unsigned p = 0; p < PRIMS; p++)
		for (unsigned v = 0; v < COST_LEVELS; v++)
			s->prim[p][v] = UINT64_C(1000) * prim_info[p].cycles[v];
}

int cost_set_prim(struct cost_set *s, const char *name, uint64_t millicycles)
{
	for (unsigned p = 0; p < PRIMS; p++) {
		if (strcmp(prim_info[p].name, name))
			continue;
		for (unsigned v = 0; v < COST_LEVELS; v++)
			s->prim[p][v] = millicycles;
		return 0;
	}
	return -1;
}

#define COST_SET(name, prim, low, nom, high, conf, src) { #name, PRIM_##prim, { low, nom, high }, conf, src },
const struct cost_set_row cost_set_rows[] = {
#include "models/cost/sets.def"
};
#undef COST_SET
const size_t cost_set_row_count = sizeof(cost_set_rows) / sizeof(cost_set_rows[0]);

int cost_set_named(struct cost_set *s, const char *name)
{
	int found = -1;

	for (size_t i = 0; i < cost_set_row_count; i++) {
		const struct cost_set_row *r = &cost_set_rows[i];

		if (strcmp(r->set, name))
			continue;
		found = 0;
		for (unsigned v = 0; v < COST_LEVELS; v++)
			s->prim[r->prim][v] = UINT64_C(1000) * r->cycles[v];
	}
	if (!found)
		snprintf(s->name, sizeof(s->name), "%s", name);
	return found;
}

/* Milli per cent of the event that other work hides. The view cost_unit of results/schema.sql is the same. */
static uint64_t hidden(const struct cost_set *s, const struct event_info *i, enum cost_level level)
{
	return strncmp(i->leaf, "W.HW", 4) ? 0 : s->prim[PRIM_walk_overlap][level];
}

uint64_t cost_unit(const struct cost_set *s, enum event e, enum cost_level level)
{
	const struct event_info *i = &event_info[e];
	uint64_t unit = 0;

	for (unsigned t = 0; t < i->nterm; t++)
		unit += s->prim[i->term[t].prim][level] * i->term[t].mult;
	return unit * (COST_ALL - hidden(s, i, level)) / COST_ALL;
}

cycles128_t ledger_cycles(const struct ledger *l, const struct cost_set *s, enum cost_level level)
{
	cycles128_t sum = 0;

	for (unsigned e = 0; e < EVENTS; e++)
		sum += (cycles128_t)ledger_event(l, (enum event)e) *
		       cost_unit(s, (enum event)e, level);
	return sum;
}
