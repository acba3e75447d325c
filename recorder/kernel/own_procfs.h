/* Is /proc of our own PID namespace? Whoever has entered a new one, or a chroot, may still see that
 * of another, in which each number stands for somebody else: pid_namespaces(7). */
#pragma once

#include <sys/types.h>

/* 0; -ENOENT: nothing is mounted there; -EXDEV: it is another namespace's. */
int own_procfs_check(void);

/* The same of a text of /proc/self/status, whose reader has this pid. */
int own_procfs_parse(const char *text, pid_t pid);
