# SPDX-License-Identifier: GPL-2.0-or-later
#
# A compiled test is one file test_*.c with its own main(); it links every library, and
# libtest.a, which holds all other .c files below tests/. Output is TAP, one line a case. A
# shell test is a script NN.sh: exit 0 passed, 77 skipped (with the reason), else failed.

check_LIBRARIES = %D%/libtest.a
# list: %C%_libtest_a_SOURCES = *.c *.h fuzz/replay.c unit/*.c unit/*.h model/*.c model/*.h strategy/*.c strategy/*.h sim/*.c sim/*.h golden/*.c golden/*.h slow/*.c slow/*.h !test_*.c
%C%_libtest_a_SOURCES = \
	%D%/fuzz/replay.c \
	%D%/import_kit.c \
	%D%/import_kit.h \
	%D%/lint_kit.c \
	%D%/lint_kit.h \
	%D%/machine_kit.c \
	%D%/machine_kit.h \
	%D%/model/naive.c \
	%D%/model/naive.h \
	%D%/model/plain_mmu.c \
	%D%/model/plain_mmu.h \
	%D%/path_kit.c \
	%D%/path_kit.h \
	%D%/strategy/cached_bench.h \
	%D%/strategy/edge_kit.c \
	%D%/strategy/edge_kit.h \
	%D%/strategy/edge_main.c \
	%D%/strategy/edge_run.c \
	%D%/strategy/edges_cross.c \
	%D%/strategy/edges_machine.c \
	%D%/strategy/edges_refused.c \
	%D%/strategy/edges_rights.c \
	%D%/strategy/edges_roots.c \
	%D%/strategy/edges_tables.c \
	%D%/strategy/edges_v6.c \
	%D%/strategy/edges_words.c \
	%D%/strategy/mutant_kit.c \
	%D%/strategy/mutant_kit.h \
	%D%/strategy/random_guest.c \
	%D%/strategy/random_guest.h \
	%D%/strategy/random_guest_edits.c \
	%D%/strategy/random_guest_inside.h \
	%D%/strategy/random_guest_v6.c \
	%D%/strategy/random_guest_v6.h \
	%D%/strategy/random_guest_v6_edits.c \
	%D%/strategy/random_guest_v6_inside.h \
	%D%/support.c \
	%D%/support.h \
	%D%/unit/results_data.c \
	%D%/unit/results_data.h \
	%D%/unit/trace_random.c \
	%D%/unit/trace_random.h \
	%D%/walk2d_kit.c \
	%D%/walk2d_kit.h
# end

# list: check_programs_list = unit/test_*.c model/test_*.c strategy/test_*.c sim/test_*.c golden/test_*.c strip=.c
check_programs_list = \
	%D%/model/test_cache_hand \
	%D%/model/test_cache_laws \
	%D%/model/test_cache_lock \
	%D%/model/test_cache_reference \
	%D%/model/test_cp15 \
	%D%/model/test_cpu \
	%D%/model/test_features \
	%D%/model/test_history_oracle \
	%D%/model/test_insn_class \
	%D%/model/test_insn_trace \
	%D%/model/test_mmu \
	%D%/model/test_oracle_v6 \
	%D%/model/test_outer \
	%D%/model/test_pt_v5 \
	%D%/model/test_pt_v6 \
	%D%/model/test_sequence \
	%D%/model/test_shape_laws \
	%D%/model/test_tlb_hand \
	%D%/model/test_tlb_laws \
	%D%/model/test_tlb_reference \
	%D%/model/test_tlb_tags \
	%D%/model/test_tracker \
	%D%/model/test_utlb \
	%D%/model/test_walk2d \
	%D%/model/test_walk2d_shapes \
	%D%/model/test_walk_v5 \
	%D%/sim/test_cores \
	%D%/sim/test_engine \
	%D%/sim/test_engine_batches \
	%D%/sim/test_engines_equal \
	%D%/sim/test_host_caches \
	%D%/sim/test_host_l2 \
	%D%/sim/test_host_lock \
	%D%/sim/test_host_ops \
	%D%/sim/test_host_v6 \
	%D%/sim/test_import_counts \
	%D%/sim/test_import_engines \
	%D%/sim/test_legality \
	%D%/sim/test_lint \
	%D%/sim/test_lint_model \
	%D%/sim/test_lint_report \
	%D%/sim/test_lint_values \
	%D%/sim/test_memory \
	%D%/sim/test_micro_tlb \
	%D%/sim/test_split_tlb \
	%D%/sim/test_tlb_lock \
	%D%/sim/test_trace_check \
	%D%/sim/test_trace_cut \
	%D%/sim/test_vivt \
	%D%/sim/test_walk_cache \
	%D%/strategy/test_cached \
	%D%/strategy/test_cached_hint \
	%D%/strategy/test_cached_mutants \
	%D%/strategy/test_cached_mutants_v6 \
	%D%/strategy/test_cached_random \
	%D%/strategy/test_cached_steps_v6 \
	%D%/strategy/test_cached_v6 \
	%D%/strategy/test_cached_views \
	%D%/strategy/test_closed_forms \
	%D%/strategy/test_coalesce \
	%D%/strategy/test_coherent_cross \
	%D%/strategy/test_coherent_v6 \
	%D%/strategy/test_design \
	%D%/strategy/test_edge_mutants \
	%D%/strategy/test_edges \
	%D%/strategy/test_edges_rights \
	%D%/strategy/test_edges_tables \
	%D%/strategy/test_equivalence \
	%D%/strategy/test_equivalence_v6 \
	%D%/strategy/test_exact_counts \
	%D%/strategy/test_host_words \
	%D%/strategy/test_inplace \
	%D%/strategy/test_inplace_mutants \
	%D%/strategy/test_inplace_random \
	%D%/strategy/test_inplace_v6 \
	%D%/strategy/test_inplace_words \
	%D%/strategy/test_map \
	%D%/strategy/test_monitor_v6 \
	%D%/strategy/test_mutants \
	%D%/strategy/test_nested \
	%D%/strategy/test_nested_mutants \
	%D%/strategy/test_shadow \
	%D%/strategy/test_unpriv \
	%D%/strategy/test_view \
	%D%/strategy/test_view_mutants \
	%D%/strategy/test_view_switch \
	%D%/strategy/test_views \
	%D%/strategy/test_window \
	%D%/unit/test_artefacts \
	%D%/unit/test_compare \
	%D%/unit/test_config_file \
	%D%/unit/test_err \
	%D%/unit/test_figure \
	%D%/unit/test_import \
	%D%/unit/test_ledger \
	%D%/unit/test_options \
	%D%/unit/test_replace \
	%D%/unit/test_results \
	%D%/unit/test_rng \
	%D%/unit/test_stats \
	%D%/unit/test_symbols \
	%D%/unit/test_trace_codec \
	%D%/unit/test_trace_header \
	%D%/unit/test_trace_reader \
	%D%/unit/test_trace_text \
	%D%/unit/test_walk_text \
	%D%/unit/test_wbuf \
	%D%/unit/test_wbuf_merge
