# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += %D%/libtlb.a
# list: %C%_libtlb_a_SOURCES = *.c *.h *.def
%C%_libtlb_a_SOURCES = \
	%D%/tlb.c \
	%D%/tlb.h \
	%D%/tlb_hot.h \
	%D%/tlb_inside.h \
	%D%/tlb_ops.c \
	%D%/utlb.c \
	%D%/utlb.h \
	%D%/walk2d.c \
	%D%/walk2d.h \
	%D%/walk_cache.h
# end
