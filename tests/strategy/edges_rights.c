/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edge cases of rights and faults: domains, manager, dirty and young bits, what a fault tells. */
#if __has_include(<cmocka.h>)
#include "tests/strategy/edge_kit.h"

#include "tests/support.h"

#define PAGES EDGE_MB                   /* its table is at KIT_L2 */
#define ENTRY(i) (KIT_L2 + 4 * (i))
#define CLIENTS 0x55555555u
#define DOMAIN(d, access) ((CLIENTS & ~(3u << 2 * (d))) | (unsigned)(access) << 2 * (d))
enum { NO_ACCESS, CLIENT, RESERVED, MANAGER };

static void access_to(struct edge *e, uint32_t va, enum access a)
{
	if (a == ACCESS_FETCH)
		kit_run(&e->k, va, 2);
	else if (a == ACCESS_WRITE)
		edge_store(e, va);
	else
		edge_load(e, va);
}

/* A manager's accesses are not checked: whatever AP says, of reads, writes and fetches. */
static void e17_manager_ignores_rights(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 5));
	for (unsigned ap = 0; ap < 4; ap++)
		kit_poke(&e->k, ENTRY(ap), edge_small(0x400000 + 0x1000 * ap, ap));
	for (unsigned user = 0; user < 2; user++) {
		edge_kernel(e);
		kit_cpw(&e->k, KEY_DACR, DOMAIN(5, MANAGER));
		if (user)
			edge_user(e);
		for (uint32_t ap = 0; ap < 4; ap++)
			for (unsigned a = ACCESS_READ; a <= ACCESS_FETCH; a++) {
				access_to(e, PAGES + 0x1000 * ap, (enum access)a);
				edge_sees(e, PAGES + 0x1000 * ap, (enum access)a, 0x400000 + 0x1000 * ap);
			}
		edge_kernel(e);
		kit_cpw(&e->k, KEY_DACR, CLIENTS);      /* and checked again at once */
		edge_load(e, PAGES + 0x1000);
		if (user)
			edge_user(e);
		edge_fault(e, PAGES, ACCESS_READ, FS_PERM_PAGE, 5);
		edge_fault(e, PAGES, ACCESS_FETCH, FS_PERM_PAGE, 5);
		if (user) {
			edge_fault(e, PAGES + 0x1000, ACCESS_READ, FS_PERM_PAGE, 5);
			edge_fault(e, PAGES + 0x2000, ACCESS_WRITE, FS_PERM_PAGE, 5);
		}
		edge_blind(e, PAGES, ACCESS_READ);
	}
}

/* What an access to a page of AP 10 (user read-only) comes to, by its domain's two bits. */
static enum fault_status by_dacr(unsigned access, bool user, enum access a)
{
	if (access == NO_ACCESS || access == RESERVED)
		return FS_DOMAIN_PAGE;
	return access == CLIENT && user && a == ACCESS_WRITE ? FS_PERM_PAGE : FS_NONE;
}

static void tries(struct edge *e, unsigned access, unsigned domain)
{
	for (unsigned user = 0; user < 2; user++) {
		if (user)
			edge_user(e);
		for (unsigned a = ACCESS_READ; a <= ACCESS_FETCH; a++) {
			enum fault_status fs = by_dacr(access, user, (enum access)a);

			if (!fs) {
				access_to(e, PAGES, (enum access)a);
				edge_sees(e, PAGES, (enum access)a, 0x400000);
				continue;
			}
			edge_blind(e, PAGES, (enum access)a);   /* before anything aborts */
			edge_fault(e, PAGES, (enum access)a, fs, domain);
		}
		edge_kernel(e);
	}
}

/* Every pair of settings, no invalidate between: the next access obeys. */
static void e18_dacr_acts_at_once(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 7));
	kit_poke(&e->k, ENTRY(0), edge_small(0x400000, 2));
	edge_load(e, PAGES);
	for (unsigned from = 0; from < 4; from++)
		for (unsigned to = 0; to < 4; to++) {
			kit_cpw(&e->k, KEY_DACR, DOMAIN(7, from));
			tries(e, from, 7);
			kit_cpw(&e->k, KEY_DACR, DOMAIN(7, to));
			tries(e, to, 7);
		}
}

