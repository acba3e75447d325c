/* A machine that a test makes up: a folder with a /proc of its own. Its pids may be any; those
 * above 4194304 can be nobody's. */
#pragma once

#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/kernel/machine.h"
#include "tests/check.h"

static char pretend_root[64];

/* The path of one of its files. */
static inline const char *pretend_path(char path[PATH_MAX], const char *name)
{
	snprintf(path, PATH_MAX, "%s%s", pretend_root, name);
	return path;
}

/* Writes a file, and makes the folders above it. What was there is overwritten in place, so that
 * whoever has it open reads the new text. */
__attribute__((format(printf, 2, 3))) static inline void pretend_put(const char *name,
								     const char *format, ...)
{
	char path[PATH_MAX];
	va_list args;
	pretend_path(path, name);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	FILE *file = fopen(path, "w");
	CHECK(file != NULL);
	if (!file)
		return;
	va_start(args, format);
	CHECK(vfprintf(file, format, args) >= 0);
	va_end(args);
	CHECK(fclose(file) == 0);
}

static inline int pretend_remove_one(const char *path, const struct stat *status, int type,
				     struct FTW *at)
{
	(void)status, (void)at;
	CHECK(type != FTW_F || truncate(path, 0) == 0);
	return remove(path);
}

/* Removes a file, or a folder and all that is in it. Whoever has a file open finds it empty. */
static inline void pretend_remove(const char *name)
{
	char path[PATH_MAX];
	nftw(pretend_path(path, name), pretend_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* From now on the recorder's files read it. */
static inline void pretend_begin(void)
{
	strcpy(pretend_root, "/tmp/mprof-machine-XXXXXX");
	CHECK(mkdtemp(pretend_root) != NULL);
	machine_pretend(pretend_root);
}

static inline void pretend_end(void)
{
	machine_pretend(NULL);
	pretend_remove("");
}

/* A process, or one that has changed. state 'Z': it has ended, and holds nothing. */
static inline void pretend_process(int pid, int ppid, const char *name, char state,
				   unsigned long long start, unsigned long long pages)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	pretend_put(path, "%d (%s) %c %d 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 %llu 0\n", pid, name,
		    state, ppid, start);
	snprintf(path, sizeof path, "/proc/%d/statm", pid);
	pretend_put(path, "%llu %llu 0 0 0 0 0\n", 2 * pages, state == 'Z' ? 0 : pages);
	snprintf(path, sizeof path, "/proc/%d/task/%d/stat", pid, pid);
	pretend_put(path, "%d (%s) %c %d 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 %llu 0\n", pid, name,
		    state, ppid, start);
}

/* Whom the thread has forked: "7 8 ", each with a blank behind it. */
static inline void pretend_children(int pid, int thread, const char *children)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, thread);
	pretend_put(path, "%s", children);
}

static inline void pretend_gone(int pid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d", pid);
	pretend_remove(path);
}

/* The folder of threads counts its folders, as /proc does? Some file systems do not. */
static inline bool pretend_counts_links(void)
{
	struct stat status;
	char path[PATH_MAX];
	pretend_put("/links/in/file", "-");
	return stat(pretend_path(path, "/links"), &status) == 0 && status.st_nlink == 3;
}
