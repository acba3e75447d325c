/* How a recording begins: CMDLINE, and the META that every recording has. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "share/profile/profile.h"

struct head {
	const char *tool;     /* and its version */
	const char *metric;   /* of MEM */
	const char *metrics;  /* all that was asked for; NULL: that one */
	double interval;      /* seconds */
	pid_t pid;            /* of the target */
	uid_t user;           /* whose it is */
	int64_t epoch;        /* ns, of tick 0 */
	int64_t base;         /* ns of the epoch at which clock_kernel stood at 0; 0: not told */
	bool tree, children;  /* MEM is the tree's; there are CHLD records */
	char *const *command; /* of the target; ends with NULL */
};

/* Into the writer's buffer. 0 or -errno. */
int head_put(const struct head *head, struct profile_writer *writer);
