#include "recorder/limit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/procfs.h"

/* "max", and v1's word for it, the largest multiple of a page, are none. */
static uint64_t read_limit(const char *path)
{
	char text[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	uint64_t bytes = strtoull(text, NULL, 10);
	return bytes < UINT64_C(1) << 62 ? bytes : 0;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a == 0 || (b > 0 && b < a) ? b : a;
}

/* A group is bound by those above it. In a container the path may be the host's, and not be found;
 * its root then is the group. */
static uint64_t least_limit(const char *mount, const char *group, const char *file)
{
	char path[2 * PATH_MAX];
	uint64_t least = 0;
	int n = (int)strlen(group);
	while (n > 0 && group[n - 1] == '/')
		n--;
	for (;;) {
		snprintf(path, sizeof path, "%s%.*s/%s", mount, n, group, file);
		least = lesser(least, read_limit(path));
		if (n == 0)
			return least;
		while (n > 0 && group[--n] != '/')
			;
	}
}

static bool has_controller(const char *list, size_t length)
{
	static const char name[] = "memory";
	for (const char *at = list; at < list + length; at += strcspn(at, ",:") + 1)
		if (strcspn(at, ",:") == sizeof name - 1 && strncmp(at, name, sizeof name - 1) == 0)
			return true;
	return false;
}

/* A line: number:controllers:path, with 0 and no controllers for v2. */
static uint64_t limit_of_line(char *line)
{
	char *first = strchr(line, ':'), *second = first ? strchr(first + 1, ':') : NULL;
	if (!second)
		return 0;
	if (second == first + 1)
		return lesser(least_limit("/sys/fs/cgroup", second + 1, "memory.max"),
			      least_limit("/sys/fs/cgroup/unified", second + 1, "memory.max"));
	if (has_controller(first + 1, (size_t)(second - first - 1)))
		return least_limit("/sys/fs/cgroup/memory", second + 1, "memory.limit_in_bytes");
	return 0;
}

uint64_t limit_of(pid_t pid)
{
	char text[8192];
	uint64_t least = 0, machine = 0;
	char *rest = NULL;
	if (procfs_once(pid, "cgroup", text, sizeof text) > 0)
		for (char *line = strtok_r(text, "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest))
			least = lesser(least, limit_of_line(line));
	if (procfs_once(0, "meminfo", text, sizeof text) > 0)
		procfs_parse_kb(text, "MemTotal:", &machine);
	return lesser(least, machine);
}
