/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strategy `inplace`: host domains (domains.h). A manager's rights are in the words of its tables. */
#include "strategies/inplace.h"

#include <assert.h>

void inplace_set_dacr(struct inplace *c)
{
	c->port->host_set(c->port->m, HOST_DACR,
			  domains_dacr(&c->domains, c->port->guest->dacr, c->user_view, false));
}

/* One in use may have to give way. */
static unsigned take_domain(struct inplace *c)
{
	unsigned d = domains_victim(&c->domains);

	for (uint32_t s = 0; s < c->slots && c->domains.use[d].refs; s++)
		if (c->slot[s].host == d && (c->slot[s].table || c->entry[s].live))
			inplace_clear_slot(c, s, EV_EVICT);
	assert(!c->domains.use[d].refs);
	return d;
}

unsigned inplace_domain_for(struct inplace *c, enum grant grant, unsigned guest_domain)
{
	unsigned d = domains_find(&c->domains, grant, guest_domain);

	if (d)
		return d;
	d = take_domain(c);
	domains_give(&c->domains, d, grant, guest_domain);
	c->port->charge(c->port->m, EV_FOLD, 1);
	inplace_set_dacr(c);
	return d;
}
