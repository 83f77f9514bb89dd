# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += %D%/libmem.a
# list: %C%_libmem_a_SOURCES = *.c *.h *.def
%C%_libmem_a_SOURCES = \
	%D%/mem.c \
	%D%/mem.h
# end
