/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names are those of the ARMv7 manual (DDI 0406) where it has one; older operations are named
 * after the same pattern. An encoding that two families use differently (c9,c1 is TCM on ARM
 * cores and cache locking on XScale) carries the ARM core's name.
 */
#include "traces/cp_names.h"

#include <stdio.h>
#include <string.h>

#include "traces/record.h"

#define CP_NAME_LIST(X)                                                                 \
	X(MIDR,       0, 0, 0, 0,   "main id")                                          \
	X(CTR,        0, 0, 0, 1,   "cache type")                                       \
	X(TCMTR,      0, 0, 0, 2,   "TCM type")                                         \
	X(TLBTR,      0, 0, 0, 3,   "TLB type")                                         \
	X(ID_PFR0,    0, 0, 1, 0,   "processor feature 0")                              \
	X(ID_PFR1,    0, 0, 1, 1,   "processor feature 1")                              \
	X(ID_DFR0,    0, 0, 1, 2,   "debug feature 0")                                  \
	X(ID_AFR0,    0, 0, 1, 3,   "auxiliary feature 0")                              \
	X(ID_MMFR0,   0, 0, 1, 4,   "memory model feature 0")                           \
	X(ID_MMFR1,   0, 0, 1, 5,   "memory model feature 1")                           \
	X(ID_MMFR2,   0, 0, 1, 6,   "memory model feature 2")                           \
	X(ID_MMFR3,   0, 0, 1, 7,   "memory model feature 3")                           \
	X(ID_ISAR0,   0, 0, 2, 0,   "instruction set 0")                                \
	X(ID_ISAR1,   0, 0, 2, 1,   "instruction set 1")                                \
	X(ID_ISAR2,   0, 0, 2, 2,   "instruction set 2")                                \
	X(ID_ISAR3,   0, 0, 2, 3,   "instruction set 3")                                \
	X(ID_ISAR4,   0, 0, 2, 4,   "instruction set 4")                                \
	X(ID_ISAR5,   0, 0, 2, 5,   "instruction set 5")                                \
	X(SCTLR,      1, 0, 0, 0,   "system control")                                   \
	X(ACTLR,      1, 0, 0, 1,   "auxiliary control")                                \
	X(CPACR,      1, 0, 0, 2,   "coprocessor access")                               \
	X(SCR,        1, 0, 1, 0,   "secure configuration")                             \
	X(SDER,       1, 0, 1, 1,   "secure debug enable")                              \
	X(NSACR,      1, 0, 1, 2,   "non-secure access")                                \
	X(TTBR0,      2, 0, 0, 0,   "translation table base 0")                         \
	X(TTBR1,      2, 0, 0, 1,   "translation table base 1")                         \
	X(TTBCR,      2, 0, 0, 2,   "translation table base control")                   \
	X(DACR,       3, 0, 0, 0,   "domain access control")                            \
	X(DFSR,       5, 0, 0, 0,   "data fault status")                                \
	X(IFSR,       5, 0, 0, 1,   "instruction fault status")                         \
	X(DFAR,       6, 0, 0, 0,   "data fault address")                               \
	X(WFAR,       6, 0, 0, 1,   "watchpoint fault address")                         \
	X(IFAR,       6, 0, 0, 2,   "instruction fault address")                        \
	X(WFI,        7, 0, 0, 4,   "wait for interrupt")                               \
	X(DCALLOC,    7, 0, 2, 5,   "allocate data line")                               \
	X(ICIALLU,    7, 0, 5, 0,   "invalidate instruction cache")                     \
	X(ICIMVAU,    7, 0, 5, 1,   "invalidate instruction line by MVA")               \
	X(ICISW,      7, 0, 5, 2,   "invalidate instruction line by set/way")           \
	X(ISB,        7, 0, 5, 4,   "flush prefetch buffer")                            \
	X(BPIALL,     7, 0, 5, 6,   "flush branch target cache")                        \
	X(BPIMVA,     7, 0, 5, 7,   "flush branch target entry by MVA")                 \
	X(DCIALL,     7, 0, 6, 0,   "invalidate data cache")                            \
	X(DCIMVAC,    7, 0, 6, 1,   "invalidate data line by MVA")                      \
	X(DCISW,      7, 0, 6, 2,   "invalidate data line by set/way")                  \
	X(CIALL,      7, 0, 7, 0,   "invalidate both caches")                           \
	X(CIMVA,      7, 0, 7, 1,   "invalidate unified line by MVA")                   \
	X(DCCALL,     7, 0, 10, 0,  "clean data cache")                                 \
	X(DCCMVAC,    7, 0, 10, 1,  "clean data line by MVA")                           \
	X(DCCSW,      7, 0, 10, 2,  "clean data line by set/way")                       \
	X(DCTC,       7, 0, 10, 3,  "test and clean data cache")                        \
	X(DSB,        7, 0, 10, 4,  "drain write buffer")                               \
	X(DMB,        7, 0, 10, 5,  "data memory barrier")                              \
	X(CDSR,       7, 0, 10, 6,  "cache dirty status")                               \
	X(CCMVA,      7, 0, 11, 1,  "clean unified line by MVA")                        \
	X(ICPF,       7, 0, 13, 1,  "prefetch instruction line")                        \
	X(DCCIALL,    7, 0, 14, 0,  "clean and invalidate data cache")                  \
	X(DCCIMVAC,   7, 0, 14, 1,  "clean and invalidate data line by MVA")            \
	X(DCCISW,     7, 0, 14, 2,  "clean and invalidate data line by set/way")        \
	X(DCTCI,      7, 0, 14, 3,  "test, clean and invalidate data cache")            \
	X(CCIALL,     7, 0, 15, 0,  "clean and invalidate unified cache")               \
	X(CCIMVA,     7, 0, 15, 1,  "clean and invalidate unified line by MVA")         \
	X(ITLBIALL,   8, 0, 5, 0,   "invalidate instruction TLB")                       \
	X(ITLBIMVA,   8, 0, 5, 1,   "invalidate instruction TLB by MVA")                \
	X(ITLBIASID,  8, 0, 5, 2,   "invalidate instruction TLB by ASID")               \
	X(DTLBIALL,   8, 0, 6, 0,   "invalidate data TLB")                              \
	X(DTLBIMVA,   8, 0, 6, 1,   "invalidate data TLB by MVA")                       \
	X(DTLBIASID,  8, 0, 6, 2,   "invalidate data TLB by ASID")                      \
	X(TLBIALL,    8, 0, 7, 0,   "invalidate TLB")                                   \
	X(TLBIMVA,    8, 0, 7, 1,   "invalidate TLB by MVA")                            \
	X(TLBIASID,   8, 0, 7, 2,   "invalidate TLB by ASID")                           \
	X(TLBIMVAA,   8, 0, 7, 3,   "invalidate TLB by MVA, any ASID")                  \
	X(DCLOCK,     9, 0, 0, 0,   "data cache lockdown")                              \
	X(ICLOCK,     9, 0, 0, 1,   "instruction cache lockdown")                       \
	X(DTCMRR,     9, 0, 1, 0,   "data TCM region")                                  \
	X(ITCMRR,     9, 0, 1, 1,   "instruction TCM region")                           \
	X(TLBLOCK,    10, 0, 0, 0,  "TLB lockdown, data or unified")                    \
	X(ITLBLOCK,   10, 0, 0, 1,  "instruction TLB lockdown")                         \
	X(PRRR,       10, 0, 2, 0,  "primary region remap")                             \
	X(NMRR,       10, 0, 2, 1,  "normal memory remap")                              \
	X(ITLBTL,     10, 0, 4, 0,  "XScale: translate and lock instruction entry")     \
	X(ITLBUL,     10, 0, 4, 1,  "XScale: unlock instruction TLB")                   \
	X(DTLBTL,     10, 0, 8, 0,  "XScale: translate and lock data entry")            \
	X(DTLBUL,     10, 0, 8, 1,  "XScale: unlock data TLB")                          \
	X(VBAR,       12, 0, 0, 0,  "vector base")                                      \
	X(MVBAR,      12, 0, 0, 1,  "monitor vector base")                              \
	X(ISR,        12, 0, 1, 0,  "interrupt status")                                 \
	X(FCSEIDR,    13, 0, 0, 0,  "FCSE process id")                                  \
	X(CONTEXTIDR, 13, 0, 0, 1,  "context id")                                       \
	X(TPIDRURW,   13, 0, 0, 2,  "thread id, user")                                  \
	X(TPIDRURO,   13, 0, 0, 3,  "thread id, user read-only")                        \
	X(TPIDRPRW,   13, 0, 0, 4,  "thread id, privileged")                            \
	X(CPAR,       15, 0, 1, 0,  "XScale: coprocessor access")                       \
	X(CLKON,      15, 0, 1, 2,  "StrongARM: clock switching on")                    \
	X(CLKOFF,     15, 0, 2, 2,  "StrongARM: clock switching off")                   \
	X(PPMRR,      15, 0, 2, 4,  "ARM11: peripheral port remap")                     \
	X(IDLE,       15, 0, 8, 2,  "StrongARM: wait for interrupt")                    \
	X(PMNC,       15, 0, 12, 0, "ARM11: performance monitor control")               \
	X(CCNT,       15, 0, 12, 1, "ARM11: cycle counter")                             \
	X(PMN0,       15, 0, 12, 2, "ARM11: event counter 0")                           \
	X(PMN1,       15, 0, 12, 3, "ARM11: event counter 1")                           \
	X(DBGOVR,     15, 7, 0, 0,  "ARM926: debug override")

