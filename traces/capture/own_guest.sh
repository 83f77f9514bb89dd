# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck shell=bash disable=SC2034,SC2154  # variables pass between sourced files
#
# A guest of one's own: a kernel that nobody prepared for capturing.  Sourced by capture, behind
# guests.sh, whose functions it replaces when --kernel is given.

# What lies where is from QEMU's own maps of these boards (info mtree).  RAM starts at 0, and it
# has to be the board's one block of memory: the plugin reads it through the mapping that backs it.
# machine, its core if --cpu is not given, cores, RAM in MB (default, most, or the only one), devices
own_machines() {
	cat <<'END'
versatilepb arm926 arm926,arm1136,arm1136-r2,arm1176 128 256 10000000+200000 34000000+4000000 41000000+2f000000
versatileab arm926 arm926,arm1136,arm1136-r2,arm1176 128 256 10000000+200000 34000000+4000000 41000000+2f000000
integratorcp arm926 arm926,arm1136,arm1136-r2,arm1176 128 256 10000000+10000000 c0000000+10000000
raspi0 arm1176 arm1176 512 512 20000000+1000000
END
}

# The emulator's core, architecture and core of the trace's header.
own_cores() {
	cat <<'END'
arm926 armv5 arm926
arm1136 armv6 arm1136
arm1136-r2 armv6 arm1136r0
arm1176 armv6 arm1176
END
}

own_machine='' own_kernel='' own_initrd='' own_dtb='' own_cpu='' own_ram='' own_append=''
own_hz=0 own_name='' own_from=reset own_until='' own_boot=10000000000 own_symbols=()
own_seen=''                     # the first option that is for such guests alone

own_usage() {
	cat <<END
  --machine M     one of: $(own_machines | cut -d' ' -f1 | own_words)
  --cpu C         one of: $(own_cores | cut -d' ' -f1 | tr '\n' ' ')(default: the machine's)
  --ram N         memory in MB, as 128M (default: the machine's)
  --initrd FILE   initial RAM disk
  --dtb FILE      device tree, if the kernel wants one from outside
  --append TEXT   the kernel's command line
  --from WHERE    where the trace starts: reset (default); insn:N, behind the first N
                  instructions; or mark:N, at a mark that the guest executes: the word
                  0xf55bfabc (pld [r11, #-0xabc]) with N in r0
  --until mark:N  end at a mark
  --boot-insns N  give up when the start was not reached within N instructions (10G)
  --vmlinux FILE  the kernel with its symbols (ELF): their names go into the trace
  --symbols [NAME=]FILE  the same for any object (default: kernel): ELF, System.map, nm -n -S
  --hz N          timer ticks a second, if known; only told in the trace
  --name TEXT     what the trace calls its workload (default: name of the kernel's file)
END
}

# own_option OPTION VALUE: false if it is none of these.
own_option() {
	case $1 in
	--kernel) own_kernel=$2 ;;
	--machine) own_machine=$2 ;;
	--cpu) own_cpu=$2 ;;
	--ram) own_ram=$2 ;;
	--initrd) own_initrd=$2 ;;
	--dtb) own_dtb=$2 ;;
	--append) own_append=$2 ;;
	--from) own_from=$2 ;;
	--until) own_until=$2 ;;
	--boot-insns) own_boot=$(count_of "$1" "$2") || exit 2 ;;
	--vmlinux) own_symbols+=("kernel=$2") ;;
	--symbols)
		case $2 in *=*) own_symbols+=("$2") ;; *) own_symbols+=("kernel=$2") ;; esac
		;;
	--hz) own_hz=$(count_of "$1" "$2") || exit 2 ;;
	--name) own_name=$2 ;;
	*) return 1 ;;
	esac
	own_seen=${own_seen:-$1}
}

own_row() { own_machines | awk -v m="$own_machine" '$1 == m'; }
own_words() { tr '\n' ' ' | sed 's/ $//'; }

# need_file OPTION FILE
need_file() {
	[ -n "$2" ] || return 0
	[ -e "$2" ] || usage_error "$1: '$2' does not exist"
	[ -f "$2" ] || usage_error "$1: '$2' is no file"
	[ -r "$2" ] || usage_error "$1: '$2' cannot be read"
	[ -s "$2" ] || usage_error "$1: '$2' is empty"
}

