/* The control group that the process was in when it was first looked at: what a container is
 * limited by. Counts page cache and the kernel's own memory too, and whoever else is in it. */
#include <errno.h>

#include "recorder/cgroup.h"
#include "recorder/source.h"

static int group_open(void *state, pid_t pid)
{
	int r = cgroup_find(state, "", pid);
	return r == -ENOENT ? -ENOSYS : r;
}

static int read_figure(const void *state, enum cgroup_figure figure, uint64_t *bytes)
{
	return cgroup_read(state, figure, bytes) < 0 ? -ENOSYS : 0;
}

static void group_close(void *state)
{
	(void)state;
}

#define CGROUP_SOURCE(word, title, figure, about)                    \
	static int group_##word##_read(void *state, uint64_t *bytes) \
	{                                                            \
		return read_figure(state, figure, bytes);            \
	}                                                            \
	extern const struct source source_##word;                    \
	const struct source source_##word = {                        \
		.name = title,                                       \
		.aliases = "",                                       \
		.summary = about,                                    \
		.state_size = sizeof(struct cgroup),                 \
		.common = true,                                      \
		.open = group_open,                                  \
		.read = group_##word##_read,                         \
		.close = group_close,                                \
	}

CGROUP_SOURCE(cgroup, "cgroup", CGROUP_USAGE, "all that is charged to its control group");
CGROUP_SOURCE(cgroup_anon, "cgroup.anon", CGROUP_ANON, "of that, memory that is no file's");
CGROUP_SOURCE(cgroup_file, "cgroup.file", CGROUP_FILE, "of that, page cache");
