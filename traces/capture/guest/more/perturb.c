/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perturb: first process of a perturbed run (`capture --perturb N`), then /init. The kernel hands
 * over the word perturb=N of its command line as a variable of the environment.
 *
 * N changes, by this rule and nothing else: the bytes in the kernel's random pool, which address
 * randomisation draws from, and which frames the workload gets. For these, 24 MB are allocated and
 * about half of them freed again, in runs of 1 to 8 pages and in an order drawn from N. A process
 * that sleeps keeps the others: with all of them free, the allocator would merge them into what it
 * had before.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 24 << 20 >> 12, LONGEST = 8 };

static uint64_t state;

/* splitmix64, as its author S. Vigna put it into the public domain; from its definition. */
static uint64_t draw(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void fail(const char *what)
{
	perror(what);
	_exit(1);
}

/* Written bytes are mixed in without credit; `seed` credits its own ones later. */
static void mix(uint64_t n)
{
	int fd;

	if (mount("dev", "/dev", "devtmpfs", 0, NULL) != 0)
		fail("perturb: /dev");
	fd = open("/dev/random", O_WRONLY);
	if (fd < 0 || write(fd, &n, sizeof(n)) != sizeof(n))
		fail("perturb: /dev/random");
	close(fd);
}

static void shuffle(void)
{
	static struct { size_t first, pages; } run[PAGES];
	size_t runs = 0;
	char *base = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (base == MAP_FAILED)
		fail("perturb: mmap");
	for (size_t i = 0; i < PAGES; i++)
		base[i * PAGE] = 1;
	for (size_t i = 0; i < PAGES; i += run[runs++].pages) {
		run[runs].first = i;
		run[runs].pages = 1 + draw() % LONGEST;
		if (run[runs].pages > PAGES - i)
			run[runs].pages = PAGES - i;
	}
	for (size_t left = runs; left > runs / 2; left--) {
		size_t i = draw() % left;

		if (madvise(base + run[i].first * PAGE, run[i].pages * PAGE, MADV_DONTNEED) != 0)
			fail("perturb: madvise");
		run[i] = run[left - 1];
	}
}

int main(void)
{
	const char *n = getenv("perturb");
	char ready = 1;
	int done[2];

	state = n ? strtoull(n, NULL, 10) : 0;
	mix(draw());
	if (pipe(done) != 0)
		fail("perturb: pipe");
	switch (fork()) {
	case -1:
		fail("perturb: fork");
	/* fallthrough */
	case 0:
		shuffle();
		if (write(done[1], &ready, 1) != 1)
			fail("perturb: pipe");
		for (;;)
			pause();
	}
	close(done[1]);
	if (read(done[0], &ready, 1) != 1)
		fail("perturb: shuffling");
	close(done[0]);
	execl("/init", "/init", (char *)0);
	fail("perturb: /init");
}
