#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Instructions per record and per reference, counted by callgrind on fixed inputs, against
# bench/baseline.csv. Reproducible to a fraction of a percent with the same compiler, flags and
# libraries, whatever else the machine does.
#
#	instructions.sh             prints the table
#	instructions.sh --check     and fails when a line is more than 5 % above the baseline
#	instructions.sh --update    and writes the baseline
#
# BENCH: the program bench_replay. BENCH_SRC: the source tree.
set -euo pipefail
export LC_ALL=C

bench=${BENCH:?the program bench_replay, set by make bench}
src=${BENCH_SRC:?the source tree, set by make bench}
base=$src/bench/baseline.csv
limit=5
mode=${1-}
case $mode in
'' | --check | --update) ;;
*) echo "instructions.sh: usage: instructions.sh [--check | --update]" >&2; exit 2 ;;
esac
if ! command -v valgrind >/dev/null; then
	echo "instructions: skipped: valgrind is not installed"
	exit 0
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Inputs: computation, kernel work, a database, and a guest that uses what Linux does not.
traces='gzip process sqlite bare-selftest'

count() { # NAME OPTIONS... TRACE: one line of raw figures
	local name=$1 trace=${!#} out ir

	shift
	out=$tmp/$name.$(basename "$trace" .swt)
	valgrind --tool=callgrind --callgrind-out-file="$out.cg" --collect-atstart=no \
		--toggle-collect=bench_measured "$bench" pass "$@" >"$out.csv" 2>"$out.err" || {
		cat "$out.err" >&2
		return 1
	}
	ir=$(sed -n 's/^summary: //p' "$out.cg")
	awk -F, -v OFS=, -v name="$name" -v trace="$(basename "$trace" .swt)" -v ir="$ir" \
		'{ print name, trace, $(NF-3), $(NF-2), ir }' "$out.csv" >"$out.row"
}

for t in $traces; do
	count decode decode "$src/traces/quick/$t.swt" &
	count tracker track "$src/traces/quick/$t.swt"
	wait $!
	for s in native coherent; do
		count $s-ref -e ref $s "$src/traces/quick/$t.swt" &
		count $s-fast -e fast $s "$src/traces/quick/$t.swt"
		wait $!
	done
done
{
	echo "pass,trace,records,references,instructions"
	for t in $traces; do
		for p in decode tracker native-ref native-fast coherent-ref coherent-fast; do
			cat "$tmp/$p.$t.row"
		done
	done
} >"$tmp/now.csv"

# A pass includes those before it: a lane's own share is what it adds to the tracker.
echo "instructions (callgrind, $(basename "${CC:-cc}"), whole pass; 'adds': beyond the pass it builds on)"
status=0
awk -F, -v limit=$limit -v mode="$mode" -v base="$base" '
BEGIN {
	while ((getline line < base) > 0) {
		split(line, f, ",")
		if (f[3] + 0 > 0) old[f[1], f[2]] = f[5] / f[3]
	}
}
FNR > 1 {
	now = $5
	if ($1 == "decode") before = 0
	else if ($1 == "tracker") before = decode
	else before = tracker
	if ($1 == "decode") decode = now
	if ($1 == "tracker") tracker = now
	if ($2 != last) {
		printf "%-15s %10s %10s %10s %10s %10s\n", $2, "Ir/record", "Ir/ref", "adds/rec",
			"adds/ref", "baseline"
		last = $2
	}
	diff = ""
	if (($1, $2) in old) {
		d = 100 * (now / $3 / old[$1, $2] - 1)
		diff = sprintf("%+.1f %%", d)
		if (d > limit) { diff = diff "  above the limit of +" limit " %"; bad++ }
	}
	printf "  %-13s %10.1f %10.1f %10.1f %10.1f %10s\n", $1, now / $3, now / $4,
		(now - before) / $3, (now - before) / $4, diff
}
END { exit mode == "--check" && bad > 0 }' "$tmp/now.csv" || status=$?
if [ "$mode" = --update ]; then
	cp "$tmp/now.csv" "$base"
	echo "instructions: $base written"
fi
exit $status
