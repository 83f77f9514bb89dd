# SPDX-License-Identifier: GPL-2.0-or-later
# Workload process: pipelines, command substitution, short programs of several kinds.
i=0
while [ $i -lt 12 ]; do
	n=$(/bin/echo "$i $i $i" | /bin/tr ' ' '\n' | /bin/sort -u | /bin/wc -l)
	forkexec 4
	/bin/grep -c "page" /data/process.sh >/tmp/n.$i
	pingpong 20
	/bin/cat /tmp/n.$i /data/loop.sh | /bin/sed -e s/line/LINE/ >/tmp/all.$i
	mmapchurn 4
	/bin/rm -f /tmp/n.$i
	i=$((i + n))
done
