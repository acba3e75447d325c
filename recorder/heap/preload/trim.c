#include "recorder/heap/preload/trim.h"

/* A block of s bytes at any address holds s - PAGE bytes of whole pages, in the mean. */
uint64_t trim_of(uint64_t bytes, uint64_t n)
{
	enum { PAGE = 4096 };
	return bytes / PAGE > n ? bytes - n * PAGE : 0;
}
