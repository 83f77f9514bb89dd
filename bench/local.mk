# SPDX-License-Identifier: GPL-2.0-or-later
# Benches are built and run by `make bench` only; bench/README.md says how to read them.
# list: bench_programs = bench_*.c strip=.c
bench_programs = \
	%D%/bench_replay
# end
EXTRA_PROGRAMS += $(bench_programs)
%C%_bench_replay_LDADD = $(SHADEWALK_LIBS) $(OUTSIDE_LIBS)
# list: EXTRA_DIST += *.md *.csv *.sh *.h *.awk first-results
EXTRA_DIST += \
	%D%/README.md \
	%D%/baseline.csv \
	%D%/first-results \
	%D%/first-results.awk \
	%D%/instructions.sh
# end
BENCH_RUNS = 5
# The ones that doc/performance.md is about: one kernel, workloads of every kind.
BENCH_TRACES = gzip mmap pipe process sqlite
BENCH_INSTRUCTIONS = BENCH='$(abs_top_builddir)/%D%/bench_replay' \
	BENCH_SRC='$(abs_top_srcdir)' CC='$(CC)' bash $(srcdir)/%D%/instructions.sh
.PHONY: bench bench-check bench-update
bench: $(BUILT_SOURCES) $(bench_programs)
	$(AM_V_at)$(BENCH_INSTRUCTIONS)
	$(AM_V_at)%D%/bench_replay table -n $(BENCH_RUNS) $(BENCH_TRACES:%=$(srcdir)/traces/samples/%.swt)
# Fails when a pass takes more than 5 % more instructions than bench/baseline.csv says.
bench-check: $(BUILT_SOURCES) $(bench_programs)
	$(AM_V_at)$(BENCH_INSTRUCTIONS) --check
bench-update: $(BUILT_SOURCES) $(bench_programs)
	$(AM_V_at)$(BENCH_INSTRUCTIONS) --update
