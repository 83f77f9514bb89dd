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
	local two

	IFS= read -rN 2 two <"$1" 2>/dev/null && [ "$two" = '#!' ]
}

# In its first five lines.
says_licence() {
	local line n

	for n in 1 2 3 4 5; do
		IFS= read -r line || [ -n "$line" ] || return 1
		case $line in
		*'SPDX-License-Identifier: GPL-2.0-or-later'*) return 0 ;;
		esac
	done
	return 1
}

while IFS= read -r file; do
	case $file in
	build-aux/*.awk | build-aux/*list-files*) ;;
	configure | aclocal.m4 | build-aux/*) continue ;;
	esac
	is_code "$file" || continue
	looked=$((looked + 1))
	says_licence <"$file" ||
		complain "$file: no SPDX-License-Identifier: GPL-2.0-or-later in the first five lines"
done < <(files . -- -true)
end