# is_mark TEXT: prints the number of mark:N
mark_number() {
	local n=${1#mark:}

	[ "$n" != "$1" ] && is_digits "$n" && [ ${#n} -le 10 ] && [ "$n" -le 4294967295 ] &&
		printf '%s' "$n"
}

own_check_board() {
	local row cores most

	[ -n "$own_machine" ] ||
		usage_error "--machine is missing (want one of: $(own_machines | cut -d' ' -f1 | own_words))"
	row=$(own_row)
	[ -n "$row" ] ||
		usage_error "--machine: '$own_machine' is not known; want one of:" \
			"$(own_machines | cut -d' ' -f1 | own_words)"
	# shellcheck disable=SC2086 # words
	set -- $row
	own_cpu=${own_cpu:-$2} cores=$3
	case ,$cores, in
	*",$own_cpu,"*) ;;
	*)
		usage_error "--cpu: '$own_cpu' is not for $own_machine; want one of: ${cores//,/ }" \
			"(cores with an MMU of ARMv5 or ARMv6 that the simulator knows)"
		;;
	esac
	own_ram=${own_ram:-${4}M} most=$5
	case $own_ram in *M) ;; *) usage_error "--ram: '$own_ram' is no number of MB such as 128M" ;; esac
	own_ram=${own_ram%M}
	is_count "$own_ram" && [ ${#own_ram} -le 4 ] ||
		usage_error "--ram: '${own_ram}M' is no number of MB such as 128M"
	if [ "$4" = "$most" ]; then
		[ "$own_ram" = "$most" ] || usage_error "--ram: $own_machine has ${most}M, always"
	elif [ "$own_ram" -lt 8 ] || [ "$own_ram" -gt "$most" ]; then
		usage_error "--ram: '${own_ram}M' is not 8M..${most}M"
	fi
	shift 5
	own_devices=$*
}

own_check_range() {
	case $own_from in
	reset) own_start=0 ;;
	insn:*) own_start=$(count_of --from "${own_from#insn:}") || exit 2 ;;
	mark:*)
		own_start=mark:$(mark_number "$own_from") ||
			usage_error "--from: '$own_from' is no mark:N (N is 0..4294967295)"
		;;
	*) usage_error "--from: '$own_from' is not reset, insn:N or mark:N" ;;
	esac
	own_end=18446744073709551615
	if [ -n "$own_until" ]; then
		own_end=$(mark_number "$own_until") ||
			usage_error "--until: '$own_until' is no mark:N (N is 0..4294967295)"
	elif [ "$insns" = 0 ] && [ "$records" = 0 ]; then
		insns=10000000
	fi
}

# own_arguments: judges all of it and puts this guest in the place of the known ones.
own_arguments() {
	local s

	[ -z "$guest$workload" ] || usage_error "--kernel captures a guest of your own: '$guest' is too many"
	[ -n "$own_kernel" ] || usage_error "$own_seen is for a guest of your own: --kernel is missing"
	need_file --kernel "$own_kernel"
	need_file --initrd "$own_initrd"
	need_file --dtb "$own_dtb"
	for s in "${own_symbols[@]}"; do
		need_file "--symbols" "${s#*=}"
		case ${s%%=*} in
		'' | *[!A-Za-z0-9_.+-]* | ????????????????????????????????*)
			usage_error "--symbols: '${s%%=*}' is no name of 1 to 31 plain characters" ;;
		esac
	done
	own_check_board
	own_check_range
	own_name=${own_name:-$(basename "$own_kernel")}
	guest=$(own_cores | awk -v c="$own_cpu" '$1 == c { print $2 }')-own
	workload=$(printf '%s' "$own_name" | LC_ALL=C tr -c 'A-Za-z0-9_.+-' _ | cut -c1-31)
	command="from $own_from, until ${own_until:--}"
	own_replace
}

# The guest's files by their role: names of somebody's machine stay out of the trace.
own_files() {
	files=$tmp/files
	mkdir "$files"
	ln -s "$(realpath "$own_kernel")" "$files/kernel"
	[ -z "$own_initrd" ] || ln -s "$(realpath "$own_initrd")" "$files/initrd"
	[ -z "$own_dtb" ] || ln -s "$(realpath "$own_dtb")" "$files/dtb"
}

# nm_of FILE: an nm that knows the file.
nm_of() {
	local n

	for n in arm-linux-gnueabi-nm arm-none-eabi-nm nm llvm-nm; do
		command -v $n >/dev/null && $n "$1" >/dev/null 2>&1 && { echo $n; return 0; }
	done
	return 1
}

# Lines for the plugin; ELF files by way of nm.
own_maps() {
	local s n=0 file nm

	for s in "${own_symbols[@]}"; do
		file=${s#*=}
		if [ "$(head -c 4 "$file" | tr -d '\0')" = $'\177ELF' ]; then
			nm=$(nm_of "$file") || die "--symbols: no nm (binutils) that reads '$file'"
			$nm -n -S --defined-only "$file" >"$tmp/map.$n" 2>/dev/null
			[ -s "$tmp/map.$n" ] || die "--symbols: '$file' has no symbols"
			file=$tmp/map.$n
		else
			file=$(realpath "$file")
		fi
		printf 'symbols=%s=%s\n' "${s%%=*}" "$file"
		n=$((n + 1))
	done
}

own_config() {
	cat <<END
start=$own_start
end-mark=$own_end
boot-insns=$own_boot
END
	own_maps
}

# After a run: what a guest that nobody knows can have done.
own_judge() {
	case $(status "done") in
	guest-exit*)
		[ -z "$own_until" ] || die "the guest went down before $own_until"
		warn "the guest went down before the limit: the trace ends there"
		;;
	esac
}

own_replace() {
	board() {
		machine=$own_machine cpu=$own_cpu megabytes=$own_ram devices=$own_devices
		core=$(own_cores | awk -v c="$own_cpu" '$1 == c { print $3 }')
		[ "$own_machine" != raspi0 ] || cpu=''   # its one core goes without saying
	}
	guest_files() { ls "$files"; }
	need_guest() { :; }
	guest_hz() { echo "$own_hz"; }
	guest_arguments() { echo "$own_append"; }
}
