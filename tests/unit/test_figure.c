/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plots: files beside the figure, the same bytes twice, and clear refusals. */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plots/figure.h"
#include "tests/unit/results_data.h"

static struct made_run m;
static struct diag d;
static char folder[64], note[256];
static const struct figure_options plain;

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
	snprintf(folder, sizeof(folder), "/tmp/shadewalk-figure-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const bases[] = { "a", "b", "it's" };
	static const char *const ends[] = { "gp", "dat", "svg", "pdf", "png", "tex" };
	char name[32];

	(void)state;
	for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++)
		for (size_t k = 0; k < sizeof(ends) / sizeof(*ends); k++) {
			snprintf(name, sizeof(name), "%s.%s", bases[i], ends[k]);
			unlink(in_folder(name));
		}
	return rmdir(folder);
}

static char *read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *bytes = calloc(1, 1 << 20);

	assert_non_null(f);
	assert_non_null(bytes);
	*n = fread(bytes, 1, (1 << 20) - 1, f);
	fclose(f);
	return bytes;
}

static void put(struct results *r, unsigned t, const char *strategy, uint64_t hidden)
{
	made_run(&m, t, strategy, hidden);
	assert_ok(results_put(r, &m.run, NULL, &d), &d);
}

static struct results *sample(unsigned traces)
{
	struct results *r;

	assert_ok(results_open(&r, ":memory:", true, &d), &d);
	for (unsigned t = 0; t < traces; t++) {
		put(r, t, "native", 0);
		put(r, t, "coherent", 400);
		put(r, t, "cached:pool=64", 100 + 50 * t);
	}
	return r;
}

static bool has_gnuplot(void)
{
	if (system("gnuplot --version > /dev/null 2>&1") == 0)
		return true;
	print_message("gnuplot is missing: not drawn\n");
	return false;
}

static void the_same_bytes_twice(void **state)
{
	static const char *const ends[] = { ".svg", ".pdf" };
	struct results *r = sample(3);
	char first[16], second[16], *x, *y;
	size_t n, k;

	(void)state;
	if (!has_gnuplot()) {
		results_close(r);
		skip();
	}
	for (size_t i = 0; i < 2; i++) {
		snprintf(first, sizeof(first), "a%s", ends[i]);
		snprintf(second, sizeof(second), "b%s", ends[i]);
		assert_ok(figure_draw(r, "breakdown", in_folder(first), &plain, note, &d), &d);
		assert_string_equal(note, "");
		if (i)
			sleep(1);       /* another second on the clock: another date */
		assert_ok(figure_draw(r, "breakdown", in_folder(second), &plain, note, &d), &d);
		x = read_file(in_folder(first), &n);
		y = read_file(in_folder(second), &k);
		assert_true(n > 1000);
		assert_int_equal(n, k);
		assert_memory_equal(x, y, n);
		free(x);
		free(y);
	}
	results_close(r);
}

static void png_and_tex_are_written(void **state)
{
	struct results *r = sample(1);
	char *x;
	size_t n;

	(void)state;
	if (!has_gnuplot()) {
		results_close(r);
		skip();
	}
	assert_ok(figure_draw(r, "breakdown", in_folder("it's.png"), &plain, note, &d), &d);
	x = read_file(in_folder("it's.png"), &n);
	assert_memory_equal(x, "\x89PNG", 4);
	/* width, big-endian at 16: 3.33 in at 300 dpi */
	assert_int_equal((unsigned char)x[18] << 8 | (unsigned char)x[19], 999);
	free(x);
	assert_ok(figure_draw(r, "breakdown", in_folder("a.tex"), &plain, note, &d), &d);
	x = read_file(in_folder("a.tex"), &n);
	assert_non_null(strstr(x, "Guest execution"));
	free(x);
	results_close(r);
}

static void data_says_where_it_is_from(void **state)
{
	struct results *r = sample(2);
	char *x, id[65];
	size_t n;

	(void)state;
	if (!has_gnuplot()) {
		results_close(r);
		skip();
	}
	assert_ok(figure_draw(r, "breakdown", in_folder("a.svg"), &plain, note, &d), &d);
	x = read_file(in_folder("a.dat"), &n);
	assert_int_equal(x[0], '#');
	assert_non_null(strstr(x, "model version 4"));
	assert_non_null(strstr(x, "# query:"));
	assert_non_null(strstr(x, "FROM cycles_by_leaf"));
	made_run(&m, 1, "coherent", 400);
	assert_int_equal(run_id(&m.run, id), ERR_OK);
	assert_non_null(strstr(x, id));
	free(x);
	x = read_file(in_folder("a.gp"), &n);
	assert_non_null(strstr(x, "set output 'a.svg'"));
	assert_null(strchr(x, '@'));
	free(x);
	results_close(r);
}

