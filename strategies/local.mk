# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += %D%/libstrategies.a
# list: %C%_libstrategies_a_SOURCES = *.c *.h *.def
%C%_libstrategies_a_SOURCES = \
	%D%/cached.c \
	%D%/cached.h \
	%D%/cached_audit.c \
	%D%/cached_dacr.c \
	%D%/cached_fill.c \
	%D%/cached_hint.c \
	%D%/cached_leaf.c \
	%D%/cached_pool.c \
	%D%/cached_sync.c \
	%D%/cached_table.c \
	%D%/cached_trace.c \
	%D%/cached_view.c \
	%D%/cached_window.c \
	%D%/coherent.c \
	%D%/coherent.h \
	%D%/coherent_design.c \
	%D%/coherent_view.c \
	%D%/domains.c \
	%D%/domains.h \
	%D%/guest_page.c \
	%D%/guest_page.h \
	%D%/host_words.c \
	%D%/host_words.h \
	%D%/inplace.c \
	%D%/inplace.h \
	%D%/inplace_audit.c \
	%D%/inplace_convert.c \
	%D%/inplace_domain.c \
	%D%/inplace_entry.c \
	%D%/inplace_fill.c \
	%D%/inplace_root.c \
	%D%/inplace_table.c \
	%D%/inplace_trace.c \
	%D%/inplace_words.c \
	%D%/inplace_words.h \
	%D%/native.c \
	%D%/registry.c \
	%D%/shadow.c \
	%D%/shadow.h \
	%D%/shadow_inside.h \
	%D%/shadow_setup.c \
	%D%/shadow_state.c \
	%D%/strategies.def \
	%D%/strategy.h \
	%D%/tiny.c \
	%D%/tiny.h \
	%D%/view.c \
	%D%/view.h \
	%D%/window.c \
	%D%/window.h \
	%D%/zones.c \
	%D%/zones.h
# end
