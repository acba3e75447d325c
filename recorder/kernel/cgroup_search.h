/* Who is in a control group, and in which group somebody is where no path tells it: a process
 * outside our control group namespace, a mount of another namespace. Every folder lists those who
 * are in it (cgroups(7), cgroup.procs). 4096 folders are looked into at most. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct cgroup;

/* Everybody in the group and those below; 0 is one whom our PID namespace has no number for. True:
 * enough. */
typedef bool cgroup_visit(void *context, pid_t pid);
void cgroup_each(const struct cgroup *group, cgroup_visit *visit, void *context);

/* Searches in the mount and below, and sets the folder. 0; -ENOENT: not found. */
int cgroup_search(struct cgroup *group, pid_t pid);
