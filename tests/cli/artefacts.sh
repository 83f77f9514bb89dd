#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The artefacts that the document lists are those that `trace info` prints, in each of its forms.
. "$(dirname "$0")/lib.sh"

doc=$src/doc/capture-artefacts.md
# Tables of the document whose first column is a row's name; one line may hold several.
sed -n 's/^| \(`[a-z_`, ]*`\) |.*/\1/p' "$doc" | tr ',' '\n' | tr -d '` ' | sort >doc.rows
[ "$(wc -l <doc.rows)" -ge 20 ] || wrong "only $(wc -l <doc.rows) rows found in $doc"
[ -z "$(uniq -d doc.rows)" ] || wrong "named twice in the document: $(uniq -d doc.rows)"

same() { # form
	[ -z "$(comm -23 rows doc.rows)" ] ||
		wrong "$1: not in the document: $(comm -23 rows doc.rows | tr '\n' ' ')"
	[ -z "$(comm -13 rows doc.rows)" ] ||
		wrong "$1: only in the document: $(comm -13 rows doc.rows | tr '\n' ' ')"
}

for t in "$src"/traces/quick/bare-selftest.swt "$src"/traces/quick/pipe-v6.swt; do
	status 0 trace info --format=csv "$t"
	sed -n 's/^"[^"]*",artefacts,"\([a-z_]*\)",.*/\1/p' .out | sort >rows
	same csv
	status 0 trace info "$t"
	awk '/^[a-z]/ { on = $1 == "artefacts" } /^ / && on { print $1 }' .out | sort >rows
	same text
	status 0 trace info --format=json "$t"
	awk '/^  "/ { on = /"artefacts"/ } /^    "/ && on { gsub(/[":]/, "", $1); print $1 }' .out |
		sort >rows
	same json
done
finish
