/* Files under /proc/PID: opened once and read again, which costs a fifth of opening them each time;
 * and parsers of what they hold, which take text. The formats: proc(5). */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One file of one process. Where descriptors are scarce (RLIMIT_NOFILE) it is not kept open, and is
 * opened at each read. */
struct procfs {
	pid_t pid;
	char name[32]; /* "statm" */
	int fd;        /* -1: not kept */
};

/* Descriptors from this number on are not kept: some must stay free for everything else. */
void procfs_set_limit(int descriptors);

/* 0 or -errno; -ESRCH (or -ENOENT) when there is no such process. */
int procfs_open(struct procfs *file, pid_t pid, const char *name);

/* Reads from the beginning and ends the text with a NUL; its length, or -errno: -ESRCH when the
 * process is gone. A length of 0 is what some files of a process give after its end or its exec. */
ssize_t procfs_read(struct procfs *file, char *buffer, size_t size);
/* The number of links of a folder (st_nlink: its subfolders and two), or -errno. */
long procfs_links(const struct procfs *file);
void procfs_close(struct procfs *file);

/* Opens, reads, closes. */
ssize_t procfs_once(pid_t pid, const char *name, char *buffer, size_t size);

/* Resident pages of statm; -EINVAL. A zombie has 0. */
int procfs_parse_statm(const char *text, uint64_t *pages);

/* The figure in kB behind `key` ("VmHWM:") at the beginning of a line, in bytes; -ENOENT. Serves
 * status and smaps_rollup. */
int procfs_parse_kb(const char *text, const char *key, uint64_t *bytes);

struct procfs_stat {
	char name[64]; /* comm, without its parentheses */
	char state;    /* R, S, D, Z, … */
	pid_t ppid;
	uint64_t start; /* ticks since boot: with the pid, what makes a process unique */
};
int procfs_parse_stat(const char *text, struct procfs_stat *stat); /* 0 or -EINVAL */
