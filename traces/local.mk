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
# list: EXTRA_DIST += *.md samples/** quick/** capture/**
EXTRA_DIST += \
	%D%/capture/README.md \
	%D%/capture/bare/bare.h \
	%D%/capture/bare/selftest.c \
	%D%/capture/bare/selftest_v6.c \
	%D%/capture/bare/start.S \
	%D%/capture/bare/v6.S \
	%D%/capture/build-bare \
	%D%/capture/build-plugin \
	%D%/capture/capture \
	%D%/capture/guest/armv5.config \
	%D%/capture/guest/forkexec.c \
	%D%/capture/guest/init \
	%D%/capture/guest/loop.sh \
	%D%/capture/guest/mark.h \
	%D%/capture/guest/mmapchurn.c \
	%D%/capture/guest/pingpong.c \
	%D%/capture/guest/process.sh \
	%D%/capture/guest/seed.c \
	%D%/capture/guest/sort.sh \
	%D%/capture/guest/traced.c \
	%D%/capture/guest/work.lua \
	%D%/capture/guest/work.py \
	%D%/capture/guest/work.sql \
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
	%D%/samples/gzip.swt \
	%D%/samples/mmap.swt \
	%D%/samples/pipe-v6.swt \
	%D%/samples/pipe.swt \
	%D%/samples/process-v6.swt \
	%D%/samples/process.swt \
	%D%/samples/sqlite.swt
# end
