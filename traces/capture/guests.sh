# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck shell=bash disable=SC2034,SC2154  # variables pass between sourced files
#
# The guests that can be captured: what they consist of, and how the emulator runs them.
# Sourced by capture and measure, behind lib.sh.

icount_shift=3
guests="armv5-linux armv5-pan armv5-ctr armv5-bare"
guests="$guests armv6-linux armv6-plain armv6-pan armv6-ctr armv6-bare"

# One line per workload: name, tab, command, tab, meaning.
workloads() {
	case $1 in
	*-bare) bare_workloads "$1" ;;
	*)
		# The command may hold bars: it ends at the last one.
		sed -n '/^[^#]/s/^\([^| ]*\) *| *\(.*[^ ]\) *| *\([^|]*\)$/\1\t\2\t\3/p' \
			"$capture_dir"/guest/workloads{,-more}.def
		;;
	esac
}

# The command is the image that runs.
bare_workloads() {
	awk -F'|' -v guest="$1" '$1 == guest { printf "%s\t%s.elf\t%s\n", $2, $2, $3 }' <<-'END'
	armv5-bare|selftest|large, small and tiny pages, subpages, domains, FCSE, aborts
	armv5-bare|fine|fine tables: 128 tiny pages that move and change rights
	armv5-bare|fcse|FCSE: four processes at the same addresses, switched with and without flush
	armv5-bare|subpages|four permissions in a page: write barriers, aborts that are mended
	armv5-bare|domains|domains as tags of processes: a switch is a write of DACR
	armv5-bare|l1move|first-level words that change: sections, tables, other tables
	armv5-bare|lockdown|TLB entries and cache lines that are locked
	armv6-bare|selftest|both formats, two roots, ASIDs, supersections, access flag, aborts
	armv6-bare|split|two roots: TTBCR.N from 1 to 7, three processes
	armv6-bare|super|supersections among other sizes: exchanged, taken apart, put together
	armv6-bare|asids|processes that begin and end: 255 ASIDs, rollover, invalidates by ASID
	armv6-bare|domains|the same source as that of armv5-bare
	armv6-bare|l1move|the same source as that of armv5-bare
	armv6-bare|lockdown|the same source as that of armv5-bare
	END
}

workload_command() { workloads "$1" | awk -F'\t' -v w="$2" '$1 == w { print $2 }'; }

# The image that holds the workload: initramfs.cpio stays as it is, byte for byte, for the sake of
# traces made with it; all that came later is in more.cpio.
guest_image() {
	if [ "${perturb:-0}" -ne 0 ] ||
		grep -q "^$workload *|" "$capture_dir/guest/workloads-more.def"; then
		echo more.cpio
	else
		echo initramfs.cpio
	fi
}

guest_files() {
	case $guest in
	*-bare) echo "$workload.elf" ;;
	*) echo zImage board.dtb "$(guest_image)" ;;
	esac
}

need_guest() {
	local f

	files=$work/guest/$guest
	case $guest in
	*-bare) "$capture_dir/build-bare" "$guest" "$files" "$workload" || exit 1 ;;
	esac
	for f in $(guest_files); do
		[ -f "$files/$f" ] ||
			die "guest $guest is not set up; run: $capture_dir/setup-guest $guest"
	done
}

# board: sets the emulator's board, its core, megabytes of memory, and what lies where.
# armv6-bare has no Security Extensions, as the board turns them off: TTBCR has N alone.
board() {
	machine=versatilepb core=arm926 cpu='' megabytes=128
	devices="10000000+200000 34000000+4000000 41000000+2f000000"
	case $guest in
	armv6-bare) core=arm1176 cpu=arm1176 ;;
	armv6-linux)
		machine=raspi0 core=arm1176 megabytes=512
		devices="20000000+1000000"
		;;
	armv6-plain | armv6-pan | armv6-ctr)
		machine=integratorcp core=arm1176 cpu=arm1176
		devices="10000000+10000000 b8000000+18000000"
		;;
	esac
}

# The cache type register that the guest's kernel was built to see instead of the emulator's.
guest_ctr() { case $guest in *-ctr) echo 0x1d152152 ;; esac; }

# Timer ticks a second; Debian's kernel has CONFIG_HZ=250.
guest_hz() {
	case $guest in
	armv6-linux) echo 250 ;;
	*-bare) echo 0 ;;
	*) echo 100 ;;
	esac
}

# The lines of the plugin's configuration that depend on the guest alone.
board_config() {
	local d

	board
	cat <<END
ram-map=memory-backend-memfd
arch=${guest%-*}
core=$core
guest=$guest
workload=$workload
ram-base=0
ram-bytes=$((megabytes << 20))
END
	for d in $devices; do echo "device=$d"; done
}

# The kernel's command line.  lpj= skips the calibration loop, panic=-1 ends a dead guest.
guest_arguments() {
	local start="rdinit=/init norandmaps" common

	# guest/more/perturb.c reads its number from there.
	[ "${perturb:-0}" -eq 0 ] || start="rdinit=/bin/perturb perturb=$perturb"
	common="$start lpj=1000000 panic=-1 wl=$workload"
	case $guest in
	*-bare) ;;
	# The power controller's registers are not all there: the kernel would die of an external
	# abort.  Its self tests of ciphers would be most of the boot.
	armv6-linux)
		echo "console=ttyAMA0,115200 initcall_blacklist=bcm2835_pm_driver_init" \
			"cryptomgr.notests $common"
		;;
	*) echo "console=ttyAMA0 $common" ;;
	esac
}

# emulator_command [PLUGIN CONFIG]: sets the array `emulator`, with tracing or without.
# -icount ties guest time to instructions: runs repeat exactly, and the tick rate does not
# depend on how slow tracing is.
emulator_command() {
	board
	emulator=("$qemu" -M "$machine" -m "$megabytes" -icount "shift=$icount_shift,sleep=off"
		-rtc "clock=vm,base=2024-01-01" -audio none -nic none
		-display none -monitor none -serial stdio -no-reboot
		-object "memory-backend-memfd,id=ram,size=${megabytes}M,share=on"
		-machine memory-backend=ram)
	[ -z "$cpu" ] || emulator+=(-cpu "$cpu")
	# QEMU splits options at commas; a comma in a path is doubled.
	[ $# -eq 0 ] || emulator+=(-plugin "${1//,/,,},config=${2//,/,,}")
	case $guest in
	*-bare) emulator+=(-kernel "$files/$workload.elf") ;;
	*-own)
		emulator+=(-kernel "$files/kernel")
		[ ! -e "$files/dtb" ] || emulator+=(-dtb "$files/dtb")
		[ ! -e "$files/initrd" ] || emulator+=(-initrd "$files/initrd")
		[ -z "$append" ] || emulator+=(-append "$append")
		;;
	*)
		emulator+=(-kernel "$files/zImage" -dtb "$files/board.dtb"
			-initrd "$files/$(guest_image)" -append "$append")
		;;
	esac
}
