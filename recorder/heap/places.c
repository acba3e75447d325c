#include "recorder/heap/places.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/heap/extents.h"
#include "recorder/python/stack.h"
#include "share/array.h"

enum { LEFT_OUT = 1, FIRST_SLOTS = 1024, MOST_NAMES = 1 << 20, MOST_OF_ONE = 32 };

/* ---- by their numbers in the segment ---- */

static struct places_slot *slot_of(struct places_slot *slots, size_t n, uint32_t at)
{
	size_t i = at * 0x9e3779b1u;
	for (;; i++) {
		struct places_slot *slot = &slots[i & (n - 1)];
		if (slot->number == 0 || slot->at == at)
			return slot;
	}
}

static bool make_slots(struct places *p)
{
	size_t n = p->n_slots ? p->n_slots * 2 : FIRST_SLOTS;
	struct places_slot *slots = calloc(n, sizeof *slots);
	if (!slots)
		return false;
	for (size_t i = 0; i < p->n_slots; i++)
		if (p->slots[i].number)
			*slot_of(slots, n, p->slots[i].at) = p->slots[i];
	free(p->slots);
	p->slots = slots;
	p->n_slots = n;
	return true;
}

static void remember(struct places *p, uint32_t at, uint32_t number)
{
	if (p->n_known * 2 >= p->n_slots && !make_slots(p))
		return;
	*slot_of(p->slots, p->n_slots, at) = (struct places_slot){ at, number + 1 };
	p->n_known++;
}

/* ---- by what they are ---- */

/* A new one where the key is new. */
static uint32_t number_of(struct places *p, const char *key, const struct spot *is)
{
	long number = names_find(&p->keys, key, PLACES_MOST);
	if (number < 0)
		return PLACES_NONE;
	if ((size_t)number < p->n)
		return (uint32_t)number;
	struct spot *place = array_more(&p->items, &p->n, sizeof *place);
	if (!place)
		return PLACES_NONE;
	*place = *is;
	return (uint32_t)number;
}

static bool add_name(struct places *p, struct spot *place, const struct place_name *is)
{
	struct place_name *name =
		p->n_names < MOST_NAMES ? array_more(&p->names, &p->n_names, sizeof *name) : NULL;
	if (!name)
		return false;
	if (place->n == 0)
		place->first = (uint32_t)p->n_names - 1;
	place->n++;
	*name = *is;
	return true;
}

static uint32_t find_python(struct places *p, const struct region *region,
			    const struct heap_place *is)
{
	char path[REGION_TEXT], function[REGION_TEXT], key[64];
	if (!region_text(region, is->path, path) || !region_text(region, is->function, function))
		return PLACES_NONE;
	long file = names_find(&p->texts, path, PLACES_MOST);
	long name = names_find(&p->texts, function, PLACES_MOST);
	if (file < 0 || name < 0)
		return PLACES_NONE;
	int line = is->line > 0 ? is->line : 0;
	snprintf(key, sizeof key, "P %ld %ld %d", file, name, line);
	const struct spot made = { .state = PLACE_PYTHON, .path = (uint32_t)file };
	uint32_t number = number_of(p, key, &made);
	if (number != PLACES_NONE && p->items[number].n == 0 &&
	    !add_name(p, &p->items[number],
		      &(struct place_name){ (uint32_t)file, (uint32_t)name, line }))
		return PLACES_NONE;
	return number;
}

static const char *nowhere_is(const struct layout *layout)
{
	return layout->unread ? "[not known]" : "[unmapped]";
}

/* The kernel's word counts; where there was none to be had, the program's own does. */
static const struct extent *find_extent(struct places *p, const struct places_asker *asker,
					uint64_t address)
{
	struct layout *layout = asker->layout;
	const struct extent *found =
		layout_find(layout, asker->aside, &p->texts, asker->pid, address);
	if (found || layout->n > 0 || (asker->pid > 0 && !layout->unread))
		return found;
	struct layout told = { .read_at = layout->read_at, .unread = layout->unread };
	if (extents_take(&told, asker->region, asker->slot, &p->texts))
		*layout = told;
	return layout_find(layout, asker->aside, &p->texts, asker->pid, address);
}

/* Code that was made at run time is that of one process. */
static uint32_t find_native(struct places *p, const struct places_asker *asker, uint64_t address)
{
	char key[80];
	const struct extent *extent = find_extent(p, asker, address - 1);
	const struct extent nowhere = { .end = address };
	struct spot made = { .state = PLACE_UNASKED, .pid = asker->pid, .address = address };
	made.extent = extent ? *extent : nowhere;
	const char *path = extent ? places_text(p, extent->path) : "";
	if (*path == '/' && path[1] != '/')
		snprintf(key, sizeof key, "N %u %" PRIx64, extent->path,
			 address - extent->start + extent->offset);
	else
		snprintf(key, sizeof key, "A %d %" PRIx64, (int)asker->pid, address);
	long file = extent ? (long)extent->path
			   : names_find(&p->texts, nowhere_is(asker->layout), PLACES_MOST);
	if (file < 0)
		return PLACES_NONE;
	made.path = (uint32_t)file;
	uint32_t number = number_of(p, key, &made);
	if (number != PLACES_NONE && !extent && p->items[number].n == 0)
		places_name_plainly(p, number);
	return number;
}

/* Of all deep stacks. */
static uint32_t find_gap(struct places *p)
{
	const struct spot made = { .state = PLACE_NAMED };
	uint32_t number = number_of(p, STACK_GAP, &made);
	if (number != PLACES_NONE && p->items[number].n == 0)
		places_name(p, number, STACK_GAP, "...", 0);
	return number;
}

uint32_t places_find(struct places *p, const struct places_asker *asker, uint32_t at)
{
	struct heap_place is;
	const struct places_slot *slot = p->n_slots ? slot_of(p->slots, p->n_slots, at) : NULL;
	if (slot && slot->number)
		return slot->number - 1;
	if (!region_place(asker->region, at, &is))
		return PLACES_NONE;
	uint32_t number = is.address == LEFT_OUT ? find_gap(p)
			  : is.address           ? find_native(p, asker, is.address)
						 : find_python(p, asker->region, &is);
	if (number != PLACES_NONE)
		remember(p, at, number);
	return number;
}

/* ---- names ---- */

void places_name(struct places *p, uint32_t number, const char *path, const char *function,
		 int line)
{
	struct spot *place = &p->items[number];
	long file = names_find(&p->texts, path, PLACES_MOST);
	long name = names_find(&p->texts, function, PLACES_MOST);
	if (file < 0 || name < 0 || place->n == MOST_OF_ONE)
		return;
	if (add_name(p, place, &(struct place_name){ (uint32_t)file, (uint32_t)name, line }))
		place->state = PLACE_NAMED;
}

void places_name_plainly(struct places *p, uint32_t number)
{
	struct spot *place = &p->items[number];
	char offset[32];
	bool mapped = place->extent.start > 0;
	uint64_t where = place->address - 1;
	if (mapped)
		where = where - place->extent.start + place->extent.offset;
	snprintf(offset, sizeof offset, "+0x%" PRIx64, where);
	const char *path = places_text(p, place->path);
	places_name(p, number, strncmp(path, "//anon", 6) == 0 ? "[jit]" : path, offset, 0);
	place->state = PLACE_NAMED;
}

void places_free(struct places *p)
{
	names_free(&p->texts);
	names_free(&p->keys);
	free(p->items);
	free(p->names);
	free(p->slots);
	*p = (struct places){ 0 };
}
