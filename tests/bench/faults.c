/* faults ROUNDS: maps 64 MiB, touches each page and unmaps, again and again; prints the seconds
 * that it took. What a recorder costs the recorded is seen here first. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { SIZE = 64 << 20, PAGE = 4096 };

int main(int argc, char *argv[])
{
	struct timespec from, to;
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int left = argc > 1 ? atoi(argv[1]) : 20; left > 0; left--) {
		int protection = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
		char *area = mmap(NULL, SIZE, protection, flags, -1, 0);
		if (area == MAP_FAILED)
			return 1;
		for (size_t at = 0; at < SIZE; at += PAGE)
			area[at] = 1;
		munmap(area, SIZE);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	double ns = (double)(to.tv_nsec - from.tv_nsec);
	printf("%.6f\n", (double)(to.tv_sec - from.tv_sec) + ns / 1e9);
	return 0;
}
