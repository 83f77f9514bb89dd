/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Storing one run in one transaction. Rules of merging:
 *   trace    first name, file size and header stay; counts and core have to agree
 *   config   by its hash
 *   event    within one model version a name keeps its leaf
 *   costs    by their hash; a run may be priced with several sets
 *   run      same id: result_sha has to agree, otherwise ERR_CHECK and nothing is written
 */
#include "results/db.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "results/hash.h"

struct put {
	struct results *r;
	const struct run_result *run;
	int64_t tid, cid, rid, sid;
	int64_t eid[EVENTS], oid[ORIGINS], kid[CAUSES];
	struct diag *d;
};

/*
 * Binds by type letter: i int64_t, u uint64_t (refused above 2^63 - 1), x uint64_t stored as
 * its bits, r double, t text (NULL: SQL NULL).
 */
static enum err put_bind(struct put *p, sqlite3_stmt *st, const char *types, va_list ap)
{
	for (int i = 1; *types; i++, types++) {
		uint64_t u;
		const char *t;

		switch (*types) {
		case 'i':
			sqlite3_bind_int64(st, i, va_arg(ap, int64_t));
			break;
		case 'u':
			u = va_arg(ap, uint64_t);
			if (u > INT64_MAX)
				return diag_set(p->d, ERR_DB,
						"%s: a count of this run does not "
						"fit into 63 bits",
						p->r->path);
			sqlite3_bind_int64(st, i, (int64_t)u);
			break;
		case 'x':
			sqlite3_bind_int64(st, i, (int64_t)va_arg(ap, uint64_t));
			break;
		case 'r':
			sqlite3_bind_double(st, i, va_arg(ap, double));
			break;
		default:
			assert(*types == 't');
			t = va_arg(ap, const char *);
			sqlite3_bind_text(st, i, t, -1, SQLITE_STATIC);
			break;
		}
	}
	return ERR_OK;
}

static enum err put_fail(struct put *p, enum err e)
{
	return e ? e : db_error(p->r, "run was not stored", p->d);
}

static enum err put_row(struct put *p, sqlite3_stmt *st, const char *types, ...)
	__attribute__((warn_unused_result));
static enum err put_row(struct put *p, sqlite3_stmt *st, const char *types, ...)
{
	va_list ap;
	enum err e;

	va_start(ap, types);
	e = put_bind(p, st, types, ap);
	va_end(ap);
	if (!e && sqlite3_step(st) != SQLITE_DONE)
		e = put_fail(p, ERR_OK);
	sqlite3_reset(st);
	return e;
}

static sqlite3_stmt *put_prepare(struct put *p, const char *sql)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(p->r->db, sql, -1, &st, NULL) != SQLITE_OK)
		sqlite3_finalize(st), st = NULL;
	return st;
}

/* Runs a statement once; *first (may be NULL) receives column 0 of its only row, or -1. */
static enum err put_once(struct put *p, int64_t *first, const char *sql, const char *types, ...)
	__attribute__((warn_unused_result));
static enum err put_once(struct put *p, int64_t *first, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st = put_prepare(p, sql);
	enum err e = ERR_OK;
	va_list ap;
	int rc;

	if (!st)
		return put_fail(p, ERR_OK);
	va_start(ap, types);
	e = put_bind(p, st, types, ap);
	va_end(ap);
	if (!e) {
		rc = sqlite3_step(st);
		if (first)
			*first = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;
		if (rc != SQLITE_ROW && rc != SQLITE_DONE)
			e = put_fail(p, ERR_OK);
	}
	sqlite3_finalize(st);
	return e;
}

static enum err put_trace(struct put *p)
{
	const struct trace_row *t = &p->run->trace;
	enum err e =
		put_once(p, NULL,
			 "INSERT INTO trace(id, name, guest, workload, core, arch, records, "
			 "instructions,"
			 " refs, bytes, header_json) VALUES(?,?,?,?,?,?,?,?,?,?,?) ON "
			 "CONFLICT(id) DO NOTHING",
			 "ttttttuuuut", t->id, t->name, t->guest, t->workload, t->core, t->arch,
			 t->records, t->instructions, t->references, t->bytes, t->header_json);

