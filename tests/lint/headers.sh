#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each header compiles alone and twice: it includes what it needs and has a guard. Bodies meant
# to be stamped (*_tmpl.h) are not headers in this sense.
build=$(pwd)
. "$(dirname "$0")/lib.sh"

cc=${CC:-cc}
while IFS= read -r header; do
	case $header in
	*_tmpl.h) continue ;;
	esac
	looked=$((looked + 1))
	if ! said=$(printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
		$cc -std=gnu11 -Wall -Wextra -Werror -Wno-unused-function -Wno-unused-variable \
			-D_GNU_SOURCE= -I. -I"$build" -fsyntax-only -x c - 2>&1); then
		if grep -q 'cmocka.h: No such file' <<<"$said"; then
			echo "headers: $header needs cmocka, which is not installed"
			continue
		fi
		complain "$header: does not compile alone and twice: $(head -n 2 <<<"$said" | tr '\n' ' ')"
	fi
done < <(c_files | grep '\.h$' || true)
end headers
