#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Strategy nested: real on a Cortex-A15, a what-if elsewhere; what is refused; walks that other work hides.
. "$(dirname "$0")/lib.sh"

v5=$src/traces/quick/pipe.swt v6=$src/traces/quick/pipe-v6.swt

status 2 run "$src/tests/corpus/trace/tiny.txt" -s nested:block=1g
one_line 'shadewalk run'
errs 'block: 1g with start=2, where the largest block is 2m; want start=1'
for wrong in 'walk.nested=on:walk.nested: on with walk.entries=0' 'cost.walk_overlap=101:want 0 to 100 per cent' \
	'ntlb.entries=65:ntlb.entries'; do
	status 2 run "$src/tests/corpus/trace/tiny.txt" -s nested --set "${wrong%%:*}"
	one_line 'shadewalk run'
	errs "${wrong#*:}"
done
status 0 list strategies nested
for key in block cacheops mmio s2 sees start; do
	says "  $key "
done
if [ ! -f "$v5" ]; then
	finish
fi

status 2 run "$v5" -s nested:sees=l2
errs 'sees: l2, but the host has l2.bytes=0; want memory or l1'
status 0 run "$v5" -s native,nested -o db1 --format csv
status 0 run "$v5" -s native,nested --verify
says 'what-if'
status 0 run "$v6" -s nested
says 'what-if'
status 0 run "$v6" -s nested -c cortex-a15
says 'unmodified'
[ "$(grep -c what-if .out)" = 0 ] || wrong 'what-if on a core that has two stages'
status 0 run "$v6" -s nested -c cortex-a15 --set feature.vmid=off
says 'what-if'

# Counts do not change; the cycles of walks do, and cycles added one by one are those of the database's view.
walks() { # database -> cycles of hardware walks of nested
	"$sw" db dump "$1" >dump.sql || wrong "db dump $1"
	sqlite3 "$1" "SELECT sum(l.nominal) FROM cycles_by_leaf l JOIN run r ON r.rid = l.rid
		WHERE r.strategy = 'nested' AND l.leaf GLOB 'W.HW*'"
}
cycles() { # database -> of nested: by the view, by the series
	sqlite3 "$1" "SELECT sum(l.nominal) FROM cycles_by_leaf l JOIN run r ON r.rid = l.rid WHERE r.strategy = 'nested';
		SELECT sum(s.millicycles) FROM series s JOIN run r ON r.rid = s.rid WHERE r.strategy = 'nested'"
}
status 0 run "$v5" -s native,nested -o db2 --set cost.walk_overlap=50
if command -v sqlite3 >/dev/null; then
	all=$(walks db1) half=$(walks db2)
	[ "$all" -gt 0 ] && [ $((all - 2 * half)) = 0 ] || wrong "walks: $all milli-cycles, half of them hidden: $half"
	for db in db1 db2; do
		[ "$(cycles $db | uniq | wc -l)" = 1 ] || wrong "$db: view and series differ: $(cycles $db | tr '\n' ' ')"
	done
fi
finish
