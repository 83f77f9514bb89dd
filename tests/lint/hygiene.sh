#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No path of somebody's machine, no package registry, no trailing white space, no conflict
# marks, a newline at the end.
. "$(dirname "$0")/lib.sh"

# Written in halves, so that this file does not find itself.
paths='(^|[^A-Za-z0-9_.$}/-])/(ro''ot|ho''me|wo''rk|Use''rs|mnt|me''dia)/[A-Za-z0-9_.]'
hosts='(deb|security|snapshot|ftp)\.deb''ian\.org|py''pi\.org|pythonho''sted|npm''js\.|crat''es\.io|proxy\.gol''ang|dock''er\.io|quay\.''io'
marks='^(<<<<''<<<|>>>>''>>>) '

text_files() {
	local file

	while IFS= read -r file; do
		case $file in
		LICENSES/* | configure | configure~ | aclocal.m4 | Makefile.in | config.h.in*) continue ;;
		build-aux/ar-lib | build-aux/compile | build-aux/depcomp | build-aux/install-sh | \
			build-aux/missing | build-aux/tap-driver.sh | build-aux/test-driver | \
			build-aux/config.*) continue ;;
		tests/corpus/*) [ "${file##*.}" = md ] || continue ;;
		*.swt | *.log | *.trs | *.o | *.a | *.tar.*) continue ;;
		esac
		printf '%s\0' "$file"
	done < <(files . -- -true) | xargs -0 -r grep -lI '' || true
}

report() { # what, lines "file:line:text"
	local line

	while IFS= read -r line; do
		[ -z "$line" ] || complain "$1: ${line:0:120}"
	done <<<"$2"
}

list=$(text_files)
looked=$(grep -c . <<<"$list" || true)
scan() { tr '\n' '\0' <<<"$list" | xargs -0 -r grep -HnE -- "$1" || true; }
if [ "$looked" -gt 0 ]; then
	report "path of a machine" "$(scan "$paths")"
	report "host of a registry" "$(scan "$hosts")"
	report "conflict mark" "$(scan "$marks")"
	report "trailing white space" "$(scan '[[:blank:]]$')"
	while IFS= read -r file; do
		[ -z "$file" ] || complain "$file: no newline at the end"
	done < <(tr '\n' '\0' <<<"$list" | xargs -0 -r grep -LzP '\n\z' || true)
fi
# What the build lists must reach a clone: nothing of it may be ignored.
if [ -d .git ] && [ -x build-aux/list-files ] && command -v git >/dev/null; then
	named=$(files . -- -name local.mk | while IFS= read -r mk; do
		sed -n "s|^[[:space:]]*%D%/\\([^ ]*\\).*|${mk%/local.mk}/\\1|p" "$mk"
	done)
	named="$named $(echo build-aux/list-files build-aux/*.awk build-aux/prepare.sh)"
	while IFS= read -r file; do
		[ -z "$file" ] || complain "$file: ignored by git, so no clone has it"
	done < <(tr ' ' '\n' <<<"$named" | git -c safe.directory='*' check-ignore --stdin || true)
fi
end
