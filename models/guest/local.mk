# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += %D%/libguest.a
# list: %C%_libguest_a_SOURCES = *.c *.h *.def
%C%_libguest_a_SOURCES = \
	%D%/code_book.c \
	%D%/code_book.h \
	%D%/cp15.c \
	%D%/cp15.h \
	%D%/cp15_map.c \
	%D%/event.c \
	%D%/event.h \
	%D%/guest.c \
	%D%/guest.h \
	%D%/history.c \
	%D%/history.h \
	%D%/identity.c \
	%D%/identity.h \
	%D%/insn_arm.c \
	%D%/insn_class.h \
	%D%/insn_count.c \
	%D%/insn_mix.c \
	%D%/insn_mix.h \
	%D%/insn_thumb.c \
	%D%/oracle.c \
	%D%/tracker.c \
	%D%/tracker.h \
	%D%/unknown_ops.c \
	%D%/unknown_ops.h
# end
