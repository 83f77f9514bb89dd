#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every file of code says its licence in its first lines.
. "$(dirname "$0")/lib.sh"

is_code() {
	case $1 in
	*.c | *.h | *.def | *.sh | *.awk | *.mk | *.am | *.ac | *.sql | *.gp.in | *.gp | *.py | *.1 | *.5)
		return 0 ;;
	*.md | *.txt | *.cff | *.json | *.csv | *.swt | *.in | *.config | *.expect) return 1 ;;
	esac
	[ "$(head -c 2 "$1" | tr -d '\0')" = '#!' ]
}

while IFS= read -r file; do
	case $file in
	configure | aclocal.m4 | build-aux/*) [ "$file" = "${file%.awk}" ] &&
		! grep -q list-files <<<"$file" && continue ;;
	esac
	is_code "$file" || continue
	looked=$((looked + 1))
	head -n 5 "$file" | grep -q 'SPDX-License-Identifier: GPL-2\.0-or-later' ||
		complain "$file: no SPDX-License-Identifier: GPL-2.0-or-later in the first five lines"
done < <(files . -- -true)
end
