# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Shared by the lints: where the tree is, which files count, how the end is reported. A lint
# takes the tree as its argument (the self-test gives it planted ones).
set -euo pipefail
export LC_ALL=C

root=${1:-${SHADEWALK_SRC:-.}}
cd "$root"
lint=$(basename "$0" .sh)
looked=0
bad=0

# Files of the tree below the given places, without builds and what they generate.
files() { # PLACE... -- FIND-EXPRESSION
	local -a places=()

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		[ -e "$1" ] && places+=("$1")
		shift
	done
	shift
	[ ${#places[@]} -gt 0 ] || return 0
	find "${places[@]}" \( -name .git -o -path './build' -o -path './build-[!a]*' \
		-o -path './build-a[!u]*' -o -path './_build' -o -path './_inst' \
		-o -path './shadewalk-*' -o -name autom4te.cache -o -name .deps \) -prune -o \
		-type f ! -name '*.sql.h' ! -name '*.gp.in.h' ! -name '*~' ! -path './Makefile' \
		! -path './Makefile.in' ! -path './config.*' ! -path './configure' \
		! -path './aclocal.m4' ! -path './stamp-h1' \( "$@" \) -print |
		sed 's|^\./||' | sort
}

code_folders="base traces models strategies results sim bench plots tests"

# C of this program; traces/capture is built for the guest and for QEMU.
c_files() {
	# shellcheck disable=SC2086 # a list
	files $code_folders -- -name '*.c' -o -name '*.h' -o -name '*.def' |
		grep -v '^traces/capture/' || true
}

complain() {
	echo "$lint: $*"
	bad=$((bad + 1))
}

end() {
	echo "$lint: $looked ${1:-files} looked at, $bad findings"
	[ $looked -gt 0 ] || { echo "$lint: nothing to look at is a failure"; exit 1; }
	[ $bad = 0 ] || exit 1
	exit 0
}
