# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += %D%/libbase.a
# list: %C%_libbase_a_SOURCES = *.c *.h *.def
%C%_libbase_a_SOURCES = \
	%D%/addr.h \
	%D%/bits.h \
	%D%/confidence.h \
	%D%/err.c \
	%D%/err.h \
	%D%/options.c \
	%D%/options.h \
	%D%/params.c \
	%D%/params.h \
	%D%/replace.c \
	%D%/replace.h \
	%D%/rng.h
# end
