# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += %D%/libstrategies.a
# list: %C%_libstrategies_a_SOURCES = *.c *.h *.def
%C%_libstrategies_a_SOURCES = \
	%D%/coherent.c \
	%D%/host_words.c \
	%D%/host_words.h \
	%D%/native.c \
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