/* ARM11 range operations, by MCRR: end and start in two registers. X(id, CRm, text) */
#define CP_RANGE_LIST(X)                                                        \
	X(ICIRANGE,  5,  "invalidate instruction range")                        \
	X(DCIRANGE,  6,  "invalidate data range")                               \
	X(DCCRANGE,  12, "clean data range")                                    \
	X(DCCIRANGE, 14, "clean and invalidate data range")

static const struct row { uint16_t key; const char *name, *meaning; } rows[] = {
#define X(id, crn, opc1, crm, opc2, text) { CP_KEY(crn, opc1, crm, opc2), #id, text },
	CP_NAME_LIST(X)
#undef X
#define X(id, crm, text) { CP_KEY_64 | CP_KEY(0, 0, crm, 0), #id, text },
	CP_RANGE_LIST(X)
#undef X
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const struct row *find_row(uint16_t key)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].key == key)
			return &rows[i];
	return NULL;
}

const char *cp_name(uint16_t key)
{
	const struct row *r = find_row(key);

	return r ? r->name : NULL;
}

const char *cp_meaning(uint16_t key)
{
	const struct row *r = find_row(key);

	return r ? r->meaning : "";
}

bool cp_find(const char *name, size_t length, uint16_t *key)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strlen(rows[i].name) == length && !memcmp(rows[i].name, name, length)) {
			*key = rows[i].key;
			return true;
		}
	return false;
}

void cp_print(char text[CP_TEXT_BYTES], uint16_t key)
{
	unsigned cp = key & CP_KEY_CP14 ? 14 : 15;
	unsigned crn = key >> 10 & 15, opc1 = key >> 7 & 7, crm = key >> 3 & 15, opc2 = key & 7;

	if (key & CP_KEY_64)
		snprintf(text, CP_TEXT_BYTES, "p%u %u,c%u", cp, opc1, crm);
	else if (opc1)
		snprintf(text, CP_TEXT_BYTES, "p%u %u:c%u,c%u,%u", cp, opc1, crn, crm, opc2);
	else
		snprintf(text, CP_TEXT_BYTES, "p%u c%u,c%u,%u", cp, crn, crm, opc2);
}
