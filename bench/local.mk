# SPDX-License-Identifier: GPL-2.0-or-later
# Benches are built by `make bench` only.
# list: bench_programs = bench_*.c strip=.c
bench_programs =
# end
EXTRA_PROGRAMS += $(bench_programs)
.PHONY: bench
bench: $(BUILT_SOURCES) $(bench_programs)
# list: EXTRA_DIST += *.md *.csv *.sh *.h
EXTRA_DIST +=
# end
