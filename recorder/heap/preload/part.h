/* What a sampled block of so many bytes stands for in the arenas that it lies in, with its head and
 * as far as it is rounded up: what these would say of themselves. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Of the C library's malloc. 0: it has a map of its own, or is another allocator's. */
int64_t part_of_malloc(const void *pointer, size_t size);

int64_t part_of_python(size_t size);
