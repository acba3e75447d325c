#include "share/beside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "share/version.h"

int beside_find(const char *name, char path[PATH_MAX])
{
	size_t length = strlen(name);
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - length - 1);
	char *slash = n > 0 ? (path[n] = '\0', strrchr(path, '/')) : NULL;
	if (slash)
		strcpy(slash + 1, name);
	if (!slash || access(path, R_OK) != 0)
		snprintf(path, PATH_MAX, "%s/%s", MPROF_LIBEXECDIR, name);
	return access(path, R_OK) == 0 ? 0 : -errno;
}