	if (e)
		return e;
	e = put_once(p, &p->tid,
		     "SELECT tid FROM trace WHERE id = ? AND records = ? AND"
		     " instructions = ? AND refs = ? AND core IS ? AND arch IS ?",
		     "tuuutt", t->id, t->records, t->instructions, t->references, t->core,
		     t->arch);
	if (!e && p->tid < 0)
		return diag_set(p->d, ERR_CHECK,
				"%s: trace %.12s (%s) is stored with other counts "
				"or another core; nothing was written",
				p->r->path, t->id, t->name);
	return e;
}

static enum err put_config(struct put *p)
{
	struct hash *h = hash_create("config 1");
	char sha[65];
	enum err e;

	hash_text(h, "json", p->run->config_json);
	if ((e = hash_finish(h, sha)))
		return e;
	e = put_once(p, NULL,
		     "INSERT INTO config(sha, json) VALUES(?,?) ON CONFLICT(sha) DO NOTHING",
		     "tt", sha, p->run->config_json);
	return e ? e : put_once(p, &p->cid, "SELECT cid FROM config WHERE sha = ?", "t", sha);
}

static enum err put_event_defs(struct put *p)
{
	for (unsigned i = 0; i < EVENTS; i++) {
		const struct event_info *ev = &event_info[i];
		enum err e = put_once(p, NULL,
			"INSERT INTO event_def(model_version, name, leaf, text) VALUES(?,?,?,?)"
			" ON CONFLICT(model_version, name) DO NOTHING", "ittt",
			(int64_t)MODEL_VERSION, ev->name, ev->leaf, ev->text);

		if (!e)
			e = put_once(p, &p->eid[i],
				     "SELECT eid FROM event_def WHERE model_version"
				     " = ? AND name = ? AND leaf = ?",
				     "itt", (int64_t)MODEL_VERSION, ev->name, ev->leaf);
		if (!e && p->eid[i] < 0)
			return diag_set(p->d, ERR_DB,
					"%s: event %s is booked elsewhere in this "
					"file, under the same model version; use a new file",
					p->r->path, ev->name);
		if (e)
			return e;
	}
	return ERR_OK;
}

static enum err put_tag_defs(struct put *p)
{
	enum err e = ERR_OK;

	for (unsigned i = 0; !e && i < ORIGINS; i++) {
		e = put_once(p, NULL, "INSERT INTO origin_def(name) VALUES(?)"
			     " ON CONFLICT(name) DO NOTHING", "t", origin_name[i]);
		if (!e)
			e = put_once(p, &p->oid[i], "SELECT oid FROM origin_def WHERE name = ?",
				     "t", origin_name[i]);
	}
	for (unsigned i = 0; !e && i < CAUSES; i++) {
		e = put_once(p, NULL,
			     "INSERT INTO cause_def(name, text) VALUES(?,?)"
			     " ON CONFLICT(name) DO NOTHING",
			     "tt", cause_name[i], cause_text[i]);
		if (!e)
			e = put_once(p, &p->kid[i], "SELECT kid FROM cause_def WHERE name = ?",
				     "t", cause_name[i]);
	}
	return e;
}

static enum err put_unit_costs(struct put *p)
{
	const struct cost_set *s = p->run->costs;
	enum err e = ERR_OK;

	for (unsigned i = 0; !e && i < PRIMS; i++)
		e = put_once(p, NULL, "INSERT INTO cost_prim VALUES(?,?,?,?,?,?,?)", "ituuutt",
			     p->sid, prim_info[i].name, s->prim[i][COST_LOW],
			     s->prim[i][COST_NOMINAL], s->prim[i][COST_HIGH],
			     prim_info[i].confidence, prim_info[i].source);
	for (unsigned i = 0; i < EVENTS; i++)
		for (unsigned t = 0; !e && t < event_info[i].nterm; t++)
			e = put_once(p, NULL,
				     "INSERT INTO cost_term VALUES(?,?,?,?) ON CONFLICT"
				     " DO UPDATE SET mult = mult + excluded.mult",
				     "iiti", p->sid, p->eid[i],
				     prim_info[event_info[i].term[t].prim].name,
				     (int64_t)event_info[i].term[t].mult);
	return e;
}

