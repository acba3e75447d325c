#include "recorder/heap/region.h"

#include <string.h>

/* So many bytes from there on? */
static bool holds(const struct region *region, uint64_t at, uint64_t size)
{
	return at >= sizeof(struct heap_shared) && at % 8 == 0 && at <= region->size &&
	       size <= region->size - at;
}

bool region_block(const struct region *region, uint64_t at, uint32_t kind, size_t item,
		  struct heap_block *head)
{
	if (!holds(region, at, sizeof *head))
		return false;
	const struct heap_block *is = (const void *)(region->base + at);
	head->size = is->size;
	head->kind = is->kind;
	head->n = is->n;
	head->next = atomic_load_explicit(&is->next, memory_order_acquire);
	head->filled = atomic_load_explicit(&is->filled, memory_order_acquire);
	return head->kind == kind && head->size >= sizeof *head && holds(region, at, head->size) &&
	       head->filled <= head->n && (uint64_t)head->n * item <= head->size - sizeof *head;
}

struct heap_process *region_process(const struct region *region, size_t slot)
{
	const struct heap_shared *shared = (const void *)region->base;
	uint64_t at = atomic_load_explicit(&shared->processes[slot], memory_order_acquire);
	if (!holds(region, at, sizeof(struct heap_process)))
		return NULL;
	struct heap_process *is = (void *)(region->base + at);
	return is->head.kind == HEAP_PROCESS ? is : NULL;
}

bool region_place(const struct region *region, uint32_t number, struct heap_place *place)
{
	uint64_t at = (uint64_t)number * 8;
	if (!holds(region, at, sizeof *place))
		return false;
	memcpy(place, region->base + at, sizeof *place);
	return true;
}

bool region_text(const struct region *region, uint64_t at, char text[REGION_TEXT])
{
	if (at < sizeof(struct heap_shared) || at >= region->size)
		return false;
	size_t most = region->size - at < REGION_TEXT ? region->size - at : REGION_TEXT;
	const volatile char *from = region->base + at;
	size_t n = 0;
	while (n + 1 < most && (text[n] = from[n]))
		n++;
	text[n] = '\0';
	return n > 0;
}
