/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pingpong N: N round trips of one byte between two processes over pipes; all switches. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int serve(int in, int out, int n)
{
	char x;

	for (int i = 0; i < n; i++) {
		if (read(in, &x, 1) != 1 || write(out, &x, 1) != 1)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 2000, there[2], back[2], status = 1;
	char x = 'x';

	if (pipe(there) != 0 || pipe(back) != 0)
		return 1;
	switch (fork()) {
	case -1:
		return 1;
	case 0:
		_exit(serve(there[0], back[1], n));
	}
	for (int i = 0; i < n; i++) {
		if (write(there[1], &x, 1) != 1 || read(back[0], &x, 1) != 1)
			return 1;
	}
	return wait(&status) < 0 || status != 0;
}
