/* How many bytes does a process hold now? One file per kind of figure under source/, one line in
 * source.c's table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SOURCE_TEXT = 8192 };

struct source {
	const char *name, *summary;
	const char *aliases; /* blank-separated; mprof's names */
	size_t state_size;
	bool costly; /* walks the process' page tables: the recorder takes it at its own, slower
			pace */
	bool marked; /* the kernel's high-water marks (VmHWM, ru_maxrss) are of this figure */
	bool common; /* of the control group or the machine: one figure for a whole family */
	/* 0; -ENOSYS: not on this machine; -EACCES: not of this process; -ESRCH: there is no such
	 * process. */
	int (*open)(void *state, pid_t pid);
	/* 0; -ESRCH: the process is gone, or a zombie; -ENOSYS: this kernel does not tell it */
	int (*read)(void *state, uint64_t *bytes);
	void (*close)(void *state);
	/* Where several figures stand in one text, what `read` is made of, else NULL. Sources of
	 * the same `fetch` have the same state: one text serves them all. */
	int (*fetch)(void *state, char text[SOURCE_TEXT]);
	int (*pick)(const char *text, uint64_t *bytes);
};

/* All of them. A new one has a line here. */
#define SOURCES(X)                                                                                \
	X(rss)                                                                                    \
	X(pss) X(uss) X(swap) X(anon) X(file) X(shmem) X(hugetlb) X(vms) X(cgroup) X(cgroup_anon) \
		X(cgroup_file) X(system)
#define SOURCE_DECLARED(name) extern const struct source source_##name;
SOURCES(SOURCE_DECLARED)
#undef SOURCE_DECLARED
extern const struct source *const sources[]; /* ends with NULL */

/* By name or alias; NULL. */
const struct source *source_find(const char *name);

/* Can it be told of this process? 0, or why not, as read and open say it. */
int source_try(const struct source *source, pid_t pid);

/* The names of those that this machine can tell, a comma between them. */
void source_list(char *out, size_t size);
