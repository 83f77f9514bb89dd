/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times whole passes over traces, from the compressed file.
 *
 *	bench_replay pass WHAT TRACE...         one pass over each, one line each
 *	bench_replay table [-n RUNS] TRACE...   the table of doc/performance.md
 *
 * WHAT is `decode` (reader alone), `track` (reader and tracker) or a list of strategies as `run
 * -s` takes it; options of `pass`: -e ENGINE, -j JOBS, -v (verify).
 *
 * Every pass of a table is a process of its own, so that its memory is its own and no pass
 * inherits a warm heap. Runs are interleaved: every figure is measured once before any is
 * measured again, so that a slow minute hits all of them. Times are CPU seconds of the process,
 * but of `2 jobs`, which is wall clock. Good for ratios within one table; bad for comparing
 * machines, or two tables of a machine that does something else meanwhile. Nothing fails here.
 */
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "models/guest/tracker.h"
#include "sim/replay.h"

enum { MAX_RUNS = 99, MAX_TRACES = 64, RUNS_DEFAULT = 5 };

struct job {
	const char *name;               /* of the line in the table */
	const char *what;               /* decode, track, or strategies */
	enum engine engine;
	unsigned jobs;
	bool verify;
};

struct took {
	double cpu, wall;               /* seconds */
	uint64_t records, references, rss;
};

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* --- one pass ------------------------------------------------------------------------- */

static enum err drop(void *ctx, const struct run_result *r, struct diag *d)
{
	(void)ctx, (void)r, (void)d;
	return ERR_OK;
}

static enum err decode(const char *path, bool track, struct diag *d)
{
	struct trace_reader *t;
	struct tracker *guest = NULL;
	struct trace_batch b;
	struct event_batch ev;
	enum err e = trace_reader_open(&t, path, d);

	if (e)
		return e;
	if (track)
		e = tracker_create(&guest, trace_reader_header(t), d);
	while (!e) {
		e = trace_reader_next(t, &b, d);
		if (e || !b.n)
			break;
		if (track)
			e = tracker_batch(guest, &b, &ev, d);
	}
	tracker_destroy(guest);
	trace_reader_close(t);
	return e;
}

/* The one function callgrind collects in (instructions.sh). */
__attribute__((noinline)) enum err bench_measured(const struct job *j, const char *path,
						  const struct spec *spec, size_t nspec,
						  struct diag *d);

enum err bench_measured(const struct job *j, const char *path, const struct spec *spec,
			size_t nspec, struct diag *d)
{
	struct replay_plan p = { .path = path, .spec = spec, .nspec = nspec, .seed = 1,
				 .warmup = WARMUP_DEFAULT, .verify = j->verify,
				 .engine = j->engine, .jobs = j->jobs,
				 .progress = PROGRESS_NONE, .argv = "" };

	if (!nspec)
		return decode(path, !strcmp(j->what, "track"), d);
	return replay(&p, drop, NULL, d);
}

static enum err one_pass(const struct job *j, const char *path, struct took *t, struct diag *d)
{
	struct spec spec[SPEC_MAX];
	struct trace_reader *r;
	size_t nspec = 0;
	enum err e = ERR_OK;

	if (strcmp(j->what, "decode") && strcmp(j->what, "track"))
		e = spec_parse_list(spec, &nspec, j->what, d);
	if (!e)
		e = trace_reader_open(&r, path, d);
	if (e)
		return e;
	t->records = trace_reader_records(r);
	t->references = trace_reader_references(r);
	trace_reader_close(r);
	t->cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	t->wall = seconds(CLOCK_MONOTONIC);
	e = bench_measured(j, path, spec, nspec, d);
	t->cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - t->cpu;
	t->wall = seconds(CLOCK_MONOTONIC) - t->wall;
	for (size_t i = 0; i < nspec; i++)
		spec_free(&spec[i]);
	return e;
}

/* --- the table ------------------------------------------------------------------------ */

/* The rows; floors and aims are those of the project's own goals. */
enum { DECODE, TRACK, NATIVE, COHERENT, TWO, VERIFY, JOBS1, JOBS2, NJOBS };
static const struct job table_job[NJOBS] = {
	[DECODE]   = { "trace decode alone", "decode", ENGINE_FAST, 1, false },
	[TRACK]    = { "decode and tracker", "track", ENGINE_FAST, 1, false },
	[NATIVE]   = { "native, engine fast", "native", ENGINE_FAST, 1, false },
	[COHERENT] = { "coherent, engine fast", "coherent", ENGINE_FAST, 1, false },
	[TWO]      = { "native and coherent in one pass", "native,coherent", ENGINE_FAST, 1, false },
	[VERIFY]   = { "coherent, --verify", "coherent", ENGINE_REF, 1, true },
	[JOBS1]    = { "4 lanes, 1 job", "native,coherent,coherent:entries=64,coherent:entries=256",
		       ENGINE_FAST, 1, false },
	[JOBS2]    = { "4 lanes, 2 jobs", "native,coherent,coherent:entries=64,coherent:entries=256",
		       ENGINE_FAST, 2, false },
};
static const struct { unsigned lanes; const char *what; } memory_job[] = {
	{ 1, "coherent" }, { 2, "native,coherent" },
	{ 4, "native,coherent,coherent:entries=16,coherent:entries=64" },
	{ 8, "native,coherent,coherent:entries=16,coherent:entries=32,coherent:entries=64,"
	     "coherent:entries=128,coherent:entries=256,coherent:entries=512" },
};

