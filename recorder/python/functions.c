#include "recorder/python/functions.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 12, MOST_INDEXED = 1 << 18 }; /* of the table: bytes before it; functions */

/* Encodings of a pointer, DW_EH_PE_*: what is beneath bit 4 is its width. */
enum { FROM_TABLE = 0x30, UNSIGNED_4 = 3, SIGNED_4 = 0x0b };

/* How many functions the sorted table of .eh_frame_hdr has; 0: there is none that we can read. */
static uint32_t count_functions(const struct binary *binary, int fd)
{
	uint8_t head[HEAD];
	uint32_t n;
	if (!binary->unwinding ||
	    binary_bytes(binary, fd, binary->unwinding, head, sizeof head) != sizeof head ||
	    head[0] != 1 || head[2] != UNSIGNED_4 || head[3] != (FROM_TABLE | SIGNED_4) ||
	    ((head[1] & 15) != SIGNED_4 && (head[1] & 15) != UNSIGNED_4))
		return 0;
	memcpy(&n, head + 8, sizeof n);
	return n;
}

void functions_read(struct binary *binary, int fd)
{
	uint32_t n = count_functions(binary, fd);
	size_t size = n * sizeof *binary->functions;
	if (n == 0 || n > MOST_INDEXED)
		return;
	binary->functions = malloc(size);
	if (!binary->functions)
		return;
	size_t got = binary_bytes(binary, fd, binary->unwinding + HEAD, binary->functions, size);
	binary->n_functions = got / sizeof *binary->functions;
}

/* Of a function: its first byte, its entry. */
static bool get_function(const struct binary *binary, int fd, uint64_t i, int32_t row[2])
{
	size_t size = sizeof *binary->functions;
	if (binary->functions && i >= binary->n_functions)
		return false;
	if (!binary->functions)
		return binary_bytes(binary, fd, binary->unwinding + HEAD + i * size, row, size) ==
		       size;
	memcpy(row, binary->functions[i], size);
	return true;
}

uint64_t functions_find(const struct binary *binary, int fd, uint64_t address)
{
	int32_t row[2];
	uint64_t base = binary->unwinding, found = 0;
	uint64_t low = 0,
		 high = binary->functions ? binary->n_functions : count_functions(binary, fd);
	while (low < high) {
		uint64_t middle = (low + high) / 2;
		if (!get_function(binary, fd, middle, row))
			return 0;
		if (base + (uint64_t)(int64_t)row[0] <= address) {
			low = middle + 1;
			found = base + (uint64_t)(int64_t)row[1];
		} else {
			high = middle;
		}
	}
	return found;
}
