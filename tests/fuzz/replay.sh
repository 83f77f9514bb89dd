#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every fuzz target over its corpus, and over changed copies of it, without a fuzzer. Runs in the
# build directory.
set -euo pipefail
export LC_ALL=C
src=${SHADEWALK_SRC:?is set by make check}
rounds=300
[ "${SHADEWALK_TIER-check}" = check ] || rounds=20000
targets=0

replay() { # target, rounds, file...
	local target=$1 n=$2

	shift 2
	[ -x "tests/fuzz/$target" ] || { echo "tests/fuzz/$target is not built"; exit 77; }
	targets=$((targets + 1))
	echo "$target, $# seeds, $n rounds each:"
	"tests/fuzz/$target" "--mutate=$n" "$@"
}

shopt -s nullglob
replay fuzz_options $rounds "$src"/tests/corpus/options/*
replay fuzz_import $rounds "$src"/tests/data/sample.din "$src"/tests/data/sample.lackey "$src"/tests/corpus/import/*
replay fuzz_symbols $rounds "$src"/tests/corpus/symbols/*
replay fuzz_walk $rounds "$src"/tests/data/walk-by-hand.txt
traces=("$src"/tests/corpus/trace/* "$src"/tests/corpus/*.swt "$src"/tests/golden/*.swt)
if [ ${#traces[@]} -gt 0 ]; then
	replay fuzz_trace $rounds "${traces[@]}"
fi
# Whole traces are large: a few changes each.
traces=("$src"/traces/quick/*.swt)
if [ ${#traces[@]} -gt 0 ]; then
	replay fuzz_trace $((rounds / 30)) "${traces[@]}"
fi
[ $targets -gt 0 ]
