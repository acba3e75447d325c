/* seeds FILE…: a fuzz target without libFuzzer. Each seed is tried whole, cut short in 64 places,
 * and with 256 random bytes changed, one after the other; the same ones in every run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { MOST = 1 << 20, CUTS = 64, CHANGES = 256 };

static uint64_t next_random(uint64_t *state) /* xorshift64 */
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	return *state ^= *state << 17;
}

/* From a block of its own, so that a sanitizer sees the first byte read beyond it. */
static void try(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void try_changed(uint8_t *data, size_t size)
{
	static const char telling[] = " \n\0-.9'\"$\\\xff";
	uint64_t state = 88172645463325252;
	for (int i = 0; size > 0 && i < CHANGES; i++) {
		uint64_t random = next_random(&state);
		uint8_t telling_byte = (uint8_t)telling[(random >> 40) % (sizeof telling - 1)];
		data[random % size] = random & 1 << 30 ? telling_byte : (uint8_t)(random >> 32);
		try(data, size);
	}
}

int main(int argc, char *argv[])
{
	uint8_t *data = malloc(MOST);
	if (!data)
		return 1;
	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		if (!file) {
			printf("not ok %d - %s cannot be opened\n", i, argv[i]);
			continue;
		}
		size_t size = fread(data, 1, MOST, file);
		fclose(file);
		try(data, size);
		for (size_t cut = 1; cut <= CUTS; cut++)
			try(data, size * cut / (CUTS + 1));
		try_changed(data, size);
		const char *slash = strrchr(argv[i], '/');
		printf("ok %d - %s\n", i, slash ? slash + 1 : argv[i]);
		fflush(stdout);
	}
	printf("1..%d\n", argc - 1);
	free(data);
	return 0;
}
