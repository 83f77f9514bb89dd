/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Set-up of shadow tables, their memory, their audit. */
#include <stdlib.h>

#include "strategies/shadow_inside.h"
#include "strategies/window.h"

/* The window is the same in every address space; its table is written once more for each. */
static void map_window(struct shadow *s)
{
	const struct strategy_port *port = s->port;
	enum host_format f = s->c.format;

	for (uint32_t mb = 0; mb < 4096; mb++)
		port->shadow_preset(port->m, s->c.root + 4 * mb, window_root_word(port, f, mb));
	window_preset(port, f, port->guest->v6 ? HV_POOL_V6_END : HV_POOL_END);
}

enum err shadow_start(struct shadow *s, const struct strategy_port *port,
		      const struct shadow_config *c, struct diag *d)
{
	s->port = port;
	s->c = *c;
	s->filling = NO_MEGABYTE;
	s->capacity = c->entries ? c->entries : SHADOW_MAX_ENTRIES;
	zones_start(&s->zones, c->five_zones, s->capacity);
	s->entry = calloc(s->capacity, sizeof(*s->entry));
	s->split = c->split ? calloc(4096, sizeof(*s->split)) : NULL;
	s->differing = -1;
	if (!s->entry || (c->split && !s->split))
		return diag_set(d, ERR_NOMEM, "out of memory");
	for (unsigned i = 0; i < 4096; i++) {
		s->slot[i] = (struct shadow_slot){ .first = -1, .domain = NO_HOST };
		if (s->split)
			s->split[i] = (struct shadow_slot){ .first = -1, .domain = NO_HOST,
							    .state = MB_SPLIT };
	}
	map_window(s);
	return ERR_OK;
}

void shadow_stop(struct shadow *s)
{
	free(s->entry);
	free(s->split);
	s->entry = NULL;
	s->split = NULL;
}

/* Of an entry, in the monitor of a 32-bit machine: three words, two links, four APs of two views, five
 * small numbers; with view=reflush two more links. */
enum { DIRECTORY_BYTES = 36, VIEW_LINKS_BYTES = 8 };

unsigned shadow_memory(const struct shadow *s, struct strategy_memory *rows, unsigned max)
{
	unsigned entry = DIRECTORY_BYTES + (s->c.views == SHADOW_BY_REFLUSH ? VIEW_LINKS_BYTES : 0);
	const struct strategy_memory r[] = {
		{ "sL1", 16384 },
		{ "sL2", 1024u * (uint64_t)s->units_used },
		{ "directory", entry * (uint64_t)s->live },
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

void shadow_count_domains(const struct shadow *s, uint32_t megabytes[16])
{
	for (unsigned mb = 0; mb < 4096; mb++) {
		if (s->slot[mb].domain != NO_HOST)
			megabytes[s->slot[mb].domain]++;
		if (s->split && s->split[mb].domain != NO_HOST)
			megabytes[s->split[mb].domain]++;
	}
}

/* What an entry's megabyte grants is what it may have. */
static unsigned audit_domain(const struct shadow *s, const struct shadow_slot *t,
			     const struct shadow_entry *e, struct diag *d)
{
	const struct domain_use *u = s->c.pass ? &s->c.pass->domains.use[t->domain & 15] : NULL;
	unsigned bad = 0, all = RIGHT_READ | RIGHT_WRITE;

	if (t->domain == DOM_HV || (u ? t->domain > 15 : t->domain > DOM_U))
		return audit_fail(d, "not in a guest domain", e);
	if (s->c.first)                 /* of a page that may be gone: nothing follows for this one */
		return 0;
	if (u && (!u->used || u->guest != e->guest_domain || u->grant != t->grant))
		bad += audit_fail(d, "in a host domain that stands for another", e);
	if (s->c.views == SHADOW_BY_DOMAINS && !u && t->state == MB_CLASS &&
	    view_domain(view_class(&e->rights)) != t->domain)
		bad += audit_fail(d, "class differs from its megabyte's domain", e);
	for (unsigned i = 0; i < 4 && t->grant == GRANT_KU; i++)
		if (e->rights.xn || (e->rights.k[i] & all) != all)
			bad += audit_fail(d, "less than all, or XN, where the kernel's view is manager", e);
	return bad;
}

/* Of an entry of one view: it is out of the other's reach. */
static unsigned audit_view(const struct shadow *s, const struct shadow_slot *t,
			   const struct shadow_entry *e, struct diag *d)
{
	if (!e->differs || (s->c.views == SHADOW_BY_DOMAINS && t->state != MB_SPLIT))
		return 0;
	if (s->c.views == SHADOW_BY_FOLD)
		return !e->user && t->grant != GRANT_K
			? audit_fail(d, "the kernel's rights where the user may reach them", e) : 0;
	return s->c.format == HOST_V6 && !e->tagged
		? audit_fail(d, "rights of one view in a global entry", e) : 0;
}

static unsigned audit_words(const struct shadow *s, const struct shadow_slot *t,
			    const struct shadow_entry *e, struct diag *d)
{
	unsigned bad = 0;

	if (t->kind == SLOT_SECTION)
		return t->word ? 0 : audit_fail(d, "word is empty", e);
	for (unsigned j = 0; j < e->nwords; j++)
		if (!s->port->shadow_peek(s->port->m, e->offset + 4 * j))
			bad += audit_fail(d, "word is empty", e);
	return bad;
}

/* A first-level word is that of the view in use. */
static unsigned audit_roots(const struct shadow *s, struct diag *d)
{
	unsigned bad = 0;

	for (uint32_t mb = 0; mb < 4096; mb++) {
		const struct shadow_slot *t = &s->slot[mb];

		if (is_hypervisors(s->port, gva(mb << SECTION_LOG2)))
			continue;
		if (t->state == MB_SPLIT && s->user)
			t = &s->split[mb];
		if (s->port->shadow_peek(s->port->m, s->c.root + 4 * mb) != t->word)
			bad += diag_set(d, ERR_CHECK, "shadow: first-level word of megabyte 0x%x is "
					"another view's, or old", mb) != ERR_OK;
	}
	return bad;
}

unsigned shadow_audit(const struct shadow *s, struct diag *d)
{
	unsigned bad = audit_roots(s, d);
	uint32_t live = 0, words = 0, stored = 0;

	for (uint32_t i = 0; i < s->capacity; i++) {
		const struct shadow_entry *e = &s->entry[i];
		const struct shadow_slot *t = &s->slot[e->mva >> SECTION_LOG2];

		if (!e->live)
			continue;
		if (t->state == MB_SPLIT && e->user)
			t = &s->split[e->mva >> SECTION_LOG2];
		live++;
		words += t->kind == SLOT_SECTION ? 0 : e->nwords;
		if (is_hypervisors(s->port, gva(e->mva)))
			bad += audit_fail(d, "inside the hypervisor's window", e);
		bad += audit_domain(s, t, e, d) + audit_view(s, t, e, d) + audit_words(s, t, e, d);
	}
	for (uint32_t o = 0; o < 1024 * s->c.units; o += 4)
		if (s->owner[o / 1024])
			stored += s->port->shadow_peek(s->port->m, s->c.pool + o) != 0;
	if (live != s->live || stored != words)
		bad += diag_set(d, ERR_CHECK, "shadow directory: %u live entries (counted %u), %u "
				"words stored (entries say %u)", s->live, live, stored, words) != ERR_OK;
	return bad;
}
