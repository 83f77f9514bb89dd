/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/lint_print.h"

struct subject { const char *trace, *strategy, *core; };

static uint64_t total(const struct lint_report *r, unsigned f)
{
	return r->n[f][LINT_GUEST] + r->n[f][LINT_MONITOR];
}

static uint64_t of_severity(const struct lint_report *r, unsigned severity)
{
	uint64_t sum = 0;

	for (unsigned f = 0; f < FINDINGS; f++)
		if (finding_info[f].severity == severity)
			sum += total(r, f);
	return sum;
}

/* --- text ------------------------------------------------------------------------------- */

static void text_shown(FILE *f, const struct lint_report *r, unsigned finding)
{
	for (size_t i = 0; i < r->nshown; i++) {
		const struct lint_occurrence *s = &r->shown[i];

		if (s->finding != finding)
			continue;
		fprintf(f, "      record %llu, %s: MVA 0x%08x PA 0x%08x: expected %s\n",
			(unsigned long long)s->record, lint_origin_name[s->origin], s->mva, s->pa,
			s->expected);
	}
}

static void text(FILE *f, const struct subject *s, const struct lint_report *r)
{
	bool head = false;

	fprintf(f, "lint: %s, %s on %s: %llu errors, %llu warnings, %llu notes\n", s->trace,
		s->strategy, s->core, (unsigned long long)of_severity(r, LINT_ERROR),
		(unsigned long long)of_severity(r, LINT_WARNING),
		(unsigned long long)of_severity(r, LINT_NOTE));
	for (unsigned i = 0; i < FINDINGS && !head; i++)
		head = total(r, i) != 0;
	if (head)
		fprintf(f, "  %-4s %-20s %-8s %12s %12s\n", "id", "finding", "is", "guest", "monitor");
	for (unsigned i = 0; i < FINDINGS; i++) {
		const struct finding_info *fi = &finding_info[i];

		if (!total(r, i))
			continue;
		fprintf(f, "  %-4s %-20s %-8s %12llu %12llu  %s\n", fi->id, fi->name,
			lint_severity_name[fi->severity], (unsigned long long)r->n[i][LINT_GUEST],
			(unsigned long long)r->n[i][LINT_MONITOR], fi->meaning);
		text_shown(f, r, i);
	}
	putc('\n', f);
}

/* --- csv -------------------------------------------------------------------------------- */

/* Strategies' names hold no quotes, and nothing here holds one either. */
static void csv_begin(FILE *f, const struct subject *s, unsigned finding, unsigned origin)
{
	const struct finding_info *fi = &finding_info[finding];

	fprintf(f, "\"%s\",\"%s\",%s,%s,%s,%s,%s,", s->trace, s->strategy, s->core, fi->id, fi->name,
		lint_severity_name[fi->severity], lint_origin_name[origin]);
}

/* Totals of every finding, zeroes too, then the occurrences that were kept. */
static void csv(FILE *f, const struct subject *s, const struct lint_report *r)
{
	for (unsigned i = 0; i < FINDINGS; i++) {
		for (unsigned o = 0; o < LINT_ORIGINS; o++) {
			csv_begin(f, s, i, o);
			fprintf(f, "%llu,,,,\n", (unsigned long long)r->n[i][o]);
		}
	}
	for (size_t i = 0; i < r->nshown; i++) {
		const struct lint_occurrence *x = &r->shown[i];

		csv_begin(f, s, x->finding, x->origin);
		fprintf(f, ",%llu,0x%08x,0x%08x,\"%s\"\n", (unsigned long long)x->record, x->mva,
			x->pa, x->expected);
	}
}

/* --- json ------------------------------------------------------------------------------- */

static json_t *json_shown(const struct lint_report *r, unsigned finding)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->nshown; i++) {
		const struct lint_occurrence *s = &r->shown[i];

		if (s->finding == finding)
			json_array_append_new(list, json_pack("{s:s,s:I,s:I,s:I,s:s}",
				"origin", lint_origin_name[s->origin],
				"record", (json_int_t)s->record, "mva", (json_int_t)s->mva,
				"pa", (json_int_t)s->pa, "expected", s->expected));
	}
	return list;
}

static json_t *json_report(const struct subject *s, const struct lint_report *r)
{
	json_t *findings = json_array();

	for (unsigned i = 0; i < FINDINGS; i++) {
		const struct finding_info *fi = &finding_info[i];

		json_array_append_new(findings, json_pack("{s:s,s:s,s:s,s:I,s:I,s:o}",
			"id", fi->id, "name", fi->name, "severity",
			lint_severity_name[fi->severity],
			"guest", (json_int_t)r->n[i][LINT_GUEST],
			"monitor", (json_int_t)r->n[i][LINT_MONITOR], "shown", json_shown(r, i)));
	}
	return json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:o}", "trace", s->trace, "strategy", s->strategy,
			 "host_core", s->core,
			 "errors", (json_int_t)of_severity(r, LINT_ERROR),
			 "warnings", (json_int_t)of_severity(r, LINT_WARNING),
			 "notes", (json_int_t)of_severity(r, LINT_NOTE), "findings", findings);
}

/* ---------------------------------------------------------------------------------------- */

enum err lint_print_add(struct lint_print *p, const char *trace, const char *strategy,
			const char *core, const struct lint_report *r, struct diag *d)
{
	struct subject s = { trace, strategy, core };

	if (!p->out)
		return ERR_OK;
	switch (p->form) {
	case OUT_TEXT:
		text(p->out, &s, r);
		break;
	case OUT_CSV:
		if (!p->begun)
			fputs("trace,strategy,core,id,name,severity,origin,count,record,mva,pa,"
			      "expected\n", p->out);
		csv(p->out, &s, r);
		break;
	case OUT_JSON:
		p->reports = p->reports ? p->reports : json_array();
		if (json_array_append_new(p->reports, json_report(&s, r)))
			return diag_set(d, ERR_NOMEM, "out of memory");
		break;
	}
	p->begun = true;
	return ERR_OK;
}

enum err lint_print_end(struct lint_print *p, struct diag *d)
{
	enum err e = ERR_OK;

	if (p->reports && json_dumpf(p->reports, p->out, JSON_INDENT(2)))
		e = diag_set(d, ERR_IO, "the report of --lint cannot be written");
	else if (p->reports)
		putc('\n', p->out);
	json_decref(p->reports);
	p->reports = NULL;
	return e;
}

enum err lint_verdict(const char *path, const char *strategy, const struct lint_report *r,
		      struct diag *d)
{
	uint64_t n = lint_errors(r);

	if (!n)
		return ERR_OK;
	for (size_t i = 0; i < r->nshown; i++) {
		const struct lint_occurrence *s = &r->shown[i];
		const struct finding_info *fi = &finding_info[s->finding];

		if (fi->severity == LINT_ERROR)
			return diag_set(d, ERR_CHECK, "%.120s: %.80s: lint: %llu errors; first: record "
					"%llu: %s %s at MVA 0x%08x", path, strategy,
					(unsigned long long)n, (unsigned long long)s->record, fi->id,
					fi->name, s->mva);
	}
	return diag_set(d, ERR_CHECK, "%.120s: %.80s: lint: %llu errors", path, strategy,
			(unsigned long long)n);
}
