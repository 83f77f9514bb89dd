/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text form, the figures of `trace info`, and the sample in doc/trace-format.5. */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/trace_random.h"
#include "traces/check.h"
#include "traces/cp_names.h"
#include "traces/frame_zstd.h"
#include "traces/info.h"
#include "traces/swt.h"
#include "traces/text.h"

/* One record of each kind and flag, in canonical form. */
static const char canonical[] =
"swt-text 1\n"
"arch armv6\n"
"core arm1176\n"
"guest a guest\n"
"workload forkexec\n"
"vcpus 1\n"
"icount_shift -1\n"
"hz 100\n"
"ram 0x00000000 0x8000000\n"
"dev 0x10000000 0x1000\n"
"cpsr 0x000001d3\n"
"spsr irq 0x00000010\n"
"reg p15 c1,c0,0 (SCTLR) 0x00c5387d\n"
"reg p15 c2,c0,0 (TTBR0) 0x00004000\n"
"locked 0xffff0000 l1=0x00000c0e l2=0x00000000 asid=3\n"
"cut 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff first=10 count=20\n"
"provenance {\"kernel\":\"6.1 # not a comment\"}\n"
"hist word 0x00004000 age=3 value=0x00000c0e\n"
"hist reg p15 c3,c0,0 (DACR) age=2 value=0x55555555\n"
"hist inval 0xc0000000 age=1\n"
"code 0x00008000 e3a00001*3 e12fff1e\n"
"code 0x00008010 thumb 47702001\n"
"run 0xc0008000 3\n"
"load 0xc0009000 4 @0\n"
"load 0xc0009001 1 @1 unpriv\n"
"store 0x000003ff 2 @2 excl split\n"
"store 0xf1000000 8 @2 multi io pa=0x101f1000\n"
"store 0xc0004000 4 @2 valued pa=0x00004000 value=0x00000c0e\n"
"witness 0xc0009000 0x00009000\n"
"witness 0xc0008000 0x00008000 fetch io\n"
"image 0x00004000 00000000*1023 00000c0e\n"
"run 0x00010000 2 thumb bytes=6 noretire\n"
"abort write 0xbeef0000 4 user thumb unpriv debug pc=0x00010000 insn=0x00006001 "
"fsr=0x00000817 ifsr=0x00000000 far=0xbeef0000 cpsr=0x00000030\n"
"exc dabort 0xffff0010 cpsr=0x000001d7 lr=0x00010008\n"
"mode 0x000001d3\n"
"sens cps 0xf10c0080 0x00000000\n"
"sens svc 0x0000df00 0x00000000 thumb\n"
"cpw p15 c8,c7,0 (TLBIALL) 0x00000000\n"
"cpr p15 5:c15,c4,2 0x00000007\n"
"cpw p14 c1,c0,0 0x00000001\n"
"cpw p15 0,c14 (DCCIRANGE) 0x00002000 0x00001000\n"
"wait 18446744073709551615\n"
"wait 0 unknown\n"
"mark 7\n"
"fetch 0x00008000 4\n"
"hash 0x0123456789abcdef\n";

static char *dump(const char *path, size_t *bytes)
{
	struct trace_reader *r;
	struct trace_batch b;
	struct diag d;
	char *text;
	FILE *f = open_memstream(&text, bytes);

	assert_non_null(f);
	assert_ok(trace_reader_open(&r, path, &d), &d);
	trace_text_put_header(f, trace_reader_header(r));
	do {
		assert_ok(trace_reader_next(r, &b, &d), &d);
		for (size_t i = 0; i < b.n; i++)
			trace_text_put(f, &b.rec[i], b.payload);
	} while (b.n);
	trace_reader_close(r);
	fclose(f);
	return text;
}

static void convert(const char *from, const char *to, struct trace_summary *s)
{
	struct trace_reader *r;
	struct trace_writer *w;
	struct trace_batch b;
	struct diag d;

	assert_ok(trace_reader_open(&r, from, &d), &d);
	assert_ok(trace_writer_open(&w, to, trace_reader_header(r), NULL, &d), &d);
	do {
		assert_ok(trace_reader_next(r, &b, &d), &d);
		for (size_t i = 0; i < b.n; i++) {
			size_t bytes = trace_payload_bytes(&b.rec[i]);

			assert_ok(trace_writer_put(w, &b.rec[i], bytes ? b.payload +
						   b.rec[i].b : NULL, bytes, &d), &d);
		}
	} while (b.n);
	assert_ok(trace_writer_close(w, s, &d), &d);
	assert_string_equal(s->id, trace_reader_id(r));
	assert_int_equal(s->instructions, trace_reader_instructions(r));
	assert_int_equal(s->references, trace_reader_references(r));
	trace_reader_close(r);
}

