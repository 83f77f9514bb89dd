/* SPDX-License-Identifier: GPL-2.0-or-later */
/* results: storing, merging, refusing, equality of databases, pricing in SQL. */
#include "tests/support.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/results.h"
#include "tests/unit/results_data.h"

static struct made_run m;
static struct diag d;
static char folder[64];

static const char *in_folder(const char *name)
{
	static char path[2][128];
	static unsigned k;

	k = !k;
	snprintf(path[k], sizeof(path[k]), "%s/%s", folder, name);
	return path[k];
}

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/shadewalk-results-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const names[] = { "a.db", "b.db", "text.db", "foreign.db", "new.db",
					     "old.db", "empty.db", "bad.db", "big.db" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(in_folder(names[i]));
	return rmdir(folder);
}

static struct results *open_new(const char *path)
{
	struct results *r;

	assert_ok(results_open(&r, path, true, &d), &d);
	return r;
}

static void put(struct results *r, unsigned t, const char *strategy, uint64_t hidden)
{
	made_run(&m, t, strategy, hidden);
	assert_ok(results_put(r, &m.run, NULL, &d), &d);
}

static char *dump(struct results *r, bool execution)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	assert_ok(results_dump(r, f, execution, &d), &d);
	fclose(f);
	return text;
}

static enum err first_int(void *ctx, const struct query_row *row, struct diag *unused)
{
	(void)unused;
	*(int64_t *)ctx = row->cell[0].i;
	return ERR_OK;
}

static int64_t query_int(struct results *r, const char *sql)
{
	int64_t v = -1;

	assert_ok(results_query(r, sql, first_int, &v, &d), &d);
	return v;
}

/* ---- equality and merging ---- */

static void equal_whatever_the_order(void **state)
{
	struct results *a = open_new(":memory:"), *b = open_new(":memory:");
	char *x, *y;

	(void)state;
	put(a, 0, "native", 0);
	put(a, 1, "coherent", 50);
	put(a, 0, "coherent", 40);
	put(b, 0, "coherent", 40);
	put(b, 0, "native", 0);
	put(b, 0, "native", 0);         /* twice is once */
	put(b, 1, "coherent", 50);
	x = dump(a, false);
	y = dump(b, false);
	assert_string_equal(x, y);
	assert_int_equal(query_int(b, "SELECT count(*) FROM run"), 3);
	assert_int_equal(query_int(b, "SELECT count(*) FROM execution"), 4);
	free(x);
	free(y);
	x = dump(a, true);
	y = dump(b, true);
	assert_string_not_equal(x, y);
	free(x);
	free(y);
	results_close(a);
	results_close(b);
}

static void volatile_things_do_not_count(void **state)
{
	struct results *r = open_new(":memory:");
	char *x, *y;

	(void)state;
	put(r, 0, "coherent", 40);
	x = dump(r, false);
	made_run(&m, 0, "coherent", 40);
	m.run.wall_s = 99;
	m.run.engine = "fast";
	m.run.argv = NULL;
	m.run.verified = true;
	assert_ok(results_put(r, &m.run, NULL, &d), &d);
	y = dump(r, false);
	assert_string_equal(x, y);
	assert_int_equal(query_int(r, "SELECT max(verified) FROM execution"), 1);
	free(x);
	free(y);
	results_close(r);
}

static void another_result_is_refused(void **state)
{
	struct results *r = open_new(":memory:");
	char *x, *y;

	(void)state;
	put(r, 0, "coherent", 40);
	x = dump(r, true);
	made_run(&m, 0, "coherent", 41);
	assert_err(ERR_CHECK, results_put(r, &m.run, NULL, &d), &d, "another result");
	made_run(&m, 0, "coherent", 40);
	m.structure[1].n++;
	assert_err(ERR_CHECK, results_put(r, &m.run, NULL, &d), &d, "another result");
	made_run(&m, 0, "coherent", 40);
	m.series[3]++;
	assert_err(ERR_CHECK, results_put(r, &m.run, NULL, &d), &d, "series");
	made_run(&m, 0, "coherent", 40);
	m.run.nseries--;
	assert_err(ERR_CHECK, results_put(r, &m.run, NULL, &d), &d, "series");
	made_run(&m, 0, "inplace", 40);
	m.run.trace.records++;
	assert_err(ERR_CHECK, results_put(r, &m.run, NULL, &d), &d, "trace");
	y = dump(r, true);
	assert_string_equal(x, y);
	free(x);
	free(y);
	results_close(r);
}

static void a_failed_put_leaves_nothing(void **state)
{
	struct results *r = open_new(":memory:");
	char *empty = dump(r, true), *x;

	(void)state;
	made_run(&m, 0, "coherent", 40);
	m.structure[1].name = "tlb.hits";       /* the same name twice */
	assert_err(ERR_DB, results_put(r, &m.run, NULL, &d), &d, "not stored");
	made_run(&m, 0, "coherent", 40);
	m.run.max_rss_bytes = UINT64_MAX;       /* fails on the very last row */
	assert_err(ERR_DB, results_put(r, &m.run, NULL, &d), &d, "63 bits");
	x = dump(r, true);
	assert_string_equal(x, empty);
	put(r, 0, "coherent", 40);              /* and the handle still works */
	free(x);
	free(empty);
	results_close(r);
}

