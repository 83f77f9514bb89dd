#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# list legality in its three forms, and that run refuses by the same words and stores the same tags.
. "$(dirname "$0")/lib.sh"

trace=$src/tests/corpus/trace/tiny.txt

status 0 list legality
quiet
says 'its words (XN, APX, nG) need feature.xn; legal instead:'
status 0 list legality --format csv
quiet
cp .out table.csv
[ "$(head -n 1 table.csv)" = 'strategy,guest,host,setting,verdict,tag,why,instead' ] || wrong 'csv: another head'
# four guests on five hosts for each strategy, then the settings
strategies=$("$sw" list strategies | wc -l)
[ "$(grep -c ',armv[0-9a-z+]*,,\|,import,armv[0-9a-z+]*,,\|,xscale,armv[0-9a-z+]*,,' table.csv)" = $((20 * strategies)) ] ||
	wrong 'csv: not one line a combination'
status 0 list legality --format json
quiet
grep -c '"verdict"' .out >json.lines
[ "$(cat json.lines)" = $(($(wc -l <table.csv) - 1)) ] || wrong 'json and csv have different lines'
status 0 list legality native
if grep -q '^coherent\|^any monitor' .out; then wrong 'list legality native lists others'; fi
status 2 list legality nosuchthing
one_line 'shadewalk list'
errs "unknown strategy 'nosuchthing'"
status 2 list cores --format json
errs 'only legality has other forms'

# a refusal is the table's: why, and what would do
status 2 run "$trace" -q -s native -c arm1176
one_line 'shadewalk run'
awk -F'"' '/^native,armv5,armv6,/ { print $2; print $4 }' table.csv >words
while IFS= read -r words; do
	errs "$words"
done <words
[ -s words ] || wrong 'no line for native, armv5 on armv6'
status 2 run "$trace" -q -s coherent --set vivt=drop
errs 'vivt=drop: strategy coherent on host core arm926'
errs 'legal instead: vivt=execute'
status 2 run "$trace" -q -s coherent:words=v5 -c cortex-a8
errs 'an ARMv7 core reads no words of armv5'
status 2 run "$trace" -q -s coherent:tiny=toggle:words=v6 -c arm1176
errs 'want words=v5, or tiny=emulate'

# and tags go into the database
tag_of() { # WANT ARGUMENT...
	local want=$1

	shift
	rm -f tags.db
	status 0 run "$trace" -q -o tags.db "$@"
	status 0 db dump tags.db
	says "$want"
}
tag_of unmodified -s native
tag_of patched -s coherent -c arm1176
tag_of modified -s coherent --set ldrt=copy
tag_of what-if -s coherent --set cpu=free

# without -s: what can run does
status 0 run "$trace" -q -c arm1176
finish
