/* Arrays that grow one element at a time. */
#pragma once

#include <stddef.h>

/* Makes room for one more element of `size` bytes in *(T **)items, counts it in *n and returns it
 * zeroed; NULL: no memory, and nothing has changed. The room doubles at powers of two, so that the
 * count is all that need be kept. */
void *array_more(void *items, size_t *n, size_t size);
