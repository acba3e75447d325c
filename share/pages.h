/* Zeroed memory of which only what is touched is had: for tables that are large and mostly empty.
 */
#pragma once

#include <stddef.h>

void *pages_new(size_t size);              /* NULL: no memory */
void pages_free(void *pages, size_t size); /* NULL is accepted */