static void canonical_text_is_kept(void **state)
{
	struct trace_summary s;
	size_t bytes;
	char *text;

	(void)state;
	store_file(scratch("c.txt"), canonical, sizeof(canonical) - 1);
	text = dump(scratch("c.txt"), &bytes);
	assert_string_equal(text, canonical);
	free(text);
	convert(scratch("c.txt"), scratch("c.swt"), &s);
	text = dump(scratch("c.swt"), &bytes);
	assert_string_equal(text, canonical);
	free(text);
}

static void random_round_trips(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 9; seed++) {
		struct random_trace t;
		size_t bytes;
		char *text;

		random_trace(&t, seed, 3000, (enum random_shape)(seed % RANDOM_SHAPES));
		write_trace(&t, scratch("t.swt"), 1, 0, NULL);
		text = dump(scratch("t.swt"), &bytes);
		store_file(scratch("t.txt"), text, bytes);
		assert_holds(&t, scratch("t.txt"));
		free(text);
		random_trace_clear(&t);
	}
}

static void loose_forms(void **state)
{
	static const char loose[] =
		"swt-text 1 # a comment\n"
		"\n"
		"  # another\n"
		"arch armv5\r\n"
		"reg TTBR0 16384\n"
		"reg SCTLR 0x5\n"
		"cpw\tTTBR0   0X8000 # comment\n"
		"run 32768 1\n"
		"load 0x9000 4 @0 split_is_absent\n";
	static const char tight[] =
		"swt-text 1\narch armv5\nvcpus 1\nicount_shift -1\nhz 0\ncpsr 0x00000000\n"
		"reg p15 c1,c0,0 (SCTLR) 0x00000005\nreg p15 c2,c0,0 (TTBR0) 0x00004000\n"
		"cpw p15 c2,c0,0 (TTBR0) 0x00008000\nrun 0x00008000 1\n"
		"load 0x00009000 4 @0 excl\n";
	char text[sizeof(loose)];
	size_t bytes;
	char *got;

	(void)state;
	strcpy(text, loose);
	strcpy(strstr(text, "split_is"), "excl");       /* and no newline at the end */
	store_file(scratch("l.txt"), text, strlen(text));
	got = dump(scratch("l.txt"), &bytes);
	assert_string_equal(got, tight);
	free(got);
}

static void refuse(const char *line, const char *where, const char *words)
{
	struct trace_reader *r;
	struct diag d = { "" };
	char text[600], want[200];
	const char *path = scratch("bad.txt");
	int n = snprintf(text, sizeof(text), "swt-text 1\narch armv5\nrun 0x8000 2\n%s\n", line);

	store_file(path, text, (size_t)n);
	snprintf(want, sizeof(want), "%s:4:%s", path, where);
	assert_err(ERR_TRACE, trace_reader_open(&r, path, &d), &d, words);
	assert_null(r);
	if (!strstr(d.msg, want))
		fail_msg("want %s in: %s", want, d.msg);
	assert_null(strchr(d.msg, '\n'));
}

static void errors_name_their_place(void **state)
{
	(void)state;
	refuse("jump 0x8000", "1:", "found \"jump\", want a record");
	refuse("arch armv5", "1:", "want a record");
	refuse("load", "5:", "the end of the line, want VA");
	refuse("load 0xg 4 @0", "6:", "VA, a number");
	refuse("load 0x100000000 4 @0", "6:", "0xffffffff");
	refuse("load 0x9000 3 @0", "13:", "1, 2, 4 or 8");
	refuse("load 0x9000 4 0", "15:", "@INDEX");
	refuse("load 0x9000 4 @2", "1:", "outside its run");
	refuse("load 0x9000 4 @0 fast", "18:", "the end of the line");
	refuse("load 0x9000 4 @0 io", "20:", "pa=NUMBER");
	refuse("load 0x9000 4 @0 valued pa=0 value=0", "1:", "cannot be valued");
	refuse("run 0x8000 5000", "12:", "instructions");
	refuse("run 0x8002 1", "1:", "aligned");
	refuse("cpw p15 c2,c0,8 0", "9:", "CRn,CRm,opc2");
	refuse("cpw p15 c2,c0,0 (DACR) 0", "17:", "own name");
	refuse("cpw NOTHING 0", "5:", "name of a CP15 register");
	refuse("exc nmi 0 cpsr=0 lr=0", "5:", "reset, undef, svc");
	refuse("exc irq 0 lr=0", "11:", "cpsr=NUMBER");
	refuse("image 0 00000000*1023", "22:", "1024 words");
	refuse("image 0 00000000*1025", "9:", "no more words");
	refuse("code 0x8000", "12:", "words");
	refuse("sens cp 0 0", "1:", "class");
	refuse("abort read 0 4 pc=0 insn=0 fsr=0 far=0 ifsr=0 cpsr=0", "34:", "ifsr=NUMBER");
	refuse("witness 0x8001 0", "1:", "1 KB");
	refuse("mark \x01\x02", "6:", "\"..\"");
}

