/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"

/* The key of a strategy that stands for others, strategy_ops.preset. */
#define DESIGN "design"

static enum err unknown_strategy(const char *name, struct diag *d)
{
	const char *names[SPEC_MAX];
	char list[256] = "";
	const char *near;
	size_t at = 0;

	for (unsigned i = 0; i < strategy_count && i < SPEC_MAX; i++) {
		names[i] = strategy_table[i]->name;
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", i ? ", " : "", names[i]);
	}
	near = option_suggest(name, names, strategy_count);
	return diag_set(d, ERR_CONFIG, "unknown strategy '%s'%s%s%s (known: %s)", name,
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", list);
}

static enum err set_key(struct spec *s, char *pair, struct diag *d)
{
	char *value = strchr(pair, '=');
	struct diag why;
	enum err e;

	if (!value)
		return diag_set(d, ERR_CONFIG, "strategy %s: '%s' is not KEY=VALUE", s->ops->name, pair);
	*value++ = '\0';
	if (!s->ops->nparams)
		return diag_set(d, ERR_CONFIG, "strategy %s takes no parameters ('%s' given)",
				s->ops->name, pair);
	e = param_set(s->ops->params, s->ops->nparams, s->params, pair, value, &why);
	return e ? diag_set(d, e, "strategy %s: %.400s", s->ops->name, why.msg) : ERR_OK;
}

/* Keys at what they are without a word: their defaults, or those of the design. */
static enum err preset(const struct strategy_ops *ops, const char *design, void *params, struct diag *d)
{
	struct diag why;
	enum err e = ERR_OK;

	ops->defaults(params);
	if (!ops->preset || !design)
		return ERR_OK;
	e = param_set(ops->params, ops->nparams, params, DESIGN, design, &why);
	if (e)
		return diag_set(d, e, "strategy %s: %.400s", ops->name, why.msg);
	ops->preset(params);
	return ERR_OK;
}

/* What the design is in a specification, wherever it stands: a key beside it says more. */
static const char *design_in(const char *text, char buf[32])
{
	static const char key[] = ":" DESIGN "=";
	const char *at = strstr(text, key);

	if (!at)
		return NULL;
	snprintf(buf, 32, "%.*s", (int)strcspn(at + strlen(key), ":"), at + strlen(key));
	return buf;
}

/* Canonical text, so that one configuration has one name whatever order it was typed in. A design, and keys that
 * differ from it. */
static enum err canonical(struct spec *s, const char *design, struct diag *d)
{
	void *defaults = s->ops->nparams ? calloc(1, s->ops->params_bytes) : NULL;
	size_t at = (size_t)snprintf(s->text, SPEC_TEXT, "%s", s->ops->name);
	enum err e;

	if (!s->ops->nparams)
		return ERR_OK;
	if (!defaults)
		return diag_set(d, ERR_NOMEM, "out of memory");
	e = preset(s->ops, design, defaults, d);
	if (!e && s->ops->preset) {
		const struct param *p = param_find(s->ops->params, s->ops->nparams, DESIGN);
		char value[32];

		if (param_get(p, defaults))
			at += (size_t)snprintf(s->text + at, SPEC_TEXT - at, ":%s=%s", p->name,
					       param_text(p, defaults, value));
	}
	for (unsigned i = 0; i < s->ops->nparams && at < SPEC_TEXT; i++) {
		const struct param *p = &s->ops->params[i];
		char value[32];

		if (param_get(p, s->params) != param_get(p, defaults))
			at += (size_t)snprintf(s->text + at, SPEC_TEXT - at, ":%s=%s", p->name,
					       param_text(p, s->params, value));
	}
	free(defaults);
	return e;
}

enum err spec_parse(struct spec *s, const char *text, struct diag *d)
{
	char copy[SPEC_TEXT], design[32], *save = NULL, *part;
	const char *chosen = design_in(text, design);
	enum err e = ERR_OK;

	memset(s, 0, sizeof(*s));
	if (strlen(text) >= sizeof(copy))
		return diag_set(d, ERR_CONFIG, "strategy specification longer than %d characters",
				SPEC_TEXT - 1);
	snprintf(copy, sizeof(copy), "%s", text);
	part = strtok_r(copy, ":", &save);
	if (!part)
		return diag_set(d, ERR_CONFIG, "empty strategy name");
	s->ops = strategy_find(part);
	if (!s->ops)
		return unknown_strategy(part, d);
	if (s->ops->nparams) {
		s->params = calloc(1, s->ops->params_bytes);
		if (!s->params)
			return diag_set(d, ERR_NOMEM, "out of memory");
		e = preset(s->ops, chosen, s->params, d);
	}
	while (!e && (part = strtok_r(NULL, ":", &save)))
		e = set_key(s, part, d);
	if (!e && s->ops->check)
		e = s->ops->check(s->params, d);
	if (!e)
		e = canonical(s, chosen, d);
	if (e)
		spec_free(s);
	return e;
}

static enum err add(struct spec *spec, size_t *n, const char *text, struct diag *d)
{
	enum err e;

	if (*n == SPEC_MAX)
		return diag_set(d, ERR_CONFIG, "more than %d strategies", SPEC_MAX);
	e = spec_parse(&spec[*n], text, d);
	if (e)
		return e;
	for (size_t i = 0; i < *n; i++) {
		if (strcmp(spec[i].text, spec[*n].text))
			continue;
		spec_free(&spec[*n]);
		return diag_set(d, ERR_CONFIG, "strategy '%s' is named twice", spec[i].text);
	}
	(*n)++;
	return ERR_OK;
}

enum err spec_parse_list(struct spec *spec, size_t *n, const char *text, struct diag *d)
{
	char *copy, *save = NULL;
	size_t before = *n;
	enum err e = ERR_OK;

	for (unsigned i = 0; !text && !e && i < strategy_count; i++)
		e = add(spec, n, strategy_table[i]->name, d);
	if (!text)
		return e;
	copy = strdup(text);
	if (!copy)
		return diag_set(d, ERR_NOMEM, "out of memory");
	for (char *p = strtok_r(copy, ",", &save); !e && p; p = strtok_r(NULL, ",", &save))
		e = add(spec, n, p, d);
	if (!e && *n == before)
		e = diag_set(d, ERR_CONFIG, "empty list of strategies");
	free(copy);
	return e;
}

void spec_free(struct spec *s)
{
	free(s->params);
	s->params = NULL;
}

void *spec_params(const struct spec *s)
{
	void *p = s->ops->nparams ? malloc(s->ops->params_bytes) : NULL;

	if (p)
		memcpy(p, s->params, s->ops->params_bytes);
	return p;
}
