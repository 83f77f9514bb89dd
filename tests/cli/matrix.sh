#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/matrix.def: every pair of values has a row, and every strategy and word of its keys that may be chosen is there.
. "$(dirname "$0")/lib.sh"

full=$src/tests/full
bash "$full/matrix-keys" "$sw" >keys
cases=$((cases + 1))
awk -v what=pairs -v keys=keys -f "$full/matrix.awk" "$src/tests/matrix.def" >.out ||
	wrong "pairs without a row (build-aux/matrix-rows writes them)"
cat .out

# A word that no row has would never be tried by the matrix.
status 0 list strategies
sed -n 's/^\([a-z]*\) .*/\1/p' .out >names
while read -r name; do
	status 0 list strategies "$name"
	grep -q "^value variant [^ ]* $name\(:\|\$\)" "$src/tests/matrix.def" || wrong "no variant of $name"
	awk '{ sub(/; or a sum with \+/, "") }
	     /^  [a-z]/ { key = $1; default_word = $2 }
	     /^ +\([a-z].*\)$/ { gsub(/[(),]/, " ")
	                         for (i = 1; i <= NF; i++) if ($i != default_word) print key "=" $i }' .out >words
	while read -r word; do
		cases=$((cases + 1))
		key=${word%%=*} value=${word#*=}       # a value may be a sum of words
		grep -q "^value .*[ :]$key=\([a-z+]*+\)\?$value\(+[a-z+]*\)\?\(:\|\$\)" "$src/tests/matrix.def" ||
			grep -q "^apart $name:$word " "$src/tests/matrix.def" || wrong "$name:$word is in no value"
	done <words
done <names

# A row less is noticed.
awk '$1 != "row" || n++ % 50' "$src/tests/matrix.def" >less
awk -v what=pairs -v keys=keys -f "$full/matrix.awk" less >.out && wrong "a matrix that lacks rows passes"
cases=$((cases + 1))
finish
