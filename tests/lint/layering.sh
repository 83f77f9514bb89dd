#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The one-way order: a file includes its own folder and strictly lower rows; and each outside
# library has its door.
. "$(dirname "$0")/lib.sh"

row_of() {
	case $1 in
	base) echo 0 ;;
	traces | models/pt | models/mem | models/cost) echo 1 ;;
	models/tlb | models/cache | models/guest) echo 2 ;;
	models/cpu | strategies) echo 3 ;;
	results) echo 4 ;;
	sim) echo 5 ;;
	bench | plots) echo 6 ;;
	tests) echo 7 ;;
	*) echo none ;;
	esac
}

folder_of() {
	case $1 in
	models/*/*) echo "${1%/*}" | cut -d/ -f1,2 ;;
	*/*) echo "${1%%/*}" ;;
	*) echo . ;;
	esac
}

# HEADER -> pattern of the files that may name it
door_of() {
	case $1 in
	zstd.h | zstd_errors.h) echo 'traces/frame_zstd.c' ;;
	sqlite3.h) echo 'results/db*.[ch]' ;;
	gsl/*) echo 'traces/gen_dist.c|results/stats*.c' ;;
	qemu-plugin.h | qemu/*) echo 'traces/capture/*' ;;
	cmocka.h) echo 'tests/*' ;;
	config.h) echo 'sim/version.c' ;;
	*) echo '*' ;;
	esac
}

check_door() { # file, header
	local pattern

	while IFS= read -r pattern; do
		# shellcheck disable=SC2254 # a pattern
		case $1 in
		$pattern) return 0 ;;
		esac
	done < <(door_of "$2" | tr '|' '\n')
	complain "$1: includes $2, which only $(door_of "$2") may"
}

while IFS=: read -r file include; do
	header=${include#*[\"<]}
	header=${header%%[\">]*}
	check_door "$file" "$header"
	case $include in
	*'<'*) continue ;;
	esac
	[ "$header" = config.h ] && continue
	case $header in
	*/*) ;;
	*)
		complain "$file: includes \"$header\" without its folder"
		continue ;;
	esac
	own=$(folder_of "$file")
	other=$(folder_of "$header")
	[ "$own" = "$other" ] && continue
	mine=$(row_of "$own")
	theirs=$(row_of "$other")
	if [ "$theirs" = none ]; then
		complain "$file: includes $header of a folder that has no row"
	elif [ "$theirs" -ge "$mine" ]; then
		complain "$file (row $mine): includes $header (row $theirs): sideways or upwards"
	fi
done < <(c_files | xargs -r grep -HE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' || true)
looked=$(c_files | wc -l)
end
