/* The sampled blocks that live, by their address. All with the lock held. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/heap/segment.h"

struct sampled {
	const void *pointer; /* NULL: a place that is free */
	size_t size;
	struct heap_site *site;
	int64_t in_malloc, in_python; /* what it stands for in the arenas of either (part.h) */
};

bool table_add(const struct sampled *one); /* false: no memory */
bool table_remove(const void *pointer, struct sampled *was);
size_t table_size(void);

/* Room for `n` in all, of which some are free. */
struct sampled *table_all(size_t *n);
