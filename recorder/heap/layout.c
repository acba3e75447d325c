#include "recorder/heap/layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/maps.h"
#include "recorder/python/aside.h"
#include "share/array.h"

static const int64_t AGAIN = 100000000;    /* ns until the maps are read once more */
static const int64_t PATIENCE = 200000000; /* ns: thousands of maps on a busy machine */
enum { MOST_TEXTS = 1 << 20 };

/* What is used aside, and so lives as long as that goes on. */
struct reading {
	struct reading *before; /* of those that were given up */
	pid_t pid;
	struct line {
		struct extent is;
		char *path;
	} * lines;
	size_t n;
};

static void keep(struct reading *reading, char *text)
{
	struct maps_line has;
	if (reading->n >= LAYOUT_MOST || !maps_parse(text, &has) || !strchr(has.rights, 'x') ||
	    has.low >= has.high)
		return;
	char *path = strdup(has.path[0] ? has.path : "//anon");
	struct line *line = path ? array_more(&reading->lines, &reading->n, sizeof *line) : NULL;
	if (line)
		*line = (struct line){ { has.low, has.high, has.offset, 0 }, path };
	else
		free(path);
}

static void read_maps(void *context)
{
	struct reading *reading = context;
	char path[32], *text = NULL;
	size_t room = 0;
	snprintf(path, sizeof path, "/proc/%d/maps", (int)reading->pid);
	FILE *file = fopen(path, "re");
	while (file && getline(&text, &room, file) > 0)
		keep(reading, text);
	free(text);
	if (file)
		fclose(file);
}

static void free_reading(struct reading *reading)
{
	for (size_t i = 0; i < reading->n; i++)
		free(reading->lines[i].path);
	free(reading->lines);
	free(reading);
}

/* What was known stays where nothing can be read any more. */
static void take(struct layout *layout, struct names *texts, const struct reading *reading)
{
	struct extent *items = calloc(reading->n, sizeof *items);
	if (!items)
		return;
	free(layout->items);
	layout->items = items;
	layout->n = 0;
	for (size_t i = 0; i < reading->n; i++) {
		long path = names_find(texts, reading->lines[i].path, MOST_TEXTS);
		if (path < 0)
			continue;
		items[layout->n] = reading->lines[i].is;
		items[layout->n++].path = (uint32_t)path;
	}
}

static void look(struct layout *layout, struct aside *aside, struct names *texts, pid_t pid)
{
	struct reading *reading = calloc(1, sizeof *reading);
	int64_t cost;
	layout->read_at = clock_now();
	if (!reading)
		return;
	reading->pid = pid;
	int r = aside_do(aside, read_maps, reading, PATIENCE, &cost);
	layout->unread = r != 0 || reading->n == 0;
	if (!layout->unread)
		take(layout, texts, reading);
	if (r != -ETIMEDOUT) {
		free_reading(reading);
		return;
	}
	/* It is used until the process lets go of whoever reads it, perhaps for ever. */
	static struct reading *given_up;
	reading->before = given_up;
	given_up = reading;
}

static const struct extent *search(const struct layout *layout, uint64_t address)
{
	size_t low = 0, high = layout->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (layout->items[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < layout->n && layout->items[low].start <= address ? &layout->items[low] : NULL;
}

const struct extent *layout_find(struct layout *layout, struct aside *aside, struct names *texts,
				 pid_t pid, uint64_t address)
{
	const struct extent *found = search(layout, address);
	if (found || pid <= 0 || (layout->read_at > 0 && clock_now() - layout->read_at < AGAIN))
		return found;
	look(layout, aside, texts, pid);
	return search(layout, address);
}

void layout_free(struct layout *layout)
{
	free(layout->items);
	*layout = (struct layout){ 0 };
}
