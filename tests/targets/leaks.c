/* Holds small blocks of malloc beside others that are given back: prints the MiB of what it holds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 250, BLOCKS = 900000 };

static char *kept[BLOCKS];

__attribute__((noinline)) static char *keep(size_t size)
{
	char *block = malloc(size); /* the leak */
	memset(block, 1, size);
	return block;
}

__attribute__((noinline)) static size_t pass(size_t size)
{
	char *block = malloc(size);
	memset(block, 1, size);
	size_t sum = (size_t)block[size / 2];
	free(block);
	return sum;
}

int main(void)
{
	size_t held = 0, sum = 0;
	for (size_t i = 0; i < BLOCKS; i++) {
		size_t size = SIZE + i % 10;
		kept[i] = keep(size);
		sum += pass(3 * size);
		held += size;
	}
	printf("%.3f\n", (double)held / (1 << 20));
	return kept[BLOCKS - 1] == NULL || sum == 0;
}
