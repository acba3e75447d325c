#include "share/array.h"

#include <stdlib.h>
#include <string.h>

void *array_more(void *items, size_t *n, size_t size)
{
	char *base = *(char **)items;
	if ((*n & (*n - 1)) == 0) { /* 0 or a power of two: full */
		base = realloc(base, (*n ? 2 * *n : 1) * size);
		if (!base)
			return NULL;
		*(char **)items = base;
	}
	return memset(base + (*n)++ * size, 0, size);
}
