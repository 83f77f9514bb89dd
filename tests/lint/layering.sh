#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The one-way order: a file includes its own folder and strictly lower rows; and each outside
# library has its door.
. "$(dirname "$0")/lib.sh"

# Functions answer in REPLY: a process for each include would take a minute.
row_of() {
	case $1 in
	base) REPLY=0 ;;
	traces | models/pt | models/mem | models/cost) REPLY=1 ;;
	models/tlb | models/cache | models/guest) REPLY=2 ;;
	models/cpu | strategies) REPLY=3 ;;
	results) REPLY=4 ;;
	sim) REPLY=5 ;;
	bench | plots) REPLY=6 ;;
	tests) REPLY=7 ;;
	*) REPLY=none ;;
	esac
}

folder_of() {
	REPLY=${1%%/*}
	case $1 in
	models/*/*)
		REPLY=${1#models/}
		REPLY=models/${REPLY%%/*} ;;
	*/*) ;;
	*) REPLY=. ;;
	esac
}

# HEADER -> patterns of the files that may name it
door_of() {
	case $1 in
	zstd.h | zstd_errors.h) REPLY='traces/frame_zstd.c' ;;
	sqlite3.h) REPLY='results/db*.[ch]' ;;
	gsl/*) REPLY='traces/gen_dist.c|results/stats*.c' ;;
	yaml.h) REPLY='sim/config_file.c' ;;
	qemu-plugin.h | qemu/*) REPLY='traces/capture/*' ;;
	cmocka.h) REPLY='tests/*' ;;
	config.h) REPLY='sim/version.c' ;;
	*) REPLY='*' ;;
	esac
}

check_door() { # file, header
	local pattern
	local -a patterns

	door_of "$2"
	IFS='|' read -ra patterns <<<"$REPLY"
	for pattern in "${patterns[@]}"; do
		# shellcheck disable=SC2254 # a pattern
		case $1 in
		$pattern) return 0 ;;
		esac
	done
	complain "$1: includes $2, which only $REPLY may"
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
	folder_of "$file"
	own=$REPLY
	folder_of "$header"
	other=$REPLY
	[ "$own" = "$other" ] && continue
	row_of "$own"
	mine=$REPLY
	row_of "$other"
	theirs=$REPLY
	if [ "$theirs" = none ]; then
		complain "$file: includes $header of a folder that has no row"
	elif [ "$theirs" -ge "$mine" ]; then
		complain "$file (row $mine): includes $header (row $theirs): sideways or upwards"
	fi
done < <(c_files | xargs -r grep -HE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' || true)
looked=$(c_files | wc -l)
end
