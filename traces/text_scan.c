/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces/text_scan.h"

#include <stdio.h>
#include <string.h>

#include "traces/cp_names.h"
#include "traces/record.h"

struct text_token scan_peek(struct text_scan *s)
{
	struct text_token t = { s->p, 0 };

	while (t.p < s->end && (*t.p == ' ' || *t.p == '\t'))
		t.p++;
	if (s->err || t.p == s->end || *t.p == '#')
		return t;
	while (t.p + t.n < s->end && t.p[t.n] != ' ' && t.p[t.n] != '\t')
		t.n++;
	return t;
}

struct text_token scan_next(struct text_scan *s)
{
	struct text_token t = scan_peek(s);

	s->p = t.p + t.n;
	return t;
}

bool token_is(struct text_token t, const char *word)
{
	return t.n == strlen(word) && !memcmp(t.p, word, t.n);
}

bool scan_accept(struct text_scan *s, const char *word)
{
	struct text_token t = scan_peek(s);

	if (!t.n || !token_is(t, word))
		return false;
	s->p = t.p + t.n;
	return true;
}

/* Bytes that would break the one line of a message are shown as dots. */
void scan_fail(struct text_scan *s, struct text_token t, const char *want)
{
	char found[40];
	size_t n = t.n < sizeof(found) - 1 ? t.n : sizeof(found) - 1;

	if (s->err)
		return;
	for (size_t i = 0; i < n; i++)
		found[i] = t.p[i] >= ' ' && t.p[i] <= '~' ? t.p[i] : '.';
	found[n] = 0;
	s->err = diag_set(s->d, ERR_TRACE, "%s:%u:%zu: found %s%s%s, want %s", s->name,
			  s->number, (size_t)(t.p - s->line) + 1, t.n ? "\"" : "",
			  t.n ? found : "the end of the line", t.n ? "\"" : "", want);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool parse_number(struct text_token t, uint64_t *out)
{
	bool hex = t.n > 2 && t.p[0] == '0' && (t.p[1] == 'x' || t.p[1] == 'X');
	uint64_t v = 0, base = hex ? 16 : 10;

	if (!t.n)
		return false;
	for (size_t i = hex ? 2 : 0; i < t.n; i++) {
		int digit = hex_digit(t.p[i]);

		if (digit < 0 || (uint64_t)digit >= base ||
		    v > (UINT64_MAX - (uint64_t)digit) / base)
			return false;
		v = v * base + (uint64_t)digit;
	}
	*out = v;
	return true;
}

static uint64_t token_number(struct text_scan *s, struct text_token shown,
			     struct text_token t, const char *what, uint64_t max)
{
	char want[128];
	uint64_t v;

	if (s->err)
		return 0;
	if (parse_number(t, &v) && v <= max)
		return v;
	snprintf(want, sizeof(want), max > 0xffff ? "%s, a number of 0..0x%llx" :
		 "%s, a number of 0..%llu", what, (unsigned long long)max);
	scan_fail(s, shown, want);
	return 0;
}

uint64_t scan_number(struct text_scan *s, const char *what, uint64_t max)
{
	struct text_token t = scan_next(s);

	return token_number(s, t, t, what, max);
}

int64_t scan_signed(struct text_scan *s, const char *what, int64_t min, int64_t max)
{
	struct text_token t = scan_next(s), digits = t;
	bool minus = t.n && t.p[0] == '-';
	char want[128];
	uint64_t v;

	if (minus) {
		digits.p++;
		digits.n--;
	}
	if (parse_number(digits, &v) && v <= INT32_MAX) {
		int64_t n = minus ? -(int64_t)v : (int64_t)v;

		if (n >= min && n <= max)
			return n;
	}
	snprintf(want, sizeof(want), "%s, a number of %lld..%lld", what, (long long)min,
		 (long long)max);
	scan_fail(s, t, want);
	return 0;
}

uint32_t scan_u32(struct text_scan *s, const char *what)
{
	return (uint32_t)scan_number(s, what, UINT32_MAX);
}

uint64_t scan_key(struct text_scan *s, const char *key, uint64_t max)
{
	struct text_token t = scan_next(s), value;
	size_t n = strlen(key);
	char want[64];

	if (t.n <= n || memcmp(t.p, key, n) || t.p[n] != '=') {
		snprintf(want, sizeof(want), "%s=NUMBER", key);
		scan_fail(s, t, want);
		return 0;
	}
	value = (struct text_token){ t.p + n + 1, t.n - n - 1 };
	return token_number(s, t, value, key, max);
}

size_t scan_word(struct text_scan *s, const char *const *words, size_t n)
{
	struct text_token t = scan_next(s);
	char want[256];
	size_t at = 0;

	for (size_t i = 0; i < n; i++)
		if (token_is(t, words[i]))
			return i;
	want[0] = 0;
	for (size_t i = 0; i < n && at < sizeof(want) - 24; i++)
		at += (size_t)snprintf(want + at, sizeof(want) - at, "%s%s",
				       !i ? "" : i + 1 == n ? " or " : ", ", words[i]);
	scan_fail(s, t, want);
	return 0;
}

/* Cut digits off the front: PREFIX and a decimal number of at most max. */
static bool take(struct text_token *t, const char *prefix, unsigned max, unsigned *v)
{
	size_t n = strlen(prefix), digits = 0;

	if (t->n <= n || memcmp(t->p, prefix, n))
		return false;
	*v = 0;
	while (n + digits < t->n && digits < 2 && hex_digit(t->p[n + digits]) >= 0 &&
	       hex_digit(t->p[n + digits]) < 10)
		*v = *v * 10 + (unsigned)hex_digit(t->p[n + digits++]);
	t->p += n + digits;
	t->n -= n + digits;
	return digits && *v <= max;
}

static bool parse_coordinates(struct text_token t, uint16_t *key)
{
	struct text_token rest = t;
	unsigned crn, opc1 = 0, crm, opc2;

	if (take(&rest, "", 7, &opc1) && take(&rest, ",c", 15, &crm) && !rest.n) {
		*key = (uint16_t)(CP_KEY_64 | CP_KEY(0, opc1, crm, 0));
		return true;
	}
	opc1 = 0;
	rest = t;
	if (t.n && t.p[0] != 'c' && (!take(&rest, "", 7, &opc1) || !opc1 || !rest.n ||
				     *rest.p != ':'))
		return false;
	if (!take(&rest, rest.p > t.p ? ":c" : "c", 15, &crn) ||
	    !take(&rest, ",c", 15, &crm) || !take(&rest, ",", 7, &opc2) || rest.n)
		return false;
	*key = CP_KEY(crn, opc1, crm, opc2);
	return true;
}

uint16_t scan_register(struct text_scan *s)
{
	struct text_token t = scan_next(s);
	bool is_cp14 = token_is(t, "p14");
	const char *name;
	uint16_t key = 0;

	if (cp_find(t.p, t.n, &key))
		return key;
	if (!is_cp14 && !token_is(t, "p15")) {
		scan_fail(s, t, "p15, p14 or the name of a CP15 register");
		return 0;
	}
	t = scan_next(s);
	if (!parse_coordinates(t, &key)) {
		scan_fail(s, t, "CRn,CRm,opc2 as in c2,c0,0 (opc1 as in 5:c15,c4,2; MCRR as in "
			  "0,c5)");
		return 0;
	}
	key |= is_cp14 ? CP_KEY_CP14 : 0;
	t = scan_peek(s);
	if (!t.n || t.p[0] != '(')
		return key;
	name = cp_name(key);
	t = scan_next(s);
	if (!name || t.n != strlen(name) + 2 || memcmp(t.p + 1, name, t.n - 2) ||
	    t.p[t.n - 1] != ')')
		scan_fail(s, t, name ? "the register's own name or none" :
			  "no name: this register has none");
	return key;
}

bool scan_hex_words(struct text_scan *s, uint32_t *word, uint32_t *count)
{
	struct text_token t = scan_peek(s);
	uint64_t n = 1;

	if (t.n < 8)
		return false;
	*word = 0;
	for (size_t i = 0; i < 8; i++) {
		int digit = hex_digit(t.p[i]);

		if (digit < 0)
			return false;
		*word = *word << 4 | (uint32_t)digit;
	}
	if (t.n > 8 && (t.p[8] != '*' || !parse_number((struct text_token){ t.p + 9, t.n - 9 },
						       &n) || !n || n > UINT16_MAX))
		return false;
	*count = (uint32_t)n;
	s->p = t.p + t.n;
	return true;
}

void scan_end(struct text_scan *s)
{
	struct text_token t = scan_peek(s);

	if (t.n)
		scan_fail(s, t, "the end of the line");
}
