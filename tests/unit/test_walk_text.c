/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim/walk_file: what a wrong text is answered with, what an irregular one means, and that no
 * change of a right one goes unnoticed or crashes.
 */
#include "tests/support.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "sim/walk_file.h"

struct seen { size_t cases, tries; char cores[128]; uint32_t words, sctlr; };

static enum err see(void *ctx, const struct walk_case *c, struct diag *d)
{
	struct seen *s = ctx;
	uint32_t word;

	(void)d;
	s->cases++;
	s->tries += c->n;
	s->sctlr = c->reg[REG_SCTLR].value;
	snprintf(s->cores + strlen(s->cores), sizeof(s->cores) - strlen(s->cores), "%s ",
		 c->arch->name);
	assert_true(walk_case_word((void *)(uintptr_t)c, 0x4000, &word));
	s->words = s->words * 16 + (word & 15);
	return ERR_OK;
}

static enum err read_bytes(const char *text, size_t n, struct seen *s, struct diag *d)
{
	char *copy = malloc(n + 1);     /* of its own, exactly as long: ASan sees an overrun */
	enum err e;

	assert_non_null(copy);
	memcpy(copy, text, n);
	memset(s, 0, sizeof(*s));
	d->msg[0] = 0;
	e = walk_text_read("t", copy, n, see, s, d);
	free(copy);
	return e;
}

/* text, where the error is, and words of the message */
static const char *const wrong[][3] = {
	{ "", "t:1:1: ", "found the end of the file, allowed 'case NAME'" },
	{ "\n# only\n", "t:3:1: ", "'case NAME'" },
	{ "try r priv 0x0 4\n", "t:1:1: ", "'case NAME' before it" },
	{ "  reg SCTLR 0x1\ncase a\n", "t:1:3: ", "'case NAME' before it" },
	{ "case\n", "t:1:5: ", "found the end of the line, allowed one word" },
	{ "case # a\n", "t:1:6: ", "found the end of the line" },
	{ "case a b\n", "t:1:8: ", "found 'b', allowed the end of the line" },
	{ "case a\ncase b\ntry r priv 0x0 4", "t:1:1: ", "no 'try' line" },
	{ "case a\n\nmem 0x0 0x0\n", "t:1:1: ", "no 'try' line" },
	{ "case a\ncpe arm926\n", "t:2:1: ", "did you mean 'cpu'?" },
	{ "case a\nCASE b\n", "t:2:1: ", "found 'CASE', allowed case, cpu, arch" },
	{ "case a\ncpu arm96\n", "t:2:5: ", "did you mean 'arm926'?" },
	{ "case a\ncpu armv5\n", "t:2:5: ", "allowed sa1110, arm920" },
	{ "case a\narch armv7\n", "t:2:6: ", "allowed armv5, armv6 or xscale" },
	{ "case a\narch\n", "t:2:5: ", "found the end of the line" },
	{ "case a\narch armv6\ncpu arm926\n", "t:3:5: ", "allowed arm1136r0, arm1136" },
	{ "case a\ncpu arm926\narch armv6\n", "t:3:6: ", "allowed armv5" },
	{ "case a\narch armv5\narch armv6\n", "t:3:6: ", "given twice" },
	{ "case a\ncpu arm926\ncpu arm920\n", "t:3:5: ", "allowed arm926" },
	{ "case a\nreg SCTRL 0x1\n", "t:2:5: ", "did you mean 'SCTLR'?" },
	{ "case a\nreg sctlr 0x1\n", "t:2:5: ", "allowed SCTLR, TTBR0" },
	{ "case a\nreg SCTLR 1\n", "t:2:11: ", "found '1', allowed 0x and" },
	{ "case a\nreg SCTLR 0x\n", "t:2:11: ", "found '0x'" },
	{ "case a\nreg SCTLR 0xg\n", "t:2:11: ", "found '0xg'" },
	{ "case a\nreg SCTLR 0x100000000\n", "t:2:11: ", "0x0 to 0xffffffff" },
	{ "case a\nreg SCTLR 0x99999999999999999999999999999999999999999999999999\n", "t:2:11: ",
	  "found '0x999999999" },
	{ "case a\nreg SCTLR -0x1\n", "t:2:11: ", "found '-0x1'" },
	{ "case a\nreg SCTLR 0x1 0x2\n", "t:2:15: ", "found '0x2', allowed the end" },
	{ "case a\nreg SCTLR 0x1\nreg SCTLR 0x2\n", "t:3:11: ", "0x00000001 as on line 2" },
	{ "case a\nmem 0x4002 0x1\n", "t:2:5: ", "allowed a multiple of 4" },
	{ "case a\nmem 0x4000\n", "t:2:11: ", "found the end of the line" },
	{ "case a\nmem 0x4 0x1\nmem 0x4 0x2\n", "t:3:9: ", "0x00000001 as on line 2" },
	{ "case a\ntry q priv 0x0 4\n", "t:2:5: ", "found 'q', allowed r, w or x" },
	{ "case a\ntry r prov 0x0 4\n", "t:2:7: ", "did you mean 'priv'?" },
	{ "case a\ntry r priv 0x0\n", "t:2:15: ", "found the end of the line" },
	{ "case a\ntry r priv 0x0 3\n", "t:2:16: ", "found '3', allowed 1, 2, 4, 8" },
	{ "case a\ntry r priv 0x0 0\n", "t:2:16: ", "found '0'" },
	{ "case a\ntry r priv 0x0 04\n", "t:2:16: ", "found '04'" },
	{ "case a\ntry r priv 0x0 68\n", "t:2:16: ", "found '68'" },
	{ "case a\ntry r priv 0x0 4294967300\n", "t:2:16: ", "found '4294967300'" },
	{ "case a\ntry r priv 0x0 0x4\n", "t:2:16: ", "found '0x4'" },
	{ "case a\ntry x priv 0x0 1\n", "t:2:16: ", "2 (Thumb) or 4 (ARM)" },
	{ "case a\ntry x priv 0x0 8\n", "t:2:16: ", "found '8', allowed 2" },
	{ "case a\ntry r priv 0x0 4 -> pa 0x0\n", "t:2:18: ", "found '->'" },
	{ "case a\n\ttry r\tpriv 0x0 5\n", "t:2:17: ", "found '5'" },
	{ "case a\r\ntry r priv 0x0 4\r\rx\r\n", "t:2:16: ", "found '4..x'" },
	{ "case a\ntry r priv 0x0 4 \x80\xff\n", "t:2:18: ", "found '..'" },
};

