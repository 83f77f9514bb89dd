/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deterministic text of a results database: every table in fixed order, every row by what
 * identifies it anywhere (hashes and names, never the file's own integer keys), sorted. Two
 * databases are equal when these texts are.
 */
#include <string.h>

#include "results/results.h"

struct dump { FILE *out; const char *table; bool head; };

static const struct { const char *table, *sql; } tables[] = {
	{ "trace", "SELECT id, name, guest, workload, core, arch, records, instructions, refs,"
	  " bytes, header_json FROM trace ORDER BY id" },
	{ "config", "SELECT sha, json FROM config ORDER BY sha" },
	{ "event_def", "SELECT model_version, name, leaf, text FROM event_def"
	  " ORDER BY model_version, name" },
	{ "origin_def", "SELECT name FROM origin_def ORDER BY name" },
	{ "cause_def", "SELECT name, text FROM cause_def ORDER BY name" },
	{ "cost_set", "SELECT sha, name FROM cost_set ORDER BY sha" },
	{ "cost_prim", "SELECT s.sha, p.prim, p.low, p.nominal, p.high, p.confidence, p.source"
	  " FROM cost_prim p JOIN cost_set s USING(sid) ORDER BY s.sha, p.prim" },
	{ "cost_term", "SELECT s.sha, e.model_version, e.name AS event, t.prim, t.mult"
	  " FROM cost_term t JOIN cost_set s USING(sid) JOIN event_def e USING(eid)"
	  " ORDER BY s.sha, e.model_version, e.name, t.prim" },
	{ "run", "SELECT r.id, r.model_version, t.id AS trace, c.sha AS config, r.strategy,"
	  " r.strategy_name, r.host_core, r.tag, r.seed, r.warmup_insns, r.window_first,"
	  " r.window_insns, r.result_sha FROM run r JOIN trace t USING(tid)"
	  " JOIN config c USING(cid) ORDER BY r.id" },
	{ "count", "SELECT r.id AS run, e.name AS event, o.name AS origin, k.name AS cause, c.n"
	  " FROM count c JOIN run r USING(rid) JOIN event_def e USING(eid)"
	  " JOIN origin_def o USING(oid) JOIN cause_def k USING(kid)"
	  " ORDER BY r.id, e.name, o.name, k.name" },
	{ "priced", "SELECT r.id AS run, s.sha AS costs FROM priced p JOIN run r USING(rid)"
	  " JOIN cost_set s USING(sid) ORDER BY r.id, s.sha" },
	{ "series", "SELECT r.id AS run, s.sha AS costs, x.slice, x.millicycles FROM series x"
	  " JOIN run r USING(rid) JOIN cost_set s USING(sid) ORDER BY r.id, s.sha, x.slice" },
	{ "fault", "SELECT r.id AS run, f.recorded, f.injected, f.forced, f.extra_true"
	  " FROM fault f JOIN run r USING(rid) ORDER BY r.id" },
	{ "deviation", "SELECT r.id AS run, d.idx, d.record, d.kind, d.fsr, d.va"
	  " FROM deviation d JOIN run r USING(rid) ORDER BY r.id, d.idx" },
	{ "structure", "SELECT r.id AS run, x.name, x.n FROM structure x JOIN run r USING(rid)"
	  " ORDER BY r.id, x.name" },
	{ "memory", "SELECT r.id AS run, m.what, m.peak_bytes,"
	  " printf('%.17g', m.average_bytes) AS average_bytes FROM memory m"
	  " JOIN run r USING(rid) ORDER BY r.id, m.what" },
};

static const char execution_sql[] =
	"SELECT r.id AS run, x.started_unix, printf('%.17g', x.wall_s) AS wall_s, x.machine,"
	" x.engine, x.argv, x.max_rss_bytes, x.verified, x.violations FROM execution x"
	" JOIN run r USING(rid) ORDER BY r.id, x.started_unix, x.xid";

/* Tabs part fields and newlines part rows, so both are escaped inside a field. */
static void dump_field(FILE *out, const struct cell *c)
{
	if (c->type == CELL_NULL) {
		fputs("\\N", out);
		return;
	}
	for (const char *t = c->text; *t; t++) {
		if (*t == '\t')
			fputs("\\t", out);
		else if (*t == '\n')
			fputs("\\n", out);
		else if (*t == '\\')
			fputs("\\\\", out);
		else
			putc(*t, out);
	}
}

static enum err dump_row(void *ctx, const struct query_row *row, struct diag *d)
{
	struct dump *dp = ctx;

	(void)d;
	if (!dp->head) {
		fprintf(dp->out, "\ntable %s:", dp->table);
		for (unsigned i = 0; i < row->n; i++)
			fprintf(dp->out, " %s", row->names[i]);
		putc('\n', dp->out);
		dp->head = true;
	}
	for (unsigned i = 0; i < row->n; i++) {
		if (i)
			putc('\t', dp->out);
		dump_field(dp->out, &row->cell[i]);
	}
	putc('\n', dp->out);
	return ERR_OK;
}

enum err results_dump(struct results *r, FILE *out, bool with_execution, struct diag *d)
{
	struct dump dp = { .out = out };
	enum err e = ERR_OK;

	fputs("shadewalk results 1\n", out);
	for (size_t i = 0; !e && i < sizeof(tables) / sizeof(*tables); i++) {
		dp.table = tables[i].table;
		dp.head = false;
		e = results_query(r, tables[i].sql, dump_row, &dp, d);
	}
	if (!e && with_execution) {
		dp.table = "execution";
		dp.head = false;
		e = results_query(r, execution_sql, dump_row, &dp, d);
	}
	if (!e && (fflush(out) || ferror(out)))
		e = diag_set(d, ERR_IO, "database dump: write failed");
	return e;
}
