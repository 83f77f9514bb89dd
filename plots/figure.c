/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plots/figure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *name, *title; const struct figure *figure; } figures[] = {
#define FIGURE(id, title) { #id, title, &figure_##id },
#include "plots/figures.def"
#undef FIGURE
};
enum { FIGURES = sizeof(figures) / sizeof(*figures) };

const char *figure_name(unsigned i) { return i < FIGURES ? figures[i].name : NULL; }
const char *figure_title(unsigned i) { return i < FIGURES ? figures[i].title : NULL; }

void figure_quote(FILE *out, const char *text, bool latex)
{
	putc('\'', out);
	for (; *text; text++) {
		if (latex && strchr("_%&#${}", *text))
			putc('\\', out);
		if (*text == '\'')
			putc('\'', out);
		/* One line, whatever a trace is called; TeX has no use for the other three. */
		if (*text == '\n' || *text == '\r' || (latex && strchr("\\^~", *text)))
			putc(' ', out);
		else
			putc(*text, out);
	}
	putc('\'', out);
}

enum kind { KIND_PDF, KIND_SVG, KIND_PNG, KIND_TEX, KINDS };
static const char *const kind_name[KINDS] = { ".pdf", ".svg", ".png", ".tex" };

/* Everything about one drawing; strings are owned. */
struct job {
	const struct figure *figure;
	const char *name;
	enum kind kind;
	char *folder, *base;            /* where it goes, and its name without the ending */
	char *data_path, *script_path, *out_path;
	char *layout, *means;
	size_t nlayout, nmeans;
	struct figure_page page;
};

static enum err no_memory(struct diag *d)
{
	return diag_set(d, ERR_NOMEM, "plot: out of memory");
}

static enum err job_paths(struct job *j, const char *path, struct diag *d)
{
	const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
	const char *dot = strrchr(file, '.');
	unsigned k = 0;

	while (k < KINDS && (!dot || strcmp(dot, kind_name[k])))
		k++;
	if (k == KINDS || dot == file)
		return diag_set(d, ERR_USAGE,
				"%s: the name has to end in .pdf, .svg, .png or .tex", path);
	j->kind = (enum kind)k;
	j->folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path))
			  : strdup(".");
	j->base = strndup(file, (size_t)(dot - file));
	if (!j->folder || !j->base ||
	    asprintf(&j->data_path, "%s/%s.dat", j->folder, j->base) < 0 ||
	    asprintf(&j->script_path, "%s/%s.gp", j->folder, j->base) < 0 ||
	    asprintf(&j->out_path, "%s/%s%s", j->folder, j->base, kind_name[k]) < 0)
		return no_memory(d);
	return ERR_OK;
}

static void job_release(struct job *j)
{
	free(j->folder);
	free(j->base);
	free(j->data_path);
	free(j->script_path);
	free(j->out_path);
	free(j->layout);
	free(j->means);
}

/* ---- data ---- */

static void write_query(FILE *out, const char *sql)
{
	for (bool start = true; *sql; sql++) {
		if (start)
			fputs("#   ", out);
		putc(*sql, out);
		start = *sql == '\n';
	}
}

static enum err write_file(const char *path, const char *bytes, size_t n, struct diag *d)
{
	FILE *f = fopen(path, "w");
	bool bad = !f || fwrite(bytes, 1, n, f) != n;

	if (f && fclose(f))
		bad = true;
	return bad ? diag_set(d, ERR_IO, "%s: %s", path, strerror(errno)) : ERR_OK;
}

/* All in memory first: a database that does not fit leaves earlier files alone. */
static enum err job_data(struct job *j, struct results *r, struct diag *d)
{
	struct figure_page *p = &j->page;
	char *data = NULL;
	size_t n = 0;
	enum err e;

	p->data = open_memstream(&data, &n);
	p->layout = open_memstream(&j->layout, &j->nlayout);
	p->means = open_memstream(&j->means, &j->nmeans);
	p->latex = j->kind == KIND_TEX;
	e = p->data && p->layout && p->means ? ERR_OK : no_memory(d);
	if (!e) {
		fprintf(p->data,
			"# shadewalk figure %s, drawn by a program of model version %d\n"
			"# query:\n",
			j->name, MODEL_VERSION);
		write_query(p->data, j->figure->sql);
		e = j->figure->layout(r, p, d);
	}
	if (p->layout && fclose(p->layout) && !e)
		e = no_memory(d);
	if (p->means && fclose(p->means) && !e)
		e = no_memory(d);
	if (p->data && fclose(p->data) && !e)
		e = no_memory(d);
	if (!e)
		e = write_file(j->data_path, data, n, d);
	free(data);
	return e;
}

/* ---- script ---- */

/*
 * Sizes are printed sizes: 7 pt text, widths in points. The cairo terminals of gnuplot 5.4
 * draw text 96/72 too large (seen with pdftotext -bbox), hence the font scales. PNG has 300
 * dots an inch; SVG is drawn in points and gets its size in inches afterwards.
 */
