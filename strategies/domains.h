/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host domains that stand for guest domains (dacr=pass): a cache of pairs of a guest domain and a way of
 * granting, fifteen of them, since 0 is the hypervisor's. A guest DACR write is one of the host's then.
 */
#ifndef SHADEWALK_STRATEGIES_DOMAINS_H
#define SHADEWALK_STRATEGIES_DOMAINS_H

#include <stdbool.h>
#include <stdint.h>

enum { NO_DOMAIN = 16 };                /* guest domain with the MMU off: that of a manager */

/*
 * How a table, or a section, grants rights (K, U) in hardware USR mode. The AP is U's but for
 * GRANT_K. U is never more than K.
 */
enum grant {
	GRANT_U,        /* client in both views: the kernel gets U */
	GRANT_K,        /* AP is K's; the user view has no access */
	GRANT_KU,       /* kernel view manager: sound only where K may do all, everywhere in the table */
	GRANTS
};

struct domain_use { bool used; uint8_t grant, guest; uint32_t refs; };
struct domains { struct domain_use use[16]; unsigned hand; };

/* What the guest's DACR says of one of its domains. */
enum { ACCESS_CLIENT = 1, ACCESS_MANAGER = 3 };
unsigned domains_guest_access(uint32_t guest_dacr, unsigned guest_domain);
/* The host domain of the pair; 0: it has none. */
unsigned domains_find(const struct domains *d, enum grant grant, unsigned guest_domain);
/* One for another pair. Where it has refs the caller first takes it from whoever has it. */
unsigned domains_victim(struct domains *d);
void domains_give(struct domains *d, unsigned host, enum grant grant, unsigned guest_domain);
/*
 * The host's DACR of a view. managers: what the guest manages the host does too, by its DACR alone. Else
 * such rights are in the words, which then are client.
 */
uint32_t domains_dacr(const struct domains *d, uint32_t guest_dacr, bool user_view, bool managers);

#endif
