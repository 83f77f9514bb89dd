/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strategy `inplace`: host domains, a cache of (guest domain, grant) pairs, as `cached` has them. */
#include "strategies/inplace.h"

#include <assert.h>

enum { CLIENT = 1 };

unsigned inplace_guest_access(const struct inplace *c, unsigned guest_domain)
{
	return guest_domain == NO_DOMAIN ? (unsigned)MANAGER : c->port->guest->dacr >> 2 * guest_domain & 3;
}

/* No access and reserved stay so; a manager's rights are in the words already. */
void inplace_set_dacr(struct inplace *c)
{
	uint32_t dacr = CLIENT << 2 * DOM_HV;

	for (unsigned d = 1; d < 16; d++) {
		const struct inplace_domain *h = &c->domain[d];
		unsigned access = inplace_guest_access(c, h->guest);

		if (!h->used || !(access & CLIENT) || (h->grant == GRANT_K && c->user_view))
			continue;
		dacr |= (h->grant == GRANT_KU && !c->user_view ? (uint32_t)MANAGER : CLIENT) << 2 * d;
	}
	c->port->host_set(c->port->m, HOST_DACR, dacr);
}

/* One in use may have to give way. */
static unsigned take_domain(struct inplace *c)
{
	unsigned d;

	for (d = 1; d < 16; d++)
		if (!c->domain[d].refs)
			return d;
	d = c->domain_hand + 1;
	c->domain_hand = (c->domain_hand + 1) % 15;
	for (uint32_t s = 0; s < c->slots && c->domain[d].refs; s++)
		if (c->slot[s].host == d && (c->slot[s].table || c->entry[s].live))
			inplace_clear_slot(c, s, EV_EVICT);
	assert(!c->domain[d].refs);
	return d;
}

unsigned inplace_domain_for(struct inplace *c, enum grant grant, unsigned guest_domain)
{
	unsigned d;

	for (d = 1; d < 16; d++)
		if (c->domain[d].used && c->domain[d].grant == grant && c->domain[d].guest == guest_domain)
			return d;
	d = take_domain(c);
	c->domain[d] = (struct inplace_domain){ .used = true, .grant = (uint8_t)grant,
						.guest = (uint8_t)guest_domain };
	c->port->charge(c->port->m, EV_FOLD, 1);
	inplace_set_dacr(c);
	return d;
}