/* The top of each stack of the .dat is the run's slowdown. */
static void stacks_add_up_to_the_slowdown(void **state)
{
	struct results *r = sample(1);
	double x, middle, x0, x1, y0, y1, top = 0, last = 0;
	unsigned step, rows = 0;
	char *text, *line;
	size_t n;

	(void)state;
	if (!has_gnuplot()) {
		results_close(r);
		skip();
	}
	assert_ok(figure_draw(r, "breakdown", in_folder("a.svg"), &plain, note, &d), &d);
	text = read_file(in_folder("a.dat"), &n);
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (sscanf(line, "%lf %lf %lf %lf %lf %lf %u", &x, &middle, &x0, &x1, &y0, &y1,
			   &step) != 7)
			continue;
		rows++;
		assert_true(step >= 1 && step <= 6 && y1 > y0 && x0 < x && x < x1);
		assert_true(y0 < 1e-9 || (y0 - last < 1e-7 && last - y0 < 1e-7));
		last = y1;
		if (x > 1.5)            /* native, cached, coherent */
			top = y1;
	}
	assert_true(rows > 10);
	/* as in test_compare: (140600 + 400*378 + 300 + 2000) / 140600 */
	assert_true(top - 294100.0 / 140600 < 1e-7 && 294100.0 / 140600 - top < 1e-7);
	free(text);
	results_close(r);
}

static void wrong_requests(void **state)
{
	const struct figure_options other = { .host_core = "cortex-a8" };
	struct results *r = sample(1), *none;

	(void)state;
	assert_err(ERR_USAGE, figure_draw(r, "pie", in_folder("a.svg"), &plain, note, &d), &d,
		   "breakdown");
	assert_err(ERR_USAGE, figure_draw(r, "breakdown", in_folder("a.gif"), &plain, note, &d),
		   &d, ".pdf");
	assert_err(ERR_USAGE, figure_draw(r, "breakdown", in_folder(".svg"), &plain, note, &d),
		   &d, ".pdf");
	assert_err(ERR_IO, figure_draw(r, "breakdown", "/nonexistent/a.svg", &plain, note, &d),
		   &d, "No such file");
	assert_err(ERR_DB, figure_draw(r, "breakdown", in_folder("a.svg"), &other, note, &d),
		   &d, "no such runs");
	made_run(&m, 0, "native", 0);
	m.run.host_core = "arm1136";
	assert_ok(results_put(r, &m.run, NULL, &d), &d);
	assert_err(ERR_USAGE, figure_draw(r, "breakdown", in_folder("a.svg"), &plain, note, &d),
		   &d, "-c");
	results_close(r);
	assert_ok(results_open(&none, ":memory:", true, &d), &d);
	put(none, 0, "coherent", 4);
	assert_err(ERR_DB, figure_draw(none, "breakdown", in_folder("a.svg"), &plain, note, &d),
		   &d, "native");
	results_close(none);
}

static void without_gnuplot(void **state)
{
	struct results *r = sample(1);
	char *path = strdup(getenv("PATH"));

	(void)state;
	setenv("PATH", "/nonexistent", 1);
	assert_err(ERR_IO, figure_draw(r, "breakdown", in_folder("a.svg"), &plain, note, &d),
		   &d, "gnuplot is not on PATH");
	setenv("PATH", path, 1);
	free(path);
	results_close(r);
}

static void figures_are_listed(void **state)
{
	(void)state;
	assert_string_equal(figure_name(0), "breakdown");
	assert_non_null(figure_title(0));
	assert_null(figure_name(1000));
	assert_null(figure_title(1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_listed),
		cmocka_unit_test(wrong_requests),
		cmocka_unit_test(without_gnuplot),
		cmocka_unit_test(the_same_bytes_twice),
		cmocka_unit_test(png_and_tex_are_written),
		cmocka_unit_test(data_says_where_it_is_from),
		cmocka_unit_test(stacks_add_up_to_the_slowdown),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
