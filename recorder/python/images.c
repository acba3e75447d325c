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
static const int64_t PAUSE = 100000000; /* ns between readings of the mappings */

/* The function that runs bytecode, by the name that every CPython since 3.6 exports. */
static const char LOOP[] = "_PyEval_EvalFrameDefault";

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

void images_forget(struct images *images)
{
	for (size_t i = 0; i < images->n; i++)
		free(images->all[i].path);
	free(images->all);
	*images = (struct images){ .pid = images->pid };
}

static void read_all(struct images *images)
{
	char name[64], line[PATH_MAX + 128], path[PATH_MAX];
	struct image one, *place;
	images_forget(images);
	images->next = clock_now() + PAUSE;
	snprintf(name, sizeof name, "/proc/%d/maps", (int)stand_in(images->pid));
	FILE *maps = fopen(name, "re");
	for (int i = 0; maps && i < MOST_LINES && fgets(line, sizeof line, maps); i++) {
		if (!parse(line, &one, path) || images->n == MOST_IMAGES)
			continue;
		place = array_more(&images->all, &images->n, sizeof *place);
		if (!place)
			break;
		*place = one;
		place->path = path[0] == '/' ? strdup(path) : NULL;
	}
	if (maps)
		fclose(maps);
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

int image_open(const struct images *images, const struct image *image)
{
	if (!image->path)
		return -ENOENT;
	int fd = open_by(images->pid, image);
	pid_t live = fd < 0 ? stand_in(images->pid) : images->pid;
	return live != images->pid ? open_by(live, image) : fd;
}

static void look_into(const struct images *images, struct image *image)
{
	uint64_t address;
	int fd = image_open(images, image);
	image->state = fd < 0 ? fd : binary_read(&image->binary, fd);
	if (image->state == 0 && binary_address(&image->binary, image->offset, &address)) {
		image->state = 1;
		image->shift = image->low - address;
		image->evaluates = binary_symbol(&image->binary, fd, LOOP);
	} else if (image->state == 0) {
		image->state = -ENOEXEC;
	}
	if (fd >= 0)
		close(fd);
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

struct image *images_find(struct images *images, uint64_t address)
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