static void wrong_beginnings(void **state)
{
	static const struct { const char *text, *words; } bad[] = {
		{ "swt-text 2\narch armv5\n", "version 1" },
		{ "swt-text\n", "version 1" },
		{ "swt-textual 1\n", "swt-text 1" },
		{ "swt-text 1\n", "arch" },
		{ "swt-text 1\nrun 0x8000 1\n", "arch" },
		{ "swt-text 1\narch armv5\nvcpus 2\n", "vcpus" },
		{ "swt-text 1\narch armv5\nprovenance [\n", "provenance" },
		{ "swt-text 1\narch armv5\nreg TTBR0 1\nreg TTBR0 2\n", "twice" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct trace_reader *r;
		struct diag d = { "" };

		store_file(scratch("b.txt"), bad[i].text, strlen(bad[i].text));
		assert_err(ERR_TRACE, trace_reader_open(&r, scratch("b.txt"), &d), &d,
			   bad[i].words);
	}
}

/* Damaged text: an error or another trace, never a crash. */
static void mutated_text(void **state)
{
	char text[sizeof(canonical)];
	struct rng g = { 5 };

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		struct trace_text t;
		struct diag d = { "" };
		enum err err;

		memcpy(text, canonical, sizeof(text));
		for (uint32_t k = 1 + rng_below(&g, 3); k--;)
			text[rng_below(&g, sizeof(text) - 1)] =
				"\n #0x9f*=@,(\0\xff-"[rng_below(&g, 15)];
		err = trace_text_parse(&t, "t", text, sizeof(text) - 1, &d);
		if (err) {
			assert_int_equal(err, ERR_TRACE);
			assert_non_null(strstr(d.msg, "t:"));
			assert_null(strchr(d.msg, '\n'));
		} else {
			trace_text_clear(&t);
		}
	}
}

/* What stands between the comment and the next .Ed, without the .Bd line. */
static char *sample(const char *page, const char *comment)
{
	const char *p = strstr(page, comment), *end;

	assert_non_null(p);
	p = strstr(p, "\n.Bd");
	assert_non_null(p);
	p = strchr(p + 1, '\n') + 1;
	end = strstr(p, "\n.Ed");
	assert_non_null(end);
	return strndup(p, (size_t)(end - p) + 1);
}

/* Lines of an offset and up to 16 bytes, as they stand in the page. */
static size_t from_hex(const char *lines, uint8_t *out, size_t room)
{
	size_t n = 0;
	char *end;

	while (*lines) {
		assert_int_equal(strtoul(lines, &end, 16), n);
		for (lines = end; *lines != '\n'; lines = end) {
			assert_true(n < room);
			out[n++] = (uint8_t)strtoul(lines, &end, 16);
			assert_ptr_not_equal(lines, end);
		}
		lines++;
	}
	return n;
}

