#include "recorder/kernel/cgroup_sole.h"

#include <stdio.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/kernel/cgroup.h"
#include "recorder/kernel/cgroup_search.h"

struct asked {
	bool (*is_ours)(void *context, pid_t pid);
	void *context;
	bool strange;
};

static bool ask(void *context, pid_t pid)
{
	struct asked *a = context;
	a->strange = !a->is_ours(a->context, pid);
	return a->strange;
}

/* Only the older hierarchy has `tasks`, only the newer one the last. */
static bool watch(int fd, const struct cgroup *group)
{
	static const char *const files[] = { "cgroup.procs", "tasks", "cgroup.threads" };
	char path[PATH_MAX + 32];
	int watched = 0;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", group->folder, files[i]);
		watched += inotify_add_watch(fd, path, IN_MODIFY) >= 0;
	}
	return watched >= 2 && inotify_add_watch(fd, group->folder, IN_CREATE) >= 0;
}

/* What is in a group below is counted in this one, but watched it is not. */
static bool has_groups_below(const struct cgroup *group)
{
	struct stat status;
	return stat(group->folder, &status) < 0 || status.st_nlink > 2;
}

void cgroup_sole_open(struct cgroup_sole *sole, const struct cgroup *group,
		      bool (*is_ours)(void *context, pid_t pid), void *context)
{
	struct asked asked = { is_ours, context, false };
	cgroup_sole_close(sole);
	sole->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (sole->fd < 0)
		return;
	if (watch(sole->fd, group) && !has_groups_below(group))
		cgroup_each(group, ask, &asked);
	else
		asked.strange = true;
	if (asked.strange)
		cgroup_sole_close(sole);
}

/* Whatever was told is somebody who came. */
bool cgroup_sole_is(const struct cgroup_sole *sole)
{
	int waiting = 1;
	return sole->fd >= 0 && ioctl(sole->fd, FIONREAD, &waiting) == 0 && waiting == 0;
}

void cgroup_sole_close(struct cgroup_sole *sole)
{
	if (sole->fd >= 0)
		close(sole->fd);
	sole->fd = -1;
}
