/* What tells who killed the target or one of its descendants: what is gathered while they live, and
 * what it comes to in the end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/kernel/cgroup_sole.h"
#include "recorder/kernel/membership.h"
#include "recorder/tree/children.h"

struct member;
struct recording;

struct kill_count {
	bool known;
	uint64_t n;
};

struct kill_clues {
	bool looked;
	struct membership membership;
	struct kill_count group, machine; /* kills for memory, before */
	bool killed_before;      /* somebody was, in a group that the target was in before */
	struct cgroup_sole sole; /* the group is the tree's alone */
	int folder;              /* the group's; -1 */
	uint64_t oomd;           /* before */
	int log;          /* the kernel's, from then on; -1: closed to us, or not of our pids */
	struct pids gone; /* descendants that may have been killed: the newest of them */
	size_t ended;     /* all of them */
	size_t killed, unknown; /* of them: died of SIGKILL; of what is not known */
	pid_t last;             /* of the first kind; 0: nobody */
};

#define KILL_CLUES_NONE                                              \
	{                                                            \
		.sole = CGROUP_SOLE_UNKNOWN, .folder = -1, .log = -1 \
	}

enum killer {
	NOBODY_KNOWN,
	BY_KERNEL,
	BY_KERNEL_PROBABLY,
	BY_OOMD,
	BY_EARLYOOM,
	BY_US,      /* --at's */
	BY_ANOTHER, /* another recorder's */
};

struct kill_verdict {
	enum killer by;
	pid_t victim;    /* 0: which of them is not known */
	bool descendant; /* but it was not the target */
};

/* No kill for memory was counted since the first look, by who counts them. */
bool kill_clues_clear(const struct kill_clues *clues);

void kill_clues_look(struct kill_clues *clues, struct recording *recording, int64_t now);

/* Where it is due, looks whether the target is in another group by now. Did it look? */
bool kill_clues_follow(struct kill_clues *clues, struct recording *recording, int64_t now,
		       bool *moved);

/* A descendant has ended. */
void kill_clues_gone(struct kill_clues *clues, const struct member *member);

/* The target has ended, and all is known of it. */
struct kill_verdict kill_clues_judge(struct kill_clues *clues, const struct recording *recording);
void kill_clues_close(struct kill_clues *clues);
