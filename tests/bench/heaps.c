/* heaps ROUNDS: mallocs and frees of small blocks and nothing else, some of which live a while.
 * Prints the CPU seconds that it took. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { HELD = 1024 };

int main(int argc, char *argv[])
{
	static char *held[HELD];
	long rounds = argc > 1 ? atol(argv[1]) : 20000000;
	unsigned random = 1;
	clock_t begin = clock();
	for (long i = 0; i < rounds; i++) {
		random = random * 1664525u + 1013904223u;
		char **slot = &held[random >> 22];
		free(*slot);
		*slot = malloc(16 + (random >> 8) % 200);
		if (*slot)
			**slot = 1;
	}
	printf("seconds %.6f\n", (double)(clock() - begin) / CLOCKS_PER_SEC);
	return 0;
}
