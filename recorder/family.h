/* A target and its descendants: who there is, and what each holds. Descendants are found through
 * /proc/PID/task/TID/children (proc_tid_children(5); children belong to the thread that forked
 * them), or where the kernel has no such files by the parents that all processes name. Once known,
 * a process stays one of the family until it ends, whoever becomes its parent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/procfs.h"
#include "recorder/source.h"

struct member {
	pid_t pid, ppid;
	struct procfs children; /* the leading thread's */
	struct procfs task;     /* the folder of its threads */
	void *state;            /* the source's */
	const struct source *source;
	uint64_t bytes, peak; /* now; highest seen */
	bool open;            /* the source is */
	bool measured;        /* in the last sample */
	int status;           /* as in profile.h; told of those that we reaped */
	bool dead;            /* ended; forgotten once its pid is free */
	struct member *next;  /* of the same hash */
};

enum { FAMILY_SLOTS = 1024 };

/* Told as they happen, in the order of the sweep. */
struct family_watcher {
	void *context;
	void (*born)(void *context, const struct member *member, const char *name);
	void (*gone)(void *context, const struct member *member);
};

struct family {
	const struct source *source;
	struct family_watcher watcher;
	struct member **members; /* the target first */
	size_t n;
	struct member *slots[FAMILY_SLOTS];
	bool descend;          /* look for descendants at all */
	bool adopting;         /* we are the subreaper: orphans are our own children */
	bool scanning;         /* no children files here: all of /proc is read instead */
	struct procfs orphans; /* our own children */
	char *list;            /* scratch */
};

/* 0, or what the source's open says of the target. */
int family_open(struct family *family, pid_t pid, const struct source *source, bool descend,
		bool adopting, const struct family_watcher *watcher);

/* Finds the newcomers and measures everybody; one that ends meanwhile changes nothing for the
 * others. -ESRCH when the target itself could not be measured; *total is the sum of all that were.
 */
int family_sample(struct family *family, uint64_t *total);

/* An orphan that we reaped: its own high-water mark, in bytes, is exact. */
void family_reaped(struct family *family, pid_t pid, int status, uint64_t ru_maxrss);
void family_close(struct family *family);
