/* Is a control group somebody's alone? Who is in it is listed; who comes in from outside is written
 * into one of its files, which inotify(7) tells. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct cgroup;

struct cgroup_sole {
	int fd; /* inotify's; -1: it is not, or that is not known */
};

#define CGROUP_SOLE_UNKNOWN \
	{                   \
		.fd = -1    \
	}

/* Looks, and watches from now on. `is_ours` is asked for everybody in the group. */
void cgroup_sole_open(struct cgroup_sole *sole, const struct cgroup *group,
		      bool (*is_ours)(void *context, pid_t pid), void *context);

/* Since then nobody but ours was in there. False where it is not certain. */
bool cgroup_sole_is(const struct cgroup_sole *sole);
void cgroup_sole_close(struct cgroup_sole *sole);
