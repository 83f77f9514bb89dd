/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Set-up of shadow tables, their memory, their audit. */
#include <stdlib.h>

#include "strategies/shadow.h"


/* The window is the same in every address space; its table is written once more for each. */
static void map_window(struct shadow *s)
{
	const struct strategy_port *port = s->port;
	enum host_format f = s->c.format;
	uint32_t end = f == HOST_V6 ? HV_POOL_V6_END : HV_POOL_END;

	port->shadow_preset(port->m, s->c.root + 4 * (HV_WINDOW_VA >> SECTION_LOG2),
			    host_table_word(f, HV_HPA + HV_L2, DOM_HV, false));
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t word = 0, at = HV_HPA + (i << FRAME_LOG2);

		if (i < end >> FRAME_LOG2)
			word = host_own_word(f, at & 0xffff0000u, PT_LARGE_LOG2);
		else if (i == HV_VECTORS >> FRAME_LOG2)
			word = host_own_word(f, at, FRAME_LOG2);
		port->shadow_preset(port->m, HV_L2 + 4 * i, word);
	}
}

enum err shadow_start(struct shadow *s, const struct strategy_port *port,
		      const struct shadow_config *c, struct diag *d)
{
	s->port = port;
	s->c = *c;
	s->capacity = c->entries ? c->entries : SHADOW_MAX_ENTRIES;
	s->entry = calloc(s->capacity, sizeof(*s->entry));
	if (!s->entry)
		return diag_set(d, ERR_NOMEM, "out of memory");
	for (unsigned i = 0; i < 4096; i++) {
		s->slot[i].first = -1;
		port->shadow_preset(port->m, s->c.root + 4 * i, 0);
	}
	map_window(s);
	return ERR_OK;
}

void shadow_stop(struct shadow *s)
{
	free(s->entry);
	s->entry = NULL;
}

/* Of an entry, in the monitor of a 32-bit machine: three words, two links, four APs of two views, five
 * small numbers. */
enum { DIRECTORY_BYTES = 36 };

unsigned shadow_memory(const struct shadow *s, struct strategy_memory *rows, unsigned max)
{
	const struct strategy_memory r[] = {
		{ "sL1", 16384 },
		{ "sL2", 1024u * (uint64_t)s->units_used },
		{ "directory", DIRECTORY_BYTES * (uint64_t)s->live },
	};
	unsigned n = 0;

	for (; n < sizeof(r) / sizeof(r[0]) && n < max; n++)
		rows[n] = r[n];
	return n;
}

static unsigned audit_fail(struct diag *d, const char *what, const struct shadow_entry *e)
{
	return diag_set(d, ERR_CHECK, "shadow entry for MVA 0x%08x: %s", e->mva, what) != ERR_OK;
}

unsigned shadow_audit(const struct shadow *s, struct diag *d)
{
	unsigned bad = 0;
	uint32_t live = 0, words = 0, stored = 0;

	for (uint32_t i = 0; i < s->capacity; i++) {
		const struct shadow_entry *e = &s->entry[i];
		const struct shadow_slot *t = &s->slot[e->mva >> SECTION_LOG2];

		if (!e->live)
			continue;
		live++;
		words += t->kind == SLOT_SECTION ? 0 : e->nwords;
		if (e->mva >= HV_WINDOW_VA)
			bad += audit_fail(d, "inside the hypervisor's window", e);
		if (t->domain == DOM_HV || t->domain > DOM_U)
			bad += audit_fail(d, "not in a guest domain", e);
		if (t->state == MB_CLASS && view_domain(view_class(&e->rights)) != t->domain)
			bad += audit_fail(d, "class differs from its megabyte's domain", e);
		if (t->state == MB_CLASS && t->domain == DOM_KU && e->rights.xn)
			bad += audit_fail(d, "XN in a domain that is manager in the kernel's view", e);
		for (unsigned j = 0; j < e->nwords; j++)
			if (!s->port->shadow_peek(s->port->m, e->offset + 4 * j))
				bad += audit_fail(d, "word is empty", e);
	}
	for (uint32_t o = 0; o < 1024 * s->c.units; o += 4)
		if (s->owner[o / 1024])
			stored += s->port->shadow_peek(s->port->m, s->c.pool + o) != 0;
	if (live != s->live || stored != words)
		bad += diag_set(d, ERR_CHECK, "shadow directory: %u live entries (counted %u), %u "
				"words stored (entries say %u)", s->live, live, stored, words) != ERR_OK;
	return bad;
}
