/* Holds blocks of malloc and of mmap that are counted: prints "live BYTES" and waits a little. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SMALL = 100, BLOCKS = 800000, PART = 1 << 20 };

static char *kept[BLOCKS];

__attribute__((noinline)) static char *keep_small(void)
{
	char *block = malloc(SMALL);
	memset(block, 1, SMALL);
	return block;
}

__attribute__((noinline)) static char *pass_on(void)
{
	char *block = malloc(20 * SMALL);
	block[0] = 1;
	return block;
}

__attribute__((noinline)) static char *map_some(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(memory, 1, size);
	return memory;
}

static size_t keep_half(void)
{
	for (int i = 0; i < BLOCKS; i++) {
		kept[i] = keep_small();
		char *passing = pass_on();
		kept[i][1] = passing[0];
		free(passing);
	}
	for (int i = 0; i < BLOCKS; i += 8)
		free(kept[i]);
	return (size_t)BLOCKS / 8 * 7 * SMALL;
}

/* What is left: 7 of 10 parts, and 6 that were one. */
static size_t map_and_unmap(void)
{
	char *memory = map_some(10 * PART);
	munmap(memory + 2 * PART, 3 * PART);
	char *one = map_some(PART);
	if (mremap(one, PART, 6 * PART, MREMAP_MAYMOVE) == MAP_FAILED)
		return 0;
	munmap(map_some(8 * PART), 8 * PART);
	return 13 * PART;
}

int main(void)
{
	size_t blocks = keep_half(), mapped = map_and_unmap();
	char *large = malloc(PART);
	large = realloc(large, 20 * PART);
	memset(large, 1, 20 * PART);
	printf("blocks %zu mapped %zu moved %d\n", blocks, mapped, 20 * PART);
	fflush(stdout);
	usleep(300000);
	return kept[1] == large;
}
