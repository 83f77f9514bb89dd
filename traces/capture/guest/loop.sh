# SPDX-License-Identifier: GPL-2.0-or-later
# Workload sh: what start-up scripts do.
i=0
while [ $i -lt 60 ]; do
	/bin/true
	/bin/echo "line $i" >/tmp/line
	[ -s /tmp/line ] && read -r word number </tmp/line
	case $number in *7) x="$x$word" ;; esac
	i=$((i + 1))
done
