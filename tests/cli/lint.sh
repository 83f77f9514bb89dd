#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run --lint: quiet on the short traces, exit 5 on a host whose lines are shorter than those the guest
# cleans, reports in three forms, findings listed and documented one by one.
. "$(dirname "$0")/lib.sh"
quick=$src/traces/quick

# --- real guests make no mistake ------------------------------------------------------------
for trace in pipe sh bare-selftest bare-fcse; do
	status 0 run --lint -s native,coherent "$quick/$trace.swt"
	[ "$(grep -c '^lint: .*: 0 errors, 0 warnings, 0 notes$' .out)" = 2 ] || wrong "$trace: findings"
	quiet
done
# nor does a monitor that lies among what they use
for trace in pipe sh bare-fcse; do
	status 0 run --lint -s cached,inplace --set hv.window=0xc0100000 --set hv.vectors=low "$quick/$trace.swt"
done
says 'strategy'                         # the comparison follows
for trace in bare-lockdown bare-asids-v6; do    # their own lockdown; ASIDs
	status 0 run --lint -s native "$quick/$trace.swt"
	grep -q '^lint: .*: 0 errors, 0 warnings, 0 notes$' .out || wrong "$trace: findings"
	quiet
done

# --- 16-byte lines: the guest cleans every 32 bytes, and half of the lines stay ---------------
short=(run --lint -s native --set l1d.line=16 "$quick/process.swt")
status 5 "${short[@]}"
says 'lint: process, native on arm926: 1 errors'
says 'I5   homonym              error               1            0'
says 'record '
errs 'process.swt: native: lint: 1 errors; first: record '
status 5 "${short[@]}" --lint-max 0
! grep -q 'record ' .out || wrong "--lint-max 0 shows occurrences"
errs 'lint: 1 errors'
status 5 "${short[@]}" --quiet
[ ! -s .out ] || wrong "--quiet prints"
status 5 "${short[@]}" --format json
python3 - .out <<'PY' 2>/dev/null || [ ! -x "$(command -v python3)" ] || wrong "JSON report"
import json, sys
(r,) = json.load(open(sys.argv[1]))
assert (r["trace"], r["strategy"], r["errors"]) == ("process", "native", 1)
five = [f for f in r["findings"] if f["id"] == "I5"][0]
assert five["guest"] == 1 and len(five["shown"]) == 1 and five["shown"][0]["mva"] == 0x8d1dc
assert all(f["guest"] == 0 for f in r["findings"] if f["id"] != "I5")
PY
status 5 "${short[@]}" --format csv
[ "$(head -1 .out)" = "trace,strategy,core,id,name,severity,origin,count,record,mva,pa,expected" ] ||
	wrong "CSV head"
[ "$(awk -F, '{ print NF }' .out | sort -u | tr '\n' ' ')" = "12 " ] || wrong "CSV columns"
says '"process","native",arm926,I5,homonym,error,guest,1,,,,'

# --- what is stored does not depend on it ------------------------------------------------------
status 0 run -s native -o plain.db "$quick/pipe.swt"
status 0 run -s native -o lint.db --lint "$quick/pipe.swt"
"$sw" db dump plain.db >plain.txt && "$sw" db dump lint.db >lint.txt
diff plain.txt lint.txt >.diff || wrong "--lint changes what is stored: $(head -3 .diff)"

# --- usage -----------------------------------------------------------------------------------
status 2 run --lint --engine=fast "$quick/pipe.swt"
one_line "shadewalk run"
errs '--lint needs --engine=ref'
status 2 run --lint-max 5 "$quick/pipe.swt"
errs '--lint-max without --lint'
status 2 run --lint --lint-max 1001 "$quick/pipe.swt"
errs '--lint-max'
status 2 list findings I99
errs "unknown finding 'I99'"
status 2 list findnigs
errs 'findings'

# --- each finding has its section, with its severity, and every section is a finding ------------
status 0 list findings
awk '{ print $1, $2, "(" $3 ")" }' .out >.listed
sed -n 's/^### //p' "$src/doc/lint.md" | grep -E '^I[0-9]+s? ' >.written
diff .listed .written >.diff || wrong "doc/lint.md and the list differ: $(head -5 .diff)"
while read -r id name _; do
	status 0 list findings "$id"
	cp .out .by_id
	status 0 list findings "$name"
	cmp -s .out .by_id || wrong "list findings $id and $name differ"
	says 'usual cause: '
	says 'source: '
	grep -qE "^\.It Li $id$" "$src/doc/shadewalk.1" || wrong "shadewalk.1 has no $id"
done <.listed
# What no books are kept of is refused by name.
status 2 run "$quick/pipe.swt" --lint -s native -c arm920t --set minid.bytes=512
one_line 'shadewalk run'
errs '--lint: minid.bytes: a mini data cache is not watched yet'
status 2 run "$quick/pipe.swt" --lint -s native -c pxa255 --set minid.bytes=0
errs '--lint: tlb.lock=pointer: '
status 2 run "$quick/pipe.swt" --lint -s native -c pxa255 --set minid.bytes=0 --set tlb.lock=part
errs '--lint: -c: a core that allocates lines'
status 2 run "$quick/pipe.swt" --lint -s native -c generic --set l2.bytes=64K --set l2.line=32
errs '--lint: l2.bytes: an outer cache that walks do not see'

finish
