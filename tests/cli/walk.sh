#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shadewalk walk: answers, formats, standard input, irregular and wrong files.
. "$(dirname "$0")/lib.sh"

hand=$src/tests/data/walk-by-hand.txt
grep '^try' "$hand" | sed 's/ *# ->/ ->/' >want
grep -q -- '-> pa' want && grep -q 'FS=0x10 domain=- far=-' want || wrong "nothing is wanted"
status 0 walk "$hand"
quiet
cmp -s want .out || wrong "answers differ from those by hand: $(diff want .out | head -n 5)"

# With comments, and as a comment is a comment, the answers are the same.
status 0 walk --explain "$hand"
grep -v '^#' .out | cmp -s - want || wrong "--explain changes answers"
says '# first-level descriptor 0x00008c02: section'
says '# TTBCR.N=3: TTBR1'
says '# domain 2: DACR[5:4]=11, manager'
says '# SCTLR.AFE=1: access flag AP[0]=0'

# One line a try, in order, CSV and JSON too.
status 0 walk --format=csv "$hand"
[ "$(head -n 1 .out)" = case,line,access,privilege,va,size,pa,fs,domain,far ] ||
	wrong "head of the CSV"
[ "$(wc -l <.out)" = $(($(wc -l <want) + 1)) ] || wrong "rows of the CSV"
says 'v5-section,15,r,priv,0xc0012345,1,0x30012345,,,'
says 'v5-section,17,x,user,0xc0012344,4,,0x0d,-,-'
status 0 walk --format=json "$hand"
says '"schema": "shadewalk-walk-1"'
[ "$(grep -c '"case": "' .out)" = "$(wc -l <want)" ] || wrong "objects of the JSON"
says '"pa": null, "fs": "0x0d", "domain": null, "far": null}'
status 0 walk --format=json --explain "$hand"
says '"explain": ["case v5-section, line 15: arm926'
status 2 walk --format=csv --explain "$hand"
one_line 'shadewalk walk'

# Standard input, -o, CRLF, no final newline, lines verbatim without comment.
cases=$((cases + 1))
printf 'case a\r\n  try  r priv\t0x0000F000 4  # x\r\ntry w user 0xf 1' | "$sw" walk - >.out 2>.err
printf '  try  r priv\t0x0000F000 4 -> pa 0x0000f000\ntry w user 0xf 1 -> pa 0x0000000f\n' |
	cmp -s - .out || wrong "standard input"
status 0 walk -o answers "$hand"
cmp -s answers want || wrong "-o"
cp "$hand" copy.txt
status 2 walk -o copy.txt copy.txt
one_line 'shadewalk walk'

# What is wrong has a place; cases before it are answered, the case itself is not.
printf 'case a\ntry r priv 0x0 4\ncase b\ntry r priv 0x0 4\ntry r priv 0x4 3\n' >wrong.txt
status 2 walk wrong.txt
errs "shadewalk walk: wrong.txt:5:16: size of an access in bytes: found '3', allowed 1, 2, 4, 8"
[ "$(wc -l <.err)" = 1 ] || wrong "the error is not one line"
[ "$(cat .out)" = 'try r priv 0x0 4 -> pa 0x00000000' ] || wrong "answers of a wrong case"
status 2 walk --format=json wrong.txt
one_line 'shadewalk walk'
status 2 walk -o out.txt wrong.txt
one_line 'shadewalk walk'
[ ! -e out.txt ] || wrong "leaves out.txt"
status 2 walk /dev/null
errs '/dev/null:1:1: '
status 1 walk missing.txt
one_line 'shadewalk walk'
errs 'missing.txt: No such file'
status 1 walk .
errs 'directory'
status 2 walk
one_line 'shadewalk walk'
status 2 walk "$hand" "$hand"
one_line 'shadewalk walk'
cases=$((cases + 1))
got=0
printf 'case a\ntry r priv\n' | "$sw" walk - >.out 2>.err || got=$?
[ $got = 2 ] || wrong "standard input: exit status $got"
errs 'shadewalk walk: <stdin>:2:11: '

# A register the core lacks is no error, and said once.
printf 'case a\nreg TTBCR 0x7\nreg TTBR1 0x0\ntry r priv 0x0 4\n%s' \
	'case b
reg TTBCR 0x1
try r priv 0x4 4
' >absent.txt
status 0 walk absent.txt
[ "$(wc -l <.out)" = 2 ] || wrong "answers with a register that is absent"
[ "$(cat .err)" = 'shadewalk walk: absent.txt:2:11: note: armv5 has no TTBCR, 0x00000007 has no effect' ] ||
	wrong "the note"
printf 'case a\ncpu cortex-a8\nreg SCTLR 0x02000001\ntry r priv 0x0 4\n' >ee.txt
status 0 walk ee.txt
errs 'ee.txt:3:11: note: with SCTLR.EE, 0x02000001, '

# 100,000 words and tries, and a line of a million bytes.
awk 'BEGIN {
	print "case big\narch armv6\nreg SCTLR 0x800001\nreg TTBR0 0x4000\nreg DACR 0x1"
	for (i = 0; i < 100000; i++) printf "mem 0x%08x 0x%08x\n", 16384 + 4 * i, (i % 4096) * 1048576 + 3074
	for (i = 0; i < 100000; i++) printf "try r priv 0x%08x 4\n", (i % 4096) * 1048576 + 4 * i
	printf "try r priv 0x0 4 #"
	for (i = 0; i < 100000; i++) printf "0123456789"
	print ""
}' >big.txt
status 0 walk big.txt
[ "$(grep -c -- '-> pa 0x' .out)" = 100001 ] || wrong "100,001 answers"
says 'try r priv 0x00200008 4 -> pa 0x00200008'
finish