/* Nobody else would notice that the page and the program have parted. */
static void manual_page_sample(void **state)
{
	uint8_t file[2000], content[500];
	struct trace_summary s;
	const uint8_t *got;
	struct frame_dec *z;
	char *page, *text, *hex;
	struct diag d;
	size_t bytes, n;

	(void)state;
	page = (char *)load_file(test_path("doc/trace-format.5"), &bytes);
	hex = sample(page, "sample bytes");
	store_file(scratch("s.swt"), file, from_hex(hex, file, sizeof(file)));
	free(hex);
	hex = dump(scratch("s.swt"), &bytes);
	text = sample(page, "sample text");
	assert_string_equal(hex, text);
	free(hex);
	store_file(scratch("s.txt"), text, strlen(text));
	free(text);
	convert(scratch("s.txt"), scratch("t.swt"), &s);        /* same id */
	hex = sample(page, "sample content");
	n = from_hex(hex, content, sizeof(content));
	free(hex);
	free(page);
	page = (char *)load_file(scratch("t.swt"), &bytes);
	text = page + le32_get((uint8_t *)page + 4) + SWT_SKIP_BYTES;
	bytes = frame_extent((uint8_t *)text, bytes - (size_t)(text - page));
	assert_ok(frame_dec_create(&z, &d), &d);
	assert_null(frame_dec_run(z, (uint8_t *)text, bytes, 1000, 0, &got, &bytes));
	assert_int_equal(bytes, n);
	assert_memory_equal(got, content, n);
	frame_dec_destroy(z);
	free(page);
}

static void register_names(void **state)
{
	uint16_t key;

	(void)state;
	for (unsigned k = 0; k <= UINT16_MAX; k++) {
		const char *name = cp_name((uint16_t)k);

		if (!name)
			continue;
		assert_true(cp_find(name, strlen(name), &key));
		assert_int_equal(key, k);
		assert_true(strlen(cp_meaning((uint16_t)k)) > 2);
	}
	assert_false(cp_find("TTBR", 4, &key));
	assert_string_equal(cp_name(CP_KEY(2, 0, 0, 0)), "TTBR0");
}

static void info_counts(void **state)
{
	struct trace_info t;
	struct trace_reader *r;
	struct trace_batch b;
	struct diag d;
	char *text;
	size_t bytes;
	FILE *f;

	(void)state;
	store_file(scratch("c.txt"), canonical, sizeof(canonical) - 1);
	assert_ok(trace_reader_open(&r, scratch("c.txt"), &d), &d);
	assert_ok(trace_info_begin(&t, trace_reader_header(r), &d), &d);
	do {
		assert_ok(trace_reader_next(r, &b, &d), &d);
		trace_info_add(&t, &b);
	} while (b.n);
	assert_int_equal(t.records, trace_reader_records(r));
	assert_int_equal(t.instructions, 3 + 1 + 1);
	assert_int_equal(t.instructions, trace_reader_instructions(r));
	assert_int_equal(t.references, 3 + 5 + 2 + 1);
	assert_int_equal(t.references, trace_reader_references(r));
	assert_int_equal(t.kind[TRACE_STORE], 3);
	assert_int_equal(t.mode[0x13], 5);
	assert_int_equal(t.thumb, 1);
	assert_int_equal(t.artefacts.n[ARTEFACT_SPLIT], 1);
	assert_int_equal(t.artefacts.n[ARTEFACT_UNALIGNED], 1);
	assert_int_equal(t.io, 1);
	assert_int_equal(t.valued, 1);
	assert_int_equal(t.code_bytes, 20);
	assert_int_equal(t.exception[4], 1);
	assert_int_equal(t.abort_debug, 1);
	assert_int_equal(t.artefacts.n[ARTEFACT_WAITS_UNKNOWN], 1);
	assert_int_equal(t.cp_write[CP_KEY(8, 0, 7, 0)], 1);
	f = open_memstream(&text, &bytes);
	assert_non_null(f);
	trace_info_text(f, "c.txt", &t, r);
	trace_info_csv_head(f);
	trace_info_csv(f, "c.txt", &t, r);
	assert_ok(trace_info_json(f, "c.txt", &t, r, &d), &d);
	fclose(f);
	assert_non_null(strstr(text, "TLBIALL p15 c8,c7,0"));
	assert_non_null(strstr(text, "\"c.txt\",trace,\"instructions\",5\n"));
	assert_non_null(strstr(text, "\"instructions\": 5"));
	free(text);
	trace_info_end(&t);
	trace_reader_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canonical_text_is_kept),
		cmocka_unit_test(random_round_trips),
		cmocka_unit_test(loose_forms),
		cmocka_unit_test(errors_name_their_place),
		cmocka_unit_test(wrong_beginnings),
		cmocka_unit_test(mutated_text),
		cmocka_unit_test(manual_page_sample),
		cmocka_unit_test(register_names),
		cmocka_unit_test(info_counts),
	};

	return cmocka_run_group_tests_name("trace_text", tests, NULL, NULL);
}
