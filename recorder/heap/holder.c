#include "recorder/heap/holder.h"

#include <stdlib.h>
#include <string.h>

#include "share/array.h"

static const int64_t MOST = (int64_t)1 << 56;        /* bytes */
static const int64_t MOST_SPREAD = (int64_t)1 << 60; /* KiB²: of 1 TiB, squared */

struct holder *holder_new(const struct region *region, size_t slot, int64_t now)
{
	const struct heap_process *is = region_process(region, slot);
	int number = is ? atomic_load_explicit(&is->pid, memory_order_acquire) : 0;
	struct holder *h = number > 0 ? calloc(1, sizeof *h) : NULL;
	if (h)
		*h = (struct holder){
			.slot = slot, .number = number, .serial = is->serial, .met = now
		};
	return h;
}

void holder_free(struct holder *h)
{
	if (!h)
		return;
	layout_free(&h->layout);
	free(h->stands);
	free(h);
}

bool holder_stays(const struct holder *h, const struct region *region)
{
	const struct heap_process *is = region_process(region, h->slot);
	return is && atomic_load(&is->pid) == h->number;
}

/* ---- sites ---- */

static void take_site(struct holder *h, const struct heap_site *site)
{
	struct stand *stand = array_more(&h->stands, &h->n, sizeof *stand);
	if (stand)
		*stand = (struct stand){ .site = site, .inherited = site->inherited != 0 };
}

static void take_items(struct holder *h, const struct region *region, const struct heap_block *head)
{
	const struct heap_site *sites =
		(const void *)(region->base + h->block + sizeof(struct heap_block));
	for (; h->taken < head->filled; h->taken++)
		take_site(h, &sites[h->taken]);
}

/* On to the next block, if this one is full and there is one: all of them together are no more than
 * the segment, wherever they say they lie. */
static bool go_on(struct holder *h, const struct region *region, const struct heap_block *head)
{
	struct heap_block next;
	if (h->taken < head->n || head->next == 0 ||
	    !region_block(region, head->next, HEAP_SITES, sizeof(struct heap_site), &next) ||
	    next.n == 0 || next.size > region->size - h->bytes)
		return false;
	h->block = head->next;
	h->bytes += next.size;
	h->taken = 0;
	return true;
}

static bool begin(struct holder *h, const struct region *region)
{
	const struct heap_process *is = region_process(region, h->slot);
	if (h->block == 0 && is)
		h->block = atomic_load_explicit(&is->sites, memory_order_acquire);
	return h->block != 0;
}

void holder_look(struct holder *h, const struct region *region)
{
	struct heap_block head;
	if (!begin(h, region))
		return;
	do {
		if (!region_block(region, h->block, HEAP_SITES, sizeof(struct heap_site), &head))
			return;
		take_items(h, region, &head);
	} while (go_on(h, region, &head));
}

/* ---- what they say ---- */

static int64_t bounded(int64_t value, int64_t most)
{
	return value < 0 ? 0 : value > most ? most : value;
}

struct figures stand_figures(const struct stand *stand)
{
	const struct heap_site *site = stand->site;
	return (struct figures){
		bounded(atomic_load_explicit(&site->live, memory_order_relaxed), MOST),
		bounded(atomic_load_explicit(&site->given_back, memory_order_relaxed), MOST),
		bounded(atomic_load_explicit(&site->blocks, memory_order_relaxed), MOST),
		bounded(atomic_load_explicit(&site->spread, memory_order_relaxed), MOST_SPREAD),
	};
}

void stand_stack(const struct stand *stand, struct places *places, const struct places_asker *asker,
		 struct stack_of *stack)
{
	uint32_t depth = stand->site->depth;
	stack->n = depth < HEAP_DEPTH ? depth : HEAP_DEPTH;
	for (size_t i = 0; i < stack->n; i++)
		stack->places[i] = places_find(places, asker, stand->site->places[i]);
}
