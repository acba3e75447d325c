/* The segment as the recorder reads it: the program may have written anything there, and may write
 * on meanwhile. What is copied out of it lies within it; nothing else is promised. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/heap/segment.h"

struct region {
	char *base; /* a struct heap_shared */
	size_t size;
};

enum { REGION_TEXT = 4096 }; /* bytes of a text, with its NUL */

/* The head of a block, as it was; false: there is none of that kind with so large items. */
bool region_block(const struct region *region, uint64_t at, uint32_t kind, size_t item,
		  struct heap_block *head);

/* The process that has this slot; NULL: nobody. */
struct heap_process *region_process(const struct region *region, size_t slot);

/* The place of that number (its offset / 8); false: there is none. */
bool region_place(const struct region *region, uint32_t number, struct heap_place *place);

/* The text at an offset, cut where it is too long; false: there is none. */
bool region_text(const struct region *region, uint64_t at, char text[REGION_TEXT]);
