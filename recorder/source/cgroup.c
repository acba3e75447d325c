/* The control group that the process was in when it was first looked at: what a container is
 * limited by. Counts page cache and the kernel's own memory too, and whoever else is in it. */
#include <errno.h>
#include <unistd.h>

#include "recorder/kernel/cgroup.h"
#include "recorder/kernel/descriptor.h"
#include "recorder/source/source.h"

static int open_file(void *state, pid_t pid, enum cgroup_figure figure)
{
	struct cgroup group;
	int r = cgroup_find(&group, pid);
	if (r == 0)
		r = cgroup_open(&group, figure);
	descriptor_keep(state, r);
	return r == -ENOENT ? -ENOSYS : r < 0 ? r : 0;
}

static int usage_open(void *state, pid_t pid)
{
	return open_file(state, pid, CGROUP_USAGE);
}

static int stat_open(void *state, pid_t pid)
{
	return open_file(state, pid, CGROUP_ANON);
}

static int file_fetch(void *state, char text[SOURCE_TEXT])
{
	const struct descriptor *file = state;
	ssize_t n = -1;
	if (descriptor_is_own(file))
		n = pread(file->fd, text, SOURCE_TEXT - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? 0 : -ENOSYS; /* the group was removed, or the file closed */
}

static int stat_fetch(void *state, char text[SOURCE_TEXT])
{
	return file_fetch(state, text);
}

static int usage_read(void *state, uint64_t *bytes)
{
	char text[SOURCE_TEXT];
	int r = file_fetch(state, text);
	return r < 0 ? r : cgroup_pick(CGROUP_USAGE, text, bytes) < 0 ? -ENOSYS : 0;
}

static int anon_pick(const char *text, uint64_t *bytes)
{
	return cgroup_pick(CGROUP_ANON, text, bytes) < 0 ? -ENOSYS : 0;
}

static int anon_read(void *state, uint64_t *bytes)
{
	char text[SOURCE_TEXT];
	int r = stat_fetch(state, text);
	return r < 0 ? r : anon_pick(text, bytes);
}

static int cache_pick(const char *text, uint64_t *bytes)
{
	return cgroup_pick(CGROUP_FILE, text, bytes) < 0 ? -ENOSYS : 0;
}

static int cache_read(void *state, uint64_t *bytes)
{
	char text[SOURCE_TEXT];
	int r = stat_fetch(state, text);
	return r < 0 ? r : cache_pick(text, bytes);
}

static void file_close(void *state)
{
	descriptor_close(state);
}

const struct source source_cgroup = {
	.metric = &metric_cgroup,
	.state_size = sizeof(struct descriptor),
	.open = usage_open,
	.read = usage_read,
	.close = file_close,
};

const struct source source_cgroup_anon = {
	.metric = &metric_cgroup_anon,
	.state_size = sizeof(struct descriptor),
	.open = stat_open,
	.read = anon_read,
	.close = file_close,
	.fetch = stat_fetch,
	.pick = anon_pick,
};

const struct source source_cgroup_file = {
	.metric = &metric_cgroup_file,
	.state_size = sizeof(struct descriptor),
	.open = stat_open,
	.read = cache_read,
	.close = file_close,
	.fetch = stat_fetch,
	.pick = cache_pick,
};
