/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/trace_random.h"
#include "traces/header.h"

static void round_trips(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 100; seed++) {
		struct trace_header back;
		struct random_trace t;
		char *json, *again;
		struct diag d;

		random_trace(&t, seed, 0, RANDOM_ALL);
		assert_ok(trace_header_to_json(&t.header, &json, &d), &d);
		assert_ok(trace_header_from_json(&back, json, &d), &d);
		assert_ok(trace_header_to_json(&back, &again, &d), &d);
		assert_string_equal(json, again);
		free(json);
		free(again);
		free(back.provenance);                  /* everything but the pointer */
		free(t.header.provenance);
		back.provenance = t.header.provenance = NULL;
		assert_memory_equal(&back, &t.header, sizeof(back));
		random_trace_clear(&t);
	}
}

static const struct trace_header small = {
	.arch = "armv5", .core = "arm926", .guest = "g", .workload = "two words", .vcpus = 1,
	.icount_shift = -1, .hz = 100, .nram = 1, .ram = { { 0, 4096 } }, .cpsr = 0xd3,
	.spsr_known = 2, .spsr = { 0, 7 }, .nreg = 2,
	.reg = { { CP_KEY(2, 0, 0, 0), 0x4000 }, { CP_KEY(1, 0, 0, 0), 5 } },
};

static void canonical_text(void **state)
{
	struct diag d;
	char *json;

	(void)state;
	assert_ok(trace_header_to_json(&small, &json, &d), &d);
	assert_string_equal(json, "{\"guest\":\"g\",\"machine\":{\"arch\":\"armv5\",\"core\":"
		"\"arm926\",\"cp15\":[[1024,5],[2048,16384]],\"cpsr\":211,\"dev\":[],\"hz\":100,"
		"\"icount_shift\":-1,\"locked\":[],\"ram\":[[0,4096]],\"spsr\":{\"irq\":7},"
		"\"vcpus\":1},\"version\":1,\"workload\":\"two words\"}");
	free(json);
	assert_ok(trace_header_semantic_json(&small, &json, &d), &d);
	assert_string_equal(json, "{\"arch\":\"armv5\",\"core\":"
		"\"arm926\",\"cp15\":[[1024,5],[2048,16384]],\"cpsr\":211,\"dev\":[],\"hz\":100,"
		"\"icount_shift\":-1,\"locked\":[],\"ram\":[[0,4096]],\"spsr\":{\"irq\":7},"
		"\"vcpus\":1}");
	free(json);
}

static void semantic_part(void **state)
{
	struct trace_header h = small;
	char *a, *b;
	struct diag d;

	(void)state;
	assert_ok(trace_header_semantic_json(&h, &a, &d), &d);
	strcpy(h.guest, "other");
	h.provenance = strdup("{\"kernel\":\"6.1\"}");
	memset(h.parent, 'a', TRACE_ID_HEX - 1);
	h.parent_first = 5;
	assert_ok(trace_header_semantic_json(&h, &b, &d), &d);
	assert_string_equal(a, b);
	free(b);
	h.reg[0].value++;
	assert_ok(trace_header_semantic_json(&h, &b, &d), &d);
	assert_string_not_equal(a, b);
	free(a);
	free(b);
	free(h.provenance);
}

static void registers(void **state)
{
	uint32_t v = 1;

	(void)state;
	assert_true(trace_header_reg(&small, CP_KEY(2, 0, 0, 0), &v));
	assert_int_equal(v, 0x4000);
	assert_false(trace_header_reg(&small, CP_KEY(3, 0, 0, 0), &v));
	assert_int_equal(v, 0x4000);
}

static void refuse(const char *from, const char *to, const char *words)
{
	struct trace_header h;
	struct diag d = { "" };
	char *json, *at, text[2000];

	assert_ok(trace_header_to_json(&small, &json, &d), &d);
	at = strstr(json, from);
	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - json), json, to, at + strlen(from));
	assert_err(ERR_TRACE, trace_header_from_json(&h, text, &d), &d, words);
	assert_null(strchr(d.msg, '\n'));
	free(json);
}

static void wrong_json(void **state)
{
	(void)state;
	refuse("{\"guest\"", "\"guest\"", "trace header");
	refuse("\"guest\"", "\"guesd\"", "guest");
	refuse("\"version\":1", "\"version\":2", "version");
	refuse("\"vcpus\":1", "\"vcpus\":2", "vcpus");
	refuse("\"cpsr\":211", "\"cpsr\":-1", "cpsr");
	refuse("\"cpsr\":211", "\"cpsr\":4294967296", "cpsr");
	refuse("\"cpsr\":211", "\"cpsr\":\"211\"", "cpsr");
	refuse("[0,4096]", "[0]", "ram");
	refuse("[0,4096]", "[0,4096,1]", "ram");
	refuse("[0,4096]", "[4294967296,1]", "ram");
	refuse("[1024,5]", "[65536,5]", "cp15");
	refuse("[1024,5]", "[2048,5]", "twice");
	refuse("\"irq\":7", "\"irk\":7", "spsr");
	refuse("two words", "two\\nwords", "printable");
	refuse("\"armv5\"", "\"a name that is too long\"", "arch");
	refuse("\"hz\":100", "\"hz\":100,\"hz\":100", "duplicate");
	refuse("\"hz\":100", "\"hz\":100,\"new\":1", "machine");
	refuse("\"version\":1", "\"version\":1,\"provenance\":[]", "provenance");
	refuse("\"version\":1", "\"version\":1,\"cut\":{}", "parent");
	refuse("\"version\":1",
	       "\"version\":1,\"cut\":{\"count\":1,\"first\":0,\"parent\":\"ab\"}", "parent");
}

static void wrong_structs(void **state)
{
	struct trace_header h = small;
	struct diag d;
	char *json;

	(void)state;
	h.nram = TRACE_MAX_RANGES + 1;
	assert_err(ERR_TRACE, trace_header_to_json(&h, &json, &d), &d, "too many");
	h = small;
	h.vcpus = 0;
	assert_err(ERR_TRACE, trace_header_to_json(&h, &json, &d), &d, "vcpus");
	h = small;
	h.ram[0].bytes = UINT64_MAX;
	assert_err(ERR_TRACE, trace_header_to_json(&h, &json, &d), &d, "range");
	h = small;
	memset(h.core, 'x', sizeof(h.core));
	assert_err(ERR_TRACE, trace_header_to_json(&h, &json, &d), &d, "without end");
	h = small;
	h.provenance = strdup("{");
	assert_err(ERR_TRACE, trace_header_to_json(&h, &json, &d), &d, "provenance");
	assert_null(json);
	trace_header_clear(&h);
	assert_int_equal(h.vcpus, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips),
		cmocka_unit_test(canonical_text),
		cmocka_unit_test(semantic_part),
		cmocka_unit_test(registers),
		cmocka_unit_test(wrong_json),
		cmocka_unit_test(wrong_structs),
	};

	return cmocka_run_group_tests_name("trace_header", tests, NULL, NULL);
}