static struct took sample[NJOBS][MAX_TRACES][MAX_RUNS];

/* The last of the CPUs this process may use. */
static void pin(void)
{
	cpu_set_t may, one;

	CPU_ZERO(&one);
	if (sched_getaffinity(0, sizeof(may), &may))
		return;
	for (int c = CPU_SETSIZE - 1; c >= 0; c--)
		if (CPU_ISSET(c, &may)) {
			CPU_SET(c, &one);
			(void)!sched_setaffinity(0, sizeof(one), &one);
			return;
		}
}

static bool apart(const struct job *j, const char *path, struct took *t)
{
	struct rusage use;
	int fd[2], status;
	struct diag d;
	ssize_t got;
	pid_t child;

	if (pipe(fd) || (child = fork()) < 0) {
		perror("bench_replay");
		return false;
	}
	if (!child) {
		enum err e;

		if (j->jobs == 1)
			pin();
		e = one_pass(j, path, t, &d);
		if (e)
			fprintf(stderr, "bench_replay: %s: %s\n", j->what, d.msg);
		else
			e = write(fd[1], t, sizeof(*t)) != sizeof(*t);
		_exit(e != ERR_OK);
	}
	close(fd[1]);
	got = read(fd[0], t, sizeof(*t));
	close(fd[0]);
	if (wait4(child, &status, 0, &use) != child || status || got != sizeof(*t))
		return false;
	t->rss = 1024 * (uint64_t)use.ru_maxrss;
	return true;
}

struct spread { double median, min, max; };

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct spread spread_of(double *v, unsigned n)
{
	qsort(v, n, sizeof(*v), by_value);
	return (struct spread){ n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2, v[0], v[n - 1] };
}

/* Seconds of run i over all traces. */
static double total(unsigned job, unsigned ntraces, unsigned i)
{
	double sum = 0;

	for (unsigned t = 0; t < ntraces; t++)
		sum += job == JOBS1 || job == JOBS2 ? sample[job][t][i].wall
						    : sample[job][t][i].cpu;
	return sum;
}

static const char *verdict(double at_least, double aim, double is, bool less_is_better)
{
	if (at_least == 0)
		return "";
	if (less_is_better ? is > at_least : is < at_least)
		return "SHORT";
	return (less_is_better ? is > aim : is < aim) ? "ok" : "aim met";
}

static void line(const char *what, const char *unit, struct spread s, double at_least, double aim,
		 bool less_is_better)
{
	printf("%-34s %-11s %8.2f  %8.2f .. %-8.2f", what, unit, s.median, s.min, s.max);
	if (at_least != 0)
		printf(" %7.4g %7.4g  %s", at_least, aim,
		       verdict(at_least, aim, s.median, less_is_better));
	putchar('\n');
}

static void rate(unsigned job, unsigned ntraces, unsigned runs, uint64_t items, const char *unit,
		 double at_least, double aim)
{
	double v[MAX_RUNS];

	for (unsigned i = 0; i < runs; i++)
		v[i] = 1e-6 * (double)items / total(job, ntraces, i);
	line(table_job[job].name, unit, spread_of(v, runs), at_least, aim, false);
}

static void print_rates(unsigned ntraces, unsigned runs, uint64_t records, uint64_t references)
{
	double v[MAX_RUNS];

	printf("%-34s %-11s %8s  %8s .. %-8s %7s %7s\n", "", "", "median", "min", "max", "floor",
	       "aim");
	rate(DECODE, ntraces, runs, records, "M records/s", 150, 400);
	rate(TRACK, ntraces, runs, records, "M records/s", 0, 0);
	rate(NATIVE, ntraces, runs, references, "M refs/s", 60, 120);
	rate(NATIVE, ntraces, runs, records, "M records/s", 0, 0);
	rate(COHERENT, ntraces, runs, references, "M refs/s", 45, 100);
	rate(COHERENT, ntraces, runs, records, "M records/s", 0, 0);
	rate(VERIFY, ntraces, runs, references, "M refs/s", 5, 20);
	for (unsigned i = 0; i < runs; i++)
		v[i] = total(TWO, ntraces, i) /
		       (total(NATIVE, ntraces, i) + total(COHERENT, ntraces, i));
	line("two lanes: one pass / two runs", "ratio", spread_of(v, runs), 0.8, 0.7, true);
	for (unsigned i = 0; i < runs; i++)
		v[i] = total(JOBS2, ntraces, i) / total(JOBS1, ntraces, i);
	line("4 lanes: 2 jobs / 1 job, wall", "ratio", spread_of(v, runs), 0, 0, true);
}

