/* Growth that was not seen to be of any line: kept back until somebody is seen there who takes
 * memory, and told of then, as an estimate. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/where/blame.h"
#include "share/profile/profile.h"

enum { LATE_MOST = 16 };

struct late {
	struct sample at;
	int64_t change, since; /* bytes; monotonic ns */
	pid_t thread;
	struct blame_trail trail;
	uint64_t frame; /* where nobody is ever seen; 0: no place is known */
	bool rests, huge;
	bool left; /* the thread runs something else, so that nobody will be seen there */
};

struct lates { /* of one process */
	struct late items[LATE_MOST];
	size_t n;
	struct sample at; /* of the last look: what was kept back is told of then */
};

/* A GROW that is an estimate. */
void late_put(struct profile_writer *writer, pid_t pid, pid_t thread, uint64_t frame,
	      int64_t change, struct sample at);

/* Who it was, if that is known by now. How many, in `shares`; 0: it is to be waited for. */
size_t late_judge(const struct late *late, const struct blame *blame, int64_t now,
		  struct blame_share shares[BLAME_MOST]);

/* Tells of it as theirs, by their weights; and as nobody's that is known. */
void late_share(const struct late *late, struct profile_writer *writer, pid_t pid,
		const struct blame_share *shares, size_t n);
void late_tell(const struct late *late, struct profile_writer *writer, pid_t pid);

/* Keeps it; where there is no room, the oldest is told. */
void lates_keep(struct lates *lates, struct profile_writer *writer, pid_t pid,
		const struct late *late);

/* Tells of those of whom somebody has been seen since, or nobody for long. */
void lates_review(struct lates *lates, const struct blame *blame, struct profile_writer *writer,
		  pid_t pid, int64_t now);

/* That thread runs below this outermost function now: blame_trail's. */
void lates_leave(struct lates *lates, pid_t thread, uint64_t root);

/* Numbers of frames have begun anew. */
void lates_forget(struct lates *lates);