# end
# list: slow_programs_list = slow/test_*.c strip=.c
slow_programs_list =
# end
# list: check_scripts_list = fuzz/*.sh lint/*.sh cli/*.sh golden/*.sh unit/*.sh !lib.sh
check_scripts_list = \
	%D%/cli/artefacts.sh \
	%D%/cli/capture.sh \
	%D%/cli/capture_usage.sh \
	%D%/cli/check.sh \
	%D%/cli/cores.sh \
	%D%/cli/cut.sh \
	%D%/cli/flow.sh \
	%D%/cli/help.sh \
	%D%/cli/import.sh \
	%D%/cli/instruction_mix.sh \
	%D%/cli/jobs.sh \
	%D%/cli/legality.sh \
	%D%/cli/lint.sh \
	%D%/cli/matrix.sh \
	%D%/cli/nested.sh \
	%D%/cli/quick.sh \
	%D%/cli/run.sh \
	%D%/cli/symbols.sh \
	%D%/cli/traces.sh \
	%D%/cli/unknown_ops.sh \
	%D%/cli/usage.sh \
	%D%/cli/version.sh \
	%D%/cli/walk.sh \
	%D%/cli/zoo.sh \
	%D%/fuzz/replay.sh \
	%D%/lint/headers.sh \
	%D%/lint/hygiene.sh \
	%D%/lint/layering.sh \
	%D%/lint/links.sh \
	%D%/lint/makefiles.sh \
	%D%/lint/registry.sh \
	%D%/lint/selftest.sh \
	%D%/lint/shell.sh \
	%D%/lint/spdx.sh
# end
# list: slow_scripts_list = slow/*.sh !lib.sh
slow_scripts_list = \
	%D%/slow/engines.sh \
	%D%/slow/samples.sh
# end
# list: full_scripts_list = full/*.sh !lib.sh
full_scripts_list = \
	%D%/full/matrix.sh
# end
# list: fuzz_programs_list = fuzz/fuzz_*.c strip=.c
fuzz_programs_list = \
	%D%/fuzz/fuzz_import \
	%D%/fuzz/fuzz_options \
	%D%/fuzz/fuzz_symbols \
	%D%/fuzz/fuzz_trace \
	%D%/fuzz/fuzz_walk
