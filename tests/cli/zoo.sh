#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# traces/zoo/zoo with a capture that copies shipped traces: what it compares, keeps, goes on with
# and says. And that the list itself is one the script can read, each of its guests and workloads known.
. "$(dirname "$0")/lib.sh"

mkdir -p traces/zoo traces/capture/guest
cp "$src"/traces/zoo/{zoo,counts.awk} traces/zoo/
cp "$src"/traces/capture/{lib.sh,guests.sh} traces/capture/
cp "$src"/traces/capture/guest/*.def traces/capture/guest/
: >traces/capture/plugin.c
cat >traces/capture/capture <<'END'
#!/usr/bin/env bash
# Copies the file that `next` names; "fail" fails half way.
echo "$*" >>calls
read -r file <next
if [ "$file" = fail ]; then
	echo "capture: error: it did not work" >&2
	exit 1
fi
while [ "$1" != -o ]; do shift; done
cp "$file" "$2"
END
printf '#!/bin/sh\necho QEMU emulator version 10.0.2\n' >qemu
chmod +x traces/capture/capture qemu
export QEMU=$PWD/qemu SHADEWALK=$sw SHADEWALK_CAPTURE_DIR=$PWD/work ZOO_DIR=$PWD/kept
quick=$src/traces/quick
id_of() { "$sw" trace info --format csv "$1" | sed -n 's/.*,trace,"id","\(.*\)"/\1/p'; }
good=$quick/bare-selftest.swt
other=$quick/bare-v6.swt
mkdir -p work/guest/armv5-{bare,pan}
echo elf >work/guest/armv5-bare/selftest.elf
cat >traces/zoo/zoo.def <<END
# a list
version qemu 10.0.2
file armv5-pan zImage 1111
file armv5-bare selftest.elf $(sha256sum <work/guest/armv5-bare/selftest.elf | cut -c1-16)
one   | armv5-bare | selftest |              | quick | $(id_of "$good")
two   | armv5-pan  | pipe     | --records 5  |       | $(id_of "$good")
END

zoo() { # WANT ARGUMENT...
	local want=$1 got=0

	shift
	cases=$((cases + 1))
	bash traces/zoo/zoo "$@" >.out 2>.err </dev/null || got=$?
	[ "$got" = "$want" ] || wrong "zoo $*: exit status $got, wanted $want"
}
calls() { # N
	[ "$(grep -c . calls)" = "$1" ] || wrong "capture ran $(grep -c . calls) times, not $1"
}

zoo 0 --help
says 'Exit status'
zoo 2 --unknown
zoo 2 --only
zoo 2 --only nobody
errs "no row is named 'nobody'"
zoo 2 --quick --only one
zoo 0 --list
says '| absent'

echo "$good" >next
zoo 0 --quick
says '1 equal, 0 different, 0 without a listed id, 0 failed, of 1'
calls 1
zoo 0 --only one                # goes on: nothing to do
calls 1
zoo 0 --list --only one
says '| equal'
echo "$other" >next
zoo 5 --only one --again        # another result does not replace the good one
says 'what changed is capture or its plugin'
calls 2
cmp -s kept/one.swt "$good" || wrong "the good trace was replaced"
cmp -s kept/one.other.swt "$other" || wrong "the other trace was not kept"
echo fail >next
zoo 1 --only one --again
says 'it did not work'
cmp -s kept/one.swt "$good" || wrong "a failed capture harmed the good trace"

zoo 1                           # a guest that is not set up
says 'armv5-pan is not set up'
says '1 equal, 0 different, 0 without a listed id, 1 failed, of 2'
for f in zImage board.dtb initramfs.cpio; do echo x >work/guest/armv5-pan/$f; done
head -c 3000 "$other" >cut.swt  # a trace that was cut off is not taken
echo "$PWD/cut.swt" >next
zoo 1 --only two
says 'trace check'
[ ! -e kept/two.swt ] || wrong "a broken trace took its place"
echo "$other" >next
zoo 5 --only two
says 'other files of the guest: zImage board.dtb initramfs.cpio'
n=$(grep -c . calls)
zoo 5 --only two                # it is built, if different: not again
calls "$n"
grep -q '^armv5-pan pipe --records 5 -o ' calls || wrong "the options got lost"
echo y >work/guest/armv5-pan/zImage
echo "$good" >next
zoo 0 --only two                # from other files: again
zoo 0 --only two --twice
calls $((n + 3))
sed -i '/^two/s/[0-9a-f]*$/-/' traces/zoo/zoo.def
zoo 0 --only two
says '0 different, 1 without a listed id'
zoo 0 --ids                     # the whole list, with what was missing
sed "/^two/s/-$/$(id_of "$good")/" traces/zoo/zoo.def | cmp -s - .out || wrong "not the list with its ids"
zoo 0 --counts
says '| `two` |'
[ "$(ls -A kept | grep -c 'new')" = 0 ] || wrong "something temporary was left"
echo 'three | armv5-bare | selftest | quick' >>traces/zoo/zoo.def
zoo 3 --list
errs 'zoo.def:7'

# The list that is shipped.
cp "$src/traces/zoo/zoo.def" traces/zoo/zoo.def
ZOO_DIR=$PWD/none zoo 0 --list
[ "$(wc -l <.out)" -gt 50 ] || wrong "the list is short"
cut -d'|' -f1 .out | sort | uniq -d >twice
[ ! -s twice ] || wrong "named twice: $(cat twice)"
awk -F '|' '{ gsub(/ /, ""); print $2, $3 }' .out | sort -u >used
. traces/capture/lib.sh
. traces/capture/guests.sh
for g in $guests; do workloads "$g" | sed "s/^/$g /; s/\t.*//"; done | sort -u >known
comm -23 used known >unknown
[ ! -s unknown ] || wrong "no such guest and workload: $(cat unknown)"
finish