static void wrong_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct diag d;
		struct seen s;
		enum err e = read_bytes(wrong[i][0], strlen(wrong[i][0]), &s, &d);

		if (e == ERR_CONFIG && !strncmp(d.msg, wrong[i][1], strlen(wrong[i][1])) &&
		    strstr(d.msg, wrong[i][2]) && !strchr(d.msg, '\n'))
			continue;
		print_error("text %s\nsays %s\nwant %s...%s\n", wrong[i][0], d.msg, wrong[i][1],
			    wrong[i][2]);
		fail();
	}
}

static void nul_bytes(void **state)
{
	static const char text[] = "case a\n# here \0 too\ntry r priv 0x0 4\n";
	struct diag d;
	struct seen s;

	(void)state;
	assert_int_equal(read_bytes(text, sizeof(text) - 1, &s, &d), ERR_CONFIG);
	assert_string_equal(d.msg, "t:2:8: a NUL byte: found '.', allowed text");
}

/* Irregular, and fine: text, cases, tries, cores, lowest digit of the word at 0x4000 by case. */
static const struct { const char *text; size_t cases, tries; const char *cores; uint32_t words; }
fine[] = {
	{ "case a\ntry r priv 0x0 4", 1, 1, "armv5 ", 0 },
	{ "\r\n \t \r\ncase a#b\r\ntry r priv 0x0 4#x\r\n", 1, 1, "armv5 ", 0 },
	{ "case a\narch armv6\ntry r priv 0X0 64\n", 1, 1, "armv6 ", 0 },
	{ "case a\ncpu arm1176\ntry x user 0x000000000000ffffFFFF 2\n", 1, 1, "arm1176 ", 0 },
	{ "case a\ncpu arm1176\narch armv6\ntry r priv 0x0 8\n", 1, 1, "arm1176 ", 0 },
	/* order does not matter, and saying it twice neither */
	{ "case a\ntry r priv 0x0 8\nmem 0x4000 0x5\nmem 0x4000 0x05\ncpu arm926\ncpu arm926\n",
	  1, 1, "arm926 ", 0x5 },
	/* a case inherits nothing */
	{ "case a\ncpu pxa255\nmem 0x4000 0x7\ntry r priv 0x0 4\ncase a\ntry r priv 0x0 4\n"
	  "case b\nmem 0x4000 0x3\ntry r priv 0x0 4\n", 3, 3, "pxa255 armv5 armv5 ", 0x703 },
};

