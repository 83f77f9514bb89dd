#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every script parses, in the shell its first line names.
. "$(dirname "$0")/lib.sh"

while IFS= read -r script; do
	case $script in
	build-aux/[!plt]* | configure | build-aux/tap-driver.sh | build-aux/test-driver) continue ;;
	esac
	case $(head -n 1 "$script" | tr -d '\0') in
	'#!'*bash*) shell=bash ;;
	'#!/bin/sh'*) shell=sh ;;
	*) [ "${script%.sh}" != "$script" ] || continue; shell=bash ;;
	esac
	looked=$((looked + 1))
	said=$($shell -n "$script" 2>&1) || complain "$script: ${said%%$'\n'*}"
done < <(files . -- -type f ! -name '*.c' ! -name '*.h' ! -name '*.md' ! -name '*.swt' -size -200k)
end scripts
