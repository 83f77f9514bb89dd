#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every shipped sample under every strategy, checked, twice: equal to the bit.
. "$(dirname "$0")/../cli/lib.sh"

traces=()
for t in "$src"/traces/samples/*.swt; do
	[ -f "$t" ] && traces+=("$t")
done
if [ ${#traces[@]} = 0 ]; then
	echo "no sample is shipped in traces/samples"
	exit 77
fi
status 0 trace check "${traces[@]}"
status 0 run --lint -s native "$src"/traces/samples/bare-*.swt
[ "$(grep -c '^lint: .*: 0 errors, 0 warnings, 0 notes$' .out)" = 12 ] || wrong "bare-metal guests: findings"
status 0 run "${traces[@]}" -o a.db --verify --quiet
status 0 run "${traces[@]}" -o b.db --verify --quiet
status 0 db dump a.db
mv .out first
status 0 db dump b.db
cmp -s .out first || wrong "the same again gives another database"
finish
