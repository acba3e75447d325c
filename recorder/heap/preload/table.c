#include "recorder/heap/preload/table.h"

#include "recorder/heap/preload/object.h"

static struct sampled *table;
static size_t room, used; /* room: a power of two */

static size_t home(const void *pointer, size_t n)
{
	uint64_t hash = ((uint64_t)(uintptr_t)pointer >> 4) * 0x9e3779b97f4a7c15;
	return (hash >> 20) & (n - 1);
}

size_t table_size(void)
{
	return used;
}

struct sampled *table_all(size_t *n)
{
	*n = room;
	return table;
}

static void put(struct sampled *into, size_t n, const struct sampled *one)
{
	size_t i = home(one->pointer, n);
	while (into[i].pointer)
		i = (i + 1) & (n - 1);
	into[i] = *one;
}

static bool make_room(void)
{
	size_t n = room ? room * 2 : 1024;
	if (used < room / 4 * 3)
		return true;
	struct sampled *made = object_memory(n * sizeof *made);
	if (!made)
		return used + 1 < room;
	for (size_t i = 0; i < room; i++)
		if (table[i].pointer)
			put(made, n, &table[i]);
	if (table)
		object_munmap(table, room * sizeof *table);
	table = made;
	room = n;
	return true;
}

bool table_add(const struct sampled *one)
{
	if (!make_room())
		return false;
	put(table, room, one);
	used++;
	return true;
}

/* Those behind that stand there only because this place was taken move up. */
static void close_gap(size_t gap)
{
	for (size_t i = (gap + 1) & (room - 1); table[i].pointer; i = (i + 1) & (room - 1)) {
		size_t wanted = home(table[i].pointer, room);
		if (((i - wanted) & (room - 1)) < ((i - gap) & (room - 1)))
			continue;
		table[gap] = table[i];
		gap = i;
	}
	table[gap].pointer = NULL;
}

bool table_remove(const void *pointer, struct sampled *was)
{
	if (!room)
		return false;
	size_t i = home(pointer, room);
	while (table[i].pointer && table[i].pointer != pointer)
		i = (i + 1) & (room - 1);
	if (!table[i].pointer)
		return false;
	*was = table[i];
	used--;
	close_gap(i);
	return true;
}
