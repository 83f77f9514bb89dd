/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/err: every code has a text and an exit status of the manual page. */
#include "tests/support.h"

#include <string.h>

static void every_code_has_text_and_status(void **state)
{
	static const int allowed[] = { 0, 1, 2, 3, 4, 5, 75 };

	(void)state;
	for (int e = 0; e < ERR_COUNT; e++) {
		bool found = false;

		assert_non_null(err_text((enum err)e));
		assert_true(strlen(err_text((enum err)e)) > 2);
		for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
			found |= err_exit_code((enum err)e) == allowed[i];
		assert_true(found);
		assert_int_equal(err_exit_code((enum err)e) == 0, e == ERR_OK);
	}
}

static void statuses_of_the_manual(void **state)
{
	(void)state;
	assert_int_equal(err_exit_code(ERR_IO), 1);
	assert_int_equal(err_exit_code(ERR_USAGE), 2);
	assert_int_equal(err_exit_code(ERR_CONFIG), 2);
	assert_int_equal(err_exit_code(ERR_TRACE), 3);
	assert_int_equal(err_exit_code(ERR_POINTS), 4);
	assert_int_equal(err_exit_code(ERR_CHECK), 5);
	assert_int_equal(err_exit_code(ERR_STOPPED), 75);
}

static void codes_out_of_range(void **state)
{
	(void)state;
	assert_string_equal(err_text((enum err)ERR_COUNT), "unknown error");
	assert_int_equal(err_exit_code((enum err)ERR_COUNT), 1);
	assert_int_equal(err_exit_code((enum err)-1), 1);
}

static void diag_set_fills_and_returns(void **state)
{
	struct diag d;

	(void)state;
	assert_int_equal(diag_set(&d, ERR_TRACE, "%s: byte %d", "x.swt", 7), ERR_TRACE);
	assert_string_equal(d.msg, "x.swt: byte 7");
	assert_int_equal(diag_set(NULL, ERR_IO, "nobody listens"), ERR_IO);
}

static void diag_set_cuts_long_text(void **state)
{
	struct diag d;
	char text[2 * sizeof(d.msg)];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = 0;
	assert_int_equal(diag_set(&d, ERR_IO, "%s", text), ERR_IO);
	assert_int_equal(strlen(d.msg), sizeof(d.msg) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_text_and_status),
		cmocka_unit_test(statuses_of_the_manual),
		cmocka_unit_test(codes_out_of_range),
		cmocka_unit_test(diag_set_fills_and_returns),
		cmocka_unit_test(diag_set_cuts_long_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
