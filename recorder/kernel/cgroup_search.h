/* A process' control group where no path tells it: a process outside our control group namespace, a
 * mount of another namespace. Every folder lists those who are in it (cgroups(7), cgroup.procs). */
#pragma once

#include <sys/types.h>

struct cgroup;

/* Searches in the mount and below, and sets the folder. 0; -ENOENT: not found in the first 4096. */
int cgroup_search(struct cgroup *cgroup, pid_t pid);
