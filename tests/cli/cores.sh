#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Host cores: every core is listed, shown with a source for every figure, and runs; a parameter that is not
# simulated is refused by name before anything runs, with nothing written.
. "$(dirname "$0")/lib.sh"

trace=$src/tests/corpus/trace/tiny.txt
# the same words with SCTLR.XP clear, as a guest of ARMv6
sed 's/^arch armv5/arch armv6/; s/^core arm926/core arm1136/' "$trace" >tiny6.txt
# and with the words of ARMv6, which later cores have alone
sed 's/^arch armv5/arch armv6/; s/^core arm926/core cortex-a8/; s/0x0005007/0x00c5007/; s/00000c12/00000c02/' \
	"$trace" >tiny7.txt
cores='arm920t arm922t arm926 sa1110 pxa255 pxa270 arm1136 arm1176 mpcore cortex-a8 cortex-a15 generic'

status 0 list cores
quiet
[ "$(cut -d' ' -f1 .out | tr '\n' ' ')" = "$cores " ] || wrong "list cores: not these, or not in this order"
while IFS= read -r line; do
	case $line in
	*': simulated' | *': simulated, without '*) ;;
	*) wrong "list cores: no state in '$line'" ;;
	esac
done <.out
mv .out .cores

# Each parameter has two lines: value, confidence, source; meaning and what is allowed.
for core in $cores; do
	status 0 list cores "$core"
	quiet
	sed -n '/^parameter/,/^$/p' .out | sed '1d;$d' >.params
	[ "$(wc -l <.params)" -ge 120 ] || wrong "list cores $core: too few parameters"
	odd=$(sed -n '1~2p' .params |
		grep -vE '^[a-z][a-z0-9.-]+ +[a-z0-9-]+ +(manual|source|knowledge|estimate|choice) +[^ ]')
	[ -z "$odd" ] || wrong "list cores $core: no figure with source: $odd"
	odd=$(sed -n '2~2p' .params | grep -vE '^ {20,}[^ ].*\(.+\)(; not simulated yet)?$')
	[ -z "$odd" ] || wrong "list cores $core: no meaning: $odd"
	grep -q '^Unit costs are those of' .out || wrong "list cores $core: nothing about costs"
	# the state in the list is the one of the table's head
	[ "$(sed 's/.*(replays [a-z0-9]*)//;q' .out)" = \
		"$(sed -n "s/^$core .*(replays [a-z0-9]*)//p" .cores)" ] || wrong "$core: two states"
	# and run can do it
	if grep -q "^$core .*(replays armv6): simulated\(, without .*\)\{0,1\}\$" .cores; then
		v6=tiny6.txt
		[ "${core#cortex}" = "$core" ] || v6=tiny7.txt
		status 0 run "$v6" -q -s native -c "$core" --verify
		status 2 run "$trace" -s native -c "$core" -o out.db
		one_line 'shadewalk run'
		errs "host core $core (armv6) cannot run a guest of armv5"
		[ ! -e out.db ] || wrong "run -c $core leaves a database"
	else
		status 0 run "$trace" -q -s native -c "$core" --verify
	fi
done
status 2 list cores arm962
errs "unknown core 'arm962'"

# A parameter that the list calls not simulated is refused: the first one of each group here.
status 0 list cores arm926
sed -n '/^parameter/,/^$/p' .out | sed '1d;$d' | paste - - | grep 'not simulated yet$' |
	awk '{ split($1, g, "."); if (!seen[g[1]]++) print $1 }' >.pending
while IFS= read -r key; do
	status 2 run "$trace" -q --set "$key=1"
	one_line 'shadewalk run'
	errs "--set $key: "
	errs 'not simulated yet'
done <.pending
status 0 run "$trace" -q -s native --set tlb.entries=32 --set tlb.ways=32

# The figures of the reference core. A change here changes what runs mean.
status 0 list cores arm926
sed -n '/^parameter/,/^$/p' .out | grep '^[a-z]' | awk 'NR > 1 { print $1, $2, $3 }' >.have
cat >.want <<'END'
coalesce 0 choice
cpu hypercall choice
dtlb.entries 0 manual
dtlb.policy - manual
dtlb.ways - manual
feature.afe off knowledge
feature.asid off knowledge
feature.coherent-walk off knowledge
feature.fcse on manual
feature.fine on manual
feature.ifar off knowledge
feature.ifsr on manual
feature.lpae off knowledge
feature.pd off knowledge
feature.tex off knowledge
feature.tre off knowledge
feature.ttbcr off knowledge
feature.v6k off knowledge
feature.vmid off knowledge
feature.walk-cache off knowledge
feature.wnr off knowledge
feature.xn off knowledge
hv.dlines 4 estimate
hv.ilines 16 estimate
hv.memory simulated choice
hv.vectors overlay choice
hv.window 4293918720 choice
hv.window-bytes 1048576 choice
itlb.entries 0 manual
itlb.policy - manual
itlb.ways - manual
l1d.allocate read manual
l1d.bytes 16384 manual
l1d.kind vivt manual
l1d.line 32 manual
l1d.lock ways manual
l1d.policy random manual
l1d.ways 4 manual
l1d.write back manual
l1i.bytes 16384 manual
l1i.kind vivt manual
l1i.line 32 manual
l1i.lock ways manual
l1i.policy random manual
l1i.ways 4 manual
l2.bytes 0 knowledge
l2.line - knowledge
l2.policy - knowledge
l2.ways - knowledge
ldrt trap choice
ldrt.gap 32 estimate
map contiguous choice
map.base 2147483648 choice
map.block 4096 choice
minid.bytes 0 knowledge
minid.line - knowledge
minid.policy - knowledge
minid.ways - knowledge
ntlb.entries 0 choice
testclean coalesced choice
tlb.entries 64 manual
tlb.lock part manual
tlb.locked 8 manual
tlb.policy fifo estimate
tlb.ways 2 manual
utlb.entries 0 knowledge
utlb.policy - knowledge
utlb.ways - knowledge
vivt execute choice
walk.entries 0 knowledge
walk.nested off choice
walk.sees memory manual
wb.drain 8 estimate
wb.entries 4 manual
wb.merge burst manual
wb.words 16 manual
END
diff .want .have >.diff || wrong "list cores arm926: $(cat .diff)"

# Two cores' costs: those that differ are shown, and a run is priced with them.
status 0 list cores arm1176
grep -qE '^mem +68 +90 +180 +estimate' .out || wrong "list cores arm1176: memory latency"
status 0 list cores generic
! grep -qE '^mem ' .out || wrong "list cores generic: has costs of its own"
finish