static void print_by_trace(char **path, unsigned ntraces, unsigned runs)
{
	static const unsigned job[] = { DECODE, NATIVE, COHERENT, VERIFY };

	printf("\n%-24s %12s %12s %12s %12s   medians\n", "by trace", "decode", "native", "coherent",
	       "--verify");
	for (unsigned t = 0; t < ntraces; t++) {
		const char *slash = strrchr(path[t], '/');

		printf("%-24s", slash ? slash + 1 : path[t]);
		for (unsigned k = 0; k < 4; k++) {
			double v[MAX_RUNS];

			for (unsigned i = 0; i < runs; i++)
				v[i] = 1e-6 * (double)(k ? sample[job[k]][t][i].references
						       : sample[job[k]][t][i].records) /
				       sample[job[k]][t][i].cpu;
			printf(" %6.1f %s", spread_of(v, runs).median, k ? "Mref" : "Mrec");
			fputs(k ? "" : " ", stdout);
		}
		putchar('\n');
	}
}

/* Peak memory of a process that runs so many lanes, largest over the traces. */
static bool print_memory(char **path, unsigned ntraces)
{
	printf("\n%-34s\n", "peak memory of the process");
	for (unsigned k = 0; k < sizeof(memory_job) / sizeof(memory_job[0]); k++) {
		struct job j = { "", memory_job[k].what, ENGINE_FAST, 1, false };
		double mb = 0, floor = 64 + 8.0 * memory_job[k].lanes;
		char name[64];
		struct took took;

		for (unsigned t = 0; t < ntraces; t++) {
			if (!apart(&j, path[t], &took))
				return false;
			if (1e-6 * (double)took.rss > mb)
				mb = 1e-6 * (double)took.rss;
		}
		snprintf(name, sizeof(name), "%u lane%s", memory_job[k].lanes,
			 memory_job[k].lanes == 1 ? "" : "s");
		line(name, "MB", (struct spread){ mb, mb, mb }, floor, floor / 2, true);
	}
	return true;
}

static int table(char **path, unsigned ntraces, unsigned runs)
{
	uint64_t records = 0, references = 0;
	double load = 0;
	struct took took;

	(void)!getloadavg(&load, 1);
	for (unsigned t = 0; t < ntraces; t++) {        /* warms the file cache; not counted */
		if (!apart(&table_job[DECODE], path[t], &took))
			return 1;
		records += took.records;
		references += took.references;
	}
	printf("%u traces, %.1f M records, %.1f M references; %u runs, interleaved; one core but for "
	       "2 jobs; load average before: %.2f\n", ntraces, 1e-6 * (double)records,
	       1e-6 * (double)references, runs, load);
	fflush(stdout);
	for (unsigned i = 0; i < runs; i++)
		for (unsigned k = 0; k < NJOBS; k++)
			for (unsigned t = 0; t < ntraces; t++)
				if (!apart(&table_job[k], path[t], &sample[k][t][i]))
					return 1;
	print_rates(ntraces, runs, records, references);
	print_by_trace(path, ntraces, runs);
	return !print_memory(path, ntraces);
}

/* --- the program ---------------------------------------------------------------------- */

static int usage(void)
{
	fputs("bench_replay: usage: bench_replay pass [-e ENGINE] [-j JOBS] [-v] WHAT TRACE... | "
	      "table [-n RUNS] TRACE...\n", stderr);
	return 2;
}

static int passes(struct job *j, char **path)
{
	for (j->what = *path++; *path; path++) {
		struct took t;
		struct diag d;

		if (one_pass(j, *path, &t, &d)) {
			fprintf(stderr, "bench_replay: %s\n", d.msg);
			return 1;
		}
		printf("%s,%s,%llu,%llu,%.6f,%.6f\n", j->what, *path,
		       (unsigned long long)t.records, (unsigned long long)t.references, t.cpu,
		       t.wall);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct job j = { .engine = ENGINE_FAST, .jobs = 1 };
	const char *command = argc > 1 ? argv[1] : "";
	unsigned runs = RUNS_DEFAULT;
	int c;

	if (strcmp(command, "pass") && strcmp(command, "table"))
		return usage();
	while ((c = getopt(argc - 1, argv + 1, "e:j:n:v")) != -1) {
		switch (c) {
		case 'e': j.engine = strcmp(optarg, "ref") ? ENGINE_FAST : ENGINE_REF; break;
		case 'j': j.jobs = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'n': runs = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'v':
			j.verify = true;
			j.engine = ENGINE_REF;
			break;
		default: return usage();
		}
	}
	argv += 1 + optind;             /* behind the command and its options */
	argc -= 1 + optind;
	if (command[0] == 'p')
		return argc < 2 ? usage() : passes(&j, argv);
	if (argc < 1 || argc > MAX_TRACES || !runs || runs > MAX_RUNS)
		return usage();
	return table(argv, (unsigned)argc, runs);
}
