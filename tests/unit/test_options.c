/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/options: quantities, suggestions, words, and the look at names before argp. */
#include "tests/support.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/options.h"

#define ANY ((struct quantity){ 0, UINT64_MAX, 0 })

static void quantities_accepted(void **state)
{
	static const struct { const char *text; uint64_t value; unsigned flags; } rows[] = {
		{ "0", 0, 0 },
		{ "1", 1, 0 },
		{ "010", 10, 0 },                       /* not octal */
		{ "1_000", 1000, 0 },
		{ "1_0_0", 100, 0 },
		{ "64K", 65536, 0 },
		{ "1M", 1048576, 0 },
		{ "4G", UINT64_C(4294967296), 0 },
		{ "64K", 64000, QUANTITY_COUNT },
		{ "2G", UINT64_C(2000000000), QUANTITY_COUNT },
		{ "0x10", 16, 0 },
		{ "0XfF", 255, 0 },
		{ "0xdead_beef", UINT64_C(0xdeadbeef), 0 },
		{ "18446744073709551615", UINT64_MAX, 0 },
		{ "0xffffffffffffffff", UINT64_MAX, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct quantity q = ANY;
		struct diag d;
		uint64_t v = 77;

		q.flags = rows[i].flags;
		assert_ok(option_quantity("x", rows[i].text, q, &v, &d), &d);
		assert_true(v == rows[i].value);
	}
}

static void quantities_refused(void **state)
{
	static const char *const rows[] = {
		"", " ", "1 ", " 1", "-1", "+1", "1.5", "1e3", "12 34", "64k", "64KB", "K", "0x",
		"0xg", "0x10K", "_1", "1_", "1__0", "0x_1", "1K0", "1KK", "--", "abc",
		"18446744073709551616", "99999999999999999999", "18014398509481984K",
		"0x10000000000000000", "1\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct diag d;
		uint64_t v = 77;

		assert_int_equal(option_quantity("tlb.ways", rows[i], ANY, &v, &d), ERR_USAGE);
		assert_true(v == 77);
		assert_non_null(strstr(d.msg, "tlb.ways: "));
		assert_non_null(strstr(d.msg, "want"));
	}
}

static void quantity_range_and_powers(void **state)
{
	struct quantity ways = { 1, 64, QUANTITY_POW2 };
	struct diag d;
	uint64_t v = 77;

	(void)state;
	assert_ok(option_quantity("ways", "64", ways, &v, &d), &d);
	assert_true(v == 64);
	assert_err(ERR_USAGE, option_quantity("ways", "3", ways, &v, &d), &d,
		   "ways: 3 is not a power of two");
	assert_err(ERR_USAGE, option_quantity("ways", "0", ways, &v, &d), &d, "from 1 to 64");
	assert_err(ERR_USAGE, option_quantity("ways", "128", ways, &v, &d), &d, "out of range");
	ways.min = 0;
	assert_ok(option_quantity("ways", "0", ways, &v, &d), &d);
	assert_true(v == 0);
	assert_err(ERR_USAGE,
		   option_quantity("n", "0", (struct quantity){ 1, UINT64_MAX, 0 }, &v, &d), &d,
		   "at least 1");
}

/* Law: what is printed in any accepted spelling is read back as the same number. */
static void quantity_round_trip(void **state)
{
	uint64_t v = 1;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		char text[64];
		struct diag d;
		uint64_t back;

		v = v * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		snprintf(text, sizeof(text), "%" PRIu64, v >> (i % 64));
		assert_ok(option_quantity("v", text, ANY, &back, &d), &d);
		assert_true(back == v >> (i % 64));
		snprintf(text, sizeof(text), "0x%" PRIx64, v >> (i % 64));
		assert_ok(option_quantity("v", text, ANY, &back, &d), &d);
		assert_true(back == v >> (i % 64));
	}
}

static void distances(void **state)
{
	(void)state;
	assert_int_equal(option_distance("", ""), 0);
	assert_int_equal(option_distance("", "run"), 3);
	assert_int_equal(option_distance("run", "run"), 0);
	assert_int_equal(option_distance("rnu", "run"), 1);     /* swap */
	assert_int_equal(option_distance("rn", "run"), 1);
	assert_int_equal(option_distance("runn", "run"), 1);
	assert_int_equal(option_distance("ran", "run"), 1);
	assert_int_equal(option_distance("jbos", "jobs"), 1);
	assert_int_equal(option_distance("kitten", "sitting"), 3);
}

/* Laws of a distance, on all words of up to three letters over {a, b}. */
static void distance_laws(void **state)
{
	char words[15][4];
	size_t n = 0;

	(void)state;
	for (unsigned len = 0; len < 4; len++) {
		for (unsigned bits = 0; bits < 1u << len; bits++) {
			for (unsigned i = 0; i < len; i++)
				words[n][i] = (bits >> i & 1) ? 'b' : 'a';
			words[n++][len] = 0;
		}
	}
	assert_int_equal(n, 15);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			unsigned dist = option_distance(words[i], words[j]);
			size_t li = strlen(words[i]), lj = strlen(words[j]);

			assert_int_equal(dist == 0, i == j);
			assert_int_equal(dist, option_distance(words[j], words[i]));
			assert_true(dist <= (li > lj ? li : lj));
			assert_true(dist >= (li > lj ? li - lj : lj - li));
		}
	}
}

