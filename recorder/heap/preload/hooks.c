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

/* Apart from what is usual, which then needs no stack. */
#define APART static __attribute__((noinline))

/* ---- what is new ---- */

static void *taken(void *pointer, size_t size)
{
	if (pointer)
		sample_taken(pointer, size);
	return pointer;
}

APART void *malloc_beyond(size_t size)
{
	bool due = count_beyond(size);
	void *pointer = next.malloc(size);
	return due ? taken(pointer, size) : pointer;
}

EXPORTED void *malloc(size_t size)
{
	return count_is_beyond(size) ? malloc_beyond(size) : next.malloc(size);
}

APART void *calloc_beyond(size_t n, size_t size)
{
	bool due = count_beyond(n * size);
	void *pointer = next.calloc(n, size);
	return due ? taken(pointer, n * size) : pointer;
}

EXPORTED void *calloc(size_t n, size_t size)
{
	return count_is_beyond(n * size) ? calloc_beyond(n, size) : next.calloc(n, size);
}

/* Of the rarer ones. */
static bool is_due(size_t size)
{
	return count_is_beyond(size) && count_beyond(size);
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size)
{
	bool due = is_due(size);
	void *pointer = next.aligned_alloc(alignment, size);
	return due ? taken(pointer, size) : pointer;
}

EXPORTED void *memalign(size_t alignment, size_t size)
{
	bool due = is_due(size);
	void *pointer = next.memalign(alignment, size);
	return due ? taken(pointer, size) : pointer;
}

EXPORTED void *valloc(size_t size)
{
	bool due = is_due(size);
	void *pointer = next.valloc(size);
	return due ? taken(pointer, size) : pointer;
}

EXPORTED void *pvalloc(size_t size)
{
	bool due = is_due(size);
	void *pointer = next.pvalloc(size);
	return due ? taken(pointer, size) : pointer;
}

EXPORTED int posix_memalign(void **pointer, size_t alignment, size_t size)
{
	bool due = is_due(size);
	int error = next.posix_memalign(pointer, alignment, size);
	if (error == 0 && due)
		taken(*pointer, size);
	return error;
}

/* ---- what is freed ---- */

APART void free_kept(void *pointer)
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
	bool kept = sample_withdraw(old, &was), due = is_due(size);
	void *pointer = next.realloc(old, size);
	if (kept && !pointer && size > 0)
		sample_return(&was);
	else if (kept)
		sample_ended(&was);
	return due ? taken(pointer, size) : pointer;
}

APART void *move(void *old, size_t size)
{
	if (!next_lent(old))
		return move_kept(old, size);
	size_t before = next_lent_size(old);
	void *pointer = malloc(size);
	if (pointer)
		memcpy(pointer, old, before < size ? before : size);
	return pointer;
}

APART void *realloc_beyond(void *old, size_t size)
{
	bool due = count_beyond(size);
	void *pointer = next.realloc(old, size);
	return due ? taken(pointer, size) : pointer;
}

EXPORTED void *realloc(void *old, size_t size)
{
	if (RARELY(filter_says(old)))
		return move(old, size);
	return count_is_beyond(size) ? realloc_beyond(old, size) : next.realloc(old, size);
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
