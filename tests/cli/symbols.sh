#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names of functions: given to a trace, carried by cut, convert and the text form, shown by dump;
# the trace stays the same one. What cannot be used is refused, and leaves nothing.
. "$(dirname "$0")/lib.sh"

cat >t.txt <<'END'
swt-text 1
arch armv5
core arm926
cpsr 0x000000d3
run 0xc0008000 2
load 0xc0009000 4 @1
run 0xc0008104 1
run 0x00008010 1
run 0x00009000 1
END
cat >System.map <<'END'
c0008000 T stext
c0008100 t helper
c0008180 D data
END
printf '00008000 00000020 T main\n' >a.map
printf '00008000 00000020 T start\n' >b.map
info() { status 0 trace info --format=csv "$1"; sed -n "s/.*,trace,\"$2\",\"*\([^\"]*\)\"*/\1/p" .out; }

status 0 trace convert t.txt -o t.swt
status 0 trace symbols t.swt --map System.map --map prog-a=a.map --map prog-b=b.map -o n.swt
quiet
[ "$(info t.swt id)" = "$(info n.swt id)" ] || wrong "names change the trace id"
[ "$(info t.swt symbols),$(info n.swt symbols),$(info n.swt symbol_objects)" = 0,4,3 ] ||
	wrong "trace info does not count the names"
status 0 trace symbols "$src/traces/quick/pipe.swt" --map System.map -o q.swt
status 0 trace check q.swt

cat >want <<'END'
run 0xc0008000 2  # kernel:stext+0x0
load 0xc0009000 4 @1
run 0xc0008104 1  # kernel:helper+0x4
run 0x00008010 1  # prog-a:main+0x10|prog-b:start+0x10
run 0x00009000 1
END
dumped() { # trace
	status 0 trace dump "$1"
	grep -E '^(run|load)' .out >got
	cmp -s got want || wrong "trace dump $1 shows other names: $(diff got want)"
}
dumped n.swt
cp .out n.dump
status 0 trace dump --format=csv n.swt
says '"0xc0008104 1","kernel:helper+0x4"'
status 0 trace dump --format=json n.swt
says '"symbol": "kernel:helper+0x4"}'
# what dump prints is still a text of the same trace, without the map
status 0 trace convert n.dump -o d.swt
[ "$(info d.swt id)" = "$(info t.swt id)" ] || wrong "a dump with names is another trace"

# there and back
status 0 trace convert n.swt -o n.txt
[ "$(grep -c '^symbol ' n.txt)" = 4 ] || wrong "the text form lacks the names"
dumped n.txt
status 0 trace convert n.txt -o back.swt
dumped back.swt
status 0 trace convert back.swt -o back.txt
cmp -s n.txt back.txt || wrong "the text form of the names does not come back"
status 0 trace convert --to=swt --level=1 n.swt -o packed.swt
dumped packed.swt
status 0 trace cut n.swt --records 3 -o cut.swt
[ "$(info cut.swt symbols)" = 4 ] || wrong "a cut loses the names"
# given anew: in place of the old ones
status 0 trace symbols n.swt --map a.map -o n2.swt
[ "$(info n2.swt symbols)" = 1 ] || wrong "old names were kept beside new ones"

for how in 'trace symbols t.swt -o x.swt' 'trace symbols --map a.map -o x.swt' \
	'trace symbols t.swt --map a.map' 'trace symbols t.swt --map none.map -o x.swt' \
	'trace symbols t.swt --map t.txt -o x.swt' 'trace symbols t.swt --map t.swt -o x.swt' \
	'trace symbols t.swt --map a.map --map a.map -o a.map' \
	'trace symbols t.swt --map =a.map -o x.swt' 'trace symbols t.swt --map a.map -o t.swt' \
	'trace symbols t.swt --map a.map --map a=a.map --map b.map -o x.swt'; do
	# shellcheck disable=SC2086 # words
	status 2 $how
	one_line 'shadewalk trace symbols'
	[ ! -e x.swt ] || wrong "$how: left a file"
done
status 3 trace symbols none.swt --map a.map -o x.swt
for line in 'symbol kernel 0xc0008000 4 stext 5' 'symbol kernel 0xc0008000 0 stext' \
	'symbol kernel 0xc0008000 4' 'symbol k 0x10 4 a
symbol k 0x10 4 b' 'symbol k 0x10 4 a
symbol l 0x10 4 b
symbol k 0x20 4 c'; do
	{ sed '/^run/,$d' t.txt; echo "$line"; sed -n '/^run/,$p' t.txt; } >bad.txt
	status 3 trace info bad.txt
	errs 'bad.txt:'
done
finish
