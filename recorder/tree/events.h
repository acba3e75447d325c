/* Every fork, exec and exit under a program that we are about to start, and where they are wanted
 * its page faults and what it maps to execute, as the kernel tells them: perf_event_open(2), one
 * software event with `task`, `comm`, `mmap` and `inherit`, and a ring of records for each CPU. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/tree/event.h"
#include "recorder/tree/ring.h"
#include "recorder/tree/weights.h"

struct events {
	struct ring *rings;
	size_t n;      /* 0: not open */
	int64_t ahead; /* ns, of our clock over the one that the records are told in */
	size_t data;   /* bytes of records in a ring, a power of two */
	int *off;      /* CPUs that were switched off when we began: nothing is told of them */
	size_t n_off;

	/* Page faults. */
	bool faults;     /* are told */
	bool kernel_too; /* those taken in system calls as well */
	bool adopted;    /* of a program that ran already: a ring is a thread's */
	int refused;     /* -errno: why they are not; 0: they are, or were not wanted */
	bool counted;    /* and each tells how many of its thread's there were (Linux 6.12) */
	unsigned rate;   /* of each thread about so many a second are told, at most */
	int polled;      /* where they are: events_fd's */
	struct weights weights;

	/* Reading. */
	int64_t until;      /* what was written before that is seen */
	struct ring *given; /* whose event was given out last */
};

/* What is wanted of them. */
enum events_wanted {
	EVENTS_TASKS = 1,  /* fork, exec, exit */
	EVENTS_FAULTS = 2, /* and page faults, and maps: where they may be told */
};

/* What is executed by a child of ours that is forked from now on is told of, and all that descends
 * from it. 0 or -errno: -EACCES or -EPERM where perf_event_paranoid or a container forbids it.
 * Where only the faults are refused it is 0, if tasks are wanted as well. */
int events_open(struct events *events, unsigned wanted);

/* The faults of those threads of a program that runs already, and their beginnings and ends;
 * nothing of its children. 0 or -errno; -E2BIG: they are too many. */
int events_adopt(struct events *events, const pid_t threads[], size_t n);

/* And of this one, which is new among them (EVENT_CLONE), if there is room. Only when events_next
 * has said NULL. */
void events_follow(struct events *events, pid_t thread);

/* Is every CPU listened to that anybody could run on? */
bool events_are_whole(const struct events *events);

/* To be polled: readable when a few faults were told, or a ring is half full. -1: no faults are
 * told. */
int events_fd(const struct events *events);

/* How long they may be left unread before a ring is full, in ns, by the rate. */
int64_t events_patience(const struct events *events);

/* The oldest event that is no younger than `until`, in the order in which they happened: nobody's
 * exec comes before its fork. Valid until the next call; NULL: there is none. `until` must be past.
 */
const struct event *events_next(struct events *events, int64_t until);
void events_close(struct events *events);
