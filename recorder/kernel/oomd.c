#include "recorder/kernel/oomd.h"

#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "recorder/kernel/cgroup.h"

static uint64_t count_of(const char *folder)
{
	char text[32];
	ssize_t n = getxattr(folder, "user.oomd_kill", text, sizeof text - 1);
	text[n > 0 ? n : 0] = '\0';
	return strtoull(text, NULL, 10);
}

uint64_t oomd_kills(const struct cgroup *cgroup)
{
	char folder[sizeof cgroup->folder];
	uint64_t kills = 0;
	strcpy(folder, cgroup->folder);
	for (char *slash = folder; slash && strlen(folder) >= cgroup->mount;) {
		kills += count_of(folder);
		slash = strrchr(folder, '/');
		if (slash)
			*slash = '\0';
	}
	return kills;
}
