/* Counting bytes down to the next sample. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define RARELY(x) __builtin_expect(x, 0)

extern _Thread_local int64_t count_left; /* bytes to the next sample */

/* It has been reached; returns the pointer. */
void *count_reached(void *pointer, size_t size, void (*taken)(const void *, size_t));

/* A block, which may be NULL, of the allocator behind us. */
void *count_sample(void *pointer, size_t size);
static inline void *count_block(void *pointer, size_t size)
{
	count_left -= (int64_t)(size & INT64_MAX);
	return RARELY(count_left < 0) ? count_sample(pointer, size) : pointer;
}
