# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += %D%/libpt.a
# list: %C%_libpt_a_SOURCES = *.c *.h *.def
%C%_libpt_a_SOURCES = \
	%D%/access.c \
	%D%/arch.c \
	%D%/lpae.c \
	%D%/lpae.h \
	%D%/memory.c \
	%D%/mmu.h \
	%D%/perm.c \
	%D%/pt.h \
	%D%/v5.c \
	%D%/v5_fields.h \
	%D%/v6.c \
	%D%/v6_fields.h \
	%D%/walk.c
# end