static void suggestions(void **state)
{
	static const char *const words[] = { "run", "compare", "plot", "list" };

	(void)state;
	assert_string_equal(option_suggest("rnu", words, 4), "run");
	assert_string_equal(option_suggest("comprae", words, 4), "compare");
	assert_string_equal(option_suggest("plt", words, 4), "plot");
	assert_null(option_suggest("frobnicate", words, 4));
	assert_null(option_suggest("x", words, 4));     /* too short to mean anything */
	assert_null(option_suggest("", words, 4));
	assert_null(option_suggest("run", words, 0));
}

static void words(void **state)
{
	static const char *const policies[] = { "lru", "fifo", "random", "plru" };
	struct diag d;
	size_t i = 9;
	int format = 9;

	(void)state;
	assert_ok(option_word("tlb.policy", "random", policies, 4, &i, &d), &d);
	assert_int_equal(i, 2);
	assert_err(ERR_USAGE, option_word("tlb.policy", "fiof", policies, 4, &i, &d), &d,
		   "did you mean 'fifo'? (want lru, fifo, random, plru)");
	assert_err(ERR_USAGE, option_word("tlb.policy", "belady", policies, 4, &i, &d), &d,
		   "tlb.policy: unknown 'belady' (want lru");
	assert_ok(option_format("csv", &format, &d), &d);
	assert_int_equal(format, 2);
	assert_err(ERR_USAGE, option_format("jsn", &format, &d), &d, "did you mean 'json'?");
}

/* ---- options_parse ---- */

struct input { int jobs, quiet, args; struct diag *d; };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;
	enum err e;
	uint64_t v;

	switch (key) {
	case 'j':
		e = option_quantity("--jobs", arg, (struct quantity){ 1, 64, 0 }, &v, in->d);
		if (e)
			return EINVAL;
		in->jobs = (int)v;
		return 0;
	case 'q':
		in->quiet = 1;
		return 0;
	case 256:
		in->jobs = -1;
		return 0;
	case ARGP_KEY_ARG:
		in->args++;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "jobs", 'j', "N", 0, "Threads", 0 },
	{ "threads", 0, NULL, OPTION_ALIAS, NULL, 0 },
	{ "quiet", 'q', NULL, 0, "Say nothing", 0 },
	{ "quick", 256, NULL, 0, "Short", 0 },
	{ 0 },
};
static const struct argp argp = { .options = options, .parser = parse };

static enum err go(struct input *in, struct diag *d, const char *a, const char *b, const char *c)
{
	char name[] = "shadewalk test", text[3][64];
	char *argv[5] = { name, NULL };
	const char *from[3] = { a, b, c };
	int argc = 1;

	*in = (struct input){ .d = d };
	for (int i = 0; i < 3 && from[i]; i++) {
		snprintf(text[i], sizeof(text[i]), "%s", from[i]);
		argv[argc++] = text[i];
	}
	argv[argc] = NULL;
	return options_parse(&argp, argc, argv, in, d);
}

static void parse_accepts(void **state)
{
	struct input in;
	struct diag d = { .msg = "" };

	(void)state;
	assert_ok(go(&in, &d, "--jobs=4", "x", "-q"), &d);
	assert_int_equal(in.jobs, 4);
	assert_int_equal(in.quiet, 1);
	assert_int_equal(in.args, 1);
	assert_ok(go(&in, &d, "-j", "5", NULL), &d);
	assert_int_equal(in.jobs, 5);
	assert_ok(go(&in, &d, "-qj6", "-", NULL), &d);
	assert_int_equal(in.jobs, 6);
	assert_int_equal(in.args, 1);
	assert_ok(go(&in, &d, "--jo", "7", NULL), &d);          /* abbreviation */
	assert_int_equal(in.jobs, 7);
	assert_ok(go(&in, &d, "--threads", "8", NULL), &d);     /* alias with argument */
	assert_int_equal(in.jobs, 8);
	assert_ok(go(&in, &d, "--", "--jbos", NULL), &d);
	assert_int_equal(in.args, 1);
}

static void parse_refuses(void **state)
{
	struct input in;
	struct diag d = { .msg = "" };

	(void)state;
	assert_err(ERR_USAGE, go(&in, &d, "--jbos=4", NULL, NULL), &d, "did you mean --jobs?");
	assert_err(ERR_USAGE, go(&in, &d, "--frobnicate", NULL, NULL), &d, "unknown option");
	assert_err(ERR_USAGE, go(&in, &d, "-x", NULL, NULL), &d, "unknown option -x");
	assert_err(ERR_USAGE, go(&in, &d, "-qx", NULL, NULL), &d, "unknown option -x");
	assert_err(ERR_USAGE, go(&in, &d, "a", "--jobs", NULL), &d, "needs a value");
	assert_err(ERR_USAGE, go(&in, &d, "-j", NULL, NULL), &d, "needs a value");
	assert_err(ERR_USAGE, go(&in, &d, "--quiet=1", NULL, NULL), &d, "takes no value");
	assert_err(ERR_USAGE, go(&in, &d, "--qui", NULL, NULL), &d, "ambiguous");
	assert_err(ERR_USAGE, go(&in, &d, "--jobs=0", NULL, NULL), &d, "--jobs: 0 is out of range");
	assert_err(ERR_USAGE, go(&in, &d, "--jobs", "1e3", NULL), &d, "not a number");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantities_accepted),
		cmocka_unit_test(quantities_refused),
		cmocka_unit_test(quantity_range_and_powers),
		cmocka_unit_test(quantity_round_trip),
		cmocka_unit_test(distances),
		cmocka_unit_test(distance_laws),
		cmocka_unit_test(suggestions),
		cmocka_unit_test(words),
		cmocka_unit_test(parse_accepts),
		cmocka_unit_test(parse_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
