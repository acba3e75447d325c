/* What the kernel accounts of every task that ends on this machine: netlink(7), the generic family
 * TASKSTATS (Documentation/accounting/taskstats.rst). Told to root, in the first pid namespace. The
 * parser takes bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct exit_note {
	pid_t pid; /* of the process, not of its thread; 0: nobody has ended */
	pid_t parent;
	bool last;           /* no other thread of it is left; never told before Linux 5.19 */
	int status;          /* as in profile.h */
	uint64_t high_water; /* bytes, of its memory; 0: not told */
	int64_t age;         /* ns from its start to its end */
	char name[33];       /* comm */
};

struct exits {
	int fd; /* -1: not open */
};

/* Of `cpus` CPUs, or if that is 0 of those that /sys names, which in a container may be too few. 0
 * or -errno; -EPERM where it is not allowed. */
int exits_open(struct exits *exits, size_t cpus);

/* 1, or 0 when nobody has ended since the last call. Notes that were not fetched for long are lost.
 */
int exits_next(struct exits *exits, struct exit_note *note);
void exits_close(struct exits *exits);

/* Of one message of the kernel; 0 or -EINVAL. */
int exits_parse(const void *bytes, size_t n, struct exit_note *note);
