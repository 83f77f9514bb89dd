/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lm WHAT [ARG...]: small measured loops under the names that lmbench gave them, written anew, as
 * traces want a fixed amount of work rather than a time. Each does its work N times (last
 * argument), checks that it was done, and prints nothing.
 *
 *   lat_syscall null|read|write|stat|open N
 *   lat_sig install|catch|prot N
 *   lat_ctx PROCESSES KILOBYTES N       a token goes round a ring of pipes; each process sums its
 *                                       array before it passes the token on
 *   lat_proc fork|exec|sh N             a child that exits, runs `lm hello`, runs it by a shell
 *   lat_pagefault KILOBYTES N           a shared file mapping, its pages touched out of order
 *   lat_mmap KILOBYTES N                map, touch one page in four, unmap
 *   bw_pipe KILOBYTES                   64 KB buffers from a child to its parent
 *   lat_mem_rd KILOBYTES STRIDE N       dependent loads over an array, N rounds
 *   words KILOBYTES                     (not of lmbench) lines for `sort`, from a fixed seed
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, KB = 1024, BUFFER = 64 * KB, MAX_PROCESSES = 64 };

#define FILE_NAME "/tmp/lm.data"

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void check(int good, const char *what)
{
	if (!good) {
		fprintf(stderr, "lm: %s\n", what);
		exit(1);
	}
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long n = text ? strtoul(text, &end, 10) : 0;

	check(n > 0 && *end == '\0', "an argument is missing, or no number");
	return n;
}

static int open_file(size_t bytes)
{
	int fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);
	char page[PAGE];

	if (fd < 0)
		die(FILE_NAME);
	memset(page, 1, sizeof(page));
	for (size_t at = 0; at < bytes; at += PAGE) {
		if (write(fd, page, PAGE) != PAGE)
			die(FILE_NAME);
	}
	return fd;
}

static void wait_for(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child)
		die("child");
	check(status == 0, "a child failed");
}

/* ---- system calls and signals ---- */

static int call_null(int fd) { (void)fd; return syscall(SYS_getppid) >= 0; }
static int call_write(int fd) { return write(fd, "", 1) == 1; }

static int call_read(int fd)
{
	char c;

	return read(fd, &c, 1) == 1;
}

static int call_stat(int fd)
{
	struct stat s;

	(void)fd;
	return stat("/dev/zero", &s) == 0;
}

static int call_open(int fd)
{
	(void)fd;
	fd = open("/dev/zero", O_RDONLY);
	return close(fd) == 0;
}

static void lat_syscall(char **arg)
{
	static const struct { const char *name; int (*call)(int fd); } calls[] = {
		{ "null", call_null }, { "read", call_read }, { "write", call_write },
		{ "stat", call_stat }, { "open", call_open },
	};
	unsigned long n = number(arg[1]), done = 0;
	int fd = open("/dev/zero", O_RDWR);

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(arg[0], calls[i].name) == 0) {
			while (done < n && calls[i].call(fd))
				done++;
		}
	}
	check(done == n, "lat_syscall null|read|write|stat|open N");
}

static volatile sig_atomic_t caught;
static sigjmp_buf back;

static void on_signal(int sig)
{
	(void)sig;
	caught++;
}

static void on_fault(int sig)
{
	caught++;
	siglongjmp(back, sig);
}

static void handle(int sig, void (*handler)(int))
{
	struct sigaction a = { .sa_handler = handler };

	if (sigaction(sig, &a, NULL) != 0)
		die("sigaction");
}

static void lat_sig(char **arg)
{
	volatile unsigned long n = number(arg[1]), i = 0;
	volatile char *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (strcmp(arg[0], "install") == 0) {
		for (; i < n; i++)
			handle(SIGUSR1, on_signal);
		return;
	}
	handle(SIGUSR1, on_signal);
	handle(SIGSEGV, on_fault);
	if (strcmp(arg[0], "catch") == 0) {
		for (; i < n; i++)
			raise(SIGUSR1);
	} else if (strcmp(arg[0], "prot") == 0) {
		sigsetjmp(back, 1);
		while (i++ < n)
			*page = 1;
	}
	check((unsigned long)caught == n, "lat_sig install|catch|prot N");
}

