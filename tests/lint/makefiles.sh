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

listed() { # file
	local folder

	folder=$(dirname "$1")
	while [ "$folder" != . ]; do
		if [ -f "$folder/local.mk" ]; then
			grep -qE "%D%/${1#"$folder"/}( |\$|\\\\)" "$folder/local.mk" ||
				grep -qE "%D%/$(sed 's/\.c$//' <<<"${1#"$folder"/}")( |\$|\\\\)" \
					"$folder/local.mk"
			return
		fi
		folder=$(dirname "$folder")
	done
	return 1
}

while IFS= read -r file; do
	looked=$((looked + 1))
	case $file in
	*.c | *.def) listed "$file" || complain "$file: in no local.mk" ;;
	esac
	case $file in
	build-aux/tap-driver.sh) continue ;;      # automake's
	esac
	lines=$(wc -l <"$file")
	[ "$lines" -lt 600 ] || complain "$file: $lines lines (want less than 600)"
done < <(c_files
	files traces/capture tests build-aux .ci -- -name '*.sh' -o -name '*.awk' -o -name '*.c')
end
