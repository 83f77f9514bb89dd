#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# trace cut: what a cut is good for, what it refuses, that a failure leaves nothing.
. "$(dirname "$0")/lib.sh"

trace=$src/traces/quick/pipe.swt
if [ ! -f "$trace" ]; then
	echo "no $trace"
	exit 77
fi

status 0 trace cut "$trace" -o a.swt --from-insn=20K --insns=30K --level=1
quiet
says 'a.swt: '
status 0 trace check a.swt
status 0 run a.swt -q --verify
quiet
status 0 trace info a.swt
status 0 trace cut "$trace" -o b.swt --from-insn=20K --insns=30K --level=9 -q
[ ! -s .out ] || wrong "--quiet says something"
id() { "$sw" trace info --format=json "$1" | sed -n 's/.*"id": *"\([0-9a-f]*\)".*/\1/p' | head -n 1; }
[ "$(id a.swt)" = "$(id b.swt)" ] || wrong "the compression level changes the id"
[ -n "$(id a.swt)" ] || wrong "trace info has no id"

# A cut of a cut.
status 0 trace cut a.swt -o inner.swt --from-insn=5K --insns=5K --level=1 -q
status 0 trace check inner.swt
status 0 run inner.swt -q --verify

# At most so many records.
for n in 9000 20000; do
	status 0 trace cut "$trace" -o n.swt --records=$n --level=1 -q
	got=$("$sw" trace dump n.swt | grep -cE '^(run|load|store|code|image|cpw|cpr|abort|exc|mode|sens|wait|witness|mark|fetch|hash|hist) ')
	[ "$got" -le $n ] || wrong "--records=$n gives $got"
done

status 2 trace cut "$trace" -o x.swt --from-insn=99M
one_line 'shadewalk trace cut'
errs 'no run at or behind'
status 2 trace cut "$trace"
errs 'where to?'
status 2 trace cut -o x.swt
errs 'which TRACE?'
status 2 trace cut "$trace" "$trace" -o x.swt
errs 'too many'
status 2 trace cut "$trace" -o x.swt --records=0
one_line 'shadewalk trace cut'
status 2 trace cut "$trace" -o x.swt --level=23
errs '--level'
status 2 trace cut "$trace" -o x.swt --recrods=5
status 3 trace cut missing.swt -o x.swt
status 1 trace cut "$trace" -o no/such/x.swt --insns=100
one_line 'shadewalk trace cut'
errs 'no/such/x.swt'
! compgen -G 'x.swt*' >/dev/null || wrong "a failed cut leaves $(echo x.swt*)"
finish
