/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/domains.h"

#include "strategies/view.h"

unsigned domains_guest_access(uint32_t guest_dacr, unsigned guest_domain)
{
	return guest_domain == NO_DOMAIN ? (unsigned)ACCESS_MANAGER : guest_dacr >> 2 * guest_domain & 3;
}

unsigned domains_find(const struct domains *d, enum grant grant, unsigned guest_domain)
{
	for (unsigned h = 1; h < 16; h++)
		if (d->use[h].used && d->use[h].grant == grant && d->use[h].guest == guest_domain)
			return h;
	return 0;
}

unsigned domains_victim(struct domains *d)
{
	unsigned h;

	for (h = 1; h < 16; h++)
		if (!d->use[h].refs)
			return h;
	h = d->hand + 1;
	d->hand = (d->hand + 1) % 15;
	return h;
}

void domains_give(struct domains *d, unsigned host, enum grant grant, unsigned guest_domain)
{
	d->use[host] = (struct domain_use){ .used = true, .grant = (uint8_t)grant,
					    .guest = (uint8_t)guest_domain };
}

/* No access and reserved stay so. */
static unsigned host_access(const struct domain_use *u, uint32_t guest_dacr, bool user_view, bool managers)
{
	unsigned access = domains_guest_access(guest_dacr, u->guest);

	if (!u->used || (access != ACCESS_CLIENT && access != ACCESS_MANAGER))
		return 0;
	if (access == ACCESS_MANAGER && managers && u->guest != NO_DOMAIN)
		return ACCESS_MANAGER;
	if (u->grant == GRANT_K && user_view)
		return 0;
	return u->grant == GRANT_KU && !user_view ? ACCESS_MANAGER : ACCESS_CLIENT;
}

uint32_t domains_dacr(const struct domains *d, uint32_t guest_dacr, bool user_view, bool managers)
{
	uint32_t dacr = (uint32_t)ACCESS_CLIENT << 2 * DOM_HV;

	for (unsigned h = 1; h < 16; h++)
		dacr |= (uint32_t)host_access(&d->use[h], guest_dacr, user_view, managers) << 2 * h;
	return dacr;
}
