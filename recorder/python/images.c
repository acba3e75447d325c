#include "recorder/python/images.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/maps.h"
#include "recorder/kernel/procfs.h"
#include "recorder/python/mapped.h"
#include "share/array.h"

enum { MOST_IMAGES = 4096, MOST_LINES = 65536 };
/* ns between readings of the mappings: the longer, the more often they were the same. */
static const int64_t PAUSE = 100000000, LONGEST_PAUSE = 5000000000;

static pid_t stand_in(pid_t pid)
{
	pid_t live = procfs_live_thread(pid);
	return live > 0 ? live : pid;
}

static void free_all(struct image *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(all[i].path);
	free(all);
}

void images_forget(struct images *images)
{
	free_all(images->all, images->n);
	*images = (struct images){ .pid = images->pid };
}

static void add(struct images *images, const struct maps_line *line)
{
	struct image *one =
		images->n < MOST_IMAGES ? array_more(&images->all, &images->n, sizeof *one) : NULL;
	if (!one)
		return;
	*one = (struct image){ .low = line->low,
			       .high = line->high,
			       .offset = line->offset,
			       .device = line->device,
			       .inode = line->inode,
			       .path = line->path[0] == '/' ? strdup(line->path) : NULL };
}

static void read_lines(struct images *images)
{
	char name[64], line[PATH_MAX + 128], buffer[16384];
	struct maps_line is;
	snprintf(name, sizeof name, "/proc/%d/maps", (int)stand_in(images->pid));
	FILE *maps = fopen(name, "re");
	if (maps)
		setvbuf(maps, buffer, _IOFBF, sizeof buffer);
	for (int i = 0; maps && i < MOST_LINES && fgets(line, sizeof line, maps); i++)
		if (maps_parse(line, &is) && is.rights[2] == 'x')
			add(images, &is);
	if (maps)
		fclose(maps);
}

static bool is_same(const struct image *a, const struct image *b)
{
	return a->low == b->low && a->high == b->high && a->offset == b->offset &&
	       a->device == b->device && a->inode == b->inode;
}

/* What was found out of those that are still there is kept. Are they all? */
static bool take_over(struct images *images, const struct image *before, size_t n)
{
	size_t same = 0, i = 0;
	for (size_t k = 0; k < n; k++) {
		while (i < images->n && images->all[i].low < before[k].low)
			i++;
		if (i == images->n || !is_same(&images->all[i], &before[k]))
			continue;
		images->all[i].state = before[k].state;
		images->all[i].shift = before[k].shift;
		images->all[i].evaluates = before[k].evaluates;
		same++;
	}
	return same == n;
}

static void read_all(struct images *images)
{
	struct image *before = images->all;
	size_t n = images->n;
	images->all = NULL;
	images->n = 0;
	read_lines(images);
	bool whole = take_over(images, before, n), same = whole && images->n == n && n > 0;
	free_all(before, n);
	images->read++;
	images->changed += !whole;
	images->pause = !same                               ? PAUSE
			: images->pause * 2 < LONGEST_PAUSE ? images->pause * 2
							    : LONGEST_PAUSE;
	images->next = clock_now() + images->pause;
}

static int open_image(const struct images *images, const struct image *image)
{
	const struct mapped mapped = { .low = image->low,
				       .high = image->high,
				       .device = image->device,
				       .inode = image->inode,
				       .path = image->path };
	return mapped_open(&mapped, stand_in(images->pid));
}

const struct binary_file *images_file(const struct images *images, const struct image *image)
{
	const struct binary_file *file =
		image->path ? binaries_find(image->device, image->inode) : NULL;
	int fd = file || !image->path ? -1 : open_image(images, image);
	return fd < 0 ? file : binaries_add(image->device, image->inode, fd);
}

static void look_into(const struct images *images, struct image *image)
{
	uint64_t address;
	const struct binary_file *file = images_file(images, image);
	image->state = -ENOEXEC;
	if (!file || !binary_address(&file->binary, image->offset, &address))
		return;
	image->state = 1;
	image->shift = image->low - address;
	image->evaluates = file->evaluates;
}

static struct image *search(const struct images *images, uint64_t address)
{
	size_t low = 0, high = images->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (images->all[middle].high <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < images->n && images->all[low].low <= address ? &images->all[low] : NULL;
}

const struct image *images_find(struct images *images, uint64_t address)
{
	struct image *found = search(images, address);
	if (!found && clock_now() >= images->next) {
		read_all(images);
		found = search(images, address);
	}
	if (found && found->state == 0)
		look_into(images, found);
	return found && found->state == 1 ? found : NULL;
}

void images_mapped(struct images *images, uint64_t low, uint64_t high)
{
	bool over = false;
	for (size_t i = 0; i < images->n && !over; i++)
		over = images->all[i].low < high && low < images->all[i].high;
	images->next = 0;
	if (over)
		read_all(images);
}
