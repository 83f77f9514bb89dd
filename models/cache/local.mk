# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += %D%/libcache.a
# list: %C%_libcache_a_SOURCES = *.c *.h *.def
%C%_libcache_a_SOURCES = \
	%D%/cache.c \
	%D%/cache.h \
	%D%/cache_hot.h \
	%D%/cache_inside.h \
	%D%/cache_lock.c \
	%D%/cache_maint.c \
	%D%/cache_query.c \
	%D%/outer.c \
	%D%/outer.h \
	%D%/wbuf.c \
	%D%/wbuf.h
# end
