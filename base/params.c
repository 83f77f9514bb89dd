/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/params.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/options.h"

static void put(const struct param *k, void *base, uint64_t v)
{
	char *p = (char *)base + k->offset;

	switch (k->bytes) {
	case 1: { uint8_t x = (uint8_t)v; memcpy(p, &x, 1); break; }
	case 2: { uint16_t x = (uint16_t)v; memcpy(p, &x, 2); break; }
	case 4: { uint32_t x = (uint32_t)v; memcpy(p, &x, 4); break; }
	default: memcpy(p, &v, 8); break;
	}
}

uint64_t param_get(const struct param *k, const void *base)
{
	const char *p = (const char *)base + k->offset;

	switch (k->bytes) {
	case 1: { uint8_t x; memcpy(&x, p, 1); return x; }
	case 2: { uint16_t x; memcpy(&x, p, 2); return x; }
	case 4: { uint32_t x; memcpy(&x, p, 4); return x; }
	default: { uint64_t x; memcpy(&x, p, 8); return x; }
	}
}

const struct param *param_find(const struct param *table, unsigned n, const char *key)
{
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(table[i].name, key))
			return &table[i];
	return NULL;
}

static enum err unknown_key(const struct param *table, unsigned n, const char *key,
			    struct diag *d)
{
	enum { NAMES = 128 };
	const char *names[NAMES];
	const char *near;

	for (unsigned i = 0; i < n && i < NAMES; i++)
		names[i] = table[i].name;
	near = option_suggest(key, names, n < NAMES ? n : NAMES);
	return diag_set(d, ERR_CONFIG, "unknown parameter '%s'%s%s%s", key,
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* The words of a sum, in any order. */
static enum err set_sum(const struct param *k, const char *value, size_t words, uint64_t *v,
			struct diag *d)
{
	char copy[128], *save = NULL;
	enum err e = ERR_OK;
	size_t index;

	if (strlen(value) >= sizeof(copy))
		return diag_set(d, ERR_CONFIG, "%s: a list of more than %zu characters", k->name,
				sizeof(copy) - 1);
	snprintf(copy, sizeof(copy), "%s", value);
	for (char *w = strtok_r(copy, "+", &save); !e && w; w = strtok_r(NULL, "+", &save)) {
		e = option_word(k->name, w, k->words, words, &index, d);
		if (!e)
			*v |= UINT64_C(1) << index;
	}
	return e || *v ? e : option_word(k->name, value, k->words, words, &index, d);
}

enum err param_set(const struct param *table, unsigned n, void *base, const char *key,
		   const char *value, struct diag *d)
{
	const struct param *k = param_find(table, n, key);
	size_t index = 0, words = 0;
	uint64_t v = 0;
	enum err e;

	if (!k)
		return unknown_key(table, n, key, d);
	while (k->words && k->words[words])
		words++;
	if (k->sum) {
		e = set_sum(k, value, words, &v, d);
	} else if (k->words) {
		e = option_word(key, value, k->words, words, &index, d);
		v = index;
	} else {
		e = option_quantity(key, value, (struct quantity){ k->min, k->max,
				    k->pow2 ? QUANTITY_POW2 : 0 }, &v, d);
	}
	if (!e)
		put(k, base, v);
	return e;
}

const char *param_text(const struct param *p, const void *base, char buf[32])
{
	uint64_t v = param_get(p, base);
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned i = 0; p->sum && p->words[i] && at < 32; i++)
		if (v >> i & 1)
			at += (size_t)snprintf(buf + at, 32 - at, "%s%s", at ? "+" : "", p->words[i]);
	if (p->sum)
		return buf;
	if (p->words)
		snprintf(buf, 32, "%s", p->words[v]);
	else
		snprintf(buf, 32, "%" PRIu64, v);
	return buf;
}

const char *param_allowed(const struct param *p, char buf[256])
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned i = 0; p->words && p->words[i] && at < 256; i++)
		at += (size_t)snprintf(buf + at, 256 - at, "%s%s", i ? ", " : "", p->words[i]);
	if (p->sum && at < 256)
		snprintf(buf + at, 256 - at, "; or a sum with +");
	if (!p->words)
		snprintf(buf, 256, "%" PRIu64 " to %" PRIu64 "%s", p->min, p->max,
			 p->pow2 ? ", a power of two" : "");
	return buf;
}
