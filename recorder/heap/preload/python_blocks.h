/* What CPython hands out itself: its small objects never reach malloc, which is asked for whole
 * arenas of them. Stands before its allocators (the domains `mem` and `obj`), wraps what it finds
 * there, and counts what they have from arenas; what they have from malloc is counted there. */
#pragma once

#include <stddef.h>

void python_blocks_begin(void); /* when the library is loaded */

/* Something was mapped by code at `caller`: a Python that was loaded late begins so, and one that
 * starts once more. Not of what our own calls of an arena's allocator map. Cheap. */
void python_blocks_mapped(const void *pointer, size_t size, const void *caller);
