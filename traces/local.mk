# SPDX-License-Identifier: GPL-2.0-or-later
# Only this library's files may name zstd, xxhash, gcrypt and (gen_dist.c) GSL.
noinst_LIBRARIES += %D%/libtraces.a
# list: %C%_libtraces_a_SOURCES = *.c *.h *.def
%C%_libtraces_a_SOURCES = \
	%D%/artefacts.c \
	%D%/artefacts.h \
	%D%/check.c \
	%D%/check.h \
	%D%/codec.h \
	%D%/codec_dec.c \
	%D%/codec_enc.c \
	%D%/cp_names.c \
	%D%/cp_names.h \
	%D%/digest.c \
	%D%/digest.h \
	%D%/frame_zstd.c \
	%D%/frame_zstd.h \
	%D%/header.c \
	%D%/header.h \
	%D%/id.c \
	%D%/id.h \
	%D%/import.c \
	%D%/import.h \
	%D%/import_din.c \
	%D%/import_lackey.c \
	%D%/import_line.h \
	%D%/info.c \
	%D%/info.h \
	%D%/info_print.c \
	%D%/le.h \
	%D%/reader.c \
	%D%/reader.h \
	%D%/record.h \
	%D%/swt.h \
	%D%/swt_file.c \
	%D%/swt_file.h \
	%D%/symbols.c \
	%D%/symbols.h \
	%D%/symbols_map.c \
	%D%/text.c \
	%D%/text.h \
	%D%/text_header.c \
	%D%/text_put.c \
	%D%/text_scan.c \
	%D%/text_scan.h \
	%D%/text_words.c \
	%D%/text_words.h \
	%D%/writer.c \
	%D%/writer.h
# end
%C%_libtraces_a_CPPFLAGS = $(AM_CPPFLAGS) \
	$(ZSTD_CFLAGS) $(XXHASH_CFLAGS) $(GCRYPT_CFLAGS) $(JANSSON_CFLAGS) $(GSL_CFLAGS)

