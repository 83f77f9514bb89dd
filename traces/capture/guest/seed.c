/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seed: credits the kernel's random pool. Without it the first getrandom() waits in the
 * kernel's entropy loop, and the trace is hundreds of millions of instructions of hashing.
 * The bytes are fixed on purpose: captures must repeat.
 */
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <sys/ioctl.h>

int main(void)
{
	struct {
		int bits, bytes;
		unsigned char data[64];
	} pool = { .bits = 512, .bytes = 64, .data = { 1, 2, 3, 4, 5 } };
	int fd = open("/dev/random", O_RDWR);

	if (fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) != 0) {
		perror("seed: /dev/random");
		return 1;
	}
	return 0;
}
