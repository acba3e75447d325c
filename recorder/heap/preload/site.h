/* The sites of this process, by their stacks. All with the lock held. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/heap/segment.h"

struct site_stack {
	uint32_t places[HEAP_DEPTH];
	uint32_t n;
};

/* Where so much of its own memory is used that it would weigh beside the heap, stacks that are new
 * are told by their innermost places only; without any more room, all are the process' first. */
struct heap_site *site_find(const struct site_stack *stack, bool inherited);

void site_begins(struct heap_site *site, size_t size); /* a sampled block */
void site_ends(struct heap_site *site, size_t size);   /* which is freed */
void site_stays(struct heap_site *site, size_t size);  /* so much of it is not, after all */

void site_forked(void); /* a part of its own begins, without sites */
