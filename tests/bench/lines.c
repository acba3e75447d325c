/* lines N: a recording of N samples at 1 kHz, as mprof-c writes them: a curve that wanders between
 * 16 and 4000 MiB in steps of whole pages. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGES_PER_MIB = 256, LEAST = 16 * PAGES_PER_MIB, MOST = 4000 * PAGES_PER_MIB };

int main(int argc, char *argv[])
{
	long n = argc > 1 ? atol(argv[1]) : 1000;
	uint64_t us = 1790000000123456, noise = 88172645463325252;
	long pages = 1000 * PAGES_PER_MIB;
	puts("CMDLINE ./target");
	for (long i = 0; i < n; i++) {
		noise ^= noise << 13; /* xorshift64 */
		noise ^= noise >> 7;
		noise ^= noise << 17;
		pages += (long)(noise % 2001) - 1000;
		if (pages < LEAST || pages > MOST)
			pages = pages < LEAST ? LEAST : MOST;
		us += 990 + noise % 21;
		unsigned long umib = (unsigned long)pages * 1000000 / PAGES_PER_MIB;
		printf("MEM %lu.%06lu %lu.%06lu\n", umib / 1000000, umib % 1000000,
		       (unsigned long)(us / 1000000), (unsigned long)(us % 1000000));
	}
	return 0;
}