# Made by traces/capture from running guests; README.md there says how, from what, which are cuts.
# list: EXTRA_DIST += *.md samples/** quick/** capture/** zoo/**
EXTRA_DIST += \
	%D%/capture/README.md \
	%D%/capture/bare/asids.c \
	%D%/capture/bare/bare.h \
	%D%/capture/bare/boot.S \
	%D%/capture/bare/domains.c \
	%D%/capture/bare/fcse.c \
	%D%/capture/bare/fine.c \
	%D%/capture/bare/high.ld \
	%D%/capture/bare/kernel.h \
	%D%/capture/bare/l1move.c \
	%D%/capture/bare/lockdown.c \
	%D%/capture/bare/roots.h \
	%D%/capture/bare/selftest.c \
	%D%/capture/bare/selftest_v6.c \
	%D%/capture/bare/split.c \
	%D%/capture/bare/start.S \
	%D%/capture/bare/subpages.c \
	%D%/capture/bare/super.c \
	%D%/capture/bare/v6.S \
	%D%/capture/build-bare \
	%D%/capture/build-plugin \
	%D%/capture/capture \
	%D%/capture/guest/armv5.config \
	%D%/capture/guest/armv6.config \
	%D%/capture/guest/ctr.h \
	%D%/capture/guest/forkexec.c \
	%D%/capture/guest/init \
	%D%/capture/guest/loop.sh \
	%D%/capture/guest/mark.h \
	%D%/capture/guest/mmapchurn.c \
	%D%/capture/guest/more/compile.sh \
	%D%/capture/guest/more/lm.c \
	%D%/capture/guest/more/mix.sh \
	%D%/capture/guest/more/perturb.c \
	%D%/capture/guest/more/sort32.sh \
	%D%/capture/guest/pan.config \
	%D%/capture/guest/pingpong.c \
	%D%/capture/guest/process.sh \
	%D%/capture/guest/seed.c \
	%D%/capture/guest/sort.sh \
	%D%/capture/guest/traced.c \
	%D%/capture/guest/work.lua \
	%D%/capture/guest/work.py \
	%D%/capture/guest/work.sql \
	%D%/capture/guest/workloads-more.def \
	%D%/capture/guest/workloads.def \
	%D%/capture/guests.sh \
	%D%/capture/lib.sh \
	%D%/capture/measure \
	%D%/capture/own_guest.sh \
	%D%/capture/plugin.c \
	%D%/capture/plugin.h \
	%D%/capture/plugin_config.c \
	%D%/capture/plugin_cpu.c \
	%D%/capture/plugin_decode.c \
	%D%/capture/plugin_effects.c \
	%D%/capture/plugin_emit.c \
	%D%/capture/plugin_pages.c \
	%D%/capture/plugin_tables.c \
	%D%/capture/qemu_plugin_api.h \
	%D%/capture/self-test \
	%D%/capture/setup-guest \
	%D%/quick/bare-asids-v6.swt \
	%D%/quick/bare-fcse.swt \
	%D%/quick/bare-lockdown.swt \
	%D%/quick/bare-selftest.swt \
	%D%/quick/bare-v6.swt \
	%D%/quick/gzip.swt \
	%D%/quick/mmap.swt \
	%D%/quick/pipe-v6.swt \
	%D%/quick/pipe.swt \
	%D%/quick/process-v6.swt \
	%D%/quick/process.swt \
	%D%/quick/python.swt \
	%D%/quick/sh.swt \
	%D%/quick/sqlite.swt \
	%D%/samples/README.md \
	%D%/samples/bare-asids-v6.swt \
	%D%/samples/bare-domains-v6.swt \
	%D%/samples/bare-domains.swt \
	%D%/samples/bare-fcse.swt \
	%D%/samples/bare-fine.swt \
	%D%/samples/bare-l1move-v6.swt \
	%D%/samples/bare-l1move.swt \
	%D%/samples/bare-lockdown-v6.swt \
	%D%/samples/bare-lockdown.swt \
	%D%/samples/bare-split-v6.swt \
	%D%/samples/bare-subpages.swt \
	%D%/samples/bare-super-v6.swt \
	%D%/samples/compile.swt \
	%D%/samples/gzip.swt \
	%D%/samples/hackbench-v6.swt \
	%D%/samples/lat_ctx8-16k-v6.swt \
	%D%/samples/lat_mem_rd-v6.swt \
	%D%/samples/lat_mmap-v6.swt \
	%D%/samples/lat_pagefault.swt \
	%D%/samples/mmap.swt \
	%D%/samples/pipe-v6.swt \
	%D%/samples/pipe.swt \
	%D%/samples/process-pan.swt \
	%D%/samples/process-plain-v6.swt \
	%D%/samples/process-v6.swt \
	%D%/samples/process.swt \
	%D%/samples/python.swt \
	%D%/samples/sqlite-v6.swt \
	%D%/samples/sqlite.swt \
	%D%/zoo/README.md \
	%D%/zoo/counts.awk \
	%D%/zoo/zoo \
	%D%/zoo/zoo.def
# end

# Captured anew from traces/zoo/zoo.def into ZOO_DIR; ZOO_FLAGS are options of the script.
.PHONY: zoo zoo-quick
zoo: shadewalk$(EXEEXT)
	$(AM_V_at)SHADEWALK='$(abs_top_builddir)/shadewalk' ZOO_DIR="$${ZOO_DIR-zoo}" \
		bash $(srcdir)/%D%/zoo/zoo $(ZOO_FLAGS)
zoo-quick: shadewalk$(EXEEXT)
	$(AM_V_at)SHADEWALK='$(abs_top_builddir)/shadewalk' ZOO_DIR="$${ZOO_DIR-zoo}" \
		bash $(srcdir)/%D%/zoo/zoo --quick $(ZOO_FLAGS)
