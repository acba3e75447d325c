/* What the program calls in the allocator's stead. A call costs a subtraction and a compare, and a
 * free a look at the filter; all else happens at samples. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/heap/preload/count.h"
#include "recorder/heap/preload/filter.h"
#include "recorder/heap/preload/hold.h"
#include "recorder/heap/preload/next.h"
#include "recorder/heap/preload/sample.h"

#define EXPORTED __attribute__((visibility("default")))
/* ---- what is new ---- */

EXPORTED void *malloc(size_t size)
{
	return count_block(next.malloc(size), size);
}

EXPORTED void *calloc(size_t n, size_t size)
{
	return count_block(next.calloc(n, size), n * size);
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size)
{
	return count_block(next.aligned_alloc(alignment, size), size);
}

EXPORTED void *memalign(size_t alignment, size_t size)
{
	return count_block(next.memalign(alignment, size), size);
}

EXPORTED void *valloc(size_t size)
{
	return count_block(next.valloc(size), size);
}

EXPORTED void *pvalloc(size_t size)
{
	return count_block(next.pvalloc(size), size);
}

EXPORTED int posix_memalign(void **pointer, size_t alignment, size_t size)
{
	int error = next.posix_memalign(pointer, alignment, size);
	if (error == 0)
		count_block(*pointer, size);
	return error;
}

/* ---- what is freed ---- */

static __attribute__((noinline)) void free_kept(void *pointer)
{
	if (next_lent(pointer))
		return;
	sample_freed(pointer);
	next.free(pointer);
}

EXPORTED void free(void *pointer)
{
	if (RARELY(filter_says(pointer)))
		free_kept(pointer);
	else
		next.free(pointer);
}

/* ---- what is moved ---- */

/* It is taken out before it may be another's. */
static void *move_kept(void *old, size_t size)
{
	struct sampled was;
	bool kept = sample_withdraw(old, &was);
	void *pointer = next.realloc(old, size);
	if (kept && !pointer && size > 0)
		sample_return(&was);
	else if (kept)
		sample_ended(&was);
	return count_block(pointer, size);
}

static __attribute__((noinline)) void *move(void *old, size_t size)
{
	if (!next_lent(old))
		return move_kept(old, size);
	size_t before = next_lent_size(old);
	void *pointer = malloc(size);
	if (pointer)
		memcpy(pointer, old, before < size ? before : size);
	return pointer;
}

EXPORTED void *realloc(void *old, size_t size)
{
	if (RARELY(filter_says(old)))
		return move(old, size);
	return count_block(next.realloc(old, size), size);
}

EXPORTED void *reallocarray(void *old, size_t n, size_t size)
{
	size_t whole;
	if (__builtin_mul_overflow(n, size, &whole)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, whole);
}
