#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A trace that cannot be read is exit status 3 in every command that takes one, on one line that
# names the file.
. "$(dirname "$0")/lib.sh"

: >empty.swt
printf 'not a trace at all, only some words that are long enough\n' >words.swt
head -c 4096 /dev/zero >zeros.swt
mkdir folder.swt
bad_files='missing.swt empty.swt words.swt zeros.swt folder.swt'
whole=
for t in "$src"/traces/quick/*.swt; do
	[ -f "$t" ] || continue
	whole=$t
	head -c $(($(wc -c <"$t") / 2)) "$t" >half.swt
	bad_files="$bad_files half.swt"
	break
done

for f in $bad_files; do
	for c in 'trace info' 'trace dump' 'trace check' 'run'; do
		# half a trace may be shown as far as it goes
		# shellcheck disable=SC2086 # words
		status 3 $c $f
		[ "$(wc -l <.err)" = 1 ] || wrong "$c $f: the error is not one line"
		errs "shadewalk $c: "
		errs "$f"
	done
done
status 3 trace cut missing.swt --records 10 -o out.swt
[ ! -e out.swt ] || wrong "a failed cut leaves a file"
status 3 trace convert missing.swt -o out.txt
[ ! -e out.txt ] || wrong "a failed conversion leaves a file"

if [ -n "$whole" ]; then
	status 0 trace info "$whole"
	quiet
	status 0 trace info --format=json "$whole"
	grep -q '^{' .out || wrong "trace info --format=json is no JSON object"
	status 0 trace check "$whole"
	status 0 trace dump "$whole"
fi
finish
