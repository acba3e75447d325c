#include "recorder/heap/preload/part.h"

#include <math.h>
#include <string.h>

#include "recorder/heap/preload/next.h"
#include "recorder/heap/preload/sampler.h"
#include "recorder/heap/preload/shared.h"

static int64_t scaled(size_t size, size_t whole)
{
	double each = size ? (double)whole / (double)size : 0;
	return llrint(sampler_weight(size, shared_mean) * each);
}

/* malloc/malloc.c: the size stands before the block, and flags in its low bits. */
int64_t part_of_malloc(const void *pointer, size_t size)
{
	enum { MAPPED = 2, FLAGS = 7, MOST_MORE = 64 << 10 };
	size_t head;
	if (!next_is_libc() || next_lent(pointer))
		return 0;
	memcpy(&head, (const char *)pointer - sizeof head, sizeof head);
	size_t whole = head & ~(size_t)FLAGS;
	bool fits = whole >= size && whole - size <= MOST_MORE;
	return fits && !(head & MAPPED) ? scaled(size, whole) : 0;
}

/* Objects/obmalloc.c: ALIGNMENT */
int64_t part_of_python(size_t size)
{
	enum { STEP = 16 };
	return scaled(size, (size + STEP - 1) / STEP * STEP);
}
