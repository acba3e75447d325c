/* The process that is watched: spawned, unnoticed by it, or adopted while it runs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "recorder/recording/signals.h"

struct target {
	pid_t pid;
	bool ours; /* spawned: SIGCHLD tells of its end, and we learn its status */
	int pidfd; /* of an adopted one, readable once it has ended; -1: none (before Linux 5.3) */
	uint64_t start; /* of an adopted one: procfs_stat's */
	const struct cgroup
		*group; /* NULL, or what is recorded in place of a process; then pid is 0 */
	bool ended;
	int status;         /* once ended: exit status, -signal, or PROFILE_STATUS_UNKNOWN */
	uint64_t ru_maxrss; /* bytes, of it and the descendants that it waited for; 0: not told */
	uint64_t floor; /* bytes: that figure is never below what we held ourselves at the start */
	uint64_t addresses;  /* bytes: RLIMIT_AS, as it was at its end; 0: none, or not known */
	bool core;           /* it left a core dump */
	bool alone;          /* ended without having waited for any: that figure is its own */
	bool waits_for_none; /* it ignored the ends of its children, as last seen */
};

/* Starts `file` (searched in PATH when it has no slash) with argv as it is, and signals as they
 * were before `held`. Returns once it runs: 0, or -errno of fork or of exec (-ENOENT, -EACCES, …),
 * upon which nothing runs. */
int target_spawn(struct target *target, const char *file, char *const argv[],
		 const struct signals *held);

/* One that was started then (procfs_stat). 0, -ESRCH, or -EINVAL: it is not a process but a thread
 * of one. */
int target_adopt(struct target *target, pid_t pid, uint64_t start);

/* All of a group, which outlives the target. 0, or -ESRCH: there is nobody in it but us. */
int target_adopt_group(struct target *target, const struct cgroup *group);

/* Has it ended? Learns its status when it is ours. Never waits. */
bool target_has_ended(struct target *target);

/* One of our children that has ended: its pid, its status in our words (exit status or -signal) and
 * what it used; 0 when there is none. The target's own end is noted. */
pid_t target_reap(struct target *target, int *status, uint64_t *ru_maxrss);

/* Sends it a signal, and nobody else who may have got its pid meanwhile. 0 or -errno. */
int target_signal(const struct target *target, int signal);

/* Whose it was when it began, or is, as user_of tells. */
uid_t target_user(const struct target *target);

void target_close(struct target *target);