/* ---- processes ---- */

static unsigned sum(const unsigned *array, size_t bytes)
{
	unsigned total = 0;

	for (size_t i = 0; i < bytes / sizeof(*array); i++)
		total += array[i];
	return total;
}

/* One member of the ring: takes the token, sums, passes it on. Returns the token. */
static unsigned pass(int in, int out, unsigned long n, const unsigned *array, size_t bytes)
{
	unsigned token = 0;

	while (n--) {
		if (read(in, &token, sizeof(token)) != sizeof(token))
			die("ring");
		token += 1 + sum(array, bytes);
		if (write(out, &token, sizeof(token)) != sizeof(token))
			die("ring");
	}
	return token;
}

static void lat_ctx(char **arg)
{
	unsigned long members = number(arg[0]), n = number(arg[2]);
	size_t bytes = strtoul(arg[1] ? arg[1] : "0", NULL, 10) * KB;
	unsigned *array = calloc(1, bytes + 1), token = 0;
	int fd[MAX_PROCESSES][2];
	pid_t child[MAX_PROCESSES];

	check(members > 1 && members <= MAX_PROCESSES && array, "lat_ctx: 2 to 64 processes");
	for (unsigned long i = 0; i < members; i++) {
		if (pipe(fd[i]) != 0)
			die("pipe");
	}
	for (unsigned long i = 1; i < members; i++) {
		child[i] = fork();
		if (child[i] == 0) {
			/* Written, or all would share the page of zeros. */
			memset(array, 0, bytes);
			pass(fd[i][0], fd[(i + 1) % members][1], n, array, bytes);
			_exit(0);
		}
	}
	memset(array, 0, bytes);
	if (write(fd[0][1], &token, sizeof(token)) != sizeof(token))
		die("ring");
	/* The last pass fills a pipe that nobody reads. */
	token = pass(fd[0][0], fd[1][1], n, array, bytes);
	for (unsigned long i = 1; i < members; i++)
		wait_for(child[i]);
	check(token == n * members - members + 1, "lat_ctx: the token got lost");
}

static void run_child(const char *how)
{
	if (strcmp(how, "exec") == 0)
		execl("/bin/lm", "lm", "hello", (char *)0);
	else if (strcmp(how, "sh") == 0)
		execl("/bin/sh", "sh", "-c", "/bin/lm hello", (char *)0);
	_exit(strcmp(how, "fork") != 0);
}

static void lat_proc(char **arg)
{
	unsigned long n = number(arg[1]);

	while (n--) {
		pid_t child = fork();

		if (child == 0)
			run_child(arg[0]);
		wait_for(child);
	}
}

static void bw_pipe(char **arg)
{
	size_t left = number(arg[0]) * KB;
	char *buffer = malloc(BUFFER);
	int fd[2];
	pid_t child;

	if (!buffer || pipe(fd) != 0)
		die("pipe");
	memset(buffer, 1, BUFFER);
	child = fork();
	if (child == 0) {
		for (ssize_t n; left; left -= (size_t)n) {
			n = write(fd[1], buffer, left < BUFFER ? left : BUFFER);
			if (n <= 0)
				die("write");
		}
		_exit(0);
	}
	for (ssize_t n; left; left -= (size_t)n) {
		n = read(fd[0], buffer, BUFFER);
		if (n <= 0)
			die("read");
	}
	wait_for(child);
}

/* ---- memory ---- */

