#include "recorder/kernel/exe_link.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int exe_link(pid_t pid, char *path)
{
	char link[32];
	snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
	ssize_t n = readlink(link, path, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	return 0;
}
