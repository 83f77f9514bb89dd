# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Shared by the command-line tests: runs the program in an empty directory and compares exit
# status, standard output and standard error.
set -uo pipefail
export LC_ALL=C

sw=${SHADEWALK:?is set by make check}
src=${SHADEWALK_SRC:?is set by make check}
tmp=$(mktemp -d)
trap 'cd /; rm -rf "$tmp"' EXIT
cd "$tmp" || exit 99
cases=0 bad=0

wrong() {
	echo "FAILED: $*"
	[ ! -s "$tmp/.out" ] || sed -n '1,10s/^/  stdout: /p' "$tmp/.out"
	[ ! -s "$tmp/.err" ] || sed -n '1,10s/^/  stderr: /p' "$tmp/.err"
	bad=$((bad + 1))
}

# status WANT ARGUMENT...: runs the program, leaves .out and .err
status() {
	local want=$1 got=0

	shift
	cases=$((cases + 1))
	"$sw" "$@" >.out 2>.err </dev/null || got=$?
	[ "$got" = "$want" ] || wrong "shadewalk $*: exit status $got, wanted $want"
}

says() { grep -qF -- "$1" .out || wrong "standard output lacks '$1'"; }
errs() { grep -qF -- "$1" .err || wrong "standard error lacks '$1'"; }
quiet() { [ ! -s .err ] || wrong "standard error is not empty"; }
# An error is one line on stderr that starts with who says it, and nothing on stdout.
one_line() {
	[ "$(wc -l <.err)" = 1 ] || wrong "the error is not one line"
	grep -q "^$1: " .err || wrong "the error does not start with '$1: '"
	[ ! -s .out ] || wrong "there is something on standard output"
}

# Every command, as `shadewalk help` lists them, one a line.
commands() { "$sw" help | sed -n 's/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p' | sed 's/ *$//' | grep -v '^shadewalk'; }

finish() {
	echo "$(basename "$0" .sh): $cases cases, $bad failed"
	[ $cases -gt 0 ] && [ $bad = 0 ]
	exit $?
}
