#include "recorder/bill/classes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- files that are executed ---- */

struct file {
	uint64_t device, inode;
};

static int compare(const void *a, const void *b)
{
	const struct file *one = a, *other = b;
	if (one->device != other->device)
		return one->device < other->device ? -1 : 1;
	return (one->inode > other->inode) - (one->inode < other->inode);
}

struct files {
	struct file *all;
	size_t n;
};

static int find_executed(struct files *files, const struct smaps_maps *maps)
{
	size_t n = 0;
	for (size_t i = 0; i < maps->n; i++)
		n += maps->all[i].runs && maps->all[i].inode != 0;
	files->n = 0;
	files->all = malloc((n ? n : 1) * sizeof *files->all);
	if (!files->all)
		return -ENOMEM;
	for (size_t i = 0; i < maps->n; i++) {
		const struct smaps_map *m = &maps->all[i];
		if (m->runs && m->inode != 0)
			files->all[files->n++] = (struct file){ m->device, m->inode };
	}
	qsort(files->all, files->n, sizeof *files->all, compare);
	return 0;
}

static bool is_executed(const struct files *files, const struct smaps_map *map)
{
	const struct file file = { map->device, map->inode };
	return map->inode != 0 && map->name != SMAPS_SHARED &&
	       bsearch(&file, files->all, files->n, sizeof file, compare);
}

/* ---- what is known by where it lies ---- */

static const struct smaps_map *before(const struct smaps_maps *maps, size_t at)
{
	const struct smaps_map *map = &maps->all[at];
	return at > 0 && map[-1].high == map->low ? map - 1 : NULL;
}

static const struct smaps_map *behind(const struct smaps_maps *maps, size_t at)
{
	const struct smaps_map *map = &maps->all[at];
	return at + 1 < maps->n && map[1].low == map->high ? map + 1 : NULL;
}

static bool is_nameless(const struct smaps_map *map)
{
	return map->name == SMAPS_NAMELESS && map->inode == 0 && !map->shared;
}

static bool is_reserved(const struct smaps_map *map)
{
	return map && is_nameless(map) && !map->reads && !map->writes && !map->runs;
}

static bool is_writable(const struct smaps_map *map)
{
	return is_nameless(map) && map->reads && map->writes;
}

/* glibc's arenas beside the brk heap: HEAP_MAX_SIZE at an address of its multiple, of which so much
 * may be written as is in use; behind that the rest is reserved. */
static bool is_arena(const struct smaps_maps *maps, size_t at)
{
	static const uint64_t ARENA = 64 << 20;
	const struct smaps_map *map = &maps->all[at], *rest = behind(maps, at);
	return is_writable(map) && map->low % ARENA == 0 && is_reserved(rest) &&
	       rest->high % ARENA == 0;
}

/* A thread's: of the size that such are made in, with or without the guard below it. */
static bool is_stack(const struct smaps_maps *maps, size_t at, uint64_t size)
{
	static const uint64_t WIDEST = 64 << 10; /* of a guard */
	const struct smaps_map *map = &maps->all[at], *guard = before(maps, at);
	if (!is_writable(map) || !is_reserved(guard) || guard->high - guard->low > WIDEST)
		return false;
	uint64_t own = map->high - map->low;
	return own == size || own + (guard->high - guard->low) == size;
}

/* What of a program's variables does not stand in its file, behind those that do. Only of the
 * first, the program itself: behind a library anything may lie. */
static bool is_bss(const struct smaps_maps *maps, size_t at)
{
	const struct smaps_map *data = before(maps, at), *first = maps->all;
	return data && is_writable(&maps->all[at]) && data->writes && data->inode != 0 &&
	       data->inode == first->inode && data->device == first->device;
}

/* ---- the classes ---- */

static bool is_volatile(const struct classes_hints *hints, const struct smaps_map *map)
{
	for (size_t i = 0; i < hints->n_volatile; i++)
		if (hints->volatile_devices[i] == map->device)
			return true;
	return map->name == SMAPS_SHARED;
}

static enum bill_class class_of_file(const struct classes_hints *hints, const struct smaps_map *map)
{
	if (is_volatile(hints, map))
		return BILL_SHARED;
	return map->name == SMAPS_ARRAY  ? BILL_ARRAY
	       : map->name == SMAPS_FILE ? BILL_FILE
					 : BILL_UNTOLD;
}

static enum bill_class class_of_memory(const struct smaps_maps *maps, size_t at,
				       const struct classes_hints *hints)
{
	const struct smaps_map *map = &maps->all[at];
	switch (map->name) {
	case SMAPS_HEAP: return BILL_HEAP;
	case SMAPS_STACK: return BILL_STACK;
	case SMAPS_KERNEL: return BILL_PROGRAM;
	default:
		return is_arena(maps, at)                 ? BILL_HEAP
		       : is_stack(maps, at, hints->stack) ? BILL_STACK
		       : is_bss(maps, at)                 ? BILL_PROGRAM
							  : BILL_ANON;
	}
}

/* Of a map without a file; huge pages are told apart where nothing more is known. */
static void add_memory(struct classes_sum *sum, const struct smaps_maps *maps, size_t at,
		       const struct classes_hints *hints)
{
	const struct smaps_map *map = &maps->all[at];
	enum bill_class class = class_of_memory(maps, at, hints);
	uint64_t huge = map->huge < map->resident ? map->huge : map->resident;
	if (class != BILL_ANON)
		huge = 0;
	if (class == BILL_HEAP)
		sum->heap_range += map->high - map->low;
	sum->bytes[BILL_HUGE] += huge;
	sum->bytes[class] += map->resident - huge;
}

/* What a private map of a file has been written to is the program's own. */
static void add_file(struct classes_sum *sum, const struct smaps_map *map,
		     const struct classes_hints *hints)
{
	uint64_t own = map->shared ? 0 : map->anonymous;
	own = own < map->resident ? own : map->resident;
	sum->bytes[BILL_ANON] += own;
	sum->bytes[class_of_file(hints, map)] += map->resident - own;
}

int classes_add(struct classes_sum *sum, const struct smaps_maps *maps,
		const struct classes_hints *hints)
{
	struct files executed;
	int r = find_executed(&executed, maps);
	for (size_t i = 0; i < maps->n && r == 0; i++) {
		const struct smaps_map *map = &maps->all[i];
		sum->bytes[BILL_HUGETLB] += map->hugetlb;
		if (is_executed(&executed, map))
			sum->bytes[BILL_PROGRAM] += map->resident;
		else if (map->inode == 0 && !map->shared && map->name != SMAPS_OTHER &&
			 map->name != SMAPS_SHARED)
			add_memory(sum, maps, i, hints);
		else
			add_file(sum, map, hints);
	}
	free(executed.all);
	return r;
}
