/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening and reading a results database. A file is ours when its application_id says so; the
 * schema's version is user_version. Anything else is refused before a byte is written to it.
 */
#include "results/db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "results/schema.sql.h"

enum {
	APPLICATION_ID = 0x53574c4b,    /* "SWLK" */
	SCHEMA_VERSION = 1,
	BUSY_MS = 60000,                /* another process may be storing a long run */
};

enum err db_error(struct results *r, const char *what, struct diag *d)
{
	enum err e = sqlite3_errcode(r->db) == SQLITE_NOMEM ? ERR_NOMEM : ERR_DB;

	return diag_set(d, e, "%s: %s: %s", r->path, what, sqlite3_errmsg(r->db));
}

enum err db_exec(struct results *r, const char *sql, struct diag *d)
{
	if (sqlite3_exec(r->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_error(r, "cannot be used", d);
	return ERR_OK;
}

static enum err db_int(struct results *r, const char *sql, int64_t *v, struct diag *d)
{
	sqlite3_stmt *st = NULL;
	enum err e = ERR_OK;

	*v = 0;
	if (sqlite3_prepare_v2(r->db, sql, -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW)
		e = db_error(r, "cannot be read", d);
	else
		*v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return e;
}

/* Decides what the file is. *empty: nothing in it, may become ours. */
static enum err db_identify(struct results *r, bool *empty, struct diag *d)
{
	int64_t app, version, objects;
	enum err e;

	if ((e = db_int(r, "SELECT count(*) FROM sqlite_schema", &objects, d)) ||
	    (e = db_int(r, "PRAGMA application_id", &app, d)) ||
	    (e = db_int(r, "PRAGMA user_version", &version, d)))
		return e;
	*empty = !objects && !app && !version;
	if (*empty)
		return ERR_OK;
	if (app != APPLICATION_ID)
		return diag_set(d, ERR_DB,
				"%s: is an SQLite database, but not one of Shadewalk", r->path);
	if (version > SCHEMA_VERSION)
		return diag_set(d, ERR_DB,
				"%s: has schema version %lld; this program reads up to "
				"%d: use a newer shadewalk",
				r->path, (long long)version, SCHEMA_VERSION);
	if (version < 1)
		return diag_set(d, ERR_DB, "%s: has no schema version: file is damaged",
				r->path);
	return ERR_OK;
}

/* Inside one write transaction, so that two processes may start on the same new file. */
static enum err db_create(struct results *r, struct diag *d)
{
	char pragmas[96];
	bool empty;
	enum err e = db_exec(r, "BEGIN IMMEDIATE", d);

	if (e)
		return e;
	snprintf(pragmas, sizeof(pragmas),
		 "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
		 SCHEMA_VERSION);
	e = db_identify(r, &empty, d);
	if (!e && empty) {
		e = db_exec(r, schema_sql, d);
		if (!e)
			e = db_exec(r, pragmas, d);
	}
	if (!e)
		e = db_exec(r, "COMMIT", d);
	if (e)
		sqlite3_exec(r->db, "ROLLBACK", NULL, NULL, NULL);
	return e;
}

static enum err one_text(void *ctx, const struct query_row *row, struct diag *d)
{
	const struct results *r = ctx;
	const char *what = row->cell[0].text, *line;

	if (strcmp(what, "ok") == 0)
		return ERR_OK;
	/* "*** in database main ***", then the finding on a line of its own. */
	line = strchr(what, '\n');
	line = line && line[1] ? line + 1 : what;
	return diag_set(d, ERR_DB, "%s: is damaged: %.*s", r->path,
			(int)(strcspn(line, "\n") < 200 ? strcspn(line, "\n") : 200), line);
}

static enum err db_set_up(struct results *r, bool create, struct diag *d)
{
	bool empty = false;
	enum err e;

	sqlite3_busy_timeout(r->db, BUSY_MS);
	sqlite3_db_config(r->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(r->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(r->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	e = db_identify(r, &empty, d);
	if (!e && empty && !create)
		return diag_set(d, ERR_DB, "%s: is empty: no results were stored in it",
				r->path);
	if (!e && create && sqlite3_db_readonly(r->db, "main"))
		return diag_set(d, ERR_DB, "%s: cannot be written", r->path);
	if (!e && empty)
		e = db_create(r, d);
	/* A reader sees one state of the file however many queries it makes. */
	if (!e && !create)
		e = db_exec(r, "BEGIN", d);
	if (!e && !empty)
		e = results_query(r, "PRAGMA quick_check(1)", one_text, r, d);
	return e;
}

/* SQLite's own words for these are poor ("unable to open database file"). */
static enum err path_check(const char *path, bool create, struct diag *d)
{
	struct stat st;

	if (!*path)
		return diag_set(d, ERR_USAGE, "results database: the file name is empty");
	if (strcmp(path, ":memory:") == 0)
		return ERR_OK;
	if (stat(path, &st)) {
		if (errno == ENOENT && create)
			return ERR_OK;
		return diag_set(d, ERR_DB, "%s: cannot be opened: %s", path, strerror(errno));
	}
	if (S_ISDIR(st.st_mode))
		return diag_set(d, ERR_DB, "%s: is a directory, not a results database", path);
	if (!S_ISREG(st.st_mode))
		return diag_set(d, ERR_DB, "%s: is not a regular file", path);
	return ERR_OK;
}

enum err results_open(struct results **out, const char *path, bool create, struct diag *d)
{
	int flags = create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
	struct results *r;
	enum err e = path_check(path, create, d);

	*out = NULL;
	if (e)
		return e;
	/* A read-only database in memory could hold nothing. */
	if (strcmp(path, ":memory:") == 0) {
		flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
		create = true;
	}
	r = calloc(1, sizeof(*r));
	if (!r || !(r->path = strdup(path))) {
		free(r);
		return diag_set(d, ERR_NOMEM, "%s: out of memory", path);
	}
	if (sqlite3_open_v2(path, &r->db, flags, NULL) != SQLITE_OK)
		e = diag_set(d, ERR_DB, "%s: cannot be %s: %s", path,
			     create ? "created" : "opened",
			     r->db ? sqlite3_errmsg(r->db) : "out of memory");
	else
		e = db_set_up(r, create, d);
	if (e)
		results_close(r);
	else
		*out = r;
	return e;
}

void results_close(struct results *r)
{
	if (!r)
		return;
	sqlite3_close(r->db);
	free(r->path);
	free(r);
}

static void cell_read(struct cell *c, sqlite3_stmt *st, int i)
{
	*c = (struct cell){ .type = CELL_NULL, .text = "" };
	switch (sqlite3_column_type(st, i)) {
	case SQLITE_NULL:
		return;
	case SQLITE_INTEGER:
		c->type = CELL_INT;
		break;
	case SQLITE_FLOAT:
		c->type = CELL_REAL;
		break;
	default:
		c->type = CELL_TEXT;
		break;
	}
	if (c->type != CELL_TEXT) {
		c->i = sqlite3_column_int64(st, i);
		c->r = sqlite3_column_double(st, i);
	}
	/* Last: it converts the value in place. */
	c->text = (const char *)sqlite3_column_text(st, i);
	if (!c->text)
		c->text = "";
}

static enum err query_step(struct results *r, sqlite3_stmt *st, query_fn fn, void *ctx,
			   struct diag *d)
{
	unsigned n = (unsigned)sqlite3_column_count(st);
	const char **names = calloc(n + 1, sizeof(*names));
	struct cell *cells = calloc(n + 1, sizeof(*cells));
	struct query_row row = { .n = n, .names = names, .cell = cells };
	enum err e = ERR_OK;
	int rc = SQLITE_DONE;

	if (!names || !cells)
		e = diag_set(d, ERR_NOMEM, "%s: out of memory", r->path);
	for (unsigned i = 0; !e && i < n; i++)
		names[i] = sqlite3_column_name(st, (int)i);
	while (!e && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		for (unsigned i = 0; i < n; i++)
			cell_read(&cells[i], st, (int)i);
		e = fn(ctx, &row, d);
	}
	if (!e && rc != SQLITE_DONE)
		e = db_error(r, "cannot be read", d);
	free(names);
	free(cells);
	return e;
}

enum err results_query(struct results *r, const char *sql, query_fn fn, void *ctx,
		       struct diag *d)
{
	sqlite3_stmt *st = NULL;
	enum err e;

	if (sqlite3_prepare_v2(r->db, sql, -1, &st, NULL) != SQLITE_OK)
		e = db_error(r, "query refused", d);
	else if (!st || !sqlite3_stmt_readonly(st))
		e = diag_set(d, ERR_USAGE, "%s: a query may only read", r->path);
	else
		e = query_step(r, st, fn, ctx, d);
	sqlite3_finalize(st);
	return e;
}
