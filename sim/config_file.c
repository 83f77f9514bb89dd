/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/config_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/options.h"
#include "models/cpu/cpu.h"

enum { MAX_BYTES = 1 << 20, MAX_KEY = 64, MAX_VALUE = 4096 };

struct reading {
	struct config_file *out;
	const char *name;
	yaml_document_t *doc;
	struct diag *d;
};

/* Lines and columns of libyaml count from 0. */
static enum err refuse(const struct reading *r, yaml_mark_t at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static enum err refuse(const struct reading *r, yaml_mark_t at, const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return diag_set(r->d, ERR_CONFIG, "%.80s:%zu:%zu: %s", r->name, at.line + 1, at.column + 1, text);
}

static const char *kind_name(yaml_node_type_t t)
{
	return t == YAML_MAPPING_NODE ? "a mapping" : t == YAML_SEQUENCE_NODE ? "a list" :
	       t == YAML_SCALAR_NODE ? "a word" : "nothing";
}

/* The text of a scalar that fits `room` bytes with its NUL and has none within; NULL: refused. */
static const char *scalar(const struct reading *r, const yaml_node_t *n, size_t room, const char *what)
{
	const char *text;

	if (n->type != YAML_SCALAR_NODE) {
		(void)refuse(r, n->start_mark, "%s: %s; want a word or a number", what, kind_name(n->type));
		return NULL;
	}
	text = (const char *)n->data.scalar.value;
	if (strlen(text) != n->data.scalar.length) {
		(void)refuse(r, n->start_mark, "%s: has a NUL in it", what);
		return NULL;
	}
	if (!*text) {
		(void)refuse(r, n->start_mark, "%s: empty; want a word or a number", what);
		return NULL;
	}
	if (n->data.scalar.length >= room) {
		(void)refuse(r, n->start_mark, "%s: %.20s... is longer than %zu characters", what, text,
			     room - 1);
		return NULL;
	}
	return text;
}

static char *place(const struct reading *r, yaml_mark_t at)
{
	char text[160];

	snprintf(text, sizeof(text), "%.80s:%zu:%zu", r->name, at.line + 1, at.column + 1);
	return strdup(text);
}

static enum err no_memory(const struct reading *r)
{
	return diag_set(r->d, ERR_NOMEM, "out of memory");
}

/* --- words that are no parameters --------------------------------------------------------- */

/* One word, or a list of them joined by commas. */
static enum err join_list(const struct reading *r, const yaml_node_t *n, const char *key, char *text,
			  size_t room)
{
	size_t used = 0;

	if (n->data.sequence.items.start == n->data.sequence.items.top)
		return refuse(r, n->start_mark, "%s: an empty list", key);
	for (const yaml_node_item_t *i = n->data.sequence.items.start;
	     i < n->data.sequence.items.top; i++) {
		const yaml_node_t *item = yaml_document_get_node(r->doc, *i);
		const char *word = scalar(r, item, room - used, key);

		if (!word)
			return ERR_CONFIG;
		used += (size_t)snprintf(text + used, room - used, "%s%s", used ? "," : "", word);
		if (used >= room)
			return refuse(r, item->start_mark, "%s: a list of more than %zu characters", key,
				      room - 1);
	}
	return ERR_OK;
}

static enum err take_word(const struct reading *r, struct config_word *w, const char *key,
			  const yaml_node_t *value)
{
	char list[MAX_VALUE];
	const char *text = list;
	enum err e = ERR_OK;

	if (w->text)
		return refuse(r, value->start_mark, "%s: is there already, at %s", key, w->where);
	if (value->type == YAML_SEQUENCE_NODE && w == &r->out->strategies)
		e = join_list(r, value, key, list, sizeof(list));
	else
		text = scalar(r, value, MAX_VALUE, key);
	if (e || !text)
		return ERR_CONFIG;
	w->text = strdup(text);
	w->where = place(r, value->start_mark);
	return w->text && w->where ? ERR_OK : no_memory(r);
}

/* --- parameters ---------------------------------------------------------------------------- */

/* A name that nothing has, told at once and with the nearest that there is. */
static enum err check_name(const struct reading *r, const char *key, yaml_mark_t at)
{
	static const char *const words[] = { "core", "seed", "strategies", "warmup" };
	const char *names[CONFIG_FILE_MAX], *near;
	size_t n = 0;

	if (!strncmp(key, "cost.", 5) || param_find(config_keys, config_key_count, key))
		return ERR_OK;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		names[n++] = words[i];
	for (unsigned i = 0; i < config_key_count && n < CONFIG_FILE_MAX; i++)
		names[n++] = config_keys[i].name;
	near = option_suggest(key, names, n);
	return refuse(r, at, "unknown name '%s'%s%s%s; want core, seed, strategies, warmup, cost.NAME or a "
		      "parameter ('shadewalk list cores arm926')", key, near ? "; did you mean '" : "",
		      near ? near : "", near ? "'" : "");
}

static enum err take_setting(const struct reading *r, const char *key, yaml_mark_t at,
			     const yaml_node_t *value)
{
	struct config_file *f = r->out;
	const char *text = scalar(r, value, MAX_VALUE, key);
	size_t klen = strlen(key);

	if (!text)
		return ERR_CONFIG;
	for (size_t i = 0; i < f->n; i++)
		if (!strncmp(f->set[i], key, klen) && f->set[i][klen] == '=')
			return refuse(r, at, "%s: is there already, at %s", key, f->where[i]);
	if (f->n == CONFIG_FILE_MAX)
		return refuse(r, at, "%s: more than %d settings", key, CONFIG_FILE_MAX);
	f->set[f->n] = malloc(klen + strlen(text) + 2);
	f->where[f->n] = place(r, value->start_mark);
	if (f->set[f->n])
		sprintf(f->set[f->n], "%s=%s", key, text);
	f->n++;
	return f->set[f->n - 1] && f->where[f->n - 1] ? ERR_OK : no_memory(r);
}

static struct config_word *word_of(struct config_file *f, const char *key)
{
	return !strcmp(key, "core") ? &f->core : !strcmp(key, "strategies") ? &f->strategies :
	       !strcmp(key, "seed") ? &f->seed : !strcmp(key, "warmup") ? &f->warmup : NULL;
}

static enum err take_pair(const struct reading *r, const char *key, yaml_mark_t at,
			  const yaml_node_t *value);

/* prefix: dotted name of the mapping, empty at the top. One level below the top is the last. */
static enum err take_mapping(const struct reading *r, const yaml_node_t *map, const char *prefix)
{
	enum err e = ERR_OK;

	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     !e && p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *k = yaml_document_get_node(r->doc, p->key);
		const char *word = scalar(r, k, MAX_KEY / 2, *prefix ? prefix : "name");
		char key[MAX_KEY];

		if (!word)
			return ERR_CONFIG;
		snprintf(key, sizeof(key), "%s%s%s", prefix, *prefix ? "." : "", word);
		e = take_pair(r, key, k->start_mark, yaml_document_get_node(r->doc, p->value));
	}
	return e;
}

