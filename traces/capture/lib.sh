# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck shell=bash disable=SC2034  # variables are for those who source it
#
# Shell functions that setup-guest, build-plugin, capture and self-test share.  Sourced by bash.

capture_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=${0##*/}
work=${SHADEWALK_CAPTURE_DIR:-${HOME:-/root}/.cache/shadewalk/capture}

# The API of the TCG plugins changed in most releases up to 10 and holds from there on.
qemu_needed=10

say() { printf '%s: %s\n' "$program" "$*"; }
warn() { printf '%s: %s\n' "$program" "$*" >&2; }
die() { warn "error: $*"; exit 1; }
usage_error() { warn "error: $*"; warn "see '$program --help'"; exit 2; }

# find_qemu: prints the path of the emulator, the caller's choice in $QEMU first.
find_qemu() { command -v "${QEMU:-qemu-system-arm}"; }

qemu_version() {
	"$1" --version | sed -n '1s/.*version \([0-9][0-9.]*\).*/\1/p'
}

# need_qemu: sets qemu and qemu_release, or ends the program with the reason.
need_qemu() {
	qemu=$(find_qemu) ||
		die "no qemu-system-arm found; run $capture_dir/setup-guest as root," \
			"or set QEMU"
	qemu_release=$(qemu_version "$qemu") || qemu_release=
	[ -n "$qemu_release" ] || die "$qemu does not tell its version"
	[ "${qemu_release%%.*}" -ge "$qemu_needed" ] ||
		die "$qemu is version $qemu_release; version $qemu_needed or later is needed" \
			"(Debian 12 has it in bookworm-backports)"
}

# cross_prefix: the compiler for guest programs without an operating system.
cross_prefix() {
	local p

	for p in arm-none-eabi- arm-linux-gnueabi-; do
		command -v "${p}gcc" >/dev/null && { printf '%s' "$p"; return 0; }
	done
	return 1
}

sha256_of() { sha256sum "$1" | cut -d' ' -f1; }
