# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += %D%/libsim.a
# list: %C%_libsim_a_SOURCES = *.c *.h *.def !main.c !version.c
%C%_libsim_a_SOURCES = \
	%D%/access.c \
	%D%/cmd.h \
	%D%/cmd_compare.c \
	%D%/cmd_db_dump.c \
	%D%/cmd_out.c \
	%D%/cmd_out.h \
	%D%/cmd_run.c \
	%D%/cmd_trace_check.c \
	%D%/cmd_trace_convert.c \
	%D%/cmd_trace_cut.c \
	%D%/cmd_trace_dump.c \
	%D%/cmd_trace_export.c \
	%D%/cmd_trace_import.c \
	%D%/cmd_trace_info.c \
	%D%/cmd_trace_symbols.c \
	%D%/cmd_walk.c \
	%D%/coalesce.c \
	%D%/config_file.c \
	%D%/config_file.h \
	%D%/configure.c \
	%D%/conserve.c \
	%D%/engine.h \
	%D%/engine_cp.c \
	%D%/engine_fast.c \
	%D%/engine_plain.c \
	%D%/engine_ref.c \
	%D%/fast.h \
	%D%/fast_xlat.c \
	%D%/fast_xlat.h \
	%D%/findings.c \
	%D%/findings.def \
	%D%/host.c \
	%D%/host_lock.c \
	%D%/host_ops.c \
	%D%/host_ops.h \
	%D%/host_tlb.c \
	%D%/host_tlb.h \
	%D%/lane.c \
	%D%/lane.h \
	%D%/legality.c \
	%D%/legality.h \
	%D%/levels.c \
	%D%/lint.c \
	%D%/lint.h \
	%D%/lint_cache.c \
	%D%/lint_inside.h \
	%D%/lint_port.c \
	%D%/lint_print.c \
	%D%/lint_print.h \
	%D%/lint_tlb.c \
	%D%/lint_version.c \
	%D%/lockdown.c \
	%D%/machine.c \
	%D%/machine.h \
	%D%/maintain.c \
	%D%/map.c \
	%D%/memory.c \
	%D%/plain.h \
	%D%/plain_hard.c \
	%D%/port.c \
	%D%/pump.c \
	%D%/pump.h \
	%D%/replay.c \
	%D%/replay.h \
	%D%/spec.c \
	%D%/spec.h \
	%D%/stage2.c \
	%D%/stage2.h \
	%D%/trace_check.c \
	%D%/trace_check.h \
	%D%/trace_copy.c \
	%D%/trace_copy.h \
	%D%/trace_cut.c \
	%D%/trace_cut.h \
	%D%/trace_export.c \
	%D%/trace_export.h \
	%D%/traffic.c \
	%D%/unpriv.c \
	%D%/verify.c \
	%D%/version.h \
	%D%/walk_explain.c \
	%D%/walk_file.c \
	%D%/walk_file.h \
	%D%/walk_print.c \
	%D%/walk_print.h \
	%D%/words.c
# end
%C%_libsim_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(YAML_CFLAGS)

bin_PROGRAMS += shadewalk
shadewalk_SOURCES = %D%/main.c %D%/version.c
shadewalk_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) \
	-DBUILD_CC='"$(CC)"' -DBUILD_CFLAGS='"$(AM_CFLAGS) $(CFLAGS)"'
shadewalk_LDADD = $(SHADEWALK_LIBS) $(OUTSIDE_LIBS)
