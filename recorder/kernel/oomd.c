#include "recorder/kernel/oomd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "recorder/kernel/cgroup.h"

static const char *const names[] = { "user.oomd_ooms", "user.oomd_kill" };

static uint64_t number_of(char *text, ssize_t n)
{
	text[n > 0 ? n : 0] = '\0';
	return strtoull(text, NULL, 10);
}

static uint64_t count_of(const char *folder)
{
	char text[32];
	uint64_t sum = 0;
	for (size_t i = 0; i < 2; i++)
		sum += number_of(text, getxattr(folder, names[i], text, sizeof text - 1));
	return sum;
}

static uint64_t count_of_open(int folder)
{
	char text[32];
	uint64_t sum = 0;
	for (size_t i = 0; i < 2; i++)
		sum += number_of(text, fgetxattr(folder, names[i], text, sizeof text - 1));
	return sum;
}

int oomd_open(const struct cgroup *group)
{
	int fd = open(group->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

uint64_t oomd_kills(const struct cgroup *group, int own)
{
	char folder[sizeof group->folder];
	uint64_t kills = own >= 0 ? count_of_open(own) : 0;
	strcpy(folder, group->folder);
	for (char *slash; (slash = strrchr(folder, '/')) && strlen(folder) > group->mount;) {
		*slash = '\0';
		if (strlen(folder) >= group->mount)
			kills += count_of(folder);
	}
	return kills;
}