# end
# list: EXTRA_DIST += lint/* cli/* golden/* corpus/** data/** fuzz/*.sh fuzz/*.dict slow/*.sh full/* *.def *.md unit/*.sh unit/*.txt model/*.txt strategy/*.txt !*.c !test_*
EXTRA_DIST += \
	%D%/cli/artefacts.sh \
	%D%/cli/capture.sh \
	%D%/cli/capture_usage.sh \
	%D%/cli/check.sh \
	%D%/cli/cores.sh \
	%D%/cli/cut.sh \
	%D%/cli/flow.sh \
	%D%/cli/help.sh \
	%D%/cli/import.sh \
	%D%/cli/instruction_mix.sh \
	%D%/cli/jobs.sh \
	%D%/cli/legality.sh \
	%D%/cli/lib.sh \
	%D%/cli/lint.sh \
	%D%/cli/matrix.sh \
	%D%/cli/nested.sh \
	%D%/cli/quick.sh \
	%D%/cli/run.sh \
	%D%/cli/symbols.sh \
	%D%/cli/traces.sh \
	%D%/cli/unknown_ops.sh \
	%D%/cli/usage.sh \
	%D%/cli/version.sh \
	%D%/cli/walk.sh \
	%D%/cli/zoo.sh \
	%D%/corpus/README.md \
	%D%/corpus/import/crlf \
	%D%/corpus/import/edge.lackey \
	%D%/corpus/import/labels \
	%D%/corpus/import/long-line \
	%D%/corpus/import/no-newline \
	%D%/corpus/import/nul \
	%D%/corpus/import/wide \
	%D%/corpus/options/empty \
	%D%/corpus/options/hex \
	%D%/corpus/options/largest \
	%D%/corpus/options/overflow \
	%D%/corpus/options/suffix \
	%D%/corpus/options/typo \
	%D%/corpus/options/underscore \
	%D%/corpus/options/word \
	%D%/corpus/symbols/nm \
	%D%/corpus/symbols/packed \
	%D%/corpus/trace/skippable \
	%D%/corpus/trace/symbols.swt \
	%D%/corpus/trace/symbols.txt \
	%D%/corpus/trace/text-empty \
	%D%/corpus/trace/text-newer \
	%D%/corpus/trace/tiny.txt \
	%D%/corpus/trace/zeros \
	%D%/corpus/trace/zstd-magic \
	%D%/data/sample.din \
	%D%/data/sample.lackey \
	%D%/data/walk-by-hand.txt \
	%D%/full/matrix-keys \
	%D%/full/matrix-rows.awk \
	%D%/full/matrix.awk \
	%D%/full/matrix.sh \
	%D%/fuzz/replay.sh \
	%D%/lint/headers.sh \
	%D%/lint/hygiene.sh \
	%D%/lint/layering.sh \
	%D%/lint/lib.sh \
	%D%/lint/links.sh \
	%D%/lint/makefiles.sh \
	%D%/lint/registry.sh \
	%D%/lint/selftest.sh \
	%D%/lint/shell.sh \
	%D%/lint/spdx.sh \
	%D%/matrix.def \
	%D%/slow/engines.sh \
	%D%/slow/samples.sh
# end

# The program itself takes part: the shell tests run it.
TESTS += $(check_scripts_list)
SLOW_TESTS += $(slow_scripts_list)
FULL_TESTS += $(full_scripts_list)
if HAVE_CMOCKA
check_PROGRAMS += $(check_programs_list) $(slow_programs_list)
TESTS += $(check_programs_list)
SLOW_TESTS += $(slow_programs_list)
else
TESTS += %D%/no-cmocka.sh
endif
EXTRA_DIST += %D%/no-cmocka.sh
# Fuzz targets: with a replaying main() from libtest.a in make check; with libFuzzer's in a tree
# configured with --enable-fuzz, by make fuzz.
if FUZZ
EXTRA_PROGRAMS += $(fuzz_programs_list)
fuzz: $(BUILT_SOURCES)
	$(AM_V_at)$(MAKE) $(AM_MAKEFLAGS) $(fuzz_programs_list) \
		AM_LDFLAGS='$(AM_LDFLAGS) -fsanitize=fuzzer'
else
check_PROGRAMS += $(fuzz_programs_list)
endif
LDADD = %D%/libtest.a $(SHADEWALK_LIBS) $(CMOCKA_LIBS) $(OUTSIDE_LIBS)

TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = bash
LOG_DRIVER = env CMOCKA_MESSAGE_OUTPUT=TAP AM_TAP_AWK='$(AWK)' \
	$(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
AM_TESTS_ENVIRONMENT = \
	SHADEWALK='$(abs_top_builddir)/shadewalk'; export SHADEWALK; \
	SHADEWALK_SRC='$(abs_top_srcdir)'; export SHADEWALK_SRC; \
	SHADEWALK_TIER="$${SHADEWALK_TIER-check}"; export SHADEWALK_TIER; \
	CC='$(CC)'; export CC; \
	NO_COLOR=1; export NO_COLOR;



.PHONY: fuzz check-slow check-full
check-slow: $(BUILT_SOURCES) $(check_LIBRARIES) $(check_PROGRAMS) shadewalk$(EXEEXT)
	$(AM_V_at)SHADEWALK_TIER=slow $(MAKE) $(AM_MAKEFLAGS) check-TESTS \
		TESTS='$(SLOW_TESTS)' TEST_SUITE_LOG=test-suite-slow.log
check-full: $(BUILT_SOURCES) $(check_LIBRARIES) $(check_PROGRAMS) shadewalk$(EXEEXT)
	$(AM_V_at)SHADEWALK_TIER=full $(MAKE) $(AM_MAKEFLAGS) check-TESTS \
		TESTS='$(SLOW_TESTS) $(FULL_TESTS)' TEST_SUITE_LOG=test-suite-full.log
