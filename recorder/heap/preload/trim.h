/* What malloc_trim(3) would give back: of each free block the pages that are free as a whole. */
#pragma once

#include <stdint.h>

/* Of n blocks of so many bytes together that lie anywhere: none where they are hardly a page. A
 * block of s bytes at any address holds s - PAGE bytes of whole pages, in the mean. */
static inline uint64_t trim_of(uint64_t bytes, uint64_t n)
{
	enum { PAGE = 4096 };
	return bytes / PAGE > n ? bytes - n * PAGE : 0;
}
