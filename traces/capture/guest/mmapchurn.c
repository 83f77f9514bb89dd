/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmapchurn N: maps, touches, protects, splits and unmaps areas of 1 to 32 pages: edits of
 * page tables and single-page TLB invalidates with little else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

static int churn(size_t pages)
{
	size_t len = pages * PAGE;
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return 1;
	for (size_t at = 0; at < len; at += PAGE)
		p[at] = (char)pages;
	if (mprotect(p, len, PROT_READ) != 0 || p[len - PAGE] != (char)pages)
		return 1;
	if (mprotect(p, PAGE, PROT_READ | PROT_WRITE) != 0)
		return 1;
	p[1] = 2;
	return munmap(p, len);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 300;

	for (int i = 0; i < n; i++) {
		if (churn(1 + (size_t)i % 32) != 0) {
			perror("mmapchurn");
			return 1;
		}
	}
	return 0;
}
