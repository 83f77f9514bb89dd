#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every shipped sample under every strategy by the reference engine, by engine fast, and by
# engine fast on two threads with the lanes the other way round: equal databases.
. "$(dirname "$0")/../cli/lib.sh"

traces=()
for t in "$src"/traces/samples/*.swt; do
	[ -f "$t" ] && traces+=("$t")
done
if [ ${#traces[@]} = 0 ]; then
	echo "no sample is shipped in traces/samples"
	exit 77
fi

# alike NAME ARGUMENT...: every sample, as the reference engine counts it
alike() {
	local name=$1

	shift
	status 0 run "${traces[@]}" -o "$name.db" --quiet "$@"
	status 0 db dump "$name.db"
	cmp -s .out want || wrong "run $*: another database than --engine=ref gives"
	rm -f "$name.db"
}

# all LANES BACKWARDS: under both replacement policies
all() {
	local policy set

	[ ${#traces[@]} -gt 0 ] || return 0
	for policy in random lru; do
		set=(--set "tlb.policy=$policy" --set "l1i.policy=$policy" --set "l1d.policy=$policy"
			--set utlb.entries=0)   # engine fast knows no micro-TLBs
		status 0 run "${traces[@]}" -o ref.db --quiet -s "$1" --engine=ref "${set[@]}"
		status 0 db dump ref.db
		mv .out want
		rm -f ref.db
		alike fast -s "$1" --engine=fast --jobs=1 "${set[@]}"
		alike threads -s "$2" --engine=fast --jobs=2 "${set[@]}"
	done
}

all native,coherent,coherent:entries=16,coherent:asids=4,coherent:mb=strict:sections=fracture,coherent:design=xvisor,inplace,inplace:variant=I6,coherent:view=two-tables:dacr=pass,coherent:mb=split-view \
	coherent:mb=split-view,coherent:view=two-tables:dacr=pass,inplace:variant=I6,inplace,coherent:design=xvisor,coherent:mb=strict:sections=fracture,coherent:asids=4,coherent:entries=16,coherent,native
finish
