#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every relative link of a document leads to something.
. "$(dirname "$0")/lib.sh"

while IFS= read -r doc; do
	looked=$((looked + 1))
	while IFS= read -r target; do
		case $target in
		'' | *://* | mailto:* | '#'*) continue ;;
		esac
		[ -e "$(dirname "$doc")/${target%%#*}" ] || complain "$doc: link to $target leads nowhere"
	done < <(grep -oE '\]\([^) ]+\)' "$doc" | sed 's/^](//; s/)$//' || true)
done < <(files . -- -name '*.md')
end documents