static char *map(int fd, size_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

/* An odd stride near the golden section visits all of a power of two of pages, far apart. */
static void lat_pagefault(char **arg)
{
	size_t pages = number(arg[0]) * KB / PAGE, total = 0;
	unsigned long n = number(arg[1]);
	int fd = open_file(pages * PAGE);
	size_t stride = (pages * 618 / 1000) | 1;

	check(pages && !(pages & (pages - 1)), "lat_pagefault: pages are no power of two");
	for (unsigned long i = 0; i < n; i++) {
		char *p = map(fd, pages * PAGE);

		for (size_t at = 0; at < pages; at++)
			total += (size_t)p[at * stride % pages * PAGE];
		munmap(p, pages * PAGE);
	}
	check(total == n * pages, "lat_pagefault: the file's content is wrong");
}

static void lat_mmap(char **arg)
{
	size_t bytes = number(arg[0]) * KB;
	unsigned long n = number(arg[1]);
	int fd = open_file(bytes);

	for (unsigned long i = 0; i < n; i++) {
		char *p = map(fd, bytes);

		for (size_t at = 0; at < bytes; at += 4 * PAGE)
			p[at] = (char)i;
		munmap(p, bytes);
	}
}

/* A number below `limit`, from a fixed seed. */
static size_t draw(size_t limit)
{
	static unsigned state = 1;

	state = state * 1103515245 + 12345;
	return (state >> 8 & 0xfffff) % limit;
}

/* Pages in an order drawn from a fixed seed, within each the words at the stride, as one ring. */
static void **make_ring(char *base, size_t pages, size_t stride)
{
	size_t *order = malloc(pages * sizeof(*order));
	void **last = (void **)base;

	if (!order)
		die("lat_mem_rd");
	for (size_t i = 0; i < pages; i++)
		order[i] = i;
	for (size_t i = pages - 1; i > 0; i--) {
		size_t j = draw(i + 1), t = order[i];

		order[i] = order[j];
		order[j] = t;
	}
	for (size_t i = 0; i < pages; i++) {
		for (size_t at = 0; at < PAGE; at += stride)
			last = *last = base + order[i] * PAGE + at;
	}
	*last = base + order[0] * PAGE;
	free(order);
	return last;
}

static void lat_mem_rd(char **arg)
{
	size_t bytes = number(arg[0]) * KB, stride = number(arg[1]);
	unsigned long n = number(arg[2]);
	char *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void **start, **p;

	check(base != MAP_FAILED && bytes >= PAGE && stride >= sizeof(void *) && PAGE % stride == 0,
	      "lat_mem_rd: 4 KB or more, and a stride that divides 4096");
	start = p = make_ring(base, bytes / PAGE, stride);
	for (n *= bytes / PAGE * (PAGE / stride); n; n--)
		p = *p;
	check(p == start, "lat_mem_rd: the ring is broken");
}

/* Lines of 16 to 63 letters. */
static void words(char **arg)
{
	size_t left = number(arg[0]) * KB, n, letters = 0;
	char line[64];

	while (left) {
		n = 16 + draw(48);
		for (size_t i = 0; i < n; i++, letters >>= 4) {
			if (i % 5 == 0)         /* draw() has 20 bits */
				letters = draw(1 << 20);
			line[i] = (char)('a' + (letters & 15));
		}
		line[n++] = '\n';
		if (n > left)
			n = left;
		if (fwrite(line, 1, n, stdout) != n)
			die("words");
		left -= n;
	}
	if (fflush(stdout) != 0)
		die("words");
}

/* ---- main ---- */

static const struct {
	const char *name;
	void (*run)(char **arg);
	int args;
} what[] = {
	{ "lat_syscall", lat_syscall, 2 }, { "lat_sig", lat_sig, 2 },
	{ "lat_ctx", lat_ctx, 3 }, { "lat_proc", lat_proc, 2 },
	{ "lat_pagefault", lat_pagefault, 2 }, { "lat_mmap", lat_mmap, 2 },
	{ "bw_pipe", bw_pipe, 1 }, { "lat_mem_rd", lat_mem_rd, 3 }, { "words", words, 1 },
};

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "hello") == 0)
		return 0;
	for (size_t i = 0; argc > 1 && i < sizeof(what) / sizeof(what[0]); i++) {
		if (strcmp(argv[1], what[i].name) == 0 && argc == 2 + what[i].args) {
			what[i].run(argv + 2);
			return 0;
		}
	}
	fputs("lm: see the top of lm.c for what it can do\n", stderr);
	return 2;
}
