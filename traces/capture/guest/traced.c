/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traced COMMAND ARG...: runs the command between the start and the end mark. One program
 * does both, so that the trace holds no second start of a marking program.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mark.h"

int main(int argc, char **argv)
{
	int status = 0;
	pid_t child;

	if (argc < 2) {
		fputs("usage: traced COMMAND ARG...\n", stderr);
		return 2;
	}
	mark(MARK_START);
	child = fork();
	if (child == 0) {
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0) {
		mark(MARK_END);
		perror("traced");
		return 126;
	}
	mark(MARK_END);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
