#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run --jobs and --engine: the same runs whatever they say; wrong values are usage errors.
. "$(dirname "$0")/lib.sh"

trace=$src/tests/corpus/trace/tiny.txt
[ ! -f "$src/traces/quick/pipe.swt" ] || trace=$src/traces/quick/pipe.swt
lanes=native,coherent,coherent:entries=16

status 0 run "$trace" -s $lanes -o want.db --engine=ref
mv .out table
status 0 db dump want.db
mv .out want
for how in --jobs=1 --jobs=2 --jobs=3 --jobs=64 '--jobs=2 --engine=ref' '--jobs=2 --verify'; do
	rm -f got.db
	# shellcheck disable=SC2086
	status 0 run "$trace" -s $lanes -o got.db $how
	[[ $how = *--verify* ]] || cmp -s .out table || wrong "run $how: another table"
	status 0 db dump got.db
	cmp -s .out want || wrong "run $how: another database"
done

# The order of the lanes decides nothing but the order of the lines.
rm -f got.db
status 0 run "$trace" -s coherent:entries=16,coherent,native -o got.db --jobs=2
status 0 db dump got.db
cmp -s .out want || wrong "lanes the other way round give another database"

for value in 0 65 -1 many '' 1.5; do
	status 2 run "$trace" --jobs="$value"
	one_line 'shadewalk run'
	errs '--jobs'
done
status 2 run "$trace" --engine=quick
one_line 'shadewalk run'
errs "--engine"

# What goes wrong on one thread goes wrong on many: a damaged trace is reported, nothing hangs.
if [ "${trace##*.}" = swt ]; then
	head -c 60000 "$trace" >short.swt
	status 3 run short.swt -s $lanes --jobs=2
	one_line 'shadewalk run'
fi
finish
