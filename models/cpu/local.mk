# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += %D%/libcpu.a
# list: %C%_libcpu_a_SOURCES = *.c *.h *.def
%C%_libcpu_a_SOURCES = \
	%D%/config.c \
	%D%/cpu.h \
	%D%/cpus.c \
	%D%/cpus_arm11.c \
	%D%/cpus_arm9.c \
	%D%/cpus_late.c \
	%D%/cpus_xscale.c \
	%D%/features.c \
	%D%/insn_costs.h \
	%D%/pending.c \
	%D%/rows.h \
	%D%/sequence.c \
	%D%/sequence.h
# end
