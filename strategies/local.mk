# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += %D%/libstrategies.a
# list: %C%_libstrategies_a_SOURCES = *.c *.h *.def
%C%_libstrategies_a_SOURCES = \
	%D%/cached.c \
	%D%/cached.h \
	%D%/cached_audit.c \
	%D%/cached_fill.c \
	%D%/cached_leaf.c \
	%D%/cached_sync.c \
	%D%/cached_table.c \
	%D%/cached_trace.c \
	%D%/cached_window.c \
	%D%/coherent.c \
	%D%/host_words.c \
	%D%/host_words.h \
	%D%/native.c \
	%D%/native.h \
	%D%/nested.c \
	%D%/registry.c \
	%D%/shadow.c \
	%D%/shadow.h \
	%D%/shadow_setup.c \
	%D%/strategies.def \
	%D%/strategy.h \
	%D%/view.c \
	%D%/view.h \
	%D%/window.c \
	%D%/window.h
# end