/* One domain loses its access; the pages of the fourteen others stay, and are not even filled anew. */
static void e18_dacr_of_one_domain(struct edge *e)
{
	for (uint32_t d = 1; d < 16; d++)
		edge_link(e, PAGES + d * SECTION_BYTES,
			  pt_encode_v5_section(0x200000 + d * SECTION_BYTES, 3, d, 3));
	for (uint32_t d = 1; d < 16; d++)
		edge_load(e, PAGES + d * SECTION_BYTES);
	edge_warm_vectors(e);
	for (uint32_t d = 1; d < 16; d++) {
		edge_mark(e);
		kit_cpw(&e->k, KEY_DACR, DOMAIN(d, NO_ACCESS));
		edge_blind(e, PAGES + d * SECTION_BYTES, ACCESS_READ);
		edge_count(e, "coherent", EV_ZAP, 1);
		for (uint32_t i = 1; i < 16; i++)
			if (i != d)
				edge_load(e, PAGES + i * SECTION_BYTES);
		edge_count(e, "coherent", EV_HIDDEN, 0);
		edge_fault(e, PAGES + d * SECTION_BYTES, ACCESS_READ, FS_DOMAIN_SECTION, d);
		kit_cpw(&e->k, KEY_DACR, CLIENTS);
		edge_load(e, PAGES + d * SECTION_BYTES);
		edge_count(e, "coherent", EV_HIDDEN, 1);
	}
}

/* The kernel maps a page read-only to learn of the first store: a true fault, the new word, its
 * invalidate, and the store again. */
static void e26_dirty_bit_by_a_write_fault(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	edge_warm_vectors(e);
	for (uint32_t i = 0; i < 3; i++) {
		uint32_t page = PAGES + 0x1000 * i;

		kit_poke(&e->k, ENTRY(i), edge_small(0x400000 + 0x1000 * i, 2));
		edge_user(e);
		edge_load(e, page);
		edge_mark(e);
		edge_fault(e, page, ACCESS_WRITE, FS_PERM_PAGE, 1);
		edge_kernel(e);
		kit_poke(&e->k, ENTRY(i), edge_small(0x400000 + 0x1000 * i, 3));
		edge_tlbi(e, page);
		edge_user(e);
		edge_store(e, page);
		edge_sees(e, page, ACCESS_WRITE, 0x400000 + 0x1000 * i);
		edge_count(e, "native*", EV_NATIVE_FAULT, 1);
		edge_count(e, "coherent", EV_TRUE_FAULT, 1);
		edge_count(e, "coherent", EV_OP_TLBI_MVA, 1);
		edge_count(e, "coherent", EV_ZAP, 1);
		edge_count(e, "coherent", EV_HIDDEN, 1);
		edge_traps(e, "coherent", 4);   /* these three, and the SVC between */
		edge_kernel(e);
	}
}

/*
 * The kernel clears a word to see whether the page is used, and leaves the TLB alone. The entry that is
 * there goes on working; a machine that lost it faults, and the run counts it as EXTRA_TRUE.
 */
static void e41_young_bit_without_an_invalidate(struct edge *e)
{
	e->loose = true;
	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	for (uint32_t i = 0; i < 4; i++)
		kit_poke(&e->k, ENTRY(i), edge_small(0x400000 + 0x1000 * i, 3));
	for (uint32_t i = 0; i < 4; i++)
		edge_load(e, PAGES + 0x1000 * i);
	for (uint32_t i = 0; i < 4; i++)
		kit_poke(&e->k, ENTRY(i), 0);
	edge_mark(e);
	for (uint32_t i = 0; i < 4; i++)
		edge_load(e, PAGES + 0x1000 * i);
	edge_extra(e, "coherent", 0);           /* a shadow entry lives until its invalidate */
	edge_extra(e, "coherent:entries=0", 0);
	edge_extra(e, "coherent:sections=fracture", 0);
	edge_extra(e, "coherent:entries=1", 4); /* all gone by the time they are asked for */
	edge_tlbi_all(e);
	edge_mark(e);
	for (uint32_t i = 0; i < 4; i++)
		edge_fault(e, PAGES + 0x1000 * i, ACCESS_READ, FS_TRANS_PAGE, 1);
	edge_extra(e, "*", 0);
	edge_count(e, "*", EV_FORCED, 0);
}

/* Where the manual calls the domain field invalid any value will do (DDI 0198D table 3-9); elsewhere it
 * is that of the first-level word. */
static void e34_domain_of_a_translation_fault(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 11));
	for (unsigned d = 0; d < 16; d++) {
		e->stray_domain = d;
		edge_fault(e, PAGES - 4, ACCESS_READ, FS_TRANS_SECTION, d);
	}
	e->stray_domain = 0;
	edge_fault(e, PAGES, ACCESS_READ, FS_TRANS_PAGE, 11);
}

const struct edge_case edges_rights[] = {
	EDGE_GUEST(17, e17_manager_ignores_rights),
	EDGE_GUEST(18, e18_dacr_acts_at_once),
	EDGE_GUEST(18, e18_dacr_of_one_domain),
	EDGE_GUEST(26, e26_dirty_bit_by_a_write_fault),
	EDGE_GUEST(34, e34_domain_of_a_translation_fault),
	EDGE_GUEST(41, e41_young_bit_without_an_invalidate),
	EDGE_END,
};
#else
typedef int cmocka_is_missing;
#endif
