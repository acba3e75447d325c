/* The control group whose memory a process is charged to, v1 or v2: cgroups(7), and the kernel's
 * Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst. Figures are bytes. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct cgroup {
	char folder[PATH_MAX];
	size_t mount; /* so much of `folder` is the mount point: the root as it is seen here */
	bool unified; /* v2 */
};

enum cgroup_figure {
	CGROUP_USAGE,    /* everything charged: anonymous memory, page cache, the kernel's own */
	CGROUP_ANON,     /* of it, what is no file's */
	CGROUP_FILE,     /* of it, page cache, which the kernel can take back, and CGROUP_SHMEM */
	CGROUP_INACTIVE, /* of that, page cache that was not used lately: it goes first */
	CGROUP_SHMEM,    /* of CGROUP_FILE, what is in no file on a disk: tmpfs, shared memory */
	CGROUP_KERNEL,   /* what the kernel itself holds for it; not told by all kernels */
	CGROUP_PEAK,     /* the most that was ever charged; v2: since Linux 5.19 */
	CGROUP_KILLS, /* a count: processes killed for memory. v1: in this group, v2: and below */
	CGROUP_OOMS,  /* a count: how often the limit was met and nothing could be given back; v2 */
	CGROUP_WHOLE, /* 1: whoever is killed for memory, all of the group is; v2 */
	CGROUP_FIGURES
};

/* Finds it through /proc/PID/cgroup and the mounts that we see. 0; -ENOENT: there is no memory
 * controller here, or none of the mounts shows the group; -ESRCH. */
int cgroup_find(struct cgroup *cgroup, pid_t pid);

/* The topmost group of the mount of that number, of those of v1's memory controller or of v2. 0;
 * -ENOENT: there are no so many. */
int cgroup_mount(struct cgroup *cgroup, bool unified, size_t at);

/* 0; -ENOENT: this kernel, or the topmost group, does not tell it. */
int cgroup_read(const struct cgroup *cgroup, enum cgroup_figure figure, uint64_t *bytes);

/* The file that tells it, to be kept: a descriptor, or -ENOENT. What it holds is for cgroup_pick.
 */
int cgroup_open(const struct cgroup *cgroup, enum cgroup_figure figure);

/* The least limit of the group and of those above it; -ENOENT: there is none. *slows: whoever
 * exceeds it is not killed but slowed down until others have given memory back (v2's memory.high).
 */
int cgroup_limit(const struct cgroup *cgroup, uint64_t *bytes, bool *slows);

/* ---- parsers ---- */

/* 0, or -ENOENT: it is not in there. */
int cgroup_pick(enum cgroup_figure figure, const char *text, uint64_t *value);

/* What is between two texts of proc(5)'s /proc/PID/cgroup and /proc/PID/mountinfo: writes the
 * group's folder, behind `root`. Any bytes may stand in them. 0, -ENOENT, -ENAMETOOLONG; -ENOTDIR:
 * no path leads there, and the folder is that of the first mount. */
int cgroup_parse(struct cgroup *cgroup, const char *root, const char *groups, const char *mounts);
