#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# trace import and export as a user meets them: there and back, what is refused, what is left
# behind, and the counts of a run against a cache and a TLB written in awk.
. "$(dirname "$0")/lib.sh"
data=$src/tests/data
id() { "$sw" trace info --format=csv "$1" | sed -n 's/^"[^"]*",trace,"id","\(.*\)"$/\1/p'; }
number() { grep -o "\"$1\": [0-9]*" .out | head -1 | sed 's/.*: //'; }

# There and back: the same trace, whatever spelling the text had.
status 0 trace import --format din "$data/sample.din" -o a.swt
says 'a.swt: 9 records of 10 lines: 5 fetches, 2 loads, 2 stores'
quiet
status 0 trace export --format din a.swt -o a.din
says 'a.din: 5 fetches, 2 loads, 2 stores'
diff a.din - <<'END' || wrong "the text is another"
2 00008000
2 00008004
0 00010000
2 00008008
1 0001001c
2 0000800c
0 fffffffc
2 00008010
1 00010020
END
status 0 trace import --format=din a.din -o b.swt -q
[ "$(id a.swt)" = "$(id b.swt)" ] && [ "$(id a.swt | wc -c)" = 65 ] || wrong "there and back is another trace"
"$sw" trace import --format din - -o c.swt <a.din >.out 2>.err || wrong "from standard input"
[ "$(id a.swt)" = "$(id c.swt)" ] || wrong "standard input gives another trace"
status 0 trace export --physical a.swt
cmp -s .out a.din || wrong "physical addresses of an import are others"
status 0 trace export --from=2 --count=3 a.swt
[ "$(cat .out)" = "$(sed -n 3,5p a.din)" ] || wrong "--from, --count"

# lackey: folded, and it says so.
status 3 trace import --format lackey "$data/sample.lackey" -o l.swt
errs "sample.lackey: line 6: ' S 1fff000638,8': want an access below 4 GB, or --fold"
one_line 'shadewalk trace import'
[ ! -e l.swt ] && [ ! -e l.swt.partial ] || wrong "a failed import leaves a file behind"
status 0 trace import --format lackey --fold "$data/sample.lackey" -o l.swt
says 'l.swt: 13 records of 15 lines: 5 fetches, 6 loads, 2 stores'
says 'l.swt: 5 lines of valgrind'"'"'s own left out'
says 'l.swt: 1 lines folded: addresses modulo 4 GB'
says 'l.swt: 2 accesses cut into pieces'
status 0 trace info l.swt
says 'addresses modulo 4 GB'
says 'lackey'

# Refusals of din, each with its line; a file that was there stays as it was.
printf '0 10\n3 20\n' >other.din
cp a.swt keep.swt
status 3 trace import --format din other.din -o keep.swt
errs "other.din: line 2: '3 20': want label 0 (read), 1 (write) or 2 (instruction fetch), or --skip-other"
cmp -s a.swt keep.swt || wrong "a failed import touches the old file"
status 0 trace import --format din --skip-other other.din -o o.swt
says 'o.swt: 1 lines with labels other than 0, 1 and 2 left out'
status 3 trace import --format din --skip-other <(printf '0 10\nx\n') -o n.swt
errs "line 2: 'x': want LABEL HEXADDR"
status 3 trace import --format din absent.din -o n.swt
errs 'absent.din: No such file'
status 1 trace import --format din . -o n.swt
status 2 trace import a.din -o n.swt
errs 'what is IN? --format=din or lackey'
status 2 trace import --format dni a.din -o n.swt
errs "did you mean 'din'"
status 2 trace import --format din a.din
errs 'where to? -o FILE'
status 2 trace import --format din a.din -o a.din
errs 'is what is read'
status 2 trace import --format lackey --skip-other a.din -o n.swt
[ ! -e n.swt ] || wrong "a refused import leaves a file behind"

