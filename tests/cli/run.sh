#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run: configuration errors (status 2, one line, suggestion or list, nothing written), failed
# checks (5), equal databases of equal runs.
. "$(dirname "$0")/lib.sh"

trace=$src/tests/corpus/trace/tiny.txt
[ ! -f "$src/traces/quick/pipe.swt" ] || trace=$src/traces/quick/pipe.swt

# refuses WORDS ARGUMENT...: a usage error that leaves no database
refuses() {
	local words=$1

	shift
	status 2 run "$trace" -o out.db "$@"
	one_line 'shadewalk run'
	errs "$words"
	[ ! -e out.db ] || wrong "run $*: leaves a database"
	rm -f out.db
}

refuses "unknown strategy 'coherrent'; did you mean 'coherent'?" -s coherrent
refuses '(known: native, coherent' -s zzz
refuses 'empty list of strategies' -s ''
refuses 'empty list of strategies' -s ,
refuses 'named twice' -s native,native
refuses 'named twice' -s coherent:entries=16,coherent:mb=ap:entries=16
refuses "unknown parameter 'entrees'; did you mean 'entries'?" -s coherent:entrees=4
refuses "mb: unknown 'foo' (want ap, strict, split-view, first)" -s coherent:mb=foo
refuses 'entries: 65537 is out of range' -s coherent:entries=65537
refuses "entries: 'many'" -s coherent:entries=many
refuses "'entries' is not KEY=VALUE" -s coherent:entries
refuses 'takes no parameters' -s native:entries=3
refuses "unknown parameter 'tlb.entrise'; did you mean 'tlb.entries'?" --set tlb.entrise=3
refuses "'tlb' is not KEY=VALUE" --set tlb
refuses 'unknown cost' --set cost.tarp=3
refuses 'want simulated, flat' --set hv.memory=real
refuses 'tlb.ways' --set tlb.entries=3
refuses 'hv.window: 0x10080000 is no multiple of 1 MB; want 0x10000000' -s coherent --set hv.window=0x10080000
refuses 'hv.window: 0xfffff000 is out of range' -s coherent --set hv.window=0xfffff000
refuses 'hv.window-bytes: 1048580 is no multiple of 1 MB; want 1048576' -s coherent --set hv.window-bytes=1048580
refuses 'pass the last address; want at most 1048576, or hv.window at most 0xffe00000' \
	-s coherent --set hv.window-bytes=2097152
refuses 'which cover the high vectors, which low leaves to the guest; want them from 0x00100000 to 0xffefffff' \
	-s coherent --set hv.vectors=low
refuses 'which cover the high vectors' -s coherent --set hv.vectors=low --set hv.window=0xffe00000 \
	--set hv.window-bytes=2097152
refuses 'which cover the low vectors themselves' -s coherent --set hv.vectors=low --set hv.window=0
refuses 'want overlay, low' -s coherent --set hv.vectors=subpage
refuses 'map.base: 0x00000001 is not a multiple of 1 MB' --set map.base=1 --set map=offset
refuses 'map.block: 5000 is not a power of two' --set map.block=5000 --set map=fragmented
refuses 'map.block: 2048 is out of range' --set map.block=2048 --set map=fragmented
refuses '--warmup: 99999999999 instructions, but the trace has only' --warmup=99999999999
refuses '--warmup' --warmup=-1
refuses '--seed' --seed=x
refuses "unknown core 'arm962'" -c arm962
refuses "did you mean 'json'?" --format=jsn

# A split TLB has no lockdown part; the unified one's goes with it, unless asked for.
split=(--set tlb.entries=0 --set itlb.entries=32 --set dtlb.entries=32)
refuses '--set tlb.locked: 8 entries beside itlb and dtlb' "${split[@]}" --set tlb.locked=8
status 0 run "$trace" -q -s native -o a.db "${split[@]}"
status 0 db dump a.db
mv .out a.dump
status 0 run "$trace" -q -s native -o a.db "${split[@]}" --set tlb.locked=0
status 0 db dump a.db
cmp -s .out a.dump || wrong "one host, two runs"

# The same from a file, with a place; options come after it.
config()
{
	printf '%s\n' "$@" >host.yaml
}
config 'core: generic' 'tlb:' '  entries: 32' '  ways: 3'
refuses 'host.yaml:4:9: tlb.ways: 3 ways do not divide 32 entries' --config host.yaml
config 'tlb.entries: 32' 'l1d: { ways: 3 }'
refuses 'host.yaml:2:14: l1d.ways: 3 is not a power of two' --config host.yaml
config 'core: generic' 'walk:' '  entries: 5'
refuses 'host.yaml:3:12: feature.walk-cache: off with walk.entries=5; want on' --config host.yaml
config 'core: genric'
refuses "host.yaml:1:7: unknown core 'genric'" --config host.yaml
config 'cost.tarp: 3'
refuses "host.yaml:1:12: unknown cost 'cost.tarp'" --config host.yaml
config 'seed: 1x'
refuses "host.yaml:1:7: seed: '1x' is not a number" --config host.yaml
config 'strategies: [coherrent]'
refuses "did you mean 'coherent'?" --config host.yaml
status 1 run "$trace" --config no.yaml
errs 'no.yaml: '
status 0 run "$trace" -s native --format=csv --set tlb.entries=32 --set tlb.ways=32 --seed=7 --warmup=5
mv .out by-options
config 'tlb: {entries: 64, ways: 32}' 'seed: 7' 'warmup: 5' 'strategies: native'
status 0 run "$trace" --format=csv --config host.yaml --set tlb.entries=32
cmp -s .out by-options || wrong "a file and options differ"
status 2 run
one_line 'shadewalk run'

# Where the database goes is known before the replay.
status 1 run "$trace" -o no/such/folder/out.db
one_line 'shadewalk run'
errs 'no/such/folder/out.db'
mkdir folder
status 1 run "$trace" -o folder
one_line 'shadewalk run'

# A violation is exit status 5, one line with the first one and where it is. The page the trace
# says was read is not one that the tables give.
cat "$src/tests/corpus/trace/tiny.txt" - >violates.txt <<'END'
run 0x00001038 1
load 0x00100000 4 @0
END
status 5 run violates.txt -q --warmup=0 --verify
one_line 'shadewalk run'
errs 'violations; first: record '

# Equal runs, equal databases; another seed or parameter is another run.
status 0 run "$trace" -q --verify -o one.db
quiet
status 0 run "$trace" -q --verify -o two.db
status 0 db dump one.db
mv .out one.dump
status 0 db dump two.db
cmp -s .out one.dump || wrong "two runs of the same differ"
[ -s one.dump ] || wrong "the dump is empty"
status 0 run "$trace" -q --verify -o two.db --seed=2
status 0 db dump two.db
! cmp -s .out one.dump || wrong "another seed is no other run"

# The table's forms.
status 0 run "$trace" -s native --format=csv
quiet
status 0 run "$trace" --format=json --warmup=0
quiet
if command -v jq >/dev/null; then
	jq -e . .out >/dev/null || wrong "run --format=json does not parse"
	status 0 trace check --format=json "$trace"
	jq -e '.traces[0]."ram-equal"' .out >/dev/null || wrong "trace check: JSON does not parse"
	status 0 trace info --format=json "$trace"
	jq -e . .out >/dev/null || wrong "trace info: JSON does not parse"
fi
finish
