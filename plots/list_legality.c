/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plots/list_legality.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "sim/legality.h"

/* A line of the list: a combination, or a setting with what it is about. */
struct line {
	char guest[32], host[48];
	const char *strategy, *key;
	const struct legality_row *row;
};
typedef void (*emit_fn)(void *ctx, const struct line *l);

static const char *verdict(const struct legality_row *r)
{
	return !r->legal ? "refused" : r->fits ? "where it fits" : "legal";
}

static const char *tag_of(const struct legality_row *r)
{
	return r->legal ? tag_name[r->tag] : "";
}

static void join(char *out, size_t size, uint8_t set, const char *const *name, unsigned n)
{
	size_t at = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < n && at < size; i++)
		if (set >> i & 1)
			at += (size_t)snprintf(out + at, size - at, "%s%s", at ? "/" : "", name[i]);
}

static void base_lines(const struct strategy_ops *s, emit_fn emit, void *ctx)
{
	for (unsigned g = 0; g < GUEST_KINDS; g++)
		for (unsigned h = 0; h < HOST_KINDS; h++) {
			struct line l = { .strategy = s->name, .key = "",
				.row = legality_base(s, (enum guest_kind)g, (enum host_kind)h) };

			join(l.guest, sizeof(l.guest), (uint8_t)(1u << g), guest_kind_name, GUEST_KINDS);
			join(l.host, sizeof(l.host), (uint8_t)(1u << h), host_kind_name, HOST_KINDS);
			emit(ctx, &l);
		}
}

static void key_lines(const struct strategy_ops *only, emit_fn emit, void *ctx)
{
	for (unsigned i = 0; i < legality_row_count; i++) {
		const struct legality_row *r = &legality_rows[i];
		struct line l = { .key = r->key, .row = r,
				  .strategy = r->strategy ? r->strategy : "any monitor" };

		if (!r->key || (only && (r->strategy ? strcmp(r->strategy, only->name) != 0
						     : r->monitor != only->deprivileged)))
			continue;
		join(l.guest, sizeof(l.guest), r->guests, guest_kind_name, GUEST_KINDS);
		join(l.host, sizeof(l.host), r->hosts, host_kind_name, HOST_KINDS);
		emit(ctx, &l);
	}
}

static void emit_text(void *ctx, const struct line *l)
{
	(void)ctx;
	printf("%-11s %-11s %-10s %s%-13s %s\n    %s%s%s\n", l->strategy, l->guest, l->host,
	       l->key[0] ? l->key : "", l->key[0] ? "" : verdict(l->row), tag_of(l->row),
	       l->row->why, l->row->instead ? "; legal instead: " : "",
	       l->row->instead ? l->row->instead : "");
}

/* No text of the table holds a quote. */
static void emit_csv(void *ctx, const struct line *l)
{
	(void)ctx;
	printf("%s,%s,%s,%s,%s,%s,\"%s\",\"%s\"\n", l->strategy, l->guest, l->host, l->key,
	       verdict(l->row), tag_of(l->row), l->row->why, l->row->instead ? l->row->instead : "");
}

static void emit_json(void *ctx, const struct line *l)
{
	json_array_append_new(ctx, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
		"strategy", l->strategy, "guest", l->guest, "host", l->host, "setting", l->key,
		"verdict", verdict(l->row), "tag", tag_of(l->row), "why", l->row->why,
		"instead", l->row->instead ? l->row->instead : ""));
}

static void all_lines(const struct strategy_ops *only, emit_fn emit, void *ctx)
{
	for (unsigned i = 0; i < strategy_count; i++)
		if (!only || only == strategy_table[i])
			base_lines(strategy_table[i], emit, ctx);
	key_lines(only, emit, ctx);
}

static enum err as_json(const struct strategy_ops *only, struct diag *d)
{
	json_t *all = json_array();
	enum err e = ERR_OK;

	if (!all)
		return diag_set(d, ERR_NOMEM, "out of memory");
	all_lines(only, emit_json, all);
	if (json_dumpf(all, stdout, JSON_INDENT(1)) || putchar('\n') == EOF)
		e = diag_set(d, ERR_IO, "standard output: cannot write");
	json_decref(all);
	return e;
}

enum err list_legality(const char *strategy, enum out_format f, struct diag *d)
{
	const struct strategy_ops *only = strategy ? strategy_find(strategy) : NULL;

	if (strategy && !only)
		return diag_set(d, ERR_CONFIG, "unknown strategy '%s' (see 'shadewalk list strategies')",
				strategy);
	if (f == OUT_JSON)
		return as_json(only, d);
	if (f == OUT_CSV)
		printf("strategy,guest,host,setting,verdict,tag,why,instead\n");
	else
		printf("%-11s %-11s %-10s %-13s %s\n", "strategy", "guest", "host", "verdict", "tag");
	all_lines(only, f == OUT_CSV ? emit_csv : emit_text, NULL);
	return ERR_OK;
}
