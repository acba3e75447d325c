/* What this process holds. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "share/profile/sample.h"

/* What a thread saw, or the difference of two such. */
struct memory_seen {
	int64_t rss;     /* bytes */
	int64_t faults;  /* page faults of all threads (getrusage(2)) … */
	int64_t foreign; /* … and of those the other threads' */
};

void memory_open(void); /* once there is something to look at: no descriptors before */
void memory_forked(void);
int64_t memory_now(void);                 /* monotonic ns */
struct sample memory_sample(int64_t rss); /* this figure, at this moment */

/* As of now, or of a moment ago where nothing can have happened since. *peak rises to the highest
 * since the last reset of the process's mark, where that is known; bytes. */
struct memory_seen memory_measure(int64_t *peak);
struct memory_seen memory_last(void); /* what this thread measured last */
extern bool memory_break_due;         /* --break-at: set by memory_measure, once */

static inline struct memory_seen memory_since(struct memory_seen now, struct memory_seen then)
{
	return (struct memory_seen){ now.rss - then.rss, now.faults - then.faults,
				     now.foreign - then.foreign };
}

static inline void memory_add(struct memory_seen *to, const struct memory_seen *more)
{
	to->rss += more->rss;
	to->faults += more->faults;
	to->foreign += more->foreign;
}