static void fine_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		struct diag d;
		struct seen s;

		assert_ok(read_bytes(fine[i].text, strlen(fine[i].text), &s, &d), &d);
		assert_int_equal(s.cases, fine[i].cases);
		assert_int_equal(s.tries, fine[i].tries);
		assert_string_equal(s.cores, fine[i].cores);
		assert_int_equal(s.words, fine[i].words);
	}
}

/* 20,000 words whose addresses collide in their lower bits, over several growths. */
static enum err all_words(void *ctx, const struct walk_case *c, struct diag *d)
{
	uint32_t word;

	(void)d;
	for (uint32_t i = 0; i < 20000; i++) {
		walk_case_word((void *)(uintptr_t)c, i << 16 | i >> 14 << 2, &word);
		assert_int_equal(word, *(unsigned *)ctx ? i : 0);
	}
	walk_case_word((void *)(uintptr_t)c, 4, &word);
	assert_int_equal(word, 0);
	*(unsigned *)ctx = 0;           /* the second case has none of them */
	return ERR_OK;
}

static void many_words(void **state)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	unsigned first = 1;
	struct diag d;

	(void)state;
	fputs("case a\n", f);
	for (uint32_t i = 0; i < 20000; i++)
		fprintf(f, "mem 0x%x 0x%x\n", i << 16 | i >> 14 << 2, i);
	fputs("try r priv 0x0 4\ncase b\nmem 0x40 0x1\ntry r priv 0x0 4\n", f);
	fclose(f);
	assert_ok(walk_text_read("t", text, size, all_words, &first, &d), &d);
	assert_int_equal(first, 0);
	free(text);
}

static char *load(size_t *n)
{
	FILE *f = fopen(test_path("tests/data/walk-by-hand.txt"), "rb");
	char *text = malloc(1 << 20);

	assert_non_null(f);
	assert_non_null(text);
	*n = fread(text, 1, 1 << 20, f);
	fclose(f);
	return text;
}

static void mutate(struct rng *r, char *text, size_t *n)
{
	for (unsigned i = 1 + rng_below(r, 3); i; i--) {
		size_t at = rng_below(r, (uint32_t)*n), len = 1 + rng_below(r, 40);

		len = len < *n - at ? len : *n - at;
		switch (rng_below(r, 5)) {
		case 0: text[at] ^= (char)(1 << rng_below(r, 8)); break;
		case 1: text[at] = (char)rng_next(r); break;
		case 2: memmove(text + at, text + at + len, *n - at - len); *n -= len; break;
		case 3: memmove(text + at, text + rng_below(r, (uint32_t)at + 1), len); break;
		default: *n = at + 1;
		}
	}
}

/* Lines whose first word is try, counted without the reader. */
static size_t count_tries(const char *text, size_t n)
{
	size_t tries = 0;

	for (size_t i = 0; i < n; i++) {
		size_t j = i;

		if (i && text[i - 1] != '\n')
			continue;
		while (j < n && (text[j] == ' ' || text[j] == '\t'))
			j++;
		tries += n - j >= 3 && !memcmp(text + j, "try", 3);
	}
	return tries;
}

static bool has_place(const char *msg, size_t lines)
{
	char *end;
	unsigned long line, column;

	if (strncmp(msg, "t:", 2) || !isdigit((unsigned char)msg[2]))
		return false;
	line = strtoul(msg + 2, &end, 10);
	if (*end != ':')
		return false;
	column = strtoul(end + 1, &end, 10);
	return line >= 1 && line <= lines + 2 && column >= 1 && !strncmp(end, ": ", 2) &&
	       strstr(end, "found ") && strstr(end, ", allowed ");
}

/* 1,000 changed texts: answered whole, or refused with a place. */
static void mutations(void **state)
{
	size_t n, length, refused = 0, lines;
	char *text = load(&n), *copy = malloc(n);
	struct rng rng = rng_stream(9, "walk text");

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct diag d;
		struct seen s;
		enum err e;

		memcpy(copy, text, n);
		length = n;
		mutate(&rng, copy, &length);
		e = read_bytes(copy, length, &s, &d);
		lines = 0;
		for (size_t j = 0; j < length; j++)
			lines += copy[j] == '\n';
		if (e) {
			refused++;
			assert_int_equal(e, ERR_CONFIG);
			if (!has_place(d.msg, lines))
				fail_msg("no place: %s", d.msg);
		} else {
			assert_int_equal(s.tries, count_tries(copy, length));
		}
	}
	assert_true(refused > 100 && refused < 900);
	free(copy);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_texts),
		cmocka_unit_test(nul_bytes),
		cmocka_unit_test(fine_texts),
		cmocka_unit_test(many_words),
		cmocka_unit_test(mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
