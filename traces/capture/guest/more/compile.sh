# SPDX-License-Identifier: GPL-2.0-or-later
# Workload compile: each file by a compiler process of its own, as make does.
for f in forkexec lm mmapchurn pingpong seed; do
	tcc -c -o /tmp/$f.o /data/src/$f.c || exit 1
done
