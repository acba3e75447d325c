#include "recorder/heap/extents.h"

#include <string.h>

#include "share/array.h"

enum { MOST_BLOCKS = 64, MOST_TEXTS = 1 << 20 };

static void take(struct layout *layout, const struct region *region, const struct heap_extent *is,
		 struct names *texts)
{
	char path[REGION_TEXT];
	uint64_t behind = layout->n ? layout->items[layout->n - 1].end : 1;
	if (is->start < behind || is->start >= is->end || layout->n >= LAYOUT_MOST ||
	    !region_text(region, is->path, path) || *path != '/')
		return;
	long number = names_find(texts, path, MOST_TEXTS);
	struct extent *made =
		number < 0 ? NULL : array_more(&layout->items, &layout->n, sizeof *made);
	if (made)
		*made = (struct extent){ is->start, is->end, is->offset, (uint32_t)number };
}

bool extents_take(struct layout *layout, const struct region *region, size_t slot,
		  struct names *texts)
{
	const struct heap_process *process = region_process(region, slot);
	uint64_t at = process ? atomic_load(&process->extents) : 0;
	struct heap_block head;
	struct heap_extent is;
	for (int i = 0; at && i < MOST_BLOCKS; i++, at = head.next) {
		if (!region_block(region, at, HEAP_EXTENTS, sizeof is, &head))
			break;
		for (uint32_t k = 0; k < head.filled; k++) {
			memcpy(&is, region->base + at + sizeof head + k * sizeof is, sizeof is);
			take(layout, region, &is, texts);
		}
	}
	return layout->n > 0;
}
