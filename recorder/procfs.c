#include "recorder/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int keep_below = INT_MAX;

void procfs_set_limit(int descriptors)
{
	keep_below = descriptors;
}

static int open_file(const struct procfs *file)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)file->pid, file->name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return fd;
}

int procfs_open(struct procfs *file, pid_t pid, const char *name)
{
	*file = (struct procfs){ .pid = pid, .fd = -1 };
	snprintf(file->name, sizeof file->name, "%s", name);
	int fd = open_file(file);
	if (fd < 0)
		return fd;
	if (fd < keep_below)
		file->fd = fd;
	else
		close(fd);
	return 0;
}

static ssize_t read_all(int fd, char *buffer, size_t size)
{
	ssize_t n = pread(fd, buffer, size - 1, 0);
	if (n < 0)
		return -errno;
	buffer[n] = '\0';
	return n;
}

ssize_t procfs_read(struct procfs *file, char *buffer, size_t size)
{
	if (file->fd >= 0)
		return read_all(file->fd, buffer, size);
	int fd = open_file(file);
	if (fd < 0)
		return fd;
	ssize_t n = read_all(fd, buffer, size);
	close(fd);
	return n;
}

long procfs_links(const struct procfs *file)
{
	char path[64];
	struct stat status;
	int r;
	if (file->fd >= 0) {
		r = fstat(file->fd, &status);
	} else {
		snprintf(path, sizeof path, "/proc/%d/%s", (int)file->pid, file->name);
		r = stat(path, &status);
	}
	return r < 0 ? -errno : (long)status.st_nlink;
}

void procfs_close(struct procfs *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

ssize_t procfs_once(pid_t pid, const char *name, char *buffer, size_t size)
{
	struct procfs file = { .pid = pid, .fd = -1 };
	snprintf(file.name, sizeof file.name, "%s", name);
	return procfs_read(&file, buffer, size);
}

int procfs_parse_statm(const char *text, uint64_t *pages)
{
	const char *blank = strchr(text, ' ');
	if (!blank || blank[1] < '0' || blank[1] > '9')
		return -EINVAL;
	*pages = strtoull(blank + 1, NULL, 10);
	return 0;
}

int procfs_parse_kb(const char *text, const char *key, uint64_t *bytes)
{
	size_t n = strlen(key);
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) != 0)
			continue;
		*bytes = strtoull(line + n, NULL, 10) * 1024;
		return 0;
	}
	return -ENOENT;
}

int procfs_parse_stat(const char *text, struct procfs_stat *stat)
{
	/* The name may itself hold parentheses and blanks: it ends at the last one. */
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	if (!open || !close || close < open)
		return -EINVAL;
	size_t n = (size_t)(close - open) - 1;
	n = n < sizeof stat->name - 1 ? n : sizeof stat->name - 1;
	memcpy(stat->name, open + 1, n);
	stat->name[n] = '\0';
	int ppid;
	unsigned long long start;
	/* Field 3 is the state, 4 the parent, 22 the start: proc_pid_stat(5). */
	if (sscanf(close + 1,
		   " %c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
		   &stat->state, &ppid, &start) != 3)
		return -EINVAL;
	stat->ppid = ppid;
	stat->start = start;
	return 0;
}