static void ids_cover_what_matters(void **state)
{
	char id[65], other[65];

	(void)state;
	made_run(&m, 0, "coherent", 40);
	assert_int_equal(run_id(&m.run, id), ERR_OK);
	assert_int_equal(strlen(id), 64);
	cost_set_prim(&m.costs, "mem", 1);
	m.ledger.n[EV_EXEC][0][0]++;
	m.run.argv = "other";
	assert_int_equal(run_id(&m.run, other), ERR_OK);
	assert_string_equal(id, other);
#define DIFFERS(change) do { \
		made_run(&m, 0, "coherent", 40); \
		change; \
		assert_int_equal(run_id(&m.run, other), ERR_OK); \
		assert_string_not_equal(id, other); \
	} while (0)
	DIFFERS(m.trace_id[0] = 'b');
	DIFFERS(m.run.strategy = "coherent:x=1");
	DIFFERS(m.run.host_core = "arm1136");
	DIFFERS(m.run.config_json = "{}");
	DIFFERS(m.run.seed++);
	DIFFERS(m.run.warmup_insns++);
	DIFFERS(m.run.window_first++);
	DIFFERS(m.run.window_insns++);
#undef DIFFERS
}

/* ---- pricing ---- */

static enum err check_price(void *ctx, const struct query_row *row, struct diag *unused)
{
	(void)ctx;
	(void)unused;
	for (unsigned v = 0; v < COST_LEVELS; v++)
		assert_true((cycles128_t)row->cell[v].i ==
			    ledger_cycles(&m.ledger, &m.costs, (enum cost_level)v));
	return ERR_OK;
}

static void sql_prices_like_the_ledger(void **state)
{
	struct results *r = open_new(":memory:");

	(void)state;
	made_run(&m, 0, "coherent", 40);
	for (unsigned e = 0; e < EVENTS; e++)   /* every event, odd counts, odd costs */
		m.ledger.n[e][e % ORIGINS][e % CAUSES] = 1000003 * (uint64_t)e + 1;
	for (unsigned p = 0; p < PRIMS; p++)
		cost_set_prim(&m.costs, prim_info[p].name, 1001 * p + 7);
	m.costs.prim[PRIM_mem][COST_HIGH] = 123456789;
	assert_ok(results_put(r, &m.run, NULL, &d), &d);
	assert_ok(results_query(r, "SELECT low, nominal, high FROM cycles_total", check_price,
				NULL, &d),
		  &d);
	assert_ok(results_query(r,
				"SELECT sum(low), sum(nominal), sum(high) FROM cycles_by_group",
				check_price, NULL, &d),
		  &d);
	results_close(r);
}

static void other_costs_share_the_run(void **state)
{
	struct results *r = open_new(":memory:");

	(void)state;
	put(r, 0, "native", 0);
	put(r, 0, "coherent", 40);
	made_run(&m, 0, "coherent", 40);
	snprintf(m.costs.name, sizeof(m.costs.name), "slow traps");
	cost_set_prim(&m.costs, "trap_entry", 500000);
	m.series[0] += 5; /* a series is nominal cycles: it moves with the costs */
	assert_ok(results_put(r, &m.run, NULL, &d), &d);
	assert_int_equal(query_int(r, "SELECT count(*) FROM run"), 2);
	assert_int_equal(query_int(r, "SELECT count(*) FROM priced"), 3);
	/* the baseline is priced along */
	assert_int_equal(query_int(r, "SELECT count(*) FROM summary WHERE slowdown > 0"), 4);
	assert_int_equal(query_int(r,
				   "SELECT nominal FROM cycles_total JOIN cost_set USING(sid)"
				   " JOIN run USING(rid) WHERE name = 'slow traps' AND "
				   "strategy = 'coherent'"),
			 (int64_t)ledger_cycles(&m.ledger, &m.costs, COST_NOMINAL));
	results_close(r);
}

static void baseline_is_never_a_bound(void **state)
{
	struct results *r = open_new(":memory:");

	(void)state;
	put(r, 0, "native:evict=never", 0);
	put(r, 0, "coherent", 40);
	assert_int_equal(query_int(r, "SELECT count(native) FROM baseline"), 0);
	put(r, 0, "native:map=offset", 0);
	assert_int_equal(query_int(r, "SELECT count(native) FROM baseline"), 3);
	put(r, 0, "native:map=contiguous", 0);  /* two, none of them plain: which? */
	assert_int_equal(query_int(r, "SELECT count(native) FROM baseline"), 0);
	put(r, 0, "native", 0);
	assert_int_equal(query_int(r, "SELECT count(DISTINCT native) FROM baseline"), 1);
	results_close(r);
}

