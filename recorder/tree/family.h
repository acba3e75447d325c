/* A target and its descendants: who there is, and what each holds. Descendants are found through
 * their parents' lists (children.h), or where the kernel has none by the parents that all processes
 * name; and where the kernel tells of every fork, exec and exit (events.h), by that, which misses
 * nobody. Once known, a process stays one of the family until it ends, whoever becomes its parent.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/kernel/procfs.h"
#include "recorder/source/source.h"
#include "recorder/tree/children.h"
#include "recorder/tree/events.h"
#include "recorder/tree/exits.h"
#include "recorder/tree/members.h"

enum { FAMILY_SLOTS = 1024 };

/* Told as they happen, in the order of the sweep; never of the target itself. `born` comes first,
 * and again when a member has called exec; `named` once its name is its own, which between fork and
 * exec it is not, and again with another. Of one that nobody met alive there is only `named`, if
 * it was known at all, and `gone`. */
struct family_watcher {
	void *context;
	void (*born)(void *context, const struct member *member);
	void (*named)(void *context, const struct member *member);
	void (*gone)(void *context, const struct member *member);

	/* What the kernel tells of the target and of all that descends from it, whether they are of
	 * the family or not, in that order; and that events were lost. Valid during the call. */
	void (*event)(void *context, const struct event *event);
};

enum family_reach {
	FAMILY_ALONE,    /* the target only */
	FAMILY_DESCENDS, /* and its descendants */
	FAMILY_ADOPTS,   /* and those whose parents have ended: we are the subreaper */
	FAMILY_GROUP,    /* all of a control group: the target is nobody, of number 0 */
};

struct family {
	const struct source *source;
	struct family_watcher watcher;
	struct member **members; /* the target first */
	size_t n;
	struct member *slots[FAMILY_SLOTS];
	enum family_reach reach;
	const struct cgroup *group; /* of FAMILY_GROUP: to be set before family_open */
	struct children own;        /* our own children, orphans among them */
	struct pids strangers; /* those of our own children that were there before the target */
	struct pids found;     /* scratch */
	bool scanning;   /* no lists of children here: all of /proc is read instead. May be set. */
	bool fell_back;  /* of somebody, only the rss may be read */
	bool unsure;     /* whether somebody uses the memory of another could not be told: both are
			    counted */
	size_t unread;   /* that lived at the last sample, and could not be read: in no sum */
	uint64_t hidden; /* all of whom that was ever so */
	bool starved;    /* of somebody, for want of descriptors */
	bool unwaited;   /* somebody waits for no child (waits.h); asked where not all are told */
	struct events events; /* of a program that we start: where there is a tree, or faults are
				 wanted */
	struct exits exits;
	pid_t reaped;         /* whose end is about to be told to us; 0: nobody's */
	size_t unsettled;     /* members of whom an event told, and nothing was done yet */
	int64_t heard_at;     /* monotonic ns: the events until then are known */
	uint64_t lost;        /* events */
	uint64_t descendants; /* all that were ever known */
	bool blind;           /* somebody's events are not told: look for newcomers as without */
	bool exact;    /* high-water marks are read, and reset, at each sample: to be set before
			  family_open; RSS only */
	bool older;    /* there: members may have lived before they are found; their marks begin
			  then. To be set likewise. */
	bool unreset;  /* of somebody, the marks can only be read */
	uint64_t most; /* there: the sum of the members' marks since the last sample */
	uint64_t left; /* scratch: of those who have ended since */
	struct pids disowned; /* our own children that are no members, nor whoever is of their
				 sessions */
	struct procfs newest; /* loadavg, which tells the newest pid of all */
	pid_t newest_pid;
	int64_t forked_at, looked_at; /* monotonic ns */
};

/* As family_close leaves it, and one may be before family_prepare. */
#define FAMILY_CLOSED                                                                    \
	{                                                                                \
		.own = { .tasks = -1, .leader.fd = -1 }, .newest.fd = -1, .exits.fd = -1 \
	}

/* Notes who our children are before there is a target. 0 or -ENOMEM. */
int family_prepare(struct family *family, enum family_reach reach);

/* Has the kernel tell of it, as far as it does here: to be called before the target is started, or
 * adopted. Of page faults, where they are wanted, `events` says whether they are told. */
void family_attend(struct family *family, bool faults);

/* Has it tell of the page faults of one that runs already: of its threads, of no children. */
void family_attend_running(struct family *family, pid_t pid);

/* 0, or what the source's open says of the target. May be called again, with another source. */
int family_open(struct family *family, pid_t pid, const struct source *source,
		const struct family_watcher *watcher);

/* A child of ours that is none of the target's. 0 or -ENOMEM. */
int family_ignore(struct family *family, pid_t pid);

/* Finds the newcomers and measures everybody; one that ends meanwhile changes nothing for the
 * others. `now` is monotonic ns. -ESRCH when the target itself could not be measured; *total is the
 * sum of all that were. */
int family_sample(struct family *family, int64_t now, uint64_t *total);

/* Between samples: takes what the kernel has to tell. Nanoseconds from `now` until that is due, -1:
 * never. */
int64_t family_wait(const struct family *family, int64_t now);
void family_listen(struct family *family, int64_t now);

/* Is every descendant known, however short it lived? */
bool family_is_whole(const struct family *family);

/* An orphan that we reaped: its own high-water mark, in bytes, is exact. */
void family_reaped(struct family *family, pid_t pid, int status, uint64_t ru_maxrss);

/* This child of ours, the leader of a session, does something else, and so does all its session. */
void family_disown(struct family *family, pid_t pid);

/* The target has ended, and the others are followed on. */
void family_outlive(struct family *family);

/* Is anybody left beside the target, known or, where we adopt, a child of ours that is not? */
bool family_lives(struct family *family);

/* Tells who has ended since the last sample, without measuring. */
void family_settle(struct family *family);

/* The descendants that live now: how many, and up to `room` of them. What it says is of the last
 * sample, or of family_settle. */
size_t family_living(const struct family *family, const struct member *living[], size_t room);
void family_close(struct family *family);