static enum err take_pair(const struct reading *r, const char *key, yaml_mark_t at,
			  const yaml_node_t *value)
{
	struct config_word *w = word_of(r->out, key);
	enum err e;

	if (w)
		return take_word(r, w, key, value);
	if (value->type == YAML_MAPPING_NODE) {
		if (strchr(key, '.'))
			return refuse(r, at, "%s: a mapping; want a word or a number", key);
		return take_mapping(r, value, key);
	}
	e = check_name(r, key, at);
	return e ? e : take_setting(r, key, at, value);
}

/* --- the document -------------------------------------------------------------------------- */

static enum err not_yaml(const struct reading *r, const yaml_parser_t *p)
{
	if (p->error == YAML_MEMORY_ERROR)
		return no_memory(r);
	if (p->error == YAML_READER_ERROR)
		return diag_set(r->d, ERR_CONFIG, "%.80s: byte %zu: %s; want a text in UTF-8", r->name,
				p->problem_offset, p->problem);
	return refuse(r, p->problem_mark, "%s%s%s", p->problem, p->context ? ", " : "",
		      p->context ? p->context : "");
}

static enum err take_document(struct reading *r, yaml_document_t *doc)
{
	const yaml_node_t *root = yaml_document_get_root_node(doc);

	r->doc = doc;
	if (!root)
		return diag_set(r->d, ERR_CONFIG, "%.80s:1:1: says nothing; want at least one NAME: VALUE",
				r->name);
	if (root->type != YAML_MAPPING_NODE)
		return refuse(r, root->start_mark, "%s; want lines of NAME: VALUE", kind_name(root->type));
	return take_mapping(r, root, "");
}

enum err config_text_read(struct config_file *out, const char *name, const char *text, size_t bytes,
			  struct diag *d)
{
	struct reading r = { .out = out, .name = name, .d = d };
	yaml_document_t doc, next;
	yaml_parser_t parser;
	enum err e;

	*out = (struct config_file){ 0 };
	if (!yaml_parser_initialize(&parser))
		return no_memory(&r);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, bytes);
	if (!yaml_parser_load(&parser, &doc)) {
		e = not_yaml(&r, &parser);
	} else {
		e = take_document(&r, &doc);
		yaml_document_delete(&doc);
		if (!e && !yaml_parser_load(&parser, &next)) {
			e = not_yaml(&r, &parser);
		} else if (!e) {
			const yaml_node_t *more = yaml_document_get_root_node(&next);

			if (more)
				e = refuse(&r, more->start_mark, "a second document; want one");
			yaml_document_delete(&next);
		}
	}
	yaml_parser_delete(&parser);
	return e;
}

enum err config_file_read(struct config_file *out, const char *path, struct diag *d)
{
	char *text = malloc(MAX_BYTES + 1);
	FILE *f = fopen(path, "rb");
	size_t n = 0;
	enum err e = ERR_OK;

	*out = (struct config_file){ 0 };
	if (!text)
		e = diag_set(d, ERR_NOMEM, "out of memory");
	else if (!f)
		e = diag_set(d, ERR_IO, "%s: %s", path, strerror(errno));
	if (!e) {
		n = fread(text, 1, MAX_BYTES + 1, f);
		if (ferror(f))
			e = diag_set(d, ERR_IO, "%s: %s", path, strerror(errno));
		else if (n > MAX_BYTES)
			e = diag_set(d, ERR_CONFIG, "%s: is longer than %d bytes", path, MAX_BYTES);
		else
			e = config_text_read(out, path, text, n, d);
	}
	if (f)
		fclose(f);
	free(text);
	return e;
}

void config_file_free(struct config_file *f)
{
	struct config_word *const words[] = { &f->core, &f->strategies, &f->seed, &f->warmup };

	for (size_t i = 0; i < f->n; i++) {
		free(f->set[i]);
		free(f->where[i]);
	}
	for (size_t i = 0; i < 4; i++) {
		free(words[i]->text);
		free(words[i]->where);
	}
	*f = (struct config_file){ 0 };
}
