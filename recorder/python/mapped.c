#include "recorder/python/mapped.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "recorder/kernel/exe_link.h"
#include "recorder/kernel/maps.h"
#include "recorder/kernel/procfs.h"
#include "share/array.h"
#include "share/regular.h"
#include "share/text.h"

enum { MOST_LINES = 65536, MOST_MAPPED = 1024 };

/* ---- which there are ---- */

static bool is_file(const struct maps_line *line)
{
	return line->path[0] == '/' && line->inode > 0;
}

static bool add(struct mappings *m, const struct maps_line *line)
{
	struct mapped *one = m->n < MOST_MAPPED ? array_more(&m->all, &m->n, sizeof *one) : NULL;
	if (!one)
		return false;
	*one = (struct mapped){ .low = line->low,
				.high = line->high,
				.device = line->device,
				.inode = line->inode,
				.path = strdup(line->path) };
	return true;
}

/* "…/lib/python3.11/…" or "….cpython-311-…": a module that was compiled. */
static int version_of_module(const char *path)
{
	const char *module = strstr(path, ".cpython-3"), *folder = strstr(path, "/lib/python3.");
	int minor = module   ? atoi(module + strlen(".cpython-3"))
		    : folder ? atoi(folder + strlen("/lib/python3."))
			     : 0;
	return minor > 0 && minor < 256 ? 0x0300 | minor : 0;
}

/* Does the line go on with the image? Its first page may be mapped twice, side by side. */
static bool goes_on(const struct mapped *last, const struct maps_line *line, uint64_t end)
{
	return last->inode == line->inode && last->device == line->device &&
	       (line->offset > 0 || line->low == end);
}

/* An image begins where a file's first byte is mapped, and goes on while the same file does. One
 * of which nothing may be executed is only read by somebody. */
static void read_lines(struct mappings *m, FILE *maps)
{
	char text[PATH_MAX + 128];
	struct maps_line line;
	uint64_t end = 0;
	bool is_open = false; /* nothing of the last may be executed yet */
	for (int i = 0; i < MOST_LINES && fgets(text, sizeof text, maps); i++) {
		if (!maps_parse(text, &line) || !is_file(&line))
			continue;
		if (m->version == 0)
			m->version = version_of_module(line.path);
		bool same = m->n > 0 && goes_on(&m->all[m->n - 1], &line, end);
		end = line.high;
		if (same && strchr(line.rights, 'x'))
			is_open = false; /* it stays */
		if (same || line.offset > 0)
			continue;
		if (is_open)
			free(m->all[--m->n].path);
		is_open = add(m, &line);
		if (is_open && strchr(line.rights, 'x'))
			is_open = false;
	}
	if (is_open)
		free(m->all[--m->n].path);
}

/* ---- in which order ---- */

static int rank(const struct mapped *mapped)
{
	const char *name = mapped->path ? text_base_name(mapped->path) : "";
	return mapped->is_program ? 0 : strstr(name, "python") ? 1 : 2;
}

static int by_rank(const void *one, const void *other)
{
	const struct mapped *a = one, *b = other;
	int by = rank(a) - rank(b);
	return by ? by : a->low < b->low ? -1 : a->low > b->low;
}

static void mark_program(struct mappings *m)
{
	char path[PATH_MAX];
	if (exe_link(m->thread, path) < 0)
		return;
	for (size_t i = 0; i < m->n; i++)
		m->all[i].is_program = m->all[i].path && strcmp(m->all[i].path, path) == 0;
}

int mappings_read(struct mappings *m, pid_t pid)
{
	char path[64];
	pid_t live = procfs_live_thread(pid);
	*m = (struct mappings){ .thread = live > 0 ? live : pid };
	snprintf(path, sizeof path, "/proc/%d/maps", (int)m->thread);
	FILE *maps = fopen(path, "re");
	if (!maps)
		return errno == EACCES || errno == EPERM ? -EPERM : -ESRCH;
	read_lines(m, maps);
	fclose(maps);
	mark_program(m);
	if (m->n > 0)
		qsort(m->all, m->n, sizeof *m->all, by_rank);
	return 0;
}

void mappings_free(struct mappings *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->all[i].path);
	free(m->all);
	*m = (struct mappings){ .n = 0 };
}

/* ---- the file ---- */

/* What stands there now may be another file. Where file systems lie upon one another, mappings tell
 * the device of the one below. */
static int open_same(const char *path, int flags, const struct mapped *mapped)
{
	struct stat status;
	int fd = regular_open(path, flags, &status);
	if (fd >= 0 && status.st_ino == mapped->inode &&
	    (status.st_dev == mapped->device || major(mapped->device) == 0 ||
	     major(status.st_dev) == 0))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* By the mapping itself, for whom the kernel lets (root); the program by its link; else by its
 * path, as we see it or as the process does. */
int mapped_open(const struct mapped *mapped, pid_t thread)
{
	char path[PATH_MAX + 64];
	struct stat status;
	snprintf(path, sizeof path, "/proc/%d/map_files/%lx-%lx", (int)thread,
		 (unsigned long)mapped->low, (unsigned long)mapped->high);
	int fd = regular_open(path, 0, &status);
	snprintf(path, sizeof path, "/proc/%d/exe", (int)thread);
	if (fd < 0 && mapped->is_program)
		fd = open_same(path, 0, mapped);
	if (fd < 0 && mapped->path)
		fd = open_same(mapped->path, O_NOFOLLOW, mapped);
	snprintf(path, sizeof path, "/proc/%d/root%s", (int)thread,
		 mapped->path ? mapped->path : "/");
	return fd < 0 ? open_same(path, O_NOFOLLOW, mapped) : fd;
}
