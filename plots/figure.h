/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures out of a results database, drawn by gnuplot. Beside FIGURE.pdf (svg, png, tex) stay
 * FIGURE.gp and FIGURE.dat, from which anybody draws it again in another style. SVG and PDF of
 * the same data are the same bytes every time (with the same gnuplot, fonts and libraries).
 */
#ifndef SHADEWALK_PLOTS_FIGURE_H
#define SHADEWALK_PLOTS_FIGURE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "results/results.h"

struct figure_options {
	const char *host_core;          /* only runs of this one; NULL: there is but one */
	const char *costs;              /* cost set, name or start of its hash; likewise */
};

/* What a layout gets and gives. */
struct figure_page {
	const struct figure_options *options;
	FILE *data;                     /* becomes the .dat file; its head is written */
	FILE *layout;                   /* gnuplot lines put in place of @LAYOUT@ */
	FILE *means; /* plot elements in place of @MEANS@, each ending in "," */
	double width_in, height_in;     /* printed size, set by the layout */
	bool latex;                     /* labels are TeX text */
	char note[256];                 /* what the user should know, or "" */
};

struct figure {
	const char *sql, *template;
	enum err (*layout)(struct results *r, struct figure_page *p, struct diag *d);
};

#define FIGURE(id, title) extern const struct figure figure_##id;
#include "plots/figures.def"
#undef FIGURE

/* Names and titles for lists; NULL beyond the last. */
const char *figure_name(unsigned i);
const char *figure_title(unsigned i);

/* The kind of output follows from path: .pdf .svg .png .tex. note receives remarks or "". */
enum err figure_draw(struct results *r, const char *name, const char *path,
		     const struct figure_options *o, char note[256], struct diag *d)
	__attribute__((warn_unused_result));

/* A gnuplot string constant: 'text', quotes doubled; latex: also safe inside TeX text. */
void figure_quote(FILE *out, const char *text, bool latex);

/* plots/layout.c: breaks a name into lines of at most `most` letters, after a separator if it
 * can; returns their number. */
enum { FIGURE_LINES = 3, FIGURE_LINE = 64 };
unsigned figure_break(const char *name, size_t most, char line[FIGURE_LINES][FIGURE_LINE]);
/* Distance of numbers on an axis from 0 to top; at most five, as 7 pt text needs the room. */
double figure_tic_step(double top);

/* plots/gnuplot.c: runs gnuplot on script (a base name) inside folder. */
enum err gnuplot_run(const char *folder, const char *script, struct diag *d)
	__attribute__((warn_unused_result));
/* PDF: the date of creation becomes a constant. SVG: size in inches instead of pixels. */
enum err gnuplot_settle_pdf(const char *path, struct diag *d)
	__attribute__((warn_unused_result));
enum err gnuplot_settle_svg(const char *path, double width_in, double height_in, struct diag *d)
	__attribute__((warn_unused_result));

#endif
