/* A target and its descendants: who there is, and what each holds. Descendants are found through
 * their parents' lists (children.h), or where the kernel has none by the parents that all processes
 * name. Once known, a process stays one of the family until it ends, whoever becomes its parent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/children.h"
#include "recorder/high_water.h"
#include "recorder/procfs.h"
#include "recorder/source.h"

struct member {
	pid_t pid, ppid;
	uint64_t start; /* procfs_stat's; 0: the target, which needs none */
	struct children children;
	const struct source *source;
	void *state;             /* the source's */
	uint64_t bytes, peak;    /* now; highest seen */
	struct high_water *mark; /* where the family is exact, else NULL */
	uint64_t most;           /* there: held at most since the last sample */
	int64_t at;              /* monotonic ns of `bytes` */
	char name[64];           /* comm, which exec changes */
	uint32_t looks;          /* how often it was measured */
	bool measured;           /* in the last sample */
	bool ended;              /* gone, if perhaps still a zombie: kept until its pid is free */
	int status;              /* as in profile.h; told of those that we reaped */
	struct member *next;     /* of the same hash */
};

enum { FAMILY_SLOTS = 1024 };

/* Told as they happen, in the order of the sweep; never of the target itself. `born` is told again
 * when a member has called exec and goes by another name. */
struct family_watcher {
	void *context;
	void (*born)(void *context, const struct member *member);
	void (*gone)(void *context, const struct member *member);
};

enum family_reach {
	FAMILY_ALONE,    /* the target only */
	FAMILY_DESCENDS, /* and its descendants */
	FAMILY_ADOPTS,   /* and those whose parents have ended: we are the subreaper */
};

struct family {
	const struct source *source;
	struct family_watcher watcher;
	struct member **members; /* the target first */
	size_t n;
	struct member *slots[FAMILY_SLOTS];
	enum family_reach reach;
	struct children own;   /* our own children, orphans among them */
	struct pids strangers; /* those of our own children that were there before the target */
	struct pids found;     /* scratch */
	bool scanning;  /* no lists of children here: all of /proc is read instead. May be set. */
	bool fell_back; /* of somebody, only the rss may be read */
	bool exact;     /* high-water marks are read, and reset, at each sample: to be set before
			   family_open; RSS only */
	bool older;     /* there: members may have lived before they are found; their marks begin
			   then. To be set likewise. */
	bool unreset;   /* of somebody, the marks can only be read */
	uint64_t most;  /* there: the sum of the members' marks since the last sample */
	uint64_t left;  /* scratch: of those who have ended since */
	struct pids disowned; /* our own children that are no members, nor whoever is of their
				 sessions */
	struct procfs newest; /* loadavg, which tells the newest pid of all */
	pid_t newest_pid;
	int64_t forked_at, looked_at; /* monotonic ns */
};

/* Notes who our children are before there is a target. 0 or -ENOMEM. */
int family_prepare(struct family *family, enum family_reach reach);

/* 0, or what the source's open says of the target. May be called again, with another source. */
int family_open(struct family *family, pid_t pid, const struct source *source,
		const struct family_watcher *watcher);

/* A child of ours that is none of the target's. 0 or -ENOMEM. */
int family_ignore(struct family *family, pid_t pid);

/* Finds the newcomers and measures everybody; one that ends meanwhile changes nothing for the
 * others. `now` is monotonic ns. -ESRCH when the target itself could not be measured; *total is the
 * sum of all that were. */
int family_sample(struct family *family, int64_t now, uint64_t *total);

/* An orphan that we reaped: its own high-water mark, in bytes, is exact. */
void family_reaped(struct family *family, pid_t pid, int status, uint64_t ru_maxrss);

/* This child of ours, the leader of a session, does something else, and so does all its session. */
void family_disown(struct family *family, pid_t pid);

/* Tells who has ended since the last sample, without measuring. */
void family_settle(struct family *family);
void family_close(struct family *family);
