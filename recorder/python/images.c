#include "recorder/python/images.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/procfs.h"
#include "share/array.h"
#include "share/regular.h"

enum { MOST_IMAGES = 4096, MOST_LINES = 65536 };
/* ns between readings of the mappings: the longer, the more often they were the same. */
static const int64_t PAUSE = 100000000, LONGEST_PAUSE = 5000000000;

static pid_t stand_in(pid_t pid)
{
	pid_t live = procfs_live_thread(pid);
	return live > 0 ? live : pid;
}

/* "low-high perms offset device inode   path": proc_pid_maps(5). */
static bool parse(const char *line, struct image *image, char path[PATH_MAX])
{
	unsigned long low, high, offset, inode;
	unsigned major_number, minor_number;
	char perms[8];
	path[0] = '\0';
	if (sscanf(line, "%lx-%lx %7s %lx %x:%x %lu %4095[^\n]", &low, &high, perms, &offset,
		   &major_number, &minor_number, &inode, path) < 7 ||
	    perms[2] != 'x')
		return false;
	*image = (struct image){ .low = low, .high = high, .offset = offset, .inode = inode };
	image->device = makedev(major_number, minor_number);
	return true;
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

static void add(struct images *images, const char *line)
{
	char path[PATH_MAX];
	struct image one;
	const char *perms = strchr(line, ' ');
	if (!perms || strnlen(perms, 4) < 4 || perms[3] != 'x' || !parse(line, &one, path) ||
	    images->n == MOST_IMAGES)
		return;
	struct image *place = array_more(&images->all, &images->n, sizeof *place);
	if (!place)
		return;
	*place = one;
	place->path = path[0] == '/' ? strdup(path) : NULL;
}

static void read_lines(struct images *images)
{
	char name[64], line[PATH_MAX + 128], buffer[16384];
	snprintf(name, sizeof name, "/proc/%d/maps", (int)stand_in(images->pid));
	FILE *maps = fopen(name, "re");
	if (maps)
		setvbuf(maps, buffer, _IOFBF, sizeof buffer);
	for (int i = 0; maps && i < MOST_LINES && fgets(line, sizeof line, maps); i++)
		add(images, line);
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

/* By the mapping itself, for whom the kernel lets; else by its path, if the same file is still
 * there. */
static int open_by(pid_t pid, const struct image *image)
{
	char full[PATH_MAX + 32];
	struct stat status;
	snprintf(full, sizeof full, "/proc/%d/map_files/%lx-%lx", (int)pid,
		 (unsigned long)image->low, (unsigned long)image->high);
	int fd = regular_open(full, 0, &status);
	if (fd < 0) {
		snprintf(full, sizeof full, "/proc/%d/root%s", (int)pid, image->path);
		fd = regular_open(full, O_NOFOLLOW, &status);
	}
	if (fd >= 0 && status.st_ino != image->inode) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}

static int open_image(const struct images *images, const struct image *image)
{
	if (!image->path)
		return -ENOENT;
	int fd = open_by(images->pid, image);
	pid_t live = fd < 0 ? stand_in(images->pid) : images->pid;
	return live != images->pid ? open_by(live, image) : fd;
}

const struct binary_file *images_file(const struct images *images, const struct image *image)
{
	const struct binary_file *file =
		image->path ? binaries_find(image->device, image->inode) : NULL;
	int fd = file ? -1 : open_image(images, image);
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
