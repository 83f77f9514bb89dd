# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck shell=bash disable=SC2034,SC2154  # variables pass between sourced files
#
# The guests that can be captured: what they consist of, and how the emulator runs them.
# Sourced by capture and measure, behind lib.sh.  All use the board versatilepb with 128 MB.

icount_shift=3
guests="armv5-linux armv5-bare"

# One line per workload: name, tab, command, tab, meaning.
workloads() {
	case $1 in
	armv5-linux)
		# The command may hold bars: it ends at the last one.
		sed -n '/^[^#]/s/^\([^| ]*\) *| *\(.*[^ ]\) *| *\([^|]*\)$/\1\t\2\t\3/p' \
			"$capture_dir/guest/workloads.def"
		;;
	armv5-bare)
		printf '%s\t%s\t%s\n' selftest selftest.elf \
			"large, small and tiny pages, subpages, domains, FCSE, aborts"
		;;
	esac
}

workload_command() { workloads "$1" | awk -F'\t' -v w="$2" '$1 == w { print $2 }'; }

guest_files() {
	case $guest in
	armv5-linux) echo zImage board.dtb initramfs.cpio ;;
	armv5-bare) echo selftest.elf ;;
	esac
}

need_guest() {
	local f

	files=$work/guest/$guest
	if [ "$guest" = armv5-bare ]; then
		"$capture_dir/build-bare" "$files" || exit 1
	fi
	for f in $(guest_files); do
		[ -f "$files/$f" ] ||
			die "guest $guest is not set up; run: $capture_dir/setup-guest"
	done
}

# The kernel's command line.  lpj= skips the calibration loop, panic=-1 ends a dead guest.
guest_arguments() {
	[ "$guest" = armv5-linux ] || return 0
	echo "console=ttyAMA0 rdinit=/init norandmaps lpj=1000000 panic=-1 wl=$workload"
}

# emulator_command [PLUGIN CONFIG]: sets the array `emulator`, with tracing or without.
# -icount ties guest time to instructions: runs repeat exactly, and the tick rate does not
# depend on how slow tracing is.
emulator_command() {
	emulator=("$qemu" -M versatilepb -m 128 -icount "shift=$icount_shift,sleep=off"
		-rtc "clock=vm,base=2024-01-01" -audio none -nic none
		-display none -monitor none -serial stdio -no-reboot
		-object "memory-backend-memfd,id=ram,size=128M,share=on"
		-machine memory-backend=ram)
	# QEMU splits options at commas; a comma in a path is doubled.
	[ $# -eq 0 ] || emulator+=(-plugin "${1//,/,,},config=${2//,/,,}")
	case $guest in
	armv5-linux)
		emulator+=(-kernel "$files/zImage" -dtb "$files/board.dtb"
			-initrd "$files/initramfs.cpio" -append "$append")
		;;
	armv5-bare) emulator+=(-kernel "$files/selftest.elf") ;;
	esac
}
