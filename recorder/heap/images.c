#include "recorder/heap/images.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/maps.h"
#include "recorder/python/aside.h"
#include "share/array.h"

static const int64_t AGAIN = 100000000;   /* ns until the maps are read once more */
static const int64_t PATIENCE = 20000000; /* ns */
enum { MOST_TEXTS = 1 << 20 };

/* What is used aside, and so lives as long as that goes on. */
struct reading {
	pid_t pid;
	struct line {
		struct image is;
		char *path;
	} * lines;
	size_t n;
};

static void keep(struct reading *reading, char *text)
{
	struct maps_line has;
	if (reading->n >= IMAGES_MOST || !maps_parse(text, &has) || !strchr(has.rights, 'x') ||
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
static void take(struct images *images, struct names *texts, const struct reading *reading)
{
	struct image *items = reading->n ? calloc(reading->n, sizeof *items) : NULL;
	if (!items)
		return;
	free(images->items);
	images->items = items;
	images->n = 0;
	for (size_t i = 0; i < reading->n; i++) {
		long path = names_find(texts, reading->lines[i].path, MOST_TEXTS);
		if (path < 0)
			continue;
		items[images->n] = reading->lines[i].is;
		items[images->n++].path = (uint32_t)path;
	}
}

static void look(struct images *images, struct aside *aside, struct names *texts, pid_t pid)
{
	struct reading *reading = calloc(1, sizeof *reading);
	int64_t cost;
	images->read_at = clock_now();
	if (!reading)
		return;
	reading->pid = pid;
	if (aside_do(aside, read_maps, reading, PATIENCE, &cost) == 0) {
		take(images, texts, reading);
		free_reading(reading);
	} else if (!aside_is_busy(aside)) {
		free_reading(reading);
	} /* else it is used until the process lets go of whoever reads it */
}

static const struct image *search(const struct images *images, uint64_t address)
{
	size_t low = 0, high = images->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (images->items[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < images->n && images->items[low].start <= address ? &images->items[low] : NULL;
}

const struct image *images_find(struct images *images, struct aside *aside, struct names *texts,
				pid_t pid, uint64_t address)
{
	const struct image *found = search(images, address);
	if (found || pid <= 0 || (images->read_at > 0 && clock_now() - images->read_at < AGAIN))
		return found;
	look(images, aside, texts, pid);
	return search(images, address);
}

void images_free(struct images *images)
{
	free(images->items);
	*images = (struct images){ 0 };
}
