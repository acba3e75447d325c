/* Those of the family that are known, found by their pids. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/kernel/high_water.h"
#include "recorder/source/source.h"
#include "recorder/tree/children.h"

struct family;

struct member {
	pid_t pid, ppid;
	uint64_t start; /* procfs_stat's; 0: the target, which needs none, or not yet known */
	struct children children;
	const struct source *source; /* NULL: not open */
	void *state;                 /* the source's */
	uint64_t bytes, peak;        /* now; highest seen */
	struct high_water *mark;     /* where the family is exact, else NULL */
	uint64_t most;               /* there: held at most since the last sample */
	uint64_t exact;   /* bytes: its high-water mark, as told at its end; 0: not told */
	uint64_t beyond;  /* bytes: as much of that as was never seen of it, above the last look */
	int64_t at;       /* monotonic ns of `bytes` */
	int64_t listed;   /* monotonic ns: was last seen in the group that is recorded */
	int64_t asked_at; /* monotonic ns: whether it waits for its children; 0: not yet */
	int64_t born;     /* monotonic ns of its fork, or of when it was first seen */
	int64_t told;     /* monotonic ns of what the watcher is told; 0: of the sample */
	int64_t left_at;  /* monotonic ns of its end, until that is dealt with; 0: it lives */
	char comm[64];    /* the kernel's name for it, which exec changes */
	char name[64];    /* what to call it: title.h */
	uint32_t looks;   /* how often it was measured */
	int64_t unread;   /* monotonic ns: not to be measured since; 0: it can be */
	uint32_t threads; /* as far as the events tell */
	pid_t shares;     /* holds the memory of that process, which counts it; 0: its own */
	bool named, executed; /* was told; exec was seen */
	bool measured;        /* in the last sample, and counted */
	bool hidden;          /* it lives, and could not be read when that was last tried */
	bool was_hidden;      /* at some time */
	bool ended;           /* gone, if perhaps still a zombie: kept until its pid is free */
	int status;           /* as in profile.h; told of those that we reaped */
	struct member *next;  /* of the same hash */
};

/* NULL: nobody of that pid is known. */
struct member *members_find(const struct family *family, pid_t pid);

/* One of our own children that is none of the family, or we. */
bool members_is_stranger(const struct family *family, pid_t pid);

/* A member of whom only the pid is known. NULL: no memory. */
struct member *members_add(struct family *family, pid_t pid, pid_t ppid, int64_t born);

/* Makes it one that can be measured, and tells that it is born. 0, or -ESRCH or another -errno. */
int members_meet(struct family *family, struct member *member);

/* Does the pid still stand for this process, if only for its zombie? */
bool members_is_same(const struct member *member);

/* Sends it a signal, and nobody else who may have got its pid meanwhile. 0 or -errno. */
int members_signal(const struct member *member, int signal);

void members_remove(struct family *family, struct member *member);
void members_drop_ended(struct family *family); /* those that have ended, and whose pid is free */
void members_close(struct family *family);
