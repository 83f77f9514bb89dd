#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Help: of the program and of every command, at most 80 columns, with examples, on stdout.
. "$(dirname "$0")/lib.sh"

fits() {
	local long

	long=$(awk 'length($0) > 80' .out | head -n 1)
	[ -z "$long" ] || wrong "$1: wider than 80 columns: $long"
}

for how in help --help '-?' 'help help' 'help --help'; do
	# shellcheck disable=SC2086 # words
	status 0 $how
	says 'Usage: shadewalk COMMAND'
	says 'Examples:'
	quiet
	fits "$how"
done

n=0
while IFS= read -r c; do
	n=$((n + 1))
	[ "$c" = help ] && continue
	# shellcheck disable=SC2086 # words
	status 0 $c --help
	quiet
	says "Usage: shadewalk $c"
	says 'Examples:'
	grep -q "^  *shadewalk $c" .out || wrong "$c: no example of itself"
	fits "$c --help"
	mv .out .direct
	# shellcheck disable=SC2086 # words
	status 0 help $c
	cmp -s .out .direct || wrong "help $c differs from $c --help"
	# shellcheck disable=SC2086 # words
	status 0 $c --usage
	man=$src/doc/shadewalk.1
	grep -qE "^\.(Ss|It).*\\b$c\\b" "$man" || wrong "shadewalk.1 does not describe '$c'"
done < <(commands)
[ $n -ge 10 ] || wrong "only $n commands found in the help"

status 0 help trace
says 'shadewalk trace info --help'
status 0 trace --help
says 'shadewalk trace cut --help'
# Where people look for it: all of these are the same help.
status 0 help trace info
mv .out .direct
for how in 'help trace info --help' 'trace help info' 'trace --help info'; do
	# shellcheck disable=SC2086 # words
	status 0 $how
	cmp -s .out .direct || wrong "$how differs from help trace info"
done
status 0 trace help
says 'shadewalk trace info --help'
status 2 trace help inof
errs "did you mean 'trace info'?"
status 2 trace help info more
finish