static enum err put_cost_set(struct put *p)
{
	char sha[65];
	enum err e = cost_set_sha(p->run->costs, sha);

	if (!e)
		e = put_once(p, &p->sid, "SELECT sid FROM cost_set WHERE sha = ?", "t", sha);
	if (e || p->sid >= 0)
		return e;
	e = put_once(p, &p->sid, "INSERT INTO cost_set(sha, name) VALUES(?,?) RETURNING sid",
		     "tt", sha, p->run->costs->name);
	return e ? e : put_unit_costs(p);
}

static enum err put_counts(struct put *p)
{
	sqlite3_stmt *st = put_prepare(p, "INSERT INTO count VALUES(?,?,?,?,?)");
	enum err err = st ? ERR_OK : put_fail(p, ERR_OK);

	for (unsigned e = 0; e < EVENTS; e++)
		for (unsigned o = 0; o < ORIGINS; o++)
			for (unsigned c = 0; !err && c < CAUSES; c++)
				if (p->run->ledger->n[e][o][c])
					err = put_row(p, st, "iiiiu", p->rid, p->eid[e],
						      p->oid[o], p->kid[c],
						      p->run->ledger->n[e][o][c]);
	sqlite3_finalize(st);
	return err;
}

static enum err put_faults(struct put *p)
{
	const struct run_result *run = p->run;
	sqlite3_stmt *st = put_prepare(p, "INSERT INTO deviation VALUES(?,?,?,?,?,?)");
	enum err e = st ? ERR_OK : put_fail(p, ERR_OK);

	if (!e)
		e = put_once(p, NULL, "INSERT INTO fault VALUES(?,?,?,?,?)", "iuuuu", p->rid,
			     run->faults_recorded, run->faults_injected, run->faults_forced,
			     run->faults_extra_true);
	for (size_t i = 0; !e && i < run->ndeviations; i++) {
		const struct deviation *dv = &run->deviations[i];

		e = put_row(p, st, "iiutii", p->rid, (int64_t)i, dv->record,
			    dv->kind ? "extra_true" : "forced", (int64_t)dv->fsr,
			    (int64_t)dv->va);
	}
	sqlite3_finalize(st);
	return e;
}

static enum err put_structures(struct put *p)
{
	const struct run_result *run = p->run;
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < run->nstructures; i++)
		e = put_once(p, NULL, "INSERT INTO structure VALUES(?,?,?)", "itu", p->rid,
			     run->structures[i].name, run->structures[i].n);
	for (size_t i = 0; !e && i < run->nmemory; i++)
		e = put_once(p, NULL, "INSERT INTO memory VALUES(?,?,?,?)", "itur", p->rid,
			     run->memory[i].what, run->memory[i].peak_bytes,
			     run->memory[i].average_bytes);
	return e;
}

static enum err put_new_run(struct put *p, const char *id, const char *sha)
{
	const struct run_result *run = p->run;
	enum err e =
		put_once(p, &p->rid,
			 "INSERT INTO run(id, model_version, tid, cid, strategy, "
			 "strategy_name, host_core,"
			 " tag, seed, warmup_insns, window_first, window_insns, result_sha)"
			 " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING rid",
			 "tiiittttxuuut", id, (int64_t)MODEL_VERSION, p->tid, p->cid,
			 run->strategy, run->strategy_name, run->host_core, run->tag, run->seed,
			 run->warmup_insns, run->window_first, run->window_insns, sha);

	if (!e)
		e = put_counts(p);
	if (!e)
		e = put_faults(p);
	return e ? e : put_structures(p);
}

static enum err put_run(struct put *p, const char *id)
{
	char sha[65];
	int64_t same;
	enum err e = run_result_sha(p->run, sha);

	if (!e)
		e = put_once(p, &p->rid, "SELECT rid FROM run WHERE id = ?", "t", id);
	if (e || p->rid < 0)
		return e ? e : put_new_run(p, id, sha);
	e = put_once(p, &same, "SELECT result_sha = ? FROM run WHERE rid = ?", "ti", sha,
		     p->rid);
	if (!e && same != 1)
		return diag_set(
			p->d, ERR_CHECK,
			"%s: run %.12s (%s on %s) is stored with another "
			"result; nothing was written. The simulation is not reproducible, or "
			"changed without a new model version",
			p->r->path, id, p->run->strategy, p->run->trace.name);
	return e;
}

