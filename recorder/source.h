/* How many bytes does a process hold now? One file per kind of figure under source/, one line in
 * source.c's table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct source {
	const char *name, *summary;
	const char *aliases; /* blank-separated; mprof's names */
	size_t state_size;
	bool costly; /* walks the process' page tables: the recorder takes it at its own, slower
			pace */
	/* 0; -ENOSYS: not on this machine; -EACCES: not of this process; -ESRCH: there is no such
	 * process. */
	int (*open)(void *state, pid_t pid);
	int (*read)(void *state, uint64_t *bytes); /* 0; -ESRCH: the process is gone, or a zombie */
	void (*close)(void *state);
};

extern const struct source *const sources[]; /* ends with NULL */

/* By name or alias; NULL. */
const struct source *source_find(const char *name);
