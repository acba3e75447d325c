/* The control group that the process is in, looked up again as time goes by: what a container is
 * limited by. Counts page cache and the kernel's own memory too, and whoever else is in it. */
#include <errno.h>
#include <unistd.h>

#include "recorder/kernel/cgroup.h"
#include "recorder/kernel/clock.h"
#include "recorder/kernel/descriptor.h"
#include "recorder/kernel/membership.h"
#include "recorder/source/source.h"

enum { USAGE, STAT, FILES };

struct group {
	struct membership membership;
	struct descriptor files[FILES];
	bool wanted[FILES];
};

static const enum cgroup_figure in_file[FILES] = { CGROUP_USAGE, CGROUP_ANON };

static int open_files(struct group *g)
{
	int r = 0;
	for (size_t i = 0; i < FILES; i++) {
		descriptor_close(&g->files[i]);
		if (!g->wanted[i] || !g->membership.known)
			continue;
		int fd = cgroup_open(&g->membership.group, in_file[i]);
		descriptor_keep(&g->files[i], fd);
		r = fd < 0 ? -ENOSYS : r;
	}
	return r;
}

static void group_close(void *state)
{
	struct group *g = state;
	membership_close(&g->membership);
	for (size_t i = 0; i < FILES; i++)
		descriptor_close(&g->files[i]);
}

static int group_open(struct group *g, pid_t pid, bool usage, bool stat)
{
	const struct descriptor none = DESCRIPTOR_NONE;
	*g = (struct group){ .files = { none, none }, .wanted = { usage, stat } };
	int r = membership_open(&g->membership, pid, clock_now());
	if (r == 0)
		r = open_files(g);
	if (r < 0)
		group_close(g);
	return r == -ENOENT ? -ENOSYS : r;
}

static int usage_open(void *state, pid_t pid)
{
	return group_open(state, pid, true, false);
}

static int stat_open(void *state, pid_t pid)
{
	return group_open(state, pid, false, true);
}

static int both_open(void *state, pid_t pid)
{
	return group_open(state, pid, true, true);
}

static void follow(struct group *g)
{
	bool moved;
	if (membership_look(&g->membership, clock_now(), &moved) && moved)
		open_files(g);
}

/* -ENOSYS: the group was removed, or none is known since the process has moved, or the file was
 * closed by the program that we are a guest of. */
static int fetch(const struct group *g, size_t which, char text[SOURCE_TEXT])
{
	const struct descriptor *file = &g->files[which];
	ssize_t n = descriptor_is_own(file) ? pread(file->fd, text, SOURCE_TEXT - 1, 0) : -1;
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? 0 : -ENOSYS;
}

static int stat_fetch(void *state, char text[SOURCE_TEXT])
{
	follow(state);
	return fetch(state, STAT, text);
}

static int pick(enum cgroup_figure figure, const char *text, uint64_t *bytes)
{
	return cgroup_pick(figure, text, bytes) < 0 ? -ENOSYS : 0;
}

static int usage_read(void *state, uint64_t *bytes)
{
	char text[SOURCE_TEXT];
	follow(state);
	int r = fetch(state, USAGE, text);
	return r < 0 ? r : pick(CGROUP_USAGE, text, bytes);
}

/* What is charged less what the kernel takes back without harm. The one is read before the other:
 * what was read ahead meanwhile is no reason to go below 0. */
static int working_set_read(void *state, uint64_t *bytes)
{
	char text[SOURCE_TEXT];
	uint64_t usage, inactive;
	int r = usage_read(state, &usage);
	if (r == 0)
		r = fetch(state, STAT, text);
	if (r == 0)
		r = pick(CGROUP_INACTIVE, text, &inactive);
	if (r == 0)
		*bytes = usage > inactive ? usage - inactive : 0;
	return r;
}

const struct source source_cgroup = {
	.metric = &metric_cgroup,
	.state_size = sizeof(struct group),
	.open = usage_open,
	.read = usage_read,
	.close = group_close,
};

const struct source source_cgroup_workingset = {
	.metric = &metric_cgroup_workingset,
	.state_size = sizeof(struct group),
	.open = both_open,
	.read = working_set_read,
	.close = group_close,
};

#define STAT_SOURCE(word, figure)                                 \
	static int word##_pick(const char *text, uint64_t *bytes) \
	{                                                         \
		return pick(figure, text, bytes);                 \
	}                                                         \
	static int word##_read(void *state, uint64_t *bytes)      \
	{                                                         \
		char text[SOURCE_TEXT];                           \
		int r = stat_fetch(state, text);                  \
		return r < 0 ? r : word##_pick(text, bytes);      \
	}                                                         \
	const struct source source_cgroup_##word = {              \
		.metric = &metric_cgroup_##word,                  \
		.state_size = sizeof(struct group),               \
		.open = stat_open,                                \
		.read = word##_read,                              \
		.close = group_close,                             \
		.fetch = stat_fetch,                              \
		.pick = word##_pick,                              \
	}

STAT_SOURCE(anon, CGROUP_ANON);
STAT_SOURCE(file, CGROUP_FILE);
STAT_SOURCE(shmem, CGROUP_SHMEM);
