/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/walk_print.h"

#include <string.h>

static const char access_letter[] = { [ACCESS_READ] = 'r', [ACCESS_WRITE] = 'w',
				      [ACCESS_FETCH] = 'x' };

/* "0x%0*x", or what stands for a field that the manual calls invalid. */
static const char *field(char buf[16], bool valid, int digits, uint32_t value,
			 const char *invalid)
{
	if (!valid)
		return invalid;
	snprintf(buf, 16, "0x%0*x", digits, value);
	return buf;
}

void walk_print_text(FILE *f, const struct walk_answer *a)
{
	char domain[16], far[16];

	fwrite(a->t->text, 1, a->t->length, f);
	if (!a->out.fs) {
		fprintf(f, " -> pa 0x%08x\n", a->out.pa);
		return;
	}
	fprintf(f, " -> fault FS=0x%02x domain=%s far=%s\n", a->report.status,
		field(domain, a->report.domain_valid, 1, a->out.domain, "-"),
		field(far, a->report.far_valid, 8, a->out.far.raw, "-"));
}

void walk_print_csv_head(FILE *f)
{
	fputs("case,line,access,privilege,va,size,pa,fs,domain,far\n", f);
}

static void csv_name(FILE *f, const char *p, size_t n)
{
	if (!memchr(p, ',', n) && !memchr(p, '"', n)) {
		fwrite(p, 1, n, f);
		return;
	}
	fputc('"', f);
	for (size_t i = 0; i < n; i++)
		fprintf(f, p[i] == '"' ? "\"\"" : "%c", p[i]);
	fputc('"', f);
}

void walk_print_csv(FILE *f, const struct walk_answer *a)
{
	char domain[16], far[16];

	csv_name(f, a->c->name, a->c->name_length);
	fprintf(f, ",%u,%c,%s,0x%08x,%u,", a->t->line, access_letter[a->t->access],
		a->t->user ? "user" : "priv", a->t->va, a->t->size);
	if (!a->out.fs)
		fprintf(f, "0x%08x,,,\n", a->out.pa);
	else
		fprintf(f, ",0x%02x,%s,%s\n", a->report.status,
			field(domain, a->report.domain_valid, 1, a->out.domain, "-"),
			field(far, a->report.far_valid, 8, a->out.far.raw, "-"));
}

/* Bytes that are no ASCII text are shown as dots: a name may be in any encoding. */
static void json_string(FILE *f, const char *p, size_t n)
{
	fputc('"', f);
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"' || p[i] == '\\')
			fputc('\\', f);
		fputc(p[i] >= ' ' && p[i] <= '~' ? p[i] : '.', f);
	}
	fputc('"', f);
}

static void json_field(FILE *f, const char *key, bool valid, int digits, uint32_t value)
{
	char buf[16];

	fprintf(f, valid ? ", \"%s\": \"%s\"" : ", \"%s\": %s", key,
		field(buf, valid, digits, value, "null"));
}

void walk_print_json(FILE *f, const struct walk_answer *a, const char *explain)
{
	bool fault = a->out.fs;

	fputs("{\"case\": ", f);
	json_string(f, a->c->name, a->c->name_length);
	fprintf(f, ", \"line\": %u, \"access\": \"%c\", \"privilege\": \"%s\", "
		"\"va\": \"0x%08x\", \"size\": %u", a->t->line, access_letter[a->t->access],
		a->t->user ? "user" : "priv", a->t->va, a->t->size);
	json_field(f, "pa", !fault, 8, a->out.pa);
	json_field(f, "fs", fault, 2, a->report.status);
	json_field(f, "domain", fault && a->report.domain_valid, 1, a->out.domain);
	json_field(f, "far", fault && a->report.far_valid, 8, a->out.far.raw);
	if (explain) {
		fputs(", \"explain\": [", f);
		for (const char *p = explain; *p; p += strcspn(p, "\n") + 1) {
			fputs(p == explain ? "" : ", ", f);
			json_string(f, p, strcspn(p, "\n"));
		}
		fputc(']', f);
	}
	fputc('}', f);
}
