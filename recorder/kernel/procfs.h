/* Files under /proc/PID: opened once and read again, which costs a fifth of opening them each time;
 * and parsers of what they hold, which take text. The formats: proc(5). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One file of one process, or of one of its threads. When descriptors are nearly used up
 * (RLIMIT_NOFILE) it is not kept open, but opened at each read. */
struct procfs {
	pid_t pid;        /* 0: the file is the machine's, /proc/NAME */
	pid_t thread;     /* 0: the process' own */
	const char *name; /* "statm"; outlives this */
	int fd;           /* -1: not kept, or closed */
	dev_t device;     /* which file that is, of a guest */
	ino_t inode;
	bool written;   /* not to be read: procfs_write */
	uint64_t start; /* procfs_stat's, of the process; 0: not known */
};

/* We are a guest in a program that does not know of us, as libmprof-c is: it may close what we
 * keep, and have a file of its own there, so we ask whose it is at each use. To be set before a
 * file is opened. */
extern bool procfs_is_guest;

/* Should this descriptor be kept, or be left free for those that come and go? */
int procfs_keep(int fd); /* fd itself, or -1 after it was closed, as a guest's always is */

/* 0 or -errno; -ESRCH when there is no such process or no such file. */
int procfs_open(struct procfs *file, pid_t pid, pid_t thread, const char *name);

/* Reads from the beginning, over the page at a time that the kernel gives, and ends the text with a
 * NUL; its length (size - 1: there may be more), or -errno: -ESRCH when the process is gone. A
 * length of 0 is what some files of a process give after its end or its exec. */
ssize_t procfs_read(const struct procfs *file, char *buffer, size_t size);
void procfs_close(struct procfs *file);

/* The same for a file that takes orders (clear_refs): 0 or -errno. */
int procfs_open_to_write(struct procfs *file, pid_t pid, const char *name);
int procfs_write(const struct procfs *file, const char *text);

/* Opens, reads, closes; of a process whose leading thread has ended, the file of one that lives,
 * where the leader's tells nothing. */
ssize_t procfs_once(pid_t pid, const char *name, char *buffer, size_t size);

/* A process lives on when its leading thread has called pthread_exit, but the leader's files tell
 * nothing any more. The first of its threads that lives, the leader before all; 0: none does. */
pid_t procfs_live_thread(pid_t pid);

/* Takes the same file of a thread that lives, for as long as that does. 0, or -ESRCH: there is
 * none, or the number is another process' by now. */
int procfs_change_thread(struct procfs *file);

/* The same file of this thread. 0 or -errno: it is as before. */
int procfs_take_thread(struct procfs *file, pid_t thread);

/* Notes when the process was started, so that another of the same number is told from it also where
 * the descriptor does not outlast an exec. 0 or -errno. */
int procfs_know(struct procfs *file);
bool procfs_is_same(const struct procfs *file);

/* ---- parsers ---- */

/* Resident pages of statm; -EINVAL. A zombie has 0. */
int procfs_parse_statm(const char *text, uint64_t *pages);

/* The figure in kB behind `key` ("VmHWM:") at the beginning of a line, in bytes; -ENOENT. Serves
 * status and smaps_rollup. */
int procfs_parse_kb(const char *text, const char *key, uint64_t *bytes);

/* The last field of loadavg: the newest pid of our namespace. -EINVAL. */
int procfs_parse_newest(const char *text, pid_t *pid);

struct procfs_stat {
	char name[64]; /* comm, without its parentheses */
	char state;    /* R, S, D, Z, … */
	pid_t ppid;
	uint64_t start;        /* ticks since boot: with the pid, what makes a process unique */
	uint64_t child_faults; /* minor ones, of the children that it has waited for */
};
int procfs_parse_stat(const char *text, struct procfs_stat *stat); /* 0 or -EINVAL */
int procfs_stat(pid_t pid, struct procfs_stat *stat);              /* 0 or -errno */

/* Field 33 of the same: the signals that it ignores, the first in bit 0. 0 or -EINVAL. */
int procfs_parse_ignored(const char *text, uint64_t *signals);
bool procfs_ignores(const char *text, int signal); /* is that one of them? False: nor is it told */

/* Has the process memory? One that has ended has none, though it may be there as a zombie. */
bool procfs_has_memory(pid_t pid);

/* Does the process of this stat live? A leading thread may be a zombie before the others end. */
bool procfs_lives(const struct procfs_stat *stat, pid_t pid);