# What a run refuses, and why; what it does on another core.
status 2 run a.swt -s coherent
errs 'strategy coherent cannot run an imported stream'
status 2 run a.swt --lint
status 0 run a.swt --verify --warmup 0
says 'l1d reads'
says 'miss ratio'
status 0 run a.swt -c arm1176 -q
status 0 trace cut a.swt -o cut.swt --from-insn 2
status 0 run cut.swt -q --warmup 0
status 0 trace convert a.swt -o a.txt
status 0 trace convert a.txt -o again.swt
[ "$(id a.swt)" = "$(id again.swt)" ] || wrong "the text form is another trace"

# No instructions: no figure by instruction, time by references.
grep -v ^2 a.din >data.din
status 0 trace import --format din data.din -o data.swt
status 0 run data.swt --warmup 0
says '4 references after 0 of warm-up'
grep -qiwE -e '-?(nan|inf)' .out && wrong "not a number"
status 0 run data.swt --format json --warmup 1
says '"cpi": null'
[ "$(number 'l1d.reads')" = 1 ] && [ "$(number 'l1d.writes')" = 2 ] || wrong "a warm-up of one reference"
status 2 run data.swt --warmup 4
errs '--warmup: 4 references, but the trace has only 4'

# A stream with a hot and a cold part, at line ends too, against awk.
awk 'BEGIN { s = 1
	for (i = 0; i < 12000; i++) {
		s = (s * 16807) % 2147483647; l = int(s / 65536) % 3
		a = i % 3 ? int(s / 7) % 60000 : int(s / 7) % 2000000
		printf "%d %x\n", l, a % 5 ? a - a % 4 : a - a % 32 + 28 } }' >big.din
awk 'function hex(t, i, v) { for (i = 1; i <= length(t); i++) v = 16 * v + index("0123456789abcdef", substr(t, i, 1)) - 1; return v }
	function touch(c, n, ways, sets, i, k, was) { # 1: a miss; keeps each set in order of use
		k = c "," n % sets
		for (i = 1; i < ways && set[k, i] != n + 1; i++);
		was = set[k, i] != n + 1
		if (was && (c, set[k, i]) in dirty) { back++; delete dirty[c, set[k, i]] }
		for (; i > 1; i--) set[k, i] = set[k, i - 1]
		set[k, 1] = n + 1
		return was }
	{ a = hex($2); fetch = $1 == 2
	  m = touch(fetch ? "i" : "d", int(a / 32), 4, 128); miss[$1] += m
	  if ($1 == 1) dirty["d", int(a / 32) + 1] = 1
	  t[fetch] += touch(fetch ? "it" : "dt", int(a / 4096), 64, 1) }
	END { n = 0; for (d in dirty) n++
	  print miss[2], miss[0], miss[1], back, n, t[1], t[0] }' big.din >want
status 0 trace import --format din big.din -o big.swt
status 0 run big.swt --warmup 0 --format json --set itlb.entries=64 --set dtlb.entries=64
for name in l1i.misses l1d.read.misses l1d.write.misses l1d.writebacks l1d.dirty-at-end itlb.misses dtlb.misses; do
	number "$name"
done | tr '\n' ' ' | sed 's/ $//' >got
echo >>got
cmp -s want got || wrong "awk counts $(cat want), the run $(cat got)"
for word in '"event": "REF_LOAD"' '"origin": "guest-user"' '"cause": "load"'; do says "$word"; done

# A guest's trace: a line a reference, in canonical order; Thumb and both architectures.
for t in process process-v6; do
	quick=$src/traces/quick/$t.swt
	[ -e "$quick" ] || continue
	want=$("$sw" trace info --format=csv "$quick" | sed -n 's/.*,trace,"references",//p')
	status 0 trace export "$quick" -o guest.din -q
	[ "$(wc -l <guest.din)" = "$want" ] || wrong "$t: $(wc -l <guest.din) lines, $want references"
	grep -qvE '^[012] [0-9a-f]{7}[048c]$' guest.din && wrong "$t: a line is none"
	status 0 trace export --physical "$quick" -o physical.din -q
	[ "$(wc -l <physical.din)" = "$want" ] || wrong "$t: physical addresses"
	cmp -s guest.din physical.din && wrong "$t: physical addresses are virtual ones"
	status 0 trace import --format din guest.din -o guest.swt -q
	status 0 trace export guest.swt
	cmp -s .out guest.din || wrong "$t: an exported trace comes back as another"
done
finish
