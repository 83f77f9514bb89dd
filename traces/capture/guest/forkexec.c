/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * forkexec N: N times what a shell does for `$(command)`: pipe, fork, exec, read the output,
 * wait. The child's output tells that it really ran.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void child(int out, const char *self)
{
	dup2(out, 1);
	close(out);
	execl(self, self, "-", (char *)0);
	_exit(127);
}

static int once(const char *self)
{
	char answer[4] = "";
	int fd[2], status;
	pid_t pid;

	if (pipe(fd) != 0)
		return 1;
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		child(fd[1], self);
	}
	close(fd[1]);
	if (pid < 0 || read(fd[0], answer, 3) != 3 || waitpid(pid, &status, 0) != pid)
		return 1;
	close(fd[0]);
	return strcmp(answer, "ran") != 0 || status != 0;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 100;

	if (argc > 1 && strcmp(argv[1], "-") == 0)
		return write(1, "ran", 3) != 3;
	for (int i = 0; i < n; i++) {
		if (once("/bin/forkexec") != 0) {
			fputs("forkexec: a child failed\n", stderr);
			return 1;
		}
	}
	return 0;
}
