/* The children of one process: /proc/PID/task/TID/children (proc_tid_children(5)), which lists
 * those that this thread forked. So each thread has a file, and st_nlink of task/ tells how many
 * threads there are. A list that is read while children end may leave some out: that one is not
 * listed does not mean that it is gone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "recorder/kernel/procfs.h"

struct pids {
	pid_t *items;
	size_t n, allocated;
	char *text; /* scratch for what the kernel writes */
	size_t text_size;
};
int pids_add(struct pids *pids, pid_t pid); /* 0 or -ENOMEM */
void pids_free(struct pids *pids);

struct thread_children {
	struct procfs file;
	bool listed; /* it is still there */
};

struct children {
	pid_t pid;
	int tasks; /* descriptor of /proc/PID/task; -1: not kept */
	struct procfs leader;
	struct thread_children *threads; /* the other ones */
	size_t n_threads;
};

/* Has this kernel such files (CONFIG_PROC_CHILDREN)? */
bool children_can_be_listed(void);

/* 0 or -errno; -ESRCH when there is no such process. */
int children_open(struct children *children, pid_t pid);

/* Appends its children's pids. 0 or -errno. */
int children_list(struct children *children, struct pids *into);

/* Is there still a process, if only a zombie, that the pid stands for? */
bool children_has_parent(const struct children *children);

/* Will a new process of the same pid not be taken for this one? */
bool children_is_kept(const struct children *children);
void children_close(struct children *children);
