#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every row of tests/matrix.def: what runs is checked against the oracle, what is refused says why.
. "$(dirname "$0")/../cli/lib.sh"

# one_row NUMBER OUTCOME ARGUMENTS WHY: a line about what is wrong with it, or none
one_row() {
	local number=$1 outcome=$2 why=$4 got=0 err
	local -a args

	read -ra args <<<"$3"
	err=$(cd "$SHADEWALK_SRC" && "$SHADEWALK" run -q --verify "${args[@]}" 2>&1 >/dev/null) || got=$?
	case $outcome in
	run) [ $got = 0 ] || echo "row $number: exit $got: run --verify $3: ${err%%$'\n'*}" ;;
	refused) [ $got = 2 ] && [[ $err == *"$why"* ]] ||
		echo "row $number: exit $got, wanted 2 and '$why': run --verify $3: ${err%%$'\n'*}" ;;
	esac
}
export -f one_row

awk -v what=commands -f "$src/tests/full/matrix.awk" "$src/tests/matrix.def" >commands || exit 99
grep -v "^[0-9]*$(printf '\t')skipped" commands >todo
tr '\t\n' '\0\0' <todo | xargs -0 -n 4 -P "$(nproc)" bash -c 'one_row "$@"' row >findings
cases=$(wc -l <todo)
while read -r line; do
	wrong "$line"
done <findings
for outcome in run refused skipped; do
	echo "matrix: $(grep -c "$(printf '\t')$outcome$(printf '\t')" commands) rows $outcome"
done
finish