static void write_terminal(const struct job *j, FILE *out)
{
	double w = j->page.width_in, h = j->page.height_in;

	switch (j->kind) {
	case KIND_PDF:
		fprintf(out,
			"pdfcairo noenhanced color font \"Liberation Sans,7\" fontscale 0.75 "
			"linewidth 1 butt size %.3fin,%.3fin",
			w, h);
		break;
	case KIND_TEX:
		fprintf(out, "cairolatex pdf input noheader color font \",7\" fontscale 0.75 "
			"linewidth 1 butt size %.3fin,%.3fin", w, h);
		break;
	case KIND_PNG:
		fprintf(out,
			"pngcairo noenhanced color font \"Liberation Sans,7\" fontscale %.5f "
			"linewidth %.5f dashlength 2 butt size %.0f,%.0f",
			300.0 / 96, 300.0 / 72, 300 * w, 300 * h);
		break;
	case KIND_SVG:
	case KINDS:
		fprintf(out, "svg noenhanced font \"Liberation Sans,7\" linewidth 1 butt "
			"background rgb \"#ffffff\" size %.0f,%.0f", 72 * w, 72 * h);
		break;
	}
}

static void write_value(const struct job *j, const char *key, size_t n, FILE *out)
{
	char *name = NULL;

	if (n == 8 && !memcmp(key, "TERMINAL", n)) {
		write_terminal(j, out);
	} else if (n == 6 && !memcmp(key, "LAYOUT", n)) {
		fwrite(j->layout, 1, j->nlayout, out);
	} else if (n == 5 && !memcmp(key, "MEANS", n)) {
		fwrite(j->means, 1, j->nmeans, out);
	} else if (asprintf(&name, "%s%s", j->base,
			    n == 6 && !memcmp(key, "SCRIPT", n) ? ".gp"
			    : n == 4 && !memcmp(key, "DATA", n) ? ".dat"
								: kind_name[j->kind]) >= 0) {
		figure_quote(out, name, false);
		free(name);
	}
}

/* The template with every @NAME@ replaced. */
static enum err job_script(const struct job *j, struct diag *d)
{
	const char *t = j->figure->template;
	FILE *out = fopen(j->script_path, "w");
	bool bad;

	if (!out)
		return diag_set(d, ERR_IO, "%s: %s", j->script_path, strerror(errno));
	while (*t) {
		size_t plain = strcspn(t, "@"), n;

		fwrite(t, 1, plain, out);
		t += plain;
		if (!*t)
			break;
		n = strspn(t + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		if (t[n + 1] != '@') {
			putc(*t++, out);
			continue;
		}
		write_value(j, t + 1, n, out);
		t += n + 2;
	}
	bad = ferror(out);
	if (fclose(out) || bad)
		return diag_set(d, ERR_IO, "%s: write failed", j->script_path);
	return ERR_OK;
}

/* ---- drawing ---- */

static enum err job_settle(const struct job *j, struct diag *d)
{
	char *pdf = NULL;
	enum err e;

	switch (j->kind) {
	case KIND_PDF:
		return gnuplot_settle_pdf(j->out_path, d);
	case KIND_SVG:
		return gnuplot_settle_svg(j->out_path, j->page.width_in, j->page.height_in, d);
	case KIND_TEX:  /* the picture without its text lies beside it */
		if (asprintf(&pdf, "%s/%s.pdf", j->folder, j->base) < 0)
			return no_memory(d);
		e = gnuplot_settle_pdf(pdf, d);
		free(pdf);
		return e;
	case KIND_PNG:
	case KINDS:
		break;
	}
	return ERR_OK;
}

static enum err job_figure(struct job *j, const char *name, struct diag *d)
{
	char list[256] = "";
	size_t used = 0;

	for (unsigned i = 0; i < FIGURES; i++) {
		if (!strcmp(figures[i].name, name)) {
			j->figure = figures[i].figure;
			j->name = figures[i].name;
			return ERR_OK;
		}
		if (used < sizeof(list))
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
						 i ? ", " : "", figures[i].name);
	}
	return diag_set(d, ERR_USAGE, "there is no figure '%.60s' (want %s)", name, list);
}

enum err figure_draw(struct results *r, const char *name, const char *path,
		     const struct figure_options *o, char note[256], struct diag *d)
{
	struct job j = { .page.options = o };
	enum err e = job_figure(&j, name, d);

	if (note)
		note[0] = 0;
	if (!e)
		e = job_paths(&j, path, d);
	if (!e)
		e = job_data(&j, r, d);
	if (!e)
		e = job_script(&j, d);
	if (!e)
		e = gnuplot_run(j.folder, strrchr(j.script_path, '/') + 1, d);
	if (!e)
		e = job_settle(&j, d);
	if (!e && note)
		memcpy(note, j.page.note, sizeof(j.page.note));
	job_release(&j);
	return e;
}
