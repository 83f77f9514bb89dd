/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of shadow tables: what a shadow entry says, in the host's format, whatever format the guest's
 * own words have. APs are of USR mode, in which all of the guest runs; the monitor itself may read and write
 * everything. With S, R and APX at 0 they mean the same in both formats (DDI 0100I B4.3).
 */
#ifndef SHADEWALK_STRATEGIES_HOST_WORDS_H
#define SHADEWALK_STRATEGIES_HOST_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/pt/mmu.h"

/* The formats that shadows are written in. */
enum host_format {
	HOST_V5,        /* as ARMv5; a core of ARMv6 with SCTLR.XP = 0 walks it, too */
	HOST_V6,        /* SCTLR.XP = 1, TRE = 0, AFE = 0: XN, nG, memory types, no subpages */
};

/* What this host's own words are: ARMv6's from the first core that has them on. */
static inline enum host_format host_format_of(const struct mmu_arch *host)
{
	return mmu_is_v6(host) && host->format[0] >= PT_V6_SUBPAGES ? HOST_V6 : HOST_V5;
}

struct host_leaf {
	uint32_t hpa;                   /* aligned to the size */
	uint8_t size_log2, domain;      /* domain: of sections */
	uint8_t ap[4];                  /* by quarter, all equal in HOST_V6: 1 nothing, 2 reads, 3 all */
	uint8_t cb;                     /* HOST_V5 */
	struct pt_memory memory;        /* HOST_V6 */
	bool xn, ng;                    /* HOST_V6 */
};
uint32_t host_leaf_word(enum host_format f, const struct host_leaf *l);
/* The word of a page with other APs: by quarter, as in struct host_leaf. */
uint32_t host_leaf_with_ap(enum host_format f, unsigned size_log2, uint32_t word, const uint8_t ap[4]);
/* fine: HOST_V5 alone has such tables. */
uint32_t host_table_word(enum host_format f, uint32_t hpa, unsigned domain, bool fine);

/* A page of the monitor, privileged only: cached, executable, global. */
uint32_t host_own_word(enum host_format f, uint32_t hpa, unsigned size_log2);

#endif
