#include "recorder/native/processes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/maps.h"
#include "recorder/native/perf_map.h"
#include "share/array.h"

static const int64_t AGAIN = 50000000; /* ns until the maps of a process are read once more */

/* ---- the maps of one ---- */

static void clear_maps(struct process *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->maps[i].path);
	free(p->maps);
	p->maps = NULL;
	p->n = 0;
	p->unsorted = false;
}

static void clear(struct process *p)
{
	clear_maps(p);
	perf_map_free(p->names);
	*p = (struct process){ .pid = p->pid, .used = p->used };
}

static void drop_map(struct process *p, size_t at)
{
	free(p->maps[at].path);
	memmove(&p->maps[at], &p->maps[at + 1], (--p->n - at) * sizeof *p->maps);
}

/* What it lies over is gone, as far as it does. */
static void cut(struct process *p, uint64_t start, uint64_t end)
{
	for (size_t i = p->n; i-- > 0;) {
		struct mapping *m = &p->maps[i];
		if (m->end <= start || m->start >= end)
			continue;
		if (m->start < start) {
			m->end = start;
		} else if (m->end > end) {
			m->offset += end - m->start;
			m->start = end;
		} else {
			drop_map(p, i);
		}
	}
}

static void add_map(struct process *p, const struct mapping *is, const char *path)
{
	char *copy = p->n < MAPPINGS_MOST && is->start < is->end ? strdup(path) : NULL;
	struct mapping *made = copy ? array_more(&p->maps, &p->n, sizeof *made) : NULL;
	if (!made) {
		free(copy);
		return;
	}
	*made = *is;
	made->path = copy;
	p->unsorted = true;
}

static int compare(const void *a, const void *b)
{
	const struct mapping *one = a, *other = b;
	return (one->start > other->start) - (one->start < other->start);
}

bool mapping_parse(char *line, struct mapping *is, const char **path)
{
	struct maps_line has;
	if (!maps_parse(line, &has) || !strchr(has.rights, 'x') || has.low >= has.high)
		return false;
	*is = (struct mapping){ .start = has.low, .end = has.high, .offset = has.offset };
	*path = has.path[0] ? has.path : "//anon";
	return true;
}

static void read_maps(struct process *p)
{
	char path[32];
	struct mapping is;
	const char *name;
	snprintf(path, sizeof path, "/proc/%d/maps", (int)p->pid);
	p->read = clock_now();
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t n = file ? getline(&line, &room, file) : -1;
	if (n > 0)
		clear_maps(p); /* else it is on its way out: what was told is what we have */
	for (; n > 0; n = getline(&line, &room, file)) {
		if (mapping_parse(line, &is, &name))
			add_map(p, &is, name);
	}
	free(line);
	if (file)
		fclose(file);
	p->known = true;
}

static struct mapping *search(struct process *p, uint64_t address)
{
	if (p->unsorted)
		qsort(p->maps, p->n, sizeof *p->maps, compare);
	p->unsorted = false;
	size_t low = 0, high = p->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (p->maps[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < p->n && p->maps[low].start <= address ? &p->maps[low] : NULL;
}

struct mapping *process_mapping(struct process *p, uint64_t address)
{
	if (!p->known)
		read_maps(p);
	struct mapping *found = search(p, address);
	if (!found && address > 4096 && clock_now() - p->read > AGAIN) {
		read_maps(p);
		found = search(p, address);
	}
	return found;
}

/* ---- all ---- */

static struct process *look_up(struct processes *all, pid_t pid)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].pid == pid)
			return all->items[i].used = ++all->count, &all->items[i];
	return NULL;
}

static struct process *oldest(struct processes *all)
{
	struct process *found = all->items;
	for (size_t i = 1; i < all->n; i++)
		if (all->items[i].used < found->used)
			found = &all->items[i];
	return found;
}

struct process *processes_find(struct processes *all, pid_t pid)
{
	struct process *found = look_up(all, pid);
	if (found)
		return found;
	if (all->n < PROCESSES_MOST)
		found = array_more(&all->items, &all->n, sizeof *found);
	else
		clear(found = oldest(all));
	if (found)
		*found = (struct process){ .pid = pid, .used = ++all->count };
	return found;
}

void processes_forked(struct processes *all, pid_t pid, pid_t parent)
{
	struct process *child = processes_find(all, pid);
	if (!child)
		return;
	clear(child);
	child = NULL; /* finding the other one may move it */
	const struct process *from = look_up(all, parent);
	if (!from || !from->known || !(child = look_up(all, pid)))
		return;
	for (size_t i = 0; i < from->n; i++)
		add_map(child, &from->maps[i], from->maps[i].path);
	child->known = true;
}

void processes_executed(struct processes *all, pid_t pid)
{
	struct process *p = processes_find(all, pid);
	if (!p)
		return;
	clear(p);
	p->known = true;
}

void processes_mapped(struct processes *all, pid_t pid, uint64_t start, uint64_t length,
		      uint64_t offset, const char *path)
{
	struct process *p = processes_find(all, pid);
	if (!p || !p->known || length > UINT64_MAX - start)
		return;
	cut(p, start, start + length);
	add_map(p, &(struct mapping){ .start = start, .end = start + length, .offset = offset },
		path);
}

void processes_doubt(struct processes *all)
{
	for (size_t i = 0; i < all->n; i++)
		all->items[i].known = false;
}

void processes_let_go(struct processes *all)
{
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->items[i].n; k++) {
			all->items[i].maps[k].module = NULL;
			all->items[i].maps[k].age = 0;
		}
}

void processes_free(struct processes *all)
{
	for (size_t i = 0; i < all->n; i++)
		clear(&all->items[i]);
	free(all->items);
	*all = (struct processes){ 0 };
}