/* ---- files ---- */

static void write_bytes(const char *path, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void stays_on_disk(void **state)
{
	const char *path = in_folder("a.db");
	struct results *r = open_new(path);
	char *x, *y;

	(void)state;
	put(r, 0, "coherent", 40);
	x = dump(r, true);
	results_close(r);
	assert_ok(results_open(&r, path, false, &d), &d);
	y = dump(r, true);
	assert_string_equal(x, y);
	assert_err(ERR_DB, results_put(r, &m.run, NULL, &d), &d, "reading only");
	assert_err(ERR_USAGE, results_query(r, "DELETE FROM run", first_int, NULL, &d), &d,
		   "read");
	assert_err(ERR_DB, results_query(r, "SELECT nonsense", first_int, NULL, &d), &d,
		   "nonsense");
	results_close(r);
	results_close(NULL);
	free(x);
	free(y);
}

static void wrong_files_are_refused_and_kept(void **state)
{
	static const char text[] =
		"This is a letter and not a database, however long it may become "
		"and whatever the reader hopes to find.\n";
	struct results *r;
	char back[sizeof(text)] = "";
	FILE *f;

	(void)state;
	write_bytes(in_folder("text.db"), text, sizeof(text));
	for (int create = 0; create < 2; create++) {
		assert_err(ERR_DB, results_open(&r, in_folder("text.db"), create, &d), &d,
			   "not a database");
		assert_null(r);
		assert_err(ERR_DB, results_open(&r, folder, create, &d), &d, "directory");
		assert_err(ERR_DB, results_open(&r, "/dev/null", create, &d), &d,
			   "regular file");
		assert_err(ERR_DB, results_open(&r, "/nonexistent/x.db", create, &d), &d,
			   "cannot");
		assert_err(ERR_USAGE, results_open(&r, "", create, &d), &d, "empty");
	}
	assert_err(ERR_DB, results_open(&r, in_folder("missing.db"), false, &d), &d,
		   "No such file");
	write_bytes(in_folder("empty.db"), "", 0);
	assert_err(ERR_DB, results_open(&r, in_folder("empty.db"), false, &d), &d, "is empty");
	results_close(open_new(in_folder("empty.db")));
	f = fopen(in_folder("text.db"), "rb");
	assert_non_null(f);
	assert_int_equal(fread(back, 1, sizeof(back), f), sizeof(text));
	fclose(f);
	assert_memory_equal(text, back, sizeof(text));
}

/* Big-endian words of the SQLite file header: user version at 60, application id at 68. */
static void patch(const char *path, long at, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "r+b");

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void foreign_and_newer_are_refused(void **state)
{
	struct results *r;

	(void)state;
	results_close(open_new(in_folder("foreign.db")));
	patch(in_folder("foreign.db"), 68, "\0\0\0\1", 4);
	assert_err(ERR_DB, results_open(&r, in_folder("foreign.db"), true, &d), &d,
		   "not one of");
	patch(in_folder("foreign.db"), 68, "\0\0\0\0", 4);
	assert_err(ERR_DB, results_open(&r, in_folder("foreign.db"), true, &d), &d,
		   "not one of");
	results_close(open_new(in_folder("new.db")));
	patch(in_folder("new.db"), 60, "\0\0\0\2", 4);
	assert_err(ERR_DB, results_open(&r, in_folder("new.db"), true, &d), &d, "newer");
	patch(in_folder("new.db"), 60, "\0\0\0\0", 4);
	assert_err(ERR_DB, results_open(&r, in_folder("new.db"), true, &d), &d, "version");
}

static void damage_is_found(void **state)
{
	char junk[512];
	struct results *r = open_new(in_folder("bad.db"));
	struct stat st;

	(void)state;
	memset(junk, 0xa5, sizeof(junk));
	put(r, 0, "coherent", 40);
	results_close(r);
	assert_int_equal(stat(in_folder("bad.db"), &st), 0);
	for (long at = 8192; at + 512 < st.st_size; at += 4096)
		patch(in_folder("bad.db"), at, junk, sizeof(junk));
	assert_int_equal(results_open(&r, in_folder("bad.db"), false, &d), ERR_DB);
	assert_null(strchr(d.msg, '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_whatever_the_order),
		cmocka_unit_test(volatile_things_do_not_count),
		cmocka_unit_test(another_result_is_refused),
		cmocka_unit_test(a_failed_put_leaves_nothing),
		cmocka_unit_test(ids_cover_what_matters),
		cmocka_unit_test(sql_prices_like_the_ledger),
		cmocka_unit_test(other_costs_share_the_run),
		cmocka_unit_test(baseline_is_never_a_bound),
		cmocka_unit_test(stays_on_disk),
		cmocka_unit_test(wrong_files_are_refused_and_kept),
		cmocka_unit_test(foreign_and_newer_are_refused),
		cmocka_unit_test(damage_is_found),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