struct series_check { const struct run_result *run; size_t n; bool differs; };

static enum err series_row(void *ctx, const struct query_row *row, struct diag *d)
{
	struct series_check *c = ctx;

	(void)d;
	if (c->n >= c->run->nseries || (int64_t)c->run->series[c->n] != row->cell[0].i)
		c->differs = true;
	c->n++;
	return ERR_OK;
}

static enum err put_series_check(struct put *p)
{
	struct series_check c = { .run = p->run };
	char sql[128];
	enum err e;

	snprintf(sql, sizeof(sql),
		 "SELECT millicycles FROM series WHERE rid = %lld AND sid = %lld"
		 " ORDER BY slice",
		 (long long)p->rid, (long long)p->sid);
	e = results_query(p->r, sql, series_row, &c, p->d);
	if (!e && (c.differs || c.n != p->run->nseries))
		return diag_set(p->d, ERR_CHECK,
				"%s: this run of %s on %s is stored with another "
				"series over time; nothing was written",
				p->r->path, p->run->strategy, p->run->trace.name);
	return e;
}

static enum err put_series(struct put *p)
{
	int64_t known;
	sqlite3_stmt *st;
	enum err e = put_once(p, &known, "SELECT 1 FROM priced WHERE rid = ? AND sid = ?", "ii",
			      p->rid, p->sid);

	if (e || known == 1)
		return e ? e : put_series_check(p);
	e = put_once(p, NULL, "INSERT INTO priced VALUES(?,?)", "ii", p->rid, p->sid);
	st = put_prepare(p, "INSERT INTO series VALUES(?,?,?,?)");
	if (!e && !st)
		e = put_fail(p, ERR_OK);
	for (size_t i = 0; !e && i < p->run->nseries; i++)
		e = put_row(p, st, "iiiu", p->rid, p->sid, (int64_t)i, p->run->series[i]);
	sqlite3_finalize(st);
	return e;
}

static enum err put_execution(struct put *p)
{
	const struct run_result *run = p->run;
	struct utsname u = { .nodename = "" };
	char machine[sizeof(u.nodename) + sizeof(u.machine) + sizeof(u.release) + 3];

	uname(&u);
	snprintf(machine, sizeof(machine), "%s %s %s", u.nodename, u.machine, u.release);
	return put_once(p, NULL,
			"INSERT INTO execution(rid, started_unix, wall_s, machine, engine,"
			" argv, max_rss_bytes, verified, violations) VALUES(?,?,?,?,?,?,?,?,?)",
			"iirtttuiu", p->rid, run->started_unix, run->wall_s, machine,
			run->engine, run->argv, run->max_rss_bytes, (int64_t)run->verified,
			run->violations);
}

static enum err put_all(struct put *p, const char *id)
{
	static enum err (*const before[])(struct put *) = {
		put_trace, put_config, put_event_defs, put_tag_defs, put_cost_set,
	};
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < sizeof(before) / sizeof(*before); i++)
		e = before[i](p);
	if (!e)
		e = put_run(p, id);
	if (!e)
		e = put_series(p);
	return e ? e : put_execution(p);
}

enum err results_put(struct results *r, const struct run_result *run, char id_out[65],
		     struct diag *d)
{
	struct put p = { .r = r, .run = run, .d = d };
	char id[65];
	enum err e = run_id(run, id);

	assert(run->trace.id && run->trace.name && run->strategy && run->strategy_name &&
	       run->host_core && run->tag && run->config_json && run->ledger && run->costs);
	if (!e && sqlite3_db_readonly(r->db, "main"))
		e = diag_set(d, ERR_DB, "%s: was opened for reading only", r->path);
	if (!e)
		e = db_exec(r, "BEGIN IMMEDIATE", d);
	if (e)
		return e;
	e = put_all(&p, id);
	if (!e)
		e = db_exec(r, "COMMIT", d);
	if (e)
		sqlite3_exec(r->db, "ROLLBACK", NULL, NULL, NULL);
	else if (id_out)
		memcpy(id_out, id, sizeof(id));
	return e;
}
