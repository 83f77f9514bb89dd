/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `shadewalk version`: what this program was built from and with. */
#ifndef SHADEWALK_SIM_VERSION_H
#define SHADEWALK_SIM_VERSION_H

#include "base/err.h"

enum err cmd_version(int argc, char **argv, struct diag *d);

#endif
