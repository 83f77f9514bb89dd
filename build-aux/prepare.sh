# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Shared by demo, check and .ci/run: installs the Debian packages that are missing and builds
# in a directory of its own. Sourced from the top of the source tree, under `set -eu`.
#
# Caller sets: me (name for messages).

packages="build-essential autoconf automake pkg-config libzstd-dev libxxhash-dev
	libgcrypt20-dev libjansson-dev libsqlite3-dev libgsl-dev libyaml-dev libcmocka-dev gnuplot-nox
	fonts-liberation poppler-utils"

say() { printf '%s: %s\n' "$me" "$*"; }
die() { printf '%s: %s\n' "$me" "$*" >&2; exit 1; }

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo -n true 2>/dev/null || say "asking sudo for the right to install packages"
		sudo "$@"
	fi
}

is_installed() {
	dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

missing_packages() {
	local p

	for p in $packages; do
		is_installed "$p" || printf '%s ' "$p"
	done
}

need_packages() {
	local lack

	if ! command -v dpkg-query >/dev/null; then
		say "this is not a Debian system: taking the tools and libraries as they are"
		return 0
	fi
	lack=$(missing_packages)
	if [ -z "$lack" ]; then
		say "every package needed is installed"
		return 0
	fi
	if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
		die "packages are missing and this is neither root nor has it sudo; ask somebody to run: apt-get install ${lack% }"
	fi
	say "installing: ${lack% }"
	# env: sudo drops the variable otherwise
	as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q ||
		die "apt-get update failed"
	# shellcheck disable=SC2086 # a list
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q -o Dpkg::Use-Pty=0 \
		--no-install-recommends $lack </dev/null || die "apt-get install failed"
	lack=$(missing_packages)
	[ -z "$lack" ] || die "still missing after the installation: ${lack% }"
}

jobs_here() { nproc 2>/dev/null || echo 1; }

# configure in place and builds beside the sources exclude each other (automake refuses).
ready_sources() {
	local f

	if [ -f config.status ]; then
		say "the source directory is configured in place; cleaning it (make distclean)"
		make distclean >/dev/null || die "make distclean failed"
	fi
	if [ -f configure ] && [ -f Makefile.in ]; then
		for f in configure.ac Makefile.am */local.mk models/*/local.mk; do
			[ Makefile.in -ot "$f" ] && break
			f=
		done
		[ -n "$f" ] || return 0
	fi
	[ -x bootstrap ] || die "configure is missing and there is no bootstrap script"
	say "making configure"
	./bootstrap
}

# build_in DIRECTORY CONFIGURE-ARGUMENT...: idempotent; configures again when the arguments
# or configure itself changed.
build_in() {
	local dir=$1 top want

	top=$(pwd)
	shift
	want="$*"
	ready_sources
	mkdir -p "$dir"
	if [ ! -f "$dir/Makefile" ] || [ "$top/configure" -nt "$dir/config.status" ] ||
	   [ "$(cat "$dir/.configured" 2>/dev/null)" != "$want" ]; then
		say "configuring in $dir/${want:+ with $want}"
		(cd "$dir" && "$top/configure" --quiet "$@")
		printf '%s\n' "$want" >"$dir/.configured"
	fi
	say "building in $dir/"
	make -C "$dir" -j"$(jobs_here)" --no-print-directory
}
