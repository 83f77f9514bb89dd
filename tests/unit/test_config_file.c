/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sim/config_file: what a file says, where it is wrong, and that no change of one crashes. */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "models/cpu/cpu.h"
#include "sim/config_file.h"

static const char good[] =
	"# a host\n"
	"core: generic\n"
	"tlb: { entries: 32, ways: 32 }\n"
	"l1d.bytes: 8K\n"
	"feature:\n"
	"  wnr: on\n"
	"  afe: off\n"
	"cost: {trap_entry: 70}\n"
	"strategies: [native, \"coherent:entries=1024\"]\n"
	"seed: 3\n"
	"warmup: 1_000\n";

static void says_what_it_says(void **state)
{
	static const char *const want[][2] = {
		{ "tlb.entries=32", "t:3:17" }, { "tlb.ways=32", "t:3:27" }, { "l1d.bytes=8K", "t:4:12" },
		{ "feature.wnr=on", "t:6:8" }, { "feature.afe=off", "t:7:8" },
		{ "cost.trap_entry=70", "t:8:20" },
	};
	struct config_file f;
	struct diag d;

	(void)state;
	assert_ok(config_text_read(&f, "t", good, strlen(good), &d), &d);
	assert_int_equal(f.n, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < f.n; i++) {
		assert_string_equal(f.set[i], want[i][0]);
		assert_string_equal(f.where[i], want[i][1]);
	}
	assert_string_equal(f.core.text, "generic");
	assert_string_equal(f.strategies.text, "native,coherent:entries=1024");
	assert_string_equal(f.strategies.where, "t:9:13");
	assert_string_equal(f.seed.text, "3");
	assert_string_equal(f.warmup.text, "1_000");
	config_file_free(&f);
}

/* text, where the error is, and words of the message */
static const char *const wrong[][3] = {
	{ "", "t:1:1: ", "says nothing" },
	{ "# only\n", "t:1:1: ", "says nothing" },
	{ "arm926\n", "t:1:1: ", "a word; want lines of NAME: VALUE" },
	{ "- tlb.entries: 3\n", "t:1:1: ", "a list; want lines" },
	{ "core: generic\ntlb.entrise: 3\n", "t:2:1: ", "did you mean 'tlb.entries'" },
	{ "tlb:\n  entrise: 3\n", "t:2:3: ", "unknown name 'tlb.entrise'; did you mean 'tlb.entries'" },
	{ "strategy: native\n", "t:1:1: ", "unknown name 'strategy'; want core, seed, strategies" },
	{ "tlb: { entries: {a: 3} }\n", "t:1:8: ", "tlb.entries: a mapping; want a word" },
	{ "tlb: { entries: [3] }\n", "t:1:17: ", "tlb.entries: a list; want a word" },
	{ "tlb: 3\n", "t:1:1: ", "unknown name 'tlb'" },
	{ "tlb.entries: 3\ntlb: { entries: 4 }\n", "t:2:8: ", "is there already, at t:1:14" },
	{ "seed: 1\nseed: 2\n", "t:2:7: ", "seed: is there already, at t:1:7" },
	{ "seed: [1]\n", "t:1:7: ", "seed: a list" },
	{ "strategies: []\n", "t:1:13: ", "an empty list" },
	{ "strategies: [[native]]\n", "t:1:14: ", "strategies: a list" },
	{ "tlb.entries:\n", "t:1:13: ", "tlb.entries: empty" },
	{ "? [a]\n: 3\n", "t:1:3: ", "name: a list" },
	{ "core: a\n--- \ncore: b\n", "t:3:1: ", "a second document" },
	{ "tlb: { entries: 3\n", "t:2:1: ", "expected ',' or '}'" },
	{ "core:\tgeneric\n\tseed: 1\n", "t:2:1: ", "a tab character that violates indentation" },
	{ "tlb: &a { entries: *a }\n", "t:1:11: ", "tlb.entries: a mapping" },
	{ "core: *none\n", "t:1:7: ", "found undefined alias" },
	{ "core: \"a\\0b\"\n", "t:1:7: ", "has a NUL in it" },
	{ "core: \xff\xfe\n", "t: byte ", "want a text in UTF-8" },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: 1\n", "t:1:1: ",
	  "is longer than 31 characters" },
};

static void says_where_it_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct config_file f;
		struct diag d = { .msg = "" };
		enum err e = config_text_read(&f, "t", wrong[i][0], strlen(wrong[i][0]), &d);

		if (e != ERR_CONFIG || strncmp(d.msg, wrong[i][1], strlen(wrong[i][1])) ||
		    !strstr(d.msg, wrong[i][2]))
			fail_msg("row %zu: %d: %s", i, e, d.msg);
		config_file_free(&f);
	}
}

static void every_parameter_has_a_place(void **state)
{
	(void)state;
	for (unsigned i = 0; i < config_key_count; i++) {
		struct config_file f;
		char text[128], set[128];
		struct diag d;
		int n = snprintf(text, sizeof(text), "%s: 1\n", config_keys[i].name);

		assert_ok(config_text_read(&f, "t", text, (size_t)n, &d), &d);
		snprintf(set, sizeof(set), "%s=1", config_keys[i].name);
		assert_string_equal(f.set[0], set);
		config_file_free(&f);
	}
}

static void too_many(void **state)
{
	char *text = malloc(64 * (CONFIG_FILE_MAX + 1)), *p = text;
	struct config_file f;
	struct diag d;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i <= CONFIG_FILE_MAX; i++)
		p += sprintf(p, "cost.c%d: 1\n", i);
	assert_err(ERR_CONFIG, config_text_read(&f, "t", text, (size_t)(p - text), &d), &d,
		   "t:257:1: cost.c256: more than 256 settings");
	config_file_free(&f);
	free(text);
}

/* A changed byte gives settings or a place, nothing else. */
static void changed_at_random(void **state)
{
	struct rng rng = rng_stream(1, "config");
	unsigned refused = 0;

	(void)state;
	for (unsigned round = 0; round < 5000; round++) {
		size_t n = strlen(good);
		char *text = malloc(n);
		struct config_file f;
		struct diag d = { .msg = "" };
		enum err e;

		assert_non_null(text);
		memcpy(text, good, n);
		for (unsigned k = 0; k <= round % 4; k++)
			text[rng_next(&rng) % n] = (char)rng_next(&rng);
		e = config_text_read(&f, "t", text, n - round % 7, &d);
		refused += e != ERR_OK;
		if (e && (e != ERR_CONFIG || strncmp(d.msg, "t:", 2)))
			fail_msg("round %u: %d: %s", round, e, d.msg);
		config_file_free(&f);
		free(text);
	}
	assert_in_range(refused, 1000, 4999);
}

static void files(void **state)
{
	struct config_file f;
	struct diag d;

	(void)state;
	assert_err(ERR_IO, config_file_read(&f, "no/such/file", &d), &d, "no/such/file: ");
	config_file_free(&f);
	assert_err(ERR_IO, config_file_read(&f, "/", &d), &d, "/: ");
	config_file_free(&f);
	assert_err(ERR_CONFIG, config_file_read(&f, "/dev/zero", &d), &d, "/dev/zero: is longer than");
	config_file_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_it_says),
		cmocka_unit_test(says_where_it_is_wrong),
		cmocka_unit_test(every_parameter_has_a_place),
		cmocka_unit_test(too_many),
		cmocka_unit_test(changed_at_random),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
