/* In which control group a process is, as time goes by: it may be put into another at any time, as
 * service managers and containers' runtimes do with what they have just started. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "recorder/kernel/cgroup.h"
#include "recorder/kernel/procfs.h"

struct membership {
	struct procfs file; /* /proc/PID/cgroup */
	unsigned looks;
	struct cgroup group;
	bool known;            /* there is one, and it can be seen */
	uint64_t path;         /* a digest of what /proc/PID/cgroup said; 0: nothing */
	int64_t since, looked; /* monotonic ns: of the first look, of the last */
};

/* From now on the process of number 0, which is none, is in this group for good: what asks of a
 * process can then be asked of a group. It outlives that. */
void membership_of_nobody(const struct cgroup *group);

/* Looks for the first time; as cgroup_find. */
int membership_open(struct membership *membership, pid_t pid, int64_t now);

/* Looks again where it is due: every second, and in the beginning, when programs are moved, after
 * an eighth of the time that has passed. Did it look? *moved: it is in another group now, or none
 * is known any more. A process that has ended stays where it was. */
bool membership_look(struct membership *membership, int64_t now, bool *moved);

/* Nanoseconds until that; 0: it is due. */
int64_t membership_wait(const struct membership *membership, int64_t now);
void membership_close(struct membership *membership); /* of one that was opened, or {0} */
