/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the two files that know SQLite; nothing else includes this. */
#ifndef SHADEWALK_RESULTS_DB_H
#define SHADEWALK_RESULTS_DB_H

#include <sqlite3.h>

#include "results/results.h"

struct results { sqlite3 *db; char *path; };

/* Puts "PATH: WHAT: sqlite's text" into d and returns ERR_DB. */
enum err db_error(struct results *r, const char *what, struct diag *d)
	__attribute__((warn_unused_result));
enum err db_exec(struct results *r, const char *sql, struct diag *d)
	__attribute__((warn_unused_result));

#endif
