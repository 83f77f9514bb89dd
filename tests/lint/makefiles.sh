#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every source is in the list of a local.mk, every list names only what exists, and no file of
# code has 600 lines or more.
. "$(dirname "$0")/lib.sh"

if [ -x build-aux/list-files ]; then
	if ! said=$(build-aux/list-files --check); then
		complain "lists are out of date; run build-aux/list-files:"
		printf '%s\n' "$said"
	fi
fi

# The nearest list above a file: its words, one space around each.
declare -A words=()
listed() { # file
	local folder=${1%/*} name

	while [ ! -f "$folder/local.mk" ]; do
		[ "$folder" != "${folder%/*}" ] || return 1
		folder=${folder%/*}
	done
	if [ -z "${words[$folder]-}" ]; then
		words[$folder]=" $(tr '\\\n\t' '   ' <"$folder/local.mk" | tr -s ' ') "
	fi
	name=%D%/${1#"$folder"/}
	case ${words[$folder]} in
	*" $name "* | *" ${name%.c} "*) return 0 ;;
	*) return 1 ;;
	esac
}

while read -r lines file; do
	case $file in
	build-aux/tap-driver.sh | tests/matrix.def | total) continue ;;        # automake's; rows made by a script; the sum
	esac
	looked=$((looked + 1))
	case $file in
	*.c | *.def) listed "$file" || complain "$file: in no local.mk" ;;
	esac
	[ "$lines" -lt 600 ] || complain "$file: $lines lines (want less than 600)"
done < <({
	c_files
	files traces/capture tests build-aux .ci -- -name '*.sh' -o -name '*.awk' -o -name '*.c'
} | xargs -r wc -l)
end
