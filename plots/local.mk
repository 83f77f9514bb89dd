# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += %D%/libplots.a
# list: %C%_libplots_a_SOURCES = *.c *.h *.def
%C%_libplots_a_SOURCES = \
	%D%/breakdown.c \
	%D%/cmd_list.c \
	%D%/cmd_plot.c \
	%D%/figure.c \
	%D%/figure.h \
	%D%/figures.def \
	%D%/gnuplot.c \
	%D%/layout.c \
	%D%/list_legality.c \
	%D%/list_legality.h
# end

# One query and one gnuplot template per figure, compiled in by build-aux/text2c.awk.
# list: plots_queries = *.sql
plots_queries = \
	%D%/breakdown.sql
# end
# list: plots_templates = *.gp.in
plots_templates = \
	%D%/breakdown.gp.in
# end
# list: EXTRA_DIST += *.md *.gp
EXTRA_DIST +=
# end
EXTRA_DIST += $(plots_queries) $(plots_templates)
plots_text_headers = $(plots_queries:.sql=.sql.h) $(plots_templates:.gp.in=.gp.in.h)
BUILT_SOURCES += $(plots_text_headers)
$(%C%_libplots_a_OBJECTS): $(plots_text_headers)
