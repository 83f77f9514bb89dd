/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the CP15 registers and operations of ARMv4T to ARMv6K cores, and their numbers. */
#ifndef SHADEWALK_TRACES_CP_NAMES_H
#define SHADEWALK_TRACES_CP_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CP_TEXT_BYTES = 48 };

const char *cp_name(uint16_t key);              /* NULL: none known */
const char *cp_meaning(uint16_t key);           /* a few words; "" when none is known */
bool cp_find(const char *name, size_t length, uint16_t *key);

/* "p15 c2,c0,0", "p15 5:c15,c4,2" (opc1 5), "p15 0,c5" (MCRR: opc1, CRm) */
void cp_print(char text[CP_TEXT_BYTES], uint16_t key);

#endif
