/* How much memory a process may have: the least limit of the control groups that it is in, or all
 * that the machine has. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct cgroup;

struct limit {
	uint64_t bytes; /* 0: not told */
	enum {
		LIMIT_OF_MACHINE,
		LIMIT_OF_GROUP,
		LIMIT_SLOWS, /* the group's too: above it, it is slowed down and not killed */
	} kind;
};

struct limit limit_of(pid_t pid);

/* Is nine tenths of it used? Never of 0, which is none. */
bool limit_is_near(uint64_t limit, uint64_t used);

/* Are there control groups, of which none can be seen for us? What they allow is not known then. */
bool limit_is_hidden(void);
struct limit limit_of_group(const struct cgroup *group); /* NULL: none is known */

/* Of the group and those above it, the one to which this limit was given: what all in it hold
 * counts. */
void limit_find_group(struct cgroup *whose, const struct cgroup *group, uint64_t bytes);
