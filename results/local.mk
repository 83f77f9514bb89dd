# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += %D%/libresults.a
# list: %C%_libresults_a_SOURCES = *.c *.h *.def
%C%_libresults_a_SOURCES = \
	%D%/compare.c \
	%D%/compare.h \
	%D%/compare_costs.c \
	%D%/compare_csv.c \
	%D%/compare_json.c \
	%D%/compare_load.c \
	%D%/compare_misses.c \
	%D%/compare_text.c \
	%D%/compare_verdict.c \
	%D%/db.h \
	%D%/db_put.c \
	%D%/db_sqlite.c \
	%D%/dump.c \
	%D%/hash.h \
	%D%/range.c \
	%D%/range.h \
	%D%/results.h \
	%D%/run_id.c \
	%D%/stats.c \
	%D%/stats.h \
	%D%/table.c \
	%D%/table.h
# end
%C%_libresults_a_CPPFLAGS = $(AM_CPPFLAGS) \
	$(SQLITE_CFLAGS) $(GSL_CFLAGS) $(JANSSON_CFLAGS) $(GCRYPT_CFLAGS)

# Compiled in: one header per text, made by build-aux/text2c.awk.
# list: results_texts = *.sql
results_texts = \
	%D%/schema.sql
# end
EXTRA_DIST += $(results_texts)
results_text_headers = $(results_texts:.sql=.sql.h)
BUILT_SOURCES += $(results_text_headers)
$(%C%_libresults_a_OBJECTS): $(results_text_headers)
