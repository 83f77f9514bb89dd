#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every short trace: it agrees with its own witnesses, and every strategy replays it
# without a violation of what the guest's tables permit.
. "$(dirname "$0")/lib.sh"

traces=()
for t in "$src"/traces/quick/*.swt; do
	[ -f "$t" ] && traces+=("$t")
done
if [ ${#traces[@]} = 0 ]; then
	echo "no short trace is shipped in traces/quick"
	exit 77
fi
for t in "${traces[@]}"; do
	status 0 trace check "$t"
	records=$("$sw" trace info --format=json "$t" | sed -n 's/.*"records": \([0-9]*\),.*/\1/p' |
		head -n 1)
	[ "${records:-0}" -gt 0 ] && [ "$records" -le 100000 ] ||
		wrong "${t##*/}: $records records, a short trace has 100 000 at most"
done

status 0 run "${traces[@]}" -o all.db --verify
for t in "${traces[@]}"; do
	says "$(basename "$t" .swt) on "
done
status 0 db dump all.db
mv .out together

# Trace by trace gives the same runs as all in one go.
for t in "${traces[@]}"; do
	status 0 run "$t" -o one.db --verify --quiet
done
status 0 db dump one.db
cmp -s .out together || wrong "one trace at a time gives another database"
finish
